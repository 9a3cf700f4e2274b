"""ZIP and tar files of sources: every member is a source of its own, ``archive.zip!/folder/name.txt``.

Nothing is written to disk. Members, bytes, ratio and nesting are bounded; names that lead out of the archive, links and
devices are refused and reported.
"""

from __future__ import annotations

import io
import tarfile
from collections import Counter
from collections.abc import Iterable, Iterator
from pathlib import PurePosixPath

from rag.errors import SourceError
from rag.loaders.base import Loaded, Raw, UnknownTypeError, one_line
from rag.loaders.compressed import DAMAGE, MAX_MEMBERS, MAX_UNPACKED, open_zip, read_member, unpacked
from rag.types import Document

MAX_DEPTH = 3  # containers in one another
Member = tuple[str, bytes | SourceError]


def load_zip(raw: Raw) -> Loaded:
    """The documents of all members. Raises :class:`SourceError` if none can be read, or the archive is a bomb."""
    return read_members(raw, _zip_members(raw))


def load_tar(raw: Raw) -> Loaded:
    """As :func:`load_zip`, for tar files, plain or compressed."""
    return read_members(raw, _tar_members(raw))


def read_members(raw: Raw, members: Iterable[Member], documents: tuple[Document, ...] = ()) -> Loaded:
    """``documents`` and those of the members. A member that cannot be read is a failure and costs no other.

    Raises :class:`SourceError` if there is no document in the end.
    """
    found = list(documents)
    failures: list[str] = []
    unread: Counter[str] = Counter()
    for name, content in members:
        try:
            loaded = _read_member(raw, name, content)
        except UnknownTypeError:
            unread[PurePosixPath(name).suffix.lower() or "without ending"] += 1
            continue
        except SourceError as error:
            failures.append(f"{one_line(name)}: {one_line(error.why or error.what)}")
            continue
        found += loaded.documents
        failures += [f"{one_line(name)}: {failure}" for failure in loaded.failures]
    if unread:
        listed = ", ".join(f"{ending} ({count})" for ending, count in sorted(unread.items()))
        failures.append(f"files of types that are not read: {listed}")
    if not found:
        why = failures[0] if failures else "there is no text or file in it"
        raise SourceError(f"{raw.uri} has nothing that can be read", why=why, fix="unpack it and look")
    return Loaded(tuple(found), tuple(failures))


def _read_member(raw: Raw, name: str, content: bytes | SourceError) -> Loaded:
    if isinstance(content, SourceError):
        raise content
    raw.budget.take(len(content), uri=raw.uri)
    path = PurePosixPath(name)
    if path.is_absolute() or ".." in path.parts or "\\" in name or "\0" in name:
        raise SourceError(f"{raw.uri} is refused in part", why="the name leads out of the archive")
    member = raw.member(content, name=name)
    if member.depth > MAX_DEPTH:
        raise SourceError(f"{raw.uri} is refused in part", why=f"more than {MAX_DEPTH} archives in one another")
    return raw.inside(member)


def _zip_members(raw: Raw) -> Iterator[Member]:
    with open_zip(raw.data, uri=raw.uri, limit=MAX_UNPACKED) as archive:
        for info in sorted(archive.infolist(), key=lambda info: info.filename):
            if info.filename.endswith("/") or _is_debris(info.filename):  # its name may be empty
                continue
            try:
                yield info.filename, read_member(archive, info, uri=raw.uri)
            except SourceError as error:
                yield info.filename, error


def _tar_members(raw: Raw) -> Iterator[Member]:
    data = unpacked(raw.data, uri=raw.uri, limit=MAX_UNPACKED)
    try:
        with tarfile.open(fileobj=io.BytesIO(data), mode="r:") as archive:
            for count, info in enumerate(archive):
                if count >= MAX_MEMBERS:
                    raise SourceError(f"{raw.uri} is too large", why=f"more than {MAX_MEMBERS} files", fix="split it")
                if info.isdir() or _is_debris(info.name):
                    continue
                file = archive.extractfile(info) if info.isreg() else None
                yield info.name, file.read() if file else SourceError(raw.uri, why="a link or device is not followed")
    except (tarfile.TarError, *DAMAGE) as error:
        # What was read before the damage is kept; with nothing read this is the reason that is given.
        yield raw.name, SourceError(f"{raw.uri} is damaged", why=f"it is not a whole tar file ({error})")


def _is_debris(name: str) -> bool:
    """What operating systems leave in archives; no person put it there."""
    path = PurePosixPath(name)
    return path.parts[:1] == ("__MACOSX",) or path.name in (".DS_Store", "Thumbs.db", "desktop.ini")
