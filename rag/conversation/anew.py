"""The question before, asked again: with the question words of a short one ("when?", "why?"), for more, for others."""

from __future__ import annotations

import re

from rag.lexicon import OPENING

WITH = r"(?:by|to|with|for|against|from|of|in|on|at|since|until)"
_DO = "is|are|was|were|do|does|did|has|have|had|can|will"
DOES = rf"(?:{_DO})"
_PIECE = re.compile(  # "when?", "by whom?", "and in what year was that?"
    rf"{OPENING}"
    rf"(?P<piece>(?:{WITH} )?(?:when|where|how|whom|(?:what|which) (?:year|month|day|date))|{WITH} (?:what|which))"
    r"(?: (?:was|is|did) (?:that|this|it|so)(?: happen)?)?\W*",
    re.IGNORECASE,
)
_MORE = re.compile(  # only behind a question that wants yes or no
    rf"{OPENING}(?P<piece>how (?:much|many|long|often)|{WITH} (?:what|which) \w+)\W*",
    re.IGNORECASE,
)
_HOW_MANY = re.compile(rf"{OPENING}how many\W*", re.IGNORECASE)
_WHO_DID = re.compile(rf"{OPENING}who (?!{DOES}\b)(?P<told>.+)", re.IGNORECASE | re.DOTALL)
_WHETHER = re.compile(rf"{OPENING}(?P<told>(?:{_DO}|would|could|must|should) (?!you\b).+)", re.IGNORECASE | re.DOTALL)
_ASKED = re.compile(  # what a question tells, and the thing that its question words ask for
    rf"{OPENING}(?:{WITH} )?(?P<asks>who|when|where|why|how(?! (?:much|many|long|old|far|big|high|often|\w+ly)\b)"
    rf"|(?:what|which|how (?:many|much))(?P<thing>(?: (?!{DOES}\b)[\w-]+){{0,4}})(?= {DOES}\b))\s+(?P<told>.+)",
    re.IGNORECASE | re.DOTALL,
)
_TOLD = re.compile(
    rf"^{OPENING}(?!(?:can|could|would|will|do) you\b)"
    r"(?:(?:since |until )?when |in (?:what|which) (?:year|month) |on (?:what|which) (?:day|date) )?"
    r"(?P<told>(?:is|are|was|were|do|does|did|has|have|had|can|could|will|would|must|should)\b.+)$",
    re.IGNORECASE | re.DOTALL,
)
_HAPPENED = re.compile(
    rf"^{OPENING}what (?:has |had )?happened (?P<where>(?:to|with|in|at|on|after|during|between)\b.+)$",
    re.IGNORECASE | re.DOTALL,
)
_OF_EVENTS = re.compile(r"(?!.*\bwhom\b|(?:by|to|with|for|against|from|of) )", re.IGNORECASE)  # "in what year?"
_TIME = re.compile(r" (?:year|month|day|date|time)", re.IGNORECASE)
_SOMEONE = re.compile(  # in a question that wants yes or no, and then "who?", "what?", "which ones?"
    r"\b(?:some|any)(?:(?P<who>one|body)|(?P<what>thing))(?: else)?\b(?! (?:who|that|which|from|of)\b)"
    rf"|\b(?:some|any)(?P<kind> (?:kind|sort|type) of)? (?P<thing>(?!more\b)[^\W\d]+)(?=\W*$| {WITH}\b)",
    re.IGNORECASE,
)
_WHICH = re.compile(rf"{OPENING}(?:who|what|which(?: ones?)?|what (?:kind|sort|type))\W*", re.IGNORECASE)
_ACTS = re.compile(r"(?:do|does|did|has|have|had|can|will)\b", re.IGNORECASE)
_DONE = {"ran": "run", "wrote": "written", "took": "taken", "gave": "given", "chose": "chosen", "drew": "drawn"}
_DID_IT = re.compile(
    rf"(?P<did>\w{{2,}}ed|built|made|won|sold|bought|led|held|found|sent|lost|paid|set up|{'|'.join(_DONE)})"
    r" (?!(?:about|after|against|as|at|before|by|for|from|in|into|on|over|part|place|to|under|up|with)\b)"
    r"(?P<what>[^?]+)"
)
_PRICE = re.compile(rf"{OPENING}how much(?: (?:would|will|does|is) (?:it|that|this)(?: be| cost)?)?\W*", re.IGNORECASE)
_OF_DOING = re.compile(  # what may have a price: "how do I get there?", "where can I park?"
    rf"{OPENING}(?:how|where|when) (?:do|can|could|should) (?:i|we|you|one) "
    r"(?:get|go|buy|book|rent|hire|enter|visit|park|reach|see|join|stay|eat|travel|cross)\b",
    re.IGNORECASE,
)
WHY = re.compile(rf"\W*{OPENING}(?:why|how (?:come|so)|what for|for what reason)\b", re.IGNORECASE)
_ONWARD = re.compile(
    r"\b(?:more|go on|keep going|continue|carry on|elaborate|expand|further|deeper|depth|details?|else|another|other"
    r"|next|then)\b|\bafter(?: that|wards)?\W*$",
    re.IGNORECASE,
)
_OTHERS = re.compile(r"\b(?:who|whom|what|where|when) else\W*$", re.IGNORECASE)


def asked_anew(before: str, text: str) -> str | None:
    """``before`` with the question words of ``text`` for its own: "when?" after who did it; None for other texts.

    >>> asked_anew("Who built the Tallis Bridge?", "in what year?"), asked_anew("When did it end?", "and how?")
    ('In what year was the Tallis Bridge built?', 'How did it end?')
    >>> asked_anew("Was the firm fined?", "how much?"), asked_anew("Is SMIC banned?", "by whom?")
    ('How much was the firm fined?', 'By whom is SMIC banned?')
    >>> asked_anew("Did they see anyone there?", "who?"), asked_anew("Did she win any prizes?", "which ones?")
    ('Who did they see there?', 'Which prizes did she win?')
    >>> asked_anew("What happened to the firm?", "when?"), asked_anew("What did she discover?", "with whom?")
    ('When did it happen to the firm?', 'With whom did she discover it?')
    """
    text = text.strip()
    if (who := _WHO_DID.fullmatch(before)) and _HOW_MANY.fullmatch(text):
        return f"How many {who['told'].rstrip(' ?')}?"
    whether = _WHETHER.fullmatch(before)
    if whether and _WHICH.fullmatch(text) and (found := _SOMEONE.search(whether["told"])):
        told = whether["told"][: found.start()] + whether["told"][found.end() :].lstrip()
        thing = f"what{found['kind']} {found['thing']}" if found["kind"] else f"which {found['thing']}"
        asks = "who" if found["who"] else "what" if found["what"] else thing
        return f"{asks[0].upper()}{asks[1:]} {told[0].lower()}{told[1:].rstrip(' ?')}?"
    piece = _PIECE.fullmatch(text) or (whether and _MORE.fullmatch(text))
    if piece is None:
        return None
    word = piece["piece"][0].upper() + piece["piece"][1:]
    if whether:
        return f"{word} {whether['told'][0].lower()}{whether['told'][1:].rstrip(' ?')}?"
    if (happened := _HAPPENED.match(before)) and _OF_EVENTS.match(word):
        return f"{word} did it happen {happened['where'].rstrip(' ?')}?"
    asked = _ASKED.match(before)
    return _asked_with(word, asked) if asked else None


def asks_price(text: str, before: str) -> bool:
    """Whether "how much?" asks for the price of what the question ``before`` wants to know how one can do.

    >>> asks_price("how much?", "How do I get to Gull Island?"), asks_price("how much?", "What did Intel claim?")
    (True, False)
    """
    return _PRICE.fullmatch(text.strip()) is not None and _OF_DOING.match(before) is not None


def _asked_with(word: str, asked: re.Match[str]) -> str | None:
    """What was asked with a question word, asked with another one."""
    first, told, thing = asked["asks"].lower(), asked["told"].rstrip(" ?"), asked["thing"] or ""
    if first == "who" and (done := _DID_IT.match(told)):
        return f"{word} was {done['what'].rstrip()} {_DONE.get(done['did'], done['did'])}?"
    if first in ("when", "where", "why", "how") or _TIME.fullmatch(thing):
        return f"{word} {told}?"
    thing = " it" if first == "what" and word.endswith("whom") else thing
    fits = _ACTS.match(told) and (thing or first == "who")
    return f"{word} {told}{thing}?" if fits else None


def why(before: str) -> str | None:
    """The reason for what the question before takes to be so; None where only its answer says what that is.

    >>> why("When did the China Initiative end?"), why("What happened to ARM?"), why("Who left Samsung?")
    ('Why did the China Initiative end?', 'Why did it happen to ARM?', None)
    """
    if match := _HAPPENED.match(before):
        return f"Why did it happen {match['where']}"
    match = _TOLD.match(before)
    return f"Why {match['told'][0].lower()}{match['told'][1:]}" if match else None


def wants_more(question: str) -> bool:
    """Whether a continuation asks for what was not shown yet.

    >>> wants_more("Go on."), wants_more("What else?"), wants_more("Why?"), wants_more("Since when?")
    (True, True, False, False)
    """
    return _ONWARD.search(question) is not None


def wants_others(question: str) -> bool:
    """Whether it asks for others than those that were found: "who else?", but not "what else is known?"."""
    return _OTHERS.search(question) is not None
