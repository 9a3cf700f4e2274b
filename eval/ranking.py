"""Ranking measures, computed by ir-measures (MacAvaney et al. 2022, doi:10.1007/978-3-030-99739-7_38)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import NamedTuple

from eval.types import Question, Ranking


class Metric(NamedTuple):
    """A ranking measure and how it is asked for."""

    name: str
    code: str  # how ir-measures spells it
    formula: str
    citation: str


_RECALL = "relevant documents among the first {k} / relevant documents"
METRICS = (
    *(Metric(f"recall@{k}", f"R@{k}", _RECALL.format(k=k), "van Rijsbergen 1979, ch. 7") for k in (1, 5, 10, 20, 100)),
    Metric("success@3", "Success@3", "1 if a relevant document is among the first 3", "ir-measures, Success"),
    Metric("MRR@10", "RR@10", "1 / rank of the first relevant document, 0 beyond 10", "Voorhees 1999, TREC-8 QA"),
    Metric("nDCG@10", "nDCG@10", "sum grade / log2(rank + 1), over the ideal order's", "Jarvelin & Kekalainen 2002"),
)


def counted(question: Question, ranking: Ranking) -> Ranking:
    """The ranking without the document that is the question itself: in BEIR's ArguAna and Quora questions are documents
    too, and its own evaluation leaves out a document of the question's id. One that is judged stays.
    """
    return tuple(pair for pair in ranking if pair[0] != question.id or pair[0] in question.relevant)


def evaluate(questions: Sequence[Question], rankings: Mapping[str, Ranking]) -> dict[str, dict[str, float]]:
    """Metric name -> question id -> value, for the questions with a relevant document.

    The order of a ranking is what counts (ties are already broken); a question without a ranking counts as zero.
    """
    import ir_measures

    judged = [question for question in questions if question.gold]
    values = {metric.name: {question.id: 0.0 for question in judged} for metric in METRICS}
    if not judged:
        return values
    qrels = [ir_measures.Qrel(q.id, doc, max(grade, 0)) for q in judged for doc, grade in q.relevant.items()]
    run = [
        ir_measures.ScoredDoc(question.id, doc, float(-rank))
        for question in judged
        for rank, (doc, _) in enumerate(counted(question, rankings.get(question.id, ())))
    ]
    by_code = {str(ir_measures.parse_measure(metric.code)): metric.name for metric in METRICS}
    for found in ir_measures.iter_calc([ir_measures.parse_measure(m.code) for m in METRICS], qrels, run):
        values[by_code[str(found.measure)]][found.query_id] = float(found.value)
    return values
