"""JSON Lines, JSON and CSV: records become documents, broken ones are named."""

from __future__ import annotations

import hashlib
import io
import json
import os
import zipfile
from collections.abc import Callable
from pathlib import Path

import pytest
from conftest import WordEncoder
from test_lifecycle import saved_quote
from test_loaders import one, rows

from rag.config import Settings
from rag.errors import SettingsError, SourceError
from rag.ingest import IngestReport, add_paths
from rag.loaders import Loaded, load
from rag.loaders.columns import columns_of
from rag.store import Library, verify


def jsonl(*records: object) -> bytes:
    return b"\n".join(r if isinstance(r, bytes) else json.dumps(r).encode() for r in records)


def test_jsonl_reports_broken_lines_and_keeps_the_others() -> None:
    first = {
        "text": "It rained in the hills.",
        "title": "Rain",
        "url": "https://h.example/r",
        "date": "2020-01-02T03:04",
    }
    data = jsonl(
        first,
        b"{broken",
        {"id": "b/2", "text": "Snow."},
        [1],
        {"title": "none"},
        {"id": "b/2", "text": "x"},
        b"",
        {"body": "Fog."},
    )
    loaded = load(data, uri="/d/x.jsonl", name="x.jsonl")
    assert [d.uri for d in loaded.documents] == ["/d/x.jsonl#1", "/d/x.jsonl#b/2", "/d/x.jsonl#8"]
    assert [f.partition(":")[0] for f in loaded.failures] == ["line 2", "line 4", "line 5", "line 6"]
    assert "column 2" in loaded.failures[0] and "that of line 3" in loaded.failures[3]
    rain = loaded.documents[0]
    assert (rain.title, rain.link, rain.published, rain.text) == ("Rain", first["url"], "2020-01-02", first["text"])
    assert rain.revision == hashlib.sha256(json.dumps(first).encode()).hexdigest()


def test_jsonl_lone_surrogates_can_be_stored() -> None:
    loaded = load(b'{"text": "a \\ud800 b", "title": "\\udfff"}', uri="x.jsonl", name="x.jsonl")
    assert loaded.documents[0].text.encode() == "a \ufffd b".encode() and loaded.documents[0].title.encode()


@pytest.mark.parametrize("name", ["x.jsonl", "x.json"])
def test_a_bad_character_in_any_field_costs_nothing(name: str) -> None:
    half = "\ud800"
    fields = ("id", "title", "url", "author", "publisher", "date", "language", half)
    data = json.dumps({"text": "Rain.", **{field: f"http://h.example/{half}" for field in fields}}).encode()
    found = load(data, uri=name, name=name).documents[0]
    assert (found.uri, found.link, found.published) == (f"{name}#http://h.example/\ufffd", "", "")
    assert repr(found).encode() and found.content_id and "\ufffd" in found.title and "\ufffd" in found.author


def test_json_file_of_records() -> None:
    loaded = load(b'[{"text": "Rain.", "id": 7}, 3, {"text": "Snow."}]', uri="x.json", name="x.json")
    assert [d.uri for d in loaded.documents] == ["x.json#7", "x.json#3"]
    assert loaded.failures == ("record 2: no record",)
    again = load(b'[\n{"text": "Rain.", "id": 7},\n{"text": "Snow.", "id": 7}]', uri="x.json", name="x.json")
    assert again.failures == ("record 2: its id '7' is that of record 1",)
    assert one(b'{"text": "Rain."}', "y.json").text == "Rain."


def test_an_export_of_a_service_gives_its_records_with_their_dates_and_names() -> None:
    entry = {
        "title": "Sand",
        "content": "It rained.",
        "publishedAt": "2024-05-14T10:00:00Z",
        "author": {"name": "Mara"},
    }
    entry |= {"source": {"id": None, "name": "The Coast"}}
    export = {"status": "ok", "warnings": [], "articles": [entry, entry | {"title": "Lamps"}]}
    first, second = load(json.dumps(export).encode(), uri="/data/a.json", name="a.json").documents
    assert (first.title, first.text, second.title) == ("Sand", "It rained.", "Lamps")
    assert (first.published, first.author, first.publisher) == ("2024-05-14", "Mara", "The Coast")
    whole = export | {"text": "A record with a list in it."}
    assert len(load(json.dumps(whole).encode(), uri="/data/a.json", name="a.json").documents) == 1


def test_csv_rows_are_lines_or_documents() -> None:
    table = one("Port;Ships;Note\nEastness;310;\nWestness;12;small\n", "a.csv")
    assert table.title == "a"  # its first row is no title
    assert rows(table) == [
        ("row 1", "Port: Eastness | Ships: 310"),
        ("row 2", "Port: Westness | Ships: 12 | Note: small"),
    ]
    loaded = load(b'title,text,date\nRain,"It rained,\nthen stopped.",2020\n,,\nFog,,\n', uri="b.csv", name="b.csv")
    assert [(d.title, d.text, d.published) for d in loaded.documents] == [("Rain", "It rained,\nthen stopped.", "2020")]
    assert loaded.failures == ("line 5: there is no text in it",)
    wide = one("name,price\nTea,3,warm\n", "c.csv")
    assert rows(wide) == [("row 1", "name | price"), ("row 2", "Tea | 3 | warm")]


SHOP = b"sku,Headline,body_html,teaser,text\nA7,Lamp,<p>It <b>glows</b>.</p><p>All night.</p>,Buy it.,no\nB2,Rug,,,\n"


def mapped(data: bytes, name: str, *wishes: str) -> Loaded:
    return load(data, uri=f"/d/{name}", name=name, columns=columns_of(wishes))


def test_the_user_says_which_column_holds_what() -> None:
    wishes = ("text=teaser", "html=Body_HTML", "title=headline", "id=sku")
    loaded = mapped(SHOP, "x.csv", *wishes)
    lamp = loaded.documents[0]
    assert (lamp.uri, lamp.title, lamp.text) == ("/d/x.csv#A7", "Lamp", "Buy it.\n\nIt glows.\n\nAll night.")
    assert loaded.failures == ("line 3: there is no text in it",)
    assert mapped(SHOP, "x.csv", "title=sku").documents[0].text == "no"
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as archive:
        archive.writestr("in/x.csv", SHOP)
    inside = mapped(packed.getvalue(), "x.zip", *wishes).documents[0]
    assert (inside.uri, inside.text) == ("/d/x.zip!/in/x.csv#A7", lamp.text)


@pytest.mark.parametrize(("name", "word"), [("x.jsonl", "line"), ("x.json", "record")])
def test_fields_of_json_are_said_as_columns_are(name: str, word: str) -> None:
    data = json.dumps(
        {"meta": {}, "Story": "Rain fell.", "when": "2021-05-04", "date": "2001-01-01", "text": 7}
    ).encode()
    found = mapped(data, name, "text=story", "date=When").documents[0]
    assert (found.text, found.published) == ("Rain fell.", "2021-05-04")
    with pytest.raises(SourceError, match=f"{word} 1: no field 'tale'; the fields are meta, story, when, date, text"):
        mapped(data, name, "text=tale")
    with pytest.raises(
        SourceError, match=r"no field 'text'; the fields are story\. Fix: say which .*--column text=NAME"
    ):
        mapped(b'{"story": "Rain."}', name)


def test_a_table_without_the_column_says_which_there_are() -> None:
    with pytest.raises(SourceError, match="no field 'story'; the fields are sku, headline, body_html, teaser, text"):
        mapped(SHOP, "x.csv", "title=headline", "text=story")
    with pytest.raises(SourceError, match="no field 'text'; the fields are port, ships"):
        mapped(b"Port,Ships\nEastness,310\n", "a.csv", "title=port")
    many = ",".join(f"column {n}" for n in range(400)).encode() + b"\n1,2\n"
    with pytest.raises(SourceError) as caught:
        mapped(many, "a.csv", "text=story")
    assert len(str(caught.value)) < 500 and "…" in str(caught.value)


@pytest.mark.parametrize("wish", ["text", "=body", "text=", "words=body", ""])
def test_a_wish_that_is_none_is_refused(wish: str) -> None:
    with pytest.raises(SettingsError, match="--column FIELD=NAME, where FIELD is one of text, html, id, title"):
        columns_of([wish])


def test_columns_are_remembered_until_others_are_given(
    library: Library, settings: Settings, folder: Callable[[dict[str, str | bytes]], Path]
) -> None:
    root = folder({"x.csv": SHOP, "y.txt": "It rained."})

    def add(*wishes: str) -> IngestReport:
        return add_paths(library, [root], encoder=WordEncoder(), settings=settings, columns=columns_of(wishes))

    def texts() -> list[str]:
        return [library.document(each.id).text for each in library.documents()]

    assert len(add("text=teaser").added) == 2 and texts() == ["Buy it.", "It rained."]
    saved_quote(library, "Buy it")
    assert len(add().unchanged) == len(add("text=teaser").unchanged) == 2
    os.utime(root / "x.csv", (1, 1))
    assert len(add().unchanged) == 2
    changed = add("html=body_html")
    assert (len(changed.changed), len(changed.unchanged), texts()[0]) == (1, 1, "It glows.\n\nAll night.")
    assert verify(library) == []  # the quote of the earlier reading is still a slice of what it is of
    (root / "x.csv").write_bytes(SHOP + b"C3,Mug,<p>Holds tea.</p>,,\n")
    assert len(add().changed) == 1 and texts()[1] == "Holds tea."
