"""Writes that leave size and modification time as they were are found by reading everything again."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

import pytest
from fakes import reading_fails
from newsroom import Newsroom, article

from feedsvc.model import FileState

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path


@pytest.fixture
def room(tmp_path: Path) -> Iterator[Newsroom]:
    newsroom = Newsroom(tmp_path)
    yield newsroom
    newsroom.store.close()


def write_unseen(room: Newsroom, path: str, text: str) -> None:
    """Change the bytes of a file so that a scan cannot see it."""
    target = room.inbox / path
    before = target.stat()
    assert len(text.encode()) == before.st_size
    target.write_bytes(text.encode())
    os.utime(target, ns=(before.st_atime_ns, before.st_mtime_ns))


def rehash(room: Newsroom) -> list[str]:
    """Let the service read all files again, and take in what it finds."""
    work = room.ingest.rehash()
    found: list[str] = []
    while work.next_due() is not None:
        found += work.next_changed()
    room.read(*found)
    return found


@pytest.mark.case("1.1")
def test_a_write_that_leaves_no_trace_is_found(room: Newsroom) -> None:
    """The scan sees nothing; reading again finds it, and the entry keeps its id."""
    for name in ("a.md", "b.md"):
        room.write(name, article(f"Title 1 of {name}"))
    room.scan()
    before = room.ids(["a.md", "b.md"])
    write_unseen(room, "a.md", article("Title 2 of a.md"))
    assert not room.scan().files
    assert rehash(room) == ["a.md"]
    assert sorted(room.live_titles()) == ["Title 1 of b.md", "Title 2 of a.md"]
    assert room.ids(["a.md", "b.md"]) == before


def test_a_broken_file_that_was_mended_without_a_trace_is_published(room: Newsroom) -> None:
    """Quarantined files and copies are read again as well."""
    room.write("a.md", "---\ntitle: [one\n---\nText.\n")
    room.write("b.md", article("Same"))
    room.write("c.md", article("Same"))
    room.scan()
    assert (room.state("a.md"), room.state("c.md")) == (FileState.QUARANTINED, FileState.DUPLICATE)
    write_unseen(room, "a.md", "---\ntitle: one!\n---\nText.\n")
    write_unseen(room, "c.md", article("Else"))
    assert sorted(rehash(room)) == ["a.md", "c.md"]
    assert sorted(room.live_titles()) == ["Else", "Same", "one!"]


def test_nothing_is_written_if_nothing_changed(room: Newsroom) -> None:
    """No row, no revision, no change; neither of a text that names a picture."""
    for number in range(5):
        room.write(f"{number}.md", article(f"Number {number}"))
    room.write("picture.png", b"\x89PNG\r\n\x1a\n" + bytes(40))
    room.write("shown.md", article("Shown", image="picture.png"))
    room.scan()
    with room.store.reading() as unit:
        before = (list(unit.sources()), unit.last_seq())
    assert rehash(room) == []
    with room.store.reading() as unit:
        assert (list(unit.sources()), unit.last_seq()) == before


def test_what_cannot_be_read_now_is_left_to_others(room: Newsroom) -> None:
    """Gone, failing, open for writing, grown too large or turned into a link: no scare, no second opinion."""
    names = ["gone.md", "open.md", "large.md", "link.md", "fine.md"]
    for name in names:
        room.write(name, article(f"About {name}"))
    room.scan()
    work = room.ingest.rehash()
    with reading_fails(5):
        assert room.ingest.rehash().next_changed() == []
    room.delete("gone.md", "link.md")
    (room.inbox / "link.md").symlink_to("fine.md")
    with (room.inbox / "large.md").open("a") as file:
        file.truncate(10 * 1024**3)
    with (room.inbox / "open.md").open("a") as file:
        file.write("more")
        file.flush()
        while work.next_due() is not None:
            assert work.next_changed() == []


def test_work_is_done_in_pieces_with_rests_between(room: Newsroom) -> None:
    """Other work gets its turn after a moment, however many files there are, and the disk gets a rest."""
    for number in range(20):
        room.write(f"{number}.md", article(f"Number {number}"))
    room.scan()
    real = room.clock.monotonic

    def slow() -> float:
        room.clock.advance(0.01)
        return real()

    room.ingest._monotonic = slow
    work = room.ingest.rehash()
    pieces = 0
    while (due := work.next_due()) is not None:
        room.clock.advance(max(0.0, due - real()))
        start = real()
        work.next_changed()
        spent = real() - start
        assert spent < 0.1
        following = work.next_due()
        assert following is None or following - real() > 2 * spent
        pieces += 1
    assert pieces > 3
