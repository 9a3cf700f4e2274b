"""Confidence intervals by resampling, percentile method, 95 %, seeded (Efron & Tibshirani 1993).

What is drawn again is the unit that is independent: a question, or a whole conversation, because its turns share a
history and a topic (cluster bootstrap: Field & Welsh 2007, doi:10.1111/j.1467-9868.2007.00593.x).
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence

import numpy as np
import numpy.typing as npt

Rows = npt.NDArray[np.float64]  # (n questions, k columns)
Aggregate = Callable[[Rows], float]
Pick = npt.NDArray[np.int64]  # numbers of rows

ROUNDS = 1000
SEED = 20261123


def units(questions: Iterable[str], conversations: Mapping[str, str]) -> list[Pick]:
    """The rows of each conversation together, any other row by itself, in order of first appearance.

    >>> [unit.tolist() for unit in units(["a1", "b", "a2"], {"a1": "a", "a2": "a"})]
    [[0, 2], [1]]
    """
    members: dict[tuple[str, bool], list[int]] = {}
    for number, name in enumerate(questions):
        members.setdefault((conversations.get(name, name), name in conversations), []).append(number)
    return [np.asarray(rows, dtype=np.int64) for rows in members.values()]


def interval(
    rows: Rows, aggregate: Aggregate, *, units: Sequence[Pick] | None = None, rounds: int = ROUNDS
) -> tuple[float, float]:
    """(low, high) of the aggregate over resamples; NaN where too few of them have a value, or with a single unit.

    ``units``: the rows that are drawn together; without it every row is one.
    """
    return _percentiles([aggregate(rows[pick]) for pick in _picks(len(rows), units, rounds)])


def difference(
    a: Rows, b: Rows, aggregate: Aggregate, *, units: Sequence[Pick] | None = None, rounds: int = ROUNDS
) -> tuple[float, float, float]:
    """(aggregate(b) - aggregate(a), low, high); row i of both is the same question, resampled together."""
    values = [aggregate(b[pick]) - aggregate(a[pick]) for pick in _picks(len(a), units, rounds)]
    return (aggregate(b) - aggregate(a), *_percentiles(values))


def _picks(n: int, units: Sequence[Pick] | None, rounds: int) -> Iterator[Pick]:
    random = np.random.default_rng(SEED)
    count = n if units is None else len(units)
    for _ in range(rounds if count > 1 else 0):
        drawn = random.integers(0, count, count)
        yield drawn if units is None or count == n else np.concatenate([units[number] for number in drawn])


def _percentiles(values: list[float]) -> tuple[float, float]:
    known = np.asarray([value for value in values if not np.isnan(value)])
    if len(known) < len(values) / 2 or not len(known):
        return float("nan"), float("nan")
    low, high = np.percentile(known, [2.5, 97.5])
    return float(low), float(high)
