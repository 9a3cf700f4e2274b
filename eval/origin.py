"""Where figures come from: machine, commit, versions, command, memory."""

from __future__ import annotations

import os
import platform
import resource
import shlex
import subprocess
import sys
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any

_PACKAGES = ("torch", "sentence-transformers", "transformers", "openvino", "faiss-cpu", "numpy", "ir_measures")


def peak_mb() -> float:
    """Peak resident memory of this process so far, in MiB."""
    return round(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024, 1)


def _cpu() -> str:
    try:
        lines = Path("/proc/cpuinfo").read_text().splitlines()
    except OSError:
        return platform.processor() or platform.machine()
    return next((line.split(":", 1)[1].strip() for line in lines if line.startswith("model name")), platform.machine())


def _git(*arguments: str) -> str:
    try:
        done = subprocess.run(
            ["git", *arguments], cwd=Path(__file__).parent, capture_output=True, text=True, timeout=10, check=False
        )
    except (OSError, subprocess.TimeoutExpired):
        return ""
    return done.stdout.strip()


def _version(package: str) -> str:
    try:
        return version(package)
    except PackageNotFoundError:
        return "not installed"


def origin() -> dict[str, Any]:
    """Command, commit (with "+" where the tree differs from it), machine and versions."""
    commit = _git("rev-parse", "--short=12", "HEAD")
    changed = bool(commit and _git("status", "--porcelain", "--untracked-files=no", "--", "../rag", "."))
    command = ["python -m eval", *map(shlex.quote, sys.argv[1:])]
    return {
        "command": " ".join(command),
        "commit": commit + "+" * changed,
        "machine": {"cpu": _cpu(), "cores": len(os.sched_getaffinity(0)), "system": platform.platform(terse=True)},
        "versions": {"python": platform.python_version(), **{name: _version(name) for name in _PACKAGES}},
    }
