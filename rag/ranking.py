"""Pure: readings -> order and probabilities. What is best, how sure that is, and how two readings become one."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace

from rag.lexicon import is_list_of_references
from rag.text import fold, words
from rag.types import Calibration, Candidate, Reading

DECIDING = 3  # of the best passages decide the outcome
_CLEAR = 0.9  # of the ranking's probability (READER.md)
_MAGNITUDES = frozenset("hundred thousand million billion trillion dozen percent".split())
_GOES_ON = 0.7  # in the ranking's logits; a follow-up is most often about the source just shown (eval/CONVERSATIONS.md)
_TITLES = 3.0  # in the same logits, set by hand: how far a list of references falls, which answers nothing


@dataclass(frozen=True, slots=True)
class Scored:
    """A candidate with its place in the final order."""

    candidate: Candidate
    score: float  # higher is better; comparable within one question only
    agreed: float  # log of the share that it and those with its answer have of the ranking
    evidence: float  # calibrated probability that this passage answers, in [0, 1]


def rank(candidates: Sequence[Candidate], calibration: Calibration, *, asked: bool = True) -> list[Scored]:
    """Best first, ties by passage id: a logistic combination of the reader's and the channels' scores.

    Without ``asked``, by the fused scores, lists of references last: a reader of questions ranks claims no better.
    """
    values = _values(candidates, calibration)
    agreed = agreement(values, [_answer_words(candidate) for candidate in candidates])
    scored = [
        Scored(
            each,
            score=value if asked else each.hit.score - _demoted(each),
            agreed=share,
            evidence=probability(calibration.answered, each, share),
        )
        for each, value, share in zip(candidates, values, agreed, strict=True)
    ]
    return sorted(scored, key=lambda item: (-item.score, item.candidate.hit.passage_id))


def among(items: Sequence[Scored], calibration: Calibration) -> list[Scored]:
    """The same order, with the agreement and the evidence that they have among themselves."""
    agreed = agreement([item.score for item in items], [_answer_words(item.candidate) for item in items])
    return [
        replace(item, agreed=share, evidence=probability(calibration.answered, item.candidate, share))
        for item, share in zip(items, agreed, strict=True)
    ]


def clear(values: Sequence[float]) -> bool:
    """Whether one of the ranking's logits has nearly all of its probability.

    >>> clear([4.0, 1.0]), clear([4.0, 3.0])
    (True, False)
    """
    return bool(values) and 1 / sum(math.exp(value - max(values)) for value in values) >= _CLEAR


def confirmed(item: Scored, alone: Reading, calibration: Calibration) -> Scored:
    """``item`` with the evidence of two readings: of its passage, and of what would be quoted, ``alone``.

    Answerable becomes the mean of both log odds: two looks at different lengths of text err less than one, as the
    members of an ensemble do. Its place in the order stays.
    """
    reading = item.candidate.reading
    both = replace(reading, answerable=averaged(reading.answerable, alone.answerable))
    candidate = replace(item.candidate, reading=both)
    return replace(item, candidate=candidate, evidence=probability(calibration.answered, candidate, item.agreed))


def _values(candidates: Sequence[Candidate], calibration: Calibration) -> list[float]:
    """The ranking's logits."""
    most = max((candidate.hit.lexical or 0.0 for candidate in candidates), default=0.0)
    found = []
    for candidate in candidates:
        hit, reading = candidate.hit, candidate.reading
        share = (hit.lexical or 0.0) / most if most else 0.0
        features = (logit(reading.relevance), logit(reading.answerable), hit.dense or 0.0, share)
        value = sum(weight * feature for weight, feature in zip(calibration.ranking, features, strict=True))
        found.append(value + _GOES_ON * candidate.goes_on - _demoted(candidate))
    return found


def _demoted(candidate: Candidate) -> float:
    return _TITLES * is_list_of_references(candidate.passage.heading)


def _answer_words(candidate: Candidate) -> str:
    spans = candidate.reading.spans
    return candidate.text[spans[0].start : spans[0].end] if spans else ""


def agreement(values: Sequence[float], answers: Sequence[str]) -> list[float]:
    """Per candidate, the log of the share that it and those with its answer have of the ranking: <= 0.

    ``values`` are the ranking's logits, of which a softmax says how likely each candidate is the best one. Two give
    the same answer if the words of one stand in the other's and no magnitude follows there ("nine" is not "nine
    thousand"); a candidate without an answer agrees with itself.

    >>> [round(math.exp(share), 2) for share in agreement([0.0, 0.0, 0.0], ["in 1871", "1871", ""])]
    [0.67, 0.67, 0.33]
    """
    top = max(values, default=0.0)
    likely = [math.exp(value - top) for value in values]
    plain = [f" {' '.join(text[a:b] for a, b in words(text))} " for text in map(fold, answers)]
    return [
        math.log(sum(p for k, p in enumerate(likely) if k == own or _same(plain[own], plain[k])) / sum(likely))
        for own in range(len(values))
    ]


def _same(one: str, other: str) -> bool:
    shorter, longer = sorted((one, other), key=len)
    if not shorter.strip() or shorter not in longer:
        return False
    return not _MAGNITUDES.intersection(longer.partition(shorter)[2].split()[:1])


def probability(weights: Sequence[float], candidate: Candidate, agreed: float = 0.0) -> float:
    """The logistic model of :class:`rag.types.Calibration` for one candidate."""
    reading = candidate.reading
    features = (1.0, logit(reading.relevance), logit(reading.answerable), candidate.hit.dense or 0.0, agreed)
    return sigmoid(sum(weight * feature for weight, feature in zip(weights, features, strict=False)))


def sigmoid(value: float) -> float:
    """The logistic function, safe for large values."""
    return 1 / (1 + math.exp(-value)) if value >= 0 else math.exp(value) / (1 + math.exp(value))


def logit(share: float) -> float:
    """The inverse of :func:`sigmoid`, cut to [-12, 12]."""
    share = min(max(share, 6.2e-6), 1 - 6.2e-6)
    return math.log(share / (1 - share))


def averaged(one: float, other: float) -> float:
    """The probability whose log odds are the mean of those of two probabilities.

    >>> round(averaged(0.5, 0.9), 4)
    0.75
    """
    return sigmoid((logit(one) + logit(other)) / 2)
