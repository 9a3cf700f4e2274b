"""Verify that a library is what it promises, and rebuild what is derived from it."""

from __future__ import annotations

import sqlite3
from collections import Counter
from collections.abc import Iterator
from contextlib import closing, contextmanager

from rag.errors import LibraryError
from rag.store import vectors as faiss_file
from rag.store.connection import FILE, refused, writable
from rag.store.lexicon import count_terms, terms
from rag.store.library import Library
from rag.store.rows import TURN
from rag.store.writer import ask_to_erase
from rag.store.writing import take, writing


def verify(library: Library, *, wait: float = 10.0) -> list[str]:
    """What is wrong, one line each; [] if every promise holds. What only a backup mends begins with the file's name.

    What another process has begun to write is no problem: where there seems to be one, it is looked at again while
    nobody writes. A read-only library is copied into memory whole. Raises :class:`LibraryError` if somebody still
    writes after ``wait`` seconds, or if the library cannot be looked at.
    """
    try:
        problems = _problems(library)
        if problems and writable(library.folder):
            with (library.folder / "writer.lock").open("a+") as lock:
                take(lock, wait)
                problems = _problems(library)
        return problems
    except sqlite3.OperationalError as error:
        raise refused(library.folder / FILE, error) from None
    except sqlite3.DatabaseError as error:
        return [f"{FILE} is damaged: {error}"]


def _problems(library: Library) -> list[str]:
    connection = library.connect()
    if lines := damage(connection):
        return [f"{FILE} is damaged: {line}" for line in lines]
    problems = ["removed words are still in the files"] if library.meta("erase") else []
    problems += [f"{FILE}: broken reference in {row[0]}" for row in connection.execute("PRAGMA foreign_key_check")]
    problems += [f"content {number}: no document holds it" for number in _orphans(connection)]
    return problems + _passages(library) + _lexicon(library) + _vectors(library) + _quotes(library)


def damage(connection: sqlite3.Connection) -> list[str]:
    """What SQLite finds wrong with a library's file, one line each."""
    lines = [" ".join(row[0].split()) for row in connection.execute("PRAGMA integrity_check")]
    # newer versions of SQLite look at the full-text index as well, which is derived
    return [line for line in lines if line != "ok" and "inverted index" not in line]


def repair(library: Library) -> list[str]:
    """Rebuild everything that is derived: full-text index, document frequencies, vector file.

    Contents that no document holds are erased. Nothing is encoded again. Returns the problems that are left.
    """
    with writing(library):
        connection = library.connect()
        with connection:
            for content in _orphans(connection):
                connection.execute("DELETE FROM passages WHERE content = ?", (content,))
                connection.execute("DELETE FROM contents WHERE id = ?", (content,))
                ask_to_erase(connection)
            connection.execute("INSERT INTO lexicon (lexicon) VALUES ('rebuild')")
            connection.execute("DELETE FROM terms")
            count_terms(
                connection, (row[0] for row in connection.execute("SELECT body FROM passage_text").fetchall()), 1
            )
        faiss_file.unpublish(library.folder)
    return verify(library)


def _orphans(connection: sqlite3.Connection) -> list[str]:
    """Contents of no document, in no revision."""
    rows = connection.execute(
        "SELECT id FROM contents WHERE id NOT IN (SELECT content FROM documents UNION SELECT content FROM revisions) "
        "ORDER BY id"
    )
    return [row[0] for row in rows]


def _passages(library: Library) -> list[str]:
    rows = library.connect().execute(
        'SELECT p.id FROM passages p JOIN contents c ON c.id = p.content WHERE p.start < 0 OR p."end" > length(c.text) '
        "OR p.start >= p.\"end\" OR length(p.embedding) <> 2 * (SELECT value FROM meta WHERE key = 'dim')"
    )
    return [f"passage {row[0]}: offsets or vector do not fit its text" for row in rows]


def _lexicon(library: Library) -> list[str]:
    connection = library.connect()
    problems = []
    try:
        with _checkable(connection) as checked:
            checked.execute("INSERT INTO lexicon (lexicon, rank) VALUES ('integrity-check', 1)")
    except sqlite3.OperationalError:  # it could not be asked
        raise
    except sqlite3.DatabaseError:
        problems.append("the full-text index does not agree with the passages")
    bodies = connection.execute("SELECT body FROM passage_text")
    counts = Counter(term for (body,) in bodies for term in set(terms(body)))
    if counts != dict(connection.execute("SELECT term, df FROM terms")):
        problems.append("the document frequencies do not agree with the passages")
    return problems


@contextmanager
def _checkable(connection: sqlite3.Connection) -> Iterator[sqlite3.Connection]:
    """The connection, or a copy in memory of a read-only one: FTS5 takes its checks as writes."""
    if not connection.execute("PRAGMA query_only").fetchone()[0]:
        with connection:
            yield connection
        return
    with closing(sqlite3.connect(":memory:")) as copy:
        connection.backup(copy)
        yield copy


def _vectors(library: Library) -> list[str]:
    try:
        manifest = faiss_file.read_manifest(library.folder)
    except LibraryError as error:
        return [error.what]
    count = library.stats()["passages"]
    if manifest is None:
        return [f"there is no vector file for {count} passages"] if count else []
    if manifest.generation != library.generation:
        return [f"the vector file has generation {manifest.generation}, the library {library.generation}"]
    if manifest.count != count or manifest.encoder != library.encoder_name:
        return [f"the vector file holds {manifest.count} vectors of {manifest.encoder!r} for {count} passages"]
    return [] if faiss_file.checksum_holds(library.folder, manifest) else [f"{manifest.file} is damaged or missing"]


def _quotes(library: Library) -> list[str]:
    """Every stored quote is a slice of the revision it names."""
    problems = []
    for conversation, number, stored in library.connect().execute("SELECT conversation, number, turn FROM turns"):
        for quote in TURN.validate_json(stored).answer.quotes:
            try:
                text = library.document(quote.document_id, quote.revision).text
            except LibraryError as error:
                problems.append(f"conversation {conversation}, turn {number}: {error.what}")
                continue
            if text[quote.start : quote.end] != quote.text:
                problems.append(f"conversation {conversation}, turn {number}: quote {quote.rank} is not a slice")
    return problems
