import random
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from rag.errors import ModelError
from rag.models.reader_data import Row, claim, crop, load_rows, near_miss, noisy
from rag.models.reader_mining import mine
from rag.models.reader_rounds import Item, Rounds

TEXT = "Anna Berg built the mill in 1871. It burned in 1902, when Olof Palm owned it. The town kept the wheel. " * 4


def row(start: int, end: int, group: str = "town") -> Row:
    return Row("Who built the mill in 1871?", TEXT, ((start, end),), "squadshifts-wiki", group)


def test_missing_data_says_what_to_do() -> None:
    with pytest.raises(ModelError, match=r"missing.*--data"):
        load_rows(Path("nowhere"))


@given(st.integers(0, len(TEXT) - 10), st.integers(1, 60), st.integers(20, 500), st.integers(0, 99))
def test_crop_keeps_the_answer_as_a_slice(start: int, length: int, limit: int, seed: int) -> None:
    end = min(start + length, len(TEXT.rstrip()))
    if TEXT[start:end].strip() != TEXT[start:end] or start >= end:
        return
    passage, spans = crop(row(start, end), limit, random.Random(seed))
    assert passage in TEXT
    assert [passage[a:b] for a, b in spans] == [TEXT[start:end]]


def test_near_miss_swaps_like_for_like() -> None:
    changed = {near_miss("Who built it in 1871?", ["Olof Palm"], ["1902", "7"], random.Random(k)) for k in range(9)}
    assert changed == {"Who built it in 1902?"}
    assert near_miss("Why?", ["Olof Palm"], ["1902"], random.Random(0)) is None


@given(st.text(min_size=1, max_size=40), st.integers(0, 200))
def test_noise_never_empties_a_question(question: str, seed: int) -> None:
    if question.strip("? "):
        assert noisy("How " + question, random.Random(seed)).strip()


def test_rounds_repeat_and_never_train_on_what_is_held_out() -> None:
    groups = [f"article {k}" for k in range(200)]
    rows = [row(0, 9, group) for group in groups]
    rounds = Rounds(rows, [TEXT, "Some other mill. It stood for long."], [[1]] * len(rows))
    first, again = rounds.draw(3), rounds.draw(3)
    assert first == again and first != rounds.draw(4)
    assert 0 < len(rounds.train) < len(rows)
    assert all(isinstance(item, Item) and item.relevant in (-1, 0, 1) for group in first for item in group)


def _alike(texts: Sequence[str]) -> np.ndarray:
    return np.full((len(texts), 4), 0.5, np.float32)


def test_mined_negatives_do_not_hold_the_answer(tmp_path: Path) -> None:
    texts = ["The mill was built by Anna Berg.", "Anna Berg, a miller, built more.", "A mill by the river stood long."]
    rows = [Row("Who built the mill?", texts[0], ((22, 31),), "qed", "a")]
    rows += [Row("?", text, (), "qed", "b") for text in texts[1:]]
    contexts, negatives = mine(rows, _alike, tmp_path / "n.json", depth=2)
    assert contexts == texts
    assert negatives[0] == [2]
    assert mine(rows, _alike, tmp_path / "n.json")[1] == negatives  # from the file


def test_a_claim_puts_the_answer_in_the_place_of_who_or_takes_a_sentence_out() -> None:
    made = {claim(row(0, 9), TEXT, ((0, 9),), random.Random(k)) for k in range(40)}
    assert ("Anna Berg built the mill in 1871.", TEXT) in made
    taken = [text for text in made if text and text[1] != TEXT]
    assert taken and all(len(kept) < len(TEXT) for _, kept in taken)
    assert claim(row(0, 9), "Too short.", (), random.Random(0)) is None


def test_statements_do_not_say_whether_there_is_an_answer() -> None:
    rows = [row(0, 9, f"article {k}") for k in range(200)]
    groups = Rounds(rows, [TEXT], [[0]] * len(rows)).draw(0)
    stated = [group for group in groups if group[0].spans is None]
    assert stated and all(item.spans is None for group in stated for item in group)
    assert all([item.relevant for item in group] == [1] + [0] * (len(group) - 1) for group in stated)
