"""Markdown as a reader sees it: no syntax, headings as sections, lists, tables and code kept readable."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from rag.layout import bullet
from rag.loaders import aligned, markup
from rag.loaders.base import Block, Loaded, Meta, Raw, document, newlines, raised, rows
from rag.loaders.encoding import decode
from rag.loaders.masthead import told
from rag.loaders.plain import key_value, meta_of, name_of

if TYPE_CHECKING:
    from markdown_it.token import Token

_FRONT = re.compile(r"---[ \t]*\n(.{0,65536}?\n)?(?:---|\.\.\.)[ \t]*(?:\n|$)", re.DOTALL)
_QUOTED = re.compile(r"^([\"'])((?:(?!\1).)*)\1$")
_WIKI = re.compile(r"!?\[\[(?:[^\[\]|]*\|)?(?!\s|\d+\])([^\[\]|]+)\]\]")  # [[page|words]], but no mark such as [[1]]
_MARKS = re.compile(r"^#+ |[*`]|\\$|\b_|_\b", re.MULTILINE)  # of headings, emphasis and line ends
_UNSEEN = re.compile(r"<(/?)(script|style|template|noscript|del)\b", re.IGNORECASE)
_HIGH = re.compile(r"<(/?)sup\b", re.IGNORECASE)


def load(raw: Raw) -> Loaded:
    """One document. Raises :class:`rag.errors.SourceError` if the bytes are not text or hold none."""
    decoded = decode(raw.data, uri=raw.uri)
    text, meta = front_matter(newlines(decoded.text))
    meta = replace(meta, encoding=decoded.encoding, notes=decoded.notes + meta.notes)
    return Loaded((document(raw, blocks_of(text), told(_MARKS.sub("", text), meta)),))


def front_matter(text: str) -> tuple[str, Meta]:
    """Split off a YAML block at the very top. Of one that cannot be read plain "key: value" lines count, with a note.

    >>> front_matter('---\\ntitle: "Bees": a talk\\n---\\nHi.')[1].title
    '"Bees": a talk'
    """
    import yaml

    match = _FRONT.match(text)
    if match is None:
        return text, Meta()
    try:
        fields = yaml.load(match[1] or "", Loader=yaml.BaseLoader)  # plain strings and lists of them
    except (yaml.YAMLError, RecursionError, ValueError) as error:
        note = f"the front matter could not be read as YAML ({type(error).__name__}), only its plain lines were"
        meta = meta_of(_plain_lines(match[1] or ""))
        return text[match.end() :], replace(meta, notes=(note, *meta.notes))
    if not isinstance(fields, dict):
        return text, Meta()
    return text[match.end() :], meta_of({str(name): _flat(value) for name, value in fields.items()})


def _plain_lines(block: str) -> dict[str, str]:
    pairs = (pair for line in block.split("\n") if (pair := key_value(line.rstrip())))
    return {name: _QUOTED.sub(r"\2", value) for name, value in pairs if value[0] not in "[{|>&*!"}


def _flat(value: object) -> object:
    """Names and lists of names; other nested values are no metadata."""
    if isinstance(value, list):
        return [_WIKI.sub(r"\1", name) for item in value[:50] if (name := name_of(item))]
    return _WIKI.sub(r"\1", name_of(value))


def blocks_of(text: str) -> list[Block]:
    """The blocks of a Markdown text (CommonMark with tables)."""
    from markdown_it import MarkdownIt

    parser = MarkdownIt("commonmark").enable(["table", "strikethrough"])
    parser.validateLink = lambda url: True  # type: ignore[method-assign]  # addresses are left out, whatever they are
    tokens = parser.parse(text)
    blocks: list[Block] = []
    bullets: list[int | None] = []  # per open list the next number, None for bullets
    prefix = ""
    at = 0
    while at < len(tokens):
        token = tokens[at]
        if token.type in ("bullet_list_open", "ordered_list_open"):
            bullets.append(int(token.attrGet("start") or 1) if token.tag == "ol" else None)
        elif token.type in ("bullet_list_close", "ordered_list_close"):
            bullets.pop()
        elif token.type == "list_item_open":
            prefix = bullet(bullets)
        elif token.type == "list_item_close":
            prefix = ""  # of an empty one
        elif token.type == "table_open":
            at, table = _table(tokens, at)
            blocks += table
        else:
            made = _blocks(token, tokens[at - 1], prefix, blocks)
            prefix = "" if made else prefix
            blocks += made
        at += 1
    return blocks


def _blocks(token: Token, before: Token, prefix: str, so_far: Sequence[Block]) -> list[Block]:
    if token.type == "inline" and (text := _inline(token)):
        if before.type == "heading_open":
            return [Block(text, "heading", level=int(before.tag[1]))]
        if prefix:
            return [Block(prefix + text, "item", tight=bool(so_far) and so_far[-1].kind == "item")]
        return _drawn(token.content) or [Block(text)]
    if token.type in ("fence", "code_block"):
        return [Block(token.content, "code")]
    if token.type == "html_block":
        return markup.blocks_in(token.content)
    return []


def _drawn(paragraph: str) -> list[Block]:
    """The rows of a table that a paragraph draws with blanks, and what stands above and below it; else []."""
    lines = _MARKS.sub("", paragraph).split("\n")
    found = list(aligned.tables(lines)) if len(lines) > 2 else []
    if len(found) != 1:
        return []
    start, end, table = found[0]
    above, below = (" ".join(" ".join(part).split()) for part in (lines[:start], lines[end:]))
    return [*[Block(above)] * bool(above), *table, *[Block(below)] * bool(below)]


def _inline(token: Token) -> str:
    """What a reader sees of a line: link texts without addresses, the text for a picture, no marks, nothing deleted."""
    parts: list[str] = []
    unseen = 0
    high = False
    for child in token.children or ():
        if child.type == "html_inline" and (tag := _UNSEEN.match(child.content)):
            unseen += -1 if tag[1] else 1
        elif child.type in ("s_open", "s_close"):
            unseen += child.nesting
        elif unseen > 0:
            continue
        elif child.type == "html_inline" and (tag := _HIGH.match(child.content)):
            high = not tag[1]
        elif child.type == "text":
            begins = not parts or parts[-1].endswith((" ", "\n"))
            text = _WIKI.sub(r"\1", child.content.lstrip(" ") if begins else child.content)
            parts.append(raised(text) if high else text)
        elif child.type in ("code_inline", "image"):
            parts.append(child.content)
        elif child.type == "softbreak":
            parts.append(" ")
        elif child.type == "hardbreak" or child.content.lower().startswith("<br"):
            parts.append("\n")
    return "".join(parts)


def _table(tokens: Sequence[Token], at: int) -> tuple[int, list[Block]]:
    """The rows of the table that opens at ``at``, and the index of its last token."""
    header: list[str] = []
    table: list[list[str]] = []
    row: list[str] = []
    while tokens[at].type != "table_close":
        token: Any = tokens[at]
        if token.type == "tr_open":
            row = []
        elif token.type == "inline":
            row.append(_inline(token))
        elif token.type == "tr_close":
            table.append(row)
        elif token.type == "thead_close":
            header = table.pop()
        at += 1
    return at, rows(table, header=header)
