"""The Evaluation tab in a real browser: run a question file, see the figures, open a failure at its quote."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import parse_qs, urlsplit

import pytest

from rag.store import questions_file
from tests.browser.test_axe import AXE, faults

if TYPE_CHECKING:
    from tests.browser.conftest import Browser
    from tests.browser.site import Site

ROWS = [
    {"id": "replaced", "question": "Which programme replaced the Thousand Talents Plan?", "answers": ["Qiming"],
     "document": "qiming.md", "quote": "The Thousand Talents Plan was replaced by a programme called Qiming."},
    {"id": "tides", "question": "Where are the highest tides in the world?", "answers": ["the Sea of Okhotsk"],
     "document": "tides.html", "quote": "The highest tides in the world are in the Bay of\nFundy"},
    {"id": "hostile", "question": "Where is the zebrafish <script>window.ran = 7</script> laboratory?",
     "answers": ["nowhere"], "document": "hostile.txt"},
    {"id": "opera", "question": "Who composed The Magic Flute?", "unanswerable": True},
]  # fmt: skip


@pytest.fixture
def questions(tmp_path: Path) -> Path:
    path = tmp_path / "mine.jsonl"
    path.write_text("".join(json.dumps(row) + "\n" for row in ROWS), encoding="utf-8")
    return path


@pytest.fixture
def own(served: Site) -> Iterator[Path]:
    """A question that was kept from the chat."""
    path = questions_file(served.library)
    path.write_text(json.dumps(ROWS[0]) + "\n", encoding="utf-8")
    yield path
    path.unlink()


def run(browser: Browser, path: Path) -> None:
    browser.open("evaluation")
    browser.one("#file").send_keys(str(path))
    browser.one("button", text="Run the file").click()


def failure(browser: Browser, words: str) -> None:
    item = browser.one(".failure", text=words)
    item.find_element("css selector", "summary").click()


def test_a_file_is_run_and_a_failure_opens_the_source_at_the_quote(
    browser: Browser, served: Site, questions: Path
) -> None:
    browser.open()
    browser.one(".views a", text="Evaluation").click()
    assert browser.one(".views [aria-current]").text == "Evaluation"
    run(browser, questions)
    result = browser.one(".result", text="mine.jsonl")
    browser.wait(lambda: browser.run("return document.activeElement.id") == "result", "the focus on the result")
    assert browser.driver.title.startswith("Done: ")
    assert "2 of 4 questions went wrong" in result.text
    assert "4 questions, 3 with a known answer, 1 without one" in result.text
    assert "quote exactness" in result.text and "recall@10" in result.text
    assert len(browser.all(".plots svg")) >= 5
    failure(browser, "highest tides")
    link = browser.one(".failure a.open", text="Open at the quote").get_attribute("href")
    query = parse_qs(urlsplit(link).query)
    document = served.library.document(urlsplit(link).path.rsplit("/", 1)[1], query["revision"][0])
    cut = document.text[int(query["start"][0]) : int(query["end"][0])]
    browser.one(".failure a.open", text="Open at the quote").click()
    browser.wait(lambda: len(browser.driver.window_handles) == 2, "a second tab")
    browser.driver.switch_to.window(browser.driver.window_handles[1])
    browser.one("h1", text="Tides")
    assert browser.text("#quote") and cut.startswith(browser.text("#quote"))
    top = browser.run("return document.getElementById('quote').getBoundingClientRect().top")
    assert 0 <= top < 860, "the quote is not on the screen"


def test_what_files_and_documents_say_is_shown_and_not_run(browser: Browser, questions: Path) -> None:
    run(browser, questions)
    browser.one(".result")
    failure(browser, "zebrafish")
    assert "<script>window.ran = 7</script>" in browser.text(".failure")
    assert browser.run("return window.ran") is None
    assert {urlsplit(each).netloc for each in browser.requested() if each.startswith("http")} <= {
        urlsplit(browser.address).netloc
    }


def test_a_broken_file_is_told_by_name_and_line(browser: Browser, tmp_path: Path) -> None:
    path = tmp_path / "broken.csv"
    path.write_text("question,source,answer\nWho?,nowhere.md,x\nWho again?\n", encoding="utf-8")
    run(browser, path)
    text = browser.one(".result").text
    assert "broken.csv:3: 1 cells, 3 expected; the row is left out" in text
    assert "broken.csv:2: question 'broken_2': unknown document 'nowhere.md'" in text
    path.write_text("who,where\n", encoding="utf-8")
    run(browser, path)
    told = browser.one("[role=alert]").text
    assert "broken.csv" in told and str(tmp_path) not in told and "/tmp" not in told


def test_own_questions_are_run_without_a_file_and_only_their_owner_sees_the_outcome(
    browser: Browser, own: Path
) -> None:
    browser.open("evaluation")
    browser.one("form", text="1 question kept").find_element("css selector", "button").click()
    assert "1 questions" in browser.one(".result", text="questions.jsonl").text
    browser.forget()
    browser.open("evaluation")
    assert browser.one("form", text="Run the file") and not browser.all(".result")


def test_a_run_shows_how_far_it_is_and_can_be_cancelled_while_the_chat_answers(
    browser: Browser, tmp_path: Path
) -> None:
    path = tmp_path / "long.txt"
    path.write_text("".join(f"Which programme replaced plan {n}?\n" for n in range(3000)), encoding="utf-8")
    run(browser, path)
    browser.wait(lambda: int(browser.one("#bar").get_attribute("value")) > 0, "progress")
    assert "of 3,000 questions asked" in browser.one("#words").text
    browser.open()
    assert "Qiming" in browser.ask("Which programme replaced the Thousand Talents Plan?").text
    browser.open("evaluation")
    browser.one("button", text="Cancel").click()
    browser.one("[role=alert]", text="of 3000 questions")
    assert browser.one("button", text="Run the file").is_enabled()


@pytest.mark.skipif(not AXE.exists(), reason="axe-core not found: npm install --no-save axe-core@4.14.1")
@pytest.mark.parametrize(("width", "dark"), [(1440, False), (390, True)])
def test_the_tab_is_without_known_faults(browser: Browser, questions: Path, width: int, dark: bool) -> None:
    browser.look(width=width, dark=dark)
    browser.open("evaluation")
    assert faults(browser) == [], "before a run"
    run(browser, questions)
    browser.one(".result")
    failure(browser, "highest tides")
    assert faults(browser) == [], "after a run"
