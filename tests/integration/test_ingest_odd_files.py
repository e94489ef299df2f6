"""Files that are no articles, not yet, or not any more: each is in exactly one state and harms no other."""

from __future__ import annotations

import contextlib
import os
import socket
import stat
import tracemalloc
from typing import TYPE_CHECKING

import pytest
from fakes import file_modes_count
from newsroom import EMPTY_WAIT_S, MAX_BYTES, QUIET_S, Newsroom, article

from feedsvc.ingest import is_noise
from feedsvc.model import FileState

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

GOOD = article("A good one")


@pytest.fixture
def room(tmp_path: Path) -> Iterator[Newsroom]:
    newsroom = Newsroom(tmp_path)
    yield newsroom
    newsroom.store.close()


def outcome(room: Newsroom, path: str) -> tuple[str, str]:
    return room.state(path).value, room.code(path)


# Names


PROGRAMS_OWN = [
    ".hidden.txt",
    "_draft.txt",
    "a.txt~",
    "#a.txt#",
    ".#a.txt",
    ".a.txt.swp",
    "4913",
    ".goutputstream-X1Y2",
    "a.tmp",
    "a.txt.part",
    "a.filepart",
    "a.md.crdownload",
    ".syncthing.a.md.tmp",
    "~syncthing~a.md.tmp",
    ".~lock.a.txt#",
    "~$a.txt",
    "._a.txt",
    ".DS_Store",
    "Thumbs.db",
    "desktop.ini",
]


@pytest.mark.parametrize("name", PROGRAMS_OWN)
@pytest.mark.case("2.7")
def test_files_of_programs_are_ignored_in_silence(room: Newsroom, name: str) -> None:
    """They are not read, not stored and not worth a word; events about them neither."""
    room.write(name, GOOD)
    room.write("fine.md", article("Fine"))
    scan, paths = room.ingest.look()
    assert (paths, scan.ignored) == (["fine.md"], [name])
    room.scan()
    assert (room.live_titles(), room.is_known(name)) == (["Fine"], False)
    assert is_noise(name, 8)


def test_folders_of_programs_are_not_entered(room: Newsroom) -> None:
    """What lies below a hidden or private folder is theirs."""
    room.write(".git/a.md", GOOD)
    room.write("_private/deep/a.md", article("Private"))
    room.scan()
    assert room.live_titles() == []
    assert is_noise("_private/deep/a.md", 8)


@pytest.mark.parametrize(
    ("name", "code"),
    [
        ("a.docx", "E_TYPE"),
        ("photo.jpg", "E_TYPE"),
        ("a.rst", "E_TYPE"),
        ("server.log", "E_TYPE"),
        ("README", "E_TYPE"),
        ("archive.zip", "E_TYPE"),
        ("a (Mona's conflicted copy 2026-11-24).md", "W_CONFLICT"),
        ("a.sync-conflict-20261124-081500-ABCDEFG.md", "W_CONFLICT"),
    ],
)
def test_other_kinds_of_files_are_ignored_with_a_word(room: Newsroom, name: str, code: str) -> None:
    """The editor is told why nothing came of it, once."""
    room.write(name, GOOD)
    room.scan()
    assert outcome(room, name) == ("ignored", code)
    assert room.live_titles() == []
    assert room.ingest.look()[1] == []


def test_a_file_that_gets_a_proper_name_is_published(room: Newsroom) -> None:
    """Once it is renamed, it is a file like others, and the old name is forgotten."""
    room.write("a.docx", GOOD)
    room.write(".b.md", article("Hidden"))
    room.scan()
    room.rename("a.docx", "a.md")
    room.rename(".b.md", "b.md")
    room.scan()
    assert sorted(room.live_titles()) == ["A good one", "Hidden"]
    assert not room.is_known("a.docx")


def test_a_published_file_that_is_renamed_away_is_withdrawn(room: Newsroom) -> None:
    """Giving it a private name takes it back."""
    room.write("a.md", GOOD)
    room.write("b.md", article("B"))
    room.write("c.md", article("C"))
    room.scan()
    room.rename("a.md", "_a.md")
    room.rename("b.md", "b.bak")
    room.pass_grace()
    assert room.live_titles() == ["C"]


@pytest.mark.parametrize("name", ["A.TXT", "b.Md", "c.markdown", "d.Markdown", "e.txt"])
def test_endings_are_read_in_any_case(room: Newsroom, name: str) -> None:
    """Capitals do not matter."""
    room.write(name, GOOD)
    room.scan()
    assert room.state(name) is FileState.PUBLISHED


ODD_NAMES = [
    b"caf\xe9.md",
    b"\xff\xfe.txt",
    b"a\nb.md",
    b"\x1b[31mred.md",
    b"n" * 252 + b".md",
    b"  spaced  .md",
]


@pytest.mark.parametrize("name", ODD_NAMES)
@pytest.mark.case("1.24", "2.51")
def test_any_name_can_be_published_renamed_and_deleted(room: Newsroom, name: bytes) -> None:
    """Bytes that are not UTF-8, controls and the longest names are names like others."""
    path = os.fsdecode(name)
    room.write(path, GOOD)
    room.write("other.md", article("Other"))
    room.scan()
    entry = room.entry(path)
    assert (entry.title, entry.slug) == ("A good one", "a-good-one")
    room.rename(path, "plain.md")
    room.scan()
    assert room.entry("plain.md").id == entry.id
    room.rename("plain.md", path)
    room.scan()
    assert room.entry(path).id == entry.id
    room.delete(path)
    room.pass_grace()
    assert room.live_titles() == ["Other"]


def test_a_folder_with_an_odd_name_gets_a_feed(room: Newsroom) -> None:
    """Also where no letter of its name can be read."""
    for number, folder in enumerate((b"\xff\xfe", "أخبار".encode(), b"!!!", b"[a]*?", "🎉".encode())):
        room.write(f"{os.fsdecode(folder)}/a.md", article(f"Number {number}"))
    room.scan()
    with room.store.reading() as unit:
        feeds = [feed for feed in unit.feeds() if feed.folder is not None]
        assert len({feed.slug for feed in feeds}) == len(feeds) == 5
        for feed in feeds:
            assert [entry.folder for entry in unit.window(feed.slug, 9)] == [feed.folder]


# Kinds


@pytest.mark.case("2.12", "2.13")
def test_links_are_quarantined_and_never_followed(room: Newsroom) -> None:
    """To a file outside, inside, to themselves, to nothing, to a folder: their content is never read."""
    secret = room.folder / "secret"
    secret.mkdir()
    (secret / "secret.md").write_text(article("Secret"))
    room.write("real.md", GOOD)
    links = {"out.md": secret / "secret.md", "in.md": "real.md", "self.md": "self.md", "no.md": "nothing"}
    for name, target in {**links, "folder": secret, "folder.md": secret}.items():
        (room.inbox / name).symlink_to(target)
    room.scan()
    for name in (*links, "folder", "folder.md"):
        assert outcome(room, name) == ("quarantined", "E_LINK")
    assert room.live_titles() == ["A good one"]
    assert room.ingest.look()[1] == []


@pytest.mark.case("2.12", "2.13")
def test_a_hint_at_a_link_does_not_read_it(room: Newsroom) -> None:
    """Events may name a path behind a link: it is refused there too."""
    secret = room.folder / "secret"
    secret.mkdir()
    (secret / "a.md").write_text(article("Secret"))
    (room.inbox / "folder").symlink_to(secret)
    (room.inbox / "link.md").symlink_to(secret / "a.md")
    room.read("folder/a.md", "link.md", "../secret/a.md")
    assert room.live_titles() == []
    assert outcome(room, "link.md") == ("quarantined", "E_LINK")


@pytest.mark.case("2.11")
def test_pipes_sockets_devices_and_folders_with_the_name_of_a_text_are_no_texts(room: Newsroom) -> None:
    """Nothing blocks on them, by scan, by event and by check; texts inside such a folder are texts (2.11)."""
    os.mkfifo(room.inbox / "pipe.txt")
    names = ["pipe.txt", "socket.txt"]
    with contextlib.suppress(PermissionError):
        os.mknod(room.inbox / "zero.txt", 0o644 | stat.S_IFCHR, os.makedev(1, 5))
        names.append("zero.txt")
    with socket.socket(socket.AF_UNIX) as listener:
        listener.bind(str(room.inbox / "socket.txt"))
    room.write("folder.md/a.md", GOOD)
    room.scan()
    room.read(*names, "folder.md")
    for name in names:
        assert outcome(room, name) == ("ignored", "E_TYPE")
        assert room.check(name).problem == room.source(name).problem
    assert room.live_titles() == ["A good one"]


def test_a_file_that_vanishes_before_it_is_read_is_just_forgotten(room: Newsroom) -> None:
    """No state, no problem, no trace (2.9)."""
    report = room.read("was-never-here.md")
    assert (report.files, report.again, room.is_known("was-never-here.md")) == ({}, {}, False)


@pytest.mark.case("2.14")
def test_a_hard_link_takes_over_from_its_original(room: Newsroom) -> None:
    """A duplicate while both are there, found by event; then the entry goes on under its name with its id (2.14)."""
    room.write("a.md", GOOD)
    room.scan()
    before = room.entry("a.md")
    os.link(room.inbox / "a.md", room.inbox / "link.md")
    room.read("link.md")
    assert (room.state("link.md"), room.source("link.md").duplicate_of) == (FileState.DUPLICATE, "a.md")
    room.delete("a.md")
    room.pass_grace()
    assert (outcome(room, "link.md"), room.entry("link.md").id) == (("published", ""), before.id)


def test_a_folder_that_may_not_be_listed_is_told_of(room: Newsroom) -> None:
    """What lies in it stays published; once it is readable again its files are read, and the word about it goes."""
    room.write("closed/a.md", GOOD)
    room.write("b.md", article("B"))
    room.scan()
    with file_modes_count():
        (room.inbox / "closed").chmod(0o000)
        room.pass_grace()
        assert outcome(room, "closed") == ("quarantined", "E_PERM")
        problem = room.source("closed").problem
        assert problem is not None
        assert "mode 0000" in problem.cause
        assert (outcome(room, "closed/a.md"), len(room.live_titles())) == (("published", ""), 2)
        (room.inbox / "closed").chmod(0o755)
        room.write("closed/a.md", article("A better one"))
        report = room.pass_grace()
    assert (room.is_known("closed"), report.held) == (False, frozenset())
    assert sorted(room.live_titles()) == ["A better one", "B"]


def test_a_link_that_becomes_a_file_is_published(room: Newsroom) -> None:
    """The editor followed the advice."""
    room.write("real.md", article("Real"))
    (room.inbox / "a.md").symlink_to("real.md")
    room.scan()
    room.delete("a.md")
    room.write("a.md", GOOD)
    room.scan()
    assert outcome(room, "a.md") == ("published", "")


# Size and depth


@pytest.mark.case("2.15")
def test_a_file_that_is_too_large_is_not_read(room: Newsroom) -> None:
    """One byte too many is too many, a sparse giant costs nothing; cut to size it is published."""
    text = article("Large")
    room.write("fits.md", text + "x" * (MAX_BYTES - len(text)))
    room.write("large.md", text + "y" * (MAX_BYTES - len(text) + 1))
    with (room.inbox / "giant.md").open("wb") as file:
        file.truncate(10 * 1024**3)
    room.scan()
    assert outcome(room, "fits.md") == ("published", "")
    assert outcome(room, "large.md") == outcome(room, "giant.md") == ("quarantined", "E_SIZE")
    room.write("large.md", article("Large no more"))
    room.scan()
    assert outcome(room, "large.md") == ("published", "")


@pytest.mark.parametrize("size", [200 * 1024**2, 10 * 1024**3])
@pytest.mark.case("2.15")
def test_the_size_of_a_giant_does_not_show_in_memory(room: Newsroom, size: int) -> None:
    """It is refused by its status alone, by scan and by check, whatever it holds (2.15)."""
    with (room.inbox / "giant.txt").open("wb") as file:
        file.truncate(size)
    tracemalloc.start()
    try:
        room.scan()
        receipt = room.check("giant.txt")
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert outcome(room, "giant.txt") == ("quarantined", "E_SIZE")
    assert receipt.problem is not None
    assert f"{size:,} bytes" in receipt.problem.cause
    assert peak < 5_000_000


def test_an_edit_that_is_too_large_keeps_the_last_good_version(room: Newsroom) -> None:
    """And too large files that are equal in size are not taken for copies of each other."""
    room.write("a.md", GOOD)
    room.write("b.md", article("B"))
    room.scan()
    for path in ("a.md", "b.md"):
        room.write(path, "x" * (MAX_BYTES + 1))
    room.scan()
    assert outcome(room, "a.md") == outcome(room, "b.md") == ("quarantined", "E_SIZE")
    assert sorted(room.live_titles()) == ["A good one", "B"]


@pytest.mark.case("2.13")
def test_folders_are_entered_down_to_the_limit(tmp_path: Path) -> None:
    """So many folders below the inbox and no more; the first that is not entered is told of, by check as well."""
    room = Newsroom(tmp_path, max_depth=2)
    for path in ("a.md", "1/b.md", "1/2/c.md", "1/2/3/d.md", "1/2/3/4/e.md"):
        room.write(path, article(f"About {path}"))
    room.scan()
    assert sorted(room.live_titles()) == ["About 1/2/c.md", "About 1/b.md", "About a.md"]
    assert outcome(room, "1/2/3") == ("ignored", "E_DEPTH")
    assert not room.is_known("1/2/3/4")
    for path in ("1/2/3/d.md", "1/2/3/4/e.md"):
        assert is_noise(path, 2), "an event must not bring in what no scan can see"
        receipt = room.check(path)
        assert receipt.problem is not None
        assert (receipt.state, receipt.problem.code) == (FileState.IGNORED, "E_DEPTH")
    room.rename("1/2/3", "3")
    room.scan()
    assert len(room.live_titles()) == 5
    assert not room.is_known("1/2/3")
    room.store.close()


# Not yet


@pytest.mark.parametrize("text", ["", " \n\t\n", "\ufeff", "\ufeff\r\n"])
@pytest.mark.case("2.1")
def test_an_empty_file_may_be_a_placeholder(room: Newsroom, text: str) -> None:
    """It waits for a minute, then it is quarantined; filled in between, it is published as if nothing was."""
    room.write("late.md", text)
    room.write("soon.md", text + " ")
    report = room.scan()
    assert (room.state("late.md"), report.again["late.md"]) == (FileState.WAITING, EMPTY_WAIT_S)
    room.clock.advance(EMPTY_WAIT_S - 1)
    room.write("soon.md", GOOD)
    report = room.scan()
    assert (room.state("late.md"), report.again) == (FileState.WAITING, {"late.md": 1.0})
    assert outcome(room, "soon.md") == ("published", "")
    room.clock.advance(1)
    room.scan()
    assert outcome(room, "late.md") == ("quarantined", "E_EMPTY")
    room.write("late.md", article("Better late"))
    room.scan()
    assert outcome(room, "late.md") == ("published", "")


def test_a_published_file_that_is_emptied_stays_published(room: Newsroom) -> None:
    """Editors empty a file before they write it: readers see the old text until there is a new one."""
    room.write("a.md", GOOD)
    room.scan()
    room.clock.advance(3600)
    room.write("a.md", "")
    room.scan()
    assert room.live_titles() == ["A good one"]
    room.write("a.md", article("A better one"))
    room.scan()
    assert (room.live_titles(), room.entry("a.md").revision) == (["A better one"], 2)


@pytest.mark.case("1.3", "1.4", "2.17")
def test_a_file_that_is_open_for_writing_waits(room: Newsroom) -> None:
    """It is never read half, is asked for again after the quiet time, and is read once it is closed."""
    path = room.inbox / "a.md"
    with path.open("w") as file:
        file.write(GOOD[:40])
        file.flush()
        report = room.scan()
        assert (outcome(room, "a.md"), report.again) == (("waiting", "W_WRITING"), {"a.md": QUIET_S})
        room.clock.advance(3600)
        assert room.scan().again == {"a.md": QUIET_S}
        file.write(GOOD[40:])
    room.scan()
    assert (outcome(room, "a.md"), room.live_titles()) == (("published", ""), ["A good one"])


@pytest.mark.case("1.3", "2.18")
def test_a_published_file_that_is_being_rewritten_stays_as_it_is(room: Newsroom) -> None:
    """Until the writer is done readers see the old text and ``status`` the old state."""
    room.write("a.md", GOOD)
    room.scan()
    with (room.inbox / "a.md").open("w") as file:
        file.write("half a sent")
        file.flush()
        assert room.scan().again == {"a.md": QUIET_S}
        assert (outcome(room, "a.md"), room.live_titles()) == (("published", ""), ["A good one"])
        file.write("ence and more.\n\nText.")
    room.touch("a.md")
    room.scan()
    assert room.live_titles() == ["half a sentence and more"]


# Together


def test_a_batch_of_all_kinds(room: Newsroom) -> None:
    """Everything at once: each file has its one state, and the states add up to what lies there."""
    room.write("original.md", GOOD)
    room.scan()
    room.write("copy.md", GOOD)
    room.write("new.md", article("New"))
    room.write("draft.md", article("Draft", draft="yes"))
    room.write("later.md", article("Later", date="2027-01-01"))
    room.write("over.md", article("Over", expires="2026-01-01"))
    room.write("broken.md", "---\ntitle: [\n---\n")
    room.write("binary.txt", b"\0\1\2" * 99)
    room.write("empty.md", "")
    room.write("large.md", "x" * (MAX_BYTES + 1))
    room.write("photo.jpg", b"\xff\xd8")
    room.write("~$x.md", "lock")
    (room.inbox / "link.md").symlink_to("new.md")
    with (room.inbox / "open.md").open("w") as file:
        file.write("half")
        file.flush()
        room.scan()
        states = {name: room.state(name).value for name in os.listdir(room.inbox) if room.is_known(name)}
    assert states == {
        "original.md": "published",
        "new.md": "published",
        "copy.md": "duplicate",
        "draft.md": "draft",
        "later.md": "scheduled",
        "over.md": "ignored",
        "broken.md": "quarantined",
        "binary.txt": "quarantined",
        "empty.md": "waiting",
        "large.md": "quarantined",
        "photo.jpg": "ignored",
        "link.md": "quarantined",
        "open.md": "waiting",
    }
    with room.store.reading() as unit:
        assert sum(unit.file_counts().values()) == len(states)
    assert sorted(room.live_titles()) == ["A good one", "New"]


def test_a_thousand_files_and_more_are_read_in_one_go(room: Newsroom) -> None:
    """More than one transaction takes: all are there, each once, and progress adds up."""
    count = 2300
    for number in range(count):
        (room.inbox / f"{number:04}.md").write_text(article(f"Number {number}"))
    room.write("copy.md", (room.inbox / "0000.md").read_bytes())
    told: list[int] = []
    _, paths = room.ingest.look()
    report = room.ingest.process(paths, on_batch=told.append)
    assert (sum(told), len(told) > 1, len(report.files)) == (count + 1, True, count + 1)
    with room.store.reading() as unit:
        assert len(unit.live_ids()) == count
        assert unit.file_counts() == {FileState.PUBLISHED: count, FileState.DUPLICATE: 1}


def test_files_in_the_inbox_are_never_changed(room: Newsroom) -> None:
    """Whatever becomes of them, bytes, times and modes stay."""
    names = ["a.md", "b.md", "c.txt", "d.pdf"]
    for name, text in zip(names, (GOOD, "---\n[", b"\xff\xff", "x"), strict=True):
        room.write(name, text)
    before = [(room.inbox / name).stat() for name in names]
    for _ in range(2):
        room.upgrade()
        room.scan()
    after = [(room.inbox / name).stat() for name in names]
    assert [(s.st_mtime_ns, s.st_ctime_ns, s.st_size) for s in before] == [
        (s.st_mtime_ns, s.st_ctime_ns, s.st_size) for s in after
    ]
    assert sorted(os.listdir(room.inbox)) == names
