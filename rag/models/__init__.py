"""All neural code: the runtime, the encoder, the reader, and their weights with checksums."""

from __future__ import annotations

from pathlib import Path

from rag.models.encoder import load_encoder
from rag.types import Encoder, Reader

__all__ = ["load_encoder", "load_reader"]


def load_reader(name: str, *, encoder: Encoder, cache_dir: Path) -> Reader:
    """The reader called ``name``: "sentences" needs no weights of its own. Raises :class:`ModelError`."""
    from rag.models.sentences import SentenceReader

    return SentenceReader(encoder)
