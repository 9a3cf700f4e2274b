"""Fits a reader's calibration on judged passages: conditional logit (McFadden 1974) and logistic models (Platt 1999).

``calibrated`` does it for any reader from a file of questions; the numeric fits below it are also those of the
shipped reader (``eval/reader_fit.py``).
"""

from __future__ import annotations

import gzip
import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from rag.config import Settings
from rag.errors import ModelError, SourceError
from rag.files import write_atomically
from rag.models.reader_mining import lexical_index, lexical_search
from rag.quoting import quote_range
from rag.ranking import DECIDING, logit
from rag.types import Encoder, Reader

Floats = npt.NDArray[np.float64]
CANDIDATES: int = Settings.model_fields["read"].default  # passages read per question
FEWEST = 40  # judged questions, below which a fit says nothing
_GRID = np.linspace(0.02, 0.98, 97)
_TIED = 0.045  # of the sum of two shares: about two standard errors of it with some 600 questions (READER.md)


@dataclass(frozen=True, slots=True)
class Judged:
    """A question and a passage that somebody looked at; ``answers`` is empty where the passage does not answer."""

    question: str
    context: str
    answers: tuple[str, ...]
    start: int = -1  # of the first answer in ``context``, where it is known

    @staticmethod
    def of(row: Mapping[str, Any]) -> Judged:
        """From a row of a data file. Raises KeyError, TypeError or ValueError for one that is none."""
        wrong = row.get("right") is False or row.get("is_impossible") is True
        answers = row["answers"] if "answers" in row else [{"text": t} for t in (row.get("answer_text"),) if t]
        texts = dict.fromkeys(str(each["text"] if isinstance(each, dict) else each) for each in answers)
        start = int(row.get("answer_start", -1))
        return Judged(str(row["question"]), str(row["context"]), () if wrong else tuple(texts), start)


@dataclass(frozen=True, slots=True)
class Read:
    """What was read for one question, best candidates of the two channels in turn.

    ``features``: float64 (n, 4), as :class:`rag.types.Calibration` lists them for ``ranking``. ``outcome``: (n, 3),
    what its other rows weigh, with answerable from both readings, of the passage and of its quote alone. ``own``: the
    candidate that is the judged passage, -1 where it was not retrieved or was taken out. ``answered``: whether it
    answers.
    """

    features: Floats
    outcome: Floats
    own: int
    answered: bool


def load_judged(path: Path) -> list[Judged]:
    """JSON lines (``.gz`` too) with question, context, and answer_text and answer_start, answers, or right = false.

    Raises :class:`SourceError` naming the line that is none of these.
    """
    out = []
    try:
        with gzip.open(path, "rt", encoding="utf-8") if path.suffix == ".gz" else path.open(encoding="utf-8") as lines:
            for number, line in enumerate(lines, start=1):
                if line.strip():
                    out.append(_judged(line, f"{path}, line {number}"))
    except (OSError, UnicodeDecodeError) as error:
        raise SourceError(f"{path} cannot be read", why=str(error), fix="give a file of JSON lines") from None
    return out


def _judged(line: str, where: str) -> Judged:
    try:
        return Judged.of(json.loads(line))
    except (ValueError, TypeError, KeyError, AttributeError) as error:
        why = f"it needs question, context, and answers or answer_text ({type(error).__name__}: {error})"
        raise SourceError(f"{where}: not a judged question", why=why, fix="mend or remove the line") from None


def calibrated(reader: Reader, rows: Sequence[Judged], encoder: Encoder) -> dict[str, Any]:
    """The fields of :class:`rag.types.Calibration`, fitted on ``rows``. Their contexts are the collection.

    Raises :class:`ModelError` if too few questions have an answer, or all are on one passage.
    """
    with_answer = sum(1 for row in rows if row.answers)
    if with_answer < FEWEST:
        raise ModelError(
            f"{with_answer} judged questions with an answer cannot calibrate a reader",
            why=f"fewer than {FEWEST} say too little",
            fix="judge more answers, or give a larger --data",
        )
    if len({row.context for row in rows}) < 2:
        why, fix = "there is nothing else to choose from", "judge answers on several passages"
        raise ModelError("questions on a single passage cannot calibrate a reader", why=why, fix=fix)
    read = list(_read(reader, rows, encoder))
    whole, taken_out = [r for r, _ in read], [r for _, r in read]
    every = [*whole, *taken_out]
    ranking = fit_ranking([(r.features, r.own) for r in whole if r.answered and r.own >= 0])
    best = [_best(r, ranking) for r in every]
    x = np.array([r.outcome[k] for r, k in zip(every, best, strict=True)])
    home = np.array([k == r.own for r, k in zip(every, best, strict=True)], float)
    right = home * np.array([r.answered for r in every], float)
    models = {"answered": fit_logistic(x, right), "related": fit_logistic(x, home, rising=True)}
    out: dict[str, Any] = {"ranking": ranking, **models}
    for outcome, weights in models.items():
        good = [_confidence(r, ranking, weights) for r in whole if r.answered]
        near = [_confidence(r, ranking, weights) for r in whole if not r.answered]
        gone = [_confidence(r, ranking, weights) for r in taken_out]
        out[f"{outcome}_at"] = operating_points(outcome, good, near, gone)
    return out


def _read(reader: Reader, rows: Sequence[Judged], encoder: Encoder) -> Iterator[tuple[Read, Read]]:
    """Each question over all contexts, and over all but its own."""
    contexts = list(dict.fromkeys(row.context for row in rows))
    number = {text: i for i, text in enumerate(contexts)}
    vectors, lexical = encoder.encode(contexts), lexical_index(dict(enumerate(contexts)))
    for row in rows:
        cosine = vectors @ encoder.encode([row.question])[0]
        terms = dict(lexical_search(lexical, row.question, CANDIDATES))
        dense = sorted(range(len(contexts)), key=lambda i: (-cosine[i], i))[: CANDIDATES // 2]
        found = list(dict.fromkeys([*dense, *list(terms)[: CANDIDATES // 2], number[row.context]]))
        readings = reader.read(row.question, [contexts[i] for i in found])
        quotes = [
            contexts[i][slice(*quote_range(contexts[i], r.sentences))] for i, r in zip(found, readings, strict=True)
        ]
        most = max(terms.values(), default=0.0) or 1.0
        features = np.array(
            [
                (logit(r.relevance), logit(r.answerable), cosine[i], terms.get(i, 0.0) / most)
                for i, r in zip(found, readings, strict=True)
            ]
        )
        outcome = features[:, :3].copy()
        outcome[:, 1] = (outcome[:, 1] + [logit(r.answerable) for r in reader.read(row.question, quotes)]) / 2
        own = found.index(number[row.context])
        without = Read(np.delete(features, own, 0), np.delete(outcome, own, 0), -1, False)
        yield Read(features, outcome, own, bool(row.answers)), without


def _best(read: Read, ranking: Sequence[float]) -> int:
    return int(np.argmax(read.features @ np.array(ranking)))


def _confidence(read: Read, ranking: Sequence[float], weights: Sequence[float]) -> float:
    top = np.argsort(-(read.features @ np.array(ranking)), kind="stable")[:DECIDING]
    value = read.outcome[top] @ np.array(weights[1:]) + weights[0]
    return float(1 / (1 + np.exp(-value.max())))


def fit_ranking(groups: Sequence[tuple[Floats, int]], *, weights: Sequence[float] = ()) -> list[float]:
    """Weights >= 0 of (n, k) features such that the candidate numbered beside them comes first: a conditional logit.

    ``weights`` says how much each group counts (1 each where there are none).
    """
    from scipy.optimize import minimize

    counted = np.array(weights) if len(weights) else np.ones(len(groups))
    size = groups[0][0].shape[1] if groups else 4

    def cost(w: Floats) -> tuple[float, Floats]:
        total, slope = 1e-3 * w @ w * counted.sum(), 2e-3 * w * counted.sum()
        for (features, gold), much in zip(groups, counted, strict=True):
            scores = features @ w
            share = np.exp(scores - scores.max())
            share /= share.sum()
            total -= much * np.log(max(share[gold], 1e-12))
            slope -= much * (features[gold] - share @ features)
        return float(total), slope

    found = minimize(cost, np.ones(size), jac=True, bounds=[(0, None)] * size, method="L-BFGS-B").x
    return [round(float(value), 4) for value in found]


def fit_logistic(x: Floats, y: Floats, *, rising: bool = False, offset: Floats | float = 0.0) -> list[float]:
    """(bias, weights of the columns of ``x`` (n, k)) of a logistic regression of ``y`` (n,) in {0, 1}, lightly ridged.

    ``rising``: weights are >= 0, so that more evidence never lowers the probability. ``offset`` (n,): a part of the
    logit that is given.
    """
    from scipy.optimize import minimize

    def cost(w: Floats) -> tuple[float, Floats]:
        value = x @ w[1:] + w[0] + offset
        error = 1 / (1 + np.exp(-np.clip(value, -40, 40))) - y
        slope = np.concatenate([[error.sum()], x.T @ error + w[1:]])
        return float((np.logaddexp(0, value) - y * value).sum() + 0.5 * w[1:] @ w[1:]), slope

    bounds = [(None, None)] + [(0 if rising else None, None)] * x.shape[1]
    found = minimize(cost, np.zeros(x.shape[1] + 1), jac=True, bounds=bounds, method="L-BFGS-B").x
    return [round(float(value), 4) for value in found]


def operating_points(
    outcome: str, good: Sequence[float], near: Sequence[float], removed: Sequence[float]
) -> dict[str, float]:
    """Least probabilities per mode, from those of questions with an answer, near misses, and absent subjects.

    balanced: the most right decisions where answerable questions weigh as much as the others together. Chance decides
    between the points that are within 0.045 of it: for "answered" the one that hides the fewest answers is taken, for
    "related" the middle one, since there the lowest shows passages about something else. strict: at most one near miss
    in ten passes; eager: 98 % of the answerable ones pass. For "related" a near miss is about something that is there,
    and strict lets one absent subject in a hundred pass.
    """
    yes, close, gone = (np.array(each) for each in (good, near, removed))
    if outcome == "related":
        yes = np.concatenate([yes, close])
        right = [(yes >= t).mean() + (gone < t).mean() for t in _GRID]
        strict = np.quantile(gone, 0.99)
    else:
        wrong = [part for part in (close, gone) if len(part)]
        right = [(yes >= t).mean() + np.mean([(part < t).mean() for part in wrong]) for t in _GRID]
        strict = np.quantile(wrong[0], 0.9)
    tied = _GRID[np.array(right) >= max(right) - _TIED]
    balanced = float(np.median(tied)) if outcome == "related" else float(tied.min())
    eager = float(np.quantile(yes, 0.02))
    points = {"strict": max(float(strict), balanced), "balanced": balanced, "eager": min(eager, balanced)}
    return {mode: round(value, 3) for mode, value in points.items()}


def write_calibration(path: Path, card: Mapping[str, Any], fitted: Mapping[str, Any]) -> None:
    """Write the ``card`` (JSON) with ``fitted`` in it, bound to the weights whose "sha256" it gives."""
    made = {**card, "calibrated_for": card["sha256"], "calibration": dict(fitted)}
    write_atomically(path, (json.dumps(made, indent=1) + "\n").encode())
