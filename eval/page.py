"""The report as one HTML file: no request leaves it, every word of the data is escaped."""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from eval import plots
from eval.cases import STAGES
from eval.ranking import METRICS
from eval.report import Report
from eval.terminal import figure
from rag.types import Document

MOST_SHOWN = 300
FIND = """
const box = document.getElementById("find");
if (box) box.addEventListener("input", () => {
  const words = box.value.toLowerCase();
  let shown = 0;
  for (const item of document.querySelectorAll(".failure")) {
    item.hidden = !item.textContent.toLowerCase().includes(words);
    shown += !item.hidden;
  }
  document.getElementById("shown").textContent = shown + " shown";
});
"""


def render(report: Report, details: Sequence[dict[str, Any]]) -> str:
    """The page. ``details`` are the per-question lines; those that went wrong can be browsed."""
    return fill("page.html", FIND, contents(report, details))


def contents(
    report: Report, details: Sequence[dict[str, Any]], sources: Mapping[str, Document] | None = None
) -> dict[str, Any]:
    """What ``body.html`` shows. ``sources``: name -> document, where a server can open it at a quote."""
    from markupsafe import Markup

    values = {measure["name"]: measure for measure in report["measures"]}
    stages = [stage for stage in STAGES if f"recall@1 ({stage})" in values]
    drawings = {
        "Recall by depth": plots.recall(report),
        "Risk by coverage": plots.risk_coverage(report),
        "Reliability": plots.reliability(report),
        "Latency by stage": plots.latency(report),
        **{f"By {way}": plots.slices(report, way) for way in report["slices"]},
    }
    judged = [line for line in details if line["right"] is not None]
    wrong = [line for line in judged if not line["right"]]
    return {
        "report": report,
        "stages": stages,
        "ranking": [(m, [figure(values.get(f"{m.name} ({stage})")) for stage in stages]) for m in METRICS],
        "others": [(m, figure(m)) for m in report["measures"] if m["group"] != "ranking"],
        "drawings": {title: Markup(svg) for title, svg in drawings.items() if svg},
        "shown": (wrong if judged else details)[:MOST_SHOWN],
        "judged": len(judged),
        "wrong": len(wrong),
        "sources": sources or {},
    }


def fill(template: str, script: str, values: Mapping[str, Any]) -> str:
    """A template beside this file, with ``script`` in it, the only one that its policy lets run."""
    from jinja2 import Environment, FileSystemLoader, StrictUndefined
    from markupsafe import Markup

    environment = Environment(
        loader=FileSystemLoader(Path(__file__).parent), autoescape=True, undefined=StrictUndefined
    )
    return environment.get_template(template).render(script=Markup(script), digest=digest(script), **values)


def digest(script: str) -> str:
    """What a Content-Security-Policy calls a script: ``sha256-...``."""
    return f"sha256-{base64.b64encode(hashlib.sha256(script.encode()).digest()).decode()}"
