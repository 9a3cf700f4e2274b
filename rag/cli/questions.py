"""Commands that answer: ask, chat, serve, mcp."""

from __future__ import annotations

import json
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from rag.cli.base import Collection, Index, app, opened
from rag.types import Filters, Turn

if TYPE_CHECKING:
    from rag.store import Library
    from rag.types import Hit


_END = ("quit", "exit", "q", "bye", "/quit", "/exit", "/q")
_COMMANDS = (
    "Type a question, or a follow-up. /raw searches the last one again in your own words, /all without the filters\n"
    "that it says in words; an empty line, quit or Ctrl-D ends."
)
_AGAIN: dict[str, dict[str, Any]] = {"/raw": {"raw": True}, "/all": {"only": True}}


@app.command()
def ask(  # noqa: PLR0913 (each option is one)
    question: Annotated[list[str], typer.Argument(help="The question.", metavar="QUESTION")],
    as_json: Annotated[bool, typer.Option("--json", help="Print one JSON object.")] = False,
    raw: Annotated[bool, typer.Option("--raw", help="Search the words as typed: no filters out of them.")] = False,
    since: Annotated[str, typer.Option(help="Only sources of this day, month or year, or later.")] = "",
    until: Annotated[str, typer.Option(help="Only sources of this day, month or year, or earlier.")] = "",
    publisher: Annotated[str, typer.Option(help="Only sources of this publisher.")] = "",
    document: Annotated[list[str] | None, typer.Option(help="Only this document: id, URI or path; repeatable.")] = None,
    explain: Annotated[bool, typer.Option(help="Show the scores that put the best ten passages there.")] = False,
    mode: Annotated[str | None, typer.Option(help="strict, balanced or eager.")] = None,
    collection: Collection = None,
    index: Index = None,
) -> None:
    """Ask one question. "Nothing found" is an answer: the exit code is 0."""
    from rag.assistant import Assistant
    from rag.cli.filters import chosen
    from rag.export import answer_json, plain_answer

    settings, library = opened(collection, index, mode=mode)
    filters = chosen(library, since=since, until=until, publisher=publisher, documents=document or [])
    turn = Assistant(library, settings).ask(" ".join(question), raw=raw, filters=filters)
    said = turn.resolution.filters != filters and not raw
    plain = plain_answer(turn, undo="--raw searches your words as they stand" if said else "")
    print(json.dumps(answer_json(turn), ensure_ascii=False) if as_json else plain)
    if explain:
        _explain(library, turn.answer.trace[:10])


@app.command()
def chat(
    go_on: Annotated[str, typer.Option("--continue", help="Id of a saved conversation, or `last`.")] = "",
    collection: Collection = None,
    index: Index = None,
) -> None:
    """Ask and follow up in the terminal; an empty line, quit, Ctrl-D or Ctrl-C ends. The conversation is saved.

    /raw searches the last question again in your own words, /all without the filters that it says in words.
    """
    from rag.assistant import Assistant
    from rag.cli.conversations import Saved
    from rag.errors import LibraryError, QuestionError
    from rag.export import plain_answer

    settings, library = opened(collection, index)
    assistant, saved = Assistant(library, settings), Saved(library, go_on)
    if saved.turns:
        print(f"? {saved.turns[-1].question}\n{plain_answer(saved.turns[-1])}")
    while (typed := _typed()) and typed.casefold() not in _END:
        if hint := _hint(typed, saved.turns):
            print(hint)
            continue
        again = typed in _AGAIN
        question = saved.turns[-1].question if again else typed
        before = saved.turns[:-1] if again else saved.turns
        try:
            turn = assistant.ask(question, before, **(_AGAIN[typed] if again else {}))
        except QuestionError as error:
            print(error, file=sys.stderr)
            continue
        print(plain_answer(turn, undo="" if again else "/raw searches your own words, /all every source"))
        try:
            saved.add(turn)
        except LibraryError as error:  # the answer stands, and the chat goes on
            print(error, file=sys.stderr)
    saved.end()


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


def _hint(typed: str, turns: Sequence[Turn]) -> str:
    """What to say of a word for the chat itself that asks nothing; "" for a question and for what can be done again."""
    if not typed.startswith("/") and typed.casefold() != "help":
        return ""
    if typed not in _AGAIN:
        return _COMMANDS
    if not turns:
        return "Nothing has been asked yet."
    plain = typed == "/all" and turns[-1].resolution.filters == Filters()
    return "The last question was asked of all sources." if plain else ""


def _typed() -> str:
    try:
        return input("\n? ").strip()
    except (EOFError, KeyboardInterrupt):
        print()
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
