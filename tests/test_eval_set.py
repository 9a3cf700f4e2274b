"""The project's own question set is sound, and the check of it finds what is not."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from eval.verify_set import verify

ROOT = Path(__file__).parent.parent
SET = ROOT / "eval" / "questions"


FILES = ("dev.jsonl", "test.jsonl", "conversations.jsonl")


@pytest.mark.skipif(not all((SET / name).exists() for name in FILES), reason="the question set is not there")
def test_the_own_set_is_sound() -> None:
    assert verify(SET, ROOT / "corpus") == []


def test_the_check_finds_faults(tmp_path: Path) -> None:
    (tmp_path / "corpus").mkdir()
    (tmp_path / "corpus" / "a.txt").write_text("The bridge was opened in 1931. It is long.\n")
    good = {"id": "1", "question": "When?", "answers": ["1931"], "document": "a.txt", "quote": "opened in 1931."}
    rows = [good, {**good, "id": "2", "quote": "opened in 1932"}, {**good, "id": "3", "quote": "It is long."}]
    (tmp_path / "dev.jsonl").write_text("".join(json.dumps(row) + "\n" for row in rows))
    (tmp_path / "test.jsonl").write_text(json.dumps(good) + "\n")
    talk = {"id": "t", "split": "dev", "turns": [{**good, "id": "t1"}]}
    (tmp_path / "conversations.jsonl").write_text(json.dumps(talk) + "\n" + json.dumps({**talk, "split": "test"}))
    wrong = "\n".join(verify(tmp_path, tmp_path / "corpus"))
    for part in (
        "dev.jsonl:2: question '2': the gold quote 'opened in 1932' is not in 'a.txt'",
        "3: no answer of ('1931',) stands in the gold quote",
        "4 answerable questions, at least 200",
        "conversation 't' has",
        "id '1' stands in dev and in test",
    ):
        assert part in wrong
