"""A collection's life on a real machine: full disks, folders without permission, two processes, Ctrl-C, backups."""

from __future__ import annotations

import gc
import json
import os
import signal
import sqlite3
import subprocess
import sys
import threading
import time
import zipfile
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from pathlib import Path
from typing import IO

import pytest
from conftest import Files, Folder, WordEncoder, add, files_with
from test_store import ARTICLE, NOTE, quoting, snapshot

from rag.chunk import passages
from rag.config import Settings, load_settings
from rag.errors import LibraryError
from rag.files import write_atomically
from rag.ingest import purge, remove
from rag.store import (
    Library,
    add_question,
    asked_questions,
    backup,
    drop,
    open_library,
    questions_file,
    repair,
    restore,
    verify,
    writing,
)
from rag.store.writing import take

TESTS = Path(__file__).parent


@pytest.fixture
def mount(tmp_path: Path) -> Iterator[Callable[..., Path]]:
    """Mounts a file system, or a folder read-only a second time, and gives the place."""
    points: list[Path] = []

    def call(*options: str | Path) -> Path:
        point = tmp_path / f"mounted{len(points)}"
        point.mkdir()
        done = subprocess.run(["mount", *options, point], capture_output=True, text=True, check=False)
        if done.returncode:
            pytest.skip(f"mounting is not allowed here: {done.stderr.strip()}")
        points.append(point)
        return point

    yield call
    for point in reversed(points):
        subprocess.run(["umount", "-l", point], check=True)


def many(count: int) -> Files:
    return {
        f"{number:04}.txt": f"Note {number}.\n\n" + f"Lithography met tariff {number}. " * 30 for number in range(count)
    }


def other_process(code: str, *arguments: str | Path) -> subprocess.Popen[str]:
    """A second Python that runs ``code`` with the tests' helpers importable."""
    environment = os.environ | {"PYTHONPATH": os.pathsep.join([str(TESTS), *sys.path]), "OMP_NUM_THREADS": "1"}
    return subprocess.Popen(
        [sys.executable, "-c", code, *map(str, arguments)],
        stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, env=environment,
    )  # fmt: skip


ADD = """
import sys
from pathlib import Path
from conftest import WordEncoder
from rag import ingest
from rag.config import load_settings
from rag.store import open_library, writing
ingest._BATCH = 8
writing.__wrapped__.__kwdefaults__["wait"] = 600  # seconds: on a busy machine another one writes for long
settings = load_settings(index_dir=Path(sys.argv[1]), reader="sentences")
library = open_library(settings, create=True)
report = ingest.add_paths(library, [Path(sys.argv[2])], encoder=WordEncoder(), settings=settings)
print(len(report.added))
"""


def test_a_full_disk_is_one_clear_line_and_what_was_kept_can_be_read(
    mount: Callable[..., Path], folder: Folder
) -> None:
    disk = mount("-t", "tmpfs", "-o", "size=1m", "tmpfs")
    settings = load_settings(index_dir=disk / "index", reader="sentences")
    library = open_library(settings, create=True)
    add(library, settings, folder({"a.md": ARTICLE}))
    with pytest.raises(LibraryError, match="cannot be written to: .*everything committed so far is kept") as caught:
        add(library, settings, folder(many(400)))
    assert "\n" not in str(caught.value)
    assert library.lexical("Qiming", 1)
    library.close()

    subprocess.run(["mount", "-o", "remount,size=64m", disk], check=True)
    again = open_library(settings)
    assert verify(again) == []
    kept = again.stats()["documents"]
    report = add(again, settings, folder(many(400)))
    assert (len(report.added), report.failed, verify(again)) == (402 - 1 - kept, [], [])


def test_a_read_only_folder_answers_and_refuses_to_change_in_one_line(
    mount: Callable[..., Path], library: Library, settings: Settings, folder: Folder
) -> None:
    root = folder({"a.md": ARTICLE})
    add(library, settings, root)
    expected = snapshot(library)
    view = mount("--bind", settings.index_dir)
    subprocess.run(["mount", "-o", "remount,ro,bind", view], check=True)
    fixed = load_settings(index_dir=view, reader="sentences")
    for open_elsewhere in (True, False):  # with the log of a process that has it open, and without
        if not open_elsewhere:
            library.close()
        assert (settings.folder / "library.sqlite-wal").exists() == open_elsewhere
        reader = open_library(fixed)
        assert (snapshot(reader), verify(reader)) == (expected, [])
        for change in (
            lambda reader=reader: add(reader, fixed, root),
            lambda reader=reader: remove(reader, [reader.documents()[0].id]),
            lambda reader=reader: reader.conversations.create("me"),
            lambda: open_library(load_settings(index_dir=view, collection="new"), create=True),
        ):
            with pytest.raises(LibraryError, match=r"cannot be .*") as caught:
                change()
            assert "\n" not in str(caught.value)
            assert "Fix: " in str(caught.value)
        reader.close()
    assert len(add(open_library(settings), settings, root).unchanged) == 1


def test_readers_keep_answering_while_another_process_adds(
    library: Library, settings: Settings, folder: Folder
) -> None:
    add(library, settings, folder({"a.md": ARTICLE}))
    root = folder(many(200), name="more")
    writer = other_process(ADD, settings.index_dir, root)
    vector = WordEncoder().encode(["Qiming ministry"])[0]
    seen = []
    while writer.poll() is None:
        assert library.lexical("Qiming", 1)
        assert library.dense(vector, 1)
        seen.append(library.stats()["documents"])
        time.sleep(0.005)
    assert writer.communicate()[0] == "200\n"
    assert seen == sorted(seen)
    assert len(set(seen)) > 2, "the reader never saw the writer at work"
    assert (library.stats()["documents"], verify(library)) == (201, [])


def test_two_processes_may_make_and_fill_a_collection_at_once(settings: Settings, folder: Folder) -> None:
    writers = [other_process(ADD, settings.index_dir, folder(many(40), name=name)) for name in ("one", "two")]
    assert [writer.communicate()[0] for writer in writers] == ["40\n", "40\n"]
    library = open_library(settings)
    assert (library.stats()["documents"], verify(library)) == (80, [])


PULLQUOTE = """
import signal, sys
signal.signal(signal.SIGINT, signal.default_int_handler)  # a job started in the background may have inherited "ignore"
from rag import cli
sys.argv[0] = "pullquote"
cli.main()
"""
STOPPED = f"""
import os, signal
from rag import ingest
from rag.store import Writer
ingest._BATCH, kept, put = 4, [], Writer.put
def counted(*arguments, **named):
    put(*arguments, **named)
    kept.append(1)
    if len(kept) == 10:
        os.kill(os.getpid(), signal.SIGINT)
Writer.put = counted
{PULLQUOTE}"""


@pytest.mark.weights
def test_ctrl_c_keeps_what_was_finished_and_the_next_run_goes_on(settings: Settings, folder: Folder) -> None:
    root = folder({f"{number:02}.txt": f"Lithography met tariff {number}.\n" for number in range(30)})
    words = ("add", root, "--index", settings.index_dir)
    stopped = other_process(STOPPED, *words)
    out, err = stopped.communicate()
    assert (stopped.returncode, err.count("\n")) == (130, 1), err
    assert "stopped" in err
    assert out.split(";")[0] in ("9 added", "10 added")  # the tenth was kept, and may not have been counted yet
    library = open_library(settings)
    assert (library.stats()["documents"], library.published, verify(library)) == (10, True, [])
    out, err = other_process(PULLQUOTE, *words).communicate()
    assert (out.split(";")[0], err) == ("20 added, 10 unchanged", "")


@pytest.mark.weights
def test_a_chat_in_a_read_only_library_goes_on_though_nothing_is_saved(
    mount: Callable[..., Path], settings: Settings, folder: Folder
) -> None:
    root = folder({"mill.txt": "Anna Berg built the mill in 1871.\n"})
    other_process(PULLQUOTE, "add", root, "--index", settings.index_dir).communicate()
    view = mount("--bind", settings.index_dir)
    subprocess.run(["mount", "-o", "remount,ro,bind", view], check=True)
    chat = other_process(PULLQUOTE, "chat", "--index", view)
    out, err = chat.communicate("Who built the mill?\nWhen was it built?\n")
    assert (chat.returncode, err.count("cannot be saved"), "Traceback" in err) == (0, 2, False)
    assert out.count("| Anna Berg built the mill in 1871.") == 2 and "saved; go on" not in out


@pytest.mark.weights
def test_watching_follows_what_comes_changes_and_goes(settings: Settings, folder: Folder) -> None:
    root = folder({"a.md": ARTICLE})
    watcher = other_process(PULLQUOTE, "add", root, "--watch", "--prune", "--index", settings.index_dir)
    assert watcher.stdout
    heard = [watcher.stdout.readline()]
    for change in (
        lambda: write_atomically(root / "b.txt", NOTE.encode()),
        lambda: write_atomically(root / "b.txt", b"A quokka.\n"),
        lambda: (root / "a.md").unlink(),
    ):
        change()
        heard.append(watcher.stdout.readline())
    watcher.send_signal(signal.SIGINT)
    assert "stopped" in watcher.communicate()[1]
    assert watcher.returncode == 130
    wanted = ["1 added", "1 added, 1 unchanged", "1 changed, 1 unchanged", "1 unchanged, 1 removed"]
    assert [line.split(";")[0] for line in heard] == wanted
    library = open_library(settings)
    assert (library.stats()["documents"], verify(library)) == (1, [])


@pytest.mark.weights
def test_watching_goes_on_when_a_folder_was_gone_or_somebody_else_wrote(settings: Settings, folder: Folder) -> None:
    root = folder({"a.md": ARTICLE})
    impatient = f"from rag.store import writing\nwriting.__wrapped__.__kwdefaults__['wait'] = 0.5\n{PULLQUOTE}"
    watcher = other_process(impatient, "add", root, "--watch", "--index", settings.index_dir)
    assert watcher.stdout and watcher.stderr
    assert watcher.stdout.readline().startswith("1 added")
    root.rename(root.with_name("away"))
    assert "cannot be read" in watcher.stderr.readline()
    assert watcher.stdout.readline().startswith("1 failed")
    root.with_name("away").rename(root)
    assert watcher.stdout.readline().startswith("1 unchanged")
    with closing(open_library(settings)) as library, writing(library):
        (root / "b.txt").write_text(NOTE)
        assert "another process" in watcher.stderr.readline()
    assert watcher.stdout.readline().startswith("1 added, 1 unchanged")
    watcher.send_signal(signal.SIGINT)
    assert "stopped" in watcher.communicate()[1]


def saved_quote(library: Library, words: str) -> None:
    """A conversation that quotes these words of the first document."""
    document = library.document(library.documents()[0].id)
    start = document.text.index(words)
    quoting(library, document, start, start + len(words))


def test_purging_erases_the_old_words_of_a_changed_file(library: Library, settings: Settings, folder: Folder) -> None:
    root = folder({"a.txt": f"The zyzzyva clause was struck out.\n\n{NOTE}", "b.md": ARTICLE})
    add(library, settings, root)
    saved_quote(library, "The zyzzyva clause")
    (root / "a.txt").write_text(NOTE)
    add(library, settings, root)
    saved_quote(library, "Lithography")
    assert files_with(settings, "zyzzyva")
    receipt = purge(library, [item.id for item in library.documents()])
    assert (receipt.documents, receipt.contents, receipt.turns) == (0, 1, 1)
    assert files_with(settings, "zyzzyva") == []
    assert library.lexical("lithography", 1)
    assert verify(library) == []
    assert purge(library, [item.id for item in library.documents()]).contents == 0


def test_removing_a_changed_document_erases_all_its_revisions(
    library: Library, settings: Settings, folder: Folder
) -> None:
    root = folder({"a.txt": f"The zyzzyva clause was struck out.\n\n{NOTE}"})
    add(library, settings, root)
    saved_quote(library, "The zyzzyva clause")
    (root / "a.txt").write_text("Only a quokka stands here now.\n")
    add(library, settings, root)
    remove(library, [library.documents()[0].id])
    assert (files_with(settings, "zyzzyva"), files_with(settings, "quokka"), verify(library)) == ([], [], [])


def test_pruned_files_are_erased_while_another_process_reads(
    library: Library, settings: Settings, folder: Folder
) -> None:
    root = folder({"a.md": ARTICLE, "s.txt": "The zyzzyva clause was struck out.\n"})
    add(library, settings, root)
    reader = open_library(settings)
    assert reader.lexical("zyzzyva", 1)
    (root / "s.txt").unlink()
    assert len(add(library, settings, root, prune=True).removed) == 1
    assert files_with(settings, "zyzzyva") == []
    assert (reader.lexical("zyzzyva", 1), verify(reader)) == ([], [])


def test_a_backup_taken_while_another_process_adds_restores_whole(
    library: Library, settings: Settings, folder: Folder, tmp_path: Path
) -> None:
    add(library, settings, folder({"a.txt": NOTE, "b.md": ARTICLE}))
    saved_quote(library, "Lithography")
    writer = other_process(ADD, settings.index_dir, folder(many(150), name="more"))
    while writer.poll() is None and library.stats()["documents"] < 10:
        time.sleep(0.005)
    assert backup(library, tmp_path / "kept.pullquote") == (tmp_path / "kept.pullquote").stat().st_size
    writer.communicate()
    there = load_settings(index_dir=tmp_path / "there", collection="again")
    restored = restore(tmp_path / "kept.pullquote", there)
    assert (restored.stats()["documents"] >= 2, verify(restored)) == (True, [])
    add(restored, there, tmp_path / "sources", tmp_path / "more")
    assert snapshot(restored) == snapshot(library)
    assert not list(there.index_dir.glob(".*"))


def test_restoring_replaces_only_on_request_and_readers_follow(
    library: Library, settings: Settings, folder: Folder, tmp_path: Path
) -> None:
    root = folder({"a.txt": NOTE, "b.md": ARTICLE})
    add(library, settings, root)
    file, expected = tmp_path / "kept.pullquote", snapshot(library)
    backup(library, file)
    (root / "a.txt").write_text("The zyzzyva clause.\n")
    add(library, settings, root)
    changed = snapshot(library)
    with pytest.raises(LibraryError, match="is not empty"):
        restore(file, settings)
    assert snapshot(library) == changed
    restore(file, settings, replace=True)
    assert (snapshot(library), files_with(settings, "zyzzyva")) == (expected, [])
    assert verify(library) == []


def test_a_restored_collection_can_be_dropped_at_once(
    library: Library, settings: Settings, folder: Folder, tmp_path: Path
) -> None:
    add(library, settings, folder({"a.md": ARTICLE}))
    backup(library, tmp_path / "kept.pullquote")
    there = load_settings(index_dir=tmp_path / "there")
    restore(tmp_path / "kept.pullquote", there).close()
    gc.disable()  # what is open must be closed, not left to be collected
    try:
        with pytest.raises(LibraryError, match="is not empty"):
            restore(tmp_path / "kept.pullquote", there)
        restore(tmp_path / "kept.pullquote", there, replace=True).close()
        drop(there.folder)
    finally:
        gc.enable()
    assert list(there.index_dir.iterdir()) == []


def test_a_backup_of_a_newer_version_says_so(
    library: Library, settings: Settings, folder: Folder, tmp_path: Path
) -> None:
    add(library, settings, folder({"a.md": ARTICLE}))
    backup(library, tmp_path / "kept.pullquote")
    for number in (1, 2):
        with (
            zipfile.ZipFile(tmp_path / "kept.pullquote") as whole,
            zipfile.ZipFile(tmp_path / f"{number}", "w") as other,
        ):
            note = json.loads(whole.read("pullquote.json")) | {"format": number, "bytes": "as older versions noted"}
            other.writestr("pullquote.json", json.dumps(note))
            other.writestr("library.sqlite", whole.read("library.sqlite"))
    there = load_settings(index_dir=tmp_path / "there")
    assert restore(tmp_path / "1", there).stats()["documents"] == 1
    with pytest.raises(LibraryError, match="has format 2: this version knows formats up to 1. Fix: update Pullquote"):
        restore(tmp_path / "2", there, replace=True)


def test_test_questions_travel_with_the_backup_and_older_ones_leave_them(
    library: Library, settings: Settings, folder: Folder, tmp_path: Path
) -> None:
    add(library, settings, folder({"a.md": ARTICLE}))
    file, older = tmp_path / "kept.pullquote", tmp_path / "older.pullquote"
    backup(library, older)
    add_question(library, "Who runs Qiming?")
    kept = questions_file(library).read_bytes()
    backup(library, file)
    add_question(library, "What rained?")
    restore(older, settings, replace=True)
    assert questions_file(library).read_bytes().startswith(kept) and len(asked_questions(library)) == 2
    restore(file, settings, replace=True)
    assert questions_file(library).read_bytes() == kept
    there = restore(file, load_settings(index_dir=tmp_path / "there"))
    assert questions_file(there).read_bytes() == kept
    with zipfile.ZipFile(older, "a") as archive:
        archive.writestr("questions.jsonl", "not in the note")
    restore(older, settings, replace=True)
    assert questions_file(library).read_bytes() == kept


def test_damaged_test_questions_are_noticed(
    library: Library, settings: Settings, folder: Folder, tmp_path: Path
) -> None:
    add(library, settings, folder({"a.md": ARTICLE}))
    add_question(library, "Who runs Qiming?")
    backup(library, tmp_path / "kept.pullquote")
    with zipfile.ZipFile(tmp_path / "kept.pullquote") as whole, zipfile.ZipFile(tmp_path / "other", "w") as other:
        for name in whole.namelist():
            other.writestr(name, whole.read(name).replace(b"Who runs", b"Who ruins"))
    with pytest.raises(LibraryError, match="not a backup, or it is damaged"):
        restore(tmp_path / "other", settings, replace=True)


@pytest.mark.parametrize("damage", ["cut", "flipped", "empty", "other"])
def test_a_damaged_backup_changes_nothing(
    damage: str, library: Library, settings: Settings, folder: Folder, tmp_path: Path
) -> None:
    add(library, settings, folder({"a.md": ARTICLE}))
    file, before = tmp_path / "kept.pullquote", snapshot(library)
    backup(library, file)
    data = bytearray(file.read_bytes())
    data[len(data) // 2] ^= 1
    file.write_bytes({"cut": data[:-99], "flipped": data, "empty": b"", "other": b"hello" * 999}[damage])
    with pytest.raises(LibraryError, match="not a backup, or it is damaged"):
        restore(file, settings, replace=True)
    assert snapshot(library) == before
    with pytest.raises(LibraryError):
        restore(file, load_settings(index_dir=tmp_path / "there"))
    assert not list((tmp_path / "there").iterdir())


@pytest.mark.parametrize("damage", ["contents", "the header"])
def test_a_damaged_database_says_so_and_a_backup_mends_it(
    damage: str, library: Library, settings: Settings, folder: Folder, tmp_path: Path
) -> None:
    add(library, settings, folder(many(40)))
    expected, file = snapshot(library), settings.folder / "library.sqlite"
    backup(library, tmp_path / "kept.pullquote")
    root = library.connect().execute("SELECT rootpage FROM sqlite_master WHERE name = 'contents'").fetchone()[0]
    size = library.connect().execute("PRAGMA page_size").fetchone()[0]
    library.connect().execute("PRAGMA wal_checkpoint(TRUNCATE)")
    library.close()
    with file.open("r+b") as bytes_of_it:
        bytes_of_it.seek((root - 1) * size if damage == "contents" else 0)
        bytes_of_it.write(b"\xff" * 200)
    for command in ("verify", "repair", "list"):
        process = other_process(PULLQUOTE, command, "--index", settings.index_dir)
        out, err = process.communicate()
        assert (process.returncode, err.count("\n")) == (1, 1), err
        assert "library.sqlite is damaged: " in out + err
        assert err.endswith("Fix: pullquote restore BACKUP --replace\n")
    healed = restore(tmp_path / "kept.pullquote", settings, replace=True)
    assert (verify(healed), snapshot(healed)) == ([], expected)


@pytest.mark.parametrize("table", ["contents", "lexicon_data"])
def test_a_backup_of_a_damaged_library_says_that_the_library_is_damaged(
    table: str, library: Library, settings: Settings, folder: Folder, tmp_path: Path
) -> None:
    add(library, settings, folder({"a.md": ARTICLE}))
    [(root,)] = library.connect().execute("SELECT rootpage FROM sqlite_master WHERE name = ?", (table,))
    [(size,)] = library.connect().execute("PRAGMA page_size")
    library.connect().execute("PRAGMA wal_checkpoint(TRUNCATE)")
    library.close()
    with (settings.folder / "library.sqlite").open("r+b") as file:
        file.seek((root - 1) * size)
        file.write(b"\xff" * 200)
    with pytest.raises(LibraryError, match="the library is damaged, nothing was written: .* Fix: pullquote restore"):
        backup(open_library(settings), tmp_path / "kept.pullquote")
    assert not list(tmp_path.glob("*kept.pullquote*"))


@pytest.mark.parametrize("name", ["library.sqlite", "kept/a.pullquote"])
def test_a_backup_is_not_written_into_the_collection_itself(
    name: str, library: Library, settings: Settings, folder: Folder
) -> None:
    add(library, settings, folder({"a.md": ARTICLE}))
    (settings.folder / "kept").mkdir()
    with pytest.raises(LibraryError, match="lies in the collection itself. Fix: choose a file in another folder"):
        backup(library, settings.folder / name)
    assert verify(library) == []


def test_what_another_process_has_begun_to_write_is_no_problem(
    library: Library, settings: Settings, folder: Folder
) -> None:
    add(library, settings, folder({"a.md": ARTICLE}))
    other = open_library(settings)
    with writing(other) as writer:
        assert verify(library, wait=0) == []
        writer.remove(other.documents()[0].id)
        with pytest.raises(LibraryError, match="another process is writing to this collection"):
            verify(library, wait=0)
    assert verify(library, wait=0) == []


def test_words_that_could_not_be_erased_are_a_problem_until_they_are(
    library: Library, settings: Settings, folder: Folder
) -> None:
    add(library, settings, folder({"a.md": ARTICLE, "s.txt": "The zyzzyva clause was struck out.\n"}))
    gone = next(document.id for document in library.documents() if document.uri.endswith("s.txt"))
    library.connect().execute("PRAGMA busy_timeout = 10")
    with closing(sqlite3.connect(settings.folder / "library.sqlite")) as reader:
        reader.execute("BEGIN")
        reader.execute("SELECT count(*) FROM documents").fetchone()
        with pytest.raises(LibraryError, match="the removed words are still in the write-ahead log"):
            remove(library, [gone])
        assert verify(library) == ["removed words are still in the files"]
    assert (repair(library), files_with(settings, "zyzzyva")) == ([], [])


def test_files_that_another_process_has_added_meanwhile_are_not_read_again(
    library: Library, settings: Settings, folder: Folder, monkeypatch: pytest.MonkeyPatch
) -> None:
    root, other, come = folder({"a.md": ARTICLE}), open_library(settings), threading.Event()

    def patient(lock: IO[str], _: float) -> None:
        come.set()
        take(lock, 600)

    with ThreadPoolExecutor(1) as pool:
        with writing(other) as writer:
            monkeypatch.setattr(sys.modules["rag.store.writing"], "take", patient)
            waiting = pool.submit(add, library, settings, root)
            assert come.wait(60), "it has not come to the lock"
            writer.pin(WordEncoder.name, WordEncoder.dim)
            first = open_library(settings.model_copy(update={"collection": "elsewhere"}), create=True)
            add(first, settings, root)
            [state], [document] = first.sources().values(), [first.document(d.id) for d in first.documents()]
            cut = passages(document, encoder=WordEncoder(), budget=settings.passage_tokens)
            writer.put(state, [(document, cut, WordEncoder().encode([ARTICLE] * len(cut)))])
        assert (len(waiting.result().unchanged), waiting.result().added) == (1, [])


def test_a_library_in_use_is_not_taken_for_a_damaged_one(library: Library, settings: Settings, folder: Folder) -> None:
    add(library, settings, folder({"a.md": ARTICLE}))
    library.connect().execute("PRAGMA busy_timeout = 10")
    with closing(sqlite3.connect(settings.folder / "library.sqlite")) as writer:
        writer.execute("BEGIN IMMEDIATE")
        with pytest.raises(LibraryError, match="cannot be used: database is locked. Fix: wait for other processes"):
            verify(library)
    assert verify(library) == []


@pytest.mark.parametrize("note", [b"[]", b"3", b"null", b'{"sha256": []}', b"\xff", b"[" * 99_999, b"locked"])
def test_what_is_no_backup_is_refused_in_one_line(note: bytes, settings: Settings, tmp_path: Path) -> None:
    file = tmp_path / "kept.pullquote"
    with zipfile.ZipFile(file, "w") as archive:
        archive.writestr("pullquote.json", note)
        archive.writestr("library.sqlite", b"no library")
    if note == b"locked":  # the mark of an encrypted member, in its own head and in the list of members
        data = bytearray(file.read_bytes())
        data[6] |= 1
        data[data.index(b"PK\x01\x02") + 8] |= 1
        file.write_bytes(data)
    with pytest.raises(LibraryError, match="is not a backup, or it is damaged") as caught:
        restore(file, settings)
    assert "\n" not in str(caught.value)


def test_adding_two_thousand_unchanged_files_reads_none(
    library: Library, settings: Settings, folder: Folder, monkeypatch: pytest.MonkeyPatch
) -> None:
    root = folder({f"{number}.txt": f"Note {number}.\n" for number in range(2000)})
    add(library, settings, root)

    def unwanted(path: Path) -> bytes:
        raise OSError(f"{path} was read")

    monkeypatch.setattr(Path, "read_bytes", unwanted)
    again = add(library, settings, root)
    assert (len(again.unchanged), again.failed) == (2000, [])
