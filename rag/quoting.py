"""Pure: the sentences of a passage that are quoted, by the evidence that each of them carries."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence

from rag.layout import in_row, last_heading
from rag.lexicon import ASKING, AUXILIARY, is_content, stem, stems
from rag.replies import asked_in, gives_reason, question_before, reply, whole_clause
from rag.text import ITEM, Range, folded_words, sentences, shape, strip
from rag.types import Reading, Span

_SINGULAR = frozenset("this its his does means".split())
_POINTS_BACK = "He|She|They|It|His|Her|Their|Its|This|That|These|Those|But|However|So|Such|Both|The (?:latter|former)"
_REPLIES = (  # to a question, after a speaker's name; "No. 7" is none
    r"(?:[A-Z][\w.]*(?: [A-Z][\w.]*){0,2}: ?)?[“\"'‘]*(?:Yes|No)(?:[,;!–—]|\.(?! ?\d))"
)
_DANGLING = re.compile(rf"[“\"'‘(]*(?:{_POINTS_BACK})\b|{_REPLIES}")
_TOLD = r"(?:said|says|added|told|wrote|asked|explained|recalled|replied)"
_SAID = re.compile(rf"[“\"‘'][^”\"]*[”\"],? (?:he|she|they) {_TOLD}\b")  # its speaker is named before
_BY_NAME = re.compile(rf"[“\"‘'][^”\"]*[”\"],? (?:{_TOLD} [A-Z]|(?:[A-Z][\w.-]* )+{_TOLD}\b)")  # or behind
_FIRST_STEP = re.compile(r"\(?1[.)]+\s")
_HOW_TO = re.compile(r"\W*(?:how (?:do|can|should|must|to)|what are the steps)\b", re.IGNORECASE)
_WROTE = re.compile(r"(?:> ?)*On .{6,100} wrote:$", re.DOTALL)  # of an e-mail
# Least evidence, as a share of the best sentence's, with which a neighbour joins the quote, or the one beyond it.
_NEXT, _APART = 0.2, 0.6
_INSIDE = 0.1  # of what the reader found in title and passage, that must lie in the passage
_LONGEST = 700  # characters of a quote beyond its best sentence
_MOST = 2 * _LONGEST  # characters of a quote with its whole list
_FEW, _HEAD = 3, 80  # items that make a list, at least; characters of a line that heads one without a colon, at most
_BELOW = re.compile(r"[^\S\n]*\n\s*")
_ONE = re.compile(r"\W*(?:(?:in|at|on|by|to|from|since|for|with|until) )?(?:how|why|when|where|whom?|whose)\b", re.I)
_FIRST_MARK = re.compile(r"\W*(?:1|a|i)?\W*|\W*\d[.\d]*\.1\W*", re.IGNORECASE)


def quote_range(text: str, evidence: Sequence[Span], heading: str = "") -> Range:
    """Whole sentences around the best ``evidence``, as a range of the passage ``text`` below ``heading``.

    Neighbours join while they carry evidence themselves; the sentence before joins when the first one begins with a
    word that points back ("He said ..."). A short numbered clause is quoted whole, a list with what announces it.
    """
    nearest = last_heading(heading)
    above = len(nearest) if text.startswith(nearest) else 0  # "8.4. Users" may count as two sentences
    read = [s for s in evidence if s.end > above and text[s.start : s.end] != nearest]
    if sum(s.score for s in evidence) > 2 * sum(s.score for s in read):  # a headline may be what answers
        read = list(evidence)
    if not read:
        return strip(text, 0, len(text))
    best = max(range(len(read)), key=lambda number: (read[number].score, -number))
    first = last = best
    room = read[best].end - read[best].start + _LONGEST
    for number in sorted(range(len(read)), key=lambda number: abs(number - best)):
        share = read[number].score / read[best].score if read[best].score else 1.0
        reach = 2 if share >= _APART else 1 if share >= _NEXT else 0
        if first - reach <= number <= last + reach and _fits(read, min(first, number), max(last, number), room):
            first, last = min(first, number), max(last, number)
    first, last = whole_clause(text, read, first, last)
    first = _named_before(text, read, first, last, room)
    first = next((begin for begin in question_before(text, read, first) if _fits(read, begin, last, room)), first)
    last = next((end for end in reply(text, read, first, last) if _fits(read, first, end, room)), last)
    last += text[read[first].start : read[last].end] == nearest and last + 1 < len(read)  # not a heading alone
    top, last = _with_list(text, read, first, last, room)
    if top < first:
        top = _named_before(text, read, top, last, room)
    return read[top].start, read[last].end


def only_asks(text: str, reading: Reading, start: int, end: int) -> bool:
    """Whether the quote from ``start`` to ``end`` only asks or announces."""
    quoted = [s for s in reading.sentences if start <= s.start and s.end <= end]
    return bool(quoted) and all(_announces(text, s) or asked_in(text, s) == (s.start, s.end) for s in quoted)


def fits_by_title(reading: Reading) -> bool:
    """Whether what answered is hardly in the passage but in the title that was read with it."""
    return sum(s.score for s in reading.sentences) < _INSIDE * reading.relevance


def one_of_several(question: str, text: str, reading: Reading, start: int, end: int) -> bool:
    """Whether the best answer is but one item of a list in the quote that the question asks for as a whole: a word of
    it is in what announces the list, and none of the others is in this item alone."""
    read = [s for s in reading.sentences if start <= s.start and s.end <= end]
    top = next((number for number, s in enumerate(read) if _announces(text, s)), len(read))
    item = next((s for s in read[top + 1 :] if reading.spans and s.start <= reading.spans[0].start < s.end), None)
    if item is None or len(read) < top + 3:
        return False
    asked, said = stems(question), stems(text[read[top].start : read[top].end])
    return bool(asked & said) and item not in _picked(asked - said, text, _items(text, read[top + 1 :]))


def _items(text: str, read: Sequence[Span]) -> list[list[Span]]:
    """The sentences by the items of the list that they are in."""
    found: list[list[Span]] = []
    for sentence in read:
        if not found or _kind(text, sentence) or "\n" in text[found[-1][-1].end : sentence.start]:
            found.append([])
        found[-1].append(sentence)
    return found


def _picked(asked: set[str], text: str, items: Sequence[Sequence[Span]]) -> set[Span]:
    """The sentences of items that hold a word of ``asked`` which no other item holds."""
    found = [stems(text[item[0].start : item[-1].end]) & asked for item in items]
    count = Counter(word for words in found for word in words)
    alone = [item for item, words in zip(items, found, strict=True) if any(count[word] == 1 for word in words)]
    return {sentence for item in alone for sentence in item}


def _points_back(text: str, start: int, end: int) -> bool:
    """Whether the words from ``start`` to ``end`` name nobody: "He ...", or what somebody said who is only "he"."""
    return bool(_DANGLING.match(text, start, end) or _SAID.match(text, start, end))


def _named_before(text: str, read: Sequence[Span], first: int, last: int, room: int) -> int:
    """The sentence before ``first`` where that one points back and there is room for it, else ``first``."""
    back = first > 0 and _points_back(text, read[first].start, read[last].end)
    if back and "\n\n" in text[read[first - 1].end : read[first].start]:  # another paragraph seldom says who it was
        back = not (
            _points_back(text, read[first - 1].start, read[first - 1].end) or _BY_NAME.match(text, read[first].start)
        )
    return first - (back and _fits(read, first - 1, last, room))


def asks_for_several(question: str) -> bool:
    """Whether a question wants all there are of something.

    >>> [asks_for_several(asked) for asked in ("Which two modes are there?", "What year was it?", "ingredients pie")]
    [True, False, True]
    """
    first, *rest = folded_words(question) or [""]
    if first not in ("what", "which", "who"):
        keywords = [first, *rest[-1:]] if ASKING.isdisjoint([first, *rest]) else []
        return first in ("list", "name", "enumerate") or any(map(_is_plural, filter(is_content, keywords)))
    if rest[:1] in (["are"], ["were"]) or (
        rest[:1] in (["is"], ["was"], ["comes"]) and rest[1:2] in (["in"], ["with"])
    ):
        return True
    verb = next((number for number, word in enumerate(rest[:6]) if word in AUXILIARY), 1)  # else it may be any word
    return first != "who" and any(map(_is_plural, rest[:verb][-1:]))


def _is_plural(word: str) -> bool:
    return word.endswith("s") and stem(word) != word and word not in _SINGULAR and not word.endswith("'s")


def completed(
    question: str, text: str, quote: Range, passage: Range, section: Range, *, heading: str = "", bare: bool = False
) -> tuple[Range, bool]:
    """The ``quote`` with what the edge of its ``passage`` cut off, all ranges of ``text``, in the ``section`` below
    ``heading``: what it points back to, what its last sentence is the head of, its list where that is asked for.

    The second value says that nothing in ``quote``, which is ``bare`` without marks, answers but its list or a reason.
    """
    start, end = quote
    inner = strip(text, *passage)
    nearest = last_heading(heading)
    read = _around(text, quote, section[0] + len(nearest) * text.startswith(nearest, section[0]), section[1])
    inside = [number for number, sentence in enumerate(read) if sentence.start < end and start < sentence.end]
    if not inside:
        return quote, False
    first, last = inside[0], inside[-1]
    if start <= inner[0]:
        first = _named_before(text, read, first, last, _MOST)
    if _heads(text, read[last]):
        last = _shorter(read, first, last, _list_end(text, read, last))
    cut = start <= inner[0] or end >= inner[1]
    (top, last), several = _with_items(question, text, read, (first, last), heading, cut=cut)
    if gives_reason(question, text, read, top, last, bare=bare) and _fits(read, top, last + 1, _MOST):
        last, several = last + 1, True
    if top < first:
        top = _named_before(text, read, top, last, _MOST)
    begin = start if top == inside[0] else min(start, read[top].start)
    return (begin, end if last == inside[-1] else max(end, read[last].end)), several


def _around(text: str, quote: Range, low: int, high: int) -> list[Span]:
    """The sentences of ``text`` around the quote, from ``low`` to ``high`` at most, none of them cut."""
    start, end = max(low, quote[0] - 2 * _MOST), min(high, quote[1] + 2 * _MOST)
    found = [Span(start + a, start + b, 0.0) for a, b in sentences(text[start:end])]
    return found[start > low : len(found) - (end < high)]


def _with_items(
    question: str, text: str, read: Sequence[Span], quoted: Range, heading: str, *, cut: bool
) -> tuple[Range, bool]:
    """The sentences ``quoted`` with those of their list where the question is about all of its items, or where an
    edge has ``cut`` it off its announcement; and whether all are asked for."""
    first, last = quoted
    below = last + 2 if last + 1 < len(read) and _heads(text, read[last + 1]) else last + 1
    if _HOW_TO.match(question) and (steps := _steps(text, read, first, last, stems(question) - stems(heading))):
        return (min(first, steps[0]), _shorter(read, min(first, steps[0]), last, steps[1])), True
    listed = _run(text, read, last) or _run(text, read, below)
    if not listed:
        return quoted, False
    above = read[listed[0] - 1] if listed[0] else None
    said = stems(text[above.start : above.end]) if above else set()
    asked, items = stems(question), _items(text, read[listed[0] : listed[1] + 1])
    announced, headed = above is not None and _announces(text, above), above is not None and _heads(text, above)
    named = said if announced or headed else said | stems(last_heading(heading))
    several = bool(asked & named) and len(items) >= _FEW and asks_for_several(question)
    picked = _picked(asked - said - stems(heading), text, items) & set(read[first : last + 1])
    if picked or not (several or (cut and announced and not _ONE.match(question))):
        return quoted, False
    first = min(first, listed[0] - bool(announced or headed or asked & said))
    end = _shorter(read, first, last, listed[1])
    return ((first, end), several) if _fits(read, first, end, _MOST) else (quoted, False)


def _steps(text: str, read: Sequence[Span], first: int, last: int, asked: set[str]) -> Range | None:
    """The numbered steps, from 1 on, below the paragraph of sentence ``last``, right above ``first``, or around both
    where no word of ``asked`` is in that step alone; no colon need announce them."""
    below = next((n for n in range(last + 1, len(read)) if "\n" in text[read[n - 1].end : read[n].start]), len(read))
    for number in (last, max(first - 1, 0), below):
        run = _run(text, read, number)
        if run and _FIRST_STEP.match(text, read[run[0]].start) and _fits(read, min(first, run[0]), last, _MOST):
            picked = _picked(asked, text, _items(text, read[run[0] : run[1] + 1]))
            return None if picked & set(read[first : last + 1]) else run
    return None


def _shorter(read: Sequence[Span], first: int, last: int, end: int) -> int:
    """The last sentence up to ``end``, but not before ``last``, with which a quote from ``first`` on has room."""
    while end > last and not _fits(read, first, end, _MOST):
        end -= 1
    return end


def _run(text: str, read: Sequence[Span], number: int) -> Range | None:
    """The first and the last sentence of the items around sentence ``number``; None where it is in no list."""
    listed: list[bool] = []
    for k, sentence in enumerate(read):
        goes_on = bool(listed) and listed[-1] and "\n" not in text[read[k - 1].end : sentence.start]
        listed.append(goes_on or bool(_kind(text, sentence)))
    if number >= len(read) or not listed[number]:
        return None
    first = last = number
    while first > 0 and listed[first - 1]:
        first -= 1
    while last + 1 < len(read) and listed[last + 1]:
        last += 1
    return first, last


def _heads(text: str, sentence: Span) -> bool:
    """Whether it is a short line without an end, such as "1. Every month", above the first item with another mark."""
    below = _BELOW.match(text, sentence.end)
    if not below or sentence.end - sentence.start > _HEAD or not text[sentence.end - 1].isalnum():
        return False
    mark, item = ITEM.match(text, below.end()), Span(below.end(), len(text), 0.0)
    return bool(mark and _FIRST_MARK.fullmatch(mark[0])) and _kind(text, item) not in ("", _kind(text, sentence))


def _with_list(text: str, read: Sequence[Span], first: int, last: int, room: int) -> Range:
    """The quote with the whole list that it ends in, from the announcement on; with as much of it as there is room
    for where the announcement is quoted anyway."""
    top = next((number for number in range(last, -1, -1) if _announces(text, read[number])), None)
    end = last if top is None else _list_end(text, read, top)
    if top is None or end < last or (top < first and in_row(text, read[first].start)):  # a row says its columns
        return first, last
    if _fits(read, min(first, top), end, room):
        return min(first, top), end
    while top >= first and end > last and not _fits(read, first, end, room):
        end -= 1
    return first, end if top >= first else last


def _announces(text: str, sentence: Span) -> bool:
    return text.endswith(":", sentence.start, sentence.end) and not _WROTE.match(text, sentence.start, sentence.end)


def _list_end(text: str, read: Sequence[Span], top: int) -> int:
    """The last sentence of what ``top`` announces: of the items with one kind of mark, rows of a table, or lines that
    end with a semicolon; else the sentence after it."""
    end = min(top + 1, len(read) - 1)
    kind, row = _kind(text, read[end]), in_row(text, read[end].start)
    for number in range(end + 1, len(read)):
        same_line = "\n" not in text[read[end].end : read[number].start]
        item = kind and (same_line or _kind(text, read[number]) == kind)
        if not item and not (row and in_row(text, read[number].start)) and not text.endswith(";", 0, read[end].end):
            break
        end = number
    return end


def _kind(text: str, sentence: Span) -> str:
    """What marks the sentence as an item, "a" for letters and "1" for numbers; empty where nothing does. The ">" of
    quoted mail marks every line and no item.

    >>> _kind("(iv) Coal.", Span(0, 10, 1.0)), _kind("> It rained.", Span(0, 12, 1.0))
    ('(a)', '')
    """
    mark = ITEM.match(text, sentence.start)
    return shape(mark[0].strip()).strip(">") if mark else ""


def _fits(read: Sequence[Span], first: int, last: int, room: int) -> bool:
    return read[last].end - read[first].start <= room
