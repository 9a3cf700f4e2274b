"""One question through the product, told in the data set's own document names. No private shortcuts."""

from __future__ import annotations

import time
from collections.abc import Iterable, Mapping, Sequence

from eval.names import Names
from eval.types import Prediction, Question, Quoted, Ranking
from rag.assistant import Assistant
from rag.config import Settings
from rag.search import search
from rag.store import Library
from rag.types import Hit, Quote, Turn

WANTED = 100  # documents in a ranking, where the collection has as many
_STEP = 1e-6


class Product:
    """The library under test, with its assistant. ``texts``: the data set's name -> canonical text."""

    def __init__(
        self, library: Library, settings: Settings, assistant: Assistant, names: Names, texts: Mapping[str, str]
    ) -> None:
        self.library, self.settings, self.assistant = library, settings, assistant
        self.names, self.texts, self.encoder = names, texts, assistant.encoder
        self._holders: dict[int, tuple[str, ...]] = {}
        self._passages = library.stats()["passages"]

    def ask(self, question: Question, turns: Sequence[Turn]) -> tuple[Prediction, Turn]:
        """The whole pipeline. Raises RagError as the product does."""
        started = time.perf_counter()
        turn = self.assistant.ask(question.question, turns)
        wall = 1000 * (time.perf_counter() - started)
        answer, query = turn.answer, turn.resolution.query
        short = answer.short
        prediction = Prediction(
            id=question.id,
            question=question.question,
            query=query,
            status=answer.status,
            confidence=float(answer.confidence),
            answer={
                "text": short.text,
                "document_id": self.names.of[short.document_id],
                "start": short.start,
                "end": short.end,
                "confidence": round(float(short.confidence), 6),
            }
            if short
            else None,
            quotes=tuple(map(self._quoted, answer.quotes)),
            retrieved=self._deep(query, answer.trace),
            timings_ms={**answer.timings_ms, "ask": wall},
            stages=self.stages(question, query, answer.trace),
            resolution=turn.resolution.kind,
        )
        return prediction, turn

    def retrieve(self, question: Question) -> Prediction:
        """Retrieval only: the question as typed, nothing read, nothing answered."""
        started = time.perf_counter()
        hits = search(self.library, self.encoder, question.question, depth=self.settings.depth)
        wall = 1000 * (time.perf_counter() - started)
        stages = self.stages(question, question.question, hits)
        return Prediction(
            id=question.id,
            question=question.question,
            query=question.question,
            status="related" if hits else "not_found",
            confidence=0.0,
            answer=None,
            quotes=(),
            retrieved=self._deep(question.question, hits),
            timings_ms={"search": wall},
            stages=stages,
        )

    def stages(self, question: Question, query: str, hits: Sequence[Hit]) -> dict[str, Ranking]:
        """The ranking of each channel alone and fused; for turns also of the raw question and of the rewrite.

        Every hit keeps its fused score through reading, so the fused order is read off the hits themselves.
        """
        depth = self.settings.depth
        vector = self.encoder.encode([query])[0]
        fused = sorted(hits, key=lambda hit: (-hit.score, hit.passage_id))
        found = {
            "dense": self.ranking(self.library.dense(vector, depth)),
            "lexical": self.ranking(self.library.lexical(query, depth)),
            "fused": self.ranking((hit.passage_id, hit.score) for hit in fused),
        }
        if question.conversation:
            forms = (question.question, question.rewrite or question.question)
            searched = {text: self._fused(text) for text in dict.fromkeys(forms)}
            found |= {"raw": searched[forms[0]], "rewrite": searched[forms[1]]}
        return found

    def _fused(self, query: str) -> Ranking:
        hits = search(self.library, self.encoder, query, depth=self.settings.depth)
        return self.ranking((hit.passage_id, hit.score) for hit in hits)

    def ranking(self, scored: Iterable[tuple[int, float]]) -> Ranking:
        """Documents by their best passage. A passage that several documents hold stands for each of them, in order of
        name. Scores are made to fall strictly, so that sorting by score gives the same order again.
        """
        pairs = list(scored)
        missing = [number for number, _ in pairs if number not in self._holders]
        for number, holders in self.library.owners(missing).items():
            self._holders[number] = tuple(sorted(self.names.of[document.id] for document in holders))
        found: dict[str, float] = {}
        last = float("inf")
        for number, score in pairs:
            for name in self._holders.get(number, ()):
                if name not in found:
                    last = found[name] = round(min(score, last - _STEP), 6)
        return tuple(found.items())

    def _deep(self, query: str, hits: Sequence[Hit]) -> Ranking:
        """The final order, with a deeper search behind it until there are 100 documents or no more passages."""
        scored = [(hit.passage_id, hit.score) for hit in hits]
        wanted, depth = min(WANTED, len(self.names)), self.settings.depth
        found = self.ranking(scored)
        while len(found) < wanted and depth < self._passages:
            depth = min(2 * depth, self._passages)
            known = {number for number, _ in scored}
            more = search(self.library, self.encoder, query, depth=depth)
            scored += [(hit.passage_id, hit.score) for hit in more if hit.passage_id not in known]
            found = self.ranking(scored)
        return found

    def _quoted(self, quote: Quote) -> Quoted:
        def holds(name: str) -> bool:
            return self.texts[name][quote.start : quote.end] == quote.text

        documents = (quote.document_id, *(source.document_id for source in quote.also_in))
        name, *others = (self.names.of[identity] for identity in documents)
        copies = tuple(sorted(filter(holds, others)))
        return Quoted(name, quote.start, quote.end, quote.text, float(quote.score), holds(name), copies)
