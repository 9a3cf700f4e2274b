"""The benchmark's passages are real sentences, the same every time, and its vectors are unit rows."""

from __future__ import annotations

import importlib
from pathlib import Path

import numpy as np
import pytest
from conftest import WordEncoder

from eval.__main__ import main
from eval.bench import CHARACTERS, PER_DOCUMENT, ingested, noisy, plan, searched
from eval.reading import batches, compare
from eval.types import DataError
from rag.assistant import Assistant
from rag.config import Settings
from rag.store import Library

TEXT = (
    "The Halden bridge was opened in the year 1931. It was designed by Marta Lind of Oslo. It carries two wide roads."
)


TOOLS = [
    path.stem for path in sorted((Path(__file__).parents[1] / "eval").glob("*.py")) if "\ndef main(" in path.read_text()
]


@pytest.mark.parametrize("name", TOOLS)
def test_every_tool_says_what_it_takes(
    name: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr("sys.argv", [name, "--help"])
    with pytest.raises(SystemExit) as ended:
        importlib.import_module(f"eval.{name}").main()
    assert ended.value.code == 0 and "--help" in capsys.readouterr().out


def test_passages_are_runs_of_the_texts_own_sentences() -> None:
    made = plan([TEXT], PER_DOCUMENT + 1)
    assert made == plan([TEXT], PER_DOCUMENT + 1)
    assert len(made.passages) == 2 * PER_DOCUMENT, "whole documents"
    assert {len(document) for document in made.documents} == {PER_DOCUMENT}
    sentences = TEXT.replace(". ", ".\n").split("\n")
    for passage in made.passages:
        assert len(passage) >= CHARACTERS
        for sentence in sentences:
            passage = passage.replace(sentence, "")
        assert not passage.strip()


def test_noisy_vectors_are_unit_rows_near_real_ones() -> None:
    base = np.eye(4, 8, dtype=np.float32)
    rows = noisy(base, 50, np.random.default_rng(0))
    assert rows.dtype == np.float32 and rows.shape == (50, 8)
    assert np.allclose(np.linalg.norm(rows, axis=1), 1, atol=1e-5)
    assert (rows @ base.T).max(axis=1).min() > 0.9


def test_passages_to_read_are_batched_by_width_and_compared_with_float32() -> None:
    short, long = "It is old.", "It is wide. " * 60
    asked = batches("Who built it?", [short, long, short])
    assert [len(each["input_ids"]) for each in asked] == [2, 1]
    assert asked[0]["input_ids"].shape[1] < asked[1]["input_ids"].shape[1]
    exact = (np.zeros((2, 2)), np.eye(2, 5), np.zeros((2, 5)))
    moved = (np.full((2, 2), 0.5), np.eye(2, 5)[::-1], np.zeros((2, 5)))
    found = {"f32": [exact, exact], "bf16": [exact, moved]}
    assert compare(found, "f32") == (0.0, 1.0)
    assert compare(found, "bf16") == (pytest.approx(np.sqrt(0.125)), 0.5)


def test_texts_without_sentences_and_sizes_that_are_no_numbers_are_told(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(DataError, match="nothing to make passages of"):
        plan(["Short."], 10)
    for sizes in ("1k", "1000,", "0"):
        monkeypatch.setattr("sys.argv", ["eval", "bench", "--sizes", sizes])
        with pytest.raises(SystemExit):
            main()
        assert f"cannot read --sizes {sizes}" in capsys.readouterr().err


def test_the_product_is_filled_and_every_part_of_a_search_timed(library: Library, settings: Settings) -> None:
    assistant = Assistant(library, settings)
    assistant.encoder = WordEncoder()
    task = plan([TEXT], 6 * PER_DOCUMENT)
    assert ingested(task, assistant) > 0
    assert library.stats()["documents"] == 6, "also those that are not embedded"
    found = searched(task.queries, assistant)
    assert set(found["search ms"]) == {"p50", "p95", "cpu"}
    assert list(found["search parts, CPU-ms"]) == ["encoding the query", "dense", "lexical"]
