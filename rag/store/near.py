"""Contents that are almost the same (syndicated news), found when they are put.

MinHash over shingles of three words (Broder 1997, package datasketch). 20 bands of 6 hashes find the candidates, so
that no text is compared with all others: a pair of Jaccard similarity 0.8 is found with probability 0.998, of 0.7 with
0.92. Of many that are alike (records made from one template) only the newest of a band are compared and the most alike
are noted, so that work and pairs grow with the number of texts and not with its square.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable
from sqlite3 import Connection

import numpy as np
import numpy.typing as npt

from rag.text import fold, words

_BANDS, _ROWS = 20, 6
_SHINGLE = 3  # words
_FEWEST = 20  # words; shorter texts are alike by chance
_MOST = 20  # texts of one band that a new one is compared with, and texts that it is noted to be like
_ALIKE = 0.7  # estimated Jaccard similarity from which two contents count as almost the same

Sketch = npt.NDArray[np.uint32]


def note_content(connection: Connection, content: str, text: str) -> None:
    """Sketch a new content and note which earlier ones it is most like, inside the caller's transaction."""
    found = _sketch(text)
    if found is None:
        return
    keys = _keys(found)
    newest = "SELECT sketch FROM bands WHERE key = ? ORDER BY sketch DESC LIMIT ?"
    sketches = {row[0] for key in keys for row in connection.execute(newest, (key, _MOST))}
    rows = connection.execute(
        "SELECT content, minhash FROM sketches WHERE id IN (SELECT value FROM json_each(?)) AND content <> ?",
        (json.dumps(sorted(sketches)), content),
    ).fetchall()
    others = np.frombuffer(b"".join(blob for _, blob in rows), dtype=np.uint32).reshape(-1, len(found))
    alike = zip((others == found).mean(axis=1).tolist(), (other for other, _ in rows), strict=True)
    for similarity, other in sorted(alike, key=lambda pair: (-pair[0], pair[1]))[:_MOST]:
        if similarity >= _ALIKE:
            pairs = [(content, other, similarity), (other, content, similarity)]
            connection.executemany("INSERT OR REPLACE INTO alike VALUES (?, ?, ?)", pairs)
    number = connection.execute(
        "INSERT INTO sketches (content, minhash) VALUES (?, ?)", (content, found.tobytes())
    ).lastrowid
    connection.executemany("INSERT OR IGNORE INTO bands VALUES (?, ?)", [(key, number) for key in keys])


def note_all(connection: Connection) -> None:
    """Sketch everything anew, inside the caller's transaction."""
    for table in ("alike", "sketches"):
        connection.execute(f"DELETE FROM {table}")
    for (content,) in connection.execute("SELECT id FROM contents ORDER BY id").fetchall():
        text = connection.execute("SELECT text FROM contents WHERE id = ?", (content,)).fetchone()[0]
        note_content(connection, content, text)


def _sketch(text: str) -> Sketch | None:
    """uint32 (120,); equal with the probability of the Jaccard similarity. None for a very short text."""
    from datasketch import MinHash

    spoken = [fold(text[start:end]) for start, end in words(text)]
    if len(spoken) < _FEWEST:
        return None
    minhash = MinHash(num_perm=_BANDS * _ROWS, seed=1)
    minhash.update_batch(_shingles(spoken))
    return np.asarray(minhash.hashvalues, dtype=np.uint32)


def _shingles(spoken: list[str]) -> list[bytes]:
    found: Iterable[str] = {" ".join(spoken[i : i + _SHINGLE]) for i in range(len(spoken) - _SHINGLE + 1)}
    return [shingle.encode() for shingle in found]


def _keys(sketch: Sketch) -> list[int]:
    """One signed 64-bit key per band, so that sketches with an equal band share a key."""
    bands = sketch.reshape(_BANDS, _ROWS)
    digests = (hashlib.blake2b(bytes([n]) + band.tobytes(), digest_size=8).digest() for n, band in enumerate(bands))
    return [int.from_bytes(digest, "big", signed=True) for digest in digests]
