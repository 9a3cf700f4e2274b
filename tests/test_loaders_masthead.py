"""Who wrote a plain text and when, as its top says; and the corrections at its edges."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from test_loaders import one, sections

S = "It rained all day in the whole of the north, the office said on Monday."
FIX = "Correction: An earlier version of this article said that it rained in the south. It rained in the north."


@pytest.mark.parametrize(
    ("top", "published", "author"),
    [
        (f"LONDON, 14 March 2023 - {S}", "2023-03-14", ""),
        (f"Geneva (12 May 2021) – {S}", "2021-05-12", ""),
        (f"NEW YORK, March 14, 2023 (Reuters) - {S}", "2023-03-14", ""),
        (f"NEW YORK--(BUSINESS WIRE)--June 7, 2022--{S}", "2022-06-07", ""),
        (f"WASHINGTON, D.C., Sept. 7, 2022 — {S}", "2022-09-07", ""),
        (f"14 March 2023\n\n{S}", "2023-03-14", ""),
        (f"March 2023\n\n{S}", "2023-03", ""),
        (f"Lyon, 14 March 2023\n\nDear Anna,\n\n{S}", "2023-03-14", ""),
        (f"Wendle Bridge, 3 October 1869\n\nMy dear Harriet,\n\n{S}", "1869-10-03", ""),
        (f"Wendle Bridge, 3 October 1869\n\n{S}", "", ""),
        (f"Compiled by the Hill Group, last revised 14 January 2024.\n\n{S}", "2024-01-14", ""),
        (f"Date: 14 March 2023\n\n{S}", "2023-03-14", ""),
        (f"Published: Sunday, 21 August 2022\nUpdated: 23 August 2022\n\n{S}", "2022-08-21", ""),
        (f"Last updated: 5 May 2022\n\n{S}", "2022-05-05", ""),
        (f"Meeting of 6 September 2022\n\n{S}", "2022-09-06", ""),
        (f"Meeting held on Tuesday 6 September 2022 at 7 pm in the Corn Exchange\n\n{S}", "2022-09-06", ""),
        (f"Transcript: Radio North, “The Morning”, 6 September 2022\n\n{S}", "2022-09-06", ""),
        (f"By Anna Berg\n\nLONDON, 14 March 2023 - {S}", "2023-03-14", "Anna Berg"),
        (f"By Anna Berg | 14 March 2023 | 5 min read\n\n{S}", "2023-03-14", "Anna Berg"),
        (
            f"By Ada van der Berg and J. Orr\n14 March 2023, 10:30 GMT\n\n{S}",
            "2023-03-14",
            "Ada van der Berg and J. Orr",
        ),
        (f"Reported by LENA MARSH, 15 January 2020\n\n{S}", "2020-01-15", "LENA MARSH"),
        (f"Written by Anna Berg in London\n\n{S}", "", "Anna Berg"),
        (f"Report under section 24, published 22 January 2025. Fieldwork: Ivo Stern.\n\n{S}", "2025-01-22", ""),
        (f"From the Courier weekend magazine, 27 April 2024. By Jo Berg.\n\n{S}", "2024-04-27", "Jo Berg"),
        (f"Author: Jo Berg. Status: final, 26 October 2023.\n\n{S}", "2023-10-26", "Jo Berg"),
        (f"Recorded 8 November 2023, lightly edited\n\n{S}", "2023-11-08", ""),
        (f"Monday 3 May 2021\n1. Minutes of 5 April 2021\n\n{S}", "2021-05-03", ""),
        (f"Version 3.2. Written by Jo Berg, approved by T. Orr on 6 May 2022.\n\n{S}", "2022-05-06", ""),
        (f"at the opening of the bridge, Saturday 24 May 2025\n\n(as delivered)\n\n{S}", "2025-05-24", ""),
        (f"A report by the Sound Coalition, June 2024\n\n{S}", "2024-06", ""),
        (f"Judgment handed down: 14 November 2024\nBefore: Mrs Justice Orr\n\n{S}", "2024-11-14", ""),
        (f"Authors: Anna Berg, Ivo Stern\n\n{S}", "", "Anna Berg, Ivo Stern"),
        (f"TO: All\nFROM: Ada Berg <a@hill.example>\nDATE: 3 May 2022\nSUBJECT: Rain\n\n{S}", "2022-05-03", "Ada Berg"),
    ],
)
@pytest.mark.parametrize("name", ["a.txt", "a.md"])
def test_the_top_of_a_text_says_who_wrote_it_and_when(top: str, published: str, author: str, name: str) -> None:
    document = one(f"{'# ' * name.endswith('md')}Rain in the north\n\n{top}", name)
    assert (document.published, document.author) == (published, author)
    assert sections(document) == [(1, "Rain in the north")] or name == "a.txt"


@pytest.mark.parametrize(
    "text",
    [
        f"On 14 March 2023 the tunnel opened. {S}",
        "14 March 1823 was the day on which the siege of the town began.",
        f"LONDON, March 14 - {S}",
        f"Brussels, 3.5.2022 – {S}",  # the 3rd of May or the 5th of March
        f"Diary\n\n14 March 2023\n\n{S}\n\n15 March 2023\n\n{S}",
        f"Timeline\n\nLondon, 14 March 2023 - {S}\n\nParis, 3 May 2023 - {S}",
        f"Battle of Hastings\n14 October 1066\n\n{S}",
        f"Rain\n\nBy the sea\n\n{S}",
        f"By the River\n\n{S}",
        f"The Treaty of Utrecht, 11 April 1713\n\n{S}",
        "By 14 March 2023 all of it was done in the north, the office said.",
        f"Anna Berg\nBorn: 3 May 1980\n\n{S}",
        f"Rain\n\n{S}\n\nMarch 2023\n\n{S}",
        f"From: London\nTo: Paris\n\n{S}",
        f"Rain\n\nThe landing in the north, 6 June 1944\n\n{S}",
        f"Rain\n\nThe bridge was opened on Saturday 24 May 2025.\n\n{S}",
        f"Rain\n\nBids for the next edition due: 28 February 2025\n\n{S}",
        f"Rain\n\nReport, 3 May 2020. Second edition, 4 June 2021.\n\n{S}",
        f"Rain\n\nThank you for your letter of 4 March 2024\n\n{S}",
        f"Rain\n\nReport on the fire of 14 June 2017\n\n{S}",
        f"Rain\n\nA note on the treaty adopted on 28 June 1919\n\n{S}",
        f"Rain\n\nBorn on Monday, 3 May 1931, in Ulm\n\n{S}",
        f"Rain\n\nHow the market fell on Tuesday, 29 October 1929\n\n{S}",
        f"Rain\n\nApproved, for review on 1 March 2030\n\n{S}",
        f"Rain\n\nReplaces the version of 1 March 2019\n\n{S}",
        f"Rain\n\nAdapted from a recipe in Good Bread magazine, May 1998\n\n{S}",
    ],
)
def test_other_dates_and_names_say_neither(text: str) -> None:
    document = one(text, "a.txt")
    assert (document.published, document.author, document.text) == ("", "", text)


@pytest.mark.parametrize(
    ("top", "title"),
    [
        ("RAIN IN THE NORTH\n\nBy Anna Berg", "RAIN IN THE NORTH"),
        ("Rain in the north\n=================", "Rain in the north"),
        ("Title: Rain in the north", "Rain in the north"),
        ("14 March 2023\n\nRain in the north", "Rain in the north"),
        ("FOR IMMEDIATE RELEASE\n\nContact: Mia Falk, mia@hill.example\n\nRain in the north", "Rain in the north"),
        ("WORKING PAPER\n\nRain in the north\n\nAnna Berg\n\nMarch 2023\n\nAbstract", "Rain in the north"),
        (f"{FIX}\n\nRain in the north\nBy Anna Berg\nPublished: 4 May 2021", "Rain in the north"),
        (f"{FIX}\n\nRain in the north", "Rain in the north"),
    ],
)
def test_the_title_is_the_line_that_names_the_text(top: str, title: str) -> None:
    assert one(f"{top}\n\n{S} {S}", "a.txt").title == title


@pytest.mark.parametrize("note", [FIX, FIX.rstrip("."), "* This article was amended on 14 May 2021 to name the north"])
def test_a_correction_stays_wherever_it_stands(note: str) -> None:
    below = one(f"Rain in the north\n\n{S}\n\n{S}\n\nShare this article\n\n{note}\n\nLeave a comment", "a.txt")
    above = one(f"{note}\n\nRain in the north\n\n{S}", "a.txt")
    assert note in below.text and note in above.text
    assert set(below.report.dropped) - {""} == {"Share this article", "Leave a comment"}


@pytest.mark.parametrize("tag", ["p", "aside", "footer"])
def test_a_correction_of_a_page_stays(tag: str) -> None:
    article = f"<article><h1>Rain in the north</h1>{f'<p>{S} {S}</p>' * 3}<{tag}>{FIX}</{tag}></article>"
    page = f"<html><body><nav>Home</nav>{article}<footer>Corrections. Imprint.</footer></body></html>"
    document = one(page, "a.html")
    assert FIX in document.text and "Imprint" not in document.text


LINES = (
    "By Anna Berg",
    "14 March 2023",
    "Title: Rain",
    "Date: 3 May 2022",
    "RAIN",
    "",
    S,
    FIX,
    "BONN, 4 May 2021 - It ended.",
)


@settings(max_examples=100, deadline=None)
@given(st.lists(st.sampled_from(LINES), min_size=1, max_size=8))
def test_no_sentence_is_lost_and_nothing_said_that_is_not_there(lines: list[str]) -> None:
    text = "\n".join(lines)
    document = one(f"{text}\n\n{S}", "a.txt")
    assert all(line in document.text for line in lines if line.endswith("."))
    assert document.published in ("", "2023-03-14", "2022-05-03", "2021-05-04")
    assert document.author in ("", "Anna Berg")


def test_a_headline_of_many_words_does_not_hide_the_dateline() -> None:
    headline = "The office of the north appoints a new head and raises sixty million euros for rain"
    assert one(f"FOR RELEASE\n\n{headline}\n\nGHENT, Belgium, 6 May 2025 — {S}", "a.txt").published == "2025-05-06"
    wrapped = "It rained all day in the whole of the north and in most of the south as well\nand 6 May 2025 was the day"
    assert not one(f"Rain\n\n{wrapped}.", "a.txt").published


def test_a_title_of_marks_alone_above_a_text_without_headings() -> None:
    assert one("Title: [[[[[\nDate: 2020\n\nIt rained all day.", "a.txt").title.startswith("[[[[[")


@pytest.mark.parametrize(
    ("name", "text", "published"),
    [
        ("council-2024-09-17.txt", S, "2024-09-17"),
        ("council-2024-09-17.md", f"# Rain\n\nDate: 3 May 2022\n\n{S}", "2022-05-03"),
        ("council-2024-09-17.csv", "a,b\n1,2", "2024-09-17"),
        ("council-2024-09-31.txt", S, ""),
    ],
)
def test_a_file_name_gives_its_date_to_a_text_that_says_none(name: str, text: str, published: str) -> None:
    assert one(text, name).published == published


def test_a_page_that_is_dated_in_its_words_alone_is_dated() -> None:
    body = f"<h1>Card</h1><p>Last updated 6 January 2025</p><p>{S}</p><p>{S.replace('north', 'south')}</p>"
    assert (
        one(f"<html><head><title>Card</title></head><body>{body}</body></html>", "card.html").published == "2025-01-06"
    )


def test_who_wrote_a_letter_stands_in_its_title() -> None:
    document = one(f"Letter from Ada van Berg to her sister, in Lyon\n4 May 1870\n\nDear Ida,\n\n{S}", "a.txt")
    assert (document.author, document.published) == ("Ada van Berg", "1870-05-04")
    assert one(f"Letter from Lyon to the regions\n\n{S}", "a.txt").author == ""
