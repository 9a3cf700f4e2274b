"""Which columns of a table, or fields of a JSON record, hold what: known names, or those that the user gives."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from rag.errors import SettingsError
from rag.loaders.base import Columns, one_line

TEXT_FIELDS = ("text", "body", "content", "contents", "passage", "article", "maintext")
ID_FIELDS = ("id", "_id", "doc_id", "docid")
_BODIES = ("text", "html")
FIELDS = (*_BODIES, "id", "title", "author", "publisher", "date", "language", "url")
_SHOWN = 20  # names in a message


def columns_of(wishes: Sequence[str]) -> Columns:
    """What the user wrote as FIELD=NAME, in order; a name counts without regard to case.

    >>> columns_of(["text=Body ", "title=headline"])
    (('text', 'body'), ('title', 'headline'))

    Raises :class:`SettingsError` if it is not of that form.
    """
    pairs = []
    for wish in wishes:
        field, _, name = (part.strip().lower() for part in wish.partition("="))
        if field not in FIELDS or not name:
            fix = f"--column FIELD=NAME, where FIELD is one of {', '.join(FIELDS)}"
            raise SettingsError(f"{wish!r} does not say which column holds what", fix=fix)
        pairs.append((field, name))
    return tuple(pairs)


def bodies(fields: Mapping[str, object], columns: Columns) -> list[tuple[str, str]]:
    """("text" or "html", value) of the fields that hold a record's words, those that are empty left out."""
    said = [pair for pair in columns if pair[0] in _BODIES]
    known = [("text", name) for name in TEXT_FIELDS if fields.get(name)][:1]
    found = [(kind, fields.get(name)) for kind, name in said or known]
    return [(kind, value) for kind, value in found if isinstance(value, str) and value.strip()]


def renamed(values: Mapping[str, object], columns: Columns) -> dict[str, object]:
    """The values by known names, first those that the user named, which therefore count."""
    said = {field: values[name] for field, name in columns if field not in _BODIES and name in values}
    return said | {name: value for name, value in values.items() if name not in said}


def lacking(names: Iterable[str], columns: Columns) -> str:
    """Why records with fields of these names cannot be read, and which there are; "" if they can."""
    names = list(names)
    missing = [name for field, name in sorted(columns, key=lambda pair: pair[0] not in _BODIES) if name not in names]
    if not {field for field, _ in columns} & set(_BODIES) and not set(names) & set(TEXT_FIELDS):
        missing = ["text", *missing]
    if not missing:
        return ""
    listed = ", ".join(one_line(name)[:40] for name in names[:_SHOWN]) + (", …" if len(names) > _SHOWN else "")
    return f"no field {missing[0]!r}; the fields are {listed}"
