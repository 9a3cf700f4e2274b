"""The row of a table that has the most, the least, the first or the last of something a question asks for.

A reader of prose sees words that fit and compares no figures. Here the cells of one column are compared, where all of
them are dates or numbers of one unit and the table has every word of the question; in any doubt nothing is said.
"""

from __future__ import annotations

import functools
import itertools
import math
import re
from collections.abc import Sequence
from dataclasses import replace
from typing import Literal, NamedTuple

from rag.errors import LibraryError
from rag.figures import Figure, date, is_about, may_be_same, size
from rag.layout import BETWEEN
from rag.lexicon import ASKING, content, is_content, names, stem, stems
from rag.models.rows import Cell, cells, tables
from rag.ranking import Scored
from rag.store import Library
from rag.superlatives import AMOUNT, BROAD, DATED, PAID, SAID, Superlative, superlative
from rag.text import YEAR, Range, folded_words
from rag.types import Document, Reading, Span

Label = frozenset[str]
_SUM = frozenset("total totals subtotal sum all overall average mean median other others".split())  # may mark a sum
_SUMS = _SUM | {"grand", "sub", "rest", "world"}  # a row named by these alone is a sum
_PLACED = frozenset("rank ranking position place".split())  # columns that may themselves say who is first
_GRADES = _PLACED | set("priority grade version chapter section clause".split())  # ordinals: 1 may be the best
_SIGNED = frozenset(("highest", "lowest", "maximum", "minimum"))  # with others the sign is in doubt
_BEFORE_WHICH = frozenset("in at on for by from to".split())  # "in which year"
_WHERE = frozenset("city place location town country state address region".split())
_NOTHING = frozenset(("", "-", "–", "—", "n/a", "N/A", "?"))
_ENDING = re.compile(r"(?<=..)(?:ing|ed|er|es|e|s)$")
_YEAR = re.compile(rf"\b{YEAR}\b")
_LONGEST = 500  # rows of a table
_SHORT = 4  # words of a cell that may say that its row is a sum
_ROUNDED = 0.05
_SAME = 0.005
_TOP = 400  # characters
_SURE = 0.95  # of a comparison, which is no reading: set by hand, not calibrated


class Extreme(NamedTuple):
    """A row and its cell that answers, as ranges of the text."""

    row: Range
    cell: Range


def compared(library: Library, question: str, ranked: Sequence[Scored]) -> list[Scored]:
    """The same order, but for the passage with the row that a comparison finds: it comes first, and nothing but that
    row is its evidence. Where nothing can be compared, or tables give several answers, no row of a table is picked."""
    said, found = set[str](), list[tuple[Scored, Extreme]]()
    whole = functools.cache(library.document)
    for item in (each for each in ranked if superlative(question) and cells(each.candidate.text)):
        passage, about = item.candidate.passage, item.candidate.documents[0]
        try:
            document = whole(about.id, about.revision)
        except LibraryError:  # removed meanwhile
            continue
        for best in extremes(question, document, (passage.start, passage.end), passage.heading):
            said.add(document.text[slice(*best.row)])
            if passage.start <= best.row[0] and best.row[1] <= passage.end:
                found.append((item, best))
    if len(said) != 1 or not found:
        return [_unpicked(question, item) for item in ranked]
    first, best = found[0]
    return [shown(first, best), *(each for each in ranked if each is not first)]


def shown(item: Scored, found: Extreme) -> Scored:
    """The item with that row, of its document, alone as its evidence and the cell as its answer."""
    shift, reading = item.candidate.passage.start, item.candidate.reading
    start, end = found.row[0] - shift, found.row[1] - shift
    answer = Span(found.cell[0] - shift, found.cell[1] - shift, _SURE)
    sentences = [replace(s, score=_SURE * (start <= s.start and s.end <= end)) for s in reading.sentences]
    reading = Reading(_SURE, _SURE, (answer,), tuple(sentences))
    return replace(item, candidate=replace(item.candidate, reading=reading), evidence=_SURE)


def _unpicked(question: str, item: Scored) -> Scored:
    """The item with no answer, and all its rows as good as the best one, if that is a row of a table and the question
    wants the one that has the most or least: whoever reads prose takes any."""
    wanted, text, reading = superlative(question), item.candidate.text, item.candidate.reading
    best = max(reading.sentences, key=lambda s: s.score, default=None)
    if wanted is None or wanted.kind != "size" or best is None or BETWEEN not in text[best.start : best.end]:
        return item
    sentences = [replace(s, score=best.score) if BETWEEN in text[s.start : s.end] else s for s in reading.sentences]
    reading = replace(reading, spans=(), sentences=tuple(sentences))
    return replace(item, candidate=replace(item.candidate, reading=reading))


def extremes(question: str, document: Document, part: Range, heading: str = "") -> list[Extreme]:
    """:func:`extreme_of` each table that has words of ``part``, below the title, the top of the document, where it is
    said whose it is, and the ``heading``."""
    near = [table for table in tables(document) if table[0][0] < part[1] and part[0] < table[-1][1]]
    above = f"{re.sub(r'[-_]', ' ', document.title)} {heading} {document.text[:_TOP]}"
    return [best for table in near if (best := extreme_of(question, document.text, table, above))]


def extreme_of(question: str, text: str, rows: Sequence[Range], above: str = "") -> Extreme | None:
    """Which of the ``rows`` of a table, ranges of ``text``, a question with a superlative is about, and its cell that
    answers. None where nothing is compared, the table does not decide it, or a word of the question is neither in the
    table nor in what stands ``above``.
    """
    wanted = superlative(question)
    if wanted is None or not 2 <= len(rows) <= _LONGEST:
        return None
    table = [_row(text, start, end) for start, end in rows]
    if not all(table) or len({row[0].label for row in table}) > 1:
        return None
    asked = stems(question) - SAID - {"money"}
    labels = frozenset[str]().union(*(cell.label for row in table for cell in row))
    values = frozenset[str]().union(*(cell.value for row in table for cell in row))
    in_names = {word for cell in table[0] for word in folded_words(cell.name)}  # those too that say little
    spoken = SAID.intersection(folded_words(question))
    known = all(key in values or _named(key, labels | stems(above)) for key in asked)
    told = wanted.kind == "size" and wanted.about and wanted.about not in BROAD  # "the cheapest" says which column
    named = any(_named(key, labels) for key in asked) or (asked and told)
    if wanted.about == AMOUNT:
        asked -= PAID & stems(above)  # "the largest payment" of "Payments"
    if not known or not named or spoken & (labels | values | in_names):
        return None
    kept = _rows_meant({key for key in asked if not _named(key, labels)}, question, _without_sums(text, table))
    column = _column(asked, wanted, text, kept)
    if column is None:
        return None
    figures = _figures(text, kept, column, wanted.kind)
    order = sorted((k for k, each in enumerate(figures) if each), key=lambda k: figures[k], reverse=wanted.sign > 0)
    if len(order) <= max(1, wanted.place):
        return None
    best = order[wanted.place]
    if any(may_be_same(figures[k], figures[best]) for k in order if k != best):
        return None
    ahead = [kept[k] for k in order[: wanted.place + 1]]
    sizes = [figures[k][0] for k in order]
    if wanted.kind == "size" and (_may_be_sum(sizes, text, ahead) or (min(sizes) < 0 and not spoken & _SIGNED)):
        return None
    if wanted.kind == "size" and (_is_subtotal(figures[: best + 1]) or _blurred(text, kept, column, figures, best)):
        return None
    cell = _answering(question, text, kept[best], column, wanted.kind)
    return Extreme(rows[table.index(kept[best])], (cell.start, cell.end)) if cell else None


def _may_be_sum(sizes: Sequence[float], text: str, ahead: Sequence[Sequence[Cell]]) -> bool:
    """Whether a row ``ahead`` may be a sum: a short cell says so, or the first of the sizes is that of all others."""
    values = [text[cell.start : cell.end] for row in ahead for cell in row]
    said = {word for value in values if len(value.split()) <= _SHORT for word in folded_words(value)}
    return not said.isdisjoint(_SUM) or (len(sizes) > 2 and math.isclose(sizes[0], sum(sizes[1:]), rel_tol=_ROUNDED))


def _is_subtotal(figures: Sequence[Figure]) -> bool:
    """Whether the last one is the sum of three or more right above it; of two it may be by chance."""
    above = itertools.accumulate(figure[0] if figure else 0.0 for figure in figures[-2::-1])
    return any(number > 1 and math.isclose(total, figures[-1][0], rel_tol=_SAME) for number, total in enumerate(above))


def _blurred(text: str, table: Sequence[Sequence[Cell]], column: Label, figures: Sequence[Figure], best: int) -> bool:
    """Whether another row has nearly as much as the ``best`` and one of the two is rounded."""
    near = [k for k, each in enumerate(figures) if each and math.isclose(each[0], figures[best][0], rel_tol=_ROUNDED)]
    said = (text[cell.start : cell.end] for k in near for cell in table[k] if cell.label == column)
    return len(near) > 1 and any(map(is_about, said))


def _row(text: str, start: int, end: int) -> list[Cell]:
    """Its cells at their places in ``text``; [] where one has no name, or two have the same."""
    found = cells(text[start:end])
    labels = [cell.label for cell in found]
    if not all(labels) or len(set(labels)) < len(labels):
        return []
    return [replace(cell, row=start, start=start + cell.start, end=start + cell.end) for cell in found]


def _without_sums(text: str, table: Sequence[list[Cell]]) -> list[list[Cell]]:
    """Without the rows of sums."""
    heads = [text[row[0].start : row[0].end] for row in table]
    sums = [_SUMS.issuperset(folded_words(head)) for head in heads]
    return [row for row, whole in zip(table, sums, strict=True) if not whole]


def _named(key: str, labels: frozenset[str] | set[str]) -> bool:
    """Whether it is a form of one of the words, as "opened" is of "opening"."""
    root = _ENDING.sub("", key)
    return any(key == label or root == _ENDING.sub("", label) for label in labels)


def _rows_meant(asked: set[str], question: str, table: Sequence[list[Cell]]) -> list[list[Cell]]:
    """The rows with a cell that the question says whole ("in New York", "in 2022"); [] where some say it otherwise."""
    values = [frozenset[str]().union(*(cell.value for cell in row)) for row in table]
    telling = {key for key in asked if not all(key in value for value in values)}
    telling = {key for key in telling if any(key in value for value in values)}
    proper = set(_YEAR.findall(question)).union(*(stems(question[start:end]) for start, end in names(question)))
    if not telling <= proper:
        return []
    said = [{key for cell in row if cell.value <= asked for key in cell.value} for row in table]
    return [row for row, keys in zip(table, said, strict=True) if telling <= keys]


def _column(asked: set[str], wanted: Superlative, text: str, table: Sequence[Sequence[Cell]]) -> Label | None:
    """The name of the one column that is meant and can be compared: named in the question, or called as usual."""
    labels = list(dict.fromkeys(cell.label for row in table for cell in row))
    able = [label for label in labels if not label & _GRADES and any(_figures(text, table, label, wanted.kind))]
    called = [label for label in able if any(_named(key, label) for key in asked)]
    cell_of = {cell.label: cell for row in table for cell in row}
    usual = [label for label in able if _is_usual(cell_of[label].name, wanted.about)]
    if not called and not _PLACED & frozenset[str]().union(*labels):
        called = usual
    elif wanted.about != tuple(DATED) and not set(usual) <= set(called) and is_content(wanted.thing):
        called = [label for label in called if _named(stem(wanted.thing), label)]  # "the weight of the cheapest phone"
    named = {label: sum(_named(key, label) for key in asked) for label in called}  # "Visitors 2022 | Visitors 2023"
    called = [label for label in called if named[label] == max(named.values())]
    return called[0] if len(called) == 1 else None


def _is_usual(name: str, about: Sequence[str]) -> bool:
    """Whether a word of ``about`` is in a column's ``name``; where they are broad no other one may be, but for "total",
    figures and a unit in brackets."""
    keys = stems(name.partition("(")[0]) - _SUM
    said = [_named(key, {stem(word) for word in about}) for key in keys if not key.isdigit()]
    return any(said) and (all(said) or about not in BROAD)


def _figures(text: str, table: Sequence[Sequence[Cell]], column: Label, kind: Literal["time", "size"]) -> list[Figure]:
    """What is compared in each row, () where nothing stands; all () where the column holds something else as well."""
    cell_of = [next((cell for cell in row if cell.label == column), None) for row in table]
    values = [text[cell.start : cell.end].strip() if cell else "" for cell in cell_of]
    values = ["" if value in _NOTHING else value for value in values]
    dates, nothing = [date(value) for value in values], [Figure()] * len(values)
    if kind == "time":
        return dates if all(found or not value for found, value in zip(dates, values, strict=True)) else nothing
    sizes = [size(value) for value in values]
    alike = len({unit for unit, found in sizes if found}) == 1
    whole = all(found or not value for (_, found), value in zip(sizes, values, strict=True))
    return [found for _, found in sizes] if alike and whole and not all(dates) else nothing


def _answering(question: str, text: str, row: Sequence[Cell], column: Label, kind: str) -> Cell | None:
    """The cell that a question word wants: the column that is named first beside the one compared, the row's name for
    "which", the one compared for "what"; None in doubt."""
    said = folded_words(question)
    said = said[1:] if said[0] in _BEFORE_WHICH else said
    asking = "which" if ASKING.isdisjoint(said) else said[0]  # "cheapest phone"
    own = next(cell for cell in row if cell.label == column)
    dated = [cell for cell in row if date(text[cell.start : cell.end])]
    if asking == "when":
        return own if kind == "time" else dated[0] if len(dated) == 1 else None
    begin = {"which": 0, "what": 0, "whose": len(row)}.get(asking, 1)
    others = [cell for cell in row[begin:] if cell.label != column or asking == "what"]
    for key in (stem(question[start:end]) for start, end in content(question)):
        named = next((cell for cell in others if _named(key, cell.label)), None)
        if named:
            return named if not _named(key, column) or asking == "which" else own if asking == "what" else None
    if asking == "where":
        return next((cell for cell in others if cell.label & _WHERE), None)
    paid = [key for key in map(stem, said) if kind == "size" and key in PAID and not _named(key, column)]
    if asking in ("how", "what") or (asking == "which" and paid and stem(said[1]) == paid[0]):
        return own if kind == "size" or asking == "what" else None
    if paid and asking != "which":  # who paid, or who was paid?
        return None
    return _name(asking, text, row, column) if asking in ("which", "who", "whose") else None


def _name(asking: str, text: str, row: Sequence[Cell], column: Label) -> Cell | None:
    """What the row is about: its first cell, or the second where that is a number; a date for "which" alone."""
    for cell in row[:2]:
        value = text[cell.start : cell.end]
        unit, number = size(value)
        if cell.label != column and (asking == "which" if date(value) else unit or not number):
            return cell
    return None
