"""Questions about the sources themselves: which of them mention something, how one begins, what the newest says.

Nothing here writes a summary: what comes nearest to one and can be quoted is how a source itself begins.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Literal

from rag.answer import quoted
from rag.around import placed
from rag.chunk import sections
from rag.conversation import without_courtesies
from rag.lexicon import is_list_of_references, stems
from rag.store import Library
from rag.text import MONTHS, any_of, date_words, sentences
from rag.types import Answer, Candidate, Filters, Hit, Quote, Reading, Span

_MOST = 10  # sources that are listed
_OPENING = 600  # characters of how a source begins
_TOP = 20 * _OPENING  # characters in which its first paragraph is looked for
_PROSE = re.compile(r"(?:\S+\s+){5}.*[.!?][\"'”’)]*", re.DOTALL)  # neither byline nor heading
_KIND = r"(?:source|article|document|doc|text|file|paper|report|page|note|e-?mail)"
_KINDS = rf"(?:{_KIND}s|stories|pieces)"
_ALL = r"(?:all |any |every |the |other |more |my |your |our )*"
_ASK = r"(?:(?:can|could|would|will) you )?(?:please |briefly |quickly )*"
_IS = r"(?: is| are|'s)"
_WHICH = re.compile(
    any_of(
        rf"(?:which|what|how many) {_ALL}{_KINDS} (?:mention|discuss|cover|(?:talk|write|report) (?:about|on)|deal with"
        r"|refer to|say (?:some|any)thing about)",
        rf"(?:which|what) {_ALL}{_KIND} (?:mentions|discusses|talks about|deals with|refers to)",
        rf"(?:which|what) {_ALL}{_KINDS} (?:are|do (?:you|we|i) have|are there)(?: here)? (?:about|on)",
        rf"(?:(?:is|are) there |do (?:you|we|i) have )?(?:(?:any|some)thing|any {_ALL}{_KINDS}) about",
        rf"{_ASK}(?:list|show(?: me)?|find(?: me)?|give me) {_ALL}(?:{_KINDS}|everything) (?:about|on|mentioning)",
    )
    + r" (?P<about>.+)",
    re.IGNORECASE,
)
_OPENS = re.compile(
    any_of(
        rf"{_ASK}(?:summari[sz]e|sum up)",
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
    rf"|what{_IS} (?P<what>(?:the|this|that) .+?) about",
    re.IGNORECASE,
)
_BYLINE = re.compile(
    rf"(?:and )?(?:who (?:wrote|published|(?:is|was) the author of)|when was|what is the date of|(?:the )?author of) "
    rf"(?P<about>it|this|that|(?:the|this|that) {_KIND}(?: (?:about|on|called) .+?)?)"
    r"(?: (?:published|written|from|made))?",
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
    rf"(?:and )?(?:(?:what|which)(?:{_IS})? )?(?:the )?(?P<one>oldest|earliest|newest|latest|most recent) {_KIND}"
    rf"|(?:and )?which {_KIND} is (?:the )?(?P<two>oldest|earliest|newest|latest|most recent)",
    re.IGNORECASE,
)
_DAY = r"\d{1,2}(?:st|nd|rd|th)?"
_EVENTS = re.compile(
    rf"what (?:else )?(?:happened|took place|occurred)(?: on| in| during)? "
    rf"(?P<about>(?:(?:{_DAY} (?:of )?)?(?:{MONTHS})(?: {_DAY})?,? )?[12]\d{{3}})",
    re.IGNORECASE,
)
_SHOWN = re.compile(rf"(?:it|this|that|(?:the|this|that) (?:whole |entire )?{_KIND})?", re.IGNORECASE)
_OF_KIND = re.compile(rf"(?:the |this |that |an? )?{_KIND} (?:about|on|of|by|called|titled|named|from) ", re.IGNORECASE)


Kind = Literal["which", "opening", "topic", "byline", "oldest", "newest", "events"]
_PATTERNS: tuple[tuple[Kind, re.Pattern[str]], ...] = (
    ("which", _WHICH), ("which", _WHERE), ("opening", _OPENS), ("topic", _TELL), ("byline", _BYLINE),
    ("newest", _NEWEST),
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Wanted:
    """``about``: the words that the sources shall have; "" for the source that was quoted last."""

    kind: Kind
    about: str


def wanted(question: str) -> Wanted | None:
    """What a question wants to know of the sources themselves; None for any other.

    >>> wanted("Which articles mention Micron?")
    Wanted(kind='which', about='Micron')
    >>> wanted("Can you summarize the article about Charles Lieber, please?").about, wanted("Who founded TSMC?")
    ('Charles Lieber', None)
    """
    text = without_courtesies(question).replace("’", "'")
    for kind, pattern in _PATTERNS:
        if match := pattern.fullmatch(text):
            about = next((said for said in match.groups() if said), "")
            about = _OF_KIND.sub("", about.strip(" \"'“”"), count=1)
            return Wanted(kind, "" if _SHOWN.fullmatch(about) else about)
    return None


def aged(question: str) -> Kind | None:
    """Whether the oldest or the newest source of all is asked for.

    >>> aged("What is the oldest document?"), aged("which report is the latest"), aged("Who is the oldest?")
    ('oldest', 'newest', None)
    """
    match = _AGED.fullmatch(without_courtesies(question).replace("’", "'"))
    return match and ("oldest" if (match["one"] or match["two"]).lower() in ("oldest", "earliest") else "newest")


def events(question: str) -> Wanted | None:
    """The date of which a question asks no more than what happened then; None for any other question.

    >>> events("What happened on October 7, 2022?"), events("What happened to Huawei in 2019?")
    (Wanted(kind='events', about='October 7, 2022'), None)
    """
    match = _EVENTS.fullmatch(without_courtesies(question))
    return Wanted("events", re.sub(r"(?<=\d)(?:st|nd|rd|th)\b", "", match["about"])) if match else None


def about_the_sources(
    library: Library, hits: Sequence[Hit], asked: Wanted, *, filters: Filters, most: int
) -> Answer | None:
    """Quotes from the sources that have the words of ``asked.about``; None if none has.

    One quote for each source: at most ten where sources are asked for, else ``most``. Nothing was read for the
    question, so their scores are 0.
    """
    if asked.about and not stems(asked.about):  # "which articles mention it all?"
        return None
    found = list(_mentions(library, hits, asked, filters))
    if not found and asked.kind == "which" and not all(map(library.has_word, stems(asked.about))):
        return Answer("not_found", f"No source mentions “{asked.about}”.")
    if not found:
        return None
    if asked.kind in ("which", "events"):
        named = "One source mentions" if len(found) == 1 else f"{len(found)} sources mention"
        named = named if len(found) <= _MOST else f"More than {_MOST} sources, of which these fit best, mention"
        return _answer(library, found[:_MOST], f"{named} “{asked.about}”.")
    main = [begun for quote in found if (begun := _begun(library, quote, stems(asked.about)))]
    titled = [quote for quote in main if stems(asked.about) <= stems(quote.title)]
    if asked.kind in ("opening", "topic"):
        begin = titled or (main if asked.kind == "opening" else [])
        said = "No summary is written here. This is how the sources begin."
        return _answer(library, begin[:most], said) if begin else None
    if asked.kind == "byline":
        return byline(library, titled[0]) if titled else None
    dated = [quote for quote in main or found if quote.published]
    dated.sort(key=lambda quote: quote.published, reverse=asked.kind == "newest")
    if not dated:
        return None
    which = f"The {asked.kind} source{' about it' * bool(asked.about)} is dated {date_words(dated[0].published)}."
    return _answer(library, dated[:most], which)


def opening(library: Library, quote: Quote) -> Answer:
    """How the source of a quote begins."""
    begun = _begun(library, quote, set()) or quote
    return _answer(library, [begun], "No summary is written here. This is how the source begins.")


def byline(library: Library, quote: Quote) -> Answer:
    """Who wrote the source of a quote, and when, as far as it is known; how it begins."""
    said = [f"is by {quote.author}" if quote.author else "names no author"]
    said += [f"published by {quote.publisher}"] * bool(quote.publisher)
    said += [f"dated {date_words(quote.published)}" if quote.published else "without a date"]
    begun = _begun(library, quote, set()) or quote
    return _answer(library, [begun], f"“{quote.title or quote.uri}” {', '.join(said)}.")


def _mentions(library: Library, hits: Sequence[Hit], asked: Wanted, filters: Filters) -> Iterator[Quote]:
    """For each source of which a passage, with the title, has all words that are asked for: the sentence with most of
    them. The words of a date stand in one sentence."""
    within = stems(asked.about)
    ids = [hit.passage_id for hit in hits]
    passages, texts, owners = library.passages(ids), library.passage_texts(ids), library.owners(ids, filters)
    seen = set[str]()
    for hit in hits:
        documents, text = owners.get(hit.passage_id, []), texts.get(hit.passage_id, "")
        if not documents or documents[0].id in seen or is_list_of_references(passages[hit.passage_id].heading):
            continue
        if within <= stems(f"{documents[0].title} {text}"):
            start, end = max(sentences(text), key=lambda span: _fit(text[slice(*span)], within))
            if asked.kind == "events" and not within <= stems(text[start:end]):
                continue
            seen |= {document.id for document in documents}
            reading = Reading(0.0, 0.0, (), (Span(start, end, 1.0),))
            yield quoted(Candidate(hit, passages[hit.passage_id], text, reading, tuple(documents)))


def _fit(sentence: str, within: set[str]) -> tuple[int, bool]:
    return len(within & stems(sentence)), bool(_PROSE.fullmatch(sentence))


def _begun(library: Library, quote: Quote, within: set[str]) -> Quote | None:
    """How the source of ``quote`` begins, with its first paragraph; None where that and its title lack a word."""
    document = library.find(quote.document_id, quote.revision)
    if document is None:
        return None
    spans = [span for _, run in sections(document, (0, _TOP)) for span in run]
    first = next((n for n, (a, b) in enumerate(spans) if _PROSE.fullmatch(document.text, a, b)), 0)
    start, end = spans[first] if spans else (quote.start, quote.end)
    for a, b in spans[first + 1 :]:
        if b - start > _OPENING or "\n\n" in document.text[end:a]:
            break
        end = b
    if not within <= stems(f"{document.title} {document.text[start:end]}"):
        return None
    copies = tuple(source for source in quote.also_in if source.revision == quote.revision)
    return replace(quote, text=document.text[start:end], start=start, end=end, heading="", also_in=copies)


def _answer(library: Library, quotes: Sequence[Quote], reason: str) -> Answer:
    found = [(quote, library.find(quote.document_id, quote.revision)) for quote in quotes]
    here = [placed(replace(quote, score=0.0), document) for quote, document in found if document]
    if not here:
        return Answer("not_found", "The source you mean is not there any more.")
    return Answer("answered", reason, tuple(replace(quote, rank=rank) for rank, quote in enumerate(here, start=1)))
