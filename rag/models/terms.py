"""The term classifier: which words of the conversation does this question need? (QuReTeC, Voskarides et al. 2020.)

all-MiniLM-L6-v2 with its embeddings and lower layers as they are (shared with the encoder, not stored again), the upper
layers trained, and one logit per word.
"[CLS] question [SEP] newest question [SEP] ... [SEP] quotes shown [SEP]" goes in.
"""

from __future__ import annotations

import functools
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from rag.config import CACHE
from rag.errors import ModelError
from rag.models.card import verified
from rag.models.encoder import load_tokenizer, shipped_folder
from rag.models.runtime import Outputs, bert_inputs, export_onnx, load_graph, padded
from rag.text import words

WEIGHTS = Path(__file__).with_name("weights")
TRAINED_FROM = 3  # the first layer that is trained; those below are the encoder's
LENGTH = 256  # wordpieces in all
QUESTION, EARLIER, SHOWN = 48, 40, 128  # of the question, of each earlier one, of the quotes


@dataclass(frozen=True, slots=True)
class Input:
    """Wordpieces, and for every text of ``[*history, shown]`` the position of each word's first piece (-1: cut off)."""

    ids: list[int]
    types: list[int]
    places: list[list[int]]


def build(tokenizer: Any, question: str, history: Sequence[str], shown: str) -> Input:
    """The network's input. What does not fit is cut: the middle of the history first, then the end of ``shown``.

    ``history``: the earlier questions, oldest first.
    """
    head = [101, *tokenizer.encode(question, add_special_tokens=False).ids[:QUESTION], 102]
    ids, types = list(head), [0] * len(head)
    tail = tokenizer.encode(shown, add_special_tokens=False)
    room = LENGTH - len(head) - (min(len(tail.ids), SHOWN) + 1 if shown else 0)
    places: list[list[int]] = [[-1] * len(words(text)) for text in [*history, shown]]
    order = list(range(len(history)))[::-1]
    if len(order) > 2:
        order = [order[0], order[-1], *order[1:-1]]  # the newest, the one that began it, then back in time
    kept: dict[int, Any] = {}
    for number in order:
        encoding = tokenizer.encode(history[number], add_special_tokens=False)
        if min(len(encoding.ids), EARLIER) + 1 > room:
            break
        kept[number] = encoding
        room -= min(len(encoding.ids), EARLIER) + 1
    for number in sorted(kept, reverse=True):
        places[number] = _append(ids, kept[number], history[number], EARLIER)
    if shown:
        places[-1] = _append(ids, tail, shown, LENGTH - len(ids) - 1)
    return Input(ids, types + [1] * (len(ids) - len(types)), places)


def _append(ids: list[int], encoding: Any, text: str, most: int) -> list[int]:
    """Adds the pieces and a [SEP]; the positions of the words of ``text``."""
    base = len(ids)
    ids += [*encoding.ids[:most], 102]
    first: dict[int, int] = {}
    for position, (start, end) in enumerate(encoding.offsets[:most]):
        if end > start:
            first.setdefault(start, base + position)
    return [first.get(start, -1) for start, _ in words(text)]


def arrays(inputs: Sequence[Input], width: int) -> dict[str, npt.NDArray[np.int64]]:
    """int64 (n, width) arrays, padded with zeros."""
    return bert_inputs([each.ids for each in inputs], width, [each.types for each in inputs])


def network() -> Any:
    """A torch module ``(input_ids, attention_mask, token_type_ids) -> logits (n, length)``, not yet trained."""
    import torch
    from transformers import AutoModel

    class TermNet(torch.nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.bert = AutoModel.from_pretrained(
                shipped_folder(), attn_implementation="eager", local_files_only=True,
                hidden_dropout_prob=0.0, attention_probs_dropout_prob=0.0,
            )  # fmt: skip
            self.head = torch.nn.Linear(self.bert.config.hidden_size, 1)

        def forward(self, input_ids: Any, attention_mask: Any, token_type_ids: Any) -> Any:
            states = self.bert(
                input_ids, attention_mask=attention_mask, token_type_ids=token_type_ids
            ).last_hidden_state
            return self.head(states.to(self.head.weight.dtype)).squeeze(-1)

    return TermNet()


def trained(name: str) -> bool:
    """Whether a parameter of :func:`network` belongs to the weights that are stored."""
    if name.startswith("bert.encoder.layer."):
        return int(name.split(".")[3]) >= TRAINED_FROM
    return name.startswith("head.")


def load_terms(*, folder: Path = WEIGHTS, cache_dir: Path = CACHE) -> TermClassifier:
    """The shipped classifier, or the one in ``folder``. Raises :class:`ModelError` if files are missing or changed."""
    return _loaded(folder, cache_dir)


@functools.lru_cache(maxsize=2)
def _loaded(folder: Path, cache_dir: Path) -> TermClassifier:
    return TermClassifier(folder, read_card(folder), cache_dir=cache_dir)


def read_card(folder: Path = WEIGHTS) -> dict[str, Any]:
    """``terms.json``: thresholds and sha256 of the weights beside it, verified."""
    fix = "pip install --force-reinstall ."
    return verified(folder, "terms", "term classifier", fields=("thresholds",), fix=fix)


class TermClassifier:
    """The classifier as a compiled graph; a ``rag.conversation.TermScorer``. One question takes one call,
    two where quotes were shown."""

    def __init__(self, folder: Path, card: dict[str, Any], *, cache_dir: Path) -> None:
        self.thresholds: tuple[float, ...] = tuple(card["thresholds"])
        self._tokenizer = load_tokenizer(shipped_folder())
        sample = build(self._tokenizer, _SAMPLE[-1], _SAMPLE[:-1], _SAMPLE[0])
        self._graph = load_graph(
            f"terms-{card['sha256'][:12]}-v1",
            cache_dir=cache_dir,
            export=functools.partial(_export, folder),
            sample=arrays([sample], padded(len(sample.ids))),
            agree=_agree,
        )
        self.precision = self._graph.precision

    def score(self, question: str, history: Sequence[str], shown: str) -> list[list[float]]:
        """For every text of ``[*history, shown]`` one score in [0, 1] per word; 0 for words beyond the input's length.

        The history is read twice, without the quotes and with them, and its scores are the means: a topic that the
        quotes repeat hides there behind them.
        """
        past = self._chances(build(self._tokenizer, question, history, ""))[:-1]
        if not shown:
            return [*past, []]
        *again, said = self._chances(build(self._tokenizer, question, history, shown))
        means = [[(a + b) / 2 for a, b in zip(one, other, strict=True)] for one, other in zip(past, again, strict=True)]
        return [*means, said]

    def _chances(self, given: Input) -> list[list[float]]:
        logits = self._graph(arrays([given], padded(len(given.ids))))[0][0]
        chances = 1 / (1 + np.exp(-logits.astype(np.float64)))
        return [[float(chances[place]) if place >= 0 else 0.0 for place in places] for places in given.places]


def _agree(exact: Outputs, fast: Outputs) -> bool:
    """Probabilities of the same words, within what moves no decision."""
    one, other = (1 / (1 + np.exp(-outputs[0])) for outputs in (exact, fast))
    return float(np.abs(one - other).max()) < 0.03


def load_weights(net: Any, path: Path) -> None:
    """Puts stored layers into ``network()``. Raises :class:`ModelError` if they are not the trained ones."""
    from safetensors.torch import load_file

    stored = {name: part.float() for name, part in load_file(str(path)).items()}
    if set(stored) != {name for name, _ in net.named_parameters() if trained(name)}:
        raise ModelError(f"{path} does not hold the term classifier's layers", fix="train it again, see TERMS.md")
    net.load_state_dict(stored, strict=False)


def _export(folder: Path, path: Path) -> None:
    net = network()
    load_weights(net, folder / "terms.safetensors")
    export_onnx(net, arrays([Input([101, 2000, 3000, 102], [0] * 4, [])] * 2, 8), ["logits"], path)


_SAMPLE = [
    "The ministry said the programme offers home subsidies and signing bonuses of three to five million yuan.",
    "What replaced the Thousand Talents plan?",
    "Who runs it?",
]
