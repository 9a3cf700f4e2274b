"""What every loader shares: the bytes it gets, the blocks it makes, and how blocks become a document.

A loader turns bytes into blocks in reading order. :func:`document` joins them into the canonical text, so every offset
is counted in the very text that is stored and no loader computes one by itself.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from pathlib import PurePosixPath
from typing import Literal
from urllib.parse import urlsplit, urlunsplit

from rag import layout
from rag.errors import SourceError
from rag.loaders.dates import date_in_name
from rag.loaders.titles import TITLE_LENGTH, first_line, telling
from rag.text import shortened
from rag.types import Anchor, Document, ReadingReport

_LINE_ENDS = re.compile("\r\n?|[\x0b\x0c\x1c-\x1e\x85\u2028\u2029]")
_CONTROLS = re.compile("[\x00-\x08\x0e-\x1b\x1f\x7f-\x84\x86-\x9f\ufeff\ufffe\uffff]")
_SURROGATES = re.compile("[\ud800-\udfff]")
_BLANK_LINES = re.compile(r"\n{3,}")
_EXPONENT = re.compile(r"[\s,+−-]*\d[\s\d,+−-]*")
_RAISED = str.maketrans("0123456789+−-", "⁰¹²³⁴⁵⁶⁷⁸⁹⁺⁻⁻")
CORRECTION = re.compile(  # begins a line that corrects a text; the name of a page with such lines is none
    r"\W*(?:(?:corrections?|clarifications?|corrigend(?:um|a)|errat(?:um|a)|retraction|corrected|editor['’]?s note)\b"
    r"[^.:]{0,40}(?:: | [-–—]|\))|(?:an earlier|a previous|the original) version of th(?:is|e) \w+\b"
    r"|this (?:article|story|post|report|piece|page)(?:['’]s \w+)? (?:was|has been) (?:corrected|amended|edited)\b)",
    re.IGNORECASE,
)
FULL_STOP = re.compile(r"[.!?…。！？][\"'”’»)\]]*$")


@dataclass(frozen=True, slots=True)
class Loaded:
    """What one source gave. ``failures`` are one-line messages about the parts of it that could not be read."""

    documents: tuple[Document, ...]
    failures: tuple[str, ...] = ()


class UnknownTypeError(SourceError):
    """The source is of a type that is not read; inside a container that is counted, not an error each time."""


class Budget:
    """How much one source may unpack in all, however deeply its archives are nested."""

    def __init__(self, *, members: int, size: int) -> None:
        self._members, self._size = members, size

    def take(self, size: int, *, uri: str) -> None:
        """Count one member of so many bytes. Raises :class:`SourceError` when there were too many."""
        self._members -= 1
        self._size -= size
        if self._members < 0 or self._size < 0:
            raise SourceError(f"{uri} is too large", why="it unpacks to too many files or bytes", fix="split it")


Loader = Callable[["Raw"], Loaded]
Columns = tuple[tuple[str, str], ...]  # what the user says of records: (field, the name of what holds it)


@dataclass(frozen=True, slots=True)
class Raw:
    """One source as it came. ``name`` is a file name for people and for the title; ``uri`` is the identity."""

    data: bytes
    uri: str
    name: str
    media_type: str
    revision: str  # sha256 of the bytes of the source, hex; ``data`` may have been unpacked since
    inside: Loader  # reads a source of any type that was found inside this one
    budget: Budget
    depth: int = 0  # containers around it
    columns: Columns = ()

    def part(self, data: bytes, *, uri: str) -> Raw:
        """A record of this source, with an identity and a revision of its own, and no file name."""
        return replace(self, data=data, uri=uri, name="", revision=hashlib.sha256(data).hexdigest())

    def member(self, data: bytes, *, name: str) -> Raw:
        """A file inside this source; its type is judged by its name, of which bytes that are no text are replaced."""
        revision, name = hashlib.sha256(data).hexdigest(), _SURROGATES.sub("\ufffd", name)
        uri, depth = f"{self.uri}!/{name}", self.depth + 1
        return Raw(data, uri, name, "", revision, self.inside, self.budget, depth, self.columns)


@dataclass(frozen=True, slots=True)
class Block:
    """A heading, a paragraph, a list item, a table row or a piece of code; ``tight`` follows without a blank line."""

    text: str
    kind: Literal["heading", "text", "item", "row", "code"] = "text"
    level: int = 0  # of a heading, 1 is the outermost
    tight: bool = False
    label: str = ""  # of a row: the name of its anchor


@dataclass(frozen=True, slots=True)
class Meta:
    """What a source says about itself, and what reading it left out."""

    title: str = ""
    author: str = ""
    publisher: str = ""
    published: str = ""
    language: str = ""
    link: str = ""
    encoding: str = "utf-8"
    notes: tuple[str, ...] = ()
    dropped: tuple[str, ...] = ()


def clean(text: str) -> str:
    """One kind of line end, no control characters, no blanks at line ends, at most one blank line in a row.

    >>> clean("one \\r\\ntwo\\x00\\n\\n\\n\\nthree")
    'one\\ntwo\\n\\nthree'
    """
    if text.isprintable():  # most table cells: one line, and nothing below would change but its end
        return text.rstrip()
    text = _CONTROLS.sub("", newlines(text))
    text = _SURROGATES.sub("\ufffd", text)
    return _BLANK_LINES.sub("\n\n", "\n".join(line.rstrip() for line in text.split("\n")))


def newlines(text: str) -> str:
    """One kind of line end, nothing else changed."""
    return _LINE_ENDS.sub("\n", text)


def one_line(text: str) -> str:
    """The text on one line, white space collapsed."""
    return " ".join(clean(text).split())


def raised(text: str) -> str:
    """The figures of an exponent or of a footnote's mark as such, so that they are no part of a number or word.

    >>> "10" + raised("-6"), "9" + raised("th")
    ('10⁻⁶', '9th')
    """
    return text.translate(_RAISED) if _EXPONENT.fullmatch(text) else text


def hash_id(uri: str) -> str:
    """A document's id: the first 16 hex digits of the sha256 of its URI."""
    return hashlib.sha256(uri.encode("utf-8", "surrogatepass")).hexdigest()[:16]


def public_link(address: str) -> str:
    """The address if a browser may open it (http or https, with a host), without a password in it; "" otherwise."""
    address = address.strip()
    if re.search(r"[\s<>\"\x00-\x1f\x7f\ud800-\udfff]", address):
        return ""
    try:
        parts = urlsplit(address)
    except ValueError:
        return ""
    host = parts.netloc.rpartition("@")[2]
    if parts.scheme.lower() not in ("http", "https") or not host:
        return ""
    return urlunsplit(parts._replace(netloc=host))


def rows(table: Sequence[Sequence[str]], *, header: Sequence[str] = ()) -> list[Block]:
    """A table as one line per row, each a row anchor; with a header every value stands beside its column's name.

    A header that no row has as many cells as is a row itself.

    >>> rows([["2020", "10"]], header=["Year", "MW"])[0].text
    'Year: 2020 | MW: 10'
    """
    if header and not any(len(row) == len(header) and any(row) for row in table):
        return rows([header, *table])
    names = [one_line(name) for name in header]
    blocks = []
    for number, row in enumerate(table, 1):
        if shown := layout.row([one_line(cell) for cell in row], names):
            blocks.append(Block(shown, "row", label=f"row {number}"))
    return blocks


def spread(text: str, columns: str) -> list[str]:
    """A cell with the empty ones for the other columns that it covers, so that those after it keep their places.

    >>> spread("MW", "2"), spread("MW", "")
    (['MW', ''], ['MW'])
    """
    return [text, *[""] * (int(columns) - 1 if columns.isdecimal() and len(columns) < 3 else 0)]


def _own_link(uri: str, claimed: str) -> str:
    """The address a source gives for itself. subtle: a fetched page may not send its readers to another host."""
    claimed, fetched = public_link(claimed), public_link(uri)
    if fetched and urlsplit(claimed).netloc.lower() != urlsplit(fetched).netloc.lower():
        return fetched
    return claimed


def document(raw: Raw, blocks: Iterable[Block], meta: Meta = Meta()) -> Document:
    """Join the blocks to one canonical text with its anchors. Raises :class:`SourceError` if there is no text in them.

    A section anchor begins with its heading: ``text[anchor.start:anchor.start + len(anchor.label)] == anchor.label``.
    """
    kept = [tidy for block in blocks if (tidy := _tidy(block)).text]
    if not kept:
        raise SourceError(f"{raw.uri} has no text", why="; ".join(meta.notes), fix="give a file with text in it")
    text, anchors = _assemble(kept)
    return describe(raw, text, anchors, meta)


def describe(raw: Raw, text: str, anchors: Sequence[Anchor], meta: Meta) -> Document:
    """The document around a canonical text that is ready."""
    lost = sum(map(len, meta.dropped))
    title = one_line(meta.title) or own_title(text, anchors, raw.name)
    return Document(
        id=hash_id(raw.uri),
        uri=raw.uri,
        title=telling(title, text, raw.name, _siblings(anchors)),
        text=text,
        revision=raw.revision,
        media_type=raw.media_type,
        author=one_line(meta.author),
        publisher=one_line(meta.publisher),
        published=meta.published or ("" if "#" in raw.uri else date_in_name(raw.name)),
        language=one_line(meta.language),
        link=_own_link(raw.uri, meta.link),
        anchors=tuple(anchors),
        report=ReadingReport(
            encoding=meta.encoding,
            notes=tuple(map(one_line, meta.notes)),
            dropped=tuple(map(one_line, meta.dropped)),
            dropped_share=lost / (lost + len(text)) if lost else 0.0,
        ),
    )


def _siblings(anchors: Sequence[Anchor]) -> list[str]:
    """The headings that are not alone on their level: they head sections and name no document."""
    levels = [anchor.level for anchor in anchors if anchor.kind == "section"]
    return [each.label for each in anchors if each.kind == "section" and levels.count(each.level) > 1]


def _tidy(block: Block) -> Block:
    text = clean(block.text)
    if block.kind in ("heading", "row"):
        return replace(block, text=" ".join(text.split()))
    return replace(block, text=text.strip("\n").rstrip() if block.kind in ("item", "code") else text.strip())


def _assemble(blocks: Sequence[Block]) -> tuple[str, list[Anchor]]:
    parts: list[str] = []
    anchors: list[Anchor] = []
    open_sections: list[Anchor] = []
    position = 0
    for block in blocks:
        if parts:
            gap = "\n" if block.tight else "\n\n"
            parts.append(gap)
            position += len(gap)
        if block.kind == "heading":
            previous_end = position - len(gap) if parts else 0
            anchors += _close(open_sections, previous_end, level=block.level)
            open_sections.append(Anchor("section", block.text, position, position, block.level))
        elif block.kind == "row":
            anchors.append(Anchor("row", block.label, position, position + len(block.text)))
        parts.append(block.text)
        position += len(block.text)
    anchors += _close(open_sections, position, level=0)
    return "".join(parts), sorted(anchors, key=lambda anchor: (anchor.start, -anchor.end))


def _close(open_sections: list[Anchor], end: int, *, level: int) -> list[Anchor]:
    """Take the sections that a heading of this level ends off the stack."""
    closed: list[Anchor] = []
    while open_sections and open_sections[-1].level >= level:
        closed.append(replace(open_sections.pop(), end=end))
    return closed


def own_title(text: str, anchors: Sequence[Anchor], name: str) -> str:
    """The heading at the top, else the first line, else the file's name: a paragraph or a later subhead is no title."""
    heading = next((anchor for anchor in anchors if anchor.kind == "section"), None)
    stem, line = one_line(PurePosixPath(name).stem), one_line(first_line(text))
    if heading and (heading.start == 0 or heading.level == 1):
        line = heading.label
    elif any(anchor.kind == "row" and anchor.start == 0 for anchor in anchors):
        line = stem
    elif len(line) > TITLE_LENGTH or (heading and FULL_STOP.search(line)):
        line = stem or line
    return shortened(line, TITLE_LENGTH)
