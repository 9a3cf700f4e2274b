"""What a question's own words give away about how it leans on what was said before."""

from __future__ import annotations

import re

from rag.conversation.pointers import MOVE, NOW, asks, leans, pronoun, stands_in
from rag.conversation.references import EDGES
from rag.lexicon import GENERIC, PREPOSITIONS, content, names, stems
from rag.text import any_of, fold, folded_words, words

_FLAGS = re.IGNORECASE | re.DOTALL
# Words that ask to go on and say nothing about what: with function words alone around them, all else was said before.
_GOING_ON = frozenset(
    """detail detailed information info example instance reason explain explanation elaborate clarify expand continue
    specific specifically precise precisely exact exactly happen happened background context summary summarise summarize
    sentence word short briefly brief shorter longer simple simply simpler came follow followed proof believe true
    deeper further depth rephrase repeat differently english plain less fewer two three four five couple according
    read year month day date""".split()
)
_ORDERS = frozenset(("tell", "give", "show", "list", "explain", "compare", "find", "name", "describe", "open", "read"))
_NICE = any_of(
    "interesting", "cool", "great", "good(?: to know)?", "nice", "helpful", "amazing", "strange", "surprising"
)
_NOT_COUNTING = r"no(?!\. ?\d{1,3}\b)"  # not "No. 10"
_LEAD = re.compile(
    r"^\s*(?:"
    + any_of(
        r"ok(?:ay)?(?:,? (?:thanks?|thank you|great|good|cool))?|oh|ah+|a?hm+|wow|cool(?: name)?|great",
        r"thanks?(?: you| a lot)?|really|interesting|nice|right",
        rf"sure|well|yes|yeah|what|{_NOT_COUNTING}|never ?mind|i see|got it|alright|so|who knew",
        rf"that'?s (?:(?:really|very|so|quite) )?{_NICE}",
    )
    + r"(?:[!.?]+\s*|,\s+|\s*[—–-]\s+))+(?=\S)",
    _FLAGS,
)
_BACK = re.compile(
    r"^\s*(?:(?:ok(?:ay)?|now|and|so|but|sorry|well),?\s+)*"
    r"(?:(?:let'?s |let me |can we |could we |i want to |i'd like to )?"
    r"(?:(?:to )?(?:go|get|come|turn|coming|going|getting) )*back to|(?:to )?return(?:ing)? to|as (?:to|for)"
    r"|(?:again|once more),? (?:about|on|to)|about|(?:let'?s |can we |could we )(?:now )?talk about)"
    r"\s+(?P<topic>[^:,?.]{1,80}?)(?: again| now)?(?:\s*[:,.?—–]|\s-+\s)\s*(?P<rest>.+)$",
    _FLAGS,
)
_NO = any_of(
    rf"{_NOT_COUNTING}|nope|wrong|sorr?y|actually|(?:oh )?wait|okay|ok|but",
    r"not (?:that|quite|really|exactly|what i (?:meant|wanted|asked))",
)
_MEANT = any_of(
    r"i (?:actually |really )?(?:mea?nt|mean|was (?:asking|talking|thinking) (?:about|of)|am (?:asking|talking) about)",
    r"i (?:actually |really )?(?:asked|said)(?: about| for)?",
    r"(?:oops\W+)?(?:i )?should have (?:said|asked|written)|i'?m (?:asking|talking) about",
    r"i (?:mixed|mix|got) (?:that|it|them|this|those) (?:up|wrong)[\s,.;!]+i me?a?nt",
    r"what i (?:mea?nt|mean)(?: is| was)?",
    r"rather(?! than\b)|correction(?=\s*[,:.;!—–]| \d)|oops|make (?:that|it)|you m(?:issed|isunderstood)(?: me)?",
    r"(?:that'?s|this is|that was) not what i (?:meant|wanted|asked)(?: for| about)?",
    r"let me (?:rephrase|correct)(?: that| myself)?|(?:scratch|strike) that",
    r"let me (?:put|say|ask) (?:it|that) (?:differently|another way|in other words)",
)
_WANTED = r"i (?:actually |really )?want(?:ed)? (?:to (?:know|ask)(?: about)?)?|i(?:'m| am) interested in"
_SHIFT = re.compile(
    r"^\s*(?:(?:ok(?:ay)?|so|and|but|now)\b[\s,.!]*)*"
    + any_of(
        r"by the way|btw|(?:now )?(?:for |to |about )?something (?:completely |quite )?(?:else|different)",
        r"chang(?:e of|ing(?: the)?) (?:subject|topic)s?|on (?:a |an)?(?:different|other) (?:note|topic)",
        r"(?:(?:a |an )?(?:other|another|new|next|different|separate|last) (?:question|topic|subject|thing|point)"
        r"|unrelated|separately)(?=\s*[,.:;!—–]|\s-"
        r"|\s(?:who|whom|whose|what|which|when|where|why|how|is|are|was|were|do|does|did)\b)",
    )
    + r"[\s,.:;!—–-]+(?P<rest>\S.*)$",
    _FLAGS,
)
_CORRECTION = re.compile(
    rf"^\s*(?:what\?\s*)?(?:(?:{_NO}\b[\s,.!;:—–-]*)*{_MEANT}|(?:{_NO}\b[\s,.!;:—–-]*)+(?:{_WANTED}))"
    r"\b[\s,:.—–-]*(?P<rest>.*)$",
    _FLAGS,
)
_OBJECTION = re.compile(
    r"^\s*(?:what\?\s*)?(?:(?:oh )?wait,? )?"
    rf"(?:(?:no\W+)*(?:{_NOT_COUNTING}|nope)|never ?mind|not (?:that|quite|really|exactly)|wrong(?: \w+)?"
    r"|(?:that'?s|this is) (?:not|wrong)[^.,;:!?]*)"
    r"\s*(?:[.!,;:]|—|–|-\s)+\s*(?P<rest>.+)$",
    _FLAGS,
)
_NOT_BUT = re.compile(
    r"^\s*(?:(?:no|wait|sorry|all ?right|then),?\s*)*"
    r"(?:(?:i(?:'m| am) )?not(?! (?:counting|including|only)\b)|i (?:did|do)n'?t (?:want|mean|ask))"
    r" (?:(?:asking|talking|the|a|an|in|about) )*(?P<wrong>[^,;.]+?)\s*(?:[,;.]|but)\s*"
    r"(?:(?:but|only|just) )?(?:(?:i(?:'m| am) (?:asking|talking) about|i (?:want|mean)(?:ed|t)?) )?(?P<rest>.+)$",
    _FLAGS,
)
_SO_NOT = re.compile(r"^\s*(?P<rest>[^,;?]{1,60}?),? (?:and )?not (?:the |those |that |in |for )?[^,;?]{1,40}$", _FLAGS)
_SET_OFF = re.compile(r"(?:,| and) not ", re.IGNORECASE)
_SORRY = re.compile(
    r"^\s*(?:(?:sorry|actually|wait)(?=\s*[,.!;:—–]|\s-|\s+(?:in )?\d|\s+the\b)|oops\b|hm+\b)"
    r"[\s,.!;:—–-]+(?P<rest>.{1,60})$",
    _FLAGS,
)
_AROUND = re.compile(  # what a correction says beside the thing that is meant
    r"^(?i:it|that)(?:['’]s| was| is) (?=[A-Z\d])|[\s,.!–—-]+(?i:sorry|i mea?nt?|instead)[\s.!]*$"
)
_LATER = re.compile(
    r"^(?:(?P<rest>[^,;?]{1,60}?),? i meant?|.{0,60}[,;.] i (?:actually |really )?meant? (?P<other>.+))$",
    _FLAGS,
)
_IT = r"(?:that|this|it|them)"
_CONTINUATION = re.compile(  # what asks to go on with other words than those of going on
    r"(?:(?:and|but|so|please|(?:can|could|would) (?:you|u))\s+)*"
    + any_of(
        rf"why(?: (?:is|was|did|does|were|are) (?:{_IT}|they|he|she))?(?: so| not| happen| do (?:it|that|this|so))?",
        r"(?:(?:tell|show|give|teach)(?: me)? (?:(?:some|a bit|a little) )?)?more(?: details?| information| info)?"
        rf"(?: (?:about|on) {_IT})?(?: please)?",
        rf"(?:explain|elaborate|expand|go deeper|clarify)(?: (?:on )?(?:{_IT}|further|more))+",
        r"(?:keep going|carry on)(?: please)?|what does it mean(?: by that| exactly)?|such as(?: what)?",
        r"to what end|e\.?g|meaning(?: what)?|how often|(?:compared|as opposed) to what|(?:based on|due to) what",
        r"against whom|on what (?:grounds|basis)|what came of it|after(?:wards)?",
        r"what else is (?:known|there|said)(?: about it)?|and then|what (?:happened )?then|what happened afterwards",
        rf"since when|(?:when|where) (?:was|is|did) {_IT}(?: happen)?|how did {_IT} (?:come about|happen)",
        r"who(?: (?:was|is) it| else)?|(?:who|which(?: ones?)?|what) (?:are|were) (?:they|those|these)",
        r"what (?:were the reasons|was the reason)|with what result|is (?:that|this|it) (?:true|so|right|correct)",
    ),
    re.IGNORECASE,
)
_CHANGE = re.compile(
    r"^\s*(?:(?:and|but|or|so|now)[,\s]+)?(?:(?:(?:what|how) about|what of|and|or|now for"
    r"|same (?:question )?(?:for|with))\s+|(?=the other(?: \w+)?, ))(?:the other(?: \w+)?, +)?(?P<slot>[^?.!]{1,80}?)"
    r"(?:,? instead)?\s*[?.!]*\s*$",
    _FLAGS,
)
_TOO = re.compile(r"^(?:and )?(?P<slot>[^,?.!]{1,60}?),? (?:too|as well|also)\s*\?*$", _FLAGS)
_INTRODUCTION = re.compile(
    r"^\s*(?:(?:can|could|would) you |please )?tell me (?:something )?about "
    r"(?!(?:the|that|this|those|these|it|my|our|your|their|his|her|its|them|him)\b)",
    _FLAGS,
)
_ABOUT_THE = re.compile(r"^\s*(?:(?:[Cc]an|[Cc]ould|[Ww]ould) you |[Pp]lease )?[Tt]ell me about the [A-Z]")
_WHAT_PIECE = re.compile(
    r"(?:and )?(?:at|in|for|by|on|of|from|with|to|under|since) (?:what|which|how (?:many|much|long))(?: [a-z]+){1,2}",
    re.IGNORECASE,
)
_AND = r"(?:(?:and|but|or|so|what about|how about)\W+)*"
_AND_NOW = re.compile(rf"{_AND}(?P<now>{NOW.pattern})", re.IGNORECASE)
_WHO_DID = re.compile(  # "who got up first?" says what it asks for, though with words that are in every question
    r"\bwho(?: (?:did|didn['’]t|do|does|doesn['’]t|will|would|could))? (?:go|goes|went|got|came|comes?|made|makes?|saw"
    r"|took|takes?|knew|knows?|tried|used|uses|wanted|helped|helps?|gave|gives?|left|found|put)\b",
    re.IGNORECASE,
)
_WHAT_ONE_DOES = re.compile(  # "how do I get out again?", but not "what do you mean?"
    r"\b(?:who|what|which|when|where|how)(?: \w+)? (?:do|did|can|could|should|shall|may|must|will|would) "
    r"(?:i|you|we|one) (?!(?:ask|explain|give|know|mean|say|show|tell|think)\b|.*\b(?:else|it|more|that|this)\b)\w",
    re.IGNORECASE,
)
_LONGEST_SLOT = 10  # words
_DISLOCATED = re.compile(
    r"^\s*(?P<lead>(?:(?:and|but|or|so)\s+)?(?:(?:what|how) about\s+)?)(?P<slot>[^,:?.!]{1,40}?)(?:[,:]|\s[—–-])\s+"
    r"(?P<rest>(?:what|how|when|where|why|who|did|do|does|is|are|was|were|has|have|had|can|could|will|would)\b.*)$",
    _FLAGS,
)
_THAT_ONE = re.compile(r"(?<= )that(?= [a-z]+\W*$)")  # "why didn't that work?"
_NO_TOPIC = re.compile(
    rf"(?:{PREPOSITIONS}|as|then|if|yesterday|later|afterwards|meanwhile|(?!italy)\w+ly(?=$))\b",
    _FLAGS,
)
_SEEKS = re.compile(r"any(?:thing)?\b", re.IGNORECASE)
_PREPOSITION = re.compile(rf"^(?:(?:{PREPOSITIONS})\s+)?(?:(?:the|a|an)\s+)?", re.IGNORECASE)


def without_lead(question: str) -> str:
    """The question without interjections before it: "Okay. ", "That's interesting! "."""
    match = _LEAD.match(question)
    rest = question[match.end() :] if match else question
    return rest if stems(rest) or len(words(rest)) > 1 else question.strip()


def shifted(question: str) -> str | None:
    """The question of "by the way, who runs ASML?" and of "now something else: ..."; None if none is announced."""
    match = _SHIFT.match(question)
    return match["rest"].strip() if match else None


def returning(question: str) -> tuple[str, str] | None:
    """("ASML", "who runs it?") of "back to ASML: who runs it?"."""
    match = _BACK.match(question)
    return (match["topic"].strip(), match["rest"].strip()) if match else None


def correction(question: str) -> str | None:
    """What is meant instead ("the ministry" of "no, I meant the ministry"), or None. May be empty."""
    found = _corrected(question)
    again = _CORRECTION.match(found) if found else None
    return None if found is None else _AROUND.sub("", again["rest"] if again else found)


def mistaken(question: str) -> str:
    """What was not meant: "the ministry" of "no, not the ministry, the fund"; "" where it is not said."""
    return match["wrong"] if (match := _NOT_BUT.match(question)) else ""


def _corrected(question: str) -> str | None:
    for text in (question, without_lead(question)):
        for pattern in (_CORRECTION, _NOT_BUT, _OBJECTION):
            if match := pattern.match(text):
                rest = match["rest"].strip()
                both = _SO_NOT.match(rest)
                fragment = both is not None and len(words(rest)) <= 10 and not asks(rest)
                return both["rest"] if both and fragment else rest
    if match := _LATER.match(question.strip(EDGES)):
        return (match["rest"] or match["other"]).strip()
    for pattern in (_SO_NOT, _SORRY):
        set_off = pattern is not _SO_NOT or _SET_OFF.search(question)  # not "members not present"
        if (match := pattern.match(question)) and set_off and len(words(question)) <= 10:
            rest = match["rest"].strip()
            return None if asks(rest) else rest
    return None


def is_continuation(question: str) -> bool:
    """Whether the question only asks to go on: "why?", "tell me more", "such as?": it has no content of its own."""
    if any(_CONTINUATION.fullmatch(text.strip(EDGES)) for text in (question, without_lead(question))):
        return True
    if MOVE.search(question) or _AND_NOW.fullmatch(question.strip(EDGES)):
        return False
    keys = folded_words(question)
    whole = "the" in keys[:-1] or (stands_in(question) and not {"this", "that"} & set(keys))
    whole = whole or any(pattern.search(question) for pattern in (_WHO_DID, _WHAT_ONE_DOES))
    return stems(question) <= _GOING_ON and pronoun(question) is None and not whole


def dislocated(question: str) -> tuple[str, str] | None:
    """("Intel", "when was it founded?") of "and Intel, when was it founded?"; what follows asks of that alone."""
    match = _DISLOCATED.match(question)
    if match is None or not (stems(match["slot"]) or pronoun(match["slot"])):
        return None
    slot, rest = match["slot"].strip(), _THAT_ONE.sub("it", match["rest"])
    if not pronoun(rest):
        return None if content(rest) or not match["lead"] else (slot, rest)
    name = slot[4:] if fold(slot[:4]) == "the " else slot
    name = name if question[match.end("slot")] == "," else f"x {name}"  # "Yesterday, did he leave?"
    named = match["lead"] or ((found := names(name)) and found[-1][1] == len(name) and stems(slot) - GENERIC)
    return (slot, rest) if named and not _NO_TOPIC.match(slot) and not NOW.fullmatch(slot) else None


def changed_slot(question: str) -> str | None:
    """What is exchanged: "in 2019" of "and in 2019?", "Germany" of "what about Germany?"; a bare phrase if short."""
    text = without_lead(question)
    if aside := dislocated(text):
        return aside[0]
    if (match := _TOO.match(text)) and not asks(match["slot"]) and not leans(match["slot"]):
        return match["slot"]
    if match := _CHANGE.match(text):
        slot = match["slot"]
        spans = words(slot)
        whole = asks(slot) or slot.casefold() in ("it", "that", "this") or fold(slot[slice(*spans[0])]) in _ORDERS
        return slot if len(spans) <= _LONGEST_SLOT and not whole else None
    bare_text = text.strip(" \t\n?.!")
    if now := _AND_NOW.fullmatch(bare_text):
        return now["now"]
    if _WHAT_PIECE.fullmatch(bare_text) or MOVE.fullmatch(bare_text):
        return bare_text
    few = len(words(bare_text)) <= 4 and text.rstrip().endswith("?") and not _SEEKS.match(bare_text)
    return bare_text if few and content(bare_text) and not asks(bare_text) and not leans(bare_text) else None


def introduces(question: str) -> bool:
    """Whether the question opens a topic of its own: "tell me about silicon wafers", but not "about the wafers"."""
    return _INTRODUCTION.match(question) is not None or (_ABOUT_THE.match(question) is not None and not leans(question))


def bare(slot: str) -> str:
    """The slot without its preposition and article: "in the US" -> "US"."""
    return _PREPOSITION.sub("", slot.strip(), count=1)
