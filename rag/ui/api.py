"""The JSON endpoints under ``/api``: ask, search, documents, conversations. Imported when a server is built.

They know the user as the page does; conversations of others are as unknown as ones that never
were. Errors are ``{"detail": ...}``: ``{"error", "why", "fix"}``, a sentence where the request or the library as a
whole is refused, or a list where fields are missing or have values that they cannot have.
"""

from __future__ import annotations

from dataclasses import asdict
from importlib.metadata import version
from typing import Annotated, Any

from fastapi import APIRouter, HTTPException, Query, Request
from pydantic import AfterValidator, BaseModel, Field, field_validator

from rag.assistant import Assistant
from rag.conversation import day_range
from rag.errors import LibraryError, QuestionError, RagError
from rag.export import answer_json
from rag.store import Library
from rag.types import Document, Filters, Turn
from rag.ui.programs import answered, found
from rag.ui.wishes import as_text

VERSION = version("pullquote")


def _day(text: str, which: int) -> str:
    days = day_range(text) if text else ("", "")
    if days is None:
        raise ValueError("write 2024, 2024-05, 2024-05-31 or May 2024")
    return days[which]


_First = Annotated[str, AfterValidator(lambda text: _day(text, 0))]
_Last = Annotated[str, AfterValidator(lambda text: _day(text, 1))]


class Ask(BaseModel):
    """A question, alone or as the next one of a conversation."""

    question: str = Field(description="what the user typed")
    conversation: str = Field("", description="id of the conversation it continues; empty starts a new one")
    raw: bool = Field(False, description="search these very words, whatever was said before")
    since: _First = Field("", description="only sources of this day, month or year, or later")
    until: _Last = Field("", description="only sources of this day, month or year, or earlier")
    publisher: str = Field("", description="only sources of this publisher")

    _read = field_validator("*", mode="before")(as_text)


def api(library: Library, assistant: Assistant) -> APIRouter:
    """The routes under ``/api``."""
    router = APIRouter(prefix="/api", tags=["pullquote"])
    _reading(router, library, assistant)
    _asking(router, library, assistant)
    _conversations(router, library)
    return router


def _reading(router: APIRouter, library: Library, assistant: Assistant) -> None:
    @router.get("/search")
    def find(
        q: str = Query(description="the query, searched as it is", min_length=1, max_length=2000),
        k: int = Query(10, ge=1, le=100, description="how many passages"),
    ) -> list[dict[str, Any]]:
        """The best passages for a query, unread: both channels' scores and the fused order."""
        try:
            hits = found(assistant, q, k)
        except QuestionError as error:
            raise _problem(422, error) from None
        return [asdict(hit) | asdict(passage) | {"text": text} for hit, passage, text in hits]

    @router.get("/documents")
    def documents() -> list[dict[str, Any]]:
        """Every source of the library, without its text."""
        return [_brief(document) for document in library.documents()]

    @router.get("/documents/{document_id}")
    def document(document_id: str, revision: str = "") -> dict[str, Any]:
        """One source whole: its canonical text, anchors and reading report. 404 if it is not in the library."""
        try:
            return asdict(library.document(document_id, revision))
        except LibraryError as error:
            raise _problem(404, error) from None


def _asking(router: APIRouter, library: Library, assistant: Assistant) -> None:
    @router.post("/ask")
    def ask(wish: Ask, request: Request) -> dict[str, Any]:
        """Answer a question with quotes and keep the turn. "Nothing found" is an answer (status ``not_found``).

        ``conversation`` is "" where the turn could not be kept, as in a read-only library; ``unsaved`` says why.
        """
        owner = request.user.owner
        filters = Filters(wish.since, wish.until, wish.publisher)
        turns = _turns(library, wish.conversation, owner) if wish.conversation else []
        try:
            turn = assistant.ask(wish.question, turns, raw=wish.raw, filters=filters)
        except QuestionError as error:
            raise _problem(422, error) from None
        return answered(library, owner, wish.conversation, turn)


def _conversations(router: APIRouter, library: Library) -> None:
    kept = library.conversations

    @router.get("/conversations")
    def listing(request: Request) -> list[dict[str, Any]]:
        """Your conversations, the last used first."""
        return [asdict(each) for each in kept.list(request.user.owner)]

    @router.get("/conversations/{conversation}")
    def turns(conversation: str, request: Request) -> list[dict[str, Any]]:
        """The turns of one of your conversations, oldest first. 404 if you have no such conversation."""
        return [answer_json(turn) for turn in _turns(library, conversation, request.user.owner)]

    @router.delete("/conversations/{conversation}")
    def delete(conversation: str, request: Request) -> dict[str, int]:
        """Delete one of your conversations; says how many turns went with it."""
        try:
            return {"turns": kept.delete(conversation, request.user.owner)}
        except LibraryError:
            _turns(library, conversation, request.user.owner)  # else it is there and cannot be deleted
            raise


def _turns(library: Library, conversation: str, owner: str) -> list[Turn]:
    """The turns of a conversation; a problem (404) if the owner has no such conversation."""
    try:
        return library.conversations.turns(conversation, owner)
    except LibraryError as error:
        raise _problem(404, error) from None


def _brief(document: Document) -> dict[str, Any]:
    names = ("id", "uri", "title", "author", "publisher", "published", "language", "media_type", "link", "revision")
    return {name: getattr(document, name) for name in names}


def _problem(status: int, error: RagError) -> HTTPException:
    return HTTPException(status, {"error": error.what, "why": error.why, "fix": error.fix})
