"""Examples for the term classifier: (question, history, shown) -> which words are needed.

From people's rewrites: a word of the history is needed if it is in the rewrite and not in the question. Made from
reading data: two questions about one article become a conversation by taking out of the second a phrase that the first
one or its passage holds, as a speaker would; the words of that phrase are needed.
"""

from __future__ import annotations

import hashlib
import json
import random
import re
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from rag.lexicon import content, is_content, stem, stems
from rag.text import runs, sentences, words


@dataclass(frozen=True, slots=True)
class Example:
    """``needed``: keys (:func:`rag.lexicon.stem`) of the words to carry."""

    question: str
    history: tuple[str, ...]
    shown: str
    needed: frozenset[str]


def written(path: Path) -> list[dict[str, Any]]:
    """The conversations of ``eval/questions/conversations_train.jsonl`` that are trained on: nine of ten."""
    talks = [json.loads(line) | {"source": "written"} for line in path.read_text("utf-8").splitlines()]
    return [talk for talk in talks if not held_out(talk)]


def held_out(talk: dict[str, Any]) -> bool:
    """Whether a conversation is kept for comparing: one of ten, by the hash of its first question."""
    return hashlib.sha256(talk["turns"][0]["question"].encode()).digest()[0] < 26


def from_rewrites(rows: Iterable[dict[str, Any]]) -> list[Example]:
    """One example per turn that has a history and a rewrite."""
    made = []
    for row in rows:
        turns = row.get("turns") or [{"question": row["question"], "rewrite": row["rewrite"]}]
        before = [turn["question"] for turn in row["turns"]] if "turns" in row else list(row["history"])
        for number, turn in enumerate(turns):
            history = before[:number] if "turns" in row else before
            if history and turn["rewrite"]:
                shown = row["turns"][number - 1].get("passage", "") if "turns" in row else ""
                needed = stems(turn["rewrite"]) - stems(turn["question"])
                made.append(Example(turn["question"], tuple(history), shown, frozenset(needed)))
    return made


SOURCES = ("squad-part", "squadshifts-wiki", "squadshifts-amazon", "fairytaleqa")
_REVIEW = frozenset(
    ("product", "person", "author", "reviewer", "writer", "user", "item", "customer", "narrator", "review")
)
_JOINS = re.compile(r" |-| of | of the |'s |’s ")  # small words between those of a name
_TAKEN = (" it", " they", " them", " this", " that", " these", " he", " she")


def made_up(rows: Iterable[dict[str, Any]], rng: random.Random, *, count: int) -> Iterator[Example]:
    """``count`` conversations out of reading data, all different, in an order that ``rng`` decides."""
    groups: dict[tuple[str, str], list[dict[str, Any]]] = defaultdict(list)
    for row in rows:
        if row["source"] in SOURCES:
            groups[row["source"], row["group"]].append(row)
    usable = [group for group in groups.values() if len(group) > 3]
    rng.shuffle(usable)
    made = 0
    while made < count:
        before = made
        for group in usable:
            example = _conversation(group, rng)
            if example is not None and made < count:
                made += 1
                yield example
        if made == before:
            return


def _conversation(group: Sequence[dict[str, Any]], rng: random.Random) -> Example | None:
    picked = rng.sample(list(group), min(len(group), rng.choice((2, 2, 3, 4, 5))))
    *before, last = picked
    if rng.random() < 0.5:  # stay with the passage the question is about
        near = [row for row in group if row["context"] == last["context"] and row is not last]
        before[-1] = rng.choice(near) if near else before[-1]
    question, history = last["question"], [row["question"] for row in before]
    shown = before[-1]["context"] if rng.random() < 0.85 else ""
    if shown and rng.random() < 0.35:
        shown = _sentence_of(before[-1])
    if rng.random() < 0.12:
        return Example(question, tuple(history), shown, frozenset())
    return _taken_out(question, history, shown, rng)


def _sentence_of(row: dict[str, Any]) -> str:
    text, at = str(row["context"]), row["answer_start"]
    return next((text[start:end] for start, end in sentences(text) if start <= at < end), text)


def _taken_out(question: str, history: Sequence[str], shown: str, rng: random.Random) -> Example | None:
    """Takes one or two phrases out of the question that the history holds; None if it holds none."""
    have = set().union(*map(stems, [*history, shown]))
    chunks = [chunk for chunk in runs(question, content(question), _JOINS) if _names_a_thing(question, chunk) & have]
    if not chunks:
        return None
    names = [chunk for chunk in chunks if question[chunk[0]].isupper()]
    chosen = {rng.choice(names if names and rng.random() < 0.6 else chunks)}
    if len(chunks) > 1 and rng.random() < 0.3:
        chosen.add(rng.choice(chunks))
    text = question
    for start, end in sorted(chosen, reverse=True):
        text = _spoken(text, start, end, rng)
    text = re.sub(r"\s+", " ", text).strip()
    needed = (stems(question) - stems(text)) & have
    return Example(text, tuple(history), shown, frozenset(needed)) if needed and len(words(text)) > 1 else None


def _names_a_thing(question: str, chunk: tuple[int, int]) -> set[str]:
    """The keys of a phrase that a speaker would leave out: a name, or a noun as its article or preposition tells."""
    phrase, left = question[chunk[0] : chunk[1]], question[: chunk[0]]
    named = phrase[:1].isupper() and bool(left.strip())
    noun = re.search(r"\b(?:the|a|an|of|in|for|at|by|from|about|some|any|his|her|their|its)\s+$", left, re.IGNORECASE)
    keys = stems(phrase)
    return set() if keys <= _REVIEW or not (named or noun) else keys


def _spoken(text: str, start: int, end: int, rng: random.Random) -> str:
    """The text with a phrase replaced by a pronoun, by "the" and its last word, or dropped with its preposition."""
    phrase, left, right = text[start:end], text[:start], text[end:]
    bare = re.sub(r"\b(?:the|a|an)\s+$", "", left, flags=re.IGNORECASE)
    way = rng.random()
    last = words(phrase)[-1]
    if way < 0.2 and len(words(phrase)) > 1:
        return f"{bare}{rng.choice(('the ', 'this ', 'that '))}{phrase[last[0] : last[1]]}{right}"
    if way < 0.55 and (
        match := re.search(r"\s+(?:of|in|for|at|on|by|from|with|to|about|than)\s+$", bare, re.IGNORECASE)
    ):
        return bare[: match.start()] + right
    if way < 0.7 and right[:1] in ("?", ".", "") and is_content(phrase):
        return bare.rstrip() + right
    if re.match(r"['’]s\b", right):
        return f"{bare}{rng.choice(('its', 'his', 'her', 'their'))}{right[2:]}"
    named = phrase[0].isupper()
    return bare.rstrip() + rng.choice(_TAKEN if named else _TAKEN[:6]) + right


def labels(text: str, needed: frozenset[str]) -> list[float]:
    """1, 0, or -1 (a function word: not judged) for each word of ``text``."""
    return [
        (1.0 if stem(text[start:end]) in needed else 0.0) if is_content(text[start:end]) else -1.0
        for start, end in words(text)
    ]
