"""The passages around quotes, fetched again from the library: a quote is shown only where the stored text has it."""

from __future__ import annotations

from collections.abc import Sequence

from rag.store import Library, range_around
from rag.types import Quote
from rag.ui.evidence import Around


def around(library: Library, quotes: Sequence[Quote]) -> dict[int, Around]:
    """Rank of each quote -> what stands around it, or why that cannot be shown."""
    passages = library.passages([quote.passage_id for quote in quotes])
    found = {}
    for quote in quotes:
        document = library.find(quote.document_id, quote.revision)
        if document is None:
            found[quote.rank] = Around(gone="This source has changed or was removed since it was quoted.")
            continue
        place = range_around(document, quote, passages.get(quote.passage_id))
        if place is None:
            found[quote.rank] = Around(gone="The stored text no longer has these words at this place.")
        else:
            found[quote.rank] = Around(document.text[slice(*place)], place[0], document)
    return found
