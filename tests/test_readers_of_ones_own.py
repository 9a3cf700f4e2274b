"""Calibrating another reader, and training ours further on judged answers."""

import json
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from typer.testing import CliRunner

from rag.cli import app
from rag.config import Settings
from rag.errors import ModelError, SourceError
from rag.models.calibrate import (
    Judged,
    calibrated,
    fit_logistic,
    fit_ranking,
    load_judged,
    operating_points,
    write_calibration,
)
from rag.models.encoder import load_encoder, shipped_folder
from rag.models.foreign import CARD, ForeignReader, weights_of
from rag.models.reader import WEIGHTS, load_reader
from rag.models.sentences import SentenceReader
from rag.models.tune import check_folder, figures, split, tune
from rag.store import Library
from rag.types import Reader, Reading

PEOPLE = ("Anna Berg", "Olof Palm", "Karin Lund", "Nils Ek", "Maja Strand", "Erik Holm", "Sara Dahl", "Lars Frisk")
THINGS = ("mill", "bridge", "school", "harbour", "tower", "church", "station", "theatre")


def judged(count: int = 48) -> list[Judged]:
    rows = []
    for k in range(count):
        who, what, year = PEOPLE[k % 8], THINGS[(k // 8 + k) % 8], 1800 + k
        text = f"In {year} {who} built the {what} of parish {k}. It burned down later, and nobody rebuilt it."
        rows.append(Judged(f"Who built the {what} of parish {k}?", text, (who,), text.index(who)))
        if k % 2:
            rows.append(Judged(f"Who designed the garden of parish {k}?", text, ()))
    return rows


def written(rows: list[Judged], path: Path) -> Path:
    lines = [
        {"question": r.question, "context": r.context, "right": bool(r.answers)}
        | ({"answer_text": r.answers[0], "answer_start": r.start} if r.answers else {})
        for r in rows
    ]
    path.write_text("\n".join(map(json.dumps, lines)))
    return path


def test_a_judged_file_is_read_in_its_forms_and_a_broken_line_is_named(tmp_path: Path) -> None:
    rows = judged(4)
    found = load_judged(written(rows, tmp_path / "a.jsonl"))
    assert [(r.question, r.context, r.answers) for r in found] == [(r.question, r.context, r.answers) for r in rows]
    assert all(row.context[row.start :].startswith(row.answers[0]) for row in found if row.answers)
    squad = {"question": "Who?", "context": "Anna.", "answers": [{"text": "Anna", "start": 0}], "is_impossible": False}
    (tmp_path / "b.jsonl").write_text(json.dumps(squad) + "\n" + json.dumps(squad | {"is_impossible": True}))
    assert [row.answers for row in load_judged(tmp_path / "b.jsonl")] == [("Anna",), ()]
    (tmp_path / "c.jsonl").write_text(json.dumps(squad) + '\n{"question": "Who?"}')
    with pytest.raises(SourceError, match=r"c\.jsonl, line 2"):
        load_judged(tmp_path / "c.jsonl")


def test_the_ranking_fit_finds_the_feature_that_tells_gold_apart() -> None:
    rng = np.random.default_rng(3)
    groups = []
    for _ in range(200):
        features = rng.normal(size=(6, 3))
        groups.append((features, int(np.argmax(features[:, 1]))))
    weights = fit_ranking(groups)
    assert weights[1] > 5 * max(weights[0], weights[2]) and min(weights) >= 0


def test_the_logistic_fit_gives_back_the_share_it_was_shown() -> None:
    x = np.repeat([[0.0], [1.0]], 400, axis=0)
    y = np.concatenate([np.arange(400) < 40, np.arange(400) < 320]).astype(float)  # 10 % and 80 %
    bias, slope = fit_logistic(x, y)
    assert [1 / (1 + np.exp(-bias)), 1 / (1 + np.exp(-bias - slope))] == pytest.approx([0.1, 0.8], abs=0.01)
    assert fit_logistic(-x, y, rising=True)[1] == 0


def test_operating_points_are_ordered_and_part_what_can_be_parted() -> None:
    points = operating_points("answered", [0.9] * 50, [0.4] * 50, [0.1] * 50)
    assert 0.4 < points["balanced"] <= 0.9 and points["eager"] <= points["balanced"] <= points["strict"]
    related = operating_points("related", [0.9] * 50, [0.4] * 50, [0.1] * 50)
    assert 0.1 < related["balanced"] <= 0.4  # a near miss is about something that is there


def test_between_points_that_chance_decides_the_answers_are_not_hidden() -> None:
    good = [0.3] + [0.9] * 99  # 0.3 to 0.9 are within two points of each other
    assert operating_points("answered", good, [0.1] * 50, [0.1] * 50)["balanced"] < 0.15
    assert 0.4 < operating_points("related", good, [0.9] * 50, [0.1] * 50)["balanced"] < 0.6


def test_too_few_judgements_are_a_clear_error() -> None:
    with pytest.raises(ModelError, match="too few to train on"):
        split(judged(4))


def test_what_cannot_be_trained_on_or_written_to_is_said(tmp_path: Path) -> None:
    apart = [replace(row, context="Nothing of it.", start=-1) for row in judged() if row.answers]
    with pytest.raises(ModelError, match="none of the judged answers"):
        tune(apart, WEIGHTS, tmp_path / "mine", progress=lambda *step: None)
    (tmp_path / "file").write_text("")
    with pytest.raises(ModelError, match="cannot be made"):
        check_folder(tmp_path / "file", WEIGHTS)


@pytest.mark.weights
def test_questions_on_one_passage_calibrate_nothing() -> None:
    same = [replace(row, context="One passage.") for row in judged()]
    with pytest.raises(ModelError, match="single passage"):
        calibrated(load_reader(), same, load_encoder())


def test_a_question_is_always_on_the_same_side_of_the_split() -> None:
    train, held = split(judged())
    assert not {row.question for row in train} & {row.question for row in held}
    assert split(judged()[::-1])[1][::-1] == held


@pytest.mark.weights
def test_another_reader_is_calibrated_and_refused_when_its_weights_change(tmp_path: Path) -> None:
    import torch
    from transformers import AutoTokenizer, BertConfig, BertForQuestionAnswering

    torch.manual_seed(1)
    config = BertConfig(hidden_size=16, num_hidden_layers=1, num_attention_heads=2, intermediate_size=16)
    BertForQuestionAnswering(config).save_pretrained(tmp_path)
    AutoTokenizer.from_pretrained(shipped_folder()).save_pretrained(tmp_path)
    reader = load_reader(str(tmp_path))
    fitted = calibrated(reader, judged(), load_encoder())
    write_calibration(tmp_path / CARD, {"sha256": weights_of(tmp_path)}, fitted)
    assert list(ForeignReader(str(tmp_path)).calibration.ranking) == fitted["ranking"]
    BertForQuestionAnswering(config).save_pretrained(tmp_path)  # other random numbers
    with pytest.raises(ModelError, match="calibrate-reader"):
        ForeignReader(str(tmp_path))
    kept, few = (tmp_path / CARD).read_bytes(), written(judged(4), tmp_path / "few.jsonl")
    told = CliRunner().invoke(app, ["calibrate-reader", str(tmp_path), "--data", str(few)])
    assert isinstance(told.exception, ModelError) and (tmp_path / CARD).read_bytes() == kept
    (tmp_path / CARD).write_text("{")
    with pytest.raises(ModelError, match="damaged"):
        ForeignReader(str(tmp_path))


@pytest.mark.parametrize(
    ("card", "why"), [("{", "damaged"), ('{"config": {}}', "lacks outputs, calibration"), (None, "cannot be read")]
)
def test_a_reader_whose_files_are_damaged_or_missing_is_not_calibrated(
    card: str | None, why: str, tmp_path: Path
) -> None:
    data = written(judged(), tmp_path / "judged.jsonl")
    whole = json.dumps({"config": {}, "outputs": {}, "calibration": {}})
    (tmp_path / "reader.json").write_text(whole if card is None else card)
    told = CliRunner().invoke(app, ["calibrate-reader", str(tmp_path), "--data", str(data)])
    assert isinstance(told.exception, ModelError) and why in str(told.exception)
    assert "pip install" not in told.exception.fix


class Sure:
    """A reader that is as sure of a text as the text says."""

    name, calibration = "sure", SentenceReader.calibration

    def read(self, question: str, texts: Sequence[str]) -> list[Reading]:
        return [Reading(0.5, float(text)) for text in texts]


def test_right_before_wrong_counts_pairs_and_halves_ties() -> None:
    rows = [Judged("Who?", text, ("x",)) for text in ("0.9", "0.5")] + [Judged("Who?", t, ()) for t in ("0.5", "0.7")]
    assert figures(Sure(), rows).auroc == (1 + 1 + 0.5 + 0) / 4
    assert np.isnan(figures(Sure(), rows[:2]).auroc)


def test_a_reader_that_is_not_here_is_named_and_never_fetched() -> None:
    with pytest.raises(ModelError, match="nothing is downloaded"):
        load_reader("somebody/some-model")


def gap(reader: Reader, rows: list[Judged]) -> float:
    """How far apart the probabilities of the passages judged right and wrong are."""
    said = [(bool(row.answers), reader.read(row.question, [row.context])[0].answerable) for row in rows]
    return float(np.mean([p for right, p in said if right]) - np.mean([p for right, p in said if not right]))


@pytest.mark.weights
def test_the_commands_move_a_reader_towards_judged_answers_and_calibrate_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    cache, steps = tmp_path / "cache", list[tuple[int, int]]()  # nothing of a trained reader stays in the user's own
    monkeypatch.setattr("rag.cli.readers._step", lambda *step: steps.append(step))
    monkeypatch.setenv("PULLQUOTE_CACHE_DIR", str(cache))
    data = written(judged(), tmp_path / "judged.jsonl")
    told = CliRunner().invoke(app, ["train-reader", "--data", str(data), "--out", str(tmp_path / "mine")])
    assert told.exit_code == 0 and "before" in told.stdout and "PULLQUOTE_READER=" in told.stdout
    assert steps[-1][0] == steps[-1][1]
    assert sorted(path.name for path in (tmp_path / "mine").iterdir()) == ["reader.json", "reader.safetensors"]
    train, held = split(judged())
    reader, trained = load_reader(cache_dir=cache), load_reader(str(tmp_path / "mine"), cache_dir=cache)
    before, after = figures(reader, held), figures(trained, held)
    assert after.auroc >= before.auroc and after.marked >= before.marked
    assert gap(trained, train) > gap(reader, train)
    with pytest.raises(ModelError, match="--out"):
        tune(judged(), tmp_path / "mine", tmp_path / "mine", progress=lambda *step: None)
    card = tmp_path / "mine" / "reader.json"
    card.write_text(json.dumps(json.loads(card.read_text()) | {"calibrated_for": "0" * 64}))  # for other weights
    told = CliRunner().invoke(app, ["calibrate-reader", str(tmp_path / "mine"), "--data", str(data)])
    assert told.exit_code == 0 and "balanced" in told.stdout
    load_reader(str(tmp_path / "mine"), cache_dir=cache)


def test_without_a_file_the_judgements_of_the_collection_count(library: Library, settings: Settings) -> None:
    told = CliRunner().invoke(app, ["train-reader", "--index", str(settings.index_dir)])
    assert isinstance(told.exception, ModelError) and "0 judged answers" in str(told.exception)
