"""Pure: numbers and dates in a few words, as they compare, and quotes that give another figure than the first."""

from __future__ import annotations

import re
from collections.abc import Sequence

from rag.loaders.dates import iso_date
from rag.text import fold
from rag.types import Quote

Figure = tuple[float, ...]  # a number, or year, month and day as far as they are known; () is none
_NUMBER = re.compile(
    r"(?<![\w.,])[-−]?\d{1,3}(?:,\d{3})+(?:\.\d+)?(?![\d,])|(?<![\w.,])[-−]?\d+(?:\.\d+)?(?![\d,]|\.\d)"
)
_MAGNITUDES = {"thousand": 1e3, "k": 1e3, "million": 1e6, "m": 1e6, "billion": 1e9, "bn": 1e9, "trillion": 1e12}
_ABOUT = frozenset(
    "about up to some over more less than nearly roughly around approximately at least most almost".split()
)
_ALSO_LIKELY = 0.5  # of the first quote's evidence, from which another figure is worth a word


def date(text: str) -> Figure:
    """
    >>> date("3 June 2008"), date("May 2021"), date("1998"), date("soon")
    ((2008.0, 6.0, 3.0), (2021.0, 5.0), (1998.0,), ())
    """
    found = iso_date(text.strip())
    return tuple(map(float, found.split("-"))) if found else ()


def size(text: str) -> tuple[str, Figure]:
    """The unit and the number, () where there is not exactly one.

    >>> size("6.6 billion dollars"), size("up to 1,200"), size("5 to 7")
    (('dollars', (6600000000.0,)), ('', (1200.0,)), ('', ()))
    """
    numbers = _NUMBER.findall(text)
    rest = fold(_NUMBER.sub(" ", text, count=1)).split()
    if len(numbers) != 1 or any(character.isdigit() for word in rest for character in word):
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
    dates = date(one), date(other)
    if any(dates):
        return all(dates) and not may_be_same(*dates)
    (unit, first), (same_unit, second) = size(one), size(other)
    return bool(first and second) and unit == same_unit and not _rounded(first[0], second[0])


def _rounded(one: float, other: float) -> bool:
    """Whether two numbers are the same to the digits that both have.

    >>> _rounded(8e9, 7.86e9), _rounded(8.5e9, 7.86e9), _rounded(10, 12)
    (True, False, False)
    """
    digits = min(_digits(one), _digits(other))
    return f"{one:.{digits}g}" == f"{other:.{digits}g}"


def _digits(number: float) -> int:
    """The zeros of a large round number say nothing."""
    shown = f"{abs(number):.12g}" if abs(number) < 1000 else f"{abs(number):.11e}".partition("e")[0].rstrip("0")
    return max(1, len(shown.replace(".", "").lstrip("0")))
