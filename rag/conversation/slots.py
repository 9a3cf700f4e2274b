"""Putting one thing in the place of another: a year exchanged, or a name, a noun, a superlative."""

from __future__ import annotations

import re
from collections.abc import Sequence

from rag.conversation.anew import DOES, WITH
from rag.conversation.cues import bare
from rag.conversation.focus import BODY, Phrase, nouns
from rag.conversation.measures import is_measure, of_a_kind, of_another, placed, remeasured
from rag.conversation.pointers import AGENTS, MOVE, NOW, asks_for_person, leans, pronoun
from rag.conversation.referents import PERSON, filled
from rag.conversation.times import DATE, PART, dated, ended, last_span, moved
from rag.lexicon import GENERIC, PREPOSITIONS, content, is_place, names, stem, stems
from rag.text import fold, last_word, words

_EXTREME = r"(?:most|least)(?: expensive| recent)?|(?:high|low|large|bigg|small|new|old|lat|long|short|tall|cheap)e?st"
_ORDINAL = re.compile(
    rf"\b(?:first|second|third|fourth|fifth|sixth|last|1st|2nd|3rd|[4-9]th|{_EXTREME}|fewest|best|worst|earliest)\b"
    r"|(?<=phase )(?:\d+|one|two|three|four)\b", re.IGNORECASE,
)  # fmt: skip
_LEADING = re.compile(rf"^\s*(as of|until|{PREPOSITIONS})\s+", re.IGNORECASE)
_GOVERNED = re.compile(rf"\b(?:{PREPOSITIONS}|against|between)\s+(?:the\s+)?$", re.IGNORECASE)
_ARTICLE = re.compile(r"\b(?:the|an?) ", re.IGNORECASE)
_SUBJECT_NEXT = re.compile(  # "did the ...", "why was the ...", but not "what is the ..."
    r"\b(?:do|does|did|will|would|can|could|should|has|have|had) $"
    r"|^\W*(?:(?:and|but|so) )?(?:(?:when|where|why|how) )?(?:is|are|was|were) $",
    re.IGNORECASE,
)
_BETWEEN_NAMES = re.compile(r"(?:\W|\b(?:and|or|of|the|s)\b)*")
_VERB_TO_COME = re.compile(r"\b(?:do|does|did|will|would|can|could|should)\s+(?:(?:the|an?)\s+)?\w+\s*$", re.IGNORECASE)
_MODEL = re.compile(r" \d{1,3}\b(?![.,%–-]?\d)(?! (?:percent|[mb]illion|years?|months?|days?|times?)\b)")
_NUMBER = r"(?:\d{1,3}|one|two|three|four|five|six|seven|eight|nine|ten)"
_DOER = re.compile(  # "how much did tsmc spend in arizona?"
    rf"(?:\w+ ){{1,3}}?{DOES} (?:the |an? )?(?P<who>[^\W\d]+(?: \d{{1,3}})?)"
    rf" (?:\w+(?: {WITH}\b.*)?|{WITH}\b.*)\W*",
    re.IGNORECASE,
)
_OFFICE = re.compile(  # "the treasurer", "Leeds' head coach"
    rf"(?:the|\S+['’]s?) (?:[\w-]+ ){{0,2}}(?:{PERSON.pattern}|c[efot]o|chair|coach|captain|treasurer|clerk)",
    re.IGNORECASE,
)
_THING = re.compile(rf"the (?!{_EXTREME}|first|last|other|same)[a-z-]+(?: [a-z-]+){{0,2}}")
_BESIDE = frozenset(("with", "without", "on", "during", "under"))  # prepositions of what may be added to a question
_OF_IT = re.compile(  # what something has, is no such thing itself
    r"(?<!s)s$|\b(?:fee|address|recipe|reason|owner|history|result|name|author|date|time|colour|color|maker|builder"
    r"|architect|rest)$"
)
_ONE = re.compile(r"the (?P<kind>[^\W\d][\w-]*) ones?", re.IGNORECASE)
_ALLOWED = re.compile(
    r"\W*(?P<be>is|are) (?!(?:it|he|she|this|that|they|there)\b)"
    r"(?P<what>(?:the |an? )?[\w-]+(?: [\w-]+)?) (?:allowed|permitted|forbidden|prohibited|possible"
    r"|available|included|covered|provided|required|necessary|free)\b",
    re.IGNORECASE,
)
_SAID_OF = re.compile(
    r"\b(?:say|says|said|think|thinks|write|wrote|tell|told|know|known|announced?)(?: \w+)? (?:about|on)"
    rf" (?:the )?(?P<topic>[^?]+?)(?: (?:in|during|for) (?:the )?(?:{DATE.pattern}))?[\s?.!]*$",
    re.IGNORECASE,
)
_QUALITY = re.compile(r".+(?:tion|ment|ity|ance|ence|ing|age|ship|cy)s?|.*(?:price|cost|use|demand|sale|revenue)s?")
_MEASURES = frozenset("total detail general percent dollar euro yen practice comparison".split())


def instead_of(wrong: str, slot: str, before: str) -> str | None:
    """``before`` with the slot in the place of what was ``wrong`` in it; None where that is not in it.

    >>> instead_of("the CEO", "the CFO", "Who is the CEO of Intel?")
    'Who is the CFO of Intel?'
    """
    said = re.compile(rf"\b{re.escape(bare(wrong))}\b", re.IGNORECASE)
    span = last_span(before, said) if bare(wrong) else None
    return before[: span[0]] + bare(slot) + before[span[1] :] if span else None


def refilled(typed: str, slot: str, meant: str = "") -> str | None:
    """``typed`` with the name that the slot is for its pronoun, or the thing where that ``meant`` a thing; None where
    there is no pronoun, or no such name.

    >>> refilled("When was it built?", "the Varde Bridge"), refilled("When was it built?", "in Germany")
    ('When was the Varde Bridge built?', None)
    >>> refilled("How long will it keep?", "the plum jam", "seed cake"), refilled("How old is it?", "the jam", "Ajax")
    ('How long will the plum jam keep?', None)
    """
    name, span = slot.rstrip(" .!?"), pronoun(typed)
    if span and meant.islower() and fold(typed[slice(*span)]) == "it" and _THING.fullmatch(name):
        alike = not (is_measure(name) or leans(name) or _OF_IT.search(name) or _OFFICE.fullmatch(name))
        return filled(typed, span, name) if alike else None
    named = _names_only(re.sub(r"^the ", "", name)) and not re.search(r"\d", name)
    named = named or (asks_for_person(typed) and _OFFICE.fullmatch(name) is not None)
    return filled(typed, span, name) if span and named and not leans(name) else None


def exchanged(before: str, slot: str, put: str = "") -> str | None:
    """``before`` with the thing of the slot's kind replaced: a date, an ordinal, a phrase that shares a word, a name.

    Else ``put`` is replaced, what the turn before put in. None if there is no such thing.

    >>> exchanged("How many chips were sold in 2021?", "in 2019")
    'How many chips were sold in 2019?'
    >>> exchanged("Which wavelength does a krypton fluoride laser have?", "argon fluoride")
    'Which wavelength does a argon fluoride laser have?'
    """
    if move := MOVE.fullmatch(slot):
        return moved(before, move)
    leading = _LEADING.match(slot)
    preposition = leading[1].lower() if leading else ""
    new = bare(slot[leading.end() :] if leading else slot)
    numbered = _numbered(before, new)
    part = PART.fullmatch(new) and fold(new) not in fold(before)  # its stems may be those of another one
    if stems(new) <= stems(before) and not NOW.fullmatch(new) and not numbered and not part:
        return None
    if NOW.fullmatch(new) or (DATE.search(new) and not stems(DATE.sub(" ", new))):
        return dated(before, new, preposition)
    span = numbered or (last_span(before, _ORDINAL) if _ORDINAL.fullmatch(new) else _sharing(before, new))
    found = _named(before)
    if span is None and (query := _of_its_kind(before, slot, new, preposition)):
        return query
    if span is None and _names_only(new) and found:
        behind = [(start, end) for start, end in found if preposition and _governor(before[:start]) == preposition]
        if preposition not in ("", "of", "for", "by") and not behind:
            return ended(before, slot)
        alike = [span for span in found if is_place(before[slice(*span)]) == is_place(new)]
        span = _tail(before, (behind or alike or found)[-1], new)
    if span is None and len(content(new)) == len(words(new)):
        span = (
            _governed(before, preposition, new)
            if preposition
            else _put(before, put, new) or _thing(before, slot, new) or _subject(before, new)
        )
    if span and (owner := _owner(before[slice(*span)], new)):
        span, new = (span[0], span[0] + len(owner)), re.sub(r"['’]s$", "", new)
    return before[: span[0]] + new + before[span[1] :] if span else _added(before, slot, preposition)


def _added(before: str, slot: str, preposition: str) -> str | None:
    """ "On the original line" behind the question before."""
    thing = _ARTICLE.match(slot[len(preposition) :].lstrip())
    return ended(before, slot) if thing and preposition in _BESIDE else None


def _of_its_kind(before: str, slot: str, new: str, preposition: str) -> str | None:
    """Another owner, another thing that something is said of, another measure, or the same one in a place."""
    somewhere = is_place(new) and not any(is_place(before[slice(*span)]) for span in _named(before))
    told = None if preposition or (_names_only(new) and not somewhere) else _SAID_OF.search(before)
    if query := _one(before, slot) or _allowed(before, slot) or of_another(before, slot[len(preposition) :].lstrip()):
        return query
    if not preposition and (query := of_a_kind(before, new)):
        return query
    if told and names(before):
        return before[: told.start("topic")] + re.sub(r"^about (?:the )?", "", new) + before[told.end("topic") :]
    return None if preposition else placed(before, new) if somewhere else remeasured(before, new)


def _one(before: str, slot: str) -> str | None:
    """ "The digital one" for the only thing that the question before describes ("the paper card"), or that it names."""
    match, found = _ONE.fullmatch(slot), [span for span in nouns(before) if not names(f"x {before[slice(*span)]}")]
    described = [(start, end) for start, end in found if " " in before[start:end]] or found
    if not match or len(described) != 1 or not stems(match["kind"]) - GENERIC or _ORDINAL.match(match["kind"]):
        return None
    start, end = described[0]
    return before[:start] + f"{match['kind']} {last_word(before[start:end])}" + before[end:]


def _allowed(before: str, slot: str) -> str | None:
    """Something else that may be allowed: "are dogs allowed there?" for "dogs" after "is swimming allowed there?"."""
    match, new = _ALLOWED.match(before), slot.rstrip(" .!?")
    bare_noun = _ARTICLE.sub("", new, count=1)
    if match is None or len(content(bare_noun)) != len(words(bare_noun)) or names(f"x {match['what']} {new}"):
        return None
    be = "are" if new.endswith("s") else "is"
    return f"{before[: match.start('be')]}{be} {new}{before[match.end('what') :]}"


def _numbered(before: str, new: str) -> tuple[int, int] | None:
    """The same thing with another number: "phase three" for "phase two"."""
    match = re.fullmatch(rf"([^\W\d]{{2,}}) {_NUMBER}", new, re.IGNORECASE)
    return last_span(before, re.compile(rf"\b{match[1]} {_NUMBER}\b", re.IGNORECASE)) if match else None


_WHO = re.compile(r"\W*who(?:m|se)?\b", re.IGNORECASE)  # "and the landlord?" may be another one who pays


def _thing(before: str, slot: str, new: str) -> tuple[int, int] | None:
    """The only common noun with an article and no preposition, for another: "the frother" in "can I put the frother in
    the dishwasher?" for "the jug"."""
    if not _ARTICLE.match(slot) or names(f"x {new}") or _ORDINAL.fullmatch(new) or _WHO.match(before):
        return None
    found = []
    for article in _ARTICLE.finditer(before):
        start, end = article.end(), _noun_end(before, article.end())
        if _SUBJECT_NEXT.search(before[: article.start()]):  # a verb is the last word
            end = max(start, before.rfind(" ", start, end))
        if end > start and not _governor(before[: article.start()]) and not names(f"x {before[start:end]}"):
            found.append((start, end))
    alike = len(found) == 1 and is_measure(before[slice(*found[0])]) == is_measure(new)
    return found[0] if alike else None


def _subject(before: str, new: str) -> tuple[int, int] | None:
    """The one common noun that does or is something, for another: "gallium" in "where does gallium come from?".

    Names may be such nouns too where none is capitalised. A quality ("use", "production") gives way to another only.
    """
    match = _DOER.match(before)
    if match is None or names(before) or not re.fullmatch(r"[^\W\d]+(?: \d{1,3})?", new):
        return None
    old = match["who"]
    alike = (_QUALITY.fullmatch(new) is None) == (_QUALITY.fullmatch(old) is None)
    alike = alike and (stem(new) in AGENTS) == (stem(old) in AGENTS) and is_measure(new) == is_measure(old)
    return match.span("who") if alike and stems(old) and not (stems(new) | stems(old)) & GENERIC else None


def _owner(old: str, new: str) -> str:
    """Who alone is exchanged: "Samsung" of "Samsung's CHIPS Act", but nobody for "AMD's Lisa Su" or another act."""
    match = re.match(r".+?(?=['’]s(?: |$))", old)
    return match[0] if match and not re.search(r"['’]s ", new) and not stems(old) & stems(new) else ""


def _names_only(new: str) -> bool:
    """Whether the slot is names and nothing else: "Intel and Samsung", but not "Compared to Intel"."""
    text, named = f"x {new}", names(f"x {new}")
    gaps = zip([1, *(end for _, end in named)], [*(start for start, _ in named), len(text)], strict=True)
    return bool(named) and all(_BETWEEN_NAMES.fullmatch(text[start:end]) for start, end in gaps)


def _governed(before: str, preposition: str, new: str) -> tuple[int, int] | None:
    """The common noun behind the only such preposition: "imports" of "the tax on imports" for "on exports"."""
    found = list(re.finditer(rf"\b{preposition}\s+(?:(?:the|an?)\s+)?", before, re.IGNORECASE))
    if len(found) != 1 or _VERB_TO_COME.search(before[: found[0].start()]):
        return None
    start, end = found[0].end(), _noun_end(before, found[0].end())
    old = before[start:end]
    common = not names(f"x {old}") and not names(f"x {new}") and not re.search(r"\d", old)
    return (start, end) if old and common and (stems(old) <= _MEASURES) == (stems(new) <= _MEASURES) else None


def _noun_end(text: str, start: int) -> int:
    """Where the run of content words ends that begins at ``start``; there, if none does."""
    end = start
    for low, high in content(text):
        end = high if low >= start and text[end:low] in ("", " ", "-") else end
    return end


def _put(before: str, put: str, new: str) -> tuple[int, int] | None:
    """Where the common noun stands that the turn before put in."""
    at = before.rfind(put) if put and not names(f"x {put}") and not re.search(r"\d", put) else -1
    fits = at >= 0 and len(words(new)) <= len(words(put)) and not _governor(before[:at])
    fits = fits and is_measure(new) == is_measure(put)
    return (at, at + len(put)) if fits else None


def _named(text: str) -> list[tuple[int, int]]:
    """The names of ``text`` that are no dates, a number behind them included: "Lumen 5"."""
    found = [(start, end) for start, end in names(text) if not DATE.search(text[start:end])]
    return [(start, match.end() if (match := _MODEL.match(text, end)) else end) for start, end in found]


def _governor(text: str) -> str:
    """The preposition at the end of ``text``, an article behind it or not; "" if there is none."""
    match = _GOVERNED.search(text)
    return match[0].split()[0].lower() if match else ""


def _tail(text: str, span: tuple[int, int], new: str) -> tuple[int, int]:
    """What of a name is exchanged: "Intel" of "the CEO of Intel", but all of "the Bank of England" for another bank."""
    head, joined, rest = text[slice(*span)].rpartition(" of ")
    within = joined and text[: span[0]].lower().endswith("the ") and " of " not in new and not stems(head) & stems(new)
    within = within and (is_place(new) or not BODY.search(head))
    return (span[1] - len(rest), span[1]) if within else span


def _sharing(before: str, new: str) -> tuple[int, int] | None:
    """Words of ``before`` that end like ``new``: "krypton fluoride" for "argon fluoride"."""
    spans = words(new)
    if len(spans) < 2:
        return None
    last = stem(new[slice(*spans[-1])])
    for start, end in nouns(before):
        inside = [(start + a, start + b) for a, b in words(before[start:end])]
        for position, (a, b) in enumerate(inside):
            if stem(before[a:b]) == last and position > 0:
                return inside[max(0, position - len(spans) + 1)][0], b
    return None


def appended(text: str, phrases: Sequence[Phrase]) -> str:
    """The question and behind it the phrases that bring something new."""
    have = stems(text)
    extra = []
    for phrase in phrases:
        keys = stems(phrase.text)
        if not keys or not keys <= have:
            extra.append(phrase.text)
            have |= keys
    return " ".join((text, *extra))
