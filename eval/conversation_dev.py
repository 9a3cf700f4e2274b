"""How much of the gap between a follow-up as typed and a person's rewrite is closed, on TREC CAsT 2021.

``python -m eval.conversation_dev --data DIR [--others 3500] [--shown gold|found|none] [--json FILE]``

Collection: the gold passage of every turn and ``--others`` passages of the reading data, drawn with a fixed seed; one
document per passage, the product's own store, encoder and fused search. MRR@10 of the gold passage. ``--shown`` says
what a turn's answer showed: the gold passage, the passage that the product itself found first, or nothing.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import random
import statistics
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from eval.collection import WORK
from rag.config import load_settings
from rag.conversation import TermScorer, candidates, pooled, resolve
from rag.lexicon import content, stem, stems
from rag.models.encoder import load_encoder
from rag.models.reader_data import read_lines
from rag.search import search
from rag.store import Library, SourceState, open_library, writing
from rag.types import Answer, Document, Encoder, Hit, Passage, Quote, Resolution, Turn

DEPTH = 100
Talk = list[dict[str, str]]  # turns with "question", "rewrite", "passage"
Ask = Callable[[str, Sequence[Turn], str], Resolution]  # (question, turns before, the person's rewrite)
Variant = tuple[str, Ask, bool]  # name, and whether all candidate queries are pooled or only the first is searched


def passages(talks: Sequence[Talk], data: Path, others: int) -> list[str]:
    """Every gold passage once, then ``others`` contexts of the reading data, the same ones every time."""
    gold = list(dict.fromkeys(turn["passage"] for talk in talks for turn in talk))
    contexts = {row["context"] for row in read_lines(data / "reader_train.jsonl.gz") if row["source"] != "qamr"}
    rest = sorted(contexts - set(gold))
    random.Random(0).shuffle(rest)
    return gold + rest[:others]


@dataclass
class Bench:
    """The library, and which passage of it holds which text."""

    library: Library
    encoder: Encoder
    numbers: dict[str, int]
    texts: dict[int, str]
    cache: dict[str, list[Hit]]

    def hits(self, query: str) -> list[Hit]:
        """What the product's search finds."""
        if query not in self.cache:
            self.cache[query] = search(self.library, self.encoder, query, depth=DEPTH)
        return self.cache[query]

    def ranked(self, resolution: Resolution, question: str, *, pool: bool) -> list[int]:
        """Passage ids, best first, at most ten; a question that would not be searched is searched as typed."""
        queries = candidates(resolution) or (question,)
        found = pooled([self.hits(query) for query in queries]) if pool else self.hits(queries[0])
        return [hit.passage_id for hit in found[:10]]


def bench(texts: Sequence[str], folder: Path) -> Bench:
    """A library of the texts under ``folder``, made once for these texts."""
    key = hashlib.sha256("\0".join(texts).encode()).hexdigest()[:12]
    settings, encoder = load_settings(index_dir=folder, collection=f"cast-{key}"), load_encoder()
    library = open_library(settings, create=True)
    numbers = {text: number for number, text in enumerate(texts, start=1)}
    if library.stats()["passages"] < len(numbers):
        vectors = encoder.encode(list(numbers))
        with writing(library) as writer:
            writer.pin(encoder.name, encoder.dim)
            for (text, number), vector in zip(numbers.items(), vectors, strict=True):
                uri = f"cast:{number}"
                document = Document(uri, uri, "", text, hashlib.sha256(text.encode()).hexdigest())
                writer.put(SourceState(uri, "", ""), [(document, [Passage(number, uri, 0, len(text))], vector[None])])
    return Bench(library, encoder, numbers, {number: text for text, number in numbers.items()}, {})


def quote(text: str) -> Quote:
    """A passage as the quote that was shown."""
    uri = f"shown:{hashlib.sha256(text.encode()).hexdigest()[:12]}"
    return Quote(1, text, uri, "", 0, len(text), uri, "", 0)


def reciprocals(talk: Talk, variant: Variant, made: Bench, shown: str) -> list[float]:
    """1 / rank of the gold passage for every turn, 0 beyond rank 10; the answers before show what ``shown`` says."""
    _, ask, pool = variant
    turns: list[Turn] = []
    out = []
    for turn in talk:
        resolution = ask(turn["question"], turns, turn["rewrite"])
        ranked, gold = made.ranked(resolution, turn["question"], pool=pool), made.numbers[turn["passage"]]
        out.append(1 / (1 + ranked.index(gold)) if gold in ranked else 0.0)
        text = {"gold": turn["passage"], "found": made.texts[ranked[0]] if ranked else "", "none": ""}[shown]
        turns.append(Turn(turn["question"], resolution, Answer("answered", "", (quote(text),) if text else ())))
    return out


def as_is(query: str) -> Resolution:
    """A query that is searched as it stands."""
    return Resolution("raw", query, "")


def resolved(terms: TermScorer | None) -> Ask:
    """The product's resolver. Filters have no effect here, since a document is one passage."""
    return lambda question, turns, _: resolve(question, turns, terms=terms)


def hqe(library: Library) -> Ask:
    """Historical query expansion (Lin et al. 2021): a word's importance is the BM25 score of the passage it finds best.

    Words above 4.5 are carried from the whole talk, words above 3.5 from the last three questions if the question
    itself is ambiguous (its own best BM25 is below 12).
    """
    best: dict[str, float] = {}

    def importance(query: str) -> float:
        if query not in best:
            best[query] = max((score for _, score in library.lexical(query, 1)), default=0.0)
        return best[query]

    def ask(question: str, turns: Sequence[Turn], _: str) -> Resolution:
        have, added = stems(question), []
        ambiguous = importance(question) < 12
        for age, turn in enumerate(reversed(turns)):
            for start, end in content(turn.question):
                word = turn.question[start:end]
                floor = 3.5 if ambiguous and age < 3 else 4.5
                if stem(word) not in have and importance(word) >= floor:
                    have.add(stem(word))
                    added.append(word)
        return as_is(" ".join([question, *added]))

    return ask


def glued(pick: Callable[[list[str]], list[str]]) -> Ask:
    """Earlier questions put in front of the question."""
    return lambda question, turns, _: as_is(" ".join([*pick([turn.question for turn in turns]), question]))


def table(talks: Sequence[Talk], compared: Sequence[Variant], made: Bench, shown: str) -> list[dict[str, Any]]:
    """One row per variant: MRR@10 on follow-ups, on those a person left unchanged, on first turns; share of the gap."""
    rows: list[dict[str, Any]] = []
    for variant in compared:
        values: dict[str, list[float]] = {"follow-up": [], "unchanged": [], "first": []}
        for talk in talks:
            for number, (turn, value) in enumerate(zip(talk, reciprocals(talk, variant, made, shown), strict=True)):
                values["follow-up" if number else "first"].append(value)
                if number and turn["question"].strip() == turn["rewrite"].strip():
                    values["unchanged"].append(value)
        rows.append({"variant": variant[0], **{key: sum(items) / len(items) for key, items in values.items()}})
    low, high = rows[0]["follow-up"], rows[1]["follow-up"]
    return [{**row, "share": (row["follow-up"] - low) / (high - low)} for row in rows]


def variants(library: Library, terms: TermScorer | None) -> list[Variant]:
    """What is compared; the first two are the ends of the gap."""
    rows: list[Variant] = [
        ("as typed", lambda question, turns, rewrite: as_is(question), False),
        ("a person's rewrite", lambda question, turns, rewrite: as_is(rewrite), False),
        ("previous question glued on", glued(lambda before: before[-1:]), False),
        ("first question glued on", glued(lambda before: before[:1]), False),
        ("all questions glued on", glued(lambda before: before), False),
        ("term scoring by BM25 (HQE)", hqe(library), False),
        ("rules, one query", resolved(None), False),
        ("rules, queries pooled", resolved(None), True),
    ]
    if terms is not None:
        rows += [("learned terms, one query", resolved(terms), False)]
        rows += [("learned terms, queries pooled (shipped)", resolved(terms), True)]
    return rows


def long_history() -> float:
    """Median CPU milliseconds of the rules for a question after 200 turns that each showed a quote."""
    asked = "What does the Qiming programme of the ministry offer to scientists who return to Shenzhen?"
    shown = Answer("answered", "", (quote("The Qiming programme offers home subsidies and signing bonuses. " * 10),))
    past = [Turn(f"{asked} {number}", Resolution("carried", asked, ""), shown) for number in range(200)]
    times = []
    for _ in range(21):
        begun = time.process_time()
        resolve("Who runs it and why is it so?", past)
        times.append(time.process_time() - begun)
    return statistics.median(times) * 1000


def main() -> None:
    """The command line."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", type=Path, required=True, help="folder with conversations_dev and reader_train")
    parser.add_argument("--index", type=Path, default=WORK.expanduser())
    parser.add_argument("--others", type=int, default=3500)
    parser.add_argument("--shown", choices=("gold", "found", "none"), default="gold")
    parser.add_argument("--terms", type=Path, help="folder of a term classifier; default: the shipped one")
    parser.add_argument("--json", type=Path)
    args = parser.parse_args()
    from rag.models.terms import WEIGHTS, load_terms

    kept = read_lines(args.data / "conversations_dev.jsonl.gz")
    talks = [row["turns"] for row in kept if row["source"] == "cast2021"]
    made = bench(passages(talks, args.data, args.others), args.index)
    terms = load_terms(folder=args.terms or WEIGHTS) if (args.terms or WEIGHTS / "terms.json").exists() else None
    rows = table(talks, variants(made.library, terms), made, args.shown)
    print("| variant | follow-ups | share of the gap | unchanged follow-ups | first turns |\n|---|--:|--:|--:|--:|")
    for row in rows:
        print(
            f"| {row['variant']} | {row['follow-up']:.3f} | {row['share']:.2f} | {row['unchanged']:.3f} "
            f"| {row['first']:.3f} |"
        )
    print(f"\nrules after 200 turns: {long_history():.1f} CPU-ms")
    if args.json:
        args.json.write_text(json.dumps(rows, indent=1) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
