"""One evaluation from data set to report, as one call: what the command line and the page's own tab both use."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from eval import page, report
from eval.collection import Collection, collect
from eval.names import settle
from eval.origin import origin, peak_mb
from eval.product import Product
from eval.run import predict, sample
from eval.types import DataError, Dataset, Prediction
from rag.assistant import Assistant
from rag.config import Settings

Progress = Callable[[int, int, str], None]  # (done, all, stage)


@dataclass(frozen=True, slots=True)
class Outcome:
    """The report, with what it was made of. ``details`` has one object per question, in order."""

    dataset: Dataset
    predictions: Mapping[str, Prediction]
    report: report.Report
    details: list[dict[str, Any]]

    def write(
        self,
        *,
        json: Path | None = None,
        predictions: Path | None = None,
        details: Path | None = None,
        html: Path | None = None,
    ) -> None:
        """Write the files that were asked for; folders are made."""
        if json:
            report.write_json(json, self.report)
        if predictions:
            lines = [report.prediction_line(self.predictions[q.id]) for q in self.dataset.questions]
            report.write_lines(predictions, lines)
        if details:
            report.write_lines(details, self.details)
        if html:
            html.parent.mkdir(parents=True, exist_ok=True)
            html.write_text(page.render(self.report, self.details), encoding="utf-8")


def evaluate(
    dataset: Dataset,
    settings: Settings,
    *,
    work: Path | None,
    assistant: Assistant | None = None,
    limit: int | None = None,
    read: bool = True,
    progress: Progress | None = None,
    command: str = "",
) -> Outcome:
    """Ingest (or open the collection that ``settings`` name, if ``work`` is None), ask, measure.

    ``assistant`` has that collection open already; ``command``: how to repeat it, where this process was not started
    for it. Raises RagError as the product does, and DataError if the collection changes meanwhile; a question that
    fails counts as not found and stands in the report. What ``progress`` raises ends the run.
    """
    place = origin()  # now: the commit may move on while a long run lasts
    told: Progress = progress or (lambda done, total, stage: None)
    made = collect(
        dataset, settings, work=work, assistant=assistant, progress=lambda done, total, _: told(done, total, "ingest")
    )
    generation = made.library.generation

    def asked(done: int, total: int) -> None:
        if made.library.generation != generation:
            why = f"documents were added or removed before question {done + 1} of {total}"
            raise DataError("the collection changed while it was asked", why=why, fix="run it again")
        told(done, total, "questions")

    dataset = sample(settle(dataset, made.names, made.texts), limit)
    product = Product(made.library, made.settings, made.assistant, made.names, made.texts)
    found, errors = predict(product, dataset.questions, read=read, progress=asked)
    about = place | ({"command": command} if command else {}) | _asked_of(made, read=read)
    result = report.build(dataset, found, about | {"errors": [*made.errors, *errors], "read": read})
    details = [report.detail_line(q, found[q.id], result, made.texts) for q in dataset.questions]
    return Outcome(dataset, found, result, details)


def _asked_of(made: Collection, *, read: bool) -> dict[str, Any]:
    """What was asked: settings, models, and what it cost to make."""
    assistant = made.assistant
    return {
        "settings": made.settings.model_dump(mode="json", exclude={"index_dir", "cache_dir", "host", "port"}),
        "models": {"encoder": assistant.encoder.name} | ({"reader": assistant.reader.name} if read else {}),
        "fingerprint": made.settings.fingerprint(),
        "costs": {**made.costs, "peak MiB": peak_mb()},
    }
