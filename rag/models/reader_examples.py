"""Training items as wordpieces with target positions, and batches of groups of similar length."""

from __future__ import annotations

import random
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Any

from rag.models.reader_net import Encoded, encode_pairs
from rag.models.reader_rounds import Item

TOKENS = 4096  # padded wordpieces in a batch
LENGTH = 320  # wordpieces of a training pair
MASKED = 0.04  # share of a passage's wordpieces outside the answer that are hidden in training


@dataclass(frozen=True, slots=True)
class Example:
    """An item as wordpieces with target positions.

    ``starts`` and ``ends`` are (0,) where the passage has no answer, () where that is not judged.
    """

    encoded: Encoded
    starts: tuple[int, ...]
    ends: tuple[int, ...]
    relevant: int


def examples(groups: Sequence[Sequence[Item]], tokenizer: Any, rng: random.Random | None = None) -> list[list[Example]]:
    """The groups as wordpieces, some of which ``rng`` masks. A positive cut off takes its group along."""
    out = []
    for group in groups:
        made = [_example(item, tokenizer) for item in group]
        if made[0] is not None:
            out.append([_masked(example, tokenizer, rng) for example in made if example is not None])
    return out


def _masked(example: Example, tokenizer: Any, rng: random.Random | None) -> Example:
    if rng is None:
        return example
    first, last = (min(example.starts), max(example.ends)) if example.starts else (0, 0)
    ids = list(example.encoded.ids)
    for i, (start, end) in enumerate(example.encoded.offsets):
        if end > start and not first <= i <= last and rng.random() < MASKED:
            ids[i] = tokenizer.token_to_id("[MASK]")
    return replace(example, encoded=replace(example.encoded, ids=ids))


def _example(item: Item, tokenizer: Any) -> Example | None:
    encoded = encode_pairs(tokenizer, item.question, [item.passage], length=LENGTH, stride=0)[0][0]
    if item.spans is None:
        return Example(encoded, (), (), item.relevant)
    if not item.spans:
        return Example(encoded, (0,), (0,), item.relevant)
    starts, ends = [], []
    for start, end in item.spans:
        inside = [i for i, (a, b) in enumerate(encoded.offsets) if b > a and a < end and b > start]
        if item.evidence:
            starts += inside
            ends += inside
        elif inside and encoded.offsets[inside[-1]][1] >= end:
            starts.append(inside[0])
            ends.append(inside[-1])
    return Example(encoded, tuple(starts), tuple(ends), item.relevant) if starts else None


def batches(
    groups: list[list[Example]], rng: random.Random, *, pool: int = 2000, tokens: int = TOKENS
) -> Iterator[list[list[Example]]]:
    """Groups of similar length together, at most ``tokens`` padded wordpieces each, in random order."""
    made: list[list[list[Example]]] = []
    for begin in range(0, len(groups), pool):
        part = sorted(groups[begin : begin + pool], key=_longest)
        batch: list[list[Example]] = []
        for group in part:
            rows = sum(map(len, batch)) + len(group)
            if batch and rows * width_of([group]) > tokens:
                made.append(batch)
                batch = []
            batch.append(group)
        made.append(batch)
    rng.shuffle(made)
    yield from made


def width_of(batch: Sequence[Sequence[Example]]) -> int:
    """Wordpieces that every pair of the batch is padded to: a multiple of 32, so that few shapes occur."""
    return -(-max(map(_longest, batch)) // 32) * 32


def _longest(group: Sequence[Example]) -> int:
    return max(len(example.encoded.ids) for example in group)
