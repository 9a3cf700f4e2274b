"""What points at a quote that was shown: "[2]", "the next one", "where is that from?", "what does the first say?"."""

from __future__ import annotations

import re

from rag.lexicon import QUESTION_WORDS, content, is_content, is_yes_no, stems
from rag.speakers import asks_who
from rag.text import any_of, fold, folded_words

EDGES = " \t\n.!?,;"  # what does not count at either end of what was typed
_GREETING = re.compile(r"^(?:(?:hi|hello|hey|ok(?:ay)?|oh|please)[\s,.!]+)+(?=\S)", re.IGNORECASE)
_PLEASE = re.compile(r"[\s,]+(?:please|pls|plz)$", re.IGNORECASE)
_ASIDE = re.compile(r"(?<=[.!?])\s+(?:i|sorry|just)\b[^?]*$", re.IGNORECASE)  # said after a request, asks nothing
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
        rf"(?:piece|story|(?!result){_THING}))\b(?!s)(?! (?:about|on|by|from|for|that|which|who|where)\b(?!\W*$))",
    ),
    re.IGNORECASE,
)
_ONE = re.compile(rf"\b(the {_ORDINAL}) one\b", re.IGNORECASE)
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
    r"|author|headline|reliable|credible|trustworthy|old|recent|biased|accurate|available|online|properly|text|document|word)(?:s|es|d|ed)?",
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
STEP = re.compile(  # asks to see a quote that was shown, or where it stands, and nothing else
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
        r"who (?:wrote|published|reported) (?:that|this)"
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
_IN_SOURCE = re.compile(rf"(?<=\w) (?:in|by) (?:the|this|that) {_THING}\W*$", re.IGNORECASE)


def asked_of_source(question: str) -> str:
    """What a question that points at a source wants to know of it; "" where it asks for the source itself.

    >>> asked_of_source("Who is mentioned in the article?")
    'Who is mentioned'
    >>> asked_of_source("What does the second source say about tax?"), asked_of_source("Who wrote the article?")
    ('tax?', '')
    """
    if aside := _IN_SOURCE.search(question):
        return question[: aside.start()]
    match = _ASKED_OF.search(question)
    return match["subject"] if match and len(match["subject"].strip(EDGES)) > 2 else ""


def without_courtesies(question: str) -> str:
    """Without a greeting before it, "please" on either side, and marks at its ends."""
    return _PLEASE.sub("", _GREETING.sub("", question.strip(EDGES))).strip(EDGES)


def reference(question: str, *, listed: bool = False) -> tuple[int | None, bool]:
    """(which quote is meant, whether nothing else is asked). ``listed``: sources were listed, so "the second one" is
    one of them.

    Ranks count from 1; -1 is the last, 0 the next, -2 the previous one, -3 the one that is looked at; None: no
    reference.

    >>> reference("[2]"), reference("What does the second source say about tax?")
    ((2, True), (2, False))
    >>> reference("Who wrote the article?"), reference("Who wrote the article about tax?")
    ((-3, False), (None, False))
    """
    text = without_courtesies(_ASIDE.sub("", question))
    text = _ONE.sub(r"\1 source", text) if listed else text
    if asks_who(text):
        return _ORDINALS["this"], True
    if bare := STEP.fullmatch(text):
        said = next((said for said in bare.groupdict().values() if said), "this")
        return int(said) if said.isdecimal() else _ORDINALS.get(said.casefold(), 0), True
    if _FROM.fullmatch(text):
        return _ORDINALS["this"], False
    match = next((found for found in _POINTED_AT.finditer(text) if _is_whole(found, text[found.end() :])), None)
    if match is None:
        return None, False
    said = match["bracket"] or match["hash"] or match["number"] or match["ordinal"] or "this"
    rank = int(said) if said.isdecimal() else _ORDINALS[said.casefold()]
    rest = text[: match.start()] + " " + text[match.end() :]
    said_beside = {word.partition("'")[0] for word in folded_words(rest)}  # "who" of "who's"
    asked = {"did", "does", "do", *(QUESTION_WORDS if match["this"] else ())} & said_beside
    alone = not asked and not (stems(rest) - _HANDLING)
    counted = match["hash"] or said.casefold() in _COUNTS and match["ordinal"]
    return (None, False) if counted and not alone and not _ASKED_OF.search(text) else (rank, alone)


def _is_whole(match: re.Match[str], after: str) -> bool:
    """Whether what stands behind "the source", "[2]" or "quote 2" leaves it a quote that was shown."""
    if match["bracket"] or match["hash"]:
        return True
    if (match["this"] or "").casefold().endswith(("story", "piece")):  # seldom a source: "who broke the story?"
        rest = match.string[: match.start()] + after
        told = (rest[start:end] for start, end in content(rest))
        return all(fold(said) in _HANDLING or _OF_SOURCES.fullmatch(said) for said in told)
    word = re.match(r"\s+([\w'’]+)(\W*$)?", after)
    subject = len(match.string[: match.start()].split()) == 1 and is_yes_no(match.string)
    if word and word[2] is not None and subject:  # "is the source official?"
        return True
    return not _OF_ANOTHER.match(after) and (
        word is None or not is_content(word[1]) or _OF_SOURCES.fullmatch(word[1]) is not None
    )
