"""JSON Lines, JSON and CSV: records with the fields text, title, url, date, author, publisher become documents.

Other names are told by the user (:mod:`rag.loaders.columns`).
"""

from __future__ import annotations

import csv
import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import NamedTuple

from rag.errors import SourceError
from rag.loaders import markup
from rag.loaders.base import Block, Loaded, Meta, Raw, clean, document, one_line, rows
from rag.loaders.columns import ID_FIELDS, TEXT_FIELDS, bodies, lacking, renamed
from rag.loaders.encoding import decode
from rag.loaders.plain import meta_of, name_of, paragraphs, prose
from rag.types import Document

_FIX = "say which field holds the text: --column text=NAME"
MAX_FIELD = 16 * 2**20  # characters of one CSV field


class _Record(NamedTuple):
    number: int  # of its line or, in a list, its own; counts from 1
    source: bytes  # what its revision is the hash of
    fields: Mapping[str, object] | None
    problem: str = ""


def load_jsonl(raw: Raw) -> Loaded:
    """One document per line; a broken line is reported by its number and costs no other.

    Raises :class:`SourceError` if no line gives a document.
    """
    decoded = decode(raw.data, uri=raw.uri)
    lines = enumerate((match[0] for match in re.finditer(r"[^\n]*\n|[^\n]+", decoded.text)), 1)
    found = (_json_record(number, line) for number, line in lines if line.strip("\ufeff\0 \t\r\n"))
    return _documents(raw, found, Meta(encoding=decoded.encoding, notes=decoded.notes), "line")


def load_json(raw: Raw) -> Loaded:
    """A JSON file that is one record or a list of records, which may be the one list in an object without text.

    Raises :class:`SourceError` if it is neither.
    """
    decoded = decode(raw.data, uri=raw.uri)
    whole = _json_record(1, decoded.text, many=True)
    if whole.fields is None:
        raise SourceError(f"{raw.uri} cannot be read as JSON", why=whole.problem, fix="correct it, or name it .jsonl")
    fields = {str(name).strip().lower(): value for name, value in whole.fields.items()}
    lists = [v for n, v in fields.items() if isinstance(v, list) and (not n or any(isinstance(i, dict) for i in v))]
    values = lists[0] if len(lists) == 1 and not bodies(fields, raw.columns) else [whole.fields]
    found = (
        _Record(n, json.dumps(value, sort_keys=True).encode(), value if isinstance(value, dict) else None, "no record")
        for n, value in enumerate(values, 1)
    )
    return _documents(raw, found, Meta(encoding=decoded.encoding, notes=decoded.notes), "record")


def load_csv(raw: Raw) -> Loaded:
    """With a column named text (or body, content), or named by the user: one document per row.

    Otherwise one document, a line per row. Raises :class:`SourceError` if there is no row, or no such column.
    """
    decoded = decode(raw.data, uri=raw.uri)
    meta = Meta(encoding=decoded.encoding, notes=decoded.notes)
    delimiter = "\t" if raw.media_type == "text/tab-separated-values" else _delimiter(decoded.text[:65536])
    csv.field_size_limit(MAX_FIELD)
    # subtle: io.StringIO would hold four bytes for each character
    lines = (match[0] for match in re.finditer(r"[^\r\n]*(?:\r\n?|\n)|[^\r\n]+", decoded.text.replace("\0", "")))
    reader = csv.reader(lines, delimiter=delimiter)
    try:
        return _table(raw, ((reader.line_num, row) for row in reader if any(cell.strip() for cell in row)), meta)
    except csv.Error as error:
        raise SourceError(
            f"{raw.uri} cannot be read as a table", why=f"line {reader.line_num}: {error}", fix="correct that line"
        ) from None


def _table(raw: Raw, table: Iterator[tuple[int, list[str]]], meta: Meta) -> Loaded:
    """``table``: (line number, cells) of every row, the header first. Raises what :func:`load_csv` does."""
    header = [name.strip() for name in next(table, (0, []))[1]]
    names = [name.lower() for name in header]
    if raw.columns and (why := lacking(names, raw.columns)):
        raise SourceError(f"{raw.uri} cannot be read as asked", why=why, fix=_FIX)
    if raw.columns or set(names) & set(TEXT_FIELDS):
        return _documents(raw, (_csv_record(line, header, row) for line, row in table), meta, "line")
    blocks = rows([row for _, row in table], header=header)
    return Loaded((document(raw, blocks, meta),))


def _delimiter(sample: str) -> str:
    """The sign that stands most often in the first line; of equals the first one here."""
    return max(",;\t|", key=sample.partition("\n")[0].count)


def _csv_record(line: int, header: list[str], row: list[str]) -> _Record:
    fields = dict(zip((name.lower() for name in header), row, strict=False))
    return _Record(line, "\x1f".join(row).encode("utf-8", "replace"), fields)


def _json_record(line: int, text: str, *, many: bool = False) -> _Record:
    source = text.strip().encode("utf-8", "surrogatepass")
    try:
        value = json.loads(text.strip("\ufeff\0 \t\r\n"))
    except json.JSONDecodeError as error:
        return _Record(line, source, None, f"not valid JSON ({error.msg} at column {error.colno})")
    except (RecursionError, ValueError):
        return _Record(line, source, None, "not valid JSON (nested too deep or a number too long)")
    if many and isinstance(value, list):
        return _Record(line, source, {"": value})
    return _Record(line, source, value if isinstance(value, dict) else None, "not a JSON object")


def _documents(raw: Raw, records: Iterator[_Record], meta: Meta, word: str) -> Loaded:
    """``word`` is what the numbers of the records are of."""
    documents: list[Document] = []
    failures: list[str] = []
    uris: dict[str, int] = {}
    for record in records:
        try:
            made = _document(raw, record, meta)
        except SourceError as error:
            failures.append(f"{word} {record.number}: {error.why or error.what}")
            continue
        if made.uri in uris:
            key = made.uri.rpartition("#")[2]
            failures.append(f"{word} {record.number}: its id {key!r} is that of {word} {uris[made.uri]}")
            continue
        uris[made.uri] = record.number
        documents.append(made)
    if not documents:
        why = failures[0] if failures else "it has no records"
        raise SourceError(f"{raw.uri} has no record that can be read", why=why, fix=_FIX)
    return Loaded(tuple(documents), tuple(failures))


def _document(raw: Raw, record: _Record, meta: Meta) -> Document:
    """Raises :class:`SourceError` whose ``why`` says what is wrong with the record."""
    if record.fields is None:
        raise SourceError(raw.uri, why=record.problem)
    fields = {str(name).strip().lower(): value for name, value in record.fields.items()}
    found = bodies(fields, raw.columns)
    if not found:
        raise SourceError(raw.uri, why=lacking(fields, raw.columns) or "there is no text in it")
    values = {name: value for name, value in fields.items() if isinstance(value, str | int | float)}
    named = renamed(values | _names(fields), raw.columns)
    own = meta_of(named)
    own = replace(own, encoding=meta.encoding, notes=meta.notes + own.notes)
    keys = (one_line(str(named[name])) for name in ID_FIELDS if not isinstance(named.get(name, []), list))
    # subtle: read by other columns the same record is another revision, so that saved quotes keep the one they are of
    source = record.source + (json.dumps(raw.columns).encode() if raw.columns else b"")
    one = raw.part(source, uri=f"{raw.uri}#{next(filter(None, keys), record.number)}")
    if any(kind == "html" for kind, _ in found):
        return document(one, [block for pair in found for block in _blocks(*pair)], own)
    return prose(one, "\n\n".join(text for _, text in found), own)


def _blocks(kind: str, text: str) -> list[Block]:
    return paragraphs(clean(text)) if kind == "text" else markup.blocks_in(text)


def _names(fields: Mapping[str, object]) -> dict[str, object]:
    """Lists of names, and names of objects, as authors often are."""
    lists = {n: value if isinstance(value, list) else [value] for n, value in fields.items()}
    nested = {n: value for n, value in lists.items() if isinstance(fields[n], list | dict)}
    return {n: [name for item in value[:50] if (name := name_of(item))] for n, value in nested.items()}
