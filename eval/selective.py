"""Knowing when not to answer: separation, risk against coverage, calibration. Pure functions on arrays.

``confidence`` is float (n,), in [0, 1]; ``wrong`` and ``correct`` are float (n,), 0 or 1.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
from scipy.stats import rankdata

Floats = npt.NDArray[np.float64]
_BINS = 10


def auroc(label: Floats, score: Floats) -> float:
    """P(score of a positive > score of a negative), ties counting a half: the Mann-Whitney U over n1 * n0.

    Hanley & McNeil 1982, doi:10.1148/radiology.143.1.7063747. NaN if one class is missing.
    """
    positive = label > 0.5
    n1, n0 = int(positive.sum()), int((~positive).sum())
    if not n1 or not n0:
        return float("nan")
    return float((rankdata(score)[positive].sum() - n1 * (n1 + 1) / 2) / (n1 * n0))


def risk_coverage(confidence: Floats, wrong: Floats) -> tuple[Floats, Floats]:
    """Coverage k/n and the share of errors among the k most confident answers, k = 1..n.

    Geifman & El-Yaniv 2017, arXiv:1705.08500. Equal confidences are averaged over every order they could stand in,
    so that the curve does not depend on the order of the questions.
    """
    order = np.argsort(-confidence, kind="stable")
    sorted_confidence, errors = confidence[order], wrong[order].astype(np.float64)
    _, group, size = np.unique(-sorted_confidence, return_inverse=True, return_counts=True)
    expected = np.bincount(group, weights=errors) / size
    k = np.arange(1, len(errors) + 1)
    return k / max(len(errors), 1), np.cumsum(expected[group]) / k


def aurc(confidence: Floats, wrong: Floats) -> float:
    """Area under the risk-coverage curve: the mean of the n risks."""
    return float(risk_coverage(confidence, wrong)[1].mean())


def risk_at(confidence: Floats, wrong: Floats, coverage: float) -> float:
    """Risk at the smallest k with k/n >= coverage."""
    levels, risks = risk_coverage(confidence, wrong)
    return float(risks[np.searchsorted(levels, coverage - 1e-12)])


def bins(confidence: Floats, correct: Floats) -> list[tuple[float, float, int]]:
    """(mean confidence, share correct, size) of each equal-width bin that holds anything, in order."""
    which = np.minimum((confidence * _BINS).astype(int), _BINS - 1)
    members = [which == number for number in range(_BINS)]
    return [(float(confidence[m].mean()), float(correct[m].mean()), int(m.sum())) for m in members if m.any()]


def ece(confidence: Floats, correct: Floats) -> float:
    """Expected calibration error: |share correct - mean confidence| averaged over bins by size.

    Guo et al. 2017, arXiv:1706.04599.
    """
    return sum(size * abs(right - sure) for sure, right, size in bins(confidence, correct)) / len(confidence)
