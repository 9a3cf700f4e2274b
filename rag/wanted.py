"""What a question wants to know of the sources themselves: which mention something, how one begins, which is newest.

Only its words are looked at; :mod:`rag.overview` answers.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from typing import Literal

from rag.conversation import without_courtesies
from rag.lexicon import stems
from rag.text import MONTHS, any_of

_KIND = r"(?:source|article|document|doc|text|file|paper|report|page|note|e-?mail)"
_KINDS = rf"(?:{_KIND}s|stories|pieces)"
_ALL = r"(?:all |any |every |the |other |more |my |your |our )*"
_ASK = r"(?:(?:can|could|would|will) you )?(?:please |briefly |quickly )*"
_IS = r"(?: is| are|'s)"
_AGE = r"(?:oldest|earliest|newest|latest|most recent)"
_NTH = r"(?:(?:first|second|third|fourth|fifth|last) )?"
THESE = "of the sources shown"
_WHICH = re.compile(
    any_of(
        rf"(?:which|what|how many) {_ALL}{_KINDS} (?:mention|discuss|cover|(?:talk|write|report) (?:about|on)|deal with"
        r"|refer to|say (?:some|any)thing about)",
        rf"(?:which|what) {_ALL}{_KIND} (?:mentions|discusses|talks about|deals with|refers to)",
        rf"(?:which|what) {_ALL}{_KINDS} (?:are|do (?:you|we|i) have|are there)(?: here)? (?:about|on)",
        r"what (?:else )?(?:do (?:you|we|i) have|have (?:you|we|i)(?: got)?) (?:about|on|regarding)",
        r"what(?: else)?(?: is|'s) there (?:about|regarding)",
        rf"(?:(?:is|are) there |do (?:you|we|i) have )?(?:(?:any|some)thing|any {_ALL}{_KINDS}) about",
        rf"(?:(?:is|are) there|do (?:you|we|i) have) (?:(?:any|some)thing|any {_ALL}{_KINDS}) (?:on|regarding)",
        rf"{_ASK}(?:list|show(?: me)?|find(?: me)?|give me) {_ALL}(?:{_KINDS}|everything) (?:about|on|mentioning)",
    )
    + r" (?P<about>.+)",
    re.IGNORECASE,
)
_NOT = r"(?:do(?:es)? not|don't|doesn't|never)"
_WITHOUT = re.compile(  # "... but not the bell"
    rf"(?P<about>.+?),? (?:(?:but|and|though) (?:not|{_NOT} (?:mention|discuss|cover))|without mentioning)"
    r" (?P<without>.+)",
    re.IGNORECASE,
)
_SILENT = re.compile(
    rf"(?:which|what|how many) {_ALL}(?:{_KINDS}|{_KIND}) {_NOT} (?:mention|discuss|cover|talk about|refer to)"
    r" (?P<without>.+)",
    re.IGNORECASE,
)
_OPENS = re.compile(
    any_of(
        rf"{_ASK}(?:summ?[ae]ri[sz]e|sum up)",
        rf"{_ASK}(?:(?:give|write|show) (?:me )?)?(?:an? |the )?(?:short |brief |quick )*(?:summary|overview|gist)"
        r"(?: (?:of|on|about))?",
        rf"tl;?dr(?: of)?|what{_IS} (?:the|this|that) {_KIND} (?:all )?about",
        rf"(?:{_ASK}give me )?(?:the )?(?:key|main) points(?: of)?",
    )
    + r"(?: (?P<about>.+))?",
    re.IGNORECASE,
)
_WHERE = re.compile(
    r"where (?:is|are|do|does) (?:(?:the )?(?:phrase|expression|words?|terms?|names?) (?P<words>.+?) "
    r"(?:used|found|(?:appear|occur)s?)|(?P<about>.+?) mentioned)",
    re.IGNORECASE,
)
_TELL = re.compile(  # of what a title names; "what is the film about?" may be answered by any text
    rf"{_ASK}(?:tell me (?:something |a (?:bit|little) )?about|what do you know about) (?P<about>.+)"
    rf"|what{_IS} (?P<what>(?:the|this|that) .+?|[\"“].+[\"”]) about",
    re.IGNORECASE,
)
_BYLINE = re.compile(
    r"(?:and )?(?P<asks>who (?:wrote|published|(?:is|was) the (?:author|publisher|writer) of)|when was"
    r"|what is the date of|(?:the )?author of) (?P<about>.+?)(?P<done> (?:published|written|from|sent|issued))?",
    re.IGNORECASE,
)
_BYLINE_OF = re.compile(  # "the article about tax", "the tax article"
    rf"(?:the|this|that) (?:{_NTH}(?:{_KIND}|one)(?: (?:about|on|called|titled) (?P<about>.+))?|(?P<named>.+) {_KIND})",
    re.IGNORECASE,
)
_NEWEST = re.compile(
    any_of(
        rf"(?:(?:what{_IS}|(?:show|give|tell) me|any|are there any) )?(?:the )?(?:(?:latest|newest|most recent|recent)"
        r"(?: news| developments?| updates?)?|news|updates?) (?:on|about|regarding|concerning)",
        rf"(?:is there )?anything new (?:about|on)|what{_IS} new (?:with|on|at)",
    )
    + r" (?P<about>.+)",
    re.IGNORECASE,
)
_AGED = re.compile(
    any_of(
        rf"(?:and )?(?:(?:what|which)(?:{_IS})? )?(?:the )?(?P<one>{_AGE}) {_KIND}s?",
        rf"(?:and )?which {_KIND} is (?:the )?(?P<two>{_AGE})",
        rf"{_ASK}(?:show(?: me)?|list|give me|open) (?:the )?(?P<three>{_AGE}) {_KIND}s?",
        rf"(?:what{_IS} )?(?:the )?(?P<four>latest|newest) news",
        rf"what{_IS} the (?P<five>{_AGE}) {_KIND} about|{_ASK}summ?[ae]ri[sz]e the (?P<six>{_AGE}) {_KIND}s?",
    )
    + r"(?: (?:about|on|mentioning|that mentions?) (?P<about>.+))?",
    re.IGNORECASE,
)
_HELD = re.compile(  # what is left of a question for sources where it was said which of them
    rf"(?:{_ASK}(?:list|show(?: me)?|find(?: me)?|give me|which|what|how many|(?:is|are) there|do (?:you|we|i) have) )?"
    rf"{_ALL}(?:{_KINDS}|{_KIND}|everything|anything)(?: (?:are|is) (?:there|here)| do (?:you|we|i) have)?"
    r"|what (?:else )?do (?:you|we|i) have",
    re.IGNORECASE,
)
_LIBRARY = r"(?:the|this|my|your) (?:library|collection|index)"
_ALL_HELD = re.compile(
    any_of(
        rf"(?:{_ASK}(?:list|show(?: me)?)|what|which|how many) (?:all |of |the |my |your |available )*"
        r"(?:sources|documents|docs|files|articles)(?: (?:that )?(?:do (?:you|we|i) have|(?:have )?(?:you|we|i) (?:have"
        rf"|got)|are (?:there|here|in here|loaded|available|indexed|in {_LIBRARY})))?(?: on file| here| in here)?",
        rf"what{_IS} in {_LIBRARY}|what{_IS} {_LIBRARY} about|what are (?:the|your|these) {_KINDS} about",
        rf"what (?:topics|subjects) (?:does {_LIBRARY}|do (?:the|your|these) {_KINDS}) cover",
    ),
    re.IGNORECASE,
)
_NAMES = re.compile(
    r"(?:(?:who|what|which) are (?:all )?(?:the|your) (?P<who>authors?|writers?|reporters?|publishers?|newspapers?)"
    r"|(?:which|what) (?P<these>authors?|writers?|reporters?|publishers?|newspapers?) (?:are (?:there|here|included)"
    rf"|do (?:you|we|i) have))(?: (?:of (?:the|these) {_KINDS}|here|in {_LIBRARY}))?",
    re.IGNORECASE,
)
_OLDEST = frozenset(("oldest", "earliest"))
_DAY = r"\d{1,2}(?:st|nd|rd|th)?"
_EVENTS = re.compile(
    rf"what (?:else )?(?:happened|took place|occurred)(?: on| in| during)? "
    rf"(?P<about>(?:(?:{_DAY} (?:of )?)?(?:{MONTHS})(?: {_DAY})?,? )?[12]\d{{3}})",
    re.IGNORECASE,
)
_SHOWN = re.compile(rf"(?:it|this|that|(?:the|this|that) (?:whole |entire )?{_NTH}(?:{_KIND}|one))?", re.IGNORECASE)
_OF_KIND = re.compile(rf"(?:the |this |that |an? )?{_KIND} (?:about|on|of|by|called|titled|named|from) ", re.IGNORECASE)
_AGED_OF_THEM = re.compile(
    rf"(?:and )?which (?:one )?(?:of (?:them|these|those) )?is (?:the )?(?P<age>{_AGE})(?: one)?", re.IGNORECASE
)
_OF_THEM = re.compile(
    rf"(?:and )?(?:which|how many)(?: ones)?(?: of (?:them|these|those)(?: {_KINDS})?)? "
    r"(?:mention|discuss|cover|talk about|refer to|deal with|are about) (?P<about>.+)",
    re.IGNORECASE,
)
_MADE = r"(?:published|written|dated|released)"
_WITHIN = re.compile(  # "articles from 2023", "reports published before May 2022 that mention it", "all by Ann Smith"
    rf"(?P<head>.*?\b(?:{_KINDS}|{_KIND}|everything|anything|do (?:you|we|i) have|are there))"
    r" (?:(?:that|which) )?(?:(?:is|are|was|were) )?"
    rf"(?P<within>(?:{_MADE} on|{_MADE}|(?:{_MADE} )?(?:from|by|in|since|before|after|until|between)) "
    r"[\w\"'“][\w .,&'“”\"-]*?)"
    r"(?P<tail> (?:mentions?|mentioning|that mentions?|discuss|cover|(?:talk|write|report) (?:about|on)|deal with"
    r"|refer to|about|on|regarding) .+)?",
    re.IGNORECASE,
)
_BEFORE = re.compile(  # "which Reuters articles mention it", "2023 reports"
    rf"(?P<head>(?:.*?\b(?:which|what|how many|list|find|me|the|all|any|{_AGE}) )?)"
    rf"(?P<within>(?:(?-i:[A-Z])|\d)[\w.&'-]*(?: (?-i:[A-Z])[\w.&'-]*){{0,3}}) (?P<tail>(?:{_KINDS}|{_KIND})\b.*)",
    re.IGNORECASE,
)

_EDGES = " \"'“”"

Kind = Literal[
    "which", "opening", "topic", "byline", "titled", "oldest", "newest", "events", "held", "authors", "publishers"
]
_PATTERNS: tuple[tuple[Kind, re.Pattern[str]], ...] = (
    ("which", _WHICH), ("which", _WHERE), ("opening", _OPENS), ("topic", _TELL), ("newest", _NEWEST),
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Wanted:
    """``about``: the words that the sources shall have, for "titled" those of the title and no others; "" for the
    source that was quoted last, and where any will do.

    ``within``: of which sources, as it was said: "from 2023", "by Ann Smith"; ``THESE`` for those that were listed
    last; "" for all. ``without``: words that the sources shall not have, or "".
    """

    kind: Kind
    about: str
    within: str = ""
    without: str = ""


def wanted(question: str) -> Wanted | None:
    """What a question wants to know of the sources themselves; None for any other.

    >>> wanted("Which articles mention Micron but not ASML?")
    Wanted(kind='which', about='Micron', within='', without='ASML')
    >>> wanted("Can you summarize the article about Charles Lieber, please?").about, wanted("Who founded TSMC?")
    ('Charles Lieber', None)
    """
    found = _wanted(_plain(question))
    nameless = found and found.without and not all(map(stems, either(found.without)))  # "which don't mention it?"
    return None if nameless else found


def wanted_within(question: str) -> Wanted | None:
    """The same of some of the sources only, if the question may be read so: whether there are such is not known here.

    >>> wanted_within("Which documents from 2023 mention tax?"), wanted_within("Reuters reports").within
    (Wanted(kind='which', about='tax', within='from 2023', without=''), 'from Reuters')
    """
    text = _plain(question)
    if match := _OF_THEM.fullmatch(text):
        return Wanted("which", match["about"], THESE)
    if match := _AGED_OF_THEM.fullmatch(text):
        return Wanted("oldest" if match["age"].lower() in _OLDEST else "newest", "", THESE)
    for pattern in (_WITHIN, _BEFORE):
        if match := pattern.fullmatch(text):
            rest, said = f"{match['head']}{match['tail'] or ''}", match["within"].strip(" .,")
            found = Wanted("held", "") if _HELD.fullmatch(rest) else _wanted(rest) or _wanted(f"list {rest}")
            if found and (found.about or found.kind not in ("which", "topic")):
                return replace(found, within=said if pattern is _WITHIN else f"from {said}")
    return None


def _plain(question: str) -> str:
    return without_courtesies(question).replace("’", "'")


def _wanted(text: str) -> Wanted | None:
    if match := _AGED.fullmatch(text):
        said, about = next(filter(None, match.groups())), match["about"] or ""
        return Wanted("oldest" if said.lower() in _OLDEST else "newest", about.strip(_EDGES))
    if match := _ALL_HELD.fullmatch(text) or _SILENT.fullmatch(text):
        return Wanted("held", "", without=match.groupdict().get("without", "").strip(_EDGES))
    if match := _NAMES.fullmatch(text):
        author = (match["who"] or match["these"]).lower().startswith(("author", "writer", "reporter"))
        return Wanted("authors" if author else "publishers", "")
    if match := _BYLINE.fullmatch(text):
        about = match["about"].strip(_EDGES)
        if of := _BYLINE_OF.fullmatch(about) or _SHOWN.fullmatch(about):
            return Wanted("byline", next((said for said in of.groups() if said), "").strip(_EDGES))
        if match["done"] or not match["asks"].lower().endswith("was"):
            return Wanted("titled", about)
    return next((_about(kind, match) for kind, pattern in _PATTERNS if (match := pattern.fullmatch(text))), None)


def _about(kind: Kind, match: re.Match[str]) -> Wanted | None:
    about = next((said for said in match.groups() if said), "")
    about = _OF_KIND.sub("", about.strip(_EDGES), count=1)
    if _SHOWN.fullmatch(about):
        return Wanted(kind, "") if kind in ("opening", "topic") else None
    if kind == "which" and (apart := _WITHOUT.fullmatch(about)):
        return Wanted(kind, apart["about"].strip(_EDGES), without=apart["without"].strip(_EDGES))
    return Wanted(kind, about)


def either(words: str) -> list[str]:
    """What may be mentioned instead of each other.

    >>> either("gallium or germanium")
    ['gallium', 'germanium']
    """
    return re.split(r",? or ", words, flags=re.IGNORECASE)


def events(question: str) -> Wanted | None:
    """The date of which a question asks no more than what happened then; None for any other question.

    >>> events("What happened on October 7, 2022?"), events("What happened to Huawei in 2019?")
    (Wanted(kind='events', about='October 7, 2022', within='', without=''), None)
    """
    match = _EVENTS.fullmatch(_plain(question))
    return Wanted("events", re.sub(r"(?<=\d)(?:st|nd|rd|th)\b", "", match["about"])) if match else None
