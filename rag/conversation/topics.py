"""Which words of the conversation so far the question needs, by a learned scorer (``rag.models.terms``)."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Protocol

from rag.conversation.focus import REMEMBERED, SHOWN, SHOWN_LENGTH, Phrase
from rag.conversation.pointers import is_open
from rag.lexicon import GENERIC, OPENING, content, is_content, names, stem, stems
from rag.text import without_genitive, words
from rag.types import Turn

_WHAT_IS = re.compile(rf"{OPENING}(?:who|what) (?:is|are|was|were) .+", re.IGNORECASE)
_WHAT_IS_A = re.compile(  # "what is a local plan", "what are clathrates"
    rf"{OPENING}what(?:['’]s| is| are) (?:an? )?(?!(?:the|being)\b)(?P<what>[\w'’-]+(?: [\w'’-]+){{0,3}})\W*",
    re.IGNORECASE,
)
_SAID_OF_IT = re.compile(r"(?:ed|able|ible|al|ful|ous|ive|ent|ary|ory|next|left|done|true|due|new)$", re.IGNORECASE)
_INITIALS = re.compile(r"(?m)^[A-Z]{1,3}: ")  # "Q: ", "TW: "
_COMPLETE = 3  # with so many content words, a new name among them, nothing is missing
_OWN = 2  # so many words that were never asked about are a topic
_LINK = frozenset((" ", " of ", " in ", " the ", " and ", " of the ", " for ", " & ", "-", "’s ", "'s "))
Found = tuple[float, int, int, int]  # score, text, start, end


class TermScorer(Protocol):
    """Says how much a question needs each word of what came before."""

    @property
    def thresholds(self) -> tuple[float, ...]:
        """From the first on a word is carried; the others make the other queries that are tried."""
        ...

    def score(self, question: str, history: Sequence[str], shown: str) -> list[list[float]]:
        """For every text of ``[*history, shown]`` one score in [0, 1] per word of :func:`rag.text.words`.

        ``history``: the earlier questions, oldest first. ``shown``: the quotes under the last of them, may be "".
        """
        ...


def needed(question: str, turns: Sequence[Turn], scorer: TermScorer) -> list[list[Phrase]]:
    """For each of the scorer's thresholds the phrases above it, in the order they were said; each word once."""
    past = list(turns[-REMEMBERED:])
    offset = len(turns) - len(past)
    texts = [*(turn.question for turn in past), shown_text(past[-1]) if past else ""]
    best = _best(question, texts, scorer.score(question, texts[:-1], texts[-1]))
    origins = [f"your question {offset + number + 1}" for number in range(len(past))] + [SHOWN]
    return [
        [
            Phrase(without_genitive(texts[number][start:end]), origins[number], score)
            for score, number, start, end in _joined(texts, [found for found in best if found[0] >= threshold])
        ]
        for threshold in scorer.thresholds
    ]


def _best(question: str, texts: Sequence[str], scores: Sequence[Sequence[float]]) -> list[Found]:
    """Every content word that the question lacks, where it scored best; of equals, questions before the quotes."""
    have = stems(question)
    best: dict[str, Found] = {}
    for number, (text, values) in enumerate(zip(texts, scores, strict=True)):
        last = number == len(texts) - 1
        for (start, end), value in zip(words(text), values, strict=True):
            key = stem(text[start:end])
            if key in have or not is_content(text[start:end]):
                continue
            if key not in best or value > best[key][0] or (value == best[key][0] and not last):
                best[key] = (value, number, start, end)
    return sorted(best.values(), key=lambda found: found[1:])


def _joined(texts: Sequence[str], found: Sequence[Found]) -> list[Found]:
    """Neighbouring words become one phrase."""
    joined: list[Found] = []
    for score, number, start, end in found:
        if joined and joined[-1][1] == number and texts[number][joined[-1][3] : start] in _LINK:
            other, _, first, _ = joined.pop()
            joined.append((max(score, other), number, first, end))
        else:
            joined.append((score, number, start, end))
    return joined


def shown_text(turn: Turn) -> str:
    """The beginning of what the answer showed, without titles and the initials of two speakers or more."""
    text = "\n".join(quote.text for quote in turn.answer.quotes)
    return (_INITIALS.sub("", text) if len(set(_INITIALS.findall(text))) > 1 else text)[:SHOWN_LENGTH]


def brings_a_name(text: str, turns: Sequence[Turn], *, quoted: Sequence[str] = ()) -> bool:
    """Whether the question names something that was never asked about, nor is ``quoted``: likely a new topic."""
    said = _asked(turns).union(*map(stems, quoted))
    return any(not stems(text[start:end]) <= said for start, end in names(text))


def says_it_all(text: str, turns: Sequence[Turn]) -> bool:
    """Whether the question is long enough to be complete and names something that was neither asked nor shown."""
    quoted = [shown_text(turn) for turn in turns[-3:]]
    return len(content(text)) >= _COMPLETE and brings_a_name(text, turns, quoted=quoted)


def is_left_open(text: str, turns: Sequence[Turn]) -> bool:
    """Whether the question leaves open what it is about: "the boiling point of tungsten" is new, "the size" is not."""
    return is_open(text) and len(stems(text) - GENERIC - _asked(turns)) < _OWN


def asks_what_it_is(text: str, turns: Sequence[Turn]) -> bool:
    """Whether nothing but a name is asked about, or something that was never asked about: "What is RAAC?"."""
    named = set().union(*(stems(text[start:end]) for start, end in names(text)))
    if _WHAT_IS.fullmatch(text) and stems(text) == named:
        return True
    match = _WHAT_IS_A.fullmatch(text)
    if match is None or _SAID_OF_IT.search(match["what"]):  # "what's included?"
        return False
    return not stems(match["what"]) & _asked(turns)


def _asked(turns: Sequence[Turn]) -> set[str]:
    """The words of the last questions."""
    return set().union(*(stems(turn.question) for turn in turns[-REMEMBERED:]))
