"""Ask every question of a data set, in order, and keep what came back."""

from __future__ import annotations

import random
from collections.abc import Callable, Sequence
from dataclasses import replace

from eval.bootstrap import SEED
from eval.product import Product
from eval.types import Dataset, Prediction, Question
from rag.errors import RagError
from rag.types import Turn

Progress = Callable[[int, int], None]  # (done, all)


def sample(dataset: Dataset, limit: int | None) -> Dataset:
    """At most ``limit`` questions, or the first conversation drawn if it is longer: conversations stay whole.

    Drawn with a fixed seed and kept in order.
    """
    if limit is None or limit >= len(dataset.questions):
        return dataset
    groups: dict[str, list[Question]] = {}
    for question in dataset.questions:
        groups.setdefault(f"c:{question.conversation}" if question.conversation else f"q:{question.id}", []).append(
            question
        )
    order = list(groups)
    random.Random(SEED).shuffle(order)
    kept: set[str] = set()
    for name in order:
        ids = {question.id for question in groups[name]}
        if len(kept) + len(ids) <= limit or not kept:
            kept |= ids
    return replace(dataset, questions=tuple(q for q in dataset.questions if q.id in kept))


def predict(
    product: Product, questions: Sequence[Question], *, read: bool = True, progress: Progress | None = None
) -> tuple[dict[str, Prediction], list[str]]:
    """Question id -> prediction, and one line per question that failed (it counts as not found).

    The history of a turn is what the product made of the turns before it.
    """
    found: dict[str, Prediction] = {}
    errors: list[str] = []
    turns: list[Turn] = []
    conversation = ""
    for done, question in enumerate(questions):
        if progress:
            progress(done, len(questions))
        if question.conversation != conversation or not conversation:
            turns, conversation = [], question.conversation
        try:
            if read:
                found[question.id], turn = product.ask(question, tuple(turns))
                turns.append(turn)
            else:
                found[question.id] = product.retrieve(question)
        except RagError as error:
            errors.append(f"question {question.id!r}: {error}")
            found[question.id] = Prediction(
                question.id, question.question, question.question, "not_found", 0.0, None, (), ()
            )
    if progress:
        progress(len(questions), len(questions))
    return found, errors
