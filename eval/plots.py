"""Plots as inline SVG that follows the page's colours: matplotlib draws, CSS variables paint."""

from __future__ import annotations

import io
import re
from collections.abc import Mapping, Sequence
from typing import Any
from urllib.parse import unquote

from eval.cases import STAGES
from eval.report import SLICED, Report

_INK, _FAINT = "#010101", "#020202"  # replaced by CSS below, so that one drawing serves light and dark
_SERIES = ("#030303", "#040404", "#050505", "#060606")
_CSS = {_INK: "var(--ink)", _FAINT: "var(--line)"} | {
    colour: f"var(--series{number})" for number, colour in enumerate(_SERIES, start=1)
}
_STYLE = {
    "svg.fonttype": "none",
    "svg.hashsalt": "pullquote",
    "font.family": "sans-serif",
    "font.size": 11,
    "text.parse_math": False,  # a "$" in the name of a source is one
    "text.color": _INK,
    "axes.edgecolor": _FAINT,
    "axes.labelcolor": _INK,
    "axes.grid": True,
    "axes.axisbelow": True,
    "axes.spines.top": False,
    "axes.spines.right": False,
    "grid.color": _FAINT,
    "grid.linewidth": 0.6,
    "xtick.color": _INK,
    "ytick.color": _INK,
    "legend.frameon": False,
}


def _svg(draw: Any, title: str, *, size: tuple[float, float] = (4.4, 3.1)) -> str:
    """Run ``draw(axes)`` and return ``<svg>`` with a title for screen readers."""
    import matplotlib
    from matplotlib.backends.backend_svg import FigureCanvasSVG
    from matplotlib.figure import Figure

    with matplotlib.rc_context(_STYLE):
        figure = Figure(figsize=size, layout="constrained")
        FigureCanvasSVG(figure)
        axes = figure.add_subplot()
        draw(axes)
        if axes.get_legend_handles_labels()[0]:
            figure.legend(loc="outside lower center", ncol=2, fontsize=9)
        out = io.StringIO()
        figure.savefig(out, format="svg", transparent=True, metadata={"Date": None, "Creator": None})
    text = out.getvalue()
    text = re.sub(r"<metadata>.*?</metadata>", "", text[text.index("<svg") :], flags=re.DOTALL)
    for colour, css in _CSS.items():
        text = text.replace(colour, css)
    prefix = re.sub(r"\W", "", title)
    text = re.sub(r'(id="|href="#|url\(#)', rf"\g<1>{prefix}-", text)  # ids must differ between the page's drawings
    text = re.sub(r' width="[\d.]+pt"| height="[\d.]+pt"', "", text, count=2)
    return text.replace("<svg ", f'<svg role="img" aria-label="{title}" ', 1)


def recall(report: Report) -> str:
    """Recall by depth, one line per stage; "" without judged documents."""
    values = {m["name"]: m["value"] for m in report["measures"]}
    depths = (1, 5, 10, 20, 100)
    lines = {s: [values[f"recall@{k} ({s})"] for k in depths] for s in STAGES if f"recall@1 ({s})" in values}

    def draw(axes: Any) -> None:
        for (stage, line), colour in zip(lines.items(), _SERIES, strict=False):
            axes.plot(depths, line, marker="o", markersize=4, color=colour, label=stage)
        axes.set(xscale="log", xticks=depths, xticklabels=depths, xlabel="depth", ylabel="recall")
        axes.minorticks_off()

    return _svg(draw, "Recall by depth") if lines else ""


def risk_coverage(report: Report) -> str:
    """Share of wrong first quotes among the most confident; "" without judged answers."""
    points = report["curves"].get("risk_coverage", [])

    def draw(axes: Any) -> None:
        axes.plot(*zip(*points, strict=True), color=_SERIES[0])
        axes.set(xlabel="coverage", ylabel="risk", xlim=(0, 1), ylim=(0, None))

    return _svg(draw, "Risk by coverage") if points else ""


def reliability(report: Report) -> str:
    """Share right by confidence, with the diagonal of perfect calibration; "" without judged answers."""
    places = report["curves"].get("reliability", [])

    def draw(axes: Any) -> None:
        axes.plot([0, 1], [0, 1], color=_INK, linewidth=0.8, linestyle="--")
        axes.plot([p[0] for p in places], [p[1] for p in places], color=_SERIES[0])
        most = max(p[2] for p in places)
        axes.scatter(
            [p[0] for p in places], [p[1] for p in places], s=[12 + 80 * p[2] / most for p in places], color=_SERIES[0]
        )
        axes.set(xlabel="confidence", ylabel="share right", xlim=(0, 1), ylim=(0, 1))

    return _svg(draw, "Reliability") if places else ""


def latency(report: Report) -> str:
    """p50 and p95 per stage in milliseconds; "" if nothing was timed."""
    times: Mapping[str, Mapping[str, float]] = report["latency_ms"]

    def draw(axes: Any) -> None:
        rows = range(len(times))
        axes.barh(rows, [t["p95"] for t in times.values()], height=0.7, color=_SERIES[1], label="p95")
        axes.barh(rows, [t["p50"] for t in times.values()], height=0.7, color=_SERIES[0], label="p50")
        axes.set(yticks=list(rows), yticklabels=list(times), xlabel="milliseconds")
        axes.invert_yaxis()

    return _svg(draw, "Latency by stage") if times else ""


def slices(report: Report, way: str) -> str:
    """Measures by slice as bars; "" where there is one slice only."""
    groups = report["slices"].get(way, {})
    names = [name for name in SLICED if any(name in values for values in groups.values())]
    shown: Sequence[str] = list(groups)[:12]

    def draw(axes: Any) -> None:
        step = 0.8 / len(names)
        for number, name in enumerate(names):
            places = [row + number * step for row in range(len(shown))]
            values = [groups[group].get(name, 0) for group in shown]
            axes.barh(places, values, height=step * 0.9, color=_SERIES[number], label=name)
        middle = (len(names) - 1) * step / 2
        axes.set(
            yticks=[row + middle for row in range(len(shown))],
            yticklabels=[f"{_short(g)} ({groups[g]['n']})" for g in shown],
            xlim=(0, 1),
        )
        axes.invert_yaxis()

    height = 1.2 + 0.16 * len(names) * len(shown) + 0.1 * len(shown)
    return _svg(draw, f"By {way}", size=(4.4, height)) if names and len(shown) > 1 else ""


def _short(group: str) -> str:
    """What fits beside a bar: of an address its last part, of anything long its end, where sources differ."""
    name = unquote(group).rstrip("/").rsplit("/", 1)[-1] if "://" in group else group
    return name if len(name) <= 24 else f"…{name[-23:]}"
