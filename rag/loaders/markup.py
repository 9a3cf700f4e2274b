"""A parsed tree of HTML, XHTML or trafilatura's XML to blocks: headings, paragraphs, list items, table rows, code.

Scripts, styles, templates and whatever the page hides are left out. Nothing in the tree is followed or run.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from rag.layout import bullet
from rag.loaders.base import Block, clean, one_line, raised, rows, spread

_HIDDEN = frozenset("script style title template noscript iframe object svg annotation button select textarea".split())
_HEADINGS = {f"h{level}": level for level in range(1, 7)}
_INLINE = frozenset(
    "a abbr acronym b bdi bdo big cite code data del dfn em font i img input ins kbd label mark q ref rp rt ruby s "
    "samp small span strike strong sub sup time tt u var wbr hi graphic math mi mn mo mrow msup msub".split()
)
_ITEMS = frozenset(["li", "item"])
_ROWS = frozenset(["tr", "row"])
_CELLS = frozenset(["td", "th", "cell"])
_INVISIBLE = re.compile(r"display\s*:\s*none|visibility\s*:\s*hidden", re.IGNORECASE)
# classes of what is only heard, and of the links for writers beside the headings and notes of a wiki
_UNREAD = frozenset("screen-reader-text sr-only visually-hidden visuallyhidden mw-editsection mw-cite-backlink".split())
_QUOTATION = ("“", '"', "‘", "'", "«", "„")
_SIGNS = frozenset("¶#§🔗⚓↩")  # links of a heading to itself
_SPACES = re.compile(r"[ \t\n\r\f]+")
_HALVES = re.compile(  # &#xD800; to &#xDFFF;
    rb"&#(?:x0*d[89a-f][0-9a-f]{2}(?![0-9a-f])|0*5(?:529[6-9]|5[3-9]\d\d|6\d{3}|7[0-2]\d\d|73[0-3]\d|734[0-3])(?!\d));?",
    re.IGNORECASE,
)


def parse_html(text: str) -> Any:
    """The lxml tree of an HTML page or fragment, ``None`` if there is nothing in it.

    Its words are those that browsers show: exponents are told from the figures before them, <q> has its marks, and what
    the page itself says to be deleted is gone.
    """
    from lxml import etree, html

    parser = html.HTMLParser(encoding="utf-8", remove_comments=True, remove_pis=True)
    try:
        tree = html.document_fromstring(clean(text).encode("utf-8", "replace"), parser=parser)
    except (etree.ParserError, etree.XMLSyntaxError):
        return None
    for element in list(tree.iterdescendants("sup", "msup", "q", "del")):
        if element.tag == "del":
            element.drop_tree()
        elif element.tag == "q":
            if not "".join(element.itertext()).lstrip().startswith(_QUOTATION):
                element.text, element.tail = f"“{element.text or ''}", f"”{element.tail or ''}"
            element.drop_tag()
        else:
            exponent = element[-1] if element.tag == "msup" and len(element) else element
            for inner in exponent.iter():
                inner.text = raised(inner.text or "")
    return tree


def parse_xml(data: bytes) -> Any:
    """The lxml tree of XML without entities or network access, ``None`` if it is beyond repair.

    subtle: of a number that stands for half a character lxml would make text that cannot be read back.
    """
    from lxml import etree

    parser = etree.XMLParser(resolve_entities=False, no_network=True, recover=True, remove_pis=True, huge_tree=False)
    try:
        return etree.fromstring(_HALVES.sub(b"&#xFFFD;", data), parser=parser)
    except (etree.XMLSyntaxError, ValueError):
        return None


def local_name(element: Any) -> str:
    """The tag without its namespace, lower case; "" for comments and the like."""
    return element.tag.rpartition("}")[2].lower() if isinstance(element.tag, str) else ""


def blocks_in(text: str) -> list[Block]:
    """The readable blocks of an HTML page or fragment; [] if there is nothing in it."""
    tree = parse_html(text)
    return blocks_of(tree) if tree is not None else []


def blocks_of(root: Any, *, skip: frozenset[str] = frozenset()) -> list[Block]:
    """The readable blocks under ``root`` in order, without elements named in ``skip``."""
    from lxml import etree

    writer = _Writer()
    walker = etree.iterwalk(root, events=("start", "end", "comment", "pi"))
    for event, element in walker:
        name = local_name(element)
        if event == "start":
            if name in _HIDDEN or name in skip or _is_hidden(element):
                walker.skip_subtree()
            else:
                writer.open(name, element)
                writer.add(element.text)
        else:
            if event == "end" and not (name in _HIDDEN or name in skip or _is_hidden(element)):
                writer.close(name, element)
            if element is not root:
                writer.add(element.tail)
    writer.flush()
    return writer.blocks


def scrub(body: Any) -> None:
    """Take out of an HTML tree what is not there to be read; scripts stay, since metadata may stand in them."""
    for element in [e for e in body.iterdescendants() if isinstance(e.tag, str)]:
        sign = local_name(element) == "a" and "".join(element.itertext()).strip() in _SIGNS
        unseen = sign or local_name(element) in ("template", "noscript") or _is_hidden(element)
        if unseen and element.getparent() is not None:
            element.drop_tree()


def _is_hidden(element: Any) -> bool:
    attributes = element.attrib
    if "hidden" in attributes or attributes.get("aria-hidden") == "true" or attributes.get("layout") == "nodisplay":
        return True
    if not _UNREAD.isdisjoint(attributes.get("class", "").split()):
        return True
    return bool(_INVISIBLE.search(attributes.get("style", "")))


class _Writer:
    """Collects inline text until a block ends; table cells until their row ends."""

    def __init__(self) -> None:
        self.blocks: list[Block] = []
        self._inline: list[str] = []
        self._kind: tuple[str, int] = ("text", 0)
        self._prefix = ""
        self._lists: list[int | None] = []  # per open list the next number, None for bullets
        self._pre = 0
        self._codes: list[bool] = []  # per open code element: is it a block of its own?
        self._cells: list[str] | None = None
        self._header: list[str] = []
        self._header_at = 0  # in the blocks
        self._named = False  # whether a row took the names of the header
        self._is_header = self._is_caption = False
        self._row = 0

    def add(self, text: str | None) -> None:
        if text:
            self._inline.append(text if self._pre else _SPACES.sub(" ", text))

    def open(self, name: str, element: Any) -> None:
        if name in ("br", "lb"):
            self._inline.append("\n")
        if name == "code":
            self._codes.append(not self._pre and _is_block_code(element))
        if name in _INLINE and not (name == "code" and self._codes[-1]):
            return
        self._break()
        if name in ("ul", "list", "ol"):
            start = element.get("start", "")
            first = int(start) if start.isdecimal() and len(start) < 6 else 1
            self._lists.append(first if name == "ol" or element.get("rend") == "ol" else None)
        elif name in _ITEMS:
            self._prefix = bullet(self._lists)
        elif name in _HEADINGS or (name == "head" and element.get("rend")):
            self._kind = ("heading", _HEADINGS.get(name) or _HEADINGS.get(element.get("rend"), 2))
        elif name in ("pre", "code"):
            self._pre += 1
            self._kind = ("code", 0)
        elif name == "table":
            self._end_header()
            self._row = 0
        elif name in _ROWS:
            self._open_row(element)

    def close(self, name: str, element: Any) -> None:
        if name in _INLINE and not (name == "code" and self._codes.pop()):
            return
        if name in _CELLS and self._cells is not None:
            alone = element.getprevious() is None and element.getnext() is None  # between the rows: it is of no column
            self._cells += spread(self._take(), "" if alone else element.get("colspan", ""))
        elif name in _ROWS and self._cells is not None:
            self._close_row(self._cells)
        else:
            self._break()
        if name in ("ul", "ol", "list") and self._lists:
            self._lists.pop()
        elif name == "table":
            self._end_header()
        elif name in _ITEMS:
            self._prefix = ""  # of an empty one
        elif name in ("pre", "code") and self._pre:
            self._pre -= 1
        self._kind = ("text", 0)

    def flush(self) -> None:
        """End the block that is being collected."""
        self._cells = None
        self._break()
        self._end_header()

    def _break(self) -> None:
        if self._cells is not None:
            self._inline.append(" ")
            return
        kind, level = self._kind
        text = self._take()
        if not text.strip():
            return
        if kind == "heading":
            self.blocks.append(Block(one_line(text), "heading", level))
        elif kind == "code":
            self.blocks.append(Block(text, "code"))
        elif self._prefix:
            tight = bool(self.blocks) and self.blocks[-1].kind == "item"
            self.blocks.append(Block(self._prefix + text, "item", tight=tight))
            self._prefix = ""
        else:
            self.blocks.append(Block(text))

    def _take(self) -> str:
        text = "".join(self._inline)
        self._inline.clear()
        if self._pre:
            return text
        return re.sub(r" *\n *", "\n", re.sub(r" {2,}", " ", text)).strip()

    def _open_row(self, element: Any) -> None:
        names = {local_name(inner) for inner in element.iter()}
        if names & {"table", "head", *_HEADINGS}:
            return  # a table that lays out a page
        self._cells = []
        self._row += 1
        cells = [cell for cell in element if local_name(cell) in _CELLS]
        heads = [local_name(cell) == "th" or cell.get("role") == "head" for cell in cells]
        shown = [bool("".join(cell.itertext()).strip()) for cell in cells]
        named = [head for head, text in zip(heads, shown, strict=True) if text]
        wide = len(cells) > 1 or any(cell.get("colspan") for cell in cells)
        self._is_caption = self._row == 1 and named == [True] and shown[0] and wide
        above = element.getnext() is not None or local_name(element.getparent()) == "thead"
        self._is_header = self._row == 1 and len(heads) > 1 and named != [] and all(named) and above

    def _close_row(self, cells: list[str]) -> None:
        self._cells = None
        self._inline.clear()
        if self._is_caption:
            self.blocks.append(Block(" ".join(filter(None, cells))))
            self._row = 0
            return
        if self._is_header:
            self._end_header()
            self._header, self._header_at, self._named = cells, len(self.blocks), False
            self._row = 0
            self._is_header = False
            return
        named = len(cells) == len(self._header) and any(cells)
        self._named |= named
        for block in rows([cells], header=self._header if named else ()):
            self.blocks.append(Block(block.text, "row", label=f"row {self._row}"))

    def _end_header(self) -> None:
        """Names of columns that no row took are a row above those below them."""
        if not self._named:
            self.blocks[self._header_at : self._header_at] = rows([self._header])
        self._header, self._named = [], False


def _is_block_code(element: Any) -> bool:
    """Trafilatura writes both inline code and code blocks as ``code``."""
    return any("\n" in piece for piece in element.itertext()) and local_name(element.getparent()) != "pre"


def elements(root: Any, *names: str) -> Iterator[Any]:
    """Descendants of ``root`` with one of these local names, in document order; none where there is no tree."""
    return (element for element in (root.iter() if root is not None else ()) if local_name(element) in names)
