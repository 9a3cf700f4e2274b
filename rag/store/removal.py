"""Deleting a whole collection."""

from __future__ import annotations

import fcntl
import os
import shutil
from pathlib import Path

from rag.errors import LibraryError
from rag.store.connection import FILE
from rag.store.writing import take


def drop(folder: Path) -> None:
    """Delete a collection with every file of it, a damaged one too. A stop in between leaves none of it in the list.

    Raises :class:`LibraryError` if there is none, if it is in use (``Library.close`` ends that), or if its files
    cannot be deleted; it is as before then.
    """
    if not (folder / FILE).is_file():
        raise LibraryError(f"there is no collection {folder.name!r} in {folder.parent}", fix="pullquote collections")
    gone = folder.with_name(f".dropped-{folder.name}")
    try:
        for left in folder.parent.glob(".dropped-*"):  # by a deletion that was killed
            shutil.rmtree(left)
        descriptor = os.open(folder, os.O_RDONLY)
        try:
            with (folder / "writer.lock").open("a+") as lock:
                take(lock, 0)  # by this process it can be in use without being held
                _take_all(descriptor, folder)
                os.rename(folder, gone)
            for left in (gone, *folder.parent.glob(f".restore-{folder.name}")):  # that by a restore that was killed
                shutil.rmtree(left)
        finally:
            os.close(descriptor)
    except OSError as error:
        fix = "make the index folder writable"
        raise LibraryError(f"{folder} cannot be deleted", why=str(error.strerror), fix=fix) from None


def _take_all(descriptor: int, folder: Path) -> None:
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        raise LibraryError(
            f"the collection {folder.name!r} is in use",
            why="another process has it open, a `pullquote serve` or `chat` for example",
            fix="end that process, then delete it again",
        ) from None
