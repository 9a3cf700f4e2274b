"""What a library holds, finds and mends, on real SQLite and real FAISS; with what other tests of the store share."""

from __future__ import annotations

import json
import os
import sqlite3
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from pathlib import Path

import numpy as np
import pytest
from conftest import Folder, WordEncoder, add

from rag.chunk import embedding_text, passages
from rag.cli.base import document_ids
from rag.cli.filters import chosen
from rag.config import Settings, load_settings
from rag.errors import LibraryError, SettingsError
from rag.files import write_parts
from rag.store import (
    Library,
    SourceState,
    open_library,
    repair,
    verify,
    writing,
)
from rag.store import vectors as faiss_file
from rag.store.connection import refused
from rag.types import Answer, Document, Filters, Quote, Resolution, Turn, Vectors

HEAD = "---\ntitle: Qiming\ndate: 2023-08-24\npublisher: Wire\n---\n\n"
ARTICLE = f"{HEAD}Qiming replaced the plan. It is run by the ministry.\n"
NOTE = "Lithography uses light of a very short wavelength.\n\nFabs are built by several firms in Arizona.\n"


def snapshot(library: Library) -> dict[str, list[tuple[object, ...]]]:
    """Everything the library holds, apart from counters and file times."""
    tables = ("documents", "contents", "passages", "terms", "revisions")
    found = {t: library.connect().execute(f"SELECT * FROM {t} ORDER BY 1, 2").fetchall() for t in tables}
    found["lexicon"] = library.lexical("the of ministry lithography arizona qiming", 50)
    found["dense"] = library.dense(WordEncoder().encode(["ministry lithography"])[0], 50)
    return found


def quoting(library: Library, document: Document, start: int, end: int, turn: str = "what?") -> Quote:
    """A saved turn that quotes this range of the document."""
    place = (document.id, document.revision, start, end, document.uri, document.title, 1)
    quote = Quote(1, document.text[start:end], *place)
    talk = library.conversations.create("me")
    saved = Turn(turn, Resolution("standalone", turn, ""), Answer("answered", "Found.", (quote,)))
    library.conversations.append(talk, "me", saved)
    return quote


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


def test_conversations_belong_to_their_owner(library: Library) -> None:
    talk = library.conversations.create("me")
    library.conversations.rename(talk, "me", "Mine")
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


@pytest.mark.parametrize("count", [1, 5])
def test_the_vector_file_is_written_in_parts_as_faiss_writes_it_whole(count: int) -> None:
    import faiss

    vectors = np.random.default_rng(1).normal(size=(count, 7)).astype(np.float32)
    ids = np.arange(count, dtype=np.int64) * 2**40 + 3

    def chunks() -> list[tuple[faiss_file.Ids, Vectors]]:
        return [(ids[:2], vectors[:2]), (ids[2:], vectors[2:])]

    whole = faiss.serialize_index(faiss_file.build(chunks, count=count, dim=7)).tobytes()
    assert b"".join(faiss_file.written(chunks, count=count, dim=7)) == whole


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


def test_two_threads_may_write_one_file_at_once(tmp_path: Path) -> None:
    met = threading.Barrier(2, timeout=60)

    def parts(half: bytes) -> Iterator[bytes]:
        yield half
        met.wait()  # both are in the middle
        yield half

    with ThreadPoolExecutor(2) as pool:
        list(pool.map(lambda half: write_parts(tmp_path / "a", parts(half)), (b"one", b"two")))
    assert [path.name for path in tmp_path.iterdir()] == ["a"]
    assert (tmp_path / "a").read_bytes() in (b"oneone", b"twotwo")


def test_only_damage_is_called_damage(library: Library) -> None:
    library.connect().execute("PRAGMA foreign_keys = ON")
    with pytest.raises(sqlite3.IntegrityError) as caught, library.connect() as connection:
        connection.execute("INSERT INTO revisions VALUES ('removed meanwhile', 'removed meanwhile')")
    assert str(refused("a.sqlite", caught.value)).startswith("a.sqlite cannot be used: FOREIGN KEY constraint failed.")
    (library.folder / "other").write_bytes(b"no library at all" * 100)
    with closing(sqlite3.connect(library.folder / "other")) as other, pytest.raises(sqlite3.DatabaseError) as damage:
        other.execute("SELECT 1 FROM meta")
    assert str(refused("a.sqlite", damage.value)).startswith("a.sqlite is damaged: file is not a database. Fix: ")


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
    library.source_stamp(document.uri)
    library.original(document.content_id)
    connection.set_trace_callback(None)
    plans = [row[3] for query in asked for row in connection.execute(f"EXPLAIN QUERY PLAN {query}")]
    scanned = {plan.split()[1] for plan in plans if plan.startswith("SCAN")}
    assert len(asked) == 3 and not scanned
