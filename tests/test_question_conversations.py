"""Pullquote's own conversations: every label is one of the product's, and every quote stands in the corpus."""

from __future__ import annotations

import json
from collections import Counter
from pathlib import Path
from typing import Any, get_args

import pytest

from eval.formats import conversations as reader
from eval.match import holds
from rag.types import ResolutionKind

ROOT = Path(__file__).parents[1]
FILE = ROOT / "eval" / "questions" / "conversations.jsonl"
KINDS = set(get_args(ResolutionKind)) - {"raw"}  # "raw" is how a person overrules the product, not a kind of question
NOT_SEARCHED = {"reference", "command"}

CONVERSATIONS: list[dict[str, Any]] = [json.loads(line) for line in FILE.read_text(encoding="utf-8").splitlines()]
TURNS: list[dict[str, Any]] = [turn for conversation in CONVERSATIONS for turn in conversation["turns"]]
SEARCHED = [turn for turn in TURNS if turn["kind"] not in NOT_SEARCHED]
ANSWERED = [turn for turn in SEARCHED if not turn.get("unanswerable")]


def gold(turn: dict[str, Any]) -> list[dict[str, str]]:
    return [{"document": turn["document"], "quote": turn["quote"]}, *turn.get("also", [])]


SPLITS = sorted({conversation["split"] for conversation in CONVERSATIONS})


def test_147_conversations_of_four_to_nine_turns() -> None:
    assert len({conversation["id"] for conversation in CONVERSATIONS}) == len(CONVERSATIONS) == 147
    assert Counter(conversation["split"] for conversation in CONVERSATIONS) == {
        "dev": 12,
        "dev2": 18,
        "test": 18,
        "test2": 9,
        "test3": 12,
        "test4": 14,
        "test5": 16,
        "test6": 16,
        "test7": 16,
        "test8": 16,
    }
    assert {len(conversation["turns"]) for conversation in CONVERSATIONS} <= {4, 5, 6, 7, 8, 9}


@pytest.mark.parametrize("split", SPLITS)
def test_each_kind_of_turn_occurs_in_each_split(split: str) -> None:
    kinds = {turn["kind"] for c in CONVERSATIONS if c["split"] == split for turn in c["turns"]}
    assert kinds == KINDS


def test_no_question_is_asked_twice() -> None:
    """The same words may mean something else in another conversation."""
    asked = Counter((turn["question"].casefold(), turn["rewrite"]) for turn in SEARCHED)
    assert [question for question, times in asked.items() if times > 1] == []


def test_quotes_are_slices_of_their_documents(corpus: dict[str, str]) -> None:
    assert len(corpus) == 38
    wrong = [g for turn in ANSWERED for g in gold(turn) if not g["quote"] or g["quote"] not in corpus[g["document"]]]
    assert wrong == []


def test_a_gold_document_is_named_once_for_each_turn() -> None:
    for turn in ANSWERED:
        names = [g["document"] for g in gold(turn)]
        assert len(set(names)) == len(names), turn["question"]


def test_quotes_hold_a_short_answer() -> None:
    assert [turn["question"] for turn in ANSWERED if not holds(turn["quote"], turn["answers"])] == []


def test_only_what_leans_on_the_conversation_is_rewritten() -> None:
    for turn in SEARCHED:
        assert turn["rewrite"].endswith((".", "?"))
        if turn["kind"] != "standalone":
            assert turn["rewrite"] != turn["question"]


def test_turns_without_an_answer_have_no_gold() -> None:
    for turn in TURNS:
        assert ("quote_rank" in turn) == (turn["kind"] == "reference"), turn["question"]
        if turn["kind"] in NOT_SEARCHED:
            assert not turn["rewrite"]
        if turn["kind"] in NOT_SEARCHED or turn.get("unanswerable"):
            assert not (turn["document"] or turn["quote"] or turn["answers"] or "also" in turn), turn["question"]


def test_nothing_leans_on_a_conversation_that_has_not_begun() -> None:
    for conversation in CONVERSATIONS:
        searched = False
        for turn in conversation["turns"]:
            assert searched or turn["kind"] in ("standalone", "command"), turn["question"]
            searched = searched or turn["kind"] == "standalone"


@pytest.mark.parametrize("split", SPLITS)
def test_the_harness_reads_the_file(split: str) -> None:
    dataset = reader.read(FILE, split=split)
    turns = [turn for conversation in CONVERSATIONS if conversation["split"] == split for turn in conversation["turns"]]
    assert [question.question for question in dataset.questions] == [turn["question"] for turn in turns]
    assert dataset.problems == ()
