"""The MCP tools, tried with the official client: what they return can be opened again, character for character."""

from __future__ import annotations

import asyncio
import json
import os
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import httpx
import mcp
import pytest
from fastapi import FastAPI
from mcp.client import stdio
from mcp.client.streamable_http import streamable_http_client
from serving import running, write_users
from test_ui_api import SOURCES, Deleting

from rag.assistant import Assistant
from rag.config import Settings
from rag.store import Library
from rag.types import Encoder
from rag.ui.access import Accounts
from rag.ui.guard import Doors, Guard
from rag.ui.mcp_server import add_http, build_mcp

pytestmark = pytest.mark.filterwarnings("ignore::ResourceWarning")


@pytest.fixture
def assistant(assistant_of: Callable[..., Assistant]) -> Assistant:
    return assistant_of(SOURCES)


@pytest.fixture
def call(assistant: Assistant) -> Callable[..., Any]:
    async def calling(name: str, arguments: dict[str, Any]) -> Any:
        async with mcp.Client(build_mcp(assistant)) as client:
            if not name:
                return sorted(tool.name for tool in (await client.list_tools()).tools)
            return await client.call_tool(name, arguments)

    def made(name: str = "", **arguments: Any) -> Any:
        return asyncio.run(calling(name, arguments))

    return made


def content(result: Any) -> Any:
    assert not result.is_error, result
    return [json.loads(part.text) for part in result.content]


def test_there_are_three_tools(call: Callable[..., Any]) -> None:
    assert call() == ["ask", "open_quote", "search"]


def test_what_is_found_can_be_opened(call: Callable[..., Any], library: Library) -> None:
    found = call("search", query="zebrafish stripes", k=1)
    (hit,) = found.structured_content["result"]
    assert hit["text"].endswith("Zebrafish have stripes.")
    (opened,) = content(call("open_quote", document_id=hit["document_id"], start=hit["end"] - 8, end=hit["end"]))
    assert opened["text"] == "stripes."
    text = library.document(hit["document_id"]).text
    assert opened["before"] + opened["text"] + opened["after"] == text


def test_a_search_with_another_encoder_is_refused(call: Callable[..., Any], assistant: Assistant) -> None:
    assistant.encoder.name = "another"
    assert "start it again" in call("search", query="zebrafish stripes").content[0].text


def test_a_follow_up_continues_its_conversation(call: Callable[..., Any]) -> None:
    (first,) = content(call("ask", question="What pulls the sea?"))
    (second,) = content(call("ask", question="And why?", conversation=first["conversation"]))
    assert second["conversation"] == first["conversation"]


def test_an_answer_that_cannot_be_kept_is_given_all_the_same(
    call: Callable[..., Any], assistant: Assistant, encoder: Encoder
) -> None:
    (first,) = content(call("ask", question="What pulls the sea?"))
    assistant.__dict__["encoder"] = Deleting(encoder, assistant.library, first["conversation"], "mcp")
    (second,) = content(call("ask", question="And the fish?", conversation=first["conversation"]))
    assert second["status"] and second["conversation"] == "" and first["conversation"] in second["unsaved"]


@pytest.mark.parametrize(
    "case",
    [
        ("ask", {"question": " "}, "the question is empty"),
        ("ask", {"question": "Why?", "conversation": "guess"}, "there is no conversation"),
        ("search", {"query": " "}, "the query is empty"),
        ("search", {"query": "tide " * 500}, "the query has 2,499 characters"),
        ("open_quote", {"document_id": "nonsense", "start": 0, "end": 1}, "there is no document"),
    ],
)
def test_what_cannot_be_done_is_an_error_with_a_reason(call: Callable[..., Any], case: tuple[str, Any, str]) -> None:
    result = call(case[0], **case[1])
    assert result.is_error
    assert case[2] in result.content[0].text


def test_a_library_that_fails_says_why(call: Callable[..., Any], library: Library) -> None:
    library.connect().execute("ALTER TABLE conversations RENAME TO gone")
    result = call("ask", question="Why?", conversation="c1")
    assert result.is_error
    assert "no such table: conversations" in result.content[0].text


def test_the_command_answers_over_standard_input_and_output(assistant: Assistant, settings: Settings) -> None:
    (fish,) = [each for each in assistant.library.documents() if each.title == "Fish"]
    env = {**os.environ, "PULLQUOTE_INDEX_DIR": str(settings.index_dir), "PULLQUOTE_READER": settings.reader}
    command = stdio.StdioServerParameters(
        command=sys.executable, args=["-c", "from rag.cli import main; main()", "mcp"], env=env
    )

    async def calling() -> Any:
        async with mcp.Client(stdio.stdio_client(command)) as client:
            tools = sorted(tool.name for tool in (await client.list_tools()).tools)
            wish = {"document_id": fish.id, "start": 6, "end": 15}
            return tools, await client.call_tool("open_quote", wish)

    tools, opened = asyncio.run(calling())
    assert tools == ["ask", "open_quote", "search"]
    assert content(opened)[0]["text"] == "Zebrafish"


def test_each_account_has_its_own_conversations_over_http(assistant: Assistant, tmp_path: Path) -> None:
    httpx2 = pytest.importorskip("httpx2")
    accounts = [("alice", "correct horse"), ("bob", "battery staple")]
    users = write_users(tmp_path / "users", dict(accounts))
    app = FastAPI()
    add_http(app, assistant)
    app.add_middleware(Guard, hosts=(), doors=Doors(Accounts(users)))

    async def asking(address: str, account: tuple[str, str], **wish: str) -> Any:
        async with (
            httpx2.AsyncClient(auth=account) as http,
            mcp.Client(streamable_http_client(address, http_client=http)) as client,
        ):
            return await client.call_tool("ask", wish)

    with running(app) as root:
        address = f"{root}mcp"
        assert httpx.post(address, json={}).status_code == 401
        assert httpx.post(address, json={}, auth=("alice", "wrong")).status_code == 401
        first = content(asyncio.run(asking(address, accounts[0], question="What pulls the sea?")))[0]
        follow = {"question": "And why?", "conversation": first["conversation"]}
        assert content(asyncio.run(asking(address, accounts[0], **follow)))[0]["conversation"] == follow["conversation"]
        stolen = asyncio.run(asking(address, accounts[1], **follow))
        assert stolen.is_error
        assert "there is no conversation" in stolen.content[0].text
    (kept,) = assistant.library.conversations.list("user:alice")
    assert (kept.id, kept.turns) == (first["conversation"], 2)


def test_the_same_tools_answer_over_http_but_not_to_another_host(assistant: Assistant) -> None:
    app = FastAPI()
    add_http(app, assistant)
    app.add_middleware(Guard, hosts=("127.0.0.1",))

    async def calling(address: str) -> Any:
        async with mcp.Client(address) as client:
            return await client.call_tool("search", {"query": "zebrafish", "k": 1})

    with running(app) as root:
        address = f"{root}mcp"
        assert "Zebrafish have stripes." in asyncio.run(calling(address)).content[0].text
        assert httpx.post(address, json={}, headers={"host": "evil.example"}).status_code == 403
        assert httpx.post(address, json={}, headers={"origin": "http://evil.example"}).status_code == 403
