"""Questions as a person keeps them: a CSV with expected sources, or a plain list, one question per line.

The CSV has a header. ``question`` is required; ``id``, ``source`` (several separated by ``;``), ``answer`` (the same),
``type`` and ``unanswerable`` (yes/no) are read where they are there. Sources are named as in `eval.formats.jsonl`.
"""

from __future__ import annotations

from pathlib import Path

from eval.formats.lines import Problems, bare_name, flag, read_text, table_rows, unclear
from eval.types import DataError, Dataset, Question

COLUMNS = {
    "question": "question",
    "id": "id",
    "source": "source",
    "sources": "source",
    "expected": "source",
    "expected source": "source",
    "expected sources": "source",
    "document": "source",
    "answer": "answer",
    "answers": "answer",
    "type": "type",
    "unanswerable": "unanswerable",
}


def _split(cell: str) -> tuple[str, ...]:
    return tuple(part.strip() for part in cell.split(";") if part.strip())


def read_csv(path: Path) -> Dataset:
    """Raises DataError if the file is missing or has no ``question`` column."""
    problems = Problems()
    rows = table_rows(path, problems, delimiter=",")
    _, header = next(rows, (1, []))
    names: list[str] = []
    for cell in header:
        name = COLUMNS.get(cell.strip().lower(), "")
        if not name or name in names:
            what = f"is another {name!r}" if name else "is not known"
            problems.add(path, 1, f"the column {cell!r} {what} and not read")
        names.append("" if name in names else name)
    if "question" not in names:
        why, fix = f"its first row is {header!r}", "begin with a row of names, question among them, with commas between"
        raise DataError(f"{path} has no column 'question'", why=why, fix=fix)
    questions: dict[str, Question] = {}
    for line, cells in rows:
        if len(cells) != len(header):
            problems.add(path, line, f"{len(cells)} cells, {len(header)} expected; the row is left out")
            continue
        question = _row(path, line, dict(zip(names, (cell.strip() for cell in cells), strict=True)), problems)
        if question and question.id in questions:
            problems.add(path, line, f"question id {question.id!r} comes again; the second is left out")
        elif question:
            questions[question.id] = question
    return Dataset(bare_name(path), "csv", tuple(questions.values()), problems=tuple(problems.found), file=path.name)


def _row(path: Path, line: int, row: dict[str, str], problems: Problems) -> Question | None:
    name, unanswerable = row.get("id") or f"{bare_name(path)}_{line}", flag(row.get("unanswerable"))
    answers, sources = _split(row.get("answer", "")), _split(row.get("source", ""))
    if not row["question"]:
        problems.add(path, line, "no question; the row is left out")
        return None
    if unclear(row.get("unanswerable", "")):
        what = f"unanswerable is {row['unanswerable']!r}, which is taken as no: write yes or no"
        problems.add(path, line, f"question {name!r}: {what}")
    if not (answers or sources or unanswerable):
        problems.add(path, line, f"question {name!r} has neither source nor answer; asked, but not judged")
    if unanswerable and (answers or sources):
        problems.add(path, line, f"question {name!r} is unanswerable and has a source or answer; they are left out")
        answers, sources = (), ()
    relevant = dict.fromkeys(sources, 1)
    kind = row.get("type", "")
    return Question(name, row["question"], answers, relevant, unanswerable=unanswerable, type=kind, line=line)


def read_questions(path: Path) -> Dataset:
    """A plain list: no gold, so only outcomes, latency and the exactness of quotes are measured."""
    if not path.is_file():
        raise DataError(f"no file {path}", fix="give a text file with one question per line")
    lines = enumerate(read_text(path).splitlines(), start=1)
    asked = tuple(Question(f"{bare_name(path)}_{n}", text.strip(), line=n) for n, text in lines if text.strip())
    return Dataset(bare_name(path), "questions", asked, file=path.name)
