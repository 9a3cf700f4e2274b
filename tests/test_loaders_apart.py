"""Files that hang, eat up or kill the process that reads them: each costs one file, and no process is left."""

from __future__ import annotations

import os
import signal
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from conftest import WordEncoder
from test_lifecycle import other_process

from rag.config import Settings
from rag.errors import SourceError
from rag.ingest import add_paths
from rag.loaders import apart, load
from rag.store import Library, verify

GOOD = "# Rain\n\nIt rained all day in the whole of the north.\n"
BAD = {
    "hang": "it takes more than 10 seconds",
    "hang in C": "it takes more than 10 seconds",
    "sleep": "it takes more than 10 seconds",
    "eat": "it takes more than 256 MB of memory",
    "abort": r"it ended the process that read it \(SIGABRT\)",
    "crash": r"it ended the process that read it \(SIGSEGV\)",
    "exit": r"it ended the process that read it \(status 3\)",
    "raise": r"an error in the reader \(RecursionError: too deep\)",
}


@pytest.fixture
def unkind(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Reading processes that do as the file says."""
    apart._close_idle()
    monkeypatch.setattr(apart, "SERVER", "misbehaving")
    yield
    apart._close_idle()


def read(text: str) -> str:
    return apart.Job(text.encode(), uri="a.md", name="a.md").result().documents[0].text


@pytest.mark.usefixtures("unkind")
@pytest.mark.parametrize("what", BAD)
def test_a_bad_file_is_one_line_and_the_next_one_is_read(what: str) -> None:
    with pytest.raises(SourceError, match=rf"a.md cannot be read: {BAD[what]}\. Fix: ") as caught:
        read(what)
    assert "\n" not in str(caught.value)
    assert "It rained" in read(GOOD)


@pytest.mark.usefixtures("unkind")
def test_bad_files_in_a_folder_cost_nothing_but_themselves(
    library: Library, settings: Settings, folder: Callable[[dict[str, str]], Path]
) -> None:
    files = {f"{number}.md": f"{what}\n" for number, what in enumerate(BAD)}
    root = folder(files | {f"{number}-good.md": f"{GOOD}\nNote {number}.\n" for number in range(len(BAD))})
    report = add_paths(library, [root], encoder=WordEncoder(), settings=settings)
    assert [Path(uri).name for uri in report.added] == [f"{number}-good.md" for number in range(len(BAD))]
    assert [Path(uri).name for uri, _ in report.failed] == sorted(files)
    assert verify(library) == []


def test_a_process_reads_many_files_and_gives_what_reading_here_gives() -> None:
    read(GOOD)
    workers = [worker.process.pid for worker in apart._idle]
    for number in range(20):
        data = f"{GOOD}\n{number}".encode()
        found = apart.Job(data, uri=f"{number}.md", name=f"{number}.md").result()
        assert found == load(data, uri=f"{number}.md", name=f"{number}.md")
    assert [worker.process.pid for worker in apart._idle] == workers


def test_a_process_that_ended_while_idle_costs_no_file() -> None:
    read(GOOD)
    for worker in apart._idle:
        worker.process.kill()
        worker.process.wait()
    assert "It rained" in read(GOOD)


def test_one_that_leaves_when_it_is_given_work_costs_no_file() -> None:
    apart._close_idle()
    job = apart.Job(GOOD.encode(), uri="a.md", name="a.md")
    leaving = job._worker.process
    assert leaving.stdin
    leaving.stdin.close()  # it is not that far yet, and will see that there is nobody to read for
    assert "It rained" in job.result().documents[0].text
    assert leaving.returncode == 0


def test_processes_that_cannot_start_are_an_error_and_no_loop(monkeypatch: pytest.MonkeyPatch) -> None:
    apart._close_idle()
    monkeypatch.setattr(apart, "SERVER", "no_such_module")
    with pytest.raises(SourceError, match=r"it ended the process that read it \(status 1\)"):
        read(GOOD)
    with pytest.raises(SourceError, match=r"it ended the process that read it \(status 1\)"):
        read(f"{GOOD * 20_000}")


def gone(pid: int) -> bool:
    """Whether a process ended, waited for as long as it takes a slow machine."""
    deadline = time.monotonic() + 60
    while time.monotonic() < deadline:
        try:
            if Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] == "Z":
                return True
        except OSError:
            return True
        time.sleep(0.02)
    return False


HANGING = """
import signal, sys
signal.signal(signal.SIGINT, signal.default_int_handler)
from rag.loaders import apart
apart.SERVER = "misbehaving"
idle = apart.Job(b"# A\\n\\nRain.", uri="a.md", name="a.md")
busy = apart.Job(sys.argv[1].encode(), uri="b.md", name="b.md")
idle.result()
print(apart._idle[0].process.pid, busy._worker.process.pid, flush=True)
busy.result()
"""


@pytest.mark.parametrize("how", [signal.SIGKILL, signal.SIGINT])
@pytest.mark.parametrize("what", ["hang", "hang in C"])
def test_no_process_outlives_the_one_it_reads_for(how: signal.Signals, what: str) -> None:
    parent = other_process(HANGING, f"{what}\npatiently")
    assert parent.stdout
    pids = [int(word) for word in parent.stdout.readline().split()]
    assert len(pids) == 2
    os.kill(parent.pid, how)
    parent.communicate()
    assert [gone(pid) for pid in pids] == [True, True]
