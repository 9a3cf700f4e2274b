"""The read path up to the reader: both channels to the same depth, a score-aware fusion, and what is worth reading.

Fusion is a convex combination of the two channels' scores after normalisation, which is at least as good as
reciprocal-rank fusion and keeps what the scores say (Bruch, Gai and Ingber 2023).
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from rag.errors import LibraryError
from rag.lexicon import is_statement
from rag.store import Library
from rag.types import EVERYTHING, Encoder, Filters, Hit

DENSE_WEIGHT = 0.5  # best on the development collections of eval/fusion.py
_ALWAYS = 4  # hits that each channel alone sends to the reader
FIRST = 8  # hits that are read before it is asked whether more are worth it
_LITTLE = 6000  # characters of passages that are read at once, however many they are


def search(library: Library, encoder: Encoder, query: str, *, depth: int, filters: Filters = EVERYTHING) -> list[Hit]:
    """Up to 2 x ``depth`` hits, best first, ties by passage id; every hit carries both channels' scores.

    Raises :class:`LibraryError` if ``encoder`` is not the one that the library is pinned to.
    """
    if (pinned := library.encoder_name) not in ("", encoder.name):
        why = f"it was encoded by {pinned}, and {encoder.name} is loaded: another one was put in its place meanwhile"
        raise LibraryError("the collection cannot be searched", why=why, fix="stop Pullquote and start it again")
    allowed = library.allowed(filters)
    vector = encoder.encode([query])[0]
    dense = dict(library.dense(vector, depth, allowed))
    lexical = dict(library.lexical(query, depth, allowed))
    ids = sorted(dense.keys() | lexical.keys())
    for number, stored in library.embeddings([i for i in ids if i not in dense]).items():
        dense[number] = float(stored @ vector)
    missing = np.array([i for i in ids if i not in lexical], dtype=np.int64)
    lexical.update(library.lexical(query, len(missing), missing))
    fused = fuse(dense, lexical)
    ids.sort(key=lambda i: (-fused[i], i))
    return [Hit(i, rank, fused[i], dense.get(i), lexical.get(i)) for rank, i in enumerate(ids, start=1)]


def worth_reading(hits: Sequence[Hit], most: int) -> list[Hit]:
    """``most`` of the hits, in their order: the best four of either channel, then the first ones.

    A passage that shares no word with the question has a low fused score even where its meaning is the nearest.
    """
    dense = sorted(hits, key=lambda hit: -(hit.dense or 0.0))[:_ALWAYS]
    lexical = [hit for hit in sorted(hits, key=lambda hit: -(hit.lexical or 0.0))[:_ALWAYS] if hit.lexical]
    chosen = {hit.passage_id for hit in list(dict.fromkeys([*dense, *lexical, *hits]))[:most]}
    return [hit for hit in hits if hit.passage_id in chosen]


def read_first(query: str, chosen: Sequence[Hit], characters: int) -> list[Hit]:
    """The hits among the ``chosen`` that are read first: all of them where their passages have few ``characters``, or
    where a statement is looked up, whose order does not depend on what is read."""
    return list(chosen) if characters <= _LITTLE or is_statement(query) else worth_reading(chosen, FIRST)


def fuse(dense: dict[int, float], lexical: dict[int, float], *, weight: float = DENSE_WEIGHT) -> dict[int, float]:
    """passage id -> fused score in [0, 1]; missing from a channel counts as the least cosine there is, or as BM25 0.

    >>> fuse({1: 0.8, 2: 0.4}, {2: 6.0})
    {1: 0.5, 2: 0.5}
    """
    parts = [(weight, _normalised(dense)), (1 - weight, _normalised(lexical, least=0.0))]
    return {i: sum(w * scores.get(i, 0.0) for w, scores in parts) for i in sorted(dense.keys() | lexical.keys())}


def _normalised(scores: dict[int, float], least: float | None = None) -> dict[int, float]:
    if not scores:
        return {}
    low = min(scores.values()) if least is None else least
    high = max(scores.values())
    return {i: (score - low) / (high - low) if high > low else 1.0 for i, score in scores.items()}
