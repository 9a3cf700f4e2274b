"""``python app.py`` ends in one line and with the exit code that it promises."""

from __future__ import annotations

import sqlite3
import sys
from pathlib import Path
from typing import Any

import pytest

import app
from rag.errors import ModelError


@pytest.mark.parametrize(
    ("error", "code", "said"),
    [
        (KeyboardInterrupt(), 130, "\nstopped; everything finished so far is kept\n"),
        (ModelError("the model is missing", fix="make setup"), 1, "the model is missing. Fix: make setup\n"),
        (sqlite3.DatabaseError("malformed"), 1, "the library is damaged: malformed. Fix: pullquote restore"),
    ],
)
@pytest.mark.parametrize("where", ["rag.open_library", "rag.assistant.load_encoder", "rag.serve.serve"])
def test_what_stops_the_page_is_one_line(
    where: str,
    error: BaseException,
    code: int,
    said: str,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    def stop(*_: Any, **__: Any) -> None:
        raise error

    monkeypatch.setenv("PULLQUOTE_INDEX_DIR", str(tmp_path / "index"))
    monkeypatch.setattr(sys, "argv", ["app.py", "--no-browser"])
    monkeypatch.setattr("rag.assistant.load_encoder", lambda *_, **__: None)
    monkeypatch.setattr("rag.ingest.add_paths", lambda *_, **__: None)
    monkeypatch.setattr(where, stop)
    assert app.main() == code
    told = capsys.readouterr().err
    assert told.startswith(said) and len(told.strip().splitlines()) == 1
