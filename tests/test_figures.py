"""Numbers and dates, and quotes that give another one."""

from __future__ import annotations

from dataclasses import replace

import pytest

from rag.amounts import lacks_number
from rag.export import plain_answer
from rag.figures import of_another_number, of_another_year, otherwise, with_unit
from rag.types import Answer, Credit, Quote, Resolution, ShortAnswer, Turn
from rag.ui import views


def quotes(*answers: str, score: float = 0.5) -> list[Quote]:
    """A quote for each answer, which is marked in it; the first has a score of 0.6."""
    made = []
    for rank, answer in enumerate(answers, start=1):
        text = f"It was {answer} then."
        quote = Quote(rank, text, f"d{rank}", "rev", 10, 10 + len(text), f"file:///{rank}", "", rank, score=score)
        made.append(replace(quote, answer_start=17, answer_end=17 + len(answer)) if answer else quote)
    return [replace(made[0], score=0.6), *made[1:]]


@pytest.mark.parametrize(
    ("first", "other"),
    [
        ("8.5 billion dollars", "about 7.86 billion dollars"),
        ("2021", "5 May 2022"),
        ("10", "12"),
        ("3 May 2021", "4 May 2021"),
        ("in 2019", "in 2020"),
        ("In 2019", "2021"),
        ("on 3 May 2021", "4 May 2021"),
        ("7-nanometre", "5 nanometres"),
        ("3.5%", "4 percent"),
        ("Thirteen", "seven"),
        ("forty-one people", "43 people"),
        ("a dozen", "11"),
        ("two hundred thousand", "150,000"),
    ],
)
def test_another_figure_is_told(first: str, other: str) -> None:
    assert otherwise(quotes(first, other)) == [(2, other, "")]


@pytest.mark.parametrize(
    ("first", "other"),
    [
        ("8 billion dollars", "about 7.86 billion dollars"),  # rounded
        ("2021", "5 May 2021"),
        ("in 2021", "on 5 May 2021"),
        ("8 million dollars", "8,000,000 dollars"),
        ("8 million dollars", "9 million euros"),  # not comparable
        ("in Rome", "12"),
        ("2021", "12"),
        ("8.5 billion dollars", "up to 7.86 billion dollars"),
        ("about 100", "97"),
        ("1990s", "1980s"),
        ("1.234 euros", "1,234 euros"),
        ("1200 euros", "1500 dollars"),
        ("2019 to 2021", "2020"),
        ("thirteen", "13"),
        ("a hundred and fifty", "151"),  # read as no number at all
        ("three", "4,500"),  # of something else
        ("", "12"),
        ("12", ""),
    ],
)  # fmt: skip
def test_what_may_be_the_same_is_not(first: str, other: str) -> None:
    assert otherwise(quotes(first, other)) == []


def test_a_quote_with_little_evidence_does_not_count() -> None:
    assert otherwise(quotes("10", "12", score=0.4)) == []
    assert otherwise([]) == []


def test_a_source_does_not_contradict_itself() -> None:
    first, other = quotes("1983", "2018")
    assert otherwise([first, replace(other, document_id=first.document_id)]) == []
    credit = Credit(other.document_id, other.uri, "", "", "rev")
    assert otherwise([replace(first, also_in=(credit,)), other]) == []


def test_page_and_terminal_say_it() -> None:
    found = tuple(quotes("10 <b>", "12 <b>"))
    answer = Answer("answered", "", found, ShortAnswer("10 <b>", "d1", 17, 19, 0.9), 0.6)
    turn = Turn("How many?", Resolution("standalone", "How many?", ""), answer)
    assert "Quote [2] says: 12 <b>" in plain_answer(turn)
    assert ">Quote 2 says: <q>12 &lt;b&gt;</q>." in views.thread([turn], views.Holdings(2))


def test_a_quote_of_another_time_is_said_to_be() -> None:
    first, other = quotes("10", "12")
    dated = (replace(first, published="2025"), replace(other, published="2023-05-04"))
    turn = Turn("How many?", Resolution("standalone", "How many?", ""), Answer("answered", "", dated, None, 0.6))
    turn = replace(turn, answer=replace(turn.answer, short=ShortAnswer("10", "d1", 17, 19, 0.9)))
    assert "Quote [2] of 4 May 2023 says: 12" in plain_answer(turn)
    assert ">Quote 2 of 4 May 2023 says: <q>12</q>." in views.thread([turn], views.Holdings(2))


@pytest.mark.parametrize(
    ("text", "marked", "shown"),
    [
        ("They paid $5 million for it.", "5 million", "$5 million"),
        ("They paid US$5 million for it.", "$5 million", "US$5 million"),
        ("They paid EUR 5 million for it.", "5", "EUR 5 million"),
        ("They paid 5 million Canadian dollars for it.", "5", "5 million Canadian dollars"),
        ("It grew by 3.5% in May.", "3.5", "3.5%"),
        ("It grew by 5.2 per cent in May.", "5.2", "5.2 per cent"),
        ("It grew by 5.2 percentage points in May.", "5", "5.2 percentage points"),
        ("The 7-nanometre chips are sold.", "7", "7-nanometre"),
        ("A 12-year-old boy won it.", "12", "12-year-old"),
        ("It took seven years to build.", "seven", "seven years"),
        ("The train goes 90 miles per hour.", "90", "90 miles per hour"),
        ("The train goes 120 km/h.", "120", "120 km/h"),
        ("At noon it was -5 °C.", "5", "-5 °C"),
        ("It closes at 9 p.m. today.", "9", "9 p.m."),
        ("It is open from 8 am to 4 pm on weekdays.", "4 pm", "8 am to 4 pm"),
        ("Lunch is 11:30–14:00.", "11:30", "11:30–14:00"),
        ("The pool opens between noon and 6 p.m. daily.", "6", "noon and 6 p.m."),
        ("It has 8 to 10 rooms.", "8", "8"),
        ("They have 1,200 hectares, not more.", "200", "1,200 hectares"),
        ("It fell by 5%-10%.", "10", "10%"),
        ("On May 5 a year later it rained.", "May 5", "May 5"),
        ("It shut in 2019.12 It was sold.", "2019", "2019"),
        ("In 2010 week after week it rained, 5 people say.", "5", "5"),
        ("It was founded in 2018 second only to Drax.", "2018", "2018"),
        ("Under Article 5 second paragraph it lapses.", "5", "5"),
        ("It took 5 seconds.", "5", "5 seconds"),
        ("Team 5 won it.", "5", "5"),
        ("The F-16 flies.", "16", "16"),
        ("It is made in Rome.", "in Rome", "in Rome"),
    ],
)
def test_a_number_is_shown_with_its_sign_and_unit(text: str, marked: str, shown: str) -> None:
    at = text.index(marked)
    assert text[slice(*with_unit(text, (at, at + len(marked)), "How much was it?"))] == shown


@pytest.mark.parametrize(
    ("question", "shown"),
    [
        ("What did it cost?", "3 million dollars"),
        ("How many dollars did it cost?", "3 million"),
        ("How many million dollars did it cost?", "3"),
    ],
)
def test_a_unit_that_the_question_names_is_not_repeated(question: str, shown: str) -> None:
    text = "It cost 3 million dollars."
    assert text[slice(*with_unit(text, (8, 9), question))] == shown


@pytest.mark.parametrize(
    ("question", "quote", "around", "other"),
    [
        (
            "What was the profit in 2021?",
            "In 2022 the profit was 9 million.",
            "In 2022 the profit was 9 million.",
            True,
        ),
        ("How many passengers in 2024?", "Year: 2021 | Passengers: 58", "Year: 2021 | Passengers: 58", True),
        ("What was the profit in 2021?", "The year before 2022 it was 9 million.", "Report of 2021. It was so.", False),
        ("What was the profit in 2021?", "From 2019 to 2023 it was 9 million.", "From 2019 to 2023.", False),
        ("What was the profit in 2021?", "The profit was 9 million.", "The profit was 9 million.", False),
        ("What was shown in the 2021 film?", "It was shot in 2019.", "It was shot in 2019.", False),
        ("What changed in 2021 and 2022?", "In 2023 all was new.", "In 2023 all was new.", False),
        ("Was it sold in 2021?", "It was sold in 2022.", "It was sold in 2022.", False),
    ],
)
def test_a_quote_about_other_years_answers_nothing_about_one(
    question: str, quote: str, around: str, other: bool
) -> None:
    assert of_another_year(question, quote, around) is other


@pytest.mark.parametrize(
    ("quote", "heading", "other"),
    [
        ("Commodore: Ann Roe", "Officers 2024", True),
        ("Commodore: Ann Roe", "Officers 2020 to 2024", False),
        ("Commodore: Ann Roe", "Officers", False),
        ("Commodore until 2022: Ann Roe", "Officers 2024", False),
    ],
)
def test_the_year_of_the_heading_is_that_of_a_quote_which_names_none(quote: str, heading: str, other: bool) -> None:
    assert of_another_year("Who was commodore in 2022?", quote, f"{heading}. {quote}", heading) is other


@pytest.mark.parametrize(
    ("question", "text", "other"),
    [
        ("How many transistors has the M3?", "Chip: M1 | Transistors: 16 billion", True),
        ("What does error E9 mean?", "E1: no water. E4: brewing unit stuck.", True),
        ("rent of flat 9C", "Agreement on Flat 12B. The rent is 900 pounds.", True),
        ("When was Kestrel-12 sold?", "The Kestrel 9 was sold in 2019.", True),
        ("What is the rent of Hall 4?", "Halls 4 and 9 are let.", False),
        ("What is the rent of Hall 4?", "Hall 9 is let. So is number 4.", False),
        ("Who made the T450?", "The T450s was made in Osaka.", False),
        ("What does a TI-84 cost?", "The TI - 84 costs 90 dollars, the TI - 83 less.", False),
        ("Are the M1 and the M3 alike?", "The M2 is not.", False),
        ("What happened on May 5?", "On May 4 it burned.", False),
        ("Who won Euro 2004?", "Euro 1980 was won at home.", False),
        ("Who plays in iron man 1?", "Iron Man and Iron Man 2 have the same cast.", False),
        ("Did Roe lead 5 of the firms?", "Roe 3", False),
    ],
)
def test_what_is_named_by_other_numbers_is_something_else(question: str, text: str, other: bool) -> None:
    assert of_another_number(question, text) is other


@pytest.mark.parametrize(
    ("question", "quote", "lacks"),
    [
        ("How much does a pack cost?", "Take 200 mg every 8 hours for 3 days.", True),
        ("How much did the museum pay?", "It bought the boat on 18 November 1974, in its 20th year.", True),
        ("How much does the K2 cost?", "The K2 has a tank of 1.2 litres.", True),
        ("What was the price of the boat?", "It was bought in May 1974.", True),
        ("How heavy is it?", "It is 9 metres long.", True),
        ("How much is entry to the museum?", "It was founded in 1988 and is 30 metres long.", True),
        ("What was Orn's turnover in 2023?", "In 2023 it spilled for 2,904 hours.", True),
        ("How fast could it go?", "It weighed 18 tons.", True),
        ("What is the boiling point of nitrogen?", "Evaporate it to 0.5 mL.", True),
        ("How fast could it go?", "It ran at 90 miles per hour.", False),
        ("What temperature should it be baked at?", "Bake it for 25 minutes with 200 ml of water.", True),
        ("How much does a pack cost?", "Children under 12 years pay nothing.", False),
        ("How much is parking?", "Parking is free.", False),
        ("How much does a ride cost?", "It is 9p for 1 minute.", False),
        ("How much did it cost?", "In 1974 they paid 40,000 thalers.", False),
        ("How much did the plant cost?", "In 2021 it was put at NT$2.5 million.", False),
        ("How much was it sold for?", "In 1999 it brought two hundred pounds.", False),
        ("How much will it cost?", "Price from 2 May: 14 | 15", False),
        ("How much water does it need?", "It needs 3 litres in 2 hours.", False),
        ("How heavy is it?", "In 2021 it weighed 9 tonnes.", False),
        ("How heavy is it?", "In 2021 it was heavy.", True),
        ("What temperature should it be baked at?", "Bake it for 25 minutes at gas mark 4.", False),
    ],
)
def test_numbers_of_another_kind_are_no_answer(question: str, quote: str, lacks: bool) -> None:
    assert lacks_number(question, quote) is lacks
