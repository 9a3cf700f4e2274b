"""Conversations for tests: turns that were resolved, what they showed, and a scorer to compute by hand."""

from __future__ import annotations

from rag.conversation import resolve
from rag.text import words
from rag.types import Answer, Quote, Turn


def quote(rank: int, text: str, document: str = "d1", title: str = "", publisher: str = "") -> Quote:
    return Quote(rank, text, document, "r", 0, len(text), f"file:{document}", title, rank, publisher=publisher)


def talk(*questions: str, quotes: tuple[Quote, ...] = ()) -> list[Turn]:
    """Turns resolved one after the other, each showing the same quotes."""
    turns: list[Turn] = []
    for question in questions:
        turns.append(Turn(question, resolve(question, turns), Answer("answered", "", quotes)))
    return turns


SHOWN = (
    quote(1, "The Qiming programme offers home subsidies.", "d1", "Qiming plan draws scientists", "Reuters"),
    quote(2, "ASML sold 40 machines in 2021.", "d2", "ASML and export rules", "Nikkei Asia"),
)
QIMING = talk("What does the Qiming programme offer?", quotes=SHOWN)


class Fixed:
    """A scorer that one can compute by hand: a word scores what the table says, 0 if it says nothing."""

    thresholds = (0.5, 0.3)

    def __init__(self, **table: float) -> None:
        self.table = table

    def score(self, question: str, history: list[str], shown: str) -> list[list[float]]:
        return [[self.table.get(text[start:end], 0.0) for start, end in words(text)] for text in [*history, shown]]
