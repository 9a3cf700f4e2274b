"""The server ends and begins again while a real browser looks at its page."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from tests.browser.conftest import SOURCES
from tests.browser.site import at, site
from tests.browser.test_stop import Held

if TYPE_CHECKING:
    from tests.browser.conftest import Browser

REPLACED = "Which programme replaced the Thousand Talents Plan?"


def typed(browser: Browser) -> str:
    return str(browser.run("return document.querySelector('#box textarea')?.value || ''"))


def test_a_question_outlives_the_server_and_the_conversation_goes_on(browser: Browser, tmp_path: Path) -> None:
    with site(tmp_path, SOURCES) as first:
        at(browser, first).open()
        browser.ask(REPLACED)
        held = first.assistant.reader = Held(first.assistant.reader)
        held.free.clear()
        browser.one("#box textarea").send_keys("Who oversees it?\ue007")
        browser.one(".stages")
    browser.one("#thread .notice", text="Pullquote is not running; your question is kept.")
    assert typed(browser) == "Who oversees it?"
    assert browser.one("#send") and not browser.all(".turn.pending")
    assert not browser.all(".toast-wrap") or not browser.all(".toast-wrap")[0].is_displayed(), "it is said once"
    with site(tmp_path, port=urlsplit(browser.address).port or 0):
        browser.wait(lambda: not browser.all(".notice") and typed(browser) == "Who oversees it?", "the page again")
        browser.wait(
            lambda: len(browser.all(".thread > .turn")) == 1, "the conversation, without which it cannot go on"
        )
        browser.one("#box textarea").send_keys("\ue007")
        browser.wait(lambda: len(browser.all(".thread > .turn:not(.pending)")) == 2, "the answer")
        assert "Ministry of Industry" in browser.all(".thread > .turn")[-1].text
    held.free.set()


def test_a_server_that_began_again_unseen_is_noticed(browser: Browser) -> None:
    browser.open()
    browser.one("#box textarea").send_keys("Who oversees")
    browser.run("window.old = true; window.gradio_config.app_id = 1")  # as if it were another one
    browser.wait(lambda: not browser.run("return window.old") and typed(browser) == "Who oversees", "the page anew")
