"""What the JSON endpoints and the MCP tools have in common."""

from __future__ import annotations

from typing import Any

from rag.assistant import Assistant
from rag.errors import LibraryError
from rag.export import answer_json
from rag.store import Library
from rag.types import Hit, Passage, Turn


def found(assistant: Assistant, query: str, k: int) -> list[tuple[Hit, Passage, str]]:
    """The ``k`` best passages for a query, best first, each with its text. Raises what a search raises."""
    library = assistant.library
    hits = assistant.search(query, depth=max(k, assistant.settings.depth))[:k]
    ids = [hit.passage_id for hit in hits]
    passages, texts = library.passages(ids), library.passage_texts(ids)
    there = passages.keys() & texts.keys()  # one may have been deleted a moment ago
    return [(hit, passages[hit.passage_id], texts[hit.passage_id]) for hit in hits if hit.passage_id in there]


def answered(library: Library, owner: str, conversation: str, turn: Turn) -> dict[str, Any]:
    """Keep the turn in the owner's conversation, a new one for "", and give it as JSON with the conversation's id.

    That id is "" where the turn could not be kept, as in a read-only library; ``unsaved`` says why.
    """
    kept = library.conversations
    try:
        conversation = conversation or kept.create(owner)
        kept.append(conversation, owner, turn)
    except LibraryError as error:
        return {"conversation": "", "unsaved": str(error), **answer_json(turn)}
    return {"conversation": conversation, **answer_json(turn)}
