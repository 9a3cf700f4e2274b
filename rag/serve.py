"""The server: the page, the source view and the files they need, on one origin, for this machine or for accounts."""

from __future__ import annotations

import ipaddress
import os
import socket
import sys
import webbrowser
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING

from rag.config import Settings
from rag.errors import SettingsError
from rag.ui import views
from rag.ui.access import Accounts, Limit, TabOwners
from rag.ui.guard import Doors, Guard

if TYPE_CHECKING:
    import gradio as gr
    from fastapi import FastAPI, Request
    from fastapi.responses import JSONResponse, Response

    from rag.assistant import Assistant
    from rag.store.library import Library
    from rag.ui.tabs import Tab

_BACKLOG = 2048  # connections that wait; uvicorn's own default
_BURST, _SECONDS = 120, 0.25  # requests at once, and between two in the long run; a person's click is two or three


def build_app(
    library: Library,
    settings: Settings,
    *,
    assistant: Assistant | None = None,
    examples: Sequence[str] = (),
    accounts: Accounts | None = None,
    tabs: Sequence[Tab] = (),
) -> FastAPI:
    """The ASGI application. Start it with :func:`serve`.

    With ``accounts`` everything but the sign-in page is for those who signed in, and admins may add and remove
    documents. Without, each browser is somebody of its own, and documents change only where none but this machine
    can reach the page.
    """
    os.environ["GRADIO_ANALYTICS_ENABLED"] = "False"  # read by Gradio when it is imported
    from fastapi import FastAPI
    from fastapi.exceptions import RequestValidationError

    from rag.assistant import Assistant as DefaultAssistant
    from rag.ui.api import VERSION, api
    from rag.ui.blocks import build_page
    from rag.ui.collections import Collections
    from rag.ui.mcp_server import add_http
    from rag.ui.page import Page
    from rag.ui.routes import pages
    from rag.ui.sign_in import sign_in

    app = FastAPI(title="Pullquote", version=VERSION, docs_url=None, redoc_url=None, openapi_url="/api/openapi.json")
    assistant = assistant or DefaultAssistant(library, settings)
    collections = Collections(library, assistant)
    doors = Doors(accounts) if accounts else None
    editable = doors is None and is_local(settings.host)

    routers = [pages(collections), api(library, assistant), *(tab.routes for tab in tabs)]
    for router in [*routers, sign_in(doors)] if doors else routers:
        app.include_router(router)
    add_http(app, assistant)
    for failure in views.FAILURES:
        app.add_exception_handler(failure, _said)
    app.add_exception_handler(RequestValidationError, _misfit)

    by_right = {right: Page(collections, examples, editable=right) for right in (False, True)}
    _mount(app, build_page(lambda visitor: by_right[visitor.may_edit], editable=editable, tabs=tabs), settings)
    _guard(app, settings, tabs, doors=doors, editable=editable)
    return app


def _guard(app: FastAPI, settings: Settings, tabs: Sequence[Tab], *, doors: Doors | None, editable: bool) -> None:
    """Let in whom it concerns, as often and with as much as is fair."""
    app.add_middleware(
        Guard,
        hosts=("localhost", settings.host),
        doors=doors,
        uploads=editable,
        limit=None if editable else Limit(_BURST, _SECONDS),  # one's own programs may be as fast as they like
        bodies={tab.path: tab.most_body for tab in tabs},
    )


def _said(_: Request, error: Exception) -> JSONResponse:
    """What the library cannot do, damaged as it may be, in the form of all other answers to programs."""
    from fastapi.responses import JSONResponse

    return JSONResponse({"detail": views.failure(error)}, 503)


def _misfit(_: Request, error: Exception) -> JSONResponse:
    """Which fields are missing or do not fit. What was sent is not repeated, as not all that is read can be written."""
    from fastapi.exceptions import RequestValidationError
    from fastapi.responses import JSONResponse

    found = error.errors() if isinstance(error, RequestValidationError) else ()
    return JSONResponse({"detail": [{name: each[name] for name in ("type", "loc", "msg")} for each in found]}, 422)


def _no_page(request: Request, error: Exception) -> Response:
    """An address that leads nowhere: a page for a person, else what all programs get."""
    from fastapi.responses import JSONResponse

    from rag.ui.routes import plain_page

    if "text/html" in request.headers.get("accept", ""):
        return plain_page("There is no such page", "The address may be mistyped, or be an old one.", 404)
    return JSONResponse({"detail": getattr(error, "detail", "Not Found")}, 404)


def _mount(app: FastAPI, page: gr.Blocks, settings: Settings) -> None:
    """Put Gradio's page at ``/``, with nothing switched on that it does not need."""
    import gradio as gr
    from fastapi.exceptions import RequestValidationError
    from gradio.utils import get_upload_folder

    from rag.ui.blocks import look

    handlers = {404: _no_page, RequestValidationError: _misfit}
    page.has_launched = True  # subtle: else Gradio copies any file that a request names, if ``TabOwners`` lets it pass
    gr.mount_gradio_app(
        app,
        page,
        path="/",
        run_history=False,
        show_error=False,
        allowed_paths=[get_upload_folder()],  # hidden files too, wherever the server was started
        blocked_paths=[str(settings.index_dir.resolve())],
        max_file_size="64mb",
        ssr_mode=False,
        enable_monitoring=False,
        pwa=False,
        mcp_server=False,
        auth_dependency=TabOwners(),
        app_kwargs={"docs_url": None, "redoc_url": None, "openapi_url": None, "exception_handlers": handlers},
        **look(),
    )


def is_local(host: str) -> bool:
    """Whether only this machine can reach ``host``."""
    try:
        return host == "localhost" or ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


def check_host(host: str, *, open_to_network: bool = False) -> None:
    """Raises SettingsError for an address that others can reach, unless that was asked for or there are accounts."""
    if not is_local(host) and not open_to_network:
        raise SettingsError(
            f"the page would be served to the network on {host!r}",
            why="anyone who reaches it can read every document, and there are no passwords",
            fix="leave out --host, or add --auth-file FILE, or --open-to-network if that is what you want",
        )


def serve(
    settings: Settings,
    *,
    assistant: Assistant | None = None,
    examples: Sequence[str] = (),
    tabs: Sequence[Tab] = (),
    open_to_network: bool = False,
    auth_file: Path | None = None,
    browser: bool = False,
) -> None:
    """Serve the page until interrupted; its address goes to standard error. ``auth_file``: who may sign in.

    ``examples`` are offered on the empty page, those that the library answers; ``tabs`` stand beside the chat.
    Raises SettingsError for an address or a file that cannot be used, LibraryError or ModelError if there is nothing
    to answer with; nothing was opened then.
    """
    import uvicorn

    from rag.assistant import Assistant
    from rag.store import open_library

    accounts = Accounts(auth_file) if auth_file else None
    check_host(settings.host, open_to_network=open_to_network or accounts is not None)
    assistant = assistant or Assistant(open_library(settings), settings)
    sys.stderr.write("Loading the models; the first time takes a minute.\n")
    assistant.warm_up()
    answered = [each for each in examples if assistant.ask(each).answer.status == "answered"]
    app = build_app(assistant.library, settings, assistant=assistant, examples=answered, tabs=tabs, accounts=accounts)
    with _listen(settings.host, settings.port) as listening:
        host = f"[{settings.host}]" if ":" in settings.host else settings.host
        address = f"http://{host}:{listening.getsockname()[1]}/"
        sys.stderr.write(f"Pullquote is at {address} (Ctrl-C ends it)\n")
        if accounts and not is_local(settings.host):
            sys.stderr.write("Passwords and texts travel as they are: put a proxy that speaks HTTPS in front of it.\n")
        if browser:
            webbrowser.open(address)
        with suppress(KeyboardInterrupt):  # raised again once everything is closed
            uvicorn.Server(uvicorn.Config(app, log_level="warning", server_header=False)).run(sockets=[listening])


def _listen(host: str, port: int) -> socket.socket:
    """A socket that takes connections at once: a browser waits on it until the app has started.

    Raises SettingsError, also where another server listens: two can bind to one address, but not listen.
    """
    listening = socket.socket(socket.AF_INET6 if ":" in host else socket.AF_INET)
    listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listening.bind((host, port))
        listening.listen(_BACKLOG)
    except OSError as error:
        listening.close()
        fix = "end the other program or choose another --port"
        raise SettingsError(f"cannot listen on {host}:{port}", why=str(error.strerror), fix=fix) from None
    return listening
