"""Deleting a whole collection."""

from __future__ import annotations

import fcntl
import gc
import os
import secrets
import shutil
from pathlib import Path

from rag.errors import LibraryError
from rag.store.connection import FILE
from rag.store.writing import take


def drop(folder: Path) -> None:
    """Delete a collection with every file of it, a damaged one too. A stop in between leaves none of it in the list.

    Raises :class:`LibraryError` if there is none, if it is in use (``Library.close`` ends that), or if its folder
    cannot be moved out of the list; it is as before then. Raises it as well if files of it cannot be deleted: it is
    out of the list then, the error says where they are, and the next deletion tries them again.
    """
    if not (folder / FILE).is_file():
        raise LibraryError(f"there is no collection {folder.name!r} in {folder.parent}", fix="pullquote collections")
    for left in folder.parent.glob(".dropped-*"):  # by a deletion that was killed, or could not delete all
        shutil.rmtree(left, ignore_errors=True)
    gone = folder.with_name(f".dropped-{secrets.token_hex(4)}-{folder.name}")
    try:
        _take_away(folder, gone)
    except OSError as error:
        fix = "make the index folder writable"
        raise LibraryError(f"{folder} cannot be deleted", why=str(error.strerror), fix=fix) from None
    gc.collect()  # subtle: a connection that ``Library.close`` let go of is in a cycle with its statements
    for left in (gone, *folder.parent.glob(f".restore-{folder.name}")):  # that by a restore that was killed
        try:
            shutil.rmtree(left)
        except OSError as error:
            shutil.rmtree(left, ignore_errors=True)  # whatever else can be
            what = f"{folder.name} is out of the list, but files of it are left in {left}"
            raise LibraryError(what, why=str(error.strerror), fix=f"rm -r {left}") from None


def _take_away(folder: Path, gone: Path) -> None:
    """Rename the folder once nobody uses it. Raises :class:`LibraryError` if somebody does, else OSError."""
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        with (folder / "writer.lock").open("a+") as lock:
            take(lock, 0)  # by this process it can be in use without being held
            _take_all(descriptor, folder)
            os.rename(folder, gone)
    finally:
        os.close(descriptor)


def _take_all(descriptor: int, folder: Path) -> None:
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        raise LibraryError(
            f"the collection {folder.name!r} is in use",
            why="another process has it open, a `pullquote serve` or `chat` for example",
            fix="end that process, then delete it again",
        ) from None
