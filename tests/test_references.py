"""What points at a quote that was shown, and what only sounds like it."""

from __future__ import annotations

import pytest
from talks import QIMING, SHOWN, quote, talk

from rag.conversation import candidates, resolve, shown
from rag.types import Answer, Filters, ShortAnswer, Turn


@pytest.mark.parametrize(
    ("question", "rank"),
    [
        ("[2]", 2),
        ("the second source", 2),
        ("open article 2", 2),
        ("that article", 1),
        ("expand", 1),
        ("next", 2),
        ("the last quote", 2),
        ("2", 2),
        ("number two, please", 2),
        ("second source pls", 2),
        ("the one after that", 2),
        ("Where did you find this?", 1),
        ("wheres that from", 1),
        ("Where does that information come from?", 1),
        ("source?", 1),
        ("What is your source?", 1),
        ("How do you know that?", 1),
        ("Which of your texts is this in?", 1),
        ("Is that from the ministry's press release?", 1),
        ("Let me see the original.", 1),
        ("who wrote that?", 1),
        ("Who said that?", 1),
        ("and who asked that?", 1),
        ("whose words are these?", 1),
        ("who is speaking?", 1),
        ("Could you open the second quote for me? I scrolled past it, silly me.", 2),
    ],
)
def test_a_reference_names_a_shown_quote_and_searches_nothing(question: str, rank: int) -> None:
    resolution = resolve(question, QIMING)
    assert (resolution.kind, resolution.quote_rank) == ("reference", rank)
    assert candidates(resolution) == ()


@pytest.mark.parametrize("question", ["Who's mentioned in the article?", "Who is mentioned in the article?"])
def test_what_an_article_says_is_searched_in_it(question: str) -> None:
    resolution = resolve(question, QIMING)
    assert (resolution.kind, resolution.filters.document_ids) == ("reference", ("d1",))
    assert candidates(resolution) == (resolution.query,)


def test_next_steps_on_and_stops_at_the_last_quote() -> None:
    turns = talk("What does the Qiming programme offer?", "next", quotes=SHOWN)
    assert resolve("next", turns).quote_rank == 2
    assert resolve("previous", turns).quote_rank == 1


def test_references_count_the_quotes_that_were_found_not_the_one_looked_at() -> None:
    seen = (*QIMING, Turn("[2]", resolve("[2]", QIMING), Answer("answered", "", (quote(1, "ASML sold 40.", "d2"),))))
    ranks = {"[1]": 1, "[2]": 2, "next": 2, "previous": 1, "that article": 2, "expand": 2}
    assert {said: resolve(said, seen).quote_rank for said in ranks} == ranks
    assert "no quote [3]" in resolve("[3]", seen).reason


def test_quotes_that_were_found_in_a_shown_source_are_counted_anew() -> None:
    asked = "What does the second source say about machines?"
    found = Answer("answered", "", tuple(quote(rank, f"Machine {rank}.", "d2") for rank in (1, 2, 3)))
    seen = (*QIMING, Turn(asked, resolve(asked, QIMING), found))
    assert shown(seen) == found.quotes
    assert [resolve(said, seen).quote_rank for said in ("[3]", "next", "expand")] == [3, 2, 1]
    assert resolve("who sold them?", seen).kind == "filled"


@pytest.mark.parametrize(
    "question",
    [
        "What is the link between smoking and cancer?",
        "Who was the source of the leak?",
        "When was the passage of the CHIPS Act?",
        "What was the story behind the merger?",
        "Is the source of the virus known?",
        "What is the reference number?",
        "Who owns the link road?",
        "Did Wales build the link road?",
        "What is the top source of revenue?",
        "Name one source of error",
        "Who was the #1 chip exporter in 2022?",
        "What does the first article of the treaty say?",
        "What does Article Two say about the president?",
        "Article 5",
        "show me article 5",
        "Show me the full list",
        "show the whole budget",
        "Was it from the state budget?",
        "What was the last quote from Morris Chang?",
        "Which reporter broke the story?",
        "Is that story true?",
    ],
)
def test_a_noun_that_is_also_a_word_for_a_quote_is_searched(question: str) -> None:
    assert resolve(question, QIMING).kind != "reference"
    assert candidates(resolve(question, ()))


@pytest.mark.parametrize(
    ("question", "rank"),
    [
        ("and the other one?", 2),
        ("quote #2", 2),
        ("#2", 2),
        ("open the top result", 1),
        ("Show me the full article", 1),
        ("Is the source reliable?", 1),
        ("Is the second source newer?", 2),
        ("Does the second source agree?", 2),
        ("open the source of that please", 1),
        ("read the second quote in full", 2),
        ("When was this published?", 1),
        ("When was that story published?", 1),
        ("Who is the author of that piece?", 1),
        ("Can you quote the exact wording?", 1),
    ],
)
def test_a_quote_is_pointed_at_in_few_words(question: str, rank: int) -> None:
    assert resolve(question, QIMING).quote_rank == rank


def test_where_nothing_was_shown_a_question_that_names_more_than_a_quote_is_searched() -> None:
    assert candidates(resolve("Is that from the ministry's press release?", ()))
    assert resolve("show me the source", ()).reason == "No quote has been shown yet."


@pytest.mark.parametrize("question", ["[7]", "the fifth source"])
def test_a_quote_that_was_not_shown_is_said_to_be_missing(question: str) -> None:
    resolution = resolve(question, QIMING)
    assert (resolution.kind, resolution.quote_rank) == ("reference", None)
    assert "There is no quote" in resolution.reason


def test_a_question_about_a_quote_names_its_document() -> None:
    resolution = resolve("What does the second source say about machines?", QIMING)
    assert (resolution.kind, resolution.quote_rank) == ("reference", 2)
    assert resolution.filters == Filters(document_ids=("d2",))
    assert candidates(resolution) == ("machines?",)
    assert candidates(resolve("When was the second source published?", QIMING)) == ()


@pytest.mark.parametrize("question", ["Who said the plan will fail?", "who asked for it?", "who told the police?"])
def test_who_said_a_certain_thing_is_searched(question: str) -> None:
    assert resolve(question, QIMING).kind != "reference"


def test_who_that_is_means_the_person_just_found() -> None:
    short = ShortAnswer("Dale Pruitt", "d1", 0, 11, 0.8)
    turns = [Turn("who said 500?", resolve("who said 500?", ()), Answer("answered", "", SHOWN, short))]
    for question in ("who is that?", "And who's that?"):
        assert resolve(question, turns).query == "Who is Dale Pruitt?"
    assert resolve("who is that?", QIMING).kind == "continuation"


def test_what_is_mentioned_in_the_article_is_searched_there() -> None:
    resolution = resolve("Who is mentioned in the article?", QIMING)
    assert (resolution.kind, resolution.query, resolution.quote_rank) == ("reference", "Who is mentioned", 1)
