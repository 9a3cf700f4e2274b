"""Speed and memory by corpus size, against plain sentence-transformers with FAISS in the same run.

Every size is a collection of runs of real sentences. Both sides embed the first ``POOL`` passages with the model and
are timed on that; the vectors of the other passages are those with noise added, because embedding 100,000 passages
takes an hour and neither memory nor query time depends on where a vector comes from. Each side runs in a process of
its own, so that its peak memory is its own. Ratios are of processor time, which other work disturbs least; run it with
``OMP_NUM_THREADS=1``, because threads that wait for each other count as busy.
"""

from __future__ import annotations

import random
import tempfile
import time
from collections.abc import Callable, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from multiprocessing import get_context
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from eval.bootstrap import SEED
from eval.origin import origin, peak_mb
from eval.types import DataError
from rag.ingest import Source
from rag.types import Encoder, Vectors

if TYPE_CHECKING:
    from rag.assistant import Assistant

POOL = 200  # passages that are really embedded
PER_DOCUMENT = 40  # passages
CHARACTERS = 750  # of a passage; about 170 tokens
QUERIES = 40
TOP = 100


@dataclass(frozen=True, slots=True)
class Plan:
    """``documents`` are lists of passages; ``queries`` are the first words of sentences of the same texts."""

    documents: tuple[tuple[str, ...], ...]
    queries: tuple[str, ...]

    @property
    def passages(self) -> list[str]:
        """All passages in order."""
        return [passage for document in self.documents for passage in document]


def plan(texts: Sequence[str], size: int) -> Plan:
    """``size`` passages of random runs of the texts' own sentences; the same for the same texts and size.

    Raises DataError if there is no sentence to make them of.
    """
    from rag.text import sentences

    pool = [text[a:b].replace("\n", " ") for text in texts for a, b in sentences(text) if 30 < b - a < 400]
    if not pool:
        why = "no text has a sentence of 31 to 399 characters"
        raise DataError("there is nothing to make passages of", why=why, fix="name a data set with documents by --data")
    draw = random.Random(SEED)
    queries = [" ".join(draw.choice(pool).split()[:10]) for _ in range(QUERIES)]
    documents = []
    for _ in range(-(-size // PER_DOCUMENT)):
        passages = []
        for _ in range(PER_DOCUMENT):
            words: list[str] = []
            while sum(map(len, words)) < CHARACTERS:
                words.append(draw.choice(pool))
            passages.append(" ".join(words))
        documents.append(tuple(passages))
    return Plan(tuple(documents), tuple(queries))


class Noisy:
    """Real vectors for the first texts, then the same ones with noise. Counts tokens as the encoder does."""

    def __init__(self, encoder: Encoder, base: Vectors) -> None:
        self.name, self.dim, self.max_tokens = encoder.name, encoder.dim, encoder.max_tokens
        self._count, self._base, self._random = encoder.count_tokens, base, np.random.default_rng(SEED)
        self._counts: dict[str, int] = {}  # of sentences: the same ones come again in many passages

    def count_tokens(self, texts: Sequence[str]) -> list[int]:
        """As the real encoder counts."""
        new = [text for text in dict.fromkeys(texts) if text not in self._counts]
        self._counts.update(zip(new, self._count(new), strict=True))
        return [self._counts[text] for text in texts]

    def encode(self, texts: Sequence[str]) -> Vectors:
        """Noisy copies of real vectors."""
        return noisy(self._base, len(texts), self._random)


def noisy(base: Vectors, count: int, generator: np.random.Generator) -> Vectors:
    """float32 (count, dim), unit rows near random rows of ``base``."""
    rows = base[generator.integers(0, len(base), count)]
    rows = rows + generator.normal(0, 0.03, rows.shape).astype(np.float32)
    return np.asarray(rows / np.linalg.norm(rows, axis=1, keepdims=True), dtype=np.float32)


def _timed(queries: Sequence[str], ask: Callable[[str], object]) -> dict[str, float]:
    """Milliseconds: wall time at the median and 95th percentile, and processor time (all threads) per query."""
    ask(queries[0])
    wall, cpu = [], time.process_time()
    for query in queries:
        started = time.perf_counter()
        ask(query)
        wall.append(1000 * (time.perf_counter() - started))
    spent = 1000 * (time.process_time() - cpu) / len(queries)
    return {**{f"p{p}": round(float(np.percentile(wall, p)), 2) for p in (50, 95)}, "cpu": round(spent, 2)}


def product(task: Plan) -> dict[str, Any]:
    """This product: ingest into a library, search both channels, answer."""
    from rag.assistant import Assistant
    from rag.config import load_settings
    from rag.store import open_library

    with tempfile.TemporaryDirectory() as folder:
        settings = load_settings(index_dir=Path(folder), collection="bench")
        library = open_library(settings, create=True)
        assistant = Assistant(library, settings)
        rate = ingested(task, assistant)
        times = searched(task.queries, assistant)
        memory = peak_mb()  # without the reader, which the plain side does not have
        asked = _timed(task.queries[:10], assistant.ask)
        models = {"encoder": assistant.encoder, "reader": assistant.reader}
        found = {
            "passages": library.stats()["passages"],
            "ingest passages/CPU-s": round(rate, 1),
            **times,
            "peak MiB": memory,
            "ask ms": asked,
            "disk MiB": round(sum(path.stat().st_size for path in settings.folder.iterdir()) / 2**20, 1),
            "precision": {name: getattr(model, "precision", "f32") for name, model in models.items()},
        }
        library.close()
    return found


def ingested(task: Plan, assistant: Assistant) -> float:
    """Fill the library; passages per second of processor time, over those that the model embeds."""
    from rag.ingest import ingest

    library, settings, encoder = assistant.library, assistant.settings, assistant.encoder
    sources = [_source(str(number), document) for number, document in enumerate(task.documents)]
    first = POOL // PER_DOCUMENT
    encoder.encode(["warm"])
    started = time.process_time()
    report = ingest(library, sources[:first], encoder=encoder, settings=settings)
    rate = report.passages / (time.process_time() - started)
    embedded = encoder.encode(task.passages[:POOL])
    ingest(library, sources[first:], encoder=Noisy(encoder, embedded), settings=settings)
    return rate


def searched(queries: Sequence[str], assistant: Assistant) -> dict[str, Any]:
    """The times of a search as a whole and of its parts."""
    from rag.search import search

    library, encoder, depth = assistant.library, assistant.encoder, assistant.settings.depth
    vectors = {query: encoder.encode([query])[0] for query in queries}
    parts: dict[str, Callable[[str], object]] = {
        "encoding the query": lambda query: encoder.encode([query]),
        "dense": lambda query: library.dense(vectors[query], depth),
        "lexical": lambda query: library.lexical(query, depth),
    }
    return {
        "search ms": _timed(queries, lambda query: search(library, encoder, query, depth=depth)),
        "search parts, CPU-ms": {name: _timed(queries, part)["cpu"] for name, part in parts.items()},
    }


def _source(name: str, passages: Sequence[str]) -> Source:
    """A document whose text is made when it is read, so that it is not held beside the plan's."""
    from eval.collection import as_it_stands

    def read() -> bytes:
        return "\n\n".join(passages).encode()

    uri = f"bench:{name}"
    return Source(uri, name, "", read, lambda data: as_it_stands(uri, data, "", data.decode()))


def plain(task: Plan) -> dict[str, Any]:
    """What most people would write: sentence-transformers, a flat FAISS index, the texts in a list."""
    import faiss
    from sentence_transformers import SentenceTransformer

    from rag.models.encoder import shipped_folder

    model = SentenceTransformer(str(shipped_folder()), device="cpu")
    passages = task.passages
    model.encode(["warm"])
    started = time.process_time()
    embedded = model.encode(passages[:POOL], normalize_embeddings=True, show_progress_bar=False)
    index = faiss.IndexFlatIP(embedded.shape[1])
    index.add(embedded)
    rate = min(POOL, len(passages)) / (time.process_time() - started)
    if len(passages) > POOL:
        index.add(noisy(embedded, len(passages) - POOL, np.random.default_rng(SEED)))

    def ask(query: str) -> list[str]:
        vector = model.encode([query], normalize_embeddings=True, show_progress_bar=False)
        return [passages[number] for number in index.search(vector, TOP)[1][0]]

    return {
        "passages": len(passages),
        "ingest passages/CPU-s": round(rate, 1),
        "search ms": _timed(task.queries, ask),
        "peak MiB": peak_mb(),
    }


def bench(texts: Sequence[str], sizes: Sequence[int]) -> dict[str, Any]:
    """One row per size: both sides, and ours over theirs (above 1 is better for speed, below 1 for the rest)."""
    rows = []
    for size in sizes:
        task = plan(texts, size)
        ours, theirs = _alone(product, task), _alone(plain, task)
        ratios = {
            "ingest passages/CPU-s": ours["ingest passages/CPU-s"] / theirs["ingest passages/CPU-s"],
            "search cpu": ours["search ms"]["cpu"] / theirs["search ms"]["cpu"],
            "peak MiB": ours["peak MiB"] / theirs["peak MiB"],
        }
        rows.append({"ours": ours, "plain": theirs, "ratio": {name: round(r, 2) for name, r in ratios.items()}})
    return {**origin(), "rows": rows}


def _alone(side: Callable[[Plan], dict[str, Any]], task: Plan) -> dict[str, Any]:
    with ProcessPoolExecutor(1, mp_context=get_context("spawn")) as pool:
        return pool.submit(side, task).result()
