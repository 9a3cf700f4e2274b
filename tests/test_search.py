from __future__ import annotations

from conftest import Folder, WordEncoder, add
from hypothesis import given
from hypothesis import strategies as st

from rag.config import Settings
from rag.search import FIRST, fuse, read_first, search, worth_reading
from rag.store import Library
from rag.types import Hit

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


def test_every_hit_explains_its_scores(library: Library, settings: Settings, folder: Folder) -> None:
    root = folder({f"{n}.txt": f"Document {n} speaks of chips and of topic{n}." for n in range(5)})
    add(library, settings, root)
    hits = search(library, WordEncoder(), "topic3", depth=10)
    assert library.passage_texts([hits[0].passage_id])[hits[0].passage_id].endswith("topic3.")
    assert [hit.rank for hit in hits] == [1, 2, 3, 4, 5]
    assert all(hit.dense is not None for hit in hits)
    assert [hit.lexical is not None for hit in hits] == [True, False, False, False, False]
    assert hits == search(library, WordEncoder(), "topic3", depth=10)


@given(st.lists(st.tuples(st.floats(0, 1), st.none() | st.floats(0.1, 30)), max_size=40), st.integers(8, 20))
def test_what_one_channel_finds_best_is_read_although_the_other_does_not_know_it(
    found: list[tuple[float, float | None]], most: int
) -> None:
    hits = [Hit(n, n + 1, 1 / (n + 1), dense, lexical) for n, (dense, lexical) in enumerate(found)]
    read = worth_reading(hits, most)
    assert read == [hit for hit in hits if hit in read], "the order stays"
    assert len(read) == min(most, len(hits))
    for best in (
        sorted(hits, key=lambda hit: -(hit.dense or 0))[:4],
        sorted((hit for hit in hits if hit.lexical), key=lambda hit: -(hit.lexical or 0))[:4],
    ):
        assert set(best) <= set(read)


def test_an_empty_library_finds_nothing(library: Library) -> None:
    assert search(library, WordEncoder(), "anything", depth=10) == []


def test_short_passages_and_statements_are_read_at_once() -> None:
    hits = [Hit(number, number, 1 / number, 1 / number, 1 / number) for number in range(1, 21)]
    assert read_first("Who?", hits, 5000) == read_first("Coal was sold in May.", hits, 16000) == hits
    assert read_first("Who?", hits, 16000) == hits[:FIRST]
