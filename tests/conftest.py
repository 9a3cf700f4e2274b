"""What several tests share: an encoder and a library that can be worked out by hand."""

from __future__ import annotations

import gc
import hashlib
import os
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import hypothesis
import numpy as np
import pytest

from rag.config import Settings, load_settings
from rag.ingest import IngestReport, add_paths
from rag.store import Library, open_library
from rag.text import fold, words
from rag.types import Vectors

if TYPE_CHECKING:
    from rag.assistant import Assistant

CORPUS = Path(__file__).parents[1] / "corpus"
Files = dict[str, str | bytes]
Folder = Callable[..., Path]  # what the fixture ``folder`` gives

for name in [*os.environ]:  # before typer reads them: what the user has set is not what is tested
    if name.startswith("PULLQUOTE_") or name in ("FORCE_COLOR", "PY_COLORS", "GITHUB_ACTIONS"):
        del os.environ[name]
os.environ["COLUMNS"] = "100"
hypothesis.settings.register_profile("untimed", deadline=None)  # a busy machine is no failure
hypothesis.settings.load_profile("untimed")


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
def folder(tmp_path: Path) -> Folder:
    """Writes files (relative path -> content) into a folder and returns it."""

    def write(files: Files, name: str = "sources") -> Path:
        root = tmp_path / name
        root.mkdir(exist_ok=True)
        for relative, content in files.items():
            path = root / relative
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(content.encode() if isinstance(content, str) else content)
        return root

    return write


@pytest.fixture
def assistant_of(library: Library, settings: Settings, folder: Folder) -> Callable[..., Assistant]:
    """Makes an assistant that knows these files and compares words instead of running the weights."""
    from rag.assistant import Assistant

    def make(files: Files, **changed: str) -> Assistant:
        add(library, settings, folder(files))
        made = Assistant(library, settings.model_copy(update=changed))
        made.encoder = WordEncoder()
        return made

    return make


@pytest.fixture(scope="session")
def corpus() -> dict[str, str]:
    """The canonical text of every document of the sample corpus, by its name."""
    from rag.loaders import load

    files = [path for path in sorted(CORPUS.glob("[!.]*")) if path.name != "README.md"]
    loaded = [load(path.read_bytes(), uri=path.name, name=path.name) for path in files]
    return {document.uri: document.text for one in loaded for document in one.documents}


@pytest.fixture(scope="module")
def collected() -> Iterator[None]:
    """Gradio leaves event loops for the garbage collector to close: here, while the warnings are still expected."""
    yield
    gc.collect()


def add(library: Library, settings: Settings, *paths: Path, prune: bool = False) -> IngestReport:
    """Adds files and folders as a user does, with the encoder above."""
    return add_paths(library, paths, encoder=WordEncoder(), settings=settings, prune=prune)


def files_with(settings: Settings, word: str) -> list[str]:
    """The files of the index that hold a word, in whatever case."""
    return [path.name for path in settings.folder.iterdir() if word.encode() in path.read_bytes().lower()]
