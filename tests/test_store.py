"""Ingest and store together, on real SQLite and real FAISS."""

from __future__ import annotations

import errno
import hashlib
import io
import json
import os
import tarfile
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from conftest import Folder, WordEncoder, add, files_with
from hypothesis import HealthCheck, given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st

from rag.chunk import embedding_text, passages
from rag.cli.base import document_ids
from rag.cli.filters import chosen
from rag.config import Settings, load_settings
from rag.errors import LibraryError, SettingsError
from rag.files import write_parts
from rag.ingest import add_paths, remove, stamps
from rag.store import (
    Library,
    SourceState,
    backup,
    collections,
    drop,
    near,
    open_library,
    original,
    repair,
    restore,
    verify,
    writing,
)
from rag.store import vectors as faiss_file
from rag.types import Anchor, Answer, Document, Filters, Quote, Resolution, Turn, Vectors

HEAD = "---\ntitle: Qiming\ndate: 2023-08-24\npublisher: Wire\n---\n\n"
ARTICLE = f"{HEAD}Qiming replaced the plan. It is run by the ministry.\n"
NOTE = "Lithography uses light of a very short wavelength.\n\nFabs are built by several firms in Arizona.\n"


def snapshot(library: Library) -> dict[str, list[tuple[object, ...]]]:
    """Everything the library holds, apart from counters and file times."""
    tables = ("documents", "contents", "passages", "terms", "revisions", "alike")
    found = {t: library.connect().execute(f"SELECT * FROM {t} ORDER BY 1, 2").fetchall() for t in tables}
    found["lexicon"] = library.lexical("the of ministry lithography arizona qiming", 50)
    found["dense"] = library.dense(WordEncoder().encode(["ministry lithography"])[0], 50)
    return found


def test_folders_in_the_settings_may_begin_at_home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.chdir(tmp_path)
    (tmp_path / "pullquote.toml").write_text('index_dir = "~/library"\n')
    assert load_settings().folder == tmp_path / "library" / "default"
    assert load_settings().cache_dir == tmp_path / ".cache" / "pullquote"
    with pytest.raises(SettingsError, match="'index_dir' cannot be '~nobody-here/x'.*home directory"):
        load_settings(index_dir="~nobody-here/x")


def test_a_misspelt_setting_of_the_environment_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PULLQUOTE_INDEXDIR", "elsewhere")
    with pytest.raises(SettingsError, match="PULLQUOTE_INDEXDIR is set.*no such setting.*PULLQUOTE_INDEX_DIR"):
        load_settings()


def test_adding_twice_changes_nothing(library: Library, settings: Settings, folder: Folder) -> None:
    root = folder({"a.md": ARTICLE, "b.txt": NOTE})
    first = add(library, settings, root)
    before, generation = snapshot(library), library.generation
    second = add(library, settings, root)
    assert (len(first.added), first.failed, len(second.unchanged)) == (2, [], 2)
    assert snapshot(library) == before
    assert library.generation == generation


def test_a_new_time_on_the_same_bytes_is_no_change(library: Library, settings: Settings, folder: Folder) -> None:
    root = folder({"a.md": ARTICLE})
    add(library, settings, root)
    os.utime(root / "a.md", (1, 1))
    assert add(library, settings, root).unchanged == [(root / "a.md").resolve().as_uri()]


def test_parts_that_could_not_be_read_are_reported_each_time(
    library: Library, settings: Settings, folder: Folder
) -> None:
    root = folder({"a.jsonl": '{"text": "It rained."}\n{"text": \n'})
    first = add(library, settings, root)
    os.utime(root / "a.jsonl", (1, 1))
    again, once_more = add(library, settings, root), add(library, settings, root)
    assert (len(first.failed), len(again.unchanged), len(once_more.unchanged)) == (1, 1, 1)
    assert first.failed == again.failed == once_more.failed


def test_a_changed_file_replaces_its_text(library: Library, settings: Settings, folder: Folder) -> None:
    root = folder({"a.txt": NOTE})
    add(library, settings, root)
    (root / "a.txt").write_text("Something about quantum computers instead.\n")
    assert len(add(library, settings, root).changed) == 1
    assert library.lexical("lithography", 5) == []
    assert len(library.lexical("quantum", 5)) == 1
    assert verify(library) == []


def test_the_same_bytes_read_anew_in_another_way_replace_passages_and_headings(
    library: Library, settings: Settings, folder: Folder, monkeypatch: pytest.MonkeyPatch
) -> None:
    root = folder({"a.txt": NOTE * 9, "b.md": ARTICLE})
    add(library, settings, root)
    fresh = library.stats()["passages"]
    narrow = load_settings(index_dir=settings.index_dir, reader="sentences", passage_tokens=40)
    assert len(add(library, narrow, root).changed) == 2
    assert library.stats()["passages"] > fresh and verify(library) == []
    add(library, settings, root)
    assert library.stats()["passages"] == fresh and verify(library) == []
    before = library.document(library.documents()[0].id)
    document = replace(before, anchors=(Anchor("section", "Lithography", 0, len(NOTE), 1),))
    cut = passages(document, encoder=WordEncoder(), budget=settings.passage_tokens)
    vectors = WordEncoder().encode([document.text[passage.start : passage.end] for passage in cut])
    with writing(library) as writer:
        writer.put(SourceState(document.uri, "", "by a newer version"), [(document, cut, vectors)])
    assert library.document(document.id).anchors == document.anchors != before.anchors
    found = library.passages([hit for hit, _ in library.lexical("lithography", 50)]).values()
    assert {passage.heading for passage in found} == {"Lithography"} and verify(library) == []


def test_vanished_files_stay_until_they_are_pruned(library: Library, settings: Settings, folder: Folder) -> None:
    root = folder({"a.md": ARTICLE, "b.txt": NOTE})
    add(library, settings, root)
    (root / "b.txt").unlink()
    report = add(library, settings, root)
    assert report.vanished == [(root / "b.txt").resolve().as_uri()]
    assert library.stats()["documents"] == 2
    assert add(library, settings, root, prune=True).removed == report.vanished
    assert library.stats()["documents"] == 1
    assert verify(library) == []


def test_pruning_removes_no_document_whose_file_is_there_unless_it_is_ignored(
    library: Library, settings: Settings, folder: Folder
) -> None:
    root = folder({"a.md": ARTICLE, "README": NOTE, ".hidden.txt": NOTE, "drafts/b.txt": NOTE, "c.txt": NOTE})
    odd = root / os.fsdecode(b"caf\xe9")
    odd.write_text(NOTE)
    (root / "circle").symlink_to("circle")
    add(library, settings, root, root / "README", root / ".hidden.txt", odd)
    (root / ".pullquoteignore").write_text("drafts/\n")
    (root / "c.txt").unlink()
    gone = [(root / name).resolve().as_uri() for name in ("c.txt", "drafts/b.txt")]
    assert add(library, settings, root).vanished == gone
    assert add(library, settings, root, prune=True).removed == gone
    assert {document.uri.rpartition("/")[2] for document in library.documents()} == {
        "a.md",
        "README",
        ".hidden.txt",
        "caf%E9",
    }


def test_a_path_that_may_not_be_looked_at_is_one_line(
    library: Library, settings: Settings, folder: Folder, monkeypatch: pytest.MonkeyPatch
) -> None:
    root, look = folder({"a.md": ARTICLE}), Path.stat

    def refusing(path: Path, **options: bool) -> os.stat_result:
        if path.name == "a.md":
            raise PermissionError(errno.EACCES, os.strerror(errno.EACCES), str(path))
        return look(path, **options)

    monkeypatch.setattr(Path, "stat", refusing)  # as for one user in a folder of another
    [(_, why)] = add(library, settings, root / "a.md").failed
    assert "a.md cannot be read: Permission denied. Fix: " in why
    long = root / ("n" * 300)
    assert stamps([long]) == {}


@pytest.mark.parametrize("hidden", ["", "sub", "sub/b.txt", ".pullquoteignore"])
def test_what_cannot_be_listed_has_not_vanished(
    hidden: str,
    library: Library,
    settings: Settings,
    folder: Folder,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    root = folder({"a.md": ARTICLE, "sub/b.txt": NOTE, "sub/deep/c.txt": NOTE, ".pullquoteignore": ""})
    add(library, settings, root)
    (root / "a.md").unlink()

    def refuse(call: Callable[..., Any]) -> Callable[..., Any]:
        def refusing(path: object, *rest: object, **options: object) -> Any:
            if str(path) == str(root / hidden):
                raise PermissionError(errno.EACCES, os.strerror(errno.EACCES), str(path))
            return call(path, *rest, **options)

        return refusing

    if (root / hidden).is_dir():
        monkeypatch.setattr(os, "scandir", refuse(os.scandir))
    else:  # as in a folder that may be listed and not entered
        monkeypatch.setattr(os, "stat", refuse(os.stat))
        monkeypatch.setattr(io, "open", refuse(io.open))
    report = add(library, settings, root, prune=True)
    assert len(report.failed) == 1 and "Permission denied" in report.failed[0][1], report.failed
    assert (len(report.removed), len(library.documents())) == ((1, 2) if hidden.startswith("sub") else (0, 3))


@pytest.mark.parametrize("ignore", ["café*\nb.*\n".encode("latin-1"), "b.*\n".encode("utf-8-sig")])
def test_an_ignore_file_may_be_in_any_encoding(
    ignore: bytes, library: Library, settings: Settings, folder: Folder
) -> None:
    root = folder({"a.md": ARTICLE, "b.txt": NOTE, ".pullquoteignore": ignore})
    assert [uri.rpartition("/")[2] for uri in add(library, settings, root).added] == ["a.md"]


@pytest.mark.parametrize(
    ("pattern", "left"),
    [
        ("drafts/", ["a.md", "b.txt"]),
        ("drafts", ["a.md", "b.txt"]),
        ("/drafts/", ["a.md", "b.txt", "c.txt"]),
        ("**/drafts", ["a.md", "b.txt"]),
        ("sub/drafts", ["a.md", "b.txt", "d.txt"]),
        ("b.txt", ["a.md", "c.txt", "d.txt"]),
        ("/b.txt", ["a.md", "b.txt", "c.txt", "d.txt"]),
        ("sub/*", ["a.md", "d.txt"]),
    ],
)
def test_an_ignored_folder_is_left_out_with_all_that_is_in_it(
    pattern: str, left: list[str], library: Library, settings: Settings, folder: Folder
) -> None:
    places = ("a.md", "sub/b.txt", "sub/drafts/c.txt", "drafts/deep/d.txt")
    root = folder({place: f"Note {place}.\n" for place in places} | {".pullquoteignore": f"{pattern}\n"})
    assert sorted(uri.rpartition("/")[2] for uri in add(library, settings, root).added) == left


def test_names_and_fields_with_bytes_that_are_no_text_are_kept(
    library: Library, settings: Settings, folder: Folder
) -> None:
    packed = io.BytesIO()
    with tarfile.open(fileobj=packed, mode="w") as archive:
        for name in (b"caf\xe9.txt", b"caf\xea.txt"):
            info = tarfile.TarInfo(os.fsdecode(name))
            info.size = len(NOTE)
            archive.addfile(info, io.BytesIO(NOTE.encode()))
    mail = b"From: \xff <a@b.example>\nSubject: \xed\xa0\x80\nMessage-ID: <\xff>\n\nIt rained.\n"
    record = json.dumps({"id": "\ud800", "url": "http://h.example/\ud800", "text": "It snowed."})
    bad = os.fsdecode(b"na\xefve")
    root = folder(
        {"a.tar": packed.getvalue(), "b.mbox": b"From x\n" + mail, "c.jsonl": record, f"{bad}/{bad}.txt": NOTE}
    )
    report = add(library, settings, root)
    assert (len(report.added), report.failed, verify(library)) == (4, [], [])
    uris = [document.uri.removeprefix(root.resolve().as_uri()) for document in library.documents()]
    names = [
        "a.tar!/caf\ufffd.txt",
        "a.tar!/caf\ufffd.txt (2)",
        "b.mbox#\ufffd",
        "c.jsonl#\ufffd",
        "na%EFve/na%EFve.txt",
    ]
    assert uris == [f"/{name}" for name in names]


def test_one_bad_file_costs_that_file_and_what_it_held_before_stays(
    library: Library, settings: Settings, folder: Folder
) -> None:
    root = folder({"a.md": ARTICLE, "b.txt": NOTE, "bad.txt": b"\x00\x01\x02\xff" * 500, "empty.txt": b""})
    report = add(library, settings, root)
    assert len(report.added) == 2
    assert sorted(uri.rsplit("/", 1)[1] for uri, _ in report.failed) == ["bad.txt", "empty.txt"]
    (root / "a.md").write_bytes(b"")
    assert len(add(library, settings, root).failed) == 3
    assert library.lexical("Qiming", 5)


def test_a_missing_path_costs_no_other_and_nothing_that_was_below_it(
    library: Library, settings: Settings, folder: Folder
) -> None:
    root = folder({"sub/a.md": ARTICLE, "b.txt": NOTE})
    add(library, settings, root / "sub")
    (root / "sub").rename(root / "away")
    report = add(library, settings, root / "sub", root / ("n" * 300), root, prune=True)
    assert (len(report.added), report.removed) == (2, [])
    assert [why.split(": ", 1)[1].partition(".")[0] for _, why in report.failed] == [
        "No such file or directory",
        "File name too long",
    ]


def test_the_same_bytes_are_kept_once_and_both_sources_are_credited(
    library: Library, settings: Settings, folder: Folder
) -> None:
    root = folder({"one/a.md": ARTICLE, "two/a.md": ARTICLE})
    add(library, settings, root)
    stats = library.stats()
    assert (stats["documents"], stats["contents"]) == (2, 1)
    owners = library.owners([library.lexical("Qiming", 1)[0][0]])
    assert [len(documents) for documents in owners.values()] == [2]
    remove(library, [library.documents()[0].id])
    assert library.stats()["contents"] == 1
    assert library.lexical("Qiming", 1)


@hypothesis_settings(deadline=None, max_examples=15, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    texts=st.lists(
        st.lists(
            st.sampled_from(["Chips are small.", "Zürich!", "李 came.", "3,000 yuan", "\n\n", "# Head\n"]), min_size=1
        ),
        min_size=1,
        max_size=5,
    ),
    turned=st.booleans(),
)
def test_order_does_not_matter_and_add_then_remove_leaves_no_trace(
    texts: list[list[str]], turned: bool, tmp_path_factory: pytest.TempPathFactory
) -> None:
    root = tmp_path_factory.mktemp("sources")
    (root / "keep.md").write_text(ARTICLE)
    paths = [root / "keep.md"]
    for number, pieces in enumerate(texts):
        paths.append(root / f"{number}.md")
        paths[-1].write_text(" ".join(pieces))
    snapshots = []
    for name, order in (("one", paths), ("two", paths[::-1] if turned else paths[1:] + paths[:1])):
        settings = load_settings(index_dir=tmp_path_factory.mktemp(name))
        library = open_library(settings, create=True)
        for path in order:
            add(library, settings, path)
        assert verify(library) == []
        snapshots.append(snapshot(library))
    assert snapshots[0] == snapshots[1]
    kept = {document.id for document in library.documents() if document.uri.endswith("keep.md")}
    gone = [document.id for document in library.documents() if document.id not in kept]
    if gone:
        assert remove(library, gone).documents == len(gone)
    alone = open_library(load_settings(index_dir=tmp_path_factory.mktemp("alone")), create=True)
    add(alone, load_settings(), root / "keep.md")
    assert snapshot(library) == snapshot(alone)


def test_removed_words_are_in_no_file_of_the_index(library: Library, settings: Settings, folder: Folder) -> None:
    secret = "The zyzzyva clause was struck out on a rainy Wednesday."
    add(library, settings, folder({"a.md": ARTICLE, "s.txt": f"{NOTE}\n{secret}\n"}))
    document = library.document(next(d.id for d in library.documents() if d.uri.endswith("s.txt")))
    start = document.text.index(secret)
    quoting(library, document, start, start + len(secret))
    [talk] = library.conversations.list("me")
    assert verify(library) == []
    before = library.stats()
    receipt = remove(library, [document.id])
    assert (receipt.documents, receipt.contents, receipt.turns, receipt.characters) == (1, 1, 1, len(document.text))
    counted = [before[name] - library.stats()[name] for name in ("passages", "terms")]
    assert [receipt.passages, receipt.terms] == counted and receipt.terms > 10
    assert library.conversations.turns(talk.id, "me")[0].answer.quotes == ()
    assert files_with(settings, "zyzzyva") == []
    assert verify(library) == []


def test_a_document_named_twice_is_removed_once(library: Library, settings: Settings, folder: Folder) -> None:
    add(library, settings, folder({"a.md": ARTICLE, "b.txt": NOTE}))
    gone = library.documents()[0].id
    assert (remove(library, [gone, gone]).documents, library.stats()["documents"]) == (1, 1)


def test_an_old_revision_stays_readable_while_a_saved_turn_quotes_it(
    library: Library, settings: Settings, folder: Folder
) -> None:
    root = folder({"a.txt": NOTE})
    add(library, settings, root)
    document = library.document(library.documents()[0].id)
    quote = quoting(library, document, 0, 11)
    (root / "a.txt").write_text("Entirely new words stand here now.\n")
    add(library, settings, root)
    assert library.document(document.id, document.revision).text[:11] == quote.text
    assert library.document(document.id).text.startswith("Entirely")
    assert verify(library) == []


def test_conversations_belong_to_their_owner(library: Library) -> None:
    talk = library.conversations.create("me", "Mine")
    assert [item.title for item in library.conversations.list("me")] == ["Mine"]
    assert library.conversations.list("you") == []
    for attempt in (
        lambda: library.conversations.turns(talk, "you"),
        lambda: library.conversations.delete(talk, "you"),
        lambda: library.conversations.rename(talk, "you", "Yours"),
    ):
        with pytest.raises(LibraryError, match="no conversation"):
            attempt()


def test_filters_confine_both_channels(library: Library, settings: Settings, folder: Folder) -> None:
    add(library, settings, folder({"a.md": ARTICLE, "b.txt": NOTE}))
    allowed = library.allowed(Filters(since="2023-01-01", publisher="wire"))
    assert allowed is not None
    assert len(allowed) == 1
    vector = WordEncoder().encode(["lithography"])[0]
    assert [i for i, _ in library.dense(vector, 10, allowed)] == allowed.tolist()
    assert library.lexical("lithography", 10, allowed) == []
    later = library.allowed(Filters(since="2024"))
    assert later is not None
    assert not set(later) & set(allowed)
    assert set(later) == set(library.allowed(Filters(until="2020"))), "what has no date passes every date filter"


@pytest.mark.parametrize(
    ("filters", "through"),
    [
        (Filters(since="2023-08-15"), ["2023", "2023-08", "2023-08-24"]),
        (Filters(since="2023-08-31"), ["2023", "2023-08"]),
        (Filters(since="2023-09"), ["2023"]),
        (Filters(until="2023"), ["2023", "2023-08", "2023-08-24"]),
        (Filters(until="2023-08"), ["2023", "2023-08", "2023-08-24"]),
        (Filters(until="2023-08-23"), ["2023", "2023-08"]),
        (Filters(until="2023-07"), ["2023"]),
        (Filters(since="2024"), []),
        (Filters(until="2022-12"), []),
    ],
)
def test_a_partial_date_may_be_any_day_of_it(
    filters: Filters, through: list[str], library: Library, settings: Settings, folder: Folder
) -> None:
    days = ("2023", "2023-08", "2023-08-24")
    add(library, settings, folder({f"{day}.md": f"---\ndate: {day}\n---\n\nIt rained on {day}.\n" for day in days}))
    allowed = library.allowed(filters)
    assert allowed is not None
    owners = library.owners(allowed.tolist()).values()
    assert sorted(document.published for documents in owners for document in documents) == through


def test_a_damaged_vector_file_is_noticed_and_rebuilt(library: Library, settings: Settings, folder: Folder) -> None:
    add(library, settings, folder({"a.md": ARTICLE, "b.txt": NOTE}))
    before = snapshot(library)
    file = next(settings.folder.glob("vectors-*.faiss"))
    file.write_bytes(file.read_bytes()[:-7] + b"garbage")
    assert verify(library) == [f"{file.name} is damaged or missing"]
    assert repair(library) == []
    assert snapshot(library) == before


def test_vectors_without_a_file_are_put_together_once(
    library: Library, settings: Settings, folder: Folder, monkeypatch: pytest.MonkeyPatch
) -> None:
    add(library, settings, folder({"a.md": ARTICLE, "b.txt": NOTE}))
    faiss_file.unpublish(settings.folder)  # as in a copy of the library alone that may not be written
    reader, built, build = Library(settings.folder), [], faiss_file.build
    monkeypatch.setattr(faiss_file, "build", lambda *given, **named: built.append(1) or build(*given, **named))
    vector = WordEncoder().encode(["ministry"])[0]
    assert reader.dense(vector, 1) == reader.dense(vector, 1) != []
    assert len(built) == 1


def test_two_documents_of_one_id_leave_no_content_behind(library: Library) -> None:
    encoder = WordEncoder()
    items = []
    for text in ("The zyzzyva clause was struck out.", "It rained all day."):
        document = Document("d", "x:/a.txt", "A", text, hashlib.sha256(text.encode()).hexdigest())
        items.append((document, passages(document, encoder=encoder, budget=50), encoder.encode([text])))
    with writing(library) as writer:
        writer.pin(encoder.name, encoder.dim)
        writer.put(SourceState("x:/a.txt", "", "digest"), items)
    assert (library.document("d").text, library.stats()["contents"]) == ("It rained all day.", 1)
    assert (library.lexical("zyzzyva", 5), verify(library)) == ([], [])


def test_a_content_that_no_document_holds_is_noticed_and_erased(
    library: Library, settings: Settings, folder: Folder, tmp_path: Path
) -> None:
    add(library, settings, folder({"a.md": ARTICLE, "s.txt": "The zyzzyva clause was struck out.\n"}))
    with library.connect() as connection:
        connection.execute("DELETE FROM documents WHERE uri LIKE '%s.txt'")
    [problem] = verify(library)
    assert problem.startswith("content ") and problem.endswith(": no document holds it")
    backup(library, tmp_path / "kept.pullquote")
    assert verify(restore(tmp_path / "kept.pullquote", load_settings(index_dir=tmp_path / "there"))) == []
    assert repair(library) == []
    assert library.stats()["contents"] == 1 and library.lexical("Qiming", 1)
    assert files_with(settings, "zyzzyva") == []


def test_a_stop_before_the_vectors_were_published_is_healed_at_the_next_opening(
    library: Library, settings: Settings, folder: Folder
) -> None:
    add(library, settings, folder({"a.md": ARTICLE, "b.txt": NOTE}))
    before = snapshot(library)
    manifest = settings.folder / "manifest.json"
    manifest.write_text(json.dumps(json.loads(manifest.read_text()) | {"generation": 0}))
    healed = open_library(settings)
    assert verify(healed) == []
    assert snapshot(healed) == before


def test_a_manifest_with_a_field_more_holds_and_with_one_less_is_made_anew(
    library: Library, settings: Settings, folder: Folder
) -> None:
    add(library, settings, folder({"a.md": ARTICLE, "b.txt": NOTE}))
    before, manifest = snapshot(library), settings.folder / "manifest.json"
    written = json.loads(manifest.read_text())
    manifest.write_text(json.dumps(written | {"fingerprint": "0123456789ab"}))
    assert (library.published, verify(library)) == (True, [])
    manifest.write_text(json.dumps({name: value for name, value in written.items() if name != "sha256"}))
    assert (library.published, verify(library)) == (False, [f"{manifest} is damaged"])
    healed = open_library(settings)
    assert (verify(healed), snapshot(healed), json.loads(manifest.read_text())) == ([], before, written)


def test_a_second_writer_is_told_who_writes(library: Library, settings: Settings) -> None:
    other = open_library(settings)
    told = pytest.raises(LibraryError, match=f"process {os.getpid()} holds the lock")
    with writing(library), told, writing(other, wait=0):
        pass


def test_another_embedding_model_is_refused(library: Library, settings: Settings, folder: Folder) -> None:
    class Other(WordEncoder):
        name = "other"

    root = folder({"a.md": ARTICLE})
    add(library, settings, root)
    with pytest.raises(LibraryError, match="made with the embedding model 'words'"):
        add_paths(library, [root], encoder=Other(), settings=settings)


def test_a_model_of_the_same_name_and_another_size_is_refused(
    library: Library, settings: Settings, folder: Folder
) -> None:
    class Wider(WordEncoder):
        dim = 65

    root = folder({"a.md": ARTICLE})
    add(library, settings, root)
    with pytest.raises(LibraryError, match=r"\(64 numbers\), not 'words' \(65\)"):
        add_paths(library, [root], encoder=Wider(), settings=settings)
    assert verify(library) == []


def test_a_collection_that_is_not_there_names_the_command(settings: Settings) -> None:
    with pytest.raises(LibraryError, match="pullquote add"):
        open_library(settings)


def test_vectors_come_back_as_they_were_stored(library: Library, settings: Settings, folder: Folder) -> None:
    add(library, settings, folder({"b.txt": NOTE}))
    [(number, _)] = library.lexical("lithography", 1)
    title = library.documents()[0].title
    text = embedding_text(title, "", library.passage_texts([number])[number], encoder=WordEncoder())
    vector = WordEncoder().encode([text])[0]
    assert np.allclose(library.embeddings([number])[number], vector, atol=1e-3)
    assert library.dense(vector, 1)[0][1] == pytest.approx(1, abs=1e-3)


def test_almost_equal_documents_know_each_other_until_one_is_removed(
    library: Library, settings: Settings, folder: Folder
) -> None:
    words = [f"word{number}" for number in range(200)]
    agency, paper = " ".join(words), " ".join([*words[:180], *(f"other{number}" for number in range(20))])
    # 198 and 198 sequences of three words, 178 of them common: 178 / (198 + 198 - 178) = 0.817
    root = folder({"a.txt": agency, "b.txt": paper, "c.txt": " ".join(words[::-1]), "d.txt": NOTE, "e.txt": NOTE})
    add(library, settings, root)
    ids = {document.uri.rsplit("/", 1)[1]: document.id for document in library.documents()}
    [(other, similarity)] = library.alike(ids["a.txt"])
    assert (other.id, similarity) == (ids["b.txt"], pytest.approx(0.817, abs=0.1))
    assert [(document.id, score) for document, score in library.alike(ids["d.txt"])] == [(ids["e.txt"], 1.0)]
    assert library.alike(ids["c.txt"]) == []
    before = snapshot(library)
    assert repair(library) == []
    assert snapshot(library) == before
    remove(library, [ids["b.txt"]])
    assert library.alike(ids["a.txt"]) == []
    assert library.lexical("word7", 1)


def test_records_of_one_template_are_compared_with_a_few_of_each_other(library: Library) -> None:
    template = " ".join(f"word{number}" for number in range(200))
    with library.connect() as connection:
        for number in range(120):
            text = f"{template} {number}."
            connection.execute("INSERT INTO contents VALUES (?, 'r', 't', ?, '[]', '{}')", (f"{number:03}", text))
            near.note_content(connection, f"{number:03}", text)
        pairs = connection.execute("SELECT content, count(*) FROM alike GROUP BY content ORDER BY content").fetchall()
    assert len(pairs) == 120 and sum(count for _, count in pairs) <= 120 * 2 * 20


@pytest.mark.parametrize("count", [1, 5])
def test_the_vector_file_is_written_in_parts_as_faiss_writes_it_whole(count: int) -> None:
    import faiss

    vectors = np.random.default_rng(1).normal(size=(count, 7)).astype(np.float32)
    ids = np.arange(count, dtype=np.int64) * 2**40 + 3

    def chunks() -> list[tuple[faiss_file.Ids, Vectors]]:
        return [(ids[:2], vectors[:2]), (ids[2:], vectors[2:])]

    whole = faiss.serialize_index(faiss_file.build(chunks, count=count, dim=7)).tobytes()
    assert b"".join(faiss_file.written(chunks, count=count, dim=7)) == whole


def test_a_dropped_collection_leaves_no_file(library: Library, settings: Settings, folder: Folder) -> None:
    other = settings.model_copy(update={"collection": "other"})
    kept = open_library(other, create=True)
    add(kept, other, folder({"a.md": ARTICLE}))
    for left in (".dropped-third", ".restore-other"):  # by a deletion and by a restore that were killed
        (settings.index_dir / left).mkdir()
        (settings.index_dir / left / "library.sqlite").write_text(ARTICLE)
    assert collections(settings.index_dir) == ["default", "other"]
    kept.close()
    drop(other.folder)
    assert [path.name for path in settings.index_dir.iterdir()] == ["default"]
    for action in (lambda: drop(other.folder), lambda: open_library(other)):
        with pytest.raises(LibraryError, match="there is no collection 'other'"):
            action()
    again = open_library(other, create=True)
    assert again.documents() == []
    again.close()


def test_a_collection_in_use_is_not_dropped(library: Library, settings: Settings) -> None:
    second = open_library(settings)
    library.close()
    with pytest.raises(LibraryError, match="the collection 'default' is in use"):
        drop(settings.folder)
    with writing(second):
        second.close()
        with pytest.raises(LibraryError, match="another process is writing"):
            drop(settings.folder)
    assert verify(open_library(settings)) == []


def test_a_damaged_collection_can_be_dropped(library: Library, settings: Settings) -> None:
    library.close()
    for path in settings.folder.iterdir():
        path.write_bytes(b"no library at all" * 100)
    with pytest.raises(LibraryError, match="is damaged"):
        open_library(settings)
    drop(settings.folder)
    assert list(settings.index_dir.iterdir()) == []


def quoting(library: Library, document: Document, start: int, end: int, turn: str = "what?") -> Quote:
    """A saved turn that quotes this range of the document."""
    place = (document.id, document.revision, start, end, document.uri, document.title, 1)
    quote = Quote(1, document.text[start:end], *place)
    talk = library.conversations.create("me")
    saved = Turn(turn, Resolution("standalone", turn, ""), Answer("answered", "Found.", (quote,)))
    library.conversations.append(talk, "me", saved)
    return quote


@pytest.mark.parametrize("older", [False, True])
def test_the_same_bytes_read_to_other_text_are_another_revision(
    older: bool, library: Library, settings: Settings, folder: Folder
) -> None:
    add(library, settings, folder({"a.txt": NOTE, "copy.txt": NOTE}))
    if older:  # what versions without a hash of the text have stored
        with library.connect() as connection:
            connection.execute("UPDATE contents SET revision = substr(revision, -64)")
    before = library.document(library.documents()[0].id)
    quote = quoting(library, before, 12, 30)
    for ident in (document.id for document in library.documents()):  # as a newer reader does
        document = replace(library.document(ident), text=f"{HEAD}{NOTE}")
        cut = passages(document, encoder=WordEncoder(), budget=settings.passage_tokens)
        vectors = WordEncoder().encode([document.text[passage.start : passage.end] for passage in cut])
        with writing(library) as writer:
            writer.put(SourceState(document.uri, "", "by a newer version"), [(document, cut, vectors)])
    after = library.document(before.id)
    assert after.digest == before.digest and after.revision != quote.revision and after.text != before.text
    assert library.document(quote.document_id, quote.revision).text[quote.start : quote.end] == quote.text
    assert library.document(before.id, before.digest).text == (before if older else after).text
    assert verify(library) == []
    with writing(library) as writer:
        assert writer.purge([before.id]).turns == 1
    assert library.stats()["contents"] == 1 and verify(library) == []


def test_what_is_made_of_the_documents_is_made_again_only_after_a_change(
    library: Library, settings: Settings, folder: Folder
) -> None:
    calls = []

    def uris(held: Library) -> list[str]:
        calls.append(held)
        return [document.uri for document in held.documents()]

    assert (library.derived(uris), library.derived(uris), len(calls)) == ([], [], 1)
    root = folder({"a.txt": NOTE})
    add(library, settings, root)
    uri = (root / "a.txt").resolve().as_uri()
    assert (library.derived(uris), library.derived(uris), len(calls)) == ([uri], [uri], 2)
    assert library.source_stamp(uri) == library.sources()[uri].stamp and library.source_stamp("none") == ""


def test_a_file_of_several_documents_stands_for_all_of_them(
    library: Library, settings: Settings, folder: Folder
) -> None:
    root = folder({"shop.csv": "id,text\n1,It rained.\n2,It snowed.\n", "a.txt": NOTE})
    add(library, settings, root)
    note, *rows = library.documents()
    for name in (str(root / "shop.csv"), (root / "shop.csv").resolve().as_uri()):
        assert document_ids(library, [name]) == [row.id for row in rows]
        assert chosen(library, since="", until="", publisher="", documents=[name, rows[0].id]) == Filters(
            document_ids=tuple(row.id for row in rows)
        )
    assert document_ids(library, [rows[1].uri, rows[1].id]) == [rows[1].id]
    assert document_ids(library, [str(root / "a.txt"), "none.txt"]) == [note.id, "none.txt"]


def test_an_address_is_found_however_it_is_spelled(library: Library) -> None:
    document = Document("d", "https://example.com/", "A", "It rained all day.", "0" * 64)
    vector = WordEncoder().encode([document.text])
    with writing(library) as writer:
        writer.pin("words", WordEncoder.dim)
        cut = passages(document, encoder=WordEncoder(), budget=50)
        writer.put(SourceState(document.uri, "", "digest"), [(document, cut, vector)])
    assert document_ids(library, ["HTTPS://Example.com#top"]) == ["d"]


def test_a_stop_while_a_file_is_written_leaves_nothing_of_it(tmp_path: Path) -> None:
    def stopped() -> Iterator[bytes]:
        yield b"half"
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        write_parts(tmp_path / "a", stopped())
    assert list(tmp_path.iterdir()) == []


def test_sizes_are_told_while_a_temporary_file_goes(library: Library) -> None:
    (library.folder / ".vectors-1.faiss.7").symlink_to("renamed meanwhile")
    assert library.sizes()["disk bytes"] > 0


def test_no_query_for_one_document_reads_all_of_a_table(library: Library, settings: Settings, folder: Folder) -> None:
    add(library, settings, folder({"a.txt": NOTE}))
    document = library.document(library.documents()[0].id)
    asked: list[str] = []
    connection = library.connect()
    connection.set_trace_callback(asked.append)
    library.document(document.id, document.revision)
    library.alike(document.id)
    library.source_stamp(document.uri)
    original(library, document.content_id)
    connection.set_trace_callback(None)
    plans = [row[3] for query in asked for row in connection.execute(f"EXPLAIN QUERY PLAN {query}")]
    scanned = {plan.split()[1] for plan in plans if plan.startswith("SCAN")}
    assert len(asked) == 4 and scanned <= {"a", "mine"}
