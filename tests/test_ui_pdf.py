"""The printed pages: from which bytes, in a process that may die, and never more of them than was asked for."""

from __future__ import annotations

import gzip
import hashlib
import io
import os
import signal
from pathlib import Path
from typing import Any

import pytest
from pdf_files import column, pdf
from PIL import Image

from rag.config import Settings
from rag.errors import SourceError
from rag.ingest import Source, add_paths, ingest, purge, remove
from rag.loaders import load
from rag.loaders.pdf_pages import page_image
from rag.store import Library
from rag.types import Document
from rag.ui import pdf_view
from rag.ui.pdf_view import PdfView, original_bytes, pages_around
from rag.ui.place import Place
from rag.ui.sheets import pane

LAMP = pdf([column("The lamp was lit at dusk."), column("It went out at dawn."), column("Nobody saw it.")])


@pytest.fixture
def view() -> Any:
    made = PdfView()
    yield made
    made.close()


def read(data: bytes = LAMP, uri: str = "upload:///lamp.pdf") -> Document:
    return load(data, uri=uri, name=uri.rpartition("/")[2]).documents[0]


def add(library: Library, encoder: Any, settings: Settings, data: bytes = LAMP, uri: str = "upload:///lamp.pdf") -> str:
    source = Source(uri, uri.rpartition("/")[2], hashlib.sha256(data).hexdigest(), lambda: data)
    assert not ingest(library, [source], encoder=encoder, settings=settings).failed
    return next(each.id for each in library.documents() if each.uri == uri)


def on_disk(library: Library, data: bytes) -> bool:
    return any(data in path.read_bytes() for path in library.folder.iterdir() if path.is_file())


def test_an_uploaded_pdf_is_kept_and_gone_with_its_document(library: Library, encoder: Any, settings: Settings) -> None:
    ident = add(library, encoder, settings)
    document = library.document(ident)
    assert original_bytes(library, document) == LAMP
    assert on_disk(library, b"(The lamp was lit at dusk.) Tj")
    remove(library, [ident])
    assert library.original(document.content_id) == b""
    assert not on_disk(library, b"(The lamp was lit at dusk.) Tj")


def test_a_revision_that_nothing_quotes_takes_its_bytes_along(
    library: Library, encoder: Any, settings: Settings
) -> None:
    ident = add(library, encoder, settings)
    first = library.document(ident).content_id
    add(library, encoder, settings, LAMP.replace(b"at dusk", b"at noon"))
    purge(library, [ident])
    assert library.original(first) == b""
    assert library.original(library.document(ident).content_id)


def test_a_pdf_in_a_folder_is_read_from_there_while_it_is_the_same(
    library: Library, encoder: Any, settings: Settings, tmp_path: Path
) -> None:
    path, packed = tmp_path / os.fsdecode(b"a b\xe9.pdf"), tmp_path / "packed.pdf.gz"  # no UTF-8, as old disks have it
    path.write_bytes(LAMP)
    packed.write_bytes(gzip.compress(LAMP.replace(b"lamp", b"moon")))
    add_paths(library, [path, packed], encoder=encoder, settings=settings)
    first, second = (library.document(each.id) for each in library.documents())
    assert library.original(first.content_id) == b""
    assert original_bytes(library, first) == LAMP
    assert original_bytes(library, second) == LAMP.replace(b"lamp", b"moon")
    path.write_bytes(LAMP + b"\n")
    with pytest.raises(SourceError, match="has changed since it was read"):
        original_bytes(library, first)
    path.unlink()
    with pytest.raises(SourceError, match="no longer where it was read"):
        original_bytes(library, first)
    with pytest.raises(SourceError, match="not kept, only its text"):
        original_bytes(library, read(uri="https://a.example/lamp.pdf"))


def test_a_page_of_the_web_that_came_packed_is_shown_unpacked(
    library: Library, encoder: Any, settings: Settings
) -> None:
    uri, data = "https://news.example/latest", gzip.compress(LAMP)  # which led to lamp.pdf.gz
    ingest(library, [Source(uri, "lamp.pdf.gz", "", lambda: data)], encoder=encoder, settings=settings)
    assert original_bytes(library, library.document(library.documents()[0].id)) == LAMP


def test_the_pages_of_a_quote_and_their_neighbours() -> None:
    document = read()
    start, end = document.text.index("went"), document.text.index("saw")
    made = pages_around(LAMP, document, [(start, end), (0, 8)])
    assert [(each.number, len(each.boxes)) for each in made.shown] == [(2, 1), (3, 1)]
    assert made.labels == {1: "1", 2: "2", 3: "3"}
    one = pages_around(LAMP, document, [(start, end), (0, 8)], page=1)
    assert [(each.number, [number for number, _ in each.boxes]) for each in one.shown] == [(1, [1])]
    assert [each.number for each in pages_around(LAMP, document, []).shown] == [1]
    gap = document.text.index("\n")
    assert [each.number for each in pages_around(LAMP, document, [(gap, gap + 1)]).shown] == [1], "no box, no page"
    with pytest.raises(SourceError, match="has no page 9"):
        pages_around(LAMP, document, [], page=9)


def test_a_quote_over_a_whole_book_shows_its_first_pages() -> None:
    book = pdf(
        [column(f"Page number {'one two three four five six seven eight nine ten'.split()[n]}.") for n in range(9)]
    )
    document = read(book)
    assert [each.number for each in pages_around(book, document, [(0, len(document.text))]).shown] == [1, 2, 3, 4, 5, 6]


def test_names_of_pages_are_escaped() -> None:
    labelled = pdf([column("The lamp.")], extra="/PageLabels << /Nums [0 << /P (<b>\\(x) >>] >>")
    document = read(labelled)
    shown = pane(document, Place(document.id), pages_around(labelled, document, []))
    assert "&lt;b&gt;(x" in shown
    assert "<b>" not in shown


@pytest.mark.parametrize("box", ["[0 0 9 14400]", "[0 0 14400 9]", "[0 0 14400 14400]", "[0 0 1 1]"])
def test_a_page_of_any_size_is_a_bounded_picture(box: str) -> None:
    data = LAMP.replace(b"[0 0 400 600]", box.encode())
    picture = Image.open(io.BytesIO(page_image(data, 1, uri="a", width=2400)))
    assert picture.width * picture.height <= 2400 * 6001


def test_what_ends_or_hangs_the_process_costs_its_own_picture(view: PdfView, monkeypatch: pytest.MonkeyPatch) -> None:
    document, other = read(), read(LAMP.replace(b"lamp", b"moon"))
    assert view.image(LAMP, document, 1, 300).startswith(b"\x89PNG")
    process = view._process
    assert process
    os.kill(process.pid, signal.SIGSTOP)  # as if pdfium never came back
    monkeypatch.setattr(pdf_view, "SECONDS", 0.2)
    with pytest.raises(SourceError, match="cannot be drawn"):
        view.image(LAMP, document, 1, 300)
    assert process.poll() is not None
    monkeypatch.undo()
    assert view.image(LAMP.replace(b"lamp", b"moon"), other, 1, 300).startswith(b"\x89PNG")
    with pytest.raises(SourceError, match="cannot be drawn"):  # not tried again at once
        view.image(LAMP, document, 1, 300)


def test_a_process_that_was_ended_is_started_again(view: PdfView) -> None:
    assert view.pages_around(LAMP, read(), []).total == 3
    assert view._process
    view._process.kill()
    view._process.wait()
    assert view.pages_around(LAMP, read(), []).total == 3


def test_an_error_crosses_over_with_its_words(view: PdfView) -> None:
    with pytest.raises(SourceError, match="has no page 7") as caught:
        view.image(LAMP, read(), 7, 300)
    assert caught.value.why == "it has 3 pages"
