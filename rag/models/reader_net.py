"""The reader's network: one small BERT over "[CLS] question [SEP] passage [SEP]" with three outputs.

relevance and answerable come from the first position; start and end from every position, where the first one stands
for "no answer" (Devlin et al. 2019, SQuAD 2.0). Needs torch and transformers, which are imported when first used.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from rag.models.encoder import shipped_folder
from rag.models.runtime import bert_inputs

MAX_QUESTION = 64  # wordpieces of a question that are read


def network(config: dict[str, Any] | None = None) -> Any:
    """A torch module ``(input_ids, attention_mask, token_type_ids) -> (scores (n, 2), start (n, s), end (n, s))``.

    ``scores`` are the logits of relevance and answerable. float32, random weights: see ``start_weights``.
    """
    import torch
    from transformers import BertConfig, BertModel

    settings = BertConfig(**(config or json.loads((shipped_folder() / "config.json").read_text())))
    settings._attn_implementation = "eager"
    settings.hidden_dropout_prob = settings.attention_probs_dropout_prob = 0.0

    class ReaderNet(torch.nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.bert = BertModel(settings, add_pooling_layer=False)
            self.dense = torch.nn.Linear(settings.hidden_size, settings.hidden_size)
            self.scores = torch.nn.Linear(settings.hidden_size, 2)
            self.span = torch.nn.Linear(settings.hidden_size, 2)

        def forward(self, input_ids: Any, attention_mask: Any, token_type_ids: Any) -> tuple[Any, Any, Any]:
            hidden = self.bert(
                input_ids=input_ids, attention_mask=attention_mask, token_type_ids=token_type_ids
            ).last_hidden_state.to(self.span.weight.dtype)
            scores = self.scores(torch.tanh(self.dense(hidden[:, 0])))
            start, end = self.span(hidden).unbind(-1)
            return scores, start, end

    return ReaderNet()


def start_weights(net: Any) -> None:
    """Puts the weights of all-MiniLM-L6-v2 into the encoder part of ``net``."""
    from safetensors.torch import load_file

    weights = load_file(shipped_folder() / "model.safetensors")
    weights = {k.removeprefix("bert."): v for k, v in weights.items() if "pooler" not in k and "position_ids" not in k}
    net.bert.load_state_dict(weights)


@dataclass(frozen=True, slots=True)
class Encoded:
    """One (question, window) as wordpieces.

    ``offsets[i]`` is the code-point range in the passage and ``words[i]`` the number of the word there; (0, 0) and -1
    outside the passage.
    """

    ids: list[int]
    types: list[int]
    offsets: list[tuple[int, int]]
    words: list[int]


def encode_pairs(
    tokenizer: Any, question: str, passages: Sequence[str], *, length: int, stride: int
) -> list[list[Encoded]]:
    """Windows per passage of at most ``length`` wordpieces that overlap by ``stride``; at least one per passage."""
    head = tokenizer.encode(question).ids[:-1][:MAX_QUESTION] + [tokenizer.token_to_id("[SEP]")]
    room = length - len(head) - 1
    encoded = tokenizer.encode_batch(list(passages), add_special_tokens=False)
    return [
        [
            Encoded(
                ids=head + e.ids[begin : begin + room] + head[-1:],
                types=[0] * len(head) + [1] * (len(e.ids[begin : begin + room]) + 1),
                offsets=[(0, 0)] * len(head) + list(e.offsets[begin : begin + room]) + [(0, 0)],
                words=[-1] * len(head) + list(e.word_ids[begin : begin + room]) + [-1],
            )
            for begin in range(0, max(1, len(e.ids) - stride), room - stride)
        ]
        for e in encoded
    ]


def arrays(batch: Sequence[Encoded], width: int) -> dict[str, npt.NDArray[np.int64]]:
    """int64 arrays (n, s) of a batch; s is ``width``."""
    return bert_inputs([each.ids for each in batch], width, [each.types for each in batch])
