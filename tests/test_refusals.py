"""What the sources do not say is not answered by what stands near it: the whole path, with the shipped weights."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from rag.assistant import Assistant
from rag.config import load_settings
from rag.ingest import add_paths
from rag.store import open_library

pytestmark = pytest.mark.weights

FERRIES = """# Sturmvik Ferries

In 2022 Sturmvik made a profit of 9 million crowns. The council decides what a ticket costs.

Its ships carried 4,100 cars in the second quarter of 2024.

Marta Ocampo has led the Seafarers' League since 2017. Gallium may not leave the port, because the ministry wants to
protect national security.
"""


@pytest.fixture(scope="module")
def ferries(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Assistant]:
    root = tmp_path_factory.mktemp("sources")
    (root / "ferries.md").write_text(FERRIES)
    settings = load_settings(index_dir=tmp_path_factory.mktemp("index"))
    made = Assistant(open_library(settings, create=True), settings)
    add_paths(made.library, [root], encoder=made.encoder, settings=settings)
    yield made
    made.library.close()


@pytest.mark.parametrize("asked", ["why?", "and the reasons?", "who decides that?", "sorry, I meant who decides"])
def test_what_goes_on_from_a_refused_question_is_refused(ferries: Assistant, asked: str) -> None:
    refused = ferries.ask("What is the boiling point of tungsten?")
    assert refused.answer.status != "answered"
    assert ferries.ask(asked, [refused]).answer.status != "answered"


@pytest.mark.parametrize(("year", "answered"), [(2022, True), (2021, False)])
def test_another_year_answers_nothing(ferries: Assistant, year: int, answered: bool) -> None:
    answer = ferries.ask(f"What profit did Sturmvik make in {year}?").answer
    assert (answer.status == "answered") == answered
    assert (answer.short is not None) == answered


def test_since_when_is_not_answered_with_who(ferries: Assistant) -> None:
    leads = ferries.ask("Who leads the Seafarers' League?")
    assert leads.answer.short and leads.answer.short.text == "Marta Ocampo"
    since = ferries.ask("Since when?", [leads]).answer
    assert since.quotes[0].text == leads.answer.quotes[0].text
    assert since.short is None or since.short.text != "Marta Ocampo"


def test_another_quarter_is_no_answer_and_a_quarter_is_found_however_it_is_written(ferries: Assistant) -> None:
    second, first = (ferries.ask(f"how many cars were carried in {quarter} 2024").answer for quarter in ("q2", "Q1"))
    assert (second.status, second.short and second.short.text) == ("answered", "4,100")
    assert first.status != "answered"
