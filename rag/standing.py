"""Pure: whether a quote is about another office, or another standing before the law, than a question asks about."""

from __future__ import annotations

import re

from rag.lexicon import WHO

_OFFICES = tuple(
    re.compile(rf"\b(?:{office})\b", re.IGNORECASE)
    for office in (
        r"ceo|chief executive(?: officer)?",
        r"cfo|chief financial officer|finance (?:chief|director)",
        r"coo|chief operating officer",
        r"cto|chief technology officer",
        r"prime ministers?",
        r"vice[- ]president(?:s|ency)?",
        r"(?<!vice )(?<!vice-)president(?:s|ency|ial)?",
    )
)
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
    >>> of_another_standing("How long was he jailed?", "He, who denies it, got four years.")
    False
    >>> of_another_standing("Who was convicted?", "Ivo Stern is charged with theft and denies it.")
    True
    """
    if not WHO.match(question):
        return False
    asked, said = ({n for n, office in enumerate(_OFFICES) if office.search(text)} for text in (question, quote))
    other = said or (_PRIME.search(question) and _MINISTER.search(quote))
    accused = _PROVEN.search(question) and _CHARGED.search(quote) and not _PROVEN.search(quote)
    return bool(asked and other and not asked & said) or bool(accused)
