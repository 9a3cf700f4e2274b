"""Pages that whoever starts the server adds to it, each with a tab in the header."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from rag.ui.markup import escape

if TYPE_CHECKING:
    from fastapi import APIRouter

CHAT = "Ask"


@dataclass(frozen=True, slots=True)
class Tab:
    """``routes`` serve the page at ``path``, and whatever it needs, behind the same checks as all others.

    A request to it may have ``most_body`` bytes.
    """

    name: str
    path: str
    routes: APIRouter
    most_body: int = 2**20


def header(tabs: Sequence[Tab], current: str = CHAT) -> str:
    """The bar above every view: the name of the product and, where there are more views than the chat, the tabs."""
    links = "".join(
        f'<a href="{escape(path)}"{" aria-current=page" if name == current else ""}>{escape(name)}</a>'
        for name, path in [(CHAT, "/"), *((tab.name, tab.path) for tab in tabs)]
    )
    views = f'<nav class="views" aria-label="Views">{links}</nav>' if tabs else ""
    return f'<header class="brand"><h1 class="name">Pullquote</h1>{views}</header>'
