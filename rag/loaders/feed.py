"""RSS and Atom files: every entry is a document, ``feed.xml#<its id>``."""

from __future__ import annotations

import re
from email.utils import parseaddr
from typing import Any

from rag.errors import SourceError
from rag.loaders import markup
from rag.loaders.base import Block, Loaded, Meta, Raw, document, one_line
from rag.loaders.dates import iso_date
from rag.loaders.encoding import looks_like
from rag.types import Document

_FEEDS = frozenset(["rss", "feed", "rdf"])
_BODIES = ("encoded", "content", "description", "summary")  # the fuller one first
_MARKED = re.compile(r"</\w|&#?\w+;")  # escaped HTML; a title may be about "the <dialog> element"
_DATES = ("pubdate", "published", "date", "issued", "updated", "modified")


def load(raw: Raw) -> Loaded:
    """One document per entry. Raises :class:`SourceError` if it is no feed, or no entry has text."""
    if kind := looks_like(raw.data):
        raise SourceError(f"{raw.uri} is not a feed", why=f"it is {kind}", fix="give it the ending of what it is")
    tree = markup.parse_xml(raw.data.lstrip())
    if tree is None or markup.local_name(tree) not in _FEEDS:
        raise SourceError(f"{raw.uri} cannot be read", why="XML that is neither RSS nor Atom", fix="convert it to HTML")
    tops = markup.elements(tree, "channel", "feed")
    publisher = next((_shown(each) for top in tops for each in top if markup.local_name(each) == "title"), "")
    documents: dict[str, Document] = {}
    failures: list[str] = []
    for number, entry in enumerate(markup.elements(tree, "item", "entry"), 1):
        try:
            made = _document(raw, entry, number, publisher)
        except SourceError:
            failures.append(f"entry {number}: no text in it")
            continue
        if made.uri in documents:
            failures.append(f"entry {number}: its id is that of an entry before it")
        documents.setdefault(made.uri, made)
    if not documents:
        raise SourceError(f"{raw.uri} has no entry that can be read", why="; ".join(failures[:1]), fix="get it again")
    return Loaded(tuple(documents.values()), tuple(failures))


def _document(raw: Raw, entry: Any, number: int, publisher: str) -> Document:
    from lxml import etree

    fields: dict[str, Any] = {}
    for child in entry:
        fields.setdefault(markup.local_name(child), child)
    title, link = _shown(fields.get("title")), _link(entry)
    key = _plain(fields.get("guid")) or _plain(fields.get("id")) or link or str(number)
    blocks = next((found for name in _BODIES if (found := _body(fields.get(name)))), [])
    author = fields.get("author", fields.get("creator"))
    name = next(markup.elements(author, "name"), author)
    meta = Meta(
        title=title,
        author=_person(_plain(name)),
        publisher=publisher,
        published=next((date for field in _DATES if (date := iso_date(_plain(fields.get(field))))), ""),
        link=link,
        encoding="xml",
    )
    heading = [Block(title, "heading", level=1)] if title else []
    source = etree.tostring(entry, with_tail=False)
    return document(raw.part(source, uri=f"{raw.uri}#{key}"), [*heading, *blocks], meta)


def _person(text: str) -> str:
    """The name alone of "mara@coast.example (Mara Lind)"."""
    return (parseaddr(text)[0] if "@" in text else "") or text


def _body(element: Any) -> list[Block]:
    """Blocks of an entry's content, be it escaped HTML, XHTML or plain text."""
    if element is None:
        return []
    if len(element):
        return markup.blocks_of(element)
    text = "".join(element.itertext())
    tree = markup.parse_html(text) if "<" in text or _MARKED.search(text) else None
    return markup.blocks_of(tree) if tree is not None else [Block(text)] if text.strip() else []


def _link(entry: Any) -> str:
    for element in markup.elements(entry, "link"):
        if element.get("rel", "alternate") == "alternate":
            return (element.get("href") or _plain(element)).strip()
    return ""


def _shown(element: Any) -> str:
    """A title as a reader sees it, whose HTML may be escaped."""
    text = _plain(element)
    tree = markup.parse_html(text) if _MARKED.search(text) else None
    return one_line(" ".join(block.text for block in markup.blocks_of(tree))) if tree is not None else text


def _plain(element: Any) -> str:
    return one_line("".join(element.itertext())) if element is not None else ""
