"""The only way to change a library's documents: one transaction per source."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, fields

import numpy as np

from rag.errors import LibraryError
from rag.store.conversations import forget_document
from rag.store.lexicon import count_terms
from rag.store.library import Library
from rag.store.rows import ANCHORS, REPORT, SourceState
from rag.types import Document, Passage, Vectors


@dataclass(frozen=True, slots=True)
class Receipt:
    """What a removal took away."""

    documents: int = 0
    contents: int = 0  # fewer than documents where another document has the same bytes
    passages: int = 0  # as many vectors went
    characters: int = 0
    turns: int = 0  # saved answers that had quoted it
    terms: int = 0  # words that no other passage holds

    def __add__(self, other: Receipt) -> Receipt:
        return Receipt(*(getattr(self, field.name) + getattr(other, field.name) for field in fields(self)))


class Writer:
    """Changes documents. Use inside :func:`writing`."""

    def __init__(self, library: Library) -> None:
        self._library, self._connection = library, library.connect()

    def pin(self, encoder: str, dim: int) -> None:
        """Pin the embedding model of an empty collection. Raises :class:`LibraryError` if it has another one."""
        pinned, dims = self._library.encoder_name, self._library.meta("dim")
        if (pinned, dims) == (encoder, str(dim)):
            return
        if pinned:
            raise LibraryError(
                f"this collection was made with the embedding model {pinned!r} ({dims} numbers), "
                f"not {encoder!r} ({dim})",
                why="vectors of two models cannot be compared",
                fix=f"keep the setting encoder={pinned}, or add the sources to a new --collection",
            )
        with self._connection:
            rows = [("encoder", encoder), ("dim", str(dim))]
            self._connection.executemany("INSERT OR REPLACE INTO meta VALUES (?, ?)", rows)

    def put(
        self,
        state: SourceState,
        items: Sequence[tuple[Document, Sequence[Passage], Vectors]],
        *,
        original: bytes = b"",
    ) -> None:
        """Replace everything of one source in one transaction.

        ``items``: each document with its passages and their vectors, float32 (n_passages, dim). Documents of the
        source that are not among them are removed; a changed document keeps its old content while a saved
        conversation quotes it. ``original``: the bytes of the only document, to be kept with its content.
        """
        with self._transaction() as connection:
            before = dict(
                connection.execute("SELECT id, content FROM documents WHERE source = ?", (state.uri,)).fetchall()
            )
            connection.execute(
                "INSERT INTO sources VALUES (?, ?, ?, ?, ?) ON CONFLICT (uri) DO UPDATE SET stamp = excluded.stamp, "
                "digest = excluded.digest, failures = excluded.failures, columns = excluded.columns",
                (state.uri, state.stamp, state.digest, json.dumps(state.failures), json.dumps(state.columns)),
            )
            for document, passages, vectors in items:
                self._put_content(document, passages, vectors)
                self._put_document(state.uri, document, before.get(document.id))
            if original:
                kept = (items[0][0].content_id, original)
                connection.execute("INSERT OR IGNORE INTO originals VALUES (?, ?)", kept)
            # subtle: of two items with one id the last counts, and what only the first had must not stay behind
            unused = {*before.values(), *(document.content_id for document, _, _ in items)}
            for gone in sorted(set(before) - {document.id for document, _, _ in items}):
                unused.update(self._source_of(gone)[1])
                self._forget(gone)
            self._drop_unused(unused)

    def touch(self, states: Sequence[SourceState]) -> None:
        """Note new stamps for sources whose bytes did not change, in one transaction."""
        with self._connection:
            self._connection.executemany(
                "UPDATE sources SET stamp = ? WHERE uri = ?", [(state.stamp, state.uri) for state in states]
            )

    def remove(self, document_id: str) -> Receipt:
        """Remove a document and every copy of its words. Raises :class:`LibraryError` if there is none."""
        self._library.require([document_id])
        with self._transaction() as connection:
            source, contents = self._source_of(document_id)
            ask_to_erase(connection)
            receipt = self._forget(document_id) + self._drop_unused(contents)
            left = connection.execute("SELECT count(*) FROM documents WHERE source = ?", (source,)).fetchone()[0]
            if not left:
                connection.execute("DELETE FROM sources WHERE uri = ?", (source,))
        return receipt

    def remove_source(self, uri: str) -> Receipt:
        """Remove everything of one source."""
        with self._transaction() as connection:
            rows = connection.execute("SELECT id FROM documents WHERE source = ? ORDER BY id", (uri,)).fetchall()
            contents = [content for row in rows for content in self._source_of(row[0])[1]]
            ask_to_erase(connection)
            receipt = sum((self._forget(row[0]) for row in rows), Receipt()) + self._drop_unused(contents)
            connection.execute("DELETE FROM sources WHERE uri = ?", (uri,))
        return receipt

    def purge(self, document_ids: Sequence[str]) -> Receipt:
        """Forget the earlier revisions of these documents, and the saved quotes that kept them."""
        receipt = Receipt()
        with self._transaction() as connection:
            ask_to_erase(connection)
            for document_id in document_ids:
                _, (current, *earlier) = self._source_of(document_id)
                revision = connection.execute("SELECT revision FROM contents WHERE id = ?", (current,)).fetchone()[0]
                receipt += Receipt(turns=forget_document(connection, document_id, keep=revision))
                connection.execute("DELETE FROM revisions WHERE document = ?", (document_id,))
                receipt += self._drop_unused(earlier)
        return receipt

    @contextmanager
    def _transaction(self) -> Iterator[sqlite3.Connection]:
        with self._connection as connection:
            connection.execute("BEGIN IMMEDIATE")
            yield connection
            connection.execute(
                "INSERT INTO meta VALUES ('generation', '1') ON CONFLICT (key) DO UPDATE SET value = value + 1"
            )

    def _put_content(self, document: Document, passages: Sequence[Passage], vectors: Vectors) -> None:
        """subtle: of the same bytes a newer version, or another passage budget, may make other anchors and passages."""
        content, connection = document.content_id, self._connection
        read = ANCHORS.dump_json(document.anchors).decode(), REPORT.dump_json(document.report).decode()
        before = connection.execute("SELECT anchors, report FROM contents WHERE id = ?", (content,)).fetchone()
        if before is None:
            values = (content, document.stored_revision, document.title, document.text, *read)
            connection.execute("INSERT INTO contents VALUES (?, ?, ?, ?, ?, ?)", values)
        elif before != read:
            connection.execute("UPDATE contents SET anchors = ?, report = ? WHERE id = ?", (*read, content))
        kept = connection.execute(
            "SELECT id, heading FROM passages WHERE content = ? ORDER BY id", (content,)
        ).fetchall()
        if kept == sorted((passage.id, passage.heading) for passage in passages):
            return
        self._drop_passages(content)
        blobs = [row.tobytes() for row in vectors.astype(np.float16)]
        self._connection.executemany(
            "INSERT INTO passages VALUES (?, ?, ?, ?, ?, ?, ?)",
            [
                (passage.id, content, passage.start, passage.end, passage.heading, passage.tokens, blob)
                for passage, blob in zip(passages, blobs, strict=True)
            ],
        )
        self._connection.executemany(
            "INSERT INTO lexicon (rowid, title, body) VALUES (?, ?, ?)",
            [(p.id, f"{document.title} {p.heading}", document.text[p.start : p.end]) for p in passages],
        )
        count_terms(self._connection, (document.text[p.start : p.end] for p in passages), +1)

    def _put_document(self, source: str, document: Document, before: str | None) -> None:
        content = document.content_id
        if before not in (None, content):
            self._connection.execute("INSERT OR IGNORE INTO revisions VALUES (?, ?)", (document.id, before))
        values = (document.id, document.uri, source, content, document.author, document.publisher, document.published)
        self._connection.execute(
            "INSERT INTO documents VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT (id) DO UPDATE SET "
            "source = excluded.source, content = excluded.content, author = excluded.author, "
            "publisher = excluded.publisher, published = excluded.published, language = excluded.language, "
            "media_type = excluded.media_type, link = excluded.link",
            (*values, document.language, document.media_type, document.link),
        )

    def _forget(self, document_id: str) -> Receipt:
        turns = forget_document(self._connection, document_id)
        self._connection.execute("DELETE FROM documents WHERE id = ?", (document_id,))
        return Receipt(documents=1, turns=turns)

    def _source_of(self, document_id: str) -> tuple[str, list[str]]:
        """The document's source and all contents it ever kept."""
        source, content = self._connection.execute(
            "SELECT source, content FROM documents WHERE id = ?", (document_id,)
        ).fetchone()
        rows = self._connection.execute("SELECT content FROM revisions WHERE document = ?", (document_id,))
        return source, [content, *(row[0] for row in rows)]

    def _drop_unused(self, contents: Iterable[str]) -> Receipt:
        """Of these contents: passages that no document holds now, and texts that no document or saved quote needs."""
        return sum((self._drop_content(content) for content in sorted(set(contents))), Receipt())

    def _drop_content(self, content: str) -> Receipt:
        connection = self._connection
        if connection.execute("SELECT 1 FROM documents WHERE content = ?", (content,)).fetchone():
            return Receipt()
        dropped = self._drop_passages(content)
        connection.execute(
            "DELETE FROM revisions WHERE content = ? AND NOT EXISTS (SELECT 1 FROM quoted q JOIN contents c "
            "ON c.revision = q.revision WHERE q.document = revisions.document AND c.id = revisions.content)",
            (content,),
        )
        if connection.execute("SELECT 1 FROM revisions WHERE content = ?", (content,)).fetchone():
            return dropped
        characters = connection.execute("SELECT length(text) FROM contents WHERE id = ?", (content,)).fetchone()[0]
        connection.execute("DELETE FROM contents WHERE id = ?", (content,))
        return dropped + Receipt(contents=1, characters=characters)

    def _drop_passages(self, content: str) -> Receipt:
        """Take the content's passages out of every index."""
        connection = self._connection
        rows = connection.execute(
            "SELECT id, title, body FROM passage_text WHERE id IN (SELECT id FROM passages WHERE content = ?)",
            (content,),
        ).fetchall()
        connection.executemany("INSERT INTO lexicon (lexicon, rowid, title, body) VALUES ('delete', ?, ?, ?)", rows)
        terms = count_terms(connection, (row[2] for row in rows), -1)
        connection.execute("DELETE FROM passages WHERE content = ?", (content,))
        return Receipt(passages=len(rows), terms=terms)


def ask_to_erase(connection: sqlite3.Connection) -> None:
    """That the files be rewritten when the writing ends, so that no removed byte stays on disk."""
    connection.execute("INSERT OR REPLACE INTO meta VALUES ('erase', 'wanted')")
