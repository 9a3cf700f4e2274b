"""Questions in a conversation of unrelated ones, held against the same questions alone."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from eval.switches import LONG, asked, right
from rag import Assistant
from rag.types import Answer

FILES = {
    "a.md": "# Bridge\n\nThe bridge was built in 1871 by Ann Roe.",
    "b.md": "# Mill\n\nThe mill burned down in 1902 and nobody rebuilt it.",
}


def test_each_question_is_asked_alone_and_after_others(assistant_of: Callable[..., Assistant]) -> None:
    questions = [("When was the bridge built?", ["1871"]), ("Who went to the moon in 1969?", [])] * LONG
    found = asked(assistant_of(FILES), questions)
    assert len(found) == 2 * LONG
    assert (found[0].differs, found[LONG].differs) == (False, False), "a conversation begins"
    assert found[0].alone == found[0].there
    assert not any(each.carried for each in found[::LONG])


def test_a_question_is_right_by_its_first_quote_or_its_refusal(assistant_of: Callable[..., Assistant]) -> None:
    turn = assistant_of(FILES).ask("Which sources mention the mill?")
    assert right(turn, ["1902"])
    assert not right(turn, ["1871"])
    assert not right(turn, [])
    assert right(replace(turn, answer=Answer("not_found", "")), [])
