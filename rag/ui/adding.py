"""Adding from the page: uploaded files, a folder of them, or a web address; each source with its own outcome."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple
from urllib.parse import quote

from rag.errors import RagError
from rag.files import sha256_of
from rag.ingest import PAGES, Source, fetched, ingest
from rag.loaders import media_type_of
from rag.ui import shelf
from rag.ui.markup import plural
from rag.ui.shelf import Outcome
from rag.ui.telling import plainly

if TYPE_CHECKING:
    from rag.assistant import Assistant

_STEPS = 50  # most updates of the bar for one upload: every step ends with a write
_BARE = re.compile(r"[\w-]+(\.[\w-]+)+(/\S*)?")  # example.org/page, as one types it


class Upload(NamedTuple):
    """A file as the browser sent it; ``name`` is its path below the folder that was chosen, or its bare name."""

    path: str
    name: str


Shown = tuple[str, Sequence[Outcome]]  # what to show, and what has become of the sources so far


def add_files(assistant: Assistant, uploads: Sequence[Upload]) -> Iterator[Shown]:
    """Read uploaded files.

    A file of a chosen folder replaces the one of the same path. A bare name says too little for that: other bytes
    under it are kept beside the first.
    """
    outcomes = [Outcome(each.name, "skipped", why) for each in uploads if (why := _left_out(each))]
    stamps = {uri: state.stamp for uri, state in assistant.library.sources().items()}
    sources = [_source(each, stamps) for each in uploads if not _left_out(each)]
    step = 1 + len(sources) // _STEPS
    for done in range(0, len(sources), step):
        part = sources[done : done + step]
        yield shelf.adder(outcomes, done=done, total=len(sources), current=part[0].name), outcomes
        outcomes += _kept(assistant, part)
    yield shelf.adder(outcomes), outcomes


def add_address(assistant: Assistant, address: str, *, allow_private: bool = False) -> Iterator[Shown]:
    """Fetch a page, or the pages that a sitemap lists, as ``pullquote add`` does."""
    from rag.fetch.address import shown

    outcomes, waiting, typed = list[Outcome](), list[Source](), address
    if _BARE.fullmatch(address):
        address = f"https://{address}"
    yield shelf.adder(current=shown(address)), outcomes
    pages = fetched(assistant.library, assistant.settings, address, allow_private=allow_private)
    for count, page in enumerate(pages, start=1):
        waiting.append(page)
        yield shelf.adder(outcomes, done=count, current=page.uri), outcomes
        if len(waiting) == PAGES:
            outcomes += _kept(assistant, waiting)
            waiting = []
    outcomes += _kept(assistant, waiting)
    failed = all(each.state == "failed" for each in outcomes)
    yield shelf.adder(outcomes, address=typed if failed else ""), outcomes


def _left_out(upload: Upload) -> str:
    """Why the file is not read; "" if it is."""
    if any(part.startswith(".") for part in _parts(upload.name)):
        return "its name begins with a dot, so it is hidden"
    if media_type_of(upload.name) is None:
        return "only text, Markdown, HTML, PDF, Word (.docx), EPUB, mail, CSV, JSON, XML and archives are read"
    return ""


def _parts(name: str) -> list[str]:
    return [part for part in name.replace("\\", "/").split("/") if part not in ("", ".", "..")]


def _source(upload: Upload, stamps: dict[str, str]) -> Source:
    """``stamps``: the sha256 of everything uploaded so far, by uri; this one's is added."""
    path, name = Path(upload.path), "/".join(_parts(upload.name))
    stamp = sha256_of(path)
    beside = _beside(name, stamp)
    if "/" not in name and (_uri(beside) in stamps or stamps.get(_uri(name), stamp) != stamp):
        name = beside
    stamps[_uri(name)] = stamp
    return Source(_uri(name), name, stamp, path.read_bytes)


def _beside(name: str, stamp: str) -> str:
    """``a.txt`` -> ``a (1f0c88e2).txt``, as other bytes have the name."""
    stem, dot, ending = name.partition(".")
    return f"{stem} ({stamp[:8]}){dot}{ending}"


def _uri(name: str) -> str:
    return f"upload:///{quote(name)}"


def _kept(assistant: Assistant, sources: Sequence[Source]) -> list[Outcome]:
    """Add the sources and say of each what became of it."""
    library = assistant.library
    try:
        report = ingest(library, sources, encoder=assistant.encoder, settings=assistant.settings)
    except RagError as error:
        return [Outcome(_label(source), "failed", _plain(str(error))) for source in sources]
    failed = {uri: _plain(why) for uri, why in reversed(report.failed)}  # the first reason of each
    states = {uri: name for name in ("added", "changed", "unchanged") for uri in getattr(report, name)}
    outcomes = []
    for source in sources:
        mine = library.read_from(source.uri)
        detail = failed.get(source.uri, plural(len(mine), "document") if len(mine) > 1 else "")
        if detail.startswith(f"{source.uri} "):
            detail = f"it {detail[len(source.uri) + 1 :]}"  # its name is said already
        state = states.get(source.uri, "failed")
        detail = "; ".join(filter(None, (detail, _consequence(source, state))))
        outcomes.append(Outcome(_label(source), state, detail, mine[0] if mine and state != "failed" else ""))
    return outcomes


def _plain(error: str) -> str:
    return plainly(error).removesuffix(".")


def _consequence(source: Source, state: str) -> str:
    """What came of a file or page where something had its name already; "" where nothing had."""
    if state == "changed":
        return "its earlier text is no longer searched"
    name = source.name.replace(f" ({source.stamp[:8]})", "")
    beside = state == "added" and name != source.name
    return f"another {name} is kept too; remove that one if this is its new version" if beside else ""


def _label(source: Source) -> str:
    return source.name if source.uri.startswith("upload:") else source.uri
