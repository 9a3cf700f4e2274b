"""Is B worse than A? Paired bootstrap over the same questions, with wins and losses."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from eval.bootstrap import Pick, difference, units
from eval.cases import Measure
from eval.measures import BY_NAME
from eval.report import Report
from eval.types import DataError


@dataclass(frozen=True, slots=True)
class Change:
    """One measure in two runs. ``wins`` and ``losses`` count the questions where B's own value is better or worse."""

    measure: Measure
    a: float
    b: float
    low: float  # 95 % interval of b - a
    high: float
    n: int
    wins: tuple[str, ...]
    losses: tuple[str, ...]

    @property
    def verdict(self) -> str:
        """better, worse, or same: the interval of the difference lies on one side of zero, or does not."""
        if np.isnan(self.low) or self.low <= 0 <= self.high:
            return "same"
        return "better" if (self.low > 0) == self.measure.higher_is_better else "worse"

    @property
    def fails(self) -> bool:
        """A significant loss of a measure that is a gate. One quote that is not exact is a loss without statistics."""
        if self.measure.name == "quote exactness":
            return self.b < 1
        return self.measure.gate and self.verdict == "worse"


def load(path: Path) -> Report:
    """A report written by ``run --json``. Raises DataError if it is none."""
    try:
        report = json.loads(path.read_bytes())
    except (OSError, ValueError) as error:
        raise DataError(f"cannot read the report {path}", why=str(error), fix="write one with run --json") from error
    if not isinstance(report, dict) or "rows" not in report:
        raise DataError(f"{path} is not a report", why="it has no 'rows'", fix="write one with run --json")
    return report


def baseline(report: Report) -> Report:
    """The report with the rows of the gates alone: small enough to be committed."""
    rows = {name: found for name, found in report["rows"].items() if name in BY_NAME and BY_NAME[name].gate}
    kept = {name: value for name, value in report.items() if name not in ("slices", "curves", "measures")}
    return {**kept, "measures": [measure for measure in report["measures"] if measure["name"] in rows], "rows": rows}


def compare(a: Report, b: Report) -> tuple[list[Change], list[str], list[str]]:
    """The changes of every measure that A has, what could not be compared in words, and the gates that B lacks or has
    for none of A's questions.

    Turns of one conversation are resampled together. Measures that only B has are left aside: A may be a baseline,
    which holds the gates alone.
    """
    changes, notes = [], []
    conversations = {**a.get("conversations", {}), **b.get("conversations", {})}
    for name in a["rows"]:
        if name not in BY_NAME or name not in b["rows"]:
            notes.append(f"{name}: not in B")
            continue
        mine, yours = a["rows"][name], b["rows"][name]
        both = [key for key in mine if key in yours]
        if name != "quote exactness" and (len(both) < len(mine) or len(both) < len(yours)):
            notes.append(f"{name}: {len(mine)} and {len(yours)} questions, {len(both)} of them in both are compared")
        if both or name == "quote exactness":
            changes.append(_change(BY_NAME[name], mine, yours, units(both, conversations)))
    compared = {change.measure.name for change in changes}
    return changes, notes, [name for name in a["rows"] if name in BY_NAME.keys() - compared and BY_NAME[name].gate]


def _change(
    measure: Measure, mine: Mapping[str, list[float]], yours: Mapping[str, list[float]], together: Sequence[Pick]
) -> Change:
    both = [key for key in mine if key in yours]
    rows_a, rows_b = (np.asarray([rows[key] for key in both], dtype=np.float64) for rows in (mine, yours))
    if measure.name == "quote exactness":  # every quote of each run counts, whichever questions it was given for
        rows_a, rows_b = (np.asarray(list(rows.values()), dtype=np.float64) for rows in (mine, yours))
        a, b = measure.aggregate(rows_a), measure.aggregate(rows_b)
        return Change(measure, a, b, b - a, b - a, len(rows_b), (), ())
    delta, low, high = difference(rows_a, rows_b, measure.aggregate, units=together)
    a = measure.aggregate(rows_a)
    single = rows_a.shape[1] == 1
    gained = [key for key in both if single and yours[key][0] > mine[key][0]]
    lost = [key for key in both if single and yours[key][0] < mine[key][0]]
    wins, losses = (gained, lost) if measure.higher_is_better else (lost, gained)
    return Change(measure, a, a + delta, low, high, len(both), tuple(wins), tuple(losses))
