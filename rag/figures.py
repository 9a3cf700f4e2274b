"""Pure: numbers and dates in a few words, as they compare, and quotes that give another figure than the first."""

from __future__ import annotations

import functools
import re
from collections.abc import Sequence

from rag.loaders.dates import iso_date
from rag.text import fold
from rag.types import Quote

Figure = tuple[float, ...]  # a number, or year, month and day as far as they are known; () is none
_NUMBER = re.compile(r"(?<![\w.,])[-−]?(?:\d{1,3}(?:,\d{3})+|\d+)(?:\.\d+)?(?![\w,]|\.\d)")
_AMBIGUOUS = re.compile(r"-?[1-9]\d{0,2}\.\d{3}")  # thousands in half of Europe
_DATE = re.compile(r"(?:1\d|20)\d\d(?:[-/.]\d{1,2}){0,2}(?:[T ]\d\d:\d\d\S*)?")
_MAGNITUDES = {"thousand": 1e3, "million": 1e6, "billion": 1e9, "bn": 1e9, "trillion": 1e12}
_ABOUT = frozenset("about some nearly roughly around approximately almost".split())
_NEAR = 0.05
_ALSO_LIKELY = 0.5  # of the first quote's evidence, from which another figure is worth a word


@functools.lru_cache(maxsize=65536)
def date(text: str) -> Figure:
    """Nothing but a date, or a year from 1000 to 2099.

    >>> date("3 June 2008"), date("May 2021"), date("1998"), date("1998 to 2003")
    ((2008.0, 6.0, 3.0), (2021.0, 5.0), (1998.0,), ())
    """
    text = text.strip()
    if not re.search(r"\d{4}", text) or (text[:4].isdigit() and not _DATE.fullmatch(text)):
        return ()
    found = iso_date(text)
    return tuple(map(float, found.split("-"))) if found else ()


@functools.lru_cache(maxsize=65536)
def size(text: str) -> tuple[str, Figure]:
    """The unit, with a word such as "over", and the number; () where there is not exactly one.

    >>> size("about 6.6 billion dollars"), size("over 1,200"), size("5 to 7"), size("1.500 euros")
    (('dollars', (6600000000.0,)), ('over', (1200.0,)), ('', ()), ('', ()))
    """
    numbers = _NUMBER.findall(text)
    rest = fold(_NUMBER.sub(" ", text, count=1)).split()
    if len(numbers) != 1 or _AMBIGUOUS.fullmatch(numbers[0]) or any(char.isdigit() for word in rest for char in word):
        return "", ()
    number = float(numbers[0].replace(",", "").replace("−", "-"))
    for word in rest:
        number *= _MAGNITUDES.get(word, 1)
    return " ".join(word for word in rest if word not in _MAGNITUDES and word not in _ABOUT), (number,)


def may_be_same(one: Figure, other: Figure) -> bool:
    """Whether one goes on where the other ends: 2019 may be 3 May 2019."""
    return all(a == b for a, b in zip(one, other, strict=False))


def otherwise(quotes: Sequence[Quote]) -> list[tuple[int, str]]:
    """Rank and marked words of the quotes that are nearly as likely as the first and mark another date, or another
    number of the same unit, that is none rounded."""
    marked = [_marked(quote) for quote in quotes]
    return [
        (quote.rank, words)
        for quote, words in zip(quotes[1:], marked[1:], strict=True)
        if quote.score >= _ALSO_LIKELY * quotes[0].score and _differ(marked[0], words)
    ]


def _marked(quote: Quote) -> str:
    if quote.answer_start is None or quote.answer_end is None:
        return ""
    return quote.text[quote.answer_start - quote.start : quote.answer_end - quote.start]


def _differ(one: str, other: str) -> bool:
    dates = [date(re.sub(r"^(?:in|on) ", "", words, flags=re.IGNORECASE)) for words in (one, other)]
    if any(dates):
        return all(dates) and not may_be_same(*dates)
    (unit, first), (same_unit, second) = size(one), size(other)
    return bool(first and second) and unit == same_unit and not _rounded(first[0], second[0])


def _rounded(one: float, other: float) -> bool:
    """Whether one number may be the other, rounded: within 5 % of it and with another number of digits.

    >>> _rounded(8e9, 7.86e9), _rounded(100, 97), _rounded(8.5e9, 7.86e9), _rounded(2014, 2015)
    (True, True, False, False)
    """
    near = abs(one - other) <= _NEAR * max(abs(one), abs(other))
    return one == other or (near and (_digits(one) != _digits(other)))


def _digits(number: float) -> int:
    """How many there are without the zeros at the end."""
    return len(f"{abs(number):.11e}".partition("e")[0].replace(".", "").rstrip("0"))
