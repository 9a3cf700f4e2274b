"""Questions that a source itself asks, and what replies to them: interviews, minutes, questions that are reported."""

from __future__ import annotations

import re
from collections.abc import Sequence

from rag.text import Range
from rag.types import Span

_WHAT = r"(?:why|how|whether|if|what|who|when|where|which)\b"
_INDIRECT = re.compile(  # a question that the source reports
    rf"\b(?:asked|wondered|wanted to know|inquired|enquired)(?:\s\w+){{0,2}}\s{_WHAT}"
    rf".*?(?=[,;]\s(?!(?:and\s|or\s)?{_WHAT})"
    r"|\s(?:and|but)\s(?:(?:he|she|they|it)\s)?(?:said|says|replied|answered|told|explained|added)\b|$)",
    re.DOTALL | re.IGNORECASE,
)
_TURN = 3  # sentences of a reply in which its speaker is looked for
_SPEAKER = re.compile(r"(?<![^\n])[A-Z][\w.'’-]*(?: [A-Z][\w.'’-]*){0,3}: (?=\S)")  # "Ann Roe: No."


def reply(text: str, read: Sequence[Span], first: int, last: int) -> int | None:
    """The sentence that replies to what is asked from ``first`` to ``last``: the next one, or in a conversation that
    of the next speaker; None where nothing is asked."""
    after = range(last + 1, min(last + 1 + _TURN, len(read)))
    asks = [number for number in range(first, last + 1) if is_question(text, read[number])]
    if not asks and (asked := _asked_on(text, read, last)) is not None:
        return asked + 1
    if not asks or not after:
        return None
    if asks[-1] == last:
        return last + 1
    begun = any(_SPEAKER.match(text, read[number].start) for number in range(asks[-1] + 1, last + 1))
    if begun or _turn_of(text, read, asks[-1]) is None:
        return None
    return next((number for number in after if _SPEAKER.match(text, read[number].start)), None)


def _asked_on(text: str, read: Sequence[Span], last: int) -> int | None:
    """The question with which the turn of the speaker of ``last`` ends, where the next one replies to it."""
    after = range(last + 1, min(last + _TURN, len(read) - 1))
    if _turn_of(text, read, last) is None:
        return None
    asked = next((n for n in after if is_question(text, read[n]) or _SPEAKER.match(text, read[n].start)), None)
    if asked is None or _SPEAKER.match(text, read[asked].start) or not _SPEAKER.match(text, read[asked + 1].start):
        return None
    return asked


def question_before(text: str, read: Sequence[Span], first: int) -> tuple[int, ...]:
    """Where a quote from sentence ``first`` on may begin if that is in the reply of a speaker: with the question, or
    at least with who speaks; () elsewhere."""
    turn = _turn_of(text, read, first)
    if not turn or not is_question(text, read[turn - 1]) or _turn_of(text, read, turn - 1) is None:
        return ()
    return turn - 1, turn


def _turn_of(text: str, read: Sequence[Span], number: int) -> int | None:
    """Where the turn of the speaker begins whose sentence this is, if that is near."""
    near = range(number, max(number - _TURN, -1), -1)
    return next((each for each in near if _SPEAKER.match(text, read[each].start)), None)


def is_question(text: str, sentence: Span) -> bool:
    """Whether a sentence ends with what it asks."""
    asked = asked_in(text, sentence)
    return asked is not None and asked[1] == sentence.end


def asked_in(text: str, sentence: Span) -> Range | None:
    """The question that is put to somebody in the source; what follows it is the reply.

    >>> said = "Asked why it had closed, the CEO named the costs."
    >>> said[slice(*asked_in(said, Span(0, len(said), 1.0)))]
    'Asked why it had closed'
    """
    if text[sentence.start : sentence.end].rstrip("\"”’')] \n").endswith("?"):
        return sentence.start, sentence.end
    found = _INDIRECT.search(text, sentence.start, sentence.end)
    return found.span() if found else None
