"""Rows of the tables as nouns."""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from pydantic import TypeAdapter

from rag.types import Anchor, Document, Filters, ReadingReport, Turn

ANCHORS = TypeAdapter(tuple[Anchor, ...])
REPORT = TypeAdapter(ReadingReport)
TURN = TypeAdapter(Turn)
COLUMNS = TypeAdapter(tuple[tuple[str, str], ...])
_DOCUMENT = (
    "d.id, d.uri, c.title, {text}, c.revision, d.media_type, d.author, d.publisher, d.published, d.language, d.link"
)
BARE = _DOCUMENT.format(text="''")  # of documents d and contents c: a document without text, anchors and report
WHOLE = _DOCUMENT.format(text="c.text") + ", c.anchors, c.report"
# Documents d with each of their contents c, the current and those that are kept.
HELD = (
    "FROM documents d JOIN contents c ON c.id = d.content "
    "OR c.id IN (SELECT content FROM revisions WHERE document = d.id)"
)
# Whether filters let a document d through. One without a date passes every date filter: it may well be from that time.
# A year or month, of document or filter, counts up to its last day. A publisher is named by whole words of its name.
LET = (
    "(:since = '' OR d.published = '' OR d.published || "
    "CASE length(d.published) WHEN 4 THEN '-12-31' WHEN 7 THEN '-31' ELSE '' END >= :since) AND "
    "(:until = '' OR d.published <= :until) AND "
    "(:publisher = '' OR instr(lower(' ' || d.publisher || ' '), lower(' ' || :publisher || ' '))) AND "
    "(:ids = '[]' OR d.id IN (SELECT value FROM json_each(:ids)))"
)


@dataclass(frozen=True, slots=True)
class SourceState:
    """What the library knows of a file or address that was read."""

    uri: str
    stamp: str
    digest: str
    failures: tuple[str, ...] = ()
    columns: tuple[tuple[str, str], ...] = ()  # (field, name): of its records, as the user said


def document(row: Sequence[Any]) -> Document:
    """Made from a row of ``BARE`` or ``WHOLE``."""
    rest = (ANCHORS.validate_json(row[11]), REPORT.validate_json(row[12])) if len(row) > 11 else ()
    return Document(*row[:11], *rest)


def json_ids(ids: Iterable[int]) -> str:
    """For ``json_each``."""
    return json.dumps([int(number) for number in ids])


def wanted(filters: Filters) -> dict[str, str]:
    """What the conditions in ``LET`` are filled with."""
    return {
        "since": filters.since,
        "until": filters.until + {4: "-12-31", 7: "-31"}.get(len(filters.until), ""),
        "publisher": filters.publisher,
        "ids": json.dumps(filters.document_ids),
    }
