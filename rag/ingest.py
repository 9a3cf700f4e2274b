"""The write path: find -> load -> chunk -> encode -> one transaction per source.

Adding a folder is a sync: new and changed files are read, unchanged ones are not, vanished ones are reported and
removed only on request. A file that cannot be read costs that file; what it held before stays.
"""

from __future__ import annotations

import itertools
import os
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import closing
from dataclasses import dataclass, field, replace
from pathlib import Path

from rag.chunk import embedding_text, passages
from rag.config import Settings
from rag.loaders import Columns, Loaded
from rag.sources import Outcome, Source, files_under, read_ahead, vanished
from rag.store import Library, Receipt, SourceState, Writer, writing
from rag.types import Document, Encoder, Passage

__all__ = [
    "IngestReport",
    "PAGES",
    "Progress",
    "Source",
    "add_address",
    "add_paths",
    "fetched",
    "ingest",
    "purge",
    "remove",
    "stamps",
]

_FORMAT = "14"  # raise it when loaders or chunking change what they make of the same bytes
PAGES = 16  # fetched pages that are kept together
_BATCH = 256  # passages encoded together; sources wait for each other only up to this many
Progress = Callable[[int, int, str], None]


@dataclass(slots=True)
class IngestReport:
    """What became of every source, as uris in order; failures with the reason in one line."""

    added: list[str] = field(default_factory=list)
    changed: list[str] = field(default_factory=list)
    unchanged: list[str] = field(default_factory=list)
    vanished: list[str] = field(default_factory=list)
    removed: list[str] = field(default_factory=list)
    skipped: list[str] = field(default_factory=list)  # files of unknown type inside a folder
    failed: list[tuple[str, str]] = field(default_factory=list)
    passages: int = 0


def add_paths(
    library: Library,
    paths: Sequence[Path],
    *,
    encoder: Encoder,
    settings: Settings,
    prune: bool = False,
    columns: Columns = (),
    report: IngestReport | None = None,
    progress: Progress | None = None,
) -> IngestReport:
    """Add files and folders. A path that is not there has ``failed`` and costs no other.

    What an earlier run read under a folder has ``vanished`` if its file is gone or is to be ignored now; ``prune``
    removes it.

    ``columns`` say which field of records holds what, and are remembered with each source of records. A ``report``
    given is filled while the work goes on, so that it can be read after a stop.
    """
    report = report or IngestReport()
    sources: list[Source] = []
    for path in paths:
        sources.extend(replace(each, columns=columns) for each in files_under(path, report.skipped, report.failed))
    ingest(library, sources, encoder=encoder, settings=settings, report=report, progress=progress)
    unread = [uri for uri, _ in report.failed]
    present = {source.uri for source in sources}.union(unread)
    unlisted = tuple(f"{uri}/" for uri in unread)  # what is in a folder that cannot be listed has not vanished
    others = [uri for uri in library.sources() if uri not in present and not uri.startswith(unlisted)]
    report.vanished = sorted({uri for path in paths if os.path.isdir(path) for uri in vanished(path, others)})
    if prune and report.vanished:
        with writing(library) as writer:
            for uri in report.vanished:
                writer.remove_source(uri)
        report.removed, report.vanished = report.vanished, []
    return report


def add_address(
    library: Library,
    address: str,
    *,
    encoder: Encoder,
    settings: Settings,
    allow_private: bool = False,
    columns: Columns = (),
    report: IngestReport | None = None,
    progress: Progress | None = None,
) -> IngestReport:
    """Add the page at an address, or the pages that a sitemap lists, kept a few at a time.

    What cannot be fetched is in the report. Raises :class:`LibraryError` if the library cannot be written.
    """
    report = report or IngestReport()
    pages = fetched(library, settings, address, allow_private=allow_private, columns=columns)
    while batch := list(itertools.islice(pages, PAGES)):
        ingest(library, batch, encoder=encoder, settings=settings, report=report, progress=progress)
    return report


def fetched(
    library: Library, settings: Settings, address: str, *, allow_private: bool = False, columns: Columns = ()
) -> Iterator[Source]:
    """The pages of an address, one by one, but for those that would be read again as they were."""
    from rag.fetch import fetch

    cut, read = _cut(settings), library.sources().items()
    known = {u: s.stamp for u, s in read if s.digest.startswith(cut) and columns in ((), s.columns)}
    for page in fetch(address, known=known, allow_private=allow_private):
        yield Source(page.uri, page.name, page.stamp, page.read, columns=columns)


def stamps(paths: Sequence[Path]) -> dict[str, str]:
    """Size and time of every readable file, by uri; it differs as soon as adding ``paths`` could change something."""
    return {source.uri: source.stamp for path in paths for source in files_under(path, [], [])}


def ingest(
    library: Library,
    sources: Iterable[Source],
    *,
    encoder: Encoder,
    settings: Settings,
    report: IngestReport | None = None,
    progress: Progress | None = None,
) -> IngestReport:
    """Add sources in the order of their uris. Raises :class:`LibraryError` if the library cannot be written."""
    report = report or IngestReport()
    ordered = sorted({source.uri: source for source in sources}.values(), key=lambda source: source.uri)
    with writing(library) as writer:
        writer.pin(encoder.name, encoder.dim)
        known = library.sources()  # with what another process has added while this one waited
        run = _Run(writer, encoder, settings, report)
        with closing(read_ahead(ordered, known, _cut(settings))) as outcomes:
            for number, (source, digest, outcome) in enumerate(outcomes, start=1):
                run.add(source, digest, outcome, known.get(source.uri))
                if progress:
                    progress(number - run.waiting, len(ordered), source.name)
        run.flush()
        if progress and ordered:
            progress(len(ordered), len(ordered), ordered[-1].name)
    return report


def remove(library: Library, document_ids: Sequence[str]) -> Receipt:
    """Remove documents and every copy of their words from disk. Raises :class:`LibraryError` if one is unknown."""
    library.require(document_ids)
    with writing(library) as writer:
        return sum((writer.remove(document_id) for document_id in dict.fromkeys(document_ids)), Receipt())


def purge(library: Library, document_ids: Sequence[str]) -> Receipt:
    """Forget earlier revisions of documents, and rewrite the files so that no word of them stays on disk.

    Saved answers lose their quotes of those revisions. Raises :class:`LibraryError` if a document is unknown.
    """
    library.require(document_ids)
    with writing(library) as writer:
        return writer.purge(document_ids)


class _Run:
    """One pass over the sources; parsed ones wait in a queue until there is a batch to encode."""

    def __init__(self, writer: Writer, encoder: Encoder, settings: Settings, report: IngestReport) -> None:
        self._writer, self._encoder, self._settings, self._report = writer, encoder, settings, report
        self._queue: list[tuple[SourceState, bool, list[tuple[Document, list[Passage]]], bytes]] = []
        self._touched: list[SourceState] = []
        self._passages = 0

    @property
    def waiting(self) -> int:
        """How many sources are read but not yet kept."""
        return len(self._queue)

    def add(self, source: Source, digest: str, outcome: Outcome, before: SourceState | None) -> None:
        """Take what reading a source gave."""
        if isinstance(outcome, str):
            self._report.failed.append((source.uri, outcome))
            return
        if outcome is None:
            self._report.unchanged.append(source.uri)
            self._report.failed.extend((source.uri, failure) for failure in (before.failures if before else ()))
            if before and before.stamp != source.stamp:
                self._touched.append(SourceState(source.uri, source.stamp, digest))
            return
        self._report.failed.extend((source.uri, failure) for failure in outcome.failures)
        budget = self._settings.passage_tokens
        items = [(doc, passages(doc, encoder=self._encoder, budget=budget)) for doc in outcome.documents]
        state = SourceState(source.uri, source.stamp, digest, outcome.failures, source.columns)
        self._queue.append((state, before is None, items, _original(source, outcome)))
        self._passages += sum(len(cut) for _, cut in items)
        if self._passages >= _BATCH:
            self.flush()

    def flush(self) -> None:
        """Encode what waits and keep it, each source in its own transaction."""
        if self._touched:
            self._writer.touch(self._touched)
            self._touched = []
        if not self._queue:
            return
        texts = [
            embedding_text(
                document.title, passage.heading, document.text[passage.start : passage.end], encoder=self._encoder
            )
            for _, _, items, _ in self._queue
            for document, found in items
            for passage in found
        ]
        vectors = self._encoder.encode(texts)
        position = 0
        for state, new, items, original in self._queue:
            ready = []
            for document, found in items:
                ready.append((document, found, vectors[position : position + len(found)]))
                position += len(found)
            self._writer.put(state, ready, original=original)
            (self._report.added if new else self._report.changed).append(state.uri)
        self._report.passages += len(texts)
        self._queue, self._passages = [], 0


def _original(source: Source, loaded: Loaded) -> bytes:
    """The bytes to keep beside the text: those of a PDF whose pages could not be shown from a file; b"" for none."""
    pdf = [document.media_type for document in loaded.documents] == ["application/pdf"]
    return source.read() if pdf and not source.uri.startswith("file:") else b""


def _cut(settings: Settings) -> str:
    """Prefix of a digest: what decides how bytes become passages."""
    return f"{_FORMAT}:{settings.passage_tokens}:"
