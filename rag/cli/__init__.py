"""``pullquote``: the terminal's edge. Results go to stdout, progress and errors to stderr; errors are one line."""

from __future__ import annotations

import sqlite3
import sys

from rag.cli import conversations, documents, questions, readers, upkeep, users
from rag.cli.base import app

__all__ = ["app", "conversations", "documents", "main", "questions", "readers", "upkeep", "users"]

_STOPPED = 130
_PANELS = {  # of the help, in the order in which one needs them
    questions: "Asking",
    documents: "Documents",
    conversations: "Saved conversations",
    upkeep: "Upkeep",
    readers: "Readers of your own",
    users: "Accounts",
}
app.registered_commands.sort(key=lambda each: [m.__name__ for m in _PANELS].index(each.callback.__module__))
for _each in app.registered_commands:
    _each.rich_help_panel = _PANELS[sys.modules[_each.callback.__module__]]


def main() -> None:
    """Entry point. Exit codes: 0 done, 1 something asked for failed, 2 wrong usage, 130 stopped by Ctrl-C."""
    from rag.errors import RagError

    try:
        app()
    except (RagError, OSError, sqlite3.DatabaseError) as error:
        print(f"pullquote: {_told(error)}", file=sys.stderr)
        sys.exit(1)
    except SystemExit as end:  # Typer's: it catches Ctrl-C itself
        if end.code == _STOPPED:
            print("pullquote: stopped; what was finished is kept, run the same command to go on", file=sys.stderr)
        raise


def _told(error: Exception) -> Exception:
    """The error with what fixes it, also where it comes from SQLite or the file system."""
    from rag.errors import RagError
    from rag.store.connection import FILE, refused

    if isinstance(error, sqlite3.DatabaseError):
        return refused(FILE, error)
    if not isinstance(error, OSError):
        return error
    fix = "check the path, its permissions and that the disk has space"
    return RagError(f"{error.filename or 'a file'} cannot be used", why=error.strerror or str(error), fix=fix)
