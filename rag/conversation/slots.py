"""Putting one thing in the place of another: a pronoun filled, a year or a name exchanged."""

from __future__ import annotations

import re
from collections.abc import Sequence

from rag.conversation.cues import bare
from rag.conversation.focus import Phrase, nouns
from rag.conversation.pointers import is_possessive
from rag.lexicon import is_place, names, stem, stems
from rag.text import words

_MONTH = r"(?:January|February|March|April|May|June|July|August|September|October|November|December)"
_DATE = re.compile(rf"\b(?:(?:\d{{1,2}} )?{_MONTH} (?:\d{{1,2}}, )?)?(?:1[5-9]\d\d|20\d\d)\b|\b{_MONTH}\b")
_ORDINAL = re.compile(
    r"\b(?:first|second|third|fourth|fifth|sixth|last|1st|2nd|3rd|[4-9]th)\b|(?<=phase )(?:\d+|one|two|three|four)\b",
    re.IGNORECASE,
)
_LEADING = re.compile(
    r"^\s*(as of|in|at|on|for|of|by|from|with|to|during|since|until|before|after|under|over)\s+", re.IGNORECASE
)
_WHEN = re.compile(r"\b(?:in|at|on|by|during|since|until|before|after)\s+$", re.IGNORECASE)  # before a date
_GOVERNED = re.compile(
    r"\b(?:in|at|on|for|of|by|from|with|to|during|since|before|after|under|over|against|between)\s+(?:the\s+)?$",
    re.IGNORECASE,
)


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
    leading = _LEADING.match(slot)
    preposition = leading.group(1).lower() if leading else ""
    new = bare(slot[leading.end() :] if leading else slot)
    if stems(new) <= stems(before):
        return None
    if _DATE.search(new) and not stems(_DATE.sub(" ", new)):
        return _dated(before, new, preposition)
    span = _last(before, _ORDINAL) if _ORDINAL.fullmatch(new) else _sharing(before, new)
    if span is None and _names_only(new) and (found := _named(before)):
        behind = [(start, end) for start, end in found if preposition and _governor(before[:start]) == preposition]
        if preposition not in ("", "of", "for", "by") and not behind:
            return before.rstrip(" ?.!") + f" {slot.strip()}" + before[len(before.rstrip(" ?.!")) :]
        alike = [span for span in found if is_place(before[slice(*span)]) == is_place(new)]
        span = _tail(before, (behind or alike or found)[-1], new)
    return before[: span[0]] + new + before[span[1] :] if span else None


def _dated(before: str, new: str, preposition: str) -> str | None:
    """Another date: a month alone keeps the year, and "before 2000" takes the place of "in 2010"."""
    span = _last(before, _DATE)
    if span is None:
        return None
    start, end = span
    year = re.search(r"\d{4}$", before[start:end])
    if year and not re.search(r"\d{4}", new):
        new = f"{new} {year[0]}"
    if _WHEN.match(f"{preposition} ") and (old := _WHEN.search(before[:start])):
        start, new = old.start(), f"{preposition} {new}"
    return before[:start] + new + before[end:]


def _names_only(new: str) -> bool:
    named = names(f"x {new}")
    return bool(named) and not stems(new) - stems(" ".join(f"x {new}"[start:end] for start, end in named))


def _named(text: str) -> list[tuple[int, int]]:
    """The names of ``text`` that are no dates."""
    return [(start, end) for start, end in names(text) if not _DATE.search(text[start:end])]


def _governor(text: str) -> str:
    """The preposition at the end of ``text``, an article behind it or not; "" if there is none."""
    match = _GOVERNED.search(text)
    return match[0].split()[0].lower() if match else ""


def _tail(text: str, span: tuple[int, int], new: str) -> tuple[int, int]:
    """What of a name is exchanged: "Intel" of "the CEO of Intel", but all of "the Bank of England" for another bank."""
    head, joined, rest = text[slice(*span)].rpartition(" of ")
    within = joined and text[: span[0]].lower().endswith("the ") and " of " not in new and not stems(head) & stems(new)
    return (span[1] - len(rest), span[1]) if within else span


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
