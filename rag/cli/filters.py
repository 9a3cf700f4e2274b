"""Filters as flags: what a person typed after --since, --until, --publisher and --document."""

from __future__ import annotations

from collections.abc import Sequence

from rag.cli.base import document_ids
from rag.conversation import day_range
from rag.errors import LibraryError, QuestionError
from rag.store import Library
from rag.text import fold
from rag.types import Filters


def chosen(library: Library, *, since: str, until: str, publisher: str, documents: Sequence[str]) -> Filters:
    """The filters that the flags say. Raises :class:`RagError` for a date or a name that means nothing."""
    held = library.documents()
    name = next((d.publisher for d in held if publisher and fold(d.publisher) == fold(publisher)), "")
    if publisher and not name:
        have = ", ".join(sorted({d.publisher for d in held if d.publisher})) or "none of them names one"
        raise LibraryError(
            f"no source has the publisher {publisher!r}", why=f"publishers here: {have}", fix="choose one"
        )
    ids = tuple(document_ids(library, documents))
    if unknown := [each for each in ids if each not in {d.id for d in held}]:
        raise LibraryError(f"there is no document {unknown[0]!r}", fix="pullquote list")
    return Filters(_day(since, 0) if since else "", _day(until, 1) if until else "", name, ids)


def _day(text: str, which: int) -> str:
    days = day_range(text)
    if days is None:
        raise QuestionError(f"{text!r} is not a date", fix="write 2024, 2024-05, 2024-05-31 or May 2024")
    return days[which]
