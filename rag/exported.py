"""Exports read back: is every quote in them still, character for character, what the library holds?"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from html.parser import HTMLParser
from typing import Literal

from pydantic import TypeAdapter, ValidationError

from rag.errors import LibraryError
from rag.store import Library

Verdict = Literal["exact", "changed", "altered", "gone"]
_PLACE = r"(?P<document_id>[^@\s`]+)@(?P<revision>[0-9a-f]*):(?P<start>\d{1,15})-(?P<end>\d{1,15})"
_CITED = re.compile(rf"> \[\d+\] .*`{_PLACE}`")
_SHORT = re.compile(rf"\*\*(?P<text>.*)\*\* `{_PLACE}`")


@dataclass(frozen=True, slots=True)
class Claim:
    """Words of an export and where it says they stand; no document: it does not say."""

    text: str
    document_id: str = ""
    revision: str = ""
    start: int = 0
    end: int = 0


@dataclass(frozen=True, slots=True)
class _Turn:
    quotes: tuple[Claim, ...]
    answer: Claim | None


@dataclass(frozen=True, slots=True)
class _Export:
    turns: tuple[_Turn, ...]


_EXPORT = TypeAdapter(_Export)


@dataclass(frozen=True, slots=True)
class Checked:
    """``exact``: a slice of the source as it is now. ``changed``: the source has a newer revision.

    ``altered``: not the words that stand there. ``gone``: the library has no such source.
    """

    claim: Claim
    verdict: Verdict
    title: str = ""
    still_there: bool = False  # of ``changed``: the newer revision holds the same words somewhere


def check_export(text: str, library: Library) -> list[Checked]:
    """Every quote and short answer of an export (JSON, Markdown or HTML), in its order, compared with ``library``.

    Raises :class:`LibraryError` if there is none: then it is no export, or nothing was found in that conversation.
    """
    found = claims(text.removeprefix("\ufeff").replace("\r\n", "\n"))
    if not found:
        raise LibraryError("there is no quote in this file", fix="give a file that `pullquote export` wrote")
    return [_checked(claim, library) for claim in found]


def claims(text: str) -> list[Claim]:
    """The quotes and short answers of an export. A quotation that does not say where it stands is kept as such."""
    if text.lstrip().startswith("{"):
        return _from_json(text)
    if text.lstrip()[:9].lower() == "<!doctype":
        parser = _Quotations()
        parser.feed(text)
        parser.close()
        return parser.found
    return list(_from_markdown(text))


def _checked(claim: Claim, library: Library) -> Checked:
    now = library.find(claim.document_id)
    if now is None:
        return Checked(claim, "gone")
    then = library.find(claim.document_id, claim.revision)
    newest = then is not None and then.revision == now.revision
    if not 0 <= claim.start < claim.end or (then is not None and then.text[claim.start : claim.end] != claim.text):
        return Checked(claim, "altered", now.title)
    return Checked(claim, "exact" if newest else "changed", now.title, not newest and claim.text in now.text)


def _from_json(text: str) -> list[Claim]:
    try:
        turns = _EXPORT.validate_json(text).turns
    except ValidationError as error:
        first = error.errors()[0]
        where = ".".join(map(str, first["loc"]))
        raise LibraryError(
            "this is not an export",
            why=f"{where}: {first['msg']}" if where else first["msg"],
            fix="give a file that `pullquote export` wrote",
        ) from None
    return [claim for turn in turns for claim in (*turn.quotes, turn.answer) if claim is not None]


def _from_markdown(text: str) -> Iterator[Claim]:
    block: list[str] = []
    for line in (*text.split("\n"), ""):
        if line.startswith(">"):
            block.append(line)
            continue
        if block:
            cited = _CITED.fullmatch(block[-1])
            body = block[:-2] if cited else block
            yield _claim("\n".join(_plain(part[2:]) for part in body), cited)
            block = []
        if short := _SHORT.fullmatch(line):
            yield _claim(_plain(short["text"]), short)


def _plain(text: str) -> str:
    return re.sub(r"\\(.)", r"\1", text)


def _claim(text: str, place: re.Match[str] | None) -> Claim:
    if place is None:
        return Claim(text)
    document_id, revision, start, end = place.group("document_id", "revision", "start", "end")
    return Claim(text, document_id, revision, int(start), int(end))


class _Quotations(HTMLParser):
    """Every <blockquote>, and every other element that says where its text stands."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.found: list[Claim] = []
        self._open = ""

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        place = dict(attrs).get("data-place")
        if tag == "blockquote" or place is not None:
            self._open = tag
            self.found.append(_claim("", re.fullmatch(_PLACE, place or "")))

    def handle_data(self, data: str) -> None:
        if self._open:
            self.found[-1] = replace(self.found[-1], text=self.found[-1].text + data)

    def handle_endtag(self, tag: str) -> None:
        if tag == self._open:
            self._open = ""
