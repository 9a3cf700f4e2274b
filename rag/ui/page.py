"""What the page does: each handler takes what a browser wishes for and yields what the areas show next.

Whose conversations are shown is decided by ``owner``, which comes from the session and never from the browser's
wish; a wish is checked before it is followed.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

from rag.errors import LibraryError, RagError
from rag.ingest import Source, ingest, remove
from rag.types import Document, Filters, Turn
from rag.ui import shelf, views
from rag.ui.markup import plural
from rag.ui.passages import around

if TYPE_CHECKING:
    from rag.assistant import Assistant
    from rag.store.library import Library

_DATE = re.compile(r"\d{4}(-\d\d(-\d\d)?)?", re.ASCII)


@dataclass(frozen=True, slots=True)
class Desk:
    """What one browser tab looks at. Kept on the server."""

    conversation: str = ""
    selected: int = -1  # the turn whose evidence is shown
    rank: int = 0  # the quote pointed out in it
    filters: Filters = Filters()  # what new questions are confined to


class Page:
    """The handlers; a result maps the names of areas to their new values, and what it leaves out stays as it is.

    ``editable``: whether documents can be added and removed here.
    """

    def __init__(
        self, library: Library, assistant: Assistant, examples: Sequence[str] = (), *, editable: bool = False
    ) -> None:
        self._library, self._assistant, self._examples = library, assistant, tuple(examples)
        self._editable = editable
        self._listed: tuple[int, list[Document]] = (-1, [])

    def open(self, owner: str) -> dict[str, Any]:
        """The page as it is first seen: the conversation used last, or the welcome."""
        entries = self._library.conversations.list(owner)
        desk = Desk()
        if entries:
            desk = Desk(entries[0].id, entries[0].turns - 1)
        return {**self._show(desk, owner), "sources": self._sources(desk)}

    def ask(
        self, question: str, desk: Desk, owner: str, *, raw: bool = False, before: int | None = None
    ) -> Iterator[dict[str, Any]]:
        """The question at once, then its answer. ``before``: only that many turns are known to the follow-up."""
        turns = self._turns(desk, owner)
        holdings = views.Holdings.of(self._documents())
        yield {"thread": views.thread(turns, holdings, pending=question), "box": "", "said": views.said("Searching")}
        try:
            filters = desk.filters if desk.filters != Filters() else None
            turn = self._assistant.ask(question, turns[:before], raw=raw, filters=filters)
        except RagError as error:
            yield {**self._show(desk, owner, notice=str(error)), "box": question}
            return
        conversations = self._library.conversations
        desk = desk if desk.conversation and turns else replace(desk, conversation=conversations.create(owner))
        conversations.append(desk.conversation, owner, turn)
        found = f"{len(turn.answer.quotes)} quotes." if turn.answer.quotes else ""
        shown = self._show(replace(desk, selected=len(turns), rank=0), owner)
        yield {**shown, "said": views.said(f"{views.HEADLINES[turn.answer.status]}. {found}")}

    def act(self, wish: Mapping[str, str], desk: Desk, owner: str) -> Iterator[dict[str, Any]]:
        """What a button asks for by its ``data-`` attributes. An unknown wish shows the page as it is."""
        turns = self._turns(desk, owner)
        index, notice = _number(wish.get("turn"), len(turns)), ""
        if wish.get("do") in ("ask", "find"):  # found words are searched as they stand
            yield from self.ask(str(wish.get("question", "")), desk, owner, raw=wish.get("do") == "find")
            return
        if wish.get("do") == "raw" and index >= 0:
            yield from self.ask(turns[index].question, desk, owner, raw=True, before=index)
            return
        if wish.get("do") == "evidence" and index >= 0:
            desk = replace(desk, selected=index, rank=max(_number(wish.get("rank"), 100), 0))
        try:
            desk, notice = self._follow(wish, desk, owner)
        except LibraryError as error:
            notice = str(error)
        shown = self._show(desk, owner, notice=notice)
        yield {**shown, "sources": self._sources(desk)} if wish.get("do") in ("narrow", "remove") else shown

    def _follow(self, wish: Mapping[str, str], desk: Desk, owner: str) -> tuple[Desk, str]:
        """The desk and a sentence after a wish that concerns conversations or sources. Raises LibraryError."""
        conversations, ident = self._library.conversations, str(wish.get("id", ""))
        match wish.get("do"):
            case "new":
                return Desk(filters=desk.filters), ""
            case "open":
                return Desk(ident, len(conversations.turns(ident, owner)) - 1, filters=desk.filters), ""
            case "rename":
                conversations.rename(ident, owner, str(wish.get("title", ""))[:200])
            case "delete":
                gone = conversations.delete(ident, owner)
                return Desk(filters=desk.filters), f"Deleted a conversation with {plural(gone, 'question')}."
            case "narrow":
                return replace(desk, filters=_filters(wish)), ""
            case "remove" if self._editable:
                return desk, shelf.receipt(remove(self._library, [ident]))
        return desk, ""

    def add(self, paths: Sequence[str], desk: Desk, owner: str) -> Iterator[dict[str, Any]]:
        """Read uploaded files one after the other, each with its outcome; then the list of sources with them in it."""
        outcomes: list[shelf.Outcome] = []
        for number, path in enumerate(paths if self._editable else ()):
            yield {"added": shelf.progress(outcomes, number, len(paths), Path(path).name)}
            outcomes.append(self._add(Path(path)))
        yield {
            **self._show(desk, owner),
            "sources": self._sources(desk),
            "added": shelf.progress(outcomes, len(paths), len(paths), ""),
            "said": views.said(f"Read {plural(len(paths), 'file')}."),
        }

    def _add(self, path: Path) -> shelf.Outcome:
        """One file under an identity of its own: the same name uploaded again is a new revision of the same source."""
        data = path.read_bytes()
        uri = f"upload:///{quote(path.name)}"
        source = Source(uri, path.name, hashlib.sha256(data).hexdigest(), lambda: data)
        try:
            report = ingest(self._library, [source], encoder=self._assistant.encoder, settings=self._assistant.settings)
        except RagError as error:
            return shelf.Outcome(path.name, "failed", str(error))
        if report.failed:
            return shelf.Outcome(path.name, "failed", report.failed[0][1])
        state = "unchanged" if report.unchanged else "changed" if report.changed else "added"
        return shelf.Outcome(path.name, state, plural(report.passages, "passage") if report.passages else "")

    def _documents(self) -> list[Document]:
        """All documents, bare; read again only when the library has changed."""
        generation = self._library.generation
        if self._listed[0] != generation:
            self._listed = generation, self._library.documents()
        return self._listed[1]

    def _sources(self, desk: Desk) -> str:
        return shelf.sources(self._documents(), desk.filters, editable=self._editable)

    def _turns(self, desk: Desk, owner: str) -> list[Turn]:
        try:
            return self._library.conversations.turns(desk.conversation, owner) if desk.conversation else []
        except LibraryError:  # deleted in another tab
            return []

    def _show(self, desk: Desk, owner: str, *, notice: str = "") -> dict[str, Any]:
        turns = self._turns(desk, owner)
        holdings = views.Holdings.of(self._documents())
        selected = turns[desk.selected] if 0 <= desk.selected < len(turns) else None
        if turns:
            thread = views.thread(turns, holdings, selected=desk.selected, notice=notice)
        else:
            thread = views.welcome(holdings, self._examples, notice=notice)
        passages = around(self._library, selected.answer.quotes) if selected else {}
        return {
            "desk": desk,
            "conversations": shelf.conversations(self._library.conversations.list(owner), desk.conversation),
            "thread": thread,
            "evidence": views.evidence(selected, passages, rank=desk.rank),
            "narrowed": shelf.narrowed(desk.filters, self._documents()),
            "said": views.said(notice),
        }


def _filters(wish: Mapping[str, str]) -> Filters:
    """The filters that a form names; a date that is none counts as not given."""
    since, until = (str(wish.get(name, ""))[:10] for name in ("since", "until"))
    return Filters(
        since if _DATE.fullmatch(since) else "",
        until if _DATE.fullmatch(until) else "",
        str(wish.get("publisher", ""))[:300],
        (str(wish["document"])[:200],) if wish.get("document") else (),
    )


def _number(value: object, below: int) -> int:
    """``"2"`` -> 2; -1 for anything that is not a whole number in [0, below)."""
    text = str(value)
    return int(text) if text.isascii() and text.isdigit() and len(text) < 9 and int(text) < below else -1
