"""BEIR folders: corpus.jsonl[.gz], queries.jsonl[.gz], qrels/<split>.tsv with graded judgements.

Thakur et al. 2021, arXiv:2104.08663. Offsets of quotes count in a document's ``text``; the title is its title.
A document whose text is blank is known by its title alone, and then the title is its text.
"""

from __future__ import annotations

from pathlib import Path

from eval.formats.lines import Problems, existing, grade, identity, json_lines, strings, table_rows
from eval.types import DataError, Dataset, Question, SourceText


def read_corpus(folder: Path, problems: Problems) -> dict[str, SourceText]:
    """Document id -> document, in file order. An empty document or a second one of the same id is a problem."""
    path = existing(folder, "corpus.jsonl", "corpus.jsonl.gz")
    documents: dict[str, SourceText] = {}
    for line, row in json_lines(path, problems):
        name = identity(row, "_id", "id")
        title, text = str(row.get("title") or ""), str(row.get("text") or "")
        if not name:
            problems.add(path, line, "a document without _id; left out")
        elif name in documents:
            problems.add(path, line, f"document id {name!r} comes again; the second is left out")
        elif not (text.strip() or title.strip()):
            problems.add(path, line, f"document {name!r} has neither title nor text; it cannot be found")
        else:
            documents[name] = SourceText(name, text if text.strip() else title, title)
    return documents


def _queries(folder: Path, problems: Problems) -> dict[str, Question]:
    path = existing(folder, "queries.jsonl", "queries.jsonl.gz")
    queries: dict[str, Question] = {}
    for line, row in json_lines(path, problems):
        name, text = identity(row, "_id", "id"), str(row.get("text") or "").strip()
        if not name or not text:
            problems.add(path, line, "a query without _id or text; left out")
        elif name in queries:
            problems.add(path, line, f"query id {name!r} comes again; the second is left out")
        else:
            queries[name] = Question(name, text, strings(row.get("answers")))
    return queries


def _judgements(
    path: Path, queries: dict[str, Question], documents: dict[str, SourceText], problems: Problems
) -> dict[str, dict[str, int]]:
    relevant: dict[str, dict[str, int]] = {}
    for line, cells in table_rows(path, problems, delimiter="\t"):
        if line == 1 and cells[0].strip().lower() in ("query-id", "query_id", "qid"):
            continue
        try:
            query, document, last = (cell.strip() for cell in cells)
            judged = grade(last)
        except ValueError:
            problems.add(path, line, f"expected query-id, corpus-id, grade; found {cells!r}; left out")
            continue
        if query not in queries:
            problems.add(path, line, f"a judgement for the unknown query {query!r}; left out")
            continue
        if document not in documents:
            problems.add(path, line, f"a judgement for the unknown document {document!r}; it counts as never found")
        if document in relevant.setdefault(query, {}):
            problems.add(path, line, f"{query!r}, {document!r} is judged again; the first judgement stands")
        relevant[query].setdefault(document, judged)
    return relevant


def read(folder: Path, *, split: str = "test") -> Dataset:
    """The queries that ``qrels/<split>.tsv`` judges. Raises DataError if a file is missing or nothing is judged."""
    if not folder.is_dir():
        raise DataError(f"no folder {folder}", fix="give the folder that holds corpus.jsonl with --data")
    problems = Problems()
    documents = read_corpus(folder, problems)
    queries = _queries(folder, problems)
    splits = sorted(path.stem for path in (folder / "qrels").glob("*.tsv"))
    if split not in splits:
        why = f"qrels has {', '.join(splits) or 'no .tsv file'}"
        fix = f"--split {splits[0]}" if splits else "check --data"
        raise DataError(f"no qrels/{split}.tsv in {folder}", why=why, fix=fix)
    path = folder / "qrels" / f"{split}.tsv"
    relevant = _judgements(path, queries, documents, problems)
    questions = []
    for name, query in queries.items():
        asked = Question(name, query.question, query.answers, relevant.get(name, {}))
        if asked.gold:
            questions.append(asked)
        elif name in relevant:
            problems.add(path, 0, f"query {name!r} has no relevant document; not asked")
    return Dataset(
        folder.absolute().name, "beir", tuple(questions), tuple(documents.values()), problems=tuple(problems.found)
    )
