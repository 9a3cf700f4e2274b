"""What is said to the program rather than asked of the library: small talk, commands, references to shown quotes."""

from __future__ import annotations

import re

from rag.lexicon import ASKING, is_content, is_yes_no, stems


def any_of(*patterns: str) -> str:
    """One pattern that matches any of ``patterns``, tried in the order given."""
    return "(?:" + "|".join(patterns) + ")"


_NODS = frozenset(  # words that want nothing
    """hi hello hey howdy ok okay yes yeah yep yup no nope sure thanks thank thx tx ty cheers please sorry hm hmm hmmm
    mhm ugh huh oh ah aha wow lol haha hahaha ha bye goodbye oops alright good there""".split()
)
_PRAISE = frozenset(  # content words of small talk; with no others, nothing is asked
    """good great nice cool fine super excellent brilliant perfect awesome amazing fantastic wonderful lovely impressive
    interesting fascinating helpful useful clear help helped make sense understood understand noted fair enough
    exactly correct wrong right bad worry done nicely well quick fast quickly smart clever wise later soon welcome
    greeting appreciated appreciate typical need needed looking true""".split()
)
_BESIDE_PRAISE = frozenset(  # nouns of small talk; two of them alone are a topic: "night work"
    """problem job work stuff friend mate bot pullquote morning afternoon evening night day weekend today tomorrow
    everything everyone question all""".split()
)
_ASKED = frozenset(("what", "who", "whom", "whose", "which", "when", "where", "why", "how"))
_WANTS = frozenset(  # with one of these something is wanted, whatever else is said
    """more else another other further next back instead and or than then after before go keep tell show give list both
    last first use used""".split()
)
_SET_PHRASE = re.compile(
    any_of(
        r"i see|got it|never ?mind(?: that)?|forget (?:it|that|about it)|you too|my bad|not at all|take care|of course",
        r"that(?:'s| is| was|'?ll| will)(?: be)? (?:it|all|enough|do|good|everything)(?: for [^?:]+| i \w+)?",
        r"that(?:'s| is| was)(?: (?:all|just|exactly))?(?: what)? i (?:needed|need|wanted|was (?:looking for|after))",
        r"(?:ok(?:ay)?|alright|all right|right|well|fine) then|test(?:ing)?|no (?:(?:more|further|other) )?questions?",
        r"(?:have a |enjoy your )\w+ (?:day|evening|weekend|night|one)|see you(?: \w+)?|as you (?:like|wish)",
        r"(?:(?:hi|hello|hey) )?(?:is )?(?:anyone|anybody|someone|you|are you) (?:still )?there",
        r"i d(?:o|id)(?:n'?t| not) (?:understand|know)(?: that)?|you(?:'re| are) welcome|how are you(?: today| doing)?",
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
_EDGES = " \t\n.!?,;"
_GREETING = re.compile(r"^(?:(?:hi|hello|hey|ok(?:ay)?|oh|please)[\s,.!]+)+(?=\S)", re.IGNORECASE)
_PLEASE = re.compile(r"[\s,]+(?:please|pls|plz)$", re.IGNORECASE)
_PART = re.compile(r"\s*[,.;!]+\s*")
_ABOUT_IT = frozenset(  # content words of what is asked about the program itself
    """robot ai bot human machine person real alive name speak language german english french spanish chinese document
    text source file article current recent date old tool program app software model llm chatgpt gpt chatbot assistant
    developer made built trained offline internet online talking called new collection library loaded limit version
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
_ASIDE = re.compile(r"(?<=[.!?])\s+(?:i|sorry|just)\b[^?]*$", re.IGNORECASE)  # said after a request, asks nothing
_REQUEST = re.compile(
    r"\b(?:what|who|whom|whose|which|when|where|why|how|tell|show|give|list|explain|find|open|is|are|was|did|do|can)\b",
    re.IGNORECASE,
)
_HELD = r"(?:the |all |my |your |available )*(?:sources|documents|docs|files|articles|library|collection|index)"
_COMMAND = re.compile(
    any_of(
        r"/[a-z].*|help(?: me)?|\?+|commands?|(?:how do i|how to) use (?:this|you|pullquote)",
        r"what can (?:you|i|this) (?:do|ask)(?: (?:you|here|about))?|who (?:are|made) you|what are you",
        r"can you help(?: me)?|how does this (?:tool|app|program|site|chat) work",
        r"what (?:topics|subjects) do you (?:cover|know)|what do you know(?: about)?",
        rf"what(?: is|'s) in {_HELD}|what {_HELD} (?:is|are) (?:this|these|here|in here|in this)",
        rf"(?:list|show)(?: me)? (?:{_HELD}|everything|all)(?: (?:that )?you have)?(?: on file| here| in here)?",
        rf"(?:what|which|how many) {_HELD} (?:do you have|have you (?:got|read)|do you know|can you search"
        r"|are (?:there|loaded|available|indexed))",
        r"(?:clear|reset|restart|new|delete|erase|forget)"
        r"(?: (?:the |this |a |my )*(?:chat|conversation|history|everything|all|that|what i (?:said|asked)))?",
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
        r"(?: (?:to|into|in|for|by|via|as|with)(?: [a-z]+){1,2})?|export(?: (?:as|to) (?:pdf|html|md|markdown|json))?",
        r"(?:start|open|begin) (?:a )?(?:new|fresh|another) (?:chat|conversation)",
        r"(?:how|what|where)(?: (?:key|button|command))? (?:do|can|should|must|could) i "
        r"(?:type|click|press|enter|add|upload|remove|delete|export|save|see|find|open|change|search|use|start|get to)"
        r"(?: to (?:see|add|open|find|get|delete|export))?(?: (?:a|new|this|the|these))* "
        rf"(?:{_HELD}|quotes?|answers?|chat|conversation|history|page|source|document|file)",
    ),
    re.IGNORECASE,
)
_ORDINALS = {
    "first": 1, "1st": 1, "second": 2, "2nd": 2, "third": 3, "3rd": 3, "fourth": 4, "4th": 4, "fifth": 5, "5th": 5,
    "one": 1, "two": 2, "three": 3, "four": 4, "five": 5, "last": -1, "top": 1, "next": 0, "previous": -2,
    "after": 0, "before": -2, "this": -3,
}  # fmt: skip
_THING = r"(?:quote|source|article|document|passage|result|citation|excerpt|reference|link)"
_ORDINAL = any_of(*sorted(_ORDINALS.keys() - {"after", "before", "this"}, key=len, reverse=True))
_POINTED_AT = re.compile(
    any_of(
        r"\[(?P<bracket>\d{1,2})\]|#(?P<hash>\d{1,2})\b",
        # not "article 5", which is one of a law
        rf"\b(?!article\s*(?:\d|one|two|three|four|five)){_THING}\s*(?:number |no\.? ?|#)?"
        rf"(?P<number>(?:\d{{1,2}}|one|two|three|four|five)\b)",
        rf"\b(?:the |that |this |your |its )?(?P<ordinal>{_ORDINAL})\s+{_THING}\b",
        rf"\b(?P<this>(?:that|this|the) (?:(?:same|full|whole|entire|complete|original) )?"
        rf"(?:piece|story|(?!result){_THING}))\b(?!s)(?! (?:about|on|by|from|for|that|which|who|where)\b)",
    ),
    re.IGNORECASE,
)
_COUNTS = frozenset(("one", "two", "three", "four", "five", "top"))  # "one source" is seldom the first
# What makes another thing of a source: "the source of the leak", "the passage that ended it"; "in full" does not.
_OF_ANOTHER = re.compile(
    r"-\w|\s+(?:of (?!that\b|this\b|it\b)|(?:by|from) (?!the list\b|above\b)"
    r"|in (?!full|its|context|detail|the list|the answer)"
    r"|(?:between|to|behind|with|within|into|than|against|among|or|he|she|they|that|which|who|whose)\b)",
    re.IGNORECASE,
)
# What is done by, or said of, a source; any other content word behind it belongs to its name: "the link road".
_OF_SOURCES = re.compile(
    r"(?:say|said|mention|tell|told|report|explain|claim|write|written|wrote|come|came|date|publish|print|argue|state|give"
    r"|gave|show|conclude|suggest|describe|call|discuss|cover|recommend|cite|refer|quote|add|deal|appear"
    r"|reliable|credible|trustworthy|old|recent|biased|accurate|available|online|properly|text|document|word)(?:s|es|d|ed)?",
    re.IGNORECASE,
)
_SEE = (
    r"(?:(?:can|could|may) (?:i|you|we) |let me )*(?:show|read|see|open|view|expand|quote)"
    r"(?: me)? (?:(?:the|it|that) )?"
)
_SHOWN = r"(?:that|this|it|these|those|(?:that|this|the) (?:information|quote|fact|figure|number|sentence|statement))"
_THING_SHOWN = rf"(?:{_THING}|text|page|story|piece|paper|thing|context|paragraph|sentence)"
_FROM = re.compile(
    rf"(?:is|was) (?!it ){_SHOWN} (?:taken |quoted |copied )?from (?:the|their|an?|your) .+", re.IGNORECASE
)
_STEP = re.compile(  # asks to see a quote that was shown, or where it stands, and nothing else
    any_of(
        r"(?:expand|open|enlarge|unfold)(?: (?:on )?(?:it|that|this))?|read more",
        rf"{_SEE}(?:(?:more |in )?context|full text|whole (?:text|passage)|rest|it|that|again)(?: again)?",
        rf"{_SEE}(?P<nth>{_ORDINAL}|other)(?: one)?(?: again)?|(?:the )?(?P<one>{_ORDINAL}) one",
        rf"where(?: is|'?s| was| were) {_SHOWN} (?:(?:taken |quoted |copied )?from|written|said|stated|printed)",
        rf"where (?:does|did|do) (?:you (?:get|find|read|take|see|have) {_SHOWN}|(?!it ){_SHOWN} come)(?: from)?",
        r"how (?:do|did|would) you know(?: (?:that|this|it))?|says who|according to (?:whom|who|what)",
        rf"(?:what|which)(?: of (?:your|the|these))? (?:{_THING}|text|page|paper|story|site|website|file)s? "
        rf"(?:is|was|are) {_SHOWN} (?:from|in|on)",
        r"(?:(?:(?:what|where)(?:'s| is| are)|cite|give(?: me)?|got|do you have|have you got|any|and|show(?: me)?) )?"
        r"(?:(?:the|your|a|any|its) )?(?:sources?|links?|urls?|citations?|references?)"
        r"(?: (?:for|of|to) (?:that|this|it))?|prove (?:it|that|this)",
        rf"{_SEE}(?:(?:number|no\.?) (?P<no>\d|one|two|three)|original)"
        rf"|{_SEE}(?:original|whole|entire|full|complete|exact) (?:{_THING_SHOWN}|wording)"
        r"|number (?P<at>\d|one|two|three)",
        rf"{_SEE}(?:(?:more|rest) of (?:the|that|this) (?:text|passage|article|page|source|document)|paragraph)",
        r"open article (?P<article>\d)",
        rf"{_SEE}where it says (?:that|so|this)|(?:the|and the) one (?P<side>before|after)(?: (?:that|this|it))?",
        rf"(?:which|what)(?: of (?:your|the|these))? {_THING}s? (?:says?|said|is) (?:so|it|(?:that|this)(?: from)?)",
        r"(?:the )?(?P<step>next|previous)(?: one)?|#?(?P<number>\d)|where does it say (?:that|so|this)",
        r"who (?:says (?:so|that|this)|(?:wrote|published|reported) (?:that|this))"
        r"|when was (?:that|this) (?:written|published|reported)",
        r"(?:and )?the (?P<another>other) (?:one|source|quote)",
    ),
    re.IGNORECASE,
)
_HANDLING = frozenset("open expand read view display full text context whole entire link summarise summarize".split())
_ASKED_OF = re.compile(
    r"\b(?:says?|said|mentions?|tells?(?: (?:me|us))?|told|reports?|explains?|claims?|writes?)"
    r"(?: anything| something)?(?: (?:about|on|of|regarding))? (?P<subject>\w.+)",
    re.IGNORECASE,
)


def asked_of_source(question: str) -> str:
    """What a question that points at a source wants to know of it; "" where it asks for the source itself.

    >>> asked_of_source("What does the second source say about tax?"), asked_of_source("Who wrote the article?")
    ('tax?', '')
    """
    match = _ASKED_OF.search(question)
    return match["subject"] if match and len(match["subject"].strip(_EDGES)) > 2 else ""


def _bare(question: str) -> str:
    """Without a greeting before it, "please" on either side, and marks at its ends."""
    return _PLEASE.sub("", _GREETING.sub("", question.strip(_EDGES))).strip(_EDGES)


def is_command(question: str, *, begun: bool = False) -> bool:
    """Small talk and commands: nothing to search for. ``begun``: something was asked before.

    >>> is_command("Thanks a lot!"), is_command("list sources"), is_command("Who helps?")
    (True, True, False)
    """
    text = _bare(question)
    order = _COMMAND.fullmatch(text) or (not begun and _AT_FIRST.fullmatch(text))
    chat = _is_small_talk(text) and not (question.rstrip().endswith("?") and _is_topic(text))
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
    said = next(filter(_ANNOUNCED.fullmatch, _PART.split(_bare(question))), "")
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
    asks = bool((_ASKED | _WANTS) & set(said)) or any(word in ASKING for word in said[:1])
    plain = stems(" ".join(word for word in said if word not in _NODS))
    nods = bool(_NODS & set(said))
    topic = len(plain) > 1 and plain <= _BESIDE_PRAISE and not nods
    return not asks and not topic and plain <= _PRAISE | _BESIDE_PRAISE and bool(plain or nods)


def _is_about_the_program(text: str, *, begun: bool) -> bool:
    meant = _YOU.search(text) or (not begun and _THIS_PROGRAM.search(text))
    return bool(meant and stems(text)) and stems(text) <= _ABOUT_IT and not _STEP.fullmatch(text)


def reference(question: str) -> tuple[int | None, bool]:
    """(which quote is meant, whether nothing else is asked).

    Ranks count from 1; -1 is the last, 0 the next, -2 the previous one, -3 the one that is looked at; None: no
    reference.

    >>> reference("[2]"), reference("What does the second source say about tax?")
    ((2, True), (2, False))
    >>> reference("Who wrote the article?"), reference("Who wrote the article about tax?")
    ((-3, False), (None, False))
    """
    text = _bare(_ASIDE.sub("", question))
    if bare := _STEP.fullmatch(text):
        said = next((said for said in bare.groupdict().values() if said), "this")
        return int(said) if said.isdecimal() else _ORDINALS.get(said.casefold(), 0), True
    if _FROM.fullmatch(text):
        return _ORDINALS["this"], False
    match = next((found for found in _POINTED_AT.finditer(text) if _is_whole(found, text[found.end() :])), None)
    if match is None:
        return None, False
    said = match.group("bracket") or match.group("hash") or match.group("number") or match.group("ordinal") or "this"
    rank = int(said) if said.isdecimal() else _ORDINALS[said.casefold()]
    rest = text[: match.start()] + " " + text[match.end() :]
    asked = {"did", "does", "do", *(_ASKED if match.group("this") else ())} & set(rest.casefold().split())
    alone = not asked and not (stems(rest) - _HANDLING)
    counted = match.group("hash") or said.casefold() in _COUNTS and match.group("ordinal")
    return (None, False) if counted and not alone and not _ASKED_OF.search(text) else (rank, alone)


def _is_whole(match: re.Match[str], after: str) -> bool:
    """Whether what stands behind "the source", "[2]" or "quote 2" leaves it a quote that was shown."""
    if match.group("bracket") or match.group("hash"):
        return True
    word = re.match(r"\s+([\w'’]+)(\W*$)?", after)
    subject = len(match.string[: match.start()].split()) == 1 and is_yes_no(match.string)
    if word and word[2] is not None and subject:  # "is the source official?"
        return True
    return not _OF_ANOTHER.match(after) and (
        word is None or not is_content(word[1]) or _OF_SOURCES.fullmatch(word[1]) is not None
    )
