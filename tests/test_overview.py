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
from rag.overview import Scope, of_words
from rag.search import search
from rag.types import EVERYTHING, Filters
from rag.ui.views import Holdings, outcome, starters, thread
from rag.wanted import events

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


@pytest.mark.parametrize(
    ("question", "titles", "reason"),
    [
        (
            "Which sources mention Micron but not Boise?",
            {"Rapidus breaks ground"},
            "One source mentions “Micron” but not “Boise”.",
        ),
        (
            "Which sources mention Micron but don't mention maker or Boise?",
            set(),
            "No source mentions “Micron” but not “maker” or “Boise”.",
        ),
        (
            "Which sources mention Boise or aid?",
            {"Memory", "More aid for Rapidus"},
            "2 sources mention “Boise” or “aid”.",
        ),
        ("Which sources do not mention Micron?", {"More aid for Rapidus"}, "There is one source without “Micron”."),
        ("How many documents don’t mention Micron or aid?", set(), "Every source mentions “Micron” or “aid”."),
        ("What do you have on Boise?", {"Memory"}, "One source mentions “Boise”."),
    ],
)
def test_sources_with_one_thing_or_another_or_without_it(
    assistant: Assistant, question: str, titles: set[str], reason: str
) -> None:
    answer = assistant.ask(question).answer
    assert ({quote.title for quote in answer.quotes}, answer.reason) == (titles, reason)


def test_a_question_about_the_library_leans_on_nothing_and_nothing_leans_on_it(assistant: Assistant) -> None:
    turns = [assistant.ask("Where does Micron make memory chips?")]
    turns.append(assistant.ask("What is in this library?", turns))
    assert turns[1].answer.reason == "There are 3 sources."
    assert assistant.ask("more?", turns).answer.reason == "There is no other source."
    assert assistant.ask("Who wants to make logic chips?", turns).resolution.kind == "standalone"
    assert (
        assistant.ask("What is the oldest document?", turns).answer.reason
        == "The oldest source is dated 1 September 2023."
    )


def test_how_a_source_begins(assistant: Assistant) -> None:
    answer = assistant.ask("Summarize the article about Chitose").answer
    begins = "Rapidus held a ceremony in Chitose. It wants to make logic chips there in 2027."
    assert [quote.text for quote in answer.quotes] == [begins], "no byline, no heading, and no second paragraph"
    assert answer.reason.startswith("No summary is written here.")


@pytest.mark.parametrize("question", ["Which documents don't mention it?", "Which sources mention Micron but not it?"])
def test_what_no_word_stands_for_is_in_no_list(assistant: Assistant, question: str) -> None:
    assert not assistant.ask(question).answer.listed


def test_a_list_asked_for_in_its_own_words_is_told_so(assistant: Assistant) -> None:
    turn = assistant.ask("Which sources mention Boise?", [assistant.ask("Where is Rapidus?")])
    assert (turn.resolution.kind, turn.resolution.query) == ("standalone", "Which sources mention Boise?")
    assert turn.answer.reason == "One source mentions “Boise”."


def test_a_source_may_be_called_by_the_name_of_its_file(assistant_of: Callable[..., Assistant]) -> None:
    case = "IN THE HIGH COURT\nOrr v Marrow\n\nThe court finds for the claimant. The works must pay for the damage."
    assistant = assistant_of({"ruling-orr.txt": case, "three.md": FILES["three.md"]})
    for question in ("Summarize the court ruling", "What is the ruling about?"):
        assert [quote.uri.rpartition("/")[2] for quote in assistant.ask(question).answer.quotes] == ["ruling-orr.txt"]
    listed = assistant.ask("Which sources mention a ruling?").answer
    assert (listed.status, listed.quotes) == ("not_found", ()), "the name of a file mentions nothing"


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
    answer = of_words(library, hits, asked, Scope(EVERYTHING))
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


SIGNED = {
    "a.md": """---
title: Alpha
date: 2023-03-01
author: Ann Smith
publisher: The Daily Post
---
The bridge is open to everybody again since noon. Cars pass.
""",
    "b.md": """---
title: Beta
date: 2024-05
author: Ben Okri
publisher: ABC News
---
The bridge was closed once more after two days of rain.
""",
    "c.md": """---
title: Gamma
date: 2024-06-02
author: Ann Smith and Ben Okri
---
A tunnel will be dug below the river by next spring.
""",
    "d.md": "# Delta\n\nNobody knows when this note on the bridge was written at all.\n",
}
BYLINE = "“Beta” is by Ben Okri, published by ABC News, dated May 2024."
BEGIN = "No summary is written here. This is how the sources begin."


@pytest.fixture
def signed(assistant_of: Callable[..., Assistant]) -> Assistant:
    return assistant_of(SIGNED)


@pytest.mark.parametrize(
    ("question", "titles", "reason"),
    [
        ("documents from 2024", ["Gamma", "Beta"], "There are 2 sources from 2024."),
        ("Which articles were published before 2024?", ["Alpha"], "There is one source published before 2024."),
        ("list everything by Ann Smith", ["Gamma", "Alpha"], "There are 2 sources by Ann Smith."),
        ("What do you have from the Daily Post?", ["Alpha"], "There is one source from the Daily Post."),
        ("ABC articles", ["Beta"], "There is one source from ABC."),
        ("Which articles from 2024 mention the bridge?", ["Beta"], "One source from 2024 mentions “the bridge”."),
        ("the newest article by Ann Smith", ["Gamma", "Alpha"], "The newest source by Ann Smith is dated 2 June 2024."),
        ("oldest note about the bridge", ["Alpha", "Beta"], "The oldest source about it is dated 1 March 2023."),
        ("documents from 2031", [], "There is no source that is known to be from 2031."),
        ("which articles from 2023 mention the tunnel?", [], "No source from 2023 mentions “the tunnel”."),
        ("Who wrote the article from May 2024?", ["Beta"], BYLINE),
        ("Summarize the article by Ben Okri", ["Gamma", "Beta"], BEGIN),
    ],
)
def test_sources_by_date_publisher_and_author(signed: Assistant, question: str, titles: list[str], reason: str) -> None:
    answer = signed.ask(question).answer
    assert ([quote.title for quote in answer.quotes], answer.reason) == (titles, reason)
    for quote in answer.quotes:
        assert signed.library.document(quote.document_id).text[quote.start : quote.end] == quote.text


def test_sources_are_listed_within_the_filters_that_were_chosen(signed: Assistant) -> None:
    listed = signed.ask("Which sources mention the bridge?")
    before = Filters(until="2023-12-31")
    assert signed.ask("documents from 2024", filters=before).answer.reason == (
        "There is no source that is known to be from 2024."
    )
    one = Filters(document_ids=(listed.answer.quotes[0].document_id,))
    again = signed.ask("which of them mention the bridge?", [listed], filters=one)
    assert [quote.title for quote in again.answer.quotes] == [listed.answer.quotes[0].title]
    assert signed.ask("list all documents", filters=one).answer.reason == "There is one source."


def test_no_such_publisher_is_searched_as_ever(signed: Assistant) -> None:
    assert "There is" not in signed.ask("articles from Elsewhere Weekly").answer.reason
    assert "There is" not in signed.ask("News articles").answer.reason, "a word of a publisher's name is not its name"


def test_a_list_is_asked_on(signed: Assistant) -> None:
    listed = signed.ask("Which sources mention the bridge?")
    titles = [quote.title for quote in listed.answer.quotes]
    assert sorted(titles) == ["Alpha", "Beta", "Delta"]
    second = signed.ask("summarize the second one", [listed])
    assert [quote.title for quote in second.answer.quotes] == titles[1:2]
    author = signed.ask("who wrote the first one?", [listed, second])
    assert [quote.title for quote in author.answer.quotes] == titles[:1]
    rain = signed.ask("which of them mention rain?", [listed])
    assert rain.answer.reason == "One of the sources shown mentions “rain”."
    assert signed.ask("which of these mention a tunnel?", [listed]).answer.reason == (
        "None of the sources shown mentions “a tunnel”."
    )
    then = signed.ask("documents from 2023")
    assert signed.ask("and from 2024?", [then]).answer.reason == "There are 2 sources from 2024."


def test_more_of_a_long_list(assistant_of: Callable[..., Assistant]) -> None:
    many = {
        f"{n}.md": f"---\ntitle: Note {n}\ndate: 2024-01-{n + 1:02}\n---\nA whale was seen off pier {n} today."
        for n in range(12)
    }
    asked = assistant_of(many)
    first = asked.ask("How many notes mention a whale?")
    assert first.answer.reason == "12 sources mention “a whale”; these 10 fit best."
    more = asked.ask("more", [first])
    assert more.answer.reason == "2 more sources mention “a whale”."
    told = {quote.title for turn in (first, more) for quote in turn.answer.quotes}
    assert len(told) == 12
    assert asked.ask("more", [first, more]).answer.reason == "No other source mentions “a whale”."
    every = asked.ask("list all documents", [first])
    assert every.answer.reason == "There are 12 sources; these 10 are the newest."
    rest = asked.ask("show more", [first, every])
    assert rest.answer.reason == "There are 2 more sources."
    assert asked.ask("more", [first, every, rest]).answer.reason == "There is no other source."
    held = asked.ask("notes from 2024")
    assert held.answer.reason == "There are 12 sources from 2024; these 10 are the newest."
    assert asked.ask("more", [held]).answer.reason == "There are 2 more sources from 2024."
    since = asked.ask("list articles since 2024")
    assert asked.ask("show me more", [since]).answer.reason == "There are 2 more sources since 2024."
    whale = asked.ask("which of these mention a whale?", [held])
    assert whale.answer.reason == "10 of the sources shown mention “a whale”."
    assert asked.ask("more", [held, whale]).answer.reason == "None of the sources shown mentions “a whale”."


def test_the_rest_of_a_list_stays_within_what_was_asked_for(assistant_of: Callable[..., Assistant]) -> None:
    files = {
        f"{paper}{n}.md": f"---\ntitle: {paper} {n}\npublisher: The {paper}\n---\nA road was built at pier {n}.\n"
        for paper in ("Post", "Times")
        for n in range(12)
    }
    asked = assistant_of(files)
    first = asked.ask("show articles from The Times")
    rest = asked.ask("show me more", [first])
    assert rest.answer.reason == "There are 2 more sources from The Times."
    assert {quote.publisher for turn in (first, rest) for quote in turn.answer.quotes} == {"The Times"}


@pytest.mark.parametrize(
    "question",
    ["Tell me about it", "Which articles mention it?", "Any news about it?", "Which Post reports mention it?"],
)
def test_what_names_nothing_is_no_question_for_all_sources(signed: Assistant, question: str) -> None:
    assert not signed.ask(question).answer.listed


def test_a_work_that_a_source_is_about_is_not_that_source(assistant_of: Callable[..., Assistant]) -> None:
    asked = assistant_of(
        {"a.md": "---\ntitle: Silent Spring\nauthor: Ann Roe\n---\nSilent Spring was written by Rachel Carson in 1962."}
    )
    for question in ("Who wrote Silent Spring?", "When was Silent Spring published?", "When was Silent Spring?"):
        assert not asked.ask(question).answer.listed
    assert not asked.ask("How many reports are there in Roe?").answer.listed


def test_many_words_that_stand_apart_are_searched_as_ever(assistant: Assistant) -> None:
    answer = assistant.ask("Is there anything about memory chips of Micron in Chitose in this fiscal year?").answer
    assert not answer.reason.startswith("No source mentions")


def test_every_source_and_who_made_them(signed: Assistant) -> None:
    for question in ("which documents do you have?", "List all sources", "what is in the library?"):
        turn = signed.ask(question)
        assert [quote.title for quote in turn.answer.quotes] == ["Gamma", "Beta", "Alpha", "Delta"]
        assert (turn.answer.reason, turn.resolution.kind) == ("There are 4 sources.", "command")
        assert "There are 4 sources." in thread((turn,), Holdings(4))
        assert outcome(turn) == "There are 4 sources."
    named = signed.ask("Who are the authors?").answer
    assert named.reason == "The sources name 3 authors: Ann Smith and Ben Okri; Ben Okri; Ann Smith."
    named = signed.ask("which publishers are there?").answer
    assert named.reason == "The sources name 2 publishers: ABC News; The Daily Post."
    newest = signed.ask("which is the newest?", [signed.ask("Which sources mention the bridge?")]).answer
    assert newest.reason == "The newest of the sources shown is dated May 2024."


@pytest.mark.parametrize(
    "question", ['Who wrote "Rapidus breaks ground"?', "who wrote the article about the Chitose ceremony"]
)
def test_who_wrote_a_source_that_is_named(assistant: Assistant, question: str) -> None:
    assert (
        assistant.ask(question).answer.reason == "“Rapidus breaks ground” is by Ann Reporter, dated 1 September 2023."
    )


def test_who_wrote_the_source_that_was_looked_at(signed: Assistant) -> None:
    listed = signed.ask("Which sources mention the bridge?")
    second = signed.ask("the second one", [listed])
    title = listed.answer.quotes[1].title
    assert signed.ask("who wrote it?", [listed, second]).answer.reason.startswith(f"“{title}” ")


def test_a_question_about_a_thing_that_was_written_is_read_for(assistant: Assistant) -> None:
    assert not assistant.ask("Who wrote the rules on memory?").answer.listed
    assert not assistant.ask("When was the plant in Boise made?").answer.listed


def test_what_an_empty_page_offers_can_be_answered(assistant: Assistant) -> None:
    offered = starters(assistant.library.documents())
    assert offered == [
        "What is “More aid for Rapidus” about?",
        "What do you have from 2025?",
        "What is in this library?",
    ]
    answers = [assistant.ask(question).answer for question in offered]
    assert [[quote.title for quote in answer.quotes] for answer in answers[:2]] == [["More aid for Rapidus"]] * 2
    assert len(answers[2].quotes) == 3
    assert all(answer.listed for answer in answers)
    assert starters([]) == []
