"""What a question wants to know of the sources themselves, by its words."""

from __future__ import annotations

import pytest

from rag.wanted import THESE, wanted, wanted_within


@pytest.mark.parametrize(
    ("question", "kind", "about"),
    [
        ("Which articles mention Micron?", "which", "Micron"),
        ("what documents do you have about the CHIPS Act", "which", "the CHIPS Act"),
        ("Is there anything about tax?", "which", "tax"),
        ("What do you have on tax?", "which", "tax"),
        ("what have we got about the CHIPS Act", "which", "the CHIPS Act"),
        ("what else is there about tax?", "which", "tax"),
        ("Please list all sources on gallium", "which", "gallium"),
        ("which report discusses “dual use”?", "which", "dual use"),
        ("Summarize the report on Rapidus", "opening", "Rapidus"),
        ("can you give me a short summary of the Lieber case?", "opening", "the Lieber case"),
        ("What’s the document about?", "opening", ""),
        ("tl;dr", "opening", ""),
        ("summarise it please", "opening", ""),
        ("Tell me about Rapidus.", "topic", "Rapidus"),
        ("What is the newsletter about?", "topic", "the newsletter"),
        ("who wrote the article about Rapidus?", "byline", "Rapidus"),
        ("And when was it published?", "byline", ""),
        ("key points of the report on tax", "opening", "tax"),
        ("anything new on Micron?", "newest", "Micron"),
        ("Where is Micron mentioned?", "which", "Micron"),
        ('where does the phrase "dual use" appear?', "which", "dual use"),
        ("What's the latest on Rapidus?", "newest", "Rapidus"),
        ("What is “Rapidus: a late start” about?", "topic", "Rapidus: a late start"),
        ("what is the newest document about?", "newest", ""),
        ("Summarize the latest report on Micron", "newest", "Micron"),
        ("any recent news about TSMC Arizona", "newest", "TSMC Arizona"),
    ],
)
def test_what_is_wanted_of_the_sources(question: str, kind: str, about: str) -> None:
    found = wanted(question)
    assert found is not None
    assert (found.kind, found.about) == (kind, about)


@pytest.mark.parametrize(
    "question",
    [
        "Who founded TSMC?",
        "What is there on the island?",
        "What do you do about tax?",
        "Which article of the treaty covers goods?",
        "What is the latest version of the manual?",
        "Tell me more about it.",
        "Where are the spores found?",
        "What does the summary say about costs?",
        "What did he mention about the newest report?",
        "What was new in the second edition?",
        "Which documents did Lieber sign?",
    ],
)
def test_other_questions_are_read_for(question: str) -> None:
    assert wanted(question) is None


@pytest.mark.parametrize(
    ("question", "kind", "about", "within"),
    [
        ("documents from 2023", "held", "", "from 2023"),
        ("What do you have from Reuters?", "held", "", "from Reuters"),
        ("how many articles are there by Ann Smith", "held", "", "by Ann Smith"),
        ("List the reports published before May 2022, please", "held", "", "published before May 2022"),
        ("Do you have anything from the Guardian?", "held", "", "from the Guardian"),
        ("Which articles from 2023 mention Micron?", "which", "Micron", "from 2023"),
        ("Which BBC articles mention Micron?", "which", "Micron", "from BBC"),
        ("is there anything by Ann Smith about tax?", "which", "tax", "by Ann Smith"),
        ("the newest Reuters article", "newest", "", "from Reuters"),
        ("Summarize the article by Ann Smith", "opening", "", "by Ann Smith"),
        ("who wrote the report from May 2023?", "byline", "", "from May 2023"),
        ("which of them mention tax?", "which", "tax", THESE),
    ],
)
def test_of_which_sources_it_is_wanted(question: str, kind: str, about: str, within: str) -> None:
    found = wanted_within(question)
    assert found is not None
    assert (found.kind, found.about, found.within) == (kind, about, within)


@pytest.mark.parametrize(
    "question",
    [
        "In what paper was the theory published?",
        "What text is on the sign?",
        "Which documents did Lieber sign?",
        "how many documents were seized in the raid?",
        "Which of them mentioned the price first?",
        "Who left the company in 2019?",
    ],
)
def test_nothing_is_wanted_of_some_sources(question: str) -> None:
    assert wanted_within(question) is None


def test_what_the_sources_shall_not_mention() -> None:
    for question in (
        "Which documents mention tax but not rent?",
        "which documents mention tax without mentioning rent",
    ):
        found = wanted(question)
        assert found is not None and (found.about, found.without) == ("tax", "rent")
    ordinary = wanted("Which documents mention driving without a licence?")
    assert ordinary is not None and (ordinary.about, ordinary.without) == ("driving without a licence", "")
