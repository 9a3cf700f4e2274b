"""Pullquote's own conversations over the sample corpus: is each turn understood, and is its source found?

``python -m eval.own_conversations --split dev``

Each conversation is asked turn by turn; the history of a turn is what the product made of the turns before it. Printed
are the share of turns whose resolution kind is the one a person chose (of references also: the same quote), and the
share of searched turns with a gold document among those of the three best hits: for the query that the product
searched, the question as typed (raw) and a person's rewrite. Misses are listed. ``test3`` was written
before the rules were changed last, ``test4`` to ``test8`` without looking at them; they were reported before anybody
looked at their misses, the others were looked at meanwhile.
"""

from __future__ import annotations

import argparse
import json
import tempfile
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from eval.names import Names
from rag.assistant import Assistant
from rag.config import load_settings
from rag.ingest import add_paths
from rag.store import open_library
from rag.types import Hit, Turn

CORPUS = Path(__file__).parents[1] / "corpus"
QUESTIONS = Path(__file__).parent / "questions" / "conversations.jsonl"
TOP = 3  # hits
WAYS = ("ours", "raw", "rewrite")


@dataclass(frozen=True, slots=True)
class Outcome:
    """One turn: what a person expected, and what the product did."""

    place: str  # "dev-03 turn 2"
    label: dict[str, Any]  # the turn as the question file has it
    turn: Turn
    found: dict[str, bool]  # way -> a gold document is among those of the best hits; empty where nothing is searched

    @property
    def understood(self) -> bool:
        """The kind is right, and of a reference the quote, or the reason says that there is no such quote."""
        got, rank = self.turn.resolution, self.label.get("quote_rank")
        missing = f"no quote [{rank}]" in got.reason
        return got.kind == self.label["kind"] and (got.quote_rank == rank or missing)


def assistant_over_corpus(index: Path) -> Assistant:
    """The sample corpus as a collection under ``index``. Raises RagError as the product does."""
    settings = load_settings(index_dir=index, collection="own")
    assistant = Assistant(open_library(settings, create=True), settings)
    add_paths(assistant.library, [CORPUS], encoder=assistant.encoder, settings=settings)
    return assistant


def ask_all(assistant: Assistant, conversations: Sequence[dict[str, Any]]) -> Iterator[Outcome]:
    """The outcome of every turn, in order."""
    names = Names(assistant.library.documents(), CORPUS)
    for conversation in conversations:
        turns: list[Turn] = []
        for number, label in enumerate(conversation["turns"], start=1):
            turn = assistant.ask(label["question"], turns)
            found = {}
            if label["document"]:
                gold = {label["document"], *(other["document"] for other in label.get("also", ()))}
                asked = (turn, assistant.ask(label["question"], raw=True), assistant.ask(label["rewrite"], raw=True))
                for way, answered in zip(WAYS, asked, strict=True):
                    found[way] = bool(gold & _documents(assistant, names, answered.answer.trace[:TOP]))
            turns.append(turn)
            yield Outcome(f"{conversation['id']} turn {number}", label, turn, found)


def _documents(assistant: Assistant, names: Names, hits: Sequence[Hit]) -> set[str]:
    owners = assistant.library.owners([hit.passage_id for hit in hits])
    return {names.of[document.id] for holders in owners.values() for document in holders}


def report(outcomes: Sequence[Outcome]) -> None:
    """Print the figures, then the misses."""
    kinds, right = (Counter(o.label["kind"] for o in outcomes if o.understood or every) for every in (True, False))
    print(f"kind right: {_share(right.total(), len(outcomes))}")
    for kind, turns in kinds.most_common():
        print(f"  {kind:<13}{_share(right[kind], turns)}")
    searched = [outcome for outcome in outcomes if outcome.found]
    following = [outcome for outcome in searched if outcome.label["kind"] != "standalone"]
    for title, group in (("searched turns", searched), ("of them follow-ups", following)):
        shares = ", ".join(f"{way} {_share(sum(o.found[way] for o in group), len(group))}" for way in WAYS)
        print(f"gold document in the top {TOP}, {title}: {shares}")
    for outcome in outcomes:
        if not outcome.understood or not outcome.found.get("ours", True):
            print(_miss(outcome))


def _miss(outcome: Outcome) -> str:
    label, got = outcome.label, outcome.turn.resolution
    rank = f" [{got.quote_rank}] of {label['quote_rank']}" if "quote_rank" in label else ""
    missed = ", ".join(f"missed by {way}" for way, found in outcome.found.items() if not found) or "none missed"
    return f"{outcome.place}: {label['question']!r} {label['kind']} -> {got.kind}{rank} {got.query!r}; {missed}"


def _share(part: int, whole: int) -> str:
    return f"{part}/{whole} = {part / whole:.3f}" if whole else "0/0"


def main() -> None:
    """Run over one split and print."""
    rows = [json.loads(line) for line in QUESTIONS.read_text(encoding="utf-8").splitlines()]
    parser = argparse.ArgumentParser(description="Ask Pullquote's own conversations.")
    parser.add_argument("--split", choices=sorted({row["split"] for row in rows}), default="dev")
    split = parser.parse_args().split
    chosen = [row for row in rows if row["split"] == split]
    with tempfile.TemporaryDirectory() as folder:
        report(list(ask_all(assistant_over_corpus(Path(folder)), chosen)))


if __name__ == "__main__":
    main()
