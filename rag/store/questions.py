"""A user's own test questions: ``questions.jsonl`` beside the library, in the form that ``python -m eval run`` reads.

A case is what was asked and the addresses of the sources that were shown, never a word of a document.
"""

from __future__ import annotations

import fcntl
import hashlib
import json
import os
from collections.abc import Iterable, Sequence
from pathlib import Path

from rag.errors import LibraryError
from rag.store.library import Library

FILE = "questions.jsonl"


def questions_file(library: Library) -> Path:
    """Where the questions of this collection are kept."""
    return library.folder / FILE


def asked_questions(library: Library) -> frozenset[str]:
    """The questions that are in the file; lines that are no case are passed over."""
    file = questions_file(library)
    return _questions(file.read_text(encoding="utf-8", errors="replace").splitlines() if file.is_file() else ())


def add_question(library: Library, question: str, shown: Sequence[str] = ()) -> bool:
    """Append a question for its user to fill in; False if it is there already.

    ``shown`` are the uris of sources whose quotes were called wrong: kept as a hint, not as the sources to find.
    Raises :class:`LibraryError` if the file cannot be written.
    """
    question = " ".join(question.split())
    number = hashlib.sha256(question.encode()).hexdigest()[:12]
    case = {"id": number, "question": question, "answers": [], "document": [], "unanswerable": False}
    line = json.dumps(case | ({"shown": list(shown)} if shown else {}), ensure_ascii=False)
    try:
        with questions_file(library).open("a+", encoding="utf-8") as file:
            fcntl.flock(file, fcntl.LOCK_EX)
            file.seek(0)
            text = file.read()
            if question in _questions(text.splitlines()):
                return False
            file.write(("" if text.endswith("\n") or not text else "\n") + line + "\n")
            file.flush()
            os.fsync(file.fileno())
    except (OSError, UnicodeDecodeError) as error:
        fix = "see that it is writable UTF-8 text and that the disk has space"
        raise LibraryError(f"{questions_file(library)} cannot be written", why=str(error), fix=fix) from None
    return True


def _questions(lines: Iterable[str]) -> frozenset[str]:
    found = set()
    for line in lines:
        try:
            case = json.loads(line)
        except ValueError:  # a line that its user has not finished
            continue
        if isinstance(case, dict):
            found.add(str(case.get("question")))
    return frozenset(found)
