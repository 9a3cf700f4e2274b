"""A conversation as JSON, Markdown or HTML, every quote with its document, revision and offsets."""

from __future__ import annotations

import html
import json
from collections.abc import Sequence
from dataclasses import asdict
from typing import Any, Literal

from rag.types import Answer, Quote, Turn

Format = Literal["html", "md", "json"]


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
        },
        "status": answer.status,
        "reason": answer.reason,
        "confidence": round(answer.confidence, 4),
        "answer": asdict(answer.short) if answer.short else None,
        "quotes": [quote_json(quote) for quote in answer.quotes],
        "timings_ms": {stage: round(value, 2) for stage, value in answer.timings_ms.items()},
    }


def quote_json(quote: Quote) -> dict[str, Any]:
    """A quote as everything outside the library sees it."""
    names = (
        "rank",
        "text",
        "document_id",
        "revision",
        "uri",
        "title",
        "author",
        "publisher",
        "published",
        "start",
        "end",
    )
    more = ("answer_start", "answer_end", "page", "heading", "link")
    values = {name: getattr(quote, name) for name in (*names, *more)}
    return values | {"score": round(quote.score, 6), "also_in": [asdict(source) for source in quote.also_in]}


def export(title: str, turns: Sequence[Turn], form: Format) -> str:
    """The whole conversation as one text in the format asked for."""
    if form == "json":
        return json.dumps(
            {"title": title, "turns": [answer_json(turn) for turn in turns]}, indent=1, ensure_ascii=False
        )
    return _markdown(title, turns) if form == "md" else _html(title, turns)


def plain_answer(turn: Turn) -> str:
    """The turn as plain text for a terminal."""
    lines = []
    if turn.resolution.query != turn.question:
        lines.append(f"Searched for: {turn.resolution.query}")
    lines.append(_headline(turn.answer))
    for quote in turn.answer.quotes:
        lines += ["", *(f"  | {line}" for line in quote.text.splitlines()), f"  [{quote.rank}] {cite(quote)}"]
    return "\n".join(lines)


def cite(quote: Quote) -> str:
    """Title, publisher, date and where to find it, on one line."""
    parts = [quote.title, quote.publisher, quote.published, f"page {quote.page}" if quote.page else "", quote.link]
    others = len(quote.also_in)
    also = f" (also in {others} other source{'s' if others > 1 else ''})" if others else ""
    return ", ".join(part for part in parts if part) + also


def _headline(answer: Answer) -> str:
    return f"{answer.short.text}" if answer.short else answer.reason


def _markdown(title: str, turns: Sequence[Turn]) -> str:
    parts = [f"# {_escape_md(title)}"]
    for turn in turns:
        parts.append(f"## {_escape_md(turn.question)}")
        if turn.resolution.query != turn.question:
            parts.append(f"*Searched for: {_escape_md(turn.resolution.query)}*")
        parts.append(_escape_md(_headline(turn.answer)))
        for quote in turn.answer.quotes:
            body = "\n".join(f"> {_escape_md(line)}" for line in quote.text.splitlines())
            place = f"`{quote.document_id}@{quote.revision[:12]}:{quote.start}-{quote.end}`"
            parts.append(f"{body}\n>\n> [{quote.rank}] {_escape_md(cite(quote))} {place}")
    return "\n\n".join(parts) + "\n"


def _escape_md(text: str) -> str:
    return "".join(f"\\{char}" if char in "\\`*_{}[]<>#|!" else char for char in text)


def _html(title: str, turns: Sequence[Turn]) -> str:
    body = [f"<h1>{html.escape(title)}</h1>"]
    for turn in turns:
        body.append(f"<h2>{html.escape(turn.question)}</h2>")
        if turn.resolution.query != turn.question:
            body.append(f"<p><em>Searched for: {html.escape(turn.resolution.query)}</em></p>")
        body.append(f"<p>{html.escape(_headline(turn.answer))}</p>")
        for quote in turn.answer.quotes:
            data = f'data-document="{quote.document_id}" data-revision="{quote.revision}"'
            place = f'data-start="{quote.start}" data-end="{quote.end}"'
            body.append(f"<blockquote {data} {place}>{html.escape(quote.text)}</blockquote>")
            body.append(f"<p>[{quote.rank}] {html.escape(cite(quote))}</p>")
    style = "body{font:16px/1.6 Georgia,serif;max-width:44rem;margin:2rem auto;padding:0 1rem;color-scheme:light dark}"
    pre = "blockquote{white-space:pre-wrap;border-left:3px solid;padding-left:1rem;margin-left:0}"
    head = f'<meta charset="utf-8"><title>{html.escape(title)}</title><style>{style}{pre}</style>'
    return f'<!doctype html><html lang="en"><head>{head}</head><body>{"".join(body)}</body></html>\n'
