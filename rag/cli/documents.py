"""Commands about documents: add, remove, purge, list, show."""

from __future__ import annotations

import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from rag.cli.base import Collection, Index, app, document_ids, opened
from rag.errors import LibraryError

if TYPE_CHECKING:
    from rag.config import Settings
    from rag.ingest import IngestReport
    from rag.store import Library, Receipt
    from rag.types import Document

_COLUMN = (
    "Which column of CSV, or field of JSON records, holds the text (html if it is marked up), id, title, author, "
    "publisher, date, language or url. Remembered with the file."
)
_NAMED = 5  # skipped files in a report, at most
_POLL = 1.0  # seconds between two looks at followed files


@app.command()
def add(
    paths: Annotated[list[str], typer.Argument(help="Files, folders, web pages, sitemaps.", metavar="PATH_OR_URL...")],
    collection: Collection = None,
    index: Index = None,
    prune: Annotated[bool, typer.Option(help="Remove documents whose files are gone, or ignored now.")] = False,
    watch: Annotated[bool, typer.Option(help="Go on following the files until Ctrl-C.")] = False,
    allow_private: Annotated[bool, typer.Option(help="Let an address be on a private network.")] = False,
    column: Annotated[list[str] | None, typer.Option(help=_COLUMN, metavar="FIELD=NAME")] = None,
) -> None:
    """Add files and folders, or fetch web addresses; only what is new or changed is read.

    Read are .txt .text .log .rst .md .markdown .html .htm .xhtml .pdf .docx .docm .epub .jsonl .ndjson .json .csv .tsv
    .rss .atom .xml .eml .mbox .mht .mhtml, and what .zip, .tar, .gz, .bz2 and .xz files hold of these.

    Exit code 1 if any source failed.
    """
    from rag.fetch import is_address
    from rag.ingest import IngestReport, stamps
    from rag.loaders.columns import columns_of

    columns = columns_of(column or [])
    settings, library = opened(collection, index, create=True)
    addresses = [path for path in paths if is_address(path)]
    places = [Path(path) for path in paths if path not in addresses]
    failed, report = False, IngestReport()
    try:
        if addresses:
            _fetch(library, settings, addresses, report, columns=columns, allow_private=allow_private)
            _print_report(report)
            failed = bool(report.failed)
        if places:
            report, seen = IngestReport(), stamps(places) if watch else {}
            _sync(library, settings, places, report, columns=columns, prune=prune)
            _print_report(report)
            failed = failed or bool(report.failed)
        while watch and places:
            report = IngestReport()  # nothing is under way while it waits
            seen = _follow(library, settings, places, seen, report, columns=columns, prune=prune)
    except KeyboardInterrupt:
        _print_report(report)
        raise typer.Exit(130) from None  # rag.cli.main says that it was stopped
    if failed:
        raise typer.Exit(1)


def _fetch(library: Library, settings: Settings, addresses: list[str], report: IngestReport, **options: Any) -> None:
    from rag.ingest import add_address
    from rag.models import load_encoder

    encoder = load_encoder(library.encoder_name or settings.encoder, cache_dir=settings.cache_dir)
    with _progress() as progress:
        for address in addresses:
            add_address(
                library, address, encoder=encoder, settings=settings, report=report, progress=progress, **options
            )


def _sync(library: Library, settings: Settings, places: list[Path], report: IngestReport, **options: Any) -> None:
    from rag.ingest import add_paths
    from rag.models import load_encoder

    encoder = load_encoder(library.encoder_name or settings.encoder, cache_dir=settings.cache_dir)
    with _progress() as progress:
        add_paths(library, places, encoder=encoder, settings=settings, report=report, progress=progress, **options)


def _follow(
    library: Library, settings: Settings, places: list[Path], seen: dict[str, str], report: IngestReport, **options: Any
) -> dict[str, str]:
    """Wait until the files are not as ``seen``, and sync once; the files to compare with next time."""
    from rag.ingest import stamps

    time.sleep(_POLL)
    while (now := stamps(places)) == seen:
        time.sleep(_POLL)
    try:
        _sync(library, settings, places, report, **options)
        _print_report(report)
    except LibraryError as error:  # somebody else writes: the same again
        print(f"pullquote: {error}", file=sys.stderr, flush=True)
        return {}
    return now


@app.command()
def remove(
    documents: Annotated[
        list[str], typer.Argument(help="URIs or ids, as in `list`, or files.", metavar="URI_OR_ID...")
    ],
    collection: Collection = None,
    index: Index = None,
) -> None:
    """Remove documents and every copy of their words, and print a receipt."""
    from rag.ingest import remove as remove_documents

    _, library = opened(collection, index)
    receipt = remove_documents(library, document_ids(library, documents))
    print(f"removed {receipt.documents} document{'s' * (receipt.documents != 1)}: {_gone(receipt)}")


@app.command()
def purge(
    documents: Annotated[list[str] | None, typer.Argument(help="URIs, ids or files; all if none is given.")] = None,
    collection: Collection = None,
    index: Index = None,
) -> None:
    """Forget earlier revisions of changed documents, the saved quotes of them too, and print a receipt."""
    from rag.ingest import purge as purge_documents

    _, library = opened(collection, index)
    ids = document_ids(library, documents or []) or [item.id for item in library.documents()]
    print(f"purged earlier revisions: {_gone(purge_documents(library, ids))}")


@app.command("list")
def list_documents(collection: Collection = None, index: Index = None) -> None:
    """List the documents: id, date, title, URI."""
    _, library = opened(collection, index)
    documents = library.documents()
    if not documents:
        print("the collection is empty; pullquote add FOLDER fills it", file=sys.stderr)
    for document in documents:
        print(f"{document.id}  {document.published or '-':10}  {document.title}  <{document.uri}>")


@app.command()
def show(
    document: Annotated[str, typer.Argument(help="URI, id or file.", metavar="ID")],
    collection: Collection = None,
    index: Index = None,
) -> None:
    """Show a document, or each of a file: what is known about it, what reading it dropped, and its text."""
    _, library = opened(collection, index)
    for number, each in enumerate(document_ids(library, [document])):
        print("\n" if number else "", end="")
        _print_document(library.document(each))


def _print_document(found: Document) -> None:
    for name in ("title", "uri", "link", "author", "publisher", "published", "media_type", "revision"):
        if getattr(found, name):
            print(f"{name}: {getattr(found, name)}")
    report = found.report
    print(f"reading: {report.encoding}, {report.dropped_share:.0%} dropped as boilerplate")
    for line in (*report.notes, *(f"dropped: {line}" for line in report.dropped)):
        print(f"  {line}")
    print(f"\n{found.text}")


@contextmanager
def _progress() -> Iterator[Callable[[int, int, str], None] | None]:
    """A progress bar on stderr where that is a terminal; nothing elsewhere."""
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

    console = Console(stderr=True)
    if not console.is_terminal:
        yield None
        return
    columns = (BarColumn(), MofNCompleteColumn(), TextColumn("{task.fields[rate]}"), TimeRemainingColumn())
    with Progress(*columns, TextColumn("{task.description}"), console=console) as bar:
        task, started = bar.add_task("reading", total=None, rate=""), time.monotonic()

        def show_progress(done: int, total: int, name: str) -> None:
            rate = f"{done / max(time.monotonic() - started, 1e-3):.1f} files/s"
            bar.update(task, completed=done, total=total, description=name[-40:], rate=rate)

        yield show_progress


def _gone(receipt: Receipt) -> str:
    return (
        f"{receipt.contents} texts of {receipt.characters:,} characters, {receipt.passages} passages with as many "
        f"vectors, {receipt.terms:,} words that stand nowhere else, quotes in {receipt.turns} saved answers; no file "
        "of the collection holds their words"
    )


def _print_report(report: IngestReport) -> None:
    names = ("added", "changed", "unchanged", "vanished", "removed", "skipped", "failed")
    counts = [f"{len(getattr(report, name))} {name}" for name in names if getattr(report, name)]
    print(f"{', '.join(counts) or 'nothing to do'}; {report.passages} new passages", flush=True)
    for uri in report.skipped[:_NAMED]:
        print(f"skipped: {uri}: files with this ending are not read", file=sys.stderr)
    if len(report.skipped) > _NAMED:
        print(f"skipped: ... and {len(report.skipped) - _NAMED} more", file=sys.stderr)
    for uri, why in report.failed:
        print(f"failed: {why if uri in why else f'{uri}: {why}'}", file=sys.stderr)
    if report.vanished:
        print("vanished files are still in the library; --prune removes them", file=sys.stderr)
