"""``Document`` -> ``Passage``s: whole sentences up to a token budget, and never more than the encoder can see."""

from __future__ import annotations

import bisect
import hashlib
import itertools
import math
import re
from collections.abc import Iterator, Sequence

from rag.layout import BELOW, last_heading
from rag.text import Range, sentences, token_count, words
from rag.types import Anchor, Document, Encoder, Passage

_CONTEXT_TOKENS = 48  # wordpieces of title and headings that an embedding may hold beside the passage
_SMALL = 2  # of the tables that are not cut this many fit into a passage; longer ones would leave scraps beside them
_WIDEST = 20  # characters per token of a budget beyond which nothing is counted, as it cannot fit
_IN_PARAGRAPH = 0.3  # of a passage's even size: how much longer or shorter it gets to end with a paragraph


def passages(document: Document, *, encoder: Encoder, budget: int) -> list[Passage]:
    """The document's passages in order; together they hold every sentence once, but for a heading with nothing but
    another one below, which has it in its path.

    ``budget`` is in tiktoken tokens. A passage stays inside one section. A sentence that is longer than the budget
    is cut between words, a table of at most half the budget is not cut at all.
    """
    limit = max(16, encoder.max_tokens - _CONTEXT_TOKENS)
    found: list[Passage] = []
    content = document.content_id
    tables = _small_tables(document, encoder, budget, limit)
    groups = [*sections(document), ("", [])]
    for (heading, run), (below, _) in itertools.pairwise(groups):
        bare = document.text[run[0][0] : run[-1][1]] == last_heading(heading)
        if bare and below.startswith(f"{heading}{BELOW}"):
            continue
        run = _together(run, tables)
        pieces = [piece for span in run for piece in _cut(document.text, span, encoder, budget, limit)]
        for start, end, tokens in _pack(document.text, pieces, encoder, budget, limit):
            found.append(Passage(passage_id(content, start, end), document.id, start, end, heading, tokens))
    return found


def sections(document: Document, within: Range | None = None) -> Iterator[tuple[str, list[Range]]]:
    """(heading path, its sentence spans) for every stretch between headings, in order; only those in the text
    ``within``, whose edges may cut a sentence."""
    low, high = within or (0, len(document.text))
    headings = sorted((a for a in document.anchors if a.kind == "section"), key=lambda a: (a.start, a.level))
    starts = [heading.start for heading in headings]
    groups: dict[int, list[Range]] = {}
    for start, end in sentences(document.text[low:high]):
        groups.setdefault(bisect.bisect_right(starts, low + start), []).append((low + start, low + end))
    path: list[Anchor] = []
    seen = 0
    for number, run in sorted(groups.items()):
        for heading in headings[seen:number]:
            while path and path[-1].level >= heading.level:
                path.pop()
            path.append(heading)
        seen = number
        yield BELOW.join(heading.label for heading in path), run


def passage_id(content_id: str, start: int, end: int) -> int:
    """63 bits, the same in every library that holds this content."""
    digest = hashlib.sha256(f"{content_id}:{start}:{end}".encode()).digest()
    return int.from_bytes(digest[:8], "big") >> 1


def embedding_text(title: str, heading: str, passage: str, *, encoder: Encoder) -> str:
    """What is encoded for a passage: title and heading path, then the passage. Only the context is ever cut."""
    context = BELOW.join(part for part in (title, heading) if part)
    if not context:
        return passage
    room = min(_CONTEXT_TOKENS, encoder.max_tokens - encoder.count_tokens([passage])[0])
    spans = words(context)
    while spans and encoder.count_tokens([context[: spans[-1][1]]])[0] + 1 > room:
        spans = spans[: len(spans) // 2]
    return f"{context[: spans[-1][1]]}\n{passage}" if spans else passage


def _small_tables(document: Document, encoder: Encoder, budget: int, limit: int) -> list[Range]:
    """Where the tables begin and end that are half a passage or less: rows with nothing between them."""
    text, found = document.text, list[Range]()
    for row in (anchor for anchor in document.anchors if anchor.kind == "row"):
        below = bool(found) and text[found[-1][1] : row.start].isspace()
        found.append((found.pop()[0] if below else row.start, row.end))
    short = [(start, end) for start, end in found if end - start <= _WIDEST * budget]
    return [(start, end) for start, end in short if _fits(text[start:end], encoder, budget // _SMALL, limit)]


def _together(run: Sequence[Range], tables: Sequence[Range]) -> list[Range]:
    """The sentences, those of one table as one."""
    begins = [start for start, _ in tables]
    found: list[Range] = []
    for start, end in run:
        number = bisect.bisect_right(begins, start) - 1
        if found and number >= 0 and tables[number][0] <= found[-1][0] and end <= tables[number][1]:
            start = found.pop()[0]
        found.append((start, end))
    return found


def _fits(piece: str, encoder: Encoder, budget: int, limit: int) -> bool:
    return token_count(piece) <= budget and encoder.count_tokens([piece])[0] <= limit


def _cut(text: str, span: Range, encoder: Encoder, budget: int, limit: int) -> list[Range]:
    """The span itself, or halves of it between words until each fits; a word that does not fit is cut anywhere."""
    start, end = span
    piece = text[start:end]
    if end - start < 2 or _fits(piece, encoder, budget, limit):
        return [span]
    middle = (start + end) // 2
    starts = [start + found.start() for found in re.finditer(r"(?<=\s)\S", piece)]
    near = starts or [start + s for s, _ in words(piece) if s]
    cut = min(near, key=lambda position: abs(position - middle)) if near else middle
    return [*_cut(text, (start, cut), encoder, budget, limit), *_cut(text, (cut, end), encoder, budget, limit)]


def _pack(
    text: str, pieces: Sequence[Range], encoder: Encoder, budget: int, limit: int
) -> Iterator[tuple[int, int, int]]:
    """(start, end, tokens) of runs of pieces, each within both limits and of even size over the section."""
    sizes = [token_count(text[start:end]) for start, end in pieces]
    parts = encoder.count_tokens([text[start:end] for start, end in pieces])
    left, wide, first = sum(sizes), sum(parts), 0
    while first < len(pieces):
        runs = max(-(-left // budget), -(-wide // limit), 1)  # planned anew, so that no scrap is left for the last one
        best, stop, tokens, width = math.inf, first, 0, 0
        for number in range(first, len(pieces)):
            tokens, width = tokens + sizes[number], width + parts[number]
            if number > first and (tokens > budget or width > limit):
                break
            cost = abs(tokens * runs / left - 1) + _harm(text, pieces, number) if left else 0.0
            if cost < best:
                best, stop = cost, number + 1
        tokens = sum(sizes[first:stop])
        yield pieces[first][0], pieces[stop - 1][1], tokens
        left, wide, first = left - tokens, wide - sum(parts[first:stop]), stop


def _harm(text: str, pieces: Sequence[Range], number: int) -> float:
    """What it costs to end a passage behind a piece, as a share of the passage's size: least at the end of a paragraph,
    most before a reply or what is announced."""
    if number + 1 == len(pieces):
        return 0.0
    between = text[pieces[number][1] : pieces[number + 1][0]]
    inside = 0.0 if "\n\n" in between else _IN_PARAGRAPH / 2 if "\n" in between else _IN_PARAGRAPH
    return inside + text.endswith(("?", ":"), *pieces[number])
