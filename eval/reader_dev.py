"""The reader on development data: ``python -m eval.reader_dev read|report|fit --data DIR --weights DIR --out DIR``.

``read`` retrieves and reads (minutes) and keeps every logit in ``OUT/read-SET.jsonl``; ``report`` prints the figures
of them; ``fit`` fits the calibration on them and writes ``WEIGHTS/reader.json``. SciFact is only ever reported on.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import math
import random
import time
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, cast

import numpy as np

from rag.config import Settings
from rag.files import sha256_of
from rag.models.decode import Seen, merged
from rag.models.encoder import load_encoder, shipped_folder
from rag.models.reader import GraphReader
from rag.models.reader_data import STOP, Row, claim, crop, held_out, load_rows, read_lines
from rag.models.reader_mining import lexical_index, lexical_search
from rag.models.reader_rounds import CLAIMS
from rag.quoting import quote_range
from rag.search import fuse, worth_reading
from rag.spelling import respelt
from rag.store.lexicon import terms
from rag.types import Hit

READ: int = Settings.model_fields["read"].default
DEPTH: int = Settings.model_fields["depth"].default
NEUTRAL = {
    "outputs": {
        "relevance": {"bias": 0.0, "relevance": 1.0},
        "answerable": {"bias": 0.0, "head": 0.5, "margin": 0.25},
        "span": {"bias": 0.5, "span": 1.0, "head": 0.5, "margin": 0.0},
    },
    "calibration": {
        "ranking": [1.0, 0.0, 0.0, 0.0],
        "answered": [0.0, 0.0, 1.0, 0.0],
        "related": [0.0, 1.0, 0.0, 0.0],
        "answered_at": {"strict": 0.8, "balanced": 0.5, "eager": 0.3},
        "related_at": {"strict": 0.5, "balanced": 0.3, "eager": 0.1},
    },
}


@dataclass(frozen=True, slots=True)
class Query:
    """A question against a collection. ``gold`` passages hold the answer; ``home`` is the article it is about."""

    kind: str  # which figure it belongs to
    question: str
    gold: dict[int, int]  # passage number -> grade
    answers: list[str] = field(default_factory=list)
    home: str = ""
    own: int = -1  # the passage the question was written for (also where it is impossible)


class Words:
    """The words of passages, as ``rag.spelling`` asks a library for them."""

    def __init__(self, texts: Sequence[str]) -> None:
        self.texts, self.index = texts, lexical_index(dict(enumerate(texts)))
        self.counts = Counter(word for text in texts for word in set(terms(text)))

    def has_word(self, word: str) -> bool:
        """In any form."""
        return bool(lexical_search(self.index, word, 1)) or word in STOP

    def words_from(self, letter: str) -> list[tuple[str, int]]:
        """Those that begin with ``letter``, and how many passages hold them."""
        return [(word, count) for word, count in sorted(self.counts.items()) if word[0] == letter]

    def lexical(self, query: str, k: int) -> list[tuple[int, float]]:
        """(number, BM25) of the ``k`` best."""
        return lexical_search(self.index, query, k)

    def passage_texts(self, passage_ids: Sequence[int]) -> dict[int, str]:
        """By number."""
        return {number: self.texts[number] for number in passage_ids}


class Collection:
    """Passages with both channels of the first stage."""

    def __init__(self, texts: Sequence[str], homes: Sequence[str], encoder: Any, cache: Path) -> None:
        self.texts, self.homes, self.encoder = texts, homes, encoder
        kept = cache / f"vectors-{hashlib.sha256(chr(0).join(texts).encode()).hexdigest()[:12]}.npy"
        if not kept.exists():
            np.save(kept, encoder.encode(texts))
        self.vectors = np.load(kept)
        self.lexical = lexical_index(dict(enumerate(texts)))

    def candidates(self, question: str, *, without: str = "") -> list[tuple[int, float, float, float]]:
        """(number, cosine, BM25, fused), best fused first; passages of the article ``without`` do not exist."""
        cosine = self.vectors @ self.encoder.encode([question])[0]
        allowed = [i for i in range(len(self.texts)) if not without or self.homes[i] != without]
        dense = {i: float(cosine[i]) for i in sorted(allowed, key=lambda i: (-cosine[i], i))[:DEPTH]}
        lexical = dict(lexical_search(self.lexical, question, DEPTH if not without else 3 * DEPTH))
        lexical = {i: score for i, score in lexical.items() if not without or self.homes[i] != without}
        dense |= {i: float(cosine[i]) for i in lexical}
        fused = fuse(dense, lexical)
        order = sorted(fused, key=lambda i: (-fused[i], i))
        return [(i, dense[i], lexical.get(i, 0.0), fused[i]) for i in order]


def squad(rows: Sequence[Row], most: int, rng: random.Random) -> tuple[list[str], list[str], list[Query]]:
    """All 646 contexts; questions of the never-trained articles, some of them again with their article taken out."""
    mine = [row for row in rows if row.source == "squad2"]
    homes = {row.context: row.group for row in mine}
    texts = list(homes)
    number = {text: i for i, text in enumerate(texts)}
    dev = [row for row in mine if held_out(row.source, row.group)]
    made = []
    for row in rng.sample(dev, min(most, len(dev))):
        kind = "squad2-answerable" if row.spans else "squad2-impossible"
        answers = [row.context[a:b] for a, b in row.spans]
        own = number[row.context]
        gold = {own: 1} if row.spans else {}
        made.append(Query(kind, row.question, gold, answers, row.group, own))
    out = [q for q in made if q.gold][: max(60, most // 6)]
    made += [Query("squad2-removed", q.question, {}, q.answers, q.home) for q in out]
    return texts, list(homes.values()), made


def answerable(rows: Sequence[Row]) -> tuple[list[str], list[str], list[Query]]:
    """Not a sample: every question that the never-trained articles answer, against all 646 contexts."""
    texts, homes, queries = squad(rows, 10**6, random.Random(11))
    return texts, homes, [replace(q, kind="answerable") for q in queries if q.kind == "squad2-answerable"]


def short(rows: Sequence[Row], source: str, most: int, rng: random.Random) -> tuple[list[str], list[str], list[Query]]:
    """Held-out questions of ``source`` against at most 3000 of its contexts."""
    mine = [row for row in rows if row.source == source]
    dev = rng.sample([row for row in mine if held_out(row.source, row.group)], k=min(most, 250))
    others = list(dict.fromkeys(row.context for row in mine))
    texts = list(dict.fromkeys([row.context for row in dev] + rng.sample(others, min(3000, len(others)))))
    number = {text: i for i, text in enumerate(texts)}
    queries = [
        Query(
            source, r.question, {number[r.context]: 1}, [r.context[a:b] for a, b in r.spans], r.group, number[r.context]
        )
        for r in dev
    ]
    return texts, [""] * len(texts), queries


def claims(rows: Sequence[Row], most: int, rng: random.Random) -> tuple[list[str], list[str], list[Query]]:
    """Statements made of held-out rows, against the passages they were made from and at most 3000 others."""
    mine = [row for row in rows if row.source in CLAIMS]
    queries: list[tuple[str, str]] = []
    dev = [row for row in mine if held_out(row.source, row.group) and row.spans]
    for row in rng.sample(dev, len(dev)):
        passage, spans = crop(row, 1300, rng)
        stated = claim(row, passage, spans, rng)
        if stated and stated[1] not in {text for _, text in queries}:
            queries.append(stated)
        if len(queries) == min(most, 250):
            break
    used = {row.context for row in dev}
    others = [text for text in dict.fromkeys(row.context for row in mine) if text not in used]
    texts = [text for _, text in queries] + rng.sample(others, min(3000, len(others)))
    return texts, [""] * len(texts), [Query("claims", each, {k: 1}, own=k) for k, (each, _) in enumerate(queries)]


def scifact(data: Path, most: int) -> tuple[list[str], list[str], list[Query]]:
    """BEIR's test split."""
    docs = {d["_id"]: f"{d['title']}. {d['text']}" for d in read_lines(data / "scifact" / "corpus.jsonl.gz")}
    number = {name: i for i, name in enumerate(docs)}
    text = (data / "scifact" / "queries.jsonl").read_text(encoding="utf-8")
    asked = {q["_id"]: q["text"] for q in map(json.loads, text.splitlines())}
    grades: dict[str, dict[int, int]] = {}
    for line in (data / "scifact" / "qrels" / "test.tsv").read_text().splitlines()[1:]:
        query, doc, grade = line.split("\t")
        grades.setdefault(query, {})[number[doc]] = int(grade)
    queries = [Query("scifact", asked[q], gold) for q, gold in sorted(grades.items())][:most]
    return list(docs.values()), [""] * len(docs), queries


def read(name: str, data: Path, reader: GraphReader, encoder: Any, *, most: int, out: Path) -> Iterator[dict[str, Any]]:
    """Every query of a set with its first-stage order and what the reader said about the best READ candidates.

    "gold" reads only the passage each question was written for, for all questions of the never-trained articles.
    """
    rows, rng = load_rows(data), random.Random(11)
    if name == "gold":
        texts, _, queries = squad(rows, 10**6, rng)
        for query in [query for query in queries if query.own >= 0]:
            own = _seen(texts[query.own], reader.logits(query.question, [texts[query.own]])[0])
            kind = query.kind.replace("squad2", "gold")
            yield {
                "kind": kind,
                "question": query.question,
                "answers": query.answers,
                "own": own,
                "golds": 0,
                "seconds": 0.0,
                "candidates": [],
            }
        return
    made = squad(rows, most, rng) if name == "squad2" else answerable(rows) if name == "answerable" else None
    made = made or (claims(rows, most, rng) if name == "claims" else None)
    made = made or (scifact(data, most) if name == "scifact" else short(rows, name, most, rng))
    collection, known = Collection(made[0], made[1], encoder, out), Words(made[0])
    for query in made[2]:
        meant, _ = respelt(known, encoder, query.question)
        record = _read(replace(query, question=meant), collection, reader)
        yield {**record, "question": query.question}  # by its own words it belongs to one half


def _read(query: Query, collection: Collection, reader: GraphReader) -> dict[str, Any]:
    removed = query.home if query.kind == "squad2-removed" else ""
    found = collection.candidates(query.question, without=removed)
    hits = [Hit(i, rank, f, d, b) for rank, (i, d, b, f) in enumerate(found, start=1)]
    read = {hit.passage_id for hit in worth_reading(hits, READ)}
    wanted = list(dict.fromkeys([*read, *([query.own] if query.own >= 0 else [])]))
    texts = [collection.texts[i] for i in wanted]
    begin = time.perf_counter()
    seen = dict(zip(wanted, reader.logits(query.question, texts), strict=True))
    seconds = time.perf_counter() - begin
    again = _again(query.question, {i: (collection.texts[i], seen[i]) for i in read}, reader)
    entries = [
        {"id": i, "dense": d, "lexical": b, "fused": f, "gold": query.gold.get(i, 0),
         "home": collection.homes[i] == query.home, "size": len(collection.texts[i]),
         **({**_seen(collection.texts[i], seen[i]), "again": again[i]} if i in read else {})}
        for i, d, b, f in found
    ]  # fmt: skip
    own = _seen(collection.texts[query.own], seen[query.own]) if query.own >= 0 else None
    return {"kind": query.kind, "question": query.question, "answers": query.answers, "home": query.home, "own": own,
            "golds": len(query.gold), "seconds": seconds, "candidates": entries}  # fmt: skip


def _again(
    question: str, read: Mapping[int, tuple[str, Sequence[Seen]]], reader: GraphReader
) -> dict[int, dict[str, float]]:
    """What the reader says of each passage's quote alone (``rag.reading.read_again``), of all of them: which are the
    best is only known when the ranking is fitted."""
    neutral = cast("dict[str, dict[str, float]]", NEUTRAL["outputs"])
    quotes = [
        text[slice(*quote_range(text, merged(text, windows, neutral).sentences))] for text, windows in read.values()
    ]
    found = zip(read, quotes, reader.logits(question, quotes), strict=True)
    keep = ("head", "margin")
    return {i: {k: v for k, v in _seen(quote, seen).items() if k in keep} for i, quote, seen in found}


def _seen(text: str, windows: Sequence[Seen]) -> dict[str, Any]:
    best = max(windows, key=lambda s: s.window.margin)
    span = best.window.spans[0] if best.window.spans else (0, 0, 0.0)
    return {
        "relevance": max(s.relevance for s in windows),
        "head": max(s.answerable for s in windows),
        "margin": best.window.margin,
        "answer": text[span[0] : span[1]],
        "span": math.log(max(span[2], 1e-6)),
    }


def main() -> None:
    """The command line."""
    from eval.reader_fit import AGREED, fit
    from eval.reader_report import report

    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("command", choices=["read", "report", "fit"])
    parser.add_argument("--data", type=Path, default=Path("../shared/data"))
    parser.add_argument("--weights", type=Path, default=Path("rag/models/weights"))
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--most", type=int, default=1000, help="questions per set, of the others at most 250")
    parser.add_argument("--sets", default="gold,squad2,answerable,qamr,qed,claims,scifact")
    parser.add_argument("--once", action="store_true", help="without the second reading (ablation)")
    parser.add_argument("--agreed", type=float, default=AGREED, help="weight of agreement in a fit (ablation)")
    options = parser.parse_args()
    options.out.mkdir(parents=True, exist_ok=True)
    if options.command == "read":
        config = json.loads((shipped_folder() / "config.json").read_text())
        card = NEUTRAL | {"config": config, "sha256": sha256_of(options.weights / "reader.safetensors")}
        reader = GraphReader(options.weights, card, name="dev", cache_dir=options.out / "cache")
        for name in options.sets.split(","):
            with (options.out / f"read-{name}.jsonl").open("w", encoding="utf-8") as file:
                for record in read(name, options.data, reader, load_encoder(), most=options.most, out=options.out):
                    file.write(json.dumps(record) + "\n")
        return
    records = [json.loads(line) for kept in sorted(options.out.glob("read-*.jsonl")) for line in kept.open()]
    if options.once:
        for candidate in (c for record in records for c in record["candidates"] if "again" in c):
            candidate["again"] = {name: candidate[name] for name in candidate["again"]}
    if options.command == "fit":
        fit(records, options.weights, NEUTRAL, agreed=options.agreed)
    report(records, options.weights, NEUTRAL)


if __name__ == "__main__":
    main()
