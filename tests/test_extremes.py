"""Rows that have the most or the first of something."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest
from conftest import WordEncoder
from hypothesis import assume, given
from hypothesis import strategies as st

from rag.answer import compose
from rag.around import whole
from rag.chunk import passages
from rag.config import Settings
from rag.extremes import compared, extreme_of, extremes
from rag.ingest import add_paths
from rag.loaders import load
from rag.ranking import Scored
from rag.store import Library
from rag.superlatives import superlative
from rag.text import Range, sentences
from rag.types import Calibration, Candidate, Document, Hit, Reading, Span

BRANCHES = """\
Branch: Altona | Opened: 12 March 2019 | Staff: 14 | Rent: 2,100 euros
Branch: Barmbek | Opened: May 2021 | Staff: 9 | Rent: 1,950 euros
Branch: Cuxhaven | Opened: 1998 | Staff: 31 | Rent: 900 euros
Branch: Dammtor | Opened: 3 June 2008 | Staff: 22 | Rent: 3,400 euros
Branch: Total | Staff: 76 | Rent: 8,350 euros"""


def rows(text: str) -> list[Range]:
    found, begin = [], 0
    for line in text.splitlines(keepends=True):
        found.append((begin, begin + len(line.rstrip("\n"))))
        begin += len(line)
    return found


def asked(question: str, text: str = BRANCHES, above: str = "") -> tuple[str, str] | None:
    """The first cell of the row, and the cell that answers."""
    found = extreme_of(question, text, rows(text), above)
    if found is None:
        return None
    (start, end), (low, high) = found
    return text[start:end].split(" | ")[0].partition(": ")[2], text[low:high]


@pytest.mark.parametrize(
    ("question", "row", "cell"),
    [
        ("Which branch opened last?", "Barmbek", "Barmbek"),
        ("What is the newest branch?", "Barmbek", "Barmbek"),
        ("Which branch was the first to open?", "Cuxhaven", "Cuxhaven"),
        ("Which is the second oldest branch?", "Dammtor", "Dammtor"),
        ("which branch has the most staff", "Cuxhaven", "Cuxhaven"),
        ("Which branch is the cheapest to rent?", "Cuxhaven", "Cuxhaven"),
        ("Whose rent is the lowest?", "Cuxhaven", "Cuxhaven"),
        ("What is the highest rent?", "Dammtor", "3,400 euros"),
        ("When was the oldest branch opened?", "Cuxhaven", "1998"),
        ("When was the branch with the most staff opened?", "Cuxhaven", "1998"),
        ("How much is the rent of the newest branch?", "Barmbek", "1,950 euros"),
        ("What is the rent of the newest branch?", "Barmbek", "1,950 euros"),
    ],
)
def test_the_row_that_a_superlative_means(question: str, row: str, cell: str) -> None:
    assert asked(question) == (row, cell)


PAID = """\
date: 2021-04-09 | payee: Hill School | purpose: Goodwill donation | amount_gbp: 10000
date: 2022-01-10 | payee: Lathe | purpose: Retainer | amount_gbp: 21000
date: 2022-11-28 | payee: Doughty | purpose: Tanks, final payment | amount_gbp: 1240000"""


@pytest.mark.parametrize(
    ("question", "date", "cell"),
    [
        ("What was the biggest payment?", "2022-11-28", "1240000"),
        ("Which payment was the smallest?", "2021-04-09", "10000"),
        ("Which payee got the most money?", "2022-11-28", "Doughty"),
        ("On which date was the second largest payment made?", "2022-01-10", "2022-01-10"),
    ],
)
def test_of_payments_the_amounts_are_compared(question: str, date: str, cell: str) -> None:
    assert asked(question, PAID, "consultancy payments") == (date, cell)


@pytest.mark.parametrize(
    "question", ["What was the largest donation?", "What was the biggest grant?", "Who made the largest payment?"]
)
def test_no_amount_is_compared_of_what_the_table_is_not_about(question: str) -> None:
    assert asked(question, PAID, "consultancy payments") is None


RESULTS = (
    "Year: 2018 | Turnover: 198.3 | Profit before tax: 17.2\nYear: 2019 | Turnover: 205.0 | Profit before tax: 18.8"
)


def test_a_preposition_may_stand_before_which() -> None:
    assert asked("In which year was profit highest?", RESULTS) == ("2019", "2019")
    assert asked("In which year was turnover the lowest?", RESULTS) == ("2018", "2018")


@pytest.mark.parametrize(
    "question",
    [
        "Which branch has 14 staff?",  # compares nothing
        "Which branch has the most visitors?",  # of what no column has
        "Which branch is the largest?",
        "Which Berlin branch opened last?",  # of a place that is not here
        "Which branch had the highest rent last?",  # two superlatives
        "Which branch has at least 9 staff?",
        "Which branch opened first after 2000?",
        "Which branch did not open last?",
        "Which branches have the lowest rent?",
        "How many branches have the lowest rent?",
        "Why is the rent highest?",
        "First, which branch has rent?",
        "What is the rent of the second to last branch?",
        "Which branch opened on the first floor?",
        "Which branch of Barmbek and Dammtor has the highest rent?",
        "Who was first?",
        "Which one is the cheapest?",
        "What happened last?",
        "What was rented last year?",
        "Where is the oldest branch?",
        "Is the oldest branch the one with the rent?",
        "Did the oldest branch open in 1998?",
        "The branch opened first in 1998.",
    ],
)
def test_nothing_is_said_in_doubt(question: str) -> None:
    assert asked(question) is None


PRICES = "Tour: Harbour | Price: £12\nTour: Islands | Price: £9\nTour: Night | Price: £31"


@pytest.mark.parametrize(
    ("question", "above", "cell"),
    [
        ("oldest branch", "", None),
        ("cheapest tour", "", "Islands"),
        ("most expensive Corrow tour", "Isle of Corrow", "Night"),
        ("Which Corrow excursion is the most expensive?", "Corrow: excursions", "Night"),
        ("Which Corrow excursion is the most expensive?", "Corrow", None),
        ("Which Corrow excursion is the largest?", "Corrow: excursions", None),
        ("Which is the cheapest?", "Corrow: excursions", None),
    ],
)
def test_keywords_ask_which_and_a_price_need_not_be_named(question: str, above: str, cell: str | None) -> None:
    found = asked(question, PRICES, above)
    assert (found and found[1]) == cell


def test_a_place_that_stands_above_the_table_is_known() -> None:
    assert asked("Which Hamburg branch opened last?", above="Branches in Hamburg") == ("Barmbek", "Barmbek")


QUESTION = "Which fund has the largest size?"


@pytest.mark.parametrize(
    ("question", "table"),
    [
        (QUESTION, "Fund: A | Size: 3 million euros\nFund: B | Size: 4 million dollars"),  # units
        (QUESTION, "Fund: A | Size: 3 to 5\nFund: B | Size: 4"),
        (QUESTION, "Fund: A | Size: 7\nFund: B | Size: 7"),
        (QUESTION, "Fund: A | Size: many\nFund: B | Size: 7"),
        (QUESTION, "Fund: A | Size: more than 5\nFund: B | Size: less than 7"),
        (QUESTION, "Fund: A | Size: 12.500 euros\nFund: B | Size: 850 euros"),  # thousands or decimals
        (QUESTION, "Fund: A | Size: 3 | Size: 9\nFund: B | Size: 5 | Size: 1"),
        (QUESTION, "A | Size: 3\nB | Size: 9"),  # the first column has no name
        (QUESTION, "Fund: A | Size: 7"),
        (QUESTION, ""),
        ("Which branch has the highest rent?", "Branch: A | Staff: 4 | Rent: 2\nBranch: B | Staff: 9 | Rent: unknown"),
        ("Which planet is the largest?", "Planet: Jupiter | Moons: 95\nPlanet: Saturn | Moons: 146"),
        ("Which is the oldest player?", "Player: Ann | Joined: 2019\nPlayer: Bea | Joined: 2015"),
        ("Which team is first?", "Position: 1 | Team: Leeds | Year: 1919\nPosition: 2 | Team: Hull | Year: 1904"),
        ("Which river has the greatest length?", "Name: Yellow River | Length: 5 km\nName: Nile | Length: 6 km"),
        ("Which state has the most staff?", "Station: A | Staff: 5\nStation: B | Staff: 9"),
        ("Which law passed last?", "Law: A | Passed: May 2019\nLaw: B | Passed: 3 March 2019\nLaw: C | Passed: 2019"),
        ("Which room is on the first level?",
         "Room: A | Level: first | Date: 2019\nRoom: B | Level: second | Date: 2001"),
        ("Which bank has the lowest rate?", "Bank: A | Highest rate: 5%\nBank: B | Lowest rate: 4%"),
        ("Which war was last?", "War: A | Years: 1990 to 1999\nWar: B | Years: 1992 to 1995"),
        ("Which flat is the newest?", "Flat: A | Rent: 1500 euros\nFlat: B | Rent: 1200 euros"),
        ("Who founded the oldest firm?",
         "Firm: A | Founder: Ann | Founded: 1919\nFirm: B | Founder: Bo | Founded: 1904"),
        (QUESTION, "Fund: A | Size: 3\nFund: B | Size: 9\nFund: C | Size: 14\nFund: Both and C | Size: 26"),
        (QUESTION, "Fund: A | Size: 3\nFund: B | Size: 9\nFund: All funds | Size: 14"),
        (QUESTION, "Fund: A | Size: 30.2\nFund: B | Size: 18.1\nFund: Group | Size: 50.1"),  # and others, or rounded
        (QUESTION, "Fund: A | Size: 3\nManager: Ann | Size: 9\nFund: C | Size: 4"),  # of no named fund
        (QUESTION, "Fund: A | Size: 3\nFund: B | Size: 9\nFund: Bank total | Size: 14"),
        (QUESTION, "Year: 1 | Fund: A | Size: 3\nYear: 1 | Fund: B | Size: 9\nYear: 1 | Fund: Total | Size: 10"),
        ("Which fund made the largest loss?", "Fund: A | Loss: -20\nFund: B | Loss: -100"),
        ("Which team has the highest rank?", "Team: A | Rank: 1\nTeam: B | Rank: 2"),
        ("Who is the oldest member?",
         "Member: A | Year elected: 1998 | Age: 54\nMember: B | Year elected: 2010 | Age: 71"),
        ("Which bridge is the oldest?", "Bridge: A | Inspection date: 2019\nBridge: B | Inspection date: 2015"),
        ("Which company is the largest?", "Company: A | Storage capacity: 5\nCompany: B | Storage capacity: 7"),
        ("Which plant has the lowest output?", "Plant: A | Output: 2 mW\nPlant: B | Output: 1 MW"),
        ("Which release has the highest version?", "Release: A | Version: 3.9\nRelease: B | Version: 3.10"),
        ("Which clinic has the most nurses?", "Clinic: A | Nurses: about 1,200\nClinic: B | Nurses: 1,190"),
        ("Which period had the highest sales?",
         "Period: Q1 | Sales: 5\nPeriod: Q2 | Sales: 9\nPeriod: Q3 | Sales: 7\nPeriod: 9M | Sales: 21\n"
         "Period: Q4 | Sales: 8"),
        ("How long did the last talk take?",
         "Talk: A | Date: 4 June 2020 | Length: 3 h\nTalk: B | Date: 2021 | Length: 2 h"),
    ],
)  # fmt: skip
def test_what_cannot_be_compared_is_not(question: str, table: str) -> None:
    assert asked(question, table) is None


def test_a_row_of_sums_is_known_by_all_its_words() -> None:
    table = "Church: All Saints | Built: 1100\nChurch: St Mary | Built: 1300\nChurch: Grand total: | Built: 1050"
    assert asked("Which is the oldest church?", table) == ("All Saints", "All Saints")


@pytest.mark.parametrize(
    ("question", "row", "cell"),
    [
        ("Which route had the most passengers in 2022?", "Harbour Line", "Harbour Line"),
        ("Which route had the fewest passengers in 2021?", "Harbour Line", "Harbour Line"),
        ("Which year had the most passengers on the Island Ring?", "Island Ring", "2021"),
    ],
)
def test_a_year_and_a_name_in_front_say_which_rows_are_meant(question: str, row: str, cell: str) -> None:
    routes = (
        ("Island Ring", 2021, 612),
        ("Island Ring", 2022, 580),
        ("Harbour Line", 2021, 455),
        ("Harbour Line", 2022, 801),
    )
    table = "\n".join(f"Route: {route} | Year: {year} | Passengers: {many}" for route, year, many in routes)
    assert asked(question, table) == (row, cell)


@pytest.mark.parametrize("rest", ["World", "Other", "Total"])
def test_the_row_of_the_rest_or_of_all_is_no_row_of_its_own(rest: str) -> None:
    table = (
        f"Country: A | Population (2020): 3\nCountry: B | Population (2020): 5\nCountry: {rest} | Population (2020): 9"
    )
    assert asked("Which country has the largest population?", table) == ("B", "B")
    assert asked("Which country is the largest?", table) == ("B", "B")
    assert asked("Which country is the largest?", table.replace("Pop", "Total pop")) == ("B", "B")


@pytest.mark.parametrize("name", ["Year of birth", "Birth date", "Year opened", "Opening date", "Built", "Date"])
def test_what_tells_an_age_may_be_called_by_several_words(name: str) -> None:
    assert asked("Who is the oldest member?", f"Member: A | {name}: 1958\nMember: B | {name}: 1940") == ("B", "B")


def test_other_columns_answer_if_they_are_asked_for() -> None:
    table = "Museum: A | City: Ulm | Head: Ann Roe | Opened: 1990\nMuseum: B | City: Bonn | Head: Bea Wu | Opened: 1980"
    assert asked("Where is the oldest museum?", table) == ("B", "Bonn")
    assert asked("Who is the head of the newest museum?", table) == ("A", "Ann Roe")
    assert asked("Which museum in Ulm opened first?", table) is None
    three = f"{table}\nMuseum: C | City: Ulm | Head: Cy Poe | Opened: 1985"
    assert asked("Which museum in Ulm opened first?", three) == ("C", "C")
    assert asked("Whose head opened last?", three) == ("A", "A")
    years = "Year: 1990 | Population: 5,000\nYear: 2000 | Population: 7,200"
    assert asked("When was the population highest?", years) == ("2000", "2000")


@pytest.mark.parametrize(
    ("question", "table", "cell"),
    [
        ("Who has the highest pay?", "Id: 1 | Name: Ann | Pay: 5\nId: 2 | Name: Bo | Pay: 7", "Bo"),
        ("Whose pay is the lowest?", "Id: 1 | Name: Ann | Pay: 5\nId: 2 | Name: Bo | Pay: 7", "Ann"),
        ("Who got the highest pay?", "Year: 2019 | Name: Ann | Pay: 5\nYear: 2020 | Name: Bo | Pay: 7", "Bo"),
        ("Who has the highest pay?", "Pay: 5 | Name: Ann\nPay: 7 | Name: Bo", "Bo"),
        ("Which had the highest pay?", "Year: 2019 | Pay: 5\nYear: 2020 | Pay: 7", "2020"),
        ("Which has the highest pay?", "Post: Unit 3 | Pay: 5\nPost: Unit 4 | Pay: 7", "Unit 4"),
        ("Who has the highest pay?", "Year: 2019 | Pay: 5\nYear: 2020 | Pay: 7", None),
        ("Who has the highest pay?", "Id: 1 | Age: 30 | Pay: 5\nId: 2 | Age: 40 | Pay: 7", None),
    ],
)
def test_a_row_is_called_by_no_number(question: str, table: str, cell: str | None) -> None:
    found = asked(question, table)
    assert (found and found[1]) == cell


def test_dates_that_may_be_the_same_decide_nothing() -> None:
    table = "Law: A | Passed: 2019\nLaw: B | Passed: May 2019\nLaw: C | Passed: 2003"
    assert asked("Which law passed last?", table) is None
    assert asked("Which law was passed first?", table) == ("C", "C")


def test_magnitudes_count_and_empty_cells_do_not() -> None:
    table = "Firm: A | Award: 900 million dollars\nFirm: B | Award: 6.6 billion dollars\nFirm: C | Award: –"
    assert asked("Which firm got the largest award?", table) == ("B", "B")
    assert asked("Which firm got the smallest award?", table) == ("A", "A")


PHONES = """\
Phone: A | Price: 300 euros | Weight: 200 g
Phone: B | Price: 500 euros | Weight: 180 g
Phone: C | Price: 350 euros | Weight: 190 g"""
LANDS = "Country: A | Area: 300 | Population: 60\nCountry: B | Area: 250 | Population: 75"


@pytest.mark.parametrize(
    ("question", "table", "found"),
    [
        ("What is the weight of the cheapest phone?", PHONES, None),
        ("What is the price of the lightest phone?", PHONES, None),
        ("What is the price of the most expensive phone?", PHONES, ("B", "500 euros")),
        ("What is the lowest weight?", PHONES, ("B", "180 g")),
        ("What is the population of the largest country?", LANDS, None),
        ("What is the largest country by area?", LANDS, ("A", "A")),
        ("Which country has the largest population?", LANDS, ("B", "B")),
        ("Whose population is the largest?", LANDS, ("B", "B")),
        (
            "Which has the largest debt?",
            "Firm: A | Debt: $5 Bn\nFirm: B | Debt: $900 million\nFirm: C | Debt: $7 bn",
            ("C", "C"),
        ),
        (
            "Which land had the most visitors in 2023?",
            "Land: A | Visitors 2022: 90 | Visitors 2023: 41\nLand: B | Visitors 2022: 60 | Visitors 2023: 70",
            ("B", "B"),
        ),
        (
            "When was the oldest mill shut?",
            "Mill: A | Opened: 1900 | Shut: 2015\nMill: B | Opened: 1950 | Shut: 1999",
            None,
        ),
    ],
)
def test_what_is_asked_of_the_extreme_one_is_not_what_is_compared(
    question: str, table: str, found: tuple[str, str] | None
) -> None:
    assert asked(question, table) == found


def test_a_last_name_compares_nothing() -> None:
    assert superlative("What happened last year?") is None


@given(
    st.lists(st.integers(-(10**9), 10**9), min_size=2, max_size=8, unique=True),
    st.sampled_from(["highest", "lowest"]),
)
def test_of_any_figures_the_extreme_one_is_found(figures: list[int], word: str) -> None:
    table = "\n".join(f"Site: S{k} | Yield: {figure:,}" for k, figure in enumerate(figures))
    best = max(figures) if word == "highest" else min(figures)
    assume(len(figures) == 2 or not math.isclose(2 * best, sum(figures), rel_tol=0.06))  # else it may be the sum
    above = figures[: figures.index(best)]
    assume(not any(math.isclose(best, sum(above[k:]), rel_tol=0.006) for k in range(len(above) - 2)))
    assert asked(f"Which site has the {word} yield?", table) == (f"S{figures.index(best)}", f"S{figures.index(best)}")


def test_the_row_that_a_comparison_finds_comes_first_and_is_marked(
    library: Library, settings: Settings, folder: Callable[[dict[str, str | bytes]], Path]
) -> None:
    lines = ["Branch,Opened,Rent", *(f"{name},{year},{year - 1000} euros" for name, year in TOWNS.items())]
    files: dict[str, str | bytes] = {"branches.csv": "\n".join(lines), "notes.txt": "Every branch opened on a Monday."}
    add_paths(library, [folder(files)], encoder=WordEncoder(), settings=settings)
    notes, table = sorted(library.documents(), key=lambda document: document.uri, reverse=True)
    found = [document_candidate(library, each) for each in (notes, table)]
    order = [Scored(candidate, 1.0 - k, 0.0, 0.6) for k, candidate in enumerate(found)]
    for question, town in (("Which branch opened last?", "Bonn"), ("Which branch opened first?", "Ulm")):
        ranked = compared(library, question, order)
        assert [item.candidate.documents[0].id for item in ranked] == [table.id, notes.id]
        answer = compose(ranked, CALIBRATION, mode="balanced", most=3)
        assert answer.short is not None and answer.short.text == town
        assert answer.quotes[0].text.startswith(f"Branch: {town} | Opened: {TOWNS[town]}")
        assert whole(answer, question, library).short == answer.short
    assert compared(library, "Which pupil opened last?", order) == order
    assert compared(library, "Which branch opened in 1999?", order) == order


def test_no_row_is_picked_where_the_cells_cannot_be_compared(
    library: Library, settings: Settings, folder: Callable[[dict[str, str | bytes]], Path]
) -> None:
    lines = "Place,Night\nGrand,£118\nBunkhouse,£24 (bed)\nSeaview,£85"
    add_paths(library, [folder({"places.csv": lines})], encoder=WordEncoder(), settings=settings)
    one = document_candidate(library, library.documents()[0])
    first, *others = one.reading.sentences
    picked = Span(first.start, first.end, 0.9)
    one = replace(one, reading=Reading(0.9, 0.9, (picked,), (picked, *(replace(s, score=0.01) for s in others))))

    def shown(question: str) -> tuple[int, bool]:
        found = compose(compared(library, question, [Scored(one, 1.0, 0.0, 0.6)]), CALIBRATION, mode="balanced", most=3)
        return found.quotes[0].text.count("Place:"), found.short is not None

    assert shown("Which place is the cheapest?") == (3, False)
    assert shown("Where is it nice?") == (1, True)


def found_in(text: str, question: str) -> list[str]:
    """The rows of a document in Markdown that its tables answer with."""
    (document,) = load(text.encode(), uri="a.md", name="a.md").documents
    return [document.text[slice(*each.row)] for each in extremes(question, document, (0, len(document.text)))]


STAFF = "| Branch | Staff |\n|---|---|\n| Ulm | 14 |\n| Kiel | 31 |\n| Bonn | 9 |\n"


@pytest.mark.parametrize(
    ("end", "rows"),
    [
        ("", ["Branch: Kiel | Staff: 31"]),
        ("| | 54 |\n", ["Branch: Kiel | Staff: 31"]),  # the sum has no name
        ("| | 99 |\n| Mainz | 2 |\n", []),
        ("| | 17 |\n| Mainz | 99 |\n", []),  # no table of its own begins below
        ("| Abroad | |\n| Rome | 99 |\n", []),
        ("\n| Fund | Size |\n|---|---|\n| A | 4 |\n| B | 7 |\n", ["Branch: Kiel | Staff: 31"]),
        (f"\n{STAFF.replace('31', '3')}", ["Branch: Kiel | Staff: 31", "Branch: Ulm | Staff: 14"]),
    ],
)
def test_a_row_without_its_first_cell_ends_no_table_and_every_table_is_asked(end: str, rows: list[str]) -> None:
    assert found_in(STAFF + end, "Which branch has the most staff?") == rows


def test_the_second_table_of_a_passage_answers_too() -> None:
    funds = "| Fund | Size |\n|---|---|\n| A | 4 |\n| B | 7 |\n"
    assert found_in(f"{STAFF}\n{funds}", "Which fund has the largest size?") == ["Fund: B | Size: 7"]


def test_a_city_in_a_region_that_is_named_once_is_not_left_out() -> None:
    table = "| Region | City | Area |\n|---|---|---|\n| North | Kiel | 9 |\n| | Oslo | 5 |\n| | Bonn | 3 |\n"
    assert found_in(table, "Which city has the largest area?") == []


@pytest.mark.parametrize("newer", [["Ulm,1980", "Bonn,2014"], ["Ulm,1980", "Bonn,1979"]])
def test_tables_that_agree_answer_and_others_do_not(
    newer: list[str], library: Library, settings: Settings, folder: Callable[[dict[str, str | bytes]], Path]
) -> None:
    older = "Branch,Opened\nKiel,1999\nBonn,2014"
    files: dict[str, str | bytes] = {"a.csv": older, "b.csv": "\n".join(["Branch,Opened", *newer])}
    add_paths(library, [folder(files)], encoder=WordEncoder(), settings=settings)
    found = [document_candidate(library, each) for each in library.documents()]
    order = [Scored(candidate, 1.0 - k, 0.0, 0.6) for k, candidate in enumerate(found)]
    ranked = compared(library, "Which branch opened last?", order)
    assert (ranked[0].evidence > 0.9) == (newer[1] == "Bonn,2014")


TOWNS = {"Ulm": 1980, "Kiel": 1999, "Bonn": 2014}
CALIBRATION = Calibration(
    (1.0, 0.0, 0.0, 0.0), (0.0, 0.0, 1.0, 0.0), (0.0, 1.0, 0.0, 0.0),
    {"strict": 0.8, "balanced": 0.5, "eager": 0.3}, {"strict": 0.5, "balanced": 0.3, "eager": 0.1},
)  # fmt: skip


def document_candidate(library: Library, document: Document) -> Candidate:
    """The document's only passage, read by somebody who found nothing."""
    whole_document = library.document(document.id)
    (passage,) = passages(whole_document, encoder=WordEncoder(), budget=256)
    text = whole_document.text[passage.start : passage.end]
    reading = Reading(0.1, 0.1, (), tuple(Span(a, b, 0.1) for a, b in sentences(text)))
    return Candidate(Hit(passage.id, 1, 1.0), passage, text, reading, (document,))


def test_whose_table_it_is_may_be_said_at_the_top_of_the_document() -> None:
    text = f"Report of Nordhaven\n\n## Branches\n\n{STAFF}"
    assert found_in(text, "Which Nordhaven branch has the most staff?") == ["Branch: Kiel | Staff: 31"]
    assert found_in(text, "Which Velostadt branch has the most staff?") == []
