"""The cell of a table that a question names by its row and its column: "operating profit in 2023".

A reader of prose is unsure of figures in rows. Where one row that was read, with one of its columns and the title, says
every word of the question but those that say little, the row is quoted as a sure answer, unless the reader is sure of
another one.
"""

from __future__ import annotations

import itertools
import re
from collections.abc import Sequence

from rag.extremes import Extreme, shown
from rag.figures import date
from rag.lexicon import is_statement, is_yes_no, stem
from rag.models.rows import Cell, cells
from rag.ranking import Scored
from rag.superlatives import superlative
from rag.text import folded_words

_LIKELY = 0.5  # evidence of a first passage, from which it is left first
_HARMLESS = frozenset(  # words that neither name nor narrow anything
    """what's whats what was is are were the a an of in for at on by do does did have has had how many much when who
    whom which where tell me give show please and with figure number amount value make made report reported
    year""".split()
)
_UNIT = re.compile(  # behind a row's name: "Passengers carried (thousands)"
    r" ?\((?:in )?(?:thousands?|[mb]illions?|000s?|average|number|[£$€] ?\w{0,9}|[a-z]{1,3})\)", re.IGNORECASE
)
_NARROWS = re.compile(
    r"\b(?:forecasts?|budget(?:ed)?|targets?|plan(?:ned|s)?|estimates?|project(?:ed|ions?)|discontinued|parent|draft"
    r"|quarter(?:s|ly)?|half|only|excluding|without|adjusted|proposed|other|pro forma)\b",
    re.IGNORECASE,
)
_SEVERAL = re.compile(r"\b(?:and|or|vs?|versus)\b|[&/]", re.IGNORECASE)
_WHY = re.compile(r"\b(?:why|how (?!many|much)\w+)\b", re.IGNORECASE)
_COUNT = re.compile(r"\bhow (?:many|much)\b(?: (?P<thing>\w+))?", re.IGNORECASE)
_WHO, _WHEN = (
    re.compile(rf"\b(?:{said})\b", re.IGNORECASE) for said in ("who(?:m|se)?|where", "when|wh(?:at|ich) year")
)
_WHICH = re.compile(
    r"\bwh(?:ich|at) (?P<thing>(?!was|is|are|were|did|does|do|year|the|has|had|have)\w+)", re.IGNORECASE
)


def looked_up(question: str, ranked: Sequence[Scored]) -> list[Scored]:
    """The same order, but for the passage with the row that the question names: it comes first with the evidence of a
    comparison (:mod:`rag.extremes`), and nothing but that row is quoted of it. Not where the first passage is likely
    right and has another answer, or where tables differ."""
    order, asked = list(ranked), _words(question)
    if not asked or superlative(question) or _WHY.search(question) or is_statement(question) or is_yes_no(question):
        return order
    found = [(item, row, cell) for item in order for row, cell in _named(question, asked, item)]
    if len({item.candidate.text[row[0].row : row[-1].end] for item, row, _ in found}) != 1:
        return order
    first, row, cell = found[0]
    sure, span = order[0], next(iter(order[0].candidate.reading.spans), None)
    inside = sure is first and (span is None or row[0].row <= span.start < row[-1].end)
    if sure.evidence >= _LIKELY and not inside:
        return order
    shift = first.candidate.passage.start
    best = Extreme((row[0].row + shift, row[-1].end + shift), (cell.start + shift, cell.end + shift))
    return [shown(first, best), *(each for each in order if each is not first)]


def _named(question: str, asked: frozenset[str], item: Scored) -> list[tuple[list[Cell], Cell]]:
    """The rows, and in each the one cell, of the passage that the words name."""
    text, title = item.candidate.text, item.candidate.documents[0].title
    heading = item.candidate.passage.heading
    narrowing = frozenset[str]().union(*map(_words, _NARROWS.findall(heading)))
    if not narrowing <= asked:
        return []
    above = narrowing if _SEVERAL.search(title) else narrowing | _words(title)
    found = []
    for _, cells_of_row in itertools.groupby(cells(text), key=lambda cell: cell.row):
        row = list(cells_of_row)
        name = _words(_UNIT.sub("", text[row[0].start : row[0].end]))
        fitting = [(_words(cell.name), cell) for cell in row[1:] if cell.name and _words(cell.name) <= asked - name]
        fitting = [(label, cell) for label, cell in fitting if label]
        most = max((len(label) for label, _ in fitting), default=0)
        best = [(label, cell) for label, cell in fitting if len(label) == most]
        if not name or not name <= asked or len(best) != 1:
            continue
        label, cell = best[0]
        left = asked - name - label - _words(row[0].name)
        period = any(any(char.isdigit() for char in word) for word in left)
        if left <= above and not period and _may_be(question, text[cell.start : cell.end], name | label, label):
            found.append((row, cell))
    return found


def _may_be(question: str, value: str, said: frozenset[str], label: frozenset[str]) -> bool:
    """Whether the cell has a name where who or where is asked, a date where when is, a number of what is counted where
    how many, and its column what is asked for with "which"."""
    count, which = _COUNT.search(question), _WHICH.search(question)
    if _WHO.search(question):
        return re.search(r"[^\W\d_]{2}", value) is not None and not date(value) and not re.match(r"\W*\d", value)
    if count:
        counted = "many" not in count[0].lower() or stem(count["thing"] or "") in said
        return counted and re.search(r"\d", value) is not None and not date(value)
    if _WHEN.search(question):
        return bool(date(value))
    return bool(value.strip(" -–—?")) and (which is None or stem(which["thing"].lower()) in label)


def _words(text: str) -> frozenset[str]:
    """All words but those that say little; what others leave out counts here: "other", "without", "under"."""
    return frozenset(stem(word) for word in folded_words(text) if word not in _HARMLESS)
