"""What unrelated questions before do to a question: ``python -m eval.switches --index DIR --data FILE [FILE ...]``.

The questions of the files are shuffled and asked in conversations of eight, and each alone. Nothing should differ: a
question that can be understood by itself is about a new subject, whatever was asked before.
"""

from __future__ import annotations

import argparse
import json
import random
from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

from eval.match import holds
from rag.assistant import Assistant
from rag.config import load_settings
from rag.errors import LibraryError
from rag.store import open_library
from rag.types import Turn

LONG = 8  # questions of a conversation


class Asked(NamedTuple):
    """What became of a question alone and in a conversation, and whether words were carried into it there."""

    alone: bool  # answered, and an answer stands in the first quote; of a question without an answer: refused
    there: bool
    carried: bool
    differs: bool  # another first quote or outcome


def right(turn: Turn, answers: Sequence[str]) -> bool:
    """Whether the outcome and the first quote are right."""
    answered = turn.answer.status == "answered"
    return answered and holds(turn.answer.quotes[0].text, answers) if answers else not answered


def asked(assistant: Assistant, questions: Sequence[tuple[str, Sequence[str]]]) -> list[Asked]:
    """``questions``, each with its answers, in conversations as they stand."""
    found, turns = list[Asked](), list[Turn]()
    for number, (question, answers) in enumerate(questions):
        turns = [] if number % LONG == 0 else turns
        alone, turn = assistant.ask(question), assistant.ask(question, turns)
        turns.append(turn)
        firsts = {(each.answer.status, *(q.text for q in each.answer.quotes[:1])) for each in (alone, turn)}
        carried = alone.resolution.query != turn.resolution.query
        found.append(Asked(right(alone, answers), right(turn, answers), carried, len(firsts) > 1))
    return found


def main() -> None:
    """The command line."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("--index", type=Path, default=Path("index"))
    parser.add_argument("--collection", default="default")
    parser.add_argument("--data", type=Path, nargs="+", required=True, help="JSON lines with question and answers")
    parser.add_argument("--seed", type=int, default=1)
    options = parser.parse_args()
    settings = load_settings(index_dir=options.index, collection=options.collection)
    try:
        assistant = Assistant(open_library(settings), settings)
    except LibraryError as error:
        raise SystemExit(str(error)) from None
    rows = [json.loads(line) for file in options.data for line in file.read_text(encoding="utf-8").splitlines() if line]
    questions = [(str(row["question"]), tuple(row.get("answers") or ())) for row in rows]
    random.Random(options.seed).shuffle(questions)
    found = asked(assistant, questions)
    alone, there, carried, differs = map(sum, zip(*found, strict=True))
    lost = sum(each.alone and not each.there for each in found)
    print(
        f"{len(found)} questions: right alone {alone}, in a conversation {there} ({lost} lost); "
        f"words carried into {carried}, another first quote or outcome {differs}"
    )


if __name__ == "__main__":
    main()
