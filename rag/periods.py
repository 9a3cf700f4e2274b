"""Pure: quarters, halves and fiscal years in questions and texts, and the two ways in which they are written."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from typing import NamedTuple

from rag.lexicon import is_yes_no
from rag.text import fold

_NUMBERS = {"first": 1, "second": 2, "third": 3, "fourth": 4}
_WORDS = {number: word for word, number in _NUMBERS.items()}
_PERIOD = re.compile(
    r"\b(?:(?P<letter>Q(?=[1-4])|H(?=[12]))(?P<digit>[1-4])|(?P<turned>[1-4])(?P<after>Q|(?<=[12])H)"
    r"|(?P<word>first|second|third|fourth)(?:[ -](?:fiscal|financial))?[ -](?P<kind>quarter|half)"
    r"|(?P<months>nine[ -]months?|9 ?(?:M|months?))|January ?(?:[-–]|to) ?(?P<until>June|September)"
    r"|(?P<whole>full[ -]year|(?:fiscal|financial)(?: year)?(?= 20\d\d)|FY ?['’]?(?P<own>(?:20)?\d\d)\b))(?![a-z])"
    r"(?:[ ,]+(?:results?|of|for|in|the|(?:fiscal|financial)(?: year)?))*"
    r"(?:[ ,]*(?:(?P<year>20\d\d)|(?:FY ?['’]?|['’])(?P<fiscal>(?:20)?\d\d))(?!\d|[.,]\d))?",
    re.IGNORECASE,
)
_BRIEF = re.compile(
    r"\b(?:(?P<letter>Q(?=[1-4])|H(?=[12]))(?P<digit>[1-4])|FY ?['’]?(?P<year>(?:20)?\d\d))\b", re.IGNORECASE
)
_FULL = re.compile(
    r"\b(?:(?P<word>first|second|third|fourth)(?:[ -]fiscal)?[ -](?P<kind>quarter|half)"
    r"|fiscal (?:year )?(?P<year>20\d\d))\b",
    re.IGNORECASE,
)


class Period(NamedTuple):
    """``number`` of ``kind`` "quarter" or "half", nine "months", or the whole fiscal "year"; year 0 is not known."""

    kind: str
    number: int
    year: int


def periods(text: str) -> set[Period]:
    """Those that a text names.

    >>> sorted(tuple(each) for each in periods("the third quarter of fiscal 2024, Q2 FY23 and H1"))
    [('half', 1, 0), ('quarter', 2, 2023), ('quarter', 3, 2024)]
    """
    return {_period(found) for found in _PERIOD.finditer(text)}


def _period(found: re.Match[str]) -> Period:
    digits = found["year"] or found["fiscal"] or found["own"] or "0"
    year = int(digits) + 2000 * (len(digits) == 2)
    if found["until"]:
        return Period("half", 1, year) if found["until"].lower() == "june" else Period("months", 9, year)
    if found["months"]:
        return Period("months", 9, year)
    if found["whole"]:
        return Period("year", 1, year)
    if found["word"]:
        return Period(found["kind"].lower(), _NUMBERS[found["word"].lower()], year)
    letter, digit = (found["letter"] or found["after"]).upper(), found["digit"] or found["turned"]
    return Period("quarter" if letter == "Q" else "half", int(digit), year)


def of_another_period(question: str, quote: str, *above: str) -> bool:
    """Whether a question is about one quarter, half or fiscal year and the quote about others only; where it names
    none, the nearest line ``above`` it that does says which it is about: its headings from below, and its title.

    >>> of_another_period("sales in Q3 2024", "Sales in the fourth quarter of 2024 fell.")
    True
    >>> of_another_period("sales in Q3", "They fell by 8 percent.", "Third quarter", "Report for the first half")
    False
    """
    asked = periods(question)
    if len(asked) != 1 or is_yes_no(question):
        return False
    (wanted,) = asked
    if wanted.kind == "months":  # also "January to September"
        return False
    if wanted.kind in ("quarter", "half") and re.search(rf"\b{_WORDS[wanted.number]}\b(?! {wanted.kind})", fold(quote)):
        return False  # "58 % in the third", of quarters
    levels = [periods(text) for text in (quote, *above)]
    said = next(filter(None, levels), set())
    years = {period.year for level in levels for period in level} - {0}
    year = years.pop() if len(years) == 1 else 0
    return bool(said) and not any(_same(wanted, each if each.year else each._replace(year=year)) for each in said)


def _same(one: Period, other: Period) -> bool:
    return one[:2] == other[:2] and (one.year == other.year or 0 in (one.year, other.year))


def worded(question: str, texts: Sequence[str]) -> str:
    """The question with each period written as the ``texts`` most often write that very one: "Q3" or "third quarter".

    >>> worded("margin q3 fy24?", ["In the third quarter of fiscal 2024 it fell."])
    'margin third quarter fiscal 2024?'
    >>> worded("margin in the third quarter?", ["Quarter: Q3 | Margin: 5 %"]), worded("What is H2?", ["H2 burns."])
    ('margin in the Q3?', 'What is H2?')
    """
    if not _BRIEF.search(question) and not _FULL.search(question):
        return question
    brief, full = (
        Counter(_brief(found) for text in texts for found in form.finditer(text)) for form in (_BRIEF, _FULL)
    )
    found = _BRIEF.sub(lambda each: _full(each) if full[_brief(each)] > brief[_brief(each)] else each[0], question)
    return _FULL.sub(lambda each: _brief(each) if brief[_brief(each)] > full[_brief(each)] else each[0], found)


def _brief(found: re.Match[str]) -> str:
    """ "Q3" or "FY2024", of a match of either form."""
    if found["year"]:
        return f"FY20{found['year'][-2:]}"
    parts = found.groupdict()
    return f"{(parts.get('letter') or parts['kind'][0]).upper()}{parts.get('digit') or _NUMBERS[parts['word'].lower()]}"


def _full(found: re.Match[str]) -> str:
    """ "third quarter" or "fiscal 2024", of a brief one."""
    if found["year"]:
        return f"fiscal 20{found['year'][-2:]}"
    return f"{_WORDS[int(found['digit'])]} {'quarter' if found['letter'] in 'Qq' else 'half'}"
