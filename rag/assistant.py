"""The main path: resolve -> search -> read -> answer. Everything else serves these few lines."""

from __future__ import annotations

import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from functools import cached_property

from rag.answer import compose, rank
from rag.config import Settings
from rag.conversation import resolve
from rag.errors import QuestionError
from rag.models import load_encoder, load_reader
from rag.search import search
from rag.store import Library
from rag.types import Answer, Candidate, Encoder, Filters, Hit, Reader, Resolution, Turn

LONGEST_QUESTION = 2000  # characters


class Assistant:
    """Answers questions from one library. Models load at the first question, or at :meth:`warm_up`."""

    def __init__(self, library: Library, settings: Settings | None = None) -> None:
        self.library, self.settings = library, settings or Settings()

    @cached_property
    def encoder(self) -> Encoder:
        """The embedding model that the library is pinned to."""
        return load_encoder(self.library.encoder_name or self.settings.encoder, cache_dir=self.settings.cache_dir)

    @cached_property
    def reader(self) -> Reader:
        """The reader that the settings name."""
        return load_reader(self.settings.reader, encoder=self.encoder, cache_dir=self.settings.cache_dir)

    def warm_up(self) -> None:
        """Load the models, so that the first question does not wait for them."""
        self.reader.read("ready?", ["Ready."])

    def ask(
        self, question: str, turns: Sequence[Turn] = (), *, raw: bool = False, filters: Filters | None = None
    ) -> Turn:
        """Answer ``question`` as the next turn after ``turns``; ``raw`` searches the words as they were typed.

        Raises :class:`QuestionError` if the question is empty or longer than 2,000 characters. "Nothing found" is
        an answer, not an error.
        """
        question = _checked(question)
        timings: dict[str, float] = {}
        with _timed(timings, "resolve"):
            resolution = _as_typed(question) if raw else resolve(question, turns)
            if filters is not None:
                resolution = replace(resolution, filters=filters)
        answer = self.answer(resolution, timings)
        return Turn(question, resolution, replace(answer, timings_ms=timings))

    def answer(self, resolution: Resolution, timings: dict[str, float]) -> Answer:
        """Search, read and compose for a query that is resolved already; fills ``timings`` (stage -> ms)."""
        with _timed(timings, "search"):
            depth = self.settings.depth
            hits = search(self.library, self.encoder, resolution.query, depth=depth, filters=resolution.filters)
        with _timed(timings, "read"):
            candidates = self._read(resolution.query, hits[: self.settings.read])
        with _timed(timings, "answer"):
            calibration = self.reader.calibration
            ranked = rank(candidates, calibration)
            answer = compose(ranked, calibration, mode=self.settings.mode, most=self.settings.quotes)
            order = [item.candidate.hit for item in ranked]
            trace = order + hits[len(order) :]
        return replace(answer, trace=tuple(replace(hit, rank=place) for place, hit in enumerate(trace, start=1)))

    def _read(self, query: str, hits: Sequence[Hit]) -> list[Candidate]:
        ids = [hit.passage_id for hit in hits]
        passages, texts = self.library.passages(ids), self.library.passage_texts(ids)
        owners = self.library.owners(ids)
        found = [hit for hit in hits if hit.passage_id in owners]  # one may have been deleted a moment ago
        readings = self.reader.read(query, [texts[hit.passage_id] for hit in found])
        return [
            Candidate(
                replace(hit, relevance=reading.relevance),
                passages[hit.passage_id],
                texts[hit.passage_id],
                reading,
                tuple(owners[hit.passage_id]),
            )
            for hit, reading in zip(found, readings, strict=True)
        ]


def _checked(question: str) -> str:
    question = " ".join(question.split())
    if not question:
        raise QuestionError("the question is empty", fix="type a question")
    if len(question) > LONGEST_QUESTION:
        raise QuestionError(
            f"the question has {len(question):,} characters",
            why=f"at most {LONGEST_QUESTION:,} are read",
            fix="shorten it",
        )
    return question


def _as_typed(question: str) -> Resolution:
    return Resolution("raw", question, "Searched in your own words, as you asked.")


@contextmanager
def _timed(timings: dict[str, float], stage: str) -> Iterator[None]:
    start = time.perf_counter()
    yield
    timings[stage] = timings.get(stage, 0.0) + (time.perf_counter() - start) * 1000
