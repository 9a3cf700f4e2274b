"""What a kill, a full disk or a folder without permission may cost: nothing that was committed.

A helper process with everything imported forks the children that are killed, so that a kill costs milliseconds.
"""

from __future__ import annotations

import json
import os
import random
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from typing import IO, Any

import pytest
from conftest import WordEncoder
from test_store import quoting, snapshot

from rag import ingest
from rag.config import Settings, load_settings
from rag.ingest import IngestReport, add_paths
from rag.store import Library, backup, open_library, restore, verify

TIMED, COUNTED = 140, 60
SECRET = "quokka"  # stands only in the note that the run prunes
NOUNS = "yuan wafer ministry plan export mask resist lens tariff subsidy fab node yield grant quota".split()


def text(number: int, version: str) -> str:
    chance = random.Random(f"{number} {version}")
    paragraphs = [
        " ".join(f"The {chance.choice(NOUNS)} met the {chance.choice(NOUNS)} {i} times." for i in range(8))
        for _ in range(2)
    ]
    return f"Note {number}\n\n{version}.\n\n" + "\n\n".join(paragraphs) + "\n"


def write_sources(root: Path, version: str) -> None:
    """Old: notes 0 to 5, of which 0 to 2 change later and 5 vanishes. New: notes 0 to 8 without 5."""
    shutil.rmtree(root, ignore_errors=True)
    root.mkdir()
    for number in range(6) if version == "old" else (0, 1, 2, 3, 4, 6, 7, 8):
        first = {5: f"A {SECRET}", 0: version, 1: version, 2: version}.get(number, "the same")
        (root / f"{number}.txt").write_text(text(number, first))


def settings_of(folder: Path) -> Settings:
    return load_settings(index_dir=folder, reader="sentences", passage_tokens=60)


class Told(list[str]):
    """A report's list that writes down each source at once, outside the library."""

    def __init__(self, file: IO[bytes]) -> None:
        super().__init__()
        self._file = file

    def append(self, uri: str) -> None:
        super().append(uri)
        os.write(self._file.fileno(), uri.encode() + b"\n")


def add(folder: Path, sources: Path, told: IO[bytes]) -> None:
    report = IngestReport(added=Told(told), changed=Told(told))
    ingest._BATCH = 4  # many small batches, so that there is more to interrupt
    library = open_library(settings_of(folder), create=True)
    add_paths(library, [sources], encoder=WordEncoder(), settings=settings_of(folder), prune=True, report=report)
    library.close()


def count_steps(stop_at: int) -> list[int]:
    """From now on counts the steps taken while files are published, and dies at one of them."""
    steps = [0]

    def step(frame: Any, event: str, _: Any) -> None:
        if frame.f_code.co_filename.endswith(("rag/store/vectors.py", "rag/files.py")):
            steps[0] += 1
            if steps[0] == stop_at:
                os.kill(os.getpid(), signal.SIGKILL)

    sys.setprofile(step)
    return steps


def child(order: dict[str, Any]) -> None:
    if order["backup"]:
        restore(Path(order["backup"]), settings_of(Path(order["index"])), replace=True).close()
        return
    with Path(order["told"]).open("wb") as told:
        steps = count_steps(order["step"]) if order["step"] else [0]
        add(Path(order["index"]), Path(order["sources"]), told)
        sys.setprofile(None)
        os.write(told.fileno(), b"done %d\n" % steps[0])


def serve_orders() -> None:
    """The helper process: runs the first line's order itself, so that everything is loaded; for each further line it
    forks a child, kills it after a while, and answers with its exit status."""
    child(json.loads(sys.stdin.readline()))
    sys.stdout.write("0\n")
    sys.stdout.flush()
    for line in sys.stdin:
        order = json.loads(line)
        pid = os.fork()
        if pid == 0:
            status = 1
            try:
                child(order)
                status = 0
            finally:
                os._exit(status)
        if order["after"]:
            time.sleep(order["after"])
            os.kill(pid, signal.SIGKILL)
        _, status = os.waitpid(pid, 0)
        sys.stdout.write(f"{os.waitstatus_to_exitcode(status)}\n")
        sys.stdout.flush()


class Killer:
    """Runs the ingest in a child of the helper, and may kill it."""

    def __init__(self, work: Path) -> None:
        self.work, self.base, self.sources, self.told = work, work / "base", work / "sources", work / "told"
        environment = os.environ | {"OMP_NUM_THREADS": "1", "PYTHONPATH": os.pathsep.join(sys.path)}
        self._helper = subprocess.Popen(
            [sys.executable, "-c", "import test_crash; test_crash.serve_orders()"],
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, env=environment,
        )  # fmt: skip

    def run(self, index: Path, *, after: float = 0, step: int = 0, backup_file: str = "") -> tuple[int, list[str]]:
        """The child's exit status (-9 when killed) and what it said that it had kept."""
        order: dict[str, Any] = {"index": str(index), "sources": str(self.sources), "told": str(self.told)}
        order |= {"after": after, "step": step, "backup": backup_file}
        self.told.write_text("")
        assert self._helper.stdin
        assert self._helper.stdout
        self._helper.stdin.write(json.dumps(order) + "\n")
        self._helper.stdin.flush()
        status = int(self._helper.stdout.readline())
        return status, self.told.read_text().splitlines()

    def close(self) -> None:
        self._helper.communicate()


def resumed(index: Path, sources: Path) -> Library:
    library = open_library(settings_of(index), create=True)
    add_paths(library, [sources], encoder=WordEncoder(), settings=settings_of(index), prune=True)
    return library


def quote_note_zero(library: Library) -> None:
    """A saved answer quotes the old note 0, so its old text must stay for ever."""
    document = library.document(library.documents()[0].id)
    start = document.text.index("The ")
    quoting(library, document, start, start + 30)


@pytest.fixture(scope="module")
def work(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """In memory where there is such a file system: 400 libraries are synced to it."""
    memory = Path("/dev/shm")
    if not os.access(memory, os.W_OK):
        yield tmp_path_factory.mktemp("crash")
        return
    with tempfile.TemporaryDirectory(dir=memory) as folder:
        yield Path(folder)


@pytest.fixture(scope="module")
def killer(work: Path) -> Iterator[Killer]:
    made = Killer(work)
    try:
        prepare(made)
        yield made
    finally:
        made.close()


def prepare(made: Killer) -> None:
    """A base of old notes with a saved quote, new notes beside it, and a helper that has loaded everything."""
    write_sources(made.sources, "old")
    library = resumed(made.base, made.sources)
    quote_note_zero(library)
    library.close()
    write_sources(made.sources, "new")
    assert made.run(made.work / "warm")[0] == 0


def test_two_hundred_kills_lose_nothing_and_the_next_run_finishes(killer: Killer, work: Path) -> None:
    undisturbed = work / "undisturbed"
    shutil.copytree(killer.base, undisturbed)
    started = time.perf_counter()
    assert killer.run(undisturbed)[0] == 0
    length = time.perf_counter() - started
    expected = snapshot(open_library(settings_of(undisturbed)))
    before = {document.uri for document in open_library(settings_of(killer.base)).documents()}
    shutil.copytree(killer.base, work / "counted")
    status, told = killer.run(work / "counted", step=-1)
    steps = int(told[-1].removeprefix("done "))
    assert (status, steps > 30) == (0, True)
    chance = random.Random(7)
    kills = [{"after": chance.uniform(0.001, length)} for _ in range(TIMED)]
    kills += [{"step": chance.randint(1, steps)} for _ in range(COUNTED)]
    hit = 0
    for kill in kills:
        index = work / "index"
        shutil.copytree(killer.base, index)
        status, told = killer.run(index, **kill)
        hit += status == -signal.SIGKILL
        library = open_library(settings_of(index))
        assert verify(library) == [], kill
        kept = {document.uri: document.id for document in library.documents()}
        assert before - {(killer.sources / "5.txt").resolve().as_uri()} <= set(kept), kill
        for uri in (line for line in told if not line.startswith("done")):
            note = int(uri.rsplit("/", 1)[1].removesuffix(".txt"))
            assert library.document(kept[uri]).text.split() == (killer.sources / f"{note}.txt").read_text().split()
        library.close()
        library = resumed(index, killer.sources)
        assert (verify(library), snapshot(library)) == ([], expected), kill
        library.close()
        left = [path for path in (index / "default").iterdir() if SECRET.encode() in path.read_bytes().lower()]
        assert (left, list(index.glob("default/.*"))) == ([], []), kill
        shutil.rmtree(index)
    assert hit > COUNTED // 2


def test_a_killed_restore_leaves_the_old_collection_or_the_new_one(killer: Killer, work: Path) -> None:
    library = resumed(work / "new", killer.sources)
    backup(library, work / "kept")
    states = [snapshot(library), snapshot(open_library(settings_of(killer.base)))]
    shutil.copytree(killer.base, work / "measured")
    started = time.perf_counter()
    assert killer.run(work / "measured", backup_file=str(work / "kept"))[0] == 0
    length, chance = time.perf_counter() - started, random.Random(8)
    for _ in range(25):
        index = work / "index"
        shutil.copytree(killer.base, index)
        killer.run(index, backup_file=str(work / "kept"), after=chance.uniform(0.001, length))
        library = open_library(settings_of(index))
        assert snapshot(library) in states
        assert verify(library) == []
        library.close()
        restore(work / "kept", settings_of(index), replace=True).close()
        assert sorted(path.name for path in index.iterdir()) == ["default"]
        shutil.rmtree(index)
