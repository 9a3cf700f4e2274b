"""Reading processes whose reader of Markdown does to itself what the file says, within limits tight for bad files."""

from __future__ import annotations

import ctypes
import os
import re
import sys

from rag.loaders import LOADERS, apart
from rag.loaders.base import Loaded, Raw

_read = LOADERS["text/markdown"]


def load(raw: Raw) -> Loaded:
    match raw.data.split(b"\n")[0]:
        case b"hang":
            while True:
                pass
        case b"hang in C":
            re.match("(a|aa)+$", "a" * 60 + "b")
        case b"sleep":
            os.read(os.pipe()[0], 1)
        case b"eat":
            return Loaded((), ("x" * 2**29,))
        case b"abort":
            os.abort()
        case b"crash":
            ctypes.string_at(0)
        case b"exit":
            os._exit(3)
        case b"raise":
            raise RecursionError("too deep")
    return _read(raw)


def serve(descriptor: int) -> None:
    apart.MEMORY = 2**28
    apart.seconds_for = lambda data: 60.0 if data.startswith(b"#") or b"patiently" in data else 0.3
    vars(sys.modules["rag.loaders"])["LOADERS"]["text/markdown"] = load
    apart.serve(descriptor)
