"""Pure: the sentences of a passage that are quoted, by the evidence that each of them carries."""

from __future__ import annotations

import re
from collections.abc import Sequence

from rag.lexicon import stems
from rag.text import ITEM, Range, sentences, strip
from rag.types import Reading, Span

_POINTS_BACK = "He|She|They|It|His|Her|Their|Its|This|That|These|Those|But|However|So|Such|Both|The (?:latter|former)"
_DANGLING = re.compile(rf"[“\"'‘(]*(?:{_POINTS_BACK})\b")
_SAID = re.compile(r"[”\"’'],? (?:he|she|they) (?:said|says|added|told|wrote|asked|explained|recalled|replied)\b")
_INDIRECT = re.compile(  # a question that the source reports
    r"\b(?:asked|wondered|wanted to know|inquired|enquired)(?: \w+){0,2} "
    r"(?:why|how|whether|if|what|who|when|where|which)\b"
)
_WROTE = re.compile(r"(?:> ?)*On .{6,100} wrote:$", re.DOTALL)  # of an e-mail
_ROW = re.compile(r"[^\n]* \| ")  # of a table
_COUNTED = re.compile(r"\W*how (?:many|old|deep|tall|high|wide)\b", re.IGNORECASE)
_AMOUNT = re.compile(  # "none" and "several" tell how many, too
    r"\d|\b(?:one|two|three|four|five|six|seven|eight|nine|ten|eleven|twelve|\w+teen|\w+ty(?:-\w+)?|\w+th|first|second|third|hundreds?|thousands?|millions?|billions?|dozens?|scores"
    r"|no|none|nobody|zero|half|quarter|several|few|fewer|many|most|some|all|both|single|only|sole|pair|couple|twice|once"
    r"|double|triple|multiple|numerous|countless|majority|minority|every|each|numbers?|young|old)\b",
    re.IGNORECASE,
)
_ALSO_EVIDENCE = 0.6  # a neighbouring sentence joins the quote from this share of the best one's evidence
_APART = 2  # at most one sentence between two that may both hold the answer
_INSIDE = 0.1  # of what the reader found in title and passage, that must lie in the passage
_LONGEST = 700  # characters of a quote beyond its best sentence
_FEW = 3  # items that make a list
_BELOW = re.compile(r"[^\S\n]*\n\s*")
_HEAD = 80  # characters of a line that announces a list without a colon, at most
_ONE = re.compile(r"\W*(?:how|why|when|where|who|whom|whose)\b", re.IGNORECASE)  # asks for one thing


def quote_range(text: str, evidence: Sequence[Span], heading: str = "") -> Range:
    """Whole sentences around the best ``evidence``, as a range of the passage ``text`` below ``heading``.

    Neighbours join while they carry evidence themselves; the sentence before joins when the first one begins with a
    word that points back ("He said ..."). A list is quoted whole, with the sentence that announces it with a colon.
    """
    nearest = heading.rpartition(" > ")[2]
    above = len(nearest) if text.startswith(nearest) else 0  # "8.4. Users" may count as two sentences
    read = [s for s in evidence if s.end > above and text[s.start : s.end] != nearest]
    if not read:
        return strip(text, 0, len(text))
    best = max(range(len(read)), key=lambda number: (read[number].score, -number))
    first = last = best
    enough = _ALSO_EVIDENCE * read[best].score
    room = read[best].end - read[best].start + _LONGEST
    doubtful = [number for number, sentence in enumerate(read) if sentence.score >= enough]
    for number in sorted(doubtful, key=lambda number: abs(number - best)):
        if first - _APART <= number <= last + _APART and _fits(read, min(first, number), max(last, number), room):
            first, last = min(first, number), max(last, number)
    reply = min(last + 1, len(read) - 1)
    if asked_from(text, read[last]) is not None and _fits(read, first, reply, room):
        last = reply
    if first > 0 and _points_back(text, read[first].start, read[last].end) and _fits(read, first - 1, last, room):
        first -= 1
    first, last = _with_list(text, read, first, last, room)
    return read[first].start, read[last].end


def asked_from(text: str, sentence: Span) -> int | None:
    """Where a question begins that is put to somebody in the source; what follows the sentence is the reply."""
    if text[sentence.start : sentence.end].rstrip("\"”’')] \n").endswith("?"):
        return sentence.start
    found = _INDIRECT.search(text, sentence.start, sentence.end)
    return found.start() if found else None


def only_asks(text: str, reading: Reading, start: int, end: int) -> bool:
    """Whether the quote from ``start`` to ``end`` only asks or announces."""
    quoted = [s for s in reading.sentences if start <= s.start and s.end <= end]
    return bool(quoted) and all(_announces(text, s) or asked_from(text, s) == s.start for s in quoted)


def fits_by_title(reading: Reading) -> bool:
    """Whether what answered is hardly in the passage but in the title that was read with it."""
    return sum(s.score for s in reading.sentences) < _INSIDE * reading.relevance


def lacks_amount(question: str, quote: str) -> bool:
    """Whether the question asks how many or how old and there is no number, nor a word that stands for one."""
    return bool(_COUNTED.match(question)) and not _AMOUNT.search(quote)


def one_of_several(question: str, text: str, reading: Reading, start: int, end: int) -> bool:
    """Whether the best answer is but one item of a list in the quote that the question asks for as a whole: a word of
    it is in what announces the list, and none of the others is in this item alone."""
    read = [s for s in reading.sentences if start <= s.start and s.end <= end]
    top = next((number for number, s in enumerate(read) if _announces(text, s)), len(read))
    item = next((s for s in read[top + 1 :] if reading.spans and s.start <= reading.spans[0].start < s.end), None)
    if item is None or len(read) < top + 3:
        return False
    asked, said = stems(question), stems(text[read[top].start : read[top].end])
    return bool(asked & said) and _picked(asked - said, text, read[top + 1 :]).isdisjoint([item])


def _picked(asked: set[str], text: str, items: Sequence[Span]) -> set[Span]:
    """The items that hold a word of ``asked`` which no other item holds."""
    found = {item: stems(text[item.start : item.end]) & asked for item in items}
    return {item for item, own in found.items() if own - {w for k, other in found.items() if k != item for w in other}}


def _points_back(text: str, start: int, end: int) -> bool:
    """Whether the words from ``start`` to ``end`` name nobody: "He ...", or what somebody said who is only "he"."""
    return bool(_DANGLING.match(text, start) or (text[start] in "“\"‘'" and _SAID.search(text, start, end)))


def completed(
    question: str, text: str, quote: Range, passage: Range, section: Range, heading: str = ""
) -> tuple[Range, bool]:
    """The ``quote`` with what the edge of its ``passage`` cut off, all ranges of ``text``, in the ``section`` below
    ``heading``: what it points back to, what its last sentence is the head of, its list where that is asked for.

    And whether it is that: then no item of it is the answer.
    """
    start, end = quote
    inner = strip(text, *passage)
    nearest = heading.rpartition(" > ")[2]
    top = section[0] + (len(nearest) if text.startswith(nearest, section[0]) else 0)
    low = max(top, text.rfind("\n", 0, max(0, start - 2 * _LONGEST)) + 1)
    read = [Span(low + a, low + b, 0.0) for a, b in sentences(text[low : min(section[1], end + 2 * _LONGEST)])]
    inside = [number for number, sentence in enumerate(read) if sentence.start < end and start < sentence.end]
    if not inside:
        return quote, False
    first, last = inside[0], inside[-1]
    if start <= inner[0] and first > 0 and _points_back(text, start, end):
        first -= 1
    if _heads(text, read[last]):
        last = _list_end(text, read, last)
    several = False
    below = last + 2 if last + 1 < len(read) and _heads(text, read[last + 1]) else last + 1
    if listed := _run(text, read, last) or _run(text, read, below):
        cut, alone = start <= inner[0] or end >= inner[1], (first, last)
        first, last = _with_items(question, text, read, alone, listed, nearest, cut=cut)
        several = (first, last) != alone
    return (min(start, read[first].start), max(end, read[last].end)), several


def _with_items(
    question: str,
    text: str,
    read: Sequence[Span],
    quoted: Range,
    listed: Range,
    heading: str,
    *,
    cut: bool,
) -> Range:
    """The sentences ``quoted`` with those of the list ``listed`` where the question is about all of its items."""
    first, last = quoted
    above = read[listed[0] - 1] if listed[0] else None
    before = text[above.start : above.end] if above else ""
    asked, said = stems(question), stems(before)
    asks = bool(asked & (said | stems(heading))) and not _ONE.match(question) and listed[1] - listed[0] + 1 >= _FEW
    announced = bool(above and _announces(text, above))
    items = read[listed[0] : listed[1] + 1]
    picked = _picked(asked - said - stems(heading), text, items) & set(read[first : last + 1])
    if picked or not (asks or (cut and announced)):
        return quoted
    if above and (announced or asked & said or _heads(text, above)):
        first = min(first, listed[0] - 1)
    first, end = min(first, listed[0]), max(last, listed[1])
    while end > last and not _fits(read, first, end, 2 * _LONGEST):
        end -= 1
    return (first, end) if _fits(read, first, end, 2 * _LONGEST) else quoted


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
    """Whether it is a short line without an end, such as "1. Every month", above items with another mark."""
    below = _BELOW.match(text, sentence.end)
    if not below or sentence.end - sentence.start > _HEAD or not (text[sentence.end - 1].isalnum()):
        return False
    item = Span(below.end(), len(text), 0.0)
    return bool(_kind(text, item)) and _kind(text, item) != _kind(text, sentence)


def _with_list(text: str, read: Sequence[Span], first: int, last: int, room: int) -> Range:
    """The quote with the whole list that it ends in, from the announcement on; with as much of it as there is room
    for where the announcement is quoted anyway."""
    top = next((number for number in range(last, -1, -1) if _announces(text, read[number])), None)
    end = last if top is None else _list_end(text, read, top)
    if top is None or end < last or (top < first and _ROW.match(text, read[first].start)):  # a row says its columns
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
    kind, row = _kind(text, read[end]), _ROW.match(text, read[end].start)
    for number in range(end + 1, len(read)):
        same_line = "\n" not in text[read[end].end : read[number].start]
        item = kind and (same_line or _kind(text, read[number]) == kind)
        if not item and not (row and _ROW.match(text, read[number].start)) and not text.endswith(";", 0, read[end].end):
            break
        end = number
    return end


def _kind(text: str, sentence: Span) -> str:
    """What marks the sentence as an item, "a" for letters and "1" for numbers; empty where nothing does. The ">" of
    quoted mail marks every line and no item.

    >>> _kind("(iv) Coal.", Span(0, 10, 1.0))
    '(a)'
    """
    mark = ITEM.match(text, sentence.start)
    return re.sub(r"\d+", "1", re.sub(r"[A-Za-z]+", "a", mark[0].strip())).strip(">") if mark else ""


def _fits(read: Sequence[Span], first: int, last: int, room: int) -> bool:
    return read[last].end - read[first].start <= room
