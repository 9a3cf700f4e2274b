"""Training questions with a history, as a conversation asks them: behind other questions, with pronouns."""

from __future__ import annotations

import random
import re
from collections.abc import Sequence

from rag.lexicon import names
from rag.text import without_genitive

TURNS = 2  # of the history that are kept
_ANSWER = 12  # words of an answer that are kept
_NOUN = re.compile(r"\b[Tt]he (?:[a-z-]+ )?[a-z-]{4,}(?= |\?|$|['’])")  # "the yard-dog"
_SUBJECTS, _OBJECTS, _OWNERS = ("he", "she", "it", "they"), ("him", "her", "it", "them"), ("his", "her", "its", "their")
_AFTER = frozenset("of to for with by from about in on at as than against after before into".split())


def with_history(question: str, turns: Sequence[tuple[str, str]]) -> str:
    """The question, and behind it the last of the ``turns``, (question, answer) each, oldest first: newest first.

    Reddy et al. (2019, CoQA) append the history so; the product does not read in this form.

    >>> with_history("Who is he?", [("Who runs Intel?", "Lip-Bu Tan")])
    'Who is he? | Who runs Intel? Lip-Bu Tan'
    """
    said = (f"{asked} {' '.join(answer.split()[:_ANSWER])}".strip() for asked, answer in reversed(turns[-TURNS:]))
    return " | ".join((question, *said))


def pronominal(question: str, said: str, passage: str, rng: random.Random) -> str:
    """The question with something that ``said`` names as well exchanged for a pronoun; as it is where there is nothing.

    The pronoun of a name is the one that the passage uses most, that of a noun with its article "it" or "they".
    """
    known = f" {said.lower()} "
    spots = [(a, a + len(without_genitive(question[a:b])), True) for a, b in names(question)]
    spots += [(*m.span(), False) for m in _NOUN.finditer(question)]
    fits = [spot for spot in spots if question[spot[0] : spot[1]].lower().removeprefix("the ") in known]
    if not fits:
        return question
    start, end, named = rng.choice(fits)
    start -= len("the ") if question[:start].lower().endswith(" the ") else 0
    rest = question[end:]
    kind = _kind(passage, named, rng)
    if rest.startswith(("'", "’")):
        return question[:start] + _OWNERS[kind] + re.sub(r"^.s?", "", rest)
    ahead = question[:start].split()
    object_ = not rest.strip(" ?.") or (bool(ahead) and ahead[-1].lower() in _AFTER)
    return question[:start] + (_OBJECTS if object_ else _SUBJECTS)[kind] + rest


def _kind(passage: str, named: bool, rng: random.Random) -> int:
    """Which pronoun, as a place in ``_SUBJECTS``."""
    found = re.findall(r"\b(?:he|she|it|they|his|her|its|their|him|them)\b", passage.lower())
    sets = [{a[k] for a in (_SUBJECTS, _OBJECTS, _OWNERS)} for k in range(4)]
    counts = [sum(word in each for word in found) + 0.3 for each in sets]
    if not named and rng.random() < 0.5:
        counts[0] = counts[1] = 0.1
    return rng.choices(range(4), counts)[0]
