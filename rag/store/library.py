"""The library: SQLite is the truth (documents, passages, embeddings, full text), FAISS is derived from it."""

from __future__ import annotations

import json
import os
import sqlite3
import threading
import weakref
from collections.abc import Callable, Iterable, Iterator, Sequence
from pathlib import Path
from typing import Any, TypeVar

import numpy as np

from rag.errors import LibraryError
from rag.files import size_of
from rag.store import vectors as faiss_file
from rag.store.connection import connect, hold
from rag.store.conversations import Conversations
from rag.store.lexicon import lexical, mentioning, together
from rag.store.rows import BARE, COLUMNS, HELD, LET, WHOLE, SourceState, document, json_ids, wanted
from rag.types import EVERYTHING, Document, Filters, Passage, Vectors

_CHUNK = 8192  # vectors read at a time
_FOUND = f"{HELD} WHERE d.id = ?1 AND ?2 IN ('', c.revision, substr(c.revision, -64))"
_T = TypeVar("_T")


class Library:
    """One collection on disk. Safe to use from several threads; one process at a time may write (``writing``)."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._release = weakref.finalize(self, os.close, hold(folder))
        self._local = threading.local()
        self._index: tuple[int, Any] | None = None
        self._index_lock = threading.Lock()
        self._derived: dict[object, tuple[int, Any]] = {}
        self.connect()
        self.conversations = Conversations(self.connect)

    def connect(self) -> sqlite3.Connection:
        """This thread's connection. Raises :class:`LibraryError` if the file cannot be opened."""
        connection: sqlite3.Connection | None = getattr(self._local, "connection", None)
        if connection is None:
            connection = self._local.connection = connect(self.folder)
        return connection

    def close(self) -> None:
        """Close this thread's connection, let go of the others', and let the collection be deleted: for the last one
        who uses it. A thread in the middle of a query keeps its connection until that has ended."""
        self._release()
        self.disconnect()
        self._local = threading.local()  # subtle: closing a connection that another thread uses could crash
        self._index = None

    def disconnect(self) -> None:
        """Close this thread's connection; other threads go on."""
        if connection := self._local.__dict__.pop("connection", None):
            connection.close()

    def meta(self, key: str, default: str = "") -> str:
        """A fact about the collection: "encoder", "dim", "generation"."""
        row = self.connect().execute("SELECT value FROM meta WHERE key = ?", (key,)).fetchone()
        return row[0] if row else default

    @property
    def encoder_name(self) -> str:
        """The embedding model that this collection is pinned to; "" while it is empty."""
        return self.meta("encoder")

    @property
    def generation(self) -> int:
        """Counts the write transactions."""
        return int(self.meta("generation", "0"))

    @property
    def stale(self) -> bool:
        """Whether a write is unfinished (vectors behind, removed bytes still on disk): it goes on or was stopped."""
        return not self.published or bool(self.meta("erase"))

    @property
    def published(self) -> bool:
        """Whether the vector file was made from this generation."""
        try:
            manifest = faiss_file.read_manifest(self.folder)
        except LibraryError:
            return False
        if manifest is None:
            return self.connect().execute("SELECT 1 FROM passages LIMIT 1").fetchone() is None
        return manifest.generation == self.generation and (self.folder / manifest.file).exists()

    def stats(self) -> dict[str, int]:
        """Counts of documents, contents (same bytes count once), passages, terms and conversations."""
        tables = ("sources", "documents", "contents", "passages", "terms", "conversations", "turns")
        return {table: self.connect().execute(f"SELECT count(*) FROM {table}").fetchone()[0] for table in tables}

    def sizes(self) -> dict[str, int]:
        """Characters of text, bytes of the stored vectors, bytes of all files of the collection."""
        count = self.connect().execute
        return {
            "characters": count("SELECT coalesce(sum(length(text)), 0) FROM contents").fetchone()[0],
            "vector bytes": count("SELECT coalesce(sum(length(embedding)), 0) FROM passages").fetchone()[0],
            "disk bytes": sum(map(size_of, self.folder.iterdir())),
        }

    def sources(self) -> dict[str, SourceState]:
        """Everything that was read, by uri."""
        rows = self.connect().execute("SELECT uri, stamp, digest, failures, columns FROM sources ORDER BY uri")
        return {u: SourceState(u, s, d, tuple(json.loads(f)), COLUMNS.validate_json(c)) for u, s, d, f, c in rows}

    def source_stamp(self, uri: str) -> str:
        """Size and time of a file, or what an address said of its state, when it was read; "" if it never was."""
        row = self.connect().execute("SELECT stamp FROM sources WHERE uri = ?", (uri,)).fetchone()
        return row[0] if row else ""

    def read_from(self, uri: str) -> list[str]:
        """Ids of the documents that a file or address gave, in order of their uris."""
        rows = self.connect().execute("SELECT id FROM documents WHERE source = ? ORDER BY uri", (uri,))
        return [row[0] for row in rows]

    def derived(self, make: Callable[[Library], _T]) -> _T:
        """``make(self)``, made again only after a change of the documents; ``make`` is the same function each time."""
        generation = self.generation  # read first: what is committed meanwhile may be in what is made as well
        found = self._derived.get(make)
        if found is None or found[0] != generation:
            found = self._derived[make] = generation, make(self)
        value: _T = found[1]
        return value

    def documents(self, filters: Filters = EVERYTHING) -> list[Document]:
        """Documents that ``filters`` let through, in order of uri, without text, anchors and report; all of them are
        read again only after a change."""
        return list(self.derived(Library._listed)) if filters == EVERYTHING else self._listed(filters)

    def _listed(self, filters: Filters = EVERYTHING) -> list[Document]:
        listed = f"SELECT {BARE} FROM documents d JOIN contents c ON c.id = d.content WHERE {LET} ORDER BY d.uri"
        return [document(row) for row in self.connect().execute(listed, wanted(filters))]

    def document(self, document_id: str, revision: str = "") -> Document:
        """:meth:`find`, where it has to be there. Raises :class:`LibraryError` if it is not."""
        if (found := self.find(document_id, revision)) is None:
            raise _missing(document_id, revision)
        return found

    def require(self, document_ids: Iterable[str]) -> None:
        """Raises :class:`LibraryError` if one of these documents is not there."""
        for document_id in document_ids:
            if not self.has(document_id):
                raise _missing(document_id)

    def has(self, document_id: str, revision: str = "") -> bool:
        """Whether :meth:`find` would find the document."""
        return self.connect().execute(f"SELECT 1 {_FOUND} LIMIT 1", (document_id, revision)).fetchone() is not None

    def find(self, document_id: str, revision: str = "") -> Document | None:
        """One document whole, in its current or a kept earlier revision, or the newest that was read from the bytes
        of this digest; None if there is none."""
        newest = f"SELECT {WHOLE} {_FOUND} ORDER BY c.revision = ?2 DESC, c.id = d.content DESC, c.id LIMIT 1"
        row = self.connect().execute(newest, (document_id, revision)).fetchone()
        return document(row) if row else None

    def original(self, content: str) -> bytes:
        """The bytes that a content was read from; b"" where they were not kept, as a file holds them."""
        row = self.connect().execute("SELECT data FROM originals WHERE content = ?", (content,)).fetchone()
        return bytes(row[0]) if row else b""

    def owners(self, passage_ids: Iterable[int], first: Filters = EVERYTHING) -> dict[int, list[Document]]:
        """For each passage the documents (without text) that hold it, ``first`` those that these filters let through,
        then in order of id; unknown ids are left out."""
        rows = self.connect().execute(
            f"SELECT p.id, {BARE} FROM passages p JOIN contents c ON c.id = p.content JOIN documents d ON "
            f"d.content = c.id WHERE p.id IN (SELECT value FROM json_each(:passages)) ORDER BY NOT ({LET}), d.id",
            {"passages": json_ids(passage_ids), **wanted(first)},
        )
        found: dict[int, list[Document]] = {}
        for row in rows:
            found.setdefault(row[0], []).append(document(row[1:]))
        return found

    def count(self, filters: Filters) -> int:
        """How many documents ``filters`` let through."""
        found = self.connect().execute(f"SELECT count(*) FROM documents d WHERE {LET}", wanted(filters)).fetchone()
        return int(found[0])

    def allowed(self, filters: Filters) -> faiss_file.Ids | None:
        """Ids of the passages that ``filters`` let through, sorted; None if they let everything through."""
        if filters == EVERYTHING:
            return None
        rows = self.connect().execute(
            f"SELECT DISTINCT p.id FROM passages p JOIN documents d ON d.content = p.content WHERE {LET} ORDER BY p.id",
            wanted(filters),
        )
        return np.fromiter((row[0] for row in rows), dtype=np.int64)

    def passages(self, passage_ids: Iterable[int]) -> dict[int, Passage]:
        """The passages that exist among the ids; each names the document with the smallest id that holds it."""
        rows = self.connect().execute(
            'SELECT p.id, min(d.id), p.start, p."end", p.heading, p.tokens FROM passages p '
            "JOIN documents d ON d.content = p.content WHERE p.id IN (SELECT value FROM json_each(?)) GROUP BY p.id",
            (json_ids(passage_ids),),
        )
        return {row[0]: Passage(*row) for row in rows}

    def passage_texts(self, passage_ids: Iterable[int]) -> dict[int, str]:
        """The words of the passages that exist among the ids."""
        rows = self.connect().execute(
            "SELECT id, body FROM passage_text WHERE id IN (SELECT value FROM json_each(?))",
            (json_ids(passage_ids),),
        )
        return dict(rows.fetchall())

    def embeddings(self, passage_ids: Sequence[int]) -> dict[int, Vectors]:
        """Stored vectors, float32 (dim,), of the passages that exist among the ids."""
        rows = self.connect().execute(
            "SELECT id, embedding FROM passages WHERE id IN (SELECT value FROM json_each(?))", (json_ids(passage_ids),)
        )
        return {row[0]: np.frombuffer(row[1], dtype=np.float16).astype(np.float32) for row in rows}

    def dense(self, vector: Vectors, k: int, allowed: faiss_file.Ids | None = None) -> list[tuple[int, float]]:
        """(passage id, cosine in [-1, 1]) of the ``k`` nearest to a unit vector, best first, ties by id."""
        index = self._vectors()
        if index is None:
            return []
        found = faiss_file.nearest(index, vector, k + 8, allowed)
        exact = self.embeddings([number for number, _ in found])  # drops what was deleted since, and undoes rounding
        return faiss_file.ranked((i, float(exact[i] @ vector.reshape(-1))) for i, _ in found if i in exact)[:k]

    def lexical(self, query: str, k: int, allowed: faiss_file.Ids | None = None) -> list[tuple[int, float]]:
        """(passage id, BM25 > 0) of the ``k`` best, best first, ties by id."""
        return lexical(self.connect(), query, k, allowed, total=self.derived(Library._count))

    def has_word(self, word: str) -> bool:
        """Whether a passage holds it in any form."""
        found = self.connect().execute("SELECT 1 FROM lexicon WHERE lexicon MATCH ? LIMIT 1", (f'"{word}"',))
        return found.fetchone() is not None

    def mentioning(self, said: Iterable[str], filters: Filters) -> list[tuple[str, str, str]]:
        """(content id, heading, document id) of the passages with all these words in what ``filters`` let through."""
        return mentioning(self.connect(), said, filters)

    def together(self, said: Sequence[str], carried: Sequence[str]) -> bool:
        """Whether a document has a telling one of the words ``said``, and one of ``carried``."""
        return together(self.connect(), said, carried)

    def words_from(self, letter: str) -> list[tuple[str, int]]:
        """(word in lower case, passages that hold it) of the words that begin with this letter, in order."""
        within = (letter, letter + "\U0010ffff")
        return self.connect().execute("SELECT term, df FROM terms WHERE term BETWEEN ? AND ?", within).fetchall()

    def _vectors(self) -> Any:
        """The FAISS index of the newest published generation, reloaded when another process published one."""
        manifest = faiss_file.read_manifest(self.folder)
        generation = manifest.generation if manifest else self.generation
        with self._index_lock:
            if self._index and self._index[0] == generation:
                return self._index[1]
            index = faiss_file.load(self.folder, manifest) if manifest else None
            if index is None:
                generation = self.generation  # read first: what is committed meanwhile may be in the index as well
                index = self._rebuilt()
            self._index = None if index is None else (generation, index)
            return index

    def _rebuilt(self) -> Any | None:
        """The index made anew from the stored vectors; None where there are none."""
        count = self._count()
        return faiss_file.build(self._chunks, count=count, dim=int(self.meta("dim"))) if count else None

    def _count(self) -> int:
        return int(self.connect().execute("SELECT count(*) FROM passages").fetchone()[0])

    def _chunks(self) -> Iterator[tuple[faiss_file.Ids, Vectors]]:
        dim = int(self.meta("dim"))
        rows = self.connect().execute("SELECT id, embedding FROM passages ORDER BY id")
        while chunk := rows.fetchmany(_CHUNK):
            if any(len(row[1]) != 2 * dim for row in chunk):
                raise LibraryError(f"a vector in {self.folder} does not have {dim} numbers", fix="restore a backup")
            yield np.array([row[0] for row in chunk], dtype=np.int64), faiss_file.stack([row[1] for row in chunk], dim)

    def publish(self) -> None:
        """Make the vector file agree with the library. Cheap when it does already."""
        if self.published:
            return
        self.connect().execute("PRAGMA wal_checkpoint(PASSIVE)")  # on disk before the file that is made from it
        count = self._count()
        if not count:
            faiss_file.unpublish(self.folder)
            self._index = None
            return
        made = faiss_file.Manifest(self.generation, self.encoder_name, int(self.meta("dim")), count, sha256="")
        faiss_file.publish(self.folder, self._chunks, made)


def _missing(document_id: str, revision: str = "") -> LibraryError:
    what = f"there is no document {document_id!r}" + (f" in revision {revision[:12]}" if revision else "")
    return LibraryError(what, why="it was removed or never added", fix="pullquote list")
