"""Which words of the conversation so far the question needs. Rules here; a learned scorer has the same shape.

The rules weigh a word by where it was said (recent questions, the one that opened the topic), by being a name, and by
how often the quotes that were shown repeat it: a cheap stand-in for "what this is about" (Lin et al. 2021 use BM25).
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

from rag.lexicon import GENERIC, content, is_content, names, stem, stems
from rag.text import words
from rag.types import Turn

_REMEMBERED = 12  # turns looked back
_SHOWN = 1200  # characters of the shown quotes that are read
_LINK = frozenset((" ", " of ", " in ", " the ", " and ", " of the ", " for ", " & ", "-", "’s ", "'s "))


class TermScorer(Protocol):
    """Says how much a question needs each word of what came before."""

    threshold: float  # from this score on a word is carried

    def score(self, question: str, history: Sequence[str], shown: str) -> list[list[float]]:
        """For every text of ``[*history, shown]`` one score in [0, 1] per word of :func:`rag.text.words`.

        ``history``: the earlier questions, oldest first. ``shown``: the quotes under the last of them, may be "".
        """
        ...


@dataclass(frozen=True, slots=True)
class Phrase:
    """Words of the conversation that belong together. ``turn`` is its index, ``len(turns)`` means the quotes."""

    text: str
    turn: int
    score: float


def phrases(question: str, turns: Sequence[Turn], scorer: TermScorer | None = None) -> list[Phrase]:
    """The phrases that ``question`` needs, in the order they were said, each word once (where it scored best)."""
    past = list(turns[-_REMEMBERED:])
    offset = len(turns) - len(past)
    history = [turn.question for turn in past]
    shown = shown_text(past[-1]) if past else ""
    scorer = scorer or RuleTerms([_is_opening(turn) for turn in past])
    scores = scorer.score(question, history, shown)
    have = stems(question)
    best: dict[str, tuple[float, int, int, int]] = {}
    texts = [*history, shown]
    for number, (text, values) in enumerate(zip(texts, scores, strict=True)):
        for (start, end), value in zip(words(text), values, strict=True):
            key = stem(text[start:end])
            if value < scorer.threshold or key in have or not is_content(text[start:end]):
                continue
            place = number if number < len(history) else -1  # of equals, a question before the quotes
            if key not in best or (value, place) > best[key][:2]:
                best[key] = (value, place, start, end)
    return [
        Phrase(text, offset + number if number < len(history) else len(turns), score)
        for text, number, score in _joined(texts, [(s, n % len(texts), a, b) for s, n, a, b in best.values()])
    ]


def _joined(texts: Sequence[str], found: Sequence[tuple[float, int, int, int]]) -> list[tuple[str, int, float]]:
    """Neighbouring words become one phrase."""
    joined: list[tuple[int, int, int, float]] = []
    for score, number, start, end in sorted(found, key=lambda item: item[1:]):
        if joined and joined[-1][0] == number and texts[number][joined[-1][2] : start] in _LINK:
            _, first, _, other = joined.pop()
            joined.append((number, first, end, max(score, other)))
        else:
            joined.append((number, start, end, score))
    return [(texts[number][start:end], number, score) for number, start, end, score in joined]


def shown_text(turn: Turn) -> str:
    """The beginning of what the answer showed, titles left out."""
    return "\n".join(quote.text for quote in turn.answer.quotes)[:_SHOWN]


def _is_opening(turn: Turn) -> bool:
    return turn.resolution.kind in ("standalone", "command")


class RuleTerms:
    """The rules as a scorer. ``opens[i]``: question i started a topic of its own."""

    threshold = 0.5

    def __init__(self, opens: Sequence[bool] = (), *, most: int = 3) -> None:
        self._opens, self._most = opens, most

    def score(self, question: str, history: Sequence[str], shown: str) -> list[list[float]]:
        """See :class:`TermScorer`. Quotes are only counted in, never carried from."""
        asked, counts = stems(question), _counts(shown)
        found: list[tuple[float, int, int]] = []
        for number, text in enumerate(history):
            place = self._place(number, len(history), returns=bool(asked & _named(text)))
            named = _covered(text)
            for position, (start, end) in enumerate(words(text)):
                if is_content(text[start:end]):
                    found.append((_weight(text[start:end], start in named, place, counts), number, position))
        kept = sorted(found, key=lambda item: (-item[0], -item[1], item[2]))
        scores = [[0.0] * len(words(text)) for text in [*history, shown]]
        keys: set[str] = set()
        for value, number, position in kept:
            start, end = words(history[number])[position]
            key = stem(history[number][start:end])
            if key in asked or key in keys or len(keys) >= self._most or value < 0.6 * kept[0][0]:
                continue
            keys.add(key)
            scores[number][position] = 1 / (1 + math.exp(-4 * (value - 0.9)))
        return scores

    def _place(self, number: int, count: int, *, returns: bool) -> float:
        """1 for the last question, fading; the question that opened the present topic fades less."""
        age = count - 1 - number
        opening = max((i for i in range(count) if i < len(self._opens) and self._opens[i]), default=0)
        weight = 0.75**age
        if number == opening:
            weight = max(weight, 0.9)
        elif number < opening:
            weight *= 0.4
        return max(weight, 0.85) if returns else weight


def _weight(word: str, named: bool, place: float, counts: dict[str, int]) -> float:
    value = place * (1.3 if named else 1.0)
    key = stem(word)
    if counts:
        value *= (0.7, 1.0, 1.15, 1.25)[min(counts.get(key, 0), 3)]
    return value * (0.45 if key in GENERIC or key.isdigit() else 1.0)


def _counts(text: str) -> dict[str, int]:
    counts: dict[str, int] = {}
    for start, end in content(text):
        key = stem(text[start:end])
        counts[key] = counts.get(key, 0) + 1
    return counts


def _named(text: str) -> set[str]:
    return set().union(*(stems(text[start:end]) for start, end in names(text))) if text else set()


def _covered(text: str) -> set[int]:
    """Where the words of names start."""
    ranges = names(text)
    return {start for start, _ in words(text) if any(low <= start < high for low, high in ranges)}
