"""Who wrote a text and when, as the lines above its first sentence and its dateline say; in doubt nothing.

A date inside the text is no date of the text, and neither is one of several that head its parts, as in a diary.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import replace

from rag.loaders.base import FULL_STOP, Meta
from rag.loaders.dates import iso_date
from rag.text import MONTHS

TOP = 12  # lines at the top that are looked at, at most
_PROSE = 12  # words of a line that belongs to a paragraph, at least
_SENTENCE = 6  # words of a sentence, at least
_MONTH = (
    rf"(?i:{MONTHS}"
    r"|(?:Jan|Feb|Mar|Apr|Jun|Jul|Aug|Sept?|Oct|Nov|Dec)\b\.?)"
)
_YEAR, _OLD_YEAR = r"(?:19|20)\d\d", r"1[4-8]\d\d"
_DAY = (
    r"(?:(?i:(?:Mon|Tues|Wednes|Thurs|Fri|Satur|Sun)day|Mon|Tue|Wed|Thu|Fri|Sat|Sun),? )?"
    rf"(?:\d{{1,2}}(?:st|nd|rd|th)?\.? {_MONTH},? {_YEAR}|{_MONTH} \d{{1,2}}(?:st|nd|rd|th)?,? {_YEAR}"
    rf"|{_YEAR}-\d\d-\d\d|\d{{1,2}}\.\d{{1,2}}\.{_YEAR})"
)
_DATE = rf"({_DAY}|{_MONTH},? {_YEAR})"
_TIME = r"(?:(?:,| at| [-–—])? ?\d{1,2}[:.]\d\d.{0,12})?"
_PLACE = r"[A-Z][\w.'’/-]*(?: [A-Z][\w.'’/-]*){0,3}(?:, [A-Z][\w.'’ -]{1,20}){0,2}"
_LABEL = (
    r"(?i:(?:date|dated|(?:published|posted|issued|released)(?: on)?|(?:publication|release) date|sent):? +"
    r"|(?:meeting|minutes) (?:of|on|held on) )"
)
_ISSUED = (  # what was done with a text on its date
    r"(?:published|issued|released|recorded|posted|dated|updated|revised|approved|adopted|delivered|handed down|held)"
)
_PIECE = (  # what a text may be, before a comma and its date
    r"(?:report|statement|speech|address|lecture|remarks|transcript|magazine|journal|newsletter|bulletin|press release"
    r"|briefing|notice|version|edition|final|draft)"
)
_ELSEWHERE = (  # a sentence, another text, or when something is to come
    r"(?:is|are|was|were|has|have|had|will|would|due|deadline|until|starts?|begins?|opens?|closes?|expires?|valid"
    r"|effective|next|review|born|replace[sd]?|supersedes?|respon\w+|repl(?:y|ies)|comments?|memory|appl(?:y|ies)"
    r"|adapted|based|your|previous|last(?! (?:updated|revised|modified)))"
)
_IMPRINT = re.compile(  # "Report under section 24, published 22 January 2025", "A report by the Coalition, June 2024"
    rf"(?!.*\b(?i:{_ELSEWHERE})\b)"
    rf"(?:(?:.{{0,80}}[,;:(–-] ?|\w+ |)(?i:(?:last )?{_ISSUED})(?: by .{{2,60}}?(?:,| on))?(?:,|:| on)?"
    rf"|.{{0,80}}\b(?i:{_PIECE})(?: by [^,.]{{2,60}})?,"
    r"|.{4,80},(?= (?:Mon|Tues|Wednes|Thurs|Fri|Satur|Sun)day))"
    rf" {_DATE}(?:{_TIME}|(?:,| at| in) .{{1,80}})\.?$"
)
_MINUTES = re.compile(  # of a title
    rf"(?!.*\b(?i:your|approval|previous|last|draft)\b)\D{{0,80}}\b(?i:minutes|agenda|transcript|record)"
    rf" (?:of|from|for) {_DATE}$"
)
_STOP = re.compile(r"(?<=[a-z\d)]{2})(?<!Prof)(?<!Capt)\. (?=[A-Z])")
_HELD = r"(?i:(?:meeting|hearing|session|interview) (?:(?:was )?held )?on )"
_RECORD = r"(?:minutes|transcript|agenda|newsletter|bulletin|press release|statement|interview|memo|letter)"
_NAME = r"[A-Z][\w.'’-]*(?: (?:(?:d[aeiu]|del|van|von|de[nr]|la|le|ter|bin|al|el|y) ){0,2}[A-Z][\w.'’-]*){1,3}"
_BY = rf"(?i:(?:written |reported |text |story |words )?by):? ({_NAME}(?:(?:,? and|,? &|,) {_NAME}){{0,5}})"
_BYLINE = re.compile(rf"{_BY}(?:, [A-Za-z’' -]{{3,40}}| in {_PLACE}|(?:,| [-–—])? {_DATE}{_TIME})?$")
_DATELINE = (
    rf"^\W?{_PLACE}(?:, ?| ?\(| ?/ ?| ?[-–—]{{1,2}} ?)(?:\([A-Z ]+\) ?-- ?)?({_DAY})\)?"
    r"(?: ?\([A-Z][\w &/.-]{1,30}\)| ?/[\w ]+/)? ?(?:[-–—]{1,2}|: )"
)
_LETTER = re.compile(rf"(?i:letter from) ({_NAME}) (?i:to)\b")
_DEAR = re.compile(r"(?:my )?(?:own )?dear(?:est)?\b", re.IGNORECASE)
_LONG_AGO = re.compile(  # above "Dear Anna": elsewhere such a date is of what a text is about
    rf"(?:{_PLACE}, ?)?({_DAY.replace(_YEAR, _OLD_YEAR)})\.?$"
)
# The kinds of line that say a date, in their last group, the surest first; and those of this kind in all of a text.
_KINDS = tuple(
    (re.compile(kind), re.compile(every or "(?!)()", re.MULTILINE))
    for kind, every in (
        (rf"{_LABEL}{_DATE}{_TIME}$", ""),
        (rf"{_HELD}{_DATE}(?:{_TIME}$|(?:,| at| in) .{{1,60}}$)", ""),
        (rf"(?i:{_RECORD})\b.{{0,80}}?(?:, | [-–—] | ?\(){_DATE}\)?$", ""),
        (rf"{_BY}(?:,| [-–—])? {_DATE}{_TIME}$", ""),
        (rf"\(?(?:{_PLACE}, )?{_DATE}{_TIME}\)?\.?$", rf"^(?:{_PLACE}, )?{_DATE}$"),
        (_DATELINE, _DATELINE),  # "LONDON, 14 March 2023 (Reuters) - ", "Geneva (12 May 2021) – "
        (rf"(?i:(?:last )?(?:updated|modified|revised)(?: on)?:? +){_DATE}{_TIME}$", ""),
    )
)
_LINE = re.compile(r"([^\n]*\S[^\n]*)\n?((?:[^\S\n]*\n)*)")  # with the empty ones below it
_FIELD = re.compile(r"(title|headline|subject|re|from|authors?): +(\S.{1,160})", re.IGNORECASE)


def told(text: str, meta: Meta) -> Meta:
    """``meta`` with what the top of the text says of title, author and date where it has none.

    >>> told("Tunnel opens\\n\\nBy Ada Berg\\n\\nLONDON, 4 May 2021 - It opened.", Meta())
    Meta(title='', author='Ada Berg', publisher='', published='2021-05-04', language='', link='', encoding='utf-8', \
notes=(), dropped=())
    """
    lines = list(_top(text))
    said = (_STOP.split(line)[0] for line in lines)
    fields = {match[1].lower(): match[2] for line in said if (match := _FIELD.fullmatch(line))}
    letter = fields.get("subject", fields.get("re", "")) if "from" in fields else ""
    title = fields.get("title") or fields.get("headline") or letter
    author = (
        fields.get("author")
        or fields.get("authors")
        or _author(lines)
        or (fields["from"].partition(" <")[0] if letter else "")
    )
    return replace(
        meta,
        title=meta.title or title,
        author=meta.author or author,
        published=meta.published or _published(text, lines),
    )


def is_credit(line: str) -> bool:
    """Whether a line says who wrote a text, or when, and nothing else.

    >>> [is_credit(line) for line in ("By Ada Berg | 4 May 2021", "May 2021", "By the sea")]
    [True, True, False]
    """
    kinds = (_BYLINE, *(kind for kind, _ in _KINDS if kind.pattern != _DATELINE))
    return all(any(kind.match(part) for kind in kinds) for part in _parts(line))


def _top(text: str) -> Iterator[str]:
    """The lines above the first sentence, and the one in which it begins; a long headline is none."""
    shown = ((" ".join(line[1].split()), line[2]) for line in _LINE.finditer(text[:4000]))
    for _, (line, after) in zip(range(TOP), shown, strict=False):
        yield line
        words, stops = len(line.split()), FULL_STOP.search(line)
        headline = not stops and words < 2 * _PROSE and "\n" in after
        if (words >= _PROSE and not headline) or (words >= _SENTENCE and stops and not is_credit(line)):
            return


def _parts(line: str) -> list[str]:
    return [part.strip() for part in re.split(r" [|·•] ", line)]


def _statements(lines: Sequence[str]) -> Iterator[str]:
    """What the lines below the first one say, cut at full stops as well."""
    return (said.rstrip(".") for line in lines[1:] for part in _parts(line) for said in _STOP.split(part))


def _author(lines: Sequence[str]) -> str:
    """That of the first byline below the first line."""
    parts = (part for line in lines[1:] for part in _parts(line))
    found = (_BYLINE.match(part) for part in (*parts, *_statements(lines)))
    return next((match[1] for match in (*found, *map(_LETTER.match, lines[:1])) if match), "")


def _published(text: str, lines: Sequence[str]) -> str:
    """The date that the surest kind of line gives, if all lines of that kind give the same; else the one date of the
    imprint below the title."""
    for kind, every in _KINDS:
        found = [match for line in lines for part in _parts(line) if (match := kind.match(part))]
        if found:
            dates = {iso_date(match.groups()[-1]) for match in (*found, *every.finditer(text))}
            return dates.pop() if len(dates) == 1 else ""
    imprint = [*map(_MINUTES.match, lines[:1]), *map(_IMPRINT.match, _statements(lines))]
    if any(map(_DEAR.match, lines)):
        imprint += map(_LONG_AGO.match, lines)
    dates = {iso_date(match.groups()[-1]) for match in imprint if match}
    return dates.pop() if len(dates) == 1 else ""
