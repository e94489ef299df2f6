"""Many files are read in helper processes, which never outlive the process that asked."""

from __future__ import annotations

import subprocess
import sys
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

import psutil

from feedsvc.ingest import Examiner, examining

if TYPE_CHECKING:
    from pathlib import Path

FILES = 1_600


def fill(inbox: Path, count: int = FILES) -> list[str]:
    inbox.mkdir()
    paths = [f"{number:05}.txt" for number in range(count)]
    for path in paths:
        (inbox / path).write_text(f"Report {path}\n\nWhat happened in town. {'More of it. ' * 20}\n")
    return paths


def examiner(inbox: Path) -> Examiner:
    return Examiner(str(inbox), 100_000, "en", ZoneInfo("UTC"), "https://site.invalid")


def test_helpers_say_what_we_would_say(tmp_path: Path) -> None:
    """Order and outcomes are those of reading one file after the other; a file that is gone is no fault."""
    paths = [*fill(tmp_path / "inbox"), "gone.txt"]
    with examining(examiner(tmp_path / "inbox"), paths, may_fork=False) as outcomes:
        expected = list(outcomes)
    with examining(examiner(tmp_path / "inbox"), paths, may_fork=True) as outcomes:
        assert list(outcomes) == expected
    assert [outcome.path for outcome in expected] == paths


def test_leaving_early_leaves_no_helper(tmp_path: Path) -> None:
    """Whoever stops in the middle waits for nobody and leaves no process behind."""
    paths = fill(tmp_path / "inbox")
    before = set(psutil.Process().children())
    with examining(examiner(tmp_path / "inbox"), paths, may_fork=True) as outcomes:
        next(iter(outcomes))
        helpers = set(psutil.Process().children()) - before
        assert helpers
    psutil.wait_procs(helpers, timeout=10)
    assert not any(helper.is_running() and helper.status() != psutil.STATUS_ZOMBIE for helper in helpers)


def test_helpers_end_when_a_build_is_killed(tmp_path: Path) -> None:
    """After kill -9 of a build its helpers go, too, and the next build is not locked out."""
    (tmp_path / "config").mkdir()
    fill(tmp_path / "inbox", 6_000)
    command = [sys.executable, "-m", "feedsvc", "--root", str(tmp_path), "build"]
    build = subprocess.Popen(command, stdout=subprocess.DEVNULL)
    helpers: list[psutil.Process] = []
    while len(helpers) < 2 and build.poll() is None:
        helpers = psutil.Process(build.pid).children()
    build.kill()
    build.wait()
    _, alive = psutil.wait_procs(helpers, timeout=30)
    assert len(helpers) == 2
    assert alive == []
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    assert "6000 entries" in done.stdout
