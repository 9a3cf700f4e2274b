"""Confidence intervals by resampling questions. Efron & Tibshirani 1993, percentile method, 95 %, seeded."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import numpy.typing as npt

Rows = npt.NDArray[np.float64]  # (n questions, k columns)
Aggregate = Callable[[Rows], float]

ROUNDS = 1000
SEED = 20261123


def interval(rows: Rows, aggregate: Aggregate, *, rounds: int = ROUNDS) -> tuple[float, float]:
    """(low, high) of the aggregate over resampled questions; NaN where too few resamples have a value."""
    return _percentiles([aggregate(rows[pick]) for pick in _picks(len(rows), rounds)])


def difference(a: Rows, b: Rows, aggregate: Aggregate, *, rounds: int = ROUNDS) -> tuple[float, float, float]:
    """(aggregate(b) - aggregate(a), low, high); row i of both is the same question, resampled together."""
    values = [aggregate(b[pick]) - aggregate(a[pick]) for pick in _picks(len(a), rounds)]
    return (aggregate(b) - aggregate(a), *_percentiles(values))


def _picks(n: int, rounds: int) -> list[npt.NDArray[np.int64]]:
    random = np.random.default_rng(SEED)
    return [random.integers(0, n, n) for _ in range(rounds)]


def _percentiles(values: list[float]) -> tuple[float, float]:
    known = np.asarray([value for value in values if not np.isnan(value)])
    if len(known) < len(values) / 2 or not len(known):
        return float("nan"), float("nan")
    low, high = np.percentile(known, [2.5, 97.5])
    return float(low), float(high)
