"""No known accessibility fault on any view, in light and dark, wide and on a phone, as axe-core finds them."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from tests.browser.conftest import Browser

AXE = Path(__file__).parents[2] / "node_modules" / "axe-core" / "axe.min.js"
RUN = """
const done = arguments[arguments.length - 1];
axe.run(document, {runOnly: ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice']}).then(
  (found) => done(found.violations.map((each) => [each.id, each.help, each.nodes.map((node) => node.html)])));
"""


def faults(browser: Browser) -> list[object]:
    browser.wait(lambda: not browser.all(".loading"), "all of the page")  # Gradio's own, outside of any landmark
    # Evaluated by the debugger, as the page's own policy rightly lets no script in.
    browser.driver.execute_cdp_cmd("Runtime.evaluate", {"expression": AXE.read_text(encoding="utf-8")})
    found: list[object] = browser.driver.execute_async_script(RUN)
    return found


@pytest.mark.skipif(not AXE.exists(), reason="axe-core not found: npm install --no-save axe-core@4.14.1")
@pytest.mark.parametrize(("width", "dark"), [(1440, False), (390, True)])
def test_every_view_is_without_known_faults(browser: Browser, width: int, dark: bool) -> None:
    browser.look(width=width, dark=dark)
    browser.open()
    assert faults(browser) == [], "welcome"
    browser.ask("Which programme replaced the Thousand Talents Plan?")
    browser.ask("Who oversees it?")
    assert faults(browser) == [], "answers"
    # While nothing else is on its way: Gradio can lose the answer to an event that meets the end of another.
    browser.run("const field = document.getElementById('address'); field.value = 'nonsense';")
    browser.run("document.querySelector('[data-send=fetch] [data-submit]').click()")
    browser.wait(lambda: browser.all("#added .failed"), "an outcome")
    browser.ask("Which programme replaced the Thousand Talents Plan, since 2023?")
    browser.ask("Who won the 2022 World Cup?")
    browser.run("document.querySelectorAll('[data-do=evidence]')[0].click()")
    browser.wait(lambda: browser.all("[data-verdict=wrong]"), "the evidence")
    browser.run("document.querySelector('[data-verdict=wrong]').click()")
    browser.wait(lambda: browser.all("[data-verdict=wrong][aria-pressed=true]"), "a judged quote")
    assert faults(browser) == [], "judged, confined, refused and added"
    source = browser.one("a.open").get_attribute("href")
    if width < 600:
        for area in ("Library", "Evidence"):
            browser.one("#tabs button", text=area).click()
            assert faults(browser) == [], area
    for path in (source, "api", "source/nonsense"):
        browser.open(path)
        assert faults(browser) == [], path
