"""Whom a pronoun means: a person, several, a thing, never a verb."""

from __future__ import annotations

from dataclasses import replace

import pytest
from talks import Fixed, quote, talk

from rag.conversation import resolve
from rag.conversation.focus import Phrase, joined, with_article
from rag.conversation.referents import fits, referent
from rag.types import Answer, ShortAnswer, Turn


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
    assert referent("his", carried, turns) == carried[0]  # the other was "she"


def test_a_pronoun_keeps_its_meaning_where_other_words_are_carried() -> None:
    turns = talk("What did Paul Larkin get?", "And Desmond Pike?", "Will he appeal?")
    resolution = resolve("What did the judge say about him?", turns, terms=Fixed(Paul=0.9, Larkin=0.9))
    assert resolution.query == "What did the judge say about Desmond Pike?"


@pytest.mark.parametrize(
    ("before", "found", "then", "query"),
    [
        ("Who were her parents?", "Rose Vale", "What did she study?", "What did Ann Lee study?"),
        ("Who came after her?", "Rose Vale", "What did she study?", "What did Rose Vale study?"),
    ],
)
def test_an_answer_takes_the_place_of_she_where_it_did_something_to_her(
    before: str, found: str, then: str, query: str
) -> None:
    turns = talk("Where was Ann Lee born?", before)
    short = ShortAnswer(found, "d1", 0, len(found), 0.9)
    turns[-1] = replace(turns[-1], answer=replace(turns[-1].answer, short=short))
    assert resolve(then, turns, terms=Fixed()).query == query


def test_they_are_not_who_was_he_and_it_is_not_who_was_she() -> None:
    turns = talk("When did Luke Ferris join the Rovers?", "Is he playing in the final?")
    carried = Fixed(Luke=0.9, Ferris=0.9, Rovers=0.9)
    assert resolve("Who are they playing?", turns, terms=carried).query == "Who are Rovers playing?"
    turns = talk("Did Callie have a farm?", "Was she married?")
    assert "Callie" not in resolve("Who built it?", turns, terms=Fixed(Callie=0.9, farm=0.9)).query


def test_it_is_not_the_colour_that_was_asked_for() -> None:
    turns = talk("What colour was the hat?", "Which bridges burned?")
    assert not fits("it", phrase("colour"), turns)
    assert fits("it", phrase("hat"), turns)
    assert fits("they", phrase("bridges"), turns)
    answer = replace(turns[0].answer, short=ShortAnswer("Black", "d1", 0, 5, 0.9))
    asked = Turn("What shade?", resolve("What shade?", ()), answer)
    assert not fits("her", Phrase("Black", "the answer to your question 1"), [asked])


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


def found(question: str, answer: str, turns: list[Turn]) -> list[Turn]:
    """The turns, and one whose short answer is given."""
    short = ShortAnswer(answer, "d1", 0, len(answer), 0.9)
    return [*turns, Turn(question, resolve(question, turns), Answer("answered", "", (), short))]


@pytest.mark.parametrize(
    ("before", "question", "query"),
    [
        ("How long was Ann Lee in prison?", "and her brother?", "How long was Ann Lee’s brother in prison?"),
        ("How long was Ann Lee in prison?", "And her lawyers?", "How long was Ann Lee’s lawyers in prison?"),
        ("What did Ann Lee’s lawyer say?", "and her deputy?", "What did Ann Lee’s deputy say?"),
        ("How many chips did Intel sell?", "and their rivals?", "How many chips did Intel’s rivals sell?"),
        (
            "How many chips did Intel sell in India?",
            "and its rivals?",
            "How many chips did Intel’s rivals sell in India?",
        ),
        ("How many chips did Intel sell?", "and its chairman?", "and Intel’s chairman?"),
        ("How many chips did Intel sell?", "And its revenue?", "And Intel’s revenue?"),
        ("What did the lawyer of Ann Lee say?", "and her lawyer?", "and Ann Lee’s lawyer?"),
    ],
)
def test_the_question_before_is_asked_about_somebody_of_the_same_kind(before: str, question: str, query: str) -> None:
    resolution = resolve(question, talk(before))
    assert (resolution.kind, resolution.query) == ("changed", query)


def test_whoever_was_described_is_whom_the_next_question_means() -> None:
    turns = talk("When did Ann Lee die?", "and her husband?")
    assert resolve("What did he do?", turns).query == "What did Ann Lee’s husband do?"
    turns = talk("How many chips did Intel sell?", "and its rivals?")
    assert resolve("and its shareholders?", turns).query.startswith("and Intel’s shareholders?")
    turns = found("Who runs Intel?", "Ann Lee", [])
    assert resolve("and her predecessor?", turns).query == "and Ann Lee’s predecessor?"


def test_another_person_is_named_by_a_pronoun_alone() -> None:
    turns = talk("Where was Ann Lee born?", "And Otto Brandt?")
    assert resolve("and she?", turns).query == "Where was Ann Lee born?"
    assert resolve("and she, where did she study?", turns).query == "where did Ann Lee study?"
    assert resolve("and he?", talk("Where was Otto Brandt born?")).query == "and he? Otto Brandt"
    turns = found("Who runs Intel?", "Ann Lee", [])
    assert resolve("and she?", turns).query.startswith("and she? Ann Lee")
    turns = talk("Who was arrested in Boston?", "How long was Otto Brandt in prison?")
    assert resolve("and him?", turns).query.startswith("and him? Otto Brandt")


def test_who_was_found_is_she_but_not_it() -> None:
    turns = found("Who built the Tallis Bridge?", "Ann Lee", [])
    scorer = Fixed(Tallis=0.9, Bridge=0.9)
    assert resolve("How long is it?", turns, terms=scorer).query == "How long is Tallis Bridge?"
    assert resolve("Where is she from?", turns).query == "Where is Ann Lee from?"
    for maker in ("SMIC", "Tokyo Electron"):
        turns = found("Who makes the Kirin chip?", maker, [])
        assert maker in resolve("Where is it based?", turns, terms=scorer).query


def test_nobody_else_is_carried_for_somebody_just_found() -> None:
    turns = found("Who sent Otto Brandt to prison?", "Ann Lee", [])
    resolution = resolve("Where did she study?", turns, terms=Fixed(Otto=0.9, Brandt=0.9, prison=0.9))
    assert resolution.query == "Where did Ann Lee study? prison"
    assert "Where did she study? Ann Lee Otto Brandt prison" in resolution.alternatives


def test_who_was_he_is_not_she() -> None:
    turns = talk("Which bridge did Otto Brandt build?", "Where was he born?")
    assert not fits("she", phrase("Otto Brandt"), turns)
    assert fits("his", phrase("Otto Brandt"), turns)


@pytest.mark.parametrize(
    ("text", "may"),
    [("C. C. Wei", True), ("Liang Mong-song", True), ("Lieber", True), ("Judge Rya W. Zobel", True)]
    + [("ASML", False), ("Carl Zeiss SMT", False), ("Varde Bridge", False), ("Mate 60", False)],
)
def test_a_person_has_a_name_like_a_person(text: str, may: bool) -> None:
    assert fits("he", phrase(text), ()) == may


@pytest.mark.parametrize("answer", ["Ann Lee, who comes from Bonn", "Ann Lee, a lawyer", "Ann Lee"])
@pytest.mark.parametrize("question", ["Who founded Kotoba?", "and the other founder?"])
def test_an_answer_is_the_name_without_the_clause_behind_it(question: str, answer: str) -> None:
    turns = found(question, answer, talk("Who founded Kotoba with Otto Brandt?"))
    assert resolve("Where was she born?", turns).query == "Where was Ann Lee born?"


def test_what_only_describes_takes_no_place() -> None:
    for asked, name in (("Who was Ann Lee?", "Ann Lee"), ("who was ann lee", "ann lee")):
        turns = found(asked, "a German-born British chemist", [])
        assert resolve("When did she leave?", turns).query == f"When did {name} leave?"
    turns = found("Which book won?", "A House Without Hinges", [])
    assert resolve("Who wrote it?", turns).query == "Who wrote A House Without Hinges?"


def test_what_was_asked_for_as_a_thing_is_nobody() -> None:
    scorer = Fixed(Ann=0.9, Lee=0.9)
    turns = found("What honours did Ann Lee receive?", "Fellow", [])
    assert resolve("What did she get in 1958?", turns, terms=scorer).query == "What did Ann Lee get in 1958?"
    for question in ("Which councillor voted against?", "What is the chairman called?"):
        turns = found(question, "Otto Brandt", [])
        assert resolve("When did he leave?", turns).query == "When did Otto Brandt leave?"


@pytest.mark.parametrize("said", ["My brother Anders came.", "Mr Anders spoke.", "Anders, her husband, left."])
def test_who_is_called_a_brother_is_he_and_not_she(said: str) -> None:
    turns = talk("Who came?", quotes=(quote(1, said),))
    assert fits("he", phrase("Anders"), turns)
    assert not fits("she", phrase("Anders"), turns)
    assert fits("she", phrase("Ida"), talk("Who came?", quotes=(quote(1, "Ida and the son of Ida came."),)))


def test_who_else_is_asked_for_is_not_who_was_found() -> None:
    turns = found("Who complained about lamps?", "Otto Brandt", [])
    assert "Otto Brandt" not in resolve("What else was complained about?", turns).query
    assert "Otto Brandt" in resolve("What else did he complain about?", turns).query


def test_who_holds_another_office_is_not_who_was_found() -> None:
    turns = found("Who is the chief executive of Fernhill?", "Annika Thorell", [])
    scorer = Fixed(Fernhill=0.9)
    assert resolve("Who's the chairman?", turns, terms=scorer).query == "Who's the chairman? Fernhill"
    assert "Annika" not in resolve("who was the chairman?", turns, terms=Fixed()).query
    assert "Annika" in resolve("What did the chairman say?", turns, terms=scorer).query


def test_what_somebody_is_takes_no_place_of_who_it_is() -> None:
    """A table said "Director: Marcus Orr", of which the name of the column was marked."""
    (turn,) = talk("Who is Marcus Orr?")
    found = replace(turn, answer=Answer("answered", "", (), short=ShortAnswer("Director", 1, 0, 8, 0.6)))
    assert resolve("What is his salary?", [found]).query == "What is Marcus Orr’s salary?"
    (turn,) = talk("Who is the head of the works?")
    found = replace(turn, answer=Answer("answered", "", (), short=ShortAnswer("Marcus Orr", 1, 0, 10, 0.6)))
    assert resolve("What is his salary?", [found]).query == "What is Marcus Orr’s salary?"


def test_they_is_nobody_who_was_called_ms() -> None:
    turns = talk("Who did the work?", quotes=(quote(1, "Ms Ilse Tarrow launched the programme."),))
    assert not fits("they", phrase("Ilse Tarrow"), turns)
    assert fits("they", phrase("Ilse Tarrow"), talk("Who did the work?"))


def test_parts_of_a_name_in_a_quote_are_joined() -> None:
    turns = talk("Who wrote it?", quotes=(quote(1, "It is by Sunniva Reik, an analyst."),))
    assert [each.text for each in joined([phrase("Sunniva"), phrase("Reik")], turns)] == ["Sunniva Reik"]
