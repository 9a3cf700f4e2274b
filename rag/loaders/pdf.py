"""PDF by pypdfium2: running text with page and outline anchors, and the way back from a quote to boxes on its pages.

pdfium is not safe for threads, so one lock holds it. Nothing in a PDF is run: forms, scripts and links stay closed.
"""

from __future__ import annotations

import re
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from functools import lru_cache
from typing import Any, NamedTuple

from rag.errors import SourceError
from rag.loaders.base import TITLE_LENGTH, Loaded, Meta, Raw, describe, one_line
from rag.loaders.pdf_layout import BREAKS, Line, Page, Piece, running_text
from rag.types import Anchor, Document

MAX_PAGES = 20_000
_LINE = re.compile(rf"[^\r\n{BREAKS}]*[^\s{BREAKS}][^\r\n{BREAKS}]*")
_JUNK_TITLE = re.compile(
    r"untitled|document\d*|.*\.(docx?|pdf|tex|indd|qxd|pptx?|xlsx?|html?)$|microsoft word", re.IGNORECASE
)
_DEVICE = 1_000_000  # steps across a page when points are turned into fractions of it
_lock = threading.Lock()


class Box(NamedTuple):
    """A rectangle as fractions of the page as it is shown, from its upper left corner; all in [0, 1]."""

    left: float
    top: float
    right: float
    bottom: float


class PageBoxes(NamedTuple):
    """The boxes of a range on one page. ``page`` is the physical number, counted from 1."""

    page: int
    label: str
    boxes: tuple[Box, ...]


class _Layout(NamedTuple):
    title: str
    author: str
    outline: list[tuple[int, str, int]]  # level from 1, title, physical page
    pages: list[Page]
    notes: tuple[str, ...]
    pieces: list[Piece]  # joined they are the canonical text
    dropped: tuple[str, ...]


def load(raw: Raw) -> Loaded:
    """One document. Raises :class:`SourceError` if it is no PDF, locked, damaged or has no text layer at all."""
    layout = _laid_out(raw.data, raw.uri)
    text = "".join(piece.text for piece in layout.pieces)
    if not text.strip():
        fix = "run text recognition on it first (OCR)"
        raise SourceError(f"{raw.uri} has no text", why="no page has a text layer", fix=fix)
    anchors = _page_anchors(layout.pages, layout.pieces)
    anchors += _sections(text, anchors, layout.outline)
    anchors.sort(key=lambda anchor: (anchor.start, -anchor.end, anchor.kind))
    title = layout.title or one_line(text.lstrip().partition("\n")[0])[:TITLE_LENGTH]
    meta = Meta(title, layout.author, encoding="pdf", notes=layout.notes, dropped=layout.dropped)
    return Loaded((describe(raw, text, anchors, meta),))


def page_boxes(data: bytes, document: Document, start: int, end: int) -> list[PageBoxes]:
    """Where ``document.text[start:end]`` stands, page by page, one box per printed line or part of it.

    ``data`` are the bytes the document was read from. Raises :class:`SourceError` if they are not.
    """
    layout = _remembered(data, document.uri)
    if "".join(piece.text for piece in layout.pieces) != document.text:
        raise SourceError(f"{document.uri} has changed since it was read", fix=f"pullquote add {document.uri}")
    with _opened(data, document.uri) as pdf:
        return [
            PageBoxes(layout.pages[index].number, layout.pages[index].label, _boxes(pdf, layout.pages[index], ranges))
            for index, ranges in _char_ranges(layout.pieces, start, end)
        ]


def page_image(data: bytes, number: int, *, uri: str, width: int = 1200) -> bytes:
    """PNG of the page with this physical number, ``width`` pixels wide. Raises :class:`SourceError`."""
    import io

    with _opened(data, uri) as pdf:
        if not 1 <= number <= len(pdf):
            raise SourceError(f"{uri} has no page {number}", why=f"it has {len(pdf)} pages")
        page = pdf[number - 1]
        picture = page.render(scale=min(width / max(page.get_width(), 1.0), 8.0)).to_pil()
        out = io.BytesIO()
        picture.save(out, format="PNG")
        return out.getvalue()


def _laid_out(data: bytes, uri: str) -> _Layout:
    with _opened(data, uri) as pdf:
        pages, notes = _read(pdf)
        title, author, outline = _title(pdf), one_line(pdf.get_metadata_value("Author")), _outline(pdf)
    pieces, dropped = running_text(pages, title=title)
    return _Layout(title, author, outline, pages, notes, pieces, dropped)


_remembered = lru_cache(maxsize=2)(_laid_out)  # a reader asks for many quotes of the same PDF


@contextmanager
def _opened(data: bytes, uri: str) -> Iterator[Any]:
    """The open PDF, under the lock. Raises :class:`SourceError` if pdfium cannot open or read it."""
    import pypdfium2

    with _lock:
        try:
            pdf = pypdfium2.PdfDocument(data)
        except pypdfium2.PdfiumError as error:
            locked = "password" in str(error).lower()
            why = "it is locked with a password" if locked else "it is not a whole PDF"
            raise SourceError(f"{uri} cannot be read as a PDF", why=why, fix="save it again without a lock") from None
        try:
            if len(pdf) > MAX_PAGES:
                raise SourceError(
                    f"{uri} is too large", why=f"{len(pdf)} pages, the limit is {MAX_PAGES}", fix="split it"
                )
            yield pdf
        except pypdfium2.PdfiumError as error:
            raise SourceError(f"{uri} cannot be read as a PDF", why=one_line(str(error)), fix="save it again") from None
        finally:
            pdf.close()


def _title(pdf: Any) -> str:
    """The title in the file's metadata, unless a program put its own name or the file's there."""
    title = one_line(pdf.get_metadata_value("Title"))
    return "" if _JUNK_TITLE.match(title) else title


def _read(pdf: Any) -> tuple[list[Page], tuple[str, ...]]:
    """All pages, and notes about those that gave no text. A damaged page is noted and costs no other."""
    import pypdfium2

    pages: list[Page] = []
    silent: list[str] = []
    damaged: list[str] = []
    for index in range(len(pdf)):
        label = one_line(pdf.get_page_label(index)) or str(index + 1)
        try:
            page = pdf[index]
        except pypdfium2.PdfiumError:
            damaged.append(str(index + 1))
            continue
        pages.append(_page(page, index + 1, label))
        if not pages[-1].lines and next(page.get_objects(max_depth=1), None) is not None:
            silent.append(str(index + 1))
        page.close()
    notes = [f"{_named(damaged)} damaged and cannot be read"] if damaged else []
    notes += [f"{_named(silent, 'has', 'have')} no text layer"] if silent else []
    return pages, tuple(notes)


def _named(numbers: Sequence[str], one: str = "is", many: str = "are") -> str:
    return f"page {numbers[0]} {one}" if len(numbers) == 1 else f"pages {', '.join(numbers)} {many}"


def _page(page: Any, number: int, label: str) -> Page:
    textpage = page.get_textpage()
    chars = _characters(textpage)
    lines = []
    for match in _LINE.finditer(chars):
        start = match.start() + len(match[0]) - len(match[0].lstrip())
        end = match.start() + len(match[0].rstrip())
        first, last = textpage.get_charbox(start, loose=True), textpage.get_charbox(end - 1, loose=True)
        lines.append(Line(start, match.end(), first[0], min(first[1], last[1]), last[2], max(first[3], last[3])))
    width, height = page.get_size()
    return Page(number, label, chars, lines, height, width)


def _characters(textpage: Any) -> str:
    """One code point per character as pdfium counts them, so that indices agree."""
    import pypdfium2.raw

    count = textpage.count_chars()
    text = str(textpage.get_text_range()) if count else ""
    if len(text) == count:
        return text
    codes = (pypdfium2.raw.FPDFText_GetUnicode(textpage, index) for index in range(count))
    return "".join(chr(code) if code < 0x110000 else "\ufffd" for code in codes)


def _page_anchors(pages: Sequence[Page], pieces: Sequence[Piece]) -> list[Anchor]:
    """A page anchor's level is the physical page number; its label is the printed one."""
    spans: dict[int, tuple[int, int]] = {}
    position = 0
    for piece in pieces:
        end = position + len(piece.text)
        if piece.char >= 0 and end > position:
            spans[piece.page] = (spans.get(piece.page, (position, 0))[0], end)
        position = end
    return [Anchor("page", pages[p].label, start, end, pages[p].number) for p, (start, end) in sorted(spans.items())]


def _outline(pdf: Any) -> list[tuple[int, str, int]]:
    """(level from 1, title, physical page) of the bookmarks that lead to a page of this file."""
    found = []
    for bookmark in pdf.get_toc(max_depth=6):
        target = bookmark.get_dest()
        index = target.get_index() if target is not None else None
        if index is not None:
            found.append((bookmark.level + 1, one_line(bookmark.get_title()), index + 1))
    return found


def _sections(text: str, page_anchors: Sequence[Anchor], outline: Sequence[tuple[int, str, int]]) -> list[Anchor]:
    """Section anchors for bookmarks whose title stands in the text of the page they lead to."""
    page_start = {anchor.level: (anchor.start, anchor.end) for anchor in page_anchors}
    starts: list[tuple[int, str, int]] = []
    after = 0
    for level, title, number in outline:
        start, end = page_start.get(number, (0, 0))
        words = [re.escape(word) for word in title.split()]
        found = re.compile(r"\s+".join(words), re.IGNORECASE).search(text, max(start, after), end) if words else None
        if found:
            starts.append((level, found[0], found.start()))
            after = found.end()
    ends = [next((s for lvl, _, s in starts[n + 1 :] if lvl <= starts[n][0]), len(text)) for n in range(len(starts))]
    return [
        Anchor("section", t, s, s + len(text[s:e].rstrip()), lv) for (lv, t, s), e in zip(starts, ends, strict=True)
    ]


def _char_ranges(pieces: Sequence[Piece], start: int, end: int) -> list[tuple[int, list[tuple[int, int]]]]:
    """Per page the ranges of pdfium characters under a range of canonical text, in order."""
    ranges: dict[int, list[tuple[int, int]]] = {}
    position = 0
    for piece in pieces:
        low, high = max(start - position, 0), min(end - position, len(piece.text))
        if piece.char >= 0 and low < high:
            ranges.setdefault(piece.page, []).append((piece.char + low, piece.char + high))
        position += len(piece.text)
    return list(ranges.items())


def _boxes(pdf: Any, at: Page, ranges: Sequence[tuple[int, int]]) -> tuple[Box, ...]:
    page = pdf[at.number - 1]
    textpage = page.get_textpage()
    boxes = []
    for start, end in ranges:
        for number in range(textpage.count_rects(start, end - start)):
            left, bottom, right, top = textpage.get_rect(number)
            corners = (_shown(page, left, top), _shown(page, right, bottom))
            (x0, x1), (y0, y1) = (sorted(axis) for axis in zip(*corners, strict=True))
            boxes.append(Box(x0, y0, x1, y1))
    return tuple(boxes)


def _shown(page: Any, x: float, y: float) -> tuple[float, float]:
    """A point of the page's own coordinates as fractions of the page as shown (rotation and crop box respected)."""
    import ctypes

    import pypdfium2.raw

    across, down = ctypes.c_int(), ctypes.c_int()
    pypdfium2.raw.FPDF_PageToDevice(page, 0, 0, _DEVICE, _DEVICE, 0, x, y, across, down)
    return min(max(across.value / _DEVICE, 0.0), 1.0), min(max(down.value / _DEVICE, 0.0), 1.0)
