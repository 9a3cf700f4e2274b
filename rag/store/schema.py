"""The tables, as numbered migrations: append only, one transaction each."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator

from rag.errors import LibraryError

MIGRATIONS = (
    """
    CREATE TABLE meta (key TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID;

    -- A file or address that was read. One source may hold many documents (JSONL, archives).
    CREATE TABLE sources (
        uri TEXT PRIMARY KEY,
        stamp TEXT NOT NULL,        -- size and modification time: an equal stamp is not read again
        digest TEXT NOT NULL,       -- sha256 of the bytes and of what decides how they are cut
        failures TEXT NOT NULL      -- JSON list of one-line messages
    ) WITHOUT ROWID;

    -- What was read, kept once however many documents have it.
    CREATE TABLE contents (
        id TEXT PRIMARY KEY,
        revision TEXT NOT NULL,     -- 8 digits of the text's sha256 (not in older libraries), then that of the bytes
        title TEXT NOT NULL,
        text TEXT NOT NULL,
        anchors TEXT NOT NULL,      -- JSON
        report TEXT NOT NULL        -- JSON
    ) WITHOUT ROWID;

    CREATE TABLE documents (
        id TEXT PRIMARY KEY,
        uri TEXT NOT NULL UNIQUE,
        source TEXT NOT NULL REFERENCES sources (uri) ON DELETE CASCADE,
        content TEXT NOT NULL REFERENCES contents (id),
        author TEXT NOT NULL, publisher TEXT NOT NULL, published TEXT NOT NULL,
        language TEXT NOT NULL, media_type TEXT NOT NULL, link TEXT NOT NULL
    ) WITHOUT ROWID;
    CREATE INDEX documents_source ON documents (source);
    CREATE INDEX documents_content ON documents (content);

    -- Earlier contents of a document, kept while a saved conversation quotes them.
    CREATE TABLE revisions (
        document TEXT NOT NULL REFERENCES documents (id) ON DELETE CASCADE,
        content TEXT NOT NULL REFERENCES contents (id),
        PRIMARY KEY (document, content)
    ) WITHOUT ROWID;
    CREATE INDEX revisions_content ON revisions (content);

    CREATE TABLE passages (
        id INTEGER PRIMARY KEY,     -- 63 bits of a hash of content and offsets: the same in every library
        content TEXT NOT NULL REFERENCES contents (id),
        start INTEGER NOT NULL, "end" INTEGER NOT NULL,
        heading TEXT NOT NULL, tokens INTEGER NOT NULL,
        embedding BLOB NOT NULL     -- float16
    );
    CREATE INDEX passages_content ON passages (content);

    CREATE VIEW passage_text AS
        SELECT p.id AS id, c.title || ' ' || p.heading AS title,
               substr(c.text, p.start + 1, p."end" - p.start) AS body
        FROM passages p JOIN contents c ON c.id = p.content;
    CREATE VIRTUAL TABLE lexicon USING fts5 (
        title, body, content = 'passage_text', content_rowid = 'id', tokenize = 'porter unicode61 remove_diacritics 2'
    );
    CREATE TABLE terms (term TEXT PRIMARY KEY, df INTEGER NOT NULL) WITHOUT ROWID;

    CREATE TABLE conversations (
        id TEXT PRIMARY KEY, owner TEXT NOT NULL, title TEXT NOT NULL, created TEXT NOT NULL, updated TEXT NOT NULL
    ) WITHOUT ROWID;
    CREATE INDEX conversations_owner ON conversations (owner, updated);
    CREATE TABLE turns (
        conversation TEXT NOT NULL REFERENCES conversations (id) ON DELETE CASCADE,
        number INTEGER NOT NULL, turn TEXT NOT NULL,
        PRIMARY KEY (conversation, number)
    ) WITHOUT ROWID;
    -- Which documents a saved turn quotes, so that deletion and revisions find them.
    CREATE TABLE quoted (
        conversation TEXT NOT NULL, number INTEGER NOT NULL, document TEXT NOT NULL, revision TEXT NOT NULL,
        PRIMARY KEY (conversation, number, document, revision),
        FOREIGN KEY (conversation, number) REFERENCES turns (conversation, number) ON DELETE CASCADE
    ) WITHOUT ROWID;
    CREATE INDEX quoted_document ON quoted (document, revision);
    """,
    "",  # made the tables that the last one drops
    """
    -- What an owner said of a shown quote; it goes with the turn and with the document.
    CREATE TABLE judgements (
        conversation TEXT NOT NULL, number INTEGER NOT NULL, rank INTEGER NOT NULL,
        document TEXT NOT NULL, revision TEXT NOT NULL,
        verdict INTEGER NOT NULL,   -- 1 right, 0 wrong
        PRIMARY KEY (conversation, number, rank),
        FOREIGN KEY (conversation, number, document, revision)
            REFERENCES quoted (conversation, number, document, revision) ON DELETE CASCADE
    ) WITHOUT ROWID;
    """,
    """
    -- The bytes of a PDF that no file on this machine holds, so that its pages can be shown; gone with its content.
    CREATE TABLE originals (
        content TEXT PRIMARY KEY REFERENCES contents (id) ON DELETE CASCADE,
        data BLOB NOT NULL
    );
    """,
    """
    -- JSON list of [field, name]: which column holds what in the records of a source, where the user said so.
    ALTER TABLE sources ADD COLUMN columns TEXT NOT NULL DEFAULT '[]';
    """,
    """
    -- Copies are found among the quotes of an answer, not among all contents.
    DROP TABLE IF EXISTS alike;
    DROP TABLE IF EXISTS bands;
    DROP TABLE IF EXISTS sketches;
    """,
)


def migrate(connection: sqlite3.Connection) -> None:
    """Bring the tables up to date. Raises :class:`LibraryError` if the library was made by a newer version."""
    version = _version(connection)
    if version > len(MIGRATIONS):
        raise LibraryError(
            f"this library has format {version}",
            why=f"this version knows formats up to {len(MIGRATIONS)}",
            fix="update Pullquote",
        )
    for number, script in enumerate(MIGRATIONS[version:], start=version + 1):
        with connection:
            connection.execute("BEGIN IMMEDIATE")
            if _version(connection) >= number:  # another process was quicker
                continue
            for statement in _statements(script):
                connection.execute(statement)
            connection.execute(f"PRAGMA user_version = {number}")


def _version(connection: sqlite3.Connection) -> int:
    return int(connection.execute("PRAGMA user_version").fetchone()[0])


def _statements(script: str) -> Iterator[str]:
    """``executescript`` would commit before each script, so that two processes could not be kept apart."""
    statement = ""
    for line in script.splitlines(keepends=True):
        statement += line
        if sqlite3.complete_statement(statement):
            yield statement
            statement = ""
