"""What all sources have to say about words selected in one of them."""

from __future__ import annotations

from rag.types import Answer, Quote
from rag.ui.markup import Mark, content, date_words, escape, paragraphs
from rag.ui.place import source_path
from rag.ui.views import HEADLINES


def support(words: str, answer: Answer) -> str:
    """The best sentences about ``words`` as HTML, each a link to its own place; the outcome stands above them."""
    quotes = "".join(_item(quote) for quote in answer.quotes)
    status = f'<p class="status {answer.status}">{HEADLINES[answer.status]}</p>'
    reason = "" if quotes else f"<p>{content(answer.reason)}</p>"
    return (
        f'<section class="support" id="support" aria-labelledby="support-of"><h2 id="support-of">In all sources: '
        f"“{content(words)}”</h2>{status}{reason}<ol>{quotes}</ol></section>"
    )


def _item(quote: Quote) -> str:
    inside = (quote.answer_start, quote.answer_end)
    marks = [] if inside[0] is None or inside[1] is None else [Mark(inside[0], inside[1], "answer")]
    parts = [quote.publisher, date_words(quote.published), f"page {quote.page}" if quote.page else ""]
    about = " · ".join(content(part) for part in parts if part)
    return (
        f"<li><blockquote>{paragraphs(quote.text, quote.start, marks)}</blockquote>"
        f'<p class="byline"><a href="{escape(source_path(quote))}">{content(quote.title)}</a> {about}</p></li>'
    )
