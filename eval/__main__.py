"""``python -m eval``: run, compare, pin, bench, pdf; what they print is here and in `eval.terminal`."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.console import Console
from rich.markup import escape
from rich.progress import Progress as Bar

from rag.errors import RagError

app = typer.Typer(add_completion=False, no_args_is_help=True, help="Judge Pullquote on a data set.")
CORPUS = Path("corpus")
_WRITTEN: Any = {"dir_okay": False, "writable": True}  # looked at before the questions are asked
out, err = Console(width=None if sys.stdout.isatty() else 110), Console(stderr=True)


def _settings(changes: list[str], index: Path | None, collection: str | None) -> Any:
    from eval.types import DataError
    from rag.config import load_settings

    pairs = dict(change.partition("=")[::2] for change in changes)
    if "" in pairs or "" in pairs.values():
        raise DataError(f"cannot read --set {changes}", why="it is not name=value", fix="--set reader=sentences")
    flags = {name: value for name, value in (("index_dir", index), ("collection", collection)) if value is not None}
    return load_settings(**(pairs | flags))


@app.command()
def run(  # noqa: PLR0913 - one flag per choice
    *,
    data: Annotated[Path, typer.Option(help="File or folder of the data set.")],
    format: Annotated[str, typer.Option(help="squad, beir, jsonl, conversations, csv, questions; else guessed.")] = "",
    sources: Annotated[Path | None, typer.Option(help="Folder of documents, where the data set brings none.")] = None,
    index: Annotated[Path | None, typer.Option(help="Ask an existing collection under this folder.")] = None,
    collection: Annotated[str | None, typer.Option(help="Its name.")] = None,
    split: Annotated[str, typer.Option(help="Split of a BEIR folder or of conversations.")] = "test",
    limit: Annotated[int | None, typer.Option(min=1, help="Ask a seeded sample of this size.")] = None,
    read: Annotated[bool, typer.Option(help="--no-read: retrieval only.")] = True,
    set_: Annotated[list[str] | None, typer.Option("--set", help="Any setting, name=value; may be repeated.")] = None,
    work: Annotated[Path | None, typer.Option(help="Folder for the ingested data sets.")] = None,
    json: Annotated[Path | None, typer.Option(help="Write the report.", **_WRITTEN)] = None,
    predictions: Annotated[Path | None, typer.Option(help="Write one JSON line per question.", **_WRITTEN)] = None,
    details: Annotated[Path | None, typer.Option(help="The same with gold, stages and measures.", **_WRITTEN)] = None,
    html: Annotated[Path | None, typer.Option(help="Write the report as one page.", **_WRITTEN)] = None,
    strict: Annotated[bool, typer.Option(help="Exit 2 if the input has problems.")] = False,
) -> None:
    """Ask every question of a data set and print what came of it."""
    from eval import formats, terminal
    from eval.collection import WORK
    from eval.session import evaluate

    dataset = formats.read(data, format or formats.guess(data), split=split, sources=sources)
    place = None if index or collection else work or WORK
    with Bar(console=err, transient=True) as bar:
        task = bar.add_task("starting", total=None)

        def progress(done: int, total: int, stage: str) -> None:
            bar.update(task, completed=done, total=total, description=stage)

        outcome = evaluate(
            dataset, _settings(set_ or [], index, collection), work=place, limit=limit, read=read, progress=progress
        )
    terminal.show(outcome.report, out)
    outcome.write(json=json, predictions=predictions, details=details, html=html)
    if strict and (outcome.report["problems"] or outcome.report["errors"]):
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


@app.command()
def pin(report: Path, baseline: Path) -> None:
    """Keep a report's gates as the baseline that later runs are compared with."""
    from eval import compare as comparison
    from eval.report import write_json

    write_json(baseline, comparison.baseline(comparison.load(report)))


@app.command()
def bench(
    data: Annotated[Path | None, typer.Option(help="Texts to make passages of: a data set with documents.")] = None,
    sizes: Annotated[str, typer.Option(help="Passages in each collection.")] = "1000,10000,100000",
    json: Annotated[Path | None, typer.Option(help="Write the figures.")] = None,
) -> None:
    """Measure ingest, memory and query time by size, against plain sentence-transformers with FAISS."""
    from eval import bench as benchmark
    from eval import formats, terminal
    from eval.collection import read_sources
    from eval.report import write_plain
    from eval.types import DataError

    counts = [int(size) for size in sizes.split(",") if size.strip().isdecimal()]
    if len(counts) != sizes.count(",") + 1 or 0 in counts:
        raise DataError(f"cannot read --sizes {sizes}", why="it is not numbers of passages", fix="--sizes 1000,10000")
    if data is None:
        texts = [document.text for document in read_sources(CORPUS)]
    else:
        texts = [document.text for document in formats.read(data, formats.guess(data)).documents]
    found = benchmark.bench(texts, counts)
    terminal.show_bench(found, out)
    if json:
        write_plain(json, found)


@app.command()
def pdf(
    folder: Annotated[Path, typer.Argument(help="PDF files, looked for in all folders below.")],
    quotes: Annotated[int, typer.Option(min=1, help="How many quotes are drawn.")] = 200,
    seed: Annotated[int, typer.Option(help="Of the drawing.")] = 6,
) -> None:
    """Draw quotes from PDFs and read back what their rectangles hold; exit 1 if one does not hold its quote."""
    from eval.pdf_quotes import check

    checked = list(check(sorted(folder.rglob("*.pdf")), count=quotes, seed=seed))
    wrong = [each for each in checked if not each.exact]
    for each in wrong:
        line = f"{each.file}: {each.quote!r} is boxed as {each.inside!r}"
        out.print(line, highlight=False, markup=False, soft_wrap=True)
    files, pages = len({each.file for each in checked}), sum(each.pages > 1 for each in checked)
    out.print(
        f"{len(checked) - len(wrong)} of {len(checked)} quotes from {files} files exact, {pages} over several pages"
    )
    if wrong:
        raise typer.Exit(1)


def main() -> None:
    """Run, and turn our own errors into one line and exit code 2."""
    try:
        app()
    except RagError as error:
        err.print(f"[red]error:[/] {escape(str(error))}", soft_wrap=True, highlight=False)
        raise SystemExit(2) from None


if __name__ == "__main__":
    main()
