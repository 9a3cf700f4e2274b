"""From a question in a conversation to the query that is searched. Pure: no model, no index, no clock."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace

from rag.conversation import cues, pointers, references, talk
from rag.conversation.anew import WHY, asked_anew, asks_price, wants_more, why
from rag.conversation.before import asked_before, asked_earlier, exchanged_in, filled_again, meant_by, told, was_shown
from rag.conversation.filters import NOTHING, Known, from_words, in_words, shown_too
from rag.conversation.focus import SHOWN, THIS, Phrase, completed, focus, joined, with_article
from rag.conversation.measures import is_measure, measure, of_another, remeasured
from rag.conversation.pointers import MOVE
from rag.conversation.referents import filled, fits, just_said, meant_again, referent, slot_meant, standing
from rag.conversation.slots import appended, exchanged, instead_of
from rag.conversation.times import DATE, compared, ended, last_date
from rag.conversation.topics import TermScorer, asks_what_it_is, brings_a_name, is_left_open, needed, says_it_all
from rag.lexicon import OPENING, PRONOUNS, careful, content, names, stems
from rag.text import folded_words
from rag.types import Carried, Filters, Quote, Resolution, ResolutionKind, Turn

_SAYS_HOW = re.compile(
    r"\b(?:why|how|when|where|who(?:m|se)?|examples?|such as|instance|what (?:else|next|then|happened|grounds|basis)"
    r"|(?:based on|due to|compared (?:to|with)|opposed to) what)\b",
    re.IGNORECASE,
)
_WHO_IS = re.compile(rf"{OPENING}who(?: is|['’]s| was) (?:that|this)", re.IGNORECASE)
_THAT = re.compile(r".*\b(?:that|this)\W*|\W*(?:is|was) (?:that|this)\b.*", re.IGNORECASE)
_GOES_ON = "This goes on with the question before."
_SURE = 0.75  # a short question that names something new carries only words of questions that score this


def resolve(
    question: str, turns: Sequence[Turn], *, terms: TermScorer | None = None, sources: Known = NOTHING
) -> Resolution:
    """What to search for when ``question`` is asked after ``turns`` (oldest first), why, and what else to try.

    ``terms`` scores the words of the history (default: rules). ``sources`` is what the library holds:
    titles and publishers that the question may name. "Ignore the above" and the like are ordinary words.

    >>> resolve("Who runs ASML?", ()).kind
    'standalone'
    """
    question = careful(question.strip())
    if talk.is_command(question, begun=bool(turns)):
        return Resolution("command", question, "This is said to the program: nothing is searched.")
    if (pointed := _referred(question, turns)) is not None:
        return pointed
    searched = told(turns)
    held = shown_too(sources, [quote for turn in turns for quote in turn.answer.quotes])
    filters, text = from_words(question, held, before=asked_before(searched)[0] if searched else "")
    resolution = _in_context(text, turns, terms) if turns else _plain(text)
    alternatives = tuple(dict.fromkeys((*resolution.alternatives, text, question)))
    return replace(resolution, filters=filters, alternatives=alternatives, reason=resolution.reason + _said(filters))


def candidates(resolution: Resolution) -> tuple[str, ...]:
    """The queries to retrieve, best guess first, none twice; empty where nothing is searched.

    "Why?" alone finds nothing: of a continuation the question as typed is left out.
    """
    if resolution.kind in ("reference", "command"):
        return resolution.alternatives
    queries = (resolution.query, *resolution.alternatives)[: 2 if resolution.kind == "continuation" else None]
    return tuple(query for query in dict.fromkeys(queries) if query.strip())


def confined(resolution: Resolution, filters: Filters) -> Resolution:
    """The same search within other filters than those its words asked for; the reason says so."""
    reason = resolution.reason.removesuffix(_said(resolution.filters)) + _said(filters)
    return replace(resolution, filters=filters, reason=reason)


def _in_context(text: str, turns: Sequence[Turn], terms: TermScorer | None) -> Resolution:
    typed, text = text, cues.without_lead(text)
    searched = told(turns)
    if back := cues.returning(text):
        return _returned(*back)
    rest = cues.shifted(text)
    if not searched or (rest is not None and not pointers.points_back(rest)):
        return _plain(rest or text)
    if (meant := cues.correction(typed)) is not None:
        return _corrected(meant, cues.mistaken(text), searched, terms)
    if than := compared(text):
        return _compared(than, searched)
    asked = pointers.asks(asked_before(searched)[0])
    if cues.is_continuation(text) or not (asked or stems(text) or pointers.leans(text)):
        return _continued(text, searched, terms)
    if (aside := cues.dislocated(text)) and not _asks_the_same(aside[1], asked_before(searched)[0]):
        return _aside(*aside, text, searched, terms)
    if (slot := cues.changed_slot(text)) is not None:
        return _changed(slot, text, searched, terms)
    return _followed(text, searched, terms)


def _plain(text: str) -> Resolution:
    return Resolution("standalone", text, "The question is searched as it was asked.")


def shown(turns: Sequence[Turn]) -> tuple[Quote, ...]:
    """The quotes that were found last: what "[2]" and "the next one" count, also after one of them was looked at."""
    found = (turn.answer.quotes for turn in reversed(turns) if not was_shown(turn))
    return next((quotes for quotes in found if quotes), ())


def goes_on(resolution: Resolution, turns: Sequence[Turn]) -> str:
    """The id of the document that was quoted first, where the question leans on what was said; else ""."""
    leans = resolution.kind in ("filled", "carried", "changed", "continuation", "correction")
    quotes = shown(turns) if leans else ()
    return quotes[0].document_id if quotes else ""


def _referred(question: str, turns: Sequence[Turn]) -> Resolution | None:
    """A reference to a shown quote. What its source says of something is searched for there."""
    rank, alone = references.reference(question, listed=bool(turns) and turns[-1].answer.listed)
    quotes = shown(turns)
    if rank is None or (not quotes and not alone):
        return None
    at = next((turn.resolution.quote_rank for turn in turns[-1:] if was_shown(turn)), None) or 1
    place = {0: min(at + 1, len(quotes)), -2: max(at - 1, 1), -1: len(quotes), -3: at}.get(rank, rank)
    if not 1 <= place <= len(quotes):
        reason = f"There is no quote [{place}]." if quotes else "No quote has been shown yet."
        return Resolution("reference", question, reason) if alone else None
    meant = Resolution("reference", question, f"This is about quote [{place}].", quote_rank=place)
    asked = "" if alone else references.asked_of_source(question)
    if not asked:
        return meant
    filters = Filters(document_ids=(quotes[place - 1].document_id,))
    return replace(meant, query=asked, alternatives=(asked,), filters=filters)


def _followed(text: str, turns: Sequence[Turn], terms: TermScorer | None) -> Resolution:
    """A question that may lean on what was said: a pronoun is filled, or words are added."""
    points = pointers.points_back(text)
    levels = _levels(text, turns, terms, leaning=points or pointers.leans(text))
    unfinished = pointers.is_unfinished(text)
    carry = next((level for level in levels if level), []) if unfinished else levels[0]
    if not carry:
        return replace(_plain(text), alternatives=tuple(appended(text, level) for level in levels[1:]))
    if _THAT.fullmatch(text) and (measured := measure(asked_before(turns)[0])):
        carry = [Phrase(measured, asked_before(turns)[1]), *carry]
    span, whole = pointers.pronoun(text), joined(carry, turns)
    carry = (standing(text[slice(*span)], whole, turns) if span else []) or whole
    carried = tuple(Carried(phrase.text, phrase.origin) for phrase in carry)
    others = list(dict.fromkeys((appended(text, carry), *(appended(text, level) for level in (whole, *levels)))))
    if span and (found := referent(text[slice(*span)], carry, turns)):
        carried = tuple(sorted(carried, key=lambda each: each.text != found.text))
        name = with_article(found, turns)
        reason = f"“{text[slice(*span)]}” was taken to mean “{name}”."
        query = appended(filled(text, span, name), [phrase for phrase in carry if phrase is not found])
        return Resolution("filled", query, reason, carried, tuple(others))
    kind: ResolutionKind = "filled" if points else "carried"
    reason = "The question leans on what was said before." if points else "The question goes on about the same topic."
    return Resolution(kind, others[0], reason, carried, tuple(others[1:]))


def _levels(text: str, turns: Sequence[Turn], terms: TermScorer | None, *, leaning: bool) -> list[list[Phrase]]:
    """What to carry, then what else to try. A learned scorer decides; a name just found as an answer comes first."""
    span, full = pointers.pronoun(text), completed(text, turns)
    about, word = focus(text, turns), text[slice(*span)] if span else ""
    about = meant_again(word, standing(word, about, turns), turns) if span else about
    if terms is None:
        return [[*full, *(about if leaning or pointers.is_open(text) else [])]]
    unfinished = pointers.is_unfinished(text)
    complete = (says_it_all(text, turns) and not unfinished) or (asks_what_it_is(text, turns) and not full)
    if not leaning and (cues.introduces(text) or complete):
        return [[]]
    levels = [[*full, *level] for level in needed(text, turns, terms)]
    if not leaning and not full and not unfinished and brings_a_name(text, turns):
        return [[phrase for phrase in levels[0] if phrase.score >= _SURE and phrase.origin != SHOWN]]
    if not levels[0] and (is_left_open(text, turns) or (unfinished and not any(levels))):
        levels[0] = about[:1]
    if leaning and about and (not levels[0] or just_said(about[0], turns, word)):
        return [[about[0], *(phrase for phrase in level if phrase.text not in about[0].text)] for level in levels]
    return levels


def _continued(text: str, turns: Sequence[Turn], terms: TermScorer | None) -> Resolution:
    """ "why?": the question before, asked again with this word."""
    before, origin = asked_before(turns)
    if asks_price(text, before):
        return _followed("How much is it?", turns, terms)
    short = turns[-1].answer.short
    if short and _WHO_IS.fullmatch(text.strip(references.EDGES)) and names(f"x {short.text}"):
        reason = f"“{short.text}” was just found."
        return Resolution("filled", f"Who is {short.text}?", reason, (Carried(short.text, f"the answer to {origin}"),))
    says_how = _SAYS_HOW.search(text) or not (pointers.asks(before) or wants_more(text))
    query = f"{before} {text.strip(references.EDGES)}" if says_how else before
    query = (why(before) if WHY.match(text) else asked_anew(before, text)) or query
    return Resolution("continuation", query, _GOES_ON, (Carried(before, origin),), (before,))


def _compared(than: str, turns: Sequence[Turn]) -> Resolution:
    """ "compared with the year before?": sources say both figures in one place, so the later period is asked for."""
    before, origin = asked_before(turns)
    query, reason = ended(before, f"compared with {than}"), f"The question before, compared with “{than}”."
    return Resolution("changed", query, reason, (Carried(before, origin),), (before,))


def _changed(slot: str, text: str, turns: Sequence[Turn], terms: TermScorer | None) -> Resolution:
    """ "and in 2019?": the question before with one thing exchanged; failing that, its topic and the new words."""
    before, origin = asked_before(turns)
    levels = _levels(text, turns, terms, leaning=True)
    said, same = slot, _of_the_same(slot, before, levels[0])
    slot, query = (slot, same) if same else slot_meant(slot, before, levels[0], turns)
    text, put_in = text.replace(said, slot, 1), (Carried(slot, THIS),) if said != slot else ()
    query = query or filled_again(slot, turns) or exchanged(before, slot, exchanged_in(turns))
    if query is None:
        query, before, origin = _further_back(slot, turns) or (None, before, origin)
    alone = meant_by(turns).resolution  # a question that was taken literally names nothing to exchange
    if query is None and alone.kind == "carried" and not alone.carried and names(f"x {cues.bare(slot)}"):
        query = f"{before} {cues.bare(slot)}"
    stays = [Phrase(text, origin) for text in _staying(before, slot)]
    levels = [[*level, *stays] for level in levels]
    others = tuple(appended(text, level) for level in levels)
    if query is not None:
        reason = f"The question before, with “{cues.bare(slot)}” instead."
        return Resolution("changed", query, reason, (Carried(before, origin), *put_in), others)
    carried = (*(Carried(phrase.text, phrase.origin) for phrase in levels[0]), *put_in)
    reason = "The same topic, asked about something else."
    return Resolution("changed", others[0], reason, carried, (*others[1:], f"{before} {slot}"))


def _further_back(slot: str, turns: Sequence[Turn]) -> tuple[str, str, str] | None:
    """The last query of this topic that has such an owner or measure to exchange, with the slot; it, and its origin."""
    for before, origin in asked_earlier(turns):
        if query := of_another(before, slot) or remeasured(before, cues.bare(slot)):
            return query, before, origin
    return None


def _of_the_same(slot: str, before: str, carried: Sequence[Phrase]) -> str | None:
    """ "and its margin?": another measure of what was asked about, unless it is of what was just found."""
    match = re.fullmatch(r"(?:its|their|his|her) (.+)", slot, re.IGNORECASE)
    found = carried and carried[0].origin.startswith("the answer")
    return remeasured(before, match[1]) if match and is_measure(match[1]) and not found else None


def _staying(before: str, slot: str) -> list[str]:
    """What of the question before still holds where the ``slot`` says no other: its measure, its period."""
    dated = DATE.search(slot) or MOVE.search(slot)
    return [said for said in ("" if is_measure(slot) else measure(before), "" if dated else last_date(before)) if said]


def _corrected(meant: str, wrong: str, turns: Sequence[Turn], terms: TermScorer | None) -> Resolution:
    """A full question replaces the one before; a fragment is put into it, for what was ``wrong`` if that was said."""
    meant = cues.without_lead(meant)
    before, origin = asked_before(turns)
    carried: tuple[Carried, ...] = (Carried(before, origin),)
    if not stems(meant):
        return Resolution("correction", before, "The question before is searched again.", carried)
    if pointers.opens_a_question(meant):
        return replace(_followed(meant, turns, terms), kind="correction")
    levels = _levels(meant, turns, terms, leaning=pointers.leans(meant))
    others = tuple(appended(meant, level) for level in levels)
    if pointers.pronoun(meant) or len(content(meant)) <= 3:
        slot = meant.rstrip(" .!?")
        query = filled_again(slot, turns) or instead_of(wrong, slot, before)
        query = query or exchanged(before, slot, exchanged_in(turns))
        query = query or f"{before} {cues.bare(slot)}"
        return Resolution("correction", query, f"The question before, with “{slot}” meant.", carried, others)
    carried = tuple(Carried(phrase.text, phrase.origin) for phrase in levels[0])
    return Resolution("correction", others[0], "This replaces the question before.", carried, others[1:])


def _aside(topic: str, rest: str, text: str, turns: Sequence[Turn], terms: TermScorer | None) -> Resolution:
    """ "and Intel, when was it founded?": another question, and what it is about."""
    levels = needed(text, turns, terms) if terms else [[]]
    topic, _ = slot_meant(topic, asked_before(turns)[0], levels[0], turns)
    span = pointers.pronoun(rest)
    if pointers.pronoun(topic):
        return _followed(rest, turns, terms)
    if span and not fits(rest[slice(*span)], Phrase(topic, ""), turns):
        return _followed(text, turns, terms)
    asked = filled(rest, span, topic) if span else f"{rest} {topic}"
    carry = [] if stems(rest) else [phrase for phrase in levels[0] if not names(f"x {phrase.text}")]
    carried = (Carried(topic, THIS), *(Carried(phrase.text, phrase.origin) for phrase in carry))
    queries = tuple(dict.fromkeys(appended(asked, level) for level in (carry, *levels)))
    kind: ResolutionKind = "filled" if stems(rest) else "changed"
    return Resolution(kind, queries[0], f"This was asked about “{topic}”.", carried, queries[1:])


def _asks_the_same(rest: str, before: str) -> bool:
    """Whether what is asked of something else was asked before: "how much?", but not "how long did he get?"."""
    said = set(folded_words(rest)) - PRONOUNS
    as_said = pointers.pronoun(rest) is None or said <= set(folded_words(before))
    return stems(rest) <= stems(before) and (bool(stems(rest)) or as_said)


def _returned(topic: str, rest: str) -> Resolution:
    span = pointers.pronoun(rest)
    query = filled(rest, span, topic) if span else rest if stems(topic) <= stems(rest) else f"{rest} {topic}"
    return Resolution("filled", query, f"Back to “{topic}”.", (Carried(topic, THIS),))


def _said(filters: Filters) -> str:
    """The filters as a sentence for a person; "" if there are none."""
    return f" Confined to sources {' and '.join(in_words(filters))}." if filters != Filters() else ""
