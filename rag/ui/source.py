"""The source view: a document's canonical text, safe to look at, with the quoted characters marked.

The page needs no script. Its marks are cut by the same offsets as the quotes, so the text content of a quote's
``<mark>`` pieces, joined, is the quote.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from urllib.parse import unquote, urlencode, urlsplit

from rag.fragment import deep_link
from rag.types import Anchor, Document, Quote
from rag.ui.markup import BLANK_LINES, Mark, content, date_words, escape, marked, plural, safe_link

CSP = (
    "default-src 'none'; style-src 'self'; img-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'self'"
)
_MOST_SPANS = 20

Span = tuple[int, int]


def source_path(quote: Quote, others: Sequence[Quote] = ()) -> str:
    """The address, within this server, that opens the quote's source at the quote; ``others`` are marked as well."""
    same = [o for o in others if (o.document_id, o.revision) == (quote.document_id, quote.revision) and o != quote]
    query = [("revision", quote.revision)]
    for each in [quote, *same]:
        query += [("start", str(each.start)), ("end", str(each.end))]
    return f"/source/{quote.document_id}?{urlencode(query)}#quote"


def link_out(document: Document, span: Span | None = None) -> str:
    """The public address of a source, leading to the page or the very words of ``span``; "" if it has none."""
    link = safe_link(document.link)
    if not link or span is None:
        return link
    if document.media_type == "application/pdf":
        pages = [anchor for anchor in document.anchors if anchor.kind == "page"]
        number = next((n for n, each in enumerate(pages, 1) if each.start <= span[0] < each.end), 0)
        return f"{link}#page={number}" if number else link
    return deep_link(link, document.text, *span)


def short_uri(uri: str) -> str:
    """``file:///home/me/notes/a%20b.md`` -> ``notes/a b.md``; other addresses stay whole."""
    return "/".join(unquote(uri).split("/")[-2:]) if uri.startswith("file:") else uri


def read_spans(starts: Sequence[str], ends: Sequence[str], length: int) -> list[Span]:
    """The spans a query string asks for. Raises ValueError with a sentence for a person."""
    if len(starts) != len(ends) or len(starts) > _MOST_SPANS:
        raise ValueError(f"Each quote needs one start and one end, and there can be {_MOST_SPANS} at most.")
    spans = []
    for start, end in zip(starts, ends, strict=True):
        if not (start.isascii() and start.isdigit() and end.isascii() and end.isdigit()) or len(start + end) > 24:
            raise ValueError("The start and the end of a quote are whole numbers.")
        if not 0 <= int(start) < int(end) <= length:
            raise ValueError(f"There is no text from {start} to {end}: this source has {length:,} characters.")
        spans.append((int(start), int(end)))
    return spans


def source_page(document: Document, spans: Sequence[Span] = (), *, revision: str = "", newest: str = "") -> str:
    """The whole HTML page.

    ``revision`` is the one the spans were taken from, "" for that of ``document``; ``newest`` is the one the library
    holds now, "" if that is ``document``'s. Spans of a revision that is not at hand are not marked.
    """
    stale = bool(revision) and revision != document.revision
    shown = [] if stale else list(spans)
    marks = [
        Mark(start, end, "quoted" if index else "quoted opened", _ident(index))
        for index, (start, end) in enumerate(shown)
    ]
    sections = [anchor for anchor in document.anchors if anchor.kind == "section" and anchor.label.strip()]
    aside = _outline(sections) + _report(document)
    body = "".join(_blocks(document, marks))
    main = (
        f'<main id="top">{_head(document, shown)}{_notice(document, revision, newest)}'
        f'{_jumps(document, shown)}<article class="text">{body}</article></main>'
    )
    return page(document.title or document.uri, f'<div class="leaf">{main}<aside>{aside}</aside></div>')


def message_page(heading: str, sentence: str) -> str:
    """A plain page in place of a source that cannot be shown."""
    text = f'<main class="message"><h1>{content(heading)}</h1><p>{content(sentence)}</p></main>'
    return page(heading, f'<div class="leaf">{text}</div>')


def page(title: str, body: str) -> str:
    """A whole page around ``body``, which is HTML; ``title`` is text."""
    return (
        '<!doctype html><html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width">'
        f'<title>{escape(title)} · Pullquote</title><link rel="icon" href="/static/icon.svg">'
        f'<link rel="stylesheet" href="/static/style.css"></head><body class="source">{body}</body></html>'
    )


def _ident(index: int) -> str:
    return "quote" if index == 0 else f"quote-{index + 1}"


def _head(document: Document, spans: Sequence[Span]) -> str:
    byline = [content(part) for part in (document.author, document.publisher) if part]
    if document.published:
        byline.append(f'<time datetime="{escape(document.published)}">{content(date_words(document.published))}</time>')
    out = link_out(document, spans[0] if spans else None)
    where = content(short_uri(document.uri))
    if out:
        host = content(urlsplit(out).hostname or out)
        where = f'<a href="{escape(out)}" target="_blank" rel="noopener noreferrer">Original at {host}</a>'
    return (
        f'<header><p class="kicker">Stored source</p><h1 dir="auto">{content(document.title or document.uri)}</h1>'
        f'<p class="byline">{" · ".join(byline)}</p><p class="where">{where}</p></header>'
    )


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


def _jumps(document: Document, spans: Sequence[Span]) -> str:
    if not spans:
        return ""
    links = []
    for index, (start, end) in enumerate(spans):
        words = " ".join(document.text[start:end].split())
        opening = words if len(words) <= 60 else words[:60].rsplit(" ", 1)[0] + "…"
        links.append(f'<li><a href="#{_ident(index)}">{content(opening)}</a></li>')
    heading = f"<h2>{plural(len(spans), 'quote')} marked</h2>"
    return f'<nav class="jumps" aria-label="Marked quotes">{heading}<ol>{"".join(links)}</ol></nav>'


def _outline(sections: Sequence[Anchor]) -> str:
    if not sections:
        return ""
    items = "".join(
        f'<li class="level-{min(max(each.level, 1), 3)}"><a href="#s-{each.start}">{content(each.label)}</a></li>'
        for each in sections
    )
    return f'<nav class="outline" aria-label="Outline"><h2>Outline</h2><ul>{items}</ul></nav>'


def _report(document: Document) -> str:
    report = document.report
    facts = [("Characters", f"{len(document.text):,}"), ("Read as", f"{document.media_type}, {report.encoding}")]
    facts += [("Revision", document.revision[:12]), ("Read from", short_uri(document.uri))]
    rows = "".join(f"<dt>{name}</dt><dd>{content(value)}</dd>" for name, value in facts)
    notes = "".join(f"<li>{content(note)}</li>" for note in report.notes)
    dropped = "".join(f"<li>{content(line)}</li>" for line in report.dropped)
    parts = [f'<section class="report"><h2>Reading report</h2><dl>{rows}</dl>']
    parts.append(f"<ul>{notes}</ul>" if notes else "")
    if dropped:
        share = f"{report.dropped_share:.0%} of the source" if report.dropped_share else "some lines"
        parts.append(f"<details><summary>Left out as boilerplate: {share}</summary><ul>{dropped}</ul></details>")
    elif not notes:
        parts.append("<p>Everything in this source was read.</p>")
    return "".join(parts) + "</section>"


def _blocks(document: Document, marks: Sequence[Mark]) -> Iterator[str]:
    """The text as headings, paragraphs and the gaps between them, every character of it exactly once."""
    headings = _headings(document)
    pages = {anchor.start: anchor.label for anchor in document.anchors if anchor.kind == "page"}
    for start, end, gap in _cuts(document.text, headings, pages):
        inside = marked(document.text[start:end], start, marks)
        if start in pages:
            yield f'<p class="page" id="p-{start}" data-label="Page {escape(pages[start])}"></p>'
        if gap:
            yield f'<span class="gap">{inside}</span>'
        elif start in headings:
            tag = "h2" if headings[start].level <= 1 else "h3"
            yield f'<{tag} id="s-{start}" dir="auto">{inside}</{tag}>'
        else:
            yield f'<p dir="auto">{inside}</p>'


def _headings(document: Document) -> dict[int, Anchor]:
    """Where the text of a section begins with its own heading, as a line of its own."""
    found = {}
    for anchor in document.anchors:
        line = document.text[anchor.start : anchor.end].split("\n", 1)[0]
        if anchor.kind == "section" and anchor.label.strip() and line.strip(" #\t") == anchor.label.strip():
            found[anchor.start] = anchor
    return found


def _cuts(text: str, headings: dict[int, Anchor], pages: dict[int, str]) -> Iterator[tuple[int, int, bool]]:
    """(start, end, is a gap) for every block, in order and without holes."""
    edges = {0, len(text), *(p for p in pages if p < len(text)), *headings}
    gaps = {match.start(): match.end() for match in BLANK_LINES.finditer(text)}
    edges.update(gaps, gaps.values())
    for start in headings:
        line_end = text.find("\n", start)
        if line_end >= 0:
            edges.update((line_end, line_end + 1))
    ordered = sorted(edges)
    for start, end in zip(ordered, ordered[1:], strict=False):
        yield start, end, not text[start:end].strip()
