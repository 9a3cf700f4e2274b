"""From a stored PDF back to its pages: pictures of them, and boxes over exactly the characters of a quote.

A box is a fraction of the page as it is shown, so it fits a picture of any size.
"""

from __future__ import annotations

import ctypes
import io
from collections.abc import Sequence
from functools import lru_cache
from typing import Any, NamedTuple

from rag.errors import SourceError
from rag.loaders.base import one_line
from rag.loaders.pdf import laid_out, opened
from rag.loaders.pdf_layout import Page, Piece
from rag.types import Document

_DEVICE = 1_000_000  # steps across a page when points are turned into fractions of it
_MAX_SIDE = 6000  # pixels: a page may say it is a hundred metres long
_MAX_SCALE = 8.0  # pixels per point

_remembered = lru_cache(maxsize=2)(laid_out)  # a reader asks for many quotes of the same PDF


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


class PageSize(NamedTuple):
    """A page by its physical number and printed label, with its size in points."""

    page: int
    label: str
    width: float
    height: float


def page_boxes(data: bytes, document: Document, start: int, end: int) -> list[PageBoxes]:
    """Where ``document.text[start:end]`` stands, page by page, one box per printed line or part of it.

    ``data`` are the bytes the document was read from. Raises :class:`SourceError` if they are not.
    """
    layout = _remembered(data, document.uri)
    if "".join(piece.text for piece in layout.pieces) != document.text:
        raise SourceError(f"{document.uri} has changed since it was read", fix=f"pullquote add {document.uri}")
    with opened(data, document.uri) as pdf:
        return [
            PageBoxes(layout.pages[index].number, layout.pages[index].label, _boxes(pdf, layout.pages[index], ranges))
            for index, ranges in _char_ranges(layout.pieces, start, end)
        ]


def page_sizes(data: bytes, numbers: Sequence[int], *, uri: str) -> tuple[int, list[PageSize]]:
    """How many pages there are, and those of ``numbers`` that exist. Raises :class:`SourceError`."""
    with opened(data, uri) as pdf:
        there = [number for number in numbers if 1 <= number <= len(pdf)]
        labels = [one_line(pdf.get_page_label(number - 1)) or str(number) for number in there]
        sizes = [pdf.get_page_size(number - 1) for number in there]
        return len(pdf), [PageSize(n, label, *size) for n, label, size in zip(there, labels, sizes, strict=True)]


def page_image(data: bytes, number: int, *, uri: str, width: int = 1200) -> bytes:
    """PNG of the page with this physical number, ``width`` pixels wide or less. Raises :class:`SourceError`."""
    with opened(data, uri) as pdf:
        if not 1 <= number <= len(pdf):
            raise SourceError(f"{uri} has no page {number}", why=f"it has {len(pdf)} pages")
        page = pdf[number - 1]
        across, down = (max(side, 1.0) for side in page.get_size())
        picture = page.render(scale=min(width / across, _MAX_SIDE / down, _MAX_SCALE)).to_pil()
        out = io.BytesIO()
        picture.save(out, format="PNG", compress_level=3)
        return out.getvalue()


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
    import pypdfium2.raw

    across, down = ctypes.c_int(), ctypes.c_int()
    pypdfium2.raw.FPDF_PageToDevice(page, 0, 0, _DEVICE, _DEVICE, 0, x, y, across, down)
    return min(max(across.value / _DEVICE, 0.0), 1.0), min(max(down.value / _DEVICE, 0.0), 1.0)
