"""Every row of the list of inbox cases is proved by a test that names it."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

from cases import all_rows

TESTS = Path(__file__).resolve().parents[1]
COLLECT = """
import sys
import pytest

class Rows:
    def pytest_collection_finish(self, session):
        from cases import rows_of
        print(*(f"row {row}" for item in session.items for row in rows_of(item)), sep="\\n")

sys.exit(pytest.main(["--collect-only", "-qq", "-p", "no:xdist", "-p", "no:cacheprovider", sys.argv[1]], [Rows()]))
"""


def test_every_row_has_a_test() -> None:
    """The tests that pytest finds name all rows of both sections, and none that does not exist."""
    environ = {name: value for name, value in os.environ.items() if not name.startswith("PYTEST_")}
    run = subprocess.run(
        [sys.executable, "-c", COLLECT, str(TESTS)],
        cwd=TESTS.parent,
        env=environ,
        capture_output=True,
        text=True,
        check=False,
    )
    assert run.returncode == 0, run.stdout + run.stderr
    named = {line.removeprefix("row ") for line in run.stdout.splitlines() if line.startswith("row ")}
    rows = all_rows()
    missing = [row for row in rows if row not in named]
    assert not missing, f"no test names {', '.join(missing)}"
    assert named <= set(rows), f"there is no row {', '.join(sorted(named - set(rows)))}"
