"""Reading JSON lines and tables so that every broken place is named with its file and line."""

from __future__ import annotations

import csv
import gzip
import io
import json
import re
import zlib
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal

from eval.types import DataError, Problem

_UNSTORABLE = re.compile("[\ud800-\udfff\x00]")
_ESCAPED = re.compile(r"\\u(?:d[89a-f]|0000)", re.IGNORECASE)
_YES = frozenset({"1", "yes", "true", "y", "x"})
_NO = frozenset({"", "0", "no", "false", "n"})


@dataclass(slots=True)
class Problems:
    """Collects problems of one data set."""

    found: list[Problem] = field(default_factory=list)
    unread: set[str] = field(default_factory=set)  # fields that were reported already

    def add(self, path: Path, line: int, what: str) -> None:
        """``line`` counts from 1; ``what`` says what is wrong and what becomes of it."""
        self.found.append(Problem(path.name, line, what))

    def unknown(self, path: Path, line: int, names: Iterable[str]) -> None:
        """Fields that mean nothing here, each reported where it stands first."""
        for name in names:
            if name not in self.unread:
                self.add(path, line, f"the field {name!r} is not known and not read")
                self.unread.add(name)


def read_text(path: Path) -> str:
    """The text of a plain or gzipped UTF-8 file. Raises DataError if it cannot be read."""
    try:
        data = path.read_bytes()
        if data[:2] == b"\x1f\x8b":
            data = gzip.decompress(data)
        return data.decode("utf-8-sig")
    except UnicodeDecodeError:
        why, fix = "it is in another encoding, or no text", "save it as UTF-8; in a spreadsheet choose CSV UTF-8"
        raise DataError(f"{path} is not UTF-8 text", why=why, fix=fix) from None
    except (OSError, EOFError, zlib.error) as error:
        raise DataError(f"cannot read {path}", why=str(error), fix="check the path given with --data") from error


def storable(value: Any) -> Any:
    """The JSON value with lone surrogates and NUL, which no store takes, replaced one by one: offsets stay."""
    if isinstance(value, str):
        return _UNSTORABLE.sub("\ufffd", value)
    if isinstance(value, list):
        return [storable(item) for item in value]
    if isinstance(value, dict):
        return {storable(name): storable(item) for name, item in value.items()}
    return value


def loads(text: str, path: Path, line: int, problems: Problems) -> Any:
    """Parse JSON. Characters that cannot be stored are replaced and reported. Raises ValueError."""
    value = json.loads(text)
    if _ESCAPED.search(text):
        replaced = storable(value)
        if replaced != value:
            problems.add(path, line, "lone surrogates or NUL characters; each is replaced by U+FFFD")
        return replaced
    return value


def json_lines(path: Path, problems: Problems) -> Iterator[tuple[int, dict[str, Any]]]:
    """(line number, object) for each line that holds a JSON object; the others become problems."""
    for number, line in enumerate(io.StringIO(read_text(path)), start=1):
        if not line.strip():
            continue
        try:
            row = loads(line, path, number, problems)
        except ValueError as error:
            problems.add(path, number, f"not JSON ({error}); the line is left out")
            continue
        if isinstance(row, dict):
            yield number, row
        else:
            problems.add(path, number, f"expected a JSON object, found {type(row).__name__}; the line is left out")


def table_rows(path: Path, problems: Problems, *, delimiter: str) -> Iterator[tuple[int, list[str]]]:
    """(line number, cells) for each row that is not empty. ``line`` is the one where the row begins."""
    quoting: Literal[0, 3] = csv.QUOTE_NONE if delimiter == "\t" else csv.QUOTE_MINIMAL
    reader = csv.reader(io.StringIO(read_text(path)), delimiter=delimiter, quoting=quoting, strict=True)
    while True:
        line = reader.line_num + 1
        try:
            row = next(reader)
        except StopIteration:
            return
        except csv.Error as error:
            last = reader.line_num
            left = f"all from here to line {last}" if last > line else "the row"
            problems.add(path, line, f"not a table row ({error}); {left} is left out")
            continue
        if any(cell.strip() for cell in row):
            yield line, row


def existing(folder: Path, *names: str) -> Path:
    """The first of ``names`` that exists in ``folder``. Raises DataError if none does."""
    for name in names:
        if (folder / name).is_file():
            return folder / name
    raise DataError(f"no {names[0]} in {folder}", why="the layout needs it", fix="check --data and --format")


def strings(value: object) -> tuple[str, ...]:
    """A string, nothing, or lists of them, as a tuple without blanks; an answer of SQuAD's stands for its "text"."""
    if isinstance(value, dict):
        value = value.get("text")
    if isinstance(value, list):
        return tuple(text for item in value for text in strings(item))
    return (str(value),) if value is not None and str(value).strip() else ()


def identity(row: Mapping[str, Any], *names: str) -> str:
    """The first of these fields that is filled, as text; "" if none is. The number 0 is an id like any other."""
    return next((str(row[name]) for name in names if row.get(name) not in (None, "")), "")


def flag(value: object) -> bool:
    """A yes or no as JSON has it, or as a word: "false" and "no" are no."""
    return value.strip().lower() in _YES if isinstance(value, str) else bool(value)


def unclear(word: str) -> bool:
    """Whether a word is neither a yes nor a no: `flag` takes it as no."""
    return word.strip().lower() not in _YES | _NO


def grade(value: object) -> int:
    """A grade, 1 or "2" or 1.0. Raises ValueError where it is no whole number, so that 0.5 is not taken as 0."""
    number = float(str(int(value) if isinstance(value, bool) else value))
    if not number.is_integer():
        raise ValueError(f"the grade {value!r} is not a whole number")
    return int(number)


def bare_name(path: Path) -> str:
    """``dev.jsonl.gz`` -> ``dev``."""
    return path.name.split(".")[0]
