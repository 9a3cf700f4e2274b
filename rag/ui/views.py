"""The three areas of the page as HTML, each a pure function of the nouns in ``rag.types``.

Buttons carry what they do in ``data-do`` (and ``data-turn``, ``data-rank``, ``data-id``); the page passes exactly that
to the server. ``data-copy`` holds text for the clipboard.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from rag.types import Answer, Document, Filters, Quote, Resolution, Turn
from rag.ui.cite import citations
from rag.ui.markup import Mark, content, date_words, escape, filter_words, paragraphs, plural, safe_link, score_words
from rag.ui.place import source_path
from rag.ui.source import link_out

HEADLINES = {
    "answered": "Answer found",
    "related": "No answer found; these passages are about it",
    "not_found": "Not in this library",
}
_SURE = ((0.8, "The reader is sure of this."), (0.5, "The reader is fairly sure of this."))
_UNSURE = "The reader is not sure of this: check the quote."


@dataclass(frozen=True, slots=True)
class Around:
    """The passage a quote stands in; ``gone`` says why it cannot be shown, if it cannot."""

    text: str = ""
    start: int = 0  # document offset of ``text``
    document: Document | None = None
    gone: str = ""


@dataclass(frozen=True, slots=True)
class Holdings:
    """What the library holds: the honest part of a refusal."""

    sources: int
    earliest: str = ""
    latest: str = ""

    @staticmethod
    def of(documents: Sequence[Document]) -> Holdings:
        """Counted from the documents themselves."""
        dates = sorted(document.published for document in documents if document.published)
        return Holdings(len(documents), dates[0] if dates else "", dates[-1] if dates else "")

    def words(self) -> str:
        """``27 sources, dated 20 March 2023 to 8 January 2025``."""
        dates = [date_words(self.earliest), date_words(self.latest)]
        span = "" if not dates[0] else f", dated {dates[0]}" + (f" to {dates[1]}" if dates[0] != dates[1] else "")
        return plural(self.sources, "source") + span


def said(sentence: str) -> str:
    """For the live region: what a screen reader says when the page has changed."""
    return f'<p role="status">{content(sentence)}</p>'


def welcome(holdings: Holdings, examples: Sequence[str], *, notice: str = "") -> str:
    """The empty page: what this is, and questions it can answer."""
    chips = "".join(
        f'<li><button type="button" data-do="ask" data-question="{escape(each)}">{content(each)}</button></li>'
        for each in examples
    )
    offer = f'<p class="try">Questions it can answer, for example</p><ul class="examples">{chips}</ul>' if chips else ""
    empty = "" if holdings.sources else "<p>It is empty: add documents with <code>pullquote add FOLDER</code>.</p>"
    return (
        '<div class="welcome"><h2>Ask your documents, get their own words</h2><p>Every answer is a quote, cut from the '
        "source character for character, with a link that opens the source at that place. When the library does not "
        f'know, it says so.</p><p class="holds">This library holds {content(holdings.words())}.</p>'
        f"{empty}{offer}</div>{_notice(notice)}"
    )


def _notice(sentence: str) -> str:
    return f'<p class="notice" role="alert">{content(sentence)}</p>' if sentence else ""


def thread(
    turns: Sequence[Turn], holdings: Holdings, *, selected: int = -1, pending: str = "", notice: str = ""
) -> str:
    """The conversation. ``selected`` is the turn whose evidence is shown; ``pending`` a question being worked on."""
    items = [_turn(turn, index, index == selected, holdings) for index, turn in enumerate(turns)]
    if pending:
        items.append(
            f'<li class="turn pending" id="turn-{len(turns)}"><h2 class="asked" dir="auto">{content(pending)}</h2>'
            f'<p class="working"><span class="dots" aria-hidden="true"></span>'
            f"Searching {plural(holdings.sources, 'source')} and reading the best passages</p></li>"
        )
    return f'<ol class="thread">{"".join(items)}</ol>{_notice(notice)}'


def _turn(turn: Turn, index: int, selected: bool, holdings: Holdings) -> str:
    answer = turn.answer
    parts = [f'<h2 class="asked" dir="auto">{content(turn.question)}</h2>', _searched(turn, index)]
    parts.append(f'<p class="status {answer.status}">{HEADLINES[answer.status]}</p>')
    if answer.short and answer.status == "answered":
        parts.append(_short(answer))
    if answer.status == "not_found":
        parts.append(_refusal(turn, holdings))
    elif answer.quotes:
        parts.append(f'<ol class="quotes">{"".join(_quote(q, answer.quotes, index) for q in answer.quotes)}</ol>')
        pressed = "true" if selected else "false"
        parts.append(
            f'<p class="acts"><button type="button" data-do="evidence" data-turn="{index}" aria-pressed="{pressed}">'
            f"{'Evidence shown' if selected else 'Show the evidence'}</button></p>"
        )
    current = " selected" if selected else ""
    return f'<li class="turn {answer.status}{current}" id="turn-{index}">{"".join(parts)}</li>'


def _searched(turn: Turn, index: int) -> str:
    """What was searched, where it is not what was typed, and the way back to one's own words."""
    resolution: Resolution = turn.resolution
    confined = f'<p class="searched">{_confined(resolution)}</p>' if resolution.filters != Filters() else ""
    if resolution.kind in ("standalone", "raw") or resolution.query == turn.question:
        own = resolution.kind == "raw"
        return ('<p class="searched">Searched for your own words.</p>' if own else "") + confined
    carried = "".join(
        f'<li><b dir="auto">{content(each.text)}</b> from {content(each.origin)}</li>' for each in resolution.carried
    )
    kept = f'<ul class="carried" aria-label="Words carried over">{carried}</ul>' if carried else ""
    return (
        f'<div class="searched"><p>Searched for: <q dir="auto">{content(resolution.query)}</q></p>{kept}'
        f'<p class="why">{content(resolution.reason)} <button type="button" class="plain" data-do="raw" '
        f'data-turn="{index}">Search my own words instead</button></p></div>{confined}'
    )


def _confined(resolution: Resolution) -> str:
    filters = resolution.filters
    parts = filter_words(filters)
    parts += [f"in {plural(len(filters.document_ids), 'chosen source')}"] if filters.document_ids else []
    return f"Searched only sources {', '.join(parts)}."


def _short(answer: Answer) -> str:
    if answer.short is None:
        return ""
    sure = next((words for least, words in _SURE if answer.short.confidence >= least), _UNSURE)
    return f'<p class="short"><span dir="auto">{content(answer.short.text)}</span></p><p class="sure">{sure}</p>'


def _refusal(turn: Turn, holdings: Holdings) -> str:
    return (
        f'<p class="refusal">{content(turn.answer.reason)}</p><p class="refusal">Searched for '
        f'<q dir="auto">{content(turn.resolution.query)}</q> in {content(holdings.words())}.</p>'
    )


def _quote(quote: Quote, quotes: Sequence[Quote], index: int) -> str:
    label = escape(f"Show the evidence for quote {quote.rank}")
    return (
        f'<li class="quote"><button type="button" class="rank" data-do="evidence" data-turn="{index}" '
        f'data-rank="{quote.rank}" aria-label="{label}">{quote.rank}</button><figure><blockquote>'
        f"{paragraphs(quote.text, quote.start, _answer_mark(quote))}</blockquote>"
        f'<figcaption><cite dir="auto">{content(quote.title)}</cite><span class="line">{_byline(quote)}'
        f"{_open(quote, quotes)}</span></figcaption>"
        "</figure></li>"
    )


def _answer_mark(quote: Quote) -> list[Mark]:
    if quote.answer_start is None or quote.answer_end is None:
        return []
    return [Mark(quote.answer_start, quote.answer_end, "answer")]


def _byline(quote: Quote) -> str:
    parts = [content(quote.publisher)] if quote.publisher else []
    if quote.published:
        parts.append(f'<time datetime="{escape(quote.published)}">{content(date_words(quote.published))}</time>')
    return "".join(f'<span class="part">{part}</span>' for part in parts)


def _open(quote: Quote, quotes: Sequence[Quote]) -> str:
    path = escape(source_path(quote, quotes))
    hidden = f'<span class="unseen"> {quote.rank}: {content(quote.title)}</span>'
    return f'<a class="open" href="{path}" target="_blank" rel="noopener">Open at the quote{hidden}</a>'


def evidence(turn: Turn | None, around: Mapping[int, Around], *, rank: int = 0) -> str:
    """The quotes of one answer within the passages they were cut from; ``rank`` is the one to point out, 0 for none."""
    if turn is None or not turn.answer.quotes:
        why = "This answer has no evidence to show." if turn else "The passages behind an answer appear here."
        return f'<div class="evidence empty"><h2>Evidence</h2><p>{why}</p></div>'
    cards = "".join(
        _card(quote, turn, around.get(quote.rank, Around()), quote.rank == rank) for quote in turn.answer.quotes
    )
    return (
        f'<div class="evidence"><h2>Evidence</h2><p class="for">for <q dir="auto">{content(turn.question)}</q></p>'
        f'<ol class="cards">{cards}</ol></div>'
    )


def _card(quote: Quote, turn: Turn, around: Around, chosen: bool) -> str:
    where = [_below_title(quote), f"page {quote.page}" if quote.page else ""]
    place = "".join(f'<p class="place" dir="auto">{content(each)}</p>' for each in where if each)
    current = ' aria-current="true"' if chosen else ""
    opening = "" if around.gone else _open(quote, turn.answer.quotes)
    return (
        f'<li class="card" id="evidence-{quote.rank}" tabindex="-1"{current}>'
        f'<header><span class="rank" aria-hidden="true">{quote.rank}</span><div>'
        f'<h3 dir="auto">{content(quote.title)}</h3><p class="byline">{_byline(quote)}</p>{place}</div></header>'
        f"{_passage(quote, around)}{_score(quote, turn.answer)}{_also(quote)}"
        f'<p class="acts">{opening}{_out(quote, around)}{_copy(quote)}</p></li>'
    )


def _below_title(quote: Quote) -> str:
    """The heading path without the document's own title: ``Title > Awards`` -> ``Awards``."""
    return quote.heading.removeprefix(quote.title).removeprefix(" > ")


def _passage(quote: Quote, around: Around) -> str:
    marks = [Mark(quote.start, quote.end, "quoted"), *_answer_mark(quote)]
    if around.gone or not around.text:
        note = f'<p class="notice">{content(around.gone)}</p>' if around.gone else ""
        return f"{note}<blockquote>{paragraphs(quote.text, quote.start, marks)}</blockquote>"
    return f"<blockquote>{paragraphs(around.text, around.start, marks)}</blockquote>"


def _score(quote: Quote, answer: Answer) -> str:
    words = score_words(quote.score) if answer.status == "answered" else "on the subject, but no answer"
    return f'<p class="score">{words.capitalize()} <span class="number">(score {quote.score:.2f} of 1)</span></p>'


def _also(quote: Quote) -> str:
    if not quote.also_in:
        return ""
    sources = ", ".join(
        f'<a href="/source/{escape(each.document_id)}" target="_blank" rel="noopener">{content(each.title)}</a>'
        for each in quote.also_in
    )
    return f'<p class="also">Also in {plural(len(quote.also_in), "source")}: {sources}</p>'


def _out(quote: Quote, around: Around) -> str:
    if safe_link(quote.link):
        out = safe_link(quote.link)
    elif around.document is not None:
        out = link_out(around.document, (quote.start, quote.end))
    else:
        out = ""
    return f'<a href="{escape(out)}" target="_blank" rel="noopener noreferrer">Original</a>' if out else ""


def _copy(quote: Quote) -> str:
    buttons = "".join(
        f'<button type="button" data-copy="{escape(text)}">{name}</button>' for name, text in citations(quote).items()
    )
    return f'<span class="copy" role="group" aria-label="Copy as citation">Copy: {buttons}</span>'
