"""Reads each source in a process of its own with bounded memory and time, so that a bad file costs one file.

The processes import the loaders and nothing else of ours, are started when first needed and used again. They are
started afresh rather than forked, since the caller may run threads of the neural runtime.
"""

from __future__ import annotations

import atexit
import fcntl
import os
import resource
import select
import signal
import subprocess
import sys
from contextlib import suppress
from multiprocessing.connection import Connection, Pipe
from pathlib import Path
from typing import Any, NoReturn

from rag.errors import SourceError
from rag.loaders import load
from rag.loaders.base import Columns, Loaded

SECONDS = 10.0  # of processor time to read a source, and one more for each of its megabytes
MEMORY = 2**30  # bytes of address space beyond what a process has when it starts to read
SERVER = "rag.loaders.apart"  # the module whose `serve` the processes run
_WALL = 6  # times as much by the clock, which a busy machine may take
_IDLE = 60.0  # seconds after which a process that has nothing to read ends
Request = tuple[bytes, str, str, Columns]


class _Worker:
    def __init__(self) -> None:
        # subtle: its standard input closes when this process ends in whatever way, and that ends it (see `serve`).
        self.process, self.pipe = started(SERVER, stdin=subprocess.PIPE)

    def close(self) -> int:
        """End it. The status that it had ended with, -9 if it was still running."""
        self.process.kill()
        self.pipe.close()
        if self.process.stdin:
            self.process.stdin.close()
        return self.process.wait()


def started(module: str, *, stdin: int) -> tuple[subprocess.Popen[bytes], Connection[Any, Any]]:
    """A process that runs ``serve(descriptor)`` of the module, with our imports at hand, and the pipe to it."""
    pipe, theirs = Pipe()
    code = f"import sys; sys.path[:] = {sys.path!r}; from {module} import serve; serve({theirs.fileno()})"
    process = subprocess.Popen(
        [sys.executable, "-c", code],
        stdin=stdin,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        env=os.environ | {"OPENBLAS_NUM_THREADS": "1", "OMP_NUM_THREADS": "1"},  # threads would count as memory
        pass_fds=[theirs.fileno()],
        process_group=0,  # Ctrl-C is for the one who waits
    )
    theirs.close()
    return process, pipe


_idle: list[_Worker] = []
os.register_at_fork(after_in_child=_idle.clear)  # they belong to the parent


@atexit.register
def _close_idle() -> None:
    while _idle:
        _idle.pop().close()


class Job:
    """One source that is being read in another process. End it with :meth:`result` or :meth:`cancel`."""

    def __init__(self, data: bytes, *, uri: str, name: str, columns: Columns = ()) -> None:
        self._request: Request = (data, uri, name, columns)
        self._worker = _given(self._request)

    def result(self) -> Loaded:
        """What :func:`rag.loaders.load` gives. Raises :class:`SourceError`, also where reading failed the process."""
        try:
            answer: Loaded | SourceError | str = self._worker.pipe.recv()
        except (EOFError, ConnectionError):
            status = self._worker.close()
            if status == 0:  # it left for want of work just as it was given some
                self._worker = _given(self._request)
                return self.result()
            raise self._failure(_ended(status, seconds_for(self._request[0]))) from None
        if isinstance(answer, str):  # the process has had enough
            self._worker.close()
            raise self._failure(answer)
        _idle.append(self._worker)
        if isinstance(answer, SourceError):
            raise answer
        return answer

    def cancel(self) -> None:
        """Stop reading; nothing is left behind."""
        self._worker.close()

    def _failure(self, why: str) -> SourceError:
        return SourceError(f"{self._request[1]} cannot be read", why=why, fix="convert it to text or PDF, or split it")


def seconds_for(data: bytes) -> float:
    """Of processor time."""
    return SECONDS + len(data) / 2**20


def _given(request: Request) -> _Worker:
    """An idle process, or a new one, that has been handed the request."""
    with suppress(IndexError):  # subtle: none is left; to look first would not do, as other threads take them too
        while True:
            worker = _idle.pop()
            try:
                worker.pipe.send(request)
                return worker
            except ConnectionError:  # it ended while it was idle
                worker.close()
    worker = _Worker()
    with suppress(ConnectionError):  # one that cannot even start is found dead when its result is asked for
        worker.pipe.send(request)
    return worker


def _ended(status: int, seconds: float) -> str:
    if status in (-signal.SIGPROF, -signal.SIGALRM):
        return f"it takes more than {seconds:.0f} seconds"
    how = signal.Signals(-status).name if status < 0 else f"status {status}"
    return f"it ended the process that read it ({how})"


def serve(descriptor: int) -> NoReturn:
    """The process: reads what comes through the pipe until nothing comes any more, or until the parent is gone."""
    _end_with_parent()
    _limit_memory()
    pipe: Connection[Any, Any] = Connection(descriptor)
    sys.excepthook = lambda kind, error, _: pipe.send(f"an error in the reader ({kind.__name__}: {error})")
    while pipe.poll(_IDLE):
        data, uri, name, columns = pipe.recv()
        try:
            _limit_time(seconds_for(data))
            answer = _read(data, uri, name, columns)
        except MemoryError:
            answer = f"it takes more than {MEMORY // 2**20:,} MB of memory"
        _limit_time(0)
        data = b""  # what is sent takes its place
        pipe.send(answer)
    os._exit(0)


def _read(data: bytes, uri: str, name: str, columns: Columns) -> Loaded | SourceError | str:
    try:
        return load(data, uri=uri, name=name, columns=columns)
    except SourceError as error:
        return error


def _end_with_parent() -> None:
    """subtle: nothing is ever written to the standard input, so it signals only when the parent's end is closed; the
    signal ends a process even where it hangs in foreign code."""
    for number in (signal.SIGIO, signal.SIGALRM, signal.SIGPROF):
        signal.signal(number, signal.SIG_DFL)  # "ignored" would have been inherited
    fcntl.fcntl(0, fcntl.F_SETOWN, os.getpid())
    fcntl.fcntl(0, fcntl.F_SETFL, fcntl.fcntl(0, fcntl.F_GETFL) | os.O_ASYNC)
    if select.select([0], [], [], 0)[0]:  # it was closed before there was anybody to tell
        os._exit(0)


def _limit_time(seconds: float) -> None:
    """The system's timers end the process, whatever it hangs in; 0 takes them off."""
    signal.setitimer(signal.ITIMER_PROF, seconds)
    signal.setitimer(signal.ITIMER_REAL, _WALL * seconds)


def _limit_memory() -> None:
    """Counted from what is taken now, with the loaders imported; not where the system does not tell how much it is."""
    taken = Path("/proc/self/statm")
    if taken.exists():
        limit = int(taken.read_text().split()[0]) * resource.getpagesize() + MEMORY
        resource.setrlimit(resource.RLIMIT_AS, (limit, limit))
