"""Libraries that other versions have made."""

import sqlite3

import numpy as np
import pytest

from rag.config import Settings
from rag.errors import LibraryError
from rag.store import open_library, repair, verify
from rag.store.schema import MIGRATIONS

TEXT = "Lithography uses light of a very short wavelength."
# Tables of formats 2 to 5, each row of which hangs on a content.
OLD_TABLES = """
    CREATE TABLE sketches (
        id INTEGER PRIMARY KEY, content TEXT NOT NULL UNIQUE REFERENCES contents (id) ON DELETE CASCADE, minhash BLOB
    );
    CREATE TABLE bands (
        key INTEGER, sketch INTEGER REFERENCES sketches (id) ON DELETE CASCADE, PRIMARY KEY (key, sketch)
    ) WITHOUT ROWID;
    CREATE TABLE alike (
        content TEXT REFERENCES contents (id) ON DELETE CASCADE, other TEXT REFERENCES contents (id) ON DELETE CASCADE,
        similarity REAL, PRIMARY KEY (content, other)
    );
"""
VECTOR = np.array([0.6, 0.8], dtype=np.float16).tobytes()


def made(settings: Settings, version: int) -> None:
    """A library of that format with one document; what later formats added is not there, what they dropped is."""
    settings.folder.mkdir(parents=True)
    connection = sqlite3.connect(settings.folder / "library.sqlite")
    connection.executescript("".join(MIGRATIONS[:version]))
    values = {
        "meta (key, value)": [("encoder", "two"), ("dim", "2"), ("generation", "1")],
        "sources (uri, stamp, digest, failures)": [("file:///a.txt", "1-2", "0", "[]")],
        "contents (id, revision, title, text, anchors, report)": [("c", "0" * 64, "Light", TEXT, "[]", "{}")],
        "documents (id, uri, source, content, author, publisher, published, language, media_type, link)": [
            ("d", "file:///a.txt", "file:///a.txt", "c", "", "Wire", "2023", "en", "text/plain", "")
        ],
        'passages (id, content, start, "end", heading, tokens, embedding)': [(7, "c", 0, len(TEXT), "", 9, VECTOR)],
        "lexicon (rowid, title, body)": [(7, "Light ", TEXT)],
        "terms (term, df)": [(term, 1) for term in TEXT.rstrip(".").lower().split()],
    }
    if 2 <= version <= 5:
        connection.executescript(OLD_TABLES)
        values |= {"sketches": [(1, "c", b"")], "bands": [(3, 1)], "alike": [("c", "c", 1.0)]}
    for table, rows in values.items():
        connection.executemany(f"INSERT INTO {table} VALUES ({', '.join('?' * len(rows[0]))})", rows)
    connection.execute(f"PRAGMA user_version = {version}")
    connection.commit()
    connection.close()


@pytest.mark.parametrize("version", range(1, len(MIGRATIONS)))
def test_a_library_of_an_older_format_is_opened_with_all_it_holds(version: int, settings: Settings) -> None:
    made(settings, version)
    library = open_library(settings)
    assert library.connect().execute("PRAGMA user_version").fetchone() == (len(MIGRATIONS),)
    assert (library.document("d").text, library.document("d").publisher) == (TEXT, "Wire")
    assert library.sources()["file:///a.txt"].columns == ()
    tables = {row[0] for row in library.connect().execute("SELECT name FROM sqlite_schema WHERE type = 'table'")}
    assert "turns" in tables and not tables & {"sketches", "bands", "alike"}
    for _ in range(2):
        assert [number for number, _ in library.lexical("lithography", 5)] == [7]
        assert library.dense(np.array([0.6, 0.8], dtype=np.float32), 5) == [(7, pytest.approx(1, abs=1e-3))]
        assert verify(library) == [] and repair(library) == []
    library.close()


def test_a_library_of_a_newer_format_is_left_as_it_is(settings: Settings) -> None:
    open_library(settings, create=True).close()
    with sqlite3.connect(settings.folder / "library.sqlite") as connection:
        connection.execute(f"PRAGMA user_version = {len(MIGRATIONS) + 1}")
    with pytest.raises(LibraryError, match="has format .*knows formats up to") as caught:
        open_library(settings)
    assert caught.value.fix == "update Pullquote"
    assert connection.execute("PRAGMA user_version").fetchone() == (len(MIGRATIONS) + 1,)
    connection.close()
