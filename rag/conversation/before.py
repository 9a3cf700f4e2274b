"""The turns before a question: those that say what is talked about, and the question that a few words go on with."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from rag.conversation import cues, pointers, talk
from rag.conversation.slots import refilled
from rag.conversation.times import compared
from rag.lexicon import names
from rag.text import words
from rag.types import Turn


def told(turns: Sequence[Turn]) -> list[Turn]:
    """The turns that say what is talked about: of small talk only the topic that it announces, of looking at a quote
    only whose words it marked."""
    said = [_announcing(turn) if turn.resolution.kind == "command" else turn for turn in turns]
    return [turn for turn in said if turn.question and (turn.answer.short or not was_shown(turn))]


def _announcing(turn: Turn) -> Turn:
    topic = talk.announced(turn.question)
    return replace(turn, question=topic, resolution=replace(turn.resolution, query=topic))


def was_shown(turn: Turn) -> bool:
    """Whether a quote that was shown was only looked at again."""
    return turn.resolution.kind == "reference" and not turn.resolution.alternatives


def meant_by(turns: Sequence[Turn]) -> Turn:
    """The turn that is being talked about; "why?", "go on" and "vs last year?" are passed over."""
    passed = (turn.resolution.kind == "continuation" or was_shown(turn) or compared(turn.question) for turn in turns)
    return next((turn for turn, skip in reversed(list(zip(turns, passed, strict=True))) if not skip), turns[-1])


def asked_before(turns: Sequence[Turn]) -> tuple[str, str]:
    """The query of the turn that is being talked about, and where it came from."""
    last = meant_by(turns)
    place = max(number for number, turn in enumerate(turns, 1) if turn is last)
    return last.resolution.query, f"your question {place}"


def exchanged_in(turns: Sequence[Turn]) -> str:
    """What the turn that is being talked about exchanged, or the one word that it carried; "" if neither."""
    last = meant_by(turns)
    if last.resolution.kind == "changed":
        return cues.bare(cues.changed_slot(last.question) or "")
    carried = last.resolution.carried if last.resolution.kind in ("carried", "filled") else ()
    return carried[0].text if len(carried) == 1 and len(words(carried[0].text)) == 1 else ""


def filled_again(slot: str, turns: Sequence[Turn]) -> str | None:
    """The question before as it was typed, with another name for its pronoun."""
    last = meant_by(turns)
    typed = cues.without_lead(last.question)
    leant = last.resolution.kind == "filled" and not names(typed)
    return refilled(typed, slot) if leant and not pointers.opens_a_question(slot) else None
