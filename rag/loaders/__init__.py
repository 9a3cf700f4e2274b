"""Bytes to documents: one file per format, one table of media types, one error.

:func:`load` is all that others need. Document text is data: nothing in a source is followed, fetched or run.
"""

from __future__ import annotations

import hashlib
import re
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from pathlib import PurePosixPath
from typing import Final

from rag.errors import SourceError
from rag.loaders import archive, docx, epub, feed, html, mail, markdown, pdf, plain, records
from rag.loaders.base import Budget, Columns, Loaded, Loader, Raw, UnknownTypeError, hash_id
from rag.loaders.compressed import unzipped
from rag.loaders.encoding import looks_like
from rag.types import Document

__all__ = [
    "ENDINGS",
    "LOADERS",
    "WORD",
    "Columns",
    "Loaded",
    "has_columns",
    "is_plain",
    "load",
    "media_type_of",
    "size_limit",
]

MAX_BYTES: Final = 64 * 2**20  # of one source
MAX_PAGE_BYTES: Final = 16 * 2**20  # of a web page or feed, whose parsed tree is many times as large
MAX_PLAIN_BYTES: Final = 2**20  # of a text that is read without precautions
MAX_RECORD_BYTES: Final = 256 * 2**20  # of a source that is read record by record or file by file
MAX_IN_ALL: Final = 1024 * 2**20  # bytes that one source may unpack, with all archives inside it
MAX_MEMBERS_IN_ALL: Final = 50_000  # files, likewise

WORD = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"
LOADERS: Final[Mapping[str, Loader]] = {
    "text/plain": plain.load,
    "text/markdown": markdown.load,
    "text/html": html.load,
    "application/pdf": pdf.load,
    WORD: docx.load,
    "application/epub+zip": epub.load,
    "application/jsonl": records.load_jsonl,
    "application/json": records.load_json,
    "text/csv": records.load_csv,
    "text/tab-separated-values": records.load_csv,
    "application/xml": feed.load,
    "message/rfc822": mail.load_eml,
    "application/mbox": mail.load_mbox,
    "multipart/related": mail.load_mhtml,
    "application/zip": archive.load_zip,
    "application/x-tar": archive.load_tar,
}
_EXTENSIONS: Final = {
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
    ".docx": WORD,
    ".docm": WORD,
    ".epub": "application/epub+zip",
    ".jsonl": "application/jsonl",
    ".ndjson": "application/jsonl",
    ".json": "application/json",
    ".csv": "text/csv",
    ".tsv": "text/tab-separated-values",
    ".xml": "application/xml",
    ".rss": "application/xml",
    ".atom": "application/xml",
    ".eml": "message/rfc822",
    ".mbox": "application/mbox",
    ".mhtml": "multipart/related",
    ".mht": "multipart/related",
    ".zip": "application/zip",
    ".tar": "application/x-tar",
    ".tgz": "application/x-tar",
    ".tbz2": "application/x-tar",
    ".txz": "application/x-tar",
}
# The usual ending of each type, the first in the table.
ENDINGS: Final[Mapping[str, str]] = {kind: ending for ending, kind in reversed(_EXTENSIONS.items())}
_LONG = frozenset(
    "application/jsonl text/csv text/tab-separated-values application/mbox application/zip application/x-tar".split()
)
_RECORDS = _LONG - {"application/mbox"} | {"application/json"}
_PACKED = (".gz", ".bz2", ".xz")
_HTML_STARTS = (b"<!doctype html", b"<html")


def media_type_of(name: str) -> str | None:
    """The media type of a file name, judged by its ending alone (``.gz`` around it is looked through).

    >>> media_type_of("notes/Page.HTML.gz"), media_type_of("old.tar.xz"), media_type_of("song.mp3")
    ('text/html', 'application/x-tar', None)
    """
    return _EXTENSIONS.get(PurePosixPath(_inner_name(name)).suffix.lower())


def size_limit(name: str) -> int:
    """The most bytes that :func:`load` reads of a source of this name."""
    media_type = media_type_of(name)
    if media_type in ("text/html", "application/xml"):
        return MAX_PAGE_BYTES
    return MAX_RECORD_BYTES if media_type in _LONG else MAX_BYTES


def has_columns(name: str) -> bool:
    """Whether a source of this name may hold records, so that it matters which column holds what."""
    return media_type_of(name) in _RECORDS


def is_plain(data: bytes, name: str) -> bool:
    """Whether this is a text of moderate size that only our own line-by-line code will touch."""
    kind = _EXTENSIONS.get(PurePosixPath(name.lower()).suffix)
    return kind == "text/plain" and len(data) <= MAX_PLAIN_BYTES and not _starts_as_html(data)


def load(data: bytes, *, uri: str, name: str, media_type: str | None = None, columns: Columns = ()) -> Loaded:
    """Read one source. ``uri`` is its identity, ``name`` a file name; ``media_type`` overrules what the name says.

    ``columns`` say of records which field holds what.

    Raises :class:`SourceError` (and nothing else) if nothing in it can be read: it is empty, too large, of a type that
    is not read, not what its name says, damaged, or without text. What can only be read in part comes back with
    ``failures``. No two documents have one uri: a second member of one name is ``archive.tar!/name.txt (2)``.
    """
    budget = Budget(members=MAX_MEMBERS_IN_ALL, size=MAX_IN_ALL)
    revision = hashlib.sha256(data).hexdigest()
    loaded = _load(Raw(data, uri, name, media_type or "", revision, _load, budget, columns=columns))
    return replace(loaded, documents=tuple(_told_apart(loaded.documents)))


def _told_apart(documents: Iterable[Document]) -> Iterator[Document]:
    taken: Counter[str] = Counter()
    for document in documents:
        uri = document.uri
        while taken[uri]:
            taken[document.uri] += 1
            uri = f"{document.uri} ({taken[document.uri]})"
        taken[uri] += 1
        yield document if uri == document.uri else replace(document, uri=uri, id=hash_id(uri))


def _load(raw: Raw) -> Loaded:
    limit = size_limit(raw.name)
    if len(raw.data) > limit:
        size = f"{len(raw.data) / 2**20:.0f} MB, the limit is {limit // 2**20} MB"
        raise SourceError(f"{raw.uri} is too large", why=size, fix="split it into smaller files")
    if not raw.data:
        raise SourceError(f"{raw.uri} is empty", fix="remove it or put text into it")
    media_type = raw.media_type or media_type_of(raw.name) or _by_content(raw)
    if raw.name.lower().endswith(_PACKED) and media_type != "application/x-tar":
        inner = unzipped(raw.data, uri=raw.uri, limit=limit)
        raw = replace(raw, data=inner, name=_inner_name(raw.name))
    if media_type == "text/plain" and _starts_as_html(raw.data):
        media_type = "text/html"
    loader = LOADERS.get(media_type)
    if loader is None:
        why = f"there is no reader for {media_type}"
        raise SourceError(f"{raw.uri} cannot be read", why=why, fix="convert it to text or PDF")
    return loader(replace(raw, media_type=media_type))


def _by_content(raw: Raw) -> str:
    """The media type where the name says nothing: a PDF by its first bytes, else text if the name has no ending."""
    if raw.data.startswith(b"%PDF-"):
        return "application/pdf"
    ending = PurePosixPath(_inner_name(raw.name)).suffix
    ending = ending if re.fullmatch(r"\.[A-Za-z]\w{0,9}", ending) else ""  # "version 1.2" has none
    if ending or raw.name.lower().endswith(_PACKED):
        kind = looks_like(raw.data)
        why = f"the ending {ending!r} is not known" + (f"; it is {kind}" if kind else "")
        raise UnknownTypeError(f"{raw.uri} cannot be read", why=why, fix=f"use one of {' '.join(_EXTENSIONS)}")
    return "text/plain"


def _starts_as_html(data: bytes) -> bool:
    return data[:512].lstrip(b"\xef\xbb\xbf \t\r\n").lower().startswith(_HTML_STARTS)


def _inner_name(name: str) -> str:
    return name.rpartition(".")[0] if name.lower().endswith(_PACKED) else name
