"""Misspelt words of a question, brought to the spelling of the sources.

A word is taken for a slip where no source has it in any form, neither the encoder's nor tiktoken's vocabulary has it
whole, and a word of the sources is one slip away: a letter too many, too few, another one, or two exchanged (Damerau
1964).
"""

from __future__ import annotations

import functools
import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import replace
from typing import Protocol

from rag.answer import unmarked
from rag.lexicon import STOP, is_content, names
from rag.text import token_count, words
from rag.types import Answer, Carried, Encoder, Resolution

STRANGE = "No source has"  # begins what is told of a name
_MOST = 60  # words of a question that are looked at: a text that was pasted is not spelt anew
_SHORTEST = 4  # letters
_SHORT = 5  # letters, up to which a word is next to too many others: only two exchanged letters are a slip
_DOUBTED = 0.49  # the most that scores are where a name is in doubt: the page tells to check the quote
_PIECES = 3  # of a word that the encoder knows: its own and the two that mark the ends


class Texts(Protocol):
    """What has to be known of the sources, as a :class:`rag.store.Library` knows it."""

    def has_word(self, word: str) -> bool:
        """Whether a passage holds it in any form."""
        ...

    def words_from(self, letter: str) -> list[tuple[str, int]]:
        """(word in lower case, passages that hold it) of the words that begin with this letter."""
        ...

    def lexical(self, query: str, k: int) -> list[tuple[int, float]]:
        """(passage id, score) of the ``k`` best."""
        ...

    def passage_texts(self, passage_ids: Sequence[int]) -> dict[int, str]:
        """Their words by id."""
        ...


def respelt(library: Texts, encoder: Encoder, question: str) -> tuple[str, tuple[Carried, ...]]:
    """The question in the spelling of the sources, and the words that were changed, each with how it was typed as its
    origin, in order and once. Of a long question the first 60 words are looked at."""
    spelt = functools.cache(functools.partial(_spelt, library, encoder))
    changed = []
    for start, end in reversed(words(question)[:_MOST]):
        typed = re.sub(r"['’].*", "", question[start:end])
        if (found := spelt(typed)) != typed:
            question = question[:start] + found + question[start + len(typed) :]
            changed.append(Carried(found, typed))
    return question, tuple(dict.fromkeys(reversed(changed)))


def told(resolution: Resolution, changed: tuple[Carried, ...]) -> Resolution:
    """The resolution of a question of which these words were changed; its reason says so."""
    said = "".join(f" {STRANGE} “{each.origin}”, so “{each.text}” was searched." for each in changed)
    return replace(resolution, reason=resolution.reason + said, respelt=changed)


def doubted(answer: Answer, changed: Sequence[Carried], strange: str, *, strict: bool) -> Answer:
    """No more than a possible answer where a name was changed ("Olsson" may be another person than "Olson") or one is
    ``strange`` to all sources, which is told; with ``strict`` none at all."""
    named = any(each.origin[0].isupper() for each in changed)
    if answer.status != "answered" or not any(quote.score for quote in answer.quotes) or not (named or strange):
        return answer
    reason = f"{STRANGE} “{strange}”." if strange else answer.reason
    answer = replace(answer, reason=reason, confidence=min(answer.confidence, _DOUBTED))
    if strict:
        return unmarked(replace(answer, status="related"))
    first, *others = answer.quotes
    short = answer.short and replace(answer.short, confidence=min(answer.short.confidence, _DOUBTED))
    return replace(answer, quotes=(replace(first, score=min(first.score, _DOUBTED)), *others), short=short)


def unheard_of(library: Texts, question: str) -> str:
    """The first word of a name in ``question`` that no source has, nor a word that it begins or that two slips make of
    it; else ""."""
    from rapidfuzz.distance import OSA

    for start, end in names(question):
        for a, b in words(question[start:end]):
            word = re.sub(r"['’].*", "", question[start + a : start + b])
            key = word.lower()
            capital = word[:1].isupper() and not word.isupper()  # an acronym may be written out in the sources
            is_name = capital and word.isalpha() and len(key) >= _SHORTEST and is_content(word)
            if not is_name or library.has_word(key):
                continue
            others = (other for other, _ in library.words_from(key[0]))
            if not any(other.startswith(key) or OSA.distance(key, other, score_cutoff=2) <= 2 for other in others):
                return word
    return ""


def _spelt(library: Texts, encoder: Encoder, typed: str) -> str:
    word = typed.lower()
    if len(word) < _SHORTEST or not word.isalpha() or word in STOP or _is_ordinary(word, encoder):
        return typed
    if library.has_word(word):
        return typed
    near = _nearest(word, library.words_from(word[0]))
    return _as_written(library, near) if near else typed


def _is_ordinary(word: str, encoder: Encoder) -> bool:
    """Whether one of two vocabularies has it or its singular whole, the encoder's or tiktoken's: "sushi", "otters",
    though no source has it."""
    forms = (word, word[:-1]) if word.endswith("s") and len(word) > _SHORT else (word,)
    return any(encoder.count_tokens([each])[0] <= _PIECES or token_count(f" {each}") == 1 for each in forms)


def _nearest(word: str, known: Sequence[tuple[str, int]]) -> str:
    """The most frequent of the (word, passages that hold it) ``known`` that are one slip away; "" if none is."""
    from rapidfuzz.distance import OSA

    near = [
        (-count, other)
        for other, count in known
        if OSA.distance(word, other, score_cutoff=1) == 1
        and other.isalpha()
        and other not in STOP
        and (len(word) > _SHORT or sorted(word) == sorted(other))
    ]
    return min(near)[1] if near else ""


def _as_written(library: Texts, word: str) -> str:
    """The word as a source has it, with its capitals; a headline may have needless ones."""
    found = re.compile(rf"\b{re.escape(word)}\b", re.IGNORECASE)
    texts = library.passage_texts([number for number, _ in library.lexical(word, 8)]).values()
    forms = Counter(form for text in texts for form in found.findall(text))
    return word if word in forms or not forms else max(forms, key=lambda form: (forms[form], form))
