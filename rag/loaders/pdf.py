"""PDF by pypdfium2: running text with page and outline anchors. The way back to the pages is in ``pdf_pages``.

pdfium is not safe for threads, so one lock holds it. Nothing in a PDF is run: forms, scripts and links stay closed.
"""

from __future__ import annotations

import re
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any, NamedTuple

from rag.errors import SourceError
from rag.loaders import titles
from rag.loaders.base import Loaded, Meta, Raw, describe, one_line, own_title
from rag.loaders.masthead import told
from rag.loaders.pdf_layout import BREAKS, Line, Page, Piece, running_text
from rag.loaders.plain import with_numbered
from rag.types import Anchor

MAX_PAGES = 20_000
_LINE = re.compile(rf"[^\r\n{BREAKS}]*[^\s{BREAKS}][^\r\n{BREAKS}]*")
_lock = threading.Lock()


class Layout(NamedTuple):
    """What a PDF gave before it became a document."""

    title: str
    author: str
    outline: list[tuple[int, str, int]]  # level from 1, title, physical page
    pages: list[Page]
    notes: tuple[str, ...]
    pieces: list[Piece]  # joined they are the canonical text
    dropped: tuple[str, ...]


def load(raw: Raw) -> Loaded:
    """One document. Raises :class:`SourceError` if it is no PDF, locked, damaged or has no text layer at all."""
    layout = laid_out(raw.data, raw.uri)
    text = "".join(piece.text for piece in layout.pieces)
    if not text.strip():
        fix = "run text recognition on it first (OCR)"
        raise SourceError(f"{raw.uri} has no text", why="no page has a text layer", fix=fix)
    anchors = _page_anchors(layout.pages, layout.pieces)
    sections = _sections(text, anchors, layout.outline) or with_numbered(text, ())
    anchors = sorted([*anchors, *sections], key=lambda anchor: (anchor.start, -anchor.end, anchor.kind))
    title = layout.title or own_title(text, (), raw.name)
    meta = Meta(title, layout.author, encoding="pdf", notes=layout.notes, dropped=layout.dropped)
    return Loaded((describe(raw, text, anchors, told(text, meta)),))


def laid_out(data: bytes, uri: str) -> Layout:
    """Raises :class:`SourceError` if pdfium cannot read the file."""
    with opened(data, uri) as pdf:
        pages, notes = _read(pdf)
        title, author, outline = _said(pdf, "Title"), _said(pdf, "Author"), _outline(pdf)
    pieces, dropped = running_text(pages, title=title)
    return Layout(title, author, outline, pages, notes, pieces, dropped)


@contextmanager
def opened(data: bytes, uri: str) -> Iterator[Any]:
    """The open PDF, under the lock. Raises :class:`SourceError` if pdfium cannot open or read it."""
    import pypdfium2

    with _lock:
        try:
            pdf = pypdfium2.PdfDocument(data)
        except pypdfium2.PdfiumError as error:
            locked = "password" in str(error).lower()
            why = "it is locked with a password" if locked else "it is not a whole PDF"
            fix = "save it again without a lock" if locked else "get it again"
            raise SourceError(f"{uri} cannot be read as a PDF", why=why, fix=fix) from None
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


def _said(pdf: Any, name: str) -> str:
    """A title or author in the file's metadata, unless a program put its own name, the file's or none there."""
    return titles.said(one_line(pdf.get_metadata_value(name)))


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
    """Section anchors for bookmarks whose title stands in the text of the page they lead to, its number with it.

    A line that is the title alone counts before one that mentions it.
    """
    page_start = {anchor.level: (anchor.start, anchor.end) for anchor in page_anchors}
    starts: list[tuple[int, str, int]] = []
    after = 0
    for level, title, number in outline:
        start, end = page_start.get(number, (0, 0))
        words = r"\s+".join(re.escape(word) for word in title.split())
        forms = (rf"^(?:(?:[a-z]|\d+)(?:\.\d+)*\.?\s+)?{words}$", words) if words else ()
        places = (re.compile(form, re.IGNORECASE | re.MULTILINE).search(text, max(start, after), end) for form in forms)
        found = next(filter(None, places), None)
        if found:
            starts.append((level, found[0], found.start()))
            after = found.end()
    ends = [next((s for lvl, _, s in starts[n + 1 :] if lvl <= starts[n][0]), len(text)) for n in range(len(starts))]
    return [
        Anchor("section", t, s, s + len(text[s:e].rstrip()), lv) for (lv, t, s), e in zip(starts, ends, strict=True)
    ]
