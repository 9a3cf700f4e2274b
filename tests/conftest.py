"""What several tests share: an encoder and a library that can be worked out by hand."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

import numpy as np
import pytest

from rag.config import Settings, load_settings
from rag.store import Library, open_library
from rag.text import fold, words
from rag.types import Vectors

for name in [*os.environ]:  # before typer reads them: what the user has set is not what is tested
    if name.startswith("PULLQUOTE_") or name in ("FORCE_COLOR", "PY_COLORS", "GITHUB_ACTIONS"):
        del os.environ[name]
os.environ["COLUMNS"] = "100"


class WordEncoder:
    """A bag of words: each word is one of 64 axes, so the cosine of two texts counts their common words."""

    name, dim, max_tokens = "words", 64, 256

    def encode(self, texts: Sequence[str]) -> Vectors:
        vectors = np.zeros((len(texts), self.dim), dtype=np.float32)
        for row, text in enumerate(texts):
            for start, end in words(text):
                vectors[row, hashlib.sha256(fold(text[start:end]).encode()).digest()[0] % self.dim] += 1
            vectors[row] /= max(float(np.linalg.norm(vectors[row])), 1e-9)
        return vectors

    def count_tokens(self, texts: Sequence[str]) -> list[int]:
        return [len(words(text)) + 2 for text in texts]


@pytest.fixture
def encoder() -> WordEncoder:
    return WordEncoder()


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return load_settings(index_dir=tmp_path / "index", reader="sentences")


@pytest.fixture
def library(settings: Settings) -> Iterator[Library]:
    opened = open_library(settings, create=True)
    yield opened
    opened.close()


@pytest.fixture
def folder(tmp_path: Path) -> Callable[[dict[str, str | bytes]], Path]:
    """Writes files (relative path -> content) into a folder and returns it."""

    def write(files: dict[str, str | bytes], name: str = "sources") -> Path:
        root = tmp_path / name
        root.mkdir(exist_ok=True)
        for relative, content in files.items():
            path = root / relative
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(content.encode() if isinstance(content, str) else content)
        return root

    return write
