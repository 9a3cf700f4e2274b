"""The evidence area: the quotes of one answer inside the passages they were cut from, and what was said of them.

What a quote needs in the other areas too (byline, link, marked answer) is here as well.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import PurePath

from rag.layout import BELOW
from rag.types import Answer, Document, Quote, Turn
from rag.ui.cite import citations
from rag.ui.markup import WEAK, Mark, content, date_words, escape, paragraphs, plural, safe_link, score_words
from rag.ui.place import source_path
from rag.ui.source import link_out

_COUNT = ("hardly any", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "nearly all")


@dataclass(frozen=True, slots=True)
class Around:
    """The passage a quote stands in; ``gone`` says why it cannot be shown, if it cannot."""

    text: str = ""
    start: int = 0  # document offset of ``text``
    document: Document | None = None
    gone: str = ""


@dataclass(frozen=True, slots=True)
class Cases:
    """The user's file of test questions: where it is, "" where nothing is added from here, and what is in it."""

    file: str = ""
    questions: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Said:
    """What the user said of an answer's quotes: rank -> right or wrong. ``turn`` is the answer's place, from 0."""

    turn: int = 0
    verdicts: Mapping[int, bool] = field(default_factory=dict)
    cases: Cases = Cases()


NOTHING_SAID = Said()


def evidence(turn: Turn | None, around: Mapping[int, Around], *, rank: int = 0, judged: Said = NOTHING_SAID) -> str:
    """The quotes of one answer within the passages they were cut from; ``rank`` is the one to point out, 0 for none."""
    asked = f'<p class="for">for <q dir="auto">{content(turn.question)}</q></p>' if turn else ""
    if turn is None or not turn.answer.quotes:
        why = "No passage is quoted for this question." if turn else "The passages behind an answer appear here."
        return f'<div class="evidence empty"><h2>Evidence</h2>{asked}<p>{why}</p></div>'
    cards = "".join(
        _card(quote, turn, around.get(quote.rank, Around()), judged, chosen=quote.rank == rank)
        for quote in turn.answer.quotes
    )
    return f'<div class="evidence"><h2>Evidence</h2>{asked}<ol class="cards">{cards}</ol></div>'


def _card(quote: Quote, turn: Turn, around: Around, judged: Said, *, chosen: bool) -> str:
    where = [_below_title(quote), f"Page {quote.page}" if quote.page else ""]
    place = "".join(f'<p class="place" dir="auto">{content(each)}</p>' for each in where if each)
    current = ' aria-current="true"' if chosen else ""
    opening = "" if around.gone else open_link(quote, turn.answer.quotes)
    return (
        f'<li class="card" id="evidence-{quote.rank}" tabindex="-1"{current}>'
        f'<header><span class="rank" aria-hidden="true">{quote.rank}</span><div>'
        f'<h3 dir="auto">{content(quote.title)}</h3><p class="byline line">{byline(quote)}</p>{place}</div></header>'
        f"{_passage(quote, around)}{_score(quote, turn.answer)}{_also(quote)}"
        f'<p class="acts">{opening}{_out(quote, around)}{_copy(quote)}</p>{_judgement(quote, turn, judged)}</li>'
    )


def byline(quote: Quote) -> str:
    """Publisher and date, where they are known."""
    parts = [content(quote.publisher)] if quote.publisher else []
    if quote.published:
        parts.append(f'<time datetime="{escape(quote.published)}">{content(date_words(quote.published))}</time>')
    return "".join(f'<span class="part">{part}</span>' for part in parts)


def open_link(quote: Quote, quotes: Sequence[Quote]) -> str:
    """The link that opens the source at the quote, the answer's other quotes of it marked as well."""
    path = escape(source_path(quote, quotes))
    hidden = f'<span class="unseen"> {quote.rank}: {content(quote.title)}</span>'
    return f'<a class="open" href="{path}" target="_blank" rel="noopener">Open at the quote{hidden}</a>'


def answer_mark(quote: Quote) -> list[Mark]:
    """The short answer inside the quote, if there is one."""
    return [Mark(*quote.answer, "answer")] if quote.answer else []


def quoted(quote: Quote, answer: Answer, index: int) -> str:
    """A quote as it stands below the answer with the number ``index``; a weak one does not look like a sure one."""
    label = escape(f"Show the evidence for quote {quote.rank}")
    weak = answer.status == "answered" and _is_weak(quote) and not _is_weak(answer.quotes[0])
    said = f'<span class="part doubt">{WEAK}</span>' if weak else ""
    return (
        f'<li class="quote{" weak" if weak else ""}"><button type="button" class="rank" data-do="evidence" '
        f'data-turn="{index}" data-rank="{quote.rank}" aria-label="{label}">{quote.rank}</button><figure><blockquote>'
        f"{paragraphs(quote.text, quote.start, [] if weak else answer_mark(quote))}</blockquote>"
        f'<figcaption><cite dir="auto">{content(quote.title)}</cite><span class="line">{byline(quote)}{said}'
        f"{open_link(quote, answer.quotes)}</span></figcaption></figure></li>"
    )


def _is_weak(quote: Quote) -> bool:
    return quote.score > 0 and score_words(quote.score) == WEAK


def case_button(turn: Turn, index: int, cases: Cases, *, rank: int = 0) -> str:
    """The way from a bad answer to a test question, or where that question is; "" where none can be made."""
    if not cases.file or not is_own_question(turn):
        return ""
    if turn.resolution.query in cases.questions:
        file = f"<code>{content('/'.join(PurePath(cases.file).parts[-2:]))}</code>"
        return f'<span class="kept">In your test questions; write its answers into {file}</span>'
    return (
        f'<button type="button" class="plain" data-do="case" data-turn="{index}" data-rank="{rank}">'
        "Add to my test questions</button>"
    )


def is_own_question(turn: Turn) -> bool:
    """Whether it was asked in the user's words: of words selected in a source, or carried from a quote, no further
    copy is kept. What goes on with an earlier query may hold what that one carried."""
    resolution, quotes = turn.resolution, (" ".join(quote.text.split()) for quote in turn.answer.quotes)
    typed = all(carried.origin.startswith("your question") for carried in resolution.carried)
    own = typed and resolution.kind not in ("command", "reference", "changed", "correction", "continuation")
    return own and not any(resolution.query in quote for quote in quotes)


def _judgement(quote: Quote, turn: Turn, judged: Said) -> str:
    """Whether the quote answers, for the user to say; not of one that only stands for a source."""
    if turn.answer.listed:
        return ""
    said = judged.verdicts.get(quote.rank)
    buttons = "".join(
        f'<button type="button" data-do="judge" data-turn="{judged.turn}" data-rank="{quote.rank}" '
        f'data-verdict="{word.lower()}" aria-pressed="{"true" if said is right else "false"}">{word}'
        f'<span class="unseen">: quote {quote.rank}</span></button>'
        for word, right in (("Right", True), ("Wrong", False))
    )
    case = case_button(turn, judged.turn, judged.cases, rank=quote.rank) if said is False else ""
    group = f'<span role="group" aria-label="Does quote {quote.rank} answer the question?">{buttons}</span>'
    return f'<p class="acts judge"><span>Does it answer?</span>{group}{case}</p>'


def _below_title(quote: Quote) -> str:
    """The heading path without the document's own title: ``Title > Awards`` -> ``Awards``."""
    return f"{quote.heading}{BELOW}".removeprefix(f"{quote.title}{BELOW}").removesuffix(BELOW)


def _passage(quote: Quote, around: Around) -> str:
    marks = [Mark(quote.start, quote.end, "quoted"), *answer_mark(quote)]
    if around.gone or not around.text:
        note = f'<p class="notice">{content(around.gone)}</p>' if around.gone else ""
        return f"{note}<blockquote>{paragraphs(quote.text, quote.start, marks)}</blockquote>"
    start = _below_headings(quote, around)
    return f"<blockquote>{paragraphs(around.text[start:], around.start + start, marks)}</blockquote>"


def _below_headings(quote: Quote, around: Around) -> int:
    """Where the passage goes on after lines that only repeat the title or the headings, which stand above it."""
    shown, start = {quote.title, *quote.heading.split(BELOW)}, 0
    for line in around.text[: max(quote.start - around.start, 0)].splitlines(keepends=True):
        if not line.endswith("\n") or line.strip() and line.strip(" #\t\n") not in shown:
            break
        start += len(line)
    return start


def _score(quote: Quote, answer: Answer) -> str:
    """The score is a calibrated probability, so it can be told as a frequency."""
    if not quote.score:
        return ""  # it stands for its source, which was asked for
    number = f"score {quote.score:.2f} of 1"
    if answer.status != "answered":
        return f'<p class="score">On the subject, but no answer <span class="number">({number})</span></p>'
    count = _COUNT[round(quote.score * 10)]
    often = f"of ten passages that score like this, {count} answer{'s' if count == 'one' else ''} the question"
    words = score_words(quote.score).capitalize()
    return f'<p class="score">{words} <span class="number">({number}: {often})</span></p>'


def _also(quote: Quote) -> str:
    if not quote.also_in:
        return ""
    sources = ", ".join(
        f'<a href="/source/{escape(each.document_id)}" target="_blank" rel="noopener">{content(each.title)}</a>'
        for each in quote.also_in
    )
    return f'<p class="also">Also in {plural(len(quote.also_in), "source")}: {sources}</p>'


def _out(quote: Quote, around: Around) -> str:
    out = safe_link(quote.link)
    if not out and around.document is not None:
        out = link_out(around.document, (quote.start, quote.end))
    return f'<a href="{escape(out)}" target="_blank" rel="noopener noreferrer">Original</a>' if out else ""


def _copy(quote: Quote) -> str:
    buttons = "".join(
        f'<button type="button" data-copy="{escape(text)}">{name}</button>' for name, text in citations(quote).items()
    )
    return f'<span class="copy" role="group" aria-label="Copy as citation">Copy: {buttons}</span>'
