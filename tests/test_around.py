"""Quotes and their documents in a real library: whole lists over the edges of passages."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest
from conftest import WordEncoder
from hypothesis import given
from hypothesis import strategies as st

from rag.around import gone_on, others, unless_said, whole
from rag.chunk import passages
from rag.config import Settings
from rag.ingest import add_paths
from rag.quoting import asks_for_several, completed, quote_range
from rag.store import Library
from rag.text import sentences
from rag.types import Answer, Carried, Credit, Quote, Resolution, ShortAnswer, Span, Turn

ITEMS = [f"- the {word} that was bought in {year}." for word, year in zip(("pump", "axe", "bell"), "123", strict=True)]
LIST = "\n".join(["It rained.", "", "The brigade owns:", "", *ITEMS, "", "Nobody minded."])
OWNED = LIST[LIST.index("The brigade") : LIST.index("\n\nNobody")]


def cut(quoted: str, passage: str, question: str = "What does the brigade own?") -> str:
    """What ``quoted`` becomes if its passage is ``passage``."""
    quote, around = ((LIST.index(part), LIST.index(part) + len(part)) for part in (quoted, passage))
    (start, end), _ = completed(question, LIST, quote, around, (0, len(LIST)))
    return LIST[start:end]


def test_a_list_that_its_passage_cuts_is_quoted_whole() -> None:
    before, after = LIST[: LIST.index("- the axe")], LIST[LIST.index("- the axe") :]
    assert cut(before[before.index("The brigade") :].rstrip(), before) == OWNED
    assert cut("\n".join(ITEMS[1:]), after) == OWNED


def test_a_quote_that_no_edge_cuts_stays_as_it_is() -> None:
    assert cut(ITEMS[1], "\n".join(ITEMS), "Who sells bells?") == ITEMS[1]
    assert cut("It rained.", "It rained.") == "It rained."


def test_one_item_that_is_asked_for_stays_alone() -> None:
    after = LIST[LIST.index("- the axe") :]
    assert cut(ITEMS[1], after, "When did they buy the axe?") == ITEMS[1]
    assert cut(ITEMS[1], after, "What was bought?") == OWNED


MANUAL = """Wendle 40

Modes

- Eco, for mild weather.
- Boost, at full power. It lasts two hours.
- Frost, for pipes.

Upkeep

1. Every month
  - Clean the strainer.
  - Read the salinity.
2. Every year
  - Change the anode.

Voices of the mill

For those who swim.

Wares

- oats
- rye
- salt

Ann Roe built it. The pump broke early. "We mended it in a day," she said."""


def shown(question: str, quoted: str, heading: str) -> tuple[str, bool]:
    """What ``quoted`` becomes in the section below ``heading``, and whether it is a list that is asked for."""
    low = MANUAL.index(heading)
    ends = [MANUAL.index(other) for other in ("Upkeep", "Voices") if MANUAL.index(other) > low]
    start = MANUAL.index(quoted)
    quote = (start, start + len(quoted))
    (start, end), several = completed(question, MANUAL, quote, quote, (low, min([*ends, len(MANUAL)])), heading=heading)
    return MANUAL[start:end], several


def test_a_list_below_a_heading_is_quoted_whole_where_it_is_asked_for() -> None:
    items = MANUAL[MANUAL.index("- Eco") : MANUAL.index("\n\nUpkeep")]
    assert shown("Which modes are there?", "- Boost, at full power.", "Modes") == (items, True)
    boost = "- Boost, at full power. It lasts two hours."
    assert shown("How long does the Boost mode last?", "It lasts two hours.", "Modes") == (boost, False)
    assert shown("What is the Frost mode for?", "- Frost, for pipes.", "Modes") == ("- Frost, for pipes.", False)
    assert shown("What is it?", "- Frost, for pipes.", "Modes") == ("- Frost, for pipes.", False)
    quote = MANUAL.index("- Eco"), MANUAL.index("\n- Boost")
    around = MANUAL.index("Modes"), MANUAL.index("\n\nUpkeep")
    told, several = completed("Which modes has the boost?", MANUAL, quote, quote, around, heading="The boost > Modes")
    assert several and MANUAL[slice(*told)] == items  # the title's words pick no item


def test_a_list_below_a_line_below_the_quote_is_found_too() -> None:
    whole = MANUAL[MANUAL.index("For those") : MANUAL.index("\n\nAnn Roe")]
    assert shown("Which wares are in the mill?", "For those who swim.", "Voices of the mill") == (whole, True)


@pytest.mark.parametrize(
    ("question", "several"),
    [
        ("Which modes are there?", True), ("What are the modes?", True), ("list the modes", True),
        ("frost modes", True), ("modes of frost", True), ("whats the mode", False), ("Roe's maker", False),
        ("What is in the box?", True), ("What comes with it?", True), ("Who are the members?", True),
        ("What deposit must the tenant pay?", False), ("In what month is it?", False),
        ("Which mode protects lines?", False),
        ("Since when does Korea punish leaks?", False), ("Is there a mode for the holidays?", False), ("", False),
        ("Which crisis was worst?", False), ("Which species is rare?", False),
        ("What does this do?", False), ("Which of the two?", False),
    ],
)  # fmt: skip
def test_who_asks_for_several(question: str, several: bool) -> None:
    assert asks_for_several(question) == several


def test_an_answer_above_a_list_stays_alone() -> None:
    text = "The shop was founded by Ann Roe in 1987.\n\n- oats\n- salt\n- eggs"
    quote = (0, text.index("\n"))
    assert completed("What year was the shop founded?", text, quote, quote, (0, len(text))) == (quote, False)
    assert completed("Which shops are there?", text, quote, quote, (0, len(text))) == ((0, len(text)), True)


def test_no_more_is_quoted_than_a_few_sentences() -> None:
    line = "so then we walked and had tea there " * 400
    quote = (3000, 3400)
    assert completed("What tea?", line, quote, quote, (0, len(line))) == (quote, False)
    late = line + ". He was born in 1901."
    born = (late.index("He was"), len(late))
    assert completed("When was he born?", late, born, born, (0, len(late))) == (born, False)
    many = "1. Every month\n" + "\n".join(f"  - part {number} is to be cleaned" for number in range(90))
    (start, end), _ = completed("What is done?", many, (0, 14), (0, 14), (0, len(many)))
    assert start == 0 and 1000 < end < 1450 and many[end] == "\n"


def test_two_items_are_no_list_and_the_last_sub_item_heads_nothing() -> None:
    text = "Modes\n\n- Boost. It is open. It is new.\n- Eco. It is shut.\n\n1. Solid\n  - coal\n  - peat\n2. Fluid"
    eco = (text.index("- Eco"), text.index("\n\n1."))
    assert completed("Which modes are there?", text, eco, eco, (0, eco[1]), heading="Modes") == (eco, False)
    peat = (text.index("- peat"), text.index("\n2."))
    assert completed("When was peat dug?", text, peat, peat, (0, len(text))) == (peat, False)


def test_a_line_above_further_items_takes_them_with_it() -> None:
    monthly = "1. Every month\n  - Clean the strainer.\n  - Read the salinity."
    assert shown("When is it cleaned?", "1. Every month", "Upkeep") == (monthly, False)


def test_what_points_back_over_the_edge_of_its_passage_takes_the_sentence_before() -> None:
    said = '"We mended it in a day," she said.'
    assert shown("What did she say?", said, "Voices of the mill") == (f"The pump broke early. {said}", False)
    assert shown("Who built it?", "Ann Roe built it.", "Voices of the mill") == ("Ann Roe built it.", False)


def test_a_yes_at_the_edge_of_its_passage_takes_the_question_with_it() -> None:
    text = "Who pays?\n\nThe town pays.\n\nDid it close?\n\nNo, it did not. It was sold."
    whole = (0, len(text))
    for reply, taken in (("No, it did not.", "Did it close?\n\n"), ("The town pays.", "")):
        quote = text.index(reply), text.index(reply) + len(reply)
        (start, end), _ = completed("Did it close?", text, quote, (quote[0], len(text)), whole)
        assert text[start:end] == taken + reply


@given(st.text(alphabet="ab:;-.\n 1", max_size=80), st.tuples(*[st.integers(0, 80)] * 4))
def test_a_quote_only_grows(text: str, places: tuple[int, ...]) -> None:
    low, start, end, high = (min(place, len(text)) for place in sorted(places))
    found, _ = completed("what a?", text, (start, end), (low, high), (low, len(text)))
    assert found[0] <= start <= end <= found[1] <= len(text)


def test_a_quote_that_stands_in_the_whole_list_of_another_is_left_out(
    library: Library, settings: Settings, folder: Callable[[dict[str, str | bytes]], Path]
) -> None:
    small = settings.model_copy(update={"passage_tokens": 32})
    add_paths(library, [folder({"a.txt": LIST})], encoder=WordEncoder(), settings=small)
    document = library.document(library.documents()[0].id)
    one, other = passages(document, encoder=WordEncoder(), budget=small.passage_tokens)
    assert LIST.index(ITEMS[0]) < other.start < LIST.index(ITEMS[2])
    end, last = LIST.index("\n\nNobody"), LIST.index("Nobody")
    ranges = [(one, one.start, one.end), (other, other.start, end), (other, last, len(LIST))]
    quotes = [
        Quote(k, LIST[start:end], document.id, document.revision, start, end, document.uri, "", passage.id)
        for k, (passage, start, end) in enumerate(ranges, start=1)
    ]
    answer = Answer("answered", "", tuple(quotes), ShortAnswer("It", document.id, 0, 2, 0.9))
    kept = whole(answer, "What does the brigade own?", library)
    assert kept.short is None
    assert [(quote.rank, quote.text) for quote in kept.quotes] == [(1, f"It rained.\n\n{OWNED}"), (2, "Nobody minded.")]


def test_more_goes_on_behind_all_that_was_shown(
    library: Library, settings: Settings, folder: Callable[[dict[str, str | bytes]], Path]
) -> None:
    said = ["The mill burned.", "The town paid.", "Nobody was hurt.", "It rained."]
    add_paths(library, [folder({"a.txt": " ".join(said)})], encoder=WordEncoder(), settings=settings)
    document = library.document(library.documents()[0].id)
    places = [(document.text.index(text), text) for text in said]
    quotes = [
        Quote(k, text, document.id, document.revision, at, at + len(text), document.uri, "", 0)
        for k, (at, text) in enumerate(places, start=1)
    ]
    nothing = Answer("not_found", "")
    for shown, more in ((quotes[:1], "The town paid. Nobody was hurt. It rained."), (quotes[:3], "It rained.")):
        before = Turn("?", Resolution("standalone", "?", ""), Answer("answered", "", tuple(shown)))
        (quote,) = gone_on(library, nothing, [before]).quotes
        assert quote.text == more
    everything = Turn("?", Resolution("standalone", "?", ""), Answer("answered", "", tuple(quotes)))
    assert gone_on(library, nothing, [everything]).quotes == ()


def test_a_source_is_credited_for_a_grown_quote_where_it_says_all_of_that(
    library: Library, settings: Settings, folder: Callable[[dict[str, str | bytes]], Path]
) -> None:
    small = settings.model_copy(update={"passage_tokens": 32})
    after = LIST[LIST.index(ITEMS[1]) :]
    files: dict[str, str | bytes] = {"a.txt": LIST, "b.txt": after, "c.txt": f"So they say.\n\n{OWNED}"}
    files["d.txt"] = OWNED.replace("in 1.", "in 15.")
    add_paths(library, [folder(files)], encoder=WordEncoder(), settings=small)
    first, *others = (library.document(document.id) for document in library.documents())
    passage = passages(first, encoder=WordEncoder(), budget=small.passage_tokens)[1]
    quote = Quote(
        1, ITEMS[1], first.id, first.revision, LIST.index(ITEMS[1]), LIST.index(ITEMS[1]) + len(ITEMS[1]), first.uri,
        "", passage.id, also_in=tuple(Credit(each.id, each.uri, "", revision=each.revision) for each in others),
    )  # fmt: skip
    (kept,) = whole(Answer("answered", "", (quote,)), "What does the brigade own?", library).quotes
    assert (kept.text, [source.uri[-5:] for source in kept.also_in]) == (OWNED, ["c.txt"])
    (alone,) = whole(Answer("answered", "", (quote,)), "Who sells bells?", library).quotes
    assert (alone.text, alone.also_in) == (quote.text, quote.also_in)


def test_the_short_answer_is_shown_with_its_unit_as_it_is_marked(
    library: Library, settings: Settings, folder: Callable[[dict[str, str | bytes]], Path]
) -> None:
    text = "The mill cost 3 million euros."
    add_paths(library, [folder({"a.txt": text})], encoder=WordEncoder(), settings=settings)
    (document,) = (library.document(each.id) for each in library.documents())
    (passage,) = passages(document, encoder=WordEncoder(), budget=256)
    at = text.index("3")
    quote = Quote(1, text, document.id, document.revision, 0, len(text), document.uri, "", passage.id)
    quote = replace(quote, answer_start=at, answer_end=at + 1)
    answer = Answer("answered", "", (quote,), ShortAnswer("3", document.id, at, at + 1, 0.9))
    for question, shown in (("What did the mill cost?", "3 million euros"), ("How many euros?", "3 million")):
        found = whole(answer, question, library)
        assert found.short == ShortAnswer(shown, document.id, at, at + len(shown), 0.9)
        assert (found.quotes[0].answer_start, found.quotes[0].answer_end) == (at, at + len(shown))


def test_the_announcement_of_a_list_points_back_over_the_edge_too() -> None:
    text = "The brigade is old. It owns:\n\n" + "\n".join(ITEMS)
    quote = text.index(ITEMS[1]), text.index(ITEMS[1]) + len(ITEMS[1])
    (start, end), _ = completed("What does it own?", text, quote, (quote[0], len(text)), (0, len(text)))
    assert text[start:end] == text


TALK = """Q: How big is she?

A: She is 92 metres long.

Q: What about the Skerry Star? It was meant to come in 2025.

A: It will not. Delivery is now in March 2026. The yard found cracks.

Q: Thank you.

A: Not at all. I became a captain in 2017."""


def test_a_line_with_a_name_is_no_reply_where_nobody_speaks() -> None:
    text = "Who may apply?\nAnyone over 18 may apply.\n\nDeadline: 3 May 2024."
    spans = [Span(s, e, 0.01 if text.startswith("Deadline", s) else 0.9) for s, e in sentences(text)]
    assert "Deadline" not in text[slice(*quote_range(text, spans))]


@pytest.mark.parametrize(
    ("best", "quoted"),
    [
        ("A: She is", "Q: How big is she?\n\nA: She is 92 metres long."),
        ("It was meant", TALK[TALK.index("Q: What") : TALK.index("\n\nQ: Thank")]),
        ("I became", "I became a captain in 2017."),
        ("Q: How big", "Q: How big is she?\n\nA: She is 92 metres long."),
    ],
)
def test_a_reply_comes_with_its_question_and_a_question_with_its_reply(best: str, quoted: str) -> None:
    spans = [Span(s, e, 0.9 if TALK.startswith(best, s) else 0.01) for s, e in sentences(TALK)]
    assert TALK[slice(*quote_range(TALK, spans))] == quoted


@pytest.mark.parametrize("more", ["", "A bridge was found.\n\n", f"A {'very ' * 200}long tale. "])
def test_a_reply_is_quoted_to_its_end_if_there_is_room(more: str) -> None:
    said = "Q: You left the paper in 1996. Why?\n\nA: People expect me to say the war. It was not the war."
    text = f"{said} {more}It was my knees. I had no answer.\n\nQ: And the first novel?"
    spans = [Span(s, e, 0.9 if text.startswith("A: People", s) else 0.01) for s, e in sentences(text)]
    end = {"": "no answer.", "A b": "was found.", "A v": "the war."}[more[:3]]
    assert text[slice(*quote_range(text, spans))] == text[: text.index(end) + len(end)]


def test_a_question_that_comes_after_a_remark_brings_its_reply() -> None:
    text = "Q: Your team reported a failure. What happened?\n\nA: A freezer broke.\n\nQ: Thank you."
    spans = [Span(s, e, 0.9 if text.startswith("Q: Your", s) else 0.01) for s, e in sentences(text)]
    assert text[slice(*quote_range(text, spans))] == text.partition("\n\nQ: Thank")[0]


STEPS = """Limescale makes it loud. It should be removed twice a year.

1. Fill the tank with vinegar.
2. Press both buttons.
3. Wait for ten minutes.

Do not open it meanwhile."""


@pytest.mark.parametrize(
    ("question", "steps"), [("How do I remove limescale?", True), ("How often should it be removed?", False)]
)
def test_steps_are_quoted_for_who_asks_how_to_do_it(question: str, steps: bool) -> None:
    quote = (STEPS.index("It should"), STEPS.index("\n\n1."))
    (start, end), _ = completed(question, STEPS, quote, (0, len(STEPS)), (0, len(STEPS)))
    assert STEPS[start:end].endswith("ten minutes." if steps else "a year.")


@pytest.mark.parametrize(
    ("question", "quoted", "shown"),
    [
        ("How do I remove limescale?", "2. Press both buttons.", STEPS[STEPS.index("1.") : STEPS.index("\n\nDo")]),
        ("How do I remove limescale?", "Do not open it meanwhile.", STEPS[STEPS.index("1.") :]),
        ("How do I use both buttons?", "2. Press both buttons.", "2. Press both buttons."),
        ("Which buttons are pressed?", "2. Press both buttons.", "2. Press both buttons."),
    ],
)  # fmt: skip
def test_steps_around_a_quote_and_above_it_are_quoted_too(question: str, quoted: str, shown: str) -> None:
    quote = (STEPS.index(quoted), STEPS.index(quoted) + len(quoted))
    (start, end), _ = completed(question, STEPS, quote, (0, len(STEPS)), (0, len(STEPS)))
    assert STEPS[start:end] == shown


RAN = Resolution("standalone", "Who leads it?", "")
SINCE = Resolution("continuation", "Since when is it led?", "", (Carried("Who leads it?", "your question 1"),))


@pytest.mark.parametrize(
    ("said", "kept"), [("Marta Ocampo", False), ("marta ocampo", False), ("Ocampo", True), ("", True)]
)
def test_the_same_short_answer_is_none_to_what_is_asked_on(said: str, kept: bool) -> None:
    text = "Marta Ocampo has led it since 2017."
    quote = Quote(1, text, "d", "r", 0, len(text), "u", "t", 1.0, answer_start=0, answer_end=12)
    answer = Answer("answered", "", (quote,), ShortAnswer("Marta Ocampo", "d", 0, 12, 0.9))
    before = replace(answer, short=ShortAnswer(said, "d", 0, len(said), 0.9))
    then = unless_said(answer, [Turn("Who leads it?", RAN, before)], SINCE)
    assert (then.short is not None, then.quotes[0].answer_start is not None) == (kept, kept)
    assert (then.status, then.quotes[0].text) == ("answered", text)
    assert unless_said(answer, [], SINCE) == answer


@pytest.mark.parametrize(
    ("query", "at", "status"),
    [
        ("Who leads it? why", 0, "related"),
        ("Who leads it? for how much", 0, "answered"),
        ("Who leads it? why", 40, "answered"),
        ("Since when is it led?", 0, "answered"),
    ],
)
def test_words_put_behind_a_question_are_not_answered_by_the_quote_shown(query: str, at: int, status: str) -> None:
    text = "Marta Ocampo has led it since 2017."
    quote = Quote(1, text, "d", "r", 0, len(text), "u", "t", 1)
    before = Turn("Who leads it?", RAN, Answer("answered", "", (quote,)))
    now = Answer("answered", "", (replace(quote, start=at, end=at + len(text)),))
    assert unless_said(now, [before], replace(SINCE, query=query)).status == status


@pytest.mark.parametrize(
    ("put", "text", "marked"),
    [
        ("since when", "Marta Ocampo has led it since 2017.", "since 2017"),
        ("since when", "She led it in 2017 and since May 2019.", None),
        ("why", "She leads it because nobody else would, as it is.", "because nobody else would, as it is"),
        (
            "why",
            "It closed because sales fell by 3.5 percent and the U.S. market shrank.",
            "because sales fell by 3.5 percent and the U.S. market shrank",
        ),
        ("how often", "It is led anew once a year.", "once a year"),
        ("for how long", "She leads it for six months.", "for six months"),
        ("for how long", "She leads it for the city.", None),
    ],
)
def test_what_the_quote_shown_says_besides_answers_words_put_behind(put: str, text: str, marked: str | None) -> None:
    quote = Quote(1, text, "d", "r", 7, 7 + len(text), "u", "t", 1, score=0.7)
    before = Turn("Who leads it?", RAN, Answer("answered", "", (quote,)))
    now = unless_said(Answer("answered", "", (quote,)), [before], replace(SINCE, query=f"Who leads it? {put}"))
    assert (now.status, now.short and now.short.text) == ("answered" if marked else "related", marked)
    assert not marked or now.quotes[0].marked == marked


def test_who_else_shows_what_was_neither_shown_nor_said() -> None:
    texts = ("Ann Lee proposed it.", "It was proposed by Ann Lee.", "Otto Brandt seconded the motion.")
    quotes = tuple(
        Quote(rank, text, "d", "r", 90 * rank, 90 * rank + len(text), "u", "t", rank, score=0.9 / rank)
        for rank, text in enumerate(texts, start=1)
    )
    at = quotes[1].start + texts[1].index("Ann")
    found = (quotes[0], replace(quotes[1], answer_start=at, answer_end=at + 7), quotes[2])
    before = Turn("Who did?", RAN, Answer("answered", "", quotes[:1], ShortAnswer("Ann Lee", "d", 90, 97, 0.9)))
    for least, status in ((0.2, "answered"), (0.5, "related")):
        answer = others(Answer("answered", "", found, confidence=0.9), [before], least=least)
        assert [(quote.rank, quote.text) for quote in answer.quotes] == [(1, texts[2])]
        assert (answer.status, answer.short, answer.confidence) == (status, None, quotes[2].score)
    nobody = others(Answer("answered", "", found[:2], confidence=0.9), [before], least=0.2)
    assert (nobody.status, nobody.quotes) == ("not_found", ())


FORM = "The appellant had signed a form. The judge held it of no effect by reason of an Act. She has appealed."


@pytest.mark.parametrize(
    ("question", "quoted", "ends"),
    [
        ("Why was the form of no effect?", "The appellant had signed a form.", "an Act."),
        ("What had she signed?", "The appellant had signed a form.", "a form."),
        ("Why was it of no effect?", "The judge held it of no effect by reason of an Act.", "an Act."),
    ],
)
def test_a_reason_that_is_asked_for_is_quoted_though_it_stands_behind(question: str, quoted: str, ends: str) -> None:
    start = FORM.index(quoted)
    whole = (0, len(FORM))
    (_, end), another = completed(question, FORM, (start, start + len(quoted)), whole, whole)
    assert FORM[start:end].endswith(ends)
    assert another == (not quoted.endswith(ends))


@pytest.mark.parametrize(
    ("question", "text", "ends"),
    [
        ("Why was it cut?", "The cut was linked to a contract. Congress took the money out. Few saw it.", "money out."),
        ("Why was it cut?", "The cut came because of a contract. Congress took the money out.", "contract."),
        ("When was it cut?", "The cut was linked to a contract. Congress took the money out.", "contract."),
        ("Why was it cut?", "The cut was linked to a contract.\n\nCongress took the money out.", "contract."),
    ],
)
def test_what_may_be_a_reason_is_quoted_with_what_goes_on_where_no_words_are_marked(
    question: str, text: str, ends: str
) -> None:
    whole, quote = (0, len(text)), (0, text.index("contract.") + 9)
    (start, end), _ = completed(question, text, quote, whole, whole, bare=True)
    assert text[start:end].endswith(ends)
    assert completed(question, text, quote, whole, whole)[0] == quote, "the answer is marked"


@pytest.mark.parametrize(
    ("question", "text", "marked", "shown"),
    [
        ("Did it rise?", "It rose by 14 minutes, which was not significant.", "rose by 14 minutes", "not significant"),
        ("Will it be done in May?", "He hoped so, but could give no promise. It may.", "He hoped so", "no promise"),
        ("How much did it rise?", "It rose by 14 minutes, which was not significant.", "14 minutes", "14 minutes"),
        ("Did it rise?", "It rose by 14 minutes in May. It was not so in June.", "rose by 14 minutes", "14 minutes"),
        ("Who chairs the board?", "The board is chaired by Ann Roe.", "board", None),
        ("Can I pay by card?", "There are no cards.", "no cards", "no cards"),
        ("How do I pay by card?", "They take no cards.", "no cards", "no cards"),
        ("Which is older, the mill or the lock?", "The lock is older.", "lock", "lock"),
    ],
)  # fmt: skip
def test_what_is_marked_says_more_than_the_question_and_is_not_cut_off_from_its_denial(
    library: Library,
    folder: Callable[[dict[str, str | bytes]], Path],
    settings: Settings,
    question: str,
    text: str,
    marked: str,
    shown: str | None,
) -> None:
    add_paths(library, [folder({"a.txt": text})], encoder=WordEncoder(), settings=settings)
    document, at = library.document(library.documents()[0].id), text.index(marked)
    (passage,) = passages(document, encoder=WordEncoder(), budget=settings.passage_tokens)
    quote = Quote(
        1, text, document.id, document.revision, 0, len(text), document.uri, "", passage.id,
        answer_start=at, answer_end=at + len(marked),
    )  # fmt: skip
    short = ShortAnswer(marked, document.id, at, at + len(marked), 0.9)
    kept = whole(Answer("answered", "", (quote,), short), question, library).short
    assert (kept and kept.text.endswith(shown or "-")) == (True if shown else None)
