"""Is the project's own question set sound? Every gold quote a slice, every answer in its quote, splits apart."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from pathlib import Path

from eval import formats, match
from eval.names import Names, settle
from eval.types import Dataset, Question
from rag.errors import SourceError
from rag.loaders import load, media_type_of
from rag.types import Document

ANSWERABLE, UNANSWERABLE, CONVERSATIONS, TURNS = 200, 80, 30, range(4, 7)
SPLITS = ("dev", "test")


def read_sources(folder: Path) -> list[Document]:
    """Every document of a folder as the product reads it, without making a library."""
    found: list[Document] = []
    for path in sorted(folder.rglob("*")):
        if path.is_file() and media_type_of(path.name) is not None:
            try:
                found += load(path.read_bytes(), uri=path.resolve().as_uri(), name=path.name).documents
            except SourceError:
                continue  # a gold document that is missing because of this is reported by name
    return found


def verify(questions: Path, sources: Path) -> list[str]:
    """What is wrong with the set, one line each; empty if it is sound."""
    documents = read_sources(sources)
    names = Names(documents, sources)
    texts = {names.of[document.id]: document.text for document in documents}
    sets: dict[str, Dataset] = {}
    for split in SPLITS:
        path = questions / f"{split}.jsonl"
        sets[split] = settle(formats.read(path, "jsonl", sources=sources), names, texts)
        path = questions / "conversations.jsonl"
        read = formats.read(path, "conversations", split=split, sources=sources)
        sets[f"{split} conversations"] = settle(read, names, texts)
    wrong = [str(problem) for data in sets.values() for problem in data.problems]
    single = [q for split in SPLITS for q in sets[split].questions]
    turns = [q for split in SPLITS for q in sets[f"{split} conversations"].questions]
    return [*wrong, *_counts(single, turns), *_answers([*single, *turns]), *_apart(sets)]


def _counts(single: Sequence[Question], turns: Sequence[Question]) -> list[str]:
    wrong = []
    without = [question for question in single if question.unanswerable]
    near = sum(question.near_miss for question in without)
    lengths = Counter(question.conversation for question in turns)
    for what, have, least in (
        ("answerable questions", len(single) - len(without), ANSWERABLE),
        ("unanswerable questions", len(without), UNANSWERABLE),
        ("near misses", near, UNANSWERABLE // 2),
        ("conversations", len(lengths), CONVERSATIONS),
    ):
        if have < least:
            wrong.append(f"{have} {what}, at least {least} are wanted")
    wrong += [f"conversation {name!r} has {n} turns" for name, n in lengths.items() if n not in TURNS]
    return wrong


def _answers(questions: Sequence[Question]) -> list[str]:
    wrong = []
    for question in questions:
        quote = question.quote
        if question.answers and quote is None:
            wrong.append(f"{question.id}: no gold quote")
        elif question.answers and quote and not match.holds(quote.text, question.answers):
            wrong.append(f"{question.id}: no answer of {question.answers} stands in the gold quote")
    return wrong


def _apart(sets: dict[str, Dataset]) -> list[str]:
    seen: dict[str, str] = {}
    wrong = []
    for name, data in sets.items():
        for question in data.questions:
            keys = [f"id {question.id!r}"]
            if not question.conversation:
                keys.append(f"question {match.normalise(question.question)!r}")
            for key in keys:
                if key in seen:
                    wrong.append(f"{key} stands in {seen[key]} and in {name}")
                seen[key] = name
    return wrong
