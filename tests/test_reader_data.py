import json
import random
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from rag.errors import ModelError
from rag.models.reader_data import Row, claim, crop, followed, held_out, load_rows, near_miss, noisy, opposites
from rag.models.reader_history import pronominal, with_history
from rag.models.reader_mining import mine
from rag.models.reader_rounds import Item, Rounds
from rag.models.reader_written import key, written_rows

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
    changed = {near_miss("Who saw it in 1871?", ["Olof Palm"], ["1902", "7"], random.Random(k)) for k in range(9)}
    assert changed == {"Who saw it in 1902?"}
    assert near_miss("Why?", ["Olof Palm"], ["1902"], random.Random(0)) is None


def test_near_miss_turns_words_round() -> None:
    turned = opposites(["a hydrophilic and a hydrophobic part", "encoded directly", "or indirectly", "until", "til"])
    assert turned["directly"] == "indirectly" and turned["indirectly"] == "directly" and turned["son"] == "father"
    assert "til" not in turned and "hydrophilic" not in turned
    assert (
        near_miss("Was it encoded directly?", [], [], random.Random(1), turned=turned) == "Was it encoded indirectly?"
    )


@given(st.text(min_size=1, max_size=40), st.integers(0, 200))
def test_noise_never_empties_a_question(question: str, seed: int) -> None:
    if question.strip("? "):
        assert noisy("How " + question, random.Random(seed)).strip()


@pytest.mark.parametrize("seed", range(20))
def test_a_question_becomes_a_follow_up_with_the_words_carried_into_it(seed: int) -> None:
    passage = "In May, the Mersey Dock of Liverpool was sold by Peel Ports to a fund run by Anna Holt."
    made = followed("When did Peel Ports sell the Mersey Dock?", passage, ["Anna Holt"], random.Random(seed))
    assert made is not None and made.startswith("When did ") and "Anna" not in made
    text, _, carried = made.partition("? ")
    gone = [name for name in ("Mersey Dock", "Peel Ports") if name not in text]
    assert len(gone) == 1 and gone[0] in carried
    owned = followed("Who runs Holt's fund?", "", [], random.Random(seed))
    assert owned in [f"Who runs {word} fund? Holt" for word in ("its", "his", "their", "her", "the company's")]
    assert followed("when was the dock sold?", passage, [], random.Random(seed)) is None


@pytest.mark.parametrize(
    ("question", "said", "becomes"),
    [
        ("Where did Anna Berg live?", "Who built the mill? Anna Berg", "Where did she live?"),
        ("Who helped Anna Berg?", "Who built the mill? Anna Berg", "Who helped her?"),
        ("What was Anna Berg's trade?", "Who built the mill? Anna Berg", "What was her trade?"),
        ("Where did Olof Palm live?", "Who built the mill? Anna Berg", "Where did Olof Palm live?"),
        ("who built it?", "Who built the mill? Anna Berg", "who built it?"),
    ],
)
def test_what_was_said_before_becomes_a_pronoun(question: str, said: str, becomes: str) -> None:
    passage = "She had her own mill. She sold it to her sister. " * 40  # the pronoun is drawn by how often it occurs
    made = [pronominal(question, said, passage, random.Random(seed)) for seed in range(9)]
    assert max(set(made), key=made.count) == becomes


def test_a_noun_with_its_article_becomes_a_pronoun_too() -> None:
    made = {pronominal("Who sold the mill?", "the mill burned", "It burned.", random.Random(n)) for n in range(20)}
    assert "Who sold it?" in made
    assert all(question.startswith("Who sold ") for question in made)


def test_what_was_said_stands_behind_the_question_newest_first_and_answers_are_cut() -> None:
    turns = [("one?", "1"), ("two?", "2"), ("three?", " ".join("abcdefghijklmnop"))]
    assert with_history("why?", turns) == "why? | three? a b c d e f g h i j k l | two? 2"
    assert with_history("why?", []) == "why?"


def test_questions_on_one_passage_are_asked_behind_each_other_but_never_behind_their_own_answer() -> None:
    rows = [row(0, 9), replace(row(47, 56), question="Who owned the mill in 1902?")]
    asked = {group[0].question for n in range(30) for group in Rounds(rows, [TEXT], [[], []]).draw(n)}
    behind = [question for question in asked if " | " in question]
    assert any(question.startswith("Who built") and "Who owned" in question for question in behind)
    assert not any(question.count("Who built") > 1 or question.count("Who owned") > 1 for question in behind)
    assert not any(" | " in group[0].question for group in drawn(rows, "history"))


def test_a_conversation_is_read_with_the_turns_before_and_passages_of_other_turns_are_wrong() -> None:
    talk = [
        {"question": "Who built the mill?", "rewrite": "Who built the mill?", "passage": "Anna Berg built it."},
        {"question": "why?", "rewrite": "Why did Anna Berg build the mill?", "passage": "Flour was dear."},
    ]
    (group,) = Rounds([], [], [], talks=[talk]).draw(0)
    assert [(item.passage, item.relevant, item.spans) for item in group] == [
        ("Flour was dear.", 1, None),
        ("Anna Berg built it.", 0, None),
    ]
    assert {item.question for item in group} == {"why? | Who built the mill?"}


def test_rounds_repeat_and_never_train_on_what_is_held_out() -> None:
    groups = [f"article {k}" for k in range(200)]
    rows = [row(0, 9, group) for group in groups]
    rounds = Rounds(rows, [TEXT, "Some other mill. It stood for long."], [[1]] * len(rows))
    first, again = rounds.draw(3), rounds.draw(3)
    assert first == again and first != rounds.draw(4)
    assert 0 < len(rounds.train) < len(rows)
    assert all(isinstance(item, Item) and item.relevant in (-1, 0, 1) for group in first for item in group)


def drawn(rows: list[Row], *without: str) -> list[list[Item]]:
    contexts = list(dict.fromkeys(each.context for each in rows))
    wrong = [[k for k, text in enumerate(contexts) if text != each.context] for each in rows]
    return [group for n in range(4) for group in Rounds(rows, contexts, wrong, without=without).draw(n)]


def test_a_passage_is_read_below_its_own_title_and_a_negative_below_its_own() -> None:
    rows = [Row("Who built it?", f"Berg {n} built the mill.", ((0, 4),), "qed", f"qed/Mill_{n}") for n in range(60)]
    groups = drawn(rows)
    below = [item for group in groups for item in group if "\n\n" in item.passage]
    assert {item.relevant for item in below} >= {0, 1} and len(below) < sum(map(len, groups))
    for item in below:
        title, text = item.passage.split(".\n\n")
        assert title.split()[1] == text.split()[1], "each its own"
        assert [item.passage[a:b] for a, b in item.spans or ()] in ([], ["Berg"])
    assert not any("\n\n" in item.passage for group in drawn(rows, "titles") for item in group)


def test_a_news_sentence_is_read_in_its_article_without_what_is_held_out() -> None:
    names = [f"qamr/x:wikinews:7:0:{n}" for n in range(12)]
    rows = [Row("Who?", f"Number {n} spoke .", ((0, 6),), "qamr", name) for n, name in enumerate(names)]
    kept = [each for each in rows if not held_out(each.source, each.group)]
    whole = {item.passage for group in drawn(rows) for item in group[:1]}
    assert " ".join(each.context for each in kept) in whole and len(kept) < len(rows)
    alone = {item.passage for group in drawn(rows, "wider") for item in group}
    assert alone <= {each.context for each in rows}
    for group in drawn(rows):
        assert all(group[0].passage[a:b] == "Number" for a, b in group[0].spans or ())


def test_parts_can_be_left_out() -> None:
    rows = [replace(row(0, 9, f"article {n}"), context=f"{n} {TEXT}", spans=((2, 11),)) for n in range(150)]
    rows.append(Row("Why?", TEXT, (), "squad2", "a"))
    assert any(not item.spans and item.relevant == -1 for group in drawn(rows) for item in group)
    assert not any(item.relevant == -1 for group in drawn(rows, "near misses") for item in group)
    assert any(item.spans is None for group in drawn(rows) for item in group)
    assert not any(item.spans is None for group in drawn(rows, "statements") for item in group)


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


def test_a_context_that_is_known_not_to_answer_the_question_is_the_first_negative(tmp_path: Path) -> None:
    texts = ["Berg, of Ystad, is the only maker of mills.", "Mills are dear. Palm ordered one.", "A mill stood long."]
    asked = "Who makes mills?"
    rows = [Row(asked, texts[0], ((0, 4),), "written", "a"), Row(asked, texts[1], (), "written", "b")]
    rows += [Row("?", each, (), "qed", "c") for each in [texts[2], *(f"{n} mills were built." for n in range(9))]]
    negatives = mine(rows, _alike, tmp_path / "n.json", depth=4)[1]
    assert negatives[0][0] == 1 and len(negatives[0]) == 3
    assert len(negatives[1]) > 3, "it has no answer, so nothing is known of the others"


def test_a_claim_puts_the_answer_in_the_place_of_who_or_takes_a_sentence_out() -> None:
    made = {claim(row(0, 9), TEXT, ((0, 9),), random.Random(k)) for k in range(40)}
    assert ("Anna Berg built the mill in 1871.", TEXT) in made
    taken = [text for text in made if text and text[1] != TEXT]
    assert taken and all(len(kept) < len(TEXT) for _, kept in taken)
    assert claim(row(0, 9), "Too short.", (), random.Random(0)) is None


def test_statements_do_not_say_whether_there_is_an_answer() -> None:
    rows = [row(0, 9, f"article {k}") for k in range(1000)]
    groups = Rounds(rows, [TEXT], [[0]] * len(rows)).draw(0)
    stated = [group for group in groups if group[0].spans is None]
    assert stated and all(item.spans is None for group in stated for item in group)
    assert all([item.relevant for item in group] == [1] + [0] * (len(group) - 1) for group in stated)


def test_a_near_miss_stands_beside_a_question_that_its_passage_answers() -> None:
    text = "Olof Berg built the mill in 1871. Anna Palm sold it in 1902."
    rows = [
        Row("Who built the mill in 1871?", text, ((0, 9),), "squad2", "Mill_3"),
        Row("Who built the mill in 1902?", text, (), "squad2", "Mill_3"),
    ]
    assert not held_out("squad2", "Mill_3")
    groups = drawn(rows)
    missed = [item for group in groups for item in group if item.relevant < 0]
    assert missed and all(group[0].relevant == 1 for group in groups)
    assert all(item.passage == group[0].passage for group in groups for item in group)
    alone = [group for group in drawn(rows, "contrast") if group[0].relevant < 0]
    assert alone and all(len(group) == 1 for group in alone)


def test_written_questions_stand_on_passages_that_are_trained_on(tmp_path: Path) -> None:
    groups = [f"article {k}" for k in range(200)]
    free = next(group for group in groups if not held_out("squadshifts-wiki", group))
    kept = next(group for group in groups if held_out("squadshifts-wiki", group))
    path, known = tmp_path / "written.jsonl", [row(0, 9, free), replace(row(0, 9, kept), context="Kept.")]
    lines = '{"passage": "%s", "question": "Who?", "span": %s}\n'
    path.write_text(lines % (key(TEXT), "[0, 9]") + lines % (key(TEXT), "null"))
    made = written_rows(path, known)
    assert [(one.context, one.spans) for one in made] == [(TEXT, ((0, 9),)), (TEXT, ())]
    path.write_text(lines % (key("Kept."), "null"))
    with pytest.raises(ModelError, match="--data"):
        written_rows(path, known)
    with pytest.raises(ModelError, match="--written"):
        written_rows(tmp_path / "none", known)


def test_written_questions_may_stand_on_passages_of_our_own(tmp_path: Path) -> None:
    path, text = tmp_path / "written.jsonl", "Velmar makes mills."
    path.write_text(json.dumps({"passage": key(text), "question": "Who makes mills?", "span": [0, 6]}))
    (tmp_path / "reader_passages.jsonl").write_text(json.dumps({"title": "Mills and/or dams", "text": text}))
    (made,) = written_rows(path, [])
    assert (made.context, made.spans, made.title) == (text, ((0, 6),), "Mills and or dams")


def test_a_written_near_miss_is_drawn_beside_an_answered_question_of_its_passage() -> None:
    rows = [
        Row("Who put up the mill?", TEXT, ((0, 9),), "own6", "written/a/Mills"),
        Row("Why was the mill put up?", TEXT, (), "own6", "written/a/Mills"),
    ]
    groups = Rounds(rows, [TEXT], [[], []]).draw(0)
    missed = [group for group in groups if any("Why" in item.question for item in group)]
    assert missed and all(group[0].spans for group in groups)
    assert all((group[-1].spans, group[-1].relevant) == ((), -1) for group in missed)


def test_questions_of_our_own_are_told_apart_by_passage_and_by_round_of_writing(tmp_path: Path) -> None:
    path = tmp_path / "written.jsonl"
    lines = [json.dumps({"passage": key(text), "question": "Who?", "span": None}) for text in (TEXT, "Ours.")]
    path.write_text("\n".join(lines * 5164))
    (tmp_path / "reader_passages.jsonl").write_text(json.dumps({"title": "Ours", "text": "Ours."}))
    group = next(f"article {k}" for k in range(99) if not held_out("squadshifts-wiki", f"article {k}"))
    made = [made.source for made in written_rows(path, [row(0, 9, group)])]
    assert set(made[:10_328]) == {"written1", "own1"} and len(made) == 10_328
    path.write_text("\n".join(lines * 5165))
    assert [made.source for made in written_rows(path, [row(0, 9, group)])][10_328:] == ["written2", "own2"]
