"""Who says what is quoted: "who said that?", "who asked that?"."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from rag.assistant import Assistant
from rag.speakers import asks_who, by_whom, speaker
from rag.text import sentences
from rag.types import Reading, Span

MINUTES = """Ann Lee (chair): Shall we go on?

Bo Ek: I have a question. Will the pool be closed?

Ann Lee (chair): No. It stays open. It is safe.

Note: Bo Ek left."""
NEWS = """The mayor was asked about the pool. "It stays open," said Ann
Lee, who was elected in May. She said it was safe.

According to Bo Ek, nobody swims."""


@pytest.mark.parametrize(
    ("text", "quoted", "question", "who"),
    [
        (MINUTES, "It stays open.", "who said that?", "Ann Lee"),
        (MINUTES, "It stays open.", "and who asked that?", "Bo Ek"),
        (MINUTES, "Will the pool", "whose question was that?", "Bo Ek"),
        (NEWS, "It stays open", "who said that?", "Ann\nLee"),
        (NEWS, "nobody swims", "who says so?", "Bo Ek"),
        (NEWS, "It stays open", "who asked that?", None),
        ("Price: 5\n\nIt is dear.", "It is dear", "who said that?", None),
        ("Ann Lee said yes, and Bo Ek said no.", "no", "who said that?", None),
    ],
)
def test_the_speaker_is_the_one_whom_the_text_names(text: str, quoted: str, question: str, who: str | None) -> None:
    assert asks_who(question)
    found = speaker(text, text.index(quoted), (0, len(text)), question)
    assert (text[slice(*found)] if found else None) == who


def test_who_said_that_shows_the_quote_and_marks_who_speaks(assistant_of: Callable[..., Assistant]) -> None:
    assistant = assistant_of({"minutes.txt": MINUTES})
    turn = assistant.ask("Will the pool be closed?")
    assert turn.answer.quotes
    said = assistant.ask("who said that?", [turn])
    text = assistant.library.document(said.answer.quotes[0].document_id, said.answer.quotes[0].revision).text
    quote = said.answer.quotes[0]
    assert quote.text == text[quote.start : quote.end]
    assert said.answer.short is not None and said.answer.short.text in ("Ann Lee", "Bo Ek")


TALK = """Interview

Ragna Moe, keeper of the light, recorded by Peter Lang

Q: Were you afraid?

A: Only once."""


@pytest.mark.parametrize(
    ("text", "quoted", "question", "who"),
    [
        (TALK, "Only once", "who said that?", "Ragna Moe"),
        (TALK, "Only once", "who asked that?", "Peter Lang"),
        (TALK, "Were you", "who said that?", "Peter Lang"),
        (TALK.replace(", recorded", "\n\nBo Ek, printer, recorded"), "Only once", "who said that?", None),
        ("An interview with Ragna Moe\n\nQ: Why?\n\nA: So.", "So.", "who said that?", "Ragna Moe"),
        ("ANN LEE: No.\nResolved: to close.", "to close", "who said that?", None),
    ],
)
def test_the_one_who_is_asked_in_an_interview_is_named_above_it(
    text: str, quoted: str, question: str, who: str | None
) -> None:
    found = speaker(text, text.index(quoted), (0, len(text)), question)
    assert (text[slice(*found)] if found else None) == who


def test_the_writer_of_an_earlier_letter_is_named_above_it(assistant_of: Callable[..., Assistant]) -> None:
    letter = "On Wed, 17 Jan 2024 at 09:15, Bo Ek wrote:\n> The pool is cold."
    mail = f"From: Ann Lee <a@a.example>\nSubject: Pool\n\nIt is warm today.\n\n{letter}\n"
    assistant = assistant_of({"a.eml": mail})
    first = assistant.ask("Which pool is cold?")
    assert "cold" in first.answer.quotes[0].text
    said = assistant.ask("who said that?", [first]).answer
    assert said.short is not None and said.short.text == "Bo Ek"


@pytest.mark.parametrize(
    ("question", "heading", "kept"),
    [
        ("What did Bo Ek say about the pool?", "", ["Bo Ek: I have a question.", "Will the pool be closed?"]),
        ("what did ann lee say", "", ["Ann Lee (chair): Shall we go on?", "Ann Lee (chair): No."]),
        ("what did ann lee say about the pool", "", ["Ann Lee (chair): No.", "It stays open."]),
        ("what did ann lee say about the shed", "", ["Ann Lee (chair): Shall we go on?", "Ann Lee (chair): No."]),
        ("What did the council say?", "", None),
        ("When does the pool close?", "", None),
        ("What did Ola Berg say?", "On 3 May 2021, Jo Dahl wrote:", []),
        ("What did Jo Dahl say?", "On 3 May 2021, Jo Dahl wrote:", None),
    ],
)
def test_what_others_say_is_no_evidence_of_what_one_said(question: str, heading: str, kept: list[str] | None) -> None:
    spans = tuple(Span(start, end, 0.5) for start, end in sentences(MINUTES))
    read = by_whom(question, MINUTES, Reading(0.5, 0.5, spans, spans), heading=heading, author="Ola Berg")
    strong = [MINUTES[s.start : s.end] for s in read.sentences if s.score == 0.5]
    assert [(s.start, s.end) for s in read.sentences] == [(s.start, s.end) for s in spans]
    assert len(read.spans) == len(strong)
    assert strong[: len(kept)] == kept if kept is not None else len(strong) == len(spans)
    assert kept != [] or not strong


def test_a_salutation_is_nothing_that_somebody_wrote() -> None:
    text = "Dear Ann,\n\nThe pool is cold."
    spans = tuple(Span(start, end, 0.5) for start, end in sentences(text))
    for question, found in (("What did Bo Ek write?", spans[1:]), ("Who is it for?", spans)):
        assert by_whom(question, text, Reading(0.5, 0.5, spans, spans)).spans == found


def test_who_asked_something_is_whoever_says_it_and_not_whoever_replies() -> None:
    text = (
        "Ann Lee (North) (Ind): I beg to move.\n\nBo Ek (South) (Lab): We swim there. Nobody was told. Will the pool be"
        " closed?\n\nAnn Lee: No."
    )
    parts = sentences(text)
    scores = [0.9 if "closed" in text[a:b] else 0.1 for a, b in parts]
    replies = text.rindex("Ann Lee")
    reading = Reading(
        0.9,
        0.9,
        (Span(replies, replies + 7, 0.8),),
        tuple(Span(a, b, s) for (a, b), s in zip(parts, scores, strict=True)),
    )
    read = by_whom("Who asked whether the pool will be closed?", text, reading)
    assert [text[s.start : s.end] for s in read.spans] == ["Bo Ek"]
    assert [text[s.start : s.end].split()[0] for s in read.sentences if s.score == 0.9] == ["Bo", "Nobody", "Will"]
    assert by_whom("Who closed the pool?", text, reading) == reading
    bare = text.replace("Ann Lee", "others").replace("Bo Ek", "we")
    assert by_whom("Who asked about the pool?", bare, reading) == reading
