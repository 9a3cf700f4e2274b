"""The set of questions on the shipped corpus holds what its README promises: no gold that is not in the texts."""

from __future__ import annotations

import json
from collections import Counter
from pathlib import Path
from typing import Any

import pytest

from eval import formats
from rag.lexicon import is_yes_no

ROOT = Path(__file__).parent.parent
FOLDER = ROOT / "eval" / "questions"
TYPES = {"who", "when", "how_many", "where", "what", "why", "how", "list", "comparison", "quote"}
FIELDS = {"id", "type", "question", "answers", "document", "quote", "unanswerable", "near_miss"}
REPRINTS = {"micron-china-purchase-ban.txt", "micron-barred-china-syndicated.html"}
Row = dict[str, Any]


@pytest.fixture(scope="module")
def splits() -> dict[str, list[Row]]:
    lines = {split: (FOLDER / f"{split}.jsonl").read_text("utf-8").splitlines() for split in ("dev", "test")}
    return {split: [json.loads(line) for line in rows] for split, rows in lines.items()}


@pytest.fixture(scope="module")
def rows(splits: dict[str, list[Row]]) -> list[Row]:
    return [row for part in splits.values() for row in part]


@pytest.fixture(scope="module")
def answerable(rows: list[Row]) -> list[Row]:
    return [row for row in rows if not row["unanswerable"]]


def gold(row: Row) -> list[tuple[str, str]]:
    """Every (document, quote) that a question accepts, the main one first."""
    return [(one["document"], one["quote"]) for one in [row, *row.get("also", [])]]


def folded(question: str) -> str:
    return " ".join("".join(c if c.isalnum() else " " for c in question.casefold()).split())


def test_every_question_has_the_fields_and_a_known_type(rows: list[Row]) -> None:
    for row in rows:
        assert set(row) - {"also"} == FIELDS, row["id"]
        assert row["type"] in TYPES and row["question"].strip() == row["question"] != "", row["id"]


@pytest.mark.parametrize("name", ["dev", "test", "test2", "plain_dev", "plain_test", "yes_no_dev", "yes_no_test"])
def test_the_harness_reads_the_file(name: str) -> None:
    asked = formats.read(FOLDER / f"{name}.jsonl", "jsonl", sources=ROOT / "corpus")
    assert asked.problems == ()


def test_ids_and_questions_are_unique_over_both_splits(rows: list[Row]) -> None:
    assert [name for name, n in Counter(row["id"] for row in rows).items() if n > 1] == []
    assert [text for text, n in Counter(folded(row["question"]) for row in rows).items() if n > 1] == []


def test_every_quote_is_a_slice_of_its_document(answerable: list[Row], corpus: dict[str, str]) -> None:
    for row in answerable:
        for document, quote in gold(row):
            assert quote.strip() == quote != "" and quote in corpus[document], row["id"]


def test_every_answer_occurs_in_a_quote(answerable: list[Row]) -> None:
    for row in answerable:
        quotes = [quote for _, quote in gold(row)]
        assert row["answers"] and row["answers"][0] in quotes[0], row["id"]
        assert all(any(answer in quote for quote in quotes) for answer in row["answers"]), row["id"]
        if row["type"] != "list":  # the items of a list may stand one by one in the other document
            assert all(any(answer in quote for answer in row["answers"]) for quote in quotes), row["id"]


def test_unanswerable_questions_have_no_gold(rows: list[Row]) -> None:
    for row in rows:
        if row["unanswerable"]:
            assert (row["answers"], row["document"], row["quote"], "also" in row) == ([], "", "", False), row["id"]
        else:
            assert not row["near_miss"], row["id"]


def test_no_document_is_in_both_splits_and_reprints_stay_together(splits: dict[str, list[Row]]) -> None:
    used = {name: {row["document"] for row in part} - {""} for name, part in splits.items()}
    assert used["dev"] & used["test"] == set()
    assert used["dev"] >= REPRINTS or used["test"] >= REPRINTS


def test_every_text_of_the_corpus_is_asked_about(answerable: list[Row], corpus: dict[str, str]) -> None:
    asked = Counter(row["document"] for row in answerable)
    assert len(corpus) == 38 and set(asked) == set(corpus)
    assert min(asked.values()) >= 4


def test_there_are_enough_questions_of_every_kind(rows: list[Row], answerable: list[Row]) -> None:
    kinds = Counter(row["type"] for row in answerable)
    unanswerable = [row for row in rows if row["unanswerable"]]
    near = sum(row["near_miss"] for row in unanswerable)
    assert len(answerable) >= 210 and len(unanswerable) >= 84
    assert set(kinds) == TYPES and min(kinds[kind] for kind in ("why", "how", "list", "comparison")) >= 15
    assert 0.45 <= near / len(unanswerable) <= 0.55


def test_about_two_in_five_questions_are_for_development(splits: dict[str, list[Row]]) -> None:
    for unanswerable in (False, True):
        n = {name: sum(row["unanswerable"] is unanswerable for row in part) for name, part in splits.items()}
        assert 0.35 <= n["dev"] / sum(n.values()) <= 0.47


def test_questions_are_not_copied_from_their_quotes(answerable: list[Row]) -> None:
    """No question holds six words in a row that also stand in one of its quotes."""
    for row in answerable:
        asked = folded(row["question"]).split()
        runs = [" ".join(asked[at : at + 6]) for at in range(len(asked) - 5)]
        for _, quote in gold(row):
            assert not any(f" {run} " in f" {folded(quote)} " for run in runs), row["id"]


def test_the_second_set_for_reporting_is_made_like_the_first(
    rows: list[Row], splits: dict[str, list[Row]], corpus: dict[str, str]
) -> None:
    more = [json.loads(line) for line in (FOLDER / "test2.jsonl").read_text("utf-8").splitlines()]
    answered = [row for row in more if not row["unanswerable"]]
    assert Counter((row["unanswerable"], row["near_miss"]) for row in more) == {
        (False, False): 194,
        (True, True): 32,
        (True, False): 32,
    }
    assert {row["document"] for row in answered} == {row["document"] for row in splits["test"]} - {""}
    test_every_question_has_the_fields_and_a_known_type(more)
    test_ids_and_questions_are_unique_over_both_splits([*rows, *more])
    test_every_quote_is_a_slice_of_its_document(answered, corpus)
    test_every_answer_occurs_in_a_quote(answered)
    test_unanswerable_questions_have_no_gold(more)
    test_questions_are_not_copied_from_their_quotes(answered)


@pytest.mark.parametrize("split", ["dev", "test"])
def test_yes_no_questions_have_a_sentence_that_decides(
    split: str, splits: dict[str, list[Row]], corpus: dict[str, str]
) -> None:
    asked = [json.loads(line) for line in (FOLDER / f"yes_no_{split}.jsonl").read_text("utf-8").splitlines()]
    assert Counter(row["verdict"] for row in asked) == {"yes": 35, "no": 25, "": 20}
    other = {row["document"] for name, part in splits.items() if name != split for row in part}
    for row in asked:
        assert set(row) - {"also"} == FIELDS | {"verdict"}, row["id"]
        assert row["unanswerable"] == row["near_miss"] == (not row["answers"]) == (not row["verdict"]), row["id"]
        decide = [] if row["unanswerable"] else gold(row)
        assert row["answers"] == [quote for _, quote in decide], row["id"]
        assert all(quote in corpus[uri] for uri, quote in decide) and row["document"] not in other - {""}, row["id"]
    assert sum(is_yes_no(row["question"]) for row in asked) >= 74
    known = {folded(row["question"]) for part in splits.values() for row in part}
    assert not known & {folded(row["question"]) for row in asked}


@pytest.mark.parametrize("split", ["dev", "test"])
def test_plain_questions_are_short_and_have_all_their_places(
    split: str, splits: dict[str, list[Row]], corpus: dict[str, str]
) -> None:
    asked = [json.loads(line) for line in (FOLDER / f"plain_{split}.jsonl").read_text("utf-8").splitlines()]
    assert Counter(row["unanswerable"] for row in asked) == {False: 56, True: 24}
    other = {row["document"] for name, part in splits.items() if name != split for row in part}
    for row in asked:
        assert set(row) - {"also"} == FIELDS and row["type"] in TYPES, row["id"]
        assert row["unanswerable"] == row["near_miss"] == (not row["answers"]) and len(row["question"].split()) <= 8
        places = [] if row["unanswerable"] else gold(row)
        assert all(quote in corpus[uri] for uri, quote in places) and row["document"] not in other - {""}, row["id"]
        assert all(any(answer in quote for answer in row["answers"]) for _, quote in places), row["id"]
        assert row["unanswerable"] or row["answers"][0] in row["quote"], row["id"]
    assert len({folded(row["question"]) for row in asked} - {folded(r["question"]) for r in splits[split]}) == 80


def test_the_questions_for_training_are_well_formed_and_none_of_the_others(rows: list[Row]) -> None:
    lines = [json.loads(line) for line in (FOLDER / "reader_train.jsonl").read_text("utf-8").splitlines()]
    assert all(set(line) == {"passage", "question", "span"} and line["question"].strip() for line in lines)
    assert all(len(line["passage"]) == 12 and int(line["passage"], 16) for line in lines)
    assert all(line["span"] is None or 0 <= line["span"][0] < line["span"][1] for line in lines)
    asked = [(line["passage"], line["question"]) for line in lines]
    assert len(set(asked)) == len(asked)
    sets = [path for path in FOLDER.glob("*.jsonl") if path.stem.startswith(("plain", "yes_no", "test2"))]
    kept_out = [*rows, *(json.loads(line) for path in sets for line in path.read_text("utf-8").splitlines())]
    assert not {question for _, question in asked} & {row["question"] for row in kept_out}
    readme = (FOLDER / "README.md").read_text("utf-8")
    missed = sum(line["span"] is None for line in lines)
    assert f"{len(lines):,} questions ({len(lines) - missed:,} answered, {missed:,} near misses)" in readme
    assert f"on {len({line['passage'] for line in lines})} passages" in readme
