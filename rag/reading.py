"""What the reader says of the hits: for the query, for a follow-up in the words as typed too; of quotes once more.

What is read, and how much of it, is decided in :mod:`rag.search`; how readings become an order in :mod:`rag.ranking`.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import NamedTuple

from rag.amounts import lacks_number
from rag.conversation import is_complete, literal, may_be_new
from rag.figures import of_another_number, of_another_year
from rag.layout import BELOW, BETWEEN, last_heading
from rag.lexicon import is_statement, is_yes_no
from rag.models.rows import about_another
from rag.periods import of_another_period, worded
from rag.quoting import fits_by_title, one_of_several, only_asks, quote_range
from rag.ranking import DECIDING, Scored, among, averaged, clear, confirmed, rank
from rag.replies import says_nothing
from rag.speakers import by_whom
from rag.standing import of_another_standing
from rag.store import Library
from rag.text import abbreviations, fold
from rag.types import EVERYTHING, Calibration, Candidate, Filters, Hit, Reader, Reading, Resolution, Span

_EXPLAINED = re.compile(  # a headline says neither why nor how, nor who somebody is who is asked for by name
    r"\W*(?:(?:why|how (?:do|does|did|to|can|is|are|was|were))\b"
    r"|(?P<who>who)(?: is| was|['’]?s) (?!(?:the|an?|in|on|behind|\w+ed)\b))",
    re.IGNORECASE,
)
_LEAD = 200  # characters of title and headings that are read with a passage
_REWORDED = ("filled", "carried", "changed")  # kinds of follow-ups whose words as typed say what is wanted
_TRIED, _MARGIN = 4, 0.15  # passages that say whether the words as typed do better, and how much surer they must be


@dataclass(frozen=True, slots=True)
class Asked:
    """A question on its way to the reader."""

    resolution: Resolution
    question: str  # the passages are read for this
    typed: str
    shown: str = ""  # id of the document that was quoted first in the turn before, where this one goes on from there
    apart: bool = False  # no source has its own words together with those that were carried over

    @property
    def in_both(self) -> bool:
        """Whether the passages are read for both wordings, since words were carried and either says what is wanted."""
        return self.resolution.kind in _REWORDED and bool(self.resolution.carried) and self.question != self.typed


def read_for(library: Library, reader: Reader, asked: Asked, hits: Sequence[Hit]) -> tuple[Asked, list[Candidate]]:
    """The hits, read for ``asked.question`` and, where words were carried into it, for the words as typed too.

    A candidate then gets the mean of both readings (:func:`both`). The words as typed are taken alone where they may be
    a new topic and find at least as much, or where they are clearly better and either only they are answered or their
    best passage is in the document just shown; the ``Asked`` that is returned says which. One candidate per hit, in
    their order, without those whose passage was deleted meanwhile.
    """
    read = _read(library, reader, asked, asked.question, hits)
    if not asked.in_both:
        return asked, read
    typed = _read(library, reader, asked, asked.typed, hits)
    found, alone = (_evidence(reader, each) for each in (read, typed))
    here = bool(typed) and rank(typed, reader.calibration)[0].candidate.goes_on
    on_topic = here and asked.resolution.kind == "carried"  # nothing was said to mean something that would be lost
    least = reader.calibration.answered_at["balanced"]
    only = found < least <= alone and may_be_new(asked.resolution, asked.typed)  # with what was carried nothing answers
    clearly = alone - found > _MARGIN and (on_topic or only)
    if clearly or (alone >= found and (asked.apart or is_complete(asked.resolution, asked.typed))):
        resolution = literal(asked.resolution, asked.typed, here=here)
        return replace(asked, resolution=resolution, question=asked.typed), typed
    return asked, _twice(read, typed)


def read_on(library: Library, reader: Reader, asked: Asked, hits: Sequence[Hit]) -> list[Candidate]:
    """More hits, read as the first ones were."""
    read = _read(library, reader, asked, asked.question, hits)
    return _twice(read, _read(library, reader, asked, asked.typed, hits)) if asked.in_both else read


def _twice(read: Sequence[Candidate], again: Sequence[Candidate]) -> list[Candidate]:
    """The first candidates, each with both readings; one may have been deleted in between."""
    others = {candidate.passage.id: candidate.reading for candidate in again}
    return [replace(one, reading=both(one.reading, others.get(one.passage.id, one.reading))) for one in read]


def both(one: Reading, other: Reading) -> Reading:
    """``one``, with the means of two readings of the same text: of the log odds of relevance, of what the sentences
    score. A query that was made out of a conversation has words too many, the words as typed have too few."""
    sentences = (replace(a, score=(a.score + b.score) / 2) for a, b in zip(one.sentences, other.sentences, strict=True))
    return replace(one, relevance=averaged(one.relevance, other.relevance), sentences=tuple(sentences))


def _read(library: Library, reader: Reader, asked: Asked, words: str, hits: Sequence[Hit]) -> list[Candidate]:
    read = read_hits(library, reader, words, hits, asked.resolution.filters)
    return [replace(each, goes_on=asked.shown in {document.id for document in each.documents}) for each in read]


def _evidence(reader: Reader, read: Sequence[Candidate]) -> float:
    ranked = rank(read, reader.calibration)
    return max((item.evidence for item in ranked[:DECIDING]), default=0.0)


def read_hits(
    library: Library, reader: Reader, query: str, hits: Sequence[Hit], filters: Filters = EVERYTHING
) -> list[Candidate]:
    """The hits with their passages, texts, documents and readings; one that was deleted a moment ago is left out.

    Of the documents that hold a passage those that ``filters`` let through come first: one of them is quoted.
    The reader sees title and headings before the passage, since "the company" says little without them.
    """
    ids = [hit.passage_id for hit in hits]
    passages, texts, owners = library.passages(ids), library.passage_texts(ids), library.owners(ids, filters)
    found = [hit for hit in hits if hit.passage_id in passages and hit.passage_id in owners]
    leads = [lead(owners[hit.passage_id][0].title, passages[hit.passage_id].heading) for hit in found]
    readings = reader.read(query, [ahead + texts[hit.passage_id] for ahead, hit in zip(leads, found, strict=True)])
    candidates = [
        Candidate(
            replace(hit, relevance=reading.relevance),
            passages[hit.passage_id],
            texts[hit.passage_id],
            without_lead(reading, len(ahead)),
            tuple(owners[hit.passage_id]),
        )
        for hit, reading, ahead in zip(found, readings, leads, strict=True)
    ]
    return [replace(each, reading=_by_whom(query, each)) for each in candidates]


def _by_whom(query: str, read: Candidate) -> Reading:
    heading, author = last_heading(read.passage.heading), read.documents[0].author
    return by_whom(query, read.text, read.reading, heading=heading, author=author)


def is_enough(reader: Reader, query: str, read: Sequence[Candidate]) -> bool:
    """Whether one of the passages is clearly the best and can answer, so that reading others would change little."""
    ranked = rank(read, reader.calibration)
    if not clear([item.score for item in ranked]):  # also where all of them were deleted meanwhile
        return False
    first = _quoted(query, ranked[0])
    return not (first.unable or first.other)


def read_again(reader: Reader, query: str, ranked: Sequence[Scored]) -> list[Scored]:
    """The same order, but for quotes that cannot answer: they go last, with no evidence, and speak against no other;
    those about another time or number do speak against others, which seldom know better.

    Those that decide the outcome get the evidence of a second reading, of their quote alone; not where that counts for
    nothing, with a reader whose confidence does not rest on ``answerable``.
    """
    found = [_quoted(query, item) for item in ranked]
    able, unable = ([each for each in found if each.unable == empty] for empty in (False, True))
    if unable:
        items = among([each.item for each in able], reader.calibration)
        able = [each._replace(item=item) for each, item in zip(able, items, strict=True)]
    able, other = ([each for each in able if each.other == apart] for apart in (False, True))
    best = able[: DECIDING if reader.calibration.answered[2] else 0]
    again = reader.read(query, [each.ahead + each.text for each in best])
    return [
        *(_confirmed(each, alone, reader.calibration) for each, alone in zip(best, again, strict=True)),
        *(each.item for each in able[len(best) :]),
        *(replace(each.item, evidence=0.0) for each in (*other, *unable)),
    ]


class _Quoted(NamedTuple):
    """An item, without short answers where these are one of several that are asked for; what stands above it, what
    would be quoted of it, and whether that cannot answer, or is about another time or number."""

    item: Scored
    ahead: str
    text: str
    unable: bool
    other: bool


def _confirmed(quoted: _Quoted, alone: Reading, calibration: Calibration) -> Scored:
    """What is found in the title when the quote is read confirms nothing: it can only lower the evidence."""
    once = quoted.item.candidate.reading.answerable
    if alone.spans and alone.spans[0].start < len(quoted.ahead):
        alone = replace(alone, answerable=min(once, alone.answerable))
    return confirmed(quoted.item, alone, calibration)


def _quoted(query: str, item: Scored) -> _Quoted:
    candidate = item.candidate
    text, reading, heading = candidate.text, candidate.reading, candidate.passage.heading
    start, end = quote_range(text, reading.sentences, heading)
    title, quote = candidate.documents[0].title, text[start:end]
    ahead, above = lead(title, heading), (*reversed(heading.split(BELOW)), title)
    around = f"{ahead}{text} {candidate.documents[0].published}"
    unable = only_asks(text, reading, start, end) or about_another(query, quote, ahead) or lacks_number(query, quote)
    unable = unable or says_nothing(query, quote)
    before = text[text.rfind("\n", 0, start) + 1 : start]
    other = of_another_year(query, quote, around, above[0], before) or of_another_period(query, quote, *above)
    other = other or of_another_number(query, ahead + text) or of_another_standing(query, ahead + quote)
    if wanted := _EXPLAINED.match(query):
        top = max((len(name) for name in (title, above[0]) if text.startswith(name)), default=0)
        spans, below = (tuple(s for s in part if s.end > top) for part in (reading.spans, reading.sentences))
        unable = unable or bool(wanted["who"] and fits_by_title(replace(reading, sentences=below)))
        item = replace(item, candidate=replace(candidate, reading=replace(reading, spans=spans)))
    if not is_yes_no(query):  # no words of a source say "yes": the reader looks for them everywhere
        unable = unable or fits_by_title(reading)
    if one_of_several(query, text, reading, start, end):
        item = replace(item, candidate=replace(candidate, reading=replace(reading, spans=())))
    claim = is_statement(query)  # keeps its order
    return _Quoted(item, ahead, quote, unable and not claim, other and not claim)


def lead(title: str, heading: str) -> str:
    """What stands before a passage when it is read; ends with a blank line, so that no sentence runs on into it.

    >>> lead("Rapidus", "Rapidus > Plans")
    'Rapidus. Plans.\\n\\n'
    """
    parts = [part.strip().rstrip(".") for part in (title, *heading.split(BELOW))]
    named = ". ".join(dict.fromkeys(part for part in parts if part))[:_LEAD].replace(BETWEEN, " - ")  # no row
    return f"{named}.\n\n" if named else ""


def without_lead(reading: Reading, size: int) -> Reading:
    """The reading of a text without its first ``size`` code points; what was found in them is dropped."""
    spans, sentences = (
        tuple(Span(s.start - size, s.end - size, s.score) for s in part if s.start >= size)
        for part in (reading.spans, reading.sentences)
    )
    return replace(reading, spans=spans, sentences=sentences)


def in_their_words(library: Library, question: str, hits: Sequence[Hit]) -> str:
    """The question with its quarters and fiscal years written as the best passages write theirs."""
    return worded(question, list(library.passage_texts([hit.passage_id for hit in hits]).values()))


def abbreviated(library: Library, question: str, hits: Sequence[Hit]) -> str:
    """What the best passages call something that the question names in full: "the Thousand Talents Plan (TTP)"."""
    texts, folded = library.passage_texts([hit.passage_id for hit in hits]), fold(question)
    defined = {long: short for hit in hits for long, short in abbreviations(texts.get(hit.passage_id, "")).items()}
    named = [short for long, short in defined.items() if fold(long) in folded and short not in question]
    return named[0] if named else ""
