"""A real Chromium on a real server: the shipped models, a small library with a hostile document in it."""

from __future__ import annotations

import json
import os
import shutil
import time
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from .site import Site, at, site

FLAGS = (
    "--headless=new", "--no-sandbox", "--disable-gpu", "--disable-background-networking", "--no-first-run",
    "--disable-component-update", "--disable-sync", "--window-size=1440,900",
)  # fmt: skip
PATIENCE = 60  # seconds: a slow machine draws its first page, with nothing in any cache, in more than fifteen
SOURCES = {
    "qiming.md": """---
title: Qiming, the quiet successor
publisher: Example Gazette
date: 2023-08-24
---
# Qiming, the quiet successor

The Thousand Talents Plan was replaced by a programme called Qiming. It is overseen by the Ministry of Industry and
Information Technology.

## What it pays

Recruits are paid signing bonuses of 3 million to 5 million yuan. Home-purchase subsidies are typical as well.
""",
    "tides.html": """<html><head><title>Tides</title></head><body><nav><a href="/">Home</a></nav><article><h1>Tides</h1>
<p>The moon pulls the sea towards itself, and the sea rises twice a day. Fishermen have kept tables of the tides for
many centuries, and harbours still print them every year.</p><p>The highest tides in the world are in the Bay of
Fundy, where the water rises by sixteen metres between low and high tide.</p></article></body></html>""",
    "hostile.txt": """Zebrafish notes

The zebrafish laboratory is in <script>window.ran = 1</script> Uppsala <img src="https://evil.example/x.png"
onerror="window.ran = 2"> and <svg onload="window.ran = 3"> it keeps {{7*7}} ${window.ran = 4} tanks of fish.

[click](javascript:window.ran=5) ![](https://evil.example/y.png) <style>*{display:none}</style> \u202edesrever\u202c
=HYPERLINK("https://evil.example") <a href="javascript:window.ran=6">here</a> </article></main> the end.
""",
}


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Everything in this folder drives a browser; without one it is skipped, but not where CI runs it."""
    missing = [name for name in ("chromium", "chromedriver") if not shutil.which(name)]
    for item in items:
        if "tests/browser/" in item.path.as_posix():
            item.add_marker(pytest.mark.browser)
            item.add_marker(pytest.mark.filterwarnings("ignore::ResourceWarning"))
            item.add_marker(pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning"))
            if missing and os.environ.get("CI") != "true":
                why = f"{' and '.join(missing)} not found: apt-get install chromium chromium-driver"
                item.add_marker(pytest.mark.skip(reason=why))


@pytest.fixture(scope="package")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    from eval.tab import tab

    example = "Which programme replaced the Thousand Talents Plan?"
    with site(tmp_path_factory.mktemp("browser"), SOURCES, examples=[example], tabs=[tab]) as made:
        yield made


class Browser:
    """The few things the tests do with a browser; everything waits until it is there."""

    def __init__(self, driver: Any, address: str) -> None:
        self.driver, self.address = driver, address

    def open(self, path: str = "") -> None:
        self.driver.get(path if "://" in path else self.address + path)
        if not path:
            self.one(".welcome, .thread")

    def all(self, css: str) -> list[Any]:
        found: list[Any] = self.driver.find_elements("css selector", css)
        return found

    def one(self, css: str, *, text: str = "") -> Any:
        """The first visible element that matches and holds ``text``."""

        def look() -> Any:
            return next((each for each in self.all(css) if each.is_displayed() and text in each.text), None)

        return self.wait(look, f"{css} {text!r}")

    def wait(self, look: Callable[[], Any], what: str) -> Any:
        from selenium.common.exceptions import StaleElementReferenceException

        end = time.monotonic() + PATIENCE
        while time.monotonic() < end:
            try:
                if found := look():
                    return found
            except StaleElementReferenceException:  # the page was drawn again in between
                pass
            time.sleep(0.05)
        raise AssertionError(f"{what} did not appear; the page says: {self.text('body')[:600]}")

    def text(self, css: str) -> str:
        """The text content, as it is in the document, not as it is laid out."""
        return str(
            self.run("return [...document.querySelectorAll(arguments[0])].map(e => e.textContent).join('')", css)
        )

    def run(self, script: str, *arguments: Any) -> Any:
        return self.driver.execute_script(script, *arguments)

    def ask(self, question: str) -> Any:
        """Ask and wait for the answer's turn."""
        before = len(self.all(".thread > .turn"))
        box = self.one("#box textarea")
        box.send_keys(question)
        self.one("#send").click()
        self.wait(lambda: len(self.all(".thread > .turn:not(.pending)")) > before, "an answer")
        return self.all(".thread > .turn")[-1]

    def sure(self, css: str) -> None:
        """Press a button that asks first, and again once that counts."""
        press = """
        const e = document.querySelector(arguments[0]);
        if (!e) return false;
        e.focus();
        const armed = e.hasAttribute('data-armed');
        if (armed || !e.hasAttribute('data-sure')) e.click();
        return armed;
        """
        self.wait(lambda: self.run(press, css), f"{css} that counts")

    def look(self, *, width: int, height: int = 860, dark: bool = False) -> None:
        """Change the size of the screen and the preferred colours."""
        screen = {"width": width, "height": height, "deviceScaleFactor": 1, "mobile": width < 600}
        self.driver.execute_cdp_cmd("Emulation.setDeviceMetricsOverride", screen)
        scheme = {"name": "prefers-color-scheme", "value": "dark" if dark else "light"}
        self.driver.execute_cdp_cmd("Emulation.setEmulatedMedia", {"features": [scheme]})

    def forget(self) -> None:
        """Be somebody else."""
        self.driver.delete_all_cookies()

    def requested(self) -> set[str]:
        """The addresses of all requests since the last call."""
        events = [json.loads(entry["message"])["message"] for entry in self.driver.get_log("performance")]
        return {e["params"]["request"]["url"] for e in events if e["method"] == "Network.requestWillBeSent"}


@pytest.fixture(scope="package")
def chromium(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Any]:
    from selenium import webdriver

    options = webdriver.ChromeOptions()
    for flag in (*FLAGS, f"--user-data-dir={tmp_path_factory.mktemp('profile')}"):
        options.add_argument(flag)
    options.set_capability("goog:loggingPrefs", {"browser": "ALL", "performance": "ALL"})
    options.binary_location = shutil.which("chromium") or "chromium"
    service = webdriver.ChromeService(shutil.which("chromedriver") or "chromedriver")
    driver = webdriver.Chrome(options=options, service=service)
    driver.set_script_timeout(2 * PATIENCE)
    yield driver
    driver.quit()


@pytest.fixture
def empty_browser(chromium: Any) -> Browser:
    """A browser with one tab and no cookies, wide and light, that has no page of ours."""
    while len(chromium.window_handles) > 1:
        chromium.close()
        chromium.switch_to.window(chromium.window_handles[0])
    chromium.delete_all_cookies()
    made = Browser(chromium, "")
    made.look(width=1440)
    made.requested()  # what earlier tests asked for is no concern of this one
    return made


@pytest.fixture
def browser(empty_browser: Browser, served: Site) -> Browser:
    """A new user of the page."""
    return at(empty_browser, served)
