"""What all sources have to say about words selected in one of them."""

from __future__ import annotations

from rag.types import Answer, Quote
from rag.ui.markup import content, date_words, escape, paragraphs, plural
from rag.ui.place import source_path


def support(words: str, answer: Answer) -> str:
    """The best sentences about ``words`` as HTML, each with a link to its own place; or why there are none."""
    quotes = "".join(_item(quote) for quote in answer.quotes)
    sources = len({quote.document_id for quote in answer.quotes})
    count = f"The best: {plural(len(answer.quotes), 'quote')} from {plural(sources, 'source')}; others may say more."
    found = f'<p class="byline">{count}</p><ol>{quotes}</ol>' if quotes else f"<p>{content(answer.reason)}</p>"
    return (
        f'<section class="support" id="support" aria-labelledby="support-of"><h2 id="support-of">In all sources: '
        f"“{content(words)}”</h2>{found}</section>"
    )


def _item(quote: Quote) -> str:
    parts = [quote.publisher, date_words(quote.published), f"page {quote.page}" if quote.page else ""]
    about = " · ".join(f"<bdi>{content(part)}</bdi>" for part in parts if part)
    return (
        f"<li><blockquote>{paragraphs(quote.text, quote.start, [])}</blockquote>"
        f'<p class="byline"><a href="{escape(source_path(quote))}">{content(quote.title)}</a> {about}</p></li>'
    )
