"""What a question's own words give away: small talk, commands, references to quotes, and how it leans on before."""

from __future__ import annotations

import re

from rag.conversation.lexicon import LEANING, PERSONAL, POINTERS, POSSESSIVE, PRONOUNS, STAND_INS, STOP, content, names, stems
from rag.text import fold, words

_TALK = r"(?:hi|hello|hey|good (?:morning|afternoon|evening|day)|howdy|greetings|how are you(?: today| doing)?|bye|goodbye|see you(?: later)?|" \
    r"thanks?(?: (?:a lot|so much|very much|again|you))*(?: for (?:your|the) help)?|thank you|cheers|great|perfect|nice|cool|awesome|" \
    r"ok(?:ay)?|got it|i see|sorry|please|there|all|everyone|yes|yeah|yep|no|nope|bot|pullquote|you|very|much|and|that'?s all|" \
    r"never ?mind|good|well done|wow|sure|fine|right|alright|interesting|that'?s (?:great|cool|interesting|good|nice|helpful))"  # fmt: skip
_SMALL_TALK = re.compile(rf"{_TALK}(?:[\s,.!?;:-]+{_TALK})*", re.IGNORECASE)
_HOLDINGS = r"(?:the |all |my |your |available )*(?:sources?|documents?|docs|files?|articles|library|collection|index)"
_COMMAND = re.compile(
    rf"/\w+.*|help(?: me)?(?: please)?|\?+|commands?|(?:how do i|how to) use (?:this|you|pullquote)|what can (?:you|i|this) (?:do|ask)(?: (?:you|here))?|"
    rf"who (?:are|made) you|what are you|(?:please )?(?:list|show)(?: me)? {_HOLDINGS}(?: (?:please|you have))?|"
    rf"(?:what|which) {_HOLDINGS} (?:do you have|are there|have you (?:got|read)|do you know|can you search|are (?:loaded|available|indexed))|"
    rf"how many {_HOLDINGS} (?:do you have|are there)|(?:clear|reset|restart|new|start over|delete)(?: (?:the |this |a )*(?:chat|conversation|history))?|export(?: .{{0,40}})?",
    re.IGNORECASE,
)  # fmt: skip

ORDINALS = {
    "first": 1, "1st": 1, "second": 2, "2nd": 2, "third": 3, "3rd": 3, "fourth": 4, "4th": 4, "fifth": 5, "5th": 5,
    "one": 1, "two": 2, "three": 3, "four": 4, "five": 5, "last": -1, "top": 1, "next": 0, "previous": -2,
}  # fmt: skip
_THING = r"(?:quote|source|article|document|passage|result|citation|excerpt|reference|link|paragraph)"
_ORDINAL = "(?:" + "|".join(sorted(ORDINALS, key=len, reverse=True)) + ")"
_NUMBERED = re.compile(
    rf"\[(?P<bracket>\d{{1,2}})\]|\b{_THING}\s*(?:number |no\.? ?|#)?(?P<number>\d{{1,2}}\b|one\b|two\b|three\b|four\b|five\b)"
    rf"|\b(?:the |that |this |your |its )?(?P<ordinal>{_ORDINAL})\s+{_THING}\b"
    rf"|\b(?P<this>(?:that|this|the) (?:same )?{_THING})\b(?!s)|#(?P<hash>\d{{1,2}})\b",
    re.IGNORECASE,
)  # fmt: skip
_BARE_REFERENCE = re.compile(
    r"(?:please )?(?:expand|open|enlarge|unfold)(?: (?:it|that|this|on (?:it|that|this)))?(?: please)?|"
    r"(?:show|read|see)(?: me)? (?:the )?(?:more context|full text|whole (?:thing|text)|context|rest|it|that)|read more|"
    r"(?:the )?(?P<step>next|previous)(?: one)?(?: please)?|#?(?P<number>\d)|where does it say (?:that|so|this)|"
    r"(?:where|who) (?:did you (?:get|read) (?:that|this)|says (?:so|that|this))",
    re.IGNORECASE,
)
_REFERENCE_VERBS = frozenset(
    "open show expand read see view display more full text context please go give tell whole entire link".split()
)

_LEAD = re.compile(
    r"^\s*(?:(?:ok(?:ay)?|oh|ah+|a?hm+|wow|cool|great|thanks?(?: you| a lot)?|really|interesting|nice|right|sure|well|yes|yeah|what|no|hm+"
    r"|never ?mind|i see|got it|alright|so|who knew|cool name"
    r"|that'?s (?:really |very |so |quite )?(?:interesting|cool|great|good(?: to know)?|nice|helpful|amazing|strange|weird|terrible|surprising))"
    r"(?:[!.?]+\s*|,\s+|\s*[—–-]\s+))+(?=\S)",
    re.IGNORECASE,
)  # fmt: skip
_BACK = re.compile(
    r"^\s*(?:(?:let'?s |can we |could we )?(?:go |get |come |return |coming |going |returning |turn )*back|return(?:ing)?|as) to\s+"
    r"(?P<topic>[^:,?.]{1,80})\s*[:,.—–-]\s*(?P<rest>.+)$",
    re.IGNORECASE | re.DOTALL,
)
_CORRECTION = re.compile(
    r"^\s*(?:what\?\s*)?(?:(?:no|nope|not (?:that|quite|really|what i (?:meant|wanted|asked)|exactly)|wrong|sorry|actually|wait|okay|ok|but)\b[\s,.!;:—–-]*(?:but\s+)?)*"
    r"(?:i (?:actually |really )?(?:mean|meant|was (?:asking|talking) about|am (?:asking|talking) about|want(?:ed)? to (?:know|ask)(?: about)?)|i'?m (?:asking|talking) about|"
    r"(?:that'?s|this is) not what i (?:meant|wanted|asked)(?: for| about)?|rather|you m(?:issed|isunderstood))\b[\s,:.—–-]*(?P<rest>.*)$",
    re.IGNORECASE | re.DOTALL,
)  # fmt: skip
_OBJECTION = re.compile(
    r"^\s*(?:what\?\s*)?(?:no|nope|not (?:that|quite|really|exactly)|wrong|that'?s (?:not|wrong)[^.,;:!?]*|this is not[^.,;:!?]*)"
    r"\s*(?:[.!,;:]|—|–|-\s)+\s*(?P<rest>.+)$",
    re.IGNORECASE | re.DOTALL,
)  # fmt: skip
_NOT_BUT = re.compile(
    r"^\s*(?:no,?\s*)?not (?:the |a |an |in |about )?(?P<wrong>[^,;.]+?)\s*(?:[,;.]|but)\s*(?:but )?(?P<rest>.+)$",
    re.IGNORECASE,
)
_CONTINUATION = re.compile(
    r"(?:(?:and|but|so|please|can you|could you|would you)\s+)*(?:"
    r"why(?: (?:is|was|did|does) (?:that|this|it))?(?: so| not| happen)?|why (?:so|not)|how so|how come|how(?: exactly)?|really|in what way|"
    r"(?:tell|show|give|teach)(?: me)? (?:some |a bit |a little )?more(?: details?| information| info)?(?: (?:about|on) (?:it|that|this|them))?(?: please)?|"
    r"say more|(?:more|details?|continue|go on|keep going|elaborate|carry on)(?: please)?|more (?:details|information|about (?:it|that|this))|"
    r"(?:please )?(?:explain|elaborate|expand|go deeper|clarify)(?: (?:that|this|it|further|more|on (?:that|this|it)))+|explain|"
    r"what (?:do you|does (?:that|it|this)) mean(?: by that| exactly)?|such as(?: what)?|like what|for example|for instance|"
    r"(?:(?:give|show)(?: me)? )?(?:some |an |any )?(?:other |more )?examples?(?: please)?|what else|anything else|who else|where else|and then|"
    r"what (?:happened )?(?:next|then)|what happened(?: after(?:wards| that)?)?|since when|when(?: (?:was|is|did) (?:that|this|it)(?: happen)?)?|where(?: (?:was|is|did) (?:that|this|it)(?: happen)?)?|who(?: (?:was|is) (?:that|it))?|"
    r"how much|how many|how long|is (?:that|this|it) (?:true|so|right|correct)|are you sure)",
    re.IGNORECASE,
)  # fmt: skip
_CHANGE = re.compile(
    r"^\s*(?:(?:and|but|or|so|now)[,\s]+)?(?:(?:what|how) about|and|or|same (?:question )?for|now for)\s+(?P<slot>[^?.!]{1,60}?)\s*[?.!]*\s*$",
    re.IGNORECASE,
)
_PREPOSITION = re.compile(r"^(?:in|at|on|for|of|by|from|with|to|during|since|before|after|under|over)\s+", re.IGNORECASE)
_ASKING = frozenset("what who whom whose which when where why how is are was were do does did can could will would should has have had".split())  # fmt: skip


def is_command(question: str) -> bool:
    """Small talk and commands: nothing to search for."""
    text = question.strip().strip(" \t\n.!,;").rstrip("?").strip()
    return bool(not text or _SMALL_TALK.fullmatch(text) or _COMMAND.fullmatch(text))


def reference(question: str) -> tuple[int | None, bool]:
    """(which quote is meant, whether nothing else is asked). Ranks from 1; -1 last, 0 next, -2 previous; None: no
    reference.

    >>> reference("[2]"), reference("What does the second source say about tax?"), reference("Who won?")
    ((2, True), (2, False), (None, False))
    """
    text = question.strip().strip(" \t\n.!?,;")
    if bare := _BARE_REFERENCE.fullmatch(text):
        step, number = bare.group("step"), bare.group("number")
        return (ORDINALS[step.casefold()] if step else int(number) if number else 1), True
    match = _NUMBERED.search(text)
    if match is None:
        return None, False
    groups = match.groupdict()
    digits = groups["bracket"] or groups["number"] or groups["hash"]
    if digits:
        rank = int(digits) if digits.isdigit() else ORDINALS[digits.casefold()]
    else:
        rank = ORDINALS[groups["ordinal"].casefold()] if groups["ordinal"] else 1
    rest = text[: match.start()] + " " + text[match.end() :]
    return rank, not (stems(rest) - _REFERENCE_VERBS)


def without_lead(question: str) -> str:
    """The question without interjections before it: "Okay. ", "That's interesting! "."""
    match = _LEAD.match(question)
    rest = question[match.end() :] if match else question
    return rest if stems(rest) or len(words(rest)) > 1 else question.strip()


def returning(question: str) -> tuple[str, str] | None:
    """("ASML", "who runs it?") of "back to ASML: who runs it?"."""
    match = _BACK.match(question)
    return (match.group("topic").strip(), match.group("rest").strip()) if match else None


def correction(question: str) -> str | None:
    """What is meant instead ("the ministry" of "no, I meant the ministry"), or None. May be empty."""
    for pattern in (_CORRECTION, _OBJECTION, _NOT_BUT):
        if match := pattern.match(question):
            return str(match.group("rest")).strip()
    return None


def is_continuation(question: str) -> bool:
    text = without_lead(question).strip().strip(" \t\n.!?,;")
    return bool(_CONTINUATION.fullmatch(text) or _CONTINUATION.fullmatch(question.strip().strip(" \t\n.!?,;")))


def changed_slot(question: str) -> str | None:
    """"in 2019" of "and in 2019?", "Germany" of "what about Germany?"; a bare phrase counts if it is short."""
    text = without_lead(question)
    if match := _CHANGE.match(text):
        slot = str(match.group("slot"))
        return slot if len(words(slot)) <= 6 and not _asks(slot) and not leans(slot) else None
    bare = text.strip(" \t\n?.!")
    few = len(words(bare)) <= 4 and text.rstrip().endswith("?")
    return bare if few and content(bare) and not _asks(bare) and not leans(bare) else None


def _asks(text: str) -> bool:
    return any(fold(text[start:end]) in _ASKING for start, end in words(text))


def bare(slot: str) -> str:
    """The slot without its preposition and article: "in the US" -> "US"."""
    return re.sub(r"^(?:the|a|an)\s+", "", _PREPOSITION.sub("", slot.strip()), flags=re.IGNORECASE)


def pronoun(question: str) -> tuple[int, int] | None:
    """Span of the first pronoun that stands for something said before."""
    for start, end in words(question):
        key = fold(question[start:end]).replace("’", "'")
        if key in PRONOUNS or key.removesuffix("'s") in ("it", "he", "she") or key.split("'")[0] == "they":
            return start, end
    return None


def is_personal(word: str) -> bool:
    return fold(word).split("'")[0] in PERSONAL


def is_possessive(word: str) -> bool:
    """"its", "their": filled with a genitive. "her" is left alone, since it is an object as often."""
    return fold(word) in POSSESSIVE


def stand_in(question: str) -> tuple[int, int] | None:
    """Span of "the company", "this movement", "those": a description of something said before."""
    spans = words(question)
    for number, (start, end) in enumerate(spans):
        key = fold(question[start:end])
        if key not in POINTERS and key != "the":
            continue
        following = spans[number + 1] if number + 1 < len(spans) else None
        word = fold(question[following[0] : following[1]]) if following else ""
        if following and word.removesuffix("s") in STAND_INS | {"countrie", "companie", "strategie", "studie", "theorie"}:
            after = fold(question[spans[number + 2][0] : spans[number + 2][1]]) if number + 2 < len(spans) else ""
            if key != "the" or after in STOP - {"of", "for"} or not after:
                return start, following[1]
        elif key in POINTERS and following and word not in STOP and key != "that":
            return start, following[1]
        elif key in POINTERS and (not following or word in STOP - {"the", "a", "an"}) and number > 0:
            return start, end
    return None


def leans(question: str) -> bool:
    """Whether some word of the question stands for, or compares with, something said before."""
    if pronoun(question) or stand_in(question):
        return True
    return any(fold(question[start:end]) in LEANING for start, end in words(question))


def is_thin(question: str) -> bool:
    """Too little of its own to be searched alone: few topic words and no name."""
    return len(content(question)) <= 2 and not names(question)
