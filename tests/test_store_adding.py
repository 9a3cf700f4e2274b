"""Adding a folder is a sync: what is new, changed, unchanged, ignored, vanished or cannot be read."""

from __future__ import annotations

import errno
import io
import json
import os
import tarfile
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from conftest import Folder, WordEncoder, add
from hypothesis import HealthCheck, given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st
from test_store import ARTICLE, NOTE, snapshot

from rag.chunk import passages
from rag.config import Settings, load_settings
from rag.errors import LibraryError
from rag.ingest import add_paths, remove, stamps
from rag.store import (
    Library,
    SourceState,
    open_library,
    verify,
    writing,
)
from rag.types import Anchor, Filters


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


def test_a_link_counts_as_the_file_it_leads_to(
    library: Library, settings: Settings, folder: Folder, tmp_path: Path
) -> None:
    root, (outside, inside) = folder({"a.md": ARTICLE}), (tmp_path / "outside.txt", tmp_path / "sources" / "a.md")
    outside.write_text(NOTE)
    for name, target in (("to-a.md", inside), ("to-b.txt", outside)):
        (root / name).symlink_to(target)
    assert add(library, settings, root).added == sorted(path.resolve().as_uri() for path in (inside, outside))
    (root / "to-b.txt").unlink()
    assert add(library, settings, root, prune=True).removed == [], "the file itself is there"
    assert len(add(library, settings, outside).unchanged) == 1


@pytest.mark.parametrize("comment", ["#*", "  #*"])
def test_a_comment_in_an_ignore_file_ignores_nothing(
    comment: str, library: Library, settings: Settings, folder: Folder
) -> None:
    root = folder({"#1.txt": NOTE, ".pullquoteignore": f"{comment}\n"})
    assert len(add(library, settings, root).added) == 1


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
    for document in library.documents():
        filters = Filters(document_ids=(document.id,))
        assert [documents[0].id for documents in library.owners(owners, filters).values()] == [document.id]
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
