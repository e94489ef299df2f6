"""Run a command and tell how long it took and how much memory its processes held together."""

from __future__ import annotations

import statistics
import subprocess
import time
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

_SAMPLE_EVERY_S = 0.03


@dataclass(frozen=True, slots=True)
class Run:
    """One run: wall-clock seconds, and the highest sum of PSS over all its processes, in MiB.

    PSS counts a page that several processes share once in all, so that forked helpers are neither hidden nor doubled.
    """

    seconds: float
    mebibytes: float


def run(command: Sequence[str], cwd: Path, env: Mapping[str, str], *, with_memory: bool) -> Run:
    """Run *command* to its end; raises if it fails.

    Looking at memory costs the command time, so seconds count only where *with_memory* is false.
    """
    begin = time.perf_counter()
    process = subprocess.Popen(command, cwd=cwd, env=dict(env), stdout=subprocess.DEVNULL)
    peak = [0.0]
    if with_memory:
        _sample(process, peak)
    code = process.wait()
    seconds = time.perf_counter() - begin
    if code != 0:
        raise SystemExit(f"{command[0]} ended with {code}")
    return Run(seconds, peak[0])


def spread(values: Sequence[float], unit: str = "s") -> str:
    """Return median, lowest and highest of *values* as text."""
    return f"median {statistics.median(values):.2f} {unit} ({min(values):.2f} to {max(values):.2f}, n={len(values)})"


def _sample(process: subprocess.Popen[bytes], peak: list[float]) -> None:
    while process.poll() is None:
        peak[0] = max(peak[0], sum(map(_pss, _tree(process.pid))) / 1024)
        time.sleep(_SAMPLE_EVERY_S)


def _tree(pid: int) -> list[int]:
    try:
        children = Path(f"/proc/{pid}/task/{pid}/children").read_text().split()
    except OSError:
        return [pid]
    return [pid, *(below for child in children for below in _tree(int(child)))]


def _pss(pid: int) -> float:
    try:
        lines = Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines()
    except OSError:
        return 0.0
    return next((float(line.split()[1]) for line in lines if line.startswith("Pss:")), 0.0)
