"""The lexical channel: BM25 over SQLite FTS5 (porter stems), common words pruned by their document frequency.

FTS5 scores every passage that holds any word of a query, so at 1M passages one common word costs seconds.
"""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Iterable, Sequence
from sqlite3 import Connection

import numpy as np
import numpy.typing as npt

from rag.store.rows import LET, wanted
from rag.types import Filters

_TERM = re.compile(r"[^\W_]+")
_ASKED = re.compile(r"(?:[^\W_][\u0300-\u036f]*)+")  # FTS5 takes marks off the letters, and does not part words at them
_MOST_TERMS = 64
_COMMON = 0.05  # of all passages
_FEW = 0.2  # of all documents: a word that more of them have does not tell what a question is about
_ALWAYS_CHEAP = 5_000  # passages: below this a word is never too common to look up


def terms(text: str) -> list[str]:
    """The words of a text as they are counted: lower case, in order, with repetitions."""
    return _TERM.findall(text.lower())


def count_terms(connection: Connection, bodies: Iterable[str], sign: int) -> int:
    """Add (+1) or take away (-1) passages' words in the document frequencies, inside the caller's transaction.

    How many words stand nowhere now.
    """
    counts = Counter(term for body in bodies for term in set(terms(body)))
    connection.executemany(
        "INSERT INTO terms VALUES (?, ?) ON CONFLICT (term) DO UPDATE SET df = df + excluded.df",
        [(term, sign * count) for term, count in sorted(counts.items())],
    )
    return connection.execute("DELETE FROM terms WHERE df <= 0").rowcount if sign < 0 else 0


def lexical(
    connection: Connection, query: str, k: int, allowed: npt.NDArray[np.int64] | None, *, total: int
) -> list[tuple[int, float]]:
    """(passage id, BM25 > 0) of the ``k`` best, best first, ties by id. [] if no word of the query occurs.

    ``total``: how many passages there are.
    """
    chosen = _worth_looking_up(connection, list(dict.fromkeys(_ASKED.findall(query.lower()))), total)
    if not chosen:
        return []
    match = " OR ".join(f'"{term}"' for term in chosen)
    # subtle: the plus keeps FTS5 from running the whole query once per allowed rowid (35 times slower for 100 of them)
    within = "" if allowed is None else "AND +rowid IN (SELECT value FROM json_each(:allowed))"
    return connection.execute(
        "SELECT rowid, -bm25(lexicon) AS score FROM lexicon "
        f"WHERE lexicon MATCH :match {within} ORDER BY score DESC, rowid LIMIT :k",
        {"match": match, "k": k, "allowed": "[]" if allowed is None else json.dumps(allowed.tolist())},
    ).fetchall()


def mentioning(connection: Connection, said: Iterable[str], filters: Filters) -> list[tuple[str, str, str]]:
    """(content id, heading, document id), once each, of the passages that hold all these words in text, title or
    heading, in any form, in the documents that ``filters`` let through."""
    rows = connection.execute(
        "SELECT DISTINCT p.content, p.heading, d.id FROM passages p JOIN documents d ON d.content = p.content "
        f"WHERE {LET} AND p.id IN (SELECT rowid FROM lexicon WHERE lexicon MATCH :words)",
        {"words": " AND ".join(f'"{word}"' for word in said), **wanted(filters)},
    )
    return rows.fetchall()


def together(connection: Connection, said: Sequence[str], carried: Sequence[str]) -> bool:
    """Whether a document has one of the words ``said`` and one of ``carried``, wherever in it and in any form. Only
    words ``said`` that few documents have tell them apart; True where none does, and where more than 5,000 passages
    have a carried one."""
    most = max(1, _FEW * connection.execute("SELECT count(DISTINCT content) FROM documents").fetchone()[0])
    found = {word: _holding(connection, [word]) for word in said}
    telling = {content for contents in found.values() if contents and len(contents) <= most for content in contents}
    others = _holding(connection, carried) if telling and carried else None
    return others is None or not telling.isdisjoint(others)


def _holding(connection: Connection, words: Sequence[str]) -> set[str] | None:
    """The contents with a passage that holds one of the words; None where more than 5,000 passages do."""
    match = " OR ".join(f'"{word}"' for word in words)
    listed = "SELECT rowid FROM lexicon WHERE lexicon MATCH ? LIMIT ?"
    ids = [row[0] for row in connection.execute(listed, (match, _ALWAYS_CHEAP + 1))]
    if len(ids) > _ALWAYS_CHEAP:
        return None
    held = "SELECT DISTINCT content FROM passages WHERE id IN (SELECT value FROM json_each(?))"
    return {row[0] for row in connection.execute(held, (json.dumps(ids),))}


def _worth_looking_up(connection: Connection, query: list[str], total: int) -> list[str]:
    """The query's words without the very common ones; the rarest if all are common; the rarest of very many."""
    rows = connection.execute(
        "SELECT term, df FROM terms WHERE term IN (SELECT value FROM json_each(?))", (json.dumps(query),)
    ).fetchall()
    counts = dict(rows)
    limit = max(int(_COMMON * total), _ALWAYS_CHEAP)
    by_rarity = sorted(query, key=lambda term: (counts.get(term, 0), term))[:_MOST_TERMS]
    if total <= limit:
        return by_rarity
    rare = [term for term in by_rarity if counts.get(term, 0) <= limit and not _common(connection, term, limit)]
    return rare or by_rarity[:1]


def _common(connection: Connection, term: str, limit: int) -> bool:
    """Whether more than ``limit`` passages hold the word in any form; the count is given up there.

    subtle: frequencies are kept of words, but stems are looked up, and a rare form may have a common stem
    ("activating" is found wherever "activity" stands).
    """
    sql = "SELECT 1 FROM lexicon WHERE lexicon MATCH ? LIMIT 1 OFFSET ?"
    return connection.execute(sql, (f'"{term}"', limit)).fetchone() is not None
