"""A quote as a citation to paste elsewhere: plain, Markdown, BibTeX."""

from __future__ import annotations

import re
from urllib.parse import quote as quote_url
from urllib.parse import unquote

from rag.export import escape_md
from rag.types import Quote
from rag.ui.markup import date_words, safe_link

_KEY = re.compile(r"[^a-z0-9]+")
_IN_TEXT = str.maketrans(
    {"\\": r"\textbackslash{}", "{": r"\textbraceleft{}", "}": r"\textbraceright{}"}  # BibTeX counts any brace
    | {"~": r"\textasciitilde{}", "^": r"\textasciicircum{}"}
    | {char: f"\\{char}" for char in "%&#_$"}
)
_IN_URL = str.maketrans({char: quote_url(char) for char in "\\{}"})  # BibTeX takes the rest of an address as it stands


def citations(quote: Quote) -> dict[str, str]:
    """Name of the format -> text for the clipboard."""
    return {"Plain": plain(quote), "Markdown": markdown(quote), "BibTeX": bibtex(quote)}


def plain(quote: Quote) -> str:
    """``“Words.” Author, Title, Publisher, 1 May 2023. address``"""
    parts = [quote.author, quote.title, quote.publisher, date_words(quote.published), _page(quote)]
    return f"“{quote.text}” {', '.join(part for part in parts if part)}. {_address(quote)}"


def markdown(quote: Quote) -> str:
    """A block quote, every line of it, and a linked source line. Markdown in the source stays text."""
    lines = [f"> {escape_md(line)}".rstrip() for line in quote.text.splitlines()]
    details = ", ".join(part for part in (quote.publisher, date_words(quote.published), _page(quote)) if part)
    title = escape_md(quote.title)
    link = safe_link(quote.link).replace("(", "%28").replace(")", "%29").replace(" ", "%20")
    named = f"[{title}]({link})" if link else f"{title} ({escape_md(_address(quote))})"
    author = f"{escape_md(quote.author)}, " if quote.author else ""
    return "\n".join([*lines, ">", f"> {author}{named}{', ' if details else ''}{escape_md(details)}"])


def bibtex(quote: Quote) -> str:
    """A ``@misc`` entry; the quote is its note."""
    key = "-".join(part for part in (_KEY.sub("-", quote.title.lower()).strip("-")[:40], quote.published[:4]) if part)
    place = ", ".join(
        part for part in (_name(quote.uri), _page(quote), f"characters {quote.start} to {quote.end}") if part
    )
    fields = {
        "author": quote.author,
        "title": quote.title,
        "howpublished": quote.publisher,
        "year": quote.published[:4],
        "note": f"“{quote.text}” ({place})",
    }
    values = {name: value.translate(_IN_TEXT) for name, value in fields.items()}
    values["url"] = safe_link(quote.link).translate(_IN_URL)
    body = ",\n".join(f"  {name} = {{{value}}}" for name, value in values.items() if value)
    return f"@misc{{{key or 'source'},\n{body}\n}}"


def _page(quote: Quote) -> str:
    return f"page {quote.page}" if quote.page else ""


def _address(quote: Quote) -> str:
    return safe_link(quote.link) or _name(quote.uri)


def _name(uri: str) -> str:
    """Of a file its name: in which folder of this machine it lies concerns no reader of the citation."""
    return unquote(uri).rsplit("/", 1)[-1] if uri.startswith(("file:", "upload:")) else uri
