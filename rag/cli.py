"""``pullquote``: the terminal's edge. Results go to stdout, progress and errors to stderr; errors are one line."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Literal

import typer

if TYPE_CHECKING:
    from rag.config import Settings
    from rag.ingest import IngestReport
    from rag.store import Library
    from rag.types import Hit, Turn

app = typer.Typer(
    name="pullquote",
    help="Ask your documents, get quotes.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
)
Collection = Annotated[str | None, typer.Option(help="Collection name.")]
Index = Annotated[Path | None, typer.Option("--index", help="Folder that holds the collections.")]


def main() -> None:
    """Entry point. Exit codes: 0 done, 1 something asked for failed, 2 wrong usage, 130 stopped by Ctrl-C."""
    from rag.errors import RagError

    try:
        app()
    except RagError as error:
        print(f"pullquote: {error}", file=sys.stderr)
        sys.exit(1)
    except KeyboardInterrupt:
        print("pullquote: stopped; everything finished so far is kept, run the same command to go on", file=sys.stderr)
        sys.exit(130)
    except BrokenPipeError:
        sys.stderr.close()
        sys.exit(1)


@app.command()
def add(
    paths: Annotated[list[str], typer.Argument(help="Files or folders.", metavar="PATH...")],
    collection: Collection = None,
    index: Index = None,
    prune: Annotated[bool, typer.Option(help="Remove documents whose files have vanished.")] = False,
) -> None:
    """Add files and folders; only what is new or changed is read. Exit code 1 if any source failed."""
    from rag.ingest import add_paths
    from rag.models import load_encoder

    settings, library = _open(collection, index, create=True)
    encoder = load_encoder(library.encoder_name or settings.encoder, cache_dir=settings.cache_dir)
    with _progress() as progress:
        report = add_paths(
            library, [Path(path) for path in paths], encoder=encoder, settings=settings, prune=prune, progress=progress
        )
    _print_report(report)
    if report.failed:
        raise typer.Exit(1)


@app.command()
def remove(
    documents: Annotated[list[str], typer.Argument(help="URIs or ids, as `list` shows them.", metavar="URI_OR_ID...")],
    collection: Collection = None,
    index: Index = None,
) -> None:
    """Remove documents and every copy of their words, and print a receipt."""
    from rag.ingest import remove as remove_documents

    _, library = _open(collection, index)
    receipt = remove_documents(library, [_document_id(library, name) for name in documents])
    print(
        f"removed {receipt.documents} documents: {receipt.contents} texts of {receipt.characters:,} characters, "
        f"{receipt.passages} passages with their vectors and terms, quotes in {receipt.turns} saved answers"
    )


@app.command("list")
def list_documents(collection: Collection = None, index: Index = None) -> None:
    """List the documents: id, date, title, URI."""
    _, library = _open(collection, index)
    for document in library.documents():
        print(f"{document.id}  {document.published or '-':10}  {document.title}  <{document.uri}>")


@app.command()
def show(
    document: Annotated[str, typer.Argument(help="URI or id.", metavar="ID")],
    collection: Collection = None,
    index: Index = None,
) -> None:
    """Show a document: what is known about it, what reading it dropped, and its text."""
    _, library = _open(collection, index)
    found = library.document(_document_id(library, document))
    for name in ("title", "uri", "link", "author", "publisher", "published", "media_type", "revision"):
        if getattr(found, name):
            print(f"{name}: {getattr(found, name)}")
    report = found.report
    print(f"reading: {report.encoding}, {report.dropped_share:.0%} dropped as boilerplate")
    for line in (*report.notes, *(f"dropped: {line}" for line in report.dropped)):
        print(f"  {line}")
    print(f"\n{found.text}")


@app.command()
def ask(
    question: Annotated[str, typer.Argument(help="The question.")],
    as_json: Annotated[bool, typer.Option("--json", help="Print one JSON object.")] = False,
    explain: Annotated[bool, typer.Option(help="Show the scores that put the best ten passages there.")] = False,
    mode: Annotated[str | None, typer.Option(help="strict, balanced or eager.")] = None,
    collection: Collection = None,
    index: Index = None,
) -> None:
    """Ask one question. "Nothing found" is an answer: the exit code is 0."""
    from rag.assistant import Assistant
    from rag.export import answer_json, plain_answer

    settings, library = _open(collection, index, mode=mode)
    turn = Assistant(library, settings).ask(question)
    print(json.dumps(answer_json(turn), ensure_ascii=False) if as_json else plain_answer(turn))
    if explain:
        _explain(library, turn.answer.trace[:10])


@app.command()
def chat(collection: Collection = None, index: Index = None) -> None:
    """Ask and follow up in the terminal; an empty line or Ctrl-D ends."""
    from rag.assistant import Assistant
    from rag.errors import QuestionError
    from rag.export import plain_answer

    settings, library = _open(collection, index)
    assistant, turns = Assistant(library, settings), list["Turn"]()
    while question := _typed("\n? "):
        try:
            turns.append(assistant.ask(question, turns))
        except QuestionError as error:
            print(error, file=sys.stderr)
            continue
        print(plain_answer(turns[-1]))


@app.command()
def serve(
    host: Annotated[str | None, typer.Option(help="Address to listen on.")] = None,
    port: Annotated[int | None, typer.Option(help="Port to listen on; 0 takes a free one.")] = None,
    open_to_network: Annotated[bool, typer.Option(help="Let others reach it; there are no passwords.")] = False,
    collection: Collection = None,
    index: Index = None,
) -> None:
    """Serve the page in the browser."""
    from rag.serve import serve as run

    settings, _ = _open(collection, index, host=host, port=port)
    run(settings, open_to_network=open_to_network)


@app.command()
def mcp(collection: Collection = None, index: Index = None) -> None:
    """Serve the tools ask, search and open_quote to an MCP client over standard input and output."""
    from rag.ui.mcp_server import serve_stdio

    serve_stdio(*_open(collection, index))


@app.command()
def conversations(collection: Collection = None, index: Index = None) -> None:
    """List the saved conversations: id, last use, number of turns, title."""
    _, library = _open(collection, index)
    rows = library.connect().execute(
        "SELECT c.id, c.updated, count(t.number), c.title FROM conversations c "
        "LEFT JOIN turns t ON t.conversation = c.id GROUP BY c.id ORDER BY c.updated DESC, c.id"
    )
    for number, updated, turns, title in rows:
        print(f"{number}  {updated[:16]}  {turns:3}  {title}")


@app.command()
def export(
    conversation: Annotated[str, typer.Argument(help="Id, as `conversations` shows it.")],
    form: Annotated[Literal["html", "md", "json"], typer.Option("--format", help="html, md or json.")] = "md",
    collection: Collection = None,
    index: Index = None,
) -> None:
    """Print a conversation with every quote's document, revision and offsets."""
    from rag.export import export as render

    _, library = _open(collection, index)
    owner = library.conversations.owner_of(conversation)
    title = next(item.title for item in library.conversations.list(owner) if item.id == conversation)
    print(render(title, library.conversations.turns(conversation, owner), form), end="")


@app.command()
def verify(collection: Collection = None, index: Index = None) -> None:
    """Check that every passage and saved quote is a slice and that all indexes agree. Exit code 1 if not."""
    from rag.store import verify as check

    _finish(check(_open(collection, index)[1]), "pullquote repair")


@app.command()
def repair(collection: Collection = None, index: Index = None) -> None:
    """Rebuild the full-text index and the vector file from the library; nothing is encoded again."""
    from rag.store import repair as rebuild

    _finish(rebuild(_open(collection, index)[1]), "restore a backup of library.sqlite")


@app.command()
def doctor(collection: Collection = None, index: Index = None) -> None:
    """Check the installation: models, tokenizer, full text, vectors, disk. Exit code 1 if something is wrong."""
    from rag.config import load_settings
    from rag.doctor import examine

    checks = examine(load_settings(collection=collection, index_dir=index))
    for check in checks:
        print(f"{'ok  ' if check.ok else 'FAIL'} {check.name}: {check.detail}")
    if not all(check.ok for check in checks):
        raise typer.Exit(1)


def _open(collection: str | None, index: Path | None, create: bool = False, **flags: Any) -> tuple[Settings, Library]:
    from rag.config import load_settings
    from rag.store import open_library

    settings = load_settings(collection=collection, index_dir=index, **flags)
    return settings, open_library(settings, create=create)


def _document_id(library: Library, name: str) -> str:
    """The id itself, or the id of the document with this URI or path."""
    path = Path(name).resolve().as_uri() if "://" not in name else name
    return next((d.id for d in library.documents() if name in (d.id, d.uri) or path == d.uri), name)


def _typed(prompt: str) -> str:
    try:
        return input(prompt).strip()
    except EOFError:
        return ""


@contextmanager
def _progress() -> Iterator[Callable[[int, int, str], None] | None]:
    """A progress bar on stderr where that is a terminal; nothing elsewhere."""
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

    console = Console(stderr=True)
    if not console.is_terminal:
        yield None
        return
    with Progress(
        BarColumn(), MofNCompleteColumn(), TimeRemainingColumn(), TextColumn("{task.description}"), console=console
    ) as bar:
        task = bar.add_task("reading")
        yield lambda done, total, name: bar.update(task, completed=done, total=total, description=name[-40:])


def _print_report(report: IngestReport) -> None:
    names = ("added", "changed", "unchanged", "vanished", "removed", "skipped", "failed")
    counts = [f"{len(getattr(report, name))} {name}" for name in names if getattr(report, name)]
    print(f"{', '.join(counts) or 'nothing to do'}; {report.passages} new passages")
    for uri, why in report.failed:
        print(f"failed: {why if uri in why else f'{uri}: {why}'}", file=sys.stderr)
    if report.vanished:
        print("vanished files are still in the library; --prune removes them", file=sys.stderr)


def _explain(library: Library, hits: Sequence[Hit]) -> None:
    """A line per hit on stderr, so that --json stays one object."""
    ids = [hit.passage_id for hit in hits]
    texts, owners = library.passage_texts(ids), library.owners(ids)
    print("\nrank  fused  cosine   BM25  relevance  passage", file=sys.stderr)
    for hit in hits:
        channels = (hit.dense, hit.lexical, hit.relevance)
        scores = ["     -" if value is None else f"{value:6.3f}" for value in channels]
        title = owners[hit.passage_id][0].title if hit.passage_id in owners else "removed"
        start = " ".join(texts.get(hit.passage_id, "").split())[:50]
        line = f"{hit.rank:4} {hit.score:6.3f}  {scores[0]} {scores[1]}     {scores[2]}  {title[:40]}: {start}"
        print(line, file=sys.stderr)


def _finish(problems: list[str], fix: str) -> None:
    for problem in problems:
        print(problem)
    if problems:
        print(f"{len(problems)} problems. Fix: {fix}", file=sys.stderr)
        raise typer.Exit(1)
    print("everything agrees")
