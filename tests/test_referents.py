"""Whom a pronoun means: a person, several, a thing, never a verb."""

from __future__ import annotations

import pytest
from talks import Fixed, talk

from rag.conversation import resolve
from rag.conversation.focus import Phrase
from rag.conversation.referents import fits, joined, referent, with_article
from rag.types import Turn


def phrase(text: str) -> Phrase:
    return Phrase(text, "your question 1")


@pytest.mark.parametrize(
    ("word", "text", "may"),
    [
        ("he", "Morris Chang", True),
        ("her", "Harvard University", False),
        ("he", "South Korea", False),
        ("she", "commissioner", True),
        ("his", "silicon wafer", False),
        ("it", "silicon wafer", True),
        ("its", "ASML", True),
        ("they", "chip engineers", True),
        ("they", "wafer", False),
        ("their", "SK hynix", True),
        ("themselves", "people", True),
    ],
)
def test_a_pronoun_stands_for_what_it_fits(word: str, text: str, may: bool) -> None:
    assert fits(word, phrase(text), ()) == may


@pytest.mark.parametrize(
    ("question", "verb"),
    [("Whom did he greet?", "greet"), ("Who produced it?", "produced"), ("What was she wearing at night?", "wearing")],
)
def test_it_stands_for_no_verb(question: str, verb: str) -> None:
    assert not fits("it", phrase(verb), talk(question))
    assert fits("it", phrase("bridge"), talk("Who built the bridge?"))


def test_of_several_words_that_are_carried_the_only_person_takes_the_place() -> None:
    scorer = Fixed(Wuhan=0.9, Charles=0.9, Lieber=0.9)
    turns = talk("Where in Wuhan did Charles Lieber work?")
    resolution = resolve("What was his sentence?", turns, terms=scorer)
    assert resolution.query == "What was Charles Lieber’s sentence? Wuhan"
    assert resolution.reason == "“his” was taken to mean “Charles Lieber”."
    assert resolution.carried[0].text == "Charles Lieber"
    assert referent("its", [phrase("Wuhan"), phrase("ASML")], turns) is None  # which one is not clear


def test_a_pronoun_goes_on_meaning_what_it_meant() -> None:
    turns = talk("What did Lisa Su study?", "Where did she work before?")
    assert turns[-1].resolution.query == "Where did Lisa Su work before?"
    carried = [phrase("Jensen Huang"), phrase("Lisa Su")]
    assert referent("her", carried, turns) == carried[1]
    assert referent("his", carried, turns) is None


def test_what_an_open_pronoun_was_asked_about_is_not_what_it_means() -> None:
    turns: list[Turn] = talk("How long did they stay in Nepal?")
    assert turns[-1].resolution.kind == "standalone"
    resolution = resolve("What did they eat?", turns, terms=Fixed(Nepal=0.9))
    assert resolution.query == "What did they eat? Nepal"


def test_parts_of_one_name_are_that_name() -> None:
    turns = talk("Who was Charles Lieber?")
    resolution = resolve("Where did he work?", turns, terms=Fixed(Lieber=0.9, Charles=0.9))
    assert resolution.query == "Where did Charles Lieber work?"
    parts = [phrase("Lieber"), phrase("Wuhan"), phrase("Charles")]
    assert [each.text for each in joined(parts, turns)] == ["Charles Lieber", "Wuhan"]
    assert joined([phrase("Lieber")], turns) == [phrase("Lieber")]  # nobody is made out of a part


def test_a_noun_keeps_its_article() -> None:
    assert with_article(phrase("silicon wafer"), talk("How is a silicon wafer made?")) == "the silicon wafer"
    assert with_article(phrase("gallium"), talk("How is gallium used?")) == "gallium"
    assert with_article(phrase("ASML"), talk("Who runs the ASML?")) == "ASML"


@pytest.mark.parametrize(
    ("question", "goes_on"),
    [("Who got up first?", False), ("who didn't go?", False), ("who else?", True), ("Who are they?", True)],
)
def test_who_did_something_is_a_question_of_its_own(question: str, goes_on: bool) -> None:
    kind = resolve(question, talk("Are other engineers famous?"), terms=Fixed()).kind
    assert (kind == "continuation") == goes_on
