"""What every command shares: the application, its common options, and how a collection is opened."""

from __future__ import annotations

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


def document_id(library: Library, name: str) -> str:
    """The id itself, or the id of the document with this URI or path."""
    path = Path(name).resolve().as_uri() if "://" not in name else name
    return next((d.id for d in library.documents() if name in (d.id, d.uri) or path == d.uri), name)
