"""``python -m eval``: run, compare, bench, check. Only this file and `eval.terminal` print."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any

import typer
from rich.console import Console
from rich.progress import Progress as Bar

from rag.errors import RagError

app = typer.Typer(add_completion=False, no_args_is_help=True, help="Judge Pullquote on a data set.")
out, err = Console(), Console(stderr=True)


def _settings(changes: list[str], index: Path | None, collection: str | None) -> Any:
    from eval.types import DataError
    from rag.config import load_settings

    pairs = dict(change.partition("=")[::2] for change in changes)
    if "" in pairs or "" in pairs.values():
        raise DataError(f"cannot read --set {changes}", why="it is not name=value", fix="--set reader=sentences")
    return load_settings(**pairs, index_dir=index, collection=collection)


@app.command()
def run(
    data: Annotated[Path, typer.Option(help="File or folder of the data set.")],
    format: Annotated[str, typer.Option(help="squad, beir, jsonl, conversations, csv, questions; else guessed.")] = "",
    sources: Annotated[Path | None, typer.Option(help="Folder of documents, where the data set brings none.")] = None,
    index: Annotated[Path | None, typer.Option(help="Ask an existing collection under this folder.")] = None,
    collection: Annotated[str | None, typer.Option(help="Its name.")] = None,
    split: Annotated[str, typer.Option(help="Split of a BEIR folder or of conversations.")] = "test",
    limit: Annotated[int | None, typer.Option(min=1, help="Ask a seeded sample of this size.")] = None,
    read: Annotated[bool, typer.Option(help="--no-read: retrieval only.")] = True,
    set_: Annotated[list[str], typer.Option("--set", help="Any setting, name=value.")] = [],  # noqa: B006
    work: Annotated[Path | None, typer.Option(help="Folder for the ingested data sets.")] = None,
    json: Annotated[Path | None, typer.Option(help="Write the report.")] = None,
    predictions: Annotated[Path | None, typer.Option(help="Write one JSON line per question.")] = None,
    details: Annotated[Path | None, typer.Option(help="The same with gold, stages and measures.")] = None,
    html: Annotated[Path | None, typer.Option(help="Write the report as one page.")] = None,
    strict: Annotated[bool, typer.Option(help="Exit 2 if the input has problems.")] = False,
) -> None:
    """Ask every question of a data set and print what came of it."""
    from eval import collection as collections
    from eval import formats, page, report, terminal
    from eval.names import settle
    from eval.origin import origin, peak_mb
    from eval.product import Product
    from eval.run import predict, sample

    dataset = formats.read(data, format or formats.guess(data), split=split, sources=sources)
    existing = index is not None or collection is not None
    where = None if existing else work or collections.WORK
    with Bar(console=err, transient=True) as bar:
        task = bar.add_task("ingest", total=None)
        made = collections.collect(dataset, _settings(set_, index, collection), work=where)
        dataset = sample(settle(dataset, made.names, made.texts), limit)
        product = Product(made.library, made.settings, made.encoder, made.names, made.texts)
        bar.update(task, description="questions", total=len(dataset.questions))
        found, errors = predict(
            product, dataset.questions, read=read, progress=lambda done, all_: bar.update(task, completed=done)
        )
    result = report.build(
        dataset,
        found,
        {
            **origin(),
            "settings": made.settings.model_dump(mode="json", exclude={"index_dir", "cache_dir", "host", "port"}),
            "fingerprint": made.settings.fingerprint(),
            "costs": {**made.costs, "peak MiB": peak_mb()},
            "errors": [*made.errors, *errors],
            "read": read,
        },
    )
    terminal.show(result, out)
    lines = [report.detail_line(q, found[q.id], result, made.texts) for q in dataset.questions]
    if json:
        report.write_json(json, result)
    if predictions:
        report.write_lines(predictions, [report.prediction_line(found[q.id]) for q in dataset.questions])
    if details:
        report.write_lines(details, lines)
    if html:
        html.parent.mkdir(parents=True, exist_ok=True)
        html.write_text(page.render(result, lines), encoding="utf-8")
    if strict and (dataset.problems or result["errors"]):
        raise typer.Exit(2)


@app.command()
def compare(a: Path, b: Path) -> None:
    """Compare two reports question by question. Exit 1 if B is significantly worse on a measure that is a gate."""
    from eval import compare as comparison
    from eval import terminal

    changes, notes, missing = comparison.compare(comparison.load(a), comparison.load(b))
    terminal.show_changes(changes, notes, out)
    if missing or any(change.fails for change in changes):
        raise typer.Exit(1)


def main() -> None:
    """Run, and turn our own errors into one line and exit code 2."""
    try:
        app()
    except RagError as error:
        err.print(f"[red]error:[/] {error}", soft_wrap=True, highlight=False)
        raise SystemExit(2) from None


if __name__ == "__main__":
    main()
