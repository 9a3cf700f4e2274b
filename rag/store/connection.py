"""One SQLite connection, opened as well as the folder's permissions allow."""

from __future__ import annotations

import fcntl
import os
import sqlite3
import time
from pathlib import Path

from rag.errors import LibraryError
from rag.store.schema import migrate

FILE = "library.sqlite"
RESTORE = "pullquote restore BACKUP --replace"
_PATIENCE = 30  # seconds to wait for another process


def writable(folder: Path) -> bool:
    """Whether this process may write the library in ``folder``; false on a file system mounted read-only."""
    file = folder / FILE
    return os.access(folder, os.W_OK) and (not file.exists() or os.access(file, os.W_OK))


def connect(folder: Path) -> sqlite3.Connection:
    """The library's connection, its tables up to date; read-only where the folder cannot be written.

    Raises :class:`LibraryError` if the file cannot be opened, is damaged, or was made by a newer version.
    """
    path = folder / FILE
    try:
        connection = _open(path) if writable(folder) else _open_read_only(path)
        migrate(connection)
    except sqlite3.DatabaseError as error:
        raise refused(path, error) from None
    return connection


def hold(folder: Path) -> int:
    """A file descriptor whose shared lock on the folder says that the collection is in use, until it is closed.

    Raises :class:`LibraryError` if there is no such folder, or if it is being deleted.
    """
    try:
        descriptor = os.open(folder, os.O_RDONLY)
    except OSError as error:
        fix = "check --index and --collection, and the folder's permissions"
        raise LibraryError(f"{folder} cannot be used", why=str(error.strerror), fix=fix) from None
    try:
        fcntl.flock(descriptor, fcntl.LOCK_SH | fcntl.LOCK_NB)
    except BlockingIOError:
        os.close(descriptor)
        raise LibraryError(f"{folder} is being deleted", fix="choose another collection") from None
    except OSError:
        pass  # a file system without such locks
    return descriptor


def refused(path: Path | str, error: sqlite3.DatabaseError) -> LibraryError:
    """What SQLite says against the library's file, as our error: it is damaged, or something else is in the way.

    subtle: only the class itself tells of damage (SQLITE_CORRUPT, SQLITE_NOTADB). A subclass tells that the file is
    out of reach, or of a change that came in between; to restore a backup then would lose what was kept since.
    """
    if type(error) is sqlite3.DatabaseError:
        return LibraryError(f"{path} is damaged", why=str(error), fix=RESTORE)
    fix = "wait for other processes to end, check the folder's permissions and free space, then try again"
    return LibraryError(f"{path} cannot be used", why=str(error), fix=fix)


def _open(path: Path) -> sqlite3.Connection:
    connection = sqlite3.connect(path, timeout=_PATIENCE)
    _log_ahead(connection)
    connection.executescript(
        "PRAGMA synchronous = NORMAL; PRAGMA foreign_keys = ON;PRAGMA secure_delete = ON; PRAGMA temp_store = MEMORY;"
    )
    return connection


def _log_ahead(connection: sqlite3.Connection) -> None:
    """subtle: the busy time-out does not cover this switch: of two processes making a library one has to try again."""
    deadline = time.monotonic() + _PATIENCE
    while True:
        try:
            connection.execute("PRAGMA journal_mode = WAL")
            return
        except sqlite3.OperationalError as error:
            if "locked" not in str(error) or time.monotonic() > deadline:
                raise
            time.sleep(0.05)


def _open_read_only(path: Path) -> sqlite3.Connection:
    """subtle: without a log beside it SQLite could not make one here, so it is told that nobody can change the file;
    with a log it must read that as well, or what was committed last would be missing."""
    log = path.with_name(f"{path.name}-wal")
    immutable = "" if log.exists() and log.stat().st_size else "&immutable=1"
    connection = sqlite3.connect(f"{path.resolve().as_uri()}?mode=ro{immutable}", uri=True, timeout=_PATIENCE)
    connection.execute("PRAGMA query_only = ON")
    return connection
