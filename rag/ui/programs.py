"""What the JSON endpoints and the MCP tools have in common."""

from __future__ import annotations

from typing import Any

from rag.errors import LibraryError
from rag.export import answer_json
from rag.store import Library
from rag.types import Turn


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
