"""Conversations: ``conversations.jsonl`` in a folder with a BEIR corpus, or alone over a folder of sources.

    {"id", "split"?, "turns": [{"id"?, "question", "rewrite", "relevant": {document id: grade}, "answers",
                                "document"?, "quote"?, "kind"?, "unanswerable"?}]}

A turn without an id gets ``<conversation>_<n>``, n counting from 1. ``rewrite`` is a person's standalone question; it
is empty where the question stands alone already. ``kind`` is how a turn should be resolved
(`rag.types.ResolutionKind`), and all that is judged of a "command" or a "reference" to a shown quote. Turns that are
judged on nothing are asked all the same: they are the history of the next ones.
Layout after TREC CAsT (Dalton et al. 2020, arXiv:2003.13624).
"""

from __future__ import annotations

from pathlib import Path

from eval.formats import beir, jsonl
from eval.formats.lines import Problems, bare_name, existing, identity, json_lines
from eval.types import DataError, Dataset, Question, SourceText

_NOT_SEARCHED = ("command", "reference")  # how a turn is resolved is all there is to judge


def _turn(path: Path, line: int, row: object, place: tuple[str, int], problems: Problems) -> Question | None:
    conversation, number = place
    name = f"{conversation}_{number}"
    if not isinstance(row, dict) or not str(row.get("question") or "").strip():
        problems.add(path, line, f"turn {name!r} has no question; left out")
        return None
    name = identity(row, "id") or name
    kind = str(row.get("kind") or row.get("type") or "")
    asked = Question(
        name,
        str(row["question"]).strip(),
        type=kind,
        conversation=conversation,
        turn=number,
        rewrite=str(row.get("rewrite") or "").strip(),
        line=line,
    )
    asked = jsonl.judged(asked, path, row, f"turn {name!r}", problems)
    if not (asked.relevant or asked.answers or asked.unanswerable or kind in _NOT_SEARCHED):
        problems.add(path, line, f"turn {name!r} has neither relevant documents nor answers; asked, but not judged")
    return asked


def _turns(path: Path, problems: Problems, split: str) -> list[Question]:
    questions: dict[str, Question] = {}
    conversations: set[str] = set()
    for line, row in json_lines(path, problems):
        name, turns = identity(row, "id") or f"conversation{line}", row.get("turns")
        if name in conversations:
            problems.add(path, line, f"conversation id {name!r} comes again; the second is left out")
        elif not isinstance(turns, list) or not turns:
            problems.add(path, line, f"conversation {name!r} has no turns; left out")
        elif not split or str(row.get("split") or split) == split:
            conversations.add(name)
            for number, turn in enumerate(turns, start=1):
                question = _turn(path, line, turn, (name, number), problems)
                if question and question.id in questions:
                    problems.add(path, line, f"turn id {question.id!r} comes again; the second is left out")
                elif question:
                    questions[question.id] = question
    return list(questions.values())


def read(path: Path, *, split: str = "") -> Dataset:
    """Read a folder or a single file. ``split`` keeps the conversations of that split where they name one.

    Raises DataError if a file is missing.
    """
    problems = Problems()
    if path.is_file():
        found = tuple(_turns(path, problems, split))
        return Dataset(bare_name(path), "conversations", found, problems=tuple(problems.found), file=path.name)
    if not path.is_dir():
        raise DataError(f"no folder {path}", fix="give a folder with corpus.jsonl and conversations.jsonl")
    documents = beir.read_corpus(path, problems)
    file = existing(path, "conversations.jsonl", "conversations.jsonl.gz")
    questions = _known(file, _turns(file, problems, split), documents, problems)
    texts = tuple(documents.values())
    return Dataset(
        path.absolute().name, "conversations", questions, texts, problems=tuple(problems.found), file=file.name
    )


def _known(
    path: Path, questions: list[Question], documents: dict[str, SourceText], problems: Problems
) -> tuple[Question, ...]:
    """Report judgements of unknown documents; they stay and count as never found."""
    for question in questions:
        for name in question.relevant:
            if name not in documents:
                what = f"turn {question.id!r} names the unknown document {name!r}; it counts as never found"
                problems.add(path, question.line, what)
    return tuple(questions)
