"""Compressed sources, bounded while they are unpacked and never afterwards: gzip, bzip2 and xz streams, ZIP members."""

from __future__ import annotations

import bz2
import io
import lzma
import zipfile
import zlib
from typing import Any

from rag.errors import SourceError

MAX_RATIO = 200  # unpacked bytes per packed byte, beyond the first megabyte
MAX_UNPACKED = 256 * 2**20  # bytes of one archive, Word file or book
MAX_MEMBERS = 20_000  # files of one archive
# What the zip and tar readers of the standard library raise on damaged or exotic files.
DAMAGE = (
    zipfile.BadZipFile,
    zlib.error,
    lzma.LZMAError,
    OSError,
    EOFError,
    NotImplementedError,
    RuntimeError,
    ValueError,
)


def is_packed(data: bytes) -> bool:
    """Whether this is what :func:`unzipped` takes, by its first bytes."""
    return data.startswith((b"\x1f\x8b", b"BZh", b"\xfd7zXZ"))


def unzipped(data: bytes, *, uri: str, limit: int) -> bytes:
    """The content of a gzip, bzip2 or xz file. Raises :class:`SourceError` if it is damaged or unpacks to too much."""
    allowed = min(limit, max(2**20, MAX_RATIO * len(data)))
    parts: list[bytes] = []
    size = 0
    try:
        while data:
            stream = _decompressor(data)
            parts.append(stream.decompress(data, allowed + 1 - size))
            size += len(parts[-1])
            if size > allowed:
                why = f"it unpacks to more than {allowed // 2**20} MB"
                raise SourceError(f"{uri} is too large", why=why, fix="unpack and split it")
            if not stream.eof:
                raise SourceError(f"{uri} is damaged", why="the compressed data ends too early", fix="get it again")
            data = stream.unused_data.lstrip(b"\0")
    except DAMAGE as error:
        raise SourceError(f"{uri} is damaged", why=str(error), fix="get it again") from None
    return b"".join(parts)


def unpacked(data: bytes, *, uri: str, limit: int) -> bytes:
    """What :func:`unzipped` gives of data that is packed; other data as it is."""
    return unzipped(data, uri=uri, limit=limit) if is_packed(data) else data


def _decompressor(data: bytes) -> Any:
    if data.startswith(b"BZh"):
        return bz2.BZ2Decompressor()
    if data.startswith(b"\xfd7zXZ"):
        return lzma.LZMADecompressor(memlimit=2**28)
    return zlib.decompressobj(wbits=31)


def open_zip(data: bytes, *, uri: str, limit: int) -> zipfile.ZipFile:
    """The ZIP file in ``data``. Raises :class:`SourceError` if it is none, or says that it unpacks to too much."""
    try:
        archive = zipfile.ZipFile(io.BytesIO(data))
    except DAMAGE as error:
        raise SourceError(
            f"{uri} is damaged", why=f"it is not a whole ZIP file ({error})", fix="get it again"
        ) from None
    members = archive.infolist()
    allowed = min(limit, max(2**20, MAX_RATIO * len(data)))
    if len(members) > MAX_MEMBERS or sum(member.file_size for member in members) > allowed:
        why = f"it unpacks to more than {allowed // 2**20} MB or {MAX_MEMBERS} files"
        raise SourceError(f"{uri} is too large", why=why, fix="unpack and split it")
    return archive


def read_member(archive: zipfile.ZipFile, name: str | zipfile.ZipInfo, *, uri: str) -> bytes:
    """One member of an archive from :func:`open_zip`, never longer than the archive says it is.

    Of several of one name the last, unless ``name`` is the entry itself.

    Raises :class:`SourceError` if there is no such member, or it is locked or damaged.
    """
    try:
        member = archive.getinfo(name) if isinstance(name, str) else name
        with archive.open(member) as file:
            return file.read(member.file_size + 1)
    except KeyError:
        raise SourceError(f"{uri} is damaged", why=f"{name} is missing", fix="get it again") from None
    except DAMAGE as error:
        why = "it is locked with a password" if "password" in str(error) else str(error)
        raise SourceError(
            f"{uri}!/{member.filename} cannot be read", why=why, fix="get it again without a lock"
        ) from None
