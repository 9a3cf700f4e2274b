"""Pure: how lists, rows of tables and paths of headings look, in sources and as this program writes them.

A row of a table is a line, "Year: 2020 | MW: 10"; an item of a list begins with "- " or its number, "1. "; a path
is "Report > Results".
"""

from __future__ import annotations

import re
from collections.abc import Sequence

BELOW = " > "  # a heading and the one below it, in the path of headings that a passage has
BETWEEN = " | "  # two cells of a row
NAMED = ": "  # behind the name of a cell's column
ROW = re.compile(r"^.* \| .*$", re.MULTILINE)
CELL = re.compile(r"(?P<head>(?: \| |^)(?:(?P<name>(?:(?! \| ).)*?): )?)(?P<value>.*?)(?= \| |$)")  # of a row's line
WRITTEN_MARK = r"(?:-|\d{1,3}\.) "  # of an item, as the loaders write it
MARK = r"(?:[-*•·▪‣◦–—]|\(?\d{1,3}[.)])"  # of an item in any text, but for letters


def last_heading(path: str) -> str:
    """The nearest one of a path of headings."""
    return path.rpartition(BELOW)[2]


def bullet(lists: list[int | None]) -> str:
    """What stands before an item: ``lists`` has for each list around it the number of its next item, or None; it counts
    on.

    >>> lists: list[int | None] = [None, 3]
    >>> bullet(lists), bullet(lists), bullet([])
    ('  3. ', '  4. ', '- ')
    """
    indent = "  " * (len(lists) - 1)
    number = lists[-1] if lists else None
    if number is None:
        return indent + "- "
    lists[-1] = number + 1
    return f"{indent}{number}. "


def row(values: Sequence[str], names: Sequence[str] = ()) -> str:
    """The values that are not empty as a row, each behind its column's name where there are as many names.

    >>> row(["2020", "", "10"], ["Year", "Place", ""])
    'Year: 2020 | 10'
    """
    if len(names) == len(values):
        pairs = zip(names, values, strict=True)
        values = [f"{name}{NAMED}{value}" if name and value else value for name, value in pairs]
    return BETWEEN.join(filter(None, values))


def in_row(text: str, start: int) -> bool:
    """Whether a cell of a row ends behind ``start`` in its line.

    >>> in_row("Year: 2020 | MW: 10", 0), in_row("Year: 2020 | MW: 10", 13)
    (True, False)
    """
    end = text.find("\n", start)
    return text.find(BETWEEN, start, len(text) if end < 0 else end) >= 0


def beside(text: str, at: int) -> list[str]:
    """What names the cell that holds the offset ``at``: that of its row, if it is another one, and its column.

    >>> text = "£ million: Revenue | 2023: 57.8 | 2024: 55.1"
    >>> beside(text, 40), beside(text, 12), beside("Prose.", 2)
    (['£ million: Revenue', '2024'], ['£ million'], [])
    """
    line = next((line for line in ROW.finditer(text) if line.start() <= at < line.end()), None)
    found = [] if line is None else list(CELL.finditer(line[0]))
    cell = next((cell for cell in found if line and cell.start("value") <= at - line.start() < cell.end("value")), None)
    if cell is None:
        return []
    first = "" if cell is found[0] else found[0][0]
    return [said for said in (first, cell["name"]) if said]
