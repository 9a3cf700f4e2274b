"""The evaluation of follow-ups about one open text, on a set of two questions."""

from __future__ import annotations

import gzip
import json
from pathlib import Path
from typing import Any

import pytest

from eval import conversational_reading as reading

TEXT = (
    "The Halden bridge was opened in 1931. It was designed by Marta Lind, an engineer from Oslo. It carries two roads."
)


def row(question: str, rationale: str, *, ambiguous: bool = False) -> dict[str, Any]:
    history = [{"question": "When was the Halden bridge opened?", "answer": "1931"}]
    start = TEXT.index(rationale)
    return {
        "history": history, "question": question, "answer": "", "context": TEXT, "rationale_start": start,
        "rationale": rationale, "ambiguous": ambiguous,
    }  # fmt: skip


@pytest.fixture
def data(tmp_path: Path) -> Path:
    rows = [
        row("Who designed it?", "Marta Lind"),
        row("Who designed it then?", "two roads"),
        row("And?", "Oslo", ambiguous=True),
    ]
    with gzip.open(tmp_path / reading.FILE, "wt") as file:
        file.writelines(f"{json.dumps(each)}\n" for each in rows)
    return tmp_path


def test_the_halves_are_the_whole_without_what_is_ambiguous(data: Path) -> None:
    halves = [reading.chosen(data, half, None) for half in (0, 1)]
    assert sorted(map(len, halves)) == [0, 2]  # one text, so all in one half
    full = max(halves, key=len)
    assert reading.chosen(data, halves.index(full), 1)[0] in full


@pytest.mark.weights
def test_a_quote_counts_where_it_touches_what_the_answer_rests_on(
    data: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    half = "0" if reading.chosen(data, 0, None) else "1"
    monkeypatch.setattr("sys.argv", ["conversational_reading", "--data", str(data), "--half", half])
    reading.main()
    said = capsys.readouterr().out
    assert said.startswith("2 questions: ") and "first quote 0.500, by any quote" in said
    assert "F1 of the short answer against them 0.500; answered 2" in said
