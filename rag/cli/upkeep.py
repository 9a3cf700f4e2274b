"""Commands that look after collections: collections, drop, stats, verify, repair, backup, restore, doctor."""

from __future__ import annotations

import sqlite3
import sys
from contextlib import closing
from pathlib import Path
from typing import Annotated

import typer

from rag.cli.base import Collection, Index, app, opened

_SHOWN = 50  # problems; further ones are only counted


@app.command()
def collections(index: Index = None) -> None:
    """List the collections of the index folder: documents, conversations, name."""
    from rag.config import load_settings
    from rag.errors import LibraryError
    from rag.store import Library
    from rag.store import collections as names
    from rag.store.connection import FILE, refused

    folder, broken = load_settings(index_dir=index).index_dir, 0
    if not (found := names(folder)):
        print(f"there is no collection in {folder.absolute()}; pullquote add FOLDER makes one", file=sys.stderr)
    for name in found:
        try:
            with closing(Library(folder / name)) as library:
                held = library.stats()
            print(f"{held['documents']:9,} documents {held['conversations']:7,} conversations  {name}")
        except (LibraryError, sqlite3.DatabaseError) as error:
            broken += 1
            told = error if isinstance(error, LibraryError) else refused(folder / name / FILE, error)
            print(told, file=sys.stderr)
    raise typer.Exit(1 if broken else 0)


@app.command()
def drop(
    name: Annotated[str, typer.Argument(help="The collection, as `pullquote collections` shows it.")],
    yes: Annotated[bool, typer.Option("--yes", help="Needed: without it nothing is deleted.")] = False,
    index: Index = None,
) -> None:
    """Delete a collection: its sources, conversations and test questions, and every file that holds them."""
    from rag.config import load_settings
    from rag.errors import LibraryError
    from rag.store import drop as delete

    folder = load_settings(collection=name, index_dir=index).folder
    if not yes:
        raise LibraryError(
            f"the collection {name!r} would be gone for good", fix=f"pullquote drop {name} --yes, or `backup` it first"
        )
    delete(folder)
    print(f"deleted the collection {name}; no file of it is left")


@app.command()
def stats(collection: Collection = None, index: Index = None) -> None:
    """Count what the collection holds and what it weighs."""
    _, library = opened(collection, index)
    for name, count in (library.stats() | library.sizes()).items():
        print(f"{name:14}{count:>15,}")


@app.command()
def backup(
    file: Annotated[Path, typer.Argument(help="The file to write.")], collection: Collection = None, index: Index = None
) -> None:
    """Write the collection to one file, verified; it may be in use meanwhile."""
    from rag.store import backup as write

    size = write(opened(collection, index)[1], file)
    print(f"{file}: {size:,} bytes, read back and verified")


@app.command()
def restore(
    file: Annotated[Path, typer.Argument(help="A file that `backup` wrote.")],
    replace: Annotated[bool, typer.Option(help="Replace the collection if it holds something.")] = False,
    collection: Collection = None,
    index: Index = None,
) -> None:
    """Make the collection from a backup: wholly, or not at all."""
    from rag.config import load_settings
    from rag.store import restore as read

    library = read(file, load_settings(collection=collection, index_dir=index), replace=replace)
    print(f"restored and verified: {library.stats()['documents']} documents, {library.stats()['passages']} passages")


@app.command()
def verify(collection: Collection = None, index: Index = None) -> None:
    """Check that every passage and saved quote is a slice and that all indexes agree. Exit code 1 if not."""
    from rag.store import verify as check
    from rag.store.connection import FILE, RESTORE

    problems = check(opened(collection, index)[1])
    _finish(problems, RESTORE if any(problem.startswith(FILE) for problem in problems) else "pullquote repair")


@app.command()
def repair(collection: Collection = None, index: Index = None) -> None:
    """Rebuild the full-text index and the vector file from the library; nothing is encoded again."""
    from rag.store import repair as rebuild
    from rag.store.connection import RESTORE

    _finish(rebuild(opened(collection, index)[1]), RESTORE)


@app.command()
def doctor(collection: Collection = None, index: Index = None) -> None:
    """Check the installation: models, tokenizer, full text, vectors, disk. Exit code 1 if something is wrong."""
    from rag.config import load_settings
    from rag.doctor import examine

    checks = examine(load_settings(collection=collection, index_dir=index))
    for check in checks:
        print(f"{'ok  ' if check.ok else 'FAIL'} {check.name}: {check.detail}")
    if not all(check.ok for check in checks):
        raise typer.Exit(1)


def _finish(problems: list[str], fix: str) -> None:
    for problem in problems[:_SHOWN]:
        print(problem)
    if problems:
        print(f"{len(problems)} problems. Fix: {fix}", file=sys.stderr)
        raise typer.Exit(1)
    print("everything agrees")
