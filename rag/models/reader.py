"""The reader: how relevant is a passage to a question, where is the answer, which sentences are evidence?

One small cross-encoder (``reader_net``) exported once and run like the encoder. Passages are read independently of each
other; long ones in overlapping windows whose results are merged.
"""

from __future__ import annotations

import functools
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from rag.config import CACHE
from rag.errors import ModelError
from rag.models.card import verified
from rag.models.decode import Seen, decode, merged
from rag.models.encoder import load_tokenizer, shipped_folder
from rag.models.reader_net import Encoded, arrays, encode_pairs, network
from rag.models.rows import Hint, cells, hint, items
from rag.models.runtime import Outputs, export_onnx, load_graph, padded
from rag.types import Calibration, Reader, Reading

SHIPPED = "pullquote-reader"
WEIGHTS = Path(__file__).with_name("weights")
LENGTH, STRIDE = 384, 128  # wordpieces of a window, and how many two windows share
_ROWS = 16  # pairs in one call of the graph
_BRIEF = 0.25  # chosen on half of the gold questions: it was taught by reviews and stories too, whose answers are long


def load_reader(name: str = SHIPPED, *, cache_dir: Path = CACHE) -> Reader:
    """The shipped reader, or another: a folder with one of ours (``reader.json`` beside ``reader.safetensors``), or an
    extractive question-answering model of transformers by its folder or its name in the local cache.

    Raises :class:`ModelError` if its files are missing, changed, or calibrated for other weights.
    """
    if name != SHIPPED and not (Path(name) / "reader.json").exists():
        from rag.models.foreign import ForeignReader

        return ForeignReader(name)
    return _loaded(WEIGHTS if name == SHIPPED else Path(name), name, cache_dir)


def folder_of(name: str) -> Path:
    """Where a reader of ours lies. Raises :class:`ModelError` for one that is not."""
    folder = WEIGHTS if name == SHIPPED else Path(name)
    if not (folder / "reader.json").exists():
        raise ModelError(f"{name!r} cannot be trained further", why="it is no reader of ours", fix=f"use {SHIPPED!r}")
    return folder


@functools.lru_cache(maxsize=2)
def _loaded(folder: Path, name: str, cache_dir: Path) -> Reader:
    return GraphReader(folder, read_card(folder), name=name, cache_dir=cache_dir)


def read_card(folder: Path = WEIGHTS, *, bound: bool = True) -> dict[str, Any]:
    """``reader.json``: configuration, output scaling, calibration; if they are ``bound`` to the weights beside it."""
    fields = ("config", "outputs", "calibration", *(("calibrated_for",) if bound else ()))
    fix = f"set reader to {SHIPPED!r} or to a folder of a reader; for your own weights pullquote calibrate-reader"
    return verified(folder, "reader", "reader", fields=fields, fix=fix, bound=bound)


class GraphReader:
    """Weights as a compiled graph: wordpieces in, logits out. ``card`` is described at :func:`read_card`."""

    def __init__(self, folder: Path, card: Mapping[str, Any], *, name: str, cache_dir: Path) -> None:
        self.name = name
        self.calibration = Calibration(**card["calibration"])
        self._outputs: Mapping[str, Mapping[str, float]] = card["outputs"]
        self._tokenizer = load_tokenizer(shipped_folder())
        pairs = [encode_pairs(self._tokenizer, text[:40], [text], length=128, stride=0)[0][0] for text in _SAMPLE]
        self._graph = load_graph(
            f"{SHIPPED}-{card['sha256'][:12]}-v2",
            cache_dir=cache_dir,
            export=functools.partial(_export, folder, card["config"]),
            sample=arrays(pairs, 128),
            agree=_agree,
            rounded=True,
        )
        self.precision = self._graph.precision

    def read(self, question: str, texts: Sequence[str]) -> list[Reading]:
        """One reading per text, in the order given; an empty text has nothing to say."""
        seen = self.logits(question, texts)
        return [merged(text, windows, self._outputs) for text, windows in zip(texts, seen, strict=True)]

    def logits(self, question: str, texts: Sequence[str]) -> list[list[Seen]]:
        """What the network says before calibration, per text and window."""
        windows = encode_pairs(self._tokenizer, question, texts, length=LENGTH, stride=STRIDE) if texts else []
        tables = [(cells(text), items(text)) for text in texts]
        hints = [
            hint(question, table, listed, window.offsets) if table or listed else None
            for (table, listed), passage in zip(tables, windows, strict=True)
            for window in passage
        ]
        seen = iter(self._run([window for passage in windows for window in passage], hints))
        return [[next(seen) for _ in passage] for passage in windows]

    def _run(self, windows: Sequence[Encoded], hints: Sequence[Hint | None]) -> list[Seen]:
        """Windows share a call only with their own width.

        subtle: so a passage's padding, and with it every rounding, is the same whatever else is read.
        """
        out: dict[int, Seen] = {}
        by_width: dict[int, list[int]] = {}
        for k, window in enumerate(windows):
            by_width.setdefault(padded(len(window.ids)), []).append(k)
        for width, numbers in sorted(by_width.items()):
            for begin in range(0, len(numbers), _ROWS):
                part = numbers[begin : begin + _ROWS]
                scores, start, end = self._graph(arrays([windows[k] for k in part], width))
                for row, k in enumerate(part):
                    window, logits = windows[k], (start[row], end[row])
                    marked = decode(*logits, window.offsets, window.words, brief=_BRIEF, hint=hints[k])
                    out[k] = Seen(float(scores[row, 0]), float(scores[row, 1]), marked)
        return [out[k] for k in range(len(windows))]


def _export(folder: Path, config: dict[str, Any], path: Path) -> None:
    from safetensors.torch import load_file

    net = network(config)
    net.load_state_dict({name: value.float() for name, value in load_file(folder / "reader.safetensors").items()})
    pair = Encoded([101, 2000, 102, 3000, 3001, 102], [0, 0, 0, 1, 1, 1], [], [])
    export_onnx(net, arrays([pair, pair], 8), ["scores", "start", "end"], path)


def _agree(exact: Outputs, fast: Outputs) -> bool:
    """Probabilities move little, and the likeliest first word of the answer is almost always the same."""
    moved = np.abs(1 / (1 + np.exp(-exact[0])) - 1 / (1 + np.exp(-fast[0]))).max()
    same = (exact[1].argmax(1) == fast[1].argmax(1)).mean()
    return bool(moved < 0.05 and same >= 0.9)


_SAMPLE = [
    "The ministry said the programme offers home subsidies and signing bonuses of three to five million yuan.",
    "On 7 October 2022 the rules were widened to advanced chips and to the tools that make them; firms had weeks to "
    "comply, and analysts expected exports of lithography machines to fall within the year.",
    "Reciprocating engines drove pumps long before turbines did, and the town council bought its first one in 1871.",
    "Nobody knew who had opened the gate. The gardener blamed the wind; the children said nothing at all.",
] * 4
