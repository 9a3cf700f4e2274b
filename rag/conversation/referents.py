"""What a pronoun stands for: which of the phrases that a question carries may take its place."""

from __future__ import annotations

import re
from collections.abc import Sequence

from rag.conversation.focus import BODY, THIS, Phrase
from rag.conversation.pointers import is_possessive, pronoun
from rag.conversation.times import DATE
from rag.lexicon import HE, IT, OPENING, SHE, STAND_INS, THEY, is_place, names, stem, stems
from rag.text import fold, last_word, without_genitive, words
from rag.types import Turn

PERSON = re.compile(
    r"[^\W\d]{2,}(?:ist|ician|eer|man)|boy|girl|lady|king|queen|chief|head|aide|son|daughter|mother|father|brother"
    r"|sister|wife|husband|friend|student|president|judge|spy|guest|victim|patient|author|writer|professor|researcher"
    r"|minister|director|founder|scholar|academic|executive|commissioner|official|singer|painter|composer|actor|actress"
    r"|poet|inventor|officer|doctor|lawyer|driver|owner|leader|senator|secretary|governor|mayor|adviser|manager"
    r"|deputy|colleague|boss|prosecutor|ambassador|general|soldier|teacher|prisoner|candidate|winner|successor|predecessor",
    re.IGNORECASE,
)
_KIN = {  # what is said beside the name of somebody who is "he", or "she"
    HE: "mr|sir|lord|king|prince|brother|father|son|husband|uncle|nephew|grandfather|grandson",
    SHE: "mrs|ms|miss|lady|dame|queen|princess|sister|mother|daughter|wife|aunt|niece|grandmother|granddaughter",
}
_DOES_IT = r"(?:do|does|did|has|have|had|can|will)"
_ASKS_THING = re.compile(  # "what did she get?", "which prize was it?"
    rf"\W*{OPENING}(?:what {_DOES_IT}\b|(?:what|which) (?:\w+ )?(?P<thing>(?!name\b|is\b|was\b)\w+)"
    rf"(?: (?:is|are|was|were|{_DOES_IT})\b|\W*$))",
    re.IGNORECASE,
)
_SOMEBODY = re.compile(r"\w+(?:[eo]r|ist|[ai]an|ant|ent|ect|[mw][ae]n|one)s?|people|of", re.IGNORECASE)  # may be one
_BEFORE_HERS = re.compile(
    r"(?:^|\b(?:and|but|or|so|is|are|was|were|do|does|did|has|have|had|can|could|will|would|of))\s*$", re.IGNORECASE
)
_BEFORE_THERE = re.compile(r"\b(?:from|in|near|over|around|through|to|at|of) $", re.IGNORECASE)
_MOVING = re.compile(r"\b(?:go|goes|going|went|get|gets|come|travel|move|moved|send|sent|flew|fly) $", re.IGNORECASE)
_ALIKE = frozenset("rival competitor counterpart subsidiary parent neighbour partner".split())  # of its owner's kind
PERSONAL = re.compile(  # "Lieber", "C. C. Wei", "Liang Mong-song", but not "ASML" and not "Carl Zeiss SMT"
    r"[^\W\d_a-z](?:\.|[^\W\d_A-Z]+)(?:[ -](?:[^\W\d_a-z]\.|[^\W\d_]+)){0,3}(?<=[^\W\d_A-Z])"
)
_WHO = re.compile(  # asks for a person, most likely; a company may be who makes or owns something
    r"\W*(?:\w+\W+)?who(?:m|['’]s)?\b(?!(?: else)? (?:makes?|made|suppl(?:y|ies|ied)|produced?|produces|manufactured?"
    r"|manufactures|sells?|sold|owns?|owned|buys?|bought|acquired|sued|invests?|invested)\b)",
    re.IGNORECASE,
)
_OWNED = re.compile(r"(?P<whose>his|her|its|their) (?P<what>[\w-]+(?: [\w-]+){0,3})", re.IGNORECASE)
_MANY = re.compile(r"\w+[^\Wsui]s|people|men|women|children|police|staff|media", re.IGNORECASE)
_TO_HIM = re.compile(r"\b(?:him|her)\W*$", re.IGNORECASE)
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
    >>> filled("Who works there?", (10, 15), "Bonn"), filled("Who comes from there?", (15, 20), "Bonn")
    ('Who works in Bonn?', 'Who comes from Bonn?')
    """
    before, word, after = text[: span[0]], text[span[0] : span[1]], text[span[1] :]
    if (is_possessive(word) and after.strip(" ?.!")) or (fold(word) == "her" and _is_hers(before, after)):
        return f"{before}{entity}’{'' if entity.endswith('s') and entity.islower() else 's'}{after}"
    if fold(word) == "there" and not _BEFORE_THERE.search(before):
        entity = f"{'to' if _MOVING.search(before) else 'in'} {entity}"
    return before + entity + re.sub(r"^\w*", "", word) + after


def _is_hers(before: str, after: str) -> bool:
    """Whether "her" belongs to the noun behind it: "and her brother?", but not "who saw her leave?"."""
    return _BEFORE_HERS.search(before) is not None and re.match(r" [^\W\d]", after) is not None


def referent(word: str, carried: Sequence[Phrase], turns: Sequence[Turn]) -> Phrase | None:
    """The phrase that takes the place of the pronoun ``word``: the only one that is carried, or the only person where
    it stands for one; None if it does not fit. What the same pronoun meant in the turn before goes first."""
    open_ = _is_unresolved(word, turns)  # neither does what that turn asked about
    fitting = [p for p in carried if fits(word, p, turns) and not (open_ and p.origin.startswith("your question"))]
    if stayed := next((phrase for phrase in fitting if phrase.text == _still_meant(word, turns)), None):
        return stayed
    if _group(word) in (HE, SHE) and len(fitting) > 1:
        fitting = [phrase for phrase in fitting if len(words(phrase.text)) > 1]  # "Charles Lieber", not "Wuhan"
    if fitting and fitting[0] is carried[0] and _group(word) is not THEY and turns and _put_in(fitting[0], turns):
        return fitting[0]
    alone = len(carried) == 1 or _group(word) in (HE, SHE)
    return fitting[0] if alone and len(fitting) == 1 else None


def standing(word: str, carried: Sequence[Phrase], turns: Sequence[Turn]) -> list[Phrase]:
    """What of ``carried`` goes with the pronoun ``word``: no person with "it", nobody who was "he" with "she", nobody
    else with somebody who was just found or named, nothing that was just exchanged. All of it if nothing is left."""
    group, last = _group(word), turns[-1].resolution
    gone = stems(last.carried[0].text) - stems(last.query) if last.kind == "changed" and last.carried else set()
    carried = [phrase for phrase in carried if not stems(phrase.text) & gone] or list(carried)
    if group is IT:
        return [phrase for phrase in carried if not _is_person(phrase.text, turns)] or carried
    if group is THEY:
        return [phrase for phrase in carried if not any(_was(phrase.text, turns, g) for g in (HE, SHE))] or carried
    if group not in (HE, SHE):
        return carried
    carried = [phrase for phrase in carried if not _is_thing(phrase, turns)]
    kept = [phrase for phrase in carried if not _is_other(phrase.text, turns, group)]
    sure = kept and just_said(kept[0], turns, word) and _is_named(kept[0]) and fits(word, kept[0], turns)
    others = [phrase for phrase in kept[1:] if not (sure and _is_named(phrase) and fits(word, phrase, turns))]
    return [*kept[:1], *others] or carried


def meant_again(word: str, about: Sequence[Phrase], turns: Sequence[Turn]) -> list[Phrase]:
    """``about``, and first whom "he" or "she" meant in the turn before, unless an answer took its place: that to
    "who came after him?" does, that to "who were her parents?" does not."""
    stayed, last = _still_meant(word, turns), turns[-1]
    found = about and just_said(about[0], turns) and _TO_HIM.search(last.question)
    if found or not stayed or _group(word) not in (HE, SHE):
        return list(about)
    return [Phrase(stayed, last.resolution.carried[0].origin), *about]


def just_said(phrase: Phrase, turns: Sequence[Turn], word: str = "") -> bool:
    """Whether the phrase was just found, or put in by the turn before, or is whom "he" or "she" goes on meaning."""
    again = _group(word) in (HE, SHE) and phrase.text == _still_meant(word, turns)
    return again or phrase.origin.startswith("the answer") or _put_in(phrase, turns)


def _put_in(phrase: Phrase, turns: Sequence[Turn]) -> bool:
    """Whether the turn before was asked about this phrase instead of another: after "and the H20?" it is "it"."""
    resolution = turns[-1].resolution
    named = any(phrase.text in carried.text for carried in resolution.carried if carried.origin == THIS)
    return named or (resolution.kind == "changed" and phrase.text in turns[-1].question)


def slot_meant(slot: str, before: str, carried: Sequence[Phrase], turns: Sequence[Turn]) -> tuple[str, str | None]:
    """A slot with its pronoun filled, and the question ``before`` about it if it is of its owner's kind.

    "She" is the person named last whom that question is not about, "her brother" the brother of the person whom it is.
    """
    if _group(slot) in (HE, SHE) and len(words(slot)) == 1:
        return _other(slot, before, turns), None
    match = _OWNED.fullmatch(slot)
    owner = _owner(match["whose"], before, carried, turns) if match else ""
    if not match or not owner:
        return slot, None
    slot, what = filled(slot, match.span("whose"), owner), last_word(match["what"])
    found = re.search(rf"{re.escape(owner)}(?:['’]s? (?P<what>\w+))?", before)
    if found is None or stem(what) in stems(before) or not _is_alike(match["whose"], what):
        return slot, None
    end = found.end() if found["what"] and _is_alike(match["whose"], found["what"]) else found.start() + len(owner)
    return slot, before[: found.start()] + slot + before[end:]


def _is_alike(whose: str, what: str) -> bool:
    """Whether what somebody or something has is of the owner's kind: "his lawyer", "their rivals", not "its head"."""
    return stem(what) in _ALIKE or (_group(whose) in (HE, SHE) and PERSON.fullmatch(stem(what)) is not None)


def _owner(whose: str, before: str, carried: Sequence[Phrase], turns: Sequence[Turn]) -> str:
    """Who or what was just found, else what the question before names, else what the pronoun stands for; "" if none."""
    if carried and just_said(carried[0], turns) and fits(whose, carried[0], turns):
        return carried[0].text
    named = [without_genitive(before[start:end]) for start, end in names(before)]
    named = [name for name in named if not DATE.fullmatch(name)]
    thing = _group(whose) is IT
    named = [name for name in named if not is_place(name) and not (thing and _is_person(name, turns))]
    named = [name for name in named if fits(whose, Phrase(name, ""), turns)]
    phrase = referent(whose, carried, turns)
    return named[0] if named else phrase.text if phrase else ""


def _other(word: str, before: str, turns: Sequence[Turn]) -> str:
    """The person named last, if not the one whom the question before is about; else the word itself."""

    def persons(text: str) -> list[str]:
        return [text[start:end] for start, end in names(text) if _is_full(text[start:end])]

    for turn in reversed(turns if persons(before) else ()):
        query, short = turn.resolution.query, turn.answer.short
        found = [short.text] if short and _WHO.match(query) and _is_full(short.text) else []
        for name in (*found, *reversed(persons(query))):
            if fits(word, Phrase(name, ""), turns) and not stems(name) <= stems(before):
                return name
    return word


def _is_named(phrase: Phrase) -> bool:
    return bool(names(f"x {phrase.text}"))


def _is_personal(text: str) -> bool:
    """Whether a name may be a person's: no agency, place or "Varde Bridge"."""
    thing = len(words(text)) > 1 and stem(last_word(text)) in STAND_INS
    return PERSONAL.fullmatch(text) is not None and not (thing or BODY.search(text) or is_place(text))


def _is_full(text: str) -> bool:
    return _is_personal(text) and len(words(text)) > 1


def _is_person(text: str, turns: Sequence[Turn]) -> bool:
    """Whether it is a name like a person's that answered "who?", or that "he" or "she" stood for."""
    shorts = [turn.answer.short for turn in turns if _WHO.match(turn.resolution.query)]
    found = _is_full(text) and any(short and text in short.text for short in shorts)
    return found or _was(text, turns, HE) or _was(text, turns, SHE)


def _was(text: str, turns: Sequence[Turn], group: frozenset[str]) -> bool:
    """Whether a pronoun of the group stood for it earlier; not where it was only added."""
    return any(
        turn.resolution.kind == "filled"
        and not turn.resolution.query.startswith(turn.question)
        and any(carried.text == text for carried in turn.resolution.carried[:1])
        and (span := pronoun(turn.question)) is not None
        and _group(turn.question[slice(*span)]) is group
        for turn in turns
    )


def _is_other(text: str, turns: Sequence[Turn], group: frozenset[str]) -> bool:
    """Whether it is somebody who was "she", or is called so in a quote ("Mrs", "my sister"), and not "he"; and back."""
    other, name = HE if group is SHE else SHE, re.escape(text)
    kin = rf"(?:{_KIN[other]})\b"
    called = re.compile(rf"\b{kin}\.? {name}\b|\b{name}(?:,| is| was)(?: my| his| her| the)? {kin}", re.IGNORECASE)
    return _was(text, turns, other) or any(called.search(quote.text) for turn in turns for quote in turn.answer.quotes)


def _is_thing(phrase: Phrase, turns: Sequence[Turn]) -> bool:
    """Whether it was found as the answer to a question for a thing: "what honours did she receive?"."""
    shorts = ((turn, turn.answer.short) for turn in turns if phrase.origin.startswith("the answer"))
    asked = (_ASKS_THING.match(turn.resolution.query) for turn, short in shorts if short and phrase.text in short.text)
    return any(
        each and not (_SOMEBODY.fullmatch(each["thing"] or "") or PERSON.fullmatch(stem(each["thing"] or "")))
        for each in asked
    )


def fits(word: str, phrase: Phrase, turns: Sequence[Turn]) -> bool:
    """Whether the pronoun may stand for the phrase: "he" for a person's name, "they" for several, none for a verb."""
    group, text = _group(word), phrase.text
    if group in (HE, SHE) and (_is_other(text, turns, group) or _is_thing(phrase, turns)):
        return False
    if group is THEY and _is_full(text) and any(_is_other(text, turns, each) for each in (HE, SHE)):
        return False  # "Ms Ann Lee"
    if group is IT and re.search(r"['’]s? ", text) and _MANY.fullmatch(last_word(text)):  # "ASML’s rivals"
        return False
    if names(f"x {text}") or _is_personal(text):
        return group in (IT, THEY) or _is_personal(text) or PERSON.fullmatch(last_word(text)) is not None
    if any(_is_verb(text, turn.question) or _is_asked_for(text, turn.question) for turn in turns):
        return False
    if group in (HE, SHE):
        named = re.compile(rf"\W*(?:\w+\W+)?who(?:['’]s| is| was) {re.escape(text)}\W*", re.IGNORECASE)
        return PERSON.fullmatch(last_word(text)) is not None or any(named.fullmatch(turn.question) for turn in turns)
    return group is not THEY or _MANY.fullmatch(last_word(text)) is not None or " and " in text


def _group(word: str) -> frozenset[str]:
    key = fold(word).split("'")[0]
    return next((group for group in (HE, SHE, THEY) if key in group), IT)


def _is_verb(phrase: str, question: str) -> bool:
    """Whether a single word is what somebody does in the question: "he greeted", "who made it"."""
    if len(words(phrase)) != 1:
        return False
    found = re.search(rf"\b{re.escape(phrase)}\b", question)
    return found is not None and bool(_DOES.search(question[: found.start()]) or _TO_IT.match(question, found.end()))


def _is_asked_for(phrase: str, question: str) -> bool:
    """Whether it is what the question asks for: "color" of "what color is it?"; not several: "which countries?"."""
    asks = rf"\b(?:what|which|how much) (?:kind of )?{re.escape(phrase)}\b"
    return not _MANY.fullmatch(last_word(phrase)) and re.search(asks, question, re.IGNORECASE) is not None


def _is_unresolved(word: str, turns: Sequence[Turn]) -> bool:
    """Whether the turn before has the same pronoun and did not say either whom it means."""
    return _said_again(word, turns) and turns[-1].resolution.kind not in ("filled", "changed")


def _still_meant(word: str, turns: Sequence[Turn]) -> str:
    """What the same pronoun stood for in the turn before; "" if it was not there."""
    carried = turns[-1].resolution.carried if turns else ()
    return carried[0].text if carried and _said_again(word, turns) and turns[-1].resolution.kind == "filled" else ""


def _said_again(word: str, turns: Sequence[Turn]) -> bool:
    span = pronoun(turns[-1].question) if turns else None
    return span is not None and _group(turns[-1].question[slice(*span)]) is _group(word)
