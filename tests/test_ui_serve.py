"""The server answers its own pages only, knows users by their cookie alone, and gives no file away."""

from __future__ import annotations

import re
import socket
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
from fastapi.testclient import TestClient
from serving import event_ids, fire, join

from rag.assistant import Assistant
from rag.config import Settings
from rag.errors import SettingsError
from rag.serve import build_app, check_host, serve
from rag.store import Library
from rag.types import Answer, Filters, Quote, Resolution, Turn
from rag.ui.adding import Upload
from rag.ui.blocks import build_page
from rag.ui.collections import Collections
from rag.ui.markup import content
from rag.ui.page import Desk, Page

pytestmark = [
    pytest.mark.filterwarnings("ignore::ResourceWarning", "ignore::pytest.PytestUnraisableExceptionWarning"),
    pytest.mark.usefixtures("collected"),
]

HERE = "http://127.0.0.1:7860"
TEXT = "# Tides\n\nThe moon pulls the sea.\n\nTwice a day the water rises.\n"


@pytest.fixture
def assistant(assistant_of: Callable[..., Assistant]) -> Assistant:
    return assistant_of({"tides.md": TEXT, "bad.txt": "<script>hit()</script> & more words"})


@pytest.fixture
def app(assistant: Assistant, settings: Settings) -> Any:
    return build_app(assistant.library, settings, assistant=assistant)


@pytest.fixture
def client(app: Any) -> Iterator[TestClient]:
    with TestClient(app, base_url=HERE) as made:
        yield made


def document_id(library: Library, name: str) -> str:
    return next(each.id for each in library.documents() if each.uri.endswith(name))


def test_the_source_view_marks_the_quote_under_its_own_policy(client: TestClient, library: Library) -> None:
    ident = document_id(library, "tides.md")
    document = library.document(ident)
    start = document.text.index("The moon")
    answer = client.get(f"/source/{ident}?revision={document.revision}&start={start}&end={start + 23}")
    assert answer.status_code == 200
    assert re.findall(r"<mark[^>]*>(.*?)</mark>", answer.text) == ["The moon pulls the sea."]
    assert answer.headers["content-security-policy"].startswith("default-src 'none'; style-src 'self'")
    assert "unsafe" not in answer.headers["content-security-policy"]


def test_an_address_that_leads_nowhere_says_so_to_people_and_to_programs(client: TestClient) -> None:
    page = client.get("/nonsense", headers={"accept": "text/html,*/*"})
    assert (page.status_code, "There is no such page" in page.text) == (404, True)
    assert client.get("/nonsense").json() == {"detail": "Not Found"}


def test_a_source_that_is_gone_or_a_place_that_is_not_there_is_said(client: TestClient, library: Library) -> None:
    ident = document_id(library, "tides.md")
    assert client.get("/source/nonsense").status_code == 404
    assert client.get(f"/source/{ident}?start=5&end=99999").status_code == 400
    assert client.get(f"/source/{ident}?start=5").status_code == 400
    stale = client.get(f"/source/{ident}?revision=0000&start=1&end=5")
    assert stale.status_code == 200
    assert "changed since it was quoted" in stale.text
    assert "<mark" not in stale.text


def test_every_page_leads_back_to_the_library(client: TestClient, library: Library) -> None:
    for path in (f"/source/{document_id(library, 'tides.md')}", "/source/nothing", "/export/default/nothing.md"):
        assert '<a href="/">' in client.get(path).text, path


def test_a_hostile_source_is_shown_as_text(client: TestClient, library: Library) -> None:
    shown = client.get(f"/source/{document_id(library, 'bad.txt')}").text
    assert "&lt;script&gt;hit()&lt;/script&gt; &amp; more words" in shown
    assert "<script>hit" not in shown


def test_another_host_or_origin_is_refused(client: TestClient) -> None:
    named = client.get("/", headers={"host": "evil.example"})
    assert (named.status_code, "open it by its IP address" in named.text) == (403, True)
    assert client.get("/", headers={"host": "127.0.0.1.evil.example"}).status_code == 403
    assert client.post("/gradio_api/queue/join", json={}, headers={"origin": "http://evil.example"}).status_code == 403
    assert client.get("/", headers={"origin": "http://["}).status_code == 403
    assert client.get("/", headers={"host": "localhost:7860", "origin": "http://localhost:7860"}).status_code == 200
    assert client.post("/gradio_api/queue/join", content=b"no JSON").status_code == 400
    assert client.get("/", headers={"host": "[::1]:7860"}).status_code == 200
    assert client.get("/", headers={"host": "192.0.2.7:7860"}).status_code == 200, "an address resolves to nothing else"


def test_a_damaged_library_is_said_to_programs_with_its_fix(client: TestClient, library: Library) -> None:
    (library.folder / "manifest.json").write_text("{")
    assert library.connect().execute("UPDATE meta SET value = value + 1 WHERE key = 'generation'").rowcount == 1
    for answer in (client.get("/api/search", params={"q": "sea"}), client.post("/api/ask", json={"question": "Sea?"})):
        assert answer.status_code == 503 and "Fix: " in answer.json()["detail"]


def test_a_conversation_that_cannot_be_deleted_is_not_called_unknown(client: TestClient, library: Library) -> None:
    kept = client.post("/api/ask", json={"question": "What pulls the sea?"}).json()["conversation"]
    library.connect().execute(
        "CREATE TRIGGER full BEFORE DELETE ON turns BEGIN INSERT INTO nowhere VALUES (1); END"
    )  # what is wrong there shows when it is used
    answer = client.delete(f"/api/conversations/{kept}")
    assert answer.status_code == 503 and "cannot be saved: no such table" in answer.json()["detail"]
    assert client.get(f"/api/conversations/{kept}").status_code == 200


def test_a_reader_that_cannot_be_loaded_is_the_servers_fault(
    assistant_of: Callable[..., Assistant], settings: Settings, tmp_path: Path
) -> None:
    (tmp_path / "reader.json").write_text("{")
    assistant = assistant_of({"tides.md": TEXT}, reader=str(tmp_path))
    with TestClient(build_app(assistant.library, settings, assistant=assistant), base_url=HERE) as client:
        answer = client.post("/api/ask", json={"question": "What pulls the sea?"})
        assert answer.status_code == 503 and "reader.json, is damaged" in answer.json()["detail"]
        assert client.get("/api/conversations").json() == [], "nothing is kept"


@pytest.mark.parametrize(
    ("body", "status"),
    [
        (r'{"question": "Sea \ud800?", "publisher": "\ud800"}', 200),
        (r'{"question": "Sea?", "conversation": "\ud800"}', 404),
        (r'{"question": "Sea?", "since": "\ud800"}', 422),
        (r'{"question": "Sea?", "raw": "\ud800"}', 422),
        (r'{"question": ["\ud800"]}', 422),
        (r'{"conversation": "\ud800"}', 422),
        (r'"\ud800"', 422),
        ('{"question": NaN}', 422),
    ],
)
def test_what_is_no_text_is_answered_and_never_repeated(client: TestClient, body: str, status: int) -> None:
    answer = client.post("/api/ask", content=body, headers={"content-type": "application/json"})
    assert answer.status_code == status
    assert "ud800" not in answer.text
    for each in answer.json()["detail"] if status == 422 else ():
        assert set(each) == {"type", "loc", "msg"}
    bad = client.post("/gradio_api/queue/join", content=body, headers={"content-type": "application/json"})
    assert bad.status_code == 422, "the page's own endpoint as well"


def test_half_a_character_does_not_end_the_page(client: TestClient) -> None:
    """A lone surrogate, as a text has that was cut in the middle of an emoji."""
    client.get("/")
    events = event_ids(client)
    assert "What pulls the sea ?" in fire(client, events["submit"], ["What pulls the sea \ud83d", None], None, "tab-1")
    for wish in ({"do": "narrow", "publisher": "\ud83d"}, {"do": "open", "id": "\ud83d"}, {"\ud83d": "new"}):
        assert '"success":true' in fire(client, events["select"], [None], wish, f"tab-{wish.get('do')}")


def test_a_browser_gets_one_session_that_scripts_cannot_read(client: TestClient) -> None:
    cookie = client.get("/").headers["set-cookie"]
    assert re.match(r"pullquote=[\w-]{43}; Path=/; HttpOnly; SameSite=Strict;", cookie)
    assert "set-cookie" not in client.get("/").headers
    client.cookies.clear()
    assert "set-cookie" in client.get("/", headers={"cookie": "pullquote=guess"}).headers


def test_the_page_names_no_other_origin_and_forbids_them(client: TestClient) -> None:
    answer = client.get("/")
    fetched = re.findall(r'<(?:script|link|img|iframe)[^>]*(?:src|href)="([^"]+)"', answer.text)
    assert fetched
    assert not [address for address in fetched if re.match(r"(https?:)?//", address)]
    assert "connect-src 'self'" in answer.headers["content-security-policy"]
    assert "fonts.googleapis" not in answer.text


def test_no_file_and_no_endpoint_is_given_away(client: TestClient, settings: Settings, app: Any) -> None:
    database = (settings.folder / "library.sqlite").resolve()
    assert database.exists()
    for path in (database, Path("/etc/passwd"), Path(__file__)):
        assert client.get(f"/gradio_api/file={path}").status_code in (403, 404)
    assert client.get("/static/../serve.py").status_code == 404
    assert client.get("/static/page.py").status_code == 404
    assert [client.get(path).status_code for path in ("/docs", "/redoc", "/openapi.json")] == [404, 404, 404]
    assert client.get("/gradio_api/info").json()["named_endpoints"] == {}
    assert client.get("/gradio_api/info").json()["unnamed_endpoints"] == {}


def test_every_event_is_private_and_none_takes_an_identity(assistant: Assistant) -> None:
    page = Page(Collections(assistant.library, assistant))
    blocks = build_page(lambda _: page)
    events = blocks.get_config_file()["dependencies"]
    assert len(events) >= 3
    assert {event["api_visibility"] for event in events} == {"private"}
    inputs = {type(blocks.blocks[ident]).__name__ for event in events for ident in event["inputs"]}
    assert inputs == {"Textbox", "State", "UploadButton"}


def a_turn(question: str) -> Turn:
    return Turn(question, Resolution("standalone", question, ""), Answer("not_found", "Nothing."))


def test_one_user_can_neither_see_nor_touch_anothers_conversation(assistant: Assistant) -> None:
    page, conversations = Page(Collections(assistant.library, assistant), ()), assistant.library.conversations
    secret = conversations.create("alice")
    conversations.append(secret, "alice", a_turn("my secret question"))
    for wish in ("open", "rename", "delete"):
        shown = list(page.act({"do": wish, "id": secret, "title": "stolen"}, Desk(), "mallory"))
        assert "secret question" not in str(shown)
        assert "There is no conversation" in shown[-1]["thread"]
    shown = list(page.act({"do": "evidence", "turn": "0"}, Desk(secret, 0), "mallory"))
    assert "secret question" not in str(shown)
    assert [entry.title for entry in conversations.list("alice")] == ["my secret question"]
    assert "secret question" in page.open("alice")["thread"]


def test_a_question_is_answered_kept_and_found_again(assistant: Assistant) -> None:
    page = Page(Collections(assistant.library, assistant), ())
    first, *_, last = page.ask("What pulls the sea?", Desk(), "alice")
    assert "What pulls the sea?" in first["thread"]
    assert "What pulls the sea?" in last["thread"]
    again = page.open("alice")
    assert again["desk"] == last["desk"]
    assert again["thread"] == last["thread"]
    assert again["evidence"] == last["evidence"]


def test_an_empty_question_is_given_back_with_a_reason(assistant: Assistant) -> None:
    last = list(Page(Collections(assistant.library, assistant), ()).ask("  ", Desk(), "alice"))[-1]
    assert "The question is empty" in last["thread"]
    assert last["box"] == "  "
    assert assistant.library.conversations.list("alice") == []


@pytest.mark.parametrize(
    "wish",
    [{}, {"do": "evidence", "turn": "99"}, {"do": "raw", "turn": "-1"}, {"do": "evidence", "turn": "²"}, {"do": "x"}],
)
def test_a_wish_that_makes_no_sense_changes_nothing(assistant: Assistant, wish: dict[str, str]) -> None:
    shown = list(Page(Collections(assistant.library, assistant), ("Why?",)).act(wish, Desk(), "alice"))
    assert len(shown) == 1
    assert shown[0]["desk"] == Desk()
    assert "Why?" in shown[0]["thread"]


def test_evidence_is_cut_again_from_the_stored_text(assistant: Assistant, library: Library) -> None:
    document = library.document(document_id(library, "tides.md"))
    start = document.text.index("The moon")
    quote = Quote(1, "The moon pulls the sea.", document.id, document.revision, start, start + 23, "u", "Tides", 1)
    page, ident = Page(Collections(library, assistant), ()), library.conversations.create("alice")
    for text in (quote.text, "The moon eats the sea."):
        found = Quote(1, text, document.id, document.revision, start, start + len(text), "u", "Tides", 1)
        turn = Turn("Why?", Resolution("standalone", "Why?", ""), Answer("answered", "", (found,)))
        library.conversations.append(ident, "alice", turn)
    good, bad = (next(page.act({"do": "evidence", "turn": str(n)}, Desk(ident), "alice")) for n in (0, 1))
    assert '<mark class="quoted">The moon pulls the sea.</mark>' in good["evidence"]
    assert "no longer has these words" in bad["evidence"]


def _local_hosts() -> list[str]:
    """A machine may have no IPv6."""
    try:
        socket.create_server(("::1", 0), family=socket.AF_INET6).close()
    except OSError:
        return ["127.0.0.1"]
    return ["127.0.0.1", "::1"]


@pytest.mark.parametrize("host", _local_hosts())
def test_the_address_takes_connections_when_the_browser_opens_and_no_second_server(
    host: str,
    assistant: Assistant,
    settings: Settings,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    opened = []

    def browse(address: str) -> None:
        where = urlsplit(address)
        socket.create_connection((where.hostname, where.port), timeout=5).close()
        with pytest.raises(SettingsError, match=f"cannot listen on {host}:{where.port}"):
            serve(settings.model_copy(update={"host": host, "port": where.port}), assistant=assistant)
        opened.append(address)

    monkeypatch.setattr("webbrowser.open", browse)
    monkeypatch.setattr("uvicorn.Server.run", lambda *_, **__: None)  # the app's start comes after what is tried here
    serve(settings.model_copy(update={"host": host, "port": 0}), assistant=assistant, browser=True)
    named = f"[{host}]" if ":" in host else host
    assert opened[0].startswith(f"http://{named}:") and opened[0] in capsys.readouterr().err


@pytest.mark.parametrize("host", ["127.0.0.1", "127.8.8.8", "::1", "localhost"])
def test_loopback_needs_no_consent(host: str) -> None:
    check_host(host)


@pytest.mark.parametrize("host", ["0.0.0.0", "::", "192.168.1.4", "example.org"])
def test_the_network_needs_consent(host: str) -> None:
    with pytest.raises(SettingsError, match="would be served to the network"):
        check_host(host)
    check_host(host, open_to_network=True)


def test_a_question_can_be_confined_and_the_page_says_so(assistant: Assistant) -> None:
    page = Page(Collections(assistant.library, assistant))
    ident = document_id(assistant.library, "bad.txt")
    shown = next(page.act({"do": "narrow", "document": ident, "since": "soon"}, Desk(), "alice"))
    assert shown["desk"].filters == Filters(document_ids=(ident,))
    assert "Searching 1 of 2 sources: " in shown["narrowed"]
    none = next(page.act({"do": "narrow", "document": ident, "publisher": "Nobody"}, Desk(), "alice"))
    assert "No source fits these filters: by Nobody" in none["narrowed"]
    last = list(page.ask("What pulls the sea?", shown["desk"], "alice"))[-1]
    title = content(assistant.library.document(ident).title)
    assert f"in “{title}”" in last["thread"]
    assert "The moon pulls" not in last["thread"]
    assert next(page.act({"do": "narrow"}, shown["desk"], "alice"))["narrowed"] == ""


def test_uploaded_files_are_read_one_by_one_each_with_its_outcome(assistant: Assistant, tmp_path: Path) -> None:
    good, bad = tmp_path / "good news.txt", tmp_path / "bad.txt"
    good.write_text("Kelp grows half a metre a day.", encoding="utf-8")
    bad.write_bytes(b"\x00\x01\x02\xff" * 500)
    page = Page(Collections(assistant.library, assistant), editable=True)
    uploads = [Upload(str(good), good.name), Upload(str(bad), bad.name)]
    first, second, outcome, last = page.add(uploads, Desk(), "alice")
    assert "(0 of 2)" in first["added"]
    assert "good news.txt</b></a> added <a" in second["added"]
    assert "bad.txt</b> failed: " in outcome["added"]
    assert "Kelp grows" in last["sources"]
    *_, again, _ = page.add(uploads[:1], Desk(), "alice")
    assert "good news.txt</b></a> unchanged" in again["added"]
    kelp = document_id(assistant.library, "good%20news.txt")
    shown = next(page.act({"do": "remove", "id": kelp}, Desk(), "alice"))
    assert "Removed 1 source with 1 passage." in shown["thread"]
    assert "Kelp grows" not in shown["sources"]


def test_a_page_that_is_not_editable_neither_adds_nor_removes(assistant: Assistant, tmp_path: Path) -> None:
    page, before = Page(Collections(assistant.library, assistant)), assistant.library.documents()
    (tmp_path / "new.txt").write_text("Kelp grows.", encoding="utf-8")
    list(page.add([Upload(str(tmp_path / "new.txt"), "new.txt")], Desk(), "alice"))
    list(page.act({"do": "remove", "id": before[0].id}, Desk(), "alice"))
    assert assistant.library.documents() == before
    list(page.act({"do": "create", "name": "mine"}, Desk(), "alice"))
    assert page.collections.names() == ["default"]
    assert "Remove" not in page.open("alice")["sources"]


def test_a_stolen_page_session_shows_nothing_of_its_owner(client: TestClient) -> None:
    client.get("/")  # Alice's cookie
    events = event_ids(client)
    asked = fire(client, events["submit"], ["What pulls the sea, my secret?", None], None, "alices-tab")
    assert "my secret" in asked
    again = fire(client, events["select"], [None], {"do": "evidence", "turn": "0"}, "alices-tab")
    assert "my secret" in again, "the positive control: Alice sees her own"
    client.cookies.clear()
    client.get("/")  # Mallory's cookie, Alice's tab
    assert join(client, events["select"], [None], {"do": "evidence", "turn": "0"}, "alices-tab").status_code == 403
    assert client.get("/gradio_api/queue/data", params={"session_hash": "alices-tab"}).status_code == 403
    assert client.get("/gradio_api/heartbeat/alices-tab").status_code == 403
    for wish in ({"do": "evidence", "turn": "0"}, {"do": "raw", "turn": "0"}, {"do": "x"}, {"do": "open", "id": ""}):
        assert "my secret" not in fire(client, events["select"], [None], wish, "mallorys-tab")
    assert "my secret" not in fire(client, events["load"], [], None, "mallorys-tab")


def test_a_library_that_fails_says_why_on_the_page_and_to_programs(client: TestClient, library: Library) -> None:
    client.get("/")
    events = event_ids(client)
    library.connect().execute("ALTER TABLE conversations RENAME TO gone")
    for event, data in (("load", []), ("submit", ["What pulls the sea?", None]), ("select", [None])):
        said = fire(client, events[event], data, {"do": "new"}, f"tab-{event}")
        assert "no such table: conversations" in said and "Fix:" not in said, event
    answer = client.get("/api/conversations")
    assert answer.status_code == 503 and "no such table: conversations" in answer.json()["detail"]


def test_a_link_from_elsewhere_keeps_the_session(client: TestClient) -> None:
    client.get("/")
    mine = dict(client.cookies)
    client.cookies.clear()  # a browser keeps a strict cookie back on the way from another site
    followed = {"sec-fetch-site": "cross-site", "sec-fetch-dest": "document"}
    answer = client.get("/source/x?start=1&end=2", headers=followed)
    assert 'content="0;url=/source/x?start=1&amp;end=2#quote"' in answer.text
    assert "set-cookie" not in answer.headers
    assert client.get(f"{client.base_url}//evil.example/x", headers=followed).text.count("0;url=/evil.example/x") == 1
    assert client.get("/", headers=followed | {"sec-fetch-dest": "image"}).status_code == 403
    assert client.post("/api/ask", json={}, headers=followed).status_code == 403
    client.cookies.update(mine)
    assert "set-cookie" not in client.get("/", headers={"sec-fetch-site": "same-origin"}).headers


def test_a_page_that_is_not_editable_takes_no_files(assistant: Assistant, settings: Settings) -> None:
    app = build_app(assistant.library, settings.model_copy(update={"host": "192.0.2.7"}), assistant=assistant)
    with TestClient(app, base_url="http://192.0.2.7:7860") as client:
        assert client.post("/gradio_api/upload", files={"files": b"text"}).status_code == 403
        assert client.get("/").status_code == 200
