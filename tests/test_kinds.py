"""The kind of a turn follows from its syntax, on topics that the product never saw."""

from __future__ import annotations

from dataclasses import replace

import pytest

from rag.conversation import is_complete, literal, resolve
from rag.conversation.pointers import is_unfinished, pronoun, stands_in
from rag.lexicon import is_statement, names
from rag.types import Answer, Carried, Resolution, Turn

ASKED = "How many people live in Lagos?"
BEFORE = [Turn(ASKED, resolve(ASKED, ()), Answer("answered", ""))]


@pytest.mark.parametrize(
    ("question", "kind"),
    [
        ("and Kano?", "changed"),
        ("And Kano, how many live there?", "changed"),
        ("At what altitude?", "changed"),
        ("And the one for the whole metropolitan area in 2010?", "changed"),
        ("how many of them are under 18", "filled"),
        ("Was that counted?", "filled"),
        ("Who governed it that year?", "filled"),
        ("Which of the two cities is older?", "filled"),
        ("Which languages are spoken there?", "filled"),
        ("What does the abbreviation mean?", "filled"),
        ("What is the mayor called?", "carried"),
        ("Why so many?", "continuation"),
        ("Elaborate, please.", "continuation"),
        ("in one sentence", "continuation"),
        ("Give me three examples.", "continuation"),
        ("No no, the state.", "correction"),
        ("the state of Lagos I mean", "correction"),
        ("wrong city, I want Kano", "correction"),
        ("By the way, who invented jollof rice?", "standalone"),
        ("Next question: who invented jollof rice?", "standalone"),
        ("Tell me about the Benin Empire", "standalone"),
        ("start a new chat", "command"),
        ("How do I add a document?", "command"),
        ("That's what I needed, thx", "command"),
    ],
)
def test_the_kind_follows_from_the_syntax(question: str, kind: str) -> None:
    assert resolve(question, BEFORE).kind == kind


@pytest.mark.parametrize(
    "question",
    [
        "Did Huawei sell its phone brand?",
        "Who were the three suppliers, and what were their shares?",
        "How long does it take to boil an egg?",
        "Is it possible to see Mars?",
        "Did Greg Becker say he was sorry?",
        "when did tsmc first say it would build in arizona",
        "Which targets did Germany set for itself?",
        "why did intel delay its german fab",
        "has kestrel changed his mind?",
        "what did vessel say about her grandfather",
    ],
)
def test_a_pronoun_that_the_question_explains_points_at_nothing_before(question: str) -> None:
    assert pronoun(question) is None


@pytest.mark.parametrize(
    "question",
    ["Did Apple buy from them?", "Who founded Nvidia with him?", "What is it, and why?"]
    + [
        "what did the firm do with its fab",
        "what did anna tell her",
        "did critics say it would fail",
        "what did people say it was",
        "when did they say it would open",
    ],
)
def test_a_pronoun_that_no_name_of_its_clause_can_explain_points_back(question: str) -> None:
    assert pronoun(question) is not None


@pytest.mark.parametrize(
    ("question", "points"),
    [
        ("How much of that came from China?", True),
        ("Isn't that the same?", True),
        ("Which companies that sell chips grew?", False),
        ("Who said that prices fell?", False),
        ("Do both sell phones?", True),
        ("Do both Apple and Huawei sell phones?", False),
        ("Who bought the bank in the end?", True),
        ("Who bought the Bank of England?", False),
    ],
)
def test_that_and_both_point_back_only_where_they_stand_alone(question: str, points: bool) -> None:
    assert stands_in(question) is points


@pytest.mark.parametrize(
    ("question", "open_"),
    [
        ("What did Washington do before the ban?", True),
        ("What did Washington do before the ban of 2024?", False),
        ("How big is Cadence's share?", True),
        ("How big is Cadence's share of the market in 2021?", False),
        ("How did ASML react?", True),
        ("How did ASML react to the rule of October?", False),
        ("Who bought the Honor brand?", False),
        ("Which is the largest city in the world?", False),
        ("Are there Chinese suppliers?", True),
        ("Are there chip suppliers?", False),
    ],
)
def test_a_noun_or_verb_that_lacks_its_complement_leaves_a_question_open(question: str, open_: bool) -> None:
    assert is_unfinished(question) is open_


def test_what_leaves_nothing_open_and_is_better_answered_alone_is_a_new_topic() -> None:
    carried = Resolution("carried", "How is paella made? Lagos", "", (Carried("Lagos", "your question 1"),))
    taken = literal(carried, "How is paella made?")
    assert (taken.kind, taken.query, taken.carried) == ("standalone", "How is paella made?", ())
    assert taken.alternatives == (carried.query,)


@pytest.mark.parametrize(
    "question",
    [
        "What is the mayor called?",
        "Are more people expected?",
        "Who owns Cadence's share?",
        "And what was really wrong?",
    ],
)
def test_what_leaves_something_open_is_no_new_topic(question: str) -> None:
    carried = Resolution("carried", f"{question} Lagos", "Why.", (Carried("Lagos", "your question 1"),))
    assert not is_complete(carried, question)
    assert is_complete(carried, "How is paella made?")
    assert not is_complete(replace(carried, kind="filled"), "How is paella made?")


@pytest.mark.parametrize("question", ["What is the IT budget?", "Who sits in the IT department of Acme?"])
def test_it_in_capitals_is_no_pronoun(question: str) -> None:
    assert pronoun(question) is None
    assert pronoun("WHO OWNS IT NOW?") is not None


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("What did the WHO and the US recommend?", ["WHO", "US"]),
        ("What was sold in May?", ["May"]),
        ("May I ask who sold it?", []),
        ("WHO OWNS IT NOW?", ["OWNS"]),
    ],
)
def test_names_that_are_written_like_small_words(text: str, found: list[str]) -> None:
    assert [text[start:end] for start, end in names(text)] == found


@pytest.mark.parametrize(
    ("text", "claims"),
    [
        ("Please list the members of the board.", False),
        ("Identify the parties to the contract.", False),
        ("I want to know who signed the contract.", False),
        ("In which year was the merger approved.", False),
        ("In what was seen as a setback, sales fell.", True),
        ("The merger was approved in 2021.", True),
        ("Remind me who approved the merger.", False),
        ("Look up when the merger was approved.", False),
        ("Check valves keep water out of the pump.", True),
        ("The merger was approved in 2021", True),
        ("Zinc does not slow the growth of roots", True),
        ("mergers that were approved in 2021", False),
        ("the head of the merged firm is", False),
        ("I am looking for reports that were published in 2020", False),
        ("in 2021 the merger was approved by whom", False),
        ("zinc deficiency and the growth of roots", False),
    ],
)
def test_a_request_is_no_statement(text: str, claims: bool) -> None:
    assert is_statement(text) is claims
