"""The FAISS index: derived from the stored embeddings, written as a whole, opened memory-mapped.

Flat (exact) inner product while small; above ``_FLAT_LIMIT`` vectors an inverted file with 8-bit scalar
quantisation whose candidates are scored again from the stored vectors by the caller.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import asdict, dataclass, fields, replace
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from rag.errors import LibraryError
from rag.files import sha256_of, write_atomically, write_parts
from rag.types import Vectors

Ids = npt.NDArray[np.int64]
Chunks = Callable[[], Iterable[tuple[Ids, Vectors]]]
_FLAT_LIMIT = 200_000
_MANIFEST = "manifest.json"


@dataclass(frozen=True, slots=True)
class Manifest:
    """What the vector file beside it was made from."""

    generation: int  # of the library; an older one means that the file is stale
    encoder: str
    dim: int
    count: int
    sha256: str  # of the vector file

    @property
    def file(self) -> str:
        """Name of the vector file."""
        return f"vectors-{self.generation}.faiss"


def read_manifest(folder: Path) -> Manifest | None:
    """The manifest, or None where there is none. Raises :class:`LibraryError` if it is damaged."""
    path = folder / _MANIFEST
    try:
        found = json.loads(path.read_text())
        return Manifest(**{field.name: found[field.name] for field in fields(Manifest)})
    except FileNotFoundError:
        return None
    except (OSError, ValueError, TypeError, KeyError) as error:
        raise LibraryError(f"{path} is damaged", why=str(error), fix="pullquote repair") from None


def build(chunks: Chunks, *, count: int, dim: int) -> Any:
    """A FAISS index that answers with ids. Each call of ``chunks`` gives all ids with their vectors, float32 (n, dim)
    unit rows, a part at a time, so that the vectors need not be held twice."""
    import faiss

    if count <= _FLAT_LIMIT:
        base = faiss.IndexFlatIP(dim)
    else:
        lists = int(4 * np.sqrt(count))
        base = faiss.IndexIVFScalarQuantizer(
            faiss.IndexFlatIP(dim), dim, lists, faiss.ScalarQuantizer.QT_8bit, faiss.METRIC_INNER_PRODUCT
        )
        step = max(1, count // (40 * lists))
        base.train(np.concatenate([vectors[::step] for _, vectors in chunks()]))
        base.nprobe = max(8, lists // 16)
    index = faiss.IndexIDMap2(base)
    for ids, vectors in chunks():
        index.add_with_ids(vectors, ids)
    return index


def written(chunks: Chunks, *, count: int, dim: int) -> Iterator[bytes | memoryview]:
    """The file that FAISS writes for what :func:`build` gives, part by part; a flat one is never in memory whole."""
    import faiss

    if count > _FLAT_LIMIT:
        yield memoryview(faiss.serialize_index(build(chunks, count=count, dim=dim)))
        return
    # An empty index is twice magic, dimension, count, the rest of a header; then the numbers of floats and of ids.
    empty = bytes(faiss.serialize_index(faiss.IndexIDMap2(faiss.IndexFlatIP(dim))))
    outer, inner = empty[:37], empty[37:74]
    for header in (outer, inner):
        yield header[:8] + count.to_bytes(8, "little") + header[16:]
    yield (count * dim).to_bytes(8, "little")
    ids = []
    for numbers, vectors in chunks():
        ids.append(numbers.astype("<i8"))
        yield vectors.astype("<f4").tobytes()
    yield count.to_bytes(8, "little")
    yield np.concatenate([np.empty(0, "<i8"), *ids]).tobytes()


def publish(folder: Path, chunks: Chunks, manifest: Manifest) -> None:
    """Write the vector file, then ``manifest`` with its checksum, then remove older files: safe at every moment."""
    digest = hashlib.sha256()

    def hashed() -> Iterator[bytes | memoryview]:
        for part in written(chunks, count=manifest.count, dim=manifest.dim):
            digest.update(part)
            yield part

    write_parts(folder / manifest.file, hashed())
    manifest = replace(manifest, sha256=digest.hexdigest())
    write_atomically(folder / _MANIFEST, json.dumps(asdict(manifest), indent=1).encode())
    _sweep(folder, keep=manifest.file)


def unpublish(folder: Path) -> None:
    """Remove the manifest, then the vector files."""
    (folder / _MANIFEST).unlink(missing_ok=True)
    _sweep(folder)


def _sweep(folder: Path, *, keep: str = "") -> None:
    """Remove older vector files, and what a writer that was killed left under a temporary name."""
    for path in (*folder.glob("vectors-*.faiss"), *folder.glob(".vectors-*"), *folder.glob(f".{_MANIFEST}.*")):
        if path.name != keep:
            path.unlink(missing_ok=True)


def load(folder: Path, manifest: Manifest) -> Any | None:
    """The index the manifest names, memory-mapped; None if it is missing or not a FAISS file of that size."""
    import faiss

    path = folder / manifest.file
    if not path.exists():
        return None
    try:
        index = faiss.read_index(str(path), faiss.IO_FLAG_MMAP)
    except RuntimeError:
        return None
    return index if (index.ntotal, index.d) == (manifest.count, manifest.dim) else None


def nearest(index: Any, vector: Vectors, k: int, allowed: Ids | None = None) -> list[tuple[int, float]]:
    """(id, cosine) of the ``k`` nearest, best first; FAISS's -1 padding is dropped here and nowhere else."""
    import faiss

    k = min(k, index.ntotal if allowed is None else len(allowed))
    if k == 0:
        return []
    parameters = None
    if allowed is not None:
        selector = faiss.IDSelectorBatch(allowed)
        base = faiss.downcast_index(index.index)
        if isinstance(base, faiss.IndexIVF):
            parameters = faiss.SearchParametersIVF(sel=selector, nprobe=base.nlist)
        else:
            parameters = faiss.SearchParameters(sel=selector)
    faiss.omp_set_num_threads(1)  # subtle: for a single query, threads cost more than they bring
    scores, ids = index.search(vector.reshape(1, -1), k, params=parameters)
    return ranked((int(i), float(s)) for i, s in zip(ids[0], scores[0], strict=True) if i >= 0)


def ranked(pairs: Any) -> list[tuple[int, float]]:
    """(id, score) pairs, best first, ties broken by id."""
    return sorted(pairs, key=lambda pair: (-pair[1], pair[0]))


def checksum_holds(folder: Path, manifest: Manifest) -> bool:
    """Whether the vector file is byte for byte what was written."""
    path = folder / manifest.file
    return path.exists() and sha256_of(path) == manifest.sha256


def stack(blobs: Sequence[bytes], dim: int) -> Vectors:
    """Stored float16 blobs -> float32 (n, dim)."""
    return np.frombuffer(b"".join(blobs), dtype=np.float16).astype(np.float32).reshape(-1, dim)
