"""Words that are misspelt in a question are searched as the sources spell them, and the user is told."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest
from hypothesis import given
from hypothesis import strategies as st

from eval.reader_dev import Words
from rag import Assistant, open_library
from rag.config import load_settings
from rag.export import plain_answer
from rag.ingest import add_paths
from rag.spelling import doubted, respelt, unheard_of
from rag.text import words
from rag.ui.views import Holdings, thread

pytestmark = pytest.mark.weights
LIST = """---
title: The Entity List
date: 2019-05-20
---

Huawei was added to the Entity List on 16 May 2019. ASML, a Dutch company, was not.

The government of the Netherlands restricted exports of gallium in 2023, as others did. Bolesław Prus wrote novels.
"""


@pytest.fixture(scope="module")
def assistant(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Assistant]:
    root = tmp_path_factory.mktemp("sources")
    (root / "list.md").write_text(LIST)
    settings = load_settings(index_dir=tmp_path_factory.mktemp("index"))
    made = Assistant(open_library(settings, create=True), settings)
    add_paths(made.library, [root], encoder=made.encoder, settings=settings)
    yield made
    made.library.close()


@pytest.fixture(scope="module")
def spell(assistant: Assistant) -> Callable[[str], str]:
    return lambda question: respelt(assistant.library, assistant.encoder, question)[0]


@pytest.mark.parametrize(
    ("typed", "meant"),
    [
        ("when was hauwei added", "when was Huawei added"),
        ("What did the goverment of the Neterlands restrict?", "What did the government of the Netherlands restrict?"),
        ("is AMSL on it?", "is ASML on it?"),  # two letters of a short word
        ("Hauwei's list", "Huawei's list"),
        ("Boleslaw's novels", "Bolesław's novels"),
        ("hauwei, hauwei", "Huawei, Huawei"),
    ],
)
def test_a_slip_is_mended(spell: Callable[[str], str], typed: str, meant: str) -> None:
    assert spell(typed) == meant


@pytest.mark.parametrize(
    "question",
    [
        "Which restrictions did the Netherlands add?",  # every word stands there, in this form or another
        "Who sells sushi, galleons and hydrangeas?",  # words, though of nothing that is told
        "Where do otters live?",  # neither "others" nor "otter"
        "did they dont restrict whats added",  # in haste, and next to nothing
        "What about ASMI, list 2020 and 16a?",  # too short, and no word
        "",
    ],
)
def test_what_is_no_slip_stays(spell: Callable[[str], str], question: str) -> None:
    assert spell(question) == question


def test_passages_without_a_library_are_asked_the_same(assistant: Assistant) -> None:
    """Of the development questions."""
    known = Words([LIST])
    for question in ("when was hauwei added", "Who sells sushi?", "Boleslaw's novels", "whats restricted"):
        expected = respelt(assistant.library, assistant.encoder, question)
        assert respelt(known, assistant.encoder, question) == expected


@given(st.text(max_size=40))
def test_any_question_keeps_all_but_the_words_that_were_changed(assistant: Assistant, question: str) -> None:
    found, changed = respelt(assistant.library, assistant.encoder, question)
    assert len(words(found)) == len(words(question)) or changed
    assert (found == question) == (not changed)


def test_the_user_is_told_and_can_have_the_words_as_typed(assistant: Assistant) -> None:
    turn = assistant.ask("when was hauwei added to the entity list")
    assert turn.answer.short
    assert turn.answer.short.text == "16 May 2019"
    assert turn.question == "when was hauwei added to the entity list"
    assert turn.resolution.query == "when was Huawei added to the entity list"
    assert turn.resolution.reason.endswith("No source has “hauwei”, so “Huawei” was searched.")
    page = thread((turn,), Holdings(1))
    assert "Huawei added" in page
    assert "Search exactly what I typed" in page
    raw = assistant.ask("when was hauwei added to the entity list", raw=True)
    assert raw.resolution.query == raw.question
    assert not raw.resolution.respelt


def test_a_name_that_no_source_has_is_told(assistant: Assistant) -> None:
    assert unheard_of(assistant.library, "When was Solberg added to the Entity List?") == "Solberg"
    assert not unheard_of(assistant.library, "When was Hauweii added to the Entity List by the Dutch?")
    turn = assistant.ask("When did Solberg say that Huawei was added to the Entity List?")
    assert turn.answer.status == "answered"
    assert turn.answer.quotes[0].score < 0.5
    assert "Possible answer</p>" not in thread((turn,), Holdings(1))
    assert "No source has “Solberg”" in thread((turn,), Holdings(1))
    assert plain_answer(turn).startswith("No source has “Solberg”.\nPossible answer")
    found = doubted(turn.answer, (), "Solberg", strict=True)
    assert (found.status, found.short) == ("related", None)


def test_a_name_that_was_changed_makes_no_more_than_a_possible_answer(assistant: Assistant) -> None:
    turn = assistant.ask("When was Hauwei added to the Entity List?")
    assert turn.answer.short
    assert turn.answer.quotes[0].score < 0.5
    assert "Possible answer" in thread((turn,), Holdings(1))


def test_a_follow_up_is_mended_before_it_is_understood(assistant: Assistant) -> None:
    first = assistant.ask("When was Huawei added to the Entity List?")
    turn = assistant.ask("and gallum?", [first])
    assert "gallium" in turn.resolution.query.lower()
    assert [(each.origin, each.text) for each in turn.resolution.respelt] == [("gallum", "gallium")]
