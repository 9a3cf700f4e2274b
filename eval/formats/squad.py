"""SQuAD 1.1 and 2.0: the official JSON, and one question per JSON line with its context.

Every distinct context is a document and every question is asked over all of them. SQuAD has no document ids, so
they are made: ``title#n``, where n counts the paragraphs of that title from 0 (in the JSON: the index of the
paragraph in its article; in JSON lines: the order of first appearance). A context that comes again keeps its first id.
Answers may also be columns, {"text": [...], "answer_start": [...]}, as in the copies on Hugging Face; there, no texts
mean that there is no answer.

Rajpurkar et al. 2016, arXiv:1606.05250; Rajpurkar, Jia, Liang 2018, arXiv:1806.03822.
"""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Iterator
from itertools import zip_longest
from pathlib import Path
from typing import Any

from eval.formats.lines import Problems, bare_name, flag, identity, json_lines, loads, read_text
from eval.types import DataError, Dataset, GoldQuote, Question, SourceText

_UNTITLED = "untitled"  # in ids only: it is no word of the document


class _Builder:
    def __init__(self, path: Path) -> None:
        self.path = path
        self.problems = Problems()
        self.documents: dict[str, SourceText] = {}  # context -> document
        self.questions: dict[str, Question] = {}
        self.counts: Counter[str] = Counter()

    def document(self, title: str, context: str) -> SourceText:
        """The document of this context, made on first sight."""
        number = self.counts[title]
        if context not in self.documents:
            self.documents[context] = SourceText(f"{title}#{number}", context, "" if title == _UNTITLED else title)
            self.counts[title] += 1
        return self.documents[context]

    def add(self, line: int, row: dict[str, Any], document: SourceText) -> None:
        """One question (SQuAD's ``qas`` entry). Broken parts are reported at ``line``."""
        name, text = identity(row, "id"), str(row.get("question") or "").strip()
        if not name or not text:
            self.problems.add(self.path, line, "a question without id or text; left out")
            return
        if name in self.questions:
            self.problems.add(self.path, line, f"question id {name!r} comes again; the second is left out")
            return
        given = row.get("answers")
        impossible = flag(row.get("is_impossible", isinstance(given, dict) and given.get("text") == []))
        answers, quote = self._answers(line, name, _answer_rows(given), document)
        if answers and impossible:
            self.problems.add(self.path, line, f"question {name!r} is impossible and has an answer; it is left out")
            answers, quote = (), None
        if not answers and not impossible:
            self.problems.add(self.path, line, f"question {name!r} has no answer; its answer is not judged")
        relevant = {} if impossible else {document.id: 1}
        self.questions[name] = Question(
            name, text, answers, relevant, quote, unanswerable=impossible, near_miss=impossible, line=line
        )

    def _answers(
        self, line: int, name: str, rows: list[Any], document: SourceText
    ) -> tuple[tuple[str, ...], GoldQuote | None]:
        texts: list[str] = []
        quote: GoldQuote | None = None
        for row in rows:
            text = str(row.get("text") or "") if isinstance(row, dict) else row if isinstance(row, str) else ""
            start = row.get("answer_start") if isinstance(row, dict) else None
            if not text:
                self.problems.add(self.path, line, f"question {name!r}: an answer without text; left out")
            elif not isinstance(start, int) or document.text[start : start + len(text)] != text:
                self.problems.add(self.path, line, f"question {name!r}: {text!r} is not at answer_start {start}")
                texts.append(text)
            else:
                quote = quote or GoldQuote(document.id, text, start, start + len(text))
                texts.append(text)
        return tuple(texts), quote

    def dataset(self) -> Dataset:
        documents, questions = tuple(self.documents.values()), tuple(self.questions.values())
        problems = tuple(self.problems.found)
        return Dataset(bare_name(self.path), "squad", questions, documents, problems=problems, file=self.path.name)


def _answer_rows(answers: object) -> list[Any]:
    """SQuAD's list of answers; of columns one row for each pair."""
    if not isinstance(answers, dict):
        return answers if isinstance(answers, list) else []
    texts, starts = (found if isinstance(found := answers.get(name), list) else [] for name in ("text", "answer_start"))
    return [{"text": text, "answer_start": start} for text, start in zip_longest(texts, starts)]


def read(path: Path) -> Dataset:
    """Read either layout. Raises DataError if the file is neither."""
    if not path.is_file():
        raise DataError(f"no file {path}", fix="give a SQuAD .json or .jsonl[.gz] file with --data")
    builder = _Builder(path)
    if ".jsonl" in path.name.lower():
        for line, row in json_lines(path, builder.problems):
            context = row.get("context")
            if not isinstance(context, str) or not context.strip():
                builder.problems.add(path, line, "a question without context; left out")
            else:
                row = {**row, "id": identity(row, "id") or f"{bare_name(path)}_{line}"}
                builder.add(line, row, builder.document(str(row.get("title") or _UNTITLED), context))
        return builder.dataset()
    raw = read_text(path)
    lines = _Lines(raw)
    for title, number, paragraph in _paragraphs(path, raw, builder.problems):
        context, rows = paragraph.get("context"), paragraph.get("qas", [])
        if not isinstance(context, str) or not context.strip() or not isinstance(rows, list):
            what = f"{title!r} paragraph {number} is not a context with a list of qas; left out"
            builder.problems.add(path, _Lines(raw).of("title", title), what)
            builder.counts[title] += 1
            continue
        seen = context in builder.documents
        document = builder.document(title, context)
        builder.counts[title] += seen  # a repeated paragraph still counts, so that n is its index in the article
        for row in rows:
            row = row if isinstance(row, dict) else {}
            key = "id" if "id" in row else "question"
            builder.add(lines.of(key, row.get(key)), row, document)
    return builder.dataset()


def _paragraphs(path: Path, raw: str, problems: Problems) -> Iterator[tuple[str, int, dict[str, Any]]]:
    try:
        articles = loads(raw, path, 0, problems)["data"]
        for article in articles:
            for number, paragraph in enumerate(article["paragraphs"]):
                yield str(article.get("title") or _UNTITLED), number, paragraph if isinstance(paragraph, dict) else {}
    except ValueError as error:
        fix = "name a file of one question per line .jsonl, and check --format"
        raise DataError(f"{path} is not JSON", why=str(error), fix=fix) from error
    except (KeyError, TypeError, AttributeError) as error:
        fix = "check --format, or write one question a line as eval/README.md says under Formats"
        raise DataError(f"{path} is not SQuAD JSON", why="it has no data[].paragraphs[]", fix=fix) from error


class _Lines:
    """Line numbers of fields that are asked for in the order in which they stand in the raw JSON."""

    def __init__(self, raw: str) -> None:
        self._raw, self._at, self._line = raw, 0, 1

    def of(self, key: str, value: object) -> int:
        """The line of the next ``"key": value``; the last line given if there is none."""
        places = re.compile(rf'"{key}"\s*:\s*').finditer(self._raw, self._at) if value is not None else ()
        decode = json.JSONDecoder().raw_decode
        for found in places:
            if decode(self._raw, found.end())[0] == value:
                self._line += self._raw.count("\n", self._at, found.start())
                self._at = found.end()
                break
        return self._line
