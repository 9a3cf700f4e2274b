"""Conversation: a question and the turns before it -> the queries that are searched, and the reason. Pure.

Reading order: ``resolution`` (the cases), ``before`` (the question that is gone on with), ``talk``, ``references``,
``cues`` and ``pointers`` (what words give away), ``focus`` (what it is about, by rules), ``topics`` (learned),
``referents`` (whom a pronoun means), ``slots`` (one thing for another), ``times`` and ``measures`` (a period, a measure
or an owner for another), ``anew`` (other question words), ``filters``, ``pool``.
"""

from rag.conversation.anew import wants_more, wants_others
from rag.conversation.filters import Known, dated, day_range, in_words, known, narrowed
from rag.conversation.pointers import pronoun
from rag.conversation.pool import is_complete, literal, may_be_new, pooled
from rag.conversation.references import without_courtesies
from rag.conversation.resolution import candidates, confined, goes_on, resolve, shown
from rag.conversation.topics import TermScorer

__all__ = [
    "Known",
    "TermScorer",
    "candidates",
    "confined",
    "dated",
    "day_range",
    "goes_on",
    "in_words",
    "is_complete",
    "known",
    "literal",
    "may_be_new",
    "narrowed",
    "pooled",
    "pronoun",
    "resolve",
    "shown",
    "wants_more",
    "wants_others",
    "without_courtesies",
]
