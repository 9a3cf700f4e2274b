"""What the sources say, or the one of a shown quote: search, read, rank, compose. Each stage is told first."""

from __future__ import annotations

import time
from collections.abc import Generator, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from typing import Literal, NamedTuple

from rag.answer import compose, unmarked
from rag.around import shown_again, whole
from rag.config import Settings
from rag.conversation import candidates, pooled
from rag.extremes import compared
from rag.latest import latest
from rag.lexicon import ASKING, is_statement
from rag.lookup import looked_up
from rag.overview import Scope, of_all, of_words, silent_on
from rag.ranking import rank
from rag.reading import Asked, abbreviated, in_their_words, is_enough, read_again, read_for, read_on
from rag.search import read_first, search, worth_reading
from rag.store import Library
from rag.text import fold
from rag.types import EVERYTHING, Answer, Candidate, Encoder, Filters, Hit, Reader, Resolution, Turn
from rag.wanted import Wanted, either


class Stage(NamedTuple):
    """What is about to be done: search this many sources, read this many passages."""

    name: Literal["search", "read"]
    many: int


Found = Generator[Stage, None, tuple[Resolution, Answer]]
Listed = Generator[Stage, None, Answer | None]


@dataclass(frozen=True, slots=True)
class Finder:
    """A library and the models that it is searched and read with."""

    library: Library
    encoder: Encoder
    reader: Reader
    settings: Settings

    def of_a_quote(self, resolution: Resolution, turns: Sequence[Turn], timings: dict[str, float]) -> Found:
        """What the quote's source says of what was asked; else the quote itself, with what stands around it."""
        if resolution.quote_rank is None:
            return resolution, Answer("not_found", resolution.reason)
        if candidates(resolution):
            asked = Asked(resolution, resolution.query, resolution.query)
            resolution, answer = yield from self.from_sources(asked, timings)
            if answer.status != "not_found":
                first = fold(resolution.query.split()[0]).partition("'")[0]  # "what" of "what's"
                return resolution, answer if first in ASKING else unmarked(answer)
        again = shown_again(self.library, resolution.quote_rank, turns, resolution.query)
        if candidates(resolution) and again.quotes:
            again = replace(again, status="related", reason=f"Nothing in its source was found on that. {again.reason}")
        return replace(resolution, alternatives=(), filters=EVERYTHING), again

    def of_the_sources(self, wanted: Wanted, scope: Scope, timings: dict[str, float]) -> Listed:
        """Which sources mention something, how they begin, what the newest says; None if none has the words."""
        yield Stage("search", self.library.count(scope.filters))
        with timed(timings, "search"):
            if wanted.without:
                scope = silent_on(self.library, wanted.without, scope)
            if not wanted.about or wanted.kind == "titled":
                documents = self.library.documents(scope.filters)
                return of_all(self.library, documents, wanted, scope)
            hits = pooled([self._search(about, scope.filters) for about in either(wanted.about)])
            answer = of_words(self.library, hits, wanted, scope)
            return replace(answer, trace=tuple(hits)) if answer else None

    def from_sources(self, asked: Asked, timings: dict[str, float]) -> Found:
        """What the sources say; the hits behind it, in their final order, are the trace."""
        settings, resolution = self.settings, asked.resolution
        yield Stage("search", self.library.count(resolution.filters))
        with timed(timings, "search"):
            rankings = [self._search(query, resolution.filters) for query in candidates(resolution)]
            hits, to_ask = pooled(rankings), not is_statement(resolution.query)
            best, question = hits[: settings.read], asked.question
            if to_ask:
                question = in_their_words(self.library, question, best)
                short = abbreviated(self.library, question, best)
                question += f" ({short})" * bool(short)
            if question != asked.question:
                asked = replace(asked, question=question)
                hits = pooled([*rankings, self._search(asked.question, resolution.filters)])
        asked, read = yield from self._read(asked, hits, timings)
        with timed(timings, "read"):
            tried = {candidate.hit.passage_id for candidate in read}
            here = self.library.owners(tried)  # some may have gone meanwhile
            read = [candidate for candidate in read if candidate.passage.id in here]
            ranked = rank(read, self.reader.calibration, asked=to_ask)
            ranked = read_again(self.reader, asked.question, ranked)
            here = self.library.owners(here)
            ranked = [item for item in ranked if item.candidate.passage.id in here]
            ranked = compared(self.library, asked.question, ranked)
            ranked = looked_up(asked.question, ranked)
            ranked = latest(asked.question, ranked, self.reader.calibration.answered_at["balanced"])
        with timed(timings, "answer"):
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
        with timed(timings, "read"):
            asked, read = read_for(self.library, self.reader, asked, few)
            enough = len(few) == len(chosen) or is_enough(self.reader, asked.question, read)
        if not enough:
            yield Stage("read", len(chosen))
            with timed(timings, "read"):
                read += read_on(self.library, self.reader, asked, [hit for hit in chosen if hit not in few])
        return asked, read

    def unfiltered(self, resolution: Resolution, answer: Answer, wider: Asked, timings: dict[str, float]) -> Found:
        """A second try where words were taken for a filter: "before 2007" may be about the events, not the sources."""
        again, found = yield from self.from_sources(wider, timings)
        if found.status in ("not_found", answer.status):
            return resolution, answer
        every = "all" if again.filters == EVERYTHING else "all chosen"
        reason = f"{resolution.reason} Nothing there answers it, so {every} sources were searched."
        return replace(again, reason=reason), found

    def _search(self, query: str, filters: Filters) -> list[Hit]:
        return search(self.library, self.encoder, query, depth=self.settings.depth, filters=filters)


@contextmanager
def timed(timings: dict[str, float], stage: str) -> Iterator[None]:
    """Adds the milliseconds that its block takes."""
    start = time.perf_counter()
    yield
    timings[stage] = timings.get(stage, 0.0) + (time.perf_counter() - start) * 1000
