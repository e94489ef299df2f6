"""What a test needs from the machine: skipped with a reason where it is missing, failed where all of it is promised."""

from __future__ import annotations

import os
import shutil
from pathlib import Path

import pytest

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


def sample(name: str) -> bytes:
    """Return a real newsroom file that lies beside the checkout; skips where the folder is not there."""
    path = SAMPLES / name
    if not path.is_file():
        pytest.skip(f"the sample {name} is not beside this checkout")
    return path.read_bytes()


def scale() -> float:
    """Return how much longer than by default the long runs shall be (``FEEDSVC_TEST_SCALE``)."""
    return float(os.environ.get("FEEDSVC_TEST_SCALE", "1"))
