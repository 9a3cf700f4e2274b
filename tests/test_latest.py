"""This year's edition before last year's, where the present is asked for: the whole path, with the shipped weights."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import pytest

from rag.assistant import Assistant
from rag.config import load_settings
from rag.figures import otherwise
from rag.ingest import add_paths
from rag.latest import latest
from rag.ranking import Scored
from rag.store import open_library
from rag.types import Candidate, Document, Hit, Passage, Reading, Span

pytestmark = pytest.mark.weights

EDITIONS = {2023: "86,400", 2025: "87,150"}


@pytest.fixture(scope="module")
def bulletins(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Assistant]:
    root = tmp_path_factory.mktemp("sources")
    for year, many in EDITIONS.items():
        text = (
            f"# Averley in figures\n\nPublished 19 September {year}\n\nThe borough had {many} residents in the summer."
        )
        (root / f"{year}.md").write_text(f"{text} Of them {'12' if year == 2023 else '13'} percent were born abroad.\n")
    settings = load_settings(index_dir=tmp_path_factory.mktemp("index"))
    made = Assistant(open_library(settings, create=True), settings)
    add_paths(made.library, [root], encoder=made.encoder, settings=settings)
    yield made
    made.library.close()


def test_the_newest_figure_comes_first_and_the_other_one_is_told(bulletins: Assistant) -> None:
    answer = bulletins.ask("How many residents does the borough have?").answer
    assert [quote.published[:4] for quote in answer.quotes] == ["2025", "2023"]
    assert answer.short is not None and answer.short.text == "87,150"
    assert otherwise(answer.quotes) == [(2, "86,400", "19 September 2023")]


@pytest.mark.parametrize("year", [2023, 2025])
def test_a_year_that_is_named_counts_for_more(bulletins: Assistant, year: int) -> None:
    answer = bulletins.ask(f"How many residents did the borough have in {year}?").answer
    assert answer.quotes[0].published.startswith(str(year))


def test_another_thing_is_no_newer_figure() -> None:
    def item(number: int, published: str, text: str, marked: str) -> Scored:
        at = text.index(marked)
        reading = Reading(0.5, 0.5, (Span(at, at + len(marked), 0.9),), (Span(0, len(text), 0.9),))
        document = Document(f"d{number}", f"file:d{number}", "Orn", text, "r", published=published)
        hit, passage = Hit(number, number, 1.0), Passage(number, document.id, 0, len(text))
        return Scored(Candidate(hit, passage, text, reading, (document,)), 1.0 - number, 0.0, 0.5)

    old = item(1, "2023", "A double room costs £120 a night.", "£120")
    dog = item(2, "2025", "A dog in a double room costs £15 a night.", "£15")
    new = item(3, "2025", "A double room costs £130 a night.", "£130")
    question = "How much does a double room cost?"
    assert latest(question, [old, dog], 0.3) == [old, dog]
    assert latest(question, [old, new], 0.3) == [new, old]
    assert latest(question, [new, old], 0.3) == [new, old]
    assert latest(question, [old, replace(new, evidence=0.1)], 0.3)[0] == old
    for past in ("How much did a double room cost?", "What is the highest cost of a double room?"):
        assert latest(past, [old, new], 0.3) == [old, new]
