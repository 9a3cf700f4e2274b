"""The report as one HTML file: no request leaves it, every word of the data is escaped."""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from eval import plots
from eval.cases import STAGES
from eval.ranking import METRICS
from eval.report import Report
from eval.terminal import figure

MOST_FAILURES = 300
_FOLDER = Path(__file__).parent
_SCRIPT = """
const box = document.getElementById("find");
box.addEventListener("input", () => {
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
    from jinja2 import Environment, FileSystemLoader, StrictUndefined
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
    wrong = [line for line in details if line["right"] is False]
    environment = Environment(loader=FileSystemLoader(_FOLDER), autoescape=True, undefined=StrictUndefined)
    digest = base64.b64encode(hashlib.sha256(_SCRIPT.encode()).digest()).decode()
    return environment.get_template("page.html").render(
        report=report,
        stages=stages,
        ranking=[(m, [figure(values.get(f"{m.name} ({stage})")) for stage in stages]) for m in METRICS],
        others=[(m, figure(m)) for m in report["measures"] if m["group"] != "ranking"],
        drawings={title: Markup(svg) for title, svg in drawings.items() if svg},
        failures=wrong[:MOST_FAILURES],
        wrong=len(wrong),
        script=Markup(_SCRIPT),
        digest=digest,
    )
