"""One question per JSON line, over a folder of sources or an existing collection.

    {"id", "question", "answers": [...], "document", "quote", "unanswerable", "near_miss", "type",
     "also": [{"document", "quote"}]}

``document`` (or a list of them) names a source: its path inside the folder, ``file.jsonl#id`` for a record of a
JSON lines file, or the URI it has in the collection. Only ``question`` is required; what is missing is not judged.
``also`` holds other quotes that are as good.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from eval.formats.lines import Problems, bare_name, flag, grade, identity, json_lines, strings
from eval.types import DataError, Dataset, GoldQuote, Question

FIELDS = frozenset(
    "id question answer answers document relevant quote also unanswerable near_miss type kind rewrite "
    "shown verdict quote_rank".split()  # the last three are for the person who writes the questions
)


@dataclass(frozen=True, slots=True)
class Gold:
    """What a question should find; ``relevant`` is document -> grade."""

    relevant: dict[str, int] = field(default_factory=dict)
    quote: GoldQuote | None = None
    also: tuple[GoldQuote, ...] = ()


def gold(row: dict[str, Any]) -> Gold:
    """From ``relevant``, with grades or a list, or ``document``, ``quote`` and ``also``. Raises ValueError."""
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
    return Gold(relevant, quote, others)


def judged(
    path: Path, line: int, row: dict[str, Any], who: str, problems: Problems
) -> tuple[tuple[str, ...], Gold, bool]:
    """The answers of a row, what it should find, and whether it has no answer; ``who`` is how problems name it."""
    problems.unknown(path, line, [name for name in row if name not in FIELDS])
    try:
        found = gold(row)
    except ValueError as error:
        problems.add(path, line, f"{who}: {error}; its source and quote are not judged")
        found = Gold()
    answers, unanswerable = strings(row.get("answers")) or strings(row.get("answer")), flag(row.get("unanswerable"))
    if answers and unanswerable:
        problems.add(path, line, f"{who} is unanswerable and has an answer; the answer is left out")
    return ((), Gold(), True) if unanswerable else (answers, found, False)


def _question(path: Path, line: int, row: dict[str, Any], problems: Problems) -> Question | None:
    name, text = identity(row, "id") or f"{bare_name(path)}_{line}", str(row.get("question") or "").strip()
    if not text:
        problems.add(path, line, "no question; the line is left out")
        return None
    answers, found, unanswerable = judged(path, line, row, f"question {name!r}", problems)
    if not answers and not unanswerable:
        problems.add(path, line, f"question {name!r} has no answer; its answer is not judged")
    return Question(
        name,
        text,
        answers,
        found.relevant,
        found.quote,
        found.also,
        unanswerable=unanswerable,
        near_miss=flag(row.get("near_miss")),
        type=str(row.get("type") or ""),
        line=line,
    )


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
