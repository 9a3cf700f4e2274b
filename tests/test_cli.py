"""The terminal's edge, run as a person runs it, with the real models."""

from __future__ import annotations

import json
import os
import sqlite3
import subprocess
import sys
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import pytest
from conftest import Folder

from rag import cli, doctor
from rag.loaders import _EXTENSIONS
from rag.store.schema import MIGRATIONS

pytestmark = pytest.mark.weights
ARTICLE = """---
title: A plan revived
date: 2023-08-24
url: https://news.example/plan
---

Two years after it stopped promoting the Thousand Talents Plan, China revived it as Qiming, according to three people.

Qiming is run by the Ministry of Industry and Information Technology. Signing bonuses are 3 to 5 million yuan.
"""
Run = Callable[..., tuple[int, str, str]]


@pytest.fixture
def run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Run:
    """Runs ``pullquote`` with its own index folder: (exit code, stdout, stderr)."""
    monkeypatch.setenv("PULLQUOTE_INDEX_DIR", str(tmp_path / "index"))

    def call(*arguments: str | Path) -> tuple[int, str, str]:
        monkeypatch.setattr(sys, "argv", ["pullquote", *map(str, arguments)])
        code = 0
        try:
            cli.main()
        except SystemExit as stop:
            code = int(stop.code or 0)
        captured = capsys.readouterr()
        return code, captured.out, captured.err

    return call


def test_from_a_folder_to_a_quote_and_back_to_nothing(run: Run, folder: Folder) -> None:
    root = folder({"plan.md": ARTICLE, "bad.txt": b"\x00\x01\xff\xfe" * 300})
    code, out, err = run("add", root)
    assert (code, "1 added" in out, "bad.txt" in err) == (1, True, True)

    code, out, _ = run("ask", "Who", "runs", "Qiming?", "--json")  # in a shell, without quotes around it
    answer = json.loads(out)
    assert (code, answer["question"], answer["status"]) == (0, "Who runs Qiming?", "answered")
    quote = answer["quotes"][0]
    assert "Ministry of Industry and Information Technology" in quote["text"]
    assert (quote["title"], quote["published"]) == ("A plan revived", "2023-08-24")
    keys = {"question", "query", "resolution", "status", "reason", "answer", "quotes", "timings_ms"}
    assert keys <= answer.keys()
    assert {
        "rank",
        "text",
        "document_id",
        "revision",
        "uri",
        "title",
        "published",
        "start",
        "end",
        "page",
        "link",
        "score",
    } <= quote.keys()

    _, listed, _ = run("list")
    assert listed.startswith(quote["document_id"])
    _, shown, _ = run("show", quote["document_id"])
    text = shown.split("\n\n", 1)[1]
    assert text[quote["start"] : quote["end"]] == quote["text"]
    assert run("verify")[:2] == (0, "everything agrees\n")
    assert run("repair")[0] == 0
    code, out, _ = run("remove", root / "plan.md")
    assert (code, "removed 1 document:" in out) == (0, True)
    assert run("list") == (0, "", "the collection is empty; pullquote add FOLDER fills it\n")


def test_mistakes_are_one_line_and_say_what_fixes_them(run: Run, folder: Folder, tmp_path: Path) -> None:
    for arguments, words in (
        (("ask", "anything"), "pullquote add"),
        (("add", tmp_path, "--column", "words=body"), "--column FIELD=NAME"),
        (("list", "--collection", "../etc"), "collection"),
    ):
        code, out, err = run(*arguments)
        assert (code, out, err.count("\n")) == (1, "", 1)
        assert words in err
    code, out, err = run("add", tmp_path / "nowhere", folder({"a.txt": "It rained."}, name="rain"))
    assert (code, out, err.count("\n")) == (1, "1 added, 1 failed; 1 new passages\n", 1)
    assert "nowhere cannot be read: No such file or directory. Fix: check the path" in err
    assert "Fix: write https://www.example.com/a" in run("add", "www.example.com/a")[2]
    code, out, err = run("add", folder({"x.csv": "a,b\n1,2\n"}, name="table"), "--column", "text=c")
    assert (code, "1 failed" in out, "no field 'c'; the fields are a, b" in err) == (1, True, True)
    run("add", folder({"plan.md": ARTICLE}))
    for question, words in (
        ("   ", "empty"),
        ("why " * 5000, "19,999 characters"),
    ):
        code, out, err = run("ask", question)
        assert (code, out, err.count("\n")) == (1, "", 1)
        assert words in err
    code, out, err = run("list", "--index", tmp_path / ("n" * 300))
    assert (code, out, err.count("\n"), "File name too long. Fix: " in err) == (1, "", 1, True)
    assert run("show", "nothing")[0] == 1
    (circle := tmp_path / "circle").symlink_to(circle)
    assert run("collections", "--index", circle)[0] == 0
    assert [run(*before, circle)[0] for before in (("show",), ("ask", "x", "--document"))] == [1, 1]
    assert run("ask", "x", "--mode", "wild")[0] == 1
    assert run("nonsense")[0] == 2


def test_skipped_files_are_named_up_to_five(run: Run, folder: Folder) -> None:
    root = folder({"plan.md": ARTICLE, **{f"{n}.jpg": b"\xff\xd8" for n in range(5)}})
    code, out, err = run("add", root)
    assert (code, out.split(";")[0], err.count("\n")) == (0, "1 added, 5 skipped", 5)
    assert "/4.jpg: files with this ending are not read\n" in err
    (root / "5.jpg").touch()
    (root / "6.jpg").touch()
    assert run("add", root)[2].endswith("/4.jpg: files with this ending are not read\nskipped: ... and 2 more\n")


def test_bytes_that_are_no_text_in_a_name_or_a_question_stop_nothing(run: Run, folder: Folder) -> None:
    root, odd = folder({"plan.md": ARTICLE}), os.fsdecode(b"caf\xe9")
    (root / f"{odd}.csv").write_text("firm,runs\nASML,lithography\n")
    code, out, err = run("add", root)
    assert (code, out.split(";")[0], err) == (0, "2 added", "")
    assert "caf\ufffd" in run("list")[1]
    code, out, _ = run("ask", f"Who runs Qiming, the {odd}?", "--json")
    assert (code, json.loads(out)["question"]) == (0, "Who runs Qiming, the caf??")


def test_the_help_begins_with_what_one_needs_first(run: Run) -> None:
    _, out, _ = run("--help")
    assert "pullquote add FOLDER" in out
    commands = [
        name for name in ("ask", "add", "conversations", "backup", "train-reader", "user") if f" {name} " in out
    ]
    assert [out.index(f"│ {name} ") for name in commands] == sorted(out.index(f"│ {name} ") for name in commands)
    assert len(commands) == 6


def test_doctor_finds_everything(run: Run) -> None:
    code, out, _ = run("doctor")
    assert code == 0, out
    assert "FAIL" not in out


@pytest.mark.parametrize(("name", "called"), [("reader", "reader"), ("encoder", "embedding")])
def test_doctor_says_which_model_is_not_there(
    run: Run, monkeypatch: pytest.MonkeyPatch, name: str, called: str
) -> None:
    monkeypatch.setenv(f"PULLQUOTE_{name.upper()}", "/nowhere/model")
    code, out, _ = run("doctor")
    failed = [line.split()[1].rstrip(":") for line in out.splitlines() if "FAIL" in line]
    assert (code, failed) == (1, [called])


def test_doctor_goes_on_where_a_library_fails(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    def failing(*_: object) -> str:
        raise RuntimeError("no such device")

    monkeypatch.setattr(doctor, "_processor", failing)
    for slow in ("_encoder", "_reader"):
        monkeypatch.setattr(doctor, slow, lambda _: "")
    code, out, _ = run("doctor")
    assert (code, "FAIL processor: no such device" in out, "ok   disk" in out) == (1, True, True)


def test_ctrl_c_says_that_what_is_finished_is_kept() -> None:
    code = "from rag.cli import app, main\n@app.command()\ndef wait():\n    raise KeyboardInterrupt\nmain()"
    stopped = subprocess.run([sys.executable, "-c", code, "wait"], capture_output=True, text=True, check=False)
    assert (stopped.returncode, stopped.stdout) == (130, "")
    assert stopped.stderr == "pullquote: stopped; what was finished is kept, run the same command to go on\n"


def test_chat_follows_up_until_the_end_of_input(run: Run, folder: Folder, monkeypatch: pytest.MonkeyPatch) -> None:
    run("add", folder({"plan.md": ARTICLE}))
    typed = iter(["Who runs Qiming?", "How much are its signing bonuses?"])
    monkeypatch.setattr("builtins.input", lambda _: next(typed, ""))
    code, out, _ = run("chat")
    assert code == 0
    assert "Ministry of Industry" in out
    assert "3 to 5 million yuan" in out


def test_ctrl_c_at_the_prompt_ends_a_chat_as_ctrl_d_does(
    run: Run, folder: Folder, monkeypatch: pytest.MonkeyPatch
) -> None:
    def typing(_: str) -> str:
        if typed:
            return typed.pop()
        raise KeyboardInterrupt

    run("add", folder({"plan.md": ARTICLE}))
    typed = ["Who runs Qiming?"]
    monkeypatch.setattr("builtins.input", typing)
    code, out, err = run("chat")
    assert (code, "\nsaved; go on with: pullquote chat --continue" in out, err) == (0, True, "")


def test_words_for_the_chat_itself_are_not_searched(run: Run, folder: Folder, monkeypatch: pytest.MonkeyPatch) -> None:
    run("add", folder({"plan.md": ARTICLE}))
    typed = iter(["/raw", "/help", "Who runs Qiming?", "/all", "quit", "Who pays?"])
    monkeypatch.setattr("builtins.input", lambda _: next(typed))
    out = run("chat")[1]
    said = ("Nothing has been asked yet.", "quit or Ctrl-D ends", "[1] A plan revived", "asked of all sources")
    assert [out.count(each) for each in said] == [1, 1, 1, 1]
    assert next(typed) == "Who pays?"


def test_what_is_said_of_the_sources_counts_those_with_a_date(run: Run, folder: Folder) -> None:
    run("add", folder({"plan.md": ARTICLE, "note.md": "A note about nothing in particular, without a date."}))
    assert "the 2 sources in this collection, 1 of them dated 2023-08-24;" in run("ask", "help")[1]


def test_the_help_of_add_names_every_format_that_is_read(run: Run) -> None:
    told = set(run("add", "--help")[1].replace(",", " ").split())
    assert {ending for ending in _EXTENSIONS if ending[1:4] not in ("tar", "tgz", "tbz", "txz")} <= told


def test_a_collection_moves_in_one_file_and_old_words_are_purged(
    run: Run, folder: Folder, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    root = folder({"plan.md": ARTICLE})
    run("add", root)
    file = tmp_path / "kept.pullquote"
    code, out, _ = run("backup", file)
    assert (code, f"{file.stat().st_size:,} bytes" in out) == (0, True)
    code, _, err = run("restore", file)
    assert (code, "--replace" in err, err.count("\n")) == (1, True, 1)
    assert run("restore", file, "--collection", "moved")[1] == "restored and verified: 1 documents, 1 passages\n"
    assert "Ministry of Industry" in run("ask", "Who runs Qiming?", "--collection", "moved")[1]

    typed = iter(["Who runs Qiming?"])
    monkeypatch.setattr("builtins.input", lambda _: next(typed, ""))
    assert "saved; go on" in run("chat")[1]  # and so the text that it quotes is kept
    (root / "plan.md").write_text(ARTICLE.replace("Two years", "Three years"))
    assert "1 changed" in run("add", root)[1]
    for texts, answers in ((1, 1), (0, 0)):
        code, out, _ = run("purge")
        assert (code, out.startswith(f"purged earlier revisions: {texts} texts of ")) == (0, True)
        assert f"quotes in {answers} saved answers" in out
    assert run("restore", file, "--replace")[0] == 0
    assert "Two years" in run("show", root / "plan.md")[1]


def test_stats_count_what_is_there(run: Run, folder: Folder) -> None:
    run("add", folder({"plan.md": ARTICLE}))
    counts = {line[:14].strip(): int(line[14:].replace(",", "")) for line in run("stats")[1].splitlines()}
    assert (counts["documents"], counts["contents"], counts["passages"]) == (1, 1, 1)
    assert counts["vector bytes"] == 2 * 384
    assert counts["disk bytes"] > counts["characters"] > 200


def test_a_chat_is_saved_goes_on_and_is_forgotten(run: Run, folder: Folder, monkeypatch: pytest.MonkeyPatch) -> None:
    def typing(*lines: str) -> None:
        left = iter(lines)
        monkeypatch.setattr("builtins.input", lambda _: next(left, ""))

    run("add", folder({"plan.md": ARTICLE}))
    typing("Who runs Qiming?")
    number = run("chat")[1].split("--continue ")[1].strip()
    typing("When was it revived?", "/raw")
    code, out, _ = run("chat", "--continue", "last")
    assert (code, out.startswith("? Who runs Qiming?")) == (0, True)
    assert "Searched for: When was" in out and "question 1" in out and "/raw searches your own words" in out
    assert run("conversations")[1].split()[0] == number
    assert run("rename", number, "About", "Qiming")[0] == 0
    assert "  3  About Qiming" in run("conversations", "--find", "ministry revived")[1]
    assert run("conversations", "--find", "zeppelin")[1] == ""
    assert run("forget", number)[1] == f"deleted {number} (About Qiming): 3 turns\n"
    assert run("conversations")[1] == ""
    code, _, err = run("chat", "--continue", "last")
    assert (code, err.count("\n"), "pullquote conversations" in err) == (1, 1, True)


def test_filters_as_flags_and_in_words_are_shown_and_can_be_undone(run: Run, folder: Folder) -> None:
    root = folder(
        {"plan.md": ARTICLE, "old.md": ARTICLE.replace("2023-08-24", "2019-01-01").replace("Ministry", "Bureau")}
    )
    run("add", root)
    out = run("ask", "Who runs Qiming since 2020?")[1]
    assert "Searched only since 2020-01-01 (or undated). [--raw" in out and "Ministry" in out and "Bureau" not in out
    assert "Searched only" not in run("ask", "Who runs Qiming since 2020?", "--raw")[1]
    out = run("ask", "Who runs Qiming?", "--until", "2019")[1]
    assert "Searched only until 2019-12-31 (or undated).\n" in out and "Bureau" in out
    found = json.loads(run("ask", "Who runs Qiming?", "--document", root / "old.md", "--json")[1])
    assert {quote["published"] for quote in found["quotes"]} == {"2019-01-01"}
    assert "Ministry" in run("ask", "Who runs Qiming?", "--since", "1900")[1]
    for flags, words in (
        (("--since", "soon"), "May 2024"),
        (("--publisher", "Nobody"), "publisher"),
        (("--document", "nothing"), "pullquote list"),
    ):
        code, out, err = run("ask", "Who runs Qiming?", *flags)
        assert (code, out, err.count("\n"), words in err) == (1, "", 1, True)


def test_an_export_is_verified_and_a_tampered_one_is_not(
    run: Run, folder: Folder, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    run("add", folder({"plan.md": ARTICLE}))
    typed = iter(["Who runs Qiming?"])
    monkeypatch.setattr("builtins.input", lambda _: next(typed, ""))
    run("chat")
    for form in ("html", "md", "json"):
        file = tmp_path / f"talk.{form}"
        file.write_text(run("export", "last", "--format", form)[1])
        code, out, _ = run("verify-export", file)
        assert (code, "altered" in out, "exact: a slice" in out) == (0, False, True)
        file.write_text(file.read_text().replace("Ministry of Industry", "Ministry of Agriculture"))
        code, out, _ = run("verify-export", file)
        assert (code, "altered" in out) == (1, True)
    code, _, err = run("verify-export", tmp_path / "nothing")
    assert (code, f"{tmp_path}/nothing cannot be used: No such file or directory. Fix: " in err) == (1, True)


def test_collections_are_listed_and_dropped(run: Run, folder: Folder, tmp_path: Path) -> None:
    code, out, err = run("collections")
    assert (code, out, err) == (0, "", f"there is no collection in {tmp_path}/index; pullquote add FOLDER makes one\n")
    for name in ("default", "other"):
        assert run("add", folder({"plan.md": ARTICLE}), "--collection", name)[0] == 0
    code, out, _ = run("collections")
    assert [line.split() for line in out.splitlines()] == [
        ["1", "documents", "0", "conversations", name] for name in ("default", "other")
    ]
    code, out, err = run("drop", "other")
    assert (code, out) == (1, "")
    assert "would be gone for good" in err and "pullquote drop other --yes" in err
    code, out, err = run("drop", "other", "--yes")
    assert (code, err) == (0, "")
    assert out == "deleted the collection other; no file of it is left\n"
    assert [path.name for path in (tmp_path / "index").iterdir()] == ["default"]
    code, _, err = run("drop", "other", "--yes")
    assert (code, "there is no collection 'other'" in err) == (1, True)
    assert run("drop", "../index/default", "--yes")[0] == 1
    assert len(run("collections")[1].splitlines()) == 1
    (tmp_path / "index" / "broken").mkdir()
    (tmp_path / "index" / "broken" / "library.sqlite").write_bytes(b"no library at all" * 100)
    (tmp_path / "index" / "a-half").mkdir()
    with closing(sqlite3.connect(tmp_path / "index" / "a-half" / "library.sqlite")) as other:
        other.execute(f"PRAGMA user_version = {len(MIGRATIONS)}")
    code, out, err = run("collections")
    assert (code, len(out.splitlines()), "broken" in err, "a-half" in err) == (1, 1, True, True), "they hide no other"
