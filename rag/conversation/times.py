"""Dates and periods of the question before: another one in their place, put back or on, or compared with."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from rag.conversation.pointers import COUNTS, MOVE, NOW
from rag.conversation.references import EDGES
from rag.text import MONTHS, YEAR, any_of

_MONTH = f"(?:{MONTHS})"
_YEAR = rf"(?:{YEAR}(?:[/–-](?:\d\d)?\d\d)?)"  # also a season: "2019/20"
_FISCAL = rf"(?:(?i:fiscal (?:year )?|FY ?)(?:20)?\d\d|{_YEAR})"
_PART = r"(?i:Q[1-4]|H[12]|(?:first|second|third|fourth) (?:quarter|half)|(?:first )?nine months|full year)"
DATE = re.compile(
    rf"\b(?:(?:\d{{1,2}} )?{_MONTH} (?:\d{{1,2}}, )?|{_PART} (?:of )?)?{_FISCAL}\b"
    rf"|\b(?:{_MONTH}|{_PART}|{NOW.pattern})\b"
)
PART = re.compile(_PART)
_OF_YEAR = re.compile(rf"(?:\bof )?{_FISCAL}$")
_WHEN = re.compile(r"\b(?:in|at|on|by|during|since|until|before|after)\s+$", re.IGNORECASE)  # before a date
_ASKS_WHEN = re.compile(r"\W*(?:(?:and|in|on) )*(?:when|(?:what|which) (?:year|month|day|date))\b", re.IGNORECASE)
_ROWS = {
    "quarter": (("first", "second", "third", "fourth"), ("Q1", "Q2", "Q3", "Q4")),
    "half": (("first", "second"), ("H1", "H2")),
    "month": (tuple(MONTHS.split("|")),),
}
_YEARS = re.compile(  # of "2021", "2019/20", "FY24" or "'24" all digits
    rf"(?<!\d){_YEAR}\b(?![-–/]\d)|(?:(?<=\bFY)|(?<=\bFY )|(?<=['’]))\d\d\b",
    re.IGNORECASE,
)
_THAN = any_of(
    MOVE.pattern,
    NOW.pattern,
    r"the same (?:quarter|period|month|time|season|half)"
    r"(?: (?:(?:of|in) )?(?:last year|\d{4}|the (?:year before|previous year|prior year)|a year (?:earlier|ago)))?",
    r"the (?:prior|previous)[ -]year (?:quarter|period|half|month)",
    rf"(?:in )?(?:the )?(?:{_PART}|{_FISCAL}|{_PART} (?:of )?{_FISCAL})",
)
_COMPARED = re.compile(
    r"(?:(?:and|but|so) )*(?:(?:how (?:does|did|do)|is|was|are|were) (?:that|this|it|they|those|these) )?"
    r"(?:(?:compared?|compares) (?:to|with)|versus|vs\.?|relative to|against|(?:up|down|up or down) (?:on|from)"
    rf"|(?:more|less|higher|lower|better|worse|fewer) than) (?P<than>{_THAN})"
    r"|(?:(?:and|but) )?(?:year[ -](?:over|on)[ -]year|yoy|y/y)(?: (?:change|growth))?",
    re.IGNORECASE,
)


def compared(text: str) -> str:
    """What the question before is to be compared with: "the year before" of "and vs the year before?"; else "".

    >>> compared("How does that compare with last year?"), compared("Year over year?"), compared("vs Samsung?")
    ('last year', 'the year before', '')
    """
    match = _COMPARED.fullmatch(text.strip(EDGES))
    return (match["than"] or "the year before") if match else ""


def ended(before: str, text: str) -> str:
    """``before`` with ``text`` at its end."""
    end = len(before.rstrip(" ?.!"))
    return f"{before[:end]} {text.strip()}{before[end:]}"


def last_date(text: str) -> str:
    """The date or period that a text names last; "" if it names none.

    >>> last_date("revenue in the third quarter of 2023, in Ohio?")
    'third quarter of 2023'
    """
    found = last_span(text)
    return text[slice(*found)] if found else ""


def dated(before: str, new: str, preposition: str) -> str | None:
    """Another date: a month alone keeps the year, "before 2000" takes the place of "in 2010", and so does "now".

    Where the question has no date, it gets one, if it is clear how.
    """
    span, now = last_span(before), NOW.fullmatch(new) is not None
    preposition = "" if now or not _WHEN.match(f"{preposition} ") else f"{preposition} "
    if span is None:
        undated = (now or preposition) and not _ASKS_WHEN.match(before)
        return f"{before.rstrip(' ?.!')} {preposition}{new}?" if undated else None
    start, end = span
    year = _OF_YEAR.search(before[start:end])
    if year and not now and not _OF_YEAR.search(new):
        new = f"{new} {year[0]}"
    elif (part := PART.match(before[start:end])) and _OF_YEAR.fullmatch(new):
        new = f"{part[0]} {new}"  # the same quarter of another year
    old = _WHEN.search(before[:start])
    if old and (now or preposition):
        start, new = old.start(), preposition + new
    elif not now and NOW.fullmatch(before[start:end]):
        new = (preposition or "in ") + new
    return before[:start] + new + before[end:]


def moved(before: str, move: re.Match[str]) -> str | None:
    """``before`` with its one year, and the quarter, half or month in it, put back or on; None where it is in doubt.

    >>> moved("margin in Q1 FY24?", MOVE.fullmatch("the previous quarter"))
    'margin in Q4 FY23?'
    """
    unit = (move["unit"] or move["one"]).lower()
    many = COUNTS.get((move["many"] or "").lower(), 1)
    many = many if (move["way"] or move["side"]).lower() in ("after", "later", "following", "next") else -many
    years = {year[-2:] for year in _YEARS.findall(before)}
    if not years and unit in ("year", "season"):
        return None if _ASKS_WHEN.match(before) else ended(before, move[0])
    if len(years) > 1:
        return None
    if unit in _ROWS:
        found = [(match, row) for row in _ROWS[unit] for match in _in_row(before, row, unit)]
        if len(found) != 1:
            return None
        match, row = found[0]
        many, place = divmod([each.lower() for each in row].index(match[0].lower()) + many, len(row))
        before = before[: match.start()] + row[place] + before[match.end() :]
    return _YEARS.sub(lambda year: re.sub(r"\d+", lambda each: _later(each[0], many), year[0]), before)


def _in_row(text: str, row: Sequence[str], unit: str) -> Iterator[re.Match[str]]:
    flags = 0 if unit == "month" else re.IGNORECASE  # "may" is no month
    return re.finditer(rf"\b(?:{'|'.join(row)})\b" + (f"(?= {unit})" if row[0] == "first" else ""), text, flags)


def _later(year: str, many: int) -> str:
    return f"{(int(year) + many) % 10 ** len(year):0{len(year)}}"


def last_span(text: str, pattern: re.Pattern[str] = DATE) -> tuple[int, int] | None:
    """Where the last thing of a kind stands, a date or period if none is given."""
    found = list(pattern.finditer(text))
    return found[-1].span() if found else None
