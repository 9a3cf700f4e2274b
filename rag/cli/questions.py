"""Commands that answer: ask, chat, serve, mcp, conversations, export."""

from __future__ import annotations

import json
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal

import typer

from rag.cli.base import Collection, Index, app, opened

if TYPE_CHECKING:
    from rag.store import Library
    from rag.types import Hit, Turn


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

    settings, library = opened(collection, index, mode=mode)
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

    settings, library = opened(collection, index)
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
    auth_file: Annotated[Path | None, typer.Option(help="Let in those whom `pullquote user` wrote here.")] = None,
    open_to_network: Annotated[bool, typer.Option(help="Let others reach it without passwords.")] = False,
    collection: Collection = None,
    index: Index = None,
) -> None:
    """Serve the page in the browser."""
    from rag.serve import serve as run

    settings, _ = opened(collection, index, host=host, port=port)
    run(settings, open_to_network=open_to_network, auth_file=auth_file)


@app.command()
def mcp(collection: Collection = None, index: Index = None) -> None:
    """Serve the tools ask, search and open_quote to an MCP client over standard input and output."""
    from rag.ui.mcp_server import serve_stdio

    serve_stdio(*opened(collection, index))


@app.command()
def conversations(collection: Collection = None, index: Index = None) -> None:
    """List the saved conversations: id, last use, number of turns, title."""
    _, library = opened(collection, index)
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

    _, library = opened(collection, index)
    owner = library.conversations.owner_of(conversation)
    title = next(item.title for item in library.conversations.list(owner) if item.id == conversation)
    print(render(title, library.conversations.turns(conversation, owner), form), end="")


def _typed(prompt: str) -> str:
    try:
        return input(prompt).strip()
    except EOFError:
        return ""


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
