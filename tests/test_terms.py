"""The learned term classifier: its input, its examples, its shipped weights."""

from __future__ import annotations

import json
import random
import shutil
from pathlib import Path

import pytest

from rag.errors import ModelError
from rag.lexicon import stem
from rag.models.encoder import load_tokenizer, shipped_folder
from rag.models.term_data import from_rewrites, held_out, labels, made_up, written
from rag.models.terms import LENGTH, WEIGHTS, build, load_terms, read_card
from rag.text import words

WRITTEN = Path(__file__).parent.parent / "eval" / "questions" / "conversations_train.jsonl"


@pytest.fixture(scope="module")
def tokenizer() -> object:
    return load_tokenizer(shipped_folder())


def test_every_word_that_fits_has_the_place_of_its_first_piece(tokenizer) -> None:
    history, shown = ["Who founded ASML?", "Where is it based?"], "ASML is based in Veldhoven."
    given = build(tokenizer, "How large is it?", history, shown)
    assert len(given.ids) == len(given.types)
    for text, places in zip([*history, shown], given.places, strict=True):
        for (start, end), place in zip(words(text), places, strict=True):
            first = tokenizer.encode(text[start:end], add_special_tokens=False).ids[0]
            assert given.ids[place] == first


def test_a_long_conversation_is_cut_in_the_middle_of_its_history(tokenizer) -> None:
    history = [f"What did witness number {n} say in court about the stolen chips?" for n in range(100)]
    given = build(tokenizer, "Why?", history, "Nothing was said. " * 100)
    assert len(given.ids) <= LENGTH
    kept = [number for number, places in enumerate(given.places[:-1]) if places[0] >= 0]
    assert 0 in kept and 99 in kept and 50 not in kept


def test_words_of_a_rewrite_are_needed_if_the_question_lacks_them() -> None:
    row = {"history": ["What is nominal GDP?"], "question": "Why is it a bad measure?",
           "rewrite": "Why is nominal GDP a bad measure?"}  # fmt: skip
    (example,) = from_rewrites([row])
    assert example.needed == {"nominal", "gdp"}
    assert labels("What is nominal GDP?", example.needed) == [-1.0, -1.0, 1.0, 1.0]


def test_made_up_follow_ups_lack_a_phrase_that_the_conversation_holds() -> None:
    context = "The Hague hosts the Peace Palace. The Peace Palace was paid for by Andrew Carnegie in 1913."
    asked = (
        "Who paid for the Peace Palace?",
        "When was the Peace Palace paid for?",
        "Which city hosts the Peace Palace?",
        "What did Andrew Carnegie pay for in The Hague?",
        "What is in The Hague?",
    )
    rows = [
        {"source": "squad-part", "group": "g", "context": context, "question": question, "answer_start": 40}
        for question in asked
    ]
    made = list(made_up(rows, random.Random(1), count=30))
    assert made == list(made_up(rows, random.Random(1), count=30))
    assert any(example.needed for example in made)
    for example in made:
        said = {stem(text[a:b]) for text in [*example.history, example.shown] for a, b in words(text)}
        assert example.needed <= said


def test_written_conversations_are_kept_apart_from_those_that_are_compared_on() -> None:
    lines = WRITTEN.read_text().splitlines()
    talks = [json.loads(line) for line in lines]
    kept = written(WRITTEN)
    assert len(kept) == sum(not held_out(talk) for talk in talks) < len(talks)
    assert all(turn["question"] and turn["rewrite"] and turn["passage"] for talk in talks for turn in talk["turns"])
    reported = (json.loads(line) for line in WRITTEN.with_name("conversations.jsonl").read_text().splitlines())
    asked = {turn["question"] for talk in reported for turn in talk["turns"] if len(words(turn["question"])) > 5}
    assert not asked & {turn["question"] for talk in talks for turn in talk["turns"]}


@pytest.mark.parametrize("damage", ["weights", "card"])
def test_changed_or_missing_files_are_refused_with_a_fix(tmp_path: Path, damage: str) -> None:
    shutil.copy(WEIGHTS / "terms.json", tmp_path)
    (tmp_path / "terms.safetensors").write_bytes(b"something else")
    if damage == "card":
        (tmp_path / "terms.json").unlink()
    with pytest.raises(ModelError, match="term classifier") as caught:
        read_card(tmp_path)
    assert caught.value.fix


def test_the_card_names_what_is_shipped() -> None:
    card = read_card()
    assert card == json.loads((WEIGHTS / "terms.json").read_text())
    assert sorted(card["thresholds"], reverse=True) == card["thresholds"]


@pytest.mark.weights
def test_the_shipped_weights_pick_the_topic_and_not_the_rest() -> None:
    terms = load_terms()
    history = ["What were the purposes of the Lewis and Clark expedition?"]
    scores = terms.score("What were the diplomatic objectives?", history, "")
    by_word = {history[0][a:b]: score for (a, b), score in zip(words(history[0]), scores[0], strict=True)}
    assert min(by_word["Lewis"], by_word["Clark"], by_word["expedition"]) >= terms.thresholds[0] > by_word["purposes"]
    assert scores == terms.score("What were the diplomatic objectives?", history, "")
    assert [len(row) for row in terms.score("Why?", [], "İstanbul is large.")] == [3]
