"""Bytes to documents: one file per format, one table of media types, one error.

:func:`load` is all that others need. Document text is data: nothing in a source is followed, fetched or run.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import replace
from pathlib import PurePosixPath
from typing import Final

from rag.errors import SourceError
from rag.loaders import html, markdown, pdf, plain, records
from rag.loaders.base import Loaded, Loader, Raw
from rag.loaders.compressed import unzipped
from rag.loaders.encoding import looks_like

__all__ = ["LOADERS", "Loaded", "load", "media_type_of", "size_limit"]

MAX_BYTES: Final = 64 * 2**20  # of one source
MAX_RECORD_BYTES: Final = 512 * 2**20  # of a source that is read record by record

LOADERS: Final[Mapping[str, Loader]] = {
    "text/plain": plain.load,
    "text/markdown": markdown.load,
    "text/html": html.load,
    "application/pdf": pdf.load,
    "application/jsonl": records.load_jsonl,
    "application/json": records.load_json,
    "text/csv": records.load_csv,
    "text/tab-separated-values": records.load_csv,
}
_EXTENSIONS: Final[Mapping[str, str]] = {
    ".txt": "text/plain",
    ".text": "text/plain",
    ".log": "text/plain",
    ".rst": "text/plain",
    ".md": "text/markdown",
    ".markdown": "text/markdown",
    ".html": "text/html",
    ".htm": "text/html",
    ".xhtml": "text/html",
    ".pdf": "application/pdf",
    ".jsonl": "application/jsonl",
    ".ndjson": "application/jsonl",
    ".json": "application/json",
    ".csv": "text/csv",
    ".tsv": "text/tab-separated-values",
}
_RECORDS = frozenset(["application/jsonl", "text/csv", "text/tab-separated-values"])
_HTML_STARTS = (b"<!doctype html", b"<html")


def media_type_of(name: str) -> str | None:
    """The media type of a file name, judged by its ending alone (``.gz`` around it is looked through).

    >>> media_type_of("notes/Page.HTML.gz"), media_type_of("song.mp3")
    ('text/html', None)
    """
    return _EXTENSIONS.get(PurePosixPath(_inner_name(name)).suffix.lower())


def size_limit(name: str) -> int:
    """The most bytes that :func:`load` reads of a source of this name."""
    return MAX_RECORD_BYTES if media_type_of(name) in _RECORDS else MAX_BYTES


def load(data: bytes, *, uri: str, name: str, media_type: str | None = None) -> Loaded:
    """Read one source. ``uri`` is its identity, ``name`` a file name; ``media_type`` overrules what the name says.

    Raises :class:`SourceError` (and nothing else) if nothing in it can be read: it is empty, too large, of a type that
    is not read, not what its name says, damaged, or without text. What can only be read in part comes back with
    ``failures``.
    """
    return _load(Raw(data, uri, name, media_type or "", hashlib.sha256(data).hexdigest()))


def _load(raw: Raw) -> Loaded:
    limit = size_limit(raw.name)
    if len(raw.data) > limit:
        size = f"{len(raw.data) / 2**20:.0f} MB, the limit is {limit // 2**20} MB"
        raise SourceError(f"{raw.uri} is too large", why=size, fix="split it into smaller files")
    if raw.name.lower().endswith(".gz") and raw.data.startswith(b"\x1f\x8b"):
        inner = unzipped(raw.data, uri=raw.uri, limit=limit)
        raw = replace(raw, data=inner, name=_inner_name(raw.name), depth=raw.depth + 1)
    media_type = raw.media_type or _judged(raw)
    loader = LOADERS.get(media_type)
    if loader is None:
        raise SourceError(
            f"{raw.uri} cannot be read", why=f"no reader for {media_type}", fix="convert it to text or PDF"
        )
    return loader(replace(raw, media_type=media_type))


def _judged(raw: Raw) -> str:
    """Media type by name; by content only where the name says nothing, or says plain text and it is a web page."""
    by_name = media_type_of(raw.name)
    start = raw.data[:512].lstrip(b"\xef\xbb\xbf \t\r\n").lower()
    if by_name in (None, "text/plain") and start.startswith(_HTML_STARTS):
        return "text/html"
    if by_name is None and PurePosixPath(raw.name).suffix:
        kind = looks_like(raw.data)
        ending = f"the ending {PurePosixPath(raw.name).suffix!r} is not known" + (f"; it is {kind}" if kind else "")
        raise SourceError(f"{raw.uri} cannot be read", why=ending, fix=f"use one of {' '.join(sorted(_EXTENSIONS))}")
    return by_name or "text/plain"


def _inner_name(name: str) -> str:
    return name[:-3] if name.lower().endswith(".gz") else name
