"""Word files by python-docx: headings, paragraphs, lists, tables as rows, footnotes at the end."""

from __future__ import annotations

import io
import re
from collections.abc import Iterator, Mapping
from typing import Any

from rag.errors import SourceError
from rag.loaders.base import Block, Loaded, Meta, Raw, document, one_line, rows
from rag.loaders.compressed import DAMAGE, open_zip
from rag.loaders.markup import local_name, parse_xml

MAX_UNPACKED = 256 * 2**20
_HEADING = re.compile(r"(?:heading|überschrift|titre|título|rubrik|titolo) ?([1-9])", re.IGNORECASE)
_NUMERIC = re.compile(r"[\d.,%\s€$£+-]+")


def load(raw: Raw) -> Loaded:
    """One document. Raises :class:`SourceError` if it is no whole Word file, or has no text."""
    from docx import Document as open_docx
    from docx.opc.exceptions import OpcError
    from lxml.etree import LxmlError

    open_zip(raw.data, uri=raw.uri, limit=MAX_UNPACKED).close()
    try:
        file = open_docx(io.BytesIO(raw.data))
        styles = {style.style_id: style.name or "" for style in file.styles}
        known = file.core_properties
        meta = Meta(known.title, author=known.author, language=known.language, encoding="docx")
        blocks = [*_blocks(file.element.body, styles), *_footnotes(file)]
    except (OpcError, LxmlError, LookupError, AttributeError, TypeError, *DAMAGE) as error:
        raise _damaged(raw, error) from None
    return Loaded((document(raw, blocks, meta),))


def _damaged(raw: Raw, error: Exception) -> SourceError:
    why = f"it is not a whole Word file ({one_line(str(error))[:80] or type(error).__name__})"
    return SourceError(f"{raw.uri} is damaged", why=why, fix="open and save it again")


def _blocks(body: Any, styles: Mapping[str, str]) -> Iterator[Block]:
    """Paragraphs and tables in order, also those inside content controls."""
    in_list = False
    for element in body:
        name = local_name(element)
        if name == "p":
            block = _paragraph(element, styles, in_list)
            in_list = block.kind == "item"
            yield block
        elif name == "tbl":
            in_list = False
            yield from _table(element)
        elif name in ("sdt", "sdtcontent", "ins", "customxml", "smarttag"):
            yield from _blocks(element, styles)


def _paragraph(element: Any, styles: Mapping[str, str], in_list: bool) -> Block:
    text = _text(element)
    style = next((e.get(_w("val")) for e in element.iter(_w("pStyle"))), "")
    name = styles.get(style, style)
    if heading := _HEADING.match(name):
        return Block(text, "heading", level=int(heading[1]))
    if name.lower() == "title":
        return Block(text, "heading", level=1)
    numbered = next(element.iter(_w("numPr")), None) is not None
    if (numbered or name.lower().startswith("list ")) and text.strip():
        return Block(f"- {text}", "item", tight=in_list)
    return Block(text)


def _text(element: Any) -> str:
    """Text as it is shown: insertions are in it, deletions and the second copy of text boxes are not."""
    parts: list[str] = []
    for piece in element.iter(_w("t"), _w("tab"), _w("br"), _w("cr"), _w("noBreakHyphen")):
        if any(local_name(above) == "fallback" for above in piece.iterancestors()):
            continue
        name = local_name(piece)
        if name == "t":
            parts.append(piece.text or "")
        elif local_name(piece.getparent()) == "r":  # a tab among the settings of a paragraph is none
            parts.append({"tab": "\t", "nobreakhyphen": "-"}.get(name, "\n"))
    return "".join(parts)


def _table(element: Any) -> list[Block]:
    """Rows; the first one gives the column names where it looks like names."""
    table = [
        [_text(cell) for cell in row.iter(_w("tc"))] for row in element.iter(_w("tr")) if not _nested(row, element)
    ]
    first = [one_line(cell) for cell in table[0]] if table else []
    named = len(table) > 1 and len(set(first)) == len(first) > 1 and all(first)
    if named and not any(_NUMERIC.fullmatch(cell) for cell in first):
        return rows(table[1:], header=first)
    return rows(table)


def _nested(row: Any, table: Any) -> bool:
    """The row belongs to a table inside a cell, whose text is already in that cell."""
    return next(row.iterancestors(_w("tbl"))) is not table


def _footnotes(file: Any) -> Iterator[Block]:
    for part in file.part.package.iter_parts():
        if str(part.partname) in ("/word/footnotes.xml", "/word/endnotes.xml"):
            tree = parse_xml(part.blob)
            for note in tree.iter(_w("footnote"), _w("endnote")) if tree is not None else ():
                if note.get(_w("type")) is None:  # the others are separators
                    yield Block(_text(note))


def _w(name: str) -> str:
    return "{http://schemas.openxmlformats.org/wordprocessingml/2006/main}" + name
