"""The command that says who may sign in: user."""

from __future__ import annotations

import getpass
import sys
from pathlib import Path
from typing import Annotated

import typer

from rag.cli.base import app
from rag.ui.access import Role, save_account


@app.command()
def user(
    name: Annotated[str, typer.Argument(help="Name to sign in with, in lower case.")],
    auth_file: Annotated[Path, typer.Option(help="File of accounts; it is made if there is none.")],
    role: Annotated[Role | None, typer.Option(help="reader (asks) or admin (also adds and removes).")] = None,
) -> None:
    """Add an account for `serve --auth-file`, or change its password or role; reads the password from the terminal
    or from standard input. To take an account out, delete its line in the file."""
    given, new = save_account(auth_file, name, _password(), role)
    print(f"{'added' if new else 'changed'} {name}, {given}")


def _password() -> str:
    """Typed twice without being shown, or the first line of what is piped in. Raises SettingsError if they differ."""
    from rag.errors import SettingsError

    if not sys.stdin.isatty():
        return sys.stdin.readline().rstrip("\r\n")
    password = getpass.getpass("Password: ")
    if getpass.getpass("Once more: ") != password:
        raise SettingsError("the two passwords differ", fix="run the command again")
    return password
