"""What of a document stands around a quote of it."""

from __future__ import annotations

from rag.types import Document, Passage, Quote

_BESIDE = 400  # characters on each side of a quote whose passage is not kept any more


def range_around(document: Document, quote: Quote, passage: Passage | None) -> tuple[int, int] | None:
    """The range of a quote's passage or, where that is not at hand, up to 400 characters on each side of the quote,
    cut between words. None where the document's text does not have the quote's words at their place."""
    if document.text[quote.start : quote.end] != quote.text:
        return None
    if passage and passage.start <= quote.start and quote.end <= passage.end:
        return passage.start, passage.end
    start, end = max(quote.start - _BESIDE, 0), min(quote.end + _BESIDE, len(document.text))
    if start:
        space = document.text.find(" ", start, quote.start)
        start = space + 1 if space >= 0 else quote.start
    if end < len(document.text):
        space = document.text.rfind(" ", quote.end, end)
        end = space if space >= 0 else quote.end
    return start, end
