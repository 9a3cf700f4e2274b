"""Exports are read back, and every quote in them is held against the library."""

from __future__ import annotations

import json
from collections import Counter
from dataclasses import replace
from html import escape

import pytest
from conftest import Folder, add
from hypothesis import given
from hypothesis import strategies as st
from test_saved_turns import FUND, OTHER, quoting

from rag.config import Settings
from rag.errors import LibraryError
from rag.export import Format, export, plain_answer
from rag.exported import Claim, check_export, claims
from rag.ingest import remove
from rag.store import Library
from rag.types import Answer, Credit, Filters, Quote, Resolution, ShortAnswer, Turn

FORMATS: list[Format] = ["json", "md", "html"]
LINK = "https://news.example/a_plan?id=1&b=*#:~:text=one%20two,four"


@pytest.fixture
def turns(library: Library, settings: Settings, folder: Folder) -> list[Turn]:
    add(library, settings, folder({"fund.txt": FUND, "other.txt": OTHER}))
    first = quoting(library, "fund.txt", FUND.strip(), short="Zyzzyva Quokka Foundation")
    asked = [("Who runs it?", first), ("And the harbour?", quoting(library, "other.txt", OTHER.strip()))]
    return [Turn(question, Resolution("standalone", question, ""), answer) for question, answer in asked]


def verdicts(text: str, library: Library) -> list[str]:
    return sorted(checked.verdict for checked in check_export(text, library))


@pytest.mark.parametrize("form", FORMATS)
def test_an_untouched_export_is_exact(turns: list[Turn], library: Library, form: Format) -> None:
    text = export("A talk", turns, form)
    assert verdicts(text, library) == ["exact"] * 3
    assert verdicts(text.replace("\n", "\r\n"), library) == ["exact"] * 3
    assert verdicts(f"\ufeff{text}", library) == ["exact"] * 3, "as some editors save it"


@pytest.mark.parametrize("form", FORMATS)
@pytest.mark.parametrize(
    ("old", "new", "altered"),
    [("closed in winter", "open in winter", 1), ("Quokka Foundation", "Quokka Company", 2), (":0-", ":1-", 2)],
)
def test_a_changed_word_or_offset_is_found(
    turns: list[Turn], library: Library, form: Format, old: str, new: str, altered: int
) -> None:
    text = export("A talk", turns, form).replace('"start": 0', '"start": 1' if old == ":0-" else '"start": 0')
    assert verdicts(text.replace(old, new), library) == ["altered"] * altered + ["exact"] * (3 - altered)


@pytest.mark.parametrize("form", FORMATS)
def test_a_newer_revision_and_a_removed_source_are_told_apart(
    turns: list[Turn], library: Library, settings: Settings, folder: Folder, form: Format
) -> None:
    text = export("A talk", turns, form)
    add(library, settings, folder({"other.txt": f"Norwick is small. {OTHER}"}))
    remove(library, [next(d.id for d in library.documents() if d.uri.endswith("fund.txt"))])
    found = check_export(text, library)
    assert sorted(checked.verdict for checked in found) == ["changed", "gone", "gone"]
    assert [checked.still_there for checked in found if checked.verdict == "changed"] == [True]


@pytest.mark.parametrize("form", ["md", "html"])
def test_a_guess_is_called_one(turns: list[Turn], library: Library, form: Format) -> None:
    sure, unsure = (ShortAnswer("Zyzzyva Quokka Foundation", "d", 0, 25, confidence) for confidence in (0.9, 0.4))
    said = [replace(turns[0], answer=replace(turns[0].answer, short=short)) for short in (sure, unsure)]
    assert ["Possible answer" in plain_answer(turn) for turn in said] == [False, True]
    assert ["Possible answer" in export("A talk", [turn], form) for turn in said] == [False, True]
    assert len(check_export(export("A talk", [said[1]], form), library)) == 2, "it is no claim of its own"


def test_an_export_as_html_fits_a_phone_and_writes_dates_as_the_page_does(turns: list[Turn]) -> None:
    quote = replace(turns[0].answer.quotes[0], published="2025-02-10")
    text = export("A talk", [replace(turns[0], answer=replace(turns[0].answer, quotes=(quote,)))], "html")
    assert '<meta name="viewport" content="width=device-width">' in text and "<main><h1>A talk</h1>" in text
    assert "10 February 2025" in text and "2025-02-10" not in text


@pytest.mark.parametrize("form", ["md", "html"])
def test_an_export_says_in_which_sources_was_searched(turns: list[Turn], form: Format) -> None:
    asked = [replace(turns[0].resolution, filters=Filters(since="2020-01-01")), Resolution("command", "thanks", "")]
    text = export("A talk", [replace(turns[0], resolution=resolution) for resolution in asked], form)
    assert text.count("Searched only since 2020") == 1 and "Searched for" not in text


@pytest.mark.parametrize(
    ("form", "said"),
    [
        ("md", f"> [1] A, <{LINK}> (also in 1 other source) `"),
        ("html", f'<p>[1] A, <a href="{escape(LINK)}">{escape(LINK)}</a> (also in 1 other source)</p>'),
    ],
)
def test_the_link_of_an_export_can_be_followed(turns: list[Turn], library: Library, form: Format, said: str) -> None:
    quote = replace(turns[0].answer.quotes[0], title="A", link=LINK, also_in=(Credit("d", "file:d", "B"),))
    text = export("A talk", [replace(turns[0], answer=replace(turns[0].answer, quotes=(quote,)))], form)
    assert said in text
    assert verdicts(text, library) == ["exact"] * 2


def test_a_quotation_put_in_by_hand_has_no_source(turns: list[Turn], library: Library) -> None:
    page = export("A talk", turns, "html").replace(
        "</body>", "<blockquote>Norwick was <b>open</b>.</blockquote></body>"
    )
    assert verdicts(page, library) == ["exact"] * 3 + ["gone"]
    assert claims(page)[-1] == Claim("Norwick was open.")
    assert verdicts(export("A talk", turns, "md") + "\n> Norwick was open.\n", library) == ["exact"] * 3 + ["gone"]


@pytest.mark.parametrize("text", ["", "just a note", '{"turns": 3}', "{", "<!doctype html><p>nothing", '{"turns": []}'])
def test_what_is_no_export_is_refused(text: str, library: Library) -> None:
    with pytest.raises(LibraryError, match=r"quote in this file|not an export"):
        check_export(text, library)


QUOTED = st.text(st.characters(exclude_characters="\r", exclude_categories=["Cs"]), min_size=1, max_size=80)


@given(QUOTED, QUOTED, st.sampled_from(FORMATS))
def test_any_text_is_read_back_as_it_was(text: str, title: str, form: Format) -> None:
    quote = Quote(1, text, "d1", "ab", 5, 9 + len(text), "file:d", title, 1)
    short = ShortAnswer("one", "d1", 5, 8, 0.9)
    answers = [Answer("answered", title, (quote, replace(quote, rank=2))), Answer("answered", "", (quote,), short)]
    turns = [Turn(title, Resolution("standalone", title, ""), answer) for answer in answers]
    found = claims(export(title, turns, form))
    claim = Claim(text, "d1", "ab", 5, 9 + len(text))
    assert Counter(found) == {claim: 3, Claim("one", "d1", "ab", 5, 8): 1}


@given(st.text(max_size=200))
def test_no_file_can_crash_the_reading(text: str) -> None:
    try:
        claims(text)
    except LibraryError:
        assert text.lstrip().startswith("{")
    try:
        claims(json.dumps({"turns": [{"quotes": [{"text": text}], "answer": None}]}))
    except LibraryError as error:
        pytest.fail(str(error))
