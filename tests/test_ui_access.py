"""Accounts: who comes in, what they may do, and that nothing of one is given to another or to nobody."""

from __future__ import annotations

import re
import stat
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from fastapi.routing import iter_route_contexts
from fastapi.testclient import TestClient
from hypothesis import given
from hypothesis import strategies as st
from serving import CHEAP, event_ids, fire, join, write_users
from starlette.routing import Mount

from rag.assistant import Assistant
from rag.config import Settings
from rag.errors import SettingsError
from rag.serve import build_app
from rag.store import Library
from rag.ui import access
from rag.ui.access import SESSION_SECONDS, Accounts, Limit, Sessions, hashed, matches, save_account

pytestmark = [
    pytest.mark.filterwarnings("ignore::ResourceWarning", "ignore::pytest.PytestUnraisableExceptionWarning"),
    pytest.mark.usefixtures("collected"),
]

HERE = "http://library.example"
PASSWORDS = {"alice": "correct horse", "bob": "battery staple", "carol": "tall giraffe"}
SECRET = "What pulls the sea, my secret?"
NO_STREAM = {"accept": "application/json"}  # or /mcp would hold the line
# What anybody may fetch: the way in, and what it is drawn with. Everything else is for those who signed in.
PUBLIC = {"/sign-in", "/static/style.css", "/static/access.css", "/static/icon.svg"}


@pytest.fixture
def auth_file(tmp_path: Path) -> Path:
    """Alice is an admin; Bob and Carol are readers."""
    return write_users(tmp_path / "users", PASSWORDS, admin="alice")


@pytest.fixture
def assistant(assistant_of: Callable[..., Assistant]) -> Assistant:
    return assistant_of({"tides.md": "The moon pulls the sea."})


@pytest.fixture
def app(assistant: Assistant, settings: Settings, auth_file: Path, monkeypatch: pytest.MonkeyPatch) -> Any:
    monkeypatch.setattr("rag.serve._BURST", 10_000)
    return build_app(assistant.library, settings, assistant=assistant, accounts=Accounts(auth_file))


@pytest.fixture
def nobody(app: Any) -> Iterator[TestClient]:
    with TestClient(app, base_url=HERE, follow_redirects=False) as made:
        yield made


def enter(client: TestClient, name: str, **more: str) -> Any:
    return client.post("/sign-in", data={"name": name, "password": PASSWORDS[name], **more})


@pytest.fixture
def signed_in(nobody: TestClient, app: Any) -> Callable[[str], TestClient]:
    """A browser of somebody's own on the running server."""

    def made(name: str) -> TestClient:
        client = TestClient(app, base_url=HERE, follow_redirects=False)
        client.portal = nobody.portal  # the same event loop
        assert enter(client, name).status_code == 303
        return client

    return made


# ---- the file


def test_a_password_is_kept_as_a_salted_hash(tmp_path: Path) -> None:
    path = tmp_path / "users"
    assert save_account(path, "alice", "correct horse") == ("reader", True)
    assert "horse" not in path.read_text()
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert path.read_text().startswith("alice:reader:scrypt$32768$8$3$")
    accounts = Accounts(path)
    assert accounts.check("alice", "correct horse")
    assert not accounts.check("alice", "correct horse ")
    assert not accounts.check("bob", "correct horse")
    assert not accounts.check("bob", "")
    assert save_account(path, "alice", "another horse", "admin") == ("admin", False)
    assert save_account(path, "alice", "third horse, black") == ("admin", False)
    assert save_account(path, "bob", "third horse, black") == ("reader", True)
    salted = [line.split(":")[2] for line in path.read_text().splitlines()]
    assert salted[0] != salted[1], "the same password, another salt"
    assert not accounts.check("alice", "another horse"), "the change counts at once"


@given(st.text(min_size=1, max_size=30), st.text(min_size=1, max_size=30))
def test_only_the_same_password_matches(one: str, other: str) -> None:
    stored = hashed(one, cost=CHEAP)
    assert matches(one, stored)
    same = hashed(other, cost=CHEAP, salt=b"0" * 16) == hashed(one, cost=CHEAP, salt=b"0" * 16)
    assert matches(other, stored) == same


def test_a_letter_and_its_accent_are_one_however_they_are_typed() -> None:
    assert matches("cafe\u0301 au lait", hashed("caf\u00e9 au lait", cost=CHEAP))


@pytest.mark.parametrize(
    "line", ["alice", "alice:owner:x", "Alice:reader:{}", "a:b:c:d", "alice:reader:scrypt$1$1$1$$"]
)
def test_a_damaged_file_is_refused_and_the_line_named(tmp_path: Path, line: str) -> None:
    path = tmp_path / "users"
    path.write_text(f"bob:reader:{hashed('x', cost=CHEAP)}\n{line.format(hashed('x', cost=CHEAP))}\n")
    with pytest.raises(SettingsError, match="line 2 of"):
        Accounts(path)


def test_no_file_and_an_empty_one_say_which_command_helps(tmp_path: Path) -> None:
    with pytest.raises(SettingsError, match="pullquote user NAME --role admin"):
        Accounts(tmp_path / "users")
    (tmp_path / "users").write_text("\n")
    with pytest.raises(SettingsError, match="names nobody"):
        Accounts(tmp_path / "users")


@pytest.mark.parametrize(
    ("name", "password", "words"),
    [("Al ice", "long enough", "name of an account"), ("a:b", "long enough", "name"), ("alice", "short", "password")],
)
def test_what_cannot_be_an_account_is_not_written(tmp_path: Path, name: str, password: str, words: str) -> None:
    with pytest.raises(SettingsError, match=words):
        save_account(tmp_path / "users", name, password)
    assert not (tmp_path / "users").exists()


def test_the_command_reads_the_password_from_what_is_piped_in(tmp_path: Path) -> None:
    path = tmp_path / "users"
    command = [sys.executable, "-c", "from rag.cli import main; main()", "user", "alice", "--auth-file", str(path)]
    done = subprocess.run([*command, "--role", "admin"], input="correct horse\n", capture_output=True, text=True)
    assert (done.returncode, done.stdout, done.stderr) == (0, "added alice, admin\n", "")
    assert Accounts(path).check("alice", "correct horse")
    done = subprocess.run(command, input="short\n", capture_output=True, text=True)
    assert (done.returncode, done.stderr.count("\n")) == (1, 1)
    assert "it has 5 characters" in done.stderr


# ---- sessions and limits


def test_a_session_ends_by_time_by_signing_out_and_with_its_account(auth_file: Path) -> None:
    now = [0.0]
    sessions = Sessions(accounts := Accounts(auth_file), clock=lambda: now[0])
    alice = accounts.get("alice")
    assert alice
    first = sessions.start(alice)
    assert sessions.get(first) == alice
    assert sessions.get(first[:-1] + ("A" if first[-1] != "A" else "B")) is None
    second = sessions.start(alice, first)
    assert (sessions.get(first), sessions.get(second)) == (None, alice), "signing in renews it"
    sessions.end(second)
    assert sessions.get(second) is None
    third = sessions.start(alice)
    now[0] += SESSION_SECONDS - 1
    assert sessions.get(third) == alice
    now[0] += 1
    assert sessions.get(third) is None
    for change in (hashed("new password", cost=CHEAP), None):
        token, line = sessions.start(accounts.get("alice") or alice), f"alice:admin:{change}\n" if change else ""
        auth_file.write_text(line + auth_file.read_text().split("\n", 1)[1])
        assert sessions.get(token) is None, "a changed or deleted line counts at once"


@given(st.lists(st.integers(0, 20), min_size=1, max_size=60))
def test_in_any_stretch_of_time_no_more_is_let_through_than_the_bucket_gives(waits: list[int]) -> None:
    now, allowed = [0], list[int]()
    limit = Limit(burst=3, seconds=5, clock=lambda: now[0])
    for wait in waits:
        now[0] += wait
        if left := limit.take("key"):
            assert 0 < left <= 5
        else:
            allowed.append(now[0])
    assert len(allowed) >= min(3, len(waits))
    for first, start in enumerate(allowed):
        for last, end in enumerate(allowed[first:], first):
            assert last - first + 1 <= 3 + (end - start) / 5
    assert not limit.take("another key")


def test_old_keys_make_room(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(access, "_MOST_KEYS", 2)
    limit = Limit(burst=1, seconds=5, clock=lambda: 0.0)
    assert [bool(limit.take(key)) for key in ("a", "b", "c", "b", "c", "a")] == [False, False, False, True, True, False]


# ---- the way in


def test_without_a_session_there_is_only_the_way_in(nobody: TestClient) -> None:
    page = nobody.get("/source/x?start=1&end=2", headers={"accept": "text/html"})
    assert (page.status_code, page.headers["location"]) == (303, "/sign-in?to=/source/x%3Fstart%3D1%26end%3D2%23quote")
    form = nobody.get(page.headers["location"])
    assert 'name="to" value="/source/x?start=1&amp;end=2#quote"' in form.text
    assert "<script" not in form.text
    assert form.headers["content-security-policy"].startswith("default-src 'none'; style-src 'self'")
    assert "set-cookie" not in form.headers
    program = nobody.get("/api/documents")
    assert (program.status_code, program.headers["www-authenticate"][:5]) == (401, "Basic")
    assert "www-authenticate" not in nobody.get("/api/documents", headers={"sec-fetch-mode": "cors"}).headers


def test_signing_in_opens_what_was_asked_for_and_signing_out_ends_it(nobody: TestClient) -> None:
    nobody.cookies.set("pullquote", "A" * 43)
    answer = enter(nobody, "alice", to="/source/x?start=1")
    assert (answer.status_code, answer.headers["location"]) == (303, "/source/x?start=1")
    assert re.match(
        r"pullquote=[\w-]{43}; HttpOnly; Max-Age=43200; Path=/; SameSite=strict$", answer.headers["set-cookie"]
    )
    assert "A" * 43 not in answer.headers["set-cookie"], "the token is chosen by the server"
    mine = answer.cookies["pullquote"]
    nobody.cookies.clear()
    nobody.cookies.set("pullquote", mine)
    home = nobody.get("/")
    assert (home.status_code, home.headers["cache-control"]) == (200, "no-store")
    assert nobody.post("/sign-out").headers["location"] == "/sign-in"
    assert nobody.get("/").status_code == 401
    nobody.cookies.set("pullquote", mine)
    assert nobody.get("/").status_code == 401, "the old token is nobody's"


def test_signing_out_after_the_session_has_ended_leads_to_the_way_in(nobody: TestClient) -> None:
    answer = nobody.post("/sign-out", headers={"accept": "text/html"})
    assert (answer.status_code, answer.headers["location"]) == (303, "/sign-in?to=/")


def test_the_cookie_is_secure_where_the_proxy_speaks_https(app: Any) -> None:
    with TestClient(app, base_url="https://library.example", follow_redirects=False) as client:
        assert "; Secure" in enter(client, "alice").headers["set-cookie"]


@pytest.mark.parametrize(
    "to", ["https://evil.example/", "//evil.example", "/\\evil.example", "javascript:x", "/a\r\nb: c"]
)
def test_signing_in_never_leads_to_another_site(nobody: TestClient, to: str) -> None:
    assert enter(nobody, "alice", to=to).headers["location"] == "/"


def test_a_wrong_password_and_a_wrong_name_look_the_same(nobody: TestClient) -> None:
    answers = [nobody.post("/sign-in", data={"name": name, "password": "nonsense"}) for name in ("alice", "zoe", "<b>")]
    assert [answer.status_code for answer in answers] == [401] * 3
    assert answers[0].text == answers[1].text.replace("zoe", "alice")
    assert "<b>" not in answers[2].text
    assert enter(nobody, "alice").status_code == 303


def test_guessing_is_slowed_down(nobody: TestClient) -> None:
    tries = [nobody.post("/sign-in", data={"name": "alice", "password": str(n)}) for n in range(11)]
    assert [each.status_code for each in tries] == [401] * 10 + [429]
    assert 0 < int(tries[-1].headers["retry-after"]) <= 31
    assert "Too many attempts" in tries[-1].text
    assert enter(nobody, "alice").status_code == 429, "not even with the password"
    assert nobody.get("/api/documents", auth=("alice", PASSWORDS["alice"])).status_code == 429


def test_requests_are_limited_but_not_the_files_of_the_page(
    assistant: Assistant, settings: Settings, auth_file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("rag.serve._BURST", 4)
    monkeypatch.setattr("rag.serve._SECONDS", 600)
    app = build_app(assistant.library, settings, assistant=assistant, accounts=Accounts(auth_file))
    with TestClient(app, base_url=HERE, follow_redirects=False) as client:
        enter(client, "bob")
        answers = [client.get("/api/documents") for _ in range(5)]
        assert [answer.status_code for answer in answers] == [200] * 4 + [429]
        assert 0 < int(answers[-1].headers["retry-after"]) <= 600
        assert client.get("/static/page.css").status_code == 200
        client.cookies.clear()
        enter(client, "alice")
        assert client.get("/api/documents").status_code == 200, "each has an own allowance"


def test_a_program_sends_name_and_password(nobody: TestClient, auth_file: Path) -> None:
    alice = ("alice", PASSWORDS["alice"])
    asked = nobody.post("/api/ask", json={"question": SECRET}, auth=alice).json()
    assert nobody.get(f"/api/conversations/{asked['conversation']}", auth=alice).json()[0]["question"] == SECRET
    assert nobody.get(f"/api/conversations/{asked['conversation']}", auth=("bob", PASSWORDS["bob"])).status_code == 404
    assert nobody.get("/api/documents", auth=("alice", "wrong")).status_code == 401
    assert nobody.get("/", auth=alice).status_code == 401, "the page is for those who signed in"
    auth_file.write_text(auth_file.read_text().split("\n", 1)[1])
    assert nobody.get("/api/documents", auth=alice).status_code == 401


def test_a_file_that_is_damaged_later_lets_nobody_in(
    signed_in: Callable[[str], TestClient], nobody: TestClient, auth_file: Path
) -> None:
    alice = signed_in("alice")
    auth_file.write_text("nonsense\n")
    answer = alice.get("/api/documents")
    assert (answer.status_code, "line 1 of" in answer.text) == (503, True)
    again = nobody.post("/sign-in", data={"name": "alice", "password": PASSWORDS["alice"]})
    assert (again.status_code, "line 1 of" in again.text) == (503, True)


# ---- roles


def uploaded(path: str) -> dict[str, Any]:
    return {"path": path, "orig_name": Path(path).name, "meta": {"_type": "gradio.FileData"}}


def test_a_reader_can_neither_add_nor_remove(signed_in: Callable[[str], TestClient], library: Library) -> None:
    alice, bob = signed_in("alice"), signed_in("bob")
    before = library.documents()
    assert bob.post("/gradio_api/upload", files={"files": b"text"}).status_code == 403
    (path,) = alice.post("/gradio_api/upload", files={"files": ("kelp.txt", b"Kelp grows fast.")}).json()
    events = event_ids(bob)
    fire(bob, events["upload"], [[uploaded(path)], None], None, "bobs-tab")
    fire(bob, events["select"], [None], {"do": "remove", "id": before[0].id}, "bobs-tab")
    assert library.documents() == before
    assert "Remove" not in (page := fire(bob, events["load"], [], None, "bobs-tab"))
    assert "The moon" in page, "the positive control: the page came"
    assert "Remove" in fire(alice, events["load"], [], None, "alices-tab")
    fire(alice, events["upload"], [[uploaded(path)], None], None, "alices-tab")
    assert len(library.documents()) == 2
    fire(alice, events["select"], [None], {"do": "remove", "id": before[0].id}, "alices-tab")
    assert [document.title for document in library.documents()] == ["Kelp grows fast."]


@pytest.fixture
def kept(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The folder of what is uploaded, empty; in it only links to what was not."""
    kept = tmp_path / "kept"
    kept.mkdir()
    (tmp_path / "secret.txt").write_text("Zebra is the password.")
    (kept / "link.txt").symlink_to(tmp_path / "secret.txt")
    (kept / "up").symlink_to(tmp_path)
    (kept / "round").symlink_to("round")
    monkeypatch.setenv("GRADIO_TEMP_DIR", str(kept))
    return kept


_OUTSIDE = [
    "{up}/secret.txt", "{kept}/../secret.txt", "{kept}/link.txt", "{kept}/up/secret.txt", "{kept}-more/secret.txt",
    "http://192.0.2.7/{kept}", "HTTPS://192.0.2.7/x", "file://{up}/secret.txt", "/gradio_api/file={up}/secret.txt",
    "secret.txt", "../secret.txt", "~/secret.txt", "", "{kept}/a\0b", "{kept}/\ud800", "{kept}/round",
    None, 7, ["{kept}"],
]  # fmt: skip


@pytest.mark.parametrize("path", _OUTSIDE)
def test_no_request_can_name_a_file_that_was_not_uploaded(
    kept: Path, signed_in: Callable[[str], TestClient], library: Library, monkeypatch: pytest.MonkeyPatch, path: Any
) -> None:
    monkeypatch.chdir(kept.parent)
    named = path.format(up=kept.parent, kept=kept) if isinstance(path, str) else path
    whole = {"path": named, "orig_name": "a.txt", "meta": {"_type": "gradio.FileData"}}
    alice, bob, before = signed_in("alice"), signed_in("bob"), library.documents()
    events = event_ids(alice)
    for data, wish in (
        ([whole, None], None), ([[whole], None], None), ([{"a": [{"b": whole}]}, None], None),
        ([{"path": named}, None], None), ([None, whole], None), ([None, None], {"do": "new", "x": [whole]}),
    ):  # fmt: skip
        for client, event in ((bob, "submit"), (bob, "select"), (alice, "upload")):
            answer = join(client, events[event], data, wish, f"{event}-tab")
            assert (answer.status_code, "was not uploaded here" in answer.text) == (403, True), (data, wish, event)
    assert sorted(each.name for each in kept.iterdir()) == ["link.txt", "round", "up"], "nothing was copied"
    assert library.documents() == before and (kept.parent / "secret.txt").exists()


def test_what_was_uploaded_is_read_wherever_the_request_says_it_can_be_fetched(
    kept: Path, signed_in: Callable[[str], TestClient], library: Library, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir("/")
    alice = signed_in("alice")
    sent = [("files", ("kelp.txt", b"Kelp grows fast.")), ("files", (".hidden", b"x"))]
    paths = alice.post("/gradio_api/upload", files=sent).json()
    wish = [uploaded(path) | {"url": "http://192.0.2.7/crab.txt", "is_stream": False} for path in paths]
    assert "1 added" in fire(alice, event_ids(alice)["upload"], [wish, None], wish, "alices-tab")
    assert "Kelp grows fast." in [document.title for document in library.documents()]
    assert not [path for path in kept.rglob("*") if path.is_file() and not path.is_symlink()], "the copies are gone"


def test_gradio_too_refuses_what_was_not_uploaded(
    kept: Path, signed_in: Callable[[str], TestClient], library: Library, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The lock behind the lock."""
    monkeypatch.setattr(access, "_is_uploaded", lambda _: True)
    alice, before = signed_in("alice"), library.documents()
    for path in (kept.parent / "secret.txt", kept / "link.txt", kept / "up" / "secret.txt"):
        for event, data in (("upload", [[uploaded(str(path))], None]), ("submit", [uploaded(str(path)), None])):
            assert '"success":false' in fire(alice, event_ids(alice)[event], data, None, f"tab-{path.name}-{event}")
    assert library.documents() == before
    assert sorted(each.name for each in kept.iterdir()) == ["link.txt", "round", "up"]


def test_uploads_are_limited_in_size_and_number(signed_in: Callable[[str], TestClient]) -> None:
    alice = signed_in("alice")
    big = alice.post("/gradio_api/upload", files={"files": b"x"}, headers={"content-length": str(2**30)})
    assert big.status_code == 413
    assert alice.post("/gradio_api/upload", files={"files": b"x" * (2**26 + 1)}).status_code == 413
    assert alice.post("/gradio_api/upload", files=[("files", (f"{n}", b"")) for n in range(1001)]).status_code == 400
    assert alice.post("/api/ask", content=b'{"question": "' + b"x" * 2**20 + b'"}').status_code == 413
    assert alice.post("/gradio_api/upload", files={"files": b"x"}).status_code == 200


# ---- nothing private without its session


def endpoints(routes: list[Any], prefix: str = "") -> Iterator[tuple[str, str]]:
    """(method, path) of every route of the app and of what is mounted in it."""
    for route in iter_route_contexts(routes):
        if isinstance(route.original_route, Mount):
            yield from endpoints(route.original_route.routes, prefix + route.original_route.path)
        else:
            for method in route.methods or ("GET", "POST"):
                yield method, prefix + str(route.path)


class Alices:
    """What Alice has: a conversation, an answer in an open tab, and an uploaded file."""

    def __init__(self, client: TestClient) -> None:
        self.client, self.events = client, event_ids(client)
        said = fire(client, self.events["submit"], [SECRET, None], None, "alices-tab")
        assert SECRET in said
        self.event = str(re.search(r'"event_id": ?"(\w+)"', said).group(1))  # type: ignore[union-attr]
        self.conversation = client.get("/api/conversations").json()[0]["id"]
        (self.upload,) = client.post("/gradio_api/upload", files={"files": ("a.txt", SECRET.encode())}).json()

    def path(self, path: str) -> str:
        """A route's path that names what is hers."""
        named = {"conversation": self.conversation, "session_hash": "alices-tab", "event_id": self.event}
        return re.sub(r"\{(\w+)(:path)?\}", lambda found: named.get(found[1], self.upload), path)

    @property
    def body(self) -> dict[str, Any]:
        return {
            "session_hash": "alices-tab", "event_id": self.event, "fn_index": self.events["load"], "data": [],
            "conversation": self.conversation, "question": "Why?",
        }  # fmt: skip


@pytest.fixture
def alices(signed_in: Callable[[str], TestClient]) -> Alices:
    return Alices(signed_in("alice"))


def test_every_endpoint_is_closed_to_nobody(nobody: TestClient, app: Any, alices: Alices) -> None:
    found = set(endpoints(app.routes))
    assert {("POST", "/gradio_api/queue/join"), ("GET", "/source/{document_id}"), ("POST", "/mcp")} < found
    assert len(found) > 80
    for forged in ("", "A" * 43):
        nobody.cookies.set("pullquote", forged)
        for method, path in sorted(found):
            answer = nobody.request(method, alices.path(path), json=alices.body, params={"session_hash": "alices-tab"})
            assert answer.status_code == 401 or path in PUBLIC, (method, path, answer.status_code)
            assert SECRET not in answer.text
        assert {path for path in PUBLIC if nobody.get(path).status_code == 200} == PUBLIC
        assert nobody.get("/static/page.js").status_code == 401
        assert nobody.get("/no/such/page").status_code == 401


def test_every_endpoint_gives_another_user_nothing_of_hers(
    signed_in: Callable[[str], TestClient], app: Any, alices: Alices
) -> None:
    bob = signed_in("bob")
    hers = {"session_hash": "alices-tab"}
    for method, path in sorted(set(endpoints(app.routes)) - {("POST", "/sign-in"), ("POST", "/sign-out")}):
        for params in ({}, hers):
            answer = bob.request(method, alices.path(path), json=alices.body, params=params, headers=NO_STREAM)
            assert SECRET not in answer.text, (method, path)
            names_her_tab = path in ("/gradio_api/queue/join", "/gradio_api/heartbeat/{session_hash}")
            if names_her_tab or (params and path == "/gradio_api/queue/data"):
                assert answer.status_code == 403, (method, path)
    for client, status in ((bob, 404), (alices.client, 200)):
        saved = client.get(f"/export/default/{alices.conversation}.md")
        assert (saved.status_code, SECRET in saved.text.replace("\\", "")) == (status, status == 200)
    mine = alices.client.get(f"/api/conversations/{alices.conversation}")
    assert [turn["question"] for turn in mine.json()] == [SECRET], "the positive control: it is there, and hers"


def test_no_event_shows_or_changes_what_is_anothers(signed_in: Callable[[str], TestClient], alices: Alices) -> None:
    bob = signed_in("bob")
    sources = "".join(path.read_text() for path in Path(access.__file__).parent.glob("*.[pj][ys]"))
    verbs = set(re.findall(r'(?:data-do=|do: )"(\w+)"', sources))
    assert {"open", "rename", "delete", "remove", "evidence"} <= verbs
    for event in bob.get("/config").json()["dependencies"]:
        nothing, theft = [None] * len(event["inputs"]), {"do": "open", "id": alices.conversation}
        assert join(bob, event["id"], nothing, theft, "alices-tab").status_code == 403
        for verb in sorted(verbs) if event["targets"][0][1] == "select" else [""]:
            wish = {"do": verb, "id": alices.conversation, "turn": "0", "title": "stolen", "question": "Why?"}
            assert SECRET not in fire(bob, event["id"], nothing, wish, "bobs-tab"), (event["targets"], verb)
    hers = alices.client
    assert SECRET in fire(hers, alices.events["load"], [], None, "alices-second-tab")
    opened = fire(hers, alices.events["select"], [None], {"do": "open", "id": alices.conversation}, "alices-third-tab")
    assert SECRET in opened, "the positive control"
    assert hers.get("/api/conversations").json()[0]["title"] == SECRET


def test_another_user_cannot_listen_to_an_answer_on_its_way(
    signed_in: Callable[[str], TestClient], alices: Alices
) -> None:
    body = alices.body | {"session_hash": "alices-new-tab"}
    alices.client.post("/gradio_api/queue/join", json=body).raise_for_status()
    listening = {"session_hash": "alices-new-tab"}
    assert signed_in("bob").get("/gradio_api/queue/data", params=listening).status_code == 403
    with alices.client.stream("GET", "/gradio_api/queue/data", params=listening) as stream:
        assert any(SECRET in line for line in stream.iter_lines()), "the positive control"


def test_an_account_is_never_the_owner_that_an_anonymous_session_is(
    assistant: Assistant, settings: Settings, alices: Alices
) -> None:
    """The same library served without accounts: a cookie that spells the account's owner is a new session."""
    app = build_app(assistant.library, settings, assistant=assistant)
    with TestClient(app, base_url="http://127.0.0.1") as anonymous:
        for cookie in ("user:alice", '"user:alice"', "alice"):
            assert anonymous.get("/api/conversations", headers={"cookie": f"pullquote={cookie}"}).json() == []
    assert assistant.library.conversations.list("user:alice")
