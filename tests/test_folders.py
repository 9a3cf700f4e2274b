"""The folders that the program is tried on hold what their README promises: no answer that is not in the texts."""

from __future__ import annotations

import json
from collections import Counter
from pathlib import Path
from typing import Any

import pytest

from eval import formats
from rag.loaders import load

FOLDERS = Path(__file__).parent.parent / "eval" / "folders"


def lines(path: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in path.read_text("utf-8").splitlines()]


def texts(folder: Path) -> dict[str, str]:
    """By file name; the records of a file are joined."""
    found = {}
    for file in (folder / "docs").iterdir():
        loaded = load(file.read_bytes(), uri=file.as_uri(), name=file.name)
        assert not loaded.failures, file
        found[file.name] = "\n".join(document.text for document in loaded.documents)
    return found


@pytest.mark.parametrize(
    ("name", "answered", "many"), [("averley", 130, 110), ("brennick", 130, 105), ("vellmark", 125, 120)]
)
def test_every_answer_stands_in_its_document(name: str, answered: int, many: int) -> None:
    folder, known = FOLDERS / name, texts(FOLDERS / name)
    asked = lines(folder / "questions.jsonl")
    for row in asked:
        quotes = [(one["document"], one["quote"]) for one in [row, *row.get("also", [])]]
        if row["unanswerable"]:
            assert quotes == [("", "")] and not row["answers"], row["id"]
            continue
        assert all(quote and quote in known[document] for document, quote in quotes), row["id"]
        assert row["answers"] and all(any(a in quote for _, quote in quotes) for a in row["answers"]), row["id"]
    assert Counter((row["unanswerable"], row["near_miss"]) for row in asked) == {
        (False, False): answered,
        (True, True): 60,
        (True, False): 15,
    }
    turns = [turn for talk in lines(folder / "talks.jsonl") for turn in talk["turns"]]
    for turn in turns:
        assert turn.get("unanswerable") or any(a in known[turn["document"]] for a in turn["answers"]), turn
    assert len(turns) == many


@pytest.mark.parametrize("name", ["averley", "brennick", "vellmark"])
def test_the_harness_reads_both_files(name: str) -> None:
    docs = FOLDERS / name / "docs"
    for file, form in (("questions.jsonl", "jsonl"), ("talks.jsonl", "conversations")):
        assert formats.read(FOLDERS / name / file, form, sources=docs).problems == ()
