"""Links: what leads out of the inbox is never read, what leads to a file inside only if that is wanted."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

import pytest
from newsroom import MAX_BYTES, Newsroom, article

from feedsvc.files import link_status, open_beneath
from feedsvc.model import FileState

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

SECRET = article("Secret")


@pytest.fixture
def room(tmp_path: Path) -> Iterator[Newsroom]:
    """A newsroom that follows links inside its inbox, beside a folder of secrets."""
    newsroom = Newsroom(tmp_path, follow_links=True)
    (tmp_path / "outside").mkdir()
    (tmp_path / "outside" / "secret.md").write_text(SECRET)
    yield newsroom
    newsroom.store.close()


def link(room: Newsroom, name: str, target: str) -> str:
    (room.inbox / name).symlink_to(target)
    return name


def outcome(room: Newsroom, path: str) -> tuple[str, str]:
    return room.state(path).value, room.code(path)


@pytest.mark.case("2.12")
def test_a_link_to_a_file_inside_is_read(room: Newsroom) -> None:
    """Relative, absolute, through another link, or to a file that is not published itself."""
    for name in ("one", "two", "three"):
        room.write(f"_drawer/{name}.md", article(f"Number {name}"))
    link(room, "relative.md", "_drawer/one.md")
    link(room, "absolute.md", str(room.inbox / "_drawer" / "two.md"))
    link(room, "_hop", "_drawer/three.md")
    link(room, "indirect.md", "_hop")
    room.scan()
    assert sorted(room.live_titles()) == ["Number one", "Number three", "Number two"]
    assert room.check("relative.md") == room.receipt("relative.md")
    assert room.ingest.look()[1] == []


def test_an_edit_behind_a_link_is_noticed(room: Newsroom) -> None:
    """The link itself does not change; its entry keeps its id."""
    room.write("_drawer/a.md", article("Before"))
    link(room, "a.md", "_drawer/a.md")
    room.scan()
    before = room.entry("a.md")
    room.write("_drawer/a.md", article("After"))
    room.scan()
    assert (room.live_titles(), room.entry("a.md").id) == (["After"], before.id)


def test_a_link_to_a_published_file_is_a_duplicate(room: Newsroom) -> None:
    """One text, one entry."""
    room.write("z.md", article("Real"))
    room.scan()
    link(room, "a.md", "z.md")
    room.scan()
    assert (room.state("a.md"), room.live_titles()) == (FileState.DUPLICATE, ["Real"])


HOSTILE = {
    "out.md": "../outside/secret.md",
    "up.md": "folder/../../outside/secret.md",
    "system.md": "/etc/passwd",
    "folder.md": "folder",
    "self.md": "self.md",
    "nowhere.md": "nothing.md",
    "memory.md": "/proc/self/environ",
    "terminal.md": "/dev/tty",
    "stranger.md": "/proc/self/fd/0",
    "hop.md": "_outside",
}


@pytest.mark.case("2.12")
def test_a_link_anywhere_else_is_refused_by_scan_event_and_check(room: Newsroom) -> None:
    """Out of the inbox by any way, to a folder, a device, itself or nothing: refused, never read."""
    (room.inbox / "folder").mkdir()
    link(room, "_outside", "../outside/secret.md")
    for name, target in HOSTILE.items():
        link(room, name, target)
    os.mkfifo(room.inbox / "_pipe")
    link(room, "pipe.md", "_pipe")
    room.scan()
    room.read(*HOSTILE, "pipe.md")
    for name in (*HOSTILE, "pipe.md"):
        assert outcome(room, name) == ("quarantined", "E_LINK"), name
        receipt = room.check(name)
        assert receipt.problem is not None
        assert (receipt.problem.code, receipt.entries) == ("E_LINK", ())
    assert room.live_titles() == []


@pytest.mark.case("2.13")
def test_a_link_to_a_folder_is_not_entered(room: Newsroom) -> None:
    """Neither outside nor inside the inbox, so nothing goes round in circles."""
    room.write("real/a.md", article("Real"))
    link(room, "outside", "../outside")
    link(room, "again", "real")
    link(room, "circle", ".")
    room.scan()
    room.read("outside/secret.md", "again/a.md", "circle/real/a.md")
    for name in ("outside", "again", "circle"):
        assert outcome(room, name) == ("quarantined", "E_LINK")
    assert room.live_titles() == ["Real"]


def test_a_link_that_is_turned_away_keeps_the_last_good_entry(room: Newsroom) -> None:
    """What lies outside is not published in the place of what was there."""
    room.write("_drawer/a.md", article("Good"))
    link(room, "a.md", "_drawer/a.md")
    room.scan()
    room.delete("a.md")
    link(room, "a.md", "../outside/secret.md")
    room.scan()
    assert (outcome(room, "a.md"), room.live_titles()) == (("quarantined", "E_LINK"), ["Good"])


def test_size_and_rest_are_those_of_the_file_behind(room: Newsroom) -> None:
    """A link is no way round the limits."""
    room.write("_drawer/large.md", "x" * (MAX_BYTES + 1))
    link(room, "large.md", "_drawer/large.md")
    with (room.inbox / "_drawer" / "open.md").open("w") as file:
        file.write("Half")
        file.flush()
        link(room, "open.md", "_drawer/open.md")
        room.scan()
        assert outcome(room, "large.md") == ("quarantined", "E_SIZE")
        assert outcome(room, "open.md") == ("waiting", "W_WRITING")


def test_following_can_be_switched_off_again(room: Newsroom, tmp_path: Path) -> None:
    """By default a link is a link, wherever it leads."""
    plain = Newsroom(tmp_path / "plain")
    plain.write("_drawer/a.md", article("Inside"))
    link(plain, "a.md", "_drawer/a.md")
    plain.scan()
    assert (outcome(plain, "a.md"), plain.live_titles()) == (("quarantined", "E_LINK"), [])
    plain.store.close()


def test_a_target_that_is_exchanged_is_not_read_in_its_stead(tmp_path: Path) -> None:
    """What was looked at is what is read: the handle stands for the file, not for its name."""
    inbox = tmp_path / "inbox"
    inbox.mkdir()
    (inbox / "real.md").write_text("inside")
    (tmp_path / "secret.md").write_text("outside")
    (inbox / "a.md").symlink_to("real.md")
    with open_beneath(str(inbox), "a.md", follow_links=True) as handle:
        (inbox / "real.md").unlink()
        (inbox / "real.md").symlink_to(tmp_path / "secret.md")
        assert os.read(handle, 99) == b"inside"
    with pytest.raises(OSError, match="does not lead"), open_beneath(str(inbox), "a.md", follow_links=True):
        pass


def test_a_sibling_whose_name_begins_like_the_inbox_is_outside(tmp_path: Path) -> None:
    """``inbox-private`` is not in ``inbox``."""
    for name in ("inbox", "inbox-private"):
        (tmp_path / name).mkdir()
    (tmp_path / "inbox-private" / "a.md").write_text("private")
    (tmp_path / "inbox" / "a.md").symlink_to("../inbox-private/a.md")
    with pytest.raises(OSError, match="does not lead"):
        link_status(str(tmp_path / "inbox"), "a.md")


def test_an_inbox_that_is_itself_behind_a_link_is_inside(tmp_path: Path) -> None:
    """The operator may put the inbox elsewhere; its links are judged by where it really is."""
    (tmp_path / "real").mkdir()
    (tmp_path / "inbox").symlink_to("real")
    (tmp_path / "real" / "b.md").write_text("text")
    (tmp_path / "real" / "a.md").symlink_to("b.md")
    assert link_status(str(tmp_path / "inbox"), "a.md").st_size == 4
