"""Commands about saved conversations: conversations, rename, forget, export, verify-export."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal

import typer

from rag.cli.base import Collection, Index, app, opened

if TYPE_CHECKING:
    from rag.store import Conversation, Library
    from rag.types import Turn

_OWNER = "terminal"
_ID = typer.Argument(help="Id, as `pullquote conversations` shows it, or `last`.")


class Saved:
    """The conversation of a chat: an old one that goes on, or a new one from its first turn."""

    def __init__(self, library: Library, go_on: str) -> None:
        self._kept, self._id, self._owner = library.conversations, "", _OWNER
        self.turns: list[Turn] = []
        if go_on:
            self._id = _found(library, go_on).id
            self._owner = self._kept.owner_of(self._id)
            self.turns = self._kept.turns(self._id, self._owner)

    def add(self, turn: Turn) -> None:
        """Keep a turn, here and on disk. Raises :class:`LibraryError` where it could be kept here only."""
        self.turns.append(turn)
        self._id = self._id or self._kept.create(self._owner)
        self._kept.append(self._id, self._owner, turn)

    def end(self) -> None:
        """Say how to go on another day."""
        if self._id:
            print(f"saved; go on with: pullquote chat --continue {self._id}")


@app.command()
def conversations(
    find: Annotated[str, typer.Option(help="Only those in which all these words were asked or quoted.")] = "",
    collection: Collection = None,
    index: Index = None,
) -> None:
    """List the saved conversations: id, last use, number of turns, title."""
    _, library = opened(collection, index)
    for item in library.conversations.list(None, find=find):
        print(f"{item.id}  {item.updated[:16]}  {item.turns:3}  {item.title}")


@app.command()
def rename(
    conversation: Annotated[str, _ID],
    title: Annotated[list[str], typer.Argument(help="The new title.", metavar="TITLE")],
    collection: Collection = None,
    index: Index = None,
) -> None:
    """Give a saved conversation another title."""
    _, library = opened(collection, index)
    number = _found(library, conversation).id
    library.conversations.rename(number, library.conversations.owner_of(number), " ".join(title))


@app.command()
def forget(conversation: Annotated[str, _ID], collection: Collection = None, index: Index = None) -> None:
    """Delete a saved conversation; prints a receipt."""
    _, library = opened(collection, index)
    found = _found(library, conversation)
    turns = library.conversations.delete(found.id, library.conversations.owner_of(found.id))
    print(f"deleted {found.id} ({found.title}): {turns} turns")


@app.command()
def export(
    conversation: Annotated[str, _ID],
    form: Annotated[Literal["html", "md", "json"], typer.Option("--format", help="html, md or json.")] = "md",
    collection: Collection = None,
    index: Index = None,
) -> None:
    """Print a conversation with every quote's document, revision and offsets."""
    from rag.export import export as render

    _, library = opened(collection, index)
    found = _found(library, conversation)
    turns = library.conversations.turns(found.id, library.conversations.owner_of(found.id))
    print(render(found.title, turns, form), end="")


@app.command("verify-export")
def verify_export(
    file: Annotated[Path, typer.Argument(help="A file that `export` wrote: HTML, Markdown or JSON.")],
    collection: Collection = None,
    index: Index = None,
) -> None:
    """Hold every quote of an export against the library. Exit code 1 unless all are exact."""
    from rag.errors import SourceError
    from rag.exported import check_export

    _, library = opened(collection, index)
    try:
        text = file.read_bytes().decode("utf-8")
    except UnicodeDecodeError:
        raise SourceError(
            f"{file} cannot be read", why="it is not in UTF-8", fix="give a file that `export` wrote"
        ) from None
    found = check_export(text, library)
    for item in found:
        claim = item.claim
        said = " ".join(claim.text.split())
        still = ", which still has these words" if item.still_there else ""
        where = f"{item.title or claim.document_id or 'no source given'}, {claim.start}-{claim.end}"
        print(f"{item.verdict:8}{where}{still}: {said[:60]}{'…' if len(said) > 60 else ''}")
    counts = {verdict: sum(item.verdict == verdict for item in found) for verdict in _MEANING}
    print(", ".join(f"{count} {verdict}: {_MEANING[verdict]}" for verdict, count in counts.items() if count))
    raise typer.Exit(int(counts["exact"] < len(found)))


_MEANING = {
    "exact": "a slice of the source",
    "changed": "the source has a newer revision",
    "altered": "not the words that stand there",
    "gone": "no such source in the library",
}


def _found(library: Library, conversation: str) -> Conversation:
    """Raises :class:`LibraryError` if there is none of this id."""
    from rag.errors import LibraryError

    every = library.conversations.list(None)
    for item in every if conversation != "last" else every[:1]:
        if conversation in (item.id, "last"):
            return item
    raise LibraryError(f"there is no conversation {conversation!r}", fix="pullquote conversations")
