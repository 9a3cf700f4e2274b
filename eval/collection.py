"""A data set as a collection, made by the product's own ingest and kept for the next run."""

from __future__ import annotations

import hashlib
import json
import time
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from eval.names import SCHEME, Names
from eval.types import DataError, Dataset, SourceText
from rag.assistant import Assistant
from rag.config import CACHE, Settings, load_settings
from rag.errors import SourceError
from rag.ingest import Progress, Source, add_paths, ingest
from rag.loaders import load, media_type_of
from rag.loaders.base import Loaded, hash_id
from rag.store import Library, open_library
from rag.types import Document

WORK = CACHE / "eval"
_INGEST_CODE = (
    "types.py text.py layout.py sources.py chunk.py ingest.py models/encoder.py models/runtime.py "
    "store/schema.py store/writer.py store/lexicon.py"
).split()


@dataclass(frozen=True, slots=True)
class Collection:
    """An open library with the names and the texts of its documents, and what making it cost."""

    library: Library
    settings: Settings
    assistant: Assistant
    names: Names
    texts: dict[str, str]
    costs: dict[str, Any]
    errors: tuple[str, ...] = ()


def source(text: SourceText) -> Source:
    """A text of the data set as a source with the URI ``eval:<id>``; it is taken as it stands, so offsets agree."""
    uri = f"{SCHEME}{text.id}"
    data = f"{text.title}\n{text.text}".encode("utf-8", "surrogatepass")
    return Source(uri, text.id, "", lambda: data, lambda data: as_it_stands(uri, data, text.title, text.text))


def as_it_stands(uri: str, data: bytes, title: str, text: str) -> Loaded:
    """One document of this text, past the loaders; its revision is that of the bytes."""
    return Loaded((Document(hash_id(uri), uri, title, text, hashlib.sha256(data).hexdigest()),))


def read_sources(folder: Path) -> list[Document]:
    """Every document of a folder as the product reads it, without making a library; what cannot be read is left out."""
    found: list[Document] = []
    for path in sorted(folder.rglob("*")):
        if path.is_file() and media_type_of(path.name) is not None:
            with suppress(SourceError):
                found += load(path.read_bytes(), uri=path.resolve().as_uri(), name=path.name).documents
    return found


def _key(dataset: Dataset, settings: Settings) -> str:
    """Changes with the texts, the settings and the code that cuts and encodes, so that a kept one is never stale."""
    digest = hashlib.sha256(f"{settings.encoder}\n{settings.passage_tokens}\n".encode())
    for source in dataset.documents:
        digest.update(json.dumps([source.id, source.title, source.text]).encode())
    if dataset.sources is not None:
        digest.update(str(dataset.sources.resolve()).encode())
    package = Path(__file__).parent.parent / "rag"
    loaders = sorted((package / "loaders").glob("*.py")) if dataset.sources is not None else []
    for path in (*(package / name for name in _INGEST_CODE), *loaders):
        digest.update(path.read_bytes())
    return f"{dataset.name}-{digest.hexdigest()[:12]}"


def collect(
    dataset: Dataset,
    settings: Settings,
    *,
    work: Path | None,
    assistant: Assistant | None = None,
    progress: Progress | None = None,
) -> Collection:
    """Ingest the data set under ``work``, or open what is there. ``work`` None: the collection that settings name,
    which ``assistant`` may have open already.

    Raises RagError as the product does, and DataError if there is nothing to ask.
    """
    costs: dict[str, Any] = {}
    errors: tuple[str, ...] = ()
    brings = bool(dataset.documents) or dataset.sources is not None
    if work is None and brings:
        why = "the data set brings documents of its own" if dataset.documents else "--sources names other documents"
        fix = "leave out --index and --collection, or --sources"
        raise DataError("an existing collection was named", why=why, fix=fix)
    if work is not None and not brings:
        why = f"a data set of the format {dataset.format} holds questions only"
        raise DataError("there is nothing to search", why=why, fix="give --sources FOLDER, or --index and --collection")
    if work is not None:
        folder = work.expanduser() / _key(dataset, settings)
        settings = load_settings(**{**settings.model_dump(), "index_dir": folder, "collection": "eval"})
    assistant = assistant or Assistant(open_library(settings, create=work is not None), settings)
    library = assistant.library
    if work is not None:
        costs, errors = _fill(assistant, dataset, progress)
    listed = library.documents()
    if not listed:
        raise DataError("the collection is empty", why="; ".join(errors[:3]), fix="check --data and --sources")
    names = Names(listed, dataset.sources)
    texts = {names.of[item.id]: library.document(item.id).text for item in listed}
    return Collection(library, settings, assistant, names, texts, costs, errors)


def _fill(assistant: Assistant, dataset: Dataset, progress: Progress | None) -> tuple[dict[str, Any], tuple[str, ...]]:
    """Ingest; the costs of the first time are kept beside the library."""
    library, settings, encoder = assistant.library, assistant.settings, assistant.encoder
    kept = library.folder / "costs.json"
    started = time.perf_counter()
    if dataset.sources is None:
        sources = [source(text) for text in dataset.documents]
        report = ingest(library, sources, encoder=encoder, settings=settings, progress=progress)
    else:
        report = add_paths(
            library, [dataset.sources], encoder=encoder, settings=settings, prune=True, progress=progress
        )
    seconds = time.perf_counter() - started
    if report.added or report.changed or not kept.exists():
        costs: dict[str, Any] = {"passages": library.stats()["passages"]}
        if report.passages:  # of this run alone: an interrupted one goes on where it stopped
            costs["ingest passages/s"] = round(report.passages / seconds, 1)
            costs["ingest seconds"] = round(seconds, 1)
        kept.write_text(json.dumps(costs))
    return json.loads(kept.read_text()), tuple(f"{uri}: {line}" for uri, line in report.failed)
