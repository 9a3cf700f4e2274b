"""What the tests of the page and its endpoints share: a real server, accounts, and the page's events over HTTP."""

from __future__ import annotations

import gc
import json
import socket
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import uvicorn
from fastapi.testclient import TestClient

from rag.ui.access import hashed

CHEAP = (2**10, 1, 1)  # a hash that takes no time


@contextmanager
def running(app: Any, port: int = 0) -> Iterator[str]:
    """The address at which the app is served meanwhile; from the first moment a client waits and is not refused."""
    with socket.create_server(("127.0.0.1", port)) as listening:
        # A browser that keeps its connections open is not waited for.
        server = uvicorn.Server(uvicorn.Config(app, log_level="warning", timeout_graceful_shutdown=1))
        thread = threading.Thread(target=server.run, kwargs={"sockets": [listening]}, daemon=True)
        thread.start()
        try:
            yield f"http://127.0.0.1:{listening.getsockname()[1]}/"
        finally:
            server.should_exit = True
            thread.join(10)
    gc.collect()


def write_users(path: Path, passwords: Mapping[str, str], *, admin: str = "") -> Path:
    """A file of accounts, of which one may be an admin."""
    roles = {name: "admin" if name == admin else "reader" for name in passwords}
    path.write_text("".join(f"{name}:{roles[name]}:{hashed(word, cost=CHEAP)}\n" for name, word in passwords.items()))
    return path


def event_ids(client: TestClient) -> dict[str, int]:
    """The page's events by what triggers them; of several the first."""
    found = client.get("/config").json()["dependencies"]
    return {each["targets"][0][1]: each["id"] for each in reversed(found)}


def fire(client: TestClient, event: int, data: list[Any], wish: Any, tab: str) -> str:
    """Trigger an event of the page over HTTP, as its own script does; all that the server says about it."""
    join(client, event, data, wish, tab).raise_for_status()
    said = ""
    with client.stream("GET", "/gradio_api/queue/data", params={"session_hash": tab}) as stream:
        for line in stream.iter_lines():
            said += line
            if "process_completed" in line or "close_stream" in line:
                break
    return said


def join(client: TestClient, event: int, data: list[Any], wish: Any, tab: str) -> Any:
    """The server's answer to the wish for an event, before anything is done."""
    body = {"data": data, "fn_index": event, "session_hash": tab, "event_data": wish}
    headers = {"content-type": "application/json"}
    return client.post("/gradio_api/queue/join", content=json.dumps(body), headers=headers)  # any text, as escapes
