"""A quote as a citation to paste elsewhere: plain, Markdown, BibTeX."""

from __future__ import annotations

import re

from rag.export import escape_md
from rag.types import Quote
from rag.ui.markup import date_words, safe_link

_KEY = re.compile(r"[^a-z0-9]+")


def citations(quote: Quote) -> dict[str, str]:
    """Name of the format -> text for the clipboard."""
    return {"Plain": plain(quote), "Markdown": markdown(quote), "BibTeX": bibtex(quote)}


def plain(quote: Quote) -> str:
    """``“Words.” Author, Title, Publisher, 1 May 2023. address``"""
    page = f"page {quote.page}" if quote.page else ""
    parts = [quote.author, quote.title, quote.publisher, date_words(quote.published), page]
    return f"“{quote.text}” {', '.join(part for part in parts if part)}. {_address(quote)}"


def markdown(quote: Quote) -> str:
    """A block quote, every line of it, and a linked source line. Markdown in the source stays text."""
    lines = [f"> {escape_md(line)}".rstrip() for line in quote.text.splitlines()]
    page = f"page {quote.page}" if quote.page else ""
    details = ", ".join(part for part in (quote.publisher, date_words(quote.published), page) if part)
    title = escape_md(quote.title)
    link = safe_link(quote.link).replace("(", "%28").replace(")", "%29").replace(" ", "%20")
    named = f"[{title}]({link})" if link else f"{title} ({escape_md(quote.uri)})"
    author = f"{escape_md(quote.author)}, " if quote.author else ""
    return "\n".join([*lines, ">", f"> {author}{named}{', ' if details else ''}{escape_md(details)}"])


def bibtex(quote: Quote) -> str:
    """A ``@misc`` entry; the quote is its note."""
    key = "-".join(part for part in (_KEY.sub("-", quote.title.lower()).strip("-")[:40], quote.published[:4]) if part)
    fields = {
        "author": quote.author,
        "title": quote.title,
        "howpublished": quote.publisher,
        "year": quote.published[:4],
        "url": safe_link(quote.link),
        "note": f"“{quote.text}” ({quote.uri}, characters {quote.start} to {quote.end})",
    }
    body = ",\n".join(f"  {name} = {{{_escape_bibtex(value)}}}" for name, value in fields.items() if value)
    return f"@misc{{{key or 'source'},\n{body}\n}}"


def _address(quote: Quote) -> str:
    return safe_link(quote.link) or quote.uri


def _escape_bibtex(text: str) -> str:
    replaced = {"\\": r"\textbackslash{}", "{": r"\{", "}": r"\}", **{char: f"\\{char}" for char in "%&#_$"}}
    return "".join(replaced.get(char, char) for char in text)
