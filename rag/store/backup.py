"""A collection as one file: a ZIP of the SQLite library, the user's test questions and a note with their checksums."""

from __future__ import annotations

import json
import lzma
import os
import shutil
import sqlite3
import tempfile
import zipfile
import zlib
from contextlib import closing
from pathlib import Path
from typing import Any

from rag.config import Settings
from rag.errors import LibraryError
from rag.files import sha256_of
from rag.store.check import damage, repair, verify
from rag.store.connection import FILE, RESTORE
from rag.store.library import Library
from rag.store.questions import FILE as QUESTIONS
from rag.store.vectors import unpublish
from rag.store.writing import writing

_NOTE = "pullquote.json"
_FORMAT = 1  # of the backup; the tables inside have a number of their own (schema.py)
_CHECKSUMS = {FILE: "sha256", QUESTIONS: "questions"}  # file -> its entry in the note


def backup(library: Library, file: Path) -> int:
    """Write the collection to ``file``, which is replaced as a whole; readers and a writer may go on meanwhile.

    The copy is checked before and read back after it is written. Vectors are stored in the library, so the derived
    files are left out. Returns its size in bytes. Raises :class:`LibraryError`.
    """
    if library.folder.resolve() in file.resolve().parents:
        raise LibraryError(f"{file} lies in the collection itself", fix="choose a file in another folder")
    try:
        with tempfile.TemporaryDirectory(dir=file.parent, prefix=f".{file.name}-") as folder:
            copy, packed = Path(folder, FILE), Path(folder, "backup")
            with closing(sqlite3.connect(copy)) as target:
                library.connect().backup(target)
                target.execute("PRAGMA journal_mode = DELETE")  # nothing beside the one file
                if lines := damage(target):
                    raise sqlite3.DatabaseError(lines[0])
            if (library.folder / QUESTIONS).is_file():
                shutil.copyfile(library.folder / QUESTIONS, Path(folder, QUESTIONS))
            _pack(Path(folder), packed)
            again = Path(folder, "again")
            again.mkdir()
            _unpack(packed, again)
            os.replace(packed, file)
            return file.stat().st_size
    except (OSError, sqlite3.OperationalError) as error:
        raise LibraryError(
            f"{file} cannot be written", why=_why(error), fix="choose a folder that is writable and has space"
        ) from None
    except sqlite3.DatabaseError as error:
        raise LibraryError("the library is damaged, nothing was written", why=str(error), fix=RESTORE) from None


def restore(file: Path, settings: Settings, *, replace: bool = False) -> Library:
    """Make the collection that ``settings`` names from a backup; it is as before, or wholly restored.

    The backup is unpacked and verified beside the collection first. A collection that holds something is replaced
    only if ``replace``; who reads it then sees the old one or the new one. Its test questions stay where the backup has
    none. Raises :class:`LibraryError`.
    """
    folder, staged = settings.folder, settings.index_dir / f".restore-{settings.collection}"
    if not replace and _holds_something(folder):
        raise LibraryError(
            f"the collection {settings.collection!r} is not empty", fix="give another --collection, or --replace"
        )
    try:
        shutil.rmtree(staged, ignore_errors=True)  # of a restore that was killed
        staged.mkdir(parents=True)
        try:
            _stage(file, staged)
            if folder.exists():
                _clear_if_unreadable(folder)
                with closing(Library(folder)) as library:
                    _pour(staged, library)
                if (staged / QUESTIONS).exists():
                    os.replace(staged / QUESTIONS, folder / QUESTIONS)
            else:
                os.rename(staged, folder)
        finally:
            shutil.rmtree(staged, ignore_errors=True)
    except (OSError, sqlite3.Error) as error:
        raise LibraryError(f"{file} cannot be restored", why=_why(error), fix="check the file and the disk") from None
    return Library(folder)


def _stage(file: Path, staged: Path) -> None:
    _unpack(file, staged)
    with closing(Library(staged)) as library:
        library.publish()
        problems = verify(library) and repair(library)
    if problems:
        raise LibraryError(f"{file} holds a damaged library", why=problems[0], fix="take another backup")


def _clear_if_unreadable(folder: Path) -> None:
    """Take away a library so damaged that SQLite cannot tell its tables; nothing could be poured into it."""
    try:
        with closing(sqlite3.connect(folder / FILE)) as connection:
            connection.execute("SELECT count(*) FROM sqlite_master").fetchone()
    except sqlite3.OperationalError:
        raise  # it is out of reach, which says nothing about it
    except sqlite3.DatabaseError:
        for path in folder.glob(f"{FILE}*"):
            path.unlink()
        unpublish(folder)


def _pour(staged: Path, library: Library) -> None:
    """Replace everything in one transaction of the library in use; its vectors follow, and old words are erased."""
    with writing(library), closing(sqlite3.connect(staged / FILE)) as source:
        generation = max(library.generation, int(source.execute(
            "SELECT coalesce(max(value + 0), 0) FROM meta WHERE key = 'generation'"
        ).fetchone()[0])) + 1  # fmt: skip
        with source:
            rows = [("generation", str(generation)), ("erase", "wanted")]
            source.executemany("INSERT OR REPLACE INTO meta VALUES (?, ?)", rows)
        source.backup(library.connect())


def _holds_something(folder: Path) -> bool:
    if (folder / QUESTIONS).exists():
        return True
    if not (folder / FILE).exists():
        return False
    with closing(Library(folder)) as library:
        stats = library.stats()
    return bool(stats["sources"] or stats["conversations"])


def _pack(folder: Path, packed: Path) -> None:
    names = [name for name in _CHECKSUMS if (folder / name).exists()]
    note = {"format": _FORMAT} | {_CHECKSUMS[name]: sha256_of(folder / name) for name in names}
    with packed.open("wb") as file:
        with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
            archive.writestr(_NOTE, json.dumps(note))
            for name in names:
                archive.write(folder / name, name)
        file.flush()
        os.fsync(file.fileno())


def _unpack(packed: Path, folder: Path) -> None:
    """Raises :class:`LibraryError` if it is no backup, of a newer version, or not byte for byte what was written."""
    damaged = LibraryError(f"{packed} is not a backup, or it is damaged", fix="take another backup")
    try:
        with zipfile.ZipFile(packed) as archive:
            note: dict[str, Any] = json.loads(archive.read(_NOTE))
            if note["format"] > _FORMAT:
                why = f"this version knows formats up to {_FORMAT}"
                raise LibraryError(f"{packed} has format {note['format']}", why=why, fix="update Pullquote")
            for name, entry in _CHECKSUMS.items():
                if name == FILE or entry in note:
                    with archive.open(name) as source, (folder / name).open("wb") as target:
                        shutil.copyfileobj(source, target, 2**20)
                    if note[entry] != sha256_of(folder / name):
                        raise damaged
    except (zipfile.BadZipFile, KeyError, TypeError, ValueError, EOFError, RuntimeError, lzma.LZMAError, zlib.error):
        raise damaged from None


def _why(error: Exception) -> str:
    return str(error.strerror if isinstance(error, OSError) else error)
