"""What a test needs from the machine: skipped with a reason where it is missing, failed where all of it is promised."""

from __future__ import annotations

import os
import shutil
import subprocess
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from collections.abc import Iterator

SAMPLES = Path(__file__).resolve().parents[2] / "shared" / "samples"


def missing(what: str) -> None:
    """Skip the test for want of *what*, or fail it with ``FEEDSVC_TEST_REQUIRE=all``."""
    if os.environ.get("FEEDSVC_TEST_REQUIRE") == "all":
        pytest.fail(f"{what} is required here, but missing")
    pytest.skip(f"{what} is not installed")


def tool(name: str) -> str:
    """Return the path of the system program *name*."""
    path = shutil.which(name)
    if path is None:
        missing(f"the program {name}")
    assert path is not None
    return path


def npm(name: str) -> Path:
    """Return the folder of the npm package *name*, below the one that ``FEEDSVC_TEST_NODE_MODULES`` names."""
    modules = os.environ.get("FEEDSVC_TEST_NODE_MODULES", "")
    if not modules or not (Path(modules) / name).is_dir():
        missing(f"the npm package {name} (FEEDSVC_TEST_NODE_MODULES names its folder)")
    return Path(modules) / name


def command(*arguments: str) -> list[str]:
    """Return a command line that works here; skips where what it does is not allowed, which no package can change."""
    line = [tool(arguments[0]), *arguments[1:]]
    if subprocess.run([*line, "true"], capture_output=True, check=False).returncode != 0:
        pytest.skip(f"{arguments[0]} is not allowed to do that here")
    return line


@contextmanager
def mounted(folder: Path, *arguments: str) -> Iterator[None]:
    """Mount something, by default an empty file system, on *folder*; skips where that is not allowed."""
    line = [tool("mount"), *(arguments or ("-t", "tmpfs", "feedsvc-test")), str(folder)]
    if subprocess.run(line, capture_output=True, check=False).returncode != 0:
        pytest.skip("only an administrator may mount file systems")
    try:
        yield
    finally:
        subprocess.run([tool("umount"), "--lazy", str(folder)], check=True)


def fill_up(folder: Path) -> Path:
    """Write a file that leaves no room, and return it."""
    ballast = folder / "ballast"
    with ballast.open("wb", buffering=0) as file:
        try:
            while True:
                file.write(b"x" * 4096)
        except OSError:
            return ballast


def sample(name: str) -> bytes:
    """Return a real newsroom file that lies beside the checkout; skips where the folder is not there."""
    path = SAMPLES / name
    if not path.is_file():
        pytest.skip(f"the sample {name} is not beside this checkout")
    return path.read_bytes()


def scale() -> float:
    """Return how much longer than by default the long runs shall be (``FEEDSVC_TEST_SCALE``)."""
    return float(os.environ.get("FEEDSVC_TEST_SCALE", "1"))
