"""From a reader's logits to readings of a passage: pure functions over numpy arrays."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from rag.models.rows import Hint
from rag.text import Range, sentences
from rag.types import Reading, Span

Floats = npt.NDArray[np.floating]
SPANS = 5  # answers kept per passage
SPAN_PIECES = 30  # an answer is at most this many wordpieces


@dataclass(frozen=True, slots=True)
class Window:
    """What one window of a passage says. ``margin`` is the best span's logit minus that of "no answer".

    ``spans`` are (start, end, probability given that there is an answer), best first, not overlapping.
    ``mass`` is (start, end, probability) per wordpiece: how much an answer begins or ends there; sums to 1.
    """

    margin: float
    spans: tuple[tuple[int, int, float], ...]
    mass: tuple[tuple[int, int, float], ...]


@dataclass(frozen=True, slots=True)
class Seen:
    """The logits of one window: relevance, answerable, and what its positions say."""

    relevance: float
    answerable: float
    window: Window


def decode(
    start: Floats,
    end: Floats,
    offsets: Sequence[Range],
    words: Sequence[int],
    *,
    brief: float = 0.0,
    hint: Hint | None = None,
) -> Window:
    """Reads a window's start and end logits (s,); padding beyond ``offsets`` is ignored, as are empty offsets.

    ``words[i]`` numbers the word that wordpiece i belongs to: an answer begins and ends with whole words. Of two
    spans the shorter is preferred: ``brief`` times the log of its number of words is taken off a span's logit.
    With a ``hint`` an answer stays inside a cell; the margin is that without it.
    """
    inside = np.array([a < b for a, b in offsets], bool)
    if not inside.any():
        return Window(-20.0, (), ())
    at = np.flatnonzero(inside)
    numbers = np.asarray(words)[at]
    first = np.concatenate([[True], numbers[1:] != numbers[:-1]])
    last = np.concatenate([numbers[1:] != numbers[:-1], [True]])
    begin, finish = start[: len(inside)][at].astype(np.float64), end[: len(inside)][at].astype(np.float64)
    table = _band(np.where(first, begin, -np.inf), np.where(last, finish, -np.inf))
    margin = float(table.max() - start[0] - end[0])
    if hint:
        bias, cell = hint.bias[at], hint.cells[at].astype(float)
        begin, finish = begin + bias, finish + bias
        table = np.where(_band(-cell, cell) == 0, table + _band(bias, bias), -np.inf)
    log_p, log_q = begin - _logsumexp(begin), finish - _logsumexp(finish)
    if brief:
        table = table - brief * np.log(np.maximum(_band(1.0 - numbers, numbers), 1.0))
    found: list[tuple[int, int, float]] = []
    for i, length in _largest(table, SPANS * 20):
        j = i + length
        if len(found) == SPANS or not np.isfinite(table[i, length]):
            break
        low, high = offsets[at[i]][0], offsets[at[j]][1]
        if all(high <= a or low >= b for a, b, _ in found):
            found.append((low, high, float(np.exp(log_p[i] + log_q[j]))))
    mass = (np.exp(log_p) + np.exp(log_q)) / 2
    pieces = tuple((*offsets[at[k]], float(mass[k])) for k in range(len(at)))
    return Window(margin, tuple(found), pieces)


def _band(begin: Floats, finish: Floats) -> Floats:
    """(n, SPAN_PIECES): the summed logit of the span from i to i + k, -inf beyond the end."""
    padded = np.concatenate([finish, np.full(SPAN_PIECES - 1, -np.inf)])
    table: Floats = begin[:, None] + np.lib.stride_tricks.sliding_window_view(padded, SPAN_PIECES)
    return table


def _largest(table: Floats, most: int) -> list[tuple[int, int]]:
    """Places of the ``most`` largest values, best first, ties in reading order."""
    flat = table.ravel()
    some = np.sort(np.argpartition(-flat, most)[:most]) if flat.size > most else np.arange(flat.size)
    some = some[np.argsort(-flat[some], kind="stable")]
    return [divmod(int(k), table.shape[1]) for k in some]


def _logsumexp(values: Floats) -> float:
    top = float(values.max())
    return top + float(np.log(np.exp(values - top).sum()))


def share(pieces: Sequence[tuple[int, int, float]], ranges: Sequence[Range]) -> list[float]:
    """The mass inside each range; ranges are in order and do not overlap.

    >>> share([(0, 2, 0.25), (3, 5, 0.75)], [(0, 2), (3, 9)])
    [0.25, 0.75]
    """
    out = [0.0] * len(ranges)
    k = 0
    for start, _, weight in pieces:
        while k < len(ranges) and ranges[k][1] <= start:
            k += 1
        if k == len(ranges):
            break
        if start >= ranges[k][0]:
            out[k] += weight
    return out


def without_overlap(spans: Sequence[tuple[int, int, float]], most: int) -> list[tuple[int, int, float]]:
    """The best ``most`` spans of which none touches a better one; ties by place."""
    kept: list[tuple[int, int, float]] = []
    for start, end, score in sorted(spans, key=lambda span: (-span[2], span[0], span[1])):
        if len(kept) < most and all(end <= a or start >= b for a, b, _ in kept):
            kept.append((start, end, score))
    return kept


def merged(text: str, seen: Sequence[Seen], outputs: Mapping[str, Mapping[str, float]]) -> Reading:
    """The reading of a passage from its windows: the best window counts; evidence is relevance times span mass.

    ``outputs`` holds the fitted logistic functions: relevance (bias, relevance), answerable (bias, head, margin), span
    (bias, span, head, margin), whose "span" is the log of the probability given that there is an answer.
    """
    ranges = sentences(text)
    if not ranges:
        return Reading(relevance=0.0, answerable=0.0)
    relevant = [_logistic(outputs["relevance"], relevance=s.relevance) for s in seen]
    answers = [_logistic(outputs["answerable"], head=s.answerable, margin=s.window.margin) for s in seen]
    spans = [
        (a, b, _logistic(outputs["span"], span=math.log(max(p, 1e-6)), head=s.answerable, margin=s.window.margin))
        for s in seen
        for a, b, p in s.window.spans
    ]
    shares = [share(s.window.mass, ranges) for s in seen]
    evidence = [max(p * inside[k] for p, inside in zip(relevant, shares, strict=True)) for k in range(len(ranges))]
    return Reading(
        relevance=max(relevant),
        answerable=max(answers),
        spans=tuple(Span(*span) for span in without_overlap(spans, SPANS)),
        sentences=tuple(Span(a, b, min(1.0, score)) for (a, b), score in zip(ranges, evidence, strict=True)),
    )


def _logistic(fitted: Mapping[str, float], **logits: float) -> float:
    value = fitted["bias"] + sum(fitted[name] * logit for name, logit in logits.items())
    return 1 / (1 + math.exp(-min(max(value, -12.0), 12.0)))
