"""The nouns of the evaluation. Document ids here are always the data set's own, never the library's."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from rag.errors import RagError

Ranking = tuple[tuple[str, float], ...]  # (document id, score), best first, each document once


class DataError(RagError):
    """The data set cannot be used at all: a missing file, an unknown layout, nothing left to ask."""


@dataclass(frozen=True, slots=True)
class Problem:
    """One broken place of the input. It is reported, and its effect is said: nothing is skipped in silence."""

    file: str
    line: int  # counts from 1; 0 where the whole file is meant
    what: str

    def __str__(self) -> str:
        return f"{self.file}:{self.line}: {self.what}" if self.line else f"{self.file}: {self.what}"


@dataclass(frozen=True, slots=True)
class SourceText:
    """A document as the data set holds it. Offsets of quotes count in ``text``, which is ingested unchanged."""

    id: str
    text: str
    title: str = ""


@dataclass(frozen=True, slots=True)
class GoldQuote:
    """Where the answer stands. ``start`` and ``end`` are None where the data set gives the words only."""

    document_id: str
    text: str
    start: int | None = None
    end: int | None = None


@dataclass(frozen=True, slots=True)
class Question:
    """One question with what is known about its answer. Empty fields mean "not judged", never "none"."""

    id: str
    question: str
    answers: tuple[str, ...] = ()
    relevant: Mapping[str, int] = field(default_factory=dict)  # document id -> grade; 0 is judged not relevant
    quote: GoldQuote | None = None
    also: tuple[GoldQuote, ...] = ()  # other quotes that are as good
    unanswerable: bool = False
    near_miss: bool = False  # unanswerable, but the collection is about it
    type: str = ""
    conversation: str = ""  # turns of one conversation stand together, in order
    turn: int = 0  # counts from 1; 0 outside conversations
    rewrite: str = ""  # a person's standalone form of a follow-up
    line: int = 0  # in the data set's file

    @property
    def gold(self) -> dict[str, int]:
        """The documents that are relevant, without those that are judged not to be."""
        return {name: grade for name, grade in self.relevant.items() if grade > 0}

    @property
    def expected(self) -> str:
        """The right outcome: answered, related (near miss) or not_found."""
        if not self.unanswerable:
            return "answered"
        return "related" if self.near_miss else "not_found"


@dataclass(frozen=True, slots=True)
class Dataset:
    """Questions, and either the documents themselves or a folder to ingest; neither for an existing collection."""

    name: str
    format: str
    questions: tuple[Question, ...]
    documents: tuple[SourceText, ...] = ()
    sources: Path | None = None
    problems: tuple[Problem, ...] = ()
    file: str = ""  # the name of the file that holds the questions


@dataclass(frozen=True, slots=True)
class Quoted:
    """A quote as the product gave it. ``exact``: ``text == document[start:end]``, checked against the source.

    ``copies``: other documents that it credits and that hold the same text at the same place.
    """

    document_id: str
    start: int
    end: int
    text: str
    score: float
    exact: bool = True
    copies: tuple[str, ...] = ()

    @property
    def documents(self) -> tuple[str, ...]:
        """Every document that the quote is a slice of."""
        return (self.document_id, *self.copies)


@dataclass(frozen=True, slots=True)
class Prediction:
    """What the product did with one question, with the ranking after each stage."""

    id: str
    question: str
    query: str
    status: str
    confidence: float
    answer: Mapping[str, object] | None
    quotes: tuple[Quoted, ...]
    retrieved: Ranking
    timings_ms: Mapping[str, float] = field(default_factory=dict)
    stages: Mapping[str, Ranking] = field(default_factory=dict)  # dense, lexical, fused, raw, rewrite
    resolution: str = "standalone"

    @property
    def sure(self) -> float:
        """How likely the product says it is that its first quote answers; 0 where it quotes nothing."""
        return self.quotes[0].score if self.quotes else 0.0

    @property
    def answer_text(self) -> str:
        """The short answer, "" where the product gave none."""
        return str(self.answer["text"]) if self.answer else ""
