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
    known,
    literal,
    narrowed,
    pooled,
    resolve,
    wants_more,
)
from rag.errors import QuestionError
from rag.extremes import compared
from rag.lexicon import ASKING, is_statement
from rag.models import load_encoder, load_reader, load_terms
from rag.ranking import DECIDING, rank
from rag.search import is_enough, read_again, read_first, read_hits, search, worth_reading
from rag.store import Library
from rag.text import abbreviations, fold
from rag.types import Answer, Candidate, Encoder, Filters, Hit, Reader, Resolution, Turn

LONGEST_QUESTION = 2000  # characters
_TRIED, _MARGIN = 4, 0.15  # passages read for the words as typed as well, and how much surer they must be to win


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
            if filters is not None:
                resolution = confined(resolution, filters if instead else narrowed(resolution.filters, filters))
        if resolution.kind == "command":
            answer = self._about_the_library()
        elif resolution.kind == "reference":
            resolution, answer = yield from self._of_a_quote(resolution, turns, timings)
        else:
            resolution, answer = yield from self._from_sources(resolution, question, timings)
            if answer.status != "answered" and resolution.filters != (filters or Filters()):
                wider = confined(self._resolve(question, turns, plain=True), filters or Filters())
                resolution, answer = yield from self._unfiltered(resolution, answer, wider, question, timings)
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
            resolution, answer = yield from self._from_sources(resolution, resolution.query, timings)
            if answer.status != "not_found":
                return resolution, answer if fold(resolution.query.split()[0]) in ASKING else unmarked(answer)
        again = shown_again(self.library, resolution.quote_rank, turns)
        if candidates(resolution) and again.quotes:
            again = replace(again, reason=f"Nothing in its source was found on that. {again.reason}")
        return replace(resolution, alternatives=(), filters=Filters()), again

    def _from_sources(
        self, resolution: Resolution, typed: str, timings: dict[str, float]
    ) -> Generator[Stage, None, tuple[Resolution, Answer]]:
        settings = self.settings
        yield Stage("search", 0 if resolution.filters != Filters() else len(self.library.documents()))
        with _timed(timings, "search"):
            queries = candidates(resolution)
            rankings = [self._search(query, resolution.filters) for query in queries]
            hits, question, asked = pooled(rankings), resolution.query, not is_statement(resolution.query)
            if asked and (short := self._abbreviated(question, hits[: settings.read])):
                question = f"{question} ({short})"
                hits = pooled([*rankings, self._search(question, resolution.filters)])
        resolution, question, read = yield from self._read_enough(resolution, question, typed, hits, timings)
        with _timed(timings, "read"):
            tried = {candidate.hit.passage_id for candidate in read}
            here = self.library.owners(tried)  # some may have gone meanwhile
            read = [candidate for candidate in read if candidate.passage.id in here]
            ranked = rank(read, self.reader.calibration, asked=asked)
            ranked = read_again(self.reader, question, ranked)
            here = self.library.owners(here)
            ranked = [item for item in ranked if item.candidate.passage.id in here]
            ranked = compared(self.library, question, ranked)
        with _timed(timings, "answer"):
            answer = compose(ranked, self.reader.calibration, mode=settings.mode, most=settings.quotes)
            answer = whole(answer, question, self.library)
        trace = [item.candidate.hit for item in ranked] + [hit for hit in hits if hit.passage_id not in tried]
        placed = tuple(replace(hit, rank=place) for place, hit in enumerate(trace, start=1))
        return resolution, replace(answer, trace=placed)

    def _read_enough(
        self, resolution: Resolution, query: str, typed: str, hits: Sequence[Hit], timings: dict[str, float]
    ) -> Generator[Stage, None, tuple[Resolution, str, list[Candidate]]]:
        """The best hits, read: where that is much, more than a few only if none of these is clearly the best."""
        chosen = worth_reading(hits, self.settings.read)
        passages = self.library.passages([hit.passage_id for hit in chosen]).values()
        few = read_first(resolution.query, chosen, sum(each.end - each.start for each in passages))
        yield Stage("read", len(few))
        with _timed(timings, "read"):
            resolution, query, read = self._read(resolution, query, typed, few)
            enough = len(few) == len(chosen) or is_enough(self.reader, query, read)
        if not enough:
            yield Stage("read", len(chosen))
            with _timed(timings, "read"):
                read += read_hits(self.library, self.reader, query, [hit for hit in chosen if hit not in few])
        return resolution, query, read

    def _read(
        self, resolution: Resolution, query: str, typed: str, hits: Sequence[Hit]
    ) -> tuple[Resolution, str, list[Candidate]]:
        """The passages, read for the query; for the words as typed where these are answered clearly better."""
        read = read_hits(self.library, self.reader, query, hits)
        if not resolution.carried:
            return resolution, query, read
        tried = read_hits(self.library, self.reader, typed, hits[:_TRIED])
        if self._evidence(tried) <= self._evidence(read[:_TRIED]) + _MARGIN:
            return resolution, query, read
        rest = read_hits(self.library, self.reader, typed, hits[_TRIED:])
        return literal(resolution, typed), typed, [*tried, *rest]

    def _evidence(self, read: Sequence[Candidate]) -> float:
        ranked = rank(read, self.reader.calibration)
        return max((item.evidence for item in ranked[:DECIDING]), default=0.0)

    def _abbreviated(self, question: str, hits: Sequence[Hit]) -> str:
        """What the best passages call something that the question names in full: "the Thousand Talents Plan (TTP)"."""
        texts, folded = self.library.passage_texts([hit.passage_id for hit in hits]), fold(question)
        defined = {long: short for hit in hits for long, short in abbreviations(texts.get(hit.passage_id, "")).items()}
        named = [short for long, short in defined.items() if fold(long) in folded and short not in question]
        return named[0] if named else ""

    def _unfiltered(
        self, resolution: Resolution, answer: Answer, wider: Resolution, typed: str, timings: dict[str, float]
    ) -> Generator[Stage, None, tuple[Resolution, Answer]]:
        """A second try where words were taken for a filter: "before 2007" may be about the events, not the sources."""
        wider, found = yield from self._from_sources(wider, typed, timings)
        if found.status in ("not_found", answer.status):
            return resolution, answer
        every = "all" if wider.filters == Filters() else "all chosen"
        reason = f"{resolution.reason} Nothing there answers it, so {every} sources were searched."
        return replace(wider, reason=reason), found

    def _search(self, query: str, filters: Filters) -> list[Hit]:
        return search(self.library, self.encoder, query, depth=self.settings.depth, filters=filters)

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
