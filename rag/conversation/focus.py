"""What the conversation is about at this point, by rules: names and noun phrases, weighed by where they were said.

A short answer that is a name weighs most (what was just found is what is asked about next), then the names of recent
questions, then what those questions had carried themselves; quotes that repeat a phrase make it heavier.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from rag.conversation import pointers
from rag.lexicon import GENERIC, SIDES, STAND_INS, content, names, stem, stems
from rag.text import MONTHS, YEAR, fold, last_word, runs, without_genitive, words
from rag.types import Turn

REMEMBERED = 12  # turns looked back
SHOWN_LENGTH = 1200  # characters of what was shown that are read
_LONGEST_NAME = 6  # words
# Weights of what was said, set by hand on CAsT 2019 and made-up talks (eval/CONVERSATIONS.md): by kind of phrase,
# for each turn since, before the present topic began, where the question comes back to it, at its beginning, for
# something that is asked for as a person but is none, and for each time that the quotes repeat a phrase.
_ANSWER, _NAME, _CARRIED, _NOUNS = 1.35, 1.2, 1.0, 0.8
_FADING, _BEFORE_TOPIC, _BACK, _OPENING = 0.75, 0.4, 0.8, 0.85
_NO_PERSON, _REPEATED = 0.25, 0.08
THIS, SHOWN = "this question", "the quotes shown"  # where words are from: put in by the question itself, or shown
_ENOUGH, _CLOSE = 3, 0.7  # at most so many words; phrases weaker than this share of the best are left out
_JOINED = re.compile(r" |-| of | of the | for the | in the | and |'s |’s | & ")
_VERB_TO_COME = re.compile(r"\b(?:do|does|did|will|would|can|could|should)\s+(?:the\s+)?$", re.IGNORECASE)
_DATED = re.compile(rf"^\W*\d|\b{YEAR}\b|\b(?:{MONTHS})\b", re.IGNORECASE)
_CLAUSE = re.compile(r",? (?:who|whose|which|where)\b|, (?:an?|the|then|born|formerly)\b")  # behind a name
_WHO_IS = re.compile(r"\W*who(?:['’]s| is| was) (?P<who>[^?]+?)\W*$", re.IGNORECASE)
_OTHER = re.compile(r"\b(?:else|others?|another)\b", re.IGNORECASE)  # than the answer
_DESCRIBES = re.compile(r"\W*(?:an? |An? (?:.*\W)?[a-z]{4})")  # a title has capitals: "A House Without Hinges"
BODY = re.compile(
    r"\b(?:university|institute|ministry|court|commission|department|corporation|inc|ltd|company|committee|agency|bank|"
    r"office|council|administration|party|association|act|initiative|programme|program|plan|fund|law|union|group)\b",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True)
class Phrase:
    """Words of the conversation that belong together, and where they are from (for a person)."""

    text: str
    origin: str
    score: float = 1.0


def focus(question: str, turns: Sequence[Turn]) -> list[Phrase]:
    """The phrases that ``question`` most likely means, the best first; [] if nothing was said yet."""
    person = pointers.asks_for_person(question)
    asked, other = stems(question), _OTHER.search(question) or pointers.ASKS_WHO.match(question)
    leaning, found = pointers.points_back(question), dict[frozenset[str], Phrase]()
    for phrase in _said(turns, asked):
        keys = frozenset(stems(phrase.text))
        unlike = person and (BODY.search(phrase.text) or not names(f"x {phrase.text}"))
        score = phrase.score * (_NO_PERSON if unlike else 1.0)
        known = other and not leaning and phrase.origin.startswith("the answer")
        if keys and not known and not keys <= asked and (keys not in found or score > found[keys].score):
            found[keys] = Phrase(phrase.text, phrase.origin, score)
    ranked = sorted(found.items(), key=lambda item: -item[1].score)
    kept: list[Phrase] = []
    have: set[str] = set()
    for keys, phrase in ranked:
        if kept and (phrase.score < _CLOSE * kept[0].score or len(have | keys) > _ENOUGH):
            continue
        if not keys <= have:
            kept.append(phrase)
            have |= keys
    return kept


def _said(turns: Sequence[Turn], asked: set[str]) -> Iterator[Phrase]:
    """Every phrase of the last turns with its weight, the newest turn first."""
    opening = max((n for n, turn in enumerate(turns) if turn.resolution.kind == "standalone"), default=0)
    shown = _counts(turns[-1]) if turns else Counter[str]()
    for number in range(len(turns) - 1, max(-1, len(turns) - 1 - REMEMBERED), -1):
        turn = turns[number]
        place = _FADING ** (len(turns) - 1 - number) * (_BEFORE_TOPIC if number < opening else 1.0)
        if asked & stems(turn.question) - GENERIC and number < opening:
            place = max(place, _BACK)  # the question comes back to an earlier topic
        place = max(place, _OPENING) if number == opening else place
        for text, weight, origin in _phrases(turn):
            repeated = min(max((shown[key] for key in stems(text)), default=0), 3)
            yield Phrase(text, origin.format(number + 1), place * weight * (1 + _REPEATED * repeated))


def _phrases(turn: Turn) -> Iterator[tuple[str, float, str]]:
    chained = turn.resolution.kind in ("changed", "continuation", "correction")  # "and in 2022?" asks for whom as well
    asked = turn.resolution.query if chained else turn.question
    if (
        turn.answer.short
        and not _is_who(turn.question)
        and (pointers.asks_for_thing(asked) or not pointers.asks(asked))
    ):  # "and the other founder?"
        text = _CLAUSE.split(turn.answer.short.text)[0]
        if _is_name(text):
            yield _with_initials(text, turn), _ANSWER, "the answer to your question {}"
    question = turn.question
    named = [(start, _with_kind(question, start, end)) for start, end in names(question)]
    for start, end in named:
        if not _DATED.search(question[start:end]):
            yield without_genitive(question[start:end]), _NAME, "your question {}"
    for start, end in nouns(question):
        if not any(start < high and low < end for low, high in named):
            yield question[start:end], _NOUNS, "your question {}"
    for carried in turn.resolution.carried:
        if carried.origin == THIS:
            yield carried.text, _NAME, "your question {}"
        elif turn.resolution.kind in ("filled", "carried"):
            yield carried.text, _CARRIED, carried.origin.replace("{", "").replace("}", "")


def _is_who(question: str) -> bool:
    """Whether it asks who somebody is who is named: what answers it is not what is asked about next."""
    match = _WHO_IS.match(question)
    return match is not None and [(2, 2 + len(match["who"]))] == names(f"x {match['who']}")


def _with_initials(name: str, turn: Turn) -> str:
    """The name with the short form that a quote gives behind it, which other texts use: "World Bank Group (WBG)"."""
    given = re.compile(re.escape(name) + r" \([A-Z][\w&-]{1,9}\)")
    return next((match[0] for quote in turn.answer.quotes if (match := given.search(quote.text))), name)


def completed(question: str, turns: Sequence[Turn]) -> list[Phrase]:
    """Full names for single words of the question that are part of one: "the Squad" -> "Special Anti-Robbery Squad"."""
    found: list[Phrase] = []
    for start, end in names(question):
        keys = stems(question[start:end])
        if len(words(question[start:end])) > 1:
            continue
        for number, turn in list(enumerate(turns, 1))[: -REMEMBERED - 1 : -1]:
            texts = [(quote.text[:SHOWN_LENGTH], SHOWN) for quote in turn.answer.quotes]
            full = [
                Phrase(text[a:b], origin)
                for text, origin in [*texts, (turn.question, f"your question {number}")]
                for a, b in names(text)
                if keys < stems(text[a:b]) - SIDES  # "Northern Ireland" is no full name of Ireland
                and len(words(text[a:b])) <= _LONGEST_NAME
                and stem(last_word(text[a:b])) in keys  # "Huawei" is no "Huawei Mate"
            ]
            if full:
                found.append(full[0])
                break
    return found


def joined(carried: Sequence[Phrase], turns: Sequence[Turn]) -> list[Phrase]:
    """The phrases, those that are parts of one name of an earlier question, or of a quote that was shown, as that name:
    "Charles" and "Lieber"."""
    said = [turn.question for turn in reversed(turns)]
    quoted = [quote.text[:SHOWN_LENGTH] for turn in turns[-1:] for quote in turn.answer.quotes]
    for text in (*said, *quoted):
        for start, end in names(text):
            keys = stems(text[start:end])
            parts = [phrase for phrase in carried if stems(phrase.text) < keys]
            if parts and set().union(*(stems(part.text) for part in parts)) == keys:
                whole = Phrase(text[start:end], parts[0].origin, max(part.score for part in parts))
                return [whole if phrase == parts[0] else phrase for phrase in carried if phrase not in parts[1:]]
    return list(carried)


def with_article(phrase: Phrase, turns: Sequence[Turn]) -> str:
    """The phrase as it stands in a sentence: "the wafer" where a question said "a wafer", "the Qiming plan"."""
    said = re.compile(rf"\b(?:the|an?) {re.escape(phrase.text)}\b", re.IGNORECASE)
    common = last_word(phrase.text).islower() and any(said.search(turn.question) for turn in turns)
    return f"the {phrase.text}" if common else phrase.text


def _with_kind(text: str, start: int, end: int) -> int:
    """The end of a name with the noun that says what it is: "Qiming programme", but not "did Lisa Su study"."""
    following = re.match(r" ([^\W\d_]+)", text[end:])
    kind = following and stem(following[1]) in STAND_INS
    verb = following and _VERB_TO_COME.search(text, 0, start) and not words(text[end + following.end() :])
    return end + following.end() if following and kind and not verb else end


def _is_name(answer: str) -> bool:
    """Whether a short answer names somebody or something: "ASML", "the Ministry of Finance"; not "Two years", nor what
    only describes, as "a British chemist"."""
    spans = content(answer)
    named = bool(names(answer)) or all(answer[start].isupper() for start, _ in spans)
    named = named and ("," not in answer or re.match(r"\W*(?:the )?[^\W\d_a-z]", answer) is not None)
    named = named and not _DESCRIBES.match(answer) and not _DATED.search(answer)
    return bool(spans) and named and len(words(answer)) <= 6


def nouns(text: str) -> list[tuple[int, int]]:
    """Spans of runs of content words that are not generic alone, small joining words included.

    >>> [("How is a silicon wafer made?"[s:e]) for s, e in nouns("How is a silicon wafer made?")]
    ['silicon wafer']
    """
    trimmed = [_without_verbs(text, start, end) for start, end in runs(text, content(text), _JOINED)]
    return [(start, end) for start, end in trimmed if stems(text[start:end]) - GENERIC]


def _without_verbs(text: str, start: int, end: int) -> tuple[int, int]:
    """The run without generic words (verbs, mostly) at its end."""
    spans = [(start + a, start + b) for a, b in words(text[start:end])]
    while len(spans) > 1 and (
        stem(text[slice(*spans[-1])]) in GENERIC or fold(text[slice(*spans[-1])]) in ("of", "and")
    ):
        spans.pop()
    return start, spans[-1][1]


def _counts(turn: Turn) -> Counter[str]:
    texts = (quote.text[:SHOWN_LENGTH] for quote in turn.answer.quotes)
    return Counter(stem(text[start:end]) for text in texts for start, end in content(text))
