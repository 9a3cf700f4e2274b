"""PDF: running text, anchors, and boxes that hold exactly the quoted characters. The files are written here by hand."""

from __future__ import annotations

import re
from pathlib import Path

import pypdfium2
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pdf_files import Text, column, pdf

from eval.pdf_quotes import check, inside_of
from rag.errors import SourceError
from rag.loaders import Loaded, load
from rag.loaders.pdf_pages import page_boxes, page_image
from rag.types import Document


def furnished(number: int, body: list[Text]) -> list[Text]:
    return [(40, 570, 9, "Annual report of the harbour"), *body, (200, 20, 9, str(number))]


BODY = [
    column(
        "The harbour was dredged for nine months, and the dis-",
        "tribution of the costs among the towns was argued over in",
        "the well-known council of Eastness.",
        "",
        "A new paragraph stands below a gap and goes on over the",
    ),
    column("foot of the page without a stop. It ends here.", "", "", "- first item", "- second item"),
    column(
        "The distribution was settled in May, as was the well-",
        "known quarrel about the berths of the northern ferries.",
    ),
]
REPORT = pdf(
    [furnished(n, body) for n, body in enumerate(BODY, 1)],
    info="/Title (The harbour) /Author (Mara Lind)",
    extra="/PageLabels << /Nums [0 << /S /r >> 2 << /S /D /St 7 >>] >>",
)


def read(data: bytes, name: str = "a.pdf") -> Document:
    return load(data, uri=f"/data/{name}", name=name).documents[0]


def test_running_text_without_headers_footers_and_broken_words() -> None:
    document = read(REPORT)
    assert document.text == (
        "The harbour was dredged for nine months, and the distribution of the costs among the towns was argued over in "
        "the well-known council of Eastness.\n\n"
        "A new paragraph stands below a gap and goes on over the foot of the page without a stop. It ends here.\n\n"
        "- first item\n- second item\n\n"
        "The distribution was settled in May, as was the well-known quarrel about the berths of the northern ferries."
    )
    assert (document.title, document.author, document.media_type) == ("The harbour", "Mara Lind", "application/pdf")
    assert document.report.dropped == ("Annual report of the harbour", "1", "2", "3")


def test_the_top_of_the_first_page_says_when_it_was_published() -> None:
    body = column("The harbour was dredged for nine months in all, and the", "towns paid for it.", top=460)
    top = [(40.0, 540.0, 18, "The harbour in figures"), (40.0, 500.0, 10, "Published 3 May 2022"), *body]
    assert read(pdf([top])).published == "2022-05-03"


def test_a_paragraph_is_no_title() -> None:
    lines = ["The lamp of the harbour was lit at dusk by the old keeper, who"] * 4
    assert read(pdf([column(*lines)]), "lamps.pdf").title == "lamps"
    assert read(pdf([column("Lamps", "", *lines)]), "a.pdf").title == "Lamps"


def test_footers_with_the_page_number_go_although_their_words_change() -> None:
    body = column("The lamp was lit at dusk by the keeper.")
    feet = ["1 First chapter", "Links 2", "3 Second chapter", "More links 4"]
    document = read(pdf([[*body, (40, 20, 9, foot)] for foot in feet]))
    assert document.text == "\n\n".join([body[0][3]] * 4) and document.report.dropped == tuple(feet)


def test_table_of_contents_stays_line_by_line() -> None:
    lines = column(
        "Lamps . . . . . . . . . . . . . . . . . . . . . . . . 7",
        "Oil . . . . . . . . . . . . . . . . . . . . . . . . . 12",
    )
    assert read(pdf([lines])).text.split("\n")[1].startswith("Oil")


def test_pages_have_labels_physical_numbers_and_ranges() -> None:
    document = read(REPORT)
    pages = [anchor for anchor in document.anchors if anchor.kind == "page"]
    assert [(a.label, a.level) for a in pages] == [("i", 1), ("ii", 2), ("7", 3)]
    assert document.text[pages[1].start : pages[1].end].startswith("foot of the page")
    assert document.text[pages[2].start : pages[2].end].startswith("The distribution")


def in_boxes(data: bytes, document: Document, start: int, end: int) -> str:
    """The text that pdfium itself finds inside the boxes of a range."""
    got = []
    opened = pypdfium2.PdfDocument(data)
    for at in page_boxes(data, document, start, end):
        page = opened[at.page - 1]
        width, height = page.get_size()
        textpage = page.get_textpage()
        for box in at.boxes:
            assert 0 <= box.left < box.right <= 1 and 0 <= box.top < box.bottom <= 1
            left, right = box.left * width, box.right * width
            got.append(textpage.get_text_bounded(left, height * (1 - box.bottom), right, height * (1 - box.top)))
    opened.close()
    return "".join(got)


def bare(text: str) -> str:
    return re.sub(r"[\s\ufffe\x02-]", "", text)


WORD_SPANS = [match.span() for match in re.finditer(r"\S+", read(REPORT).text)]


@settings(max_examples=60, deadline=None)
@given(st.integers(0, len(WORD_SPANS) - 1), st.integers(0, 30))
def test_boxes_hold_exactly_the_quoted_words(first: int, count: int) -> None:
    document = read(REPORT)
    start, end = WORD_SPANS[first][0], WORD_SPANS[min(first + count, len(WORD_SPANS) - 1)][1]
    assert bare(in_boxes(REPORT, document, start, end)) == bare(document.text[start:end])


def test_a_hundred_drawn_quotes_are_boxed_to_the_character(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    words = [
        "first of the parts-",
        "and second part of it",
        "third part. As well",
        "a fourth of them is-",
        "land. Many more.",
    ]
    left, right = column(*words), column(*(word.replace("part", "bit") for word in words), x=220)
    (tmp_path / "columns.pdf").write_bytes(pdf([[*left, *right], [*left, *right]]))
    (tmp_path / "report.pdf").write_bytes(REPORT)
    monkeypatch.chdir(tmp_path)
    checked = list(check(sorted(Path().iterdir()), count=100, seed=6))
    assert len(checked) == 100
    assert [each for each in checked if not each.exact] == []
    assert {each.pages for each in checked} == {1, 2}


def test_what_boxes_hold_is_told_apart_from_the_quote() -> None:
    document = read(REPORT)
    start = document.text.index("The harbour")
    (at,) = page_boxes(REPORT, document, start, start + 11)
    opened = pypdfium2.PdfDocument(REPORT)
    wide = [box._replace(right=box.right + 0.1) for box in at.boxes]
    assert inside_of(opened[0], at.boxes).split() == ["The", "harbour"]
    assert inside_of(opened[0], wide).split() != ["The", "harbour"]
    opened.close()


def test_a_watermark_on_every_page_is_no_text() -> None:
    body = column("The lamp was lit at dusk by the keeper.")
    aslant = "q 0.7 0.7 -0.7 0.7 0 0 cm BT /F 90 Tf 200 100 Td (draft) Tj ET Q"
    data = pdf([body, body, body]).replace(b"BT /F 11", aslant.encode() + b"\nBT /F 11")
    data = re.sub(rb"/Length (\d+)", lambda found: b"/Length %d" % (int(found[1]) + len(aslant) + 1), data)
    document = read(data)
    assert "draft" not in document.text
    assert document.report.dropped == ("draft",)


def test_a_quote_over_two_pages_has_boxes_on_both() -> None:
    document = read(REPORT)
    start = document.text.index("A new paragraph")
    found = page_boxes(REPORT, document, start, document.text.index("It ends"))
    assert [(at.page, at.label, len(at.boxes)) for at in found] == [(1, "i", 1), (2, "ii", 1)]


def test_boxes_follow_rotation() -> None:
    lines = [column("The lamp was lit at dusk by the keeper.")]
    upright, turned = pdf(lines), pdf(lines, page="/Rotate 90")
    (a,), (b,) = (page_boxes(data, read(data), 0, 8)[0].boxes for data in (upright, turned))
    assert b.left == pytest.approx(1 - a.bottom, abs=1e-4) and b.top == pytest.approx(a.left, abs=1e-4)


def test_boxes_of_other_bytes_are_refused() -> None:
    with pytest.raises(SourceError, match="has changed"):
        page_boxes(pdf([column("Other words.")]), read(REPORT), 0, 5)


def test_pages_without_text_are_named() -> None:
    drawing = "0 0 100 100 re f\n"
    data = pdf([column("The lamp was lit at dusk."), [], []])
    data = data.replace(b"<< /Length 0 >>\nstream\n", f"<< /Length {len(drawing)} >>\nstream\n{drawing}".encode(), 1)
    assert read(data).report.notes == ("page 2 has no text layer",)
    with pytest.raises(SourceError, match="no page has a text layer"):
        read(pdf([[]]))


def test_outline_gives_sections() -> None:
    target = "/Parent 2 0 R"
    outline = f"<< /First << {target} /Title (Its colour) /Dest [4 0 R /Fit] >> /Count 1 >>"
    lines = [(40.0, 500.0, 11.0, "The lamp was lit."), (40.0, 460.0, 16.0, "Its Colour"), (40.0, 430.0, 11.0, "Green.")]
    document = read(pdf([lines], extra=f"/Outlines {outline}"))
    (section,) = [a for a in document.anchors if a.kind == "section"]
    assert section.label == "Its Colour" and document.text[section.start : section.end] == "Its Colour\n\nGreen."


def test_a_section_begins_with_its_numbered_heading_and_not_where_its_title_is_mentioned() -> None:
    outline = "<< /First << /Parent 2 0 R /Title (Its colour) /Dest [4 0 R /Fit] >> /Count 1 >>"
    texts = ["The lamp was lit, and its colour was seen.", "2.1.3 Its Colour", "Green."]
    lines = [
        (40.0, y, size, text) for y, size, text in zip((500.0, 460.0, 430.0), (11.0, 16.0, 11.0), texts, strict=True)
    ]
    document = read(pdf([lines], extra=f"/Outlines {outline}"))
    (section,) = [a for a in document.anchors if a.kind == "section"]
    assert section.label == "2.1.3 Its Colour"
    assert document.text[section.start : section.end] == "2.1.3 Its Colour\n\nGreen."


def test_two_columns_are_read_one_after_the_other() -> None:
    words = [
        "first part of a line",
        "second part of one",
        "third part as well",
        "fourth of the parts",
        "fifth one of many",
    ]
    left, right = column(*words), column(*(word.replace("part", "bit") for word in words), x=220)
    text = " ".join(words)
    assert read(pdf([[*left, *right]])).text == f"{text} {text.replace('part', 'bit')}"


@pytest.mark.parametrize("name", ["(anonymous)", "(unspecified)", "untitled", "Anonymous"])
def test_what_a_program_writes_for_no_title_is_none(name: str) -> None:
    escaped = name.replace("(", r"\(").replace(")", r"\)")
    document = read(pdf([column("Lamps", "", *["They burn."] * 3)], info=f"/Title ({escaped}) /Author ({escaped})"))
    assert (document.title, document.author) == ("Lamps", "")


@pytest.mark.parametrize("name", ["Documentation of lamps", "Unknown harbours", "Untitled but loved"])
def test_a_title_that_begins_like_none_is_one(name: str) -> None:
    document = read(pdf([column("Lamps", "", *["They burn."] * 3)], info=f"/Title ({name}) /Author ({name})"))
    assert (document.title, document.author) == (name, name)


def test_numbered_headings_are_sections_where_there_are_no_bookmarks() -> None:
    parts = [
        ("1. Scope", "It holds in all harbours."),
        ("2. Fees", "A berth is 9 crowns."),
        ("3. End", "It ends in May."),
    ]
    document = read(pdf([column(*(line for part in parts for line in (*part, "")))]))
    found = [document.text[a.start : a.end] for a in document.anchors if a.kind == "section"]
    assert [text.split("\n")[0] for text in found] == ["1. Scope", "2. Fees", "3. End"]
    assert found[-1].endswith("It ends in May.")


@pytest.mark.parametrize(("first", "second", "stay"), [(212, 213, ""), (212, 214, "212 214")])
def test_a_file_of_two_pages_has_headers_and_page_numbers_too(first: int, second: int, stay: str) -> None:
    pages = [
        [(40, 580, 9, "Letters of the harbour 14"), (40, 566, 9, word), *column(line), (200, 20, 9, str(number))]
        for word, line, number in [("Tides", "The lamp was lit.", first), ("Tides", "It went out.", second)]
    ]
    document = read(pdf(pages))
    words = f"Tides The lamp was lit. {stay.partition(' ')[0]} Tides It went out. {stay.partition(' ')[2]}"
    assert document.text.split() == words.split()
    assert "Letters of the harbour 14" in document.report.dropped


def test_a_line_over_two_columns_does_not_make_those_of_the_left_one_short() -> None:
    wide = "The abstract goes over the whole of the page and says what stands below it"
    left = [f"words of the left column {n} that" for n in range(9)]
    right = [f"words of the right column {n} that" for n in range(9)]
    page = column(*[wide] * 3, "", *left, top=560) + column(*right, x=220, top=504)
    text = read(pdf([page])).text
    assert " ".join(left) in text and " ".join(right) in text


def test_footnotes_do_not_part_a_sentence_that_goes_on_overleaf() -> None:
    notes = [(40.0, 80.0, 8.0, "of the year before."), (40.0, 70.0, 8.0, "2 Minutes of the council, May")]
    body = column("Harbours", "", "The harbour was dredged for nine months.2 The council said", "that the costs were")
    document = read(pdf([[*body, *notes], column("to be shared by the towns.")]))
    sentence = "The council said that the costs were to be shared by the towns."
    paragraph = f"The harbour was dredged for nine months.2 {sentence}"
    assert document.text == f"Harbours\n\nof the year before. 2 Minutes of the council, May\n\n{paragraph}"
    start = document.text.index(sentence)
    data = pdf([[*body, *notes], column("to be shared by the towns.")])
    assert [at.page for at in page_boxes(data, document, start, len(document.text))] == [1, 2]


@pytest.mark.parametrize("apart", [True, False])
def test_the_numbers_of_lines_are_no_text(apart: bool) -> None:
    lines = [
        "The council moved to close the harbour, since its sand",
        "had been found to be 3 metres deep. The towns filed an",
        "answer in which they said that the sand had been there",
        "when the council bought it. They are right: nobody had",
        "asked for a harbour of another depth, as may be read",
    ]
    counts = [(20.0, 500.0 - 14 * n, 11.0, str(n + 1)) for n in range(len(lines))]
    page = [*counts, *column(*lines)]
    page = page if apart else sorted(page, key=lambda entry: -entry[1])
    last = [(20.0, 500.0, 11.0, "1"), *column("in its book.")]
    assert read(pdf([page, page, page, last])).text == "\n\n".join([" ".join(lines)] * 3) + " in its book."
    kept = "1 2 3 4 5 The council" if apart else " 2 had been found"
    assert kept in read(pdf([page])).text  # of one page alone: a table may count its rows


def test_furniture_of_a_printed_web_page_goes() -> None:
    lines = column("The harbour reopened on Tuesday after nine months.", "", "Read more at source", "Leave a reply")
    document = read(pdf([lines]))
    assert document.text == "The harbour reopened on Tuesday after nine months."
    assert document.report.dropped == ("Read more at source", "Leave a reply")


@pytest.mark.parametrize("data", [b"%PDF-1.7\n", b"no pdf at all", REPORT[:200]])
def test_what_is_no_whole_pdf_is_an_error(data: bytes) -> None:
    with pytest.raises(SourceError, match="is not a whole PDF"):
        read(data)


def test_page_image_is_a_png() -> None:
    assert page_image(REPORT, 1, uri="a", width=200).startswith(b"\x89PNG")
    with pytest.raises(SourceError, match="has no page 4"):
        page_image(REPORT, 4, uri="a")


@settings(max_examples=60, deadline=None)
@given(
    st.lists(st.tuples(st.integers(0, len(REPORT)), st.integers(0, 12), st.binary(max_size=6)), min_size=1, max_size=5)
)
def test_mutated_pdfs_give_a_document_or_a_source_error(changes: list[tuple[int, int, bytes]]) -> None:
    data = bytearray(REPORT)
    for at, length, junk in changes:
        data[at : at + length] = junk
    try:
        loaded = load(bytes(data), uri="a.pdf", name="a.pdf")
    except SourceError:
        return
    assert isinstance(loaded, Loaded)
    document = loaded.documents[0]
    document.text.encode()
    page_boxes(bytes(data), document, 0, len(document.text))
