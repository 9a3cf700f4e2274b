"""Ingests folders of somebody else's files and says per format what came of them, and how memory went meanwhile.

    python -m eval.real_input FOLDER... --index DIR [--encode] [--plot memory.svg]

Reading, cutting, the full-text index and the vector file are the product's own. Without ``--encode`` vectors are real
for the first few passages and noisy copies of them after that (``bench.Noisy``), since encoding takes most of the time.
"""

from __future__ import annotations

import argparse
import json
import os
import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from eval.bench import POOL, Noisy
from eval.origin import origin
from rag.config import load_settings
from rag.ingest import IngestReport, ingest
from rag.loaders import media_type_of
from rag.sources import Source, files_under
from rag.store import Library, open_library, verify
from rag.types import Encoder

_EVERY = 0.25  # seconds between two looks at the memory


@dataclass
class Memory:
    """MiB of this process and of the largest reading process, and how many passages were kept, over time."""

    passages: list[int] = field(default_factory=list)
    own: list[float] = field(default_factory=list)
    reading: list[float] = field(default_factory=list)

    def look(self, passages: int) -> None:
        """One more point."""
        self.passages.append(passages)
        self.own.append(_resident(os.getpid()))
        self.reading.append(max(map(_resident, _children()), default=0.0))


def _resident(pid: int) -> float:
    try:
        return int(Path(f"/proc/{pid}/statm").read_text().split()[1]) * os.sysconf("SC_PAGE_SIZE") / 2**20
    except OSError:  # it has ended
        return 0.0


def _children() -> list[int]:
    """The processes that this one started: those that read files."""
    tasks = Path("/proc/self/task").iterdir()
    return [int(pid) for task in tasks for pid in (task / "children").read_text().split()]


@contextmanager
def _watched(memory: Memory, report: IngestReport) -> Iterator[None]:
    before, done = memory.passages[-1] if memory.passages else 0, threading.Event()

    def watch() -> None:
        while not done.wait(_EVERY):
            memory.look(before + report.passages)

    watcher = threading.Thread(target=watch)
    watcher.start()
    try:
        yield
    finally:
        done.set()
        watcher.join()
        memory.look(before + report.passages)


def by_format(folders: Sequence[Path]) -> dict[str, list[Source]]:
    """The readable files under the folders: media type, with "packed" behind it for ``.gz`` -> sources."""
    found: dict[str, list[Source]] = {}
    for folder in folders:
        for source in files_under(folder, [], []):
            packed = " packed" if source.name.endswith(".gz") else ""
            found.setdefault(f"{media_type_of(source.name)}{packed}", []).append(source)
    return dict(sorted(found.items()))


def run(folders: Sequence[Path], library: Library, encoder: Encoder) -> tuple[list[dict[str, object]], Memory]:
    """One row per format, and the memory over the whole run."""
    rows, memory = [], Memory()
    for name, sources in by_format(folders).items():
        report, first = IngestReport(), len(memory.own)
        started, spent = time.perf_counter(), time.process_time()
        with _watched(memory, report):
            ingest(library, sources, encoder=encoder, settings=load_settings(), report=report)
        kinds: dict[str, list[str]] = {}
        for uri, why in report.failed:
            kinds.setdefault(why.partition(": ")[2].partition(". Fix")[0] or why, []).append(uri.rpartition("/")[2])
        row: dict[str, object] = {
            "format": name,
            "files": len(sources),
            "failed": len(report.failed),
            "reasons": kinds,
            "passages": report.passages,
            "seconds": round(time.perf_counter() - started, 1),
            "own CPU-seconds": round(time.process_time() - spent, 1),
            "peak MiB": round(max(memory.own[first:])),
            "peak MiB of a reading process": round(max(memory.reading[first:])),
        }
        rows.append(row)
        print(json.dumps(row), flush=True)
    return rows, memory


def plot(memory: Memory, file: Path) -> None:
    """Memory against passages kept, as SVG."""
    import matplotlib

    matplotlib.use("svg")
    from matplotlib import pyplot

    figure, axes = pyplot.subplots(figsize=(7, 3), layout="constrained")
    axes.plot(memory.passages, memory.own, label="ingesting process", linewidth=1)
    axes.plot(memory.passages, memory.reading, label="largest reading process", linewidth=1)
    axes.set(xlabel="passages kept", ylabel="resident MiB", ylim=(0, None))
    axes.spines[["top", "right"]].set_visible(False)
    axes.legend(frameon=False)
    figure.savefig(file, metadata={"Date": None})


def _noisy(encoder: Encoder) -> Noisy:
    texts = [path.read_text() for path in sorted(Path("corpus").glob("*.md"))]
    pieces = [text[at : at + 600] for text in texts for at in range(0, len(text), 600)][:POOL]
    return Noisy(encoder, encoder.encode(pieces))


def main() -> None:
    """The command."""
    from rag.models import load_encoder

    parser = argparse.ArgumentParser(prog="python -m eval.real_input", description=__doc__)
    parser.add_argument("folders", nargs="+", type=Path)
    parser.add_argument("--index", type=Path, required=True)
    parser.add_argument("--encode", action="store_true")
    parser.add_argument("--plot", type=Path)
    arguments = parser.parse_args()
    settings = load_settings(index_dir=arguments.index, collection="real-input")
    library = open_library(settings, create=True)
    encoder = load_encoder(settings.encoder, cache_dir=settings.cache_dir)
    rows, memory = run(arguments.folders, library, encoder if arguments.encode else _noisy(encoder))
    stats = library.stats()
    (arguments.index / "real-input.json").write_text(
        json.dumps({**origin(), "rows": rows, "stats": stats, "memory": vars(memory)}, indent=1)
    )
    if arguments.plot:
        plot(memory, arguments.plot)
    print(json.dumps(stats), "problems:", verify(library))


if __name__ == "__main__":
    main()
