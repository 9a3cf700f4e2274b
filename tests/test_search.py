from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from conftest import WordEncoder
from hypothesis import given
from hypothesis import strategies as st

from rag.config import Settings
from rag.ingest import add_paths
from rag.search import fuse, search
from rag.store import Library

scores = st.dictionaries(st.integers(0, 30), st.floats(0, 50, allow_nan=False), max_size=20)


@given(scores, scores)
def test_fused_scores_are_shares_and_keep_the_order_both_channels_agree_on(
    dense: dict[int, float], lexical: dict[int, float]
) -> None:
    fused = fuse(dense, lexical)
    assert fused.keys() == dense.keys() | lexical.keys()
    both = sorted(dense.keys() & lexical.keys())
    for one in both:
        for other in both:
            if dense[one] >= dense[other] and lexical[one] >= lexical[other]:
                assert fused[one] >= fused[other]


def test_every_hit_explains_its_scores(
    library: Library, settings: Settings, folder: Callable[[dict[str, str | bytes]], Path]
) -> None:
    root = folder({f"{n}.txt": f"Document {n} speaks of chips and of topic{n}." for n in range(5)})
    add_paths(library, [root], encoder=WordEncoder(), settings=settings)
    hits = search(library, WordEncoder(), "topic3", depth=10)
    assert library.passage_texts([hits[0].passage_id])[hits[0].passage_id].endswith("topic3.")
    assert [hit.rank for hit in hits] == [1, 2, 3, 4, 5]
    assert all(hit.dense is not None for hit in hits)
    assert [hit.lexical is not None for hit in hits] == [True, False, False, False, False]
    assert hits == search(library, WordEncoder(), "topic3", depth=10)


def test_an_empty_library_finds_nothing(library: Library) -> None:
    assert search(library, WordEncoder(), "anything", depth=10) == []
