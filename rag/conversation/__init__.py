"""Conversation: a question and the turns before it -> the query that is searched, and the reason. Pure."""

from rag.conversation.resolution import candidates, resolve
from rag.conversation.topics import TermScorer

__all__ = ["TermScorer", "candidates", "resolve"]
