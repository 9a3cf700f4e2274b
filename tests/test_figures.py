"""Numbers and dates, and quotes that give another one."""

from __future__ import annotations

from dataclasses import replace

import pytest

from rag.export import plain_answer
from rag.figures import otherwise
from rag.types import Answer, Quote, Resolution, ShortAnswer, Turn
from rag.ui import views


def quotes(*answers: str, score: float = 0.5) -> list[Quote]:
    """A quote for each answer, which is marked in it; the first has a score of 0.6."""
    made = []
    for rank, answer in enumerate(answers, start=1):
        text = f"It was {answer} then."
        quote = Quote(rank, text, f"d{rank}", "rev", 10, 10 + len(text), f"file:///{rank}", "", rank, score=score)
        made.append(replace(quote, answer_start=17, answer_end=17 + len(answer)) if answer else quote)
    return [replace(made[0], score=0.6), *made[1:]]


@pytest.mark.parametrize(
    ("first", "other"),
    [
        ("8.5 billion dollars", "about 7.86 billion dollars"),
        ("2021", "5 May 2022"),
        ("10", "12"),
        ("3 May 2021", "4 May 2021"),
        ("in 2019", "in 2020"),
        ("In 2019", "2021"),
        ("on 3 May 2021", "4 May 2021"),
    ],
)
def test_another_figure_is_told(first: str, other: str) -> None:
    assert otherwise(quotes(first, other)) == [(2, other)]


@pytest.mark.parametrize(
    ("first", "other"),
    [
        ("8 billion dollars", "about 7.86 billion dollars"),  # rounded
        ("2021", "5 May 2021"),
        ("in 2021", "on 5 May 2021"),
        ("8 million dollars", "8,000,000 dollars"),
        ("8 million dollars", "9 million euros"),  # not comparable
        ("in Rome", "12"),
        ("2021", "12"),
        ("8.5 billion dollars", "up to 7.86 billion dollars"),
        ("about 100", "97"),
        ("1990s", "1980s"),
        ("1.234 euros", "1,234 euros"),
        ("1200 euros", "1500 dollars"),
        ("2019 to 2021", "2020"),
        ("", "12"),
        ("12", ""),
    ],
)  # fmt: skip
def test_what_may_be_the_same_is_not(first: str, other: str) -> None:
    assert otherwise(quotes(first, other)) == []


def test_a_quote_with_little_evidence_does_not_count() -> None:
    assert otherwise(quotes("10", "12", score=0.2)) == []
    assert otherwise([]) == []


def test_page_and_terminal_say_it() -> None:
    found = tuple(quotes("10 <b>", "12 <b>"))
    answer = Answer("answered", "", found, ShortAnswer("10 <b>", "d1", 17, 19, 0.9), 0.6)
    turn = Turn("How many?", Resolution("standalone", "How many?", ""), answer)
    assert "Quote [2] says: 12 <b>" in plain_answer(turn)
    assert " Quote 2 says: <q>12 &lt;b&gt;</q>." in views.thread([turn], views.Holdings(2))
