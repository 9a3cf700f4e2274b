"""Stopping a question in a real browser, while its passages are being read."""

from __future__ import annotations

import threading
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

import pytest

from rag.types import Reader, Reading
from tests.browser.conftest import SOURCES
from tests.browser.site import Site, at, site

if TYPE_CHECKING:
    from tests.browser.conftest import Browser

REPLACED = "Which programme replaced the Thousand Talents Plan?"


class Held:
    """A reader that waits, when it is told to, before it reads."""

    def __init__(self, reader: Reader) -> None:
        self.name, self.calibration, self._reader = reader.name, reader.calibration, reader
        self.free = threading.Event()
        self.free.set()

    def read(self, question: str, texts: Sequence[str]) -> list[Reading]:
        self.free.wait(60)
        return self._reader.read(question, texts)


@pytest.fixture(scope="module")
def slow(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    with site(tmp_path_factory.mktemp("stop"), SOURCES) as made:
        made.assistant.reader = Held(made.assistant.reader)
        yield made


@pytest.fixture
def held(slow: Site) -> Iterator[Held]:
    reader = slow.assistant.reader
    assert isinstance(reader, Held)
    reader.free.clear()
    yield reader
    reader.free.set()


def focus(browser: Browser) -> str:
    return str(browser.run("return document.activeElement.closest('[id]').id"))


@pytest.mark.parametrize("how", ["button", "Escape", "keyboard"])
def test_a_question_is_stopped_and_its_words_come_back(browser: Browser, slow: Site, held: Held, how: str) -> None:
    at(browser, slow).open()
    browser.one("#box textarea").send_keys(REPLACED + "\ue007")
    browser.one(".stages [aria-current]", text="Reading")
    assert not browser.all("#send")[0].is_displayed()
    if how == "Escape":
        browser.one("#box textarea").send_keys("\ue00c")
    elif how == "keyboard":
        browser.one("#box textarea").send_keys("\ue004")
        assert focus(browser) == "stop", "it is the next stop of the tab key"
        browser.one("#stop").send_keys("\ue007")
    else:
        browser.one("#stop").click()
    browser.wait(lambda: browser.all("#box textarea")[0].get_attribute("value") == REPLACED, "the words")
    browser.one(".welcome")
    browser.wait(lambda: "Stopped. Your words are back" in browser.text("#said [role=status]"), "a word of it")
    assert browser.one("#send") and not browser.all("#stop")[0].is_displayed()
    browser.wait(lambda: browser.run("return document.activeElement.tagName") == "TEXTAREA", "the focus in the box")
    assert slow.library.stats()["turns"] == 0
    browser.one("#box textarea").send_keys("\ue007")
    browser.one(".stages")
    held.free.set()
    browser.one(".status", text="Answer found")
    assert len(browser.all(".thread > .turn")) == 1
    (saved,) = slow.library.conversations.list(None)
    assert saved.turns == 1, "what was stopped is not saved later either"
    slow.library.conversations.delete(saved.id, slow.library.conversations.owner_of(saved.id))


def test_the_focus_goes_to_the_box_when_the_answer_takes_the_button_away(
    browser: Browser, slow: Site, held: Held
) -> None:
    at(browser, slow).open()
    browser.one("#box textarea").send_keys(REPLACED + "\ue007")
    browser.one(".stages")
    browser.one("#box textarea").send_keys("Who oversees it?\ue007")  # one question at a time: it stays in the box
    browser.one("#box textarea").send_keys("\ue004")
    assert focus(browser) == "stop"
    held.free.set()
    browser.one(".status", text="Answer found")
    assert len(browser.all(".thread > .turn")) == 1
    assert browser.all("#box textarea")[0].get_attribute("value") == "Who oversees it?"
    assert not browser.text(".toast-wrap").strip(), "no error either"
    browser.wait(lambda: browser.run("return document.activeElement.tagName") == "TEXTAREA", "the focus in the box")
    (saved,) = slow.library.conversations.list(None)
    slow.library.conversations.delete(saved.id, slow.library.conversations.owner_of(saved.id))
