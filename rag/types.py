"""The nouns every other module trades in. Imports nothing of ours.

All offsets are half-open code-point ranges ``[start, end)``. Unless a name says otherwise they count from the
beginning of a document's canonical text, so ``document.text[quote.start:quote.end] == quote.text`` always holds.
``question`` is what a person typed, ``query`` is what is searched.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Literal, Protocol

import numpy as np
import numpy.typing as npt

Vectors = npt.NDArray[np.float32]
Status = Literal["answered", "related", "not_found"]
ResolutionKind = Literal[
    "standalone", "carried", "filled", "changed", "continuation", "reference", "correction", "command", "raw"
]


@dataclass(frozen=True, slots=True)
class Anchor:
    """A named range of the canonical text: a page, a section heading with its body, or a table row."""

    kind: Literal["page", "section", "row"]
    label: str
    start: int
    end: int
    level: int = 0  # of a heading: 1 is the outermost; of a page: its physical number; 0 elsewhere


@dataclass(frozen=True, slots=True)
class ReadingReport:
    """What reading a source could not keep: nothing is dropped in silence."""

    encoding: str = "utf-8"
    notes: tuple[str, ...] = ()  # sentences for a person: "page 3 has no text layer"
    dropped: tuple[str, ...] = ()  # the boilerplate lines that were left out, as they stood
    dropped_share: float = 0.0  # of the characters a person would see in the source, in [0, 1]


@dataclass(frozen=True, slots=True)
class Document:
    """One source. ``id`` is derived from ``uri`` alone, ``revision`` from the source's bytes and the text read."""

    id: str
    uri: str
    title: str
    text: str
    revision: str  # sha256 of the bytes, hex; the library puts 8 digits of the text's before it
    media_type: str = "text/plain"
    author: str = ""
    publisher: str = ""
    published: str = ""  # ISO date, possibly partial ("2023", "2023-08"), "" if unknown
    language: str = ""
    link: str = ""  # the public address of the source, "" if it has none
    anchors: tuple[Anchor, ...] = ()
    report: ReadingReport = ReadingReport()

    @property
    def digest(self) -> str:
        """sha256 of the bytes it was read from, hex."""
        return self.revision[-64:]

    @property
    def stored_revision(self) -> str:
        """The revision in a library: the same bytes may be read to other text later, where other offsets hold."""
        return f"{hashlib.sha256(self.text.encode()).hexdigest()[:8]}{self.digest}"

    @property
    def content_id(self) -> str:
        """Equal for documents whose bytes were read to the same title and text: they are stored once."""
        return hashlib.sha256("\0".join((self.digest, self.title, self.text)).encode()).hexdigest()[:32]


@dataclass(frozen=True, slots=True)
class Passage:
    """A run of whole sentences; the unit of retrieval. ``id`` is 63 bits of a hash of the content and the offsets."""

    id: int
    document_id: str
    start: int
    end: int
    heading: str = ""  # path of the headings above it, joined with " > "
    tokens: int = 0  # tiktoken tokens


@dataclass(frozen=True, slots=True)
class Hit:
    """A retrieved passage with the scores that put it there; ``rank`` counts from 1."""

    passage_id: int
    rank: int
    score: float  # fused; higher is better; comparable within one query only
    dense: float | None = None  # cosine in [-1, 1], also where only the other channel returned it
    lexical: float | None = None  # BM25, >= 0
    relevance: float | None = None  # the reader's, in [0, 1]; None where it was not read


@dataclass(frozen=True, slots=True)
class Span:
    """A scored range. Inside a ``Reading`` it counts from the beginning of the passage that was read."""

    start: int
    end: int
    score: float  # in [0, 1]


@dataclass(frozen=True, slots=True)
class Reading:
    """What a reader made of one passage."""

    relevance: float  # in [0, 1]: is the passage about the question?
    answerable: float  # in [0, 1]: does the passage hold an answer?
    spans: tuple[Span, ...] = ()  # short answers, best first, not overlapping; may be empty
    sentences: tuple[Span, ...] = ()  # every sentence of the passage in order, scored as evidence


@dataclass(frozen=True, slots=True)
class Credit:
    """A document credited beside the one quoted, because it says the same."""

    document_id: str
    uri: str
    title: str
    link: str = ""
    revision: str = ""


@dataclass(frozen=True, slots=True)
class Quote:
    """An exact slice of a document: ``text == document.text[start:end]``."""

    rank: int
    text: str
    document_id: str
    revision: str
    start: int
    end: int
    uri: str
    title: str
    passage_id: int
    author: str = ""
    publisher: str = ""
    published: str = ""
    page: str = ""
    heading: str = ""
    link: str = ""  # opens the source at the quote where the format can, "" if there is no public address
    score: float = 0.0  # calibrated probability that it answers, in [0, 1]
    answer_start: int | None = None  # the short answer inside the quote, document offsets
    answer_end: int | None = None
    also_in: tuple[Credit, ...] = ()

    @property
    def documents(self) -> frozenset[str]:
        """All that hold it."""
        return frozenset((self.document_id, *(source.document_id for source in self.also_in)))

    @property
    def answer(self) -> tuple[int, int] | None:
        """Where the words stand that are marked in it."""
        return None if self.answer_start is None or self.answer_end is None else (self.answer_start, self.answer_end)

    @property
    def marked(self) -> str:
        """The words that are marked in it; "" if none are."""
        start, end = self.answer or (self.start, self.start)
        return self.text[start - self.start : end - self.start]


@dataclass(frozen=True, slots=True)
class ShortAnswer:
    """The words that answer, as a slice of a document."""

    text: str
    document_id: str
    start: int
    end: int
    confidence: float  # calibrated, in [0, 1]


@dataclass(frozen=True, slots=True)
class Answer:
    """``related`` carries quotes but no short answer; ``not_found`` carries neither."""

    status: Status
    reason: str  # one sentence for a person
    quotes: tuple[Quote, ...] = ()
    short: ShortAnswer | None = None
    confidence: float = 0.0  # calibrated probability that the library answers the question, in [0, 1]
    timings_ms: Mapping[str, float] = field(default_factory=dict)  # stage -> wall milliseconds
    trace: tuple[Hit, ...] = ()  # every hit in final order, so that an answer can be explained

    @property
    def listed(self) -> bool:
        """Whether the quotes stand for sources that were asked for, and were not read for the question."""
        return self.status == "answered" and not self.short and {quote.score for quote in self.quotes} == {0.0}


@dataclass(frozen=True, slots=True)
class Filters:
    """What a search is confined to. Empty means everything. Dates are ISO and inclusive."""

    since: str = ""
    until: str = ""
    publisher: str = ""
    document_ids: tuple[str, ...] = ()


EVERYTHING = Filters()


@dataclass(frozen=True, slots=True)
class Carried:
    """A word or phrase taken over from earlier in the conversation."""

    text: str
    origin: str  # for a person: "your question 1", "quote [2]"


@dataclass(frozen=True, slots=True)
class Resolution:
    """How a question was turned into the query that is searched."""

    kind: ResolutionKind
    query: str
    reason: str  # one sentence for a person
    carried: tuple[Carried, ...] = ()
    alternatives: tuple[str, ...] = ()  # other candidate queries, the raw question among them; all of a reference's
    quote_rank: int | None = None  # the shown quote that a "reference" is about
    filters: Filters = Filters()
    respelt: tuple[Carried, ...] = ()  # words in the spelling of the sources; their origin is the word as typed


@dataclass(frozen=True, slots=True)
class Turn:
    """One question of a conversation with what became of it."""

    question: str
    resolution: Resolution
    answer: Answer


@dataclass(frozen=True, slots=True)
class Calibration:
    """Turns a reader's scores of the best passage into probabilities; fitted on development data, kept with weights.

    ``answered`` and ``related`` hold the weights of (1, logit(relevance), logit(answerable), cosine) in a logistic
    model, ``answered`` that of the log of the passage's share of the ranking too (``rag.ranking.agreement``), unless it
    has but four weights. ``first`` makes of that evidence, and of the other passages', how likely it is that the first
    one answers.
    """

    ranking: tuple[float, float, float, float]  # of (logit(relevance), logit(answerable), cosine, lexical share)
    answered: tuple[float, ...]
    related: tuple[float, float, float, float]
    answered_at: Mapping[str, float]  # mode -> least probability for "answered"
    related_at: Mapping[str, float]  # mode -> least probability for "related"
    first: tuple[float, float, float] = (0.0, 1.0, 0.0)  # of (1, logit of the best evidence, logit of the next best)


@dataclass(frozen=True, slots=True)
class Candidate:
    """A passage that was retrieved and read: everything an answer is composed from."""

    hit: Hit
    passage: Passage
    text: str
    reading: Reading
    documents: tuple[Document, ...]  # that hold it, the first of them is quoted, without their texts
    goes_on: bool = False  # its source was quoted first in the turn before, and this question goes on from there


class Encoder(Protocol):
    """Texts to unit vectors."""

    name: str
    dim: int
    max_tokens: int  # wordpieces, special tokens included; longer input would be cut

    def encode(self, texts: Sequence[str]) -> Vectors:
        """float32 (n, dim), unit rows, in the order given."""

    def count_tokens(self, texts: Sequence[str]) -> list[int]:
        """Wordpieces per text, special tokens included."""


class Reader(Protocol):
    """Judges passages for a question."""

    name: str
    calibration: Calibration

    def read(self, question: str, texts: Sequence[str]) -> list[Reading]:
        """One reading per text, in the order given; each text is read on its own."""
