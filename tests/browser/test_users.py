"""Accounts in a real browser: two people on one server, each with their own conversations and rights."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from serving import running, write_users

from rag.assistant import Assistant
from rag.config import load_settings
from rag.ingest import remove
from rag.serve import build_app
from rag.ui.access import Accounts
from tests.browser.test_axe import AXE, faults
from tests.browser.test_desk import drop

if TYPE_CHECKING:
    from tests.browser.conftest import Browser
    from tests.browser.site import Site

PASSWORDS = {"alice": "correct horse", "bob": "battery staple"}


@pytest.fixture(scope="module")
def guarded(served: Site, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The address of the same library behind accounts: Alice is an admin, Bob a reader."""
    users = write_users(tmp_path_factory.mktemp("accounts") / "users", PASSWORDS, admin="alice")
    settings = load_settings(index_dir=served.library.folder.parent, reader="sentences", mode="eager")
    assistant = Assistant(served.library, settings)
    app = build_app(served.library, settings, assistant=assistant, accounts=Accounts(users))
    with running(app) as address:
        yield address


@pytest.fixture
def door(empty_browser: Browser, guarded: str) -> Browser:
    """Somebody who has not signed in."""
    empty_browser.address = guarded
    return empty_browser


def sign_in(browser: Browser, name: str, path: str = "") -> None:
    browser.driver.get(browser.address + path)
    browser.one("#name").send_keys(name)
    browser.one("#password").send_keys(PASSWORDS[name] + "\n")


def test_two_people_see_only_their_own_conversations(door: Browser) -> None:
    sign_in(door, "alice")
    door.one(".welcome")
    door.ask("How high are the highest tides?")
    door.one("#account button", text="Sign out").click()
    door.one("body.sign-in")
    sign_in(door, "bob")
    assert "bob" in door.one("#account .badge").text
    door.one(".welcome")
    assert "tides?" not in door.text("#conversations")
    door.ask("Which programme replaced the Thousand Talents Plan?")
    door.one("#account button", text="Sign out").click()
    sign_in(door, "alice")
    door.one(".entry[aria-current]", text="How high are the highest tides?")
    assert "Thousand Talents" not in door.text("#conversations")


def test_a_reader_sees_nothing_to_add_or_remove_with(door: Browser) -> None:
    sign_in(door, "bob")
    door.one(".sources a")
    door.one("#account .badge")
    assert door.all("[data-do=remove]") == door.all("#add") == door.all("input[type=file]") == []
    heard = "['dragover', 'drop'].forEach((kind) => addEventListener(kind, (e) => kept.push(e.defaultPrevented)))"
    door.run(f"window.kept = []; {heard}")
    assert not drop(door, Path(__file__))
    assert set(door.run("return window.kept")) == {True}, "the browser opens no dropped file in place of the page"
    door.one("#account button").click()
    door.one("body.sign-in")
    sign_in(door, "alice")
    door.one("#add")
    assert len(door.all("[data-do=remove]")) == len(door.all(".sources li"))


def test_an_admin_adds_a_document_and_a_reader_finds_it(door: Browser, served: Site, tmp_path: Path) -> None:
    (tmp_path / "kelp.txt").write_text("Giant kelp grows half a metre in a single day.", encoding="utf-8")
    sign_in(door, "alice")
    door.one("#add")
    door.all("input[type=file]")[0].send_keys(str(tmp_path / "kelp.txt"))
    door.one("#added", text="kelp.txt added")
    door.one("#account button").click()
    door.one("body.sign-in")
    sign_in(door, "bob")
    door.one("#account .badge")
    answer = door.ask("How fast does giant kelp grow?").text
    (kelp,) = [each.id for each in served.library.documents() if each.uri.endswith("kelp.txt")]
    remove(served.library, [kelp])  # the other tests share the library
    assert "half a metre" in answer


def test_a_source_opens_after_signing_in_and_not_before(door: Browser, served: Site) -> None:
    document = served.library.documents()[0]
    path = f"source/{document.id}?revision={document.revision}&start=0&end=5"
    door.driver.get(door.address + path)
    door.one("body.sign-in")
    assert served.library.document(document.id).text[:5] not in door.text("body")
    door.one("#name").send_keys("bob")
    door.one("#password").send_keys("wrong\n")
    assert "do not belong together" in door.one("[role=alert]").text
    door.one("#password").send_keys(PASSWORDS["bob"] + "\n")
    assert door.one("mark").text == served.library.document(document.id).text[:5]
    assert door.driver.current_url == f"{door.address}{path}#quote"


def test_a_link_from_another_site_opens_without_signing_in_again(door: Browser, served: Site) -> None:
    sign_in(door, "bob")
    door.one("#account .badge")
    here = door.address.replace("127.0.0.1", "localhost")  # another site to the browser
    path = f"source/{served.library.documents()[0].id}"
    door.driver.get(f"{here}sign-in")
    door.run("location.href = arguments[0]", door.address + path)
    door.one("article.text")
    assert door.driver.current_url == door.address + path


def test_nothing_is_asked_of_another_origin(door: Browser) -> None:
    door.requested()
    sign_in(door, "alice")
    door.one("#account .badge")
    door.ask("How high are the highest tides?")
    asked = {address for address in door.requested() if not address.startswith(("data:", "blob:", door.address))}
    assert {address for address in asked if address.startswith("http")} == set()


@pytest.mark.skipif(not AXE.exists(), reason="axe-core not found: npm install --no-save axe-core@4.14.1")
@pytest.mark.parametrize(("width", "dark"), [(1440, False), (1440, True), (390, False), (390, True)])
def test_the_sign_in_page_is_without_known_faults(door: Browser, width: int, dark: bool) -> None:
    door.look(width=width, dark=dark)
    door.driver.get(door.address)
    door.one("#name").send_keys("bob")
    assert faults(door) == []
    door.one("#password").send_keys("wrong\n")
    door.one("[role=alert]")
    assert faults(door) == [], "after a mistake"
    assert door.run("return document.activeElement.id") == "password"
    sign_in(door, "alice")
    door.one("#ask")
    assert faults(door) == [], "signed in"
