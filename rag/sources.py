"""What is to be read: the files under a folder or whatever else has bytes, and reading it a few sources ahead."""

from __future__ import annotations

import fnmatch
import functools
import hashlib
import os
import stat
from collections import deque
from collections.abc import Callable, Generator, Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from pathlib import Path, PurePath
from urllib.parse import unquote_to_bytes, urlsplit

from rag.errors import RagError, SourceError
from rag.loaders import Columns, has_columns, is_plain, load, media_type_of, size_limit
from rag.loaders.apart import Job
from rag.loaders.base import Loaded
from rag.store import SourceState

IGNORE_FILE = ".pullquoteignore"
_AHEAD = 2  # sources being read at a time


@dataclass(frozen=True, slots=True)
class Source:
    """Something to read: an identity, the name that tells its format, and how to get its bytes."""

    uri: str
    name: str
    stamp: str
    read: Callable[[], bytes]
    parse: Callable[[bytes], Loaded] | None = None  # instead of the loader that the name asks for
    columns: Columns = ()  # of records: which field holds what; () as when it was read last


Outcome = Loaded | str | None  # documents, or why there are none in one line, or nothing that is new


def read_ahead(
    sources: Iterable[Source], known: Mapping[str, SourceState], cut: str
) -> Generator[tuple[Source, str, Outcome]]:
    """Each source in order with its digest and what reading gave; the next ones are read while the caller works.

    Sources come with the columns that they were read with: those of the last time where none are given.
    """
    waiting: deque[tuple[Source, str, Outcome | Job]] = deque()
    try:
        for source in sources:
            if len(waiting) == _AHEAD:
                yield _finished(waiting)
            before = known.get(source.uri)
            source = _with_columns(source, before)
            waiting.append((source, *_begun(source, before, cut)))
        while waiting:
            yield _finished(waiting)
    finally:
        for _, _, job in waiting:
            if isinstance(job, Job):
                job.cancel()


def _with_columns(source: Source, before: SourceState | None) -> Source:
    remembered = before.columns if before else ()
    if not has_columns(source.name) and not remembered:  # subtle: a page that has not changed comes without its name
        return replace(source, columns=())
    return replace(source, columns=source.columns or remembered)


def _begun(source: Source, before: SourceState | None, cut: str) -> tuple[str, Outcome | Job]:
    same = before is not None and before.columns == source.columns
    if before and same and before.stamp == source.stamp and before.digest.startswith(cut):
        return before.digest, None
    try:
        data = source.read()
        digest = cut + hashlib.sha256(data).hexdigest()
        if before and same and before.digest == digest:
            return digest, None
        if source.parse:
            return digest, source.parse(data)
        if is_plain(data, source.name):
            return digest, load(data, uri=source.uri, name=source.name)
        return digest, Job(data, uri=source.uri, name=source.name, columns=source.columns)
    except OSError as error:
        return "", f"{source.name} cannot be read: {error.strerror}"
    except RagError as error:
        return "", str(error)


def _finished(waiting: deque[tuple[Source, str, Outcome | Job]]) -> tuple[Source, str, Outcome]:
    """The first in the queue. It leaves the queue when it is done, so that a stop meanwhile finds it there."""
    source, digest, outcome = waiting[0]
    if isinstance(outcome, Job):
        try:
            outcome = outcome.result()
        except SourceError as error:
            outcome = str(error)
    waiting.popleft()
    return source, digest, outcome


def files_under(path: Path, skipped: list[str], failed: list[tuple[str, str]]) -> Iterator[Source]:
    """The file itself, or every readable file under a folder; hidden and ignored ones are left out.

    A link to a file counts as that file, wherever it is, so that what two paths lead to is read once.
    What is of unknown type inside a folder is ``skipped``; what is not there, or cannot be listed or looked at, has
    ``failed``, each by uri.
    """
    try:
        alone = stat.S_ISREG(path.stat().st_mode)
        ignored = [] if alone else _ignored(path)
    except OSError as error:  # nothing is there, or what is to be ignored is not known
        fix = "check the path, and that you may read there"
        fix = f"write https://{path}" if str(path).startswith("www.") else fix
        failed.append((uri_of(path), f"{error.filename} cannot be read: {error.strerror}. Fix: {fix}"))
        return
    if alone:
        yield _source(path)
        return
    for folder, folders, names in os.walk(path, onerror=lambda error: failed.append(_unlisted(error))):
        folders[:] = sorted(name for name in folders if not name.startswith("."))
        for name in sorted(names):
            file = Path(folder, name)
            if name.startswith(".") or _is_ignored(file.relative_to(path), ignored):
                continue
            if media_type_of(name) is None:
                skipped.append(uri_of(file))
                continue
            try:
                source = _source(file) if file.is_file() else None
            except OSError as error:
                failed.append(_unlisted(error))
                continue
            if source:
                yield source


def vanished(folder: Path, uris: Iterable[str]) -> list[str]:
    """Those of ``uris`` that name a file in the folder which is gone, or is to be ignored now.

    A file elsewhere that a link in the folder led to is never among them: nothing tells that it was read through it.

    Raises :class:`OSError` if there are such files and the folder's list of what is to be ignored cannot be read.
    """
    root = uri_of(folder).rstrip("/") + "/"
    files = [(uri, path_of(uri).relative_to(path_of(root))) for uri in uris if uri.startswith(root)]
    ignored = _ignored(folder) if files else []
    return [uri for uri, file in files if _is_ignored(file, ignored) or _is_gone(folder / file)]


def _is_gone(file: Path) -> bool:
    try:
        return not file.is_file()
    except OSError:  # it may be there
        return False


def _ignored(folder: Path) -> list[str]:
    file = folder / IGNORE_FILE
    lines = file.read_text(encoding="utf-8-sig", errors="replace").splitlines() if file.exists() else []
    return [line for line in map(str.strip, lines) if line and not line.startswith("#")]


def _is_ignored(file: PurePath, patterns: Iterable[str]) -> bool:
    """Whether a pattern fits the file or a folder above it: the name, or the whole path, which may begin with "/".

    >>> [_is_ignored(PurePath("a/drafts/b.md"), [pattern]) for pattern in ("drafts/", "/drafts", "a/*.md", "b.*")]
    [True, False, True, True]
    """
    places = [place for part in (file, *file.parents[:-1]) for place in (part.name, f"{part}", f"/{part}")]
    return any(fnmatch.fnmatchcase(place, pattern.rstrip("/")) for pattern in patterns for place in places)


def _unlisted(error: OSError) -> tuple[str, str]:
    return uri_of(Path(error.filename)), f"{error.filename} cannot be listed: {error.strerror}"


def uri_of(path: Path) -> str:
    """The address of a file or folder: what links lead to, also where they go in a circle."""
    return Path(os.path.realpath(path)).as_uri()  # subtle: Path.resolve raises there


def path_of(uri: str) -> Path:
    """The path that a ``file:`` address names, whose bytes need not be UTF-8.

    >>> path_of("file:///home/me/a%20b.md")
    PosixPath('/home/me/a b.md')
    """
    return Path(os.fsdecode(unquote_to_bytes(urlsplit(uri).path)))


def _source(path: Path) -> Source:
    status = path.stat()
    stamp = f"{status.st_size}:{status.st_mtime_ns}"
    return Source(uri_of(path), path.name, stamp, functools.partial(_bytes, path, status.st_size))


def _bytes(path: Path, size: int) -> bytes:
    """The file's bytes; a file that no loader would take is not read at all."""
    limit = size_limit(path.name)
    if size > limit:
        why = f"{size / 2**20:.0f} MB, the limit is {limit // 2**20} MB"
        raise SourceError(f"{path} is too large", why=why, fix="split it into smaller files")
    return path.read_bytes()
