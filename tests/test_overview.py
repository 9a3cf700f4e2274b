"""Questions about the sources themselves: which mention something, how one begins, what the newest says."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest
from conftest import Folder, WordEncoder

from rag import Assistant
from rag.export import plain_answer
from rag.ingest import add_paths, remove
from rag.overview import about_the_sources, events, wanted
from rag.search import search
from rag.types import EVERYTHING
from rag.ui.views import Holdings, outcome, thread

FILES = {
    "one.md": """---
title: Rapidus breaks ground
date: 2023-09-01
---
# Rapidus breaks ground

By Ann Reporter

Rapidus held a ceremony in Chitose. It wants to make logic chips there in 2027.

Micron was not there, and no other maker came.
""",
    "two.md": """---
title: More aid for Rapidus
date: 2025-04-02
---
The government of Japan will give Rapidus more aid in this fiscal year.

The sum is 802.5 billion yen.
""",
    "three.md": """---
title: Memory
date: 2024-01-05
---
Micron makes memory chips in Boise and in several other places.

Rapidus is named only here, in the second paragraph.
""",
}


@pytest.fixture
def assistant(assistant_of: Callable[..., Assistant]) -> Assistant:
    return assistant_of(FILES)


@pytest.mark.parametrize(
    ("question", "kind", "about"),
    [
        ("Which articles mention Micron?", "which", "Micron"),
        ("what documents do you have about the CHIPS Act", "which", "the CHIPS Act"),
        ("Is there anything about tax?", "which", "tax"),
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


def test_the_sources_that_mention_something(assistant: Assistant) -> None:
    turn = assistant.ask("Which articles mention Micron?")
    said = {quote.title: quote.text for quote in turn.answer.quotes}
    assert said == {
        "Memory": "Micron makes memory chips in Boise and in several other places.",
        "Rapidus breaks ground": "Micron was not there, and no other maker came.",
    }
    for quote in turn.answer.quotes:
        assert assistant.library.document(quote.document_id).text[quote.start : quote.end] == quote.text
    assert turn.answer.reason == "2 sources mention “Micron”."
    assert outcome(turn) == "2 sources mention “Micron”. 2 quotes."
    assert "Answer found" not in thread((turn,), Holdings(3)), "nothing was read for it"
    assert "2 sources mention “Micron”." in plain_answer(turn)


def test_how_a_source_begins(assistant: Assistant) -> None:
    answer = assistant.ask("Summarize the article about Chitose").answer
    begins = "Rapidus held a ceremony in Chitose. It wants to make logic chips there in 2027."
    assert [quote.text for quote in answer.quotes] == [begins], "no byline, no heading, and no second paragraph"
    assert answer.reason.startswith("No summary is written here.")


def test_what_is_told_about_a_topic_that_a_title_names(assistant: Assistant) -> None:
    turn = assistant.ask("Tell me about memory")
    assert [quote.text for quote in turn.answer.quotes] == [
        "Micron makes memory chips in Boise and in several other places."
    ]
    assert turn.answer.trace, "what was retrieved can be seen"
    assert not assistant.ask("Tell me about Boise").answer.reason.startswith("No summary"), "no title names it"


def test_the_newest_source_about_something(assistant: Assistant) -> None:
    answer = assistant.ask("What is the latest on Rapidus?").answer
    assert [quote.title for quote in answer.quotes] == ["More aid for Rapidus", "Rapidus breaks ground"]
    assert answer.quotes[0].text == "The government of Japan will give Rapidus more aid in this fiscal year."
    assert answer.reason == "The newest source about it is dated 2 April 2025."


def test_the_oldest_and_the_newest_source_of_all(assistant: Assistant) -> None:
    oldest = assistant.ask("What is the oldest document?").answer
    assert [quote.title for quote in oldest.quotes] == ["Rapidus breaks ground", "Memory", "More aid for Rapidus"]
    assert oldest.reason == "The oldest source is dated 1 September 2023."
    assert assistant.ask("and which source is the newest?").answer.quotes[0].title == "More aid for Rapidus"


def test_of_the_source_just_shown(assistant: Assistant) -> None:
    first = assistant.ask("Which sources mention Boise?")
    for question in ("Summarize it", "Can you summarize this article?", "tldr"):
        turn = assistant.ask(question, [first])
        assert [quote.title for quote in turn.answer.quotes] == ["Memory"]
        assert turn.resolution.quote_rank == 1
    assert assistant.ask("and Chitose?", [first]).answer.quotes[0].title == "Rapidus breaks ground"


def test_what_happened_then(assistant_of: Callable[..., Assistant]) -> None:
    files = {
        "a.md": "# Rules\n\nThe agency published rules on 7 October 2022. They were broad.",
        "b.md": "# Case\n\nIn 2022, on October 7, a plant burned. 7 people left in 2021.",
        "c.md": "# Other\n\nIn October 2022 nothing was told. The 7 plants that they had were old.",
    }
    library, asked = assistant_of(files).library, events("What happened on 7th October 2022?")
    assert asked is not None
    hits = search(library, WordEncoder(), asked.about, depth=9)
    answer = about_the_sources(library, hits, asked, filters=EVERYTHING, most=3)
    assert answer is not None
    assert {quote.title: quote.text for quote in answer.quotes} == {
        "Rules": "The agency published rules on 7 October 2022.",
        "Case": "In 2022, on October 7, a plant burned.",
    }


def test_who_wrote_a_source_and_when(assistant: Assistant) -> None:
    answer = assistant.ask("When was the article about memory published?").answer
    assert answer.reason == "“Memory” names no author, dated 5 January 2024."
    listed = assistant.ask("Which sources mention Boise?")
    assert assistant.ask("and who wrote it?", [listed]).answer.reason == answer.reason, "of what was just listed"
    read = assistant.ask("What does Micron make?")
    assert assistant.ask("who wrote it?", [read]).answer.reason != answer.reason, "of what is spoken of"


def test_more_of_a_source_that_was_begun(assistant: Assistant) -> None:
    first = assistant.ask("Summarize the article about Chitose")
    more = assistant.ask("tell me more", [first]).answer
    assert more.quotes
    assert more.quotes[0].start >= first.answer.quotes[0].end


def test_a_source_that_changed_or_went_meanwhile(assistant: Assistant, folder: Folder) -> None:
    first = assistant.ask("Which sources mention Boise?")
    three = next(uri for uri in assistant.library.sources() if uri.endswith("three.md"))
    Path(three.removeprefix("file://")).write_text(
        "# Memory\n\nNothing is said of it here any more, in whatever words."
    )
    add_paths(
        assistant.library, [Path(three.removeprefix("file://"))], encoder=WordEncoder(), settings=assistant.settings
    )
    gone = "The source you mean is not there any more."
    assert assistant.ask("Summarize it", [first]).answer.reason == gone, "its new text was not what was shown"
    remove(assistant.library, [first.answer.quotes[0].document_id])
    assert assistant.ask("Summarize it", [first]).answer.reason == gone


def test_a_listed_answer_whose_quotes_were_purged_can_be_shown(assistant: Assistant) -> None:
    turn = assistant.ask("Which sources mention Boise?")
    bare = replace(turn, answer=replace(turn.answer, quotes=()))
    assert "Which sources mention Boise?" in thread((bare,), Holdings(3))


def test_what_no_source_mentions_is_searched_as_ever(assistant: Assistant) -> None:
    turn = assistant.ask("Which sources mention kangaroos?")
    assert (turn.answer.status, turn.answer.reason) == ("not_found", "No source mentions “kangaroos”.")
    assert "sources mention" not in assistant.ask("Which articles mention all of that?").answer.reason
    assert assistant.ask("Which articles mention Micron?", raw=True).answer.reason != "2 sources mention “Micron”."
    assert assistant.ask("Summarize it").answer.reason.startswith("Ask about the 3 sources"), "nothing was shown before"
