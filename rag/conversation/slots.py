"""Putting one thing in the place of another: a pronoun filled, a year or a name exchanged."""

from __future__ import annotations

import re
from collections.abc import Sequence

from rag.conversation.cues import bare
from rag.conversation.focus import Phrase, nouns
from rag.conversation.pointers import is_possessive
from rag.lexicon import names, stem, stems
from rag.text import words

_MONTH = r"(?:January|February|March|April|May|June|July|August|September|October|November|December)"
_DATE = re.compile(rf"\b(?:(?:\d{{1,2}} )?{_MONTH} )?(?:1[5-9]\d\d|20\d\d)\b|\b{_MONTH}\b")
_ORDINAL = re.compile(
    r"\b(?:first|second|third|fourth|fifth|sixth|last|1st|2nd|3rd|[4-9]th)\b|(?<=phase )(?:\d+|one|two|three|four)\b",
    re.IGNORECASE,
)
_LEADING = re.compile(r"^\s*(in|at|on|for|of|by|from|with|to|during|since|before|after|under|over)\s+", re.IGNORECASE)


def filled(text: str, span: tuple[int, int], entity: str) -> str:
    """``text`` with ``entity`` for the pronoun at ``span``.

    >>> filled("Who are its owners?", (8, 11), "ASML")
    'Who are ASML’s owners?'
    """
    word, after = text[span[0] : span[1]], text[span[1] :]
    if is_possessive(word) and after.strip(" ?.!"):
        return f"{text[: span[0]]}{entity}’s{after}"
    return text[: span[0]] + entity + re.sub(r"^\w*", "", word) + after


def exchanged(before: str, slot: str) -> str | None:
    """``before`` with the thing of the slot's kind replaced: a date, an ordinal, a phrase that shares a word, a name.

    None if there is no such thing.

    >>> exchanged("How many chips were sold in 2021?", "in 2019")
    'How many chips were sold in 2019?'
    >>> exchanged("Which wavelength does a krypton fluoride laser have?", "argon fluoride")
    'Which wavelength does a argon fluoride laser have?'
    """
    new = bare(slot)
    span = _place(before, slot, new)
    if span is None or stems(new) <= stems(before):
        return None
    return before[: span[0]] + new + before[span[1] :]


def _place(before: str, slot: str, new: str) -> tuple[int, int] | None:
    if _DATE.search(new) and not stems(_DATE.sub(" ", new)):
        return _last(before, _DATE)
    if _ORDINAL.fullmatch(new):
        return _last(before, _ORDINAL)
    if shared := _sharing(before, new):
        return shared
    named = names(f"x {new}")
    if not named or stems(new) - stems(" ".join(f"x {new}"[start:end] for start, end in named)):
        return None
    found = names(before)
    if (leading := _LEADING.match(slot)) and found:
        after = [span for span in found if before[: span[0]].rstrip().lower().endswith(f" {leading.group(1).lower()}")]
        return (after or found)[-1]
    return found[-1] if found else None


def _last(text: str, pattern: re.Pattern[str]) -> tuple[int, int] | None:
    found = list(pattern.finditer(text))
    return found[-1].span() if found else None


def _sharing(before: str, new: str) -> tuple[int, int] | None:
    """Words of ``before`` that end like ``new``: "krypton fluoride" for "argon fluoride"."""
    spans = words(new)
    if len(spans) < 2:
        return None
    last = stem(new[slice(*spans[-1])])
    for start, end in nouns(before):
        inside = [(start + a, start + b) for a, b in words(before[start:end])]
        for position, (a, b) in enumerate(inside):
            if stem(before[a:b]) == last and position > 0:
                return inside[max(0, position - len(spans) + 1)][0], b
    return None


def appended(text: str, phrases: Sequence[Phrase]) -> str:
    """The question and behind it the phrases that bring something new."""
    have = stems(text)
    extra = []
    for phrase in phrases:
        keys = stems(phrase.text)
        if not keys or not keys <= have:
            extra.append(phrase.text)
            have |= keys
    return " ".join((text, *extra))
