"""The passages around quotes, fetched again from the library: a quote is shown only where the stored text has it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from rag.errors import LibraryError
from rag.types import Document, Quote
from rag.ui.evidence import Around

if TYPE_CHECKING:
    from rag.store.library import Library

_BESIDE = 400  # characters on each side where the passage itself is not at hand


def around(library: Library, quotes: Sequence[Quote]) -> dict[int, Around]:
    """Rank of each quote -> what stands around it, or why that cannot be shown."""
    passages = library.passages([quote.passage_id for quote in quotes])
    found = {}
    for quote in quotes:
        try:
            document = library.document(quote.document_id, quote.revision)
        except LibraryError:
            found[quote.rank] = Around(gone="This source has changed or was removed since it was quoted.")
            continue
        if document.text[quote.start : quote.end] != quote.text:
            found[quote.rank] = Around(gone="The stored text no longer has these words at this place.")
            continue
        passage = passages.get(quote.passage_id)
        inside = passage is not None and passage.start <= quote.start and quote.end <= passage.end
        start, end = (passage.start, passage.end) if passage and inside else _beside(document, quote)
        found[quote.rank] = Around(document.text[start:end], start, document)
    return found


def _beside(document: Document, quote: Quote) -> tuple[int, int]:
    """Up to ``_BESIDE`` characters on each side of the quote, cut between words."""
    start, end = max(quote.start - _BESIDE, 0), min(quote.end + _BESIDE, len(document.text))
    if start:
        space = document.text.find(" ", start, quote.start)
        start = space + 1 if space >= 0 else quote.start
    if end < len(document.text):
        space = document.text.rfind(" ", quote.end, end)
        end = space if space >= 0 else quote.end
    return start, end
