"""The read path up to the answer: both channels to the same depth, a score-aware fusion, and what the reader says.

Fusion is a convex combination of the two channels' scores after normalisation, which is at least as good as
reciprocal-rank fusion and keeps what the scores say (Bruch, Gai and Ingber 2023).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import NamedTuple

import numpy as np

from rag.lexicon import is_statement, is_yes_no
from rag.models.rows import about_another
from rag.quoting import fits_by_title, one_of_several, only_asks, quote_range
from rag.ranking import DECIDING, Scored, among, clear, confirmed, rank
from rag.store import Library
from rag.types import Calibration, Candidate, Encoder, Filters, Hit, Reader, Reading, Span

EVERYTHING = Filters()
_LEAD = 200  # characters of title and headings that are read with a passage
DENSE_WEIGHT = 0.5  # best on the development collections of eval/fusion.py
_SURE = 4  # hits that each channel alone sends to the reader
FIRST = 8  # hits that are read before it is asked whether more are worth it
_LITTLE = 6000  # characters of passages that are read at once, however many they are


def search(library: Library, encoder: Encoder, query: str, *, depth: int, filters: Filters = EVERYTHING) -> list[Hit]:
    """Up to 2 x ``depth`` hits, best first, ties by passage id; every hit carries both channels' scores."""
    allowed = library.allowed(filters)
    vector = encoder.encode([query])[0]
    dense = dict(library.dense(vector, depth, allowed))
    lexical = dict(library.lexical(query, depth, allowed))
    ids = sorted(dense.keys() | lexical.keys())
    for number, stored in library.embeddings([i for i in ids if i not in dense]).items():
        dense[number] = float(stored @ vector)
    missing = np.array([i for i in ids if i not in lexical], dtype=np.int64)
    lexical.update(library.lexical(query, len(missing), missing))
    fused = fuse(dense, lexical)
    ids.sort(key=lambda i: (-fused[i], i))
    return [Hit(i, rank, fused[i], dense.get(i), lexical.get(i)) for rank, i in enumerate(ids, start=1)]


def worth_reading(hits: Sequence[Hit], most: int) -> list[Hit]:
    """``most`` of the hits, in their order: the best four of either channel, then the first ones.

    A passage that shares no word with the question has a low fused score even where its meaning is the nearest.
    """
    dense = sorted(hits, key=lambda hit: -(hit.dense or 0.0))[:_SURE]
    lexical = [hit for hit in sorted(hits, key=lambda hit: -(hit.lexical or 0.0))[:_SURE] if hit.lexical]
    chosen = {hit.passage_id for hit in list(dict.fromkeys([*dense, *lexical, *hits]))[:most]}
    return [hit for hit in hits if hit.passage_id in chosen]


def read_first(query: str, chosen: Sequence[Hit], characters: int) -> list[Hit]:
    """The hits among the ``chosen`` that are read first: all of them where their passages have few ``characters``, or
    where a statement is looked up, whose order does not depend on what is read."""
    return list(chosen) if characters <= _LITTLE or is_statement(query) else worth_reading(chosen, FIRST)


def read_hits(library: Library, reader: Reader, query: str, hits: Sequence[Hit]) -> list[Candidate]:
    """The hits with their passages, texts, documents and readings; one that was deleted a moment ago is left out.

    The reader sees title and headings before the passage, since "the company" says little without them.
    """
    ids = [hit.passage_id for hit in hits]
    passages, texts, owners = library.passages(ids), library.passage_texts(ids), library.owners(ids)
    found = [hit for hit in hits if hit.passage_id in passages and hit.passage_id in owners]
    leads = [lead(owners[hit.passage_id][0].title, passages[hit.passage_id].heading) for hit in found]
    readings = reader.read(query, [ahead + texts[hit.passage_id] for ahead, hit in zip(leads, found, strict=True)])
    return [
        Candidate(
            replace(hit, relevance=reading.relevance),
            passages[hit.passage_id],
            texts[hit.passage_id],
            without_lead(reading, len(ahead)),
            tuple(owners[hit.passage_id]),
        )
        for hit, reading, ahead in zip(found, readings, leads, strict=True)
    ]


def is_enough(reader: Reader, query: str, read: Sequence[Candidate]) -> bool:
    """Whether one of the passages is clearly the best and can answer, so that reading others would change little."""
    ranked = rank(read, reader.calibration)
    return clear([item.score for item in ranked]) and not _quoted(query, ranked[0]).unable


def read_again(reader: Reader, query: str, ranked: Sequence[Scored]) -> list[Scored]:
    """The same order, but for quotes that cannot answer: they go last, with no evidence, and speak against no other.

    Those that decide the outcome get the evidence of a second reading, of their quote alone; not where that counts for
    nothing, with a reader whose confidence does not rest on ``answerable``.
    """
    found = [_quoted(query, item) for item in ranked]
    able, unable = ([each for each in found if each.unable == empty] for empty in (False, True))
    if unable:
        items = among([each.item for each in able], reader.calibration)
        able = [each._replace(item=item) for each, item in zip(able, items, strict=True)]
    best = able[: DECIDING if reader.calibration.answered[2] else 0]
    again = reader.read(query, [each.ahead + each.text for each in best])
    return [
        *(_confirmed(each, alone, reader.calibration) for each, alone in zip(best, again, strict=True)),
        *(each.item for each in able[len(best) :]),
        *(replace(each.item, evidence=0.0) for each in unable),
    ]


class _Quoted(NamedTuple):
    """An item, without short answers where these are one of several that are asked for; what stands above it, what
    would be quoted of it, and whether that cannot answer."""

    item: Scored
    ahead: str
    text: str
    unable: bool


def _confirmed(quoted: _Quoted, alone: Reading, calibration: Calibration) -> Scored:
    """What is found in the title when the quote is read confirms nothing: it can only lower the evidence."""
    once = quoted.item.candidate.reading.answerable
    if alone.spans and alone.spans[0].start < len(quoted.ahead):
        alone = replace(alone, answerable=min(once, alone.answerable))
    return confirmed(quoted.item, alone, calibration)


def _quoted(query: str, item: Scored) -> _Quoted:
    candidate = item.candidate
    text, reading, heading = candidate.text, candidate.reading, candidate.passage.heading
    start, end = quote_range(text, reading.sentences, heading)
    ahead, quote = lead(candidate.documents[0].title, heading), text[start:end]
    unable = only_asks(text, reading, start, end) or about_another(query, quote, ahead)
    if not is_yes_no(query):  # no words of a source say "yes": the reader looks for them everywhere
        unable = unable or fits_by_title(reading)
    if one_of_several(query, text, reading, start, end):
        item = replace(item, candidate=replace(candidate, reading=replace(reading, spans=())))
    return _Quoted(item, ahead, quote, unable and not is_statement(query))  # a statement keeps its order


def lead(title: str, heading: str) -> str:
    """What stands before a passage when it is read; ends with a blank line, so that no sentence runs on into it.

    >>> lead("Rapidus", "Rapidus > Plans")
    'Rapidus. Plans.\\n\\n'
    """
    parts = [part.strip().rstrip(".") for part in (title, *heading.split(" > "))]
    named = ". ".join(dict.fromkeys(part for part in parts if part))[:_LEAD].replace(" | ", " - ")  # no row of a table
    return f"{named}.\n\n" if named else ""


def without_lead(reading: Reading, size: int) -> Reading:
    """The reading of a text without its first ``size`` code points; what was found in them is dropped."""
    spans, sentences = (
        tuple(Span(s.start - size, s.end - size, s.score) for s in part if s.start >= size)
        for part in (reading.spans, reading.sentences)
    )
    return replace(reading, spans=spans, sentences=sentences)


def fuse(dense: dict[int, float], lexical: dict[int, float]) -> dict[int, float]:
    """passage id -> fused score in [0, 1]; a passage missing from a channel gets that channel's least score.

    >>> fuse({1: 0.8, 2: 0.4}, {2: 6.0})
    {1: 0.5, 2: 0.5}
    """
    parts = [(DENSE_WEIGHT, _normalised(dense)), (1 - DENSE_WEIGHT, _normalised(lexical, least=0.0))]
    return {i: sum(w * scores.get(i, 0.0) for w, scores in parts) for i in sorted(dense.keys() | lexical.keys())}


def _normalised(scores: dict[int, float], least: float | None = None) -> dict[int, float]:
    if not scores:
        return {}
    low = min(scores.values()) if least is None else least
    high = max(scores.values())
    return {i: (score - low) / (high - low) if high > low else 1.0 for i, score in scores.items()}
