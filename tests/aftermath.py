"""What must be true after any file, however bad: the inbox is as it was left, work goes on, and the feeds are valid."""

from __future__ import annotations

import os
import stat
from typing import TYPE_CHECKING, NamedTuple

from newsroom import article

from feedsvc.model import Channel, FileState, Format
from feedsvc.render import check_feed, render_entry, render_feed

if TYPE_CHECKING:
    from pathlib import Path

    from newsroom import Newsroom

_MAX_COMPARED = 10_000_000


class Seen(NamedTuple):
    """What lies at a path: mode, modification time, size, and the bytes of a regular file that is not a giant."""

    mode: int
    mtime_ns: int
    size: int
    content: bytes | None


def inventory(folder: Path) -> dict[str, Seen]:
    """Return everything below *folder* by path, without touching it."""
    paths = [os.path.join(place, name) for place, folders, names in os.walk(folder) for name in (*folders, *names)]
    return {os.path.relpath(path, folder): _seen(path) for path in paths}


def _seen(path: str) -> Seen:
    status = os.lstat(path)
    content = None
    if stat.S_ISREG(status.st_mode) and status.st_size <= _MAX_COMPARED:
        with open(path, "rb") as file:
            content = file.read()
    return Seen(status.st_mode, status.st_mtime_ns, status.st_size, content)


def assert_goes_on(room: Newsroom) -> None:
    """Check that a good file dropped now is published, that nothing in the inbox is touched and all feeds are valid."""
    path = room.write("afterwards.md", article("Afterwards", "Life goes on in town."))
    before = inventory(room.inbox)
    room.scan()
    assert inventory(room.inbox) == before
    assert room.state(path) is FileState.PUBLISHED
    assert "Afterwards" in room.live_titles()
    assert_feeds_are_valid(room)


def assert_feeds_are_valid(room: Newsroom) -> None:
    """Render the main feed in all formats and check each."""
    with room.store.reading() as unit:
        entries = unit.window("main", 50)
    channel = Channel(room.feeds[0], max(entry.updated for entry in entries))
    for format_ in Format:
        parts = [render_entry(format_, entry, room.site) for entry in entries]
        check_feed(format_, render_feed(format_, channel, parts, room.site), len(parts))
