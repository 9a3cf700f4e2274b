"""Furniture of pages goes, and nothing that somebody wrote to be read goes with it."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from rag.loaders import load
from rag.loaders.base import Block
from rag.loaders.boilerplate import strip
from rag.types import Document

SCRAPED = """\
Mountain rescue service quietly hires climbers from abroad

Rescue service silently takes on foreign climbers as old rules end

Until 2019 the rescue service of the northern range only hired people who had grown up in its valleys, a habit that the
new director called charming and dangerous.

Read more about the range

According to two guides who asked not to be named, the service now pays a bonus of 2,000 to 3,000 crowns.

“The mountain does not ask where you are from,” said Ona Vale, who has led the service since March.

Read more at source

Continue reading


Mountain rescue service quietly hires climbers from abroad

Leave a comment

Your email address will not be published. Required fields are marked *
Name *
Email *
Website
Save my name, email, and website in this browser for the next time I comment.

wow meh cute2 sad funny notbad dull awful lol
Live chat with us!!"""


def read(text: str, name: str = "a.txt") -> Document:
    return load(text.encode(), uri=name, name=name).documents[0]


def test_scraped_article_keeps_every_paragraph_and_loses_the_furniture() -> None:
    document = read(SCRAPED)
    assert document.title == "Mountain rescue service quietly hires climbers from abroad"
    paragraphs = document.text.split("\n\n")
    assert paragraphs[0] == document.title and paragraphs[1].startswith("Rescue service silently")
    assert [p.split()[0] for p in paragraphs[2:]] == ["Until", "According", "“The"]
    assert document.text.endswith("who has led the service since March.")
    assert "wow meh cute2 sad funny notbad dull awful lol" in document.report.dropped
    assert "Live chat with us!!" in document.report.dropped and "Website" in document.report.dropped
    dropped = sum(map(len, document.report.dropped))
    assert document.report.dropped_share == pytest.approx(dropped / (dropped + len(document.text)))


def test_second_headline_is_not_glued_to_the_first_paragraph() -> None:
    document = read(SCRAPED)
    assert [(a.level, a.label[:6]) for a in document.anchors] == [(1, "Mounta"), (2, "Rescue")]


def test_menu_above_an_article_goes_only_beside_a_certain_phrase() -> None:
    story = "The harbour reopened on Tuesday after nine months of work."
    _, dropped = strip([Block("Skip to main content\nHome\nNews\nContact"), Block(story)])
    assert dropped == ("Skip to main content", "Home", "News", "Contact")
    assert strip([Block("Home\nNews\nContact"), Block(story)])[1] == ()


LEGIT = {
    "note": "buy milk\ncall mum\n\ndentist tuesday 4pm",
    "list": "Things to pack\n\n- boots\n- rope\n- two warm hats\n\nThings to leave\n\n- worries",
    "shopping": "eggs flour sugar butter vanilla",
    "poem": "red leaves gray stones\nfall slow rain\n\nno one on the road\nthe crow again",
    "refrain": "Go softly over the hill tonight\n\nThe wind is old, the wind is cold.\nGo softly over the hill tonight"
    "\nThe fire is low, the tale is told.\nGo softly over the hill tonight",
    "readme": "PROJECT\n\nA small tool that prints the tides of your harbour.\n\nInstall\n\n    pip install tides\n\n"
    "Usage\n\n    tides --port eastness\n\nLicense\n\nMIT",
    "dialogue": "- Where were you?\n- Out.\n- Out where?\n- Home\n\nShe looked at the door for a long while.\n\n"
    "- Tags\n- What?",
    "signed": "Dear Ona,\n\nthe boat is ready and the weather will hold until Friday.\n\nBest wishes\n\nMara",
    "menu words": "Contact\n\nWrite to the harbour office before noon, please.\n\n"
    "News\n\nThe office moved to the old mill in May.",
    "about": "Privacy policy\n\nWe keep your letters for ten years in a locked cupboard.\n\n"
    "Related articles\n\nNone of them is sold.",
    "minutes": "Present\n\nOna Vale\nMara Lind\n\nThe meeting began at nine and ended before lunch.\n\n"
    "Next meeting\n\n4 June",
    "greek": "Οι ναύτες γύρισαν στο λιμάνι.\n\nΤέλος",
    "chinese": "港口周二重新开放。\n\n费用为一千二百万。\n\n完",
}


@pytest.mark.parametrize("name", LEGIT)
@pytest.mark.parametrize("ending", ["a.txt", "a.md"])
def test_what_people_write_stays_whole(name: str, ending: str) -> None:
    document = read(LEGIT[name], ending)
    assert document.report.dropped == () and document.report.dropped_share == 0.0
    for word in LEGIT[name].split():
        assert word in document.text
    if ending == "a.txt":
        assert document.text == LEGIT[name].replace("\n\n    ", "\n\n")


WORD = st.text("abcdefghijklmnoprstuvwyäöüß", min_size=1, max_size=9)


@st.composite
def sentence(draw: st.DrawFn) -> str:
    words = draw(st.lists(WORD, min_size=1, max_size=14))
    return " ".join(words).capitalize() + draw(st.sampled_from([".", "!", "?", "…", ".”"]))


@settings(max_examples=80, deadline=None)
@given(st.lists(st.lists(sentence(), min_size=1, max_size=4).map(" ".join), min_size=1, max_size=6))
def test_text_made_of_sentences_loses_nothing(paragraphs: list[str]) -> None:
    text = "\n\n".join(paragraphs)
    document = read(text)
    assert document.text == text and document.report.dropped == ()


@settings(max_examples=80, deadline=None)
@given(st.lists(st.sampled_from(SCRAPED.split("\n")), min_size=1, max_size=20))
def test_dropped_and_kept_lines_are_the_lines_given(lines: list[str]) -> None:
    kept, dropped = strip([Block("\n".join(lines))])
    assert sorted([line for block in kept for line in block.text.split("\n")] + list(dropped)) == sorted(lines)
