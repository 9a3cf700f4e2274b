"""The bytes of sources that no file on this machine holds, kept with their content and gone with it."""

from __future__ import annotations

import sqlite3

from rag.store.library import Library


def keep_original(connection: sqlite3.Connection, content: str, data: bytes) -> None:
    """Keep what a content was read from. Inside a transaction of the writer."""
    connection.execute("INSERT OR IGNORE INTO originals VALUES (?, ?)", (content, data))


def original(library: Library, content: str) -> bytes:
    """The bytes that a content was read from; b"" where they were not kept."""
    row = library.connect().execute("SELECT data FROM originals WHERE content = ?", (content,)).fetchone()
    return bytes(row[0]) if row else b""
