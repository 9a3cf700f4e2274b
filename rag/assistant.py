"""The main path: resolve -> search -> read -> answer. Everything else serves these few lines."""

from __future__ import annotations

import time
from collections.abc import Generator, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from functools import cached_property
from typing import Literal, NamedTuple

from rag.answer import compose, unmarked
from rag.around import gone_on, shown_again, whole
from rag.config import Settings
from rag.conversation import (
    Known,
    TermScorer,
    candidates,
    confined,
    goes_on,
    known,
    narrowed,
    pooled,
    resolve,
    wants_more,
)
from rag.errors import QuestionError
from rag.extremes import compared
from rag.lexicon import ASKING, is_statement
from rag.models import load_encoder, load_reader, load_terms
from rag.ranking import rank
from rag.reading import Asked, abbreviated, is_enough, read_again, read_for, read_on
from rag.search import read_first, search, worth_reading
from rag.store import Library
from rag.text import fold
from rag.types import EVERYTHING, Answer, Candidate, Encoder, Filters, Hit, Reader, Resolution, Turn

LONGEST_QUESTION = 2000  # characters


class Stage(NamedTuple):
    """What the assistant is about to do: search this many sources (0: the chosen ones), read this many passages."""

    name: Literal["search", "read"]
    many: int


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

    @cached_property
    def terms(self) -> TermScorer:
        """The model that says which words of a conversation a question needs."""
        return load_terms(cache_dir=self.settings.cache_dir)

    def warm_up(self) -> None:
        """Load the models, so that neither the first question nor the first follow-up waits for them."""
        self.reader.read("ready?", ["Ready."])
        _ = self.terms

    def search(self, query: str, *, depth: int = 0, filters: Filters = EVERYTHING) -> list[Hit]:
        """The hits for these very words, best first, unread: up to ``depth`` of each channel, or as many as the
        settings say. Raises :class:`LibraryError` if the collection was made with another encoder."""
        return search(self.library, self.encoder, query, depth=depth or self.settings.depth, filters=filters)

    def ask(
        self,
        question: str,
        turns: Sequence[Turn] = (),
        *,
        raw: bool = False,
        filters: Filters | None = None,
        only: bool = False,
    ) -> Turn:
        """Answer ``question`` as the next turn after ``turns``; ``raw`` searches the words as they were typed.

        ``filters`` are added to those that the question says in words; with ``only``, or if they are ``Filters()``,
        they stand instead.
        Raises :class:`QuestionError` if the question is empty or longer than 2,000 characters. "Nothing found" is
        an answer, not an error.
        """
        steps = self.steps(question, turns, raw=raw, filters=filters, only=only)
        while True:
            try:
                next(steps)
            except StopIteration as done:
                turn: Turn = done.value
                return turn

    def steps(
        self,
        question: str,
        turns: Sequence[Turn] = (),
        *,
        raw: bool = False,
        filters: Filters | None = None,
        only: bool = False,
    ) -> Generator[Stage, None, Turn]:
        """:meth:`ask`, telling each stage before it begins."""
        question, timings = _checked(question), dict[str, float]()
        with _timed(timings, "resolve"):
            instead = filters is not None and (only or filters == Filters())
            resolution = _as_typed(question) if raw else self._resolve(question, turns, plain=instead)
            if filters is not None and resolution.quote_rank is not None:  # the source is that of the quote
                resolution = confined(resolution, narrowed(filters, resolution.filters))
            elif filters is not None:
                resolution = confined(resolution, filters if instead else narrowed(resolution.filters, filters))
        if resolution.kind == "command":
            answer = self._about_the_library()
        elif resolution.kind == "reference":
            resolution, answer = yield from self._of_a_quote(resolution, turns, timings)
        else:
            asked = Asked(resolution, resolution.query, question, goes_on(resolution, turns))
            resolution, answer = yield from self._from_sources(asked, timings)
            if answer.status != "answered" and resolution.filters != (filters or Filters()):
                wider = confined(self._resolve(question, turns, plain=True), filters or Filters())
                asked = replace(asked, resolution=wider, question=wider.query)
                resolution, answer = yield from self._unfiltered(resolution, answer, asked, timings)
            if resolution.kind == "continuation" and wants_more(question):
                answer = gone_on(self.library, answer, turns)
        return Turn(question, resolution, replace(answer, timings_ms=timings))

    def _resolve(self, question: str, turns: Sequence[Turn], *, plain: bool) -> Resolution:
        """``plain``: no words are taken for filters, all of them are read."""
        sources = replace(self.library.derived(_known), plain=plain)
        return resolve(question, turns, terms=self.terms if turns else None, sources=sources)

    def _of_a_quote(
        self, resolution: Resolution, turns: Sequence[Turn], timings: dict[str, float]
    ) -> Generator[Stage, None, tuple[Resolution, Answer]]:
        """What the quote's source says of what was asked; else the quote itself, with what stands around it."""
        if resolution.quote_rank is None:
            return resolution, Answer("not_found", resolution.reason)
        if candidates(resolution):
            asked = Asked(resolution, resolution.query, resolution.query)
            resolution, answer = yield from self._from_sources(asked, timings)
            if answer.status != "not_found":
                return resolution, answer if fold(resolution.query.split()[0]) in ASKING else unmarked(answer)
        again = shown_again(self.library, resolution.quote_rank, turns)
        if candidates(resolution) and again.quotes:
            again = replace(again, status="related", reason=f"Nothing in its source was found on that. {again.reason}")
        return replace(resolution, alternatives=(), filters=Filters()), again

    def _from_sources(
        self, asked: Asked, timings: dict[str, float]
    ) -> Generator[Stage, None, tuple[Resolution, Answer]]:
        settings, resolution = self.settings, asked.resolution
        yield Stage("search", 0 if resolution.filters != Filters() else len(self.library.documents()))
        with _timed(timings, "search"):
            rankings = [self.search(query, filters=resolution.filters) for query in candidates(resolution)]
            hits, to_ask = pooled(rankings), not is_statement(resolution.query)
            if to_ask and (short := abbreviated(self.library, asked.question, hits[: settings.read])):
                asked = replace(asked, question=f"{asked.question} ({short})")
                hits = pooled([*rankings, self.search(asked.question, filters=resolution.filters)])
        asked, read = yield from self._read(asked, hits, timings)
        with _timed(timings, "read"):
            tried = {candidate.hit.passage_id for candidate in read}
            here = self.library.owners(tried)  # some may have gone meanwhile
            read = [candidate for candidate in read if candidate.passage.id in here]
            ranked = rank(read, self.reader.calibration, asked=to_ask)
            ranked = read_again(self.reader, asked.question, ranked)
            here = self.library.owners(here)
            ranked = [item for item in ranked if item.candidate.passage.id in here]
            ranked = compared(self.library, asked.question, ranked)
        with _timed(timings, "answer"):
            answer = compose(ranked, self.reader.calibration, mode=settings.mode, most=settings.quotes)
            answer = whole(answer, asked.question, self.library)
        trace = [item.candidate.hit for item in ranked] + [hit for hit in hits if hit.passage_id not in tried]
        placed = tuple(replace(hit, rank=place) for place, hit in enumerate(trace, start=1))
        return asked.resolution, replace(answer, trace=placed)

    def _read(
        self, asked: Asked, hits: Sequence[Hit], timings: dict[str, float]
    ) -> Generator[Stage, None, tuple[Asked, list[Candidate]]]:
        """The best hits, read: where that is much, more than a few only if none of these is clearly the best."""
        chosen = worth_reading(hits, self.settings.read)
        passages = self.library.passages([hit.passage_id for hit in chosen]).values()
        few = read_first(asked.resolution.query, chosen, sum(each.end - each.start for each in passages))
        yield Stage("read", len(few))
        with _timed(timings, "read"):
            asked, read = read_for(self.library, self.reader, asked, few)
            enough = len(few) == len(chosen) or is_enough(self.reader, asked.question, read)
        if not enough:
            yield Stage("read", len(chosen))
            with _timed(timings, "read"):
                read += read_on(self.library, self.reader, asked, [hit for hit in chosen if hit not in few])
        return asked, read

    def _unfiltered(
        self, resolution: Resolution, answer: Answer, wider: Asked, timings: dict[str, float]
    ) -> Generator[Stage, None, tuple[Resolution, Answer]]:
        """A second try where words were taken for a filter: "before 2007" may be about the events, not the sources."""
        again, found = yield from self._from_sources(wider, timings)
        if found.status in ("not_found", answer.status):
            return resolution, answer
        every = "all" if again.filters == Filters() else "all chosen"
        reason = f"{resolution.reason} Nothing there answers it, so {every} sources were searched."
        return replace(again, reason=reason), found

    def _about_the_library(self) -> Answer:
        """For "help" and the like."""
        documents = self.library.documents()
        dates = sorted(document.published for document in documents if document.published)
        some = f"{len(dates)} of them " if len(dates) < len(documents) else ""
        when = f", {some}dated {' to '.join(dict.fromkeys((dates[0], dates[-1])))}" if dates else ""
        many = f"{len(documents)} sources" if len(documents) != 1 else "one source"
        return Answer("not_found", f"Ask about the {many} in this collection{when}; every answer is a quote.")


def _checked(question: str) -> str:
    question = " ".join(question.encode(errors="replace").decode().split())  # lone surrogates are no text
    if not question:
        raise QuestionError("the question is empty", fix="type a question")
    if len(question) > LONGEST_QUESTION:
        why = f"at most {LONGEST_QUESTION:,} are read"
        raise QuestionError(f"the question has {len(question):,} characters", why=why, fix="shorten it")
    return question


def _as_typed(question: str) -> Resolution:
    return Resolution("raw", question, "Searched in your own words, as you asked.")


def _known(library: Library) -> Known:
    return known(library.documents())


@contextmanager
def _timed(timings: dict[str, float], stage: str) -> Iterator[None]:
    start = time.perf_counter()
    yield
    timings[stage] = timings.get(stage, 0.0) + (time.perf_counter() - start) * 1000
