"""What people said of the quotes they were shown: right or wrong. No word of a document is stored with it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import TypedDict

from rag.errors import LibraryError
from rag.store.conversations import Conversations
from rag.store.library import Library
from rag.store.quoted import range_around
from rag.store.rows import TURN
from rag.types import Quote


@dataclass(frozen=True, slots=True)
class Place:
    """A quote in a conversation; ``turn`` counts from 0, ``rank`` from 1."""

    conversation: str
    turn: int
    rank: int


class JudgedAnswer(TypedDict):
    """An example to train a reader on: ``context[answer_start:][:len(answer_text)] == answer_text``."""

    question: str  # the standalone query
    context: str
    answer_start: int
    answer_text: str  # the short answer in the quote or, without one, the quote
    right: bool


def judge(conversations: Conversations, owner: str, place: Place, *, right: bool) -> bool | None:
    """Keep what the owner says of a quote; saying the same again takes it back (None).

    Raises :class:`LibraryError` if the owner has no such quote.
    """
    key = (place.conversation, place.turn + 1, place.rank)
    with conversations.changing() as connection:
        connection.execute("BEGIN IMMEDIATE")  # subtle: or the quote could be removed after it was looked for
        turns = conversations.turns(place.conversation, owner)
        quotes = turns[place.turn].answer.quotes if 0 <= place.turn < len(turns) else ()
        quote = next((quote for quote in quotes if quote.rank == place.rank), None)
        if quote is None:
            raise LibraryError("there is no such quote", why="its source was removed", fix="reload the page")
        where = "conversation = ? AND number = ? AND rank = ?"
        before = connection.execute(f"SELECT verdict FROM judgements WHERE {where}", key).fetchone()
        connection.execute(f"DELETE FROM judgements WHERE {where}", key)
        if before == (right,):
            return None
        values = (*key, quote.document_id, quote.revision, right)
        connection.execute("INSERT INTO judgements VALUES (?, ?, ?, ?, ?, ?)", values)
    return right


def judgements(library: Library, conversation: str, owner: str) -> dict[tuple[int, int], bool]:
    """(turn from 0, rank) -> whether the owner called the quote right; {} if the owner has no such conversation."""
    rows = library.connect().execute(
        "SELECT j.number, j.rank, j.verdict FROM judgements j JOIN conversations c ON c.id = j.conversation "
        "WHERE c.id = ? AND c.owner = ?",
        (conversation, owner),
    )
    return {(number - 1, rank): bool(verdict) for number, rank, verdict in rows}


def judged_answers(library: Library) -> Iterator[JudgedAnswer]:
    """All judged quotes that the stored texts still hold; for tools on the library's own files, never for a request."""
    rows = library.connect().execute(
        "SELECT t.turn, j.rank, j.verdict FROM judgements j JOIN turns t USING (conversation, number) "
        "ORDER BY j.conversation, j.number, j.rank"
    )
    for stored, rank, verdict in rows.fetchall():
        turn = TURN.validate_json(stored)
        quote = next((quote for quote in turn.answer.quotes if quote.rank == rank), None)
        if quote is not None and (found := _context(library, quote)) is not None:
            context, offset = found
            start, end = quote.answer or (quote.start, quote.end)
            answer = context[start - offset : end - offset]
            yield JudgedAnswer(
                question=turn.resolution.query,
                context=context,
                answer_start=start - offset,
                answer_text=answer,
                right=bool(verdict),
            )


def _context(library: Library, quote: Quote) -> tuple[str, int] | None:
    """The passage around a quote and its document offset; None where the stored text has not these words there."""
    document = library.find(quote.document_id, quote.revision)
    passage = library.passages([quote.passage_id]).get(quote.passage_id)
    around = range_around(document, quote, passage) if document else None
    return (document.text[slice(*around)], around[0]) if document and around else None
