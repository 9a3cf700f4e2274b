"""What searching in the spelling of the sources brings: ``python -m eval.spelling --data DIR --out DIR``.

Of each source at most 6,000 questions are asked against all of its passages. Ranked are only those with an answer and a
word that ``rag.spelling`` changes, as typed and as changed: recall@1, recall@10 and MRR@10 of the passage they were
written for, by the fused scores of the first stage.
"""

from __future__ import annotations

import argparse
import random
from collections.abc import Sequence
from pathlib import Path

import numpy as np

from eval.reader_dev import Collection, Words
from rag.models.encoder import load_encoder
from rag.models.reader_data import Row, load_rows
from rag.spelling import respelt

MOST = 6000


def ranks(collection: Collection, questions: Sequence[str], golds: Sequence[int]) -> list[float]:
    """The place of each gold passage in the fused order, from 1 on; infinite where it was not retrieved."""
    found = []
    for question, gold in zip(questions, golds, strict=True):
        order = [number for number, *_ in collection.candidates(question)]
        found.append(order.index(gold) + 1.0 if gold in order else np.inf)
    return found


def main() -> None:
    """The command line."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("--data", type=Path, default=Path("../shared/data"))
    parser.add_argument("--out", type=Path, required=True, help="where vectors are kept")
    parser.add_argument("--sources", default="squad2,qamr,qed,squadshifts-wiki")
    options = parser.parse_args()
    options.out.mkdir(parents=True, exist_ok=True)
    rows = load_rows(options.data)
    for source in options.sources.split(","):
        report(source, [row for row in rows if row.source == source], options.out)


def report(source: str, rows: Sequence[Row], out: Path) -> None:
    """Prints the counts and figures of one source."""
    encoder, texts = load_encoder(), list(dict.fromkeys(row.context for row in rows))
    known, collection = Words(texts), Collection(texts, [""] * len(texts), encoder, out)
    asked = random.Random(1).sample(rows, min(MOST, len(rows)))
    meant = [respelt(known, encoder, row.question)[0] for row in asked]
    changed = [(row, new) for row, new in zip(asked, meant, strict=True) if new != row.question]
    answered = [(row, new) for row, new in changed if row.spans]
    golds = [texts.index(row.context) for row, _ in answered]
    print(f"{source}: {len(asked)} questions, {len(changed)} changed, {len(answered)} of them with an answer")
    typed = [row.question for row, _ in answered]
    for name, questions in (("as typed", typed), ("as changed", [new for _, new in answered])):
        places = np.array(ranks(collection, questions, golds))
        first, ten, mrr = places <= 1, places <= 10, np.where(places <= 10, 1 / places, 0.0)
        print(f"   {name:10} recall@1 {first.mean():.3f}, recall@10 {ten.mean():.3f}, MRR@10 {mrr.mean():.3f}")


if __name__ == "__main__":
    main()
