"""The report as tables in a terminal."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from rich import box
from rich.console import Console
from rich.markup import escape
from rich.table import Table

from eval.cases import STAGES
from eval.compare import Change
from eval.ranking import METRICS
from eval.report import SLICED, Report

_FEW = 20  # values of which the half width says nothing: of three it can be half of the scale


def figure(found: Mapping[str, Any] | None) -> str:
    """``0.812 ±0.021``, the half width of the 95 % interval unless of too few, or a dash where there is no value."""
    if not found or found["value"] is None:
        return "-"
    low, high = found["low"], found["high"]
    return f"{found['value']:.3f}" + (f" ±{(high - low) / 2:.3f}" if low is not None and found["n"] >= _FEW else "")


def show(report: Report, console: Console) -> None:
    """Print a report: what was asked, the ranking per stage, the other measures, costs, and the input's problems."""
    found = {measure["name"]: measure for measure in report["measures"]}
    counts = f"{report['questions']} questions, {report['answerable']} with answers, {report['unanswerable']} without"
    models = f"settings {report['fingerprint']}, {', '.join(report['models'].values())}"
    console.print(f"[bold]{escape(report['name'])}[/] ({report['format']}): {counts}; {models}")
    stages = [stage for stage in STAGES if any(f"{m.name} ({stage})" in found for m in METRICS)]
    if stages:
        rows = [[m.name, *(figure(found.get(f"{m.name} ({stage})")) for stage in stages)] for m in METRICS]
        console.print(_table("ranking, ± half of the 95 % interval", ["measure", *stages], rows))
    others = [m for m in report["measures"] if m["group"] != "ranking"]
    if others:
        console.print(_table("the rest", ["measure", "value", "n"], [[m["name"], figure(m), m["n"]] for m in others]))
    for way, groups in report["slices"].items():
        if len(groups) > 1 and way != "source":
            _slices(console, way, groups)
    _costs(report, console)
    for kind in ("problems", "errors"):
        for line in report[kind]:
            console.print(f"[yellow]{kind[:-1]}[/] {escape(line)}", highlight=False, soft_wrap=True)


def _table(title: str, columns: Sequence[str], rows: Sequence[Sequence[Any]]) -> Table:
    table = Table(title=title, title_justify="left", box=box.SIMPLE_HEAD, pad_edge=False)
    for number, column in enumerate(columns):
        table.add_column(column, justify="right" if number else "left", no_wrap=True)
    for row in rows:
        table.add_row(*(escape(str(cell)) for cell in row))
    return table


def _slices(console: Console, way: str, groups: Mapping[str, Mapping[str, float]]) -> None:
    names = [name for name in SLICED if any(name in values for values in groups.values())]
    rows = [
        [group, values["n"], *(f"{values[name]:.3f}" if name in values else "-" for name in names)]
        for group, values in groups.items()
    ]
    if names:
        console.print(_table(f"by {way}", [way, "n", *names], rows))


def _costs(report: Report, console: Console) -> None:
    rows = [[stage, f"{t['p50']:.1f}", f"{t['p95']:.1f}"] for stage, t in report["latency_ms"].items()]
    if rows:
        console.print(_table("milliseconds per question", ["stage", "p50", "p95"], rows))
    for name, value in report["costs"].items():
        console.print(f"{name}: {value}")


def show_changes(changes: Sequence[Change], notes: Sequence[str], console: Console) -> None:
    """Print a comparison: every gate, and every other measure that moved significantly."""
    rows = []
    for change in changes:
        if not (change.measure.gate or change.verdict != "same"):
            continue
        numbers = [f"{change.a:.3f}", f"{change.b:.3f}", f"{change.b - change.a:+.3f}"]
        ends = [f"{change.low:+.3f}", f"{change.high:+.3f}"]
        counts = [str(len(change.wins)), str(len(change.losses)), str(change.n)]
        verdict = change.verdict.upper() if change.fails else change.verdict
        rows.append([change.measure.name + " *" * change.measure.gate, *numbers, *ends, *counts, verdict])
    columns = ["measure (* gate)", "A", "B", "B - A", "low", "high", "won", "lost", "n", ""]
    console.print(_table("paired bootstrap, 95 %", columns, rows))
    for change in changes:
        if change.fails and change.losses:
            console.print(
                f"lost on {change.measure.name}: {', '.join(change.losses[:20])}", markup=False, soft_wrap=True
            )
    for note in notes:
        console.print(f"[yellow]note[/] {escape(note)}", highlight=False, soft_wrap=True)


def show_bench(found: Mapping[str, Any], console: Console) -> None:
    """Print a benchmark: ours, plain sentence-transformers with FAISS, and the ratio of the two."""
    rows = []
    for row in found["rows"]:
        ours, plain, ratio = row["ours"], row["plain"], row["ratio"]
        for name in ("ingest passages/CPU-s", "peak MiB"):
            rows.append([ours["passages"], name, ours[name], plain[name], ratio[name]])
        for part in ("cpu", "p50", "p95"):
            times = ours["search ms"][part], plain["search ms"][part]
            rows.append([ours["passages"], f"search ms {part}", *times, ratio.get(f"search {part}", "")])
        for name, spent in ours["search parts, CPU-ms"].items():
            rows.append([ours["passages"], f"search ms cpu: {name}", spent, "-", ""])
        for part in ("cpu", "p50"):
            rows.append([ours["passages"], f"ask ms {part}", ours["ask ms"][part], "-", ""])
        rows.append([ours["passages"], "disk MiB", ours["disk MiB"], "-", ""])
    columns = ["passages", "what", "ours", "plain", "ours / plain"]
    console.print(_table(f"{found['machine']['cpu']}, {found['machine']['cores']} cores", columns, rows))
    precision = found["rows"][0]["ours"]["precision"]
    console.print(", ".join(f"{model} in {kept}" for model, kept in precision.items()) + "; plain in f32")
