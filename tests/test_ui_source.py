"""The source view shows every character once, marks exactly the quote, and runs nothing."""

from __future__ import annotations

import re
from html.parser import HTMLParser

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from starlette.datastructures import QueryParams

from rag.types import Anchor, Answer, Document, Quote, ReadingReport
from rag.ui.place import Place, read_place, read_spans, source_path
from rag.ui.source import link_out, message_page, short_uri, source_page
from rag.ui.source_text import hits, in_context
from rag.ui.support import support

_ODD = [
    "<script>x()</script>",
    "&amp;",
    "{{7*7}}",
    "${x}",
    "\u202eevil",
    "\r\n",
    "\x07",
    "a\u0301",
    "`",
    "\"'",
    "</p>",
    "\ufeff",
]
_TEXTS = st.lists(st.one_of(st.sampled_from(_ODD), st.text(alphabet="ab \n#é行", max_size=12)), max_size=20).map(
    "".join
)


def a_document(text: str, **fields: object) -> Document:
    return Document(id="d1", uri="notes/a.md", title="A title", text=text, revision="f" * 64, **fields)  # type: ignore[arg-type]


class Reader(HTMLParser):
    """Collects the text inside <article>, the text inside its marks by id of the first piece, and all tags."""

    def __init__(self, page: str) -> None:
        super().__init__(convert_charrefs=True)
        self.article, self.marked, self.tags = "", "", []  # type: ignore[var-annotated]
        self.attributes: list[tuple[str, str | None]] = []
        self._inside: list[str] = []
        self.feed(page)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        self.attributes += attrs
        self._inside += [] if tag in ("meta", "link", "input", "img") else [tag]

    def handle_endtag(self, tag: str) -> None:
        assert self._inside.pop() == tag

    def handle_data(self, data: str) -> None:
        self.article += data if "article" in self._inside else ""
        self.marked += data if "mark" in self._inside else ""


@given(_TEXTS, st.data())
@example("One.\n\nTwo.", None)
@settings(max_examples=200, deadline=None)
def test_the_text_is_whole_and_the_marks_are_the_quote(text: str, data: st.DataObject | None) -> None:
    if not text:
        return
    start = data.draw(st.integers(0, len(text) - 1)) if data else 2
    end = data.draw(st.integers(start + 1, len(text))) if data else 8
    page = Reader(source_page(a_document(text), Place("d1", spans=((start, end),))))
    assert page.article == text
    assert page.marked == text[start:end]
    assert ("id", "quote") in page.attributes
    assert page.tags.count("script") == 1  # our own, known to the policy by its hash


def test_headings_come_from_the_anchors() -> None:
    text = "Intro\n\nFirst part\nBody one.\n\nSecond\n\nBody two."
    anchors = (Anchor("section", "First part", 7, 29, 1), Anchor("section", "Second", 29, len(text), 2))
    page = source_page(a_document(text, anchors=anchors))
    assert '<h2 id="s-7" dir="auto">First part</h2>' in page
    assert '<h3 id="s-29" dir="auto">Second</h3>' in page
    assert '<a href="#s-29">Second</a>' in page
    assert Reader(page).article == text


def test_a_page_anchor_is_drawn_without_adding_text() -> None:
    page = source_page(a_document("one\n\ntwo", anchors=(Anchor("page", "1", 0, 5), Anchor("page", "2", 5, 8))))
    assert 'data-label="Page 2"' in page
    assert Reader(page).article == "one\n\ntwo"


def test_a_direction_override_is_fenced_in_and_named() -> None:
    page = source_page(a_document("safe \u202etxt.exe"))
    assert '<bdi class="odd" data-code="U+202E">\u202e</bdi>' in page


def test_another_revision_is_said_and_nothing_is_marked() -> None:
    page = source_page(a_document("some words"), Place("d1", "0" * 64, ((0, 4),)))
    assert "changed since it was quoted" in page
    assert "<mark" not in page


def test_what_reading_left_out_is_listed() -> None:
    report = ReadingReport("cp1252", ("Page 3 has no text layer.",), ("Chat <With> Us",), 0.12)
    page = source_page(a_document("x", report=report))
    assert "cp1252" in page
    assert "Page 3 has no text layer." in page
    assert "12% of the source" in page
    assert "Chat &lt;With&gt; Us" in page


def test_a_small_share_that_was_left_out_is_not_called_none() -> None:
    page = source_page(a_document("x", report=ReadingReport(dropped=("Share",), dropped_share=0.002)))
    assert "Left out as boilerplate: some lines" in page


def test_a_source_is_read_aloud_in_its_own_language() -> None:
    assert '<article class="text" lang="pt-BR">' in source_page(a_document("Olá.", language="pt_BR"))
    assert '<article class="text">' in source_page(a_document("Hello."))


@pytest.mark.parametrize(
    ("uri", "shown"),
    [
        ("file:///home/me/notes/a%20b.md", "notes/a b.md"),
        ("upload:///B%C3%BCro%20plan.pdf", "Büro plan.pdf"),
        ("https://x.org/a%20b", "https://x.org/a%20b"),
    ],
)
def test_an_address_of_a_file_is_shown_as_its_name(uri: str, shown: str) -> None:
    assert short_uri(uri) == shown


def test_a_link_into_a_pdf_counts_pages_without_text_too() -> None:
    pages = (Anchor("page", "2", 0, 9, 2), Anchor("page", "3", 10, 21, 3))  # the first one is a picture
    pdf = a_document(
        "Page two. Page three.", link="https://example.org/a.pdf", media_type="application/pdf", anchors=pages
    )
    assert link_out(pdf, (0, 4)) == "https://example.org/a.pdf#page=2"


def test_a_link_out_carries_a_verified_fragment_and_never_a_script() -> None:
    text = "Only this sentence is quoted. Another one."
    web = a_document(text, link="https://example.org/a")
    assert link_out(web, (0, 29)).startswith("https://example.org/a#:~:text=Only%20this")
    assert link_out(web) == "https://example.org/a"
    assert link_out(a_document(text, link="javascript:alert(1)"), (0, 29)) == ""
    pages = (Anchor("page", "i", 0, 30, 1), Anchor("page", "ii", 30, len(text), 2))
    paper = a_document(text, link="https://example.org/a.pdf", media_type="application/pdf", anchors=pages)
    assert link_out(paper, (31, 35)) == "https://example.org/a.pdf#page=2"
    assert "javascript:" not in source_page(a_document("x", link="javascript:alert(1)"))


@pytest.mark.parametrize("case", [("x", "1"), ("3", "2"), ("0", "99"), ("-1", "2"), ("²", "3"), ("0" * 30, "1")])
def test_a_bad_span_is_refused_with_a_sentence(case: tuple[str, str]) -> None:
    with pytest.raises(ValueError, match=r"\.$"):
        read_spans([case[0]], [case[1]], 10)


def test_spans_come_in_pairs() -> None:
    assert read_spans(["1", "4"], ["3", "10"], 10) == [(1, 3), (4, 10)]
    with pytest.raises(ValueError, match="one start and one end"):
        read_spans(["1"], [], 10)


def test_the_path_names_the_revision_and_the_other_quotes_of_the_same_source() -> None:
    first, second = (Quote(rank, "x", "d1", "r", start, start + 1, "u", "t", 1) for rank, start in ((1, 5), (2, 9)))
    other = Quote(3, "x", "d2", "r", 0, 1, "u", "t", 1)
    assert source_path(second, [first, second, other]) == "/source/d1?revision=r&start=9&end=10&start=5&end=6#quote"


def test_a_message_page_escapes_what_it_says() -> None:
    assert "&lt;b&gt;" in message_page("No such source", "<b>")


def test_found_words_are_marked_listed_and_keep_the_quote() -> None:
    text = "The Tide rises.\nThe\ttide falls. <b>the tide</b>"
    page = source_page(a_document(text), Place("d1", spans=((0, 15),), find="the tide"))
    assert hits(text, "THE tide") == [(0, 8), (16, 24), (35, 43)]
    assert hits(text, " ") == []
    assert re.findall(r'id="(hit-\d|quote)"', page) == ["quote", "hit-1", "hit-2", "hit-3"]
    assert '<a href="#hit-3">' in page
    assert Reader(page).article == text
    assert in_context(text, (35, 43)) == "The Tide rises. The tide falls. &lt;b&gt;<mark>the tide</mark>&lt;/b&gt;"


def test_a_place_is_listed_between_whole_words() -> None:
    text = f"{'Harbourmasters wrote of ' * 3}the tide{' and of shipwrecks' * 3}"
    start = text.index("the tide")
    shown = "…wrote of Harbourmasters wrote of <mark>the tide</mark> and of shipwrecks and of shipwrecks and…"
    assert in_context(text, (start, start + 8)) == shown
    unspaced = "潮" * 50
    assert in_context(unspaced, (45, 46)) == f"…{'潮' * 40}<mark>潮</mark>潮潮潮潮"


def test_rows_of_a_table_are_set_as_such_and_keep_every_character() -> None:
    text = "Tides\n\nPort: Brest | Height: 7 m\n\nPort: Saint-Malo | Height: 12 m"
    rows = tuple(Anchor("row", f"row {n}", start, start + 5) for n, start in enumerate((7, 34), 1))
    page = source_page(a_document(text, anchors=rows), Place("d1", spans=((7, 18),)))
    assert Reader(page).article == text
    assert page.count('<p class="row" dir="auto">') == 2
    assert Reader(page).marked == "Port: Brest"
    assert '<span class="column">Port: </span>Saint-Malo<span class="column"> | Height: </span>12 m' in page


def test_the_outline_does_not_repeat_the_title() -> None:
    sections = (Anchor("section", "A title", 0, 22, 1), Anchor("section", "Fundy", 9, 22, 2))
    page = source_page(a_document("A title\n\nFundy is high.", anchors=sections))
    assert re.findall("<li class=.level.*?>([^<]*)</a>", page) == ["Fundy"]


def test_more_places_than_are_marked_are_not_called_all() -> None:
    few, many = (source_page(a_document("tide " * count), Place("d1", find="tide")) for count in (499, 1200))
    assert "<h2>499 places with" in few and ">499 places</a>" in few
    assert "<h2>The first 500 places with" in many and ">The first 500 places</a>" in many


def test_a_place_is_read_from_the_address_it_writes() -> None:
    place = Place("d1", "r", ((3, 9), (12, 20)), (4, 6), 7, "double", "two words")
    address = place.address()
    assert address.startswith("/source/d1?revision=r&start=3&end=9&")
    assert address.endswith("find=two+words#quote")
    query = QueryParams(address.partition("?")[2].partition("#")[0])
    assert read_place("d1", query, 20) == place
    assert Place("d1").address("sheet") == "/source/d1#sheet"


@pytest.mark.parametrize("query", ["answer=5", "answer=9-3", "answer=1-99", "page=-1", "page=²", "page=1234567"])
def test_a_bad_place_is_refused_with_a_sentence(query: str) -> None:
    with pytest.raises(ValueError, match=r"\.$"):
        read_place("d1", QueryParams(query), 20)


def test_the_short_answer_is_marked_inside_the_quote() -> None:
    page = source_page(a_document("It is red, they say."), Place("d1", spans=((0, 10),), answer=(6, 9)))
    assert '<mark class="answer">red</mark>' in page
    assert Reader(page).marked == "It is red,"


def test_support_names_its_sources_and_escapes_them() -> None:
    quote = Quote(1, "A <b> word.", "d2", "r", 5, 16, "u", "T<i>", 1, publisher="P&Q", published="2023-08")
    shown = support("<x>", Answer("related", "", (quote,)))
    assert "“&lt;x&gt;”" in shown and "The best: 1 quote from 1 source; others may say more." in shown
    assert '<a href="/source/d2?revision=r&amp;start=5&amp;end=16#quote">T&lt;i&gt;</a> ' in shown
    assert "<bdi>P&amp;Q</bdi> · <bdi>August 2023</bdi>" in shown  # letters of the other direction turn nothing round
    assert "<ol>" not in support("x", Answer("not_found", "Nothing <here>."))
    assert "Nothing &lt;here&gt;." in support("x", Answer("not_found", "Nothing <here>."))


def test_a_word_document_is_called_one() -> None:
    kind = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"
    page = source_page(a_document("A text.", media_type=kind), Place("d1"))
    assert "Word document" in page
    assert kind not in page
