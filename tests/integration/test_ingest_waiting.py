"""Files that cannot be read now: they wait, are tried again, and nothing that readers see is lost meanwhile."""

from __future__ import annotations

import errno
import os
from typing import TYPE_CHECKING

import pytest
from fakes import file_modes_count, reading_fails
from newsroom import QUIET_S, Newsroom, article

from feedsvc.ingest.patience import retry_delay
from feedsvc.model import FileState

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

GOOD = article("A good one")
DELAYS = (1, 2, 4, 8, 16, 32, 60)


@pytest.fixture
def room(tmp_path: Path) -> Iterator[Newsroom]:
    newsroom = Newsroom(tmp_path)
    yield newsroom
    newsroom.store.close()


def outcome(room: Newsroom, path: str) -> tuple[str, str]:
    return room.state(path).value, room.code(path)


def cause(room: Newsroom, path: str) -> str:
    problem = room.source(path).problem
    return problem.cause if problem else ""


def try_to_the_end(room: Newsroom, path: str) -> list[float]:
    """Read *path* whenever it asks for it, and return the seconds between."""
    delays: list[float] = []
    while path in (again := room.read(path).again):
        delays.append(again[path])
        room.clock.advance(again[path])
    return delays


# Not readable (2.10)


@pytest.mark.case("1.5", "2.10")
def test_a_file_that_may_not_be_read_waits_then_is_quarantined_and_mends_itself(room: Newsroom) -> None:
    """Tried for two minutes; then user and mode are named; after a chmod it is published without any other change."""
    room.write("a.md", GOOD)
    room.write("b.md", article("B"))
    (room.inbox / "a.md").chmod(0o000)
    with file_modes_count():
        assert room.scan().again == {"a.md": 1}
        assert outcome(room, "a.md") == ("waiting", "W_BUSY")
        assert "Permission denied (EACCES)" in cause(room, "a.md")
        room.clock.advance(1)
        assert try_to_the_end(room, "a.md") == list(DELAYS[1:])
        assert outcome(room, "a.md") == ("quarantined", "E_PERM")
        assert "mode 0000" in cause(room, "a.md")
        assert f"user {os.geteuid()}" in cause(room, "a.md")
        assert (room.scan().again, room.live_titles()) == ({}, ["B"])
        (room.inbox / "a.md").chmod(0o644)
        room.scan()
    assert outcome(room, "a.md") == ("published", "")


@pytest.mark.case("1.5", "2.10")
def test_a_file_that_becomes_readable_while_it_is_tried_is_published(room: Newsroom) -> None:
    """The next trial reads it; no trace of the trouble stays."""
    room.write("a.md", GOOD)
    (room.inbox / "a.md").chmod(0o000)
    with file_modes_count():
        room.scan()
        (room.inbox / "a.md").chmod(0o644)
        room.clock.advance(1)
        assert room.read("a.md").again == {}
    assert (outcome(room, "a.md"), room.live_titles()) == (("published", ""), ["A good one"])


@pytest.mark.parametrize("number", [errno.EACCES, errno.EBUSY, errno.EIO, errno.ESTALE, errno.ETXTBSY])
@pytest.mark.case("1.5")
def test_any_failure_to_read_is_named_and_tried_again(room: Newsroom, number: int) -> None:
    """Whatever the system says, the receipt names it, and the next trial may succeed."""
    room.write("a.md", GOOD)
    with reading_fails(number):
        assert room.scan().again == {"a.md": 1}
    assert outcome(room, "a.md") == ("waiting", "W_BUSY")
    assert f"({errno.errorcode[number]})" in cause(room, "a.md")
    room.clock.advance(1)
    room.read("a.md")
    assert outcome(room, "a.md") == ("published", "")


def test_a_file_whose_folder_is_closed_is_not_taken_for_deleted(room: Newsroom) -> None:
    """An event names it, but not even its status can be read: it waits, and what it published stays."""
    room.write("sub/a.md", GOOD)
    room.write("b.md", article("B"))
    room.scan()
    with file_modes_count():
        (room.inbox / "sub").chmod(0o000)
        room.read("sub/a.md", "sub/new.md")
        assert outcome(room, "sub/a.md") == outcome(room, "sub/new.md") == ("waiting", "W_BUSY")
        room.pass_grace()
        assert len(room.live_titles()) == 2
        (room.inbox / "sub").chmod(0o755)
        room.pass_grace()
    assert (outcome(room, "sub/a.md"), room.is_known("sub/new.md")) == (("published", ""), False)


def test_scans_do_not_wear_out_patience(room: Newsroom) -> None:
    """However often somebody looks, it takes two minutes until a file counts as broken; each look costs no word."""
    room.write("a.md", GOOD)
    with reading_fails(errno.EIO):
        assert len(room.scan().files) == 1
        for _ in range(50):
            report = room.scan()
            assert (report.files, report.again) == ({}, {"a.md": 1})
    assert outcome(room, "a.md") == ("waiting", "W_BUSY")


def test_the_last_good_entry_stays_while_a_file_is_tried_and_after(room: Newsroom) -> None:
    """Readers notice nothing of an edit that cannot be read, until it can."""
    room.write("a.md", GOOD)
    room.scan()
    before, seq = room.entry("a.md"), room.seq()
    room.write("a.md", article("A better one"))
    with reading_fails(errno.EBUSY):
        room.scan()
        assert (outcome(room, "a.md"), room.live_titles()) == (("waiting", "W_BUSY"), ["A good one"])
        assert [entry.title for entry in room.receipt("a.md").entries] == ["A good one"]
        room.clock.advance(1)
        try_to_the_end(room, "a.md")
        assert (outcome(room, "a.md"), room.live_titles()) == (("quarantined", "E_PERM"), ["A good one"])
        assert room.seq() == seq
    room.scan()
    assert (room.live_titles(), room.entry("a.md").id) == (["A better one"], before.id)


def test_a_copy_does_not_take_the_place_of_a_file_that_waits(room: Newsroom) -> None:
    """The same bytes beside a published file that cannot be read for a moment are still a duplicate."""
    room.write("a.md", GOOD)
    room.scan()
    room.touch("a.md")
    with reading_fails(errno.EIO):
        room.scan()
    room.write("copy.md", GOOD)
    room.read("copy.md")
    assert (room.state("a.md"), room.state("copy.md")) == (FileState.WAITING, FileState.DUPLICATE)
    room.scan()
    assert (room.state("a.md"), room.state("copy.md")) == (FileState.PUBLISHED, FileState.DUPLICATE)
    assert room.kinds() == ["published"]


def test_a_copy_that_waits_is_a_copy_again(room: Newsroom) -> None:
    """A duplicate that could not be read for a moment is not published beside its original."""
    room.write("a.md", GOOD)
    room.scan()
    room.write("copy.md", GOOD)
    room.scan()
    room.touch("copy.md")
    with reading_fails(errno.EIO):
        room.scan()
        assert outcome(room, "copy.md") == ("waiting", "W_BUSY")
    room.scan()
    assert (room.state("copy.md"), room.live_titles()) == (FileState.DUPLICATE, ["A good one"])


def test_a_file_that_waits_and_is_deleted_is_withdrawn(room: Newsroom) -> None:
    """Waiting is no shelter from the editor's own decision."""
    for name in ("a.md", "b.md"):
        room.write(name, article(f"About {name}"))
    room.scan()
    room.touch("a.md")
    with reading_fails(errno.EIO):
        room.scan()
    room.delete("a.md")
    room.pass_grace()
    assert (room.live_titles(), room.is_known("a.md")) == (["About b.md"], False)


def test_a_restart_begins_to_try_anew(room: Newsroom) -> None:
    """What waited when the daemon ended is read by the next one."""
    room.write("a.md", GOOD)
    with reading_fails(errno.EIO):
        room.scan()
    room.restart()
    room.scan()
    assert outcome(room, "a.md") == ("published", "")


def test_checking_has_no_time_to_wait(room: Newsroom) -> None:
    """The answer to a person is what is wrong now."""
    room.write("a.md", GOOD)
    with reading_fails(errno.EACCES):
        receipt = room.check("a.md")
    assert receipt.problem is not None
    assert (receipt.state, receipt.problem.code) == (FileState.QUARANTINED, "E_PERM")


def test_delays_of_the_whole_way_are_those_of_the_plan(room: Newsroom) -> None:
    """From the first failure to the last, the trials keep the rhythm of the pure function."""
    room.write("a.md", GOOD)
    with reading_fails(errno.EIO):
        assert try_to_the_end(room, "a.md") == [retry_delay(n) for n in range(1, 8)]


# Still being written (1.4, 2.17)


@pytest.mark.case("1.4")
def test_a_file_held_open_for_hours_is_never_read_and_never_given_up(room: Newsroom) -> None:
    """Its size is told and kept up to date; once it is closed it is published whole."""
    path = room.inbox / "a.md"
    with path.open("w") as file:
        for part in ("---\ntitle: A slow one\n", "---\nThe beginning", " and the end.\n"):
            file.write(part)
            file.flush()
            assert room.scan().again == {"a.md": QUIET_S}
            assert f"({path.stat().st_size} bytes so far)" in cause(room, "a.md")
            room.clock.advance(3600)
            assert (outcome(room, "a.md"), room.live_titles()) == (("waiting", "W_WRITING"), [])
    room.scan()
    assert (outcome(room, "a.md"), room.live_titles()) == (("published", ""), ["A slow one"])


def test_a_published_file_that_is_rewritten_for_long_says_so(room: Newsroom) -> None:
    """A save takes a moment and changes no state; after more than that the editor is told what is waited for."""
    room.write("a.md", GOOD)
    room.scan()
    with (room.inbox / "a.md").open("a") as file:
        file.write("More")
        file.flush()
        room.scan()
        assert outcome(room, "a.md") == ("published", "")
        room.clock.advance(30)
        room.scan()
        assert (outcome(room, "a.md"), room.live_titles()) == (("waiting", "W_WRITING"), ["A good one"])
    room.scan()
    assert (outcome(room, "a.md"), room.entry("a.md").revision) == (("published", ""), 2)


@pytest.mark.case("1.4", "2.17")
def test_a_file_that_grows_without_being_read_is_told_of(room: Newsroom) -> None:
    """Known or new: its size is told, its entries stay, and it is published when it rests."""
    room.write("old.md", GOOD)
    room.scan()
    for size in (100, 2000):
        paths = {name: room.write(name, GOOD + "x" * size) for name in ("old.md", "new.md")}
        signatures = {name: room.ingest.signature(path) for name, path in paths.items()}
        room.ingest.note_growing({name: signature for name, signature in signatures.items() if signature})
        for name in paths:
            assert outcome(room, name) == ("waiting", "W_WRITING")
            assert f"still growing ({(room.inbox / name).stat().st_size:,} bytes" in cause(room, name)
    assert room.live_titles() == ["A good one"]
    room.write("new.md", article("Another"))
    room.scan()
    assert (room.state("old.md"), room.state("new.md")) == (FileState.PUBLISHED, FileState.PUBLISHED)


def test_a_copy_never_takes_the_place_of_an_original_that_could_not_be_read(room: Newsroom) -> None:
    """Both are given up and become readable together: the original keeps its entry and its id."""
    room.write("a.md", article("First"))
    room.write("b.md", GOOD)
    room.scan()
    room.delete("a.md")
    room.pass_grace()
    room.write("a.md", (room.inbox / "b.md").read_bytes())
    room.scan()
    before, seq = room.entry("b.md"), room.seq()
    for name in ("a.md", "b.md"):
        room.touch(name)
        (room.inbox / name).chmod(0o000)
    with file_modes_count():
        room.scan()
        for _ in range(12):
            room.clock.advance(60)
            room.scan()
        assert outcome(room, "b.md") == ("quarantined", "E_PERM")
        for name in ("a.md", "b.md"):
            (room.inbox / name).chmod(0o644)
        room.scan()
    assert (room.state("a.md"), room.source("a.md").duplicate_of) == (FileState.DUPLICATE, "b.md")
    assert (outcome(room, "b.md"), room.entry("b.md").id) == (("published", ""), before.id)
    assert room.kinds(seq) == []
