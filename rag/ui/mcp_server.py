"""The library for MCP clients: three tools that return exact slices with the place they were cut from."""

from __future__ import annotations

import functools
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING, Any

from rag.assistant import Assistant
from rag.errors import LibraryError
from rag.types import Document
from rag.ui.place import read_spans
from rag.ui.programs import answered, found
from rag.ui.source import link_out
from rag.ui.views import FAILURES, failure

if TYPE_CHECKING:
    from fastapi import FastAPI
    from mcp.server import MCPServer
    from mcp.server.mcpserver import Context

    from rag.config import Settings
    from rag.store import Library

_OWNER = "mcp"
_BESIDE = 600  # characters on each side of an opened quote
_PURPOSE = (
    "Quotes from a library of documents. Nothing here is written by a model: every text is an exact slice of a source, "
    "and status says whether an answer was found (answered), only passages about it (related), or nothing (not_found)."
)


def serve_stdio(settings: Settings, library: Library) -> None:
    """Answer one client over standard input and output until it closes them."""
    build_mcp(Assistant(library, settings)).run("stdio")


def add_http(app: FastAPI, assistant: Assistant) -> None:
    """Answer at ``/mcp`` as well; it runs as long as the app does."""
    from mcp.server.transport_security import TransportSecuritySettings

    server = build_mcp(assistant)
    security = TransportSecuritySettings(enable_dns_rebinding_protection=False)  # rag/ui/guard.py has seen to it
    served = server.streamable_http_app(stateless_http=True, json_response=True, transport_security=security)
    app.router.routes.extend(served.routes)
    before = app.router.lifespan_context

    @asynccontextmanager
    async def lifespan(running: FastAPI) -> AsyncIterator[Any]:
        async with before(running) as state, server.session_manager.run():
            yield state

    app.router.lifespan_context = lifespan


def build_mcp(assistant: Assistant) -> MCPServer:
    """The server; run it with ``.run("stdio")``."""
    from mcp.server import MCPServer

    server = MCPServer("pullquote", instructions=_PURPOSE, log_level="WARNING")
    for tool in _tools(assistant):
        server.add_tool(_explained(tool), name=tool.__name__)
    return server


def _tools(assistant: Assistant) -> list[Callable[..., Any]]:
    """What a client can call; the docstrings are what it reads."""
    from mcp.server.mcpserver import Context

    library = assistant.library

    def ask(question: str, context: Context, conversation: str = "") -> dict[str, Any]:
        """Answer a question with quotes. Pass the conversation that comes back to ask a follow-up.

        It is "" where the answer could not be saved; unsaved says why.
        """
        owner = _owner(context)
        turns = library.conversations.turns(conversation, owner) if conversation else []
        return answered(library, owner, conversation, assistant.ask(question, turns))

    def search(query: str, k: int = 5) -> list[dict[str, Any]]:
        """The k best passages for a query (1 to 50), each with its document and offsets."""
        return [
            {
                "rank": hit.rank,
                "text": text,
                "document_id": passage.document_id,
                "start": passage.start,
                "end": passage.end,
                "heading": passage.heading,
            }
            for hit, passage, text in found(assistant, query, min(max(k, 1), 50))
        ]

    def open_quote(document_id: str, start: int, end: int, revision: str = "") -> dict[str, Any]:
        """The stored text from start to end, with what stands around it and where it comes from."""
        document = library.document(document_id, revision)
        try:
            read_spans([str(start)], [str(end)], len(document.text))
        except ValueError as error:
            raise LibraryError(str(error).rstrip(".")) from None
        return _opened(document, start, end)

    ask.__annotations__["context"] = Context  # postponed annotations: mcp looks for the real class
    return [ask, search, open_quote]


def _owner(context: Context) -> str:
    """The account that calls; clients that need not sign in share one owner, and need a conversation's id."""
    request = context.request_context.request
    return str(request.user.owner) if request and request.user.name else _OWNER


def _explained(tool: Callable[..., Any]) -> Callable[..., Any]:
    """The tool, with our errors as errors of its own, so that a client learns the reason."""
    from mcp.server.mcpserver.exceptions import ToolError

    @functools.wraps(tool)
    def called(*positional: Any, **named: Any) -> Any:
        try:
            return tool(*positional, **named)
        except FAILURES as error:
            raise ToolError(failure(error)) from None

    return called


def _opened(document: Document, start: int, end: int) -> dict[str, Any]:
    return {
        "text": document.text[start:end],
        "before": document.text[max(start - _BESIDE, 0) : start],
        "after": document.text[end : end + _BESIDE],
        "title": document.title,
        "publisher": document.publisher,
        "published": document.published,
        "uri": document.uri,
        "revision": document.revision,
        "link": link_out(document, (start, end)),
    }
