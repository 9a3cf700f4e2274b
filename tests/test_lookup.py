"""A cell that a question names by its row and its column; what a table leaves open is left to the reader."""

from __future__ import annotations

import re
from dataclasses import replace

import pytest

from rag.answer import quoted
from rag.lookup import looked_up
from rag.ranking import Scored
from rag.types import Candidate, Document, Hit, Passage, Reading, Span

RESULTS = """\
£ million: Revenue | 2022: 52.4 | 2023: 57.8
£ million: Operating profit | 2022: 6.9 | 2023: 8.2
£ million: Profit after tax | 2022: 5.0 | 2023: 6.1
£ million: Passengers carried (thousands) | 2022: 1,284 | 2023: -"""
ENGINES = """\
Engine: Lady Pell | Built: 1874 | Builder: Hargreave | Weight: 18 tons
Engine: Hallow | Built: 1923 | Builder: Stroud & Lisle | Weight: 29 tons"""


def read(number: int, text: str, title: str = "Orn plc: annual report") -> Scored:
    """A passage, read by somebody who found nothing in it."""
    lines = [Span(line.start(), line.end(), 0.1) for line in re.finditer(r".+", text)]
    reading = Reading(0.1, 0.1, (), tuple(lines))
    document = Document(f"d{number}", f"file:d{number}", title, text, "r")
    passage = Passage(number, document.id, 0, len(text))
    return Scored(Candidate(Hit(number, number, 1.0), passage, text, reading, (document,)), -number, 0.0, 0.3)


PROSE = read(1, "In 2023 the board proposed a dividend of 7.0 pence out of the profit.")


def found(question: str, *tables: str) -> tuple[str, str]:
    """The row that comes before the prose, and what is marked in it; empty where the order stays."""
    order = [PROSE, *(read(number, text) for number, text in enumerate(tables, start=2))]
    ranked = looked_up(question, order)
    if ranked == order:
        return "", ""
    quote = quoted(ranked[0].candidate)
    return quote.text.partition(" | ")[0].partition(": ")[2], quote.marked


@pytest.mark.parametrize(
    ("question", "row", "cell"),
    [
        ("What was the operating profit in 2023?", "Operating profit", "8.2"),
        ("How much operating profit did Orn have in 2022?", "Operating profit", "6.9"),
        ("orn revenue 2022", "Revenue", "52.4"),
        ("How many passengers were carried in 2022?", "Passengers carried (thousands)", "1,284"),
    ],
)
def test_the_cell_of_the_row_and_the_column_that_are_named(question: str, row: str, cell: str) -> None:
    assert found(question, RESULTS) == (row, cell)


@pytest.mark.parametrize(
    ("question", "cell"),
    [
        ("When was the Lady Pell built?", "1874"),
        ("What is the weight of Hallow?", "29 tons"),
        ("Who was the builder of Lady Pell?", "Hargreave"),
        ("In which year was the Lady Pell built?", "1874"),
        ("Which builder does Lady Pell have?", "Hargreave"),
    ],
)
def test_a_cell_that_may_answer_the_question_word(question: str, cell: str) -> None:
    assert found(question, ENGINES)[1] == cell


@pytest.mark.parametrize(
    "question",
    [
        "What was the profit in 2023?",  # there are two
        "What was the operating profit?",  # of which year
        "What was the operating profit in 2021?",
        "What was the operating profit of Falk in 2023?",  # somebody else's
        "What was the operating profit in Wales in 2023?",
        "Why was the operating profit 8.2 in 2023?",
        "Was the operating profit in 2023 higher than in 2022?",
        "Which was the highest operating profit in 2023?",
        "How many passengers were carried in 2023?",  # the cell is empty
        "Who made the operating profit in 2023?",
        "The operating profit rose in 2023.",
        "Who had no operating profit in 2023?",
        "How much did the operating profit go up in 2023?",
        "How many companies made an operating profit in 2023?",
        "What was the tax on the operating profit in 2023?",
        "Can you tell me why the operating profit was low in 2023?",
        "What was revenue up to 2023?",
        "What was the revenue before 2023?",
        "How much did the operating profit change in 2023?",
        "Which companies had an operating profit in 2023?",
        "What was the average operating profit in 2023?",
    ],
)
def test_nothing_is_looked_up_in_doubt(question: str) -> None:
    assert found(question, RESULTS) == ("", "")


@pytest.mark.parametrize(
    "question",
    [
        "Who built Lady Pell?",
        "By whom was the Lady Pell built?",
        "Tell me who built the Lady Pell.",
        "Can you tell me where the Lady Pell was built?",
        "How was the Lady Pell built?",
        "Where is the weight of Hallow?",
        "How many engines were built by Hallow?",
        "How much is the builder of Lady Pell?",
    ],
)
def test_another_question_word_wants_another_cell(question: str) -> None:
    assert found(question, ENGINES) == ("", "")


@pytest.mark.parametrize(
    ("question", "table"),
    [
        (
            "How many households had children in 2021?",
            "Kind: Without children | 2021: 131\nKind: All | 2021: 9",
        ),
        ("What was the income in 2023?", "Pounds: Other income | 2023: 0.9\nPounds: Interest | 2023: 1"),
        ("What is the price of the Arlo?", "Car: Arlo | Price used: 900\nCar: Bel | Price used: 800"),
        (
            "What was the revenue in 2023?",
            "It: Revenue | 2023 (% of group): 38\nIt: Tax | 2023 (% of group): 8",
        ),
    ],
)
def test_words_that_narrow_a_row_or_a_column_are_no_part_of_it(question: str, table: str) -> None:
    assert found(question, table) == ("", "")


@pytest.mark.parametrize(
    ("heading", "asked", "there"),
    [("Revenue forecast", "", False), ("Revenue forecast", "forecast ", True), ("Results", "", True)],
)
def test_a_heading_that_narrows_a_table_must_be_said(heading: str, asked: str, there: bool) -> None:
    part = read(2, RESULTS)
    passage = replace(part.candidate.passage, heading=heading)
    order = [PROSE, replace(part, candidate=replace(part.candidate, passage=passage))]
    assert (looked_up(f"What was the {asked}revenue in 2023?", order) != order) == there


def test_a_title_with_two_names_is_not_that_of_either() -> None:
    order = [PROSE, read(2, RESULTS, "Orn and Falk in figures")]
    assert looked_up("What was the revenue of Falk in 2023?", order) == order
    assert looked_up("What was the revenue in 2023?", order) != order


def test_a_reader_that_is_sure_of_prose_is_not_overruled() -> None:
    order = [replace(PROSE, evidence=0.9), read(2, RESULTS)]
    assert looked_up("What was the operating profit in 2023?", order) == order


def test_tables_that_agree_answer_and_others_do_not() -> None:
    question = "What was the operating profit in 2023?"
    assert found(question, RESULTS, RESULTS)[1] == "8.2"
    assert found(question, RESULTS, RESULTS.replace("8.2", "9.2")) == ("", "")
