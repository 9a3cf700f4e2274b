"""Comparing answer texts: the rules of the official SQuAD 2.0 script, and "does this quote hold the answer?"."""

from __future__ import annotations

import re
import string
from collections import Counter
from collections.abc import Iterable, Sequence

_ARTICLES = re.compile(r"\b(a|an|the)\b", re.UNICODE)
_PUNCTUATION = frozenset(string.punctuation)


def normalise(text: str) -> str:
    """Lower case, no ASCII punctuation, no articles, single spaces, in the order of the official script.

    >>> normalise("The  U.S. Army's")
    'us armys'
    """
    lowered = "".join(char for char in text.lower() if char not in _PUNCTUATION)
    return " ".join(_ARTICLES.sub(" ", lowered).split())


def exact(gold: str, predicted: str) -> float:
    """1 if both normalise to the same string, else 0."""
    return float(normalise(gold) == normalise(predicted))


def token_f1(gold: str, predicted: str) -> float:
    """Harmonic mean of token precision and recall, tokens counted as a bag; two empty answers agree.

    >>> token_f1("the red car", "a red bus")
    0.5
    """
    want, have = normalise(gold).split(), normalise(predicted).split()
    if not want or not have:
        return float(want == have)
    same = sum((Counter(want) & Counter(have)).values())
    return 2 * same / (len(want) + len(have))


def best(score: str, golds: Sequence[str], predicted: str) -> float:
    """The best of all gold answers, ``score`` being "exact" or "f1". No usable gold answer means the gold is ""."""
    function = exact if score == "exact" else token_f1
    return max(function(gold, predicted) for gold in [g for g in golds if normalise(g)] or [""])


def holds(quote: str, golds: Iterable[str]) -> bool:
    """True if a gold answer stands in the quote as a run of whole words, after normalising both.

    >>> holds("It took 18 years.", ["8 years"])
    False
    """
    padded = f" {normalise(quote)} "
    return any(normalise(gold) and f" {normalise(gold)} " in padded for gold in golds)
