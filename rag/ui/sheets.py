"""The printed pages beside the text: a picture of each, with rectangles over exactly the quoted characters."""

from __future__ import annotations

from dataclasses import replace

from rag.errors import SourceError
from rag.types import Document
from rag.ui.markup import content, escape, plural
from rag.ui.pdf_view import Sheet, Sheets
from rag.ui.place import ZOOMS, Place

WIDTHS = (1200, 2400)  # pixels of a picture: to look at it, and to look closely
_ZOOM_NAMES = {"page": "Whole page", "width": "Page width", "double": "Twice as large"}


def pane(document: Document, place: Place, made: Sheets) -> str:
    """The pages of ``made`` as one region, with ways to those before and after."""
    figures = "".join(_figure(document, place, sheet, made.total) for sheet in made.shown)
    return (
        f'<section class="sheets {place.zoom}" id="sheet" aria-label="The printed pages">{_turns(place, made)}'
        f'<div class="sheaf" tabindex="0" role="group" aria-label="Pictures of the pages">{figures}</div></section>'
    )


def missing(error: SourceError) -> str:
    """What stands in place of the pages where they cannot be shown."""
    why = ": ".join(part for part in (error.what, error.why) if part)
    return f'<p class="notice">Only the stored text can be shown, not the printed pages: {content(why)}.</p>'


def _turns(place: Place, made: Sheets) -> str:
    first, last = made.shown[0].number, made.shown[-1].number
    links = []
    for number, name in ((first - 1, "Previous page"), (last + 1, "Next page")):
        if label := made.labels.get(number):
            arrow = f"← Page {content(label)}" if number < first else f"Page {content(label)} →"
            links.append(_link(replace(place, page=number), arrow, f' aria-label="{name}: {escape(label)}"'))
    if place.page and place.spans:
        links.append(_link(replace(place, page=0), "The quote’s page"))
    zooms = "".join(
        _link(replace(place, zoom=zoom), _ZOOM_NAMES[zoom], ' aria-current="true"' if zoom == place.zoom else "")
        for zoom in ZOOMS
    )
    return (
        f'<nav aria-label="Pages"><span class="turns">{"".join(links)}</span><span class="zooms">{zooms}</span></nav>'
    )


def _link(place: Place, words: str, extra: str = "") -> str:
    fragment = "sheet" if place.page or not place.spans else "boxed"
    return f'<a href="{escape(place.address(fragment))}"{extra}>{words}</a>'


def _figure(document: Document, place: Place, sheet: Sheet, total: int) -> str:
    same = sheet.label == str(sheet.number)
    named = f"Page {sheet.label} of {total}" if same else f"Page {sheet.label} ({sheet.number} of {total})"
    quotes = len({number for number, _ in sheet.boxes if number < len(place.spans)})
    alt = f"{named}. {plural(quotes, 'marked quote') if quotes else 'No marked quote'}; the words stand in the text."
    address = escape(f"/source/{document.id}/page/{sheet.number}.png?revision={document.revision}&width=")
    width = WIDTHS[place.zoom == "double"]
    size = f'width="{round(sheet.width)}" height="{round(sheet.height)}"'
    rects = "".join(_rect(sheet, place, index) for index in range(len(sheet.boxes)))
    overlay = f'<svg viewBox="0 0 1 1" preserveAspectRatio="none" aria-hidden="true">{rects}</svg>' if rects else ""
    return (
        f'<figure><div class="print"><img src="{address}{width}" alt="{escape(alt)}" {size}>{overlay}</div>'
        f'<figcaption>{content(named)} · <a href="{address}{WIDTHS[1]}" target="_blank" rel="noopener">'
        "Open page image</a></figcaption></figure>"
    )


def _rect(sheet: Sheet, place: Place, index: int) -> str:
    number, box = sheet.boxes[index]
    css = "answer" if number == len(place.spans) else "opened" if number == 0 else "quoted"
    ident = ' id="boxed"' if number == 0 and (index == 0 or sheet.boxes[index - 1][0] != 0) else ""
    size = f'width="{box.right - box.left:.6f}" height="{box.bottom - box.top:.6f}"'
    return f'<rect class="{css}"{ident} x="{box.left:.6f}" y="{box.top:.6f}" {size}/>'
