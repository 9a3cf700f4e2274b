"""Pure: whether a quote is about another office, or another standing before the law, than a question asks about."""

from __future__ import annotations

import re

from rag.lexicon import WHO

_OFFICES = tuple(
    re.compile(rf"(?P<past>\b(?:former(?:ly)?|previously|ex)[- ](?:the )?)?\b(?:{office})\b", re.IGNORECASE)
    for office in (
        r"ceo|chief executive(?: officer)?|(?:managing|executive|general) director|(?:its|the|their|as|our) director",
        r"cfo|chief financial officer|(?:finance|financial) (?:chief|director)",
        r"coo|chief operating officer",
        r"cto|chief technology officer",
        r"chair(?:man|woman|person)|(?<=\bthe )chair|(?<=\bits )chair|(?<=\bas )chair|chair(?= of\b)",
        r"prime ministers?",
        r"vice[- ]president(?:s|ency)?",
        r"(?<!vice )(?<!vice-)president(?:s|ency|ial)?",
    )
)
_DEPUTY = re.compile(r"\bdeputy (?P<of>(?!to\b|of\b|in\b)[^\W\d]+(?: [^\W\d]+)?)", re.IGNORECASE)
_FOLLOWS = re.compile(r"\b(?:succe(?:ed|ss)\w*|took over|replace[sd]?|hand(?:s|ed) over|in place of)\b", re.IGNORECASE)
_SECOND = re.compile(
    r"\b(?:deput(?:y|ies)|vice|assistant|assisted|acting|interim|deputise|fill(?:s|ed)? in|replaces?|stand(?:s|ing)? in"
    r"|number two)\b",
    re.IGNORECASE,
)
_NOW = re.compile(r"\W*who(?:['’]s| is| are)\b(?!.*\b(?:former|ex)\b)", re.IGNORECASE)
_PRIME, _MINISTER = re.compile(r"\bprime minister\b", re.IGNORECASE), re.compile(r"\bminister\b", re.IGNORECASE)
_PROVEN = re.compile(
    r"\b(?:convict\w*|guilty|sentence[ds]?|jail(?:ed)?|prison|imprisoned|years in|fined|verdict|jury|plea(?:ded)?|pled"
    r"|acquitted)\b",
    re.IGNORECASE,
)
_CHARGED = re.compile(
    r"\b(?:charged|accused|suspect(?:s|ed)?|arrested|alleged(?:ly)?|den(?:y|ies|ied))\b", re.IGNORECASE
)


def of_another_standing(question: str, quote: str) -> bool:
    """Whether it is asked who holds an office and the quote names others alone, or who was found guilty and the quote
    tells of an accusation.

    >>> of_another_standing("Who is the CEO?", "Ann Roe is Chief Financial Officer.")
    True
    >>> of_another_standing("Who is the CEO?", "Ann Roe, the chief executive, follows the CFO.")
    False
    >>> of_another_standing("Who is the CFO?", "Jo Hall, formerly CFO of Orn, will be chair.")
    True
    >>> of_another_standing("Who is the deputy harbour master?", "The Harbour Master, Ann Roe, reported.")
    True
    >>> of_another_standing("How long was he jailed?", "He, who denies it, got four years.")
    False
    >>> of_another_standing("Who was convicted?", "Ivo Stern is charged with theft and denies it.")
    True
    """
    if not WHO.match(question):
        return False
    asked, said = _offices(question), _offices(quote, held=_NOW.match(question) is not None)
    other = _offices(quote) or (_PRIME.search(question) and _MINISTER.search(quote))
    accused = _PROVEN.search(question) and _CHARGED.search(quote) and not _PROVEN.search(quote)
    another = asked and other and not asked & said and not _FOLLOWS.search(quote)
    return bool(another) or bool(accused) or _of_the_deputy(question, quote)


def _offices(text: str, *, held: bool = False) -> set[int]:
    """The numbers of those that a text names; of those that are ``held``, not of those that somebody had before."""
    found = ((number, match) for number, office in enumerate(_OFFICES) for match in office.finditer(text))
    return {number for number, match in found if not (held and match["past"])}


def _of_the_deputy(question: str, quote: str) -> bool:
    """Whether it is asked for the deputy, and the quote names the office but nobody who stands in for it."""
    deputy = _DEPUTY.search(question)
    return deputy is not None and deputy["of"].lower() in quote.lower() and not _SECOND.search(quote)
