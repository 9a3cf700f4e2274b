"""Working with the page in a real browser: judging, test questions, stages, filters, collections, adding."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from rag.config import load_settings
from rag.exported import check_export
from rag.ingest import add_paths, remove
from rag.models import load_encoder
from rag.store import judged_answers, open_library, questions_file

if TYPE_CHECKING:
    from tests.browser.conftest import Browser
    from tests.browser.site import Site

REPLACED = "Which programme replaced the Thousand Talents Plan?"
UNKNOWN = "Who won the 2022 World Cup?"


def press(browser: Browser, css: str) -> None:
    """Press a button from the keyboard, once it is drawn and holds the focus."""
    focus = "const e = document.querySelector(arguments[0]); e?.focus(); return e && e === document.activeElement"
    browser.wait(lambda: browser.run(focus, css), f"the focus on {css}")
    browser.one(css).send_keys("\ue007")


def test_a_quote_is_judged_the_judgement_comes_back_and_can_be_taken_back(browser: Browser, served: Site) -> None:
    others = sorted(each["right"] for each in judged_answers(served.library))  # of the tests before this one
    browser.open()
    browser.ask(REPLACED)
    press(browser, "#evidence-1 [data-verdict=wrong]")
    browser.one("#evidence-1 [data-verdict=wrong][aria-pressed=true]")
    browser.wait(lambda: "Marked as wrong." in browser.text("#said [role=status]"), "a word for screen readers")
    focused = browser.run("return document.activeElement.dataset.verdict")
    assert focused == "wrong", "the focus stays on the button although the area was drawn again"
    browser.open()
    browser.one("#evidence-1 [data-verdict=wrong][aria-pressed=true]")
    browser.one("#evidence-1 [data-verdict=right]").click()
    browser.one("#evidence-1 [data-verdict=right][aria-pressed=true]")
    assert browser.one("#evidence-1 [data-verdict=wrong]").get_attribute("aria-pressed") == "false"
    assert sorted(each["right"] for each in judged_answers(served.library)) == [*others, True]
    browser.one("#evidence-1 [data-verdict=right]").click()
    browser.one("#evidence-1 [data-verdict=right][aria-pressed=false]")
    assert sorted(each["right"] for each in judged_answers(served.library)) == others


def test_one_click_makes_a_test_question_of_a_bad_answer_and_of_a_refusal(browser: Browser, served: Site) -> None:
    file = questions_file(served.library)
    browser.open()
    browser.ask(REPLACED)
    browser.one("#evidence-1 [data-verdict=wrong]").click()
    browser.one("#evidence-1 [data-do=case]").click()
    browser.one("#evidence-1 .kept", text=f"{file.parent.name}/{file.name}")
    browser.ask(UNKNOWN)
    browser.one("#thread [data-do=case]").click()
    browser.one("#thread .kept", text=f"{file.parent.name}/{file.name}")
    assert not browser.all("#thread [data-do=case]")
    cases = [json.loads(line) for line in file.read_text(encoding="utf-8").splitlines()]
    assert [case["question"] for case in cases] == [REPLACED, UNKNOWN]
    assert "qiming.md" in cases[0]["shown"][0]
    assert "Qiming" not in file.read_text(encoding="utf-8"), "no word of a document is kept"
    file.unlink()


def test_the_stages_are_shown_while_they_last(browser: Browser) -> None:
    browser.open()
    browser.run(
        "window.seen = new Set(); new MutationObserver(() => document.querySelectorAll('.stages [aria-current]')"
        ".forEach(e => seen.add(e.textContent))).observe(document.body, {childList: true, subtree: true});"
    )
    browser.ask(REPLACED)
    seen = browser.run("return [...window.seen]")
    assert [each.split(" ")[0] for each in seen] == ["Understanding", "Searching", "Reading"]
    assert "3 sources" in seen[1]
    assert not browser.all(".stages")


def change(browser: Browser, name: str, value: str) -> None:
    script = "const e = document.querySelector(`[data-narrow] [name=${arguments[0]}]`); e.value = arguments[1];"
    browser.run(script + "e.dispatchEvent(new Event('change', {bubbles: true}))", name, value)


def test_the_filters_say_what_they_filter(browser: Browser) -> None:
    browser.open()
    form = "return [...document.querySelectorAll('[data-narrow] [name]')].map(e => e.value).filter(Boolean)"
    change(browser, "publisher", "Example Gazette")
    browser.one("p.narrowed", text="Searching 1 of 3 sources: by Example Gazette")
    browser.wait(lambda: "Searching 1 of 3 sources: by Example Gazette." in browser.text("#said"), "a word of it")
    out = [each.text for each in browser.all("#sources li.out")]
    assert len(out) == 2 and all("not searched" in each and "Qiming" not in each for each in out)
    change(browser, "until", "2020-01-01")
    browser.one("p.narrowed", text="No source fits these filters: until 1 January 2020 (or undated), by Example")
    browser.one("p.narrowed button").click()
    browser.wait(lambda: not browser.all("p.narrowed"), "all sources again")
    browser.wait(lambda: "Searching all 3 sources." in browser.text("#said"), "a word of it")
    assert browser.run(form) == [], "what is off is not shown as on"
    assert not browser.all("#sources li.out")
    browser.run("document.querySelector('#sources [data-do=narrow]').click()")
    browser.one("p.narrowed", text="Searching 1 of 3 sources: “")
    (chosen,) = browser.run(form)
    change(browser, "since", "2020-01-01")
    browser.one("p.narrowed", text="since 1 January 2020")
    assert browser.run(form) == [chosen, "2020-01-01"], "the source that was chosen stays chosen"


def test_a_filter_taken_from_the_words_is_shown_and_taken_off(browser: Browser) -> None:
    browser.open()
    turn = browser.ask("Which programme replaced the Thousand Talents Plan, since 2023?")
    assert "since 1 January 2023" in turn.find_element("css selector", ".confined").text
    turn.find_element("css selector", "[data-without=since]").click()
    browser.wait(lambda: len(browser.all(".thread > .turn:not(.pending)")) == 2, "the answer without the filter")
    last = browser.all(".thread > .turn")[-1]
    assert "Qiming" in last.text
    assert not last.find_elements("css selector", ".confined")
    assert "Confined to" not in last.text


@pytest.fixture
def second(served: Site, tmp_path: Path) -> Any:
    """Another collection in the same index folder, with a document that the first has not."""
    settings = load_settings(index_dir=served.library.folder.parent, collection="sea", reader="sentences")
    library = open_library(settings, create=True)
    (tmp_path / "squid.txt").write_text("Squid notes\n\nThe colossal squid weighs 495 kilograms.\n", encoding="utf-8")
    encoder = load_encoder(settings.encoder, cache_dir=settings.cache_dir)
    add_paths(library, [tmp_path / "squid.txt"], encoder=encoder, settings=settings)
    yield library
    library.close()


def test_collections_are_apart_and_one_switches_between_them(browser: Browser, second: Any) -> None:
    browser.open()
    browser.ask(REPLACED)
    browser.one("#collections button", text="sea").click()
    browser.one("#collections [aria-current]", text="sea")
    browser.wait(lambda: "This library holds 1 source" in browser.text(".welcome"), "the other library")
    assert "Qiming" not in browser.text("#left")
    turn = browser.ask("How much does the colossal squid weigh?")
    assert "495 kilograms" in turn.text
    browser.open(turn.find_element("css selector", "a.open").get_attribute("href"))
    assert "495 kilograms" in browser.text("mark")
    browser.open()
    assert REPLACED in browser.one(".asked").text, "the page opens on the collection that is served"
    browser.one("#collections button", text="sea").click()
    browser.one(".asked", text="colossal squid")


def test_a_collection_is_deleted_and_links_into_it_say_so(browser: Browser, served: Site, second: Any) -> None:
    browser.open()
    browser.one("#collections button", text="sea").click()
    browser.one("#collections [aria-current]", text="sea")
    link = browser.ask("How much does the colossal squid weigh?").find_element("css selector", "a.open")
    address = link.get_attribute("href")
    browser.sure("#collections [data-do=drop]")
    browser.one(".notice", text="The collection 'sea' is in use")
    second.close()
    browser.sure("#collections [data-do=drop]")
    browser.one(".notice.done", text="Deleted the collection 'sea' with ")
    assert not second.folder.exists()
    browser.wait(lambda: focused_id(browser) == served.library.folder.name, "the focus")
    assert "sea" not in [each.text for each in browser.all("#collections .entry")]
    browser.open(address)
    assert "This source is not in the library" in browser.text("h1")


def focused_id(browser: Browser) -> str:
    return str(browser.run("return document.activeElement.dataset.id || ''"))


def test_two_files_of_one_name_in_a_folder_stay_two(browser: Browser, served: Site, tmp_path: Path) -> None:
    for part, words in (("north", "Arctic terns nest in June."), ("south", "Penguins nest in October.")):
        (tmp_path / "birds" / part).mkdir(parents=True)
        (tmp_path / "birds" / part / "notes & more.txt").write_text(words + "\n", encoding="utf-8")
    (tmp_path / "birds" / "photo.raw").write_bytes(b"\x00")
    browser.open()
    browser.all("#left input[type=file]")[1].send_keys(str(tmp_path / "birds"))
    browser.one("#added", text="birds/south/notes & more.txt added")
    browser.one("#added", text="birds/photo.raw skipped")
    report = browser.one("#added a", text="Reading report").get_attribute("href")
    ids = [each.id for each in served.library.documents() if each.uri.startswith("upload:///birds/")]
    assert len(ids) == 2
    browser.open(report)
    assert "Everything in this source was read." in browser.text(".report")
    browser.open()
    for ident in ids:
        browser.sure(f".sources [data-do=remove][data-id='{ident}']")
        browser.wait(lambda ident=ident: not browser.all(f".sources [data-id='{ident}']"), "the source to go")


def drop(browser: Browser, *paths: Path) -> bool:
    """Drop files on the middle of the page as a person does; whether the page says beforehand that it takes them."""
    data = {"items": [], "files": [str(path) for path in paths], "dragOperationsMask": 1}
    at = {"x": 700, "y": 300, "data": data}
    for kind in ("dragEnter", "dragOver"):
        browser.driver.execute_cdp_cmd("Input.dispatchDragEvent", {"type": kind, **at})
    taken = bool(browser.run("return document.body.hasAttribute('data-over')"))
    browser.driver.execute_cdp_cmd("Input.dispatchDragEvent", {"type": "drop", **at})
    return taken


def test_what_is_dropped_on_the_page_is_added(browser: Browser, served: Site, tmp_path: Path) -> None:
    folder, single = tmp_path / "geese", tmp_path / "a & b.txt"
    (folder / "grey").mkdir(parents=True)
    (folder / "grey" / "lag.txt").write_text("The greylag goose of Aarhus is called Ib.\n", encoding="utf-8")
    single.write_text("The swan of Skagen is called Bo.\n", encoding="utf-8")
    browser.open()
    browser.run("window.here = true")
    assert drop(browser, folder, single)
    browser.one("#added", text="geese/grey/lag.txt added")
    browser.one("#added", text="a & b.txt added")
    assert browser.run("return window.here && !document.body.hasAttribute('data-over')")
    assert "Ib" in browser.ask("What is the greylag goose of Aarhus called?").text
    remove(served.library, [each.id for each in served.library.documents() if each.uri.startswith("upload:")])


def test_an_address_of_this_machine_is_not_asked(browser: Browser) -> None:
    browser.open()
    browser.one("#address").send_keys("http://127.0.0.1:9/secret\ue007")
    outcome = browser.one("#added .failed")
    assert "127.0.0.1 is an address of a private network or of this machine" in outcome.text
    browser.wait(lambda: "1 failed: http://127.0.0.1:9/secret: " in browser.text("#said"), "what became of it")
    assert "Fix:" not in outcome.text
    address = browser.one("#address")
    assert address.get_attribute("value") == "http://127.0.0.1:9/secret", "it can be mended"
    assert address.get_attribute("aria-invalid") == "true"
    address.clear()
    address.send_keys("nonsense")
    browser.one("[data-submit]").click()
    browser.one("#added .failed", text="nonsense failed: it cannot be fetched")
    browser.one("#added summary").click()
    assert not browser.all("#added .failed")[0].is_displayed(), "it can be put away"


def test_a_collection_is_made_on_the_page_and_takes_the_first_file(
    browser: Browser, served: Site, tmp_path: Path
) -> None:
    (tmp_path / "heron.txt").write_text("The heron of the harbour is called Olga.\n", encoding="utf-8")
    browser.open()
    browser.one("#collections summary").click()
    browser.one("#new-name").send_keys("a/b\ue007")
    assert not browser.one(".notice:not(.done)", text="A collection cannot be called").get_attribute("role")
    name = browser.one("#new-name")
    assert name.get_attribute("value") == "a/b", "it can be mended"
    name.clear()
    name.send_keys("Harbour story\ue007")
    browser.one("#collections [aria-current]", text="Harbour-story")
    browser.wait(lambda: focused_id(browser) == "Harbour-story", "the focus")
    assert browser.run("return document.getElementById('new-name').value") == ""
    browser.run("document.querySelector('#add button').addEventListener('click', () => { window.asked = true; })")
    browser.one("[data-press]").click()
    browser.wait(lambda: browser.run("return window.asked"), "the button that takes files")
    browser.all("#left input[type=file]")[0].send_keys(str(tmp_path / "heron.txt"))
    browser.one("#added", text="heron.txt")
    browser.wait(lambda: "1 added: heron.txt." in browser.text("#said"), "what became of it")
    browser.wait(lambda: "This library holds 1 source" in browser.text(".welcome"), "the new count")
    assert "Olga" in browser.ask("What is the heron called?").text
    assert not [each for each in served.library.documents() if "heron" in each.uri]


def test_a_notice_is_seen_on_a_phone_whatever_area_is_shown(browser: Browser) -> None:
    browser.look(width=390)
    browser.open()
    browser.one("#tabs button", text="Library").click()
    browser.one("#collections summary").click()
    browser.one("#new-name").send_keys("a/b\ue007")
    said = browser.one("#said", text="A collection cannot be called")
    box = said.rect
    middle = "const e = arguments[0].querySelector('p'), box = e.getBoundingClientRect(), x = box.x + box.width / 2;"
    assert browser.run(f"{middle} return e === document.elementFromPoint(x, box.y + box.height / 2)", said), "its words"
    assert box["width"] > 300 and 0 < box["y"] < 860 - box["height"]
    browser.one("#tabs button", text="Answers").click()
    browser.one("#thread .notice", text="A collection cannot be called")
    browser.wait(lambda: browser.all("#said")[0].rect["height"] <= 1, "one notice, not two")


def test_a_conversation_is_saved_as_a_file_from_the_page(browser: Browser, served: Site) -> None:
    browser.open()
    browser.ask(REPLACED)
    links = {link.text: link.get_attribute("href") for link in browser.all("#conversations .tools a")}
    assert list(links) == ["Markdown", "HTML", "JSON"]
    load = """
    const [address, done] = arguments;
    fetch(address).then(async (answer) => done([answer.headers.get("content-disposition"), await answer.text()]));
    """
    for address in links.values():
        name, text = browser.driver.execute_async_script(load, address)
        assert name.startswith("attachment; filename*=UTF-8''Which%20programme%20replaced")
        claims = check_export(text, served.library)
        assert claims
        assert {claim.verdict for claim in claims} == {"exact"}


@pytest.mark.parametrize("width", [1440, 1000, 830, 390])
def test_no_area_scrolls_sideways(browser: Browser, width: int) -> None:
    browser.look(width=width)
    browser.open()
    browser.ask(REPLACED)
    browser.run("document.querySelectorAll('#left details').forEach((each) => { each.open = true; })")
    for area in ("left", "middle", "right"):
        browser.run("document.body.dataset.area = arguments[0]", area)
        wide = browser.run(
            "const e = document.getElementById(arguments[0]); return e.scrollWidth - e.clientWidth", area
        )
        assert wide <= 0, (area, wide)


def test_a_list_without_what_is_looked_for_says_so(browser: Browser) -> None:
    browser.open()
    box = browser.one("input[data-filter=sources]")
    box.send_keys("tide")
    browser.wait(lambda: "1 of 3 in the list" in browser.text("#said"), "how many there are")
    assert [link.text for link in browser.all("#sources a") if link.is_displayed()] == ["Tides"]
    box.send_keys("xyz")
    browser.wait(lambda: "0 of 3 in the list" in browser.text("#said"), "that there is none")
    said = "return getComputedStyle(document.getElementById('sources'), '::after').content"
    assert browser.run(said) == '"None has these words."'


def test_what_was_just_added_is_the_first_source_though_it_has_no_date(
    browser: Browser, served: Site, tmp_path: Path
) -> None:
    (tmp_path / "vole.txt").write_text("Zwolle has a vole.\n", encoding="utf-8")
    browser.open()
    before = [link.text for link in browser.all("#sources a")]
    browser.all("#left input[type=file]")[0].send_keys(str(tmp_path / "vole.txt"))
    browser.wait(lambda: len(browser.all("#sources a")) > len(before), "the source")
    assert [link.text for link in browser.all("#sources a")] == ["Zwolle has a vole.", *before]
    remove(served.library, [served.ident("vole.txt")])


def test_the_newest_conversations_are_shown_and_the_others_behind_a_button(browser: Browser, served: Site) -> None:
    browser.open()
    browser.ask(REPLACED)
    conversations = served.library.conversations
    owner = conversations.owner_of(browser.one("#conversations [aria-current]").get_attribute("data-id"))
    for number in range(6):
        conversations.rename(conversations.create(owner), owner, f"Talk {number}")
    browser.open()
    assert len([each for each in browser.all("#entries .entry") if each.is_displayed()]) == 5
    browser.one("#entries summary", text="2 older").send_keys("\ue007")
    oldest = browser.one("#entries .entry", text=REPLACED)
    oldest.click()
    browser.one("#entries .entry[aria-current]", text=REPLACED)  # the list stays open where the chosen one is
    browser.one("#entries summary").click()
    browser.one("input[data-filter=entries]").send_keys("thousand")
    assert [each.text.split("\n")[0] for each in browser.all("#entries .entry") if each.is_displayed()] == [REPLACED]


def test_conversations_say_when_they_were_used_by_the_browsers_clock(browser: Browser, served: Site) -> None:
    browser.open()
    browser.ask(REPLACED)
    now = datetime.now(UTC)
    zone = timezone(timedelta(hours=12 - now.hour))  # it is about noon there, so no midnight comes in between
    name = f"Etc/GMT{now.hour - 12:+}"  # POSIX has the sign the other way round
    browser.driver.execute_cdp_cmd("Emulation.setTimezoneOverride", {"timezoneId": name})
    ident = browser.one("#conversations .entry[aria-current]").get_attribute("data-id")
    try:
        for days, form in ((0, "Today, %H:%M"), (1, "Yesterday, %H:%M"), (3, "%A"), (400, "%-d %B %Y")):
            then = now - timedelta(days=days)
            with served.library.conversations.changing() as connection:
                change = "UPDATE conversations SET updated = ? WHERE id = ?"
                connection.execute(change, (then.isoformat(), ident))
            browser.open()
            entry = browser.one(f"[data-id='{ident}'] time", text=then.astimezone(zone).strftime(form))
            assert datetime.fromisoformat(entry.get_attribute("datetime")) == then
    finally:
        browser.driver.execute_cdp_cmd("Emulation.setTimezoneOverride", {"timezoneId": ""})
