"""Which weight of the dense channel? `python -m eval.fusion DATA_FOLDER` on development collections of two kinds.

Encyclopedia paragraphs (squad2_dev, answerable questions) and single news sentences (QAMR). Prints recall@1,
recall@10 and nDCG@10 of each channel, of reciprocal-rank fusion (Cormack et al. 2009, k = 60) and of the product's
fusion for several weights. SciFact is not looked at here: it is reported on.
"""

from __future__ import annotations

import argparse
import functools
import random
from collections.abc import Callable
from pathlib import Path

from eval.collection import WORK, collect
from eval.ranking import evaluate
from eval.types import Dataset, Question, Ranking, SourceText
from rag.config import load_settings
from rag.models.reader_data import read_lines
from rag.search import fuse, search

QUESTIONS = 700
WEIGHTS = (0.3, 0.4, 0.5, 0.6, 0.7)
Scores = dict[int, float]
Fusion = Callable[[Scores, Scores], Scores]


def development_sets(folder: Path) -> list[Dataset]:
    """Both collections, with the same sample of questions at every run."""
    rows = {name: read_lines(folder / f"{name}.jsonl.gz") for name in ("squad2_dev", "reader_train")}
    squad = [
        (row["question"], row["context"], row["title"].replace("_", " "))
        for row in rows["squad2_dev"]
        if row["answers"]
    ]
    news = [(row["question"], row["context"], "") for row in rows["reader_train"] if row["source"] == "qamr"]
    return [_dataset("encyclopedia", squad), _dataset("news sentences", news)]


def _dataset(name: str, triples: list[tuple[str, str, str]]) -> Dataset:
    ids = {context: f"c{number}" for number, context in enumerate(dict.fromkeys(context for _, context, _ in triples))}
    titles = {context: title for _, context, title in triples}
    documents = tuple(SourceText(number, context, titles[context]) for context, number in ids.items())
    drawn = random.Random(0).sample(triples, min(QUESTIONS, len(triples)))
    questions = tuple(
        Question(f"q{number}", question, relevant={ids[context]: 1})
        for number, (question, context, _) in enumerate(drawn)
    )
    return Dataset(name, "fusion", questions, documents)


def reciprocal_rank(dense: Scores, lexical: Scores) -> Scores:
    """1 / (60 + rank), summed over the channels; one that did not find a passage has 0 for it and adds nothing."""
    scores = dict.fromkeys(dense, 0.0)
    for part in (dense, lexical):
        found = sorted((i for i in part if part[i]), key=lambda i: (-part[i], i))
        for place, i in enumerate(found, 1):
            scores[i] += 1 / (60 + place)
    return scores


FUSIONS: dict[str, Fusion] = {
    "dense": lambda dense, lexical: dense,
    "BM25": lambda dense, lexical: lexical,
    "reciprocal rank": reciprocal_rank,
    **{f"weight {weight}": functools.partial(fuse, weight=weight) for weight in WEIGHTS},
}


def main() -> None:
    """Print a table per collection."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("data", type=Path, help="folder with squad2_dev.jsonl.gz and reader_train.jsonl.gz")
    for dataset in development_sets(parser.parse_args().data):
        made = collect(dataset, load_settings(), work=WORK)
        runs: dict[str, dict[str, Ranking]] = {name: {} for name in FUSIONS}
        for question in dataset.questions:
            hits = search(made.library, made.assistant.encoder, question.question, depth=100)
            owners = made.library.owners([hit.passage_id for hit in hits])
            dense = {hit.passage_id: hit.dense or 0.0 for hit in hits}
            lexical = {hit.passage_id: hit.lexical or 0.0 for hit in hits}
            for name, fusion in FUSIONS.items():
                best: dict[str, float] = {}
                for i, score in fusion(dense, lexical).items():
                    for owner in owners[i]:
                        document = made.names.of[owner.id]
                        best[document] = max(score, best.get(document, -1.0))
                runs[name][question.id] = tuple(sorted(best.items(), key=lambda pair: (-pair[1], pair[0])))
        print(f"\n{dataset.name}: {len(dataset.documents)} documents, {len(dataset.questions)} questions")
        for name, run in runs.items():
            values = evaluate(dataset.questions, run)
            means = [sum(values[m].values()) / len(run) for m in ("recall@1", "recall@10", "nDCG@10")]
            print(f"  {name:16} recall@1 {means[0]:.3f}  recall@10 {means[1]:.3f}  nDCG@10 {means[2]:.3f}")


if __name__ == "__main__":
    main()
