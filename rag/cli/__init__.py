"""``pullquote``: the terminal's edge. Results go to stdout, progress and errors to stderr; errors are one line."""

from __future__ import annotations

import sqlite3
import sys

from rag.cli import conversations, documents, questions, readers, upkeep, users
from rag.cli.base import app

__all__ = ["app", "conversations", "documents", "main", "questions", "readers", "upkeep", "users"]


def main() -> None:
    """Entry point. Exit codes: 0 done, 1 something asked for failed, 2 wrong usage, 130 stopped by Ctrl-C."""
    from rag.errors import RagError

    try:
        app()
    except RagError as error:
        print(f"pullquote: {error}", file=sys.stderr)
        sys.exit(1)
    except sqlite3.DatabaseError as error:
        from rag.store.connection import FILE, refused

        print(f"pullquote: {refused(FILE, error)}", file=sys.stderr)
        sys.exit(1)
    except KeyboardInterrupt:
        print("pullquote: stopped; everything finished so far is kept, run the same command to go on", file=sys.stderr)
        sys.exit(130)
    except BrokenPipeError:
        sys.stderr.close()
        sys.exit(1)
