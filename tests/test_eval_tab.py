"""The Evaluation tab's server side: sizes, owners, one run at a time, a collection that changes meanwhile."""

from __future__ import annotations

import gzip
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from conftest import Folder
from fastapi import FastAPI
from starlette.testclient import TestClient

from eval import formats
from eval.runs import Run, Runs
from eval.session import evaluate
from eval.tab import MOST_BYTES, tab
from eval.types import DataError
from rag.assistant import Assistant
from rag.config import Settings
from rag.errors import LibraryError
from rag.ingest import add_paths, remove
from rag.store import Library, drop, questions_file
from rag.ui.guard import COOKIE, Guard

pytestmark = pytest.mark.weights
ME, OTHER = {COOKIE: "m" * 43}, {COOKIE: "o" * 43}


@pytest.fixture
def assistant(library: Library, settings: Settings, folder: Folder) -> Iterator[Assistant]:
    made = Assistant(library, settings)
    files: dict[str, str | bytes] = {
        "bridge.txt": "The Halden bridge was opened in 1931. It was designed by Marta Lind.\n",
        "mine.txt": "The salt mine is 120 metres deep.\n",
    }
    add_paths(library, [folder(files)], encoder=made.encoder, settings=settings)
    yield made


def client(assistant: Assistant) -> TestClient:
    app, made = FastAPI(), tab(assistant)
    app.include_router(made.routes)
    app.add_middleware(Guard, hosts=("127.0.0.1",), bodies={made.path: made.most_body})
    return TestClient(app, base_url="http://127.0.0.1", follow_redirects=False)


def page(browser: TestClient, owner: dict[str, str]) -> str:
    return browser.get("/evaluation", headers=cookie(owner)).text


def cookie(owner: dict[str, str]) -> dict[str, str]:
    return {"cookie": "; ".join(f"{name}={value}" for name, value in owner.items())}


def finished(browser: TestClient, owner: dict[str, str]) -> str:
    end = time.monotonic() + 60
    while browser.get("/evaluation/state", headers=cookie(owner)).json()["running"]:
        assert time.monotonic() < end, "the run does not end"
        time.sleep(0.05)
    return page(browser, owner)


def test_a_run_belongs_to_who_started_it_and_a_second_one_waits(assistant: Assistant) -> None:
    browser = client(assistant)
    many = {"questions": ("many.txt", "How deep is the mine?\n" * 2000)}
    assert browser.post("/evaluation/run", files=many, headers=cookie(ME)).status_code == 303
    second = browser.post("/evaluation/run", files=many, headers=cookie(OTHER))
    assert second.status_code == 409 and "running already" in second.text
    browser.post("/evaluation/cancel", headers=cookie(OTHER))
    assert browser.get("/evaluation/state", headers=cookie(ME)).json()["running"]
    assert "many.txt" not in page(browser, OTHER)
    browser.post("/evaluation/cancel", headers=cookie(ME))
    assert "Cancelled after" in finished(browser, ME)
    with pytest.raises(LibraryError, match="in use"):  # the server goes on with it
        drop(assistant.library.folder)


class Ending(Runs):
    """A run ends just after it was looked at."""

    @property
    def running(self) -> Run | None:
        found = super().running
        if found:
            found.stop.set()
            while found.running:
                time.sleep(0.01)
        return found


def test_a_run_that_ends_while_its_page_is_drawn_is_shown_as_it_was(
    assistant: Assistant, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("eval.tab.Runs", Ending)
    browser = client(assistant)
    many = {"questions": ("many.txt", "How deep is the mine?\n" * 2000)}
    assert browser.post("/evaluation/run", files=many, headers=cookie(ME)).status_code == 303
    shown = page(browser, ME)
    assert 'id="bar"' in shown and "Run the file" not in shown and "Cancelled after" not in shown
    shown = page(browser, ME)
    assert "Cancelled after" in shown and "<button>Run the file" in shown


def test_own_questions_give_a_report_to_save(assistant: Assistant) -> None:
    browser = client(assistant)
    assert "None yet" in page(browser, ME)
    assert browser.post("/evaluation/run", headers=cookie(ME)).status_code == 400
    assert browser.get("/evaluation/report.html", headers=cookie(ME)).status_code == 303
    row = '{"question": "Who designed the <b>bridge</b>?", "answers": ["Marta Lind"], "document": "bridge.txt"}\n'
    questions_file(assistant.library).write_text(row, encoding="utf-8")
    assert browser.post("/evaluation/run", headers=cookie(ME)).status_code == 303
    shown = finished(browser, ME)
    assert "1 questions, 1 with a known answer" in shown and "<b>bridge" not in shown
    saved = browser.get("/evaluation/report.html", headers=cookie(ME))
    assert "attachment" in saved.headers["content-disposition"] and "/source/" not in saved.text
    figures = browser.get("/evaluation/report.json", headers=cookie(ME)).json()
    assert figures["rows"]["recall@1 (final)"] == {"questions_1": [1.0]}
    assert figures["command"].startswith("python -m eval run --data questions.jsonl --index ")


@pytest.mark.parametrize(
    ("name", "text", "says"),
    [
        ("x.csv", "who,where\n", "x.csv"),
        ("x.jsonl", "not json\n", "x.jsonl:1: not JSON"),
        ("x.jsonl", '{"id": "1", "question": "Q?", "context": "C.", "answers": []}', "documents of its own"),
        ("../../x<b>.txt", "", "no question to ask in _.._x_b_.txt"),
    ],
)  # fmt: skip
def test_a_file_that_cannot_be_run_is_answered_with_why(assistant: Assistant, name: str, text: str, says: str) -> None:
    answer = client(assistant).post("/evaluation/run", files={"questions": (name, text)}, headers=cookie(ME))
    assert answer.status_code == 400 and says in answer.text and "/tmp" not in answer.text


def test_a_file_beyond_the_bound_is_not_read(assistant: Assistant) -> None:
    browser = client(assistant)
    for size, says in ((MOST_BYTES + 1, "A question file has 16 MB at most."), (5 * MOST_BYTES, "too much")):
        answer = browser.post("/evaluation/run", content=b"", headers={**cookie(ME), "content-length": str(size)})
        assert answer.status_code == 413 and says in answer.text
    assert browser.post("/evaluation/cancel", content=b" " * 2**25, headers=cookie(ME)).status_code == 303


def test_a_file_that_unpacks_to_too_much_is_not_unpacked(assistant: Assistant) -> None:
    files = {"questions": ("long.txt.gz", gzip.compress(b"\n" * 2**28))}
    answer = client(assistant).post("/evaluation/run", files=files, headers=cookie(ME))
    assert answer.status_code == 400 and "unpacks to more than" in answer.text
    files = {"questions": ("short.txt.gz", gzip.compress(b"How deep is the mine?\n"))}
    assert client(assistant).post("/evaluation/run", files=files, headers=cookie(ME)).status_code == 303


def test_a_file_of_some_megabytes_is_read(assistant: Assistant) -> None:
    files = {"questions": ("long.txt", "How deep is the mine?\n" + "\n" * 2**22)}
    assert client(assistant).post("/evaluation/run", files=files, headers=cookie(ME)).status_code == 303


def test_a_collection_that_changes_ends_the_run(assistant: Assistant, tmp_path: Path) -> None:
    path = tmp_path / "q.txt"
    path.write_text("How deep is the mine?\nWho designed the bridge?\n", encoding="utf-8")

    def change(done: int, total: int, stage: str) -> None:
        if done == 0:
            remove(assistant.library, [assistant.library.documents()[0].id])

    with pytest.raises(DataError, match="the collection changed while it was asked"):
        evaluate(formats.read(path, "questions"), assistant.settings, work=None, assistant=assistant, progress=change)


def test_those_without_a_cookie_are_not_one_and_the_same(assistant: Assistant) -> None:
    browser = client(assistant)
    files = {"questions": ("private.txt", "How deep is the mine?\n")}
    assert browser.post("/evaluation/run", files=files).status_code == 303
    browser.cookies.clear()
    assert "private.txt" not in browser.get("/evaluation").text


@pytest.mark.parametrize("name", ["..", "問" * 100 + ".txt", "a/b.txt"])
def test_any_file_name_is_read_or_refused_in_words(assistant: Assistant, name: str) -> None:
    answer = client(assistant).post("/evaluation/run", files={"questions": (name, "How deep is the mine?\n")})
    assert answer.status_code in (303, 400)
