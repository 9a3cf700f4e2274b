import pytest
from hypothesis import given
from hypothesis import strategies as st

from rag.text import abbreviations, fold, sentences, token_count, words


@given(st.text())
def test_sentences_are_ordered_ranges_that_hold_every_visible_character(text: str) -> None:
    spans = sentences(text)
    assert all(start < end for start, end in spans)
    assert all(one[1] <= other[0] for one, other in zip(spans, spans[1:], strict=False))
    outside, position = "", 0
    for start, end in spans:
        outside += text[position:start]
        assert text[start:end] == text[start:end].strip()
        position = end
    assert not (outside + text[position:]).strip()


@given(st.text())
def test_words_are_ranges_inside_the_text(text: str) -> None:
    assert all(0 <= start < end <= len(text) for start, end in words(text))


def test_abbreviations_do_not_end_a_sentence() -> None:
    text = "Dr. Smith met Mr. Li at 3.5 p.m. in the U.S. capital. They left."
    assert [text[s:e] for s, e in sentences(text)][-1] == "They left."


def test_hard_wrapped_lines_stay_one_sentence_and_list_items_are_separate() -> None:
    wrapped = "The ministry that runs the programme has not answered a request for\ncomment that was sent to it in May."
    assert len(sentences(wrapped)) == 1
    listed = "- home purchase subsidies for all recruits\n- signing bonuses of several million yuan"
    assert len(sentences(listed)) == 2


@pytest.mark.parametrize(
    "text",
    [
        "As said in para. 3 of the annex, it may hold max. 50 staff incl. temps.",
        "The contract ends on 31. December 2024 in Berlin.",
        "It earned $5 mn. in Q1 vs. $4 mn. in Q2.",
        "See pp. 3-5, vol. 2, or call Tel. +49 555.",
        "The secretary told the board that the accounts had been filed on May\n15. The chair said so.",
        "The council meets at 7 p.m. Thursday and closes at 9 p.m. EST or later.",
        "See Figs. 4 and 5, Eq. 6 and refs. 7 to 9.",
        "The board of the company then heard from its new auditor, Mr\nJ. Smith, who said little.",
    ],
)
def test_shortened_words_and_wrapped_lines_end_no_sentence(text: str) -> None:
    begins = [text[start:] for start, _ in sentences(text)]
    assert begins[1:] in ([], ["The chair said so."])


@pytest.mark.parametrize(
    ("text", "count"),
    [
        ("It was max. 50 then. It ended in May. The first of 31. Decembers are cold. It is p. The end.", 5),
        ("i went home. then i slept.", 2),
        ("It ended at 5 p.m. The mayor left. It began at 6 a.m. Tickets are $5.", 4),
        ("# It has to be set so that the tests of the program are run.\ntest(1)\n", 2),
        ("=" * 60 + "\n7. Commands", 2),
        ("The tenant of the flat hands in all the documents that are listed here\n1. a card\n2. a letter", 3),
        ("(a) the name of the tenant who has rented it or of the landlord; and\n(b) the date of it", 2),
        ("The rent of the flat is to be paid at the begin of every single month.\n2. Nothing else is.", 2),
    ],
)
def test_sentences_and_items_still_end(text: str, count: int) -> None:
    assert len(sentences(text)) == count


def test_look_alikes_of_special_tokens_count_as_text() -> None:
    assert token_count("<|endoftext|>") > 1


@given(st.text(alphabet="ABab (of)", max_size=60))
def test_an_abbreviation_has_the_initials_of_what_it_stands_for(text: str) -> None:
    for long, short in abbreviations(text).items():
        assert f"{long} ({short})" in text
        initials = "".join(word[0] for word in long.replace("(", " ").replace(")", " ").split()).upper()
        assert all(letter in initials for letter in short)


def test_fold_ignores_case_and_accents() -> None:
    assert fold("ÉCOLE") == fold("ecole")


@pytest.mark.parametrize(
    ("text", "cut"),
    [
        ("(c) It is late. He left.\n", ["(c) It is late.", "He left."]),
        ("1. Oil is up. It burns.\n2. Gas.", ["1. Oil is up.", "It burns.", "2. Gas."]),
        ("> 2. We met.\n> - So.", ["> 2. We met.", "> - So."]),
        ("2.4 Notice is given. In writing.", ["2.4 Notice is given.", "In writing."]),
        ("Ms. Aune left. Ms. Delacroix saw it.", ["Ms. Aune left.", "Ms. Delacroix saw it."]),
        ("The firm grew.12 The market “fell”.3 “So it did,” he said.", [
            "The firm grew.12", "The market “fell”.3", "“So it did,” he said."
        ]),
        ("It grew by 5%.3,4 So did he.¹² Did she?[^1] No.", [
            "It grew by 5%.3,4", "So did he.¹²", "Did she?[^1]", "No."
        ]),
        ("Reason: Own wedding | Days: 2 | Paid?: yes", ["Reason: Own wedding | Days: 2 | Paid?: yes"]),
        ("It is the mass of the system.:19-1 It moves.", ["It is the mass of the system.", ":19-1 It moves."]),
        ("Question: Is it free? | Answer: Yes. It is.", ["Question: Is it free? | Answer: Yes.", "It is."]),
        ("It is in No.5 Downing Street and costs 3.5 Euros.", ["It is in No.5 Downing Street and costs 3.5 Euros."]),
        ("It rose in the last ten years of the old century by\n3.5 million.", [
            "It rose in the last ten years of the old century by\n3.5 million."
        ]),
    ],
)  # fmt: skip
def test_marks_of_items_and_notes_belong_to_their_sentence(text: str, cut: list[str]) -> None:
    assert [text[start:end] for start, end in sentences(text)] == cut
