"""No socket leaves the machine: ingest, ask and the page's own start run with every outside address blocked."""

from __future__ import annotations

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
assert assistant.ask("What is small?").answer.trace
import uvicorn
server = uvicorn.Server(uvicorn.Config(build_app(library, settings), host="127.0.0.1", port=0, log_level="error"))
threading.Thread(target=server.run, daemon=True).start()
while not server.started:
    time.sleep(0.05)
port = server.servers[0].sockets[0].getsockname()[1]
assert urllib.request.urlopen(f"http://127.0.0.1:{port}/", timeout=20).status == 200
server.should_exit = True
assert not attempts, attempts
print("no outside address was asked for")
"""


def run(*arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run([sys.executable, "-c", SCRIPT, *arguments], capture_output=True, text=True, timeout=120)


def test_the_guard_notices_an_attempt() -> None:
    result = run("control")
    assert result.returncode == 0, result.stderr


@pytest.mark.weights
def test_ingest_ask_and_the_page_stay_on_this_machine(tmp_path: Path) -> None:
    (tmp_path / "a.md").write_text("# Chips\n\nChips are small. Fabs are large.\n")
    result = run("product", str(tmp_path / "index"), str(tmp_path / "a.md"))
    assert result.returncode == 0, result.stderr
    assert "no outside address" in result.stdout
