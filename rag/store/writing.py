"""One writer at a time: the lock, and what every write ends with."""

from __future__ import annotations

import errno
import fcntl
import os
import sqlite3
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import IO

from rag.errors import LibraryError
from rag.store.connection import writable
from rag.store.library import Library
from rag.store.writer import Writer


@contextmanager
def writing(library: Library, *, wait: float = 10.0) -> Iterator[Writer]:
    """The library's writer; on leaving, the vector file is published and removed words are erased from the files.

    Raises :class:`LibraryError` if another process still writes after ``wait`` seconds, if the folder is read-only
    or if the disk is full; what was committed before stays.
    """
    try:
        if not writable(library.folder):
            raise PermissionError(errno.EACCES, "it is read-only")
        with (library.folder / "writer.lock").open("a+") as lock:
            take(lock, wait)
            try:
                yield Writer(library)
            finally:
                library.publish()
                if library.meta("erase"):
                    _erase(library)
    except PermissionError as error:
        raise LibraryError(
            f"{library.folder} cannot be written to",
            why=str(error.strerror),
            fix="make the folder writable, or choose another --index",
        ) from None
    except (sqlite3.OperationalError, OSError) as error:
        why = error.strerror if isinstance(error, OSError) else str(error)
        raise LibraryError(
            f"{library.folder} cannot be written to",
            why=f"{why}; everything committed so far is kept",
            fix="wait for other processes to end, see that the disk has space, then run the same command again",
        ) from None


def _erase(library: Library) -> None:
    """After removals: merge the full-text index and rewrite the file, so that no deleted byte stays on disk.

    subtle: the wish to erase is committed together with the removal, so a stop in between is made good at the next
    opening. Raises :class:`LibraryError` if another process holds on to the old pages.
    """
    connection = library.connect()
    with connection:
        connection.execute("INSERT INTO lexicon (lexicon) VALUES ('optimize')")
    connection.execute("VACUUM")
    if connection.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()[0]:
        raise LibraryError(
            "the removed words are still in the write-ahead log",
            why="another process is reading the state before the removal",
            fix="pullquote repair, when it has ended",
        )
    with connection:
        connection.execute("DELETE FROM meta WHERE key = 'erase'")


def take(lock: IO[str], wait: float) -> None:
    """The writer's lock. Raises :class:`LibraryError` if another process still has it after ``wait`` seconds."""
    deadline = time.monotonic() + wait
    while True:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            break
        except BlockingIOError:
            if time.monotonic() >= deadline:
                lock.seek(0)
                raise LibraryError(
                    "another process is writing to this collection",
                    why=f"process {lock.read().strip() or 'unknown'} holds the lock",
                    fix="wait for it to end, then run the same command again",
                ) from None
            time.sleep(0.1)
    lock.seek(0)
    lock.truncate()
    lock.write(str(os.getpid()))
    lock.flush()
