"""Quarters, halves and fiscal years."""

from __future__ import annotations

import pytest

from rag.periods import of_another_period, periods, worded


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("operating income Q3", {("quarter", 3, 0)}),
        ("h1 margin", {("half", 1, 0)}),
        ("fy25 guidance", {("year", 1, 2025)}),
        ("2Q 2024", {("quarter", 2, 2024)}),
        ("third-quarter results for fiscal 2024", {("quarter", 3, 2024)}),
        ("the third quarter ended 31 December 2023", {("quarter", 3, 0)}),
        ("nine months of 2024", {("months", 9, 2024)}),
        ("January–September 2024, January to June", {("months", 9, 2024), ("half", 1, 0)}),
        ("Q4 FY'24", {("quarter", 4, 2024)}),
        ("in the second half, 20 men left", {("half", 2, 0)}),
        ("In Q4 35 people, 24 % of H1N1", {("quarter", 4, 0)}),
        ("the H4 visa, an H3 heading, an Audi Q5", set()),
        ("full of fish in 2024, a quarter of it", set()),
    ],
)
def test_a_period_is_read_in_letters_and_in_words(text: str, found: set[tuple[str, int, int]]) -> None:
    assert {tuple(each) for each in periods(text)} == found


@pytest.mark.parametrize(
    ("question", "quote", "above", "other"),
    [
        ("share in the third quarter of 2023?", "It had 61 % in the fourth quarter of 2023.", "", True),
        ("share in the third quarter?", "It had 61 % in the fourth quarter, after 58 % in the third.", "", False),
        ("share in the third quarter?", "It had 61 % in the fourth quarter and 58 % in the third quarter.", "", False),
        ("profit first quarter 2024", "Profit was 561 million.", "First half of 2024", True),
        ("sales nine months", "Sales were 561 million.", "First half of 2024", False),
        ("profit first quarter 2024", "Profit was 318 million.", "Report for Q1 2024", False),
        ("profit in Q1 2024", "Profit in the first quarter was 318 million.", "Report for Q1 2023", True),
        ("Did profit rise in Q1?", "Profit rose in the second quarter.", "", False),
        ("profit in Q1 and Q2", "Profit rose in the third quarter.", "", False),
        ("profit in 2024", "Profit rose in the third quarter.", "", False),
    ],
)
def test_a_quote_about_another_quarter_does_not_answer(question: str, quote: str, above: str, *, other: bool) -> None:
    assert of_another_period(question, quote, above) is other


def test_the_nearest_heading_says_which_quarter_it_is() -> None:
    above = ("First half of 2024", "Second quarter of 2024", "Report for the first half of 2024")
    assert of_another_period("profit q2 2024", "Profit was 561 million.", *above)
    assert not of_another_period("profit q2 2024", "Profit was 297 million.", *above[1:])


def test_a_question_names_quarters_as_the_sources_do() -> None:
    prose, rows = "In the third quarter of fiscal 2024 it fell.", "Quarter: Q3 FY2024 | Margin: 5 %"
    assert worded("margin q3 fy24", [prose]) == "margin third quarter fiscal 2024"
    assert worded("margin in the third quarter", [rows]) == "margin in the Q3"
    assert (
        worded("What is H2?", ["H2 burns.", "In the third quarter of 2024 and the first half of 2023."])
        == "What is H2?"
    )
    assert worded("margin q3", [prose, rows, rows]) == worded("margin q3", []) == "margin q3"
