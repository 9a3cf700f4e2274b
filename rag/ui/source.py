"""The source view: a document's canonical text, safe to look at, with the quoted characters marked.

Its marks are cut by the same offsets as the quotes, so the text content of a quote's ``<mark>`` pieces, joined, is the
quote. Everything works without script; the one script, known to the policy by its hash, offers to look selected words
up in all sources.
"""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Sequence
from dataclasses import replace
from importlib.resources import files
from urllib.parse import unquote, urlsplit

from rag.around import leading_link
from rag.loaders import WORD
from rag.types import Anchor, Document
from rag.ui.markup import content, date_words, escape, plural, safe_link
from rag.ui.place import LONGEST_FIND, Place, Span
from rag.ui.source_text import MOST_HITS, blocks, hits, in_context, quote_id

_SCRIPT = files("rag.ui").joinpath("source.js").read_text(encoding="utf-8")
_HASH = base64.b64encode(hashlib.sha256(_SCRIPT.encode()).digest()).decode()
CSP = (
    f"default-src 'none'; style-src 'self'; img-src 'self'; script-src 'sha256-{_HASH}'; base-uri 'none'; "
    "form-action 'self'; frame-ancestors 'self'"
)
_LISTED_HITS = 50


def link_out(document: Document, span: Span | None = None) -> str:
    """The public address of a source, leading to the page or the very words of ``span``; "" if it has none."""
    link = safe_link(document.link)
    if not link or span is None:
        return link
    return leading_link(replace(document, link=link), span)


def short_uri(uri: str) -> str:
    """``file:///home/me/notes/a%20b.md`` -> ``notes/a b.md``, uploads alike; other addresses stay whole."""
    return "/".join(unquote(uri).split("/")[-2:]).lstrip("/") if uri.startswith(("file:", "upload:")) else uri


def source_page(
    document: Document,
    place: Place | None = None,
    *,
    newest: str = "",
    dated: str = "",
    sheets: str = "",
    support: str = "",
) -> str:
    """The whole HTML page. ``sheets`` and ``support`` are HTML: the printed pages, and what was found elsewhere.

    ``place.revision`` is the one the spans were taken from, "" for that of ``document``; ``newest`` is the one the
    library holds now, "" if that is ``document``'s. Spans of a revision that is not at hand are not marked.
    ``dated``: the ISO date of the file that was read, "" if unknown.
    """
    asked = place or Place(document.id)
    stale = asked.revision not in ("", document.revision)
    place = replace(asked, revision=document.revision, spans=(), answer=None) if stale else asked
    found = [] if support else hits(document.text, place.find)
    sections = [a for a in document.anchors if a.kind == "section" and a.label.strip() not in ("", document.title)]
    printed = "<figure" in sheets
    text = "".join(blocks(document, place, found, pages=printed))
    article = f'<article class="text"{_language(document)}>{text}</article>'
    notes = _notice(document, asked.revision, newest) + (support or _found(document, place, found))
    tools = _quotes(document, place) + _tools(document, place, found, printed=printed)
    head = _head(document, place.spans)
    main = f'<main id="top">{head}{notes}{tools}<div class="spread">{sheets}{article}</div></main>'
    aside = f"<aside>{_outline(sections)}{_report(document, dated)}</aside>"
    leaf = f'<div class="leaf{" paper" if printed else ""}">{main}{aside}</div>'
    return page(document.title or document.uri, f"{leaf}<script>{_SCRIPT}</script>")


def message_page(heading: str, sentence: str) -> str:
    """A plain page in place of a source that cannot be shown."""
    back = '<p><a href="/">To the library</a></p>'
    text = f'<main class="message"><h1>{content(heading)}</h1><p>{content(sentence)}</p>{back}</main>'
    return page(heading, f'<div class="leaf">{text}</div>')


def page(title: str, body: str) -> str:
    """A whole page around ``body``, which is HTML; ``title`` is text."""
    return (
        '<!doctype html><html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width">'
        f'<title>{escape(title)} · Pullquote</title><link rel="icon" href="/static/icon.svg">'
        f'<link rel="stylesheet" href="/static/style.css"></head><body class="source">{body}</body></html>'
    )


def _head(document: Document, spans: Sequence[Span]) -> str:
    byline = [f"<bdi>{content(part)}</bdi>" for part in (document.author, document.publisher) if part]
    if document.published:
        when = content(date_words(document.published))
        byline.append(f'<bdi><time datetime="{escape(document.published)}">{when}</time></bdi>')
    out = link_out(document, spans[0] if spans else None)
    where = content(short_uri(document.uri))
    if out:
        host = content(urlsplit(out).hostname or out)
        where = f'<a href="{escape(out)}" target="_blank" rel="noopener noreferrer">Original at {host}</a>'
    return (
        '<header><p class="kicker"><a href="/">Pullquote</a> · Stored source</p>'
        f'<h1 dir="auto"{_language(document)}>{content(document.title or document.uri)}</h1>'
        f'<p class="byline">{" · ".join(byline)}</p><p class="where">{where}</p></header>'
    )


def _language(document: Document) -> str:
    """As an attribute, so that the text is read aloud and drawn as what it is; "" if it is not known."""
    return f' lang="{escape(document.language.replace("_", "-"))}"' if document.language else ""


def _notice(document: Document, revision: str, newest: str) -> str:
    """What a reader of an old link must know before reading on."""
    here = f"<code>{content(document.revision[:12])}</code>"
    if revision and revision != document.revision:
        return (
            '<p class="notice" role="status"><strong>This source has changed since it was quoted.</strong> The quote '
            f"was taken from revision <code>{content(revision[:12])}</code>; below is revision {here}. Nothing is "
            "marked, as the place may hold other words now.</p>"
        )
    if newest and newest != document.revision:
        return (
            f'<p class="notice" role="status"><strong>This is an earlier revision, {here}, as it was quoted.</strong> '
            f'The library now holds <a href="/source/{escape(document.id)}">a newer one</a>.</p>'
        )
    return ""


def _quotes(document: Document, place: Place) -> str:
    """The list of quotes, where there are several; each opens its own, on a PDF's pages as well."""
    if len(place.spans) < 2:
        return ""
    links = []
    for span in sorted(place.spans):
        words = " ".join(document.text[slice(*span)].split())
        opening = words if len(words) <= 60 else words[:60].rsplit(" ", 1)[0] + "…"
        here = ' aria-current="true"' if span == place.spans[0] else ""
        links.append(f'<li><a href="{escape(_opened(place, span).address())}"{here}>{content(opening)}</a></li>')
    heading = f"<h2>{plural(len(links), 'quote')} marked</h2>"
    return f'<nav class="jumps" aria-label="Marked quotes">{heading}<ol>{"".join(links)}</ol></nav>'


def _opened(place: Place, span: Span) -> Place:
    return replace(place, spans=(span, *(other for other in place.spans if other != span)), page=0)


def _found(document: Document, place: Place, found: Sequence[Span]) -> str:
    if not place.find:
        return ""
    if not found:
        return f'<p class="notice" role="status">“{content(place.find)}” not found in this source.</p>'
    listed = found[:_LISTED_HITS]
    items = "".join(
        f'<li><a href="#hit-{n}">{in_context(document.text, hit)}</a></li>' for n, hit in enumerate(listed, start=1)
    )
    more = f"<p>The first {_LISTED_HITS} are listed, all are marked.</p>" if len(found) > _LISTED_HITS else ""
    heading = f"<h2>{_places(found)} with “{content(place.find)}”</h2>"
    return f'<nav class="jumps hits" id="hits" aria-label="Places found">{heading}<ol>{items}</ol>{more}</nav>'


def _places(found: Sequence[Span]) -> str:
    return ("The first " if len(found) == MOST_HITS else "") + plural(len(found), "place")


def _tools(document: Document, place: Place, found: Sequence[Span], *, printed: bool) -> str:
    """The bar that stays in sight: which source it is, from quote to quote, and what to look for."""
    hidden = "".join(f'<input type="hidden" name="{name}" value="{escape(value)}">' for name, value in place.fields())
    action = f"/source/{escape(place.document_id)}"
    count = f'<a href="#hits">{_places(found)}</a>' if found else ""
    form = (
        f'<form id="find" method="get" action="{action}#hit-1" role="search">{hidden}'
        f'<input type="search" name="find" value="{escape(place.find)}" required maxlength="{LONGEST_FIND}" '
        'aria-label="Words to find" placeholder="Find words" autocomplete="off"><button>Find here</button>'
        f'<button name="everywhere" value="yes" formaction="{action}#support">In all sources</button>{count}</form>'
    )
    steps = _steps(place) + ('<a class="printed" href="#sheet">Printed page</a>' if printed else "")
    nav = f'<nav class="steps" aria-label="From quote to quote">{steps}</nav>' if steps else ""
    date = f" · {content(date_words(document.published))}" if document.published else ""
    title = f"<bdi>{content(document.title or document.uri)}</bdi>{date}"
    which = f'<a class="which" href="#top"><span class="unseen">To the top of </span>{title}</a>'
    return f'<div class="tools">{which}{nav}{form}</div>'


def _steps(place: Place) -> str:
    if not place.spans:
        return ""
    ordered = sorted(place.spans)
    at = ordered.index(place.spans[0])
    name = f"Quote {at + 1} of {len(ordered)}" if len(ordered) > 1 else "To the quote"
    here = f'<a href="#{quote_id(0)}">{name}</a>'
    links = []
    for step, name, sign in ((-1, "Previous quote", "←"), (1, "Next quote", "→")):
        if 0 <= at + step < len(ordered):
            address = escape(_opened(place, ordered[at + step]).address())
            links.append(f'<a class="step" href="{address}" aria-label="{name}" title="{name}">{sign}</a>')
    return here + "".join(links)


def _read_as(document: Document) -> str:
    """``text/html, utf-8``; a PDF or a Word document has no one encoding."""
    known = document.report.encoding not in document.media_type
    kind = "Word document" if document.media_type == WORD else document.media_type
    return ", ".join([kind] + [document.report.encoding] * known)


def _outline(sections: Sequence[Anchor]) -> str:
    if not sections:
        return ""
    items = "".join(
        f'<li class="level-{min(max(each.level, 1), 3)}"><a href="#s-{each.start}">{content(each.label)}</a></li>'
        for each in sections
    )
    return f'<nav class="outline" aria-label="Outline"><h2>Outline</h2><ul>{items}</ul></nav>'


def _report(document: Document, dated: str) -> str:
    report = document.report
    facts = [("Characters", f"{len(document.text):,}"), ("Read as", _read_as(document))]
    facts += [("Read from", short_uri(document.uri))] + ([("File dated", date_words(dated))] if dated else [])
    rows = "".join(f"<dt>{name}</dt><dd>{content(value)}</dd>" for name, value in facts)
    notes = "".join(f"<li>{content(note)}</li>" for note in report.notes)
    dropped = "".join(f"<li>{content(line)}</li>" for line in report.dropped)
    parts = [f'<section class="report"><h2>Reading report</h2><dl>{rows}</dl>']
    digest = f"<details><summary>SHA-256</summary><code>{content(document.digest)}</code></details>"
    parts.append(f"<ul>{notes}</ul>" if notes else "")
    if dropped:
        share = f"{report.dropped_share:.0%} of the source" if report.dropped_share >= 0.005 else "some lines"
        parts.append(f"<details><summary>Left out as boilerplate: {share}</summary><ul>{dropped}</ul></details>")
    elif not notes:
        parts.append("<p>Everything in this source was read.</p>")
    return "".join(parts) + f"{digest}</section>"
