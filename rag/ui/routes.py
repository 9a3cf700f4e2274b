"""The pages beside the main one: ``/source/{document_id}``, ``/api``, ``/static``. Imported when a server is built."""

from __future__ import annotations

from importlib.resources import files

from fastapi import APIRouter, Request, Response

from rag.errors import LibraryError
from rag.store import Library
from rag.ui.api_page import api_page
from rag.ui.collections import Collections
from rag.ui.source import CSP, message_page, read_spans, source_page

_STATIC = {
    "style.css": "text/css",
    "page.css": "text/css",
    "access.css": "text/css",
    "page.js": "text/javascript",
    "icon.svg": "image/svg+xml",
}


def pages(collections: Collections) -> APIRouter:
    """The routes; they read the libraries and change nothing."""
    router = APIRouter(include_in_schema=False)

    @router.api_route("/source/{document_id}", methods=["GET", "HEAD"])
    def source(document_id: str, request: Request) -> Response:
        library = collections.holding(document_id, request.query_params.get("revision", ""))
        return _source(library, document_id, request)

    @router.api_route("/static/{name}", methods=["GET", "HEAD"])
    def static(name: str) -> Response:
        if name not in _STATIC:
            return Response("No such file.\n", 404, media_type="text/plain")
        return Response(files("rag.ui").joinpath(name).read_bytes(), media_type=_STATIC[name])

    @router.get("/api")
    def describe(request: Request) -> Response:
        return _page(api_page(request.app.openapi()))

    return router


def _source(library: Library, document_id: str, request: Request) -> Response:
    """The source view, or a plain page that says why there is none."""
    query = request.query_params
    revision = query.get("revision", "")
    try:
        newest = library.document(document_id)
    except LibraryError:
        sentence = "It was removed, or it was never here. A quote from it cannot be checked any more."
        return _page(message_page("This source is not in the library", sentence), 404)
    document = newest
    if revision and revision != newest.revision:
        try:
            document = library.document(document_id, revision)
        except LibraryError:  # said on the page, and nothing is marked
            return _page(source_page(newest, revision=revision))
    try:
        spans = read_spans(query.getlist("start"), query.getlist("end"), len(document.text))
    except ValueError as error:
        return _page(message_page("This link names no place in the source", str(error)), 400)
    return _page(source_page(document, spans, revision=revision, newest=newest.revision))


def _page(html: str, status: int = 200) -> Response:
    headers = {"content-security-policy": CSP, "cache-control": "no-store"}
    return Response(html.encode("utf-8", "replace"), status, headers, "text/html; charset=utf-8")
