"""Which words of a question stand for something said before: pronouns, "the company", "that year", "both"."""

from __future__ import annotations

import itertools
import re
from collections.abc import Sequence

from rag import lexicon
from rag.lexicon import content, is_content, names, stem, stems
from rag.text import any_of, fold, folded_words, words

OPENERS = lexicon.QUESTION_WORDS | frozenset(
    "is are was were do does did can could will would should has have had".split()
)
_EXISTING = frozenset("is are was were be been has have will can could would exist".split())
# "that" after one of these points; after a noun or "said" it only joins two clauses.
_BEFORE_THAT = frozenset("of to in for by with about after before from on at under over than like".split())
_MOST = 8  # pronouns of a question that are looked at
COUNTS = {"two": 2, "three": 3, "four": 4, "five": 5, "six": 6, "seven": 7, "eight": 8, "nine": 9, "ten": 10}
MOVE = re.compile(  # a time that counts from another
    rf"(?:(?:in|for|during) )?(?:the|an?|one|(?P<many>{'|'.join(COUNTS)})) "
    + any_of(
        r"(?P<unit>year|quarter|month|half|season)s? (?P<way>before|earlier|prior|after|later)",
        r"(?P<side>previous|prior|preceding|following|next) (?P<one>year|quarter|month|half|season)",
    )
    + "(?: that)?",
    re.IGNORECASE,
)
NOW = re.compile(  # a time that counts from the present
    r"(?:(?:right|just) )?now|today|currently|nowadays|at present|at the moment|these days"
    r"|(?:this|last|next) (?:year|quarter|month|week)",
    re.IGNORECASE,
)
_TIMES = frozenset("year month day week time decade century quarter period date moment season".split())
_EXPLETIVE = re.compile(
    r"\bit (?:take|takes|took|cost|costs|require|requires|help|helps)\b[^.?!]*\bto\b"
    r"|\b(?:is|was) it (?:\w+ly |still )?(?:legal|illegal|lawful|banned|forbidden|allowed|safe|safer|dangerous|risky"
    r"|expensive|cheap|cheaper|better|fair|normal|usual|unusual|realistic|feasible) (?:for [^?]+ to \w"
    r"|to (?:go|live|swim|dive|drive|park|travel|walk|fly|sleep|camp|work|stay|vote|strike|protest) \w"
    r"|to \w+ (?!(?:in|at|on|for|from|by|with|there|here|now)\b)\w)"
    r"|\b(?:is|was) it (?:really )?true (?!(?:in|of|for|at|today|now|as|too)\b)\w"
    r"|\b(?:is|was) it (?:really )?(?:the|her|his|its|their) (?:very )?(?:first|last|only) time\b"
    r"|\b(?:what|how) is it (?:like to|that)\b|\bwhy is it that\b|\bwhere does it say\b"
    r"|\bit (?:matter|(?:make|made) (?:a|any|no) (?:\w+ )?difference)\b"
    r"|\b(?:is|was) it (?:still |really )?(?:possible|true|hard|easy|difficult|known|necessary|common|clear|worth)"
    r" (?:to|that|for|when|if)\b",
    re.IGNORECASE,
)
_CLAUSE_END = re.compile(
    r"[.?!;:](?=\s)|,?\s+(?:and|but)\s+(?=(?:who|what|when|where|why|which|how|did|does|is|was)\b)", re.IGNORECASE
)
_SAID = re.compile(
    r"\b(?:says?|said|thinks?|claim(?:s|ed)?|admit(?:s|ted)?|know|believes?|expect(?:s|ed)?|hopes?|promised?|den(?:y|ied)|"
    r"explain(?:s|ed)?|argue[sd]?|announced?|when|while|because|before|after|if)(?: that| when| why| how| if)?\s+$",
    re.IGNORECASE,
)
_SUBJECT = re.compile(  # one that a pronoun may stand for; not "critics", "people", "anyone"
    r"\b(?:did|does|has|had|will|would)\s+((?!people|police|any|every|some|nobody)\w*[^\W\ds])\s+(?:\w+\s+)?\w+(?:\s+that)?\s+$",
    re.IGNORECASE,
)
_OWNERS = re.compile(  # whose is "their": "can tenants insure their belongings?"; not what they think of others
    r"\b(?:do|did|can|could|may|must|should|will|would|have|had)\s+(?:\w+\s+)?\w*[^\W\ds]s\s+"
    r"(?!(?:say|think|believe|complain|argue|claim|like|accuse|react|respond|call|see|criticise|criticize)\b)\w+",
    re.IGNORECASE,
)
ASKS_WHO = re.compile(  # nobody who is known: "who's the chairman?"
    rf"^\W*{lexicon.OPENING}who(?:['’]s| is| was| are| were) the (?!(?:former|latter|two)\b)", re.IGNORECASE
)
_ADVERBIAL = re.compile(
    r"\b(?:in the end|at the time|at that time|in total|at all|so far|in general|at first|in fact|after all|at present|"
    r"(?:in|since|by|until) (?:19|20)\d\d)\b",
    re.IGNORECASE,
)
_THAT_DOES = re.compile(  # "when did that come out?", but not "was that law passed?"
    r"\b(?:do|does|did|will|is|are|was|were|has|have) (?P<that>this|that)"
    r" (?:\w{3,}ed|come(?! about)|go|look|cost|work|weigh|last|set up|built|made|sold|written)\b",
    re.IGNORECASE,
)
_COMPLEMENT = frozenset("of in for to from on by at against between with behind that who which under about".split())
# Nouns that ask for another thing (a share of what?), and verbs that do at the end (react to what?).
_RELATIONAL = frozenset(
    """share stake percentage proportion portion version variant edition outcome verdict reaction response objection
    contribution rank ranking rival competitor counterpart alternative""".split()
)
_GOVERNED = frozenset("of in to from between with against that over".split())
# Whoever makes or uses something: of what is said before the noun ("chip makers") or behind it ("makers of chips").
AGENTS = frozenset(
    """supplier maker producer provider manufacturer vendor buyer user customer owner shareholder investor member
    participant supporter critic opponent victim""".split()
)
_REACTING = frozenset("react respond reply object agree disagree decide differ participate".split())
_AT_THE_END = re.compile(  # what happened, and to whom or what is not said: "which countries joined?"
    r"\b(?:\w{2,}(?<!e)ed|paid|lost|left|hit|won|sold|built|sent|spent)[\s.?!]*$"
    rf"|^\W*{lexicon.OPENING}who (?:will |would |can |could |should |must )?\w+[\s.?!]*$",
    re.IGNORECASE,
)
_ASKS_FOR = re.compile(
    rf"\W*{lexicon.OPENING}(?:who|which|what(?! is| was| are)|how (?:many|much)|(?:has|was|did) any(?:one|body))\b",
    re.IGNORECASE,
)
_DID = re.compile(rf"\W*{lexicon.OPENING}(?:what|how much) did (?P<who>.+) \w+\W*", re.IGNORECASE)


def pronoun(question: str) -> tuple[int, int] | None:
    """Span of the first pronoun that stands for something said before, not for a name of the question itself.

    >>> pronoun("Who are its owners?"), pronoun("Did Huawei sell its brand?"), pronoun("How long does it take to win?")
    ((8, 11), None, None)
    """
    spans = words(question)
    keys = [word.split("'")[0] for word in folded_words(question)]
    if not lexicon.is_shouted(question):  # "the IT budget"
        keys = [
            "" if question[start:end] in lexicon.ACRONYMS else key
            for key, (start, end) in zip(keys, spans, strict=True)
        ]
    found = [number for number, key in enumerate(keys) if key in lexicon.PRONOUNS or _is_place(keys, number)]
    for number in found[:_MOST]:
        if not _local(question, spans[number][0], keys[number]):
            return spans[number]
    that = _THAT_DOES.search(question)
    return that.span("that") if that and not _local(question, that.start("that"), "it") else None


def _is_place(keys: Sequence[str], number: int) -> bool:
    """Whether "there" is a place, not as in "there are"."""
    beside = {*keys[max(0, number - 1) : number], *keys[number + 1 : number + 2]}
    return keys[number] == "there" and number > 0 and not beside & _EXISTING


def _local(question: str, at: int, key: str) -> bool:
    """Whether the pronoun at ``at`` is explained within the question.

    "its" may belong to a name before it; "it" cannot in the same clause (binding theory, principle B), but may mean
    what the clause before named. The pronouns before ``at`` are known to be explained.
    """
    before = question[:at]
    if key == "it" and (match := _EXPLETIVE.search(question)) and match.start() <= at < match.end():
        return True
    if key == "their" and _OWNERS.search(before):
        return True
    said = _SAID.search(before)
    if names(before) and (is_possessive(key) or key.endswith(("self", "selves")) or said):
        return True
    its = key in ("its", "his") or (key == "her" and is_content(question[at + len(key) :].strip().partition(" ")[0]))
    subject = _SUBJECT.search(before) if said or its else None
    if subject and is_content(subject[1]):  # "when did tsmc say it would ...", "why did intel delay its fab"
        return True
    ends = list(_CLAUSE_END.finditer(before))
    first = before[: ends[-1].start()] if ends else ""
    return bool(content(first)) and not stands_in(first)


def is_possessive(word: str) -> bool:
    """Whether a genitive takes the word's place. "her" is left alone, since it is an object as often."""
    return fold(word) in lexicon.POSSESSIVE


def stands_in(question: str) -> bool:
    """Whether "the company", "this movement", "those" or "both" describes something said before."""
    question = ASKS_WHO.sub("who ", _ADVERBIAL.sub(" ", question))
    keys = ["", *lexicon.unnegated(question), "", ""]
    return any(_describes(*keys[number - 1 : number + 3]) for number in range(1, len(keys) - 2))


def _describes(before: str, key: str, following: str, after: str) -> bool:
    """Whether ``key``, with the words around it, points back; "" where there is no word."""
    described = stem(following) in lexicon.STAND_INS
    whole = not after or after in lexicon.CLOSING or following.endswith("'s")
    whole = whole or (before in OPENERS and is_content(after))
    if key == "the":
        counted = following == "two" and stem(after) in lexicon.STAND_INS
        return (described and whole) or counted or following in ("former", "latter")
    closes = bool(before) and (not following or (following in lexicon.CLOSING and following not in _OPENING))
    if key in ("both", "neither", "here", "then"):
        return closes or (key == "both" and bool(before) and following != "and" and after != "and")
    if key in ("one", "ones"):
        return closes and following != "of" and before not in ("no", "any", "every", "than")
    if key not in lexicon.POINTERS:
        return False
    if key == "that":
        starts = before in OPENERS or ((before in _BEFORE_THAT or not before) and following not in _OPENING)
        return described or starts or stem(following) in _TIMES or (bool(before) and not following)
    return described or closes or (bool(following) and is_content(following))


_OPENING = frozenset("the a an its his her their my your our he she it they we you i there this these those".split())


def points_back(question: str) -> bool:
    """Whether a pronoun or a description stands for something said before."""
    return pronoun(question) is not None or stands_in(question)


# What makes a comparison complete within the question: "more than 100 tonnes", "both China and Japan".
_PARTNERS = {
    "more": ("than",),
    "other": ("than",),
    "both": ("and",),
    "either": ("or",),
    "neither": ("nor",),
    "same": ("as",),
}
_WHICH_IS_MORE = re.compile(  # of those that were talked about
    rf"\W*{lexicon.OPENING}which (?:one |of (?:them|the two|these|those) )?(?:is|are|was|were) (?:the )?"
    r"(?:more \w+|less \w+|better|worse|(?:bigg|small|larg|high|low|old|young|new|fast|slow|cheap|long|short|strong"
    r"|weak|heavi|light|rich|poor|earli|lat|tall|deep|wid|saf|near)er)(?: (?:in|on|by|for|at|now|today|then)\b.*)?\W*$",
    re.IGNORECASE,
)
_BESIDES = frozenset(("also", "too", "same"))
_OPEN = 3  # content words; with more of them and a name "also" adds to the question itself


def leans(question: str) -> bool:
    """Whether some word of the question stands for, or compares with, something said before."""
    keys = folded_words(question)
    if _WHICH_IS_MORE.match(question) and not {"than", "or"} & set(keys):
        return True
    whole = len(content(question)) > _OPEN and bool(names(question))
    return points_back(question) or any(
        key in lexicon.LEANING and not (whole and key in _BESIDES) and not set(_PARTNERS.get(key, ())) & set(keys[at:])
        for at, key in enumerate(keys)
    )


def is_open(question: str) -> bool:
    """Whether a question without a name leaves open what it is about: it is short, or "the plant" is not said which."""
    if names(question):
        return False
    keys = set(folded_words(question))
    return not keys & {"a", "an"} and (len(content(question)) <= 2 or "the" in keys)


def is_unfinished(question: str) -> bool:
    """Whether a noun or verb lacks what belongs to it: "the ban" of what, a share in what, react to what?

    >>> is_unfinished("How did ASML react?"), is_unfinished("Who bought the Honor brand?")
    (True, False)
    """
    texts = [*(question[start:end] for start, end in words(question)), ""]
    if texts[:-1] and fold(texts[-2]) in _REACTING or _only_happened(question):
        return True
    for number, text in enumerate(texts[:-1]):
        governed = fold(texts[number + 1]) in _GOVERNED and not texts[min(number + 2, len(texts) - 1)].isdigit()
        if stem(text) in _RELATIONAL and not governed:
            return True
        if stem(text) in AGENTS and not governed and not (number and _is_common_noun(texts[number - 1])):
            return True
        if fold(text) == "the" and _bare_noun(texts[number + 1 :]):
            return True
    return False


def _only_happened(question: str) -> bool:
    """Whether a verb at the end lacks what it happened to or was about: "who was charged?", "what did UEFA say?"."""
    named = names(question)
    if not named:
        most = 2 if _ASKS_FOR.match(question) else 1
        return bool(_AT_THE_END.search(question)) and 0 < len(content(question)) <= most
    did, (start, end) = _DID.fullmatch(question), named[0]
    who = stems(question[start:end])
    return did is not None and stems(did["who"]) == who and stems(question) - who <= lexicon.GENERIC


def _is_common_noun(word: str) -> bool:
    return is_content(word) and word == word.lower()


def _bare_noun(after: Sequence[str]) -> bool:
    """Whether what follows "the", up to a last "", is a common noun that no name, "of ..." or "that ..." explains."""
    kept = list(itertools.dropwhile(lambda word: fold(word) in ("first", "last", "next"), after))
    run = list(itertools.takewhile(is_content, kept))
    if not run or any(word != word.lower() or word.isdigit() for word in run) or fold(run[0]) in lexicon.UNIQUE:
        return False
    return fold(kept[len(run)]) not in _COMPLEMENT


def asks_for_person(question: str) -> bool:
    """Whether a pronoun of the question stands for a person."""
    span = pronoun(question)
    return span is not None and fold(question[slice(*span)]).split("'")[0] in lexicon.PERSONAL


def asks_for_thing(question: str) -> bool:
    """Whether the answer names somebody or something: "who", "which company", but not "when" or "how much"."""
    return re.match(r"\W*(?:\w+\s+)?(?:who|whom|whose|which|what)\b", question, re.IGNORECASE) is not None


def asks(text: str) -> bool:
    """Whether there is a question word or an auxiliary in it."""
    said = [text[start:end] for start, end in words(text)]
    return any(fold(word).split("'")[0] in OPENERS and word not in lexicon.ACRONYMS for word in said)


def opens_a_question(text: str) -> bool:
    """Whether its first word asks: "who runs it", "what's that"."""
    return asks(text[slice(*words(text)[0])]) if words(text) else False
