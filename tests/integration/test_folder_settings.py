"""``_inbox.toml`` in real folders: inherited, changed, broken, mended, and never a file of its own."""

from __future__ import annotations

import os
import time
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest
from newsroom import MAIN, Newsroom, article

from feedsvc.ingest import Customs, FolderBook, reselect
from feedsvc.model import EntryState, Feed, FileState

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

TWO = "Tram line 4 runs again after repairs.\n\nThe pool stays closed until June, says the town.\n"
ARABIC = "افتتاح المكتبة الجديدة\n\nفتحت البلدية أبواب المكتبة صباح اليوم أمام الزوار.\n"


@pytest.fixture
def room(tmp_path: Path) -> Iterator[Newsroom]:
    """Yield an empty newsroom."""
    newsroom = Newsroom(tmp_path)
    yield newsroom
    newsroom.store.close()


def live(room: Newsroom, path: str) -> list[str]:
    """Return the titles of the live entries of the file at *path*."""
    return [
        room.by_id(record.id).title
        for record in sorted(room.records(path), key=lambda record: record.published, reverse=True)
        if record.state is EntryState.LIVE
    ]


def test_a_folder_makes_its_files_bulletins(room: Newsroom) -> None:
    """The files need no header, those of other folders stay articles, and check says the same."""
    room.write("brief/_inbox.toml", 'profile = "bulletin"\ntags = ["brief"]\n')
    room.write("brief/monday.txt", TWO)
    room.write("other/monday.txt", TWO.replace("4", "5"))
    checked = room.check("brief/monday.txt")
    room.scan()
    assert live(room, "brief/monday.txt") == [
        "Tram line 4 runs again after repairs",
        "The pool stays closed until June, says the town",
    ]
    assert len(live(room, "other/monday.txt")) == 1
    assert [room.by_id(record.id).tags for record in room.records("brief/monday.txt")] == [("brief",)] * 2
    assert checked.entries == room.receipt("brief/monday.txt").entries


def test_the_nearest_word_counts(room: Newsroom) -> None:
    """Header before folder, folder before the one above, that before the configuration; tags add up."""
    room.examiner = replace(room.examiner, customs=Customs(authors=("Site",), tags=("site",), profile="bulletin"))
    room.restart()
    room.write("_inbox.toml", 'author = "Above"\nlanguage = "fr"\ntags = ["above"]\n')
    room.write("a/_inbox.toml", 'profile = "article"\nauthor = "Near"\ntags = ["near", "above"]\n')
    room.write("a/b/c.md", article("Here", tags="own"))
    room.write("d.txt", TWO)
    room.scan()
    entry = room.entry("a/b/c.md")
    assert (entry.authors, entry.language) == (("Near",), "fr")
    assert entry.tags == ("own", "site", "above", "near")
    assert len(live(room, "d.txt")) == 2
    room.write("a/b/c.md", article("Here", author="Me", language="de"))
    room.scan()
    assert (room.entry("a/b/c.md").authors, room.entry("a/b/c.md").language) == (("Me",), "de")


@pytest.mark.case("2.23")
def test_a_folder_names_its_encodings(room: Newsroom) -> None:
    """The very line that the receipt proposes publishes the file, without touching it."""
    path = room.write("قديم/خبر.txt", ARABIC.encode("windows-1256"))
    room.scan()
    problem = room.source(path).problem
    assert problem is not None
    line = problem.fix.partition("write ")[2].partition(" into")[0]
    room.write("قديم/_inbox.toml", line)
    room.scan()
    assert (room.state(path), room.entry(path).title) == (FileState.PUBLISHED, "افتتاح المكتبة الجديدة")


@pytest.mark.case("2.45")
def test_a_folder_orders_its_dates(room: Newsroom) -> None:
    """Two folders may read the same date differently; without a word it is refused."""
    for folder, order in (("uk", "dmy"), ("us", "mdy")):
        room.write(f"{folder}/_inbox.toml", f'date_order = "{order}"\ntimezone = "Europe/Berlin"\n')
        room.write(f"{folder}/a.md", article(f"From {folder}", date="03/02/2026 10:00"))
    room.write("a.md", article("From nowhere", date="03/02/2026 10:00"))
    room.scan()
    assert room.entry("uk/a.md").published.isoformat() == "2026-02-03T09:00:00+00:00"
    assert room.entry("us/a.md").published.isoformat() == "2026-03-02T09:00:00+00:00"
    assert room.code("a.md") == "E_DATE"
    assert "date_order" in room.receipt("a.md").problem.fix  # type: ignore[union-attr]


def test_a_change_rereads_that_folder_and_nothing_else(room: Newsroom) -> None:
    """Ids of entries that stay the same stay, the change is seen without a restart, and after one."""
    room.write("a/x.md", article("X"))
    room.write("b/y.md", article("Y"))
    room.scan()
    ids, seq = room.ids(["a/x.md", "b/y.md"]), room.seq()
    room.write("a/_inbox.toml", 'author = "The desk"')
    report = room.scan()
    assert set(report.files) == {"a/x.md"}
    assert room.entry("a/x.md").authors == ("The desk",)
    assert room.ids(["a/x.md", "b/y.md"]) == ids
    assert room.kinds(seq) == ["updated"]
    room.write("a/_inbox.toml", 'author = "Another desk"')
    room.restart()
    room.scan()
    assert room.entry("a/x.md").authors == ("Another desk",)
    room.delete("a/_inbox.toml")
    room.scan()
    assert room.entry("a/x.md").authors == ()
    assert set(room.scan().files) == set()


def test_broken_settings_change_nothing_that_is_published(room: Newsroom) -> None:
    """What is online stays as it is, new files wait with the reason, and everything is made good by itself."""
    room.write("a/_inbox.toml", 'profile = "bulletin"')
    room.write("a/old.txt", TWO)
    room.scan()
    before, seq = live(room, "a/old.txt"), room.seq()
    room.write("a/_inbox.toml", '\nprofil = "article"')
    room.write("a/new.txt", TWO.replace("4", "7"))
    checked = room.check("a/new.txt"), room.check("a/_inbox.toml")
    room.scan()
    assert (live(room, "a/old.txt"), room.seq()) == (before, seq)
    assert (room.state("a/new.txt"), room.code("a/new.txt")) == (FileState.QUARANTINED, "E_FOLDER")
    assert "a/_inbox.toml" in room.receipt("a/new.txt").problem.cause  # type: ignore[union-attr]
    assert "line 2" in room.receipt("a/new.txt").problem.cause  # type: ignore[union-attr]
    assert (room.state("a/_inbox.toml"), room.source("a/_inbox.toml").problem.line) == (FileState.QUARANTINED, 2)  # type: ignore[union-attr]
    assert [(c.state, c.problem) for c in checked] == [
        (FileState.QUARANTINED, room.receipt(path).problem) for path in ("a/new.txt", "a/_inbox.toml")
    ]
    room.write("a/_inbox.toml", 'profile = "bulletin"')
    room.scan()
    assert len(live(room, "a/new.txt")) == 2
    assert not room.is_known("a/_inbox.toml")
    assert room.check("a/_inbox.toml").problem.code == "I_FOLDER"  # type: ignore[union-attr]


@pytest.mark.parametrize("kind", ["link", "folder", "fifo", "large", "unreadable"])
def test_odd_settings_are_told_and_never_followed(room: Newsroom, kind: str, tmp_path: Path) -> None:
    """A link to a file outside is not read, a pipe blocks nobody."""
    (room.inbox / "a").mkdir()
    target = room.inbox / "a" / "_inbox.toml"
    if kind == "link":
        (tmp_path / "secret.toml").write_text('profile = "bulletin"')
        target.symlink_to(tmp_path / "secret.toml")
    elif kind == "folder":
        target.mkdir()
    elif kind == "fifo":
        os.mkfifo(target)
    elif kind == "large":
        target.write_text("#" * 70_000)
    else:
        target.write_bytes(b"\xff")
    if kind in ("large", "unreadable"):
        room.touch("a/_inbox.toml")
    room.write("a/x.txt", TWO)
    room.write("good.txt", TWO.replace("4", "8"))
    room.scan()
    assert (room.code("a/x.txt"), room.state("good.txt")) == ("E_FOLDER", FileState.PUBLISHED)


def test_settings_that_were_just_saved_are_waited_for(room: Newsroom) -> None:
    """A half-written file could divide a folder in the wrong way, so its files wait until it rests."""
    room.examiner = replace(room.examiner, folders=FolderBook(str(room.inbox), quiet_s=30))
    room.restart()
    room.write("a/_inbox.toml", 'profile = "bulletin"')
    room.write("a/x.txt", TWO)
    os.utime(room.inbox / "a" / "_inbox.toml")
    report = room.scan()
    assert room.state("a/x.txt") is FileState.WAITING
    assert report.again["a/x.txt"] > 0
    past = time.time() - 60
    os.utime(room.inbox / "a" / "_inbox.toml", (past, past))
    room.scan()
    assert len(live(room, "a/x.txt")) == 2


def test_settings_that_a_program_has_open_are_waited_for(room: Newsroom) -> None:
    """As for every other file of the inbox."""
    room.write("a/x.txt", TWO)
    with (room.inbox / "a" / "_inbox.toml").open("w") as file:
        file.write('profile = "bull')
        file.flush()
        os.utime(room.inbox / "a" / "_inbox.toml", (1, 1))
        room.scan()
        assert room.state("a/x.txt") is FileState.WAITING
        file.write('etin"')
    os.utime(room.inbox / "a" / "_inbox.toml", (2, 2))
    room.scan()
    assert len(live(room, "a/x.txt")) == 2


def test_a_folder_names_its_feed(room: Newsroom) -> None:
    """Two folders may share one; entries that are there already move, and a restart keeps it."""
    room.write("sport/a.md", article("A"))
    room.write("رياضة/b.md", article("B"))
    room.scan()
    assert room.feeds_of("sport/a.md") == ("main", "sport")
    for folder in ("sport", "رياضة"):
        room.write(f"{folder}/_inbox.toml", 'feed = "games"')
    assert room.scan().changed
    assert room.feeds_of("sport/a.md") == room.feeds_of("رياضة/b.md") == ("games", "main")
    room.write("sport/c.md", article("C"))
    room.scan()
    room.restart()
    room.write("sport/d.md", article("D"))
    room.scan()
    assert room.feeds_of("sport/c.md") == room.feeds_of("sport/d.md") == ("games", "main")
    assert reselect(room.store, room.feeds) is False
    with room.store.reading() as unit:
        assert [feed.slug for feed in unit.feeds()] == ["games", "main"]


def test_a_feed_is_named_before_its_first_entry(room: Newsroom) -> None:
    """Settings that settle between a scan and the reading of a file are in force for both: no feed is made in vain."""
    room.examiner = replace(room.examiner, folders=FolderBook(str(room.inbox), quiet_s=0.5))
    room.restart()
    room.write("موجز/_inbox.toml", 'feed = "brief"')
    room.write("موجز/a.txt", TWO)
    os.utime(room.inbox / "موجز" / "_inbox.toml")
    room.scan()
    time.sleep(0.6)
    room.read("موجز/a.txt")
    with room.store.reading() as unit:
        assert [feed.slug for feed in unit.feeds()] == ["brief", "main"]
    assert room.feeds_of("موجز/a.txt") == ("brief", "main")


def test_a_folder_joins_a_declared_feed(tmp_path: Path) -> None:
    """The feed keeps its title and its own entries; the folder gets none of its own."""
    room = Newsroom(tmp_path, feeds=(MAIN, Feed(slug="games", title="All games", tags=("game",))))
    reselect(room.store, room.feeds)
    room.write("sport/_inbox.toml", 'feed = "games"')
    room.write("sport/a.md", article("A"))
    room.write("news/b.md", article("B", tags="game"))
    checked = room.check("sport/a.md")
    room.scan()
    assert room.feeds_of("sport/a.md") == ("games", "main")
    assert room.feeds_of("news/b.md") == ("games", "main", "news")
    assert checked.state is FileState.PUBLISHED
    room.store.close()


@pytest.mark.case("1.20")
def test_dates_of_folders(room: Newsroom) -> None:
    """The date may stand in the path only; the file's own name and header go before it."""
    room.write("2025/11/24/a.md", article("A"))
    room.write("blog/2025-11-23/b.md", article("B"))
    room.write("2025/11/24/2025-01-02 c.md", article("C"))
    room.write("2025/11/24/d.md", article("D", date="2025-03-04"))
    room.write("2025/99/99/e.md", article("E"))
    room.write("2025/11/24/f.eml", "From: a@b.example\nSubject: F\n\nThe council met and voted on Monday.\n")
    room.scan()
    days = {path: room.entry(path).published.date().isoformat() for path in (
        "2025/11/24/a.md", "blog/2025-11-23/b.md", "2025/11/24/2025-01-02 c.md", "2025/11/24/d.md", "2025/11/24/f.eml",
    )}  # fmt: skip
    assert list(days.values()) == ["2025-11-24", "2025-11-23", "2025-01-02", "2025-03-04", "2025-11-24"]
    assert room.entry("2025/99/99/e.md").published == room.clock().replace(microsecond=0)
