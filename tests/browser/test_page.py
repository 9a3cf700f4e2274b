"""The page in a real browser: ask, follow up, open the source at the quote, keep to one's own origin."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import parse_qs, urlsplit

import pytest

if TYPE_CHECKING:
    from tests.browser.conftest import Browser
    from tests.browser.site import Site

REPLACED = "Which programme replaced the Thousand Talents Plan?"


def quoted(browser: Browser, served: Site, href: str) -> str:
    """The stored characters that a link to the source view names."""
    parts = urlsplit(href)
    query = parse_qs(parts.query)
    document = served.library.document(parts.path.rsplit("/", 1)[1], query["revision"][0])
    return document.text[int(query["start"][0]) : int(query["end"][0])]


def test_an_example_is_answered_with_quotes(browser: Browser) -> None:
    browser.open()
    browser.one(".examples button").click()
    browser.one(".status", text="Answer found")
    assert "Qiming" in browser.text(".turn .quote blockquote")
    assert "Example Gazette" in browser.text(".turn figcaption")
    assert browser.one(".evidence mark.quoted")
    browser.wait(lambda: "Answer found" in browser.text("#said [role=status]"), "a word for screen readers")


def test_the_source_opens_at_exactly_the_quoted_words(browser: Browser, served: Site) -> None:
    browser.open()
    turn = browser.ask(REPLACED)
    links = [link.get_attribute("href") for link in turn.find_elements("css selector", "a.open")]
    shown = [block.get_attribute("textContent") for block in turn.find_elements("css selector", "blockquote")]
    assert links
    for href, words in zip(links, shown, strict=True):
        browser.open(href)
        assert browser.run("return location.hash") == "#quote"
        marked = browser.run(
            "const first = document.getElementById('quote'); const marks = [...document.querySelectorAll('mark')];"
            "const from = marks.indexOf(first); let text = '';"
            "for (const mark of marks.slice(from)) { if (mark !== first && mark.id) break; text += mark.textContent; }"
            "return text"
        )
        assert marked == words == quoted(browser, served, href)
        top = browser.run("return document.getElementById('quote').getBoundingClientRect().top")
        assert 0 <= top < 860, "the quote is not on the screen"


def test_open_at_the_quote_is_a_link_one_can_click(browser: Browser) -> None:
    browser.open()
    browser.ask(REPLACED).find_element("css selector", "a.open").click()
    browser.wait(lambda: len(browser.driver.window_handles) == 2, "a second tab")
    browser.driver.switch_to.window(browser.driver.window_handles[1])
    assert "Qiming" in browser.one("h1").text
    assert browser.text("mark")


def test_a_follow_up_says_what_was_searched_and_can_be_undone(browser: Browser) -> None:
    browser.open()
    browser.ask(REPLACED)
    turn = browser.ask("Who oversees it?")
    searched = turn.find_element("css selector", ".searched").text
    assert "Searched:" in searched
    assert "Thousand" in searched or "Qiming" in searched
    turn.find_element("css selector", "[data-do=raw]").click()
    browser.wait(lambda: len(browser.all(".thread > .turn:not(.pending)")) == 3, "a third turn")
    assert "exactly what you typed" in browser.all(".turn")[-1].text


def test_an_old_answer_brings_its_evidence_back_and_a_number_its_quote(browser: Browser) -> None:
    browser.open()
    browser.ask(REPLACED)
    browser.ask("How high are the highest tides?")
    browser.one(".evidence .for", text="tides")
    browser.all(".turn")[0].find_element("css selector", "button.rank").click()
    browser.one(".evidence .for", text=REPLACED)
    chosen = browser.one(".card[aria-current]")
    assert chosen.get_attribute("id") == "evidence-1"


def test_conversations_are_restored_renamed_and_deleted(browser: Browser) -> None:
    browser.open()
    browser.ask(REPLACED)
    browser.open()
    assert REPLACED in browser.one(".asked").text
    browser.one("[data-edit]").click()
    box = browser.one(".tools input")
    box.send_keys("\ue009a\ue000Talent <b>programmes</b>\ue007")
    browser.one(".entry[aria-current]", text="Talent <b>programmes</b>")
    browser.one("[data-do=delete]").click()
    browser.one("[data-do=delete][data-armed]", text="Delete for good?").click()
    browser.one(".welcome")
    assert browser.one(".shelf .none")


def test_a_double_click_deletes_nothing(browser: Browser) -> None:
    from selenium.webdriver import ActionChains

    browser.open()
    browser.ask(REPLACED)
    browser.run("document.querySelector('#sources details').open = true")
    for css, name in (("#sources [data-do=remove]", "Remove"), ("#conversations [data-do=delete]", "Delete")):
        button = browser.one(css, text=name)
        ActionChains(browser.driver).double_click(button).perform()
        browser.one(f"{css}[data-armed]", text=f"{name} for good?")
    assert browser.one(".asked", text=REPLACED)


def test_escape_and_time_take_a_deletion_back(browser: Browser) -> None:
    browser.open()
    browser.ask(REPLACED)
    button = browser.one("[data-do=delete]")
    button.send_keys("\ue007")
    browser.one("[data-do=delete]", text="Delete for good?")
    button.send_keys("\ue00c")
    assert button.text == "Delete"
    button.send_keys("\ue007")
    assert button.text == "Delete for good?", "asked again"
    browser.wait(lambda: button.text == "Delete", "the end of five seconds")
    assert browser.one(".asked", text=REPLACED)


def test_two_users_do_not_see_each_other(browser: Browser) -> None:
    browser.open()
    browser.ask("How high are the highest tides?")
    browser.forget()
    browser.open()
    assert browser.one(".welcome")
    assert "tides?" not in browser.text("#conversations")


def test_a_whole_session_stays_on_its_own_origin(browser: Browser) -> None:
    browser.requested()
    browser.driver.get_log("browser")  # what earlier tests left there
    browser.open()
    browser.ask(REPLACED)
    browser.ask("Who won the 2022 World Cup?")
    browser.open(browser.one("a.open").get_attribute("href"))
    addresses = browser.requested()
    assert len(addresses) > 10
    foreign = {address for address in addresses if not address.startswith((browser.address, "data:", "blob:"))}
    assert foreign == set()
    problems = [entry for entry in browser.driver.get_log("browser") if entry["level"] == "SEVERE"]
    assert problems == []


def test_on_a_phone_the_areas_are_tabs_and_nothing_sticks_out(browser: Browser) -> None:
    browser.look(width=390)
    browser.open()
    turn = browser.ask(REPLACED)
    assert not browser.all("#evidence")[0].is_displayed()
    turn.find_element("css selector", "button.rank").click()
    browser.one(".evidence .card")
    assert not browser.all("#thread")[0].is_displayed()
    browser.one("#tabs button", text="Library").click()
    browser.one(".sources li")
    assert browser.run("return document.documentElement.scrollWidth") <= 390


def test_a_phone_on_its_side_shows_one_area_too(browser: Browser) -> None:
    browser.look(width=844, height=390)
    browser.open()
    turn = browser.ask(REPLACED)
    assert not browser.all("#evidence")[0].is_displayed() and not browser.all("#left")[0].is_displayed()
    turn.find_element("css selector", "button.rank").click()
    browser.one(".evidence .card")
    assert browser.run("return document.documentElement.scrollWidth <= 844")


def luminance(colour: str) -> float:
    parts = [int(float(part)) / 255 for part in colour[colour.index("(") + 1 : -1].split(",")[:3]]
    linear = [part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


@pytest.mark.parametrize("dark", [False, True])
def test_text_can_be_read_in_light_and_dark(browser: Browser, dark: bool) -> None:
    browser.look(width=1440, dark=dark)
    browser.open()
    browser.ask(REPLACED)
    colours = browser.run(
        "const backs = (e) => { for (; e; e = e.parentElement) { const c = getComputedStyle(e).backgroundColor;"
        " if (!c.endsWith(', 0)')) return c; } return 'rgb(255, 255, 255)'; };"
        "return ['.asked', '.status', '.quote blockquote', 'figcaption', 'a.open', '.evidence .for', '.card mark',"
        " '.score', '.entry', '.sources small', '.shelf h2', '#send'].map(css => {"
        " const e = document.querySelector(css); return [css, getComputedStyle(e).color, backs(e)]; })"
    )
    for css, front, back in colours:
        light, deep = sorted((luminance(front), luminance(back)), reverse=True)
        assert (light + 0.05) / (deep + 0.05) >= 4.5, f"{css}: {front} on {back}"
    assert (luminance(colours[0][2]) < 0.1) is dark


def test_the_keyboard_reaches_everything_and_shows_where_it_is(browser: Browser) -> None:
    browser.open()
    browser.ask(REPLACED)
    reached = set()
    browser.run("document.activeElement.blur()")
    for _ in range(80):
        browser.driver.switch_to.active_element.send_keys("\ue004")
        state = browser.run(
            "const e = document.activeElement, s = getComputedStyle(e);"
            "return [e.dataset.do || e.className || e.id || e.tagName, s.outlineStyle, s.boxShadow, e.tagName]"
        )
        reached.add(state[0].split(" ")[0])
        assert state[1] != "none" or state[2] != "none" or state[3] == "BODY", state
    assert {"new", "open", "evidence"} <= reached


def test_a_file_is_added_searched_alone_and_removed(browser: Browser, served: Site, tmp_path: Path) -> None:
    (tmp_path / "kelp.txt").write_text("Kelp notes\n\nGiant kelp grows half a metre a day.\n", encoding="utf-8")
    browser.open()
    browser.all("#left input[type=file]")[0].send_keys(str(tmp_path / "kelp.txt"))
    browser.one("#added", text="kelp.txt added")
    row = browser.wait(
        lambda: next((each for each in browser.all(".sources li") if "Kelp notes" in each.text), None), "the new source"
    )
    row.find_element("css selector", "summary").click()
    row.find_element("css selector", "[data-do=narrow]").click()
    browser.one("#narrowed", text="sources: “Kelp notes”")
    turn = browser.ask("How fast does giant kelp grow?")
    assert "half a metre a day" in turn.text
    browser.one("#narrowed button").click()
    browser.wait(lambda: not browser.text("#narrowed").strip(), "no narrowing")
    row = next(each for each in browser.all(".sources li") if "Kelp notes" in each.text)
    row.find_element("css selector", "summary").click()
    browser.sure(f"[data-do=remove][data-id='{served.ident('kelp.txt')}']")
    browser.one(".notice", text="Removed 1 source with 1 passage, and its quotes from 1 saved answer.")
    assert "half a metre" not in browser.text("#thread")


def test_selected_words_are_found_in_the_sources(browser: Browser) -> None:
    browser.open()
    browser.ask("How high are the highest tides?")
    browser.run(
        "const range = document.createRange(); range.selectNodeContents(document.querySelector('.quote blockquote p'));"
        "getSelection().removeAllRanges(); getSelection().addRange(range);"
    )
    words = " ".join(browser.run("return String(getSelection())").split())
    browser.one("#find-selection").click()
    browser.wait(lambda: len(browser.all(".thread > .turn:not(.pending)")) == 2, "the second turn")
    assert browser.all(".asked")[-1].text == words
    browser.wait(lambda: not browser.all("#find-selection")[0].is_displayed(), "the button to go")


def test_words_selected_on_the_welcome_page_are_found_too(browser: Browser) -> None:
    browser.open()
    browser.run("getSelection().selectAllChildren(document.querySelector('#thread .welcome .examples button'))")
    browser.one("#find-selection").click()
    browser.wait(lambda: len(browser.all(".thread > .turn:not(.pending)")) == 1, "the turn")


def focused(browser: Browser) -> str:
    """The words on what has the focus, or those that stand in it while it is empty."""
    return str(browser.run("const e = document.activeElement; return e.placeholder || e.textContent"))


def test_a_notice_is_on_the_screen_however_long_the_conversation(browser: Browser) -> None:
    browser.open()
    for _ in range(3):
        browser.ask(REPLACED)
    browser.run("document.querySelector('.thread > .turn').scrollIntoView()")
    browser.one("#box textarea").send_keys("   \ue007")
    said = browser.one(".notice", text="The question is empty")
    browser.wait(
        lambda: browser.run(
            "const box = arguments[0].getBoundingClientRect(), area = document.getElementById('thread');"
            "return box.top >= 0 && box.bottom <= area.getBoundingClientRect().bottom",
            said,
        ),
        "the notice on the screen",
    )
    browser.one("#box textarea").send_keys("W")
    browser.wait(lambda: not said.is_displayed(), "the notice to go")
    browser.one("#box textarea").send_keys("\ue003   \ue007")
    browser.one(".notice", text="The question is empty. Type a question.")


def test_a_conversation_is_printed_whole_and_nothing_else(browser: Browser) -> None:
    import base64

    import pypdfium2

    browser.open()
    asked = [f"{REPLACED} {'Please say. ' * count}".strip() for count in range(4)]
    for question in asked:
        browser.ask(question)
    pdf = pypdfium2.PdfDocument(base64.b64decode(browser.driver.print_page()))
    text = " ".join("".join(page.get_textpage().get_text_range() for page in pdf).split())
    assert text.count(REPLACED) >= len(asked) and 1 < len(pdf) < 9
    assert "Conversations" not in text and "Rename" not in text
    browser.ask(f"{REPLACED} {'And I ask this for a long report. ' * 50}")
    browser.wait(
        lambda: browser.run(
            "const status = [...document.querySelectorAll('.thread .status')].pop().getBoundingClientRect();"
            "return status.top >= 0 && status.bottom <= innerHeight"
        ),
        "the answer below a long question",
    )


def test_on_paper_the_text_is_dark_also_where_the_screen_is(browser: Browser) -> None:
    browser.look(width=1440, dark=True)
    browser.open()
    browser.ask(REPLACED)
    colour = "return getComputedStyle(document.querySelector('.asked')).color"
    assert luminance(browser.run(colour)) > 0.5
    browser.driver.execute_cdp_cmd("Emulation.setEmulatedMedia", {"media": "print"})
    assert luminance(browser.run(colour)) < 0.1
    browser.driver.execute_cdp_cmd("Emulation.setEmulatedMedia", {"media": ""})


def test_the_focus_is_never_lost(browser: Browser, tmp_path: Path) -> None:
    browser.open()
    browser.ask(REPLACED)
    assert focused(browser) == "Ask a question", "ready for the next question"
    browser.one("[data-copy]").click()
    browser.wait(lambda: "Copied" in browser.text("#said") or "Not allowed" in browser.text("#said"), "word of it")
    browser.one("[data-edit]").send_keys("\ue007")
    browser.one(".tools input").send_keys("Renamed\ue007")
    browser.one(".entry", text="Renamed")
    browser.wait(lambda: focused(browser) == "Rename", "the focus on what was pressed")
    (tmp_path / "zoo.txt").write_text("The zoo of Vigo has nine bears.\n", encoding="utf-8")
    before = [link.text for link in browser.all("#sources a")]
    browser.all("#left input[type=file]")[0].send_keys(str(tmp_path / "zoo.txt"))
    item = browser.one("#sources li", text="zoo")
    item.find_element("css selector", "summary").click()
    item.find_element("css selector", "[data-do=remove]").send_keys("\ue007")
    browser.wait(lambda: "Press again." in browser.text("#said"), "what the button has become")
    browser.one("#sources [data-do=remove][data-armed]")
    item.find_element("css selector", "[data-do=remove]").send_keys("\ue007")
    browser.wait(lambda: focused(browser) in before, "the focus on a source beside it")
    browser.one("[data-do=new]").click()
    browser.wait(lambda: focused(browser) == "Ask a question", "the focus in the box")


def test_escape_leads_back_from_the_evidence_to_the_answer(browser: Browser) -> None:
    browser.look(width=390)
    browser.open()
    browser.ask(REPLACED)
    browser.one("#thread button.rank").send_keys("\ue007")
    browser.wait(lambda: browser.run("return document.activeElement.matches('.card')"), "the focus on the quote")
    browser.driver.switch_to.active_element.send_keys("\ue00c")
    assert browser.run("return document.activeElement.matches('#thread button.rank')")
    assert browser.one("#thread").is_displayed()
    for _ in range(2):  # the evidence may be drawn already
        browser.one("#thread .acts [data-do=evidence]").send_keys("\ue007")
        browser.wait(lambda: browser.run("return document.activeElement.id") == "right", "the focus on the evidence")
        browser.driver.switch_to.active_element.send_keys("\ue00c")
        assert browser.run("return document.activeElement.matches('#thread .acts [data-do=evidence]')")


def test_the_focus_stays_on_a_phone_where_no_keyboard_is_to_open(browser: Browser) -> None:
    browser.look(width=390)
    browser.driver.execute_cdp_cmd("Emulation.setTouchEmulationEnabled", {"enabled": True})
    browser.open()
    assert browser.run("return document.activeElement.tagName") == "BODY"
    browser.ask(REPLACED)
    browser.driver.execute_cdp_cmd("Emulation.setTouchEmulationEnabled", {"enabled": False})
    browser.wait(lambda: browser.run("return document.activeElement.id") == "thread", "the focus on what was said")
    browser.one("#tabs button", text="New").click()
    browser.one(".welcome")


def test_the_areas_have_names_and_the_evidence_is_one_key_away(browser: Browser) -> None:
    browser.open()
    browser.ask(REPLACED)
    names = {e.get_attribute("id"): e.get_attribute("aria-label") for e in browser.all("#areas [role=region]")}
    assert names == {"left": "Library", "thread": "Conversation", "right": "Evidence"}
    browser.run("document.querySelector('a.skip[href=\"#right\"]').focus()")
    browser.one("a.skip", text="evidence").send_keys("\ue007")
    assert browser.run("return document.activeElement.id") == "right"


@pytest.mark.parametrize("width", [1920, 1440, 390])
def test_the_box_stands_below_the_text(browser: Browser, width: int) -> None:
    browser.look(width=width)
    browser.open()
    browser.ask(REPLACED)
    browser.run("document.querySelector('#sources [data-do=narrow]').click()")
    browser.one("p.narrowed")
    left, top, right = browser.run(
        "const all = (name, ...css) => css.map((each) => document.querySelector(each).getBoundingClientRect()[name]);"
        "return [all('left', '.asked', '#box textarea', 'p.narrowed'), all('width', '#ask', '#middle'),"
        " all('right', '.asked', '#send', 'p.narrowed')]"
    )
    assert [len(set(each)) for each in (left, top, right)] == [1, 1, 1], (left, top, right)
    browser.run("document.querySelector('p.narrowed span').textContent = 'A very long title. '.repeat(40)")
    height, padding = browser.run(
        "const p = document.querySelector('p.narrowed'); return [p.offsetHeight, getComputedStyle(p).padding]"
    )
    assert (height < 70, padding) == (True, "8px 0px 10px"), "two lines at most, and room around them"


def test_one_key_skips_the_library(browser: Browser) -> None:
    browser.open()
    browser.run("document.querySelector('a.skip').focus()")
    assert browser.one("a.skip").rect["y"] >= 0, "it is seen when it has the focus"
    browser.one("a.skip").send_keys("\ue007")
    browser.wait(lambda: focused(browser) == "Ask a question", "the focus in the box")


def test_the_tools_of_a_conversation_lie_in_the_list(browser: Browser) -> None:
    browser.open()
    browser.ask(REPLACED)
    tools = browser.one("#conversations .tools")
    assert tools.value_of_css_property("position") == "static", "the bar of the source view is another thing"
    entry = browser.one("#conversations .entry[aria-current]").rect
    assert tools.rect["y"] - entry["y"] - entry["height"] < 12
