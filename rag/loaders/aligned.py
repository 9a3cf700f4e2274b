"""Tables that a plain text draws with blanks, tabs or bars: their rows, each value beside its column's name.

What only may be a table stays as it is: without a rule below its head a table has a column of figures.
"""

from __future__ import annotations

import bisect
import re
import textwrap
from collections.abc import Iterator, Sequence

from rag.loaders.base import Block, rows
from rag.text import ITEM, Range

_CELL = re.compile(r"(?:[$€£¥] +(?=[\d(]))?\S+(?: \S+)*")
_APART = re.compile(r"\t+| {2,}")  # between two cells of a line
_BAR = re.compile(r"(?:^|\s)\|(?=\s|$)")
_EDGE = re.compile(r"^\s*\|(?=\s)|\s\|\s*$")  # the bars around a line
_RULE = re.compile(r"[-=_+|:─━═ \t]*[-=_─━═]{3}[-=_+|:─━═ \t]*")
# Lines of a program, or with dots that lead to a number.
_CODE = re.compile(r"[{};\\]\s*$|^\s*(?:#\w|//|\$ |>>> )|[:=!]=|[-=]>|(?:\. ?){4}")
_FIGURE = re.compile(r"[-+−–(<>~≈]{0,2} ?(?:[A-Z]{0,3}[$€£¥] ?|[A-Z]{3} )?[.,]?\d")
_SIGN = re.compile(r"[\t |][^\w\s]{0,4}[A-Z]{0,3}[^\w\s]? ?\d")  # without a figure or a rule there is no table
_DIGIT = re.compile(r"\d")
_NONE = re.compile(r"[-–—.…*x]*|n/?a\.?|none", re.IGNORECASE)  # stands where there is no figure
_ENDED = re.compile(r"(?:[a-z]{3}|\d\d)[.!?]$")  # ends a sentence
_SAID = re.compile(r"[:;,!]$|[a-z]{4}[.?]$")  # ends what is no name of a column
_YEAR = re.compile(r"(?<!\d)(?:19|20)\d\d(?!\d)")
_NAME = 40  # characters of a column's name, at most
_WORDS = 4  # in a number with its unit, at most
_LINES = 300  # of a table, at most; what is longer is the output of a program
_WIDTH = 400  # characters of its lines, at most
_HEAD = 3  # lines with the names of columns, at most
# How many lines right above a table, and right below it, may look like its own.
_BESIDE = ((0, 0), (1, 0), (0, 1), (1, 1))
Grid = list[list[str]]


def tables(lines: Sequence[str], *, gaps: bool = True) -> Iterator[tuple[int, int, list[Block]]]:
    """Where the tables among ``lines`` begin and end, and their rows; ``gaps`` says that blank lines may be in them.

    >>> [table[0].text for _, _, table in tables(["Paid:", "Item   Q1   Q2", "Rent   40   45", "Food   71   69"])]
    ['Item: Rent | Q1: 40 | Q2: 45']
    """
    for start, end in _runs(lines, gaps=gaps):
        for above, below in _BESIDE:
            if table := _table(lines[start + above : end - below]):
                yield start + above, end - below, table
                break
        else:
            if "" in lines[start:end]:
                for first, last, table in tables(lines[start:end], gaps=False):
                    yield start + first, start + last, table


def _runs(lines: Sequence[str], *, gaps: bool) -> Iterator[Range]:
    """Where lines of several cells and rules stand one below the other. A line of one cell may be between two, and with
    ``gaps`` a blank one, but not above a rule, which then parts two sections."""
    ruled = [len(line) <= _WIDTH and bool(_RULE.fullmatch(line)) for line in lines]
    several = [
        rule or bool(_APART.search(line.strip()) or _BAR.search(line)) for rule, line in zip(ruled, lines, strict=True)
    ]
    start = 0
    while start < len(lines):
        end = start
        while end < len(lines) and several[end]:
            jump = several[end + 2 : end + 3] == [True] and (bool(lines[end + 1]) or (gaps and not ruled[end + 2]))
            end += 2 if jump and not several[end + 1] else 1
        run = lines[start:end]
        drawn = any(ruled[start:end]) or any(line.isupper() or _SIGN.search(line) for line in run)
        if drawn and 2 < end - start <= _LINES and max(map(len, run)) <= _WIDTH:
            yield start, end
        start = end + 1


def _table(lines: Sequence[str]) -> list[Block]:
    """The rows of a table; [] where the lines need not be one."""
    lines = textwrap.dedent("\n".join(filter(None, lines))).split("\n")
    shown = [line for line in lines if not _RULE.fullmatch(line)]
    listed = all(ITEM.match(line) and line.lstrip()[0] != "|" for line in shown)
    if listed or len(shown) < 2 or any(map(_CODE.search, shown)):
        return []
    above = _above_rule(lines)
    for head in dict.fromkeys((above, 2, 1)) if 0 < above <= _HEAD else (2, 1):
        body = _grid(shown[head:])
        names = _names(shown[:head], shown[head:], len(body[0])) if body else []
        if body and names and _is_head(names, body, ruled=head == above):
            return rows(_joined(body), header=[" ".join(filter(None, name)) for name in zip(*names, strict=True)])
    body = _grid(shown)
    return rows(_joined(body)) if len(body) > 2 and _figures(body[1:]) else []


def _above_rule(lines: Sequence[str]) -> int:
    """How many lines stand above the first rule that is not at the top; 0 where it only underlines a word."""
    ruled = [number for number, line in enumerate(lines) if _RULE.fullmatch(line)]
    above, rule = next(((n - k, n) for k, n in enumerate(ruled) if n > k), (0, 0))
    short = above and len(lines[rule].expandtabs()) * 2 < len(lines[rule - 1].expandtabs())
    return 0 if short else above


def _joined(body: Grid) -> Grid:
    """The rows with the words that go on in a second line, whose first cell is empty and which has no number."""
    found: Grid = []
    for row in body:
        goes_on = found and not row[0] and not any(_DIGIT.search(cell) for cell in row)
        if goes_on and all(above or not cell for above, cell in zip(found[-1], row, strict=True)):
            found[-1] = [f"{above} {cell}".rstrip() for above, cell in zip(found[-1], row, strict=True)]
        else:
            found.append(row)
    return found


def _is_head(names: Grid, body: Grid, *, ruled: bool) -> bool:
    """Whether the lines of ``names`` name the columns of ``body`` and are no rows themselves."""
    figures = _figures(body)
    periods = all(_YEAR.search(name) for name in names[-1][1:]) and not all(
        _YEAR.fullmatch(row[column]) for row in body for column in figures
    )
    if any(_is_figure(line[column]) for line in names for column in (0, *figures) if not (column and periods)):
        return False
    if any(_SAID.search(name) or len(name) > _NAME for line in names for name in line):
        return False
    if ruled:
        return any(names[-1][1:]) and (bool(figures) or len(body) > 1)
    joined = ["".join(name) for name in zip(*names, strict=True)]
    distinct = len(set(joined)) == len(joined) and all(joined[1:])
    stacked = len(names) == 1 or not all(line[0] for line in names)
    capitals = all(map(str.isupper, joined)) and not any(row[0].isupper() for row in body)
    numbered = all(_is_figure(row[0]) for row in body) and not _is_figure(joined[0])
    clear = figures and (len(joined) > 2 or periods or numbered or capitals)
    return len(body) > 1 and distinct and stacked and bool(clear or (capitals and len(joined) > 2))


def _figures(body: Grid) -> list[int]:
    """The columns, but for the first, in which every value is a number."""
    found = []
    for column in range(1, len(body[0])):
        values = [row[column] for row in body if not _NONE.fullmatch(row[column])]
        if len(values) * 2 > len(body) and all(map(_is_figure, values)):
            found.append(column)
    return found


def _is_figure(cell: str) -> bool:
    return bool(_FIGURE.match(cell)) and len(cell.split()) <= _WORDS


def _grid(lines: Sequence[str]) -> Grid:
    """The cells of every line, as many in each; [] if the lines do not stand in columns or hold sentences beside
    others."""
    cut = _divided(lines) or _in_columns(lines)
    used = [column for column in range(max(map(len, cut), default=0)) if any(cells[column] for cells in cut)]
    grid = [[cells[column] for column in used] for cells in cut]
    return grid if len(used) > 1 and not any(_ENDED.search(cell) for cells in grid for cell in cells[:-1]) else []


def _divided(lines: Sequence[str]) -> Grid:
    """The cells between tabs or bars, where these part every line into as many; [] where they do not.

    subtle: several tabs may be one gap or empty cells, so that with them no line may have fewer. Without them the cells
    at the end of a line may be empty.
    """
    if all("\t" in line for line in lines):
        cut = [_APART.split(line.strip()) for line in lines]
        if not any("\t\t" in line or "  " in line for line in lines):
            cut = [[cell.strip() for cell in line.split("\t")] for line in lines]
            most = max(map(len, cut), default=0)
            cut = [cells + [""] * (most - len(cells)) for cells in cut]
    elif all(map(_BAR.search, lines)):
        cut = [[cell.strip() for cell in _BAR.split(_EDGE.sub("", line))] for line in lines]
    else:
        return []
    return cut if len(set(map(len, cut))) == 1 else []


def _in_columns(lines: Sequence[str]) -> Grid:
    """The cells that two or more blanks part, those above each other in one column; [] where one line has two there."""
    if any("\t" in line for line in lines):
        return []
    cut = [list(_CELL.finditer(line)) for line in lines]
    columns: list[int] = []  # where they end
    for start, end in sorted(cell.span() for cells in cut for cell in cells):
        if columns and start < columns[-1]:
            columns[-1] = max(columns[-1], end)
        else:
            columns.append(end)
    grid = [[""] * len(columns) for _ in lines]
    for line, cells in zip(grid, cut, strict=True):
        for cell in cells:
            column = bisect.bisect_left(columns, cell.end())
            if line[column]:
                return []
            line[column] = cell[0]
    return grid


def _names(head: Sequence[str], body: Sequence[str], count: int) -> Grid:
    """The names in every line of a head, one for each of ``count`` columns; [] where that is not clear."""
    found = []
    for line in head:
        parts = _divided([line])[0] if _divided([line]) else _APART.split(line.strip())
        if len(parts) == count - 1 and line[:2] in ("  ", "\t"):
            parts = ["", *parts]
        if len(parts) != count:
            at = _grid([line, *body])
            parts = at[0] if at else []
        if len(parts) != count:
            return []
        found.append(parts)
    return found
