"""Who says what is quoted, as far as its text shows: "Ann Lee: ..." in a transcript, "..." said Ann Lee. Pure."""

from __future__ import annotations

import re

from rag.lexicon import OPENING
from rag.text import Range

_WORD = r"[^\W\d_a-z](?:\.|[\w'’-]+)"
_NAME = rf"{_WORD}(?:(?: (?:de|van|von|der|bin|al|la|le))? {_WORD}){{0,3}}"
_LABEL = re.compile(rf"^(?P<who>{_NAME})(?:,? \([^)\n]{{1,60}}\))?: ?(?=\S)", re.MULTILINE)
_SAYS = r"(?:said|says|added|adds|told|tells|wrote|writes|explained|explains|argued|argues|claimed|claims)"
_FULL_NAME = _NAME.replace("{0,3}", "{1,3}").replace(" ", r"\s")
_TOLD = re.compile(
    rf"\b{_SAYS}\s(?P<behind>{_FULL_NAME})|(?P<before>{_FULL_NAME})(?:, [^.\"“”]{{1,80}}?,)?\s{_SAYS}\b"
    rf"|\b[Aa]ccording to (?P<source>{_FULL_NAME})"
)
_ASKS = re.compile(
    rf"{OPENING}(?:who(?:['’]s| is| was| has| had)? (?:says?|said|saying|ask(?:s|ed|ing)?"
    r"|told you|speaking|talking|quoted)|whose (?:words|quote|statement|claim|opinion|question) (?:is|was|are|were))"
    r"(?: (?:so|it|that|this|these|those|there|here))?\W*",
    re.IGNORECASE,
)


def asks_who(question: str) -> bool:
    """Whether it is asked who says, or asks, what a quote holds.

    >>> asks_who("And who said that?"), asks_who("Who said the plant will close?")
    (True, False)
    """
    return _ASKS.fullmatch(question.strip()) is not None


def speaker(text: str, at: int, within: Range, question: str) -> Range | None:
    """Where in the part ``within`` of a text it stands who says what is at ``at``, or whom that answers.

    >>> text = "Ann Lee: Will it close?\\n\\nBo Ek: No.\\n\\nAnn Lee: When, then?"
    >>> [text[slice(*speaker(text, 31, (0, 52), asked))] for asked in ("who said that?", "who asked that?")]
    ['Bo Ek', 'Ann Lee']
    """
    low, high = within
    asking = re.search(r"\b(?:ask|question)", question, re.IGNORECASE) is not None
    labels = list(_LABEL.finditer(text, low, high))
    ends = [*(label.start() for label in labels[1:]), high][: len(labels)]
    said = [
        label.span("who")
        for label, end in zip(labels, ends, strict=True)
        if label.start() <= at and (not asking or "?" in text[label.end() : end])
    ]
    if len({label["who"] for label in labels}) > 1:
        return said[-1] if said else None
    start, end = text.rfind("\n\n", low, at), text.find("\n\n", at, high)
    told = _TOLD.finditer(text, max(start, low), end if end >= 0 else high)
    spans = {match.span(match.lastgroup or 0) for match in told}
    named = {text[slice(*span)] for span in spans}
    return min(spans) if len(named) == 1 and not asking else None
