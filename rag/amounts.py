"""Pure: which kind of amount a question asks for, and whether a quote has any of that kind."""

from __future__ import annotations

import re

from rag.figures import CODES, COUNTED, MONTH, UNIT
from rag.layout import BETWEEN
from rag.lexicon import AUXILIARY
from rag.text import CURRENCY

_HOW_MANY = re.compile(
    r"\W*(?:by )?how (?:many|much|old|tall|long|fast|heavy|loud|high|big|large|far)\b", re.IGNORECASE
)
_ANY_COUNT = re.compile(  # what may answer that besides numbers
    r"\b(?:an?|none|no|nobody|nothing|single|several|few|half|third|quarter|twice|double|doubled|both|all|any|every"
    r"|once|as long as|until|since|free)\b",
    re.IGNORECASE,
)
_DAY = r"\d{1,2}(?:st|nd|rd|th)?"
_MEASURED = re.compile(  # a date, the number of a century or floor, a number with its unit
    rf"\b(?:1\d|20)\d\ds?\b|\b{_DAY}(?: of)? {MONTH}|\b{MONTH} {_DAY}\b|\b\d+(?:st|nd|rd|th)\b"
    rf"|(?<!\d)\d[\d,.]{{0,30}}{UNIT.pattern}"
)
_MONEY = (
    rf"[{CURRENCY}₽₪¢%]|\d ?[pkm]\b|per ?cent|\b(?:{CODES}|Rs|[mbt]n|[mbtr]+illion"
    r"|(?:dollar|euro|pound|rupee|franc|mark|crown|peso|ro?uble|cent|s(?:ch)?illing|guinea|guilder|florin|dinar|zloty"
    r"|buck|coin)s?|yuan|renminbi|yen|won|kron(?:er|or|a|e)|lir[ae]|pence|penn(?:y|ies)|ri[ya]ls?|rand|quid|gold|silver"
    r"|free|gratis|nothing|no (?:charge|cost|fee)|tax|twice|double|times|half|third|quarter|tenth)\b"
)
_COST = (
    "costs?|pay|pays|paid|priced?|charged?|fees?|rent|tickets?|spen[dt]|worth|earn(?:s|ed)?|salary|sells?|sold|fined?"
    "|awarded|admission|entry"
)
_SUM = "turnover|revenues?|(?:net |gross )?profits?|salary|budget|rent"
_SPEED = (
    r"%|/[hs]\b|km/?h|mph|knots?|\bper ?|\ban? (?:hour|minute)|second|minute|hour|day|week|month|year|mach|times|bit|hz"
)
_KINDS = tuple(  # what a question asks for, and what an answer to it has
    (re.compile(asks, re.IGNORECASE), re.compile(kind, re.IGNORECASE))
    for asks, kind in (
        (rf"\bhow (?:much money|much (?:for|{'|'.join(AUXILIARY)})\b.*\b(?:{_COST}))\b", _MONEY),
        (r"\bwhat (?:is|was|are|were|does|did|do|will|would)\b.*\b(?:(?:price|costs?) (?:of|for)|cost\W*$)", _MONEY),
        (rf"\bwhat (?:is|was|were)\b.*\b(?:{_SUM})(?: in \d{{4}})?\W*$", _MONEY),
        (rf"\bhow fast (?:{'|'.join(AUXILIARY)})\b", _SPEED),
        (
            r"\b(?:what|which|oven) temperature|\bhow (?:hot|warm|cold)\b|\b(?:boiling|melting|freezing) point\b",
            r"[°º]|degree|kelvin|gas mark|\d ?[cfk]\b",
        ),
        (r"\bhow heavy\b|\bhow much do(?:es)?\b.* weigh\b", r"gram|kilo|pound|\blb|ounce|\bton|stone|\d ?[kmµ]?g\b"),
    )
)


def lacks_number(question: str, quote: str) -> bool:
    """Whether a question wants to know how many or how much, and a quote of prose has no number at all; or it asks for
    money, a speed, a temperature or a weight, and all there is are dates and numbers with other units.

    >>> lacks_number("How many left?", "They left."), lacks_number("How many left?", "Nobody left.")
    (True, False)
    >>> [lacks_number("How much did it cost?", quote) for quote in ("It took 3 years.", "It was 300.", "It was free.")]
    [True, False, False]
    """
    if BETWEEN in quote:
        return False
    if _HOW_MANY.match(question) and not _ANY_COUNT.search(quote) and not COUNTED.match(quote):
        return True
    wanted = next((kind for asks, kind in _KINDS if asks.search(question)), None)
    only_others = re.search(r"\b\d", quote) and not re.search(r"\b\d", _MEASURED.sub("", quote))
    return bool(wanted and only_others and not wanted.search(quote))
