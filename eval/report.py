"""The report of one run: figures with intervals, slices, curves, and where they come from. Plain data, then files."""

from __future__ import annotations

import json
import math
import re
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from eval import selective
from eval.bootstrap import interval, units
from eval.cases import Cases, Measure, Row
from eval.measures import MEASURES, correct, table
from eval.ranking import counted
from eval.types import Dataset, Prediction, Question

Report = dict[str, Any]
_WORDS = ("how many", "how much", "how long", "how", "who", "when", "where", "why", "which", "what")
_AROUND = 160  # characters of context on either side of a gold quote
SLICED = ("recall@1 (final)", "F1 (answerable)", "answer in top quote", "three outcomes right")


def question_type(question: Question) -> str:
    """The type the data set names, else the first question word that stands in the question, else "other"."""
    if question.type:
        return question.type
    lowered = question.question.lower()
    places = [(found.start(), word) for word in _WORDS if (found := re.search(rf"\b{word}\b", lowered))]
    return min(places, key=lambda place: (place[0], -len(place[1])))[1] if places else "other"


def build(dataset: Dataset, predictions: Mapping[str, Prediction], origin: Mapping[str, Any]) -> Report:
    """All figures of a run. ``origin``: settings, machine, command and costs, copied into the report."""
    cases = Cases(dataset.questions, predictions)
    applies = [measure for measure in MEASURES if origin.get("read", True) or measure.group == "ranking"]
    rows = {measure.name: measure.rows(cases) for measure in applies}
    rows = {name: found for name, found in rows.items() if found}
    conversations = {q.id: q.conversation for q in dataset.questions if q.conversation}
    return {
        "name": dataset.name,
        "format": dataset.format,
        "questions": len(dataset.questions),
        "answerable": sum(bool(q.answers) for q in dataset.questions),
        "unanswerable": sum(q.unanswerable for q in dataset.questions),
        **origin,
        "problems": [str(problem) for problem in dataset.problems],
        "measures": [_figure(m, rows[m.name], conversations) for m in MEASURES if m.name in rows],
        "latency_ms": latency(predictions.values()),
        "slices": _slices(dataset, rows),
        "curves": _curves(cases) if origin.get("read", True) else {},
        "conversations": conversations,
        "rows": {name: {key: _clean(row) for key, row in found.items()} for name, found in rows.items()},
    }


def _clean(row: Sequence[float]) -> list[float]:
    return [round(float(value), 6) for value in row]


def _figure(measure: Measure, rows: Mapping[str, Row], conversations: Mapping[str, str]) -> dict[str, Any]:
    values = table(rows)
    low, high = interval(values, measure.aggregate, units=units(rows, conversations))
    value = measure.aggregate(values)
    return {
        "name": measure.name,
        "group": measure.group,
        "value": _number(value),
        "low": _number(low),
        "high": _number(high),
        "n": len(rows),
        "higher_is_better": measure.higher_is_better,
        "formula": measure.formula,
        "citation": measure.citation,
    }


def _number(value: float) -> float | None:
    return None if math.isnan(value) else round(value, 4)


def latency(predictions: Any) -> dict[str, dict[str, float]]:
    """Stage -> p50 and p95 in milliseconds, over the questions that went through the stage."""
    times: dict[str, list[float]] = {}
    for prediction in predictions:
        for stage, value in prediction.timings_ms.items():
            times.setdefault(stage, []).append(value)
    return {
        stage: {"p50": round(float(np.percentile(v, 50)), 2), "p95": round(float(np.percentile(v, 95)), 2)}
        for stage, v in times.items()
    }


def _slices(dataset: Dataset, rows: Mapping[str, Mapping[str, tuple[float, ...]]]) -> dict[str, Any]:
    """Way of slicing -> slice -> {"n", measure: mean}, the largest 25 slices of each way."""
    ways: dict[str, Callable[[Question], str]] = {
        "question type": question_type,
        "expected outcome": lambda q: q.expected if q.answers or q.unanswerable or q.gold else "not judged",
        "source": lambda question: min(question.gold, default="none"),
    }
    found: dict[str, Any] = {}
    for way, key in ways.items():
        groups: dict[str, list[str]] = {}
        for question in dataset.questions:
            groups.setdefault(key(question), []).append(question.id)
        largest = sorted(groups.items(), key=lambda item: (-len(item[1]), item[0]))[:25]
        found[way] = {name: {"n": len(ids), **_means(ids, rows)} for name, ids in largest}
    return found


def _means(ids: Sequence[str], rows: Mapping[str, Mapping[str, tuple[float, ...]]]) -> dict[str, float]:
    means = {}
    for name in SLICED:
        values = [rows[name][i][0] for i in ids if i in rows.get(name, {})]
        if values:
            means[name] = round(float(np.mean(values)), 4)
    return means


def _curves(cases: Cases) -> dict[str, Any]:
    judged = cases.judged
    curves: dict[str, Any] = {"outcomes": dict(Counter(f"{q.expected} -> {p.status}" for q, p in cases.judged))}
    if judged:
        sure = np.asarray([p.sure for _, p in judged])
        right = np.asarray([correct(q, p) for q, p in judged])
        coverage, risk = selective.risk_coverage(sure, 1 - right)
        keep = np.unique(np.linspace(0, len(coverage) - 1, min(200, len(coverage))).astype(int))
        curves["risk_coverage"] = [_clean((coverage[i], risk[i])) for i in keep]
        curves["reliability"] = [_clean(place) for place in selective.bins(sure, right)]
    return curves


def write_json(path: Path, report: Report) -> None:
    """Indented JSON, but the per-question rows on one line at the end, so that the rest can be read by eye."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(json_bytes(report))


def json_bytes(report: Report) -> bytes:
    """What :func:`write_json` writes."""
    body = _json({name: value for name, value in report.items() if name != "rows"}, indent=2)
    return body[:-2] + b',\n  "rows": ' + _json(report["rows"]) + b"\n}\n"


def _json(value: Any, *, indent: int | None = None) -> bytes:
    return json.dumps(value, ensure_ascii=False, indent=indent).encode()


def write_plain(path: Path, value: Any) -> None:
    """Indented JSON."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(_json(value, indent=2) + b"\n")


def write_lines(path: Path, values: Sequence[Any]) -> None:
    """One JSON object per line."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(b"".join(_json(value) + b"\n" for value in values))


def prediction_line(prediction: Prediction) -> dict[str, Any]:
    """The public form of a prediction. Everything but ``timings_ms`` is the same in every run."""
    return {
        "id": prediction.id,
        "question": prediction.question,
        "query": prediction.query,
        "status": prediction.status,
        "confidence": round(prediction.confidence, 6),
        "answer": prediction.answer,
        "quotes": [
            {"document_id": q.document_id, "start": q.start, "end": q.end, "text": q.text, "score": round(q.score, 6)}
            for q in prediction.quotes
        ],
        "retrieved": [[document, round(score, 6)] for document, score in prediction.retrieved],
        "timings_ms": {stage: round(value, 3) for stage, value in prediction.timings_ms.items()},
    }


def verdict(question: Question, prediction: Prediction, *, read: bool = True) -> bool | None:
    """Right or wrong by the best gold there is: answer, outcome, source of the first document; None without gold.
    Of retrieval alone (not ``read``) only the source can be judged.
    """
    if read and question.answers:
        return bool(correct(question, prediction))
    if read and question.unanswerable:
        return prediction.status != "answered"
    if question.gold:
        return any(name in question.gold for name, _ in counted(question, prediction.retrieved)[:1])
    return None


def gold_context(question: Question, texts: Mapping[str, str]) -> dict[str, Any] | None:
    """The gold quote, its offsets and the text around it, or how the best document begins; None without either."""
    quote = question.quote
    unplaced = {"start": None, "end": None, "before": "", "text": "", "after": ""}
    if quote is not None and quote.start is not None and quote.end is not None and quote.document_id in texts:
        text = texts[quote.document_id]
        before, after = text[max(quote.start - _AROUND, 0) : quote.start], text[quote.end : quote.end + _AROUND]
        place = {"document_id": quote.document_id, "start": quote.start, "end": quote.end}
        return {**place, "before": before, "text": quote.text, "after": after}
    if quote is not None:
        return {**unplaced, "document_id": quote.document_id, "text": quote.text}
    known = [name for name in question.gold if name in texts]
    if not known:
        return None
    first = max(known, key=lambda name: question.gold[name])
    return {**unplaced, "document_id": first, "before": texts[first][: 2 * _AROUND]}


def detail_line(question: Question, prediction: Prediction, report: Report, texts: Mapping[str, str]) -> dict[str, Any]:
    """Everything needed to see why: gold, prediction, the gold's rank after each stage, the value of each measure."""
    stages = {**prediction.stages, "final": prediction.retrieved}
    gold = question.gold
    return {
        **prediction_line(prediction),
        "type": question_type(question),
        "expected": question.expected,
        "gold": {
            "answers": list(question.answers),
            "relevant": dict(question.relevant),
            "quote": gold_context(question, texts),
        },
        "conversation": question.conversation,
        "turn": question.turn,
        "rewrite": question.rewrite,
        "resolution": prediction.resolution,
        "right": verdict(question, prediction, read=report.get("read", True)),
        "gold_rank": {
            stage: next(
                (rank for rank, (name, _) in enumerate(counted(question, found), start=1) if name in gold), None
            )
            for stage, found in stages.items()
        },
        "measures": {name: rows[question.id] for name, rows in report["rows"].items() if question.id in rows},
    }
