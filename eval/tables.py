"""Every cell of the tables of a library asked for: ``python -m eval.tables [--index DIR] [--show]``.

Three wordings for each cell but the first of its row: "What is the final award of TSMC?", "TSMC final award", "Tell me
the final award for TSMC." Somebody else's words would be harder, and another text may rightly answer as well.
"""

from __future__ import annotations

import argparse
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from rag.assistant import Assistant
from rag.config import load_settings
from rag.errors import LibraryError
from rag.store import Library, open_library
from rag.types import Answer


@dataclass(frozen=True, slots=True)
class Lookup:
    """A question for one cell, with its value and the place of its row."""

    question: str
    value: str
    document_id: str
    start: int
    end: int


def lookups(library: Library) -> Iterator[Lookup]:
    """For every row whose cells all have a column's name."""
    for known in library.documents():
        document = library.document(known.id)
        for row in (anchor for anchor in document.anchors if anchor.kind == "row"):
            cells = [cell.partition(": ") for cell in document.text[row.start : row.end].split(" | ")]
            if not all(value for _, _, value in cells):
                continue
            subject = cells[0][2]
            for column, _, value in cells[1:]:
                name = column[:1].lower() + column[1:]
                for question in (
                    f"What is the {name} of {subject}?",
                    f"{subject} {name}",
                    f"Tell me the {name} for {subject}.",
                ):
                    yield Lookup(question, value, document.id, row.start, row.end)


def judged(lookup: Lookup, answer: Answer) -> tuple[bool, bool, bool]:
    """Whether the first quote touches the row, is hardly more than it, and whether the short answer is the cell."""
    quote, short = next(iter(answer.quotes), None), answer.short
    if quote is None or quote.document_id != lookup.document_id:
        return False, False, False
    touches = quote.start < lookup.end and lookup.start < quote.end
    alone = touches and quote.end - quote.start <= 1.2 * (lookup.end - lookup.start)
    inside = short is not None and lookup.start <= short.start < lookup.end
    return touches, alone, inside and short is not None and (short.text in lookup.value or lookup.value in short.text)


def main() -> None:
    """The command line."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("--index", type=Path, default=Path("index"))
    parser.add_argument("--collection", default="default")
    parser.add_argument("--show", action="store_true", help="print what was answered wrongly")
    options = parser.parse_args()
    settings = load_settings(index_dir=options.index, collection=options.collection)
    try:
        library = open_library(settings)
    except LibraryError as error:
        raise SystemExit(str(error)) from None
    assistant, figures = Assistant(library, settings), list[tuple[bool, bool, bool]]()
    for lookup in lookups(library):
        answer = assistant.ask(lookup.question).answer
        figures.append(judged(lookup, answer))
        if options.show and not all(figures[-1]):
            said = answer.short.text if answer.short else answer.status
            print(f"{lookup.question}  {lookup.value!r}, not {said!r}")
    if not figures:
        raise SystemExit(f"no table in {library.folder} has names of columns. Fix: pullquote add FOLDER")
    touches, alone, exact = (sum(part) / len(figures) for part in zip(*figures, strict=True))
    print(f"{len(figures)} lookups: first quote touches the row {touches:.3f}, is the row alone {alone:.3f}, "
          f"short answer in the cell {exact:.3f}")  # fmt: skip


if __name__ == "__main__":
    main()
