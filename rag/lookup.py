"""The cell of a table that a question names by its row and its column: "operating profit in 2023".

A reader of prose is unsure of figures in rows. Where every word of the question is said by one row's name, one column's
name or what stands above the table, and in no other row that was read, nothing is left to doubt.
"""

from __future__ import annotations

import itertools
import re
from collections.abc import Sequence

from rag.extremes import Extreme, shown
from rag.figures import date
from rag.lexicon import is_statement, is_yes_no, stem, stems
from rag.models.rows import Cell, cells
from rag.ranking import Scored
from rag.superlatives import superlative

_UNIT = re.compile(r"\s*[(\[][^)\]]*[)\]]")  # "Passengers carried (thousands)"
_WHO, _WHEN = (
    re.compile(rf"\W*(?:{words})\b", re.IGNORECASE) for words in ("who(?:m|se)?|where", "when|(?:in )?what year")
)
_WHICH = re.compile(r"\W*(?:(?:in|at|on|by|of) )?which (?P<thing>\w+)", re.IGNORECASE)
_SAYS_LITTLE = frozenset(
    map(stem, "company firm group business figure number amount value make made have report year".split())
)
_OTHERWISE = re.compile(
    r"\b(?:not?|never|without|except|besides|than|before|after|between|per)\b|n['’]t\b", re.IGNORECASE
)
_NO_CELL = re.compile(r"\W*(?:why|how (?!many|much|long|old|big|large|high|tall|heavy|far|fast)\w+)\b", re.IGNORECASE)


def looked_up(question: str, ranked: Sequence[Scored]) -> list[Scored]:
    """The same order, but for the passage with the row that the question names: it comes first, and nothing but that
    row is its evidence."""
    asked = stems(question)
    other = superlative(question) or _NO_CELL.match(question) or _OTHERWISE.search(question)
    if not asked or other or is_statement(question) or is_yes_no(question):
        return list(ranked)
    found = [(item, best) for item in ranked for best in _named(asked, item)]
    found = [(item, best) for item, best in found if _may_be(question, item.candidate.text, best)]
    if len({item.candidate.text[slice(*best.row)] for item, best in found}) != 1:
        return list(ranked)
    first, best = found[0]
    shift = first.candidate.passage.start
    whole = Extreme((best.row[0] + shift, best.row[1] + shift), (best.cell[0] + shift, best.cell[1] + shift))
    return [shown(first, whole), *(each for each in ranked if each is not first)]


def _named(asked: set[str], item: Scored) -> list[Extreme]:
    """The rows, and in each the one cell, of the passage that the words name."""
    text = item.candidate.text
    above = stems(f"{item.candidate.documents[0].title} {item.candidate.passage.heading}") | _SAYS_LITTLE
    found = []
    for _, cells_of_row in itertools.groupby(cells(text), key=lambda cell: cell.row):
        row = list(cells_of_row)
        name = stems(_UNIT.sub("", text[row[0].start : row[0].end]))
        columns = [(_label(cell), cell) for cell in row[1:]]
        fitting = [(label, cell) for label, cell in columns if label and label <= asked - name]
        most = max((len(label) for label, _ in fitting), default=0)
        best = [(label, cell) for label, cell in fitting if len(label) == most]
        if name and name <= asked and len(best) == 1 and asked - name - best[0][0] - row[0].label <= above:
            found.append(Extreme((row[0].row, row[-1].end), (best[0][1].start, best[0][1].end)))
    return found


def _may_be(question: str, text: str, best: Extreme) -> bool:
    """Whether the cell names somebody or something where who or where is asked, a date where when is, and its column
    what is asked for with "which"."""
    value, which = text[slice(*best.cell)], _WHICH.match(question)
    if _WHO.match(question):
        return re.search(r"[^\W\d_]{2}", value) is not None and not date(value)
    if which and which["thing"].lower() != "year":
        label = next(cell.label for cell in cells(text) if cell.start == best.cell[0])
        return stem(which["thing"]) in label
    return bool(date(value)) if which or _WHEN.match(question) else bool(value.strip(" -–—?"))


def _label(cell: Cell) -> set[str]:
    return stems(_UNIT.sub("", cell.name))
