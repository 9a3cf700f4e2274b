"""The pages of a PDF that a quote touches: which they are, what to box on them, and pictures of them.

pdfium reads what strangers wrote; it may crash or never come back. So it works in a process of its own, one at a time,
with bounded memory, time and pixels, and a bad file costs its own picture.
"""

from __future__ import annotations

import hashlib
import resource
import signal
import subprocess
import threading
import time
import weakref
from collections.abc import Sequence
from contextlib import suppress
from multiprocessing.connection import Connection
from typing import Any, NamedTuple

from rag.errors import SourceError
from rag.loaders import size_limit
from rag.loaders.apart import started
from rag.loaders.compressed import unpacked
from rag.loaders.pdf_pages import Box, page_boxes, page_image, page_sizes
from rag.sources import path_of
from rag.store import Library
from rag.types import Document

SECONDS = 30.0  # for one answer; the first about a long PDF takes a few
PAUSE = 300.0  # seconds until a revision that ended or hung the process is tried again
MEMORY = 2**31  # bytes of address space
MOST_PAGES = 6  # of one quote that are shown together


class Sheet(NamedTuple):
    """A page to be shown. ``boxes``: for each one the number of the span that it belongs to."""

    number: int  # physical, from 1
    label: str  # as printed
    width: float
    height: float
    boxes: tuple[tuple[int, Box], ...]


class Sheets(NamedTuple):
    """What is shown of a PDF: neighbouring pages, or the one asked for; ``labels`` also of those before and after."""

    total: int
    shown: tuple[Sheet, ...]
    labels: dict[int, str]


def pages_around(data: bytes, document: Document, spans: Sequence[tuple[int, int]], page: int = 0) -> Sheets:
    """The pages that the first of ``spans`` touches, or just ``page``, with boxes over all the spans on them.

    The first page where the span touches none, as white space does.

    Raises :class:`SourceError` if ``data`` are not what the document was read from, or there is no such page.
    """
    found = [page_boxes(data, document, *span) for span in spans]
    touched = [each.page for each in found[0]] if found else []
    numbers = [page] if page else touched[:MOST_PAGES] or [1]
    total, sizes = page_sizes(data, range(numbers[0] - 1, numbers[-1] + 2), uri=document.uri)
    shown = [size for size in sizes if numbers[0] <= size.page <= numbers[-1]]
    if not shown:
        raise SourceError(f"{document.uri} has no page {page}", why=f"it has {total} pages")
    made = []
    for size in shown:
        boxes = [
            (n, box) for n, parts in enumerate(found) for part in parts if part.page == size.page for box in part.boxes
        ]
        made.append(Sheet(*size, tuple(boxes)))
    return Sheets(total, tuple(made), {size.page: size.label for size in sizes})


def original_bytes(library: Library, document: Document) -> bytes:
    """The very bytes that a PDF was read from: its file, if that is still the same, or those that were kept.

    Raises :class:`SourceError` with a sentence for a person if they are not at hand.
    """
    data = library.original(document.content_id) or _file(document)
    if hashlib.sha256(data).hexdigest() != document.digest:
        raise SourceError("the file has changed since it was read")
    return unpacked(data, uri=document.uri, limit=size_limit(".pdf"))


def _file(document: Document) -> bytes:
    if not document.uri.startswith("file:"):
        raise SourceError("the file itself was not kept, only its text")
    path = path_of(document.uri)
    try:
        if path.stat().st_size > size_limit(".pdf"):
            raise SourceError("the file has changed since it was read")
        return path.read_bytes()
    except OSError:
        raise SourceError("the file is no longer where it was read") from None


class PdfView:
    """Asks the other process. Safe to use from several threads; they wait for each other."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._pipe: Connection | None = None
        self._process: subprocess.Popen[bytes] | None = None
        self._end: weakref.finalize[..., PdfView] | None = None
        self._failed: dict[str, float] = {}  # revision -> when it may be tried again

    def pages_around(self, data: bytes, document: Document, spans: Sequence[tuple[int, int]], page: int = 0) -> Sheets:
        """:func:`pages_around`, elsewhere. Raises :class:`SourceError`."""
        made: Sheets = self._ask(document.revision, "pages", (data, document, spans, page))
        return made

    def image(self, data: bytes, document: Document, number: int, width: int) -> bytes:
        """PNG of a page. Raises :class:`SourceError`."""
        png: bytes = self._ask(document.revision, "image", (data, document, number, width))
        return png

    def close(self) -> None:
        """End the process; the next question starts another."""
        if self._end:
            self._end()
        self._pipe = self._end = None

    def _ask(self, revision: str, what: str, arguments: tuple[Any, ...]) -> Any:
        failed = SourceError("its pages cannot be drawn", why="the file is damaged or asks for too much")
        with self._lock:
            if self._failed.get(revision, 0.0) > time.monotonic():
                raise failed
            answer = None
            with suppress(EOFError, ConnectionError):
                pipe = self._open()
                pipe.send((what, arguments))
                if pipe.poll(SECONDS):
                    answer = pipe.recv()
            if answer is None:
                self._failed[revision] = time.monotonic() + PAUSE
                self.close()
                raise failed
        if isinstance(answer, SourceError):
            raise answer
        return answer

    def _open(self) -> Connection:
        if self._pipe and self._process and self._process.poll() is None:
            return self._pipe
        self.close()
        self._process, self._pipe = started("rag.ui.pdf_view", stdin=subprocess.DEVNULL)
        self._end = weakref.finalize(self, _end, self._process, self._pipe)
        return self._pipe


def _end(process: subprocess.Popen[bytes], pipe: Connection) -> None:
    process.kill()
    process.wait()
    pipe.close()


def serve(handle: int) -> None:
    """The other process: answers until the pipe is closed."""
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    pipe = Connection(handle)
    with suppress(EOFError, ConnectionError):
        while True:
            what, arguments = pipe.recv()
            signal.alarm(int(SECONDS) + 5)  # also if nobody is left who could kill it
            try:
                pipe.send(pages_around(*arguments) if what == "pages" else _image(*arguments))
            except SourceError as error:
                pipe.send(error)
            signal.alarm(0)


def _image(data: bytes, document: Document, number: int, width: int) -> bytes:
    return page_image(data, number, uri=document.uri, width=width)
