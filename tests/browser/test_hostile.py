"""Documents that want to run: each format, on every view, in a real browser. What they hold is shown and nothing runs.

``window.ran`` is set by whatever runs, and what asks for ``evil.example`` is recorded. The positive control takes the
escaping away: the same words then do run, and do ask.
"""

from __future__ import annotations

import html
import json
import random
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

import pytest
from pdf_files import column, pdf

from rag.export import export
from rag.loaders import load
from rag.store import SourceState, writing
from rag.types import Passage
from rag.ui.guard import COOKIE

from .site import Site, at, site

if TYPE_CHECKING:
    from tests.browser.conftest import Browser

EVIL = "https://evil.example"
# Each is one way to run, to ask for something, or to confuse.
WAYS = (
    "<script>window.ran = 1</script>",
    f"<img src={EVIL}/a.png onerror='window.ran = 2'>",
    "<svg onload='window.ran = 3'><script>window.ran = 4</script></svg>",
    "<a href='javascript:window.ran = 5'>here</a>",
    "[here](javascript:window.ran=6)",
    f"![picture]({EVIL}/b.png)",
    f"<style>@import '{EVIL}/c.css'; * {{ display: none }}</style>",
    f"<link rel=stylesheet href={EVIL}/d.css>",
    f"<iframe srcdoc='<script>parent.ran = 7</script>'></iframe><base href={EVIL}/>",
    "{{7*7}} ${window.ran = 8} `window.ran = 9` <%= 1 %>",
    f"=HYPERLINK('{EVIL}')",
    "</p></article></main></body><img src=x onerror='window.ran = 10'>",
    "\u202etxt.exe\u202c",
)
TEXT = " ".join(WAYS)
TITLE = "Title <img src=x onerror='window.ran = 11'> {{7*7}} \u202edesrever"
# Format -> what only its document says, to be asked for.
TOPICS = {"txt": "zebrafish", "md": "lighthouse", "html": "cathedral", "jsonl": "orchestra", "pdf": "submarine"}


def sentence(kind: str) -> str:
    return f"The {TOPICS[kind]} stands in Uppsala and its keepers say {TEXT} every morning."


def hostile() -> dict[str, str | bytes]:
    """Every format, with the hostile words where its format has room for them."""
    said = {kind: sentence(kind) for kind in TOPICS}
    visible = (
        f"<p>{html.escape(said['html'])}</p><p onclick='window.ran = 12'>A paragraph with a handler of its own.</p>"
    )
    words = [word.encode("ascii", "replace").decode() for word in said["pdf"].split()]
    lines = [" ".join(words[n : n + 4]) for n in range(0, len(words), 4)]
    return {
        "bad.txt": f"{TITLE}\n\n{said['txt']}\n",
        "bad.md": f"---\ntitle: {json.dumps(TITLE)}\nauthor: {json.dumps(TEXT)}\n---\n# {TITLE}\n\n{said['md']}\n\n"
        f"```\n{TEXT}\n```\n",
        "bad.html": f"<html><head><title>{html.escape(TITLE)}</title><script>window.ran = 13</script></head>"
        f"<body onload='window.ran = 14'><article><h1>Buildings</h1>{visible}{TEXT}</article></body></html>",
        "bad.jsonl": json.dumps({"title": TITLE, "text": said["jsonl"], "publisher": TEXT, "url": "javascript:ran=15"}),
        "bad.pdf": pdf(
            [column(*lines, top=560)],
            info=f"/Title (Title <img src=x onerror='window.ran = 16'>) /Author ({EVIL} <script>ran = 17</script>)",
            extra="/OpenAction << /S /JavaScript /JS (app.alert(1)) >>"
            " /PageLabels << /Nums [0 << /P (<script>ran = 18</script>) >>] >>",
        ),
    }


@pytest.fixture(scope="module")
def hostile_site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    with site(tmp_path_factory.mktemp("hostile"), hostile()) as made:
        yield made


def harmless(browser: Browser) -> None:
    assert browser.run("return window.ran") is None
    css = "[srcdoc], [href*='evil'], [src*='evil'], [onload], [onerror], [onclick], [href^='javascript:']"
    assert browser.run("return [...document.querySelectorAll(arguments[0])].map(e => e.outerHTML)", css) == []


@pytest.mark.parametrize("kind", sorted(TOPICS))
def test_a_hostile_document_is_shown_and_not_run(empty_browser: Browser, hostile_site: Site, kind: str) -> None:
    browser = at(empty_browser, hostile_site)
    browser.requested()
    browser.open()
    turn = browser.ask(f"Where does the {TOPICS[kind]} stand?")
    browser.ask("What do its keepers say every morning?")
    assert "Uppsala" in turn.text
    browser.one(".evidence .card")
    browser.wait(lambda: "Title" in browser.text(".sources"), "the list of sources")
    harmless(browser)
    link = turn.find_element("css selector", "a.open").get_attribute("href")
    browser.open(link)
    article = browser.text("article")
    assert "<script>window.ran = 1</script>" in " ".join(article.split())
    assert article == hostile_site.library.document(urlsplit(link).path.rsplit("/", 1)[1]).text
    harmless(browser)
    browser.open(f"{link.partition('#')[0]}&find=keepers&everywhere=yes")
    browser.one("#support li")
    harmless(browser)
    foreign = {each for each in browser.requested() if not each.startswith((browser.address, "data:", "blob:"))}
    assert foreign == set()


def test_without_escaping_the_same_words_do_run(empty_browser: Browser, hostile_site: Site, tmp_path: Path) -> None:
    browser = at(empty_browser, hostile_site)
    browser.open(f"source/{hostile_site.ident('bad.txt')}")
    page = tmp_path / "raw.html"
    page.write_text(html.unescape(browser.run("return document.querySelector('article').outerHTML")), encoding="utf-8")
    browser.requested()
    browser.open(page.as_uri())
    browser.wait(lambda: browser.run("return window.ran") is not None, "the control")
    assert any(each.startswith(EVIL) for each in browser.requested())
    browser.open()  # the page itself, where no policy stands in the way of a handler
    browser.run("document.querySelector('#thread').insertAdjacentHTML('beforeend', '<img src=x onerror=\"ran = 9\">')")
    browser.wait(lambda: browser.run("return window.ran") == 9, "the control of the page")


def test_even_an_escape_that_failed_would_run_nothing(empty_browser: Browser, hostile_site: Site) -> None:
    """The source view's own policy stands behind the escaping."""
    browser = at(empty_browser, hostile_site)
    browser.open(f"source/{hostile_site.ident('bad.txt')}")
    browser.requested()
    browser.run("document.querySelector('article').innerHTML = arguments[0]", TEXT)
    browser.run(
        "const made = document.createElement('script'); made.text = 'window.ran = 99'; document.body.append(made)"
    )
    browser.wait(
        lambda: any("Content Security Policy" in each["message"] for each in browser.driver.get_log("browser")),
        "a word of the policy",
    )
    assert browser.run("return window.ran") is None


def test_an_exported_conversation_runs_nothing(empty_browser: Browser, hostile_site: Site, tmp_path: Path) -> None:
    browser = at(empty_browser, hostile_site)
    browser.open()
    for topic in TOPICS.values():
        browser.ask(f"Where does the {topic} stand?")
    owner = browser.driver.get_cookie(COOKIE)["value"]
    kept = hostile_site.library.conversations
    turns = kept.turns(kept.list(owner)[0].id, owner)
    page = tmp_path / "export.html"
    page.write_text(export(TITLE, turns, "html"), encoding="utf-8")
    browser.driver.get("about:blank")  # the chat asks its server from time to time
    browser.requested()
    browser.open(page.as_uri())
    assert "<script>window.ran = 1</script>" in browser.text("body")
    harmless(browser)
    assert {each for each in browser.requested() if not each.startswith("file:")} == set()


def test_a_line_of_a_million_characters_opens_at_its_quote(empty_browser: Browser, hostile_site: Site) -> None:
    chance, library = random.Random(6), hostile_site.library
    words = ["tide", "moon", "<b>harbour</b>", "\u202efish", "{{sea}}", "&amp;", "x" * 5000]
    line = " ".join(chance.choices(words, weights=[9, 9, 9, 3, 3, 3, 0.02], k=200_000))[:1_000_000]
    line = f"{line[:700_000]} The albatross sleeps on the wing. {line[700_000:]}"
    data = line.encode()
    document = load(data, uri="upload:///line.txt", name="line.txt").documents[0]
    start = document.text.index("The albatross")
    passage = Passage(7, document.id, start, start + 34)
    with writing(library) as writer:
        vectors = hostile_site.assistant.encoder.encode([document.text[passage.start : passage.end]])
        writer.put(SourceState("upload:///line.txt", "", "1"), [(document, [passage], vectors)])
    browser = at(empty_browser, hostile_site)
    browser.open()
    turn = browser.ask("Where does the albatross sleep?")
    browser.open(turn.find_element("css selector", "a.open").get_attribute("href"))
    browser.wait(lambda: "The albatross sleeps on the wing." in browser.text("mark"), "the quote in its long line")
    browser.wait(lambda: browser.run("return document.readyState === 'complete'"), "all of the line")
    assert browser.run("return document.querySelector('article').textContent === arguments[0]", document.text)
    assert 0 <= browser.run("return document.getElementById('quote').getBoundingClientRect().top") < 860
    harmless(browser)
