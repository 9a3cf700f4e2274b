"""Who says what is quoted, as far as its text shows: "Ann Lee: ..." in a transcript, "..." said Ann Lee, "A: ..." in an
interview with her, "Ann Lee wrote:" above an earlier letter in a mail. Pure."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace

from rag.lexicon import OPENING, stems
from rag.text import Range, fold
from rag.types import Anchor, Reading, Span

_WORD = r"[^\W\d_a-z](?:\.|[\w'’-]+)"
_NAME = rf"{_WORD}(?:(?: (?:de|van|von|der|bin|al|la|le))? {_WORD}){{0,3}}"
_LABEL = re.compile(rf"^(?P<who>{_NAME})(?:,? \([^)\n]{{1,60}}\)){{0,2}}: ?(?=\S)", re.MULTILINE)
_SAYS = r"(?:said|says|added|adds|told|tells|wrote|writes|explained|explains|argued|argues|claimed|claims)"
_FULL_NAME = _NAME.replace("{0,3}", "{1,3}").replace(" ", r"\s")
_TOLD = re.compile(
    rf"\b{_SAYS}\s(?P<behind>{_FULL_NAME})|\b(?P<before>{_FULL_NAME})(?:, [^.\"“”]{{1,80}}?,)?\s{_SAYS}\b"
    rf"|\b[Aa]ccording to (?P<source>{_FULL_NAME})"
)
_FIELDS = frozenset(  # last words of labels that are no names
    "from to cc bcc sent date subject re present absent attendees apologies resolved note notes action actions "
    "decision decisions agenda venue time place minutes meeting question answer".split()
)
_QA = re.compile(r"^(?P<who>Q|A|Question|Answer)[:.] ?(?=\S)", re.MULTILINE)
_BY = re.compile(rf"\b(?:[Bb]y|[Ii]nterviewer:?) (?P<who>{_FULL_NAME})")
_WITH = re.compile(
    rf"\b(?i:interview|conversation|talk)s? (?:with|to) (?P<with>{_FULL_NAME})"
    rf"|^(?P<who>{_FULL_NAME})(?=,| \(|$)",
    re.MULTILINE,
)
_LETTER = re.compile(
    rf"On .*(?:\d{{4}}|\d:\d\d(?: ?[AP]M)?),? (?P<wrote>{_FULL_NAME})(?: <[^>]*>)?\swrote:$"
    rf"|From: (?P<sent>{_FULL_NAME})",
    re.DOTALL,
)
_MEANT = re.compile(  # whom a question asks about what was said
    r"\b(?:did|does|do|has|had|have|would|will) (?P<who>[\w.'’-]+(?: [\w.'’-]+){0,3}?) (?:\w+ly |ever |also )?"
    r"(?:say|said|think|propose|suggest|ask|want|tell|told|write|written|answer|reply|argue|object|complain|report|claim"
    r"|explain|promise|offer|mention)(?:d|ed)?\b",
    re.IGNORECASE,
)
_SALUTE = re.compile(r"^(?:Dear|Hi|Hello|Hey|Good (?:morning|afternoon|evening))\b[^.?\n]{0,60}[,:!]?$", re.MULTILINE)
_TURN = 6  # sentences of a turn that are quoted to show whose it is, at most
_OTHERS = 0.05  # share of the evidence that is left to what others say
_WHO_ASKED = re.compile(rf"{OPENING}who (?:asked|asks|wanted to know|wants to know|inquired|enquired)\b", re.IGNORECASE)
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
        return said[-1] if said and _last(text[slice(*said[-1])]) not in _FIELDS else None
    if turn := next(reversed(list(_QA.finditer(text, low, at + 1))), None):
        return _in_interview(text, asks=asking or turn["who"].startswith("Q"))
    start, end = text.rfind("\n\n", low, at), text.find("\n\n", at, high)
    told = _TOLD.finditer(text, max(start, low), end if end >= 0 else high)
    spans = {match.span(match.lastgroup or 0) for match in told}
    named = {text[slice(*span)] for span in spans}
    return min(spans) if len(named) == 1 and not asking else None


def _in_interview(text: str, *, asks: bool) -> Range | None:
    """Who asks, or else who is asked, as what stands above the first question says, if it names only one."""
    first = _QA.search(text)
    top = first.start() if first else 0
    by = _BY.search(text, 0, top)
    if asks:
        return by.span("who") if by else None
    named = [match.span(match.lastgroup or 0) for match in _WITH.finditer(text, 0, top)]
    others = [span for span in named if by is None or text[slice(*span)] != by["who"]]
    return others[0] if len({text[slice(*span)] for span in others}) == 1 else None


def letter_writer(anchors: Sequence[Anchor], at: int) -> Range | None:
    """Where it stands who wrote the earlier letter of a mail that ``at`` is in; None in what its sender wrote."""
    inside = [each for each in anchors if each.kind == "section" and each.start <= at < each.end]
    heads = [(each, match) for each in inside if (match := _LETTER.match(each.label))]
    if not heads:
        return None
    anchor, head = heads[-1]
    start, end = head.span(head.lastgroup or 0)
    return anchor.start + start, anchor.start + end


def by_whom(question: str, text: str, reading: Reading, *, heading: str = "", author: str = "") -> Reading:
    """The reading with hardly any evidence in what others say than whom the ``question`` means.

    In a transcript these are the turns with other labels, and where one of his own turns, or what it replies to, holds
    a word of what is asked about, those of his without; in a mail whose ``author`` is meant it is an earlier letter by
    another one, whom ``heading`` names. A salutation says nothing either.
    """
    if _WHO_ASKED.match(question):
        return _asked_by(text, reading)
    meant = _MEANT.search(question)
    who = _last(meant["who"]) if meant else ""
    others = [match.span() for match in _SALUTE.finditer(text)] if who else []
    labels = list(_LABEL.finditer(text))
    if who and who in {_last(label["who"]) for label in labels}:
        about = stems(question[meant.end() :]) if meant else set[str]()
        begins = [*(label.start() for label in labels), len(text)]
        own = [number for number, label in enumerate(labels) if _last(label["who"]) == who]
        named = [n for n in own if about & stems(text[begins[max(n - 1, 0)] : begins[n + 1]])]
        others += [(begins[n], begins[n + 1]) for n in range(len(labels)) if n not in (named or own)]
    elif who and (head := _LETTER.match(heading)) and _last(author) == who != _last(head[head.lastgroup or 0]):
        others = [(0, len(text))]
    if not others:
        return reading
    apart = [s for s in (*reading.sentences, *reading.spans) if any(a <= s.start < b for a, b in others)]
    sentences = tuple(replace(s, score=s.score * (_OTHERS if s in apart else 1)) for s in reading.sentences)
    return replace(reading, sentences=sentences, spans=tuple(s for s in reading.spans if s not in apart))


def _asked_by(text: str, reading: Reading) -> Reading:
    """The reading with whoever's turn its best sentence stands in as the answer, and that turn up to there as evidence:
    the next one replies to what is asked."""
    best = max(reading.sentences, key=lambda each: each.score, default=None)
    labels = list(_LABEL.finditer(text))
    own = next((label for label in reversed(labels) if best and label.start() <= best.start), None)
    if best is None or own is None or _last(own["who"]) in _FIELDS:
        return reading
    turn = [each for each in reading.sentences if own.start() <= each.start <= best.start][-_TURN:]
    sentences = tuple(replace(s, score=best.score) if s in turn else s for s in reading.sentences)
    named = Span(*own.span("who"), max((s.score for s in reading.spans), default=best.score))
    return replace(reading, sentences=sentences, spans=(named,) if turn and turn[0].start <= own.start("who") else ())


def _last(name: str) -> str:
    """The last word of a name, as it is compared."""
    return fold(name.split()[-1].strip(".,'’-")) if name.split() else ""
