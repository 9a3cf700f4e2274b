"""Tables that a plain text draws with blanks, tabs or bars."""

from __future__ import annotations

import re

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from test_loaders import one, rows

from rag.loaders.base import clean

PROSE = "All figures are in millions of euros, the company said on Thursday."
RESULTS = """Item                 Q1      Q2
-----------------  ------  ------
Revenue             120.4   131.9
Operating profit     11.2    14.8"""
READ = f"""{RESULTS}
->
Item: Revenue | Q1: 120.4 | Q2: 131.9
Item: Operating profit | Q1: 11.2 | Q2: 14.8
%%
                                2022        2021
Assets
Cash and equivalents         $ 1,204     $   983
Receivables                      412         377
                              ------      ------
Total assets                 $ 1,616     $ 1,360
->
Assets
Cash and equivalents | 2022: $ 1,204 | 2021: $ 983
Receivables | 2022: 412 | 2021: 377
Total assets | 2022: $ 1,616 | 2021: $ 1,360
%%
              Operating   Net
Year          profit      profit
2020          12          8
2021          (3)         -
->
Year: 2020 | Operating profit: 12 | Net profit: 8
Year: 2021 | Operating profit: (3) | Net profit: -
%%
Post          Amount   Remark
Heating       1,200    higher prices
                       for gas
Cleaning        300    new firm
->
Post: Heating | Amount: 1,200 | Remark: higher prices for gas
Post: Cleaning | Amount: 300 | Remark: new firm
%%
Item    Q1   Q2

Rent    40   45

Total   99   98
->
Item: Rent | Q1: 40 | Q2: 45
Item: Total | Q1: 99 | Q2: 98
%%
Table 1.  Staff
Town   Staff   Hours
Lyon   42      60
Bonn   11      38
->
Town: Lyon | Staff: 42 | Hours: 60
Town: Bonn | Staff: 11 | Hours: 38
%%
Branch   Staff
--------------
Central  42
North    11
->
Branch: Central | Staff: 42
Branch: North | Staff: 11
%%
=====  =====
Name   Role
=====  =====
Anna   Chair
Ivo    Clerk
=====  =====
->
Name: Anna | Role: Chair
Name: Ivo | Role: Clerk
%%
Item\tQ1\tQ2
Rent\t40\t45
Tax\t2
->
Item: Rent | Q1: 40 | Q2: 45
Item: Tax | Q1: 2
%%
\t2021\t2022
Rent\t40\t45
Tax\t2\t3
->
Rent | 2021: 40 | 2022: 45
Tax | 2021: 2 | 2022: 3
%%
+------+----+
| Item | Q1 |
+------+----+
| Rent | 40 |
+------+----+
->
Item: Rent | Q1: 40
%%
Year   Ships
2019   310
2020   290
->
Year: 2019 | Ships: 310
Year: 2020 | Ships: 290"""
NO_HEAD = """Day pass     46 EUR
Half day     34 EUR
Season      520 EUR
->
Day pass | 46 EUR
Half day | 34 EUR
Season | 520 EUR
%%
Sunday     Closed
Monday     8-17
Tuesday    8-17
->
Sunday | Closed
Monday | 8-17
Tuesday | 8-17
%%
Rent   400
Food   200
----------
Total  600
->
Rent | 400
Food | 200
Total | 600"""
NO_TABLE = """The tide goes out,  the tide comes in,
it takes the shells,  it takes the tin,
and what it leaves  is 4 old shoes.
%%
int a    = 1;   // first
int bb   = 22;  // second
int ccc  = 333; // third
%%
It rained.  Then it stopped.
We left.    He stayed on.
Nobody.     Saw it happen.
%%
The council met on       The vote was close
Tuesday evening in       and the mayor said
the old town hall.       that 2 were absent.
%%
1.  Open the valve
2.  Wait 10 minutes
3.  Close it
%%
ANNA:   I was there in 1990.
IVO:    1990 was a good year.
LENA:   12 of us came.
%%
Introduction ......  3
The pump ..........  7
The valve .........  12
%%
Item\t\tQ1\tQ2
Revenue\t\t120\t131
Operating profit\t\t15
Tax\t\t\t2\t3
%%
Home  About  Contact
News  Sport  Weather
%%
option          *expr-option*
------
&option         option value
&g:option       global option value
%%
The last words of a part.  More of them follow.

==============================
2. The pump      *pump*

It is new.
%%
|CTRL-A|  add one
|CTRL-B|  go back
|CTRL-C|  stop"""


@pytest.mark.parametrize("case", READ.split("\n%%\n"))
def test_rows_of_a_drawn_table_have_the_names_of_its_columns(case: str) -> None:
    table, _, lines = case.partition("\n->\n")
    document = one(f"{PROSE}\n\n{table}\n\n{PROSE}", "a.txt")
    assert [row for _, row in rows(document)] == lines.split("\n")
    assert document.text.startswith(PROSE) and document.text.endswith(PROSE)


@pytest.mark.parametrize("case", NO_HEAD.split("\n%%\n"))
def test_a_row_is_no_head(case: str) -> None:
    table, _, lines = case.partition("\n->\n")
    assert [row for _, row in rows(one(f"{PROSE}\n\n{table}", "a.txt"))] == lines.split("\n")


@pytest.mark.parametrize("text", NO_TABLE.split("\n%%\n"))
def test_what_only_may_be_a_table_stays_as_it_is(text: str) -> None:
    document = one(f"{PROSE}\n\n{text}", "a.txt")
    assert document.text == f"{PROSE}\n\n{text}" and not rows(document)


def test_a_line_above_a_table_is_its_heading() -> None:
    document = one(f"{PROSE}\n\nSales by quarter\n\n{RESULTS}\n\n{PROSE}", "a.txt")
    assert [anchor.label for anchor in document.anchors if anchor.kind == "section"] == ["Sales by quarter"]


NAMES = st.text("abcdefgh", min_size=3, max_size=9).map(str.capitalize)


@settings(max_examples=100, deadline=None)
@given(st.data())
def test_a_table_reads_as_it_was_however_it_is_set(data: st.DataObject) -> None:
    header = data.draw(st.lists(NAMES, min_size=3, max_size=5, unique=True))
    numbers = st.integers(0, 99999).map(str)
    table = data.draw(st.lists(st.tuples(NAMES, *[numbers] * (len(header) - 1)), min_size=2, max_size=6))
    widths = [max(map(len, column)) for column in zip(header, *table, strict=True)]
    gap = " " * data.draw(st.integers(2, 5))
    to_left = data.draw(st.lists(st.booleans(), min_size=len(header), max_size=len(header)))
    drawn = [
        gap.join(
            cell.ljust(width) if left else cell.rjust(width)
            for cell, width, left in zip(row, widths, to_left, strict=True)
        )
        for row in (header, *table)
    ]
    if data.draw(st.booleans()):
        drawn[1:1] = [gap.join("-" * width for width in widths)]
    expected = [" | ".join(f"{name}: {cell}" for name, cell in zip(header, row, strict=True)) for row in table]
    assert [row for _, row in rows(one("\n".join(drawn), "a.txt"))] == expected


PIECES = st.sampled_from(
    ["  ", "   ", "\t", " ", "\n", "\n\n", " | ", "-----", "Q1", "12", "rain", "Item", "4.5 km", "x."]
)


@settings(max_examples=300, deadline=None)
@given(st.lists(PIECES, min_size=1, max_size=60).map("".join).filter(str.strip))
def test_no_word_is_lost_and_rows_are_slices(text: str) -> None:
    document = one(f"{PROSE}\n\n{text}\n\n{PROSE}", "a.txt")
    words = re.compile(r"[^\W_]+")
    read = document.text
    assert set(words.findall(text)) <= set(words.findall(read))
    if not rows(document):
        assert re.sub(r"[\s=-]+", "", read) == re.sub(r"[\s=-]+", "", clean(f"{PROSE}{text}{PROSE}"))
    for _, row in rows(document):
        assert "\n" not in row and row == row.strip() != ""


def test_a_table_drawn_in_a_markdown_paragraph_keeps_its_rows() -> None:
    drawn = "Year    Inhabitants\n1801    640\n1851    **1,910**\n1901    4,275"
    document = one(f"# Hill\n\nPopulation:\n{drawn}\n\nIt grew, in half\nof a century.", "a.md")
    rows = ["Year: 1801 | Inhabitants: 640", "Year: 1851 | Inhabitants: 1,910", "Year: 1901 | Inhabitants: 4,275"]
    assert document.text.split("\n\n") == ["Hill", "Population:", *rows, "It grew, in half of a century."]
