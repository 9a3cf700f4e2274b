"""JSON Lines, JSON and CSV: records become documents, broken ones are named."""

from __future__ import annotations

import hashlib
import json

from test_loaders import one, rows

from rag.loaders import load


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


def test_json_file_of_records() -> None:
    loaded = load(b'[{"text": "Rain.", "id": 7}, 3, {"text": "Snow."}]', uri="x.json", name="x.json")
    assert [d.uri for d in loaded.documents] == ["x.json#7", "x.json#3"] and len(loaded.failures) == 1
    assert one(b'{"text": "Rain."}', "y.json").text == "Rain."


def test_csv_rows_are_lines_or_documents() -> None:
    table = one("Port;Ships;Note\nEastness;310;\nWestness;12;small\n", "a.csv")
    assert rows(table) == [
        ("row 1", "Port: Eastness | Ships: 310"),
        ("row 2", "Port: Westness | Ships: 12 | Note: small"),
    ]
    loaded = load(b'title,text,date\nRain,"It rained,\nthen stopped.",2020\n,,\nFog,,\n', uri="b.csv", name="b.csv")
    assert [(d.title, d.text, d.published) for d in loaded.documents] == [("Rain", "It rained,\nthen stopped.", "2020")]
    assert loaded.failures == ("line 5: no field 'text' with text in it",)
