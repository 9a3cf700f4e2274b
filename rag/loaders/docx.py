"""Word files by python-docx: headings, paragraphs, lists, tables as rows, footnotes at the end."""

from __future__ import annotations

import io
import itertools
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any

from rag.errors import SourceError
from rag.loaders.base import Block, Loaded, Meta, Raw, document, one_line, raised, rows, spread
from rag.loaders.compressed import DAMAGE, MAX_UNPACKED, open_zip
from rag.loaders.markup import local_name, parse_xml
from rag.loaders.masthead import TOP, told
from rag.loaders.titles import said

_MATH = "{http://schemas.openxmlformats.org/officeDocument/2006/math}"
_HEADING = re.compile(r"(?:heading|überschrift|titre|título|rubrik|titolo) ?([1-9])", re.IGNORECASE)
_UNSEEN = frozenset(["fallback", "txbxcontent", "del", "movefrom"])  # below a paragraph
_OFF = frozenset(["", "0", "false", "off"])
_NUMERIC = re.compile(r"[\d.,%\s€$£+-]+")
_PROGRAMS = frozenset(["python-docx", "docx4j", "Apache POI", "Un-named"])  # as authors
_YEAR = re.compile(r"(?:FY ?)?(?:19|20)\d\d")


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
        author = "" if known.author in _PROGRAMS else known.author
        meta = Meta(said(one_line(known.title)), author=author, language=known.language, encoding="docx")
        _join(file.element.body)
        blocks = [*_below_title([*_blocks(file.element.body, styles)]), *_footnotes(file)]
    except (OpcError, LxmlError, LookupError, AttributeError, TypeError, *DAMAGE) as error:
        raise _damaged(raw, error) from None
    top = "\n\n".join(block.text for block in blocks[:TOP])
    return Loaded((document(raw, blocks, told(top, meta)),))


def _damaged(raw: Raw, error: Exception) -> SourceError:
    why = f"it is not a whole Word file ({one_line(str(error))[:80] or type(error).__name__})"
    return SourceError(f"{raw.uri} is damaged", why=why, fix="open and save it again")


def _join(body: Any) -> None:
    """Where the end of a paragraph is deleted, it goes on in the next one."""
    for mark in body.iterfind(f".//{_w('p')}/{_w('pPr')}/{_w('rPr')}/{_w('del')}"):
        above = next(mark.iterancestors(_w("p")))
        below = above.getnext()
        if below is not None and local_name(below) == "p":
            at = len(below.findall(_w("pPr")))
            below[at:at] = [each for each in above if local_name(each) != "ppr"]


def _blocks(body: Any, styles: Mapping[str, str]) -> Iterator[Block]:
    """Paragraphs and tables in order, also those inside content controls; text boxes below their paragraph."""
    in_list = False
    for element in body:
        name = local_name(element)
        if name == "p":
            block = _paragraph(element, styles, in_list)
            in_list = block.kind == "item"
            yield block
            for box in element.iter(_w("txbxContent")):
                if not _is_copy(box):
                    yield from _blocks(box, styles)
        elif name == "tbl":
            in_list = False
            yield from _table(element)
        elif name in ("sdt", "sdtcontent", "ins", "customxml", "smarttag"):
            yield from _blocks(element, styles)


def _paragraph(element: Any, styles: Mapping[str, str], in_list: bool) -> Block:
    text = _text(element)
    style = element.find(f"{_w('pPr')}/{_w('pStyle')}")
    style = style.get(_w("val"), "") if style is not None else ""
    name = styles.get(style, style)
    if heading := _HEADING.match(name):
        return Block(text, "heading", level=int(heading[1]))
    if name.lower() == "title":
        return Block(text, "heading", level=0)
    numbered = element.find(f"{_w('pPr')}/{_w('numPr')}") is not None
    if (numbered or name.lower().startswith("list ")) and text.strip():
        return Block(f"- {text}", "item", tight=in_list)
    return Block(text)


def _below_title(blocks: Sequence[Block]) -> list[Block]:
    """The headings one level down where there is a title, which is of the first level; the blocks count it as 0."""
    titled = any(block.kind == "heading" and block.level == 0 and block.text.strip() for block in blocks)
    return [replace(block, level=block.level + titled) if block.kind == "heading" else block for block in blocks]


def _text(paragraph: Any) -> str:
    """Text as it is shown: insertions are in it; deletions, hidden words, what was moved away, text boxes are not."""
    parts: list[str] = []
    for piece in paragraph.iter(*map(_w, ("t", "tab", "br", "cr", "noBreakHyphen")), f"{_MATH}t", f"{_MATH}den"):
        above = itertools.takewhile(lambda element: element is not paragraph, piece.iterancestors())
        around = {local_name(element) for element in above}
        run = piece.getparent()
        if around & _UNSEEN or _setting(run, "vanish") not in _OFF:
            continue
        name = local_name(piece)
        if name == "t":
            text = piece.text or ""
            high = _setting(run, "vertAlign") == "superscript" or "sup" in around
            parts.append(raised(text) if high else text)
        elif name == "den":  # of a fraction
            parts.append("/")
        elif local_name(run) == "r":  # a tab among the settings of a paragraph is none
            parts.append({"tab": "\t", "nobreakhyphen": "-"}.get(name, "\n"))
    return "".join(parts)


def _setting(element: Any, name: str, among: str = "rPr") -> str:
    found = element.find(f"{_w(among)}/{_w(name)}")
    return found.get(_w("val"), "on") if found is not None else ""


def _lines(container: Any) -> str:
    """The paragraphs of a table's cell or of a note, one a line."""
    return "\n".join(_text(each) for each in container.iter(_w("p")) if not _is_copy(each))


def _is_copy(element: Any) -> bool:
    """It is in the second copy of a text box, for older programs."""
    return any(local_name(above) == "fallback" for above in element.iterancestors())


def _table(element: Any) -> list[Block]:
    """Rows; the first one gives the column names where it looks like names, below one that only names the table."""
    table = [
        [
            (_lines(cell), _setting(cell, "gridSpan", "tcPr"))
            for cell in row.iter(_w("tc"))
            if next(cell.iterancestors(_w("tr"))) is row
        ]
        for row in element.iter(_w("tr"))
        if next(row.iterancestors(_w("tbl"))) is element  # that of a table inside a cell is in that cell already
    ]
    if len(table) > 1 and len(table[0]) == 1 < len(table[1]):
        return [Block(one_line(table[0][0][0])), *_rows(table[1:])]
    return _rows(table)


def _rows(table: Sequence[Sequence[tuple[str, str]]]) -> list[Block]:
    """Of cells with the number of columns that each covers."""
    first = [one_line(text) for text, _ in table[0]] if table else []
    named = len(table) > 1 and len(set(first)) == len(first) > 1 and all(first[1:])
    years = len(first) > 2 and all(map(_YEAR.fullmatch, first[1:]))
    cells = [_spread(row, table[0]) for row in table]
    if named and not any(_NUMERIC.fullmatch(cell) for cell in (first[:1] if years else first)):
        return rows(cells[1:], header=cells[0])
    return rows(cells)


def _spread(row: Sequence[tuple[str, str]], first: Sequence[tuple[str, str]]) -> list[str]:
    """The texts; as many as the first row has stand below those of that row, however the columns were drawn."""
    if len(row) == 1:
        return [row[0][0]]
    spans = (span for _, span in (first if len(row) == len(first) else row))
    return [cell for (text, _), span in zip(row, spans, strict=True) for cell in spread(text, span)]


def _footnotes(file: Any) -> Iterator[Block]:
    for part in file.part.package.iter_parts():
        if str(part.partname) in ("/word/footnotes.xml", "/word/endnotes.xml"):
            tree = parse_xml(part.blob)
            for note in tree.iter(_w("footnote"), _w("endnote")) if tree is not None else ():
                if note.get(_w("type")) is None:  # the others are separators
                    yield Block(_lines(note))


def _w(name: str) -> str:
    return "{http://schemas.openxmlformats.org/wordprocessingml/2006/main}" + name
