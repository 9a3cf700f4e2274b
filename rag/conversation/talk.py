"""What is said to the program rather than asked of the library: small talk and commands."""

from __future__ import annotations

import re

from rag.conversation.pointers import NOW
from rag.conversation.references import STEP, without_courtesies
from rag.lexicon import ASKING, QUESTION_WORDS, stems
from rag.text import any_of

_NODS = frozenset(  # words that want nothing
    """hi hello hey howdy ok okay yes yeah yep yup no nope sure thanks thank thx tx ty cheers please sorry hm hmm hmmm
    mhm ugh huh oh ah aha wow lol haha hahaha ha bye goodbye oops alright good there""".split()
)
_PRAISE = frozenset(  # content words of small talk; with no others, nothing is asked
    """good great nice cool fine super excellent brilliant perfect awesome amazing fantastic wonderful lovely impressive
    interesting fascinating helpful useful clear help helped make sense understood understand noted fair enough
    exactly correct wrong right bad worry nicely well quick fast quickly smart clever wise later soon welcome
    greeting appreciated appreciate typical need needed looking true""".split()
)
_BESIDE_PRAISE = frozenset(  # nouns of small talk; two of them alone are a topic: "night work"
    """problem job work stuff friend mate bot pullquote morning afternoon evening night day weekend today tomorrow
    everything everyone question""".split()
)
_WANTS = frozenset(  # with one of these something is wanted, whatever else is said
    """more else another other further next back instead and or than then after before go keep tell show give list both
    last first use used""".split()
)
_SET_PHRASE = re.compile(
    any_of(
        r"i see|got it|never ?mind(?: that)?|forget (?:it|that|about it)|you too|not at all|take care|of course",
        r"that(?:'s| is| was|'?ll| will)(?: be)? (?:it|all|enough|do|good|everything)(?: for [^?:]+| i \w+)?",
        r"that(?:'s| is| was)(?: (?:all|just|exactly))?(?: what)? i (?:needed|need|wanted|was (?:looking for|after))",
        r"(?:ok(?:ay)?|alright|all right|right|well|fine) then|test(?:ing)?|no (?:(?:more|further|other) )?questions?",
        r"(?:have a |enjoy your )\w+ (?:day|evening|weekend|night|one)|see you(?: \w+)?|as you (?:like|wish)",
        r"(?:(?:hi|hello|hey) )?(?:is )?(?:anyone|anybody|someone|you|are you) (?:still )?there",
        r"i d(?:o|id)(?:n'?t| not) (?:understand|know)(?: that)?|how are you(?: today| doing)?",
    ),
    re.IGNORECASE,
)
_ANNOUNCED = re.compile(  # what a person works on; what is wanted of it may follow
    r"(?:(?:i|we)(?:['’]?m|['’]?re| am| are) (?:\w+ly |just |now )*(?:(?:work|writ|report|research|cover|prepar"
    r"|investigat)ing|looking (?:into|at))|(?:i|we) (?:work|write|report) (?:on|for|at|about)"
    r"|(?:(?:i|we) )?need (?:some |a bit of )?help (?:with|on))\b(?!.*\b(?:needs?|want|looking for|like to|wonder\w*"
    r"|what|who|when|where|why|how|which)\b)[^?:]*",
    re.IGNORECASE | re.DOTALL,
)
_NOUN = re.compile(r"(?:the|his|her|its|their) \w+", re.IGNORECASE)  # "the fine?" asks, "fine" does not
_PART = re.compile(r"\s*[,.;!]+\s*")
_ABOUT_IT = frozenset(  # content words of what is asked about the program itself
    """robot ai bot human machine person real alive name speak language german english french spanish chinese document
    text source file article current recent date old tool program app software model llm chatgpt gpt chatbot assistant
    developer built trained offline internet online talking called new collection library loaded limit version
    here""".split()
)
_YOU = re.compile(r"\b(?:you|your|yourself|in here|am i (?:talking|speaking)|this bot)\b", re.IGNORECASE)
_AT_FIRST = re.compile(r"how does (?:this|it) work|what is (?:this|it)", re.IGNORECASE)  # later they mean the topic
_THIS_PROGRAM = re.compile(r"\bthis (?:tool|app|program|software|thing)\b", re.IGNORECASE)
_THANKS = re.compile(
    r"(?:(?:ok(?:ay)?|great|good|perfect|nice)\W+)?(?:thanks?|thank you|thx|cheers)\b(?P<rest>[^?]{0,60})"
    r"|[^?]{0,120}[\s,.!](?:bye|goodbye|see you)\W*",
    re.IGNORECASE,
)
_OWN_WANT = r"(?:i|we)(?:['’]\w+)?(?: \w+){0,2} (?:need|want|wonder\w*|like to|looking for|mea?nt|asked)\b"
_BESIDE_THANKS = re.compile(  # what a person says of themselves, of the answer, or of the time
    rf"(?:and |but |so )*(?!{_OWN_WANT})(?:for (?:that|this|it|all|now|the|your|\w+ing)\b"
    r"|(?:i|we|that|this|it|you|my|gotta|got to|have to|off to)\b).*"
    r"|a (?:lot|bunch|million|ton)|anyway|guys|folks|man|sir|back to work"
    r"|.*\bin (?:\d+|an?|five|ten) (?:min|minute|hour|sec|second)s?",
    re.IGNORECASE,
)
_REQUEST = re.compile(
    r"\b(?:what|who|whom|whose|which|when|where|why|how|tell|show|give|list|explain|find|open|is|are|was|did|do|can)\b",
    re.IGNORECASE,
)
_HELD = r"(?:the |all |my |your |available )*(?:sources|documents|docs|files|articles|library|collection|index)"
_COMMAND = re.compile(
    any_of(
        r"/[a-z].*|help(?: me)?|commands?|(?:how do i|how to) use (?:this|you|pullquote)",
        r"what can (?:you|i|this) (?:do|ask)(?: (?:you|here|about))?|who (?:are|made) you|what are you",
        r"can you help(?: me)?|how does this (?:tool|app|program|site|chat) work",
        r"what (?:topics|subjects) do you (?:cover|know)|what do you know(?: about)?",
        rf"what(?: is|'s) in {_HELD}|what {_HELD} (?:is|are) (?:this|these|here|in here|in this)",
        rf"(?:list|show)(?: me)? (?:{_HELD}|everything|all)(?: (?:that )?you have)?(?: on file| here| in here)?",
        rf"(?:what|which|how many) {_HELD} (?:do you have|have you (?:got|read)|do you know|can you search"
        r"|are (?:there|loaded|available|indexed))",
        r"(?:clear|reset|restart|new|delete|erase|forget)"
        r" (?:the |this |a |my )*(?:chat|conversation|history|everything|all|that|what i (?:said|asked))",
        r"(?:let'?s )?(?:start|begin)(?: (?:over|again|afresh|from (?:scratch|the beginning)))+",
        r"(?:answer|reply|write|speak|talk)(?: to me)? in (?!detail)[a-z]+",
        r"(?:short|long|brief|few|simpl)e?r (?:answers?|quotes?|replies)|(?:be|keep it) (?:brief|short|quick|concise)",
        r"(?:ok(?:ay)? |so |now )?(?:let'?s |i want to |can we )?(?:move on|stop(?: (?:here|now))?"
        r"|leave it(?: there| at that)?|change (?:the )?(?:topic|subject)|(?:talk about|go to) something else"
        r"|(?:the )?(?:next|new|another|different) (?:topic|subject|question))",
        r"(?:just |wait |hold on |hang on |give me )*(?:a|one) (?:moment|second|sec|minute)",
        r"(?:can|may|could) i ask (?:you )?(?:something|a question|another question)|let me think",
        r"i(?: have|'ve)(?: got)? (?:a|another|one more|some) questions?",
        r"(?:(?:can|could|would) you )?(?:print|sav(?:e|ing)|download|copy(?:ing)?|share|send|e?mail|export)(?: me)?"
        r"(?: (?:this|that|it|all|the|my|chat|conversation|answers?|page|quotes?))+"
        r"(?: (?:to|into|in|for|by|via|as|with)(?: [a-z]+){1,2})?|export (?:as|to) (?:pdf|html|md|markdown|json)",
        r"(?:start|open|begin) (?:a )?(?:new|fresh|another) (?:chat|conversation)",
        r"(?:how|what|where)(?: (?:key|button|command))? (?:do|can|should|must|could) i "
        r"(?:type|click|press|enter|add|upload|remove|delete|export|save|see|find|open|change|search|use|start|get to)"
        r"(?: to (?:see|add|open|find|get|delete|export))?(?: (?:a|new|this|the|these))* "
        rf"(?:{_HELD}|quotes?|answers?|chat|conversation|history|page|source|document|file)",
    ),
    re.IGNORECASE,
)


def is_command(question: str, *, begun: bool = False) -> bool:
    """Small talk and commands: nothing to search for. ``begun``: something was asked before.

    >>> is_command("Thanks a lot!"), is_command("list sources"), is_command("Who helps?")
    (True, True, False)
    """
    text = without_courtesies(question)
    order = _COMMAND.fullmatch(text) or (not begun and _AT_FIRST.fullmatch(text))
    wanted = question.rstrip().endswith("?")
    topic = _NOUN.fullmatch(text) or (wanted and (_is_topic(text) or (begun and NOW.fullmatch(text))))
    chat = _is_small_talk(text) and not topic
    return bool(not text or order or chat or _is_polite(question) or _is_about_the_program(text, begun=begun))


def _is_polite(question: str) -> bool:
    """Thanks and farewells, with what is said beside them and asks nothing."""
    match = _THANKS.fullmatch(question.strip())
    if match is None or _REQUEST.search(question):
        return False
    rest = _PART.split((match["rest"] or "").strip())
    return all(not stems(part) or _BESIDE_THANKS.fullmatch(part) or _is_small_talk(part) for part in rest)


def announced(question: str) -> str:
    """What small talk says the person works on, as in "hi, I'm writing about rent control"; "" if nothing."""
    said = next(filter(_ANNOUNCED.fullmatch, _PART.split(without_courtesies(question))), "")
    return re.sub(r".*?\babout\b|.*?\b(?:on|into|at|with|for)\b|.*?ing\b", "", said, count=1, flags=re.DOTALL).strip()


def _is_topic(text: str) -> bool:
    """Whether words of small talk make a question all the same: "right to work?", but not "right?"."""
    return not _SET_PHRASE.fullmatch(text) and len(stems(text)) > 1 and not _PART.search(text)


def _is_small_talk(text: str) -> bool:
    parts = [part for part in _PART.split(text) if part]
    if len(parts) > 1:
        return all(map(_is_small_talk, parts))
    if _SET_PHRASE.fullmatch(text) or _ANNOUNCED.fullmatch(text) or _COMMAND.fullmatch(text):
        return True
    said = re.findall(r"[\w'’]+", text.casefold())
    heads = [re.split("['’]", word)[0] for word in said]  # "what" of "what's"
    asks = bool((QUESTION_WORDS | _WANTS) & set(heads)) or any(word in ASKING for word in heads[:1])
    plain = stems(" ".join(word for word in said if word not in _NODS))
    nods = bool(_NODS & set(said))
    topic = len(plain) > 1 and plain <= _BESIDE_PRAISE and not nods
    return not asks and not topic and plain <= _PRAISE | _BESIDE_PRAISE and bool(plain or nods)


def _is_about_the_program(text: str, *, begun: bool) -> bool:
    meant = _YOU.search(text) or (not begun and _THIS_PROGRAM.search(text))
    return bool(meant and stems(text)) and stems(text) <= _ABOUT_IT and not STEP.fullmatch(text)
