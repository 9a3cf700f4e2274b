"""An address of the source view: which revision, which quotes, which page, what to look for."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol
from urllib.parse import urlencode

from rag.types import Quote

ZOOMS = ("page", "width", "double")
LONGEST_FIND = 2000  # characters, as long as a question
_MOST_SPANS = 20

Span = tuple[int, int]


class Query(Protocol):
    """A parsed query string, as Starlette has it."""

    def get(self, key: str, default: str) -> str:
        """The last value of a name."""
        ...

    def getlist(self, key: str) -> list[str]:
        """All values of a name."""
        ...


@dataclass(frozen=True, slots=True)
class Place:
    """Everything that can be asked of the source view. All but the document may be left out."""

    document_id: str
    revision: str = ""
    spans: tuple[Span, ...] = ()  # the opened quote first
    answer: Span | None = None  # the short answer inside it
    page: int = 0  # of a PDF, the physical number; 0 for those of the opened quote
    zoom: str = "page"
    find: str = ""

    def fields(self) -> list[tuple[str, str]]:
        """Names and values of the query string but for ``find``, those that have their default left out."""
        fields = [("revision", self.revision)] if self.revision else []
        for start, end in self.spans:
            fields += [("start", str(start)), ("end", str(end))]
        fields += [("answer", f"{self.answer[0]}-{self.answer[1]}")] if self.answer else []
        fields += [("page", str(self.page))] if self.page else []
        return fields + ([("zoom", self.zoom)] if self.zoom != "page" else [])

    def address(self, fragment: str = "quote") -> str:
        """``/source/d1?start=3&end=9#quote``"""
        query = urlencode(self.fields() + ([("find", self.find)] if self.find else []))
        return f"/source/{self.document_id}{'?' * bool(query)}{query}#{fragment}"


def source_path(quote: Quote, others: Sequence[Quote] = ()) -> str:
    """The address, within this server, that opens the quote's source at the quote; ``others`` are marked as well."""
    same = [o for o in others if (o.document_id, o.revision) == (quote.document_id, quote.revision) and o != quote]
    spans = tuple((each.start, each.end) for each in [quote, *same])[:_MOST_SPANS]
    return Place(quote.document_id, quote.revision, spans, quote.answer).address()


def read_place(document_id: str, query: Query, length: int) -> Place:
    """The place a query string names in a text of ``length`` characters.

    Raises ValueError with a sentence for a person.
    """
    spans = read_spans(query.getlist("start"), query.getlist("end"), length)
    first, _, last = query.get("answer", "").partition("-")
    (answer,) = read_spans([first], [last], length) if first or last else [None]
    page, zoom = query.get("page", "") or "0", query.get("zoom", "")
    if not (page.isascii() and page.isdigit() and len(page) < 7):
        raise ValueError("A page is named by its number in the file, counted from 1.")
    return Place(
        document_id,
        query.get("revision", ""),
        tuple(spans),
        answer,
        int(page),
        zoom if zoom in ZOOMS else ZOOMS[0],
        " ".join(query.get("find", "")[:LONGEST_FIND].split()),
    )


def read_spans(starts: Sequence[str], ends: Sequence[str], length: int) -> list[Span]:
    """The spans a query string asks for. Raises ValueError with a sentence for a person."""
    if len(starts) != len(ends) or len(starts) > _MOST_SPANS:
        raise ValueError(f"Each quote needs one start and one end, and there can be {_MOST_SPANS} at most.")
    spans = []
    for start, end in zip(starts, ends, strict=True):
        if not (start.isascii() and start.isdigit() and end.isascii() and end.isdigit()) or len(start + end) > 24:
            raise ValueError("The start and the end of a quote are whole numbers.")
        if not 0 <= int(start) < int(end) <= length:
            raise ValueError(f"There is no text from {start} to {end}: this source has {length:,} characters.")
        spans.append((int(start), int(end)))
    return spans
