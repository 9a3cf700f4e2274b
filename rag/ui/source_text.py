"""A document's text as headings, paragraphs and the gaps between them, and the places of words in it."""

from __future__ import annotations

import re
from bisect import bisect_left, bisect_right
from collections.abc import Iterator, Sequence
from dataclasses import replace
from itertools import pairwise

from rag.types import Anchor, Document
from rag.ui.markup import BLANK_LINES, Mark, columns, content, escape, marked
from rag.ui.place import Place, Span

MOST_HITS = 500
_SPACE = re.compile(r"\s+")
_BESIDE = 40  # characters of context on each side of a hit in the list


def hits(text: str, words: str) -> list[Span]:
    """Where ``words`` stand one after the other, whatever case and white space between them; the first 500."""
    if not words.strip():
        return []
    pattern = re.compile(r"\s+".join(re.escape(word) for word in words.split()), re.IGNORECASE)
    return [match.span() for match, _ in zip(pattern.finditer(text), range(MOST_HITS), strict=False)]


def in_context(text: str, span: Span) -> str:
    """A hit between the whole words around it, as HTML on one line."""
    start, end = span
    left, right = max(start - _BESIDE, 0), min(end + _BESIDE, len(text))
    if left and (space := _SPACE.search(text, left - 1, start)):
        left = space.end()
    if right < len(text) and (spaces := list(_SPACE.finditer(text, end, right + 1))):
        right = spaces[-1].start()
    before, inside, after = (
        content(_SPACE.sub(" ", text[slice(*each)])) for each in ((left, start), span, (end, right))
    )
    return f"{'…' * (left > 0)}{before}<mark>{inside}</mark>{after}{'…' * (right < len(text))}"


def quote_id(index: int) -> str:
    """The id of the first piece of a quote's mark."""
    return "quote" if index == 0 else f"quote-{index + 1}"


def blocks(document: Document, place: Place, found: Sequence[Span] = (), *, pages: bool = False) -> Iterator[str]:
    """The text as HTML, every character of it exactly once, with the quotes of ``place`` and ``found`` marked.

    ``pages``: whether the pages of this document can be shown, so that their names become links.
    """
    spans = enumerate(place.spans)
    quotes = [Mark(*span, "quoted" if index else "quoted opened", quote_id(index)) for index, span in spans]
    quotes += [Mark(*place.answer, "answer")] if place.answer else []
    hit_marks = [Mark(*span, _hit_css(span, place), f"hit-{number}") for number, span in enumerate(found, start=1)]
    headings = _headings(document)
    anchors = {anchor.start: anchor for anchor in document.anchors if anchor.kind == "page"}
    rows = {anchor.start for anchor in document.anchors if anchor.kind == "row"}
    for start, end, gap in _cuts(document.text, headings, anchors):
        near = columns(document.text[start:end], start) if start in rows else []
        near += [mark for mark in quotes if mark.start < end and start < mark.end]
        near += hit_marks[
            bisect_right(hit_marks, start, key=lambda mark: mark.end) : bisect_left(
                hit_marks, end, key=lambda mark: mark.start
            )
        ]
        inside = marked(document.text[start:end], start, near)
        if start in anchors:
            yield _page_name(anchors[start], place if pages else None)
        if gap:
            yield f'<span class="gap">{inside}</span>'
        elif start in headings:
            tag = "h2" if headings[start].level <= 1 else "h3"
            yield f'<{tag} id="s-{start}" dir="auto">{inside}</{tag}>'
        else:
            row = ' class="row"' if start in rows else ""
            yield f'<p{row} dir="auto">{inside}</p>'


def _hit_css(hit: Span, place: Place) -> str:
    return "hit quoted" if any(start < hit[1] and hit[0] < end for start, end in place.spans) else "hit"


def _page_name(anchor: Anchor, place: Place | None) -> str:
    """The name of a page where it begins; drawn by the style sheet, as it is no part of the text."""
    label = f"Page {escape(anchor.label)}"
    ident = f'class="page" id="p-{anchor.start}"'
    if place is None:
        return f'<p {ident} data-label="{label}"></p>'
    address = escape(replace(place, page=anchor.level).address("sheet"))
    return f'<p {ident}><a href="{address}" aria-label="{label}: show it" data-label="{label}"></a></p>'


def _headings(document: Document) -> dict[int, Anchor]:
    """Where the text of a section begins with its own heading, as a line of its own."""
    found = {}
    for anchor in document.anchors:
        line = document.text[anchor.start : anchor.end].split("\n", 1)[0]
        if anchor.kind == "section" and anchor.label.strip() and line.strip(" #\t") == anchor.label.strip():
            found[anchor.start] = anchor
    return found


def _cuts(text: str, headings: dict[int, Anchor], pages: dict[int, Anchor]) -> Iterator[tuple[int, int, bool]]:
    """(start, end, is a gap) for every block, in order and without holes."""
    edges = {0, len(text), *(p for p in pages if p < len(text)), *headings}
    gaps = {match.start(): match.end() for match in BLANK_LINES.finditer(text)}
    edges.update(gaps, gaps.values())
    for start in headings:
        line_end = text.find("\n", start)
        if line_end >= 0:
            edges.update((line_end, line_end + 1))
    for start, end in pairwise(sorted(edges)):
        yield start, end, not text[start:end].strip()
