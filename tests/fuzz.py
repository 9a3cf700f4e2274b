"""Damages each sample of every format many times and reads it in the processes that the product reads in.

    python tests/fuzz.py 2000 [FILE...]

Prints per sample what came of it: documents, files refused with a reason, failures of the reading process (which cost
one file each but are bugs of a loader), the longest processor time of one file, and the most memory.
"""

from __future__ import annotations

import random
import sys
import time
from collections import Counter
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent.parent))

from test_loaders_containers import SAMPLES
from test_loaders_fuzz import MUTANTS
from test_loaders_pdf import REPORT

from rag.errors import SourceError
from rag.loaders import apart

JUNK = [b"\0", b"\xff\xfe", b"<", b"[" * 50, b"---\n", b"&#0;", b"(" * 99, b"<div>" * 99, b"%PDF-", b"\xff" * 8]


def damaged(valid: bytes, chance: random.Random) -> bytes:
    """One to six places overwritten, cut out, doubled or with one bit changed."""
    data = bytearray(valid)
    for _ in range(chance.randint(1, 6)):
        at, length = chance.randint(0, len(data)), chance.choice([0, 1, 4, 20, 200])
        match chance.randrange(4):
            case 0 if data:
                data[at % len(data)] ^= 1 << chance.randrange(8)
            case 1:
                data[at : at + length] = chance.choice(JUNK)
            case 2:
                data[at : at + length] = chance.randbytes(length)
            case _:
                data[at:at] = data[at : at + length] * chance.choice([1, 2, 50])
    return bytes(data)


def spent(pid: int) -> float:
    """Processor seconds of a process so far."""
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / 100


def peak(pid: int) -> float:
    """Most resident MiB of a process so far."""
    lines = Path(f"/proc/{pid}/status").read_text().splitlines()
    return int(next(line.split()[1] for line in lines if line.startswith("VmHWM"))) / 1024


def fuzz(name: str, valid: bytes, count: int) -> None:
    chance, outcomes, reasons, longest, most = random.Random(name), Counter[str](), Counter[str](), 0.0, 0.0
    started = time.perf_counter()
    for number in range(count):
        data = damaged(valid, chance)
        job = apart.Job(data, uri=f"{number}-{name}", name=name)
        pid = job._worker.process.pid
        before = spent(pid)
        try:
            job.result()
            outcomes["read"] += 1
        except SourceError as error:
            failed = "ended the process" in error.why or "takes more" in error.why or "error in the reader" in error.why
            outcomes["failed the process" if failed else "refused"] += 1
            if failed:
                reasons[error.why] += 1
                Path(f"/tmp/fuzz-{number}-{name}").write_bytes(data)
                continue
        longest, most = max(longest, spent(pid) - before), max(most, peak(pid))
    wall = time.perf_counter() - started
    counts = " | ".join(str(outcomes[what]) for what in ("read", "refused", "failed the process"))
    say(f"| {name} | {counts} | {longest:.2f} | {most:.0f} | {wall:.0f} | {dict(reasons) or ''}")


def say(line: str) -> None:
    sys.stdout.write(line + "\n")
    sys.stdout.flush()


def main() -> None:
    count, files = int(sys.argv[1]), map(Path, sys.argv[2:])
    samples = [*MUTANTS, *SAMPLES.items(), ("a.pdf", REPORT), *((file.name, file.read_bytes()) for file in files)]
    say("| sample | read | refused | failed the process | longest, CPU-s | most, MiB | wall s |")
    say("|---|--:|--:|--:|--:|--:|--:|")
    for name, valid in samples:
        fuzz(name, valid, count)


if __name__ == "__main__":
    main()
