"""Every measure, as a declaration: what it is, where it comes from, its value per question and how those add up.

``rows`` gives one row of numbers per question the measure applies to; ``aggregate`` turns rows into the figure, so
that intervals and comparisons resample questions, whatever the measure. A question without a prediction is a zero.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import get_args

import numpy as np

from eval import match, selective
from eval.bootstrap import Rows
from eval.cases import STAGES, Cases, Measure, Row
from eval.ranking import METRICS
from eval.types import GoldQuote, Prediction, Question, Quoted
from rag.types import ResolutionKind


def _mean(rows: Rows) -> float:
    return float(rows[:, 0].mean())


def _ratio(rows: Rows) -> float:
    return float(rows[:, 0].sum() / rows[:, 1].sum())


def _gap(rows: Rows) -> float:
    """Columns: raw, ours, rewrite. NaN where the rewrite is no better than the raw question."""
    raw, ours, rewrite = rows.mean(axis=0)
    return float((ours - raw) / (rewrite - raw)) if rewrite - raw > 1e-9 else float("nan")


def correct(question: Question, prediction: Prediction) -> float:
    """1 if the question has an answer and the first quote holds it. What risk and calibration are about."""
    return float(bool(prediction.quotes) and match.holds(prediction.quotes[0].text, question.answers))


def overlaps(quote: Quoted, gold: GoldQuote) -> bool:
    """True if the quote touches the gold quote's characters in the gold document."""
    if gold.document_id not in quote.documents:
        return False
    if gold.start is None or gold.end is None:
        return quote.text in gold.text or gold.text in quote.text
    return quote.start < gold.end and gold.start < quote.end


def _answered(score: Callable[[Question, Prediction], float]) -> Callable[[Cases], dict[str, Row]]:
    """Rows for the questions with a gold answer."""
    return lambda cases: {q.id: (score(q, p),) for q, p in cases if q.answers}


def _judged(row: Callable[[Question, Prediction], Row]) -> Callable[[Cases], dict[str, Row]]:
    """Rows for the questions whose answer is known or known not to exist."""
    return lambda cases: {q.id: row(q, p) for q, p in cases.judged}


def _abstention(row: Callable[[Question, Prediction], Row]) -> Callable[[Cases], dict[str, Row]]:
    """Rows where the set has both kinds: questions with and without an answer."""

    def rows(cases: Cases) -> dict[str, Row]:
        kinds = {question.unanswerable for question, _ in cases.judged}
        return _judged(row)(cases) if len(kinds) == 2 else {}

    return rows


def _gold_quote(cases: Cases) -> dict[str, Row]:
    return {
        q.id: (float(any(overlaps(x, gold) for x in p.quotes[:1] for gold in (q.quote, *q.also) if gold)),)
        for q, p in cases
        if q.quote
    }


def _right_source(cases: Cases) -> dict[str, Row]:
    return {
        q.id: (float(any(not q.gold.keys().isdisjoint(x.documents) for x in p.quotes[:1])),) for q, p in cases if q.gold
    }


def _exactness(cases: Cases) -> dict[str, Row]:
    return {q.id: (float(sum(x.exact for x in p.quotes)), float(len(p.quotes))) for q, p in cases if p.quotes}


def _stage(stage: str, metric: str) -> Callable[[Cases], dict[str, Row]]:
    return lambda cases: {name: (value,) for name, value in cases.ranked(stage)[metric].items()}


def _gap_rows(metric: str, *, follow_ups: bool) -> Callable[[Cases], dict[str, Row]]:
    def rows(cases: Cases) -> dict[str, Row]:
        raw, ours, rewrite = (cases.ranked(stage)[metric] for stage in ("raw", "fused", "rewrite"))
        turns = {q.id for q in cases.questions if q.conversation and (q.turn > 1 or not follow_ups)}
        return {n: (raw[n], ours[n], rewrite[n]) for n in ours if n in turns and n in raw and n in rewrite}

    return rows


def _first_quote(q: Question, p: Prediction) -> Row:
    return p.sure, correct(q, p)


_RANKING = tuple(
    Measure(
        f"{metric.name} ({stage})",
        "ranking",
        metric.formula,
        metric.citation,
        _stage(stage, metric.name),
        _mean,
        gate=stage == "final" and metric.name in ("recall@1", "MRR@10", "nDCG@10"),
    )
    for stage in STAGES
    for metric in METRICS
)
_GAPS = tuple(
    Measure(
        f"gap closed, {metric.name}{' (follow-ups)' if follow_ups else ''}",
        "conversation",
        f"({metric.name} of the query we searched - raw question) / (human rewrite - raw question), fused ranking",
        "after Voskarides et al. 2020, arXiv:2005.11723",
        _gap_rows(metric.name, follow_ups=follow_ups),
        _gap,
        gate=follow_ups and metric.name == "MRR@10",
    )
    for follow_ups in (False, True)
    for metric in METRICS
    if metric.name in ("recall@10", "MRR@10", "nDCG@10")
)
_SQUAD = "Rajpurkar et al. 2018, arXiv:1806.03822, official script"
_OWN = "this project; text compared as the SQuAD script does"
_RISK = "Geifman & El-Yaniv 2017, arXiv:1705.08500"


def _risk80(rows: Rows) -> float:
    return selective.risk_at(rows[:, 0], 1 - rows[:, 1], 0.8)


_ANSWERS = (
    Measure(
        "EM (answerable)",
        "answer",
        "the short answer equals a gold answer after normalising",
        _SQUAD,
        _answered(lambda q, p: match.best("exact", q.answers, p.answer_text)),
        _mean,
    ),
    Measure(
        "F1 (answerable)",
        "answer",
        "token F1 of the short answer and the closest gold answer",
        _SQUAD,
        _answered(lambda q, p: match.best("f1", q.answers, p.answer_text)),
        _mean,
        gate=True,
    ),
    Measure(
        "EM (all)",
        "answer",
        "as above; no answer is right for an unanswerable question",
        _SQUAD,
        _abstention(lambda q, p: (match.best("exact", q.answers, p.answer_text),)),
        _mean,
    ),
    Measure(
        "F1 (all)",
        "answer",
        "as above; no answer is right for an unanswerable question",
        _SQUAD,
        _abstention(lambda q, p: (match.best("f1", q.answers, p.answer_text),)),
        _mean,
    ),
    Measure(
        "answer in top quote",
        "answer",
        "the first quote holds a gold answer as whole words, answered or related; no quote counts as 0",
        _OWN,
        _answered(correct),
        _mean,
        gate=True,
    ),
    Measure(
        "answer in any quote",
        "answer",
        "one of the quotes holds a gold answer",
        _OWN,
        _answered(lambda q, p: float(any(match.holds(x.text, q.answers) for x in p.quotes))),
        _mean,
    ),
    Measure(
        "gold quote in top quote",
        "answer",
        "the first quote touches the characters of a gold quote",
        _OWN,
        _gold_quote,
        _mean,
    ),
    Measure(
        "top quote from a relevant source",
        "answer",
        "the first quote is from a relevant document",
        _OWN,
        _right_source,
        _mean,
    ),
    Measure(
        "quote exactness",
        "answer",
        "quotes equal to their slice of the source / quotes; must be 1",
        _OWN,
        _exactness,
        _ratio,
        gate=True,
    ),
)
_SELECTIVE = (
    Measure(
        "AUROC",
        "abstention",
        "P(confidence of an answerable question > of an unanswerable one)",
        "Hanley & McNeil 1982",
        _abstention(lambda q, p: (p.confidence, float(not q.unanswerable))),
        lambda rows: selective.auroc(rows[:, 1], rows[:, 0]),
        gate=True,
    ),
    Measure(
        "AURC",
        "abstention",
        "mean over k of the share of wrong first quotes among the k whose score is highest; no quote is always wrong",
        _RISK,
        _abstention(_first_quote),
        lambda rows: selective.aurc(rows[:, 0], 1 - rows[:, 1]),
        higher_is_better=False,
    ),
    Measure(
        "risk at 80% coverage (all)",
        "abstention",
        "share of wrong first quotes among the 80 % of all questions whose first quotes score highest",
        _RISK,
        _abstention(_first_quote),
        _risk80,
        higher_is_better=False,
    ),
    Measure(
        "risk at 80% coverage (answerable)",
        "abstention",
        "the same among the questions that have an answer",
        _RISK,
        lambda cases: {q.id: _first_quote(q, p) for q, p in cases if q.answers},
        _risk80,
        higher_is_better=False,
    ),
    Measure(
        "three outcomes right",
        "abstention",
        "answered / related (near miss) / not_found (otherwise unanswerable) as expected",
        _OWN,
        _judged(lambda q, p: (float(p.status == q.expected),)),
        _mean,
        gate=True,
    ),
    Measure(
        "answer or refuse right",
        "abstention",
        "answered exactly where there is an answer",
        _OWN,
        _judged(lambda q, p: (float((p.status == "answered") != q.unanswerable),)),
        _mean,
    ),
    Measure(
        "ECE",
        "abstention",
        "gap between share right and mean score of the first quote, over 10 equal bins; right: it holds an answer",
        "Guo et al. 2017, arXiv:1706.04599",
        _judged(_first_quote),
        lambda rows: selective.ece(rows[:, 0], rows[:, 1]),
        higher_is_better=False,
    ),
)
_KINDS = frozenset(get_args(ResolutionKind))
_RESOLUTION = Measure(
    "resolution right",
    "conversation",
    "how a turn was resolved (standalone, filled, carried ...) is as labelled",
    "this project",
    lambda cases: {q.id: (float(p.resolution == q.type),) for q, p in cases if q.conversation and q.type in _KINDS},
    _mean,
    gate=True,
)
MEASURES = (*_RANKING, *_ANSWERS, *_SELECTIVE, *_GAPS, _RESOLUTION)
BY_NAME = {measure.name: measure for measure in MEASURES}


def table(rows: Mapping[str, Row]) -> Rows:
    """Rows as float64 (n, k), in the order of the mapping."""
    return np.asarray(list(rows.values()), dtype=np.float64)
