"""Tables and lists: the row, column or item that a question names, and nothing changed in prose."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from rag.config import load_settings
from rag.models.decode import decode
from rag.models.reader import load_reader
from rag.models.rows import Hint, cells, hint, items

ROWS = (
    ("SK hynix", "up to 450 million dollars", "19 December 2024"),
    ("Samsung", "up to 6.4 billion dollars", "20 December 2024"),
    ("Micron", "up to 6.1 billion dollars", "10 December 2024"),
)
TABLE = "Who got what.\n\n" + "\n\n".join(
    f"Company: {name} | Preliminary award: {award} | Date of final award: {date}" for name, award, date in ROWS
)


def best(question: str, text: str) -> str:
    """The cell (or prose) that the hint leaves highest, one "wordpiece" a character."""
    offsets = [(k, k + 1) for k in range(len(text))]
    found = hint(question, cells(text), [], offsets)
    inside = found.cells == found.cells[np.argmax(np.where(found.cells > 0, found.bias, -np.inf))]
    return "".join(text[k] for k in np.flatnonzero(inside))


@pytest.mark.parametrize("row", ROWS, ids=[name for name, _, _ in ROWS])
def test_the_cell_whose_row_and_column_are_named_is_meant(row: tuple[str, str, str]) -> None:
    name, award, date = row
    assert best(f"When was the final award of {name}?", TABLE) == date
    assert best(f"What was the preliminary award for {name}?", TABLE) == award
    assert best(f"Which company got its final award on {date}?", TABLE) == name


def test_a_number_is_looked_for_as_a_whole_cell_and_between_the_ends_of_a_range() -> None:
    setting = "Setting: 2 | Descale: every 3 months\n\nSetting: 3 | Descale: weekly"
    assert best("When should setting 3 descale?", setting) == "weekly"
    dose = "Who: 20 to 29 kg | Dose: 200 mg\n\nWho: 30 to 39 kg | Dose: 400 mg"
    assert [best(f"dose for {weight} kg", dose) for weight in (25, 31)] == ["200 mg", "400 mg"]
    assert best("dose in 24 hours for 31 kg", dose) == "400 mg"


def test_prose_and_rows_without_names_of_columns_stay_as_they_are() -> None:
    assert cells("No table here, only prose: with a colon.\n\nAnd more.") == []
    assert [(cell.start, cell.end) for cell in cells("a | 12:30 | c")] == [(0, 1), (4, 9), (12, 13)]
    prose = hint("Who got what?", cells(TABLE), [], [(0, 3), (4, 7)])
    assert prose.bias.tolist() == [0.0, 0.0] and prose.cells.tolist() == [0, 0]


@given(st.text(alphabet="ab:| \n1-.", max_size=60), st.text(alphabet="ab1 ", max_size=12))
def test_every_cell_is_a_slice_of_its_row_and_every_bias_is_finite(text: str, question: str) -> None:
    table = cells(text)
    for cell in table:
        assert 0 <= cell.row <= cell.start <= cell.end <= len(text)
        assert "\n" not in text[cell.start : cell.end] and " | " not in text[cell.start : cell.end]
    found = hint(question, table, items(text), [(k, k + 1) for k in range(len(text))])
    assert np.isfinite(found.bias).all() and len(found.bias) == len(found.cells) == len(text)


@given(st.lists(st.floats(-9, 9), min_size=6, max_size=6), st.lists(st.integers(0, 2), min_size=5, max_size=5))
def test_an_answer_stays_inside_a_cell_and_the_margin_is_that_of_the_network(
    logits: list[float], of: list[int]
) -> None:
    start, offsets = np.array(logits), [(0, 0), *((k, k + 1) for k in range(5))]
    cut = Hint(np.zeros(6), np.array([0, *sorted(of)]))
    plain, inside = (decode(start, start[::-1], offsets, range(6), hint=each) for each in (None, cut))
    assert inside.margin == plain.margin
    for a, b, _ in inside.spans:
        assert len({cut.cells[k + 1] for k in range(a, b)}) == 1


PLACES = (
    ("Quay Street", "Main building", "Tuesday to Sunday"),
    ("Dock Road", "Boat hall", "Friday to Sunday"),
    ("Mill Lane", "Print workshop", "Wednesday and Saturday"),
)
LIST = "The museum has three houses, and this is when they are open.\n\n" + "\n".join(
    f"- {house}, {street}: {days}, with a café." for street, house, days in PLACES
)


@pytest.mark.parametrize("place", PLACES, ids=[house for _, house, _ in PLACES])
def test_the_item_that_a_question_names_is_meant(place: tuple[str, str, str]) -> None:
    found = hint(f"When is the {place[1]} of the museum open?", [], items(LIST), [(k, k + 1) for k in range(len(LIST))])
    meant = "".join(LIST[k] for k in np.flatnonzero(found.bias > 0))
    assert meant == f"{place[1]}, {place[0]}: {place[2]}, with a café."
    assert not found.cells.any() and not found.bias[: LIST.index("- ")].any()


def test_an_item_is_not_told_from_others_by_what_the_whole_text_is_about() -> None:
    text = "Qiming hires abroad.\n\n- Qiming covers sensitive fields.\n- No names are published."
    assert not hint("How does Qiming handle identity?", [], items(text), [(0, 1), (25, 30), (60, 65)]).bias.any()
    assert items("Only one:\n- of these") == []


@pytest.mark.weights
@pytest.mark.parametrize("place", PLACES, ids=[house for _, house, _ in PLACES])
def test_the_shipped_reader_marks_the_item(place: tuple[str, str, str]) -> None:
    reader = load_reader("pullquote-reader", cache_dir=load_settings().cache_dir)
    (reading,) = reader.read(f"on which days can I visit the {place[1].lower()}", [LIST])
    assert LIST[reading.spans[0].start : reading.spans[0].end] in place[2]
    top = max(reading.sentences, key=lambda sentence: sentence.score)
    assert place[1] in LIST[top.start : top.end]


@pytest.mark.weights
@pytest.mark.parametrize("row", ROWS, ids=[name for name, _, _ in ROWS])
def test_the_shipped_reader_marks_the_cell(row: tuple[str, str, str]) -> None:
    name, award, date = row
    reader = load_reader("pullquote-reader", cache_dir=load_settings().cache_dir)
    for question, cell in ((f"When was the final award of {name}?", date), (f"{name} preliminary award", award)):
        (reading,) = reader.read(question, [TABLE])
        marked = TABLE[reading.spans[0].start : reading.spans[0].end]
        assert marked in cell, question
        top = max(reading.sentences, key=lambda sentence: sentence.score)
        assert f"Company: {name} |" in TABLE[top.start : top.end], question
