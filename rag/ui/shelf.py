"""The left area: the user's conversations and the library's sources, as HTML."""

from __future__ import annotations

from collections import Counter
from collections.abc import Container, Sequence
from dataclasses import dataclass
from urllib.parse import quote

from rag.store import Conversation, Receipt
from rag.types import EVERYTHING, Document, Filters
from rag.ui.markup import content, date_words, escape, filter_words, plural

_FORMATS = {"md": "Markdown", "html": "HTML", "json": "JSON"}
_STATES = ("added", "changed", "unchanged", "skipped", "failed")
_FEW = 5  # conversations that are shown at once: below them are the sources
_MOST = 500  # sources in the list; a page with more is slow to draw and of no help


def collections(names: Sequence[str], current: str, *, home: str = "", editable: bool = False) -> str:
    """The collections beside each other; choosing one shows its conversations and its sources.

    The chosen one can be deleted where documents can, but for ``home``, the one that is served.
    """
    if len(names) == 1 and not editable:
        return ""
    items = "".join(_collection(name, here=name == current, removable=editable and name != home) for name in names)
    new = (
        '<details class="narrow"><summary>New collection</summary><div class="fetch" data-send="create">'
        '<label for="new-name" class="unseen">Name of the new collection</label>'
        '<input id="new-name" name="name" type="text" maxlength="64" placeholder="Collection name" autocomplete="off">'
        '<button type="button" data-submit>Create</button></div></details>'
    )
    return (
        f'<div class="shelf"><div class="bar"><h2>Collections</h2></div><ul class="entries">{items}</ul>'
        f"{new if editable else ''}</div>"
    )


def _collection(name: str, *, here: bool, removable: bool) -> str:
    ident, current = escape(name), ' aria-current="true"' if here else ""
    button = f'<button type="button" class="entry" data-do="collection" data-id="{ident}"{current}>{content(name)}'
    tools = (
        f'<div class="tools"><button type="button" data-do="drop" data-id="{ident}" data-confirm="Delete it with all '
        'its sources?">Delete collection</button></div>'
    )
    return f"<li>{button}</button>{tools if here and removable else ''}</li>"


def conversations(entries: Sequence[Conversation], current: str, collection: str) -> str:
    """The list, with what can be done with the open one. Deleting asks again before it does anything."""
    items = [_entry(entry, collection if entry.id == current else "") for entry in entries]
    newest = f'<ul class="entries">{"".join(items[:_FEW])}</ul>'
    listing = newest if items else '<p class="none">None yet. Ask a question.</p>'
    if older := items[_FEW:]:
        opened = " open" if current in [entry.id for entry in entries[_FEW:]] else ""
        listing = (
            f'{_finder("conversations", "entries", "Find a conversation")}<div id="entries">{listing}<details '
            f'class="narrow"{opened}><summary>{len(older):,} older</summary><ul class="entries">{"".join(older)}</ul>'
            "</details></div>"
        )
    return (
        '<div class="shelf"><div class="bar"><h2>Conversations</h2>'
        f'<button type="button" class="new" data-do="new">New</button></div>{listing}</div>'
    )


def _entry(entry: Conversation, collection: str) -> str:
    """``collection``: where it lies, if it is the open one. The page's script puts the time by the browser's clock."""
    ident, here = escape(entry.id), ' aria-current="true"' if collection else ""
    open_button = (
        f'<button type="button" class="entry" data-do="open" data-id="{ident}"{here}>'
        f'<span dir="auto">{content(entry.title)}</span> <small>{plural(entry.turns, "question")} · '
        f'<time datetime="{escape(entry.updated)}" data-local>{date_words(entry.updated)}</time></small></button>'
    )
    if not collection:
        return f"<li>{open_button}</li>"
    saving = "".join(
        f'<a href="/export/{quote(collection)}/{ident}.{form}">{name}</a>' for form, name in _FORMATS.items()
    )
    return (
        f'<li class="current">{open_button}<div class="tools"><button type="button" data-edit="{ident}" '
        f'data-title="{escape(entry.title)}">Rename</button><button type="button" data-do="delete" data-id="{ident}" '
        'data-confirm="Delete for good?">Delete</button></div>'
        f'<div class="tools" role="group" aria-label="Save the conversation as a file">Save: {saving}</div></li>'
    )


def sources(
    documents: Sequence[Document],
    filters: Filters = EVERYTHING,
    added: Sequence[str] = (),
    *,
    searched: Container[str] | None = None,
    editable: bool = False,
) -> str:
    """Every source, newest first and those of a day by title, each opening in the source view.

    Above them is what questions can be confined to. ``added``: the ids of those that have just been, which come first.
    ``searched``: the ids that the filters let through, None for all.
    """
    by_title = sorted(documents, key=lambda each: (each.title.casefold(), each.id))
    by_date = sorted(by_title, key=lambda each: each.published, reverse=True)
    ordered = sorted(by_date, key=lambda each: each.id not in added)
    items = "".join(
        _source(document, editable, out=searched is not None and document.id not in searched)
        for document in ordered[:_MOST]
    )
    rest = len(ordered) - _MOST
    more = f'<p class="none">{plural(rest, "more source")} not listed here: pullquote list</p>' if rest > 0 else ""
    if not documents:
        return '<div class="shelf"><p class="none">None yet.</p></div>'
    found = _finder("sources", "sources", f"Find in {plural(len(documents), 'source')}")
    return (
        f'<div class="shelf">{_form(documents, filters)}{found}<ul class="sources" id="sources">{items}</ul>'
        f"{more}</div>"
    )


def _finder(what: str, target: str, words: str) -> str:
    return (
        f'<label><span class="unseen">Filter the list of {what}</span>'
        f'<input type="search" placeholder="{words}" data-filter="{target}"></label>'
    )


def _form(documents: Sequence[Document], filters: Filters) -> str:
    """Dates and publisher; a change is a wish of its own, so there is no button.

    subtle: Gradio draws what has changed over what is there, and a list shows another choice only by its ``value``.
    """
    names = sorted({document.publisher for document in documents if document.publisher}, key=str.casefold)
    options = "".join(
        f'<option value="{escape(name)}"{" selected" if name == filters.publisher else ""}>{content(name)}</option>'
        for name in names
    )
    opened = " open" if filters != EVERYTHING else ""
    return (
        f'<details class="narrow"{opened}><summary>Filters</summary><div data-narrow>'
        f'<input type="hidden" name="document" value="{escape(next(iter(filters.document_ids), ""))}">'
        f'<label>Since <input type="date" name="since" value="{escape(filters.since)}"></label>'
        f'<label>Until <input type="date" name="until" value="{escape(filters.until)}"></label>'
        f'<label>Publisher <select name="publisher" value="{escape(filters.publisher)}">'
        f'<option value="">Any</option>{options}</select></label>'
        "</div></details>"
    )


def reach(filters: Filters, documents: Sequence[Document], fit: int) -> str:
    """What new questions are confined to: ``Searching 1 of 20 sources: “Tides”``.

    ``fit``: how many of the documents the filters let through.
    """
    if filters == EVERYTHING:
        return f"Searching all {plural(len(documents), 'source')}"
    titles = {document.id: document.title or document.uri for document in documents}
    parts = [words for name, words in filter_words(filters).items() if name != "document_ids"]
    parts += [f"“{titles[each]}”" if each in titles else "a removed source" for each in filters.document_ids]
    some = f"Searching {fit:,} of {plural(len(documents), 'source')}" if fit else "No source fits these filters"
    return f"{some}: {', '.join(parts)}"


def narrowed(reach: str) -> str:
    """What new questions are confined to, with the way out."""
    return (
        f'<p class="narrowed"><span>{content(reach)}</span> '
        '<button type="button" class="plain" data-do="narrow">Search everything</button></p>'
    )


def _source(document: Document, editable: bool, *, out: bool) -> str:
    parts = ("not searched" if out else "", date_words(document.published), document.publisher)
    details = " · ".join(content(part) for part in parts if part)
    ident, title, css = escape(document.id), content(document.title or document.uri), ' class="out"' if out else ""
    remove = (
        f'<button type="button" data-do="remove" data-id="{ident}" data-confirm="Remove for good?">Remove</button>'
        if editable
        else ""
    )
    return (
        f'<li{css}><a href="/source/{ident}" target="_blank" rel="noopener" dir="auto">{title}</a>'
        f'<small class="meta">{details}</small>'
        f'<details class="more"><summary><span class="unseen">What to do with {title}</span></summary>'
        f'<div class="tools"><button type="button" data-do="narrow" data-document="{ident}">Search only this</button>'
        f"{remove}</div></details></li>"
    )


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of one file or page; ``state`` is added, changed, unchanged, failed or skipped."""

    name: str
    state: str
    detail: str = ""
    document: str = ""  # id of the document, or of the first of several, that it gave


def sums(outcomes: Sequence[Outcome]) -> str:
    """``2 added, 3 failed``."""
    counts = Counter(each.state for each in outcomes)
    return ", ".join(f"{counts[state]:,} {state}" for state in _STATES if counts[state])


def told_of(outcomes: Sequence[Outcome]) -> str:
    """What a screen reader says of them: how many there are, of a single one everything."""
    only = [part for each in outcomes for part in (each.name, each.detail) if part] if len(outcomes) == 1 else []
    return f"{': '.join([sums(outcomes), *only])}."


def adder(
    outcomes: Sequence[Outcome] = (), *, done: int = 0, total: int = 0, current: str = "", address: str = ""
) -> str:
    """The field for an address, how far along it is while ``current`` is being read, and what became of each source.

    What failed comes first, then the newest; the list can be folded. ``address``: what the field holds, as it failed.
    """
    items = "".join(_outcome(each) for each in sorted(reversed(outcomes), key=lambda each: each.state != "failed"))
    many = f"{plural(done, 'page')} so far" if not total else f"{done} of {total}"
    bar = (
        f'<progress aria-label="Sources read" {f"max={total} value={done}" if total else ""}></progress>'
        f"<p>Reading {content(current)} ({many})</p>"
        if current
        else ""
    )
    wrong = ' aria-invalid="true"' if address else ""
    listed = f'<ul class="outcomes" tabindex="0" aria-label="What was added">{items}</ul>' if items else ""
    if listed and not current:
        listed = f'<details class="narrow" open><summary>{sums(outcomes)}</summary>{listed}</details>'
    return (
        '<div class="shelf uploads"><div class="fetch" data-send="fetch">'
        '<label for="address" class="unseen">Address of a page to add</label>'
        '<input id="address" name="address" type="url" placeholder="Web address" autocomplete="off" '
        f'value="{escape(address)}"{wrong}>'
        f'<button type="button" data-submit>Add page</button></div>{bar}{listed}</div>'
    )


def _outcome(outcome: Outcome) -> str:
    detail = f": {content(outcome.detail)}" if outcome.detail else ""
    report = (
        f' <a href="/source/{escape(outcome.document)}#report" target="_blank" rel="noopener">Reading report'
        f'<span class="unseen"> of {content(outcome.name)}</span></a>'
        if outcome.document
        else ""
    )
    name = f'<b dir="auto">{content(outcome.name)}</b>'
    if outcome.document:
        name = f'<a href="/source/{escape(outcome.document)}" target="_blank" rel="noopener">{name}</a>'
    return f'<li class="{outcome.state}">{name} {outcome.state}{detail}{report}</li>'


def receipt(gone: Receipt) -> str:
    """What a removal took away, in words."""
    turns = f", and its quotes from {plural(gone.turns, 'saved answer')}" if gone.turns else ""
    return f"Removed {plural(gone.documents, 'source')} with {plural(gone.passages, 'passage')}{turns}."
