"""From a question in a conversation to the query that is searched. Pure: no model, no index, no clock."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace

from rag.conversation import cues, talk
from rag.conversation.filters import Known, from_words, known
from rag.conversation.topics import Phrase, TermScorer, phrases
from rag.lexicon import content, names, stems
from rag.types import Carried, Document, Filters, Quote, Resolution, ResolutionKind, Turn

_YEAR = re.compile(r"\b(?:1[5-9]\d\d|20\d\d)\b")
_SAYS_HOW = re.compile(
    r"\b(?:why|how|when|where|who|examples?|such as|instance|what (?:else|next|then|happened))\b", re.IGNORECASE
)
_EDGES = " \t\n.!?,;"


def resolve(
    question: str, turns: Sequence[Turn], *, terms: TermScorer | None = None, documents: Sequence[Document] = ()
) -> Resolution:
    """What to search for when ``question`` is asked after ``turns`` (oldest first), why, and what else to try.

    ``terms`` scores the words of the history (default: rules). ``documents`` are the library's (their text is not
    read): titles and publishers that the question may name. "Ignore the above" and the like are ordinary words.

    >>> resolve("Who runs ASML?", ()).kind
    'standalone'
    """
    question = question.strip()
    if talk.is_command(question):
        return Resolution("command", question, "This is said to the program: nothing is searched.")
    quotes = _last_quotes(turns)
    rank, alone = talk.reference(question)
    if rank is not None and quotes:
        place = _place(rank, len(quotes), turns)
        if alone and place is not None:
            return Resolution("reference", question, f"This is about quote [{place}].", quote_rank=place)
    filters, text = from_words(question, _known(documents, turns))
    if rank is not None and quotes and (place := _place(rank, len(quotes), turns)) is not None:
        filters = replace(filters, document_ids=(quotes[place - 1].document_id,))
    resolution = _in_context(text, turns, terms) if turns else _plain(text)
    alternatives = tuple(dict.fromkeys((*resolution.alternatives, text, question)))
    reason = resolution.reason + _said(filters)
    return replace(resolution, filters=filters, alternatives=alternatives, reason=reason)


def candidates(resolution: Resolution) -> tuple[str, ...]:
    """The queries to retrieve, best guess first, none twice; empty where nothing is searched."""
    if resolution.kind in ("reference", "command"):
        return ()
    return tuple(query for query in dict.fromkeys((resolution.query, *resolution.alternatives)) if query.strip())


def _in_context(text: str, turns: Sequence[Turn], terms: TermScorer | None) -> Resolution:
    typed, text = text, cues.without_lead(text)
    searched = [turn for turn in turns if turn.resolution.kind not in ("command", "reference")]
    if back := cues.returning(text):
        return _returned(*back)
    if not searched:
        return _plain(text)
    if (meant := cues.correction(typed)) is not None:
        return _corrected(meant, searched, terms)
    if cues.is_continuation(text):
        return _continued(text, searched)
    if (slot := cues.changed_slot(text)) is not None:
        return _changed(slot, text, searched, terms)
    return _followed(text, searched, terms)


def _plain(text: str) -> Resolution:
    return Resolution("standalone", text, "The question is searched as it was asked.")


def _followed(text: str, turns: Sequence[Turn], terms: TermScorer | None) -> Resolution:
    """A question that may lean on what was said: a pronoun is filled, or words are added."""
    needed = phrases(text, turns, terms)
    leaning = cues.leans(text)
    if not needed or (terms is None and not leaning and not cues.is_thin(text)):
        return _plain(text)
    carried = tuple(Carried(phrase.text, _origin(phrase, turns)) for phrase in needed)
    span = cues.pronoun(text)
    if span and len(needed) == 1:
        query = _filled(text, span, needed[0].text)
        reason = f"“{text[span[0] : span[1]]}” was taken to mean “{needed[0].text}”."
        return Resolution("filled", query, reason, carried, (_appended(text, needed),))
    reason = "The question leans on what was said before." if leaning else "The question is short for its topic."
    return Resolution("carried", _appended(text, needed), reason, carried)


def _continued(text: str, turns: Sequence[Turn]) -> Resolution:
    """ "why?": the question before, asked again with this word."""
    before, origin = _before(turns)
    query = f"{before} {text.strip(_EDGES)}" if _SAYS_HOW.search(text) else before
    reason = "This goes on with the question before."
    return Resolution("continuation", query, reason, (Carried(before, origin),), (before,))


def _before(turns: Sequence[Turn]) -> tuple[str, str]:
    """The query that is being talked about, and where it came from; "why?" and "go on" are passed over."""
    last = next((turn for turn in reversed(turns) if turn.resolution.kind != "continuation"), turns[-1])
    place = max(number for number, turn in enumerate(turns, 1) if turn is last)
    return last.resolution.query, f"your question {place}"


def _changed(slot: str, text: str, turns: Sequence[Turn], terms: TermScorer | None) -> Resolution:
    """ "and in 2019?": the question before with one thing exchanged; failing that, its topic and the new words."""
    before, origin = _before(turns)
    query = _exchanged(before, slot)
    needed = phrases(slot, turns, terms)
    added = _appended(text, needed)
    if query is not None:
        reason = f"The question before, with “{cues.bare(slot)}” instead."
        return Resolution("changed", query, reason, (Carried(before, origin),), (added,))
    carried = tuple(Carried(phrase.text, _origin(phrase, turns)) for phrase in needed)
    return Resolution("changed", added, "The same topic, asked about something else.", carried, (f"{before} {slot}",))


def _corrected(meant: str, turns: Sequence[Turn], terms: TermScorer | None) -> Resolution:
    """A full question replaces the one before; a fragment is put into it."""
    meant = cues.without_lead(meant)
    before, origin = _before(turns)
    carried: tuple[Carried, ...] = (Carried(before, origin),)
    if not stems(meant):
        return Resolution("correction", before, "The question before is searched again.", carried)
    if cues.pronoun(meant) or len(content(meant)) <= 3:
        slot = meant.rstrip(" .!?")
        query = _exchanged(before, slot) or f"{before} {cues.bare(slot)}"
        return Resolution("correction", query, f"The question before, with “{slot}” meant.", carried, (meant,))
    needed = phrases(meant, turns, terms) if cues.leans(meant) else []
    carried = tuple(Carried(phrase.text, _origin(phrase, turns)) for phrase in needed)
    return Resolution("correction", _appended(meant, needed), "This replaces the question before.", carried)


def _returned(topic: str, rest: str) -> Resolution:
    span = cues.pronoun(rest)
    query = _filled(rest, span, topic) if span else rest if stems(topic) <= stems(rest) else f"{rest} {topic}"
    kind: ResolutionKind = "filled" if span else "carried"
    return Resolution(kind, query, f"Back to “{topic}”.", (Carried(topic, "this question"),))


def _exchanged(before: str, slot: str) -> str | None:
    """``before`` with the thing of the slot's type replaced: a year by a year, a name by a name; None if there is none.

    >>> _exchanged("How many chips were sold in 2021?", "in 2019")
    'How many chips were sold in 2019?'
    """
    new = cues.bare(slot)
    if _YEAR.search(new):
        found = list(_YEAR.finditer(before))
        span = found[-1].span() if found else None
    elif names(f"x {new}"):
        have = names(before)
        span = have[-1] if have else None
    else:
        span = None
    return before[: span[0]] + new + before[span[1] :] if span and not stems(new) <= stems(before) else None


def _filled(text: str, span: tuple[int, int], entity: str) -> str:
    word, after = text[span[0] : span[1]], text[span[1] :]
    if cues.is_possessive(word) and after.strip(" ?.!"):
        return f"{text[: span[0]]}{entity}’s{after}"
    tail = word[re.match(r"\w*", word).end() :]  # type: ignore[union-attr]
    return f"{text[: span[0]]}{entity}{tail}{after}"


def _appended(text: str, needed: Sequence[Phrase]) -> str:
    have = stems(text)
    extra = [phrase.text for phrase in needed if not stems(phrase.text) or not stems(phrase.text) <= have]
    return " ".join((text, *extra))


def _origin(phrase: Phrase, turns: Sequence[Turn]) -> str:
    return "the quotes shown" if phrase.turn >= len(turns) else f"your question {phrase.turn + 1}"


def _last_quotes(turns: Sequence[Turn]) -> tuple[Quote, ...]:
    """The quotes a person has before them: those of the newest turn that shows any."""
    return next((turn.answer.quotes for turn in reversed(turns) if turn.answer.quotes), ())


def _place(rank: int, count: int, turns: Sequence[Turn]) -> int | None:
    """A rank from 1 to ``count``. 0 and -2 step on from the quote that was last referred to."""
    at = next((turn.resolution.quote_rank for turn in reversed(turns[-1:]) if turn.resolution.quote_rank), 1)
    place = {0: at + 1, -2: at - 1, -1: count}.get(rank, rank)
    return min(max(place, 1), count) if rank <= 0 else place if 1 <= place <= count else None


def _known(documents: Sequence[Document], turns: Sequence[Turn]) -> Known:
    return known(documents, (quote for turn in turns for quote in turn.answer.quotes))


def _said(filters: Filters) -> str:
    """The filters as a sentence for a person; "" if there are none."""
    parts = [
        f"since {filters.since}" if filters.since else "",
        f"until {filters.until}" if filters.until else "",
        f"from {filters.publisher}" if filters.publisher else "",
        "in the document that was named" if filters.document_ids else "",
    ]
    return f" Confined to sources {' and '.join(filter(None, parts))}." if any(parts) else ""
