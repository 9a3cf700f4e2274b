"""The middle area of the page as HTML, a pure function of the nouns in ``rag.types``: welcome, questions, answers.

Buttons carry what they do in ``data-do`` (and ``data-turn``, ``data-rank``, ``data-id``); the page passes exactly that
to the server. ``data-copy`` holds text for the clipboard.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from rag.conversation import candidates, wants_more
from rag.errors import RagError
from rag.export import is_possible
from rag.figures import otherwise
from rag.finding import Stage
from rag.spelling import STRANGE
from rag.store.connection import refused
from rag.types import Document, Filters, Resolution, Turn
from rag.ui.evidence import Cases, case_button, quoted
from rag.ui.markup import column, content, date_words, escape, filter_words, plural, score_words
from rag.ui.telling import plainly, said, told

if TYPE_CHECKING:
    from rag.store.library import Library

HEADLINES = {
    "answered": "Answer found",
    "possible": "Possible answer",
    "related": "No answer found; these passages are about it",
}
FAILURES = (RagError, sqlite3.DatabaseError)  # what a library that is damaged or out of reach ends in
BUSY = "One question at a time: wait for this answer, or stop it, and ask again."


@dataclass(frozen=True, slots=True)
class Holdings:
    """What the library holds: the honest part of a refusal."""

    sources: int
    earliest: str = ""
    latest: str = ""
    titles: Mapping[str, str] = field(default_factory=dict)  # by document id
    undated: int = 0

    @staticmethod
    def of(documents: Sequence[Document]) -> Holdings:
        """Counted from the documents themselves."""
        dates = sorted(document.published for document in documents if document.published)
        titles = {document.id: document.title or document.uri for document in documents}
        earliest, latest = (dates[0], dates[-1]) if dates else ("", "")
        return Holdings(len(documents), earliest, latest, titles, len(documents) - len(dates))

    def words(self) -> str:
        """``27 sources, dated 20 March 2023 to 8 January 2025``."""
        dates = [date_words(self.earliest), date_words(self.latest)]
        some = f"{self.sources - self.undated:,} of them " if self.undated else ""
        span = f", {some}dated {' to '.join(dict.fromkeys(dates))}" if dates[0] else ""
        return plural(self.sources, "source") + span


@dataclass(frozen=True, slots=True)
class Pending:
    """A question that is being worked on, and the stages that have begun, in words."""

    question: str
    stages: tuple[str, ...] = ("Understanding the question",)


NO_CASES = Cases()
_TITLE = 100  # characters of one that a question can name
_LONG = 200  # characters of one that is not set as a headline
_QUOTED = set('"“”\n')
_EMPTY = "This collection is empty. Add files first."
_ADD_FILES = '<button type="button" data-press="#add button">Add files</button>'


def holdings_of(library: Library) -> Holdings:
    """For ``Library.derived``."""
    return Holdings.of(library.documents())


def stage_words(stage: Stage, holdings: Holdings) -> str:
    """``Searching 27 sources``; ``Reading the best 16 passages``."""
    if stage.name == "read":
        return f"Reading the best {plural(stage.many, 'passage')}"
    return (
        f"Searching {plural(stage.many, 'source')}" if stage.many else f"Searching some of {holdings.sources:,} sources"
    )


def outcome(turn: Turn) -> str:
    """What became of the question, in a sentence or two: ``Answer found: 9 August 2022. 3 quotes.``"""
    answer = turn.answer
    if not candidates(turn.resolution):
        return _of_a_quote(turn) or answer.reason
    short = f": {answer.short.text}" if answer.short and answer.status == "answered" else ""
    quotes = f" {plural(len(answer.quotes), 'quote')}." if answer.quotes else ""
    return f"{_headline(turn)}{short}.{quotes}"


def _headline(turn: Turn) -> str:
    """Of a refusal: no more than is known, as not all sources may have been searched or something was quoted before.
    Of quotes that were not read for the question: what they are."""
    if turn.answer.status != "not_found":
        return content(turn.answer.reason.rstrip(".")) if turn.answer.listed else HEADLINES[_look(turn)]
    more = turn.resolution.kind == "continuation" and wants_more(turn.question)
    where = "in this library" if turn.resolution.filters == Filters() else "in the sources that were searched"
    return f"{'Nothing more' if more else 'Not found'} {where}"


def _look(turn: Turn) -> str:
    return "possible" if is_possible(turn) else turn.answer.status


def _status(turn: Turn) -> str:
    """The headline and how good the evidence is, in the words of the first quote's card."""
    first = next((quote.score for quote in turn.answer.quotes), 0.0)
    look = _look(turn)
    check = content(turn.answer.reason.rstrip(".")) if turn.answer.reason.startswith(STRANGE) else "check the quote"
    sure = score_words(first) if look == "answered" and first else check if look == "possible" else ""
    more = f' <span class="sure">{sure}</span>' if sure else ""
    return f'<p class="status {look}">{_headline(turn)}{more}</p>'


def _of_a_quote(turn: Turn) -> str:
    """What came of asking for a shown quote; "" where none was asked for."""
    if turn.resolution.kind != "reference":
        return ""
    return turn.answer.reason if turn.resolution.quote_rank else turn.resolution.reason


def failure(error: Exception) -> str:
    """One of ``FAILURES`` as the commands say it: what happened, why, what fixes it."""
    return str(refused("the library", error) if isinstance(error, sqlite3.DatabaseError) else error)


def failed(error: Exception) -> dict[str, str]:
    """What the page shows where the library gives nothing that could be shown."""
    words = plainly(failure(error))
    return {"thread": thread((), Holdings(0), notice=words), "said": said(words)}


def starters(documents: Sequence[Document]) -> list[str]:
    """Questions about the sources themselves, for a library of which nobody knows what it can answer."""
    if not documents:
        return []
    newest = max(documents, key=lambda document: document.published)
    year, title = newest.published[:4], newest.title
    named = [f"What is “{title}” about?"] if title and len(title) <= _TITLE and not _QUOTED & set(title) else []
    return [*named, *([f"What do you have from {year}?"] if year else []), "What is in this library?"]


def welcome(holdings: Holdings, examples: Sequence[str], *, notice: str = "", editable: bool = False) -> str:
    """The empty page: what this is, and questions it can answer."""
    chips = "".join(
        f'<li><button type="button" data-do="ask" data-question="{escape(each)}">{content(each)}</button></li>'
        for each in examples
    )
    offer = f'<p class="try">Questions it can answer, for example</p><ul class="examples">{chips}</ul>' if chips else ""
    fill = "It is empty: add documents with <code>pullquote add FOLDER</code>."
    if editable:
        fill = f"{_ADD_FILES} to begin, or add a folder or a web page in the library."
    empty = "" if holdings.sources else f"<p>{fill}</p>"
    return (
        '<div class="welcome"><h2>Ask your documents, get their own words</h2><p>Every answer is a quote, cut from the '
        "source character for character, with a link that opens the source at that place. When the library does not "
        f'know, it says so.</p><p class="holds">This library holds {content(holdings.words())}.</p>'
        f"{empty}{offer}</div>{told(notice)}"
    )


def thread(
    turns: Sequence[Turn],
    holdings: Holdings,
    *,
    selected: int = -1,
    pending: Pending | None = None,
    notice: str = "",
    cases: Cases = NO_CASES,
) -> str:
    """The conversation. ``selected`` is the turn whose evidence is shown; ``pending`` what is being worked on."""
    items = [_turn(turn, index, holdings, cases, selected=index == selected) for index, turn in enumerate(turns)]
    if pending:
        items.append(_pending(pending, len(turns)))
    return f'<ol class="thread">{"".join(items)}</ol>{told(notice)}'


def _pending(pending: Pending, index: int) -> str:
    """The question at once, and under it each stage as it begins; the last one is going on."""
    done = "".join(f"<li>{content(stage)}</li>" for stage in pending.stages[:-1])
    dots = '<span class="dots" aria-hidden="true"></span>'
    now = "".join(f'<li aria-current="step">{dots}{content(stage)}</li>' for stage in pending.stages[-1:])
    return (
        f'<li class="turn pending" id="turn-{index}">{_asked(pending.question)}<ol class="stages">{done}{now}</ol></li>'
    )


def _turn(turn: Turn, index: int, holdings: Holdings, cases: Cases, *, selected: bool) -> str:
    answer = turn.answer
    asked = _asked(turn.question)
    searched = bool(candidates(turn.resolution))
    parts = [asked, _searched(turn, index, holdings) if searched else _unsearched(turn, index, holdings)]
    if searched:
        parts.append(_status(turn))
    if answer.short and answer.status == "answered":
        parts.append(_short(answer.short.text, turn))
    if answer.status == "not_found" and searched:
        parts.append(_refusal(turn, holdings) + _next_steps(turn, index, holdings, cases))
    elif answer.quotes:
        parts.append(f'<ol class="quotes">{"".join(quoted(each, answer, index) for each in answer.quotes)}</ol>')
        pressed = "true" if selected else "false"
        parts.append(
            f'<p class="acts"><button type="button" data-do="evidence" data-turn="{index}" aria-pressed="{pressed}">'
            f"Show {plural(len(answer.quotes), 'passage')} →</button></p>"
        )
    current = " selected" if selected else ""
    return f'<li class="turn {answer.status}{current}" id="turn-{index}">{"".join(parts)}</li>'


def _asked(question: str) -> str:
    long = " long" if len(question) > _LONG else ""
    return f'<h2 class="asked{long}" dir="auto">{content(question)}</h2>'


def _unsearched(turn: Turn, index: int, holdings: Holdings) -> str:
    """For what was said to the program or of a shown quote: nothing was searched, so nothing is missing."""
    listed = turn.answer.reason if turn.answer.quotes else ""
    ask = f"Ask about the {holdings.words()}; every answer is a quote." if holdings.sources else _EMPTY
    words = _of_a_quote(turn) or listed or ask
    return f'<p class="searched">{content(words)} {_own_words(index)}</p>'


def _own_words(index: int) -> str:
    return f'<button type="button" class="plain" data-do="raw" data-turn="{index}">Search exactly what I typed</button>'


def _searched(turn: Turn, index: int, holdings: Holdings) -> str:
    """What was searched, where it is not what was typed, and the way back to one's own words."""
    resolution: Resolution = turn.resolution
    confined = _confined(resolution.filters, index, holdings)
    as_asked = resolution.kind in ("standalone", "raw") and not resolution.respelt
    if as_asked or resolution.query == turn.question:
        own = resolution.kind == "raw"
        return ('<p class="searched">Searched exactly what you typed.</p>' if own else "") + confined
    carried = "".join(
        f'<li><b dir="auto">{content(each.text)}</b> from {content(each.origin)}</li>' for each in resolution.carried
    )
    kept = f'<ul class="carried" aria-label="Words carried over">{carried}</ul>' if carried else ""
    return (
        f'<div class="searched asking">Searched: <q dir="auto">{content(resolution.query)}</q> {_own_words(index)} '
        f"<details><summary>Why?</summary>{kept}<p>{content(resolution.reason)}</p></details></div>{confined}"
    )


def _confined(filters: Filters, index: int, holdings: Holdings) -> str:
    """What the search was confined to; each part can be taken off, which asks again without it."""
    chips = "".join(
        f'<li>{content(words)} <button type="button" data-do="widen" data-turn="{index}" data-without="{name}" '
        f'aria-label="{escape(f"Ask again without: {words}")}">×</button></li>'
        for name, words in filter_words(filters, holdings.titles).items()
    )
    return f'<div class="searched confined"><span>Only sources</span> <ul>{chips}</ul></div>' if chips else ""


def _next_steps(turn: Turn, index: int, holdings: Holdings, cases: Cases) -> str:
    """What may help after a refusal; last, for who keeps test questions, to make it one."""
    filters = filter_words(turn.resolution.filters, holdings.titles)
    steps = [
        f'<button type="button" data-do="widen" data-turn="{index}" data-without="{name}">'
        f"Search again {'in all sources' if len(filters) == 1 else content(f'without: {words}')}</button>"
        for name, words in filters.items()
    ]
    steps += [_ADD_FILES] if cases.file else []
    offer = "".join(steps) + (case_button(turn, index, cases) if holdings.sources else "")
    return f'<p class="acts">{offer}</p>' if offer else ""


def _short(words: str, turn: Turn) -> str:
    said = [
        f"Quote {rank}{f' of {content(date)}' if date else ''} says: <q>{content(other)}</q>."
        for rank, other, date in otherwise(turn.answer.quotes)
    ]
    others = f'<p class="others">{" ".join(said)}</p>' if said else ""
    look = " possible" if is_possible(turn) else ""
    return f'<p class="short{look}"><span dir="auto">{content(words)}</span></p>{column(turn.answer)}{others}'


def _refusal(turn: Turn, holdings: Holdings) -> str:
    """What was searched then, without a number, and what the library holds now: it may have grown since."""
    if not holdings.sources:
        return f'<p class="refusal">{_EMPTY}</p>'
    which = "All sources" if turn.resolution.filters == Filters() else "Only the sources named above"
    return (
        f'<p class="refusal">{content(turn.answer.reason)}</p><p class="refusal">{which} were searched. '
        f"This library now holds {content(holdings.words())}.</p>"
    )
