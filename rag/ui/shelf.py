"""The left area: the user's conversations and the library's sources, as HTML."""

from __future__ import annotations

from collections.abc import Sequence

from rag.store import Conversation
from rag.types import Document
from rag.ui.markup import content, date_words, escape, plural


def conversations(entries: Sequence[Conversation], current: str) -> str:
    """The list, with rename and delete on the open one. Deleting asks again before it does anything."""
    items = "".join(_entry(entry, entry.id == current) for entry in entries)
    listing = f'<ul class="entries">{items}</ul>' if items else '<p class="none">None yet. Ask a question.</p>'
    return (
        '<div class="shelf"><div class="bar"><h2>Conversations</h2>'
        f'<button type="button" class="new" data-do="new">New</button></div>{listing}</div>'
    )


def _entry(entry: Conversation, current: bool) -> str:
    ident, here = escape(entry.id), ' aria-current="true"' if current else ""
    open_button = (
        f'<button type="button" class="entry" data-do="open" data-id="{ident}"{here}>'
        f'<span dir="auto">{content(entry.title)}</span> <small>{plural(entry.turns, "question")}</small></button>'
    )
    if not current:
        return f"<li>{open_button}</li>"
    return (
        f'<li class="current">{open_button}<div class="tools"><button type="button" data-edit="{ident}" '
        f'data-title="{escape(entry.title)}">Rename</button><button type="button" data-do="delete" data-id="{ident}" '
        'data-confirm="Delete for good?">Delete</button></div></li>'
    )


def sources(documents: Sequence[Document]) -> str:
    """Every source, newest first, each opening in the source view."""
    ordered = sorted(documents, key=lambda each: (each.published, each.title.casefold(), each.id), reverse=True)
    items = "".join(_source(document) for document in ordered)
    return (
        f'<div class="shelf"><div class="bar"><h2>Sources</h2><span class="count">{len(ordered):,}</span></div>'
        '<label><span class="unseen">Filter the list of sources</span>'
        '<input type="search" placeholder="Filter sources" data-filter="sources"></label>'
        f'<ul class="sources" id="sources">{items}</ul></div>'
    )


def _source(document: Document) -> str:
    date = f'<span class="date">{content(date_words(document.published))}</span>' if document.published else ""
    details = " · ".join(part for part in (content(document.publisher), date) if part)
    noted = bool(document.report.notes)
    mark = ' <span class="noted">reading notes</span>' if noted else ""
    return (
        f'<li><a href="/source/{escape(document.id)}" target="_blank" rel="noopener" dir="auto">'
        f"{content(document.title or document.uri)}</a><small>{details}{mark}</small></li>"
    )
