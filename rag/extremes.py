"""The row of a table that has the most, the least, the first or the last of something a question asks for.

A reader of prose sees words that fit and compares no figures. Here the cells of one column are compared, where all of
them are dates or numbers of one unit; where anything is in doubt, nothing is said. Pure, but for :func:`compared`.
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from typing import Literal, NamedTuple

from rag.figures import Figure, date, may_be_same, size
from rag.lexicon import content, names, stem, stems
from rag.models.rows import Cell, cells
from rag.ranking import Scored
from rag.store import Library
from rag.text import Range, fold, words
from rag.types import Document, Reading, Span

_MOST = frozenset("most highest largest biggest greatest maximum longest tallest heaviest costliest priciest".split())
_LEAST = frozenset("least lowest smallest fewest minimum shortest cheapest lightest".split())
_LATE, _EARLY = frozenset(("last", "latest", "newest")), frozenset(("first", "earliest", "oldest"))
_COUNTED = frozenset(("most", "least", "fewest"))  # of what they count: "most beds"
_PRICE, _LENGTH, _WEIGHT = "price cost fee fare rent".split(), "length distance duration".split(), ["weight", "mass"]
_ABOUT = {  # what a column is called that a word compares without naming it
    "expensive": _PRICE, "cheapest": _PRICE, "costliest": _PRICE, "priciest": _PRICE, "tallest": ["height"],
    "longest": _LENGTH, "shortest": [*_LENGTH, "height"], "heaviest": _WEIGHT, "lightest": _WEIGHT,
}  # fmt: skip
_OTHERWISE = frozenset("name names year month week quarter night time century decade days years".split())  # "last year"
_PLACES = {"second": 1, "third": 2}
_SUMS = frozenset("total totals subtotal sum all overall average mean median".split())
_PLAIN = frozenset("no nr number rank id position place row".split())  # figures that only number the rows
_NOTHING = frozenset(("", "-", "–", "—", "n/a", "N/A", "?"))
_WHO, _WHICH = (re.compile(rf"\W*(?:{said})\b", re.IGNORECASE) for said in ("who|whose", "which|where"))
_FIGURE = re.compile(r"\W*(?:when|how)\b", re.IGNORECASE)
_SAID = _MOST | _LEAST | _LATE | _EARLY | _ABOUT.keys() | _PLACES.keys() | {"recent", "recently"}
_SURE = 0.95  # how certain a comparison is
_ROOT = 4  # letters that two forms of a word share at least


@dataclass(frozen=True, slots=True)
class Superlative:
    """What is compared, which end is wanted (``sign`` 1 for the most), how many are ahead of it, what else is known
    of the column's name."""

    kind: Literal["time", "size"]
    sign: int
    place: int
    named: bool  # the question must name the column
    about: tuple[str, ...] = ()


def superlative(question: str) -> Superlative | None:
    """What a question compares; None where it has no superlative or several.

    >>> superlative("Which branch has the second most beds?")
    Superlative(kind='size', sign=1, place=1, named=True, about=())
    >>> superlative("What was her last name?"), superlative("Has it at least ten beds?")
    (None, None)
    """
    said = [fold(question[start:end]) for start, end in words(question)]
    found = []
    for before, word, after in zip(["", *said], said, [*said[1:], ""], strict=False):
        place = _PLACES.get(before, 0)
        if word in _MOST | _LEAST and before != "at":
            sign = 1 if word in _MOST else -1
            if word in ("most", "least") and after in ("recent", "recently"):
                found.append(Superlative("time", sign, place, False))
            elif word in ("most", "least") and after in _ABOUT:
                found.append(Superlative("size", sign, place, False, tuple(_ABOUT[after])))
            else:
                found.append(Superlative("size", sign, place, word in _COUNTED, tuple(_ABOUT.get(word, ()))))
        elif word in _LATE | _EARLY and after not in _OTHERWISE and before != "at":
            found.append(Superlative("time", 1 if word in _LATE else -1, place, False))
    return found[0] if len(found) == 1 else None


class Extreme(NamedTuple):
    """A row and its cell that answers, as ranges of the text; ``sure`` where the table, with what stands above it, has
    every word of the question."""

    row: Range
    cell: Range
    sure: bool


def compared(library: Library, question: str, ranked: Sequence[Scored]) -> list[Scored]:
    """The same order, but for the first passage with the row that a comparison finds and that is sure: it comes first,
    and nothing but that row is its evidence."""
    if superlative(question) is None:
        return list(ranked)
    for item in ranked:
        passage, about = item.candidate.passage, item.candidate.documents[0]
        if not cells(item.candidate.text):
            continue
        document = library.document(about.id, about.revision)
        found = extreme(question, document, (passage.start, passage.end), passage.heading)
        if found and found.sure and passage.start <= found.row[0] and found.row[1] <= passage.end:
            return [_shown(item, found), *(each for each in ranked if each is not item)]
    return list(ranked)


def _shown(item: Scored, found: Extreme) -> Scored:
    shift, reading = item.candidate.passage.start, item.candidate.reading
    (start, end), cell = (found.row[0] - shift, found.row[1] - shift), Span(*found.cell, _SURE)
    sentences = [replace(s, score=_SURE * (start <= s.start and s.end <= end)) for s in reading.sentences]
    cell = replace(cell, start=cell.start - shift, end=cell.end - shift)
    reading = Reading(_SURE, _SURE, (cell,), tuple(sentences))
    return replace(item, candidate=replace(item.candidate, reading=reading), evidence=_SURE)


def extreme(question: str, document: Document, part: Range, heading: str = "") -> Extreme | None:
    """Which row of the table around ``part`` of the document a question with a superlative is about.

    None where nothing is compared, the table does not decide it, or a name in the question is neither in the table nor
    in the title or ``heading`` above it.
    """
    if superlative(question) is None:
        return None
    return extreme_of(question, document.text, table_at(document, part), f"{document.title} {heading}")


def table_at(document: Document, part: Range) -> list[Range]:
    """The rows of the first table that has words of ``part``; [] where none has."""
    tables: list[list[Range]] = []
    for row in (anchor for anchor in document.anchors if anchor.kind == "row"):
        if not tables or document.text[tables[-1][-1][1] : row.start].strip():
            tables.append([])
        tables[-1].append((row.start, row.end))
    return next((table for table in tables if table[0][0] < part[1] and part[0] < table[-1][1]), [])


def extreme_of(question: str, text: str, rows: Sequence[Range], above: str = "") -> Extreme | None:
    """:func:`extreme` of the ``rows`` of a table, ranges of ``text``, below what stands ``above`` it."""
    wanted = superlative(question)
    table = [_row(text, start, end) for start, end in rows]
    if wanted is None or not all(table):
        return None
    asked, labels = stems(question), frozenset[str]().union(*(cell.label for row in table for cell in row))
    known = stems(above).union(labels, *(cell.value for row in table for cell in row))
    if any(known.isdisjoint(stems(question[start:end])) for start, end in names(question)):
        return None
    kept = [row for row in table if not _SUMS.intersection(fold(text[row[0].start : row[0].end]).split()[:1])]
    kept = _meant({key for key in asked if not _named(key, labels)}, kept)
    column = _compared(asked, wanted, text, kept)
    if column is None:
        return None
    found = [
        (figure, row) for row, figure in zip(kept, _figures(text, kept, column, wanted.kind), strict=True) if figure
    ]
    found.sort(key=lambda pair: pair[0], reverse=wanted.sign > 0)
    if len(found) <= max(1, wanted.place) or _doubtful([figure for figure, _ in found], wanted.place):
        return None
    row = found[wanted.place][1]
    cell = _answering(question, row, column)
    sure = all(key in known or _named(key, labels) for key in asked - _SAID)
    return Extreme(rows[table.index(row)], (cell.start, cell.end), sure)


def _row(text: str, start: int, end: int) -> list[Cell]:
    """The cells with a column's name, at their places in ``text``."""
    found = [cell for cell in cells(text[start:end]) if cell.label]
    return [replace(cell, row=start, start=start + cell.start, end=start + cell.end) for cell in found]


def _named(key: str, labels: Iterable[str]) -> bool:
    """Whether it is a form of one of the words, as "opened" is of "opening"."""
    return any(len(os.path.commonprefix([key, label])) >= max(_ROOT, len(key) - 3) or key == label for label in labels)


def _meant(asked: set[str], table: Sequence[list[Cell]]) -> list[list[Cell]]:
    """The rows with the most words of the question among those that some rows have and others have not."""
    values = [frozenset[str]().union(*(cell.value for cell in row)) for row in table]
    telling = {key for key in asked if 0 < sum(key in value for value in values) < len(table)}
    told = [len(telling & value) for value in values]
    return [row for row, count in zip(table, told, strict=True) if count == max(told, default=0)]


def _compared(
    asked: set[str], wanted: Superlative, text: str, table: Sequence[Sequence[Cell]]
) -> frozenset[str] | None:
    """The name of the one column that can be compared and is meant: named in the question, or the only one."""
    labels = dict.fromkeys(cell.label for row in table for cell in row)
    able = [label for label in labels if not label & _PLAIN and any(_figures(text, table, label, wanted.kind))]
    called = [label for label in able if any(_named(key, label) for key in asked)]
    if not called and wanted.about:
        called = [label for label in able if label.intersection(wanted.about)]
    elif not called and not wanted.named:
        called = able
    return called[0] if len(called) == 1 else None


def _figures(
    text: str, table: Sequence[Sequence[Cell]], column: frozenset[str], kind: Literal["time", "size"]
) -> list[Figure]:
    """What is compared in each row, () where nothing stands; all () where the column holds something else as well."""
    cell_of = [next((cell for cell in row if cell.label == column), None) for row in table]
    values = [text[cell.start : cell.end].strip() if cell else "" for cell in cell_of]
    values = ["" if value in _NOTHING else value for value in values]
    dates = [date(value) for value in values]
    dated = all(found or not value for found, value in zip(dates, values, strict=True))
    if kind == "time":
        return dates if dated else [()] * len(values)
    sizes = [size(value) for value in values]
    units = {unit for unit, figure in sizes if figure}
    fine = (
        not dated
        and len(units) == 1
        and all(figure or not value for (_, figure), value in zip(sizes, values, strict=True))
    )
    return [figure if fine else () for _, figure in sizes]


def _doubtful(figures: Sequence[Figure], place: int) -> bool:
    """Whether one of the neighbours in the order may be the same: 2019 may be 3 May 2019."""
    return any(may_be_same(figures[k], figures[k + 1]) for k in (place - 1, place) if 0 <= k < len(figures) - 1)


def _answering(question: str, row: Sequence[Cell], column: frozenset[str]) -> Cell:
    """The cell of the column that the question names first beside the one compared; else who or which it is, the first
    cell, or where a time or a number is asked for the one compared.
    """
    if _WHO.match(question):
        return row[0]
    figure = not _WHICH.match(question)
    others = [cell for cell in row[bool(_FIGURE.match(question)) :] if cell.label != column]
    for key in (stem(question[start:end]) for start, end in content(question)):
        named = next((cell for cell in others if _named(key, cell.label) and not _named(key, column)), None)
        if named:
            return named
    return next((cell for cell in row if figure and cell.label == column), row[0])
