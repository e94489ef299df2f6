"""The shipped code is typed, formatted and layered as the project promises."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
CHECKS = {
    "types": ["mypy", "--strict", "-p", "feedsvc"],
    "lint": ["ruff", "check", "."],
    "format": ["ruff", "format", "--check", "."],
    "layers": ["lint-imports"],
}


@pytest.mark.parametrize("name", CHECKS)
def test_code_keeps_the_rules(name: str) -> None:
    """The checker has nothing to say about the tree as it stands."""
    program, *arguments = CHECKS[name]
    beside_python = Path(sys.executable).with_name(program)
    done = subprocess.run([beside_python, *arguments], cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
