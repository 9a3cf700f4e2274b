"""The vector file of a large collection: an inverted file, whose hits are scored again from the stored vectors."""

import faiss
import numpy as np
import pytest

from rag.store import Library, SourceState, repair, verify, writing
from rag.store import vectors as faiss_file
from rag.types import Document, Passage, Vectors

DIM, NOTES, EACH = 32, 20, 20


@pytest.fixture
def large(library: Library, monkeypatch: pytest.MonkeyPatch) -> Library:
    """400 passages of 20 documents, with vectors that are theirs alone, above a limit that was lowered."""
    monkeypatch.setattr(faiss_file, "_FLAT_LIMIT", 50)
    rng = np.random.default_rng(5)
    with writing(library) as writer:
        writer.pin("random", DIM)
        for note in range(NOTES):
            document = Document(f"d{note}", f"file:///{note}", "Note", f"Note {note:02}. " * EACH, f"{note:064}")
            cut = [Passage(note * EACH + k + 1, document.id, 9 * k, 9 * k + 8, "", 3) for k in range(EACH)]
            vectors = rng.normal(size=(EACH, DIM)).astype(np.float32)
            vectors /= np.linalg.norm(vectors, axis=1, keepdims=True)
            writer.put(SourceState(document.uri, "", ""), [(document, cut, vectors)])
    assert isinstance(faiss.downcast_index(library._vectors().index), faiss.IndexIVF)
    return library


def stored(library: Library) -> dict[int, Vectors]:
    return library.embeddings(range(1, NOTES * EACH + 1))


def check_hits(library: Library) -> None:
    kept = stored(library)
    for number in list(kept)[:: EACH - 1]:
        hits = library.dense(kept[number], 10)
        assert hits[0][0] == number and len(hits) == 10
        assert [score for _, score in hits] == pytest.approx([float(kept[i] @ kept[number]) for i, _ in hits])
        assert hits == sorted(hits, key=lambda hit: (-hit[1], hit[0]))


def test_the_scores_of_a_large_collection_are_the_cosines_of_its_vectors(large: Library) -> None:
    check_hits(large)
    assert verify(large) == []


@pytest.mark.parametrize("step", [1, 7, 399])
def test_of_a_large_collection_exactly_what_is_allowed_is_found(step: int, large: Library) -> None:
    kept = stored(large)
    allowed = np.arange(1, NOTES * EACH + 1, step, dtype=np.int64)
    by_cosine = sorted(allowed.tolist(), key=lambda number: (-float(kept[number] @ kept[9]), number))
    assert [number for number, _ in large.dense(kept[9], NOTES * EACH, allowed)] == by_cosine
    assert [number for number, _ in large.dense(kept[9], 1, allowed)] == by_cosine[:1]


def test_what_is_removed_from_a_large_collection_is_not_found(large: Library) -> None:
    before, everything = stored(large), np.arange(1, NOTES * EACH + 1, dtype=np.int64)
    with writing(large) as writer:
        writer.remove("d3")
        assert not set(range(61, 81)) & {number for number, _ in large.dense(before[61], 400, everything)}
    found = {number for number, _ in large.dense(before[61], 400, everything)}
    assert found == set(everything.tolist()) - set(range(61, 81))
    check_hits(large)
    assert verify(large) == [] and repair(large) == []
    check_hits(large)


def test_a_lost_vector_file_of_a_large_collection_is_made_again(large: Library) -> None:
    for path in large.folder.glob("vectors-*.faiss"):
        path.unlink()
    large._index = None
    check_hits(large)
    assert repair(large) == []
    check_hits(large)
