"""Pullquote: ask your documents, get quotes.

>>> from rag import Assistant, Settings, open_library  # doctest: +SKIP
>>> turn = Assistant(open_library(Settings())).ask("What replaced the Thousand Talents Plan?")  # doctest: +SKIP
>>> turn.answer.quotes[0].text  # doctest: +SKIP
"""

from rag.assistant import Assistant
from rag.config import Settings
from rag.errors import RagError
from rag.store import open_library
from rag.types import Answer, Quote

__all__ = ["Answer", "Assistant", "Quote", "RagError", "Settings", "open_library"]
