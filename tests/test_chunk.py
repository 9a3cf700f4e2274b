import pytest
from conftest import WordEncoder
from hypothesis import given, settings
from hypothesis import strategies as st

from rag.chunk import _CONTEXT_TOKENS, embedding_text, passages
from rag.text import sentences, token_count
from rag.types import Anchor, Document

WORDS = st.sampled_from(
    ["chip", "Ministry", "yuan.", "3,000", "talent?", "“No.”", "\n\n", "- item", "Zürich", "李", "x" * 300]
)


def document(text: str, *anchors: Anchor) -> Document:
    return Document("d", "file:///d", "Title", text, "r", anchors=anchors)


@settings(deadline=None)
@given(st.lists(WORDS, max_size=300).map(" ".join), st.integers(32, 120) | st.just(2000), st.integers(64, 120))
def test_passages_hold_every_sentence_once_within_both_limits(text: str, budget: int, seen: int) -> None:
    encoder = WordEncoder()
    encoder.max_tokens = seen
    found = passages(document(text), encoder=encoder, budget=budget)
    covered = [char for p in found for char in text[p.start : p.end] if not char.isspace()]
    assert covered == [char for char in text if not char.isspace()]
    for passage in found:
        piece = text[passage.start : passage.end]
        assert token_count(piece) <= budget + piece.count("\n") + piece.count(" ")
        assert encoder.count_tokens([piece])[0] <= seen - _CONTEXT_TOKENS
    starts = {start for start, _ in sentences(text)}
    whole = [text[start:end] for start, end in sentences(text)]
    cut = [s for s in whole if token_count(s) > budget or encoder.count_tokens([s])[0] > seen - _CONTEXT_TOKENS]
    assert cut or all(passage.start in starts for passage in found)


def test_a_long_sentence_is_cut_at_white_space() -> None:
    text = ", ".join(f"the pump {number} at $4,{number:03} (net)" for number in range(200)) + "."
    found = passages(document(text), encoder=WordEncoder(), budget=64)
    assert len(found) > 20
    assert all(passage.start == 0 or text[passage.start - 1].isspace() for passage in found)


def test_a_passage_stays_inside_its_section_and_knows_its_headings() -> None:
    text = "Intro line here.\n\nChips\n\nChips are small.\n\nFabs\n\nFabs are large."
    chips = Anchor("section", "Chips", text.index("Chips"), len(text), 1)
    fabs = Anchor("section", "Fabs", text.index("Fabs"), len(text), 2)
    found = passages(document(text, chips, fabs), encoder=WordEncoder(), budget=100)
    assert [(p.heading, text[p.start : p.end]) for p in found] == [
        ("", "Intro line here."),
        ("Chips", "Chips\n\nChips are small."),
        ("Chips > Fabs", "Fabs\n\nFabs are large."),
    ]


def test_every_heading_is_looked_at_a_few_times_however_many_there_are() -> None:
    looks = []

    class Watched(Anchor):
        def __getattribute__(self, name: str) -> object:
            looks.append(name)
            return super().__getattribute__(name)

    sections = [f"Head {number}\n\nIt is {number}.\n\n" for number in range(300)]
    starts = [sum(map(len, sections[:number])) for number in range(300)]
    text = "".join(sections)
    headings = [Watched("section", f"Head {n}", start, len(text), 1 + n % 3) for n, start in enumerate(starts)]
    found = passages(document(text, *headings), encoder=WordEncoder(), budget=100)
    assert [p.heading for p in found][3:6] == ["Head 3", "Head 3 > Head 4", "Head 3 > Head 4 > Head 5"]
    assert len(looks) < 15 * 300


def test_ids_depend_on_content_and_place_alone() -> None:
    one = passages(document("A sentence."), encoder=WordEncoder(), budget=50)[0]
    other = passages(Document("other", "file:///o", "Title", "A sentence.", "r"), encoder=WordEncoder(), budget=50)[0]
    assert one.id == other.id
    assert 0 <= one.id < 2**63


@pytest.mark.parametrize("size", [1, 200, 260])
def test_the_context_is_cut_before_the_passage_would_be(size: int) -> None:
    encoder = WordEncoder()
    passage = "word " * size
    text = embedding_text("A long title " * 40, "Heading", passage, encoder=encoder)
    assert text.endswith(passage)
    assert encoder.count_tokens([text])[0] <= max(encoder.max_tokens, encoder.count_tokens([passage])[0])


@pytest.mark.parametrize("asked", ["Why did they sell all of it?", "They gave these reasons:"])
def test_a_passage_does_not_end_with_what_the_next_one_replies_to(asked: str) -> None:
    text = f"They had a long winter and no coal.\n\n{asked}\n\nThe mill was too far away from them all."
    found = passages(document(text), encoder=WordEncoder(), budget=22)
    assert [text[p.start : p.end].startswith(asked) for p in found] == [False, True]


def test_no_scrap_is_left_for_the_last_passage() -> None:
    long = "The inspector wrote to the authority that the roof of the old depot would not hold another winter."
    text = " ".join([*3 * [f"{long} It burnt."], long, long, "Nobody came."])
    found = passages(document(text), encoder=WordEncoder(), budget=60)
    assert text[found[-1].start :].startswith(long)


TALK = """Q: Do you go to the cinema?\n\nA: Now and then. I saw one in May.\n\nQ: Will there be a film of it?\n
A: She asked. I said no. Films are made by committees and I have been in enough wars.\n\nQ: What comes next?\n
A: A short book about tomatoes."""
MINUTES = """12 Lights\nThe switching on will be on Saturday, and it will be as bright as it was last year.\n
13 Interests declared\nMr Roe left the room, as he owns it, and he came back when the vote had been taken by all."""


@pytest.mark.parametrize(("text", "budget"), [(TALK, 40), (TALK, 60), (MINUTES, 30), (MINUTES, 45)])
def test_a_passage_ends_with_a_paragraph_rather_than_in_the_middle_of_one(text: str, budget: int) -> None:
    found = passages(document(text), encoder=WordEncoder(), budget=budget)
    assert len(found) > 1
    assert all(text.startswith("\n\n", passage.end) for passage in found[:-1])


def test_a_heading_with_another_one_right_below_is_no_passage_of_its_own() -> None:
    text = "Career\n\nGermany\n\nShe worked in Kiel.\n\nWorks"
    levels = {"Career": 1, "Germany": 2, "Works": 1}
    anchors = [Anchor("section", name, text.index(name), len(text), level) for name, level in levels.items()]
    found = passages(document(text, *anchors), encoder=WordEncoder(), budget=100)
    assert [(p.heading, text[p.start : p.end]) for p in found] == [
        ("Career > Germany", "Germany\n\nShe worked in Kiel."),
        ("Works", "Works"),
    ]


def test_a_small_table_is_never_cut() -> None:
    rows = [f"Day: {day} | Pool: 6.30 - 21.00 | Gym: closed" for day in ("Monday", "Tuesday", "Friday", "Sunday")]
    for before in range(1, 60):
        text = "It is open. " * before + "\n\n" + "\n\n".join(rows) + "\n\n" + "It is closed at night. " * 20
        starts = [text.index(row) for row in rows]
        spans = [Anchor("row", "row", at, at + len(row)) for at, row in zip(starts, rows, strict=True)]
        found = passages(document(text, *spans), encoder=WordEncoder(), budget=200)
        assert any(p.start <= spans[0].start and spans[-1].end <= p.end for p in found)
        assert max(p.tokens for p in found) <= 200
