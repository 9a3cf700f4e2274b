"""What a question's own words give away about how it leans on what was said before."""

from __future__ import annotations

import re

from rag import lexicon
from rag.conversation.talk import any_of
from rag.lexicon import content, names, stems
from rag.text import fold, words

_FLAGS = re.IGNORECASE | re.DOTALL
_EDGES = " \t\n.!?,;"
_NICE = any_of(
    "interesting", "cool", "great", "good(?: to know)?", "nice", "helpful", "amazing", "strange", "surprising"
)
_LEAD = re.compile(
    r"^\s*(?:"
    + any_of(
        r"ok(?:ay)?|oh|ah+|a?hm+|hm+|wow|cool(?: name)?|great|thanks?(?: you| a lot)?|really|interesting|nice|right",
        r"sure|well|yes|yeah|what|no|never ?mind|i see|got it|alright|so|who knew",
        rf"that'?s (?:(?:really|very|so|quite) )?{_NICE}",
    )
    + r"(?:[!.?]+\s*|,\s+|\s*[—–-]\s+))+(?=\S)",
    _FLAGS,
)
_BACK = re.compile(
    r"^\s*(?:(?:ok(?:ay)?|now|and|so|but),?\s+)*(?:(?:let'?s |let me |can we |could we |i want to |i'd like to )?"
    r"(?:(?:to )?(?:go|get|come|turn|coming|going|getting) )*back to|(?:to )?return(?:ing)? to|as (?:to|for)"
    r"|(?:again|once more),? (?:about|on|to)|about)\s+(?P<topic>[^:,?.]{1,80}?)(?: again)?\s*[:,.—–-]\s*(?P<rest>.+)$",
    _FLAGS,
)
_NO = any_of(
    r"no|nope|wrong|sorry|actually|wait|okay|ok|but|not (?:that|quite|really|exactly|what i (?:meant|wanted|asked))",
)
_MEANT = any_of(
    r"i (?:actually |really )?(?:meant|mean|was (?:asking|talking|thinking) (?:about|of)|am (?:asking|talking) about)",
    r"i (?:actually |really )?(?:asked|said)(?: about| for)?|i'?m (?:asking|talking) about",
    r"rather|correction|oops|make (?:that|it)|you m(?:issed|isunderstood)(?: me)?",
    r"(?:that'?s|this is|that was) not what i (?:meant|wanted|asked)(?: for| about)?",
    r"let me (?:rephrase|correct)(?: that| myself)?",
)
_WANTED = r"i (?:actually |really )?want(?:ed)? (?:to (?:know|ask)(?: about)?)?|i(?:'m| am) interested in"
_CORRECTION = re.compile(
    rf"^\s*(?:what\?\s*)?(?:(?:{_NO}\b[\s,.!;:—–-]*(?:but\s+)?)*{_MEANT}|(?:{_NO}\b[\s,.!;:—–-]*)+(?:{_WANTED}))"
    r"\b[\s,:.—–-]*(?P<rest>.*)$",
    _FLAGS,
)
_OBJECTION = re.compile(
    r"^\s*(?:what\?\s*)?(?:no|nope|not (?:that|quite|really|exactly)|wrong|(?:that'?s|this is) (?:not|wrong)[^.,;:!?]*)"
    r"\s*(?:[.!,;:]|—|–|-\s)+\s*(?P<rest>.+)$",
    _FLAGS,
)
_NOT_BUT = re.compile(
    r"^\s*(?:no,?\s*)?not (?:(?:the|a|an|in|about) )?[^,;.]+?\s*(?:[,;.]|but)\s*(?:but )?(?P<rest>.+)$", _FLAGS
)
_SO_NOT = re.compile(r"^\s*(?P<rest>[^,;?]{1,60}?),? (?:and )?not (?:the |those |that |in |for )?[^,;?]{1,40}$", _FLAGS)
_SORRY = re.compile(r"^\s*(?:sorry|actually|wait|oops|hm+)\b[\s,.!;:—–-]+(?P<rest>.{1,60})$", _FLAGS)
_IT = r"(?:that|this|it|them)"
_CONTINUATION = re.compile(
    r"(?:(?:and|but|so|please|can you|could you|would you)\s+)*"
    + any_of(
        rf"why(?: (?:is|was|did|does|were|are) (?:{_IT}|they|he|she))?(?: so| not| happen| do (?:it|that|this|so))?",
        r"why (?:so|not)|how so|how come|how(?: exactly)?|really|say more",
        r"(?:tell|show|give|teach)(?: me)? (?:(?:some|a bit|a little) )?more(?: details?| information| info)?"
        rf"(?: (?:about|on) {_IT})?(?: please)?",
        r"(?:more|(?:(?:go )?into )?(?:more )?details?|continue|go on|keep going|elaborate|carry on)(?: please)?",
        rf"(?:explain|elaborate|expand|go deeper|clarify)(?: (?:on )?(?:{_IT}|further|more))+|explain",
        rf"more (?:details )?about {_IT}",
        r"what (?:do you|does (?:that|it|this)) mean(?: by that| exactly)?|such as(?: what)?|like what|in what way",
        r"for (?:example|instance)|(?:(?:give|show)(?: me)? )?(?:(?:some|an|any) )?(?:(?:other|more) )?examples?",
        r"(?:what|who|where|anything) else|and then|what (?:happened )?(?:next|then)|since when",
        rf"what happened(?: after(?:wards| that)?)?|(?:when|where) (?:was|is|did) {_IT}(?: happen)?|when|where|who",
        r"what (?:came of it|were the reasons|was the reason|for)|for what reason|until when|and|so|with what result",
        r"(?:can|could) you (?:be more specific|give (?:me )?(?:an |some )?(?:examples?|more details?))",
        rf"how did {_IT} (?:come about|happen)",
        r"after that|be more specific|give (?:me )?(?:an |some )?more details?",
        r"who (?:was|is) (?:that|it)|how (?:much|many|long)|is (?:that|this|it) (?:true|so|right|correct)|are you sure",
    ),
    re.IGNORECASE,
)
_CHANGE = re.compile(
    r"^\s*(?:(?:and|but|or|so|now)[,\s]+)?(?:(?:what|how) about|and|or|same (?:question )?for|now for)\s+"
    r"(?P<slot>[^?.!]{1,60}?)\s*[?.!]*\s*$",
    _FLAGS,
)
_INTRODUCTION = re.compile(
    r"^\s*(?:(?:can|could|would) you |please )?tell me (?:something )?about "
    r"(?!(?:the|that|this|those|these|it|my|our|your|their|his|her|its|them|him)\b)",
    _FLAGS,
)
_PREPOSITION = re.compile(
    r"^(?:(?:in|at|on|for|of|by|from|with|to|during|since|before|after|under|over)\s+)?(?:(?:the|a|an)\s+)?",
    re.IGNORECASE,
)
_EXISTING = frozenset(
    ("is", "are", "was", "were", "be", "been", "has", "have", "will", "can", "could", "would", "exist")
)
_ASKING = frozenset(
    (
        "what",
        "who",
        "whom",
        "whose",
        "which",
        "when",
        "where",
        "why",
        "how",
        "is",
        "are",
        "was",
        "were",
        "do",
        "does",
        "did",
    )
    + ("can", "could", "will", "would", "should", "has", "have", "had")
)


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
    for text in (question, without_lead(question)):
        for pattern in (_CORRECTION, _OBJECTION, _NOT_BUT):
            if match := pattern.match(text):
                return str(match.group("rest")).strip()
    for pattern in (_SO_NOT, _SORRY):
        if (match := pattern.match(question)) and len(words(question)) <= 10:
            rest = str(match.group("rest")).strip()
            return None if _asks(rest) else rest
    return None


def is_continuation(question: str) -> bool:
    """Whether the question only asks to go on: "why?", "tell me more", "such as?"."""
    return any(_CONTINUATION.fullmatch(text.strip(_EDGES)) for text in (question, without_lead(question)))


def changed_slot(question: str) -> str | None:
    """What is exchanged: "in 2019" of "and in 2019?", "Germany" of "what about Germany?"; a bare phrase if short."""
    text = without_lead(question)
    if match := _CHANGE.match(text):
        slot = str(match.group("slot"))
        return (
            slot
            if len(words(slot)) <= 6 and not _asks(slot) and slot.casefold() not in ("it", "that", "this")
            else None
        )
    bare_text = text.strip(" \t\n?.!")
    few = len(words(bare_text)) <= 4 and text.rstrip().endswith("?")
    return bare_text if few and content(bare_text) and not _asks(bare_text) and not leans(bare_text) else None


def introduces(question: str) -> bool:
    """Whether the question opens a topic of its own: "tell me about silicon wafers", but not "about the wafers"."""
    return _INTRODUCTION.match(question) is not None


def _asks(text: str) -> bool:
    return any(fold(text[start:end]) in _ASKING for start, end in words(text))


def bare(slot: str) -> str:
    """The slot without its preposition and article: "in the US" -> "US"."""
    return _PREPOSITION.sub("", slot.strip(), count=1)


def pronoun(question: str) -> tuple[int, int] | None:
    """Span of the first pronoun that stands for something said before."""
    keys = [fold(question[start:end]).replace("’", "'").split("'")[0] for start, end in words(question)]
    for number, key in enumerate(keys):
        there = key == "there" and number > 0 and not {keys[number - 1], *keys[number + 1 : number + 2]} & _EXISTING
        if key in lexicon.PRONOUNS or there:
            return words(question)[number]
    return None


def is_possessive(word: str) -> bool:
    """Whether a genitive takes the word's place. "her" is left alone, since it is an object as often."""
    return fold(word) in lexicon.POSSESSIVE


def stands_in(question: str) -> bool:
    """Whether "the company", "this movement" or "those" describes something said before."""
    keys = [fold(question[start:end]).replace("’", "'") for start, end in words(question)] + ["", ""]
    for number, (key, following, after) in enumerate(zip(keys, keys[1:], keys[2:], strict=False)):
        described = lexicon.stem(following) in lexicon.STAND_INS
        whole = (
            not after
            or after in lexicon.CLOSING
            or following.endswith("'s")
            or (keys[number - 1] in _ASKING and lexicon.is_content(after))
        )
        if key == "the" and described and whole:
            return True
        if key not in lexicon.POINTERS:
            continue
        if described or (following and lexicon.is_content(following) and key != "that"):
            return True
        if number > 0 and (not following or following in lexicon.CLOSING):
            return True
    return False


def points_back(question: str) -> bool:
    """Whether a pronoun or a description stands for something said before."""
    return pronoun(question) is not None or stands_in(question)


def leans(question: str) -> bool:
    """Whether some word of the question stands for, or compares with, something said before."""
    return points_back(question) or any(fold(question[start:end]) in lexicon.LEANING for start, end in words(question))


def is_open(question: str) -> bool:
    """Whether a question without a name leaves open what it is about: it is short, or "the plant" is not said which."""
    if names(question):
        return False
    keys = {fold(question[start:end]) for start, end in words(question)}
    return not keys & {"a", "an"} and (len(content(question)) <= 2 or "the" in keys)


def asks_for_person(question: str) -> bool:
    """Whether a pronoun of the question stands for a person."""
    span = pronoun(question)
    return span is not None and fold(question[span[0] : span[1]]).replace("’", "'").split("'")[0] in lexicon.PERSONAL


def asks_for_thing(question: str) -> bool:
    """Whether the answer names somebody or something: "who", "which company", but not "when" or "how much"."""
    return re.match(r"\W*(?:\w+\s+)?(?:who|whom|whose|which|what)\b", question, re.IGNORECASE) is not None
