"""All neural code: the runtime, the encoder, the reader, and their weights with checksums."""

from __future__ import annotations

from pathlib import Path

from rag.models.encoder import load_encoder
from rag.models.terms import load_terms
from rag.types import Encoder, Reader

__all__ = ["load_encoder", "load_reader", "load_terms"]


def load_reader(name: str, *, encoder: Encoder, cache_dir: Path) -> Reader:
    """The reader called ``name``: "sentences" needs no weights of its own. Raises :class:`ModelError`."""
    from rag.models import reader, sentences

    if name == "sentences":
        return sentences.SentenceReader(encoder)
    return reader.load_reader(name, cache_dir=cache_dir)
