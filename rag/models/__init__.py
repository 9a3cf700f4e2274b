"""All neural code: the runtime, the encoder, the reader, and their weights with checksums."""

from __future__ import annotations

import os
from pathlib import Path

from rag.models.encoder import load_encoder
from rag.models.terms import load_terms
from rag.types import Encoder, Reader

# Else huggingface_hub asks its site for a list before it looks for a model, although only local files are wanted.
os.environ.setdefault("HF_HUB_DISABLE_TELEMETRY", "1")

__all__ = ["load_encoder", "load_reader", "load_terms"]


def load_reader(name: str, *, encoder: Encoder, cache_dir: Path) -> Reader:
    """The reader called ``name``: "sentences" needs no weights of its own. Raises :class:`ModelError`."""
    from rag.models import reader, sentences

    if name == "sentences":
        return sentences.SentenceReader(encoder)
    return reader.load_reader(name, cache_dir=cache_dir)
