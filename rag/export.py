"""A conversation as JSON, Markdown or HTML, every quote with its document, revision and offsets.

``rag.exported`` reads these texts back, so that each quote and short answer can be checked again.
"""

from __future__ import annotations

import html
import json
from collections.abc import Callable, Sequence
from dataclasses import asdict
from typing import Any, Literal

from rag.conversation import candidates, in_words
from rag.figures import otherwise
from rag.spelling import STRANGE
from rag.text import date_words
from rag.types import Answer, Quote, Turn

Format = Literal["html", "md", "json"]
ESCAPED = frozenset("\\`*_{}[]<>#|!&~$")  # in Markdown
_LIKELY = 0.5  # of a first quote and a short answer: below it they are only a possible answer


def answer_json(turn: Turn) -> dict[str, Any]:
    """The object that ``pullquote ask --json`` prints."""
    answer, resolution = turn.answer, turn.resolution
    return {
        "question": turn.question,
        "query": resolution.query,
        "resolution": {
            "kind": resolution.kind,
            "carried": [asdict(carried) for carried in resolution.carried],
            "reason": resolution.reason,
            "filters": asdict(resolution.filters),
        },
        "status": answer.status,
        "reason": answer.reason,
        "confidence": round(answer.confidence, 4),
        "answer": asdict(answer.short) | {"revision": _revision(answer)} if answer.short else None,
        "quotes": [quote_json(quote) for quote in answer.quotes],
        "timings_ms": {stage: round(value, 2) for stage, value in answer.timings_ms.items()},
    }


def quote_json(quote: Quote) -> dict[str, Any]:
    """A quote as everything outside the library sees it."""
    names = """rank text document_id revision uri title author publisher published start end answer_start answer_end
        page heading link"""
    values = {name: getattr(quote, name) for name in names.split()}
    return values | {"score": round(quote.score, 6), "also_in": [asdict(source) for source in quote.also_in]}


def export(title: str, turns: Sequence[Turn], form: Format) -> str:
    """The whole conversation as one text in the format asked for."""
    if form == "json":
        return json.dumps(
            {"title": title, "turns": [answer_json(turn) for turn in turns]}, indent=1, ensure_ascii=False
        )
    return _markdown(title, turns) if form == "md" else _html(title, turns)


def plain_answer(turn: Turn, *, undo: str = "") -> str:
    """The turn as plain text for a terminal. ``undo``: how to search otherwise, shown where the words were changed."""
    origins = ", ".join(f"“{carried.text}” from {carried.origin}" for carried in turn.resolution.carried)
    lines = _searched(turn, f" ({origins})" if origins else "")
    if undo and lines:
        lines[-1] += f" [{undo}]"
    lines += [*_doubt(turn), _headline(turn.answer)]
    if turn.answer.short:
        for rank, words, date in otherwise(turn.answer.quotes):
            lines.append(f"Quote [{rank}]{f' of {date}' if date else ''} says: {words}")
    for quote in turn.answer.quotes:
        lines += ["", *(f"  | {line}" for line in quote.text.splitlines()), f"  [{quote.rank}] {cite(quote)}"]
    return "\n".join(lines)


def is_possible(turn: Turn) -> bool:
    """Whether what was found may well be no answer: its first quote or its short answer is not likely right.

    A quote with the score 0 was not read for the question, which says nothing about it.
    """
    answer = turn.answer
    scores = [quote.score for quote in answer.quotes[:1]] + ([answer.short.confidence] if answer.short else [])
    searched = answer.status == "answered" and bool(candidates(turn.resolution))
    return searched and any(0 < score < _LIKELY for score in scores)


def _doubt(turn: Turn) -> list[str]:
    strange = [turn.answer.reason] if turn.answer.reason.startswith(STRANGE) else []
    return [*strange, "Possible answer, check the quote:"] if is_possible(turn) else []


def _searched(turn: Turn, origins: str = "") -> list[str]:
    """What was searched where that is not the question as typed, and where it was not everything: a line each."""
    resolution, lines = turn.resolution, []
    if resolution.query != turn.question and candidates(resolution):
        lines.append(f"Searched for: {resolution.query}{origins}")
    if confined := in_words(resolution.filters):
        lines.append(f"Searched only {', '.join(confined)}.")
    return lines


def cite(quote: Quote, *, words: Callable[[str], str] = str, link: Callable[[str], str] = str) -> str:
    """Title, publisher, date and where to find it, on one line; ``words`` and ``link`` write them in a format."""
    parts = [quote.title, quote.publisher, date_words(quote.published), f"page {quote.page}" if quote.page else ""]
    named = [words(part) for part in parts if part] + ([link(quote.link)] if quote.link else [])
    others = len(quote.also_in)
    return ", ".join(named) + (f" (also in {others} other source{'s' if others > 1 else ''})" if others else "")


def _headline(answer: Answer) -> str:
    return answer.short.text if answer.short else answer.reason


def _markdown(title: str, turns: Sequence[Turn]) -> str:
    parts = [f"# {_line(title)}"]
    for turn in turns:
        parts.append(f"## {_line(turn.question)}")
        parts += [f"*{_line(note)}*" for note in _searched(turn) + _doubt(turn)]
        headline = _headline(turn.answer)
        parts.append(_line(headline))
        if (place := answer_place(turn.answer)) and headline == " ".join(headline.split()):
            parts[-1] = f"**{parts[-1]}** `{place}`"
        for quote in turn.answer.quotes:
            body = "\n".join(f"> {escape_md(line)}" for line in quote.text.split("\n"))
            cited = cite(quote, words=_line, link="<{}>".format)
            parts.append(f"{body}\n>\n> [{quote.rank}] {cited} `{place_of(quote)}`")
    return "\n\n".join(parts) + "\n"


def place_of(quote: Quote) -> str:
    """Where a quote stands: "document@revision:start-end"."""
    return f"{quote.document_id}@{quote.revision}:{quote.start}-{quote.end}"


def answer_place(answer: Answer) -> str:
    """Where the short answer stands, in the revision of the quote around it; "" if there is no short answer."""
    short = answer.short
    return f"{short.document_id}@{_revision(answer)}:{short.start}-{short.end}" if short else ""


def _revision(answer: Answer) -> str:
    short = answer.short
    around = (q for q in answer.quotes if short and q.document_id == short.document_id)
    return next((q.revision for q in around if short and q.start <= short.start < q.end), "")


def _line(text: str) -> str:
    return escape_md(" ".join(text.split()))


def escape_md(text: str) -> str:
    """``text`` with a backslash before every character that means something in Markdown."""
    return "".join(f"\\{char}" if char in ESCAPED else char for char in text)


def _anchor(address: str) -> str:
    escaped = html.escape(address)
    return f'<a href="{escaped}">{escaped}</a>'


def _html(title: str, turns: Sequence[Turn]) -> str:
    body = [f"<h1>{html.escape(title)}</h1>"]
    for turn in turns:
        body.append(f"<h2>{html.escape(turn.question)}</h2>")
        body += [f"<p><em>{html.escape(note)}</em></p>" for note in _searched(turn) + _doubt(turn)]
        place = answer_place(turn.answer)
        headline = html.escape(_headline(turn.answer))
        body.append(
            f'<p><strong data-place="{html.escape(place)}">{headline}</strong></p>' if place else f"<p>{headline}</p>"
        )
        for quote in turn.answer.quotes:
            body.append(
                f'<blockquote data-place="{html.escape(place_of(quote))}">{html.escape(quote.text)}</blockquote>'
            )
            body.append(f"<p>[{quote.rank}] {cite(quote, words=html.escape, link=_anchor)}</p>")
    style = "body{font:16px/1.6 Georgia,serif;max-width:44rem;margin:2rem auto;padding:0 1rem;color-scheme:light dark}"
    pre = "blockquote{white-space:pre-wrap;border-left:3px solid;padding-left:1rem;margin-left:0}"
    pre += "a{overflow-wrap:anywhere}"
    meta = '<meta charset="utf-8"><meta name="viewport" content="width=device-width">'
    head = f"{meta}<title>{html.escape(title)}</title><style>{style}{pre}</style>"
    return f'<!doctype html><html lang="en"><head>{head}</head><body><main>{"".join(body)}</main></body></html>\n'
