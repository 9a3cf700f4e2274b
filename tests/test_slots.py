"""One thing put in the place of another: "and in 2019?", "and Samsung?", "the year after?"."""

from __future__ import annotations

import pytest
from talks import talk

from rag.conversation import resolve
from rag.conversation.slots import exchanged


@pytest.mark.parametrize("question", ["and in 2019?", "What about 2019?", "In 2019?", "Okay. And in 2019?"])
def test_a_year_takes_the_place_of_a_year(question: str) -> None:
    resolution = resolve(question, talk("How many machines did ASML sell in 2021?"))
    assert (resolution.kind, resolution.query) == ("changed", "How many machines did ASML sell in 2019?")


@pytest.mark.parametrize("question", ["what about Nikon?", "And Nikon?", "How about Nikon?", "Nikon?"])
def test_a_name_takes_the_place_of_a_name(question: str) -> None:
    resolution = resolve(question, talk("How many machines did ASML sell?"))
    assert (resolution.kind, resolution.query) == ("changed", "How many machines did Nikon sell?")


@pytest.mark.parametrize(
    ("before", "question", "query"),
    [
        (
            "How many cars did Tesla sell in 2021?",
            "And in Germany?",
            "How many cars did Tesla sell in 2021 in Germany?",
        ),
        ("How much did Apple invest in India?", "What about Samsung?", "How much did Samsung invest in India?"),
        ("How much did Apple invest in India?", "What about Vietnam?", "How much did Apple invest in Vietnam?"),
        ("How many jobs did Intel cut in March 2022?", "And Samsung?", "How many jobs did Samsung cut in March 2022?"),
        ("Who is the CEO of Intel?", "And Samsung?", "Who is the CEO of Samsung?"),
        ("Who runs the Bank of England?", "And Deutsche Bank?", "Who runs the Deutsche Bank?"),
        ("What happened to Gang Chen of MIT?", "And Xu Yanjun?", "What happened to Xu Yanjun?"),
        ("How long is the term in Taiwan?", "What about South Korea?", "How long is the term in South Korea?"),
        ("How many cars did Tesla sell in Germany?", "And US?", "How many cars did Tesla sell in US?"),
        ("How many cars did Tesla sell in the UK?", "And in the US?", "How many cars did Tesla sell in the US?"),
        ("How many chips does Apple make?", "And by Intel?", "How many chips does Intel make?"),
    ],
)
def test_a_name_takes_the_place_of_its_like(before: str, question: str, query: str) -> None:
    resolution = resolve(question, talk(before))
    assert (resolution.kind, resolution.query) == ("changed", query)


@pytest.mark.parametrize(
    ("before", "question", "query"),
    [
        ("What was inflation in May 2021?", "And in June?", "What was inflation in June 2021?"),
        ("What was inflation in March 2022?", "And in May?", "What was inflation in May 2022?"),
        ("What was due on May 3, 2021?", "And on June 4, 2022?", "What was due on June 4, 2022?"),
        ("How many reactors were built in 2010?", "And before 1940?", "How many reactors were built before 1940?"),
        ("How many reactors were built in 2010?", "And by 2030?", "How many reactors were built by 2030?"),
        ("How many reactors run as of May 2021?", "And in May 2020?", "How many reactors run as of May 2020?"),
    ],
)
def test_a_date_takes_the_place_of_a_date_with_its_year_and_preposition(before: str, question: str, query: str) -> None:
    resolution = resolve(question, talk(before))
    assert (resolution.kind, resolution.query) == ("changed", query)


@pytest.mark.parametrize(
    ("questions", "query"),
    [
        (["And a year earlier?"], "What share did SMIC have in the fourth quarter of 2023?"),
        (["the year before?"], "What share did SMIC have in the fourth quarter of 2023?"),
        (["A year before?"], "What share did SMIC have in the fourth quarter of 2023?"),
        (["no, the previous year"], "What share did SMIC have in the fourth quarter of 2023?"),
        (["And two years later?"], "What share did SMIC have in the fourth quarter of 2026?"),
        (["and in the following quarter?"], "What share did SMIC have in the first quarter of 2025?"),
        (
            ["And a year earlier?", "And the year before that?"],
            "What share did SMIC have in the fourth quarter of 2022?",
        ),
        (["And a year earlier?", "What about Samsung?"], "What share did Samsung have in the fourth quarter of 2023?"),
    ],
)
def test_a_time_that_counts_from_another_moves_it(questions: list[str], query: str) -> None:
    *between, last = questions
    resolution = resolve(last, talk("What share did SMIC have in the fourth quarter of 2024?", *between))
    assert resolution.query == query


def test_a_month_moves_into_another_year_and_of_two_years_none_moves() -> None:
    assert resolve("and the month before?", talk("What was inflation in January 2022?")).query == (
        "What was inflation in December 2021?"
    )
    assert resolve("And a year later?", talk("Who won in 2019 and 2021?")).query.startswith("And a year later?")


@pytest.mark.parametrize(
    ("before", "question", "query"),
    [
        (
            "How high is the tax on imports in the city?",
            "And on exports?",
            "How high is the tax on exports in the city?",
        ),
        ("What is the price in euros?", "And in dollars?", "What is the price in dollars?"),
        ("What is the price in Italy?", "And in dollars?", "And in dollars? Italy price"),
        ("How much is invested in research?", "in total?", "in total? invested research"),
        ("How much do firms in cities export?", "And in villages?", "And in villages? firms cities export"),
    ],
)
def test_a_common_noun_takes_the_place_of_one_behind_the_same_preposition(
    before: str, question: str, query: str
) -> None:
    assert resolve(question, talk(before)).query == query


@pytest.mark.parametrize(
    ("questions", "query"),
    [
        (["Which gas has a krypton fluoride laser?", "argon fluoride?", "I meant EUV"], "Which gas has a EUV laser?"),
        (["How is gallium used?", "How is it made?", "And germanium?"], "How is germanium made?"),
    ],
)
def test_what_was_put_in_before_is_exchanged_again(questions: list[str], query: str) -> None:
    *before, last = questions
    assert resolve(last, talk(*before)).query == query


@pytest.mark.parametrize(
    ("before", "question", "query"),
    [
        ("Why did Samsung's CHIPS Act award shrink?", "And Intel?", "Why did Intel's CHIPS Act award shrink?"),
        ("What is Intel's share?", "And Samsung's?", "What is Samsung's share?"),
        ("What did Nvidia's Jensen Huang say?", "And AMD's Lisa Su?", "What did AMD's Lisa Su say?"),
        ("Who runs the Bank of England?", "And the Fed?", "Who runs the Fed?"),
        ("Who runs the Bank of England?", "And Japan?", "Who runs the Bank of Japan?"),
        ("How much did Intel pay in Ohio?", "Same with Samsung?", "How much did Samsung pay in Ohio?"),
        ("How much did Intel pay in Ohio?", "And in Texas instead?", "How much did Intel pay in Texas?"),
        ("How much did Intel pay in Ohio?", "And Samsung, how much?", "How much did Samsung pay in Ohio?"),
        ("How much did Intel pay in Ohio?", "Compared to Samsung?", "Compared to Samsung? Intel Ohio"),
        ("How much did Intel pay in Ohio?", "Any update on Samsung?", "Any update on Samsung?"),
        ("How much did Intel pay in Ohio?", "And Samsung, when was it founded?", "when was Samsung founded?"),
    ],
)
def test_a_name_is_exchanged_only_for_what_it_can_stand_for(before: str, question: str, query: str) -> None:
    assert resolve(question, talk(before)).query == query


def test_too_and_as_well_ask_the_same_of_something_else() -> None:
    turns = talk("How many machines did ASML sell in 2021?")
    for question in ("Nikon too?", "and Nikon as well?"):
        assert resolve(question, turns).query == "How many machines did Nikon sell in 2021?"


def test_thanks_before_a_request_do_not_hide_it() -> None:
    turns = talk("How long was Ji Chaoqun in prison?")
    resolution = resolve("ok thanks. and Xu Yanjun?", turns)
    assert (resolution.kind, resolution.query) == ("changed", "How long was Xu Yanjun in prison?")


@pytest.mark.parametrize(("before", "question"), [("And when did it end?", "Why?"), ("When did it end?", "What for?")])
def test_the_reason_is_asked_for_in_other_words_too(before: str, question: str) -> None:
    turns = talk("What was the China Initiative?", before)
    assert resolve(question, turns).query.startswith("Why did ")


@pytest.mark.parametrize(
    ("before", "question", "query"),
    [
        ("How many cars did Tesla sell in 2021?", "and now?", "How many cars did Tesla sell now?"),
        ("How many cars did Tesla sell in 2021?", "today?", "How many cars did Tesla sell today?"),
        (
            "How many cars did Tesla sell in May 2021?",
            "What about last year?",
            "How many cars did Tesla sell last year?",
        ),
        ("How many cars did Tesla sell?", "and these days?", "How many cars did Tesla sell these days?"),
        ("How many cars did Tesla sell last year?", "and this year?", "How many cars did Tesla sell this year?"),
        ("How many cars does Tesla sell now?", "and in 2019?", "How many cars does Tesla sell in 2019?"),
        ("How many cars does Tesla sell now?", "2019?", "How many cars does Tesla sell in 2019?"),
        ("How many cars did Tesla sell?", "and in 2019?", "How many cars did Tesla sell in 2019?"),
        ("When did Tesla sell a car?", "and today?", "and today? Tesla"),
        ("Who owns USA Today?", "and Reuters?", "Who owns Reuters?"),
    ],
)
def test_the_present_is_a_date_and_a_question_without_one_gets_it(before: str, question: str, query: str) -> None:
    resolution = resolve(question, talk(before))
    assert (resolution.kind, resolution.query) == ("changed", query)


@pytest.mark.parametrize(
    "question", ["What happened last year in Ohio?", "Who runs Kotoba today?", "Now, who left Sony?"]
)
def test_the_present_in_a_question_of_its_own_exchanges_nothing(question: str) -> None:
    assert resolve(question, talk("How many cars did Tesla sell in 2021?")).query == question


def test_today_is_small_talk_where_nothing_was_asked() -> None:
    assert resolve("today?", ()).kind == "command"


@pytest.mark.parametrize(
    ("before", "question", "query"),
    [
        ("What is phase three of the fund worth?", "phase two?", "What is phase two of the fund worth?"),
        ("What is phase three of the fund worth?", "and phase one?", "What is phase one of the fund worth?"),
        ("What does chapter 3 say?", "And chapter 11?", "What does chapter 11 say?"),
        ("What does the Lumen 5 cost?", "the Folio Mini?", "What does the Folio Mini cost?"),
        ("What does the Lumen 5 cost?", "and the Lumen 4?", "What does the Lumen 4 cost?"),
        ("Who built the Lumen 5 in 2021?", "and the Folio?", "Who built the Folio in 2021?"),
        ("How many did Intel 20 years ago employ?", "and Samsung?", "How many did Samsung 20 years ago employ?"),
    ],
)
def test_a_number_belongs_to_what_it_counts(before: str, question: str, query: str) -> None:
    assert resolve(question, talk(before)).query == query


@pytest.mark.parametrize(
    ("before", "question", "query"),
    [
        ("Where does gallium come from?", "and germanium?", "Where does germanium come from?"),
        ("how much did tsmc spend in arizona?", "and samsung?", "how much did samsung spend in arizona?"),
        ("how much did tsmc spend in arizona?", "and in dresden?", "how much did tsmc spend in dresden?"),
        ("Where does gallium come from?", "and production?", "and production? gallium"),
        ("how much does the paragon cost?", "and the lumen 5?", "how much does the lumen 5 cost?"),
        ("Why is inflation rising?", "and unemployment?", "Why is unemployment rising?"),
        ("Where does gallium come from?", "and the owners?", "and the owners? gallium"),
        ("Where does ASML make lenses?", "and mirrors?", "and mirrors? ASML"),
        ("What did gallium prices do in May?", "and germanium?", "and germanium? gallium prices May"),
    ],
)
def test_a_common_noun_takes_the_place_of_the_one_that_does_it(before: str, question: str, query: str) -> None:
    assert resolve(question, talk(before)).query == query


@pytest.mark.parametrize(
    ("before", "question", "query"),
    [
        ("Can I put the frother in the oven?", "And the jug?", "Can I put the jug in the oven?"),
        ("When should I repot a moth orchid?", "and a cymbidium?", "When should I repot a cymbidium?"),
        ("When does the outdoor pool open?", "and the library?", "When does the library open?"),
        ("Why was the old pier closed?", "and the bridge?", "Why was the bridge closed?"),
        ("What is the water level?", "and the wind?", "What is the wind?"),
        ("What is the first title?", "and the second?", "What is the second title?"),
    ],
)
def test_the_only_thing_with_an_article_is_exchanged(before: str, question: str, query: str) -> None:
    assert resolve(question, talk(before)).query == query


@pytest.mark.parametrize(
    "question", ["the other one, the H100", "And the other, the H100?", "and the other chip, the H100"]
)
def test_the_other_one_is_the_one_that_is_named(question: str) -> None:
    assert resolve(question, talk("What does the H20 cost?")).query == "What does the H100 cost?"


@pytest.mark.parametrize(
    ("before", "question", "query"),
    [
        ("Which route had the most passengers?", "And the fewest?", "Which route had the fewest passengers?"),
        ("Which is the cheapest phone?", "and the most expensive?", "Which is the most expensive phone?"),
        ("Who made the oldest lens?", "And the newest?", "Who made the newest lens?"),
        ("What does a bicycle cost?", "And a motorcycle?", "What does a motorcycle cost?"),
    ],
)
def test_a_superlative_takes_the_place_of_a_superlative(before: str, question: str, query: str) -> None:
    assert resolve(question, talk(before)).query == query


@pytest.mark.parametrize(
    ("before", "question", "query"),
    [
        ("Was Sturmvik fined after the accident?", "How much?", "How much was Sturmvik fined after the accident?"),
        ("Is SMIC banned?", "since when?", "Since when is SMIC banned?"),
        ("Was Lieber arrested?", "and on what grounds?", "On what grounds was Lieber arrested?"),
        ("Did Huawei sell Honor?", "to whom?", "To whom did Huawei sell Honor?"),
        ("Who sold Honor?", "how much?", "Who sold Honor? how much"),
    ],
)
def test_what_was_asked_with_yes_or_no_is_asked_with_other_words(before: str, question: str, query: str) -> None:
    resolution = resolve(question, talk(before))
    assert (resolution.kind, resolution.query) == ("continuation", query)


@pytest.mark.parametrize(
    ("before", "question", "query"),
    [
        ("What happened to Ann Lee?", "when was that?", "When did it happen to Ann Lee?"),
        ("What happened to Ann Lee?", "by whom?", "What happened to Ann Lee? by whom"),
        ("Who ran the Calloway works?", "until when?", "Until when was the Calloway works run?"),
        ("Who wrote Hinges?", "when?", "When was Hinges written?"),
        ("Who took part in the trial?", "how many?", "How many took part in the trial?"),
        ("Who is on the board?", "how many?", "Who is on the board? how many"),
        ("Who took part in the trial?", "when?", "Who took part in the trial? when"),
        ("What did Ann Lee discover?", "with whom?", "With whom did Ann Lee discover it?"),
    ],
)
def test_what_a_few_words_ask_of_the_question_before(before: str, question: str, query: str) -> None:
    resolution = resolve(question, talk(before))
    assert (resolution.kind, resolution.query) == ("continuation", query)


@pytest.mark.parametrize(
    ("before", "slot", "then"),
    [
        ("what was its revenue in Q2 FY24?", "in Q3", "what was its revenue in Q3 FY24?"),
        ("net sales first half 2024", "second half", "net sales second half 2024"),
        ("who won in the second half?", "in the first half", "who won in the first half?"),
        ("revenue in the third quarter of 2023?", "in 2022", "revenue in the third quarter 2022?"),
        ("revenue in Q3?", "in 2022", "revenue in Q3 2022?"),
        ("what was revenue in fiscal 2023?", "in fiscal 2024", "what was revenue in fiscal 2024?"),
        ("revenue in Q3?", "in Q3", None),
    ],
)
def test_a_quarter_is_exchanged_as_a_date_and_keeps_its_year(before: str, slot: str, then: str | None) -> None:
    assert exchanged(before, slot) == then


@pytest.mark.parametrize(
    ("before", "slot", "then"),
    [
        ("what was its revenue in Q3?", "Europe", "what was its revenue in Q3 in Europe?"),
        ("What was Intel's revenue in Q3?", "China", "What was Intel's revenue in Q3 in China?"),
        ("What was China's revenue in Q3?", "Japan", "What was Japan's revenue in Q3?"),
        ("What changed in Q3?", "Europe", None),
    ],
)
def test_a_place_takes_the_place_of_no_quarter_and_of_no_firm(before: str, slot: str, then: str | None) -> None:
    assert exchanged(before, slot) == then


@pytest.mark.parametrize(
    ("questions", "query"),
    [
        (
            ["gross margin in the third quarter", "what about operating income?"],
            "operating income in the third quarter",
        ),
        (["lindqvist net sales first half 2024", "and profit?"], "lindqvist profit first half 2024"),
        (["How many goals did Salah score in 2019/20?", "assists?"], "How many assists did Salah score in 2019/20?"),
        (["How many goals did salah score in 2019?", "and mane?"], "How many goals did mane score in 2019?"),
        (
            ["How many deaths from malaria were there in Kenya?", "and cases?"],
            "How many cases from malaria were there in Kenya?",
        ),
        (["What was the infant mortality in Peru?", "life expectancy?"], "What was the life expectancy in Peru?"),
        (["What was Chile's area in 2010?", "and GDP?"], "What was Chile's GDP in 2010?"),
        (["How many hotels does Leeds have?", "and restaurants?"], "How many restaurants does Leeds have?"),
        (["software revenue Q1 FY24", "and in Q3?", "and its margin?"], "software margin Q3 FY24"),
        (["What was Chile's GDP in 2010?", "Is that a record?", "and debt?"], "What was Chile's debt in 2010?"),
        (["Who runs TSMC?", "revenue?"], "revenue? TSMC"),
        (["How much does it cost?", "and weight?"], "and weight?"),
        (["How many chips did Intel sell?", "and employees?"], "and employees? Intel"),
        (["What was the rate in the placebo group?", "in the other group?", "and side effects?"], None),
        (["How much did the mayor earn in 2023?", "the bonus?"], None),
    ],
)
def test_a_measure_takes_the_place_of_a_measure_and_the_rest_stays(questions: list[str], query: str | None) -> None:
    *before, last = questions
    found = resolve(last, talk(*before)).query
    assert found == query if query else found.startswith(last)


@pytest.mark.parametrize(
    ("before", "question", "query"),
    [
        ("what is altamont's p/e?", "and corvane's?", "what is corvane's p/e?"),
        ("altamont net debt 2024", "and corvane's?", "corvane net debt 2024"),
        ("What was Leeds United's attendance?", "and Everton's?", "What was Everton's attendance?"),
        ("What was SK hynix's share?", "Micron's?", "What was Micron's share?"),
        ("What is Springfield's budget?", "the library's?", "What is the library's budget?"),
        ("What is the city's budget?", "the library's?", "What is the library's budget?"),
        ("Who runs TSMC?", "and intel's?", "and intel's? TSMC"),
    ],
)
def test_an_owner_takes_the_place_of_an_owner(before: str, question: str, query: str) -> None:
    assert resolve(question, talk(before)).query == query


@pytest.mark.parametrize(
    ("questions", "query"),
    [
        (["margin in Q3 FY24?", "the previous quarter?"], "margin in Q2 FY24?"),
        (["margin in q1 FY24?", "the quarter before?"], "margin in Q4 FY23?"),
        (["margin in Q3 FY24?", "and the year before?"], "margin in Q3 FY23?"),
        (["sales in the first half of 2024", "the previous half?"], "sales in the second half of 2023"),
        (
            ["How many goals did Mane score in 2019/20?", "the season before?"],
            "How many goals did Mane score in 2018/19?",
        ),
        (["police spending FY2025", "the year before?"], "police spending FY2024"),
        (["margin in the third quarter?", "a year earlier?"], "margin in the third quarter a year earlier?"),
        (["When did it open?", "two years later?"], None),
    ],
)
def test_a_time_that_counts_from_another_moves_all_kinds_of_periods(questions: list[str], query: str | None) -> None:
    *before, last = questions
    found = resolve(last, talk(*before)).query
    assert found == query if query else found.startswith(last)


@pytest.mark.parametrize(
    ("question", "than"),
    [
        ("compared with the year before?", "the year before"),
        ("vs last year?", "last year"),
        ("Year over year?", "the year before"),
        ("how does that compare with 2019?", "2019"),
        ("is that more than a year earlier?", "a year earlier"),
        ("compared to the same quarter last year?", "the same quarter last year"),
    ],
)
def test_a_comparison_keeps_the_period_and_the_next_question_is_free_of_it(question: str, than: str) -> None:
    turns = talk("What was Leeds' budget in 2023?", question)
    assert turns[-1].resolution.query == f"What was Leeds' budget in 2023 compared with {than}?"
    assert resolve("and in 2021?", turns).query == "What was Leeds' budget in 2021?"


@pytest.mark.parametrize(
    ("before", "question", "query"),
    [
        ("What did Ann Lee say about prices in Peru?", "and leverage?", "What did Ann Lee say about leverage?"),
        ("What did Ann Lee say about the injury?", "about the referee?", "What did Ann Lee say about the referee?"),
        ("What did Ann Lee say about prices in 2019?", "and jobs?", "What did Ann Lee say about jobs in 2019?"),
        ("What did Ann Lee say about prices?", "and China?", "What did Ann Lee say about China?"),
        ("What did Ann Lee say about prices?", "and Bo Ek?", "What did Bo Ek say about prices?"),
    ],
)
def test_what_is_said_of_one_thing_is_asked_of_another(before: str, question: str, query: str) -> None:
    assert resolve(question, talk(before)).query == query


def test_an_office_takes_the_place_of_a_person_and_is_one_of_the_same_firm() -> None:
    turns = talk("Who is Ann Lee of Corvane?", "how much does she earn?")
    assert turns[-1].resolution.kind == "filled"
    assert resolve("and the cfo?", turns).query.startswith("how much does the cfo earn?")


@pytest.mark.parametrize(
    ("before", "question", "query"),
    [
        (
            "How often should the oxygen probe be calibrated?",
            "and the pH one?",
            "How often should the pH probe be calibrated?",
        ),
        ("How much is a card?", "And the digital one?", "How much is a digital card?"),
        (
            "Did anyone die building the viaduct?",
            "and on the old line?",
            "Did anyone die building the viaduct on the old line?",
        ),
        ("How much is the ferry?", "with a car?", "How much is the ferry with a car?"),
    ],
)
def test_a_thing_takes_the_place_of_its_like_or_is_added(before: str, question: str, query: str) -> None:
    resolution = resolve(question, talk(before))
    assert (resolution.kind, resolution.query) == ("changed", query)


@pytest.mark.parametrize(
    ("question", "query"),
    [
        ("And the plum jam?", "How long will the plum jam keep?"),
        ("and the price?", "and the price? seed cake keep"),  # of the same
    ],
)
def test_a_thing_takes_the_place_of_the_pronoun_that_meant_a_thing(question: str, query: str) -> None:
    turns = talk("How do I make the seed cake?", "How long will it keep?")
    assert turns[-1].resolution.query == "How long will the seed cake keep?"
    assert resolve(question, turns).query == query


def test_what_to_do_goes_on_with_what_was_told() -> None:
    told = talk("My washing machine shows E17")
    assert resolve("what do I do?", told).query == "My washing machine shows E17 what do I do"
    assert resolve("who is he?", talk("Morris Chang")).query == "who is Morris Chang?"


@pytest.mark.parametrize(("whose", "query"), [("and the architect?", "and the architect? old mill")])
def test_who_made_a_thing_does_not_take_its_place(whose: str, query: str) -> None:
    assert resolve(whose, talk("Where is the old mill?", "Who built it?")).query == query


@pytest.mark.parametrize(
    ("before", "query"),
    [
        ("How do I get to Gull Island?", "How much is Gull Island?"),
        ("What did Intel claim?", "What did Intel claim? how much"),
        ("What did Apple buy?", "What did Apple buy? how much"),
        ("When did the soldiers open fire?", "When did the soldiers open fire? how much"),
    ],
)
def test_how_much_asks_for_the_price_of_what_can_be_done(before: str, query: str) -> None:
    assert resolve("how much?", talk(before)).query == query


@pytest.mark.parametrize(
    ("before", "question", "query"),
    [
        ("Is swimming allowed in the lake?", "and dogs?", "are dogs allowed in the lake?"),
        ("Are dogs allowed at the lake?", "and parking?", "is parking allowed at the lake?"),
        ("Is breakfast included?", "what about the laundry?", "is the laundry included?"),
        ("Is it allowed in the park?", "and the park?", "and the park? allowed in the park"),
        ("Is Micron allowed to sell there?", "and gallium?", "and gallium? Micron"),
    ],
)
def test_something_else_may_be_allowed(before: str, question: str, query: str) -> None:
    assert resolve(question, talk(before)).query == query


@pytest.mark.parametrize(
    ("before", "question", "query"),
    [
        ("What was the electricity price in 2024?", "and gas?", "What was the gas price in 2024?"),
        (
            "What was the gas price in 2024?",
            "what about district heating?",
            "What was the district heating price in 2024?",
        ),
        ("When did the pump fail?", "And the oil boiler, why didn't that work?", "why didn't the oil boiler work?"),
    ],
)
def test_the_same_is_asked_of_another_thing(before: str, question: str, query: str) -> None:
    assert resolve(question, talk(before)).query == query
