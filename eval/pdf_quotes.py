"""Do the rectangles drawn over a PDF's pages hold exactly the quotes? Asked of pdfium, character by character.

A quote is drawn at random, one to three sentences. The characters of its pages of which more than half lies inside a
rectangle are read back in the order of the page, and must be the quote's up to line breaks and hyphens.
"""

from __future__ import annotations

import random
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from rag.errors import SourceError
from rag.loaders import load
from rag.loaders.pdf_pages import Box, page_boxes
from rag.text import sentences
from rag.types import Document

# Soft and real hyphens, white space, and what pdfium writes for a character it knows no code point of.
_LOOSE = re.compile("[\\s\u00ad\u2010\ufffe\uffff\ufeff\x00-\x1f\x7f-\x9f-]+")


@dataclass(frozen=True, slots=True)
class Checked:
    """A quote and what its rectangles hold."""

    file: str
    pages: int  # that it touches
    quote: str
    inside: str

    @property
    def exact(self) -> bool:
        """Equal up to line breaks and hyphens."""
        return _LOOSE.sub("", self.quote) == _LOOSE.sub("", self.inside)


def check(files: Sequence[Path], *, count: int, seed: int) -> Iterator[Checked]:
    """``count`` quotes of the files, each file as often as another. Raises SourceError if no file can be read."""
    chance, read = random.Random(seed), []
    for path in files:
        data = path.read_bytes()
        try:
            document = load(data, uri=path.resolve().as_uri(), name=path.name).documents[0]
        except SourceError:
            continue
        read.append((path.name, data, document, sentences(document.text)))
    if not read:
        raise SourceError("there is no PDF with text among these files", fix="name a folder with PDFs")
    picks = sorted(index % len(read) for index in range(count))
    for pick in picks:
        name, data, document, spans = read[pick]
        first = chance.randrange(len(spans))
        start, end = spans[first][0], spans[min(first + chance.randrange(3), len(spans) - 1)][1]
        yield _checked(name, data, document, (start, end))


def _checked(name: str, data: bytes, document: Document, span: tuple[int, int]) -> Checked:
    import pypdfium2

    boxes = page_boxes(data, document, *span)
    pdf = pypdfium2.PdfDocument(data)
    inside = "".join(inside_of(pdf[each.page - 1], each.boxes) for each in boxes)
    pdf.close()
    return Checked(name, len(boxes), document.text[slice(*span)], inside)


def inside_of(page: Any, boxes: Sequence[Box]) -> str:
    """The characters of which more than half lies in one box. Only for pages that are not rotated."""
    from pypdfium2 import raw

    textpage = page.get_textpage()
    left, bottom, right, top = page.get_bbox()  # as shown; get_cropbox() misses an inherited one
    wide, high = right - left, top - bottom
    found = []
    for index in range(textpage.count_chars()):
        x0, y0, x1, y1 = textpage.get_charbox(index)
        glyph = Box((x0 - left) / wide, (top - y1) / high, (x1 - left) / wide, (top - y0) / high)
        if raw.FPDFText_IsGenerated(textpage, index) != 1 and any(_shared(glyph, box) > 0.5 for box in boxes):
            found.append(chr(raw.FPDFText_GetUnicode(textpage, index)))
    return "".join(found)


def _shared(glyph: Box, box: Box) -> float:
    """How much of the area of ``glyph`` lies in ``box``, in [0, 1]."""
    across = min(glyph.right, box.right) - max(glyph.left, box.left)
    down = min(glyph.bottom, box.bottom) - max(glyph.top, box.top)
    area = (glyph.right - glyph.left) * (glyph.bottom - glyph.top)
    return across * down / area if area > 0 and across > 0 and down > 0 else 0.0
