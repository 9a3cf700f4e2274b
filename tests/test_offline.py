"""No socket leaves the machine: ingest, ask and the page's own start run with every outside address blocked."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

SCRIPT = r"""
import socket, sys, threading, time, urllib.request
from pathlib import Path

attempts = []
def guarded(real):
    def connect(self, address, *rest):
        if self.family in (socket.AF_INET, socket.AF_INET6) and address[0] not in ("127.0.0.1", "::1", "localhost"):
            attempts.append(address)
            raise OSError(f"blocked: {address}")
        return real(self, address, *rest)
    return connect
socket.socket.connect = guarded(socket.socket.connect)
socket.socket.connect_ex = guarded(socket.socket.connect_ex)
real_lookup = socket.getaddrinfo
def lookup(host, *rest, **named):
    if host not in ("127.0.0.1", "::1", "localhost", None, "0.0.0.0"):
        attempts.append(host)
        raise socket.gaierror(f"blocked: {host}")
    return real_lookup(host, *rest, **named)
socket.getaddrinfo = lookup

if sys.argv[1] == "control":
    try:
        urllib.request.urlopen("http://example.com", timeout=2)
    except OSError:
        pass
    assert attempts == ["example.com"], attempts
    sys.exit(0)

from rag import Assistant, Settings, open_library
from rag.ingest import add_paths
from rag.serve import build_app
settings = Settings(index_dir=Path(sys.argv[2]))
library = open_library(settings, create=True)
assistant = Assistant(library, settings)
add_paths(library, [Path(sys.argv[3])], encoder=assistant.encoder, settings=settings)
first = assistant.ask("What is small?")
assert first.answer.trace
assert assistant.ask("And what about them is large?", [first]).answer.trace
import uvicorn
server = uvicorn.Server(uvicorn.Config(build_app(library, settings), host="127.0.0.1", port=0, log_level="error"))
threading.Thread(target=server.run, daemon=True).start()
while not server.started:
    time.sleep(0.05)
port = server.servers[0].sockets[0].getsockname()[1]
assert urllib.request.urlopen(f"http://127.0.0.1:{port}/", timeout=20).status == 200
server.should_exit = True
from rag.errors import ModelError
from rag.models.encoder import load_encoder
from rag.models.reader import load_reader
for load in (load_encoder, load_reader):
    try:
        load("somebody/x")
        raise AssertionError("a model that is not here was loaded")
    except ModelError:
        pass
assert not attempts, attempts
print("no outside address was asked for")
"""


def run(cache: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    """With no prepared model, and with nothing that tells libraries to stay offline."""
    environment = {name: value for name, value in os.environ.items() if not name.endswith("_OFFLINE")}
    environment |= {"PULLQUOTE_CACHE_DIR": str(cache), "HF_HOME": str(cache / "huggingface")}
    command = [sys.executable, "-c", SCRIPT, *arguments]
    return subprocess.run(command, capture_output=True, text=True, timeout=600, env=environment)


def test_the_guard_notices_an_attempt(tmp_path: Path) -> None:
    result = run(tmp_path, "control")
    assert result.returncode == 0, result.stderr


@pytest.mark.weights
def test_ingest_ask_and_the_page_stay_on_this_machine(tmp_path: Path) -> None:
    (tmp_path / "a.md").write_text("# Chips\n\nChips are small. Fabs are large.\n")
    result = run(tmp_path / "cache", "product", str(tmp_path / "index"), str(tmp_path / "a.md"))
    assert result.returncode == 0, result.stderr
    assert "no outside address" in result.stdout
