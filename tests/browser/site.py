"""A page of its own for a test: given files, served until the block ends; the index stays and can be served again."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

from serving import running

from rag.assistant import Assistant
from rag.config import load_settings
from rag.ingest import add_paths
from rag.store import Library, open_library

if TYPE_CHECKING:
    from tests.browser.conftest import Browser


class Site:
    """A running server and the library behind it."""

    def __init__(self, address: str, library: Library, assistant: Assistant) -> None:
        self.address, self.library, self.assistant = address, library, assistant

    def ident(self, name: str) -> str:
        """The id of the document whose address ends in ``name``."""
        return next(each.id for each in self.library.documents() if each.uri.endswith(name))


@contextmanager
def site(
    folder: Path,
    files: Mapping[str, bytes | str] | None = None,
    *,
    examples: Sequence[str] = (),
    tabs: Sequence[Callable[[Assistant], Any]] = (),
    port: int = 0,
) -> Iterator[Site]:
    """Serve ``folder``'s index after adding ``files``, which replace those of the same name."""
    from rag.serve import build_app

    (folder / "sources").mkdir(exist_ok=True)
    for name, data in (files or {}).items():
        (folder / "sources" / name).write_bytes(data.encode() if isinstance(data, str) else data)
    settings = load_settings(index_dir=folder / "index", reader="sentences", mode="eager")
    library = open_library(settings, create=True)
    assistant = Assistant(library, settings)
    report = add_paths(library, [folder / "sources"], encoder=assistant.encoder, settings=settings)
    assert report.failed == []
    made = [tab(assistant) for tab in tabs]
    app = build_app(library, settings, assistant=assistant, examples=examples, tabs=made)
    with running(app, port) as address:
        yield Site(address, library, assistant)


def at(browser: Browser, where: Site) -> Browser:
    """``browser`` as a new user of this page."""
    browser.address = where.address
    return browser
