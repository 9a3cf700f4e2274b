"""Files that are either as they were or as they should be, never half written."""

from __future__ import annotations

import hashlib
import os
import threading
from collections.abc import Iterable
from pathlib import Path


def write_atomically(path: Path, data: bytes | memoryview, *, mode: int = 0o666) -> None:
    """Write to a temporary name, sync, rename: a reader sees the old file or the new one. Raises OSError.

    ``mode``: the permissions, of which the umask takes its part.
    """
    write_parts(path, [data], mode=mode)


def write_parts(path: Path, parts: Iterable[bytes | memoryview], *, mode: int = 0o666) -> None:
    """As :func:`write_atomically`, for what need not be in memory all at once."""
    temporary = path.with_name(f".{path.name}.{os.getpid()}.{threading.get_native_id()}")  # each thread its own
    try:
        with open(temporary, "wb", opener=lambda name, flags: os.open(name, flags, mode)) as file:
            file.writelines(parts)
            file.flush()
            os.fsync(file.fileno())
        os.replace(temporary, path)
    finally:  # a full disk is not kept full
        temporary.unlink(missing_ok=True)


def sha256_of(path: Path) -> str:
    """Hex digest of a file's bytes. Raises OSError."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def size_of(path: Path) -> int:
    """In bytes; 0 for a temporary file that a writer has renamed meanwhile."""
    try:
        return path.stat().st_size
    except FileNotFoundError:
        return 0
