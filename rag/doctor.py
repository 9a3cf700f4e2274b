"""Examines the installation: everything an answer needs, and where it runs.

Of the shipped models only the checksums are read; others are loaded.
"""

from __future__ import annotations

import json
import os
import shutil
import sqlite3
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from rag.config import Settings
from rag.errors import RagError
from rag.text import token_count

_LEAST_DISK = 500  # MB


@dataclass(frozen=True, slots=True)
class Check:
    """One finding, for a person."""

    name: str
    ok: bool
    detail: str


def examine(settings: Settings) -> list[Check]:
    """All findings, in a fixed order."""
    checks: dict[str, Callable[[Settings], str]] = {
        "embedding model": _encoder,
        "reader": _reader,
        "follow-ups": lambda _: _terms(),
        "tokenizer": lambda _: f"cl100k_base, 'ready' is {token_count('ready')} token",
        "full text": lambda _: _full_text(),
        "vectors": lambda _: _faiss(),
        "processor": lambda _: _processor(),
        "precision": _precision,
        "disk": _disk,
        "collection": _collection,
    }
    return [_run(name, check, settings) for name, check in checks.items()]


def _run(name: str, check: Callable[[Settings], str], settings: Settings) -> Check:
    try:
        return Check(name, True, check(settings))
    except (RagError, OSError, sqlite3.Error, ImportError, ValueError, LookupError, RuntimeError) as error:
        return Check(name, False, str(error) or repr(error))


def _encoder(settings: Settings) -> str:
    from rag.models.encoder import SHIPPED, load_encoder, shipped_folder

    if settings.encoder != SHIPPED:
        load_encoder(settings.encoder, cache_dir=settings.cache_dir)
        return f"{settings.encoder}, through sentence-transformers"
    return f"{SHIPPED}, checksum verified, in {shipped_folder().parent.name}"


def _reader(settings: Settings) -> str:
    from rag.models import foreign, reader

    if settings.reader == "sentences":
        return "sentences, which needs no weights of its own"
    folder = reader.WEIGHTS if settings.reader == reader.SHIPPED else Path(settings.reader)
    if folder != reader.WEIGHTS and not (folder / "reader.json").exists():
        foreign.ForeignReader(settings.reader)
        return f"{settings.reader}, through transformers"
    reader.read_card(folder)
    return f"{settings.reader}, checksum verified, in {folder}"


def _terms() -> str:
    from rag.models import terms

    terms.read_card()
    return "term classifier, checksum verified"


def _precision(settings: Settings) -> str:
    """What the runtime measured here; kept beside each exported graph."""
    notes = sorted(settings.cache_dir.glob("*/precision-*.json"))
    found = {note.parent.name.rsplit("-", 2)[0]: json.loads(note.read_text())["precision"] for note in notes}
    chosen = ", ".join(f"{name} in {precision}" for name, precision in sorted(found.items()))
    return chosen or f"not measured yet in {settings.cache_dir}; the first question does that"


def _full_text() -> str:
    with sqlite3.connect(":memory:") as connection:
        connection.execute("CREATE VIRTUAL TABLE t USING fts5 (x, tokenize = 'porter unicode61')")
    return f"SQLite {sqlite3.sqlite_version} with FTS5"


def _faiss() -> str:
    import faiss

    return f"FAISS {faiss.__version__}"


def _processor() -> str:
    import openvino

    core = openvino.Core()
    kinds = core.get_property("CPU", "OPTIMIZATION_CAPABILITIES")
    name = core.get_property("CPU", "FULL_DEVICE_NAME").strip()
    bf16 = "with" if "BF16" in kinds else "without"
    return f"{name}, {os.cpu_count()} cores, {bf16} bf16, OpenVINO {openvino.__version__.split('-')[0]}"


def _disk(settings: Settings) -> str:
    folder = settings.index_dir.resolve()
    while not folder.exists():
        folder = folder.parent
    if not os.access(folder, os.W_OK):
        return f"{folder} is read-only: questions are answered, nothing can be added"
    free = shutil.disk_usage(folder).free // 2**20
    if free < _LEAST_DISK:
        raise OSError(f"only {free} MB free in {folder}. Fix: free some space")
    return f"{free:,} MB free in {folder}"


def _collection(settings: Settings) -> str:
    from rag.store import open_library

    if not (settings.folder / "library.sqlite").exists():
        return f"{settings.collection!r} is empty; pullquote add FOLDER fills it"
    library = open_library(settings)
    stats, busy = library.stats(), ", a write is going on" if library.stale else ""
    return f"{settings.collection!r}: {stats['documents']} documents, {stats['passages']} passages{busy}"
