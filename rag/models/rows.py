"""Rows of tables ("Company: TSMC | Award: 6.6 billion dollars") and items of lists: which of them a question names.

A reader of prose takes a fitting kind of answer from any row. Here a row counts by the question's words among its
values, and a cell by those in its column's name, each weighed by how few of the others have it (idf). An item of a
list is a row without columns.
"""

from __future__ import annotations

import itertools
import math
import re
from collections.abc import Sequence
from dataclasses import dataclass
from statistics import mode

import numpy as np
import numpy.typing as npt

from rag.layout import BETWEEN, CELL, MARK, ROW
from rag.lexicon import stem, stems
from rag.superlatives import SAID
from rag.text import YEAR, Range, folded_words
from rag.types import Anchor, Document

_ITEM = re.compile(rf"^{MARK} +(?!.*{re.escape(BETWEEN)})(\S.*)$", re.MULTILINE)
_YEAR = re.compile(YEAR)
_HALF_YEAR = re.compile(r"(?:fy)?\d\d")
_RANGE = re.compile(r"(?<![\w.,-])(\d{1,4}) ?(?:to|-|–) ?(\d{1,4})(?![\w,-]|\.\d)(?: ([^\W\d_]+))?")
_COUNTED = re.compile(r"\b(\d{1,4})[ -]([^\W\d_]+)")  # of a question: "25 kg", "10 year old"
_SHORT = 100  # most numbers of a range ("3 to 5") that all count as words of its cell
_ORDINALS = frozenset(("first", "second", "third", "last"))
# Taken off both logits: another row, another column, what the question says itself; the name of a column is no answer.
_ROW, _COLUMN, _SAID, _LABEL = 5.0, 5.0, 4.0, 6.0
_MEANT = 3.0  # put on them in a cell whose row and column the question names
_NAMED = 3.0  # and in the one item of a list that it names


@dataclass(frozen=True, slots=True)
class Cell:
    """A cell: where its row begins and its value stands, its column's name, and the keys of that and of its value."""

    row: int
    start: int
    end: int
    name: str
    label: frozenset[str]
    value: frozenset[str]


@dataclass(frozen=True, slots=True)
class Hint:
    """Per wordpiece (s,): what is added to its start and its end logit, and the number of its cell, 0 in prose."""

    bias: npt.NDArray[np.float64]
    cells: npt.NDArray[np.int64]


def cells(text: str) -> list[Cell]:
    """The cells of all rows in ``text``, in order; [] if it is prose.

    >>> [text[cell.start : cell.end] for text in ["Year: 2020 | MW: 10\\n\\nMore."] for cell in cells(text)]
    ['2020', '10']
    """
    found = []
    for line in ROW.finditer(text):
        for cell in CELL.finditer(line[0]):
            start, end = (line.start() + at for at in cell.span("value"))
            name, value = cell["name"] or "", cell["value"]
            found.append(Cell(line.start(), start, end, name, _keys(name), _keys(value) | _between(value)))
    return found


def items(text: str) -> list[Cell]:
    """The items of lists in ``text`` as cells without a column; [] if there are not two.

    Words that stand outside the list tell no item from another.

    >>> [text[item.start : item.end] for text in ["In all:\\n- one\\n- two"] for item in items(text)]
    ['one', 'two']
    """
    about_all = _keys(_ITEM.sub("", text))
    found = [
        Cell(item.start(), *item.span(1), "", frozenset(), _keys(item[1]) - about_all) for item in _ITEM.finditer(text)
    ]
    return found if len(found) > 1 else []


def tables(document: Document) -> list[list[Range]]:
    """The rows of each table, whose numbers rise, from the first to the last one with the column that most of them
    begin with: units, notes and sums above and below them lack it."""
    found: list[list[Anchor]] = []
    for row in (anchor for anchor in document.anchors if anchor.kind == "row"):
        above = found[-1][-1] if found else row
        rises = (len(above.label), above.label) < (len(row.label), row.label)
        if not rises or document.text[above.end : row.start].strip():
            found.append([])
        found[-1].append(row)
    kept = []
    for table in found:
        names = [[cell["name"] for cell in CELL.finditer(document.text[row.start : row.end])] for row in table]
        usual = mode(row[0] for row in names)
        own = [number for number, row in enumerate(names) if usual in row]
        kept.append([(row.start, row.end) for row in table[own[0] : own[-1] + 1]])
    return kept


def hint(question: str, table: Sequence[Cell], listed: Sequence[Cell], offsets: Sequence[Range]) -> Hint:
    """For the wordpieces at ``offsets`` of the text that ``table`` and the items ``listed`` were taken from."""
    asked = _keys(question) | {f"{number} {stem(unit)}" for number, unit in _COUNTED.findall(question)}
    found = Hint(np.zeros(len(offsets)), np.zeros(len(offsets), np.int64))
    begins = np.array([start for start, _ in offsets])
    rows = [list(row) for _, row in itertools.groupby(table, key=lambda cell: cell.row)]
    single = frozenset[str]().union(*(c.value for c in table if c.value <= asked and "".join(c.value).isdigit()))
    values = [frozenset[str]().union(*(c.value if c.value <= asked else c.value - single for c in row)) for row in rows]
    for row, value, other_row in zip(rows, values, _behind(asked, values), strict=True):
        whole = (begins >= row[0].row) & (begins < row[-1].end)
        found.bias[whole] = -_LABEL
        found.cells[whole] = -1
        said = [bool(cell.value) and cell.value <= asked for cell in row]
        wanted = asked.difference(*(cell.label for cell, known in zip(row, said, strict=True) if known))
        in_columns = _behind(wanted, [cell.label for cell in row])
        for cell, known, other_column in zip(row, said, in_columns, strict=True):
            inside = (begins >= cell.start) & (begins < cell.end)
            meant = not other_row and not other_column and asked & value and wanted & cell.label
            found.bias[inside] = _MEANT * bool(meant) - _ROW * other_row - _COLUMN * other_column - _SAID * known
            found.cells[inside] = cell.start + 1
    others = _behind(asked, [item.value for item in listed])
    for item, other in zip(listed, others, strict=True):
        inside = (begins >= item.start) & (begins < item.end)
        alone = other == 0 and sum(others) == len(others) - 1
        found.bias[inside] = _NAMED * alone - _ROW * other
    return found


def about_another(question: str, quote: str, above: str) -> bool:
    """Whether ``quote`` is nothing but rows in which, as in what stands ``above``, no word of the question is found
    but those that name columns.

    >>> about_another("How many beds does neurology have?", "Department: Pediatrics | Beds: 36", "Annual report")
    True
    >>> about_another("How many beds does pediatrics have?", "Department: Pediatrics | Beds: 36", "Annual report")
    False
    >>> about_another("Which department has the most beds?", "Department: Pediatrics | Beds: 36", "Annual report")
    False

    So is another year than those of the columns.

    >>> about_another("How many beds were there in 2021?", "Department: Pediatrics | Beds 2022: 36", "Beds")
    True
    """
    table = cells(quote)
    if ROW.sub("", quote).strip() or not table:
        return False
    labels = frozenset[str]().union(*(cell.label for cell in table))
    said = _keys(re.sub(r"[-_]", " ", above)).union(*(cell.value for cell in table))  # above may be a file's name
    years = {key for key in _keys(question) if _YEAR.fullmatch(key)}
    plain = any(map(_YEAR.fullmatch, labels)) and not any(map(_HALF_YEAR.fullmatch, labels))  # not "2020/21"
    if plain and years and years.isdisjoint(said | labels):
        return True
    asked = _keys(question) - labels - SAID
    return bool(asked) and asked.isdisjoint(said)


def _behind(asked: frozenset[str], parts: Sequence[frozenset[str]]) -> list[float]:
    """How far each part is behind the best one in the words of ``asked`` that tell them apart: 0 to 1, from one word
    that half of them have."""
    count = {key: sum(key in part for part in parts) for key in asked}
    idf = {key: math.log2(len(parts) / n) for key, n in count.items() if 0 < n < len(parts)}
    found = [sum(idf[key] for key in part & idf.keys()) for part in parts]
    return [min(max(found) - each, 1.0) for each in found]


def _between(value: str) -> frozenset[str]:
    """The numbers that a short range holds, with its unit.

    >>> sorted(_between("3 to 5 kg")), sorted(_between("7-8")), sorted(_between("2024-07-05"))
    (['3 kg', '4 kg', '5 kg'], ['7', '8'], [])
    """
    ranges = [(range(int(low), int(high) + 1), unit) for low, high, unit in _RANGE.findall(value)]
    return frozenset(f"{n} {stem(unit)}".strip() for held, unit in ranges if len(held) <= _SHORT for n in held)


def _keys(text: str) -> frozenset[str]:
    return frozenset(stems(text) | _ORDINALS.intersection(folded_words(text)))
