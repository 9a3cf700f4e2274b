"""Trains the reader a little further on judged answers of one's own: ``pullquote train-reader``.

A part of the questions is never trained on: what the new weights are worth is measured there, before and after.
"""

from __future__ import annotations

import json
import random
import shutil
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from rag.errors import ModelError
from rag.files import sha256_of
from rag.models.calibrate import Judged
from rag.models.encoder import load_tokenizer, shipped_folder
from rag.models.reader_data import bucket
from rag.models.reader_examples import batches, examples
from rag.models.reader_rounds import Item
from rag.types import Reader

HELD_OUT = 0.3  # share of the questions that is only measured on
FEWEST = 20  # judged answers, below which nothing is learned
EPOCHS = 3
RATES = 2.25e-5, 7.5e-5  # of the body and the heads: 0.15 of those of the first training


@dataclass(frozen=True, slots=True)
class Figures:
    """A reader on judged answers; NaN where there is nothing to measure it on."""

    auroc: float  # the chance that a passage judged right is given a higher probability than one judged wrong
    marked: float  # share of the right ones where the first short answer touches the judged words


def split(rows: Sequence[Judged]) -> tuple[list[Judged], list[Judged]]:
    """To train on, and to measure on: always the same questions. Raises :class:`ModelError` if there are too few."""
    train = [row for row in rows if bucket(row.question) >= HELD_OUT]
    held = [row for row in rows if bucket(row.question) < HELD_OUT]
    if len(rows) < FEWEST or not train or not held:
        raise ModelError(
            f"{len(rows)} judged answers are too few to train on",
            why=f"at least {FEWEST} are needed, so that a part can be kept to measure on",
            fix="judge more answers (right or wrong, beside each quote) and run it again",
        )
    return train, held


def check_folder(out: Path, start: Path) -> None:
    """Makes ``out``. Raises :class:`ModelError` if it is ``start``, which is not trained over, or cannot be made."""
    if out.resolve() == start.resolve():
        raise ModelError(f"{str(out)!r} is the reader that would be trained", fix="give another folder with --out")
    try:
        out.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        fix = "give another folder with --out"
        raise ModelError(f"the folder {str(out)!r} cannot be made", why=str(error.strerror), fix=fix) from None


def tune(rows: Sequence[Judged], start: Path, out: Path, *, progress: Callable[[int, int], None]) -> int:
    """Writes a reader of its own into ``out``: new weights, and the card of ``start`` with their checksum.

    Returns how many of ``rows`` it learned from: not from those whose answer is not in their passage. ``progress`` is
    told (step, of how many). The calibration is the one of ``start``: a few clicks are no basis for a new one. Raises
    :class:`ModelError` as :func:`check_folder` does, or if nothing can be learned from.
    """
    from rag.models.train_reader import Trainer

    check_folder(out, start)
    items = _items(rows)
    if not items:
        why, fix = "their answers are not in their passages", "give answers in the passages' own words"
        raise ModelError("none of the judged answers can be trained on", why=why, fix=fix)
    tokenizer = load_tokenizer(shipped_folder())
    trainer = Trainer(out, start=start / "reader.safetensors", rates=RATES)
    groups = [group for epoch in range(EPOCHS) for group in examples(items, tokenizer, random.Random(epoch))]
    order = list(batches(groups, random.Random(7), pool=len(groups) // EPOCHS + 1, tokens=1024))
    for number, batch in enumerate(order):
        trainer.step(batch, min(1.0, 10 * (number + 1) / len(order)) * (1 - number / len(order)))
        progress(number + 1, len(order))
    trainer.finish()
    (out / "reader-fp32.safetensors").unlink()
    shutil.copyfile(start / "reader.json", out / "reader.json")
    card = json.loads((out / "reader.json").read_text(encoding="utf-8"))
    sha256 = sha256_of(out / "reader.safetensors")
    card |= {"name": out.name, "sha256": sha256, "calibrated_for": sha256}
    (out / "reader.json").write_text(json.dumps(card, indent=1) + "\n", encoding="utf-8")
    return len(items)


def _items(rows: Sequence[Judged]) -> list[list[Item]]:
    """A passage judged wrong has no answer; whether it is about the question was not asked."""
    out = []
    for row in rows:
        spans = tuple({place: None for text in row.answers for place in _places(row, text)})
        if spans or not row.answers:
            out.append([Item(row.question, row.context, spans, 1 if spans else -1)])
    return out


def _places(row: Judged, text: str) -> list[tuple[int, int]]:
    """Where the judged answer stands: at its offset if that is known, else at its first occurrence."""
    start = row.start if row.context[row.start : row.start + len(text)] == text and row.start >= 0 else -1
    start = start if start >= 0 else row.context.find(text)
    return [(start, start + len(text))] if text and start >= 0 else []


def figures(reader: Reader, rows: Sequence[Judged]) -> Figures:
    """What ``reader`` makes of judged answers that it never saw."""
    readings = [reader.read(row.question, [row.context])[0] for row in rows]
    right = np.array([bool(row.answers) for row in rows], dtype=bool)
    sure = np.array([reading.answerable for reading in readings])
    above = np.sign(sure[right, None] - sure[~right])  # of each right one and each wrong one
    touched = []
    for row, reading in zip(rows, readings, strict=True):
        places = [place for text in row.answers for place in _places(row, text)]
        if places:
            best = reading.spans[0] if reading.spans else None
            touched.append(best is not None and any(best.start < end and start < best.end for start, end in places))
    return Figures(
        auroc=float((above.mean() + 1) / 2) if above.size else float("nan"),
        marked=float(np.mean(touched)) if touched else float("nan"),
    )
