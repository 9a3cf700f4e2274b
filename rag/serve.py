"""The server: the page, the source view and the files they need, on one origin and for this machine only."""

from __future__ import annotations

import ipaddress
import os
import socket
import sys
import webbrowser
from collections.abc import Sequence
from importlib.resources import files
from typing import TYPE_CHECKING

from rag.config import Settings
from rag.errors import LibraryError, SettingsError
from rag.ui.guard import Guard
from rag.ui.source import CSP, message_page, read_spans, source_page

if TYPE_CHECKING:
    from fastapi import FastAPI, Request, Response

    from rag.assistant import Assistant
    from rag.store.library import Library

_STATIC = {"style.css": "text/css", "page.css": "text/css", "page.js": "text/javascript", "icon.svg": "image/svg+xml"}
_LOCAL_NAMES = ("localhost", "127.0.0.1", "[::1]")


def build_app(
    library: Library, settings: Settings, *, assistant: Assistant | None = None, examples: Sequence[str] = ()
) -> FastAPI:
    """The ASGI application. Start it with :func:`serve`, or mount it elsewhere behind its own access control."""
    os.environ["GRADIO_ANALYTICS_ENABLED"] = "False"  # read by Gradio when it is imported
    import gradio as gr
    from fastapi import FastAPI

    from rag.assistant import Assistant as DefaultAssistant
    from rag.ui.page import build_page, look

    app = FastAPI(title="Pullquote", docs_url=None, redoc_url=None, openapi_url=None)
    add_source_routes(app, library)
    page = build_page(library, assistant or DefaultAssistant(library, settings), examples)
    gr.mount_gradio_app(
        app,
        page,
        path="/",
        run_history=False,
        show_error=False,
        allowed_paths=[],
        blocked_paths=[str(settings.index_dir.resolve())],
        max_file_size="1mb",
        ssr_mode=False,
        enable_monitoring=False,
        pwa=False,
        mcp_server=False,
        app_kwargs={"docs_url": None, "redoc_url": None, "openapi_url": None},
        **look(),
    )
    app.add_middleware(Guard, hosts=(*_LOCAL_NAMES, settings.host))
    return app


def add_source_routes(app: FastAPI, library: Library) -> None:
    """``/source/{document_id}`` and the files under ``/static``."""
    from fastapi import Request, Response

    def source(document_id: str, request: Request) -> Response:
        return source_response(library, document_id, request)

    def static(name: str) -> Response:
        if name not in _STATIC:
            return Response("No such file.\n", 404, media_type="text/plain")
        return Response(files("rag.ui").joinpath(name).read_bytes(), media_type=_STATIC[name])

    source.__annotations__.update(request=Request, document_id=str)
    source.__annotations__.pop("return")
    static.__annotations__.pop("return")
    app.add_api_route("/source/{document_id}", source, methods=["GET", "HEAD"], include_in_schema=False)
    app.add_api_route("/static/{name}", static, methods=["GET", "HEAD"], include_in_schema=False)


def source_response(library: Library, document_id: str, request: Request) -> Response:
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
    from fastapi import Response

    return Response(
        html.encode("utf-8", "replace"),
        status,
        {"content-security-policy": CSP, "cache-control": "no-store"},
        "text/html; charset=utf-8",
    )


def check_host(host: str, *, open_to_network: bool = False) -> None:
    """Raises SettingsError for an address that others can reach, unless that was asked for."""
    try:
        local = host == "localhost" or ipaddress.ip_address(host).is_loopback
    except ValueError:
        local = False
    if not local and not open_to_network:
        raise SettingsError(
            f"the page would be served to the network on {host!r}",
            why="anyone who reaches it can read every document, and there are no passwords",
            fix="leave out --host, or add --open-to-network if that is what you want",
        )


def serve(
    settings: Settings,
    *,
    assistant: Assistant | None = None,
    examples: Sequence[str] = (),
    open_to_network: bool = False,
    browser: bool = False,
) -> None:
    """Serve the page until interrupted; its address goes to standard error.

    ``examples`` are offered on the empty page, those that the library answers. Raises SettingsError for an address
    that cannot be used, LibraryError or ModelError if there is nothing to answer with; then nothing was opened.
    """
    import uvicorn

    from rag.assistant import Assistant
    from rag.store import open_library

    check_host(settings.host, open_to_network=open_to_network)
    assistant = assistant or Assistant(open_library(settings), settings)
    assistant.warm_up()
    answered = [each for each in examples if assistant.ask(each).answer.status == "answered"]
    app = build_app(assistant.library, settings, assistant=assistant, examples=answered)
    with _listen(settings.host, settings.port) as listening:
        address = f"http://{settings.host}:{listening.getsockname()[1]}/"
        sys.stderr.write(f"Pullquote is at {address} (Ctrl-C ends it)\n")
        if browser:
            webbrowser.open(address)
        uvicorn.Server(uvicorn.Config(app, log_level="warning", server_header=False)).run(sockets=[listening])


def _listen(host: str, port: int) -> socket.socket:
    listening = socket.socket(socket.AF_INET6 if ":" in host else socket.AF_INET)
    listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listening.bind((host, port))
    except OSError as error:
        listening.close()
        fix = "end the other program or choose another --port"
        raise SettingsError(f"cannot listen on {host}:{port}", why=str(error.strerror), fix=fix) from None
    return listening
