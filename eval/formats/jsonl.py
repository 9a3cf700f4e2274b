"""One question per JSON line, over a folder of sources or an existing collection.

    {"id", "question", "answers": [...], "document", "quote", "unanswerable", "near_miss", "type",
     "also": [{"document", "quote"}]}

``document`` (or a list of them) names a source: its path inside the folder, ``file.jsonl#id`` for a record of a
JSON lines file, or the URI it has in the collection. Only ``question`` is required; what is missing is not judged.
``also`` holds other quotes that are as good.
"""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

from eval.formats.lines import Problems, bare_name, flag, grade, identity, json_lines, strings
from eval.types import DataError, Dataset, GoldQuote, Question

FIELDS = frozenset(
    "id question answer answers document relevant quote also unanswerable near_miss type kind rewrite "
    "shown verdict quote_rank".split()  # the last three are for the person who writes the questions
)


def _with_gold(asked: Question, row: dict[str, Any]) -> Question:
    """With what it should find: ``relevant``, with grades or a list, or ``document``, ``quote`` and ``also``.

    Raises ValueError.
    """
    also, named = row.get("also") or [], row.get("relevant") or row.get("document")
    graded = named if isinstance(named, dict) else dict.fromkeys(strings(named), 1)
    if not isinstance(also, list) or not all(isinstance(part, dict) and part.get("document") for part in also):
        raise ValueError("'also' is [{document, quote}]")
    relevant = {str(name): grade(value) for name, value in graded.items()}
    text = str(row.get("quote") or "")
    if text and not relevant:
        raise ValueError("a quote needs the document that it is from")
    quote = GoldQuote(next(iter(relevant)), text) if text else None
    others = tuple(GoldQuote(str(part["document"]), str(part["quote"])) for part in also if part.get("quote"))
    for part in also:
        relevant.setdefault(str(part["document"]), 1)
    return replace(asked, relevant=relevant, quote=quote, also=others)


def judged(asked: Question, path: Path, row: dict[str, Any], who: str, problems: Problems) -> Question:
    """The question with what a row says of its answers and where they stand; ``who`` is how problems name it."""
    problems.unknown(path, asked.line, [name for name in row if name not in FIELDS])
    found = asked
    try:
        found = _with_gold(asked, row)
    except ValueError as error:
        problems.add(path, asked.line, f"{who}: {error}; its source and quote are not judged")
    answers, near_miss = strings(row.get("answers")) or strings(row.get("answer")), flag(row.get("near_miss"))
    if not flag(row.get("unanswerable")):
        return replace(found, answers=answers, near_miss=near_miss)
    if answers:
        problems.add(path, asked.line, f"{who} is unanswerable and has an answer; the answer is left out")
    return replace(asked, unanswerable=True, near_miss=near_miss)


def _question(path: Path, line: int, row: dict[str, Any], problems: Problems) -> Question | None:
    name, text = identity(row, "id") or f"{bare_name(path)}_{line}", str(row.get("question") or "").strip()
    if not text:
        problems.add(path, line, "no question; the line is left out")
        return None
    asked = Question(name, text, type=str(row.get("type") or ""), line=line)
    asked = judged(asked, path, row, f"question {name!r}", problems)
    if not asked.answers and not asked.unanswerable:
        problems.add(path, line, f"question {name!r} has no answer; its answer is not judged")
    return asked


def read(path: Path) -> Dataset:
    """Read the questions; ``sources`` is set by the caller. Raises DataError if the file is missing."""
    if not path.is_file():
        raise DataError(f"no file {path}", fix="give a .jsonl file with --data")
    problems, questions = Problems(), {}
    for line, row in json_lines(path, problems):
        question = _question(path, line, row, problems)
        if question and question.id in questions:
            problems.add(path, line, f"question id {question.id!r} comes again; the second is left out")
        elif question:
            questions[question.id] = question
    found = tuple(problems.found)
    return Dataset(bare_name(path), "jsonl", tuple(questions.values()), problems=found, file=path.name)
