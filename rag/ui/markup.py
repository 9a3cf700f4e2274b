"""Text of documents as safe HTML. Everything a source says passes through ``escape`` before it meets markup.

Only markup is added, never a character: the text content of what these functions return is the text they were given.
"""

from __future__ import annotations

import html
import re
from collections.abc import Mapping, Sequence
from itertools import pairwise
from types import MappingProxyType
from typing import NamedTuple

from rag.layout import ROW, beside
from rag.text import date_words as date_words  # every area writes dates alike
from rag.types import Answer, Filters

# Template engines between here and the page read braces and dollar signs; a carriage return would become a line feed.
_ALSO = {ord("{"): "&#123;", ord("}"): "&#125;", ord("$"): "&#36;", ord("`"): "&#96;", ord("\r"): "&#13;"}
_COLUMN = re.compile(r"(?:^| \| )[^|:]{1,60}: ")  # in a row, with the bar before it: "Year: 2020 | MW: 10"
BLANK_LINES = re.compile(r"\n[^\S\n]*\n\s*")
_BIDI = frozenset("\u061c\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")
WEAK = "weak evidence"
_SCORE_WORDS = ((0.8, "strong evidence"), (0.5, "good evidence"), (0.0, WEAK))
_UNDATED = " (or undated)"  # a source without a date is never left out for its date


def escape(text: str) -> str:
    """``text`` for element content or a quoted attribute: ``<b>`` -> ``&lt;b&gt;``."""
    return html.escape(text, quote=True).translate(_ALSO)


def content(text: str) -> str:
    """``escape``, with characters that could reorder or hide their neighbours fenced in and named.

    A direction override acts to the end of its element, so an element of its own disarms it; its name is drawn by
    the style sheet from ``data-code``, hence copying the text still copies exactly the text.
    """
    pieces, plain_from = [], 0
    for index, char in enumerate(text):
        if char not in _BIDI and not (char < " " and char not in "\t\n\r"):
            continue
        pieces.append(escape(text[plain_from:index]))
        shown = "\ufffd" if char == "\0" else char  # HTML cannot hold U+0000
        pieces.append(f'<bdi class="odd" data-code="U+{ord(char):04X}">{shown}</bdi>')
        plain_from = index + 1
    return "".join(pieces) + escape(text[plain_from:])


def column(answer: Answer) -> str:
    """What names the cell that is the short answer: its row and its column, which may tell its unit; "" in prose."""
    short = answer.short
    held = next(
        (q for q in answer.quotes if short and q.document_id == short.document_id and q.start <= short.start < q.end),
        None,
    )
    named = beside(held.text, short.start - held.start) if held and short else []
    return f'<p class="others">{content(" · ".join(named))}</p>' if named else ""


class Mark(NamedTuple):
    """A stretch to mark, in document offsets; ``ident`` becomes the id of its first piece."""

    start: int
    end: int
    css: str
    ident: str = ""


def marked(text: str, base: int, marks: Sequence[Mark]) -> str:
    """``text``, which begins at document offset ``base``, with ``<mark>`` over the parts of ``marks`` inside it.

    Where two overlap the later one is shown, so a short answer can be listed after the quote that holds it; the name
    of a column stays one.
    Input -> output: ``marked("a cat", 10, [Mark(12, 15, "q")])`` -> ``a <mark class="q">cat</mark>``.
    """
    end = base + len(text)
    edges = {base, end}
    for mark in marks:
        edges.update(edge for edge in (mark.start, mark.end) if base < edge < end)
    pieces = []
    for left, right in pairwise(sorted(edges)):
        over = [mark for mark in marks if mark.start <= left and right <= mark.end]
        ident, *more = [mark.ident for mark in over if mark.ident and mark.start == left] or [""]
        css = [mark.css for mark in over if mark.css == "column" or mark is over[-1]][::-1]
        tag = "span" if css[:1] == ["column"] else "mark"  # the name of a column is nothing found
        opening = f'<{tag} class="{" ".join(css)}"' + (f' id="{ident}"' if ident else "") + ">" if over else ""
        opening += "".join(f'<span id="{each}"></span>' for each in more)
        pieces.append(opening + content(text[left - base : right - base]) + (f"</{tag}>" if over else ""))
    return "".join(pieces)


def paragraphs(text: str, base: int, marks: Sequence[Mark]) -> str:
    """``marked``, with what blank lines separate as paragraphs; the blank lines stay in the text, undrawn. In the rows
    of a table the names of the columns are drawn less strong."""
    edges = sorted({0, len(text), *(edge for match in BLANK_LINES.finditer(text) for edge in match.span())})
    pieces = []
    for start, end in pairwise(edges):
        said = text[start:end]
        names = [name for line in ROW.finditer(said) for name in columns(line[0], base + start + line.start())]
        inside = marked(said, base + start, [*names, *marks])
        row = ' class="row"' if names and all(map(ROW.fullmatch, said.strip().split("\n"))) else ""
        pieces.append(f'<p{row} dir="auto">{inside}</p>' if said.strip() else f'<span class="gap">{inside}</span>')
    return "".join(pieces)


def columns(row: str, base: int) -> list[Mark]:
    """The names of the columns in a row of a table that begins at document offset ``base``."""
    return [Mark(base + match.start(), base + match.end(), "column") for match in _COLUMN.finditer(row)]


def score_words(score: float) -> str:
    """An evidence score in [0, 1] in words; the number itself means nothing to a reader."""
    return next((words for least, words in _SCORE_WORDS if score >= least), _SCORE_WORDS[-1][1])


def plural(count: int, noun: str) -> str:
    """``plural(1, "source")`` -> ``1 source``; ``plural(3, "source")`` -> ``3 sources``."""
    return f"{count:,} {noun}{'' if count == 1 else 's'}"


def filter_words(filters: Filters, titles: Mapping[str, str] = MappingProxyType({})) -> dict[str, str]:
    """What a search is confined to, as text by name of the filter: ``{"since": "since 1 May 2023 (or undated)"}``."""
    count = len(filters.document_ids)
    chosen = f"“{titles[filters.document_ids[0]]}”" if count == 1 and filters.document_ids[0] in titles else ""
    parts = {
        "since": f"since {date_words(filters.since)}{'' if filters.until else _UNDATED}" if filters.since else "",
        "until": f"until {date_words(filters.until)}{_UNDATED}" if filters.until else "",
        "publisher": f"by {filters.publisher}" if filters.publisher else "",
        "document_ids": f"in {chosen or plural(count, 'chosen source')}" if count else "",
    }
    return {name: words for name, words in parts.items() if words}


def safe_link(link: str) -> str:
    """``link`` if it is a web address, else "": a ``javascript:`` link in a document must not become clickable."""
    return link if link.lower().startswith(("https://", "http://")) else ""
