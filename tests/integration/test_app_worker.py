"""The worker between a queue of hints and requests, a real inbox and real feeds."""

from __future__ import annotations

import json
import os
import threading
import time
from contextlib import contextmanager
from queue import SimpleQueue
from typing import TYPE_CHECKING

import pytest
from fakes import reading_fails
from newsroom import MAIN, SITE, Newsroom, article

from feedsvc.app.health import Health
from feedsvc.app.rests import Rests
from feedsvc.app.worker import Message, Request, Worker
from feedsvc.publish import Limits, Publisher
from feedsvc.times import utc_now

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

PATIENCE_S = 30.0


class Desk:
    """A newsroom with a worker; nobody watches the folder, so the worker knows only what a test tells it."""

    def __init__(self, folder: Path) -> None:
        self.room = Newsroom(folder)
        self.published = folder / "feeds"
        self.messages: SimpleQueue[Message] = SimpleQueue()
        self.ready = threading.Event()
        self.health = Health()
        publisher = Publisher(self.room.store, SITE, (MAIN,), str(self.published), Limits(50, 1_000_000), utc_now)
        publisher.prepare("1")
        self.worker = Worker(
            self.room.ingest,
            publisher,
            self.messages,
            self.health,
            rests=Rests(self.room.policy, self.room.ingest.signature, 0.05),
            on_all_read=self.ready.set,
        )

    def titles(self) -> list[str]:
        """Return what the main feed on disk shows."""
        return sorted(
            item["title"] for item in json.loads((self.published / "main" / "feed.json").read_bytes())["items"]
        )

    def times(self) -> dict[str, int]:
        """Return when each published file was written."""
        return {path.name: path.stat().st_mtime_ns for path in (self.published / "main").iterdir()}


def eventually(is_true: Callable[[], bool]) -> None:
    deadline = time.monotonic() + PATIENCE_S
    while not is_true():
        assert time.monotonic() < deadline, "it never came true"
        time.sleep(0.02)


@contextmanager
def working(folder: Path, *names: str) -> Iterator[Desk]:
    """Run a worker that has read files of these *names*."""
    desk = Desk(folder)
    for name in names:
        desk.room.write(name, article(f"1st title of {name}"))
    desk.worker.start()
    try:
        assert desk.ready.wait(PATIENCE_S)
        yield desk
    finally:
        desk.worker.stop(PATIENCE_S)
        assert not desk.worker.is_alive
        desk.room.store.close()


def write_unseen(desk: Desk, name: str, text: str) -> None:
    target = desk.room.inbox / name
    times = target.stat()
    target.write_text(text)
    os.utime(target, ns=(times.st_atime_ns, times.st_mtime_ns))


def test_reading_all_again_publishes_what_no_scan_could_see(tmp_path: Path) -> None:
    """Same size, same time: a scan passes the file by, the request to read everything again does not."""
    with working(tmp_path, "a.md", "b.md") as desk:
        write_unseen(desk, "a.md", article("2nd title of a.md"))
        desk.worker.ask(Request.SCAN)
        desk.worker.ask(Request.REHASH)
        eventually(lambda: desk.titles() == ["1st title of b.md", "2nd title of a.md"])


def test_reading_all_again_writes_no_feed_if_nothing_changed(tmp_path: Path) -> None:
    """Validators that readers hold stay true, until there is something new."""
    with working(tmp_path, *(f"{number}.md" for number in range(30))) as desk:
        before = desk.times()
        desk.worker.ask(Request.REHASH)
        eventually(lambda: desk.messages.empty() and desk.worker._rehash is not None)
        eventually(lambda: desk.worker._next_rehash() is None)
        assert desk.times() == before
        write_unseen(desk, "7.md", article("2nd title of 7.md"))
        desk.worker.ask(Request.REHASH)
        eventually(lambda: "2nd title of 7.md" in desk.titles())


@pytest.mark.parametrize("number", [5, 16])
def test_a_failing_file_blocks_nobody(tmp_path: Path, number: int) -> None:
    """While one file cannot be read, the worker comes round and reads it as soon as it can."""
    with working(tmp_path, "a.md") as desk:
        with reading_fails(number):
            desk.room.write("b.md", article("1st title of b.md"))
            desk.worker.ask(Request.SCAN)
            eventually(lambda: desk.room.is_known("b.md"))
            assert desk.room.code("b.md") == "W_BUSY"
        eventually(lambda: desk.titles() == ["1st title of a.md", "1st title of b.md"])
