"""The turns before a question: those that say what is talked about, and the question that a few words go on with."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from rag.conversation import cues, pointers, talk
from rag.conversation.focus import Phrase
from rag.conversation.slots import appended, refilled
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


def asked_earlier(turns: Sequence[Turn]) -> list[tuple[str, str]]:
    """The queries before that one, the newest first, as far back as the present topic goes."""
    found: list[tuple[str, str]] = []
    for number in range(len(turns), 0, -1):
        turn = turns[number - 1]
        found.append((turn.resolution.query, f"your question {number}"))
        if turn.resolution.kind == "standalone":
            break
    present, _ = asked_before(turns)
    return [each for each in found if each[0] != present]


def exchanged_in(turns: Sequence[Turn]) -> str:
    """What the turn that is being talked about exchanged, or the one word that it carried; "" if neither."""
    last = meant_by(turns)
    if last.resolution.kind == "changed":
        return cues.bare(cues.changed_slot(last.question) or "")
    carried = last.resolution.carried if last.resolution.kind in ("carried", "filled") else ()
    return carried[0].text if len(carried) == 1 and len(words(carried[0].text)) == 1 else ""


def filled_again(slot: str, turns: Sequence[Turn]) -> str | None:
    """The question before as it was typed, with another name for its pronoun; "the cfo" is one of the same firm."""
    last = meant_by(turns)
    typed = cues.without_lead(last.question)
    leant = last.resolution.kind == "filled" and not names(typed)
    meant = next((each.text for each in last.resolution.carried), "")
    query = refilled(typed, slot, meant) if leant and not pointers.opens_a_question(slot) else None
    of_the_same = query and not meant.islower() and slot[:4].lower() == "the " and not names(f"x {slot}")
    carried = [Phrase(each.text, each.origin) for each in last.resolution.carried[1:]] if of_the_same else []
    return appended(query, carried) if query else None
