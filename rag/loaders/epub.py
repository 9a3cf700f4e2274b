"""EPUB books: the chapters in reading order, the book's own metadata. A ZIP file of XHTML, read with lxml."""

from __future__ import annotations

import posixpath
import zipfile
from typing import Any
from urllib.parse import unquote

from rag.errors import SourceError
from rag.loaders import markup
from rag.loaders.base import Block, Loaded, Meta, Raw, document
from rag.loaders.compressed import MAX_UNPACKED, open_zip, read_member
from rag.loaders.dates import iso_date
from rag.loaders.encoding import decode

_CHAPTERS = frozenset(["application/xhtml+xml", "text/html", "application/x-dtbook+xml"])


def load(raw: Raw) -> Loaded:
    """One document. Raises :class:`SourceError` if it is no whole EPUB, is locked, or has no text."""
    with open_zip(raw.data, uri=raw.uri, limit=MAX_UNPACKED) as archive:
        if _is_locked(raw, archive):
            raise SourceError(
                f"{raw.uri} cannot be read", why="the book is locked (DRM)", fix="use a copy without a lock"
            )
        path, package = _package(raw, archive)
        blocks: list[Block] = []
        notes: list[str] = []
        for name in _reading_order(package, path):
            try:
                blocks += _chapter(read_member(archive, name, uri=raw.uri), name)
            except SourceError as error:
                notes.append(f"the chapter {name} is left out: {error.why or error.what}")
    return Loaded((document(raw, blocks, _meta(package, tuple(notes))),))


def _is_locked(raw: Raw, archive: zipfile.ZipFile) -> bool:
    """Chapters are encrypted (fonts often are, which does not matter)."""
    if "META-INF/encryption.xml" not in archive.namelist():
        return False
    tree = markup.parse_xml(read_member(archive, "META-INF/encryption.xml", uri=raw.uri))
    found = (e.get("URI", "").lower() for e in markup.elements(tree, "cipherreference"))
    return any(uri.endswith((".xhtml", ".html", ".htm", ".xml")) for uri in found)


def _package(raw: Raw, archive: zipfile.ZipFile) -> tuple[str, Any]:
    """Path and tree of the package document, which lists everything else."""
    names = archive.namelist()
    path = ""
    if "META-INF/container.xml" in names:
        container = markup.parse_xml(read_member(archive, "META-INF/container.xml", uri=raw.uri))
        path = next((unquote(e.get("full-path", "")) for e in markup.elements(container, "rootfile")), "")
    if path not in names:
        path = next((name for name in names if name.lower().endswith(".opf")), "")
    package = markup.parse_xml(read_member(archive, path, uri=raw.uri)) if path else None
    if package is None:
        raise SourceError(f"{raw.uri} is damaged", why="no list of chapters (.opf) in it", fix="get it again")
    return path, package


def _reading_order(package: Any, path: str) -> list[str]:
    """Names of the chapters in the archive, each once."""
    items = {e.get("id"): e for e in markup.elements(package, "item")}
    spine = [items[e.get("idref")] for e in markup.elements(package, "itemref") if e.get("idref") in items]
    chapters = [e for e in spine or items.values() if e.get("media-type") in _CHAPTERS]
    chapters = [e for e in chapters if "nav" not in (e.get("properties") or "").split()]
    folder = posixpath.dirname(path)
    hrefs = (unquote(e.get("href", "")).partition("#")[0] for e in chapters)
    return list(dict.fromkeys(posixpath.normpath(posixpath.join(folder, href)) for href in hrefs))


def _chapter(data: bytes, name: str) -> list[Block]:
    tree = markup.parse_html(decode(data, uri=name).text)
    body = next(markup.elements(tree, "body"), None)
    return markup.blocks_of(body, skip=frozenset(["nav"])) if body is not None else []


def _meta(package: Any, notes: tuple[str, ...]) -> Meta:
    def value(name: str) -> str:
        found = ("".join(e.itertext()).strip() for e in markup.elements(package, name))
        return ", ".join(dict.fromkeys(text for text in found if text)) if name == "creator" else next(found, "")

    return Meta(
        title=value("title"),
        author=value("creator"),
        publisher=value("publisher"),
        published=iso_date(value("date")),
        language=value("language"),
        encoding="epub",
        notes=notes,
    )
