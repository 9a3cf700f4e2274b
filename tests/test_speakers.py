"""Who says what is quoted: "who said that?", "who asked that?"."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from rag.assistant import Assistant
from rag.speakers import asks_who, speaker

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
