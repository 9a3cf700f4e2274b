from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import pytest
from conftest import Folder, WordEncoder, add
from hypothesis import given
from hypothesis import strategies as st

from rag.config import Settings
from rag.models.sentences import SentenceReader
from rag.quoting import fits_by_title, one_of_several, quote_range
from rag.ranking import DECIDING, averaged, logit, rank, sigmoid
from rag.search import FIRST, fuse, lead, read_again, read_first, read_hits, search, without_lead, worth_reading
from rag.store import Library
from rag.text import sentences
from rag.types import Hit, Reading, Span

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


@given(st.text(max_size=30), st.text(max_size=30), st.text(min_size=1, max_size=200))
def test_what_is_read_ahead_of_a_passage_never_shows_in_its_reading(title: str, heading: str, text: str) -> None:
    ahead = lead(title, heading)
    assert ahead == "" or ahead.endswith(".\n\n")
    spans = tuple(Span(start, end, 0.5) for start, end in sentences(ahead + text))
    reading = without_lead(Reading(0.5, 0.5, spans, spans), len(ahead))
    assert [(s.start, s.end) for s in reading.sentences] == sentences(text)
    assert reading.spans == reading.sentences


def test_a_passage_is_read_with_its_title(library: Library, settings: Settings, folder: Folder) -> None:
    texts = {"mill": "It was built in 1871. It burned down.", "bridge": "It was built in 1902. It fell down."}
    root = folder({f"{name}.md": f"---\ntitle: The {name}\n---\n{text}" for name, text in texts.items()})
    add(library, settings, root)
    hits = search(library, WordEncoder(), "mill", depth=10)
    read = read_hits(library, SentenceReader(WordEncoder()), "mill", hits)
    by_title = {candidate.documents[0].title: candidate for candidate in read}
    assert by_title["The mill"].reading.relevance > by_title["The bridge"].reading.relevance
    for candidate in read:
        cut = [candidate.text[s.start : s.end] for s in candidate.reading.sentences]
        assert cut == [candidate.text[a:b] for a, b in sentences(candidate.text)]


class ShortReader(SentenceReader):
    """Likes a text the better the shorter it is."""

    calibration = replace(SentenceReader.calibration, answered=(0.0, 0.0, 1.0, 0.0, 0.5))

    def read(self, question: str, texts: Sequence[str]) -> list[Reading]:
        readings = super().read(question, texts)
        shares = [1 / (1 + len(text)) for text in texts]
        return [replace(r, relevance=s, answerable=s / 2) for r, s in zip(readings, shares, strict=True)]


def test_of_the_best_passages_the_quote_is_read_once_more_by_itself(
    library: Library, settings: Settings, folder: Folder
) -> None:
    texts = {f"{n}.txt": f"The mill number {n} burned. Its owner left. Nobody came back to it." for n in range(6)}
    add(library, settings, folder({**texts}))
    reader, query = ShortReader(WordEncoder()), "mill 3 burned"
    read = read_hits(library, reader, query, search(library, WordEncoder(), query, depth=10))
    once = rank(read, reader.calibration)
    twice = read_again(reader, query, once)
    assert len(twice) == 6 > DECIDING
    assert twice[DECIDING:] == once[DECIDING:]
    for before, after in zip(once[:DECIDING], twice, strict=False):
        one, reading = before.candidate, before.candidate.reading
        quote = one.text[slice(*quote_range(one.text, reading.sentences, one.passage.heading))]
        alone = reader.read(query, [lead(one.documents[0].title, one.passage.heading) + quote])[0]
        assert alone.answerable > reading.answerable
        both = averaged(reading.answerable, alone.answerable)
        assert after.candidate.reading == replace(reading, answerable=both)
        assert after.evidence == pytest.approx(sigmoid(logit(both) + 0.5 * before.agreed))
    assert read_again(reader, query, []) == []
    plain = SentenceReader(WordEncoder())  # its confidence does not rest on answerable
    assert read_again(plain, query, once) == once


class TitleReader(ShortReader):
    """Finds its answer in the title."""

    def read(self, question: str, texts: Sequence[str]) -> list[Reading]:
        return [replace(each, spans=(Span(0, 4, 0.9),)) for each in super().read(question, texts)]


def test_what_the_second_reading_finds_in_the_title_confirms_nothing(
    library: Library, settings: Settings, folder: Folder
) -> None:
    root = folder({"a.md": "# Mill\n\nThe mill burned. Its owner left. Nobody came back to it."})
    add(library, settings, root)
    reader = TitleReader(WordEncoder())
    hits = search(library, WordEncoder(), "mill burned", depth=10)
    once = rank(read_hits(library, reader, "mill burned", hits), reader.calibration)
    twice = read_again(reader, "mill burned", once)
    assert twice[0].candidate.reading.answerable == pytest.approx(once[0].candidate.reading.answerable)


@pytest.mark.parametrize(
    ("question", "texts", "first"),
    [
        ("How many fires?", ["How many fires were there?", "They had 212 fires."], "They had 212 fires."),
        ("What is planned?", ["What is planned is this:", "A mill is planned."], "A mill is planned."),
        ("How many beds has neurology?", ["Ward: Eyes | Beds: 36", "Neurology has two."], "Neurology has two."),
        ("How many beds have the eyes?", ["Ward: Eyes | Beds: 36", "They have two beds."], "Ward: Eyes | Beds: 36"),
    ],
)  # fmt: skip
def test_a_quote_that_cannot_answer_goes_last(
    question: str, texts: list[str], first: str,
    library: Library, settings: Settings, folder: Folder,
) -> None:  # fmt: skip
    root = folder({f"{number}.txt": text for number, text in enumerate(texts)})
    add(library, settings, root)
    reader = SentenceReader(WordEncoder())
    read = read_hits(library, reader, question, search(library, WordEncoder(), question, depth=10))
    ranked = sorted(rank(read, reader.calibration), key=lambda item: item.candidate.text != texts[0])
    again = read_again(reader, question, ranked)
    assert [again[0].candidate.text, len(again)] == [first, 2]
    assert [item.evidence == 0 for item in again] == [False, first != texts[0]]
    assert (again[0].agreed == 0) == (first != texts[0])  # the log of all of the ranking: the other one has no part


def test_a_passage_that_speaks_only_through_its_title_goes_last() -> None:
    text = "He steers a tug. It rained."
    inside = tuple(Span(start, end, 0.01) for start, end in sentences(text))
    assert fits_by_title(Reading(0.8, 0.8, sentences=inside))
    assert not fits_by_title(Reading(0.1, 0.8, sentences=inside))


class DistractedReader(ShortReader):
    """Finds nearly nothing in the passage itself."""

    def read(self, question: str, texts: Sequence[str]) -> list[Reading]:
        faint = [tuple(Span(s, e, 0.01) for s, e in sentences(text)) for text in texts]
        return [Reading(0.8, 0.8, sentences=each) for each in faint]


@pytest.mark.parametrize(("question", "counts"), [("Who steers the tug?", False), ("Does he steer a tug?", True)])
def test_a_question_of_yes_or_no_is_answered_by_what_fits_by_its_title(
    question: str, counts: bool, library: Library, settings: Settings,
    folder: Folder,
) -> None:  # fmt: skip
    add(library, settings, folder({"a.txt": "He steers a tug. It rained."}))
    reader = DistractedReader(WordEncoder())
    read = read_hits(library, reader, question, search(library, WordEncoder(), question, depth=10))
    assert (read_again(reader, question, rank(read, reader.calibration))[0].evidence > 0) == counts


def test_short_passages_and_statements_are_read_at_once() -> None:
    hits = [Hit(number, number, 1 / number, 1 / number, 1 / number) for number in range(1, 21)]
    assert read_first("Who?", hits, 5000) == read_first("Coal was sold in May.", hits, 16000) == hits
    assert read_first("Who?", hits, 16000) == hits[:FIRST]


@pytest.mark.parametrize(
    ("question", "several"),
    [
        ("Which measures were taken?", True),
        ("what measures against theft", False),  # that item is named
        ("Who watches by night?", False),  # no word of it announces the list
    ],
)
def test_an_item_is_no_short_answer_where_the_whole_list_is_asked_for(question: str, several: bool) -> None:
    text = "They took two measures:\n- a lock against theft;\n- a guard by night.\nNobody minded."
    inside = tuple(Span(start, end, 0.1) for start, end in sentences(text))
    span = Span(text.index("a lock"), text.index(";"), 0.9)
    reading = Reading(0.8, 0.8, (span,), inside)
    assert one_of_several(question, text, reading, 0, text.index("\nNobody")) == several
    assert not one_of_several(question, text, replace(reading, spans=()), 0, len(text))
    assert not one_of_several(question, text, reading, span.start, span.end)
