"""What every command shares: the application, its common options, and how a collection is opened."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

if TYPE_CHECKING:
    from rag.config import Settings
    from rag.store import Library

app = typer.Typer(
    name="pullquote",
    help="Ask your documents, get quotes.\n\nBegin with `pullquote add FOLDER`, then `pullquote serve`.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
)
Collection = Annotated[str | None, typer.Option(help="Collection name.")]
Index = Annotated[Path | None, typer.Option("--index", help="Folder that holds the collections.")]


def opened(
    collection: str | None, index: Path | None, *, create: bool = False, **flags: Any
) -> tuple[Settings, Library]:
    """The settings and the collection they name. Raises :class:`RagError`."""
    from rag.config import load_settings
    from rag.store import open_library

    settings = load_settings(collection=collection, index_dir=index, **flags)
    return settings, open_library(settings, create=create)


def document_ids(library: Library, names: Iterable[str]) -> list[str]:
    """Of each name: the document with this id or URI, or all that the file or page of this path or address holds.

    The name itself if there is none. Raises :class:`SourceError` for an address that is none.
    """
    return list(dict.fromkeys(each for name in names for each in _named(library, name)))


def _named(library: Library, name: str) -> list[str]:
    if exact := [document.id for document in library.documents() if name in (document.id, document.uri)]:
        return exact
    if "://" in name:
        from rag.fetch import is_address
        from rag.fetch.address import clean_address

        uri = clean_address(name) if is_address(name) else name
    else:
        from rag.sources import uri_of

        uri = uri_of(Path(name))
    return library.read_from(uri) or [name]
