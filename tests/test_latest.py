"""This year's edition before last year's, where the present is asked for: the whole path, with the shipped weights."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from rag.assistant import Assistant
from rag.config import load_settings
from rag.figures import otherwise
from rag.ingest import add_paths
from rag.store import open_library

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
