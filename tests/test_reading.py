"""What the reader says of hits: with the title above them, of quotes once more, of follow-ups in two wordings."""

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
from rag.reading import Asked, both, lead, read_again, read_for, read_hits, read_on, without_lead
from rag.search import search
from rag.store import Library
from rag.text import sentences
from rag.types import Carried, Reading, Resolution, ResolutionKind, Span


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
        ("How many of them left?", ["How they left was odd.", "Nine of them left."], "Nine of them left."),
        ("What is planned?", ["What is planned is this:", "A mill is planned."], "A mill is planned."),
        ("How many beds has neurology?", ["Ward: Eyes | Beds: 36", "Neurology has two."], "Neurology has two."),
        ("Who broke the glass?", ["By Ada Roe.", "Ivo broke the glass."], "Ivo broke the glass."),
        ("Who wrote of the glass?", ["By Ada Roe.", "Of the glass Ivo knew."], "By Ada Roe."),
        ("How were they built?", ["This note describes how they were built.", "They were built of oak."],
         "They were built of oak."),
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


@pytest.mark.parametrize(
    ("question", "counts"),
    [
        ("Who was the treasurer in 2024?", True), ("Who was the treasurer in 2022?", False),
        ("Who keeps Hall 9?", True), ("Who keeps Hall 4?", False),
        ("Who is the CFO?", True), ("Who is the CEO?", False),
        ("Who is charged?", True), ("Who was convicted?", False),
    ],
)  # fmt: skip
def test_a_quote_about_another_year_or_number_is_no_evidence(
    question: str, counts: bool, library: Library, settings: Settings, folder: Folder
) -> None:
    text = "# Club\n\n## Officers 2024\n\nThe treasurer and CFO is Ann Roe, charged with theft, who keeps Hall 9."
    add(library, settings, folder({"a.md": text}))
    reader = SentenceReader(WordEncoder())
    read = read_hits(library, reader, question, search(library, WordEncoder(), question, depth=10))
    assert (read_again(reader, question, rank(read, reader.calibration))[0].evidence > 0) == counts


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


class HeadlineReader(ShortReader):
    """Finds an answer in the first line of a passage, and little below it."""

    def read(self, question: str, texts: Sequence[str]) -> list[Reading]:
        return [self._headed(text) for text in texts]

    def _headed(self, text: str) -> Reading:
        start = text.index("one engineer", text.index("\n\n"))
        spans = [Span(s, e, 0.8 if s <= start < e else 0.01) for s, e in sentences(text)]
        return Reading(0.9, 0.9, (Span(start, start + len("one engineer"), 0.8),), tuple(spans))


@pytest.mark.parametrize(
    ("question", "counts", "marked"),
    [("Who is Liang?", False, 0), ("How is a chip made?", True, 0), ("Which engineer had rivals?", True, 1)],
)
def test_a_headline_does_not_say_who_somebody_is_or_how_a_thing_is_done(
    question: str, counts: bool, marked: int, library: Library, settings: Settings, folder: Folder
) -> None:
    text = "# Liang: one engineer, three rivals\n\nFew careers were like that of Liang. He was born in 1952."
    add(library, settings, folder({"a.md": text}))
    reader = HeadlineReader(WordEncoder())
    read = read_hits(library, reader, question, search(library, WordEncoder(), question, depth=10))
    first = read_again(reader, question, rank(read, reader.calibration))[0]
    assert (first.evidence > 0) == counts
    assert len(first.candidate.reading.spans) == marked


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


def asked(question: str, typed: str, kind: ResolutionKind = "filled", shown: str = "") -> Asked:
    carried = (Carried("mill", "your question 1"),)
    return Asked(Resolution(kind, question, "", carried), question, typed, shown)


def test_a_follow_up_is_read_in_both_wordings(library: Library, settings: Settings, folder: Folder) -> None:
    add(library, settings, folder({"a.txt": "The mill burned. It was old.", "b.txt": "The owner of it left."}))
    reader, question, typed = SentenceReader(WordEncoder()), "When had the mill burned?", "When had it burned?"
    hits = search(library, WordEncoder(), question, depth=10)
    one, other = (read_hits(library, reader, words, hits) for words in (question, typed))
    means = [both(a.reading, b.reading) for a, b in zip(one, other, strict=True)]
    assert one[0].reading != means[0] != other[0].reading
    same, read = read_for(library, reader, asked(question, typed), hits)
    assert same == asked(question, typed) and [each.reading for each in read] == means
    assert read_on(library, reader, asked(question, typed), hits) == read
    for alone in (
        asked(question, typed, "continuation"),
        Asked(Resolution("standalone", question, ""), question, typed),
    ):
        assert read_for(library, reader, alone, hits)[1] == read_on(library, reader, alone, hits) == one


def test_of_two_readings_the_means_are_kept_and_the_answer_of_the_first() -> None:
    first = Reading(0.9, 0.8, (Span(0, 2, 0.7),), (Span(0, 5, 0.6), Span(6, 9, 0.2)))
    second = Reading(0.5, 0.1, (Span(3, 4, 0.9),), (Span(0, 5, 0.2), Span(6, 9, 0.8)))
    mean = both(first, second)
    assert mean.relevance == pytest.approx(averaged(0.9, 0.5))
    assert (mean.answerable, mean.spans) == (first.answerable, first.spans)
    assert [(s.start, s.end, s.score) for s in mean.sentences] == [
        (0, 5, pytest.approx(0.4)),
        (6, 9, pytest.approx(0.5)),
    ]


def test_a_follow_up_prefers_the_source_that_it_goes_on_from(
    library: Library, settings: Settings, folder: Folder
) -> None:
    add(library, settings, folder({"a.txt": "The mill burned in May.", "b.txt": "The mill burned in June."}))
    reader, question = ShortReader(WordEncoder()), "When did the mill burn?"
    hits = search(library, WordEncoder(), question, depth=10)
    for document in library.documents():
        goes_on = asked(question, question, shown=document.id)
        ranked = rank(read_for(library, reader, goes_on, hits)[1], reader.calibration)
        assert ranked[0].candidate.documents[0].id == document.id
