"""Compressed sources: gzip around one file. Sizes are bounded while unpacking, never afterwards."""

from __future__ import annotations

import zlib

from rag.errors import SourceError

MAX_RATIO = 200  # unpacked bytes per packed byte, beyond the first megabyte


def unzipped(data: bytes, *, uri: str, limit: int) -> bytes:
    """The content of a gzip file. Raises :class:`SourceError` if it is damaged or unpacks to too many bytes."""
    allowed = min(limit, max(2**20, MAX_RATIO * len(data)))
    parts: list[bytes] = []
    try:
        while data:
            member = zlib.decompressobj(wbits=31)
            parts.append(member.decompress(data, allowed + 1 - sum(map(len, parts))))
            if sum(map(len, parts)) > allowed:
                why = f"it unpacks to more than {allowed // 2**20} MB"
                raise SourceError(f"{uri} is too large", why=why, fix="unpack and split it")
            if not member.eof:
                raise SourceError(f"{uri} is damaged", why="the gzip data ends too early", fix="get it again")
            data = member.unused_data.lstrip(b"\0")
    except zlib.error as error:
        raise SourceError(f"{uri} is damaged", why=str(error), fix="get it again") from None
    return b"".join(parts)
