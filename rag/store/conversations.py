"""Conversations: stored as turns of spans, never as HTML; each belongs to one owner and is seen by no other."""

from __future__ import annotations

import builtins
import itertools
import json
import re
import secrets
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from sqlite3 import Connection, OperationalError

from rag.errors import LibraryError
from rag.lexicon import stem
from rag.store.rows import HELD, TURN
from rag.text import shortened, words
from rag.types import Answer, Resolution, Turn

_UNTITLED = "New conversation"


@dataclass(frozen=True, slots=True)
class Conversation:
    """A line in the list of conversations."""

    id: str
    title: str
    created: str  # ISO time, UTC
    updated: str
    turns: int


class Conversations:
    """``connect`` gives this thread's connection. An id of another owner is as unknown as one that never was."""

    def __init__(self, connect: Callable[[], Connection]) -> None:
        self._connect = connect

    def create(self, owner: str) -> str:
        """The new conversation's id: 96 random bits, so that it cannot be guessed."""
        number, now = secrets.token_hex(12), _now()
        with self.changing() as connection:
            connection.execute("INSERT INTO conversations VALUES (?, ?, ?, ?, ?)", (number, owner, _UNTITLED, now, now))
        return number

    def list(self, owner: str | None, *, find: str = "") -> list[Conversation]:
        """The owner's conversations, the last used first; ``find``: those in which all these words were asked or shown.

        No owner means everybody's: for tools that work on the library's own files, never for a request.
        """
        rows = self._connect().execute(
            "SELECT id, title, created, updated, (SELECT count(*) FROM turns WHERE conversation = id) "
            "FROM conversations WHERE owner = ?1 OR ?1 IS NULL ORDER BY updated DESC, id",
            (owner,),
        )
        wanted = _keys(((find,),))
        return [item for item in (Conversation(*row) for row in rows) if not wanted or wanted <= self._words(item)]

    def _words(self, conversation: Conversation) -> set[str]:
        query = "SELECT turn FROM turns WHERE conversation = ?"
        turns = (TURN.validate_json(row[0]) for row in self._connect().execute(query, (conversation.id,)))
        return _keys(((conversation.title,), *((turn.question, *_shown(turn.answer)) for turn in turns)))

    def turns(self, conversation: str, owner: str) -> builtins.list[Turn]:
        """Its turns, oldest first. Raises :class:`LibraryError` if the owner has no such conversation."""
        self._check(conversation, owner)
        rows = self._connect().execute("SELECT turn FROM turns WHERE conversation = ? ORDER BY number", (conversation,))
        return [TURN.validate_json(row[0]) for row in rows]

    def append(self, conversation: str, owner: str, turn: Turn) -> None:
        """Store a turn at the end; the first question becomes the title of an untitled conversation.

        What was removed or has changed since it was quoted is left out: nothing in the library holds it any more.
        """
        with self.changing() as connection:
            connection.execute("BEGIN IMMEDIATE")  # subtle: the number is read by a write, or two would take the same
            self._check(conversation, owner)
            answer = replace(_still_held(connection, turn.answer), trace=(), timings_ms={})
            stored = replace(turn, answer=answer)
            number = connection.execute(
                "SELECT coalesce(max(number), 0) + 1 FROM turns WHERE conversation = ?", (conversation,)
            ).fetchone()[0]
            connection.execute(
                "INSERT INTO turns VALUES (?, ?, ?)", (conversation, number, TURN.dump_json(stored).decode())
            )
            connection.executemany(
                "INSERT OR IGNORE INTO quoted VALUES (?, ?, ?, ?)",
                [(conversation, number, quote.document_id, quote.revision) for quote in answer.quotes],
            )
            connection.execute(
                "UPDATE conversations SET updated = ?, title = CASE WHEN ? = 1 AND title = ? THEN ? ELSE title END "
                "WHERE id = ?",
                (_now(), number, _UNTITLED, shortened(turn.question, 80), conversation),
            )

    def owner_of(self, conversation: str) -> str:
        """For tools that work on the library's own files, never for a request. Raises :class:`LibraryError`."""
        row = self._connect().execute("SELECT owner FROM conversations WHERE id = ?", (conversation,)).fetchone()
        if row is None:
            raise LibraryError(f"there is no conversation {conversation!r}", fix="pullquote conversations")
        return str(row[0])

    def rename(self, conversation: str, owner: str, title: str) -> None:
        """Raises :class:`LibraryError` if the owner has no such conversation."""
        self._check(conversation, owner)
        with self.changing() as connection:
            connection.execute(
                "UPDATE conversations SET title = ? WHERE id = ?", (title.strip()[:200] or "Untitled", conversation)
            )

    def delete(self, conversation: str, owner: str) -> int:
        """Deletes it and returns how many turns went with it."""
        self._check(conversation, owner)
        with self.changing() as connection:
            count = connection.execute("DELETE FROM turns WHERE conversation = ?", (conversation,)).rowcount
            connection.execute("DELETE FROM conversations WHERE id = ?", (conversation,))
        return count

    @contextmanager
    def changing(self) -> Iterator[Connection]:
        """A transaction. Raises :class:`LibraryError` where the library is read-only, busy or the disk is full."""
        try:
            with self._connect() as connection:
                yield connection
        except OperationalError as error:
            raise LibraryError(
                "the conversation cannot be saved",
                why=str(error),
                fix="make the index folder writable and see that its disk has space",
            ) from None

    def _check(self, conversation: str, owner: str) -> None:
        query = "SELECT 1 FROM conversations WHERE id = ? AND owner = ?"
        if self._connect().execute(query, (conversation, owner)).fetchone() is None:
            raise LibraryError(f"there is no conversation {conversation!r}", fix="choose one from the list")


def forget_document(connection: Connection, document: str, *, keep: str = "") -> int:
    """Take a deleted document's words out of every saved turn; runs inside the caller's transaction.

    Its quotes go, and so do words of them that later turns of the conversation carried into their queries. What a
    person typed stays. Quotes of the revision ``keep`` stay. Returns the number of turns that were changed.
    """
    rows = connection.execute(
        "SELECT conversation, number, turn FROM turns WHERE conversation IN "
        "(SELECT conversation FROM turns WHERE instr(turn, ?) > 0) ORDER BY conversation, number",
        (document,),
    ).fetchall()
    changes = 0
    for conversation, group in itertools.groupby(rows, key=lambda row: row[0]):
        numbers, turns = zip(*((number, TURN.validate_json(stored)) for _, number, stored in group), strict=True)
        for number, before, after in zip(numbers, turns, _forgotten(turns, document, keep), strict=True):
            changes += before != after
            connection.execute(
                "UPDATE turns SET turn = ? WHERE conversation = ? AND number = ?",
                (TURN.dump_json(after).decode(), conversation, number),
            )
    connection.execute("DELETE FROM quoted WHERE document = ? AND revision <> ?", (document, keep))
    return changes


def _forgotten(turns: Sequence[Turn], document: str, keep: str) -> builtins.list[Turn]:
    """The turns of one conversation without the document's quotes and without words that only those quotes brought."""

    def gone(number: str, revision: str) -> bool:
        return number == document and not (keep and revision == keep)

    left = [replace(turn, answer=_without(turn.answer, gone)) for turn in turns]
    said, still = (_keys(_shown(turn.answer) for turn in some) for some in (turns, left))
    lost = said - still - _keys((turn.question,) for turn in turns)
    return [replace(turn, resolution=_blanked(turn.resolution, lost, "" if keep else document)) for turn in left]


def _shown(answer: Answer) -> tuple[str, ...]:
    quotes = (text for quote in answer.quotes for text in (quote.text, quote.title, quote.publisher))
    return (*quotes, answer.short.text if answer.short else "")


def _keys(groups: Iterable[Iterable[str]]) -> set[str]:
    return {stem(text[start:end]) for group in groups for text in group for start, end in words(text)}


def _blanked(resolution: Resolution, lost: set[str], document: str) -> Resolution:
    """The resolution with "…" for every lost word; a carried phrase that is nothing else is dropped."""

    def blank(text: str) -> str:
        for start, end in reversed(words(text)):
            if stem(text[start:end]) in lost:
                text = f"{text[:start]}…{text[end:]}"
        return re.sub(r"…(?:\W*…)+", "…", text)

    carried = tuple(replace(item, text=blank(item.text)) for item in resolution.carried)
    named = tuple(number for number in resolution.filters.document_ids if number != document)
    return replace(
        resolution,
        query=blank(resolution.query),
        reason=re.sub("“[^”]*”", lambda match: blank(match.group()), resolution.reason),  # the rest is ours
        carried=tuple(item for item in carried if words(item.text)),
        alternatives=tuple(dict.fromkeys(map(blank, resolution.alternatives))),
        filters=replace(resolution.filters, document_ids=named),
    )


def _still_held(connection: Connection, answer: Answer) -> Answer:
    """The answer without what was removed, or has changed, between its making and this transaction."""
    copies = (source.document_id for quote in answer.quotes for source in quote.also_in)
    rows = connection.execute(
        f"SELECT d.id, c.revision {HELD} WHERE d.id IN (SELECT value FROM json_each(?))",
        (json.dumps([*(quote.document_id for quote in answer.quotes), *copies]),),
    )
    held = {place for number, revision in rows for place in ((number, revision), (number, ""))}
    return _without(answer, lambda *place: place not in held)


def _without(answer: Answer, gone: Callable[[str, str], bool]) -> Answer:
    """The answer without what it shows of documents in revisions that are ``gone``."""
    lost = {quote.document_id for quote in answer.quotes if gone(quote.document_id, quote.revision)}
    quotes = tuple(
        replace(quote, also_in=tuple(each for each in quote.also_in if not gone(each.document_id, each.revision)))
        for quote in answer.quotes
        if not gone(quote.document_id, quote.revision)
    )
    if answer.quotes and not quotes:
        return Answer("not_found", "What it quoted was removed.")
    short = None if answer.short and answer.short.document_id in lost else answer.short
    first = bool(answer.quotes) and gone(answer.quotes[0].document_id, answer.quotes[0].revision)
    if answer.status == "answered" and (first or short != answer.short):
        answer = replace(answer, status="related", reason="What answered this was removed; this stood beside it.")
    return replace(answer, quotes=quotes, short=short)


def _now() -> str:
    return datetime.now(UTC).isoformat(timespec="microseconds")
