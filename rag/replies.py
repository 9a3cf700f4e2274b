"""Questions that a source itself asks, and what replies to them: interviews, minutes, questions that are reported; and
reasons, which reply to "why"; the clause with a number that a sentence is in; what replies to nothing."""

from __future__ import annotations

import re
from collections.abc import Sequence

from rag.lexicon import WHO, stems
from rag.text import MONTHS, Range, sentences
from rag.types import Span

_WHAT = r"(?:why|how|whether|if|what|who|when|where|which)\b"
_INDIRECT = re.compile(  # a question that the source reports
    rf"\b(?:asked|wondered|wanted to know|inquired|enquired)(?:\s\w+){{0,2}}\s{_WHAT}"
    rf".*?(?=[,;]\s(?!(?:and\s|or\s)?{_WHAT})"
    r"|\s(?:and|but)\s(?:(?:he|she|they|it)\s)?(?:said|says|replied|answered|told|explained|added)\b|$)",
    re.DOTALL | re.IGNORECASE,
)
_WHY = re.compile(r"\W*(?:why|for what reasons?|on what grounds?)\b", re.IGNORECASE)
_REASON = re.compile(r"\b(?:because|due to|owing to|by reason of|on the grounds?|the reason)\b", re.IGNORECASE)
_TURN = 3  # sentences of a reply in which its speaker is looked for
_CLAUSE = re.compile(
    r"(?:\(?\d{1,3}[.)]|\d{1,2}(?:\.\d{1,2})+\.?|\([a-z]{1,4}\)|[a-z]\))\s+[A-Z]"
)  # "2.1 The rent is ..."
_WHOLE = 350  # characters of a clause that is quoted whole, at most
SPEAKER = re.compile(r"(?<![^\n])[A-Z][\w.'’-]*(?: [A-Z][\w.'’-]*){0,3}: (?=\S)")  # "Ann Roe: No."

_NAMED = r"[A-Z][\w.'’-]*(?: [A-Z][\w.'’-]*){1,3}"
_BYLINE = re.compile(
    rf"(?i:(?:written |reported |text |words )?by) {_NAMED}(?:(?:,| and|, and) {_NAMED}){{0,3}}(?:, [^.]{{3,40}})?\.?"
)
_AUTHOR = re.compile(
    r"\b(?:w[ro]+te|written|writes?|writer|authors?|by whom|by-?line|reporter|journalist|reported by)\b", re.I
)
_TEXT = (
    r"(?:note|paper|article|report|guide|manual|document|section|chapter|page|study|review|appendix|leaflet|brochure)"
)
_INTRODUCES = re.compile(
    rf"(?:[^.]{{0,40}}\. )?(?:in )?(?:this|the (?:present|following)) {_TEXT},? (?:(?:we|first|briefly|also) )*"
    r"(?:describes?|explains?|covers?|outlines?|summari[sz]es?|sets? out|presents?|reviews?|discuss(?:es)?|looks? at"
    r"|deals? with)\b[^.]*\.",
    re.IGNORECASE,
)
_OF_TEXT = re.compile(rf"\b{_TEXT}s?\b", re.IGNORECASE)

_CLOSING = " .;:!?”\"’'"
_SPAN = r"(?:second|minute|hour|day|week|month|year|decade)s?"
_HOW_MANY = r"(?:\d[\d.,]*|half an?|an?|one|two|three|four|five|six|seven|eight|nine|ten|eleven|twelve)"
_BESIDE = tuple(  # what is asked of a quote that was shown besides why, and the words that say it
    (re.compile(rf"\W*(?:and )?{asked}\b", re.IGNORECASE), re.compile(rf"\b(?:{said})", re.IGNORECASE))
    for asked, said in (
        ("(?:since|from) when", rf"(?:since|from|in) (?:\d{{1,2}} )?(?:(?:{MONTHS}) )?(?:19|20)\d\d\b"),
        (
            "how often",
            rf"every (?:other |second |{_HOW_MANY} )?{_SPAN}\b|(?:once|twice|\w+ times) (?:an?|per|every) {_SPAN}\b"
            r"|(?:daily|weekly|monthly|quarterly|annually|yearly)\b",
        ),
        ("(?:for )?how long", rf"(?:for|period of|trial of|term of) (?:up to |about |at least )?{_HOW_MANY} {_SPAN}\b"),
    )
)


def says_nothing(question: str, quote: str) -> bool:
    """Whether the quote only names its author, or tells what its text is about, where neither is asked for, nor who
    somebody is who is named so.

    >>> says_nothing("Who stole the glass?", "By Tobias Renn."), says_nothing("Who wrote it?", "By Tobias Renn.")
    (True, False)
    >>> says_nothing("Who is Tobias Renn?", "By Tobias Renn, Editor"), says_nothing("How?", "This note explains how.")
    (False, True)
    >>> says_nothing("How many were reviewed?", "This study reviews 45 trials."), says_nothing("How?", "By Land Rover.")
    (False, False)
    """
    byline = _BYLINE.fullmatch(quote) and WHO.match(question) and not _AUTHOR.search(question)
    introduces = _INTRODUCES.fullmatch(quote) and not re.search(r"\d", quote) and not _OF_TEXT.search(question)
    return bool((byline and not stems(question) & stems(quote)) or introduces)


def gives_reason(question: str, text: str, read: Sequence[Span], first: int, last: int, *, bare: bool = False) -> bool:
    """Whether a reason is asked for, and from ``first`` on the sentence behind ``last`` is the first that gives one;
    where no words are marked (``bare``) any sentence may that goes on in the paragraph."""
    if not _WHY.match(question) or last + 1 == len(read):
        return False
    found = [_REASON.search(text, sentence.start, sentence.end) for sentence in read[first : last + 2]]
    goes_on = bare and "\n" not in text[read[last].end : read[last + 1].start]
    return (bool(found[-1]) or goes_on) and not any(found[:-1])


def says_beside(question: str, quote: str) -> Range | None:
    """Where (code points of ``quote``) it says besides why, up to the end of the sentence, since when, how often or how
    long, if it does so once; None for other questions.

    >>> quote = "It is cleaned every three months, because lime settles."
    >>> [quote[slice(*says_beside(asked, quote))] for asked in ("how often?", "why?")]
    ['every three months', 'because lime settles']
    """
    if _WHY.match(question):
        reasons = [match.start() for match in _REASON.finditer(quote)]
        ends = [end for start, end in sentences(quote) if reasons and start <= reasons[0] < end]
        return (reasons[0], len(quote[: ends[0]].rstrip(_CLOSING))) if len(reasons) == 1 and ends else None
    for asked, said in _BESIDE:
        if asked.match(question):
            found = [match.span() for match in said.finditer(quote)]
            return found[0] if len(found) == 1 else None
    return None


def reply(text: str, read: Sequence[Span], first: int, last: int) -> tuple[int, ...]:
    """The sentence up to which a quote may go on that asks something from ``first`` to ``last``: to the end of the
    reply in a conversation, else and at least to the next sentence, or the next speaker's; () where nothing is asked.
    """
    after = range(last + 1, min(last + 1 + _TURN, len(read)))
    asks = [number for number in range(first, last + 1) if is_question(text, read[number])]
    begins = None
    if not asks and (asked := _asked_on(text, read, last)) is not None:
        begins = asked + 1
    elif asks and asks[-1] == last and after:
        begins = last + 1
    elif asks and _turn_of(text, read, asks[-1]) is not None:
        if any(SPEAKER.match(text, read[number].start) for number in range(asks[-1] + 1, last + 1)):
            return (_turn_end(text, read, last),)
        begins = next((number for number in after if SPEAKER.match(text, read[number].start)), None)
    if begins is None:
        return ()
    return (_turn_end(text, read, begins), begins) if SPEAKER.match(text, read[begins].start) else (begins,)


def _asked_on(text: str, read: Sequence[Span], last: int) -> int | None:
    """The question with which the turn of the speaker of ``last`` ends, where the next one replies to it."""
    after = range(last + 1, min(last + _TURN, len(read) - 1))
    if _turn_of(text, read, last) is None:
        return None
    asked = next((n for n in after if is_question(text, read[n]) or SPEAKER.match(text, read[n].start)), None)
    if asked is None or SPEAKER.match(text, read[asked].start) or not SPEAKER.match(text, read[asked + 1].start):
        return None
    return asked


def question_before(text: str, read: Sequence[Span], first: int) -> tuple[int, ...]:
    """Where a quote from sentence ``first`` on may begin if that is in the reply of a speaker: with what the other one
    says, with the question, or at least with who speaks; or below a question on a line of its own: with that; ()
    elsewhere."""
    turn = _turn_of(text, read, first)
    asker = _turn_of(text, read, turn - 1) if turn and is_question(text, read[turn - 1]) else None
    if turn and asker is not None:
        return asker, turn - 1, turn
    begins = _line_begins(text, read, first)
    names = {label[0] for label in SPEAKER.finditer(text) if len(label[0]) > len("A: ")}
    if turn == begins and len(names) > 1:
        return (begins,)
    above = begins - 1
    alone = above >= 0 and _line_begins(text, read, above) == above and text[read[above].end - 1] == "?"
    return (above,) if alone else ()


def whole_clause(text: str, read: Sequence[Span], first: int, last: int) -> Range:
    """The sentences with all of the clause with a number that they are in, if that is short."""
    begin, end = _line_begins(text, read, first), last
    while end + 1 < len(read) and "\n" not in text[read[end].end : read[end + 1].start]:
        end += 1
    short = read[end].end - read[begin].start <= _WHOLE
    one = "\n" not in text[read[first].start : read[last].end]
    return (begin, end) if one and short and _CLAUSE.match(text, read[begin].start) else (first, last)


def _line_begins(text: str, read: Sequence[Span], number: int) -> int:
    """The first sentence of the lines that this one goes on, if that is near."""
    near = range(number, max(number - _TURN, 0), -1)
    return next((n for n in near if "\n" in text[read[n - 1].end : read[n].start]), near[-1] - 1 if near else number)


def _turn_of(text: str, read: Sequence[Span], number: int) -> int | None:
    """Where the turn of the speaker begins whose sentence this is, if that is near."""
    near = range(number, max(number - _TURN, -1), -1)
    return next((each for each in near if SPEAKER.match(text, read[each].start)), None)


def _turn_end(text: str, read: Sequence[Span], number: int) -> int:
    """The last sentence of the same speaker in the same paragraph."""
    for after in range(number + 1, len(read)):
        if SPEAKER.match(text, read[after].start) or "\n\n" in text[read[after - 1].end : read[after].start]:
            return after - 1
    return len(read) - 1


def is_question(text: str, sentence: Span) -> bool:
    """Whether a sentence ends with what it asks."""
    asked = asked_in(text, sentence)
    return asked is not None and asked[1] == sentence.end


def asked_in(text: str, sentence: Span) -> Range | None:
    """The question that is put to somebody in the source; what follows it is the reply.

    >>> said = "Asked why it had closed, the CEO named the costs."
    >>> said[slice(*asked_in(said, Span(0, len(said), 1.0)))]
    'Asked why it had closed'
    """
    if text[sentence.start : sentence.end].rstrip("\"”’')] \n").endswith("?"):
        return sentence.start, sentence.end
    found = _INDIRECT.search(text, sentence.start, sentence.end)
    return found.span() if found else None
