"""Small talk and commands: nothing is searched, and nothing that is wanted is taken for them."""

from __future__ import annotations

import pytest
from talks import QIMING, Fixed, talk

from rag.conversation import candidates, resolve


@pytest.mark.parametrize(
    "question",
    ["hello", "Thanks a lot!", "help", "list sources", "Which documents do you have?", "Thanks, that helps.", "  "]
    + [
        "great, that helps",
        "hm ok",
        "makes sense, thanks",
        "That's what I needed. Cheers!",
        "fair enough",
        "lol",
        "not bad!",
    ]
    + [
        "no further questions",
        "have a nice day",
        "alright then",
        "ok let's move on",
        "let's start over",
        "one moment please",
    ]
    + [
        "are you a robot?",
        "Do you speak German?",
        "What's your name?",
        "how many texts are in here",
        "save this conversation",
    ]
    + ["ok thx, deadline in 10 min", "nice, I'll use that in the episode. bye!"]
    + ["forget what I said", "answer in German please", "Hello, what can you do?", "that is not right", "ugh, typical"],
)
def test_small_talk_and_commands_search_nothing(question: str) -> None:
    resolution = resolve(question, QIMING)
    assert (resolution.kind, candidates(resolution)) == ("command", ())


@pytest.mark.parametrize(
    "question",
    ["Who helps refugees?", "What sources of income does ASML have?", "Thanks to whom did it grow?", "export", "reset"],
)
def test_questions_that_look_like_commands_are_searched(question: str) -> None:
    assert resolve(question, ()).kind == "standalone"


@pytest.mark.parametrize(
    "question",
    [
        "fair use",
        "what's the fine",
        "the fine?",
        "his job",
        "Right to work?",
        "night work",
        "weekend work",
        "What is the new name of this program?",
        "Which language is this app built in?",
        "Thanks, revenue in 2021",
        "thanks now compare the two leases",
        "Thanks for that. Notice period",
        "/2023 budget",
    ],
)
def test_keywords_and_questions_are_no_small_talk(question: str) -> None:
    assert candidates(resolve(question, QIMING))


@pytest.mark.parametrize(
    "question",
    ["Thanks a million", "thanks for the help", "Thanks, that answers my question", "nice work", "haha fair enough"]
    + [
        "right?",
        "/help",
        "hello everyone",
        "thanks guys",
        "Thanks for the quick and helpful answer",
        "What is the name of this app?",
    ],
)
def test_small_talk_stays_small_talk(question: str) -> None:
    assert resolve(question, ()).kind == "command"


@pytest.mark.parametrize(
    "question",
    [
        "How does it work?",
        "What is it?",
        "great, why?",
        "ok, and then?",
        "Good. Who else?",
        "Nice, tell me more",
        "go on please",
    ]
    + [
        "great results or bad?",
        "What does Article 2 require?",
        "What is the result?",
        "Where did it come from?",
        "answer in detail",
    ],
)
def test_what_only_sounds_like_small_talk_or_a_reference_is_searched(question: str) -> None:
    assert candidates(resolve(question, QIMING))


def test_small_talk_between_does_not_hide_the_topic() -> None:
    turns = talk("What does the Qiming programme offer?", "thanks!")
    assert resolve("Who runs it?", turns).query == "Who runs the Qiming programme?"


@pytest.mark.parametrize(
    "question",
    [
        "hi, I'm working on a story about the chip act",
        "Good morning. I'm looking into Frontex.",
        "hey there, need help with a fact check on measles",
        "copy that to my clipboard",
        "great stuff, saving this for later",
        "can you email me this?",
        "thanks, that helps with my piece on SMIC",
        "perfect, that's everything for my scandal story",
        "I didn't know that, wow",
        "ok, list the files",
        "export to pdf",
    ],
)
def test_small_talk_may_name_a_subject(question: str) -> None:
    assert resolve(question, QIMING).kind == resolve(question, ()).kind == "command"


@pytest.mark.parametrize(
    "question",
    [
        "Thanks, I also need the number for 2023",
        "ok thanks, I want the 2023 revenue too",
        "Thanks. I'd like to know the penalties",
        "Hi, I'm working on a story about the chip act. How much money is there?",
        "I'm writing about rent control, when did it start",
        "I'm writing about Drax and need the subsidies for 2024",
        "I'm working on Drax: subsidies in 2024",
        "I'm looking for the cost of Stuttgart 21",
        "copy that to my clipboard and who paid",
        "Export to China?",
    ],
)
def test_small_talk_before_what_is_wanted_hides_nothing(question: str) -> None:
    assert candidates(resolve(question, QIMING)) and candidates(resolve(question, ()))


def test_a_subject_that_was_announced_is_what_a_pronoun_means() -> None:
    turns = talk("hi, I'm working on a story about the Qiming programme")
    resolution = resolve("Who runs it?", turns)
    assert (resolution.kind, resolution.query) == ("filled", "Who runs the Qiming programme?")


@pytest.mark.parametrize("said", ["hi, im working on a story about Drax", "need help with Drax", "I am covering Drax"])
def test_of_what_was_announced_only_the_topic_is_carried(said: str) -> None:
    every = Fixed(im=1.0, working=1.0, story=1.0, need=1.0, help=1.0, covering=1.0, Drax=1.0)
    carried = resolve("Who are the shareholders?", talk(said), terms=every).carried
    assert [phrase.text for phrase in carried] == ["Drax"]
