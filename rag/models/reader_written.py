"""Questions written for training on passages of the training data (``eval/questions/reader_train.jsonl``).

The public data asks in the words of its passages. These ask in other words, for reasons and manners, in a few plain
words, and for what a passage of the same subject does not say. A passage is named by its hash, so that the file holds
no text of others; ``reader_passages.jsonl`` beside it has passages of our own, about invented firms and people.
"""

from __future__ import annotations

import hashlib
import json
from bisect import bisect_right
from collections.abc import Sequence
from pathlib import Path

from rag.errors import ModelError
from rag.models.reader_data import WRITTEN, Row, held_out
from rag.models.reader_rounds import articles

OWN = "reader_passages.jsonl"
_ROUNDS = (10_328, 20_255, 34_677, 48_785, 68_892)  # lines of the file, where each later round of writing begins


def key(passage: str) -> str:
    """Names a passage: the first 12 hex digits of its SHA-256."""
    return hashlib.sha256(passage.encode()).hexdigest()[:12]


def written_rows(path: Path, rows: Sequence[Row]) -> list[Row]:
    """The questions of the file as rows on the passages of ``rows`` that are trained on.

    A line is ``{"passage": key, "question": ..., "span": [start, end] or null}``, null where the passage has no answer;
    a line of passages beside it is ``{"title": ..., "text": ...}``.
    Raises :class:`ModelError` where the file or a passage is missing.
    """
    if not path.is_file():
        raise ModelError(f"the questions {path} are missing", why="the file is not there", fix="pass --written FILE")
    trained = [row for row in rows if not held_out(row.source, row.group)]
    known = {key(row.context): row for row in trained}
    whole = articles([row for row in trained if row.source == "qamr"])
    known |= {key(text): Row("", text, (), "qamr", "") for text, _ in whole.values()}
    known |= {key(text): Row("", text, (), OWN, WRITTEN + title) for title, text in _own(path.with_name(OWN))}
    made = []
    for number, line in enumerate(path.read_text("utf-8").splitlines()):
        one = json.loads(line)
        if one["passage"] not in known:
            why, fix = "the file was written for other data", "pass --data with the folder it was written for"
            raise ModelError(f"passage {one['passage']} of {path} is missing", why=why, fix=fix)
        of = known[one["passage"]]
        spans = (tuple(one["span"]),) if one["span"] else ()
        source = f"{'own' if of.source == OWN else 'written'}{bisect_right(_ROUNDS, number) + 1}"
        made.append(Row(one["question"], of.context, spans, source, f"{WRITTEN}{one['passage']}/{of.title}"))
    return made


def _own(path: Path) -> list[tuple[str, str]]:
    lines = path.read_text("utf-8").splitlines() if path.is_file() else []
    return [(one["title"].replace("/", " "), one["text"]) for one in map(json.loads, lines)]
