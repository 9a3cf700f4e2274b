"""Questions with their predictions, and what a measure is."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

from eval.bootstrap import Aggregate
from eval.ranking import evaluate
from eval.types import Prediction, Question, Ranking

Row = tuple[float, ...]
STAGES = ("dense", "lexical", "fused", "final")
NOTHING = Prediction("", "", "", "not_found", 0.0, None, (), ())


class Cases:
    """Questions with their predictions, and the ranking measures of each stage (computed once)."""

    def __init__(self, questions: Sequence[Question], predictions: Mapping[str, Prediction]) -> None:
        self.questions, self.predictions = questions, predictions
        self._ranked: dict[str, dict[str, dict[str, float]]] = {}

    def __iter__(self) -> Iterator[tuple[Question, Prediction]]:
        return ((question, self.predictions.get(question.id, NOTHING)) for question in self.questions)

    def ranked(self, stage: str) -> dict[str, dict[str, float]]:
        """Metric -> question id -> value of one stage; all empty if no question has that stage."""
        if stage not in self._ranked:
            found: dict[str, Ranking] = {
                name: p.retrieved if stage == "final" else p.stages.get(stage, ())
                for name, p in self.predictions.items()
            }
            applies = stage == "final" or any(stage in p.stages for p in self.predictions.values())
            asked = self.questions if applies else ()
            self._ranked[stage] = evaluate(asked, found)
        return self._ranked[stage]

    @cached_property
    def judged(self) -> list[tuple[Question, Prediction]]:
        """The questions whose answer is known or known not to exist."""
        return [(q, p) for q, p in self if q.answers or q.unanswerable]


@dataclass(frozen=True, slots=True)
class Measure:
    """``gate``: a significant loss of it fails a comparison."""

    name: str
    group: str
    formula: str
    citation: str
    rows: Callable[[Cases], dict[str, Row]]
    aggregate: Aggregate
    higher_is_better: bool = True
    gate: bool = False
