"""Which words are taken for a filter, and which are part of what is asked."""

from __future__ import annotations

from dataclasses import replace

import pytest

from rag.conversation.filters import Known, day_range, from_words, shown_too
from rag.types import Filters

NAMES = ("Reuters", "The Washington Post", "Science", "Nature", "Nvidia", "People's Daily", "U.S. News")
KNOWN = Known((("d1", "Water quality in Flint"), ("d2", "Qiming plan")), NAMES, "2024")


@pytest.mark.parametrize(
    "question",
    [
        "Which lease runs until 31 December 2023?",
        "What must be phased out by the end of 2023?",
        "How did revenue change between 2019 and 2021?",
        "By the end of 2023, which subsidies must be phased out?",
        "Did New York gain black residents from 2000 to 2010?",
        "How many visitors came to the park from June to August?",
        "How many reactors were built after 2011?",
        "Who chaired the board before 2015?",
        "How many incidents were reported in 2022?",
        "Which of the incidents were first reported before 2015?",
        "What accidents have been reported since 2020?",
    ],
)
def test_a_time_of_what_happened_is_no_time_of_publication(question: str) -> None:
    assert from_words(question, KNOWN) == (Filters(), question)
    assert from_words(question, Known()) == (Filters(), question)


@pytest.mark.parametrize(
    ("question", "filters", "rest"),
    [
        ("What was said of leases until 2019?", Filters(until="2019-12-31"), "What was said of leases?"),
        (
            "Which articles are on leases, between 2019 and 2021?",
            Filters(since="2019-01-01", until="2021-12-31"),
            "Which articles are on leases?",
        ),
        (
            "How many articles on leases were published in 2022?",
            Filters(since="2022-01-01", until="2022-12-31"),
            "How many articles on leases?",
        ),
        ("What was reported in 2022?", Filters(), "What was reported in 2022?"),
        ("What do reports say of leases before 2015?", Filters(until="2014-12-31"), "What do reports say of leases?"),
        ("Which leases were signed since 2022?", Filters(since="2022-01-01"), "Which leases were signed?"),
    ],
)
def test_a_time_of_publication_is_a_filter(question: str, filters: Filters, rest: str) -> None:
    assert from_words(question, KNOWN) == (filters, rest)


@pytest.mark.parametrize(
    ("question", "year"),
    [
        ("What is said of leases since 2025?", "2024"),
        ("What is said of leases until 2030?", "2024"),
        ("What was published in 2026 on leases?", "2024"),
        ("What is said of leases since 2022?", ""),
    ],
)
def test_no_source_is_from_a_time_after_the_newest(question: str, year: str) -> None:
    assert from_words(question, replace(KNOWN, year=year)) == (Filters(), question)


@pytest.mark.parametrize(
    "question",
    [
        "Is the policy supported by science?",
        "What can we learn from nature?",
        "How many people moved from the science faculty",
        "How many people moved from the Science Faculty?",
        "Which products were sold by Nature's Way?",
        "How many journalists were laid off by the Washington Post?",
        "Who was sued by Nvidia?",
        "What is wrong according to science?",
        "Whose praise was printed, according to Nature’s editor?",
        "What is new according to Nature Medicine?",
        "What is new according to Science and Technology Review?",
        "Apart from Reuters, who wrote of chips?",
        "Who went from Reuters to a bank?",
        "How much lead was found in the water source?",
        "Which page of the water file is missing?",
        "Who runs the mills in the water paper industry?",
        "What is new according to Bloomberg?",
    ],
)
def test_a_name_that_acts_or_is_part_of_another_is_no_publisher(question: str) -> None:
    assert from_words(question, KNOWN) == (Filters(), question)
    assert from_words(question, Known()) == (Filters(), question)


@pytest.mark.parametrize(
    ("question", "publisher", "rest"),
    [
        ("chips from reuters", "Reuters", "chips"),
        ("What is said of chips from Nature?", "Nature", "What is said of chips?"),
        ("Which articles by Reuters are on chips?", "Reuters", "Which articles are on chips?"),
        ("Are there reports from the Washington Post about chips?", NAMES[1], "Are there reports about chips?"),
        ("Were chips banned, as reported by People’s Daily?", "People's Daily", "Were chips banned?"),
        ("From Reuters: what do chips cost?", "Reuters", "What do chips cost?"),
        ("What do chips cost according to U.S. News?", "U.S. News", "What do chips cost?"),
        ("According to Science, what do chips cost?", "Science", "What do chips cost?"),
    ],
)
def test_a_publisher_that_is_named_as_such_is_a_filter(question: str, publisher: str, rest: str) -> None:
    assert from_words(question, KNOWN) == (Filters(publisher=publisher), rest)


def test_an_article_may_be_named_in_the_middle() -> None:
    found = from_words("What is said in the Qiming article about bonuses?", KNOWN)
    assert found == (Filters(document_ids=("d2",)), "What is said about bonuses?")


def test_nothing_is_taken_out_where_the_words_are_wanted_plain() -> None:
    question = "What was said in the Qiming article since 2022?"
    assert from_words(question, KNOWN)[0] != Filters()
    assert from_words(question, shown_too(replace(KNOWN, plain=True), ())) == (Filters(), question)


@pytest.mark.parametrize("text", ["2022-05", " 2022-05", "May 2022 "])
def test_blanks_around_a_date_change_nothing(text: str) -> None:
    assert day_range(text) == ("2022-05-01", "2022-05-31")
