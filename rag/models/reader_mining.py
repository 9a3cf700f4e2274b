"""Hard negatives for the reader from the real first stage: dense (all-MiniLM-L6-v2) and BM25 (SQLite FTS5)."""

from __future__ import annotations

import json
import re
import sqlite3
from collections.abc import Callable, Sequence
from itertools import zip_longest
from pathlib import Path

import numpy as np
import numpy.typing as npt

from rag.models.reader_data import STOP, Row

Encode = Callable[[Sequence[str]], npt.NDArray[np.float32]]
DEPTH = 16  # per channel
KEEP = 12  # negatives kept per question
OWN = "qamr"  # short news sentences: half of the negatives from among themselves, or style would tell them apart


def mine(rows: Sequence[Row], encode: Encode, cache: Path, *, depth: int = DEPTH) -> tuple[list[str], list[list[int]]]:
    """Distinct contexts, and per row the best wrong ones: both channels in turn, answer-bearing ones left out.

    Where the same question is known to have no answer in other contexts, these come first and few others follow. The
    result is kept in ``cache`` (JSON) because encoding takes minutes.
    """
    contexts = list(dict.fromkeys(row.context for row in rows))
    if cache.is_file():
        return contexts, json.loads(cache.read_text())
    vectors = encode(contexts)
    lexical = lexical_index(dict(enumerate(contexts)))
    short = {row.context for row in rows if row.source == OWN}
    own = lexical_index({j: text for j, text in enumerate(contexts) if text in short})
    folded = [_folded(text) for text in contexts]
    judged = _judged(rows, contexts)
    questions = encode([row.question for row in rows])
    result: list[list[int]] = []
    for begin in range(0, len(rows), 512):
        scores = questions[begin : begin + 512] @ vectors.T
        best = np.argpartition(-scores, depth, axis=1)[:, :depth]
        for k, row in enumerate(rows[begin : begin + 512]):
            dense = sorted(best[k].tolist(), key=lambda j: (-scores[k, j], j))
            terms = [j for j, _ in lexical_search(lexical, row.question)]
            found = _turns(dense, terms)
            if row.source == OWN:
                found = _turns([j for j, _ in lexical_search(own, row.question)], found)
            first = judged.get(row.question, []) if row.spans else []
            most = 2 * len(first) + 1 if first else KEEP
            result.append(_wrong(row, contexts, folded, [*first, *(j for j in found if j not in first)])[:most])
    cache.write_text(json.dumps(result))
    return contexts, result


def _turns(one: Sequence[int], other: Sequence[int]) -> list[int]:
    """Both lists in turn, without repeats.

    >>> _turns([1, 2], [3, 1, 4])
    [1, 3, 2, 4]
    """
    return list(dict.fromkeys(j for pair in zip_longest(one, other) for j in pair if j is not None))


def _wrong(row: Row, contexts: Sequence[str], folded: Sequence[str], found: Sequence[int]) -> list[int]:
    """The found contexts that are another one and do not hold an answer's words."""
    answers = [] if row.source == "selqa" else [_folded(row.context[a:b]) for a, b in row.spans]
    return [
        j
        for j in found
        if contexts[j] != row.context and not any(f" {answer} " in f" {folded[j]} " for answer in answers)
    ]


def _judged(rows: Sequence[Row], contexts: Sequence[str]) -> dict[str, list[int]]:
    """Question -> the contexts that are known not to answer it."""
    number = {text: j for j, text in enumerate(contexts)}
    found: dict[str, list[int]] = {}
    for row in rows:
        if not row.spans:
            found.setdefault(row.question, []).append(number[row.context])
    return found


def _folded(text: str) -> str:
    return " ".join(re.findall(r"\w+", text.lower()))


def lexical_index(contexts: dict[int, str]) -> sqlite3.Connection:
    """A full-text index in memory over number -> text."""
    connection = sqlite3.connect(":memory:")
    connection.execute("CREATE VIRTUAL TABLE t USING fts5(text, tokenize='porter unicode61')")
    connection.executemany("INSERT INTO t(rowid, text) VALUES (?, ?)", contexts.items())
    return connection


def lexical_search(connection: sqlite3.Connection, question: str, depth: int = DEPTH) -> list[tuple[int, float]]:
    """(number, BM25 >= 0) of the texts that share a content word with the question, best first, ties by number."""
    words = [word for word in dict.fromkeys(re.findall(r"\w+", question.lower())) if word not in STOP]
    if not words:
        return []
    match = " OR ".join(f'"{word}"' for word in words)
    sql = "SELECT rowid, -rank FROM t WHERE t MATCH ? ORDER BY rank, rowid LIMIT ?"
    return list(connection.execute(sql, (match, depth)))
