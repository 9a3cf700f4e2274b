"""Of two sources that give another figure for the same thing, the newer one where the present is asked for."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace

from rag.answer import quoted
from rag.figures import contradicts, size
from rag.lexicon import stems
from rag.ranking import DECIDING, Scored
from rag.superlatives import superlative
from rag.text import YEAR
from rag.types import Quote

_PRESENT = re.compile(r"\b(?:is|are|does|do|has|have|live|lives|costs?)\b|\bwhat['’]s\b", re.IGNORECASE)
_PAST = re.compile(
    rf"\b(?:was|were|did|had|been|ever|first|original(?:ly)?|initial(?:ly)?|planned|until|since|before|after|then|when"
    rf"|{YEAR}|last|previous|ago)\b",
    re.IGNORECASE,
)


def latest(question: str, ranked: Sequence[Scored], least: float) -> list[Scored]:
    """The same order, but the newest first of those that decide, have ``least`` evidence and say the same of all words
    of the question as the first one, with another figure: this year's edition for last year's."""
    order = list(ranked)
    if not order or not _PRESENT.search(question) or _PAST.search(question) or superlative(question):
        return order
    first = quoted(order[0].candidate)
    others = [(item, quoted(item.candidate)) for item in order[1:DECIDING] if item.evidence >= least]
    newer = [(q.published, item) for item, q in others if _is_newer(q, first) and _has_all(question, first, q)]
    if not newer:
        return order
    best = max(newer, key=lambda each: each[0])[1]
    order.remove(best)
    return [replace(best, evidence=max(best.evidence, order[0].evidence)), *order]


def _is_newer(quote: Quote, other: Quote) -> bool:
    """Whether it is of a later source, and marks another number of the same unit."""
    (unit, number), (other_unit, other_number) = size(quote.marked), size(other.marked)
    another = number and other_number and unit == other_unit and contradicts(quote, other)
    return bool(another) and bool(other.published) and quote.published[: len(other.published)] > other.published


def _has_all(question: str, first: Quote, quote: Quote) -> bool:
    """Whether the quote, with what it stands below, has all words of the question that the first one has, and before
    its figure none that the first one lacks."""
    said, again = (stems(f"{each.title} {each.heading} {each.text}") for each in (first, quote))
    ahead = quote.text[: (quote.answer_start or quote.start) - quote.start]
    return stems(question) & said <= again and stems(ahead) <= said | stems(question)
