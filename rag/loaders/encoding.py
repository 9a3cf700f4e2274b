"""Bytes to text: which encoding, and is it text at all? Detection by charset-normalizer, the guess is always said."""

from __future__ import annotations

import codecs
import re
from typing import NamedTuple

from rag.errors import SourceError

_SAMPLE = 65_536  # bytes that are looked at to guess an encoding
_BOMS = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
# Encodings that files really come in; the others win short texts by accident.
_COMMON = ["cp1252", "cp1250", "cp1251", "cp1253", "cp1254", "cp1255", "cp1256", "koi8_r"]
_COMMON += ["cp932", "euc_jp", "gb18030", "big5", "euc_kr", "utf_16_le", "utf_16_be"]
_CONTROL = re.compile("[\x00-\x08\x0e-\x1a\x1c-\x1f]")
# First bytes of formats that are not text, with the name a person knows.
MAGIC: tuple[tuple[bytes, str], ...] = (
    (b"%PDF-", "a PDF file"),
    (b"PK\x03\x04", "a ZIP file (or a Word, EPUB or other file made of one)"),
    (b"\x1f\x8b", "a gzip file"),
    (b"\x89PNG", "a PNG picture"),
    (b"\xff\xd8\xff", "a JPEG picture"),
    (b"GIF8", "a GIF picture"),
    (b"\x7fELF", "a program"),
    (b"MZ\x90", "a Windows program"),
    (b"\xd0\xcf\x11\xe0", "an old Office file (.doc, .xls, .ppt)"),
    (b"SQLite format 3\x00", "a SQLite database"),
    (b"BZh", "a bzip2 file"),
    (b"\xfd7zXZ", "an xz file"),
    (b"7z\xbc\xaf", "a 7-Zip file"),
    (b"Rar!", "a RAR file"),
    (b"{\\rtf", "a Rich Text file"),
    (b"%!PS", "a PostScript file"),
    (b"ID3", "a sound file"),
    (b"OggS", "a sound or video file"),
    (b"\x00\x00\x00\x18ftyp", "a video file"),
    (b"\x00\x00\x00\x20ftyp", "a video file"),
)


class Decoded(NamedTuple):
    """``encoding`` as it is shown to people; ``notes`` say what is doubtful about it."""

    text: str
    encoding: str
    notes: tuple[str, ...] = ()


def looks_like(data: bytes) -> str:
    """The name of the binary format these bytes begin like, "" if none is recognised."""
    return next((name for magic, name in MAGIC if data.startswith(magic)), "")


def decode(data: bytes, *, uri: str, hint: str = "") -> Decoded:
    """The text of ``data``. ``hint`` is an encoding that the source itself names.

    Raises :class:`SourceError` if the bytes are empty, a known binary format, or no text in any encoding.
    """
    if not data.strip(b"\0 \t\r\n"):
        raise SourceError(f"{uri} is empty", fix="remove it or put text into it")
    if kind := looks_like(data):
        raise SourceError(f"{uri} is not text", why=f"it is {kind}", fix="give it the file name ending of what it is")
    decoded = _by_bom(data) or _as_utf8(data) or _as_named(data, hint) or _guessed(data)
    if decoded is None or _is_binary(decoded.text):
        raise SourceError(f"{uri} is not text", why="its bytes are no text in any encoding", fix="remove it")
    return decoded


def _by_bom(data: bytes) -> Decoded | None:
    for mark, name in _BOMS:
        if data.startswith(mark):
            text = data.decode(name, errors="replace")
            return Decoded(text, name.removesuffix("-sig"), _replaced(text))
    return None


def _as_utf8(data: bytes) -> Decoded | None:
    """UTF-8, also with a few broken bytes in it: far more good multi-byte characters than bad bytes."""
    text = data.decode("utf-8", errors="replace")
    bad = text.count("\ufffd") - data.count("\ufffd".encode())
    if bad == 0:
        return None if text.count("\0") > len(text) // 10 else Decoded(text, "utf-8")
    good = sum(character > "\x7f" for character in text) - bad
    return Decoded(text, "utf-8", _replaced(text)) if good > 2 * bad else None


def _as_named(data: bytes, hint: str) -> Decoded | None:
    try:
        return Decoded(data.decode(codecs.lookup(hint).name), codecs.lookup(hint).name) if hint else None
    except (LookupError, ValueError):
        return None


def _guessed(data: bytes) -> Decoded | None:
    from charset_normalizer import from_bytes

    matches = list(from_bytes(data[:_SAMPLE], cp_isolation=_COMMON))
    if not matches:
        return None
    best = matches[0]
    tied = [m for m in matches if (m.chaos, m.coherence) == (best.chaos, best.coherence)]
    names = {name for match in tied for name in match.could_be_from_charset}
    name = "cp1252" if "cp1252" in names else best.encoding
    text = data.decode(name, errors="replace")
    note = f"the encoding is not said in the file and was guessed as {name}"
    return Decoded(text, name, (note, *_replaced(text)))


def _replaced(text: str) -> tuple[str, ...]:
    count = text.count("\ufffd")
    return (f"{count} unreadable characters are shown as \ufffd",) if count else ()


def _is_binary(text: str) -> bool:
    sample = text[:_SAMPLE]
    return len(_CONTROL.findall(sample)) > max(2, len(sample) // 100)
