"""Damaged files of every format: a document or a SourceError comes of them, and never another exception."""

from __future__ import annotations

import gzip
import io
import zipfile

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from test_loaders import PAGE, rows, sections
from test_loaders_containers import SAMPLES, read, zipped
from test_loaders_records import jsonl

from rag.errors import SourceError
from rag.loaders import Loaded, load

MUTANTS = [
    ("a.txt", b"Title: A\nDate: 2020\n\nIt rained all day."),
    ("a.md", b"---\nt: [a]\n---\n# A\n\n- b\n\n|a|b|\n|-|-|\n|1|2|"),
]
MUTANTS += [
    ("a.html", PAGE.encode()),
    ("a.jsonl", jsonl({"text": "It rained."}, {"text": "b", "date": 1})),
    ("a.csv", b"a,b\n1,2\n"),
]
MUTANTS += [
    ("a.json", b'[{"text": "Rain."}]'),
    ("a.txt.gz", gzip.compress(b"It rained all day.")),
    ("b.csv", b"text,id\nab,1\n"),
]


@st.composite
def mutated(draw: st.DrawFn, valid: bytes) -> bytes:
    data = bytearray(valid)
    for _ in range(draw(st.integers(1, 6))):
        at = draw(st.integers(0, len(data)))
        junk = draw(
            st.one_of(st.binary(max_size=6), st.sampled_from([b"\0", b"\xff\xfe", b"<", b"[" * 50, b"---\n", b"&#0;"]))
        )
        data[at : at + draw(st.integers(0, 20))] = junk
    return bytes(data)


@pytest.mark.parametrize(("name", "valid"), MUTANTS, ids=[name for name, _ in MUTANTS])
def test_mutated_files_give_a_document_or_a_source_error(name: str, valid: bytes) -> None:
    assert isinstance(load(valid, uri=name, name=name), Loaded)

    @settings(max_examples=40, deadline=None)
    @given(mutated(valid))
    def check(data: bytes) -> None:
        try:
            loaded = load(data, uri=name, name=name)
        except SourceError:
            return
        for document in loaded.documents:
            document.text.encode()
            sections(document)
            rows(document)

    check()


@pytest.mark.parametrize("name", SAMPLES)
def test_mutated_containers_give_documents_or_a_source_error(name: str) -> None:
    valid = SAMPLES[name]
    change = st.tuples(st.integers(0, len(valid)), st.integers(0, 12), st.binary(max_size=8))

    @settings(max_examples=40, deadline=None)
    @given(st.lists(change, min_size=1, max_size=6))
    def check(changes: list[tuple[int, int, bytes]]) -> None:
        data = bytearray(valid)
        for at, length, junk in changes:
            data[at : at + length] = junk
        try:
            loaded = read(bytes(data), name)
        except SourceError as error:
            assert "\n" not in str(error)
            return
        for document in loaded.documents:
            document.text.encode()

    check()


@pytest.mark.parametrize("part", ["word/document.xml", "word/styles.xml", "[Content_Types].xml", "docProps/core.xml"])
@settings(max_examples=12, deadline=None)
@given(
    changes=st.lists(st.tuples(st.integers(0, 3000), st.integers(0, 9), st.binary(max_size=5)), min_size=1, max_size=3)
)
def test_word_files_with_mutated_parts(part: str, changes: list[tuple[int, int, bytes]]) -> None:
    with zipfile.ZipFile(io.BytesIO(SAMPLES["a.docx"])) as archive:
        members: dict[str, bytes | str] = {name: archive.read(name) for name in archive.namelist()}
    data = bytearray(members[part] if isinstance(members[part], bytes) else b"")
    for at, length, junk in changes:
        data[at : at + length] = junk
    try:
        read(zipped({**members, part: bytes(data)}), "a.docx")
    except SourceError:
        return
