"""How long reading 16 passages takes, in each precision: ``python -m eval.reading [--data DIR] [--questions N]``.

Questions of SQuAD 2.0 with 16 of its paragraphs each (about 840 characters); the precisions take turns on the same
passages, several times over. Two figures for each: the median over the questions of all readings, and that of each
question's fastest, which says what the processor can do where others use it too (as ``timeit`` has it). Beside them:
how far the logits of relevance and answerable are from float32 (root mean square), and how often the likeliest first
word of the answer is the same.
"""

from __future__ import annotations

import argparse
import itertools
import random
import statistics
import time
from collections.abc import Mapping, Sequence
from pathlib import Path

import numpy as np

from rag.config import CACHE
from rag.models.encoder import load_tokenizer, shipped_folder
from rag.models.reader import LENGTH, SHIPPED, STRIDE, load_reader, read_card
from rag.models.reader_data import load_rows
from rag.models.reader_net import Encoded, arrays, encode_pairs
from rag.models.runtime import Arrays, Graph, Outputs, compiled, padded

PASSAGES = 16
PRECISIONS = ("f32", "bf16", "int8")


def graphs(cache_dir: Path) -> dict[str, Graph]:
    """The shipped reader in every precision that this CPU has."""
    import openvino

    load_reader(cache_dir=cache_dir).read("Ready?", ["Ready."])  # exports the graph where it is missing
    core = openvino.Core()
    (folder,) = cache_dir.expanduser().glob(f"{SHIPPED}-{read_card()['sha256'][:12]}-*")
    model = core.read_model(folder / "graph.onnx")
    able = "BF16" in core.get_property("CPU", "OPTIMIZATION_CAPABILITIES")
    return {name: Graph(compiled(core, model, name), name) for name in PRECISIONS if able or name != "bf16"}


def batches(question: str, passages: Sequence[str]) -> list[Arrays]:
    """What the network reads for a question, a batch for each width, as :class:`rag.models.reader.GraphReader` does."""
    by_width: dict[int, list[Encoded]] = {}
    for windows in encode_pairs(load_tokenizer(shipped_folder()), question, passages, length=LENGTH, stride=STRIDE):
        for window in windows:
            by_width.setdefault(padded(len(window.ids)), []).append(window)
    return [arrays(rows, width) for width, rows in sorted(by_width.items())]


def compare(found: Mapping[str, Sequence[Outputs]], name: str) -> tuple[float, float]:
    """The root mean square of what the two logits of a passage differ by from float32, and the share of passages
    with the same likeliest first word."""
    pairs = list(zip(found["f32"], found[name], strict=True))
    moved = np.concatenate([(exact[0] - other[0]).ravel() for exact, other in pairs])
    same = np.concatenate([exact[1].argmax(1) == other[1].argmax(1) for exact, other in pairs])
    return float(np.sqrt((moved**2).mean())), float(same.mean())


def main() -> None:
    """The command line."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("--data", type=Path, default=Path("../shared/data"))
    parser.add_argument("--questions", type=int, default=40)
    parser.add_argument("--repeats", type=int, default=5, help="how often each question is read (default: 5)")
    parser.add_argument("--cache-dir", type=Path, default=CACHE)
    options = parser.parse_args()
    rng = random.Random(5)
    rows = [row for row in load_rows(options.data) if row.source == "squad2" and row.spans]
    contexts = list(dict.fromkeys(row.context for row in rows))
    able = graphs(options.cache_dir)
    seconds: dict[str, list[list[float]]] = {name: [] for name in able}  # of a question, one for each repeat
    found: dict[str, list[Outputs]] = {name: [] for name in able}
    for row in rng.sample(rows, options.questions):
        asked = batches(row.question, rng.sample(contexts, PASSAGES))
        for name in able:
            seconds[name].append([])
        for name in [name for _ in range(options.repeats) for name in rng.sample(list(able), len(able))]:
            begin = time.perf_counter()
            outputs = [able[name](each) for each in asked]
            seconds[name][-1].append(time.perf_counter() - begin)
            if len(seconds[name][-1]) == 1:
                found[name] += outputs
    for name, taken in seconds.items():
        every, fastest = (statistics.median(part) * 1e3 for part in (itertools.chain(*taken), map(min, taken)))
        moved, same = compare(found, name)
        print(f"{name}: p50 {every:.0f} ms, fastest of {options.repeats} {fastest:.0f} ms", end="; ")
        print(f"logits {moved:.3f}, first word {same:.3f}")


if __name__ == "__main__":
    main()
