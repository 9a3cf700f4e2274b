"""``Library``: one collection on disk, over SQLite, FTS5 and FAISS."""

from __future__ import annotations

from contextlib import suppress
from pathlib import Path

from rag.config import Settings
from rag.errors import LibraryError
from rag.store.backup import backup, restore
from rag.store.check import repair, verify
from rag.store.conversations import Conversation, Conversations
from rag.store.judgements import JudgedAnswer, Place, judge, judged_answers, judgements
from rag.store.library import Library
from rag.store.questions import add_question, asked_questions, questions_file
from rag.store.quoted import range_around
from rag.store.removal import drop
from rag.store.rows import SourceState
from rag.store.writer import Receipt, Writer
from rag.store.writing import writing

__all__ = [
    "Conversation",
    "Conversations",
    "JudgedAnswer",
    "Library",
    "Place",
    "Receipt",
    "SourceState",
    "Writer",
    "add_question",
    "backup",
    "collections",
    "drop",
    "judge",
    "judged_answers",
    "judgements",
    "open_library",
    "questions_file",
    "range_around",
    "repair",
    "restore",
    "asked_questions",
    "verify",
    "writing",
]


def collections(index_dir: Path) -> list[str]:
    """The names of the collections that lie in a folder, in alphabetical order."""
    return sorted(file.parent.name for file in index_dir.glob("[!.]*/library.sqlite"))


def open_library(settings: Settings, *, create: bool = False) -> Library:
    """The collection that ``settings`` names, ready to answer.

    A vector file left stale by a crash is rebuilt here. Raises :class:`LibraryError` if there is no such collection
    and ``create`` is false, or if it cannot be opened.
    """
    folder = settings.folder
    if create:
        try:
            folder.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise LibraryError(
                f"{folder} cannot be made", why=str(error.strerror), fix="choose another --index"
            ) from None
    elif not (folder / "library.sqlite").exists():
        raise LibraryError(
            f"there is no collection {settings.collection!r} in {settings.index_dir}",
            fix=f"pullquote add FOLDER --collection {settings.collection}",
        )
    library = Library(folder)
    if library.stale:
        with suppress(LibraryError), writing(library, wait=0):
            pass  # leaving publishes; if somebody is writing, they will publish
    return library
