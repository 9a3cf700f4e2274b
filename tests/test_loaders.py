"""Loading: identity, types, sizes, encodings, and the text formats."""

from __future__ import annotations

import gzip
import hashlib
import re

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from rag.errors import SourceError
from rag.loaders import LOADERS, load, media_type_of, size_limit
from rag.loaders.base import clean
from rag.loaders.plain import with_numbered
from rag.types import Anchor, Document

PAGE = """<!DOCTYPE html><html lang="en"><head><title>Harbour reopens - The Coast Herald</title>
<link rel="canonical" href="https://coast.example/harbour"><meta name="author" content="Mara Lind">
<meta property="og:site_name" content="The Coast Herald"><meta property="og:title" content="Harbour reopens">
<meta property="article:published_time" content="2022-09-14T06:00:00Z">
<style>p{color:red}</style><script>document.title="stolen"</script></head><body>
<nav><ul><li><a href="/">Front page</a></li><li><a href="/sea">Sea</a></li></ul></nav>
<main><article><h1>Harbour reopens</h1>
<p>The harbour of Eastness reopened on Tuesday after nine months of dredging, the council said.</p>
<script>alert("never")</script><template>hidden template</template><noscript>hidden noscript</noscript>
<h2>What it cost</h2><p>The work cost <b>12 million</b> crowns,<br>half of it paid by the <a href="/x">county</a>.</p>
<ul><li>First berth: freight</li><li>Second berth: ferries</li></ul>
<table><tr><th>Year</th><th>Ships</th></tr><tr><td>2020</td><td>310</td></tr><tr><td>2021</td><td>290</td></tr></table>
</article></main><footer>Imprint of the paper</footer></body></html>"""


def one(data: bytes | str, name: str, **keywords: str) -> Document:
    raw = data.encode() if isinstance(data, str) else data
    loaded = load(raw, uri=keywords.pop("uri", f"/data/{name}"), name=name, **keywords)
    assert len(loaded.documents) == 1 and not loaded.failures
    return loaded.documents[0]


def sections(document: Document) -> list[tuple[int, str]]:
    for anchor in document.anchors:
        assert 0 <= anchor.start < anchor.end <= len(document.text)
        if anchor.kind == "section":
            assert document.text[anchor.start :].startswith(anchor.label)
    return [(anchor.level, anchor.label) for anchor in document.anchors if anchor.kind == "section"]


def rows(document: Document) -> list[tuple[str, str]]:
    return [(a.label, document.text[a.start : a.end]) for a in document.anchors if a.kind == "row"]


def test_identity_is_the_uri_and_revision_is_the_bytes() -> None:
    data = b"The lamp was lit at dusk."
    here, there = one(data, "a.txt", uri="file:///one/a.txt"), one(data, "a.txt", uri="file:///two/a.txt")
    assert here.id == hashlib.sha256(b"file:///one/a.txt").hexdigest()[:16] != there.id
    assert here.revision == there.revision == hashlib.sha256(data).hexdigest()


def test_revision_of_a_gzip_file_is_of_the_bytes_given() -> None:
    packed = gzip.compress(PAGE.encode(), mtime=0)
    document = one(packed, "page.html.gz")
    assert document.revision == hashlib.sha256(packed).hexdigest()
    assert document.media_type == "text/html" and "dredging" in document.text


@pytest.mark.parametrize(
    ("data", "name", "words"),
    [
        (b"", "a.txt", "is empty"),
        (b" \n\r\n ", "a.txt", "is empty"),
        (b"%PDF-1.7 ...", "a.txt", "it is a PDF file"),
        (b"\x89PNG\r\n\x1a\n" + bytes(200), "a.txt", "it is a PNG picture"),
        (bytes(range(256)) * 40, "a.txt", "is not text"),
        (b"words", "song.mp3", "the ending '.mp3' is not known"),
        (b"<html><body><script>x()</script></body></html>", "a.html", "has no text"),
        (b"\x1f\x8b\x08 not gzip at all", "a.txt.gz", "is damaged"),
        (gzip.compress(b"The lamp was lit. " * 99)[:-30], "a.txt.gz", "ends too early"),
        (gzip.compress(bytes(30 * 2**20)), "a.txt.gz", "is too large"),
        (b'{"title": "no text"}\n', "a.jsonl", "no field 'text'"),
        (b"[1, 2", "a.json", "not valid JSON"),
        (b"# \n\n---\n", "a.md", "has no text"),
    ],
)
def test_what_cannot_be_read_says_what_it_is(data: bytes, name: str, words: str) -> None:
    with pytest.raises(SourceError, match=words) as caught:
        load(data, uri=f"/data/{name}", name=name)
    assert "/data/" in str(caught.value) and "\n" not in str(caught.value)


def test_too_large_is_said_before_anything_is_parsed() -> None:
    data = bytes(size_limit("a.txt") + 1)
    with pytest.raises(SourceError, match="too large: 64 MB, the limit is 64 MB"):
        load(data, uri="a.txt", name="a.txt")
    assert size_limit("a.jsonl") > size_limit("a.txt")


def test_unknown_media_type_is_an_error() -> None:
    with pytest.raises(SourceError, match="no reader for image/png"):
        load(b"words", uri="a", name="a", media_type="image/png")


def test_media_types_have_loaders_and_names_are_judged_by_their_ending() -> None:
    assert media_type_of("x/README") is None and media_type_of("B.JSONL.gz") in LOADERS
    assert one("It is a plain note.", "README").media_type == "text/plain"
    assert one(PAGE, "page").media_type == "text/html"


@pytest.mark.parametrize(
    ("encoding", "said", "text"),
    [
        ("utf-8", "utf-8", "Smörgåsbord costs 5 €."),
        ("utf-8-sig", "utf-8", "Smörgåsbord costs 5 €."),
        ("utf-16", "utf-16", "Smörgåsbord costs 5 €."),
        ("utf-32", "utf-32", "Smörgåsbord costs 5 €."),
        ("cp1252", "cp1252", "The café – “quoted” text in Zürich costs 5 €. Größe und Übertragung wären schön."),
        ("cp1251", "cp1251", "Привет, это простой русский текст о погоде в городе."),
        ("shift_jis", "cp932", "これは日本語のテキストです。天気は良い。"),
        ("gb18030", "gb18030", "今天的天气很好，我们去公园散步吧。"),
    ],
)
def test_encodings_are_found_and_said(encoding: str, said: str, text: str) -> None:
    document = one(text.encode(encoding), "a.txt")
    assert (document.text, document.report.encoding) == (text, said)
    assert ("guessed" in " ".join(document.report.notes)) == (not encoding.startswith("utf"))


def test_a_few_broken_bytes_do_not_change_the_encoding() -> None:
    document = one("Żółw i jaźń. ".encode() * 20 + b"\xff\xfe end.", "a.txt")
    assert document.report.encoding == "utf-8" and document.text.startswith("Żółw i jaźń.")
    assert document.report.notes == ("2 unreadable characters are shown as \ufffd",)


def test_canonical_text_is_tidy_but_not_rewritten() -> None:
    document = one("\ufeffFirst  line \r\nsecond\u00ad line\x00 \r\r\n\n\n\nﬁn e\u0301.\n\n", "a.txt")
    assert document.text == "First  line\nsecond\u00ad line\n\nﬁn e\u0301."


def test_plain_header_block_is_metadata() -> None:
    top = "Title: The long night\nBy: Ada Berg\nDate: 4 May 2021\nSource: Hill Post\nURL: https://hill.example/1"
    document = one(f"{top}\n\nIt rained.", "a.txt")
    assert (document.title, document.author, document.publisher) == ("The long night", "Ada Berg", "Hill Post")
    assert (document.published, document.link, document.text) == ("2021-05-04", "https://hill.example/1", "It rained.")


def test_a_title_line_may_stand_above_the_header_block() -> None:
    document = one("The long night\nBy Ada Berg\nDate: May 2021\n\nIt rained all night long here.", "a.txt")
    assert (document.title, document.author, document.published) == ("The long night", "Ada Berg", "2021-05")
    assert document.text == "The long night\n\nIt rained all night long here."


@pytest.mark.parametrize(
    "text", ["Date: 3 May\n\nMet Bob.", "Note: one\nDate: two\n\nMet Bob.", "Title: a\nDate: 2020"]
)
def test_lines_that_only_look_like_a_header_stay_text(text: str) -> None:
    assert one(text, "a.txt").text == text


def test_a_date_that_can_be_read_in_two_ways_is_not_guessed() -> None:
    document = one("Title: X\nDate: 4/5/2021\n\nIt rained.", "a.txt")
    assert document.published == "" and document.report.notes == ("the date '4/5/2021' was not understood",)


def test_plain_headings() -> None:
    text = "The lamp\n\nIt was lit at dusk by the keeper.\n\nIts colour\n\nThe light was green, as he liked."
    document = one(f"{text}\n\nOil\n===\n\nNone.", "a.txt")
    assert sections(document) == [(1, "The lamp"), (2, "Its colour"), (1, "Oil")]
    assert document.title == "The lamp"
    spans = {a.label: document.text[a.start : a.end] for a in document.anchors}
    assert spans["Its colour"] == "Its colour\n\nThe light was green, as he liked."


def test_a_name_with_its_values_between_paragraphs_is_no_heading() -> None:
    text = "The lamp\n\nIt was lit at dusk by the keeper.\n\n{}\n\nThe light was green, as he liked."
    assert sections(one(text.format("Admission: adults 9 euros, children 4 euros"), "a.txt")) == [(1, "The lamp")]
    assert sections(one(text.format("Background: how it came about"), "a.txt"))[1:] == [
        (2, "Background: how it came about")
    ]


def test_underlined_lines_are_headings_with_text_right_under_them_or_not() -> None:
    text = "Guide\n*****\n\nNAME\n----\ngit-stash - Stash the changes away\n\nnot one\n---\nbut a rule.\n"
    document = one(text, "a.txt")
    assert sections(document) == [(1, "Guide"), (2, "NAME")]
    assert "git-stash - Stash the changes away" in document.text
    assert "not one\n---\nbut a rule." in document.text


BELOW = "RELEASE\nFor use today\n\nIt rained all night long here.\n\nNotes to editors\n\nThe keeper was asleep at noon."


@pytest.mark.parametrize(
    ("data", "name", "title"),
    [
        (f"The hill opens a lamp\n\n{BELOW}", "a.txt", "The hill opens a lamp"),
        ("FOR IMMEDIATE RELEASE\n\nThe hill opens\n\nIt rained all night long here.", "a.txt", "The hill opens"),
        (f"It opened a lamp.\n\n{BELOW}", "press-release.txt", "press-release"),
        ("It opened a lamp.\n\n## Notes\n\nIt rained.", "press-release.md", "press-release"),
        ("A lamp, seen from afar\n\n## Notes\n\nIt rained.", "a.md", "A lamp, seen from afar"),
        ("From the keeper.\n\n# The lamp\n\nIt rained.", "a.md", "The lamp"),
        ("Ring Bob tomorrow.", "a.txt", "Ring Bob tomorrow."),
        (f"# {'x' * 240}\n\nIt rained.", "a.md", f"{'x' * 160} …"),
        ("It rained. " * 40, "wet-days.txt", "wet-days"),
        (f'{{"text": "{"It rained. " * 40}"}}', "wet-days.jsonl", "It rained. " * 14 + "It …"),
        (
            "Speech by Ann Roe, Leader,\nat the bridge\n\nGood morning.",
            "a.txt",
            "Speech by Ann Roe, Leader, at the bridge",
        ),
        ("Ann,\n\nthank you.", "a.txt", "Ann,"),
    ],
)
def test_a_title_is_the_top_heading_or_line_or_the_name_never_a_subhead(data: str, name: str, title: str) -> None:
    assert one(data, name).title == title


@pytest.mark.parametrize("stamp", ["FOR IMMEDIATE RELEASE", "For immediate release: Monday", "September 14, 2022"])
def test_whom_to_ask_may_stand_between_a_stamp_and_the_headline(stamp: str) -> None:
    text = f"{stamp}\n\nContact: Mara Lind\npress@hill.example\n\nThe hill opens\n\nIt rained all night long here."
    assert (one(text, "a.txt").title, one(text, "a.txt").text) == ("The hill opens", text)


def test_a_stamp_above_a_headline_costs_no_words() -> None:
    text = "PRESS RELEASE\n\nLeeds, 4 May\n\nThe hill opens again\n\nIt rained all night long here."
    assert (one(text, "a.txt").title, one(text, "a.txt").text) == ("The hill opens again", text)
    assert one("Embargoed goods\n\nA deck\n\nIt rained all night long here.", "a.txt").title == "Embargoed goods"


@pytest.mark.parametrize("order", [1, -1])
def test_of_several_names_for_one_thing_the_first_of_the_list_counts(order: int) -> None:
    lines = [
        "updated: 2024-05-04",
        "created: 2022-01-01",
        "published: 2021-02-03",
        "date: ",
        "source: https://b.example/2",
    ]
    lines += ["publisher: Hill Post", "url: https://a.example/1"]
    document = one("\n".join(["---", *lines[::order], "---", "It rained."]), "a.md")
    assert (document.published, document.publisher) == ("2021-02-03", "Hill Post")
    assert document.link == "https://a.example/1"


def test_links_are_public_only() -> None:
    document = one("It rained. " * 40, "a.txt", uri="https://user:secret@hill.example/a.txt")
    assert document.link == "https://hill.example/a.txt"
    assert one("---\nurl: javascript:alert(1)\n---\nIt rained.", "a.md").link == ""


def test_markdown_is_what_a_reader_sees() -> None:
    text = (
        "---\ntitle: Lamps\nauthor: [Ada, Bo]\ndate: 2021-02\nnested: {a: b}\n---\n\n# Lamps of *old*\n\n"
        "A [link](javascript:x) and `code`, ![a picture](p.png) over\ntwo lines.  \nBroken here.\n\n"
        "1. one\n2. two\n   - nested\n\n> quoted\n\n| Year | Oil |\n|---|---|\n| 1900 | 3 l |\n\n"
        "## Code ##\n\n```py\nif x:\n    y()\n```\n\n<div><script>bad()</script><p>inside</p></div>\n\n"
        "A <script>bad()</script>tail."
    )
    document = one(text, "a.md")
    assert document.text == (
        "Lamps of old\n\nA link and code, a picture over two lines.\nBroken here.\n\n"
        "1. one\n2. two\n  - nested\n\nquoted\n\n"
        "Year: 1900 | Oil: 3 l\n\nCode\n\nif x:\n    y()\n\ninside\n\nA tail."
    )
    assert (document.title, document.author, document.published) == ("Lamps", "Ada, Bo", "2021-02")
    assert sections(document) == [(1, "Lamps of old"), (2, "Code")]
    assert rows(document) == [("row 1", "Year: 1900 | Oil: 3 l")]


@pytest.mark.parametrize(
    ("written", "read"),
    [
        ("10<sup>6</sup> N on 5 m<sup>2</sup>, the 9<SUP>th</SUP>", "10⁶ N on 5 m², the 9th"),
        ("noted.<sup>[12](#n)</sup> 7", "noted.¹² 7"),
        ("~~Old 2019~~ New 2020", "New 2020"),
        ("cost <del>5 **big**</del> <ins>3</ins> crowns", "cost 3 crowns"),
        ("a ~~b `c` d~~ e", "a e"),
        ("- ~~one~~\n- ~~two~~ three\n\nA paragraph.", "- three\n\nA paragraph."),
        ("- ~~one~~\n\nA paragraph.", "A paragraph."),
        ("|Year|MW|\n|---|---|\n|2020|~~4~~ 10<sup>3</sup>|", "Year: 2020 | MW: 10³"),
    ],
)
def test_exponents_and_deleted_words_of_markdown_are_read_as_in_html(written: str, read: str) -> None:
    assert one(written, "a.md").text == read


def test_links_of_a_wiki_are_their_words() -> None:
    text = '---\nauthor: ["[[Ada Berg]]", Bo]\n---\n# With [[Ona Vale|Ona]]\n\nSee [[Plan]] and [[1]], `[[x]]`.'
    document = one(f"{text}\n\nif [[ -f x ]]", "a.md")
    assert document.text == "With Ona\n\nSee Plan and [[1]], [[x]].\n\nif [[ -f x ]]"
    assert document.author == "Ada Berg, Bo"


def test_front_matter_that_is_broken_or_hostile_is_noted_not_run() -> None:
    broken = one("---\ntitle: [unclosed\n---\nIt rained.", "a.md")
    assert broken.text == "It rained." and "front matter could not be read" in broken.report.notes[0]
    front = 'title: "Bees": an interview\nauthor: Ada Berg \nDate: "2023-08-19"\npublisher: >\ntags: {a'
    slip = one(f"---\n{front}\n---\nIt rained.", "a.md")
    assert (slip.title, slip.author, slip.published) == ('"Bees": an interview', "Ada Berg", "2023-08-19")
    assert slip.publisher == ""
    assert slip.text == "It rained." and "plain lines" in slip.report.notes[0]
    hostile = one("---\ntitle: !!python/object/apply:os.system ['true']\ndate: 2021-99-99\n---\nIt rained.", "a.md")
    assert hostile.text == "It rained." and hostile.published == ""


@pytest.mark.parametrize(
    ("said", "author"), [("Office of Sea Transport",) * 2, ("Ada Berg",) * 2, ("https://a.example/b", ""), ("@ada", "")]
)
def test_an_author_of_a_page_may_be_an_office(said: str, author: str) -> None:
    text = "The ferry ran aground near the old pier, because the watch was alone on the bridge that night. " * 3
    page = f'<html><head><title>A</title><meta name="author" content="{said}"></head><body><p>{text}</p></body></html>'
    assert load(page.encode(), uri="https://a.example/", name="a.html").documents[0].author == author


def test_authors_of_front_matter_may_be_objects_with_a_name() -> None:
    fields = "authors:\n  - name: Mara Lind\n    mail: m@coast.example\n  - Jo Kim\npubDate: 2024-05-14"
    document = one(f"---\n{fields}\n---\nIt rained.", "a.md")
    assert (document.author, document.published) == ("Mara Lind, Jo Kim", "2024-05-14")


def test_html_page() -> None:
    document = one(PAGE, "a.html")
    assert (document.title, document.author, document.publisher) == ("Harbour reopens", "Mara Lind", "The Coast Herald")
    assert (document.published, document.language) == ("2022-09-14", "en")
    assert document.link == "https://coast.example/harbour"
    assert sections(document) == [(1, "Harbour reopens"), (2, "What it cost")]
    assert rows(document) == [("row 1", "Year: 2020 | Ships: 310"), ("row 2", "Year: 2021 | Ships: 290")]
    assert "- First berth: freight\n- Second berth: ferries" in document.text
    for word in ("never", "hidden", "stolen", "color:red", "Front page", "Imprint"):
        assert word not in document.text
    assert "Imprint of the paper" in document.report.dropped and 0 < document.report.dropped_share < 0.5


WHOLE = ("the article could not be told from the rest, so the main part of the page was kept whole",)


def test_html_of_which_extraction_would_lose_most_is_kept_whole() -> None:
    berths = "".join(f"<section><h2>Berth {n}</h2><i>free from {n} o'clock</i></section>" for n in range(1, 60))
    page = f"<html><body><h1>Berths today</h1>{STORY}{STORY[:-4]} More.</p>{STORY[:-4]} Most.</p>{berths}</body></html>"
    document = one(page, "a.html")
    assert document.text.count("\n\nfree from ") == 59 and document.report.notes == WHOLE
    assert sections(document)[-1] == (2, "Berth 59")


STAFF = "".join(f"<li><b>Ann{n}</b>, head of <a href='/{n}'>room {n}</a>.</li>" for n in range(12))
WARES = "".join(f"<tr><td>Rope {n}</td><td>{n} <b>crowns</b>.</td></tr>" for n in range(12))


@pytest.mark.parametrize(
    ("inside", "lines"),
    [
        (f"<ul>{STAFF}</ul>", [f"- Ann{n}, head of room {n}." for n in range(12)]),
        (f"<p>We sell <i>rope</i>.</p><table>{WARES}</table>", [f"Rope {n} | {n} crowns." for n in range(12)]),
    ],
)
def test_a_short_page_keeps_its_headings_lists_and_tables(inside: str, lines: list[str]) -> None:
    document = one(f"<html><body><h1>Harbour</h1>{inside}</body></html>", "a.html")
    assert sections(document) == [(1, "Harbour")] and document.report.notes == WHOLE
    assert [line for line in document.text.split("\n") if line][-12:] == lines and document.report.dropped == ()


def test_a_page_of_which_only_the_rows_read_otherwise_is_not_kept_whole() -> None:
    wares = "".join(f"<tr><td>Rope {n}<td>{n} crowns<td>new" for n in range(40))
    document = one(f"<html><body><table><tr><th>Ware<th>Price{wares}</table></body></html>", "a.html")
    assert rows(document)[1][1] == "Ware: Rope 1 | Price: 1 crowns | new" and document.report.notes == ()


def test_an_article_that_only_scripts_would_show_is_read() -> None:
    said = "The harbour reopened on Tuesday. " * 9
    data = f'<script type="application/ld+json">{{"@type": "NewsArticle", "articleBody": "{said}"}}</script>'
    page = f"<html><head>{data}</head><body><p>Switch scripts on.</p><form><p>Search here.</p></form></body></html>"
    assert one(page, "a.html").text == said.strip()


# A page as trafilatura's fallback reads it, which collects no headings.
PLAIN_PAGE = """<html><head><title>The boiler of the mill</title></head><body>
<nav><h2>All manuals</h2><a href="/a">Pumps</a></nav><h1>The boiler of the mill</h1>
<p>Thank you for choosing this boiler. Read these pages before its first use and keep them in a dry place.</p>
<h2>Safety</h2><div class="warning"><p><b>WARNING</b> Never open the valve while the boiler is under steam.</p>
</div><div class="warning"><p><b>WARNING</b> Pull the plug before you clean the plates of the boiler.</p></div>
<div class="sidebar"><h3>Offers of the week</h3><p>Ten percent off all seals.</p></div>
<h2>Data</h2><table><tr><th>Property</th><th>Value</th></tr><tr><td>Power</td><td>1,350 W</td></tr>
<tr><td>Pressure</td><td>15 bar</td></tr></table><h2>Heating</h2><h3>Slowly</h3>
<ol><li>Rinse the tank and fill it up to the mark.</li><li>Wait until the lamp is green.</li></ol>
<h2>Related articles</h2><ul><li><a href="/b">Pumps for mills</a></li></ul>
<p>A good boiler runs for twenty years. If it runs longer, it has been looked after better than most of them.</p>
<h2>Guarantee</h2><p>The guarantee lasts 36 months from the day of the purchase, or 12 if it is used in an office.</p>
<h3>2 thoughts on boilers</h3><div><p>Anna: a lovely boiler, I had one last year and it was great.</p></div>
<div class="comments"><h3>2 comments</h3><p>Nice one</p></div></body></html>"""


def test_html_of_which_extraction_loses_the_headings_gets_those_of_its_text_back() -> None:
    document = one(PLAIN_PAGE, "a.html")
    found = [(1, "The boiler of the mill"), *((2, name) for name in ("Safety", "Data", "Heating")), (3, "Slowly")]
    assert sections(document) == [*found, (2, "Guarantee")]
    assert "\n\nSafety\n\nWARNING Never open" in document.text and document.text.count("Guarantee") == 1
    assert not re.search("All manuals|Offers|Related|comments|thoughts", document.text)


def test_headings_that_the_extraction_keeps_are_left_as_they_are() -> None:
    page = PLAIN_PAGE.replace("<body>", "<body><main>").replace("</body>", "</main></body>")
    assert sections(one(page, "a.html")).count((2, "Safety")) == 1


FIGURE = '<figure><img src="a.jpg" alt="a"><figcaption>{}</figcaption></figure>'
CAPTION = "The ferry on the rocks on the morning after the storm. Photo: Mara Lind"
STORY = "<p>The ferry struck the rocks in February because nobody on the bridge was keeping watch that night.</p>"


@pytest.mark.parametrize(
    ("page", "kept"),
    [
        (f"<h1>Aground</h1>{FIGURE.format(CAPTION)}{STORY}{STORY[:-5]} long.</p>", True),
        (f"<h1>Aground</h1>{STORY}{FIGURE.format(CAPTION)}<h2>Later</h2>{STORY[:-5]} long.</p>", True),
        (f"<h1>Aground</h1>{FIGURE.format('Photo: Mara Lind, The Harbour Courier')}{STORY}", False),
        (f"<h1>Aground</h1>{STORY}{FIGURE.format('The paper of the harbour')}<h2>Later</h2>{STORY}", False),
        (f"<h1>Aground</h1>{STORY}<aside>{FIGURE.format(CAPTION)}</aside>{STORY[:-5]} long.</p>", False),
        (f'<h1>Aground</h1>{STORY}<a href="/b">{FIGURE.format(CAPTION)}</a>{STORY[:-5]} long.</p>', False),
        (f'<h1>Aground</h1>{STORY}<div class="related">{FIGURE.format(CAPTION)}<a href="/b">More</a></div>', False),
    ],
)
def test_captions_that_are_sentences_stay_where_they_stand(page: str, kept: bool) -> None:
    rest = "".join(
        f"<p>On day {n} of the inquiry the crew said that the alarm had been off since May.</p>" for n in range(9)
    )
    text = one(f"<html><body><article>{rest}{page}{rest}</article></body></html>", "a.html").text
    stands = [part for part in text.split("\n\n") if re.search("Photo|paper", part)]
    assert stands == ([CAPTION] if kept else [])
    assert not kept or text.index(CAPTION) < text.index("long.")


LAW = """CIVIL BOATS ACT

Act No. 17 of 2021.

PART I
GENERAL

1. Title
This Act may be called the Boats Act.

2. Scope
(1) It holds for all boats.
(2) It does not hold for:
(a) rafts;
(b) ships.

PART II
THE AGENCY

3. Seat
The Agency has its seat in Eastness.

PART III
DUTIES OF OWNERS

4. Lamps
A boat must show a lamp."""


def test_the_numbered_headings_of_a_law_are_sections_in_its_parts() -> None:
    document = one(LAW, "a.txt")
    assert document.text == LAW
    assert sections(document)[-10:] == [
        *((2, "PART I"), (3, "GENERAL"), (4, "1. Title"), (4, "2. Scope"), (2, "PART II"), (3, "THE AGENCY")),
        *((4, "3. Seat"), (2, "PART III"), (3, "DUTIES OF OWNERS"), (4, "4. Lamps")),
    ]
    spans = {anchor.label: document.text[anchor.start : anchor.end] for anchor in document.anchors}
    assert spans["2. Scope"].endswith("(b) ships.") and spans["PART II"].endswith("in Eastness.")


@given(st.lists(st.tuples(st.integers(0, len(LAW) - 1), st.integers(1, 5)), max_size=12, unique_by=lambda one: one[0]))
def test_a_section_ends_before_the_next_one_of_its_level_or_above(marked: list[tuple[int, int]]) -> None:
    marks = [
        Anchor("section", LAW[start], start, start + 1, level) for start, level in marked if not LAW[start].isspace()
    ]
    found = [anchor for anchor in with_numbered(LAW, marks) if anchor.kind == "section"]
    assert {anchor.start for anchor in marks} < {anchor.start for anchor in found}
    for anchor in found:
        later = [each.start for each in found if each.start > anchor.start and each.level <= anchor.level]
        assert LAW[anchor.start : anchor.end] == LAW[anchor.start : min(later, default=len(LAW))].rstrip()


@pytest.mark.parametrize(
    ("text", "labels"),
    [
        ("§ {} {}\n{}", ["§ 1 Scope", "§ 2 Fees", "§ 3 Term"]),
        ("Article {}\n{}\n{}", ["Article 1", "Scope", "Article 2", "Fees", "Article 3", "Term"]),
        ("Section {}: {}\n\n{}", ["Section 1: Scope", "Section 2: Fees", "Section 3: Term"]),
        ("{} {}\n{}", ["1 Scope", "2 Fees", "3 Term"]),
        ("{}. {}", []),
        ("{}. {} of the\nwhole house. {}", []),
        ("{}. {}?\n{}", []),
        ("{}. {}\n- red\n- blue", []),
        ("1{}. {}\n{}", []),
    ],
)
def test_lines_with_numbers_in_a_row_are_sections_if_text_stands_below_each(text: str, labels: list[str]) -> None:
    rule = "It holds for the whole of the house and its garden."
    parts = [text.format(n, name, rule) for n, name in enumerate(["Scope", "Fees", "Term"], 1)]
    document = one("The house and who may live in it, as agreed.\n\n" + "\n\n".join(parts), "a.txt")
    assert [label for _, label in sections(document)] == labels


def test_a_table_of_contents_does_not_hide_the_sections_that_it_lists() -> None:
    names = ["1. Scope", "2. Fees", "3. Term", "4. End"]
    text = "\n".join(names) + "\n\n" + "\n\n".join(f"{name}\nIt holds for the whole of the house." for name in names)
    document = one(text, "a.txt")
    assert [label for _, label in sections(document)][-4:] == names
    assert document.anchors[-1].end == len(document.text)


@pytest.mark.parametrize(
    ("head", "own", "title"),
    [
        ("Frequently asked questions – VeloStadt bike share", "Frequently asked questions", ""),
        ("VeloStadt bike share | Contact us", "Contact us", ""),
        ("Folasade Oyelaran - Openpedia", "Folasade Oyelaran", "Folasade Oyelaran"),
        ("About the harbour of Eastness - Coast", "About the harbour", "About the harbour"),
    ],
)
def test_where_a_heading_is_that_of_any_site_the_title_is_that_of_the_page(head: str, own: str, title: str) -> None:
    page = (
        f"<html><head><title>{head}</title></head><body><main><h1>{own}</h1>{STORY}<h2>More</h2>{STORY}</main></body>"
    )
    assert one(page, "a.html").title == (title or head)


def test_html_with_characters_that_xml_cannot_hold() -> None:
    document = one(
        PAGE.replace("The harbour of", "The &#1;harbour\x02 &#0;of&#xFFFE;").replace("Mara", "Ma&#8;ra"), "a.html"
    )
    assert "Eastness reopened on Tuesday after nine months" in document.text
    assert not any(ord(character) < 32 and character != "\n" for character in document.text + document.author)


def test_html_too_large_for_an_article_is_kept_whole() -> None:
    entries = "".join(f"<p>Ship number {n} came into the harbour and left it again.</p>" for n in range(22_000))
    document = one(f"<html><head><title>Ships</title></head><body><nav>Menu</nav>{entries}</body></html>", "a.html")
    assert document.text.count("\n\n") == 21_999 and document.title == "Ships"
    assert "the page being large" in document.report.notes[0] and document.report.dropped == ("Menu",)


MANUAL = """<html><head><title>9.3. Functions</title><meta name="{name}" content="DocBook XSL Stylesheets"></head><body>
<div class="navheader"><a href="a">Prev</a> <a href="b">Up</a></div>
<div class="sect1"><h2>9.3. Functions</h2><div class="toc"><dl><dt><a href="c">9.3.1. Random ones</a></dt></dl></div>
<p>The table shows the functions that are there for the standard numeric types.</p>
<table><thead><tr><th><p>Function</p><p>Description</p></th></tr></thead>
<tbody><tr><td><p><code>random</code> ( ) returns a random value</p></td></tr>
<tr><td><p><code>setseed</code> ( double ) sets the seed</p></td></tr></tbody></table>
<div class="note"><h3>Note</h3><p>Angles are in radians.</p></div>
<dl><dt>pi</dt><dd>Its value.</dd></dl></div>
<div class="navfooter"><a href="d">Next</a></div></body></html>"""


@pytest.mark.parametrize("name", ["generator", "Generator"])
def test_a_page_of_a_manual_is_whole_but_for_its_navigation(name: str) -> None:
    document = one(MANUAL.replace("{name}", name), "a.html")
    assert document.text.split("\n\n") == [
        "9.3. Functions",
        "The table shows the functions that are there for the standard numeric types.",
        "Function Description",
        "random ( ) returns a random value",
        "setseed ( double ) sets the seed",
        "Note",
        "Angles are in radians.",
        "pi",
        "Its value.",
    ]
    assert [label for label, _ in rows(document)] == ["row 1", "row 2", "row 3"]
    assert {"Prev Up", "9.3.1. Random ones", "Next"} <= set(document.report.dropped)


def test_a_table_head_names_the_columns() -> None:
    table = "<table><thead><tr><th>Year<th>MW</thead><tbody><tr><td>2020<td>10<tr><td>2021<td>12</table>"
    assert rows(one(PAGE.replace("</h2>", f"</h2>{table}", 1), "a.html"))[:2] == [
        ("row 1", "Year: 2020 | MW: 10"),
        ("row 2", "Year: 2021 | MW: 12"),
    ]


COAL = """<table><tr><th>Year</th><th colspan="2">Megawatts by coal</th></tr>
<tr><td>2020</td><td>11</td><td>12</td></tr><tr><td>2021</td><td colspan="2">none</td></tr></table>"""


@pytest.mark.parametrize(
    ("table", "lines"),
    [
        (COAL, ["Year: 2020 | Megawatts by coal: 11 | 12", "Year: 2021 | Megawatts by coal: none"]),
        (COAL.replace('"2"', "9" * 99, 1), ["Year | Megawatts by coal", "2020 | 11 | 12", "2021 | none"]),
        (
            COAL.replace("</tr>", '</tr><tr><td colspan="3">North</td></tr>', 1),
            ["North", "Year: 2020 | Megawatts by coal: 11 | 12", "Year: 2021 | Megawatts by coal: none"],
        ),
        (
            COAL.replace("<th>", "<th rowspan=2>").replace("</tr>", "</tr><tr><th>Old</th><th>New</th></tr>", 1),
            ["Year | Megawatts by coal", "Old | New", "2020 | 11 | 12", "2021 | none"],
        ),
        (
            COAL.replace("</tr>", "</tr><tr><th>A</th><th>B</th><th>C</th></tr>", 1),
            ["Year | Megawatts by coal", "A: 2020 | B: 11 | C: 12", "A: 2021 | B: none"],
        ),
        ("<table><thead><tr><th>Year</th><th>MW</th></tr></thead></table>", ["Year | MW"]),
        (f"{COAL.replace('2', '4', 1)}{COAL}", ["Year | Megawatts by coal", "2020 | 11 | 12", "2021 | none"]),
    ],
)
def test_no_name_of_a_column_is_lost(table: str, lines: list[str]) -> None:
    page = MANUAL.replace("{name}", "generator").replace("<dl><dt>pi", f"{table}<dl><dt>pi")
    assert [line for _, line in rows(one(page, "a.html"))][3 : 3 + len(lines)] == lines


def test_columns_of_an_article_that_stand_below_one_name_are_not_called_lost() -> None:
    document = one(PAGE.replace("</h2>", f"</h2>{COAL}", 1), "a.html")
    assert rows(document)[0] == ("row 1", "Year: 2020 | Megawatts by coal: 11 | 12")
    assert not any("11" in line for line in document.report.dropped)


def test_code_marked_inside_a_listing_does_not_end_it() -> None:
    listing = "<pre><code># </code><b><code>pvcreate /dev/sdb2</code></b>\n<code>Volume made.\n  ok</code></pre><p>Then"
    page = MANUAL.replace("{name}", "generator").replace("<dl><dt>pi", f"{listing} <code>ls</code> it.</p><dl><dt>pi")
    assert "\n\n# pvcreate /dev/sdb2\nVolume made.\n  ok\n\nThen ls it.\n\n" in one(page, "a.html").text


@pytest.mark.parametrize(
    ("page", "top"),
    [
        (PAGE, "<caption>Ships</caption>"),
        (MANUAL.replace("{name}", "generator"), "<caption>Ships</caption>"),
        (MANUAL.replace("{name}", "generator"), '<tr><th colspan="2">Ships</th></tr>'),
    ],
)
def test_a_caption_is_no_head_of_a_column(page: str, top: str) -> None:
    table = f"<table>{top}<tr><th>Year</th><th>No.</th></tr><tr><th>2020</th><td>10</td></tr></table>"
    document = one(page.replace("</h2>", f"</h2>{table}", 1), "a.html")
    assert rows(document)[0] == ("row 1", "Year: 2020 | No.: 10") and "\n\nShips\n\nYear" in document.text


def test_an_empty_corner_of_a_table_costs_no_column_its_name() -> None:
    table = "<table><tr><td></td><th>Old</th><th>New</th></tr><tr><th>Oil</th><td>1</td><td>2</td></tr></table>"
    assert rows(one(PAGE.replace("</h2>", f"</h2>{table}", 1), "a.html"))[0] == ("row 1", "Oil | Old: 1 | New: 2")


@pytest.mark.parametrize(
    ("written", "read"),
    [
        ("rose to 10<sup>6</sup>", "rose to 10⁶"),
        ("is the 9<sup>th</sup>.<sup><a href='#n'>12</a></sup>", "is the 9th.¹²"),
        ("is <q>open</q>, he said", "is “open”, he said"),
        ("is <q>“open”</q>, he said", "is “open”, he said"),
        ("cost <del>5</del> <ins>3</ins> crowns", "cost 3 crowns"),
        ("is <a href='x'>here<span class='link sr-only'>(opens in a new tab)</span></a> now", "is here now"),
        ("closed on <time datetime='2021-03-04'>4 <b>March</b> 2021</time>, early,", "closed on 4 March 2021, early,"),
        ("is <math><mi>n</mi><mo>=</mo><msup><mn>10</mn><mn>6</mn></msup></math> now", "is n=10⁶ now"),
    ],
)
@pytest.mark.parametrize("page", [PAGE, MANUAL.replace("{name}", "generator")])
def test_html_inside_a_sentence_is_read_as_it_is_shown(page: str, written: str, read: str) -> None:
    paragraph = f"<p>The harbour master of the town said on Tuesday that it {written} and nothing more.</p>"
    text = one(page.replace("</h2>", f"</h2>{paragraph}", 1), "a.html").text
    assert f"that it {read} and nothing more." in text


def test_lists_begin_where_they_say_and_an_empty_item_marks_nothing_else() -> None:
    lists = "<ul><li><img src='a.png'></li></ul><p>Not an item.</p><ol start='4'><li>fourth</li><li>fifth</li></ol>"
    document = one(MANUAL.replace("{name}", "generator").replace("<dl><dt>pi", f"{lists}<dl><dt>pi"), "a.html")
    assert "\n\nNot an item.\n\n4. fourth\n5. fifth\n\n" in document.text


def test_a_page_of_a_manual_that_is_only_navigation_is_read_as_any_page() -> None:
    page = MANUAL.replace("{name}", "generator").partition("<p>The")[0].replace("<h2>9.3. Functions</h2>", "")
    assert "Random ones" in one(page, "a.html").text


@pytest.mark.parametrize(
    ("at", "written", "read"),
    [
        ("</h2>", "</h2><table><tr><td>High water</td><td><time>6:40</time></td></tr></table>", "High water | 6:40"),
        ("</h2>", ", <time>May 2023</time></h2>", "What it cost, May 2023"),
    ],
)
def test_times_in_tables_and_headings_stay(at: str, written: str, read: str) -> None:
    document = one(PAGE.replace(at, written, 1), "a.html")
    assert read in document.text and document.published == "2022-09-14"


def test_a_page_of_a_wiki_is_of_its_last_change_and_without_links_for_its_writers() -> None:
    edit = '<span class="mw-editsection">[<a>edit</a>]</span></h2>'
    changed = (
        '<meta name="generator" content="MediaWiki 1.43"><meta property="article:modified_time" content="2024-05-01">'
    )
    document = one(PAGE.replace("</h2>", edit, 1).replace("<head>", f"<head>{changed}"), "a.html")
    assert (document.published, "edit" in document.text) == ("2024-05-01", False)


def test_what_an_amp_page_does_not_display_is_not_read() -> None:
    menu = "<amp-sidebar layout='nodisplay'><ul><li>Tide tables</li></ul></amp-sidebar>"
    assert "Tide tables" not in one(PAGE.replace("<h2>", f"{menu}<h2>", 1), "a.html").text


def test_html_links_of_a_heading_to_itself_go() -> None:
    document = one(PAGE.replace("What it cost</h2>", 'What it cost<a href="#cost">¶</a></h2>'), "a.html")
    assert (2, "What it cost") in sections(document)


def test_html_says_its_own_encoding() -> None:
    page = (
        f"<html><head><meta charset='iso-8859-2'></head><body><p>{'Zażółć gęślą jaźń, proszę. ' * 9}</p></body></html>"
    )
    document = one(page.encode("iso-8859-2"), "a.html")
    assert "Zażółć gęślą jaźń" in document.text and document.report.encoding == "iso8859-2"


@settings(max_examples=80, deadline=None)
@given(st.text("ab dé.!?\n\t\r\u2028 ﬁ", max_size=300))
def test_plain_text_loses_no_word(text: str) -> None:
    words = clean(text).split()
    try:
        document = one(text, "a.txt")
    except SourceError:
        assert not words
        return
    assert document.text.split() == words and document.report.dropped == ()


def test_a_fetched_page_cannot_send_its_readers_to_another_host() -> None:
    head = b'<html><head><link rel="canonical" href="https://other.example/x"></head>'
    page = head + b"<body><p>It rained for a week.</p></body></html>"
    fetched = load(page, uri="https://hill.example/1", name="1.html").documents[0]
    saved = load(page, uri="file:///saved/1.html", name="1.html").documents[0]
    assert (fetched.link, saved.link) == ("https://hill.example/1", "https://other.example/x")


CASE = (
    "IN THE COUNTY COURT AT YORK   Claim No. 7\n\nBETWEEN\n\nANN LEE   Claimant\n- and -\nMILLS LIMITED   Defendant\n\n"
)
HALE = "IN THE HIGH COURT OF JUSTICE\nKING'S BENCH DIVISION\n\nR (Hale) v Thorn Council\n\n"


@pytest.mark.parametrize(
    ("data", "name", "title"),
    [
        ("LEASE AGREEMENT\nFlat 7A, Quay\n\nIt begins in May and it ends in June.", "a.txt", "Flat 7A, Quay"),
        ("Lease agreement\n\nFlat 7A, Quay Street\n\n1. Term\n\nIt begins in May.", "a.txt", "Flat 7A, Quay Street"),
        ("MINUTES\nPresent: Ann Lee\nThe Society\n12 May 2023\n\nShe spoke.", "a.txt", "The Society – 12 May 2023"),
        ("Minutes\n\nWe met in the hall and nobody came to it.", "march-12.txt", "march-12"),
        ("# FAQ\n\n## Fees\n\nThey rose a little last year.\n\n## Keys\n\nThey are big.", "pool.md", "pool"),
        ("<title>Untitled</title><h1>User manual</h1><p>Lavona 8</p><p>It washes very well.</p>", "a.html", "Lavona 8"),
        (f"{HALE}1. It is a claim that Ann Hale brought.", "a.txt", "R (Hale) v Thorn Council"),
        (f"{CASE}1. This is a claim for the price of a van.", "a.txt", "ANN LEE v MILLS LIMITED"),
        ("In the high court, a fight over tea\n\nIt was long and it was dear.", "a.txt", ""),
        ("Minutes\n\nWe met in the hall and nobody came to it.", "minutes.txt", ""),
        ("Terms of peace\n\nThe town\n\nIt rained all night long here.", "a.txt", ""),
    ],
)  # fmt: skip
def test_a_title_that_many_texts_share_says_which_one_it_is(data: str, name: str, title: str) -> None:
    first, _, which = one(data, name).title.partition(" – ")
    assert which == title
    assert " ".join(first.split()) in " ".join(data.split())


def test_a_line_between_two_tables_heads_the_second() -> None:
    fees = "Item     Adult    Child\nSwim     5.40     2.80\nSauna    9.50     7.50"
    text = f"The pool\n\nIt is open all the year round.\n\nFees\n\n{fees}\n\nFees in winter\n\n{fees}"
    assert [a.label for a in one(text, "a.txt").anchors if a.kind == "section"] == [
        "The pool",
        "Fees",
        "Fees in winter",
    ]
