"""What the page does beyond asking: stages, filters taken off, judging, collections, adding."""

from __future__ import annotations

import os
import re
import sqlite3
import threading
import zipfile
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest
from conftest import Folder

from rag.assistant import Assistant
from rag.config import Settings
from rag.ingest import add_paths
from rag.store import Receipt, judgements, open_library, questions_file
from rag.types import Answer, Carried, Encoder, Filters, Resolution, Turn
from rag.ui.adding import Upload, add_address
from rag.ui.collections import Collections
from rag.ui.page import Desk, Page


@pytest.fixture
def assistant(assistant_of: Callable[..., Assistant]) -> Assistant:
    files = {
        "tides.md": "---\ndate: 2021-05-01\n---\n# Tides\n\nThe moon pulls the sea.\n",
        "wind.md": "---\ndate: 2023-05-01\n---\n# Wind\n\nThe sun pulls the air.\n",
    }
    return assistant_of(files, mode="eager")


@pytest.fixture
def page(assistant: Assistant) -> Page:
    return Page(Collections(assistant.library, assistant), editable=True)


def last(shown: Iterator[dict[str, Any]]) -> dict[str, Any]:
    return list(shown)[-1]


def test_the_stages_are_those_of_the_work(page: Page, assistant: Assistant) -> None:
    assert [tuple(stage) for stage in assistant.steps("What pulls the sea?")] == [("search", 2), ("read", 2)]
    since = Filters(since="2022-01-01")
    assert next(assistant.steps("What pulls the sea?", filters=since)).many == 1, "those that are let through"
    first, second, third, _ = page.ask("What pulls the sea?", Desk(), "alice")
    assert "Searching" not in first["thread"], "drawn before anything is done"
    assert "Searching 2 sources" in second["thread"]
    assert "Reading the best 2 passages" in third["thread"]


def test_a_filter_from_the_words_is_taken_off_with_one_click(page: Page, assistant: Assistant) -> None:
    asked = last(page.ask("What pulls the air, since 2022?", Desk(), "alice"))
    assert 'data-do="widen" data-turn="0" data-without="since"' in asked["thread"]
    again = last(page.act({"do": "widen", "turn": "0", "without": "since"}, asked["desk"], "alice"))
    turns = assistant.library.conversations.turns(again["desk"].conversation, "alice")
    assert [turn.resolution.filters for turn in turns] == [Filters(since="2022-01-01"), Filters()]
    assert turns[1].question == turns[0].question
    assert "Confined" not in turns[1].resolution.reason
    same = last(page.act({"do": "widen", "turn": "0", "without": "__class__"}, again["desk"], "alice"))
    assert 'data-turn="2" data-without="since"' in same["thread"], "an unknown filter takes nothing off"


def test_judging_needs_ones_own_conversation(page: Page, assistant: Assistant) -> None:
    desk = last(page.ask("What pulls the sea?", Desk(), "alice"))["desk"]
    wish = {"do": "judge", "turn": "0", "rank": "1", "verdict": "wrong"}
    assert 'data-verdict="wrong" aria-pressed="true"' in last(page.act(wish, desk, "alice"))["evidence"]
    last(page.act(wish | {"verdict": "right"}, desk, "mallory"))
    assert judgements(assistant.library, desk.conversation, "alice") == {(0, 1): False}


def test_a_test_question_is_kept_where_documents_may_be_added(page: Page, assistant: Assistant) -> None:
    desk = last(page.ask("What pulls the sea?", Desk(), "alice"))["desk"]
    wish = {"do": "case", "turn": "0", "rank": "1"}
    last(Page(Collections(assistant.library, assistant)).act(wish, desk, "alice"))
    assert not questions_file(assistant.library).exists()
    for _ in range(2):
        last(page.act(wish, desk, "alice"))
    lines = questions_file(assistant.library).read_text(encoding="utf-8").splitlines()
    assert len(lines) == 1
    assert "tides.md" in lines[0]
    assert "moon" not in lines[0]


def test_no_word_that_was_carried_from_a_quote_is_kept_as_a_test_question(page: Page, assistant: Assistant) -> None:
    conversations, file = assistant.library.conversations, questions_file(assistant.library)
    ident, query = conversations.create("alice"), "Where was Fouquet born?"
    shown = Resolution("filled", query, "", (Carried("Fouquet", "the quotes shown"),))
    after = Resolution("changed", query, "", (Carried("Where did Fouquet live?", "your question 1"),))
    typed = Resolution("filled", query, "", (Carried("Fouquet", "your question 1"),))
    for turn, (resolution, kept) in enumerate(((shown, False), (after, False), (typed, True))):
        conversations.append(ident, "alice", Turn("Where was he born?", resolution, Answer("not_found", "Nothing.")))
        before = last(page.act({"do": "evidence", "turn": str(turn)}, Desk(ident), "alice"))
        assert ('data-do="case"' in before["thread"]) == kept, "what is not kept is not offered"
        last(page.act({"do": "case", "turn": str(turn)}, Desk(ident), "alice"))
        assert file.exists() == kept


def test_a_collection_has_its_own_conversations_and_sources(
    page: Page, assistant: Assistant, settings: Settings, encoder: Encoder, folder: Folder
) -> None:
    other = open_library(settings.model_copy(update={"collection": "other"}), create=True)
    add_paths(other, [folder({"kelp.txt": "Kelp grows fast."}, "more")], encoder=encoder, settings=settings)
    last(page.ask("What pulls the sea?", Desk(), "alice"))
    shown = last(page.act({"do": "collection", "id": "other"}, Desk(), "alice"))
    assert shown["desk"] == Desk(collection="other")
    assert "What pulls" not in shown["conversations"]
    assert "Kelp grows fast." in shown["sources"]
    assert "Tides" not in shown["sources"]
    asked = last(page.ask("How does kelp grow?", shown["desk"], "alice"))
    assert [len(each.conversations.list("alice")) for each in (other, assistant.library)] == [1, 1]
    assert page.collections.get("other").encoder is assistant.encoder
    removed = last(page.act({"do": "remove", "id": other.documents()[0].id}, asked["desk"], "alice"))
    assert "Removed 1 source" in removed["thread"]
    assert len(assistant.library.documents()) == 2
    other.close()


@pytest.mark.parametrize("name", ["nowhere", "..", "../index/default", ".restore-x", ""])
def test_only_a_collection_that_is_there_can_be_chosen(page: Page, settings: Settings, name: str) -> None:
    shown = last(page.act({"do": "collection", "id": name}, Desk(), "alice"))
    assert "There is no collection" in shown["thread"]
    assert [each.name for each in settings.index_dir.iterdir()] == ["default"]


def test_a_collection_is_made_and_filled(page: Page, assistant: Assistant, tmp_path: Path) -> None:
    made = last(page.act({"do": "create", "name": "  Harbour story "}, Desk(), "alice"))
    assert made["desk"] == Desk(collection="Harbour-story")
    assert "Add files</button> to begin" in made["thread"]
    (tmp_path / "kelp.txt").write_text("Kelp grows.", encoding="utf-8")
    last(page.add([Upload(str(tmp_path / "kelp.txt"), "kelp.txt")], made["desk"], "alice"))
    there = page.collections.get("Harbour-story").library
    assert [each.uri for each in there.documents()] == ["upload:///kelp.txt"]
    assert len(assistant.library.documents()) == 2
    again = last(page.act({"do": "create", "name": "Harbour-story"}, made["desk"], "alice"))
    assert "There is a collection &#x27;Harbour-story&#x27; already" in again["thread"]
    there.close()


@pytest.mark.parametrize("name", ["", "../out", ".hidden", "a/b", "Größe", "x" * 65])
def test_a_collection_with_an_impossible_name_is_not_made(page: Page, settings: Settings, name: str) -> None:
    said = last(page.act({"do": "create", "name": name}, Desk(), "alice"))["thread"]
    assert "cannot be called" in said and "begins with a letter or digit" in said
    assert [each.name for each in settings.index_dir.iterdir()] == ["default"]


def test_a_source_is_found_in_the_collection_that_has_its_revision(
    page: Page, assistant: Assistant, settings: Settings, encoder: Encoder, folder: Folder
) -> None:
    place, ident = folder({"tides.md": "Another text altogether."}), assistant.library.documents()[0].id
    old = assistant.library.document(ident).revision
    other = open_library(settings.model_copy(update={"collection": "other"}), create=True)
    add_paths(other, [place / "tides.md"], encoder=encoder, settings=settings)
    new = other.document(ident).revision
    assert page.collections.holding(ident, old).folder.name == "default"
    assert page.collections.holding(ident, new).folder.name == "other"
    assert page.collections.holding(ident).folder.name == "default"
    assert page.collections.holding("nothing").folder.name == "default"
    other.close()


def test_files_of_a_folder_keep_their_paths(page: Page, assistant: Assistant, tmp_path: Path) -> None:
    uploads = []
    for number, name in enumerate(("a/x.txt", "b/x.txt", "../../b/y.txt", "c/photo.raw", ".git/z.txt")):
        (tmp_path / str(number)).write_text(f"Text number {number}.", encoding="utf-8")
        uploads.append(Upload(str(tmp_path / str(number)), name))
    *steps, final = page.add(uploads, Desk(), "alice")
    found = {each.uri for each in assistant.library.documents() if each.uri.startswith("upload:")}
    assert found == {"upload:///a/x.txt", "upload:///b/x.txt", "upload:///b/y.txt"}
    assert "c/photo.raw</b> skipped: only text" in steps[-1]["added"]
    assert ".git/z.txt</b> skipped: its name begins with a dot" in steps[-1]["added"]
    assert "3 added, 2 skipped" in steps[-1]["added"]
    assert ["(1 of 3)" in step["added"] for step in steps] == [False, True, False, False]
    ident = next(each.id for each in assistant.library.documents() if each.uri.endswith("a/x.txt"))
    assert f"/source/{ident}#report" in steps[-1]["added"]
    assert "sources" in final


def test_another_file_of_the_same_bare_name_is_kept_beside_the_first(
    page: Page, assistant: Assistant, tmp_path: Path
) -> None:
    def add(name: str, *texts: str) -> str:
        uploads = []
        for number, text in enumerate(texts):
            (tmp_path / str(number)).write_text(text, encoding="utf-8")
            uploads.append(Upload(str(tmp_path / str(number)), name))
        *_, shown, _ = page.add(uploads, Desk(), "alice")
        return re.sub(r"<[^>]*>", "", shown["added"])

    def texts() -> list[str]:
        documents = assistant.library.documents()
        return sorted(
            assistant.library.document(each.id).text for each in documents if each.uri.startswith("upload:///report")
        )

    add("report.txt", "Kelp grows.")
    shown = add("report.txt", "Crabs walk.")
    assert re.search(r"report \([0-9a-f]{8}\)\.txt added: another report\.txt is kept too; remove that one", shown)
    assert texts() == ["Crabs walk.", "Kelp grows."]
    for text in ("Kelp grows.", "Crabs walk."):
        assert "unchanged" in add("report.txt", text)
    assert "2 added" in add("report.txt", "Terns nest.", "Seals bark."), "two of one choice"
    assert len(texts()) == 4
    first = next(each.id for each in assistant.library.documents() if each.uri == "upload:///report.txt")
    last(page.act({"do": "remove", "id": first}, Desk(), "alice"))
    assert "unchanged" in add("report.txt", "Crabs walk."), "its own name being free is no reason to keep it twice"
    add("reports/a.txt", "Whales sing.")
    assert "reports/a.txt changed: its earlier text is no longer searched" in add("reports/a.txt", "Whales dive.")
    assert texts() == ["Crabs walk.", "Seals bark.", "Terns nest.", "Whales dive."]


def test_adding_leaves_alone_what_its_user_does_meanwhile(page: Page, tmp_path: Path) -> None:
    (tmp_path / "kelp.txt").write_text("Kelp grows.", encoding="utf-8")
    uploads = [Upload(str(tmp_path / "kelp.txt"), "kelp.txt")]
    assert "3 sources" in last(page.add(uploads, Desk(), "alice"))["thread"], "the welcome counts anew"
    last(page.ask("What pulls the sea?", Desk(), "alice"))
    assert not {"desk", "thread"} & set(last(page.add(uploads, Desk(), "alice")))


KELP = b"<html><head><title>Kelp</title></head><body><main><p>Kelp grows fast in cold water.</p></main></body></html>"


class Site(BaseHTTPRequestHandler):
    def do_GET(self) -> None:
        body = KELP
        if self.headers["If-None-Match"] == '"1"':
            self.send_response(304)
            self.end_headers()
            return
        self.send_response(200 if self.path == "/kelp" else 404)
        self.send_header("ETag", '"1"')
        self.send_header("Content-Type", "text/html")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: Any) -> None:
        pass


@pytest.fixture
def site() -> Iterator[str]:
    server = ThreadingHTTPServer(("127.0.0.1", 0), Site)
    thread = threading.Thread(target=server.serve_forever, args=(0.01,))
    thread.start()
    yield f"http://127.0.0.1:{server.server_address[1]}"
    server.shutdown()
    thread.join()
    server.server_close()


def test_a_page_of_the_web_is_added_but_none_of_a_private_network(
    page: Page, assistant: Assistant, site: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = len(assistant.library.documents())
    *_, outcome, ended = page.fetch(f"{site}/kelp", Desk(), "alice")
    assert f'value="{site}/kelp"' in outcome["added"] and f"1 failed: {site}/kelp: " in ended["said"]
    assert "is an address of a private network" in outcome["added"]
    assert len(assistant.library.documents()) == before
    *_, (shown, _) = add_address(assistant, f"{site}/kelp", allow_private=True)  # as `--allow-private` does
    assert "added <a" in shown and 'value=""' in shown
    assert [each.title for each in assistant.library.documents() if each.uri == f"{site}/kelp"] == ["Kelp"]
    monkeypatch.setattr("test_ui_page.KELP", b"Kelp is read again.")  # the tag says that it is the same
    *_, (shown, _) = add_address(assistant, f"{site}/kelp", allow_private=True)
    assert "unchanged" in shown, "a page that has not changed is not fetched again"
    *_, (shown, _) = add_address(assistant, f"{site}/gone", allow_private=True)
    assert "the server answers 404" in shown
    assert list(Page(Collections(assistant.library, assistant)).fetch(f"{site}/kelp", Desk(), "alice")) == []


def test_an_answer_that_cannot_be_saved_is_shown_all_the_same(page: Page, assistant: Assistant) -> None:
    desk = last(page.ask("What pulls the sea?", Desk(), "alice"))["desk"]
    steps = page.ask("What pulls the air?", desk, "alice")
    next(steps)
    assistant.library.conversations.delete(desk.conversation, "alice")  # in another tab
    shown = list(steps)[-1]
    assert "What pulls the air?" in shown["thread"] and "There is no conversation" in shown["thread"]


def test_an_uploaded_archive_says_how_many_documents_it_held(page: Page, tmp_path: Path) -> None:
    with zipfile.ZipFile(tmp_path / "notes.zip", "w") as archive:
        archive.writestr("kelp.txt", "Kelp grows fast.")
        archive.writestr("crab.txt", "Crabs walk sideways.")
    *steps, _ = page.add([Upload(str(tmp_path / "notes.zip"), "notes.zip")], Desk(), "alice")
    assert re.search(r"notes\.zip.{0,60}2 documents", steps[-1]["added"])


def test_a_stopped_question_is_not_saved_and_its_words_come_back(page: Page, assistant: Assistant) -> None:
    first = last(page.ask("What pulls the sea?", Desk(), "alice"))["desk"]
    steps = page.ask("What pulls the air?", first, "alice")
    assert "Understanding the question" in next(steps)["thread"]
    assert "Searching 2 sources" in next(steps)["thread"]
    shown = page.stop("", first, "alice")
    assert shown["box"] == "What pulls the air?"
    assert "What pulls the air?" not in shown["thread"] and "What pulls the sea?" in shown["thread"]
    assert "Stopped. Your words are back in the box." in shown["said"]
    ended = list(steps)
    assert "What pulls the air?" not in str(ended)
    turns = assistant.library.conversations.turns(first.conversation, "alice")
    assert [turn.question for turn in turns] == ["What pulls the sea?"]
    assert page.stop("", first, "alice") == {}, "nothing is worked on"
    again = last(page.ask("What pulls the air?", first, "alice"))
    assert "The sun pulls the air." in again["thread"]


def test_what_was_typed_meanwhile_stays_in_the_box(page: Page) -> None:
    desk = Desk()
    steps = page.ask("What pulls the sea?", desk, "alice")
    next(steps)
    shown = page.stop("What pulls the air?", desk, "alice")
    assert shown["box"] == "What pulls the air?"
    assert "back in the box" not in shown["said"]
    assert "Understanding" not in str(list(steps))


def test_one_question_at_a_time_and_another_at_once_after_a_stop(page: Page, assistant: Assistant) -> None:
    desk = Desk()
    steps = page.ask("What pulls the sea?", desk, "alice")
    next(steps)
    assert list(page.ask("What pulls the sea? ", desk, "alice")) == [{}], "Enter was pressed twice"
    (refused,) = page.ask("What pulls the air?", desk, "alice")
    assert "One question at a time" in refused["thread"] and "box" not in refused, "what was typed stays"
    assert "Understanding the question" in last(page.act({"do": "narrow"}, desk, "alice"))["thread"]
    page.stop("", desk, "alice")
    second = page.ask("What pulls the air?", desk, "alice")
    next(second)
    assert list(steps) == [{}], "the one that was stopped shows nothing any more"
    last(second)
    (saved,) = assistant.library.conversations.list("alice")
    assert saved.title == "What pulls the air?"


def test_a_library_that_fails_once_does_not_lock_the_page(page: Page, assistant: Assistant) -> None:
    desk, database = last(page.ask("What pulls the sea?", Desk(), "alice"))["desk"], assistant.library.connect()
    database.execute("ALTER TABLE turns RENAME TO gone")
    with pytest.raises(sqlite3.OperationalError):
        list(page.ask("What pulls the air?", desk, "alice"))
    database.execute("ALTER TABLE gone RENAME TO turns")
    assert "The sun" in last(page.ask("What pulls the air?", desk, "alice"))["thread"]


def test_a_library_that_fails_while_it_is_searched_says_so_and_the_words_come_back(
    page: Page, assistant: Assistant
) -> None:
    desk = last(page.ask("What pulls the sea?", Desk(), "alice"))["desk"]
    steps = page.ask("What pulls the air?", desk, "alice")
    next(steps)
    assistant.library.connect().execute("ALTER TABLE lexicon RENAME TO gone")
    shown = list(steps)[-1]
    assert "The library cannot be used: no such table" in shown["thread"] and "Fix:" not in shown["thread"]
    assert (shown["box"], "The moon pulls" in shown["thread"], "pending" in shown["thread"]) == (
        "What pulls the air?", True, False,
    )  # fmt: skip


def test_a_question_that_its_user_left_is_answered_out_of_sight(page: Page, assistant: Assistant) -> None:
    desk = Desk()
    steps = page.ask("What pulls the sea?", desk, "alice")
    next(steps)
    elsewhere = last(page.act({"do": "new"}, desk, "alice"))
    assert "Understanding" not in elsewhere["thread"]
    shown = list(steps)[-1]
    assert set(shown) == {"conversations", "said"}
    assert "What pulls the sea?" in shown["conversations"] and "aria-current" not in shown["conversations"]
    assert len(assistant.library.conversations.list("alice")) == 1


def test_a_collection_is_deleted_where_documents_may_be(page: Page, assistant: Assistant, settings: Settings) -> None:
    made = last(page.act({"do": "create", "name": "other"}, Desk(), "alice"))
    assert 'data-do="drop" data-id="other" data-confirm' in made["collections"]
    wish = {"do": "drop", "id": "other"}
    last(Page(page.collections).act(wish, made["desk"], "alice"))
    assert page.collections.names() == ["default", "other"], "not by those who only read"
    asked = last(page.ask("What pulls the sea?", made["desk"], "alice"))
    gone = last(page.act(wish, asked["desk"], "alice"))
    assert "Deleted the collection &#x27;other&#x27; with 0 sources and 1 conversation." in gone["thread"]
    assert (gone["desk"], "Tides" in gone["sources"], "drop" in gone["collections"]) == (Desk(), True, False)
    assert [path.name for path in settings.index_dir.iterdir()] == ["default"]
    stale = last(page.act({"do": "new"}, asked["desk"], "alice"))  # another tab still looked at it
    assert "This library holds 2 sources" in stale["thread"]


def test_a_deleted_collection_leaves_no_word_on_the_disk_though_other_threads_have_read_it(
    page: Page, kelp: str, settings: Settings
) -> None:
    together = threading.Barrier(3)

    def read(owner: str) -> None:
        together.wait(30)  # so that each thread opens the collection for itself
        last(page.ask("How does kelp grow?", Desk(collection=kelp), owner))

    with ThreadPoolExecutor(3) as threads:
        list(threads.map(read, ("alice", "bob", "carol")))
        begun = page.ask("How does kelp grow?", Desk(collection=kelp), "dave")
        for _ in range(2):
            threads.submit(next, begun).result()
        assert held_with(settings.index_dir, b"kelp"), "the positive control"
        assert "Deleted the collection" in last(page.act({"do": "drop", "id": kelp}, Desk(), "alice"))["thread"]
        assert held_with(settings.index_dir, b"kelp") == []
        list(threads.map(read, ("alice", "bob", "carol")))  # in tabs that still look at it
    assert [path.name for path in settings.index_dir.iterdir()] == ["default"]


def held_with(folder: Path, word: bytes) -> list[str]:
    """The files below the folder that hold the word, and those that were deleted while they are still open: what they
    hold stays on the disk until they are closed."""
    found = [str(path) for path in folder.rglob("*") if path.is_file() and word in path.read_bytes().lower()]
    for handle in Path("/proc/self/fd").glob("*"):  # only Linux lists what is open
        with suppress(OSError):  # closed meanwhile
            name = os.readlink(handle)
            found += [name] if name.startswith(str(folder)) and name.endswith(" (deleted)") else []
    return found


@pytest.mark.parametrize(("name", "said"), [("default", "is the one that is served"), ("..", "There is no collection")])
def test_what_may_not_be_deleted_stays(page: Page, settings: Settings, name: str, said: str) -> None:
    assert said in last(page.act({"do": "drop", "id": name}, Desk(), "alice"))["thread"]
    assert [path.name for path in settings.index_dir.iterdir()] == ["default"]


def test_a_collection_that_another_process_uses_is_not_deleted(page: Page, settings: Settings) -> None:
    desk = last(page.act({"do": "create", "name": "other"}, Desk(), "alice"))["desk"]
    used = open_library(settings.model_copy(update={"collection": "other"}))
    shown = last(page.act({"do": "drop", "id": "other"}, desk, "alice"))
    assert "is in use: another process has it open" in shown["thread"]
    assert shown["desk"] == desk
    used.close()
    last(page.act({"do": "drop", "id": "other"}, desk, "alice"))
    assert page.collections.names() == ["default"]


@pytest.fixture
def kelp(settings: Settings, encoder: Encoder, folder: Folder) -> str:
    """A second collection."""
    other = open_library(settings.model_copy(update={"collection": "kelp"}), create=True)
    add_paths(other, [folder({"kelp.txt": "Kelp grows fast."}, "more")], encoder=encoder, settings=settings)
    other.close()
    return "kelp"


@pytest.mark.parametrize("many", [1, 2, 3])
def test_what_is_asked_of_a_collection_that_is_deleted_meanwhile_is_kept_nowhere(
    page: Page, assistant: Assistant, kelp: str, many: int
) -> None:
    desk = last(page.act({"do": "collection", "id": kelp}, Desk(), "alice"))["desk"]
    steps = page.ask("How does kelp grow?", desk, "alice")
    with ThreadPoolExecutor(1) as elsewhere:  # as its connection outlives the files
        for _ in range(many):
            elsewhere.submit(next, steps).result()
        last(page.act({"do": "drop", "id": kelp}, Desk(collection=kelp), "bob"))
        shown = elsewhere.submit(last, steps).result()
    assert "The collection &#x27;kelp&#x27; was deleted." in shown["thread"]
    assert "This library holds 2 sources" in shown["thread"] and "Tides" in shown["sources"]
    assert shown["desk"] == Desk()
    assert assistant.library.conversations.list("alice") == []


@pytest.mark.parametrize("wish", [{"do": "collection", "id": "kelp"}, {"do": "narrow", "until": "2000"}])
def test_a_question_goes_to_where_its_user_is_going(
    page: Page, kelp: str, monkeypatch: pytest.MonkeyPatch, wish: dict[str, str]
) -> None:
    desk, begun, free, follow = page.open("alice")["desk"], threading.Event(), threading.Event(), page._follow

    def slow(*arguments: Any) -> Any:
        begun.set()
        free.wait(30)
        return follow(*arguments)

    monkeypatch.setattr(page, "_follow", slow)
    with ThreadPoolExecutor(2) as clicks:
        going = clicks.submit(last, page.act(wish, desk, "alice"))
        begun.wait(30)
        asked = clicks.submit(last, page.ask("How does kelp grow?", desk, "alice"))
        free.set()
        there, answered = going.result()["desk"], asked.result()["desk"]
    assert (answered.collection, answered.filters) == (there.collection, there.filters) != ("", Filters())


def test_a_new_name_does_not_bring_its_user_back(page: Page) -> None:
    first = last(page.ask("What pulls the sea?", Desk(), "alice"))["desk"]
    away = last(page.act({"do": "new"}, first, "alice"))["desk"]  # the click that also ended the typing of the name
    shown = last(page.act({"do": "rename", "id": first.conversation, "title": "Tides"}, first, "alice"))
    assert shown["desk"] == away and "Tides" in shown["conversations"]


def test_what_lasts_does_not_bring_its_user_back(
    page: Page, kelp: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "crab.txt").write_text("Crabs walk.", encoding="utf-8")
    desk = page.open("alice")["desk"]
    steps = page.add([Upload(str(tmp_path / "crab.txt"), "crab.txt")], desk, "alice")
    next(steps)
    there = last(page.act({"do": "collection", "id": kelp}, desk, "alice"))["desk"]
    shown = last(steps)
    assert "Kelp grows" in shown["sources"] and "Crabs" not in shown["sources"]
    assert shown.get("desk", there) == there

    def remove(*_: Any) -> Any:
        last(page.act({"do": "collection", "id": "default"}, there, "alice"))
        return Receipt(1, 1, 0)

    monkeypatch.setattr("rag.ui.page.remove", remove)
    shown = last(page.act({"do": "remove", "id": "x"}, there, "alice"))
    assert shown["desk"].collection == "default" and "Tides" in shown["sources"]
