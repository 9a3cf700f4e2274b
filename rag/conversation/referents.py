"""What a pronoun stands for: which of the phrases that a question carries may take its place."""

from __future__ import annotations

import re
from collections.abc import Sequence

from rag.conversation.focus import BODY, Phrase
from rag.conversation.pointers import is_possessive, pronoun
from rag.lexicon import is_place, names, stems
from rag.text import fold, words
from rag.types import Turn

_GROUPS = (
    frozenset("he him his himself".split()),
    frozenset("she her hers herself".split()),
    frozenset("they them their theirs themselves".split()),
    frozenset("it its itself".split()),
)
_HE, _SHE, _THEY, _IT = _GROUPS
_PERSON = re.compile(
    r"[^\W\d]{2,}(?:ist|ician|eer|man|woman)|boy|girl|lady|king|queen|chief|head|aide|son|daughter|mother|father|brother"
    r"|sister|wife|husband|friend|student|president|judge|spy|guest|victim|patient|author|writer|professor|researcher"
    r"|minister|director|founder|scholar|academic|executive|commissioner|official|singer|painter|composer|actor|actress"
    r"|poet|inventor|officer|doctor|lawyer|driver|owner|leader|senator|secretary|governor|mayor|adviser|manager"
    r"|prosecutor|ambassador|general|soldier|teacher|prisoner|candidate|winner|successor|predecessor",
    re.IGNORECASE,
)
_BEFORE_HERS = re.compile(
    r"(?:^|\b(?:and|but|or|so|is|are|was|were|do|does|did|has|have|had|can|could|will|would|of))\s*$", re.IGNORECASE
)
_MANY = re.compile(r"\w+[^\Wsui]s|people|men|women|children|police|staff|media", re.IGNORECASE)
_DOES = re.compile(r"\b(?:i|you|he|she|it|we|they|who|to)(?: \w+ly)? $", re.IGNORECASE)  # before a verb
_TO_IT = re.compile(r" (?:it|him|her|them|us|me|you|an?|the|his|their|its|my|your|our|this|that|all)\b", re.IGNORECASE)


def filled(text: str, span: tuple[int, int], entity: str) -> str:
    """``text`` with ``entity`` for the pronoun at ``span``.

    >>> filled("Who are its owners?", (8, 11), "ASML")
    'Who are ASML’s owners?'
    >>> filled("What is their pay?", (8, 13), "chip engineers")
    'What is chip engineers’ pay?'
    >>> filled("Who was her lawyer?", (8, 11), "Ann Lee"), filled("Who sued her?", (9, 12), "Ann Lee")
    ('Who was Ann Lee’s lawyer?', 'Who sued Ann Lee?')
    """
    before, word, after = text[: span[0]], text[span[0] : span[1]], text[span[1] :]
    if (is_possessive(word) and after.strip(" ?.!")) or (fold(word) == "her" and _is_hers(before, after)):
        return f"{before}{entity}’{'' if entity.endswith('s') and entity.islower() else 's'}{after}"
    return before + entity + re.sub(r"^\w*", "", word) + after


def _is_hers(before: str, after: str) -> bool:
    """Whether "her" belongs to the noun behind it: "and her brother?", but not "who saw her leave?"."""
    return _BEFORE_HERS.search(before) is not None and re.match(r" [^\W\d]", after) is not None


def referent(word: str, carried: Sequence[Phrase], turns: Sequence[Turn]) -> Phrase | None:
    """The phrase that takes the place of the pronoun ``word``: the only one that is carried, or the only person where
    it stands for one; None if it does not fit. What the same pronoun meant in the turn before goes first."""
    open_ = _is_unresolved(word, turns)  # neither does what that turn asked about
    fitting = [p for p in carried if fits(word, p, turns) and not (open_ and p.origin.startswith("your question"))]
    if stayed := next((phrase for phrase in fitting if phrase.text == _meant_before(word, turns)), None):
        return stayed
    if _group(word) in (_HE, _SHE) and len(fitting) > 1:
        fitting = [phrase for phrase in fitting if len(words(phrase.text)) > 1]  # "Charles Lieber", not "Wuhan"
    alone = len(carried) == 1 or _group(word) in (_HE, _SHE)
    return fitting[0] if alone and len(fitting) == 1 else None


def joined(carried: Sequence[Phrase], turns: Sequence[Turn]) -> list[Phrase]:
    """The phrases, those that are parts of one name of an earlier question as that name: "Charles" and "Lieber"."""
    for turn in reversed(turns):
        for start, end in names(turn.question):
            keys = stems(turn.question[start:end])
            parts = [phrase for phrase in carried if stems(phrase.text) < keys]
            if parts and set().union(*(stems(part.text) for part in parts)) == keys:
                whole = Phrase(turn.question[start:end], parts[0].origin, max(part.score for part in parts))
                return [whole, *(phrase for phrase in carried if phrase not in parts)]
    return list(carried)


def with_article(phrase: Phrase, turns: Sequence[Turn]) -> str:
    """The phrase as it stands in a sentence: "the wafer" where a question said "a wafer", "the Qiming plan"."""
    said = re.compile(rf"\b(?:the|an?) {re.escape(phrase.text)}\b", re.IGNORECASE)
    common = _last(phrase.text).islower() and any(said.search(turn.question) for turn in turns)
    return f"the {phrase.text}" if common else phrase.text


def fits(word: str, phrase: Phrase, turns: Sequence[Turn]) -> bool:
    """Whether the pronoun may stand for the phrase: "he" for a person's name, "they" for several, none for a verb."""
    group, text = _group(word), phrase.text
    if names(f"x {text}"):
        return group in (_IT, _THEY) or not (BODY.search(text) or is_place(text) or re.search(r"\d", text))
    if any(_is_verb(text, turn.question) for turn in turns):
        return False
    if group in (_HE, _SHE):
        return _PERSON.fullmatch(_last(text)) is not None
    return group is not _THEY or _MANY.fullmatch(_last(text)) is not None or " and " in text


def _last(text: str) -> str:
    return text[slice(*words(text)[-1])] if words(text) else ""


def _group(word: str) -> frozenset[str]:
    key = re.split("['’]", fold(word))[0]
    return next((group for group in _GROUPS if key in group), _IT)


def _is_verb(phrase: str, question: str) -> bool:
    """Whether a single word is what somebody does in the question: "he greeted", "who made it"."""
    if len(words(phrase)) != 1:
        return False
    found = re.search(rf"\b{re.escape(phrase)}\b", question)
    return found is not None and bool(_DOES.search(question[: found.start()]) or _TO_IT.match(question, found.end()))


def _is_unresolved(word: str, turns: Sequence[Turn]) -> bool:
    """Whether the turn before has the same pronoun and did not say either whom it means."""
    return _said_again(word, turns) and turns[-1].resolution.kind != "filled"


def _meant_before(word: str, turns: Sequence[Turn]) -> str:
    carried = turns[-1].resolution.carried if turns else ()
    return carried[0].text if carried and _said_again(word, turns) and turns[-1].resolution.kind == "filled" else ""


def _said_again(word: str, turns: Sequence[Turn]) -> bool:
    span = pronoun(turns[-1].question) if turns else None
    return span is not None and _group(turns[-1].question[slice(*span)]) is _group(word)
