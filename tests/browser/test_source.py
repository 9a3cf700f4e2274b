"""The source view in a real browser: every format opens at the quote, its words are found, links outlive a restart."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from pdf_files import column, pdf

from eval.pdf_quotes import inside_of
from rag.loaders.pdf_pages import Box
from rag.ui.place import Place

from .conftest import SOURCES
from .site import Site, at, site
from .test_axe import AXE, faults

if TYPE_CHECKING:
    from tests.browser.conftest import Browser

HARBOUR = pdf(
    [
        [
            *column("The harbour was dredged for nine months, and the dis-", "tribution of its costs was argued over"),
            *column("In the second column", "stands what the towns", "said about it then.", x=40, top=400),
            *column("And in the third one", "is what they said a", "year afterwards here.", x=220, top=400),
            *column("The council met in the", "spring, and what it", x=220, top=100),
        ],
        column("decided is printed on this page. The ferries stayed."),
    ],
    info="/Title (The harbour)",
    extra="/PageLabels << /Nums [0 << /S /r >>] >>",
)
# Name -> the first and the last words of the quote, and the short answer in it.
QUOTES = {
    "qiming.md": ("It is overseen by", "Information Technology.", "Ministry of Industry"),
    "tides.html": ("The highest tides", "high tide.", "sixteen metres"),
    "harbour.pdf": ("The council met", "on this page.", "spring"),
    "hostile.txt": ("The zebrafish", "of fish.", "Uppsala"),
}
MARKED = """
const first = document.getElementById('quote'), found = [];
for (const mark of document.querySelectorAll('article mark')) {
  if (found.length ? !mark.id : mark === first) found.push(mark.textContent); else if (found.length) break;
}
return found.join('');
"""


@pytest.fixture(scope="module")
def place_to_look(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    with site(tmp_path_factory.mktemp("source"), {**SOURCES, "harbour.pdf": HARBOUR}) as made:
        yield made


def quoted(where: Site, name: str) -> tuple[Place, str]:
    """The place of the quote of a source, and its words as they are stored."""
    first, last, answer = QUOTES[name]
    document = where.library.document(where.ident(name))
    start = document.text.index(first)
    end = document.text.index(last, start) + len(last)
    inside = document.text.index(answer, start)
    place = Place(document.id, document.revision, ((start, end),), (inside, inside + len(answer)))
    return place, document.text[start:end]


@pytest.mark.parametrize("width", [1440, 390])
def test_the_bar_that_stays_says_which_source_it_is(empty_browser: Browser, place_to_look: Site, width: int) -> None:
    browser = at(empty_browser, place_to_look)
    browser.look(width=width, height=300)
    browser.open(quoted(place_to_look, "qiming.md")[0].address()[1:])
    browser.run("document.querySelector('article').lastElementChild.scrollIntoView({behavior: 'instant'})")
    link = browser.one(".tools a.which", text="Qiming, the quiet successor · 24 August 2023")
    assert link.rect["height"] < 30, "one line"
    box = browser.run("return arguments[0].getBoundingClientRect().toJSON()", link)
    assert 0 <= box["top"] < 60 and box["right"] <= width
    link.click()
    browser.wait(lambda: browser.one("h1") and browser.run("return scrollY") < 60, "the top")


@pytest.mark.parametrize("name", sorted(QUOTES))
def test_every_format_opens_at_the_quote(empty_browser: Browser, place_to_look: Site, name: str) -> None:
    browser = at(empty_browser, place_to_look)
    place, words = quoted(place_to_look, name)
    browser.open(place.address()[1:])
    assert browser.run(MARKED) == words
    assert browser.text("article mark.answer") == QUOTES[name][2]
    assert browser.text("article") == place_to_look.library.document(place.document_id).text
    browser.wait(
        lambda: 0 <= browser.run("return document.getElementById('quote').getBoundingClientRect().top") < 860,
        "the quote on the screen",
    )
    report = browser.text(".report")
    assert place.revision[-64:] in report
    assert "File dated" in report


def drawn(browser: Browser, css: str) -> list[tuple[int, Box]]:
    """Page and place of every rectangle, measured on the screen against its picture."""
    found = browser.run(
        "return [...document.querySelectorAll('.print ' + arguments[0])].map(each => {"
        " const picture = each.closest('.print').querySelector('img'), page = picture.getBoundingClientRect(),"
        " box = each.getBoundingClientRect();"
        " return [+picture.src.match(/page\\/(\\d+)/)[1], (box.left - page.left) / page.width,"
        " (box.top - page.top) / page.height, (box.right - page.left) / page.width,"
        " (box.bottom - page.top) / page.height] })",
        css,
    )
    return [(int(number), Box(*sides)) for number, *sides in found]


def under(boxes: list[tuple[int, Box]]) -> str:
    """The characters of the PDF under rectangles, without spaces."""
    import pypdfium2

    opened = pypdfium2.PdfDocument(HARBOUR)
    pages = sorted({number for number, _ in boxes})
    found = [inside_of(opened[page - 1], [box for number, box in boxes if number == page]) for page in pages]
    opened.close()
    return "".join("".join(found).split())


def loaded(browser: Browser) -> bool:
    script = "return [...document.querySelectorAll('.print img')].map(each => each.complete && each.naturalWidth)"
    widths: list[Any] = browser.run(script)
    return bool(widths) and all(width in (1200, 2400) for width in widths)


@pytest.mark.parametrize("zoom", ["page", "width", "double"])
def test_the_rectangles_on_the_pages_are_the_quote(empty_browser: Browser, place_to_look: Site, zoom: str) -> None:
    browser = at(empty_browser, place_to_look)
    place, words = quoted(place_to_look, "harbour.pdf")
    browser.open(Place(place.document_id, place.revision, place.spans, place.answer, zoom=zoom).address("boxed")[1:])
    browser.wait(lambda: loaded(browser), "the pictures of both pages")
    assert {number for number, _ in drawn(browser, "rect")} == {1, 2}
    assert under(drawn(browser, "rect.opened")) == "".join(words.split())
    assert under(drawn(browser, "rect.answer")) == "spring"
    assert [each.get_attribute("alt") for each in browser.all(".print img")] == [
        "Page i (1 of 2). 1 marked quote; the words stand in the text.",
        "Page ii (2 of 2). 1 marked quote; the words stand in the text.",
    ]


def test_pages_are_turned_and_lead_back(empty_browser: Browser, place_to_look: Site) -> None:
    browser = at(empty_browser, place_to_look)
    browser.open(f"source/{place_to_look.ident('harbour.pdf')}")
    browser.one(".sheets figcaption", text="Page i (1 of 2)")
    browser.one(".sheets nav a", text="Page ii →").click()
    browser.one(".sheets figcaption", text="Page ii (2 of 2)")
    assert not browser.all(".print rect")
    browser.one(".sheets nav a", text="Page width").click()
    browser.one(".sheets.width figcaption", text="Page ii (2 of 2)")
    browser.all("article .page a")[0].click()
    browser.one(".sheets.width figcaption", text="Page i (1 of 2)")


def test_the_links_of_the_pages_stay_in_sight_below_the_bar(empty_browser: Browser, place_to_look: Site) -> None:
    browser = at(empty_browser, place_to_look)
    browser.open(f"source/{place_to_look.ident('harbour.pdf')}")
    browser.run("scrollTo(0, document.documentElement.scrollHeight)")
    browser.wait(lambda: browser.run("return scrollY") > 0, "the end of the page")
    bar, links = browser.run(
        "return [['.tools', 'bottom'], ['.sheets nav', 'top']]"
        ".map(([css, edge]) => document.querySelector(css).getBoundingClientRect()[edge])"
    )
    assert bar <= links


def test_one_goes_from_quote_to_quote(empty_browser: Browser, place_to_look: Site) -> None:
    browser = at(empty_browser, place_to_look)
    place, words = quoted(place_to_look, "harbour.pdf")
    browser.open(Place(place.document_id, place.revision, (*place.spans, (0, 40))).address()[1:])
    browser.one(".steps", text="Quote 2 of 2")
    assert browser.run(MARKED) == words
    browser.one("a.step[title='Previous quote']").click()
    browser.one(".steps", text="Quote 1 of 2")
    assert browser.run(MARKED) == place_to_look.library.document(place.document_id).text[:40]
    assert not browser.all("a.step[title='Previous quote']")


def test_words_are_found_inside_without_script(empty_browser: Browser, place_to_look: Site) -> None:
    browser = at(empty_browser, place_to_look)
    browser.driver.execute_cdp_cmd("Emulation.setScriptExecutionDisabled", {"value": True})
    try:
        place, words = quoted(place_to_look, "qiming.md")
        browser.open(place.address()[1:])
        browser.one("#find input[name=find]").send_keys("million\ue007")
        browser.one("#hits h2", text="2 PLACES WITH")
        assert browser.driver.current_url.endswith("find=million#hit-1")
    finally:
        browser.driver.execute_cdp_cmd("Emulation.setScriptExecutionDisabled", {"value": False})
    assert browser.run("return [...document.querySelectorAll('mark.hit')].map(e => e.textContent)") == ["million"] * 2
    assert browser.run(MARKED) == words  # the quote is still marked
    browser.open(f"source/{place.document_id}?find=nowhere+at+all")
    assert browser.one(".notice", text="“nowhere at all” not found in this source.")


def test_selected_words_are_looked_up_in_all_sources(empty_browser: Browser, place_to_look: Site) -> None:
    browser = at(empty_browser, place_to_look)
    browser.open(f"source/{place_to_look.ident('tides.html')}")
    browser.run(
        "const walker = document.createTreeWalker(document.querySelector('article'), NodeFilter.SHOW_TEXT);"
        "while (!walker.nextNode().data.includes('rises by sixteen')) {}"
        "const at = walker.currentNode.data.indexOf('the water rises'), range = document.createRange();"
        "range.setStart(walker.currentNode, at); range.setEnd(walker.currentNode, at + 32);"
        "getSelection().removeAllRanges(); getSelection().addRange(range);"
    )
    browser.one("#find-selection").click()
    browser.one("#support h2", text="the water rises by sixteen metre")
    link = browser.one("#support a", text="Tides")
    words = browser.text("#support li:first-child blockquote")
    link.click()
    browser.wait(lambda: browser.run(MARKED) == words, "the sentence at its place")


def test_links_outlive_a_restart_and_say_what_became_of_the_source(empty_browser: Browser, tmp_path: Path) -> None:
    browser = empty_browser
    with site(tmp_path, {"a.md": SOURCES["qiming.md"], "harbour.pdf": HARBOUR}) as before:
        browser.address = before.address
        browser.open()
        link = browser.ask("Who oversees Qiming?").find_element("css selector", "a.open").get_attribute("href")
        browser.open(link)
        words = browser.run(MARKED)
        assert "overseen" in words
        path = link.removeprefix(before.address)
    with site(tmp_path, {"a.md": SOURCES["qiming.md"].replace("signing", "special")}) as after:
        at(browser, after).open(path)
        assert browser.run(MARKED) == words
        browser.one(".notice", text="This is an earlier revision")
        (tmp_path / "sources" / "harbour.pdf").unlink()
        browser.open(f"source/{after.ident('harbour.pdf')}")
        browser.one(".notice", text="the file is no longer where it was read")
        assert "The ferries stayed." in browser.text("article")
    with site(tmp_path) as at_last:
        from rag.ingest import remove

        remove(at_last.library, [at_last.ident("a.md")])
        at(browser, at_last).open(path)
        browser.one("h1", text="This source is not in the library")


@pytest.mark.skipif(not AXE.exists(), reason="axe-core not found: npm install --no-save axe-core@4.14.1")
@pytest.mark.parametrize(("width", "dark"), [(1440, False), (390, True)])
def test_the_source_views_are_without_known_faults(
    empty_browser: Browser, place_to_look: Site, width: int, dark: bool
) -> None:
    browser = at(empty_browser, place_to_look)
    browser.look(width=width, dark=dark)
    place, _ = quoted(place_to_look, "harbour.pdf")
    text, _ = quoted(place_to_look, "qiming.md")
    several = Place(place.document_id, place.revision, (*place.spans, (0, 40)), zoom="double")
    found = f"source/{text.document_id}?find=million#hit-1"
    elsewhere = f"source/{text.document_id}?find=tides&everywhere=yes#support"
    for path in (place.address()[1:], several.address()[1:], text.address()[1:], found, elsewhere):
        browser.open(path)
        assert faults(browser) == [], path
        assert browser.run("return document.documentElement.scrollWidth") <= width, path
