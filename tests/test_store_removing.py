"""What is removed, replaced or dropped is gone from every file, and what a saved answer quotes stays."""

from __future__ import annotations

import errno
import hashlib
import os
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from conftest import Folder, WordEncoder, add, files_with
from test_store import ARTICLE, HEAD, NOTE, quoting

from rag.chunk import passages
from rag.config import Settings, load_settings
from rag.errors import LibraryError
from rag.ingest import purge, remove
from rag.store import (
    Library,
    Receipt,
    SourceState,
    backup,
    collections,
    drop,
    open_library,
    repair,
    restore,
    verify,
    writing,
)
from rag.types import Document


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


@pytest.mark.parametrize("take", [remove, purge])
def test_where_one_document_is_unknown_none_is_touched(
    take: Callable[[Library, list[str]], Receipt], library: Library, settings: Settings, folder: Folder
) -> None:
    add(library, settings, folder({"b.txt": NOTE}))
    before = library.generation
    with pytest.raises(LibraryError, match="there is no document 'nonsense'"):
        take(library, [library.documents()[0].id, "nonsense"])
    assert (library.generation, library.stats()["documents"]) == (before, 1)


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
    kept = ("", document.revision, document.digest)
    assert all(library.has(document.id, revision) for revision in kept)
    assert not library.has(document.id, "0" * 64) and not library.has("nonsense")
    assert verify(library) == []


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


def test_files_that_cannot_be_deleted_are_told_and_block_no_later_deletion(
    library: Library, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    unlink = os.unlink

    def refusing(path: str, **options: Any) -> None:
        if path == "stuck":
            raise PermissionError(errno.EACCES, os.strerror(errno.EACCES), path)
        unlink(path, **options)

    (settings.folder / "stuck").touch()
    library.close()
    monkeypatch.setattr(os, "unlink", refusing)  # as for a file that somebody else has put there
    with pytest.raises(
        LibraryError, match="default is out of the list, but files .*: Permission denied. Fix: rm -r"
    ) as told:
        drop(settings.folder)
    [left] = settings.index_dir.iterdir()
    assert f"are left in {left}:" in str(told.value) and collections(settings.index_dir) == []
    assert [path.name for path in left.iterdir()] == ["stuck"]
    for _ in range(2):
        open_library(settings, create=True).close()
        drop(settings.folder)
        assert list(settings.index_dir.iterdir()) == [left]
    monkeypatch.undo()
    open_library(settings, create=True).close()
    drop(settings.folder)
    assert list(settings.index_dir.iterdir()) == []


def test_a_folder_that_cannot_be_moved_stays_as_it_was(
    library: Library, settings: Settings, folder: Folder, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refusing(*_: object) -> None:
        raise PermissionError(errno.EACCES, os.strerror(errno.EACCES))

    add(library, settings, folder({"a.md": ARTICLE}))
    library.close()
    with monkeypatch.context() as as_in_a_folder_of_another:
        as_in_a_folder_of_another.setattr(os, "rename", refusing)
        with pytest.raises(
            LibraryError, match="cannot be deleted: Permission denied. Fix: make the index folder writable"
        ):
            drop(settings.folder)
    again = open_library(settings)
    assert (again.stats()["documents"], verify(again)) == (1, [])
    again.close()


@pytest.mark.skipif(not Path("/proc/self/fd").is_dir(), reason="only Linux tells which files are open")
def test_no_thread_keeps_a_file_of_a_dropped_collection_open(library: Library, settings: Settings) -> None:
    met = threading.Barrier(2, timeout=60)
    with ThreadPoolExecutor(2) as pool:
        list(pool.map(lambda _: (met.wait(), library.stats()), range(2)))
        library.close()
        drop(settings.folder)
        held = [os.path.realpath(f"/proc/self/fd/{number}") for number in os.listdir("/proc/self/fd")]
    assert [name for name in held if str(settings.index_dir) in name] == []


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
