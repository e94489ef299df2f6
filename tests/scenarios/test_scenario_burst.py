"""A flood of files from another process: more than the kernel's event queue holds, and more than memory should."""

from __future__ import annotations

import subprocess
import sys
import threading
import time
from typing import TYPE_CHECKING

import needs
import pytest
from daemon import Daemon, Site, tell

from feedsvc.store import open_sqlite

if TYPE_CHECKING:
    from pathlib import Path

IS_FULL = needs.scale() >= 6
FLOOD, FOLDER = (30_000, 5_000) if IS_FULL else (3_000, 500)
MEMORY_BYTES = 300_000_000

WRITER = """
import os, sys
folder, first, count = sys.argv[1], int(sys.argv[2]), int(sys.argv[3])
for part in range(10):
    os.makedirs(f"{folder}/part{part}", exist_ok=True)
for number in range(first, first + count):
    title = f"خبر رقم {number}" if number % 2 else f"Item number {number}"
    with open(f"{folder}/part{number % 10}/{number}.txt", "w", encoding="utf-8") as file:
        file.write(f"{title}\\n\\n" + ("نص الخبر في سطر واحد. " if number % 2 else "Its text in one line. ") * 20)
"""


class MemoryWatch:
    """Keeps the highest memory of a daemon, looking ten times a second."""

    def __init__(self, daemon: Daemon) -> None:
        self.peak = 0
        self._daemon, self._is_over = daemon, threading.Event()
        self._thread = threading.Thread(target=self._look)

    def __enter__(self) -> MemoryWatch:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._is_over.set()
        self._thread.join()

    def _look(self) -> None:
        while not self._is_over.wait(0.1):
            self.peak = max(self.peak, self._daemon.rss())


def write(folder: Path, first: int, count: int) -> float:
    """Let another process write files as fast as it can; returns how many seconds it took."""
    began = time.monotonic()
    subprocess.run([sys.executable, "-c", WRITER, str(folder), str(first), str(count)], check=True)
    return time.monotonic() - began


def live_count(site: Site) -> int:
    """Return how many entries are live in the store."""
    store = open_sqlite(str(site.root / ".feedsvc" / "feedsvc.sqlite3"))
    try:
        with store.reading() as unit:
            return len(unit.live_ids())
    finally:
        store.close()


@pytest.mark.timeout(900 if IS_FULL else 240)
@pytest.mark.case("1.6", "2.20")
def test_a_flood_of_files_loses_none(site: Site, tmp_path: Path) -> None:
    """All files are published, whatever the kernel forgot to report; so is a folder moved in; memory stays small."""
    patience_s = 600 if IS_FULL else 120

    def are_published(count: int) -> bool:
        time.sleep(0.3)
        return len(list(site.published.glob("entries/*"))) == count and live_count(site) == count

    with Daemon(site) as daemon, MemoryWatch(daemon) as memory:
        daemon.wait_for("service.ready")
        began = time.monotonic()
        writing_s = write(site.inbox, 0, FLOOD)
        daemon.wait_until(lambda: are_published(FLOOD), patience_s)
        flood_s = time.monotonic() - began
        write(tmp_path / "archive", FLOOD, FOLDER)
        began = time.monotonic()
        (tmp_path / "archive").rename(site.inbox / "archive")
        daemon.wait_until(lambda: are_published(FLOOD + FOLDER), patience_s)
        folder_s = time.monotonic() - began
        assert site.counts() == {"published": FLOOD + FOLDER}
        daemon.wait_until_well()
        assert len(daemon.feed("main", "atom.xml").entries) == 50
        daemon.goes_on()
        daemon.terminate()
    tell(f"{FLOOD} files written in {writing_s:.1f} s and published {flood_s:.1f} s after the first")
    tell(f"folder of {FOLDER} files published after {folder_s:.1f} s")
    tell(f"peak memory {memory.peak / 1e6:.0f} MB")
    assert memory.peak < MEMORY_BYTES
