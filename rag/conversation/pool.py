"""Choice by evidence: one ranking out of several queries' rankings, and what a question taken literally becomes."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace

from rag.conversation.pointers import is_unfinished, leans, pronoun
from rag.lexicon import POINTERS, content, names
from rag.text import folded_words
from rag.types import Hit, Resolution, ResolutionKind

_LONG = 5  # content words
_BOUND = POINTERS | frozenset("both one ones former latter there then here neither".split())


def pooled(rankings: Sequence[Sequence[Hit]]) -> list[Hit]:
    """The hits of all ``rankings``, by the mean of their scores; a ranking without the passage counts 0.

    Each ranking is one query's (see :func:`rag.conversation.candidates`) with fused scores in [0, 1]. Ties by passage
    id; ``dense`` and ``lexical`` are those of the first ranking that has the passage. CombSUM (Fox and Shaw 1994).
    """
    total: dict[int, float] = {}
    first: dict[int, Hit] = {}
    for ranking in rankings:
        for hit in ranking:
            total[hit.passage_id] = total.get(hit.passage_id, 0.0) + hit.score
            first.setdefault(hit.passage_id, hit)
    order = sorted(total, key=lambda number: (-total[number], number))
    return [
        replace(first[number], rank=rank, score=total[number] / len(rankings))
        for rank, number in enumerate(order, start=1)
    ]


def is_complete(resolution: Resolution, typed: str) -> bool:
    """Whether words were only carried into a question that names something and leaves nothing open as typed, or is as
    long as hardly a follow-up is: it may be a new topic."""
    whole = len(content(typed)) >= _LONG or (content(typed) and not is_unfinished(typed))
    return resolution.kind == "carried" and not leans(typed) and bool(whole) and not _goes_on(typed)


def may_be_new(resolution: Resolution, typed: str) -> bool:
    """Whether neither a pronoun nor "that" or "both" binds it to what was said: "how do I descale the machine?"."""
    bound = pronoun(typed) is not None or not _BOUND.isdisjoint(folded_words(typed)) or _goes_on(typed)
    return resolution.kind in ("carried", "filled") and not bound


def _goes_on(typed: str) -> bool:
    """Whether it begins as what goes on does, and names nothing: "and what was really wrong?"."""
    return re.match(r"\W*(?:and|but|so)\b", typed, re.IGNORECASE) is not None and not names(typed)


def literal(resolution: Resolution, typed: str, *, here: bool = False) -> Resolution:
    """What ``resolution`` becomes where the words as typed are taken alone: a complete question is a new topic, but for
    what they found ``here``, in the document just shown."""
    reason = f"The question alone found as much as with words carried over{'' if here else ': a new topic'}."
    kind: ResolutionKind = "standalone" if is_complete(resolution, typed) else resolution.kind
    others = (resolution.query, *resolution.alternatives)
    return Resolution(kind, typed, reason, alternatives=others, filters=resolution.filters)
