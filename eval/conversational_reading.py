"""Follow-ups about one text that lies open: does the first quote hold what the answer rests on?

``python -m eval.conversational_reading --data DIR --half 1``

Abg-CoQA (Guo et al. 2021): people ask several questions about one text, and mark the words that an answer rests on.
Every text is a document without a title; each question is asked after those before it, within its document, and the
history of a turn is what the product made of these. Of longer conversations the set has only the last questions, so a
pronoun may mean what nobody said. Questions that are marked as ambiguous are left out. The texts are cut into halves by
their hash: rules were looked at with half 0, figures are of half 1.
"""

from __future__ import annotations

import argparse
import hashlib
import random
import tempfile
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from eval.bootstrap import SEED
from eval.collection import source
from eval.match import token_f1
from eval.names import SCHEME
from eval.types import SourceText
from rag.assistant import Assistant
from rag.config import load_settings
from rag.ingest import ingest
from rag.loaders.base import hash_id
from rag.models.reader_data import read_lines
from rag.store import open_library
from rag.types import Filters, Turn

FILE = "conversational_reading.jsonl.gz"


@dataclass(frozen=True, slots=True)
class Outcome:
    """One question: what the product made of it, and how that compares with what people marked."""

    row: dict[str, Any]
    turn: Turn
    top: bool  # the first quote touches the words that the answer rests on
    any: bool  # one of the quotes does
    f1: float  # token F1 of the short answer against those words; no short answer is 0


def chosen(data: Path, half: int, limit: int | None) -> list[dict[str, Any]]:
    """The rows of one half that are not ambiguous, a seeded sample of ``limit``."""
    rows = [row for row in read_lines(data / FILE) if not row["ambiguous"] and _half(row["context"]) == half]
    return rows if limit is None or limit >= len(rows) else random.Random(SEED).sample(rows, limit)


def _half(text: str) -> int:
    return hashlib.sha256(text.encode()).digest()[0] % 2


def ask_all(assistant: Assistant, rows: Sequence[dict[str, Any]], *, raw: bool) -> Iterator[Outcome]:
    """The outcome of every row, in order; ``raw``: the words are searched and read as typed, whatever was said."""
    for row in rows:
        inside = Filters(document_ids=(_document(row["context"]),))
        turns: list[Turn] = []
        for question in (*(said["question"] for said in row["history"]), row["question"]):
            turns.append(assistant.ask(question, turns, raw=raw, filters=inside, only=True))
        answer, start = turns[-1].answer, row["rationale_start"]
        end = start + len(row["rationale"])
        touching = [quote.start < end and start < quote.end for quote in answer.quotes]
        f1 = token_f1(row["rationale"], answer.short.text) if answer.short else 0.0
        yield Outcome(row, turns[-1], touching[:1] == [True], any(touching), f1)


def _name(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()[:12]


def _document(text: str) -> str:
    return hash_id(f"{SCHEME}{_name(text)}")


def main() -> None:
    """The command line."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("--data", type=Path, required=True, help=f"folder with {FILE}")
    parser.add_argument("--half", type=int, choices=(0, 1), default=1)
    parser.add_argument("--limit", type=int, help="ask a seeded sample of this size")
    parser.add_argument("--raw", action="store_true", help="the words as typed, for comparison")
    options = parser.parse_args()
    rows = chosen(options.data, options.half, options.limit)
    with tempfile.TemporaryDirectory() as folder:
        settings = load_settings(index_dir=Path(folder))
        assistant = Assistant(open_library(settings, create=True), settings)
        texts = [source(SourceText(_name(text), text)) for text in dict.fromkeys(row["context"] for row in rows)]
        ingest(assistant.library, texts, encoder=assistant.encoder, settings=settings)
        outcomes = list(ask_all(assistant, rows, raw=options.raw))
    top, any_, f1 = (sum(part) / len(rows) for part in zip(*((o.top, o.any, o.f1) for o in outcomes), strict=True))
    answered = sum(outcome.turn.answer.status == "answered" for outcome in outcomes)
    print(f"{len(rows)} questions: the words an answer rests on are touched by the first quote {top:.3f}, by any quote "
          f"{any_:.3f}; F1 of the short answer against them {f1:.3f}; answered {answered}")  # fmt: skip


if __name__ == "__main__":
    main()
