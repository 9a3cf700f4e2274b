"""What is said to the program rather than asked of the library: small talk, commands, references to shown quotes."""

from __future__ import annotations

import re

from rag.lexicon import stems


def any_of(*patterns: str) -> str:
    """One pattern that matches any of ``patterns``, tried in the order given."""
    return "(?:" + "|".join(patterns) + ")"


_TALK = any_of(
    r"clear|helpful",
    r"hi|hello|hey|howdy|greetings|good (?:morning|afternoon|evening|day)|how are you(?: today| doing)?",
    r"bye|goodbye|see you(?: later)?|th?x|ty|again",
    r"thanks?(?: (?:a lot|so much|very much|again|you))*(?: for (?:your|the) help)?",
    r"that(?:'s| is| was)(?: (?:all|just|exactly))?(?: what)? i (?:needed|need|wanted|was (?:looking for|after))",
    r"thank you|cheers|great|perfect|nice|cool|awesome|ok(?:ay)?|got it|i see|sorry|please|there|all|everyone|yes|yeah",
    r"yep|no|nope|bot|pullquote|you|very|much|and|that'?s all|never ?mind|good|well done|wow|sure|fine|right|alright",
    r"that (?:helps|is all|will do|was (?:helpful|useful|all))(?: for now)?|no more questions|much appreciated|useful",
    r"interesting|that'?s (?:great|cool|interesting|good|nice|helpful)",
)
_SMALL_TALK = re.compile(rf"{_TALK}(?:[\s,.!?;:-]+{_TALK})*", re.IGNORECASE)
_FEW = 12  # words; subtle: "thank you" is one phrase or two, so every further one doubles the ways to match
_WORD = re.compile(r"\w+")

_THANKS = re.compile(
    r"(?:(?:ok(?:ay)?|great|good|perfect|nice)\W+)?(?:thanks?|thank you|cheers)\b[^?]{0,60}", re.IGNORECASE
)
_REQUEST = re.compile(
    r"\b(?:what|who|whom|whose|which|when|where|why|how|tell|show|give|list|explain|find|open|is|are|was|did|do|can)\b",
    re.IGNORECASE,
)
_HELD = r"(?:the |all |my |your |available )*(?:sources|documents|docs|files|articles|library|collection|index)"
_COMMAND = re.compile(
    any_of(
        r"/\w+.*|help(?: me)?(?: please)?|\?+|commands?|(?:how do i|how to) use (?:this|you|pullquote)",
        r"what can (?:you|i|this) (?:do|ask)(?: (?:you|here|about))?|who (?:are|made) you|what are you",
        r"can you help(?: me)?|how does (?:this|it) work",
        r"what (?:topics|subjects) do you (?:cover|know)|what do you know(?: about)?",
        rf"what(?: is|'s) in {_HELD}|what {_HELD} (?:is|are) (?:this|these|here|in here|in this)",
        rf"(?:please )?(?:list|show)(?: me)? {_HELD}(?: (?:please|you have))?",
        rf"how many {_HELD} (?:do you have|are there)",
        rf"(?:what|which) {_HELD} (?:do you have|are there|have you (?:got|read)|do you know|can you search)",
        rf"(?:what|which) {_HELD} are (?:loaded|available|indexed)",
        r"(?:clear|reset|restart|new|start over|delete)(?: (?:the |this |a )*(?:chat|conversation|history))?",
        r"(?:please )?(?:start|open|begin) (?:a )?(?:new|fresh|another) (?:chat|conversation)",
        r"(?:how|what|where)(?: (?:key|button|command))? (?:do|can|should|must|could) i "
        r"(?:type|click|press|enter|add|upload|remove|delete|export|save|see|find|open|change|search|use|start|get to)"
        r"(?: to (?:see|add|open|find|get|delete|export))?(?: (?:a|new|this|the|these))* "
        rf"(?:{_HELD}|quotes?|answers?|chat|conversation|history|page|source|document|file)",
        r"export(?: (?:the |this )?(?:chat|conversation))?(?: (?:as|to) \w+)?",
    ),
    re.IGNORECASE,
)

_ORDINALS = {
    "first": 1, "1st": 1, "second": 2, "2nd": 2, "third": 3, "3rd": 3, "fourth": 4, "4th": 4, "fifth": 5, "5th": 5,
    "one": 1, "two": 2, "three": 3, "four": 4, "five": 5, "last": -1, "top": 1, "next": 0, "previous": -2,
}  # fmt: skip
_THING = r"(?:quote|source|article|document|passage|result|citation|excerpt|reference|link)"
_ORDINAL = any_of(*sorted(_ORDINALS, key=len, reverse=True))
_POINTED_AT = re.compile(
    any_of(
        r"\[(?P<bracket>\d{1,2})\]|#(?P<hash>\d{1,2})\b",
        rf"\b{_THING}\s*(?:number |no\.? ?|#)?(?P<number>\d{{1,2}}\b|one\b|two\b|three\b|four\b|five\b)",
        rf"\b(?:the |that |this |your |its )?(?P<ordinal>{_ORDINAL})\s+{_THING}\b",
        rf"\b(?P<this>(?:that|this|the) (?:(?:same|full|whole|entire|complete|original) )?{_THING})\b(?!s)"
        r"(?! (?:about|on|by|from|for|that|which|who|where)\b)",
    ),
    re.IGNORECASE,
)
_SEE = (
    r"(?:(?:can|could|may) (?:i|you|we) |let me |please )*(?:show|read|see|open|view|expand|quote)"
    r"(?: me)? (?:(?:the|it|that) )?"
)
_STEP = re.compile(
    any_of(
        r"(?:please )?(?:expand|open|enlarge|unfold)(?: (?:on )?(?:it|that|this))?(?: please)?|read more",
        rf"{_SEE}(?:(?:more |in )?context|full text|whole (?:text|passage)|rest|it|that|again)(?: again| please)?",
        rf"{_SEE}(?P<nth>{_ORDINAL}|other)(?: one)?(?: again)?(?: please)?|(?:the )?(?P<one>{_ORDINAL}) one",
        r"where is (?:that|this|it) from|what(?:'s| is) (?:the|your) source (?:for|of) (?:that|this|it)",
        rf"(?:which|what)(?: of (?:your|the|these))? {_THING}s? (?:says?|said|is) (?:so|it|(?:that|this)(?: from)?)",
        r"(?:the )?(?P<step>next|previous)(?: one)?(?:,? please)?|#?(?P<number>\d)|where does it say (?:that|so|this)",
        r"(?:where|who) (?:did you (?:get|read) (?:that|this)|says (?:so|that|this))",
    ),
    re.IGNORECASE,
)
_HANDLING = frozenset(
    ("open", "show", "expand", "read", "see", "view", "display", "full", "text", "context", "whole", "entire", "link")
    + ("summarise", "summarize", "please")
)


def is_command(question: str) -> bool:
    """Small talk and commands: nothing to search for.

    >>> is_command("Thanks a lot!"), is_command("list sources"), is_command("Who helps?")
    (True, True, False)
    """
    text = question.strip().strip(" \t\n.!,;").rstrip("?").strip()
    polite = _THANKS.fullmatch(question.strip()) is not None and not _REQUEST.search(question)
    small = len(_WORD.findall(text)) <= _FEW and _SMALL_TALK.fullmatch(text)
    return bool(not text or polite or small or _COMMAND.fullmatch(text))


def reference(question: str) -> tuple[int | None, bool]:
    """(which quote is meant, whether nothing else is asked).

    Ranks count from 1; -1 is the last, 0 the next, -2 the previous one; None: no reference.

    >>> reference("[2]"), reference("What does the second source say about tax?")
    ((2, True), (2, False))
    >>> reference("Who wrote the article?"), reference("Who wrote the article about tax?")
    ((1, False), (None, False))
    """
    text = question.strip().strip(" \t\n.!?,;")
    if bare := _STEP.fullmatch(text):
        said = bare.group("step") or bare.group("nth") or bare.group("one") or bare.group("number") or "top"
        return int(said) if said.isdecimal() else _ORDINALS.get(said.casefold(), 0), True
    match = _POINTED_AT.search(text)
    if match is None:
        return None, False
    said = match.group("bracket") or match.group("hash") or match.group("number") or match.group("ordinal") or "top"
    rank = int(said) if said.isdecimal() else _ORDINALS[said.casefold()]
    rest = text[: match.start()] + " " + text[match.end() :]
    return rank, not (stems(rest) - _HANDLING)
