"""When files are read, decided on real files by hints, scans and a clock that only the test moves."""

from __future__ import annotations

import os
import time
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest
from newsroom import QUIET_S, Newsroom, article

from feedsvc.app.rests import Rests
from feedsvc.watch import DirtyKind, Hint

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

SETTLE_S = 0.2
NAME = "a.md"


@pytest.fixture
def room(tmp_path: Path) -> Iterator[Newsroom]:
    newsroom = Newsroom(tmp_path)
    yield newsroom
    newsroom.store.close()


def rests_of(room: Newsroom, settle_s: float = SETTLE_S) -> Rests:
    return Rests(room.policy, room.ingest.signature, settle_s, room.clock.monotonic)


def append(room: Newsroom, text: str = "More.\n") -> None:
    with (room.inbox / NAME).open("a") as file:
        file.write(text)


def closed(path: str = NAME, moved_from: str | None = None) -> Hint:
    return Hint(DirtyKind.SETTLED, path, moved_from)


def touched(path: str = NAME) -> Hint:
    return Hint(DirtyKind.TOUCHED, path)


def test_a_file_saved_once_is_read_after_the_short_rest(room: Newsroom) -> None:
    """Not before, and only once."""
    rests = rests_of(room)
    append(room)
    rests.mark(touched())
    rests.mark(closed())
    assert (set(rests.due()), rests.is_any_due()) == (set(), False)
    room.clock.advance(SETTLE_S)
    assert rests.is_any_due()
    assert set(rests.due()) == {NAME}
    assert (rests.due(), rests.next_due()) == ({}, None)


def test_a_program_that_appends_slowly_is_waited_for(room: Newsroom) -> None:
    """Pieces that come every 0.3 s for an hour: read at most once at the beginning, and then when they have ended."""
    rests = rests_of(room)
    reads = []
    for _ in range(12_000):
        append(room, "x")
        rests.mark(closed())
        room.clock.advance(0.3)
        reads += rests.due()
    assert reads == [NAME], "the first piece looks like a whole file"
    for _ in range(4):
        room.clock.advance(0.3)
        reads += rests.due()
    assert reads == [NAME, NAME]


def test_with_a_longer_settle_time_not_even_the_first_piece_is_read(room: Newsroom) -> None:
    """Whoever has programs that write in pieces sets it above their pauses."""
    rests = rests_of(room, settle_s=0.5)
    for _ in range(1000):
        append(room, "x")
        rests.mark(touched())
        rests.mark(closed())
        room.clock.advance(0.3)
        assert rests.due() == {}


def test_a_file_that_grows_without_a_word_is_only_looked_at(room: Newsroom) -> None:
    """Found by scans or polls, it is due when its size and time have rested, and is told of as growing."""
    rests = rests_of(room)
    append(room)
    rests.mark(touched())
    for number in range(20):
        append(room, f"{number}\n")
        room.clock.advance(QUIET_S)
        assert rests.due() == {}
    growing = rests.growing()
    assert growing[NAME].size == (room.inbox / NAME).stat().st_size
    assert rests.growing() == {}, "told of now and then, not all the time"
    room.clock.advance(QUIET_S)
    assert set(rests.due()) == {NAME}
    room.clock.advance(60)
    assert rests.growing() == {}


def test_hints_that_never_pause_are_told_of_as_well(room: Newsroom) -> None:
    """A file that is never due because events come faster than it could rest."""
    rests = rests_of(room)
    for _ in range(200):
        append(room)
        rests.mark(touched())
        room.clock.advance(0.1)
        assert rests.due() == {}
    assert set(rests.growing()) == {NAME}


def test_saves_a_while_apart_are_single_saves(room: Newsroom) -> None:
    """An editor who saves every few seconds does not wait longer each time."""
    rests = rests_of(room)
    for _ in range(5):
        append(room)
        rests.mark(closed())
        room.clock.advance(SETTLE_S)
        assert set(rests.due()) == {NAME}
        room.clock.advance(QUIET_S)
    assert rests.growing() == {}


def test_a_file_renamed_into_place_is_whole(room: Newsroom) -> None:
    """However often that happens, the short rest is enough."""
    rests = rests_of(room)
    for _ in range(5):
        append(room)
        rests.mark(closed(moved_from=".a.tmp"))
        room.clock.advance(SETTLE_S)
        assert set(rests.due()) == {NAME}


def test_what_waits_for_another_reason_is_not_growing(room: Newsroom) -> None:
    """A file that is tried again in a minute is not told of as growing; an event may hurry it."""
    rests = rests_of(room)
    append(room)
    rests.wait({NAME: 60.0})
    room.clock.advance(30)
    assert (rests.growing(), rests.due()) == ({}, {})
    rests.wait({NAME: 1.0})
    room.clock.advance(30)
    assert set(rests.due()) == {NAME}


def test_a_scan_reads_what_has_rested_and_marks_the_rest(room: Newsroom) -> None:
    """By modification time; one in the future says nothing."""
    room.policy = replace(room.policy, quiet_s=600.0)
    rests = rests_of(room)
    now_ns = time.time_ns()
    ages_s = {"old.md": 3600.0, "fresh.md": 1.0, "tomorrow.md": -86_400.0}
    for name, age_s in ages_s.items():
        room.write(name, article(name))
        os.utime(room.inbox / name, ns=(now_ns, now_ns - int(age_s * 1e9)))
    scan, paths = room.ingest.look()
    assert [path for path in paths if rests.has_rested(path, scan.files[path])] == ["old.md"]
    assert not rests.has_rested("fresh.md", scan.files["fresh.md"]), "it is pending already"
    room.clock.advance(600)
    assert set(rests.due()) == {"fresh.md", "tomorrow.md"}


def test_noise_is_not_looked_at(room: Newsroom) -> None:
    """Files of programs, other kinds, and what lies deeper than a scan would find."""
    rests = rests_of(room)
    for path in (".hidden.md", "a.md~", "photo.jpg", "/".join(["deep"] * 9 + ["a.md"])):
        rests.mark(closed(path))
    assert rests.next_due() is None
