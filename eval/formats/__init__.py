"""Data set layouts. `read` is the only door; `FORMATS` says what there is."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from eval.formats import beir, conversations, jsonl, squad, table
from eval.formats.lines import Problems, json_lines
from eval.types import DataError, Dataset

FORMATS = {
    "squad": "SQuAD 1.1 or 2.0 JSON, or JSON lines of question, context, answers, is_impossible",
    "beir": "a folder of corpus.jsonl[.gz], queries.jsonl, qrels/<split>.tsv",
    "jsonl": "JSON lines of question, answers, document, quote, unanswerable (needs --sources or --index)",
    "conversations": "conversations.jsonl in a folder with a BEIR corpus, or alone with --sources",
    "csv": "a table of question, source, answer (needs --sources or --index)",
    "questions": "one question per line (needs --sources or --index)",
}


def guess(path: Path) -> str:
    """The format of a path where the user named none: by the files of a folder, the suffix, the first JSON line."""
    if path.is_dir():
        return "conversations" if list(path.glob("conversations.jsonl*")) else "beir"
    name = path.name.lower()
    if name.startswith("conversations.jsonl"):
        return "conversations"
    suffix = Path(name.removesuffix(".gz")).suffix
    if suffix in (".json", ".csv", ".txt"):
        return {".json": "squad", ".csv": "csv", ".txt": "questions"}[suffix]
    _, first = next(json_lines(path, Problems()), (0, {}))
    return "squad" if "context" in first else "conversations" if "turns" in first else "jsonl"


def read(path: Path, format: str, *, split: str = "test", sources: Path | None = None) -> Dataset:
    """Read a data set. Raises DataError if it cannot be used at all; smaller faults are in its ``problems``."""
    match format:
        case "squad":
            data = squad.read(path)
        case "beir":
            data = beir.read(path, split=split)
        case "conversations":
            data = conversations.read(path, split=split if sources else "")
        case "jsonl":
            data = jsonl.read(path)
        case "csv":
            data = table.read_csv(path)
        case "questions":
            data = table.read_questions(path)
        case _:
            known = ", ".join(FORMATS)
            raise DataError(f"unknown format {format!r}", why=f"known are {known}", fix="choose one with --format")
    if not data.questions:
        part = f", or nothing of the split {split!r}" if format in ("beir", "conversations") else ""
        why = "; ".join(map(str, data.problems[:3])) or f"nothing is in it{part}"
        fix = f"check --data, --format and --split; {format} is {FORMATS[format]}"
        raise DataError(f"no question to ask in {path}", why=why, fix=fix)
    if sources is not None and not sources.exists():
        raise DataError(f"no folder {sources}", fix="give the folder of documents with --sources")
    if sources is not None and data.documents:
        raise DataError(
            "--sources names other documents", why=f"{path} brings documents of its own", fix="leave out --sources"
        )
    return replace(data, sources=sources)
