"""The pages beside the main one: ``/source``, ``/api``, ``/static``, ``/export``. Imported when a server is built."""

from __future__ import annotations

from datetime import UTC, datetime
from importlib.resources import files
from urllib.parse import quote

from fastapi import APIRouter, Request, Response

from rag.errors import LibraryError, RagError, SourceError
from rag.export import Format, export
from rag.store import Library
from rag.types import Document
from rag.ui import sheets
from rag.ui.api_page import api_page
from rag.ui.collections import Collections
from rag.ui.markup import content
from rag.ui.pdf_view import PdfView, original_bytes
from rag.ui.place import Place, read_place
from rag.ui.source import CSP, message_page, source_page
from rag.ui.support import support
from rag.ui.telling import plainly

_FORMATS: dict[Format, str] = {"md": "text/markdown", "html": "text/html", "json": "application/json"}
_STATIC = {
    "style.css": "text/css",
    "page.css": "text/css",
    "access.css": "text/css",
    "page.js": "text/javascript",
    "files.js": "text/javascript",
    "lost.js": "text/javascript",
    "icon.svg": "image/svg+xml",
}


def pages(collections: Collections) -> APIRouter:
    """The routes; they read the libraries and change nothing."""
    router, view = APIRouter(include_in_schema=False), SourceView(collections)

    @router.api_route("/source/{document_id}", methods=["GET", "HEAD"])
    def source(document_id: str, request: Request) -> Response:
        return view.page(document_id, request)

    @router.api_route("/source/{document_id}/page/{number}.png", methods=["GET", "HEAD"])
    def page_picture(document_id: str, number: int, revision: str = "", width: int = sheets.WIDTHS[0]) -> Response:
        return view.picture(document_id, revision, number, width)

    @router.api_route("/static/{name}", methods=["GET", "HEAD"])
    def static(name: str) -> Response:
        if name not in _STATIC:
            return Response("No such file.\n", 404, media_type="text/plain")
        return Response(files("rag.ui").joinpath(name).read_bytes(), media_type=_STATIC[name])

    @router.get("/api")
    def describe(request: Request) -> Response:
        return _page(api_page(request.app.openapi()))

    @router.api_route("/export/{collection}/{conversation}.{form}", methods=["GET", "HEAD"])
    def saved(collection: str, conversation: str, form: Format, request: Request) -> Response:
        return _saved(collections, collection, conversation, form, request.user.owner)

    return router


def _saved(collections: Collections, collection: str, conversation: str, form: Format, owner: str) -> Response:
    """A conversation of the owner as a file to keep."""
    try:
        kept = collections.get(collection).library.conversations
        turns = kept.turns(conversation, owner)
    except LibraryError:
        sentence = "It was deleted, or it was never yours."
        return plain_page("This conversation is not here", sentence, 404)
    title = next((each.title for each in kept.list(owner) if each.id == conversation), conversation)
    text = export(title, turns, form).encode("utf-8", "replace")
    name = quote(f"{title[:80].rstrip()}.{form}", safe="")
    headers = {"content-disposition": f"attachment; filename*=UTF-8''{name}", "cache-control": "no-store"}
    return Response(text, 200, headers, _FORMATS[form])


class SourceView:
    """Answers requests for a source, its printed pages, and support for words of it."""

    def __init__(self, collections: Collections) -> None:
        self._collections, self._pdfs = collections, PdfView()

    def page(self, document_id: str, request: Request) -> Response:
        """The source view, or a plain page that says why there is none."""
        query = request.query_params
        revision = query.get("revision", "")
        library = self._collections.holding(document_id, revision)
        newest = library.find(document_id)
        if newest is None:
            sentence = "It was removed, or it was never here. A quote from it cannot be checked any more."
            return plain_page("This source is not in the library", sentence, 404)
        document = newest if revision in ("", newest.revision) else library.find(document_id, revision)
        if document is None:  # said on the page, and nothing is marked
            return _page(source_page(newest, Place(document_id, revision)))
        try:
            place = read_place(document_id, query, len(document.text))
        except ValueError as error:
            return plain_page("This link names no place in the source", str(error), 400)
        found = self._support(library, place.find) if query.get("everywhere") and place.find else ""
        dated = _dated(library, document) if document is newest else ""
        shown = self._sheets(library, document, place)
        return _page(source_page(document, place, newest=newest.revision, dated=dated, sheets=shown, support=found))

    def picture(self, document_id: str, revision: str, number: int, width: int) -> Response:
        """A printed page as PNG."""
        try:
            library = self._collections.holding(document_id, revision)
            document = library.document(document_id, revision)
            data = original_bytes(library, document)
            png = self._pdfs.image(data, document, number, min(max(width, 100), sheets.WIDTHS[-1]))
        except RagError as error:
            return Response(f"{error}\n", 404, media_type="text/plain")
        return Response(png, 200, {"content-security-policy": CSP, "cache-control": "no-store"}, "image/png")

    def _sheets(self, library: Library, document: Document, place: Place) -> str:
        """The printed pages of a PDF as HTML, or why they cannot be shown; "" for other sources."""
        if document.media_type != "application/pdf":
            return ""
        spans = [*place.spans, *([place.answer] if place.answer else [])]
        try:
            made = self._pdfs.pages_around(original_bytes(library, document), document, spans, place.page)
        except SourceError as error:
            return sheets.missing(error)
        return sheets.pane(document, place, made)

    def _support(self, library: Library, words: str) -> str:
        try:
            return support(words, self._collections.get(library.folder.name).ask(words, raw=True).answer)
        except RagError as error:
            return f'<p class="notice" id="support" role="status">{content(plainly(str(error)))}</p>'


def _dated(library: Library, document: Document) -> str:
    """The ISO date of the file it was read from; "" for what was no file."""
    size, _, changed = library.source_stamp(document.uri).partition(":")
    if not (size.isdigit() and changed.isdigit()):
        return ""
    return datetime.fromtimestamp(int(changed) / 1e9, UTC).date().isoformat()


def plain_page(heading: str, sentence: str, status: int) -> Response:
    """A page that says one thing."""
    return _page(message_page(heading, sentence), status)


def _page(html: str, status: int = 200) -> Response:
    headers = {"content-security-policy": CSP, "cache-control": "no-store"}
    return Response(html.encode("utf-8", "replace"), status, headers, "text/html; charset=utf-8")
