import json
from pathlib import Path

import numpy as np
import openvino
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from rag.errors import ModelError
from rag.models.encoder import load_tokenizer, shipped_folder
from rag.models.reader import LENGTH, STRIDE, WEIGHTS, _agree, load_reader, read_card
from rag.models.reader_net import arrays, encode_pairs
from rag.models.runtime import Graph, _noted, compiled
from rag.types import Reader

TEXTS = [
    "Anna Berg built the old mill in 1871. It burned down in 1902. Olof Palm owned it then.",
    "The river Ån is 41 km long. It rises near Åby — and, some say, “sings” in spring.",
    "Cats sleep for most of the day.",
    "",
    "   \n",
]
LONG = (
    "The valley had many farms and few roads. " * 90
    + "The bridge at Norrby was opened in 1934. "
    + "Snow lay late. " * 90
)


@pytest.fixture(scope="module")
def reader() -> Reader:
    return load_reader(cache_dir=Path("~/.cache/pullquote"))


@given(st.text(max_size=300), st.integers(24, 60))
@settings(max_examples=60, deadline=None)
def test_windows_hold_every_wordpiece_at_its_place(text: str, length: int) -> None:
    tokenizer = load_tokenizer(shipped_folder())
    windows = encode_pairs(tokenizer, "Who?", [text], length=length, stride=8)[0]
    whole = tokenizer.encode(text, add_special_tokens=False)
    assert windows and all(len(window.ids) <= length for window in windows)
    seen = {place for window in windows for place in window.offsets if place != (0, 0)}
    assert seen == {place for place in whole.offsets if place != (0, 0)}
    assert all(0 <= a <= b <= len(text) for a, b in seen)


def test_a_card_for_other_weights_is_refused(tmp_path: Path) -> None:
    (tmp_path / "reader.safetensors").write_bytes(b"weights")
    whole = dict.fromkeys(("config", "outputs", "calibration"), {})
    (tmp_path / "reader.json").write_text(json.dumps({"sha256": "0" * 64, "calibrated_for": "0" * 64} | whole))
    with pytest.raises(ModelError, match="do not belong together"):
        read_card(tmp_path)
    with pytest.raises(ModelError, match="no reader"):
        load_reader(str(tmp_path / "none"))


@pytest.mark.parametrize("card", ["{", "{}", "[]", '{"sha256": ""}'])
def test_a_damaged_card_is_said_to_be_damaged(tmp_path: Path, card: str) -> None:
    (tmp_path / "reader.json").write_text(card)
    with pytest.raises(ModelError, match="is damaged"):
        load_reader(str(tmp_path))


@pytest.mark.parametrize("note", ["", "{", "[]", '{"precision": "f8"}', '{"precision": "bf16"}'])
def test_a_damaged_note_of_the_precision_counts_as_none(tmp_path: Path, note: str) -> None:
    (tmp_path / "note.json").write_text(note)
    assert _noted(tmp_path / "note.json") == ("bf16" if "bf16" in note else "")
    assert _noted(tmp_path / "missing.json") == ""


@pytest.mark.weights
def test_the_shipped_card_belongs_to_the_weights_and_they_are_small() -> None:
    assert read_card()["name"] == "pullquote-reader"
    assert (WEIGHTS / "reader.safetensors").stat().st_size <= 50 * 2**20


@pytest.mark.weights
def test_finds_the_answer_as_a_slice(reader: Reader) -> None:
    readings = reader.read("When did the mill burn down?", TEXTS)
    best = readings[0].spans[0]
    assert TEXTS[0][best.start : best.end] in ("1902", "in 1902")
    assert readings[0].relevance > max(reading.relevance for reading in readings[1:])
    assert readings[0].answerable > max(reading.answerable for reading in readings[1:])
    evidence = max(readings[0].sentences, key=lambda sentence: sentence.score)
    assert TEXTS[0][evidence.start : evidence.end] == "It burned down in 1902."


@pytest.mark.weights
def test_every_span_is_inside_and_scored(reader: Reader) -> None:
    for text, reading in zip(TEXTS, reader.read("How long is the river?", TEXTS), strict=True):
        for span in (*reading.spans, *reading.sentences):
            assert 0 <= span.start < span.end <= len(text) and 0 <= span.score <= 1
            assert text[span.start : span.end].strip()
        for k, span in enumerate(reading.spans):
            assert all(span.end <= other.start or span.start >= other.end for other in reading.spans[:k])


@pytest.mark.weights
def test_nothing_in_nothing_out(reader: Reader) -> None:
    assert reader.read("Who?", []) == []
    empty = reader.read("Who?", ["", " \n"])
    assert all(r.relevance == r.answerable == 0 and r.spans == r.sentences == () for r in empty)


@pytest.mark.weights
def test_scores_do_not_depend_on_the_batch(reader: Reader) -> None:
    question = "Who owned the mill?"
    together = reader.read(question, [*TEXTS, LONG, *TEXTS[:3]])
    for k, text in enumerate(TEXTS):
        alone = reader.read(question, [text])[0]
        assert np.isclose(alone.relevance, together[k].relevance, atol=1e-3)
        assert np.isclose(alone.answerable, together[k].answerable, atol=1e-3)
        assert [(s.start, s.end) for s in alone.sentences] == [(s.start, s.end) for s in together[k].sentences]
        assert np.allclose([s.score for s in alone.sentences], [s.score for s in together[k].sentences], atol=1e-3)


@pytest.mark.weights
def test_rounded_to_int8_it_reads_the_same(reader: Reader) -> None:
    reader.read("Ready?", ["Ready."])  # so that the graph is there
    name = f"pullquote-reader-{read_card()['sha256'][:12]}-v2"
    core = openvino.Core()
    model = core.read_model(Path("~/.cache/pullquote").expanduser() / name / "graph.onnx")
    pairs = [
        encode_pairs(load_tokenizer(shipped_folder()), "Who owned the mill?", [text], length=128, stride=0)[0][0]
        for text in TEXTS
    ]
    graphs = {precision: Graph(compiled(core, model, precision), precision) for precision in ("f32", "int8")}
    exact, rounded = (graph(arrays(pairs, 128)) for graph in graphs.values())
    assert np.abs(exact[0] - rounded[0]).max() > 0
    assert _agree(exact, rounded)
    alone = graphs["int8"](arrays(pairs[:1], 128))
    assert np.allclose(alone[0][0], rounded[0][0], atol=1e-4)


@pytest.mark.weights
def test_long_passages_are_read_to_their_end(reader: Reader) -> None:
    assert STRIDE < LENGTH < len(LONG) // 8
    reading = reader.read("When was the bridge at Norrby opened?", [LONG])[0]
    assert "1934" in LONG[reading.spans[0].start : reading.spans[0].end]
    assert reading.answerable > 0.3
