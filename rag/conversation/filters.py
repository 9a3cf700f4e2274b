"""Filters said in words: "since 2022", "before May 2023", "from Reuters", "in the Qiming article".

A phrase becomes a filter only where it cannot easily be part of what is asked: at the beginning or the end of the
question, years of the web only, publishers and titles only if they are known.
"""

from __future__ import annotations

import calendar
import re
from collections.abc import Sequence
from dataclasses import dataclass, replace

from rag.lexicon import STOP, is_content, stem, stems
from rag.text import fold, words
from rag.types import Document, Filters, Quote

_MONTHS = {name.casefold(): number for number, name in enumerate(calendar.month_name) if name}
_MONTHS |= {name.casefold(): number for number, name in enumerate(calendar.month_abbr) if name} | {"sept": 9}
_MONTH = "(?:" + "|".join(sorted(_MONTHS, key=len, reverse=True)) + r")\.?"
_DAY = r"(?:\d{1,2}(?:st|nd|rd|th)?)"
_YEAR = r"(?:199\d|20\d\d)"  # that a question may mean as one of publication: "after 1949" is about the events
_ANY_YEAR = r"[12]\d{3}"
_DATE = (
    rf"(?:{_YEAR}-\d\d(?:-\d\d)?|{_DAY}\s+{_MONTH},?\s+{_YEAR}|{_MONTH}\s+{_DAY},?\s+{_YEAR}"
    rf"|{_MONTH},?(?:\s+of)?\s+{_YEAR}|{_YEAR}|{_MONTH})"
)
_BOUND = re.compile(
    rf"\b(?:(?:published|written|reported|dated|released)\s+)?(?:"
    rf"(?:between|from)\s+(?P<low>{_DATE})\s+(?:and|to|until|till)\s+(?P<high>{_DATE})"
    rf"|(?P<word>since|after|before|until|till|up to|by the end of)\s+(?P<date>{_DATE}))(?!\s*(?:-|\w))",
    re.IGNORECASE,
)
_PUBLISHED_IN = re.compile(
    rf"\b(?:(?:(?:that|which)\s+)?(?:is|are|was|were)\s+)?(?:published|written|reported|dated)\s+in\s+(?P<date>{_DATE})\b",
    re.IGNORECASE,
)
_ON = re.compile(rf"(?:(?:published|written|dated|released)\s+)?(?:(?:from|in|on)\s+)?(?P<date>{_DATE})", re.IGNORECASE)
_SAID = re.compile(
    r"\b(?:published|written|reported|dated|said|says?|articles?|reports?|stories|news)\b", re.IGNORECASE
)
_OF_EVENTS = re.compile(  # "how many floods were reported"
    r"\b(?:how (?:many|much)|which|what)"
    r"(?: (?!(?:articles?|documents?|papers?|reports?|sources?|stories|story|texts?|news|was|were|is|are)\b)[\w'’-]+)+"
    r" (?:was|were|is|are|(?:ha[sd]|have) been) (?:\w+ )?(?:published|written|reported|dated|released)\b",
    re.IGNORECASE,
)
_FROM = re.compile(
    r"\b(?:(?:articles?|reports?|story|stories)\s+(?P<theirs>by|from)|(?P<from>(?<!apart )(?<!aside )from)"
    r"|(?P<said>according to|(?:as )?(?:reported|published|written|said) (?:by|in)))\s+(?=\w)",
    re.IGNORECASE,
)
_IN_ARTICLE = re.compile(
    r"\b(?:in|from|according to|inside|within)\s+(?:the|that|this)\s+(?P<title>[\w.&'’ -]{2,60}?)\s+"
    r"(?:article|story|document|paper|report|piece|interview)s?\b",
    re.IGNORECASE,
)
_ORDINARY = frozenset(  # words that name a publisher only with a capital
    """atlantic conversation diplomat economist fortune guardian hill independent information insider intercept mirror
    nation nature observer post register science star sun time times verge wire wired""".split()
)


@dataclass(frozen=True, slots=True)
class Known:
    """What the library holds, as far as the conversation may name it."""

    titles: tuple[tuple[str, str], ...] = ()  # (document id, title)
    publishers: tuple[str, ...] = ()
    year: str = ""  # the newest year of publication: what a month without a year means
    plain: bool = False  # no words are taken for filters


NOTHING = Known()


def known(documents: Sequence[Document]) -> Known:
    """Titles and publishers of the library's documents."""
    titles = tuple((document.id, document.title) for document in documents)
    publishers = dict.fromkeys(document.publisher for document in documents if document.publisher)
    return Known(titles, tuple(publishers), max((document.published[:4] for document in documents), default=""))


def shown_too(sources: Known, quotes: Sequence[Quote]) -> Known:
    """``sources`` with the titles and publishers of the quotes that were shown, these first."""
    titles = tuple(dict.fromkeys((quote.document_id, quote.title) for quote in quotes))
    publishers = tuple(dict.fromkeys(quote.publisher for quote in quotes if quote.publisher))
    year = max((sources.year, *(quote.published[:4] for quote in quotes)))
    return replace(sources, titles=(*titles, *sources.titles), publishers=(*publishers, *sources.publishers), year=year)


def from_words(question: str, sources: Known, *, before: str = "") -> tuple[Filters, str]:
    """The filters that ``question`` asks for, and the question without the words that said so.

    Nothing may be left ("from Reuters?") where it confines the query ``before``, if that has no "from" of its own.

    >>> from_words("What changed for chip makers since 2022?", Known())
    (Filters(since='2022-01-01', until='', publisher='', document_ids=()), 'What changed for chip makers?')
    """
    filters, text = Filters(), question
    for extract in () if sources.plain else (_article, _publisher, _dates):
        found, span = extract(text, sources)
        if span is None:
            continue
        rest = _without(text, span)
        alone = before and extract is not _dates and not re.search(r"\bfrom\b", before, re.IGNORECASE)
        if stems(rest) or alone:
            filters, text = narrowed(filters, found), rest
    return filters, text


def _dates(text: str, sources: Known) -> tuple[Filters, tuple[int, int] | None]:
    if _OF_EVENTS.search(text):
        return Filters(), None
    for match in [*_PUBLISHED_IN.finditer(text), *_BOUND.finditer(text)]:
        if match.re is _BOUND and not _is_of_sources(text, match):
            continue
        found = _said(match, sources.year)
        if found and not _is_later(found, sources):
            return found, match.span()
    return Filters(), None


def _said(match: re.Match[str], year: str) -> Filters | None:
    """What a phrase of time asks for; a month without a year is that of ``year``."""
    groups = match.groupdict()
    if groups.get("low"):
        low, high = _interval(groups["low"], groups["high"], year), _interval(groups["high"], year)
        return Filters(since=low[0], until=high[1]) if low and high and low[0] <= high[1] else None
    return _bounded(groups.get("word"), _interval(groups["date"], year))


def dated(phrase: str, year: str = "") -> Filters | None:
    """The dates that a phrase confines sources to, whether there are any or not; None if it says none.

    >>> dated("from 2023"), dated("by Reuters")
    (Filters(since='2023-01-01', until='2023-12-31', publisher='', document_ids=()), None)
    """
    match = _BOUND.fullmatch(phrase) or _ON.fullmatch(phrase)
    return _said(match, year) if match else None


def _is_of_sources(text: str, match: re.Match[str]) -> bool:
    """Whether a time may be that of the sources: "since", or it is asked what they say, or hardly anything else.

    "How many were built after 2011?" is about the building.
    """
    if not _at_an_edge(text, match.span()):
        return False
    since = (match["word"] or "").casefold() == "since"
    return since or bool(_SAID.search(text)) or len(words(_without(text, match.span()))) < 3


def _is_later(filters: Filters, sources: Known) -> bool:
    """Whether it is about a time after the newest source; where no source has a date, any time is."""
    newest = sources.year or ("" if sources.titles else "9999")
    return max(filters.since[:4], filters.until[:4]) > newest


def _bounded(word: str | None, interval: tuple[str, str] | None) -> Filters | None:
    """ "before" is the day before, "after" the day after; a bare year or month counts whole."""
    if interval is None:
        return None
    first, last = interval
    match (word or "in").casefold():
        case "since":
            return Filters(since=first)
        case "after":
            return Filters(since=_shifted(last, 1))
        case "before":
            return Filters(until=_shifted(first, -1))
        case "in":
            return Filters(since=first, until=last)
        case _:
            return Filters(until=last)


def day_range(text: str) -> tuple[str, str] | None:
    """First and last ISO day of "1922", "2022-05", "2022-05-31" or "May 2022"; None if it is no date."""
    date = _DATE.replace(_YEAR, _ANY_YEAR)
    text = text.strip()
    return _interval(text, "") if re.fullmatch(date, text, re.IGNORECASE) else None


def _interval(text: str, *others: str) -> tuple[str, str] | None:
    """First and last ISO day of a date phrase; a month without a year takes the first year in ``others``."""
    year = next(filter(None, (re.search(_ANY_YEAR, source) for source in (text, *others))), None)
    if year is None:
        return None
    number = int(year.group())
    if iso := re.fullmatch(rf"{_ANY_YEAR}-(\d\d)(?:-(\d\d))?", text):
        return _days(number, int(iso.group(1)), int(iso.group(2) or 0))
    month = re.search(_MONTH, text, re.IGNORECASE)
    if month is None:
        return f"{number}-01-01", f"{number}-12-31"
    day = re.search(r"\b(\d{1,2})(?:st|nd|rd|th)?\b(?!\d)", text.replace(year.group(), " "))
    return _days(number, _MONTHS[month.group().rstrip(".").casefold()], int(day.group(1)) if day else 0)


def _days(year: int, month: int, day: int) -> tuple[str, str] | None:
    if not 1 <= month <= 12:
        return None
    last = calendar.monthrange(year, month)[1]
    if day > last:
        return None
    return f"{year}-{month:02}-{day or 1:02}", f"{year}-{month:02}-{day or last:02}"


def _shifted(iso: str, days: int) -> str:
    import datetime

    return (datetime.date.fromisoformat(iso) + datetime.timedelta(days=days)).isoformat()


def _publisher(text: str, sources: Known) -> tuple[Filters, tuple[int, int] | None]:
    have = {_bare(name): name for name in reversed(sources.publishers)}
    for match in _FROM.finditer(text):
        for _, length in reversed(words(text[match.end() : match.end() + 80])[:8]):
            end = match.end() + length
            typed, span = text[match.end() : end], (match.start(match.lastgroup or 0), end)
            if not (name := have.get(_bare(typed))) or not _stands_alone(text, end):
                continue
            ordinary = _bare(typed) in _ORDINARY and typed.split()[-1].islower()
            if not ordinary and (not match["from"] or _at_an_edge(text, span)):
                return Filters(publisher=name), span
    return Filters(), None


def _bare(name: str) -> str:
    return fold(name).removeprefix("the ").strip(" .!")


def _stands_alone(text: str, end: int) -> bool:
    """Whether what ends there is no part of something longer: "the Nature paper", "Science and Technology"."""
    after = re.match(r"['’]|\s+([\w&][\w'’-]*)", text[end:])
    return not after or bool(
        after[1] and not is_content(after[1]) and after[1].casefold() not in ("and", "or", "of", "&")
    )


def _article(text: str, sources: Known) -> tuple[Filters, tuple[int, int] | None]:
    for match in _IN_ARTICLE.finditer(text):
        piece = match.group("title")
        keys = {stem(piece[start:end]) for start, end in words(piece) if fold(piece[start:end]) not in STOP}
        if not keys:
            continue
        ids = tuple(sorted({number for number, title in sources.titles if keys <= stems(title)}))
        if ids and _stands_alone(text, match.end()):
            return Filters(document_ids=ids), match.span()
    return Filters(), None


def _at_an_edge(text: str, span: tuple[int, int]) -> bool:
    before, after = text[: span[0]].strip(), text[span[1] :].strip()
    return not before or not after.strip(" ?.!,;") or before[-1] in ".?!," or after[0] in ".?!,"


def _without(text: str, span: tuple[int, int]) -> str:
    """The text with one range cut out and the seam tidied."""
    left, right = text[: span[0]].rstrip(), text[span[1] :].lstrip()
    if not left:
        right = right.lstrip(" ,;:")
        return right[:1].upper() + right[1:]
    if right and right[0] in ",;:" and left[-1] not in ",;:":
        right = right[1:].lstrip()
    return left.rstrip(" ,;:") + ("" if not right or right[0] in "?.!," else " ") + right


def narrowed(old: Filters, new: Filters) -> Filters:
    """Both together; where both say something, what ``new`` says."""
    return replace(
        old,
        since=new.since or old.since,
        until=new.until or old.until,
        publisher=new.publisher or old.publisher,
        document_ids=new.document_ids or old.document_ids,
    )


def in_words(filters: Filters) -> list[str]:
    """The filters in words for a person: ["since 2022-01-01 (or undated)", "from Reuters"]."""
    named = len(filters.document_ids)
    dates = [f"{word} {day}" for word, day in (("since", filters.since), ("until", filters.until)) if day]
    parts = [
        f"{' and '.join(dates)} (or undated)" if dates else "",
        f"from {filters.publisher}" if filters.publisher else "",
        f"in {named} named documents" if named > 1 else "in the named document" if named else "",
    ]
    return [part for part in parts if part]
