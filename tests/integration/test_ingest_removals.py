"""Files that go away: when their entries follow, and when the service does not believe its eyes."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

import needs
import pytest
from fakes import file_modes_count
from newsroom import GRACE_S, Newsroom, article

from feedsvc.errors import InboxUnavailableError
from feedsvc.ingest import Report, confirm_removals, held_removals
from feedsvc.model import EntryState, FileState

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path


@pytest.fixture
def room(tmp_path: Path) -> Iterator[Newsroom]:
    newsroom = Newsroom(tmp_path)
    yield newsroom
    newsroom.store.close()


def fill(room: Newsroom, count: int, folder: str = "") -> list[str]:
    paths = [f"{folder}{n:02}.md" for n in range(count)]
    for path in paths:
        room.write(path, article(f"About {path}"))
    room.scan()
    return paths


def confirm(room: Newsroom) -> set[str]:
    with room.store.writing() as unit:
        return set(confirm_removals(unit))


def held(room: Newsroom) -> set[str]:
    with room.store.reading() as unit:
        return set(held_removals(unit))


# Grace


@pytest.mark.case("1.11")
def test_a_deleted_file_is_withdrawn_after_the_grace_and_not_before(room: Newsroom) -> None:
    """For a minute nothing happens; then the entry leaves its feeds and the file is forgotten."""
    fill(room, 2)
    entry = room.entry("00.md")
    room.delete("00.md")
    room.scan()
    assert room.ingest.next_removal() == room.clock.seconds + GRACE_S
    room.clock.advance(GRACE_S - 1)
    assert room.scan().gone == ()
    assert sorted(room.live_titles()) == ["About 00.md", "About 01.md"]
    room.clock.advance(1)
    report = room.scan()
    assert (report.gone, report.changed) == (("00.md",), True)
    assert (room.live_titles(), room.is_known("00.md")) == (["About 01.md"], False)
    assert room.by_id(entry.id).state is EntryState.WITHDRAWN
    assert room.kinds()[-1] == "withdrawn"
    assert room.ingest.next_removal() is None


def test_a_missing_file_is_told_as_missing(room: Newsroom) -> None:
    """While it is missed, the counts are those of the folder."""
    fill(room, 2)
    room.delete("00.md")
    room.scan()
    assert room.source("00.md").missing_since == room.clock.now
    with room.store.reading() as unit:
        assert unit.file_counts() == {FileState.PUBLISHED: 1}


@pytest.mark.case("1.11")
def test_a_file_that_returns_within_the_grace_was_never_gone(room: Newsroom) -> None:
    """Editors delete and write again: same entry, no withdrawal, and a later deletion has a grace of its own."""
    fill(room, 1)
    before, text = room.entry("00.md"), (room.inbox / "00.md").read_bytes()
    room.delete("00.md")
    room.scan()
    room.clock.advance(GRACE_S - 1)
    room.write("00.md", text)
    room.scan()
    room.clock.advance(GRACE_S)
    room.scan()
    assert (room.entry("00.md"), room.kinds()) == (before, ["published"])
    assert room.source("00.md").missing_since is None
    room.delete("00.md")
    room.scan()
    room.clock.advance(GRACE_S - 1)
    assert room.scan().gone == ()


def test_a_file_that_returns_with_another_text_within_the_grace_is_edited(room: Newsroom) -> None:
    """Same id, next revision."""
    fill(room, 1)
    before = room.entry("00.md")
    room.delete("00.md")
    room.scan()
    room.clock.advance(5)
    room.write("00.md", article("About 00.md", "Saved anew."))
    room.scan()
    assert (room.entry("00.md").id, room.entry("00.md").revision) == (before.id, 2)
    assert "withdrawn" not in room.kinds()


def test_a_file_that_returns_after_the_grace_has_its_old_entry(room: Newsroom) -> None:
    """Same id, address and publication time, so that readers do not see it as new."""
    fill(room, 1)
    before, text = room.entry("00.md"), (room.inbox / "00.md").read_bytes()
    room.delete("00.md")
    room.pass_grace()
    room.clock.advance(86_400)
    room.write("00.md", text)
    room.scan()
    after = room.entry("00.md")
    assert (after.id, after.slug, after.published, after.revision) == (before.id, before.slug, before.published, 1)
    assert room.kinds() == ["published", "withdrawn", "published"]


def test_the_grace_starts_anew_with_the_process(room: Newsroom) -> None:
    """A restart never shortens the grace: only time that somebody watched counts."""
    fill(room, 1)
    room.delete("00.md")
    room.scan()
    room.clock.advance(3600)
    room.restart()
    assert room.scan().gone == ()
    assert room.live_titles() == ["About 00.md"]
    room.clock.advance(GRACE_S)
    assert room.scan().gone == ("00.md",)


@pytest.mark.case("2.54")
def test_a_wall_clock_that_jumps_withdraws_nothing(room: Newsroom) -> None:
    """The grace is measured on a clock that nobody sets."""
    fill(room, 1)
    room.delete("00.md")
    room.scan()
    seconds = room.clock.seconds
    room.clock.advance(86_400)
    room.clock.seconds = seconds + 1
    assert room.scan().gone == ()
    room.clock.advance(-172_800)
    room.clock.seconds = seconds + GRACE_S
    assert room.scan().gone == ("00.md",)


@pytest.mark.case("1.7", "2.9")
def test_a_path_that_vanishes_between_event_and_reading_is_missed(room: Newsroom) -> None:
    """No error: a known file starts its grace, an unknown one leaves no trace."""
    fill(room, 2)
    room.delete("00.md")
    report = room.read("00.md", "never-there.md")
    assert (report.files, room.is_known("never-there.md")) == ({}, False)
    assert room.ingest.next_removal() == room.clock.seconds + GRACE_S
    room.clock.advance(GRACE_S)
    assert room.scan().gone == ("00.md",)


# Too many at once


@pytest.mark.parametrize(("files", "gone"), [(10, 5), (40, 8)])
def test_up_to_a_limit_files_may_go_at_once(room: Newsroom, files: int, gone: int) -> None:
    """Five files, or a fifth of all, are an editor's day."""
    paths = fill(room, files)
    room.delete(*paths[:gone])
    report = room.pass_grace()
    assert (len(report.gone), report.held) == (gone, frozenset())
    assert len(room.live_titles()) == files - gone


@pytest.mark.parametrize(("files", "gone"), [(10, 6), (40, 9)])
@pytest.mark.case("1.10")
def test_more_than_that_are_held(room: Newsroom, files: int, gone: int) -> None:
    """Nothing is withdrawn, in this look and in all later ones; the names are told, also after a restart."""
    paths = fill(room, files)
    room.delete(*paths[:gone])
    report = room.pass_grace()
    assert (report.gone, report.held) == ((), frozenset(paths[:gone]))
    assert held(room) == set(paths[:gone])
    room.clock.advance(86_400)
    room.restart()
    room.pass_grace()
    assert len(room.live_titles()) == files
    assert held(room) == set(paths[:gone])


@pytest.mark.case("1.10")
def test_confirmed_removals_are_carried_out(room: Newsroom) -> None:
    """The operator says that they are really gone: the next look withdraws them, and nothing is held any more."""
    paths = fill(room, 10)
    room.delete(*paths[:6])
    room.pass_grace()
    assert confirm(room) == set(paths[:6])
    report = room.scan()
    assert (report.gone, report.held) == (tuple(paths[:6]), frozenset())
    assert (len(room.live_titles()), held(room)) == (4, set())
    room.scan()
    assert confirm(room) == set()


def test_a_confirmation_outlives_a_restart_but_not_its_files(room: Newsroom) -> None:
    """It is kept until it was carried out, and covers exactly the files that were held."""
    paths = fill(room, 30)
    room.delete(*paths[:12])
    room.pass_grace()
    confirm(room)
    room.delete(*paths[12:24])
    room.restart()
    room.scan()
    assert len(room.live_titles()) == 18
    room.pass_grace()
    assert (len(room.live_titles()), held(room)) == (18, set(paths[12:24]))


def test_held_files_that_return_are_not_held(room: Newsroom) -> None:
    """The share is mounted again: everything is as it was, and nothing was ever withdrawn."""
    paths = fill(room, 10)
    texts = {path: (room.inbox / path).read_bytes() for path in paths[:6]}
    room.delete(*texts)
    room.pass_grace()
    for path, text in texts.items():
        room.write(path, text)
    report = room.scan()
    assert (report.held, held(room), report.changed) == (frozenset(), set(), False)
    assert (len(room.live_titles()), room.kinds()) == (10, ["published"] * 10)


def test_some_returning_gives_the_rest_another_grace(room: Newsroom) -> None:
    """Files that are put back one by one are not withdrawn half way; what stays away then goes after the usual time."""
    paths = fill(room, 10)
    text = (room.inbox / paths[0]).read_bytes()
    room.delete(*paths[:6])
    room.pass_grace()
    room.write(paths[0], text)
    report = room.scan()
    assert (report.gone, report.held, held(room)) == ((), frozenset(), set())
    room.clock.advance(GRACE_S - 1)
    assert room.scan().gone == ()
    room.clock.advance(1)
    assert set(room.scan().gone) == set(paths[1:6])


def test_another_grace_counts_for_a_later_process_too(room: Newsroom) -> None:
    """A pass that lives for a moment counts from the time that the earlier one noted."""
    paths = fill(room, 10)
    text = (room.inbox / paths[0]).read_bytes()
    room.delete(*paths[:6])
    room.pass_grace()
    room.write(paths[0], text)
    room.scan()
    for pause_s, gone in ((GRACE_S - 1, ()), (1, tuple(paths[1:6]))):
        room.clock.advance(pause_s)
        room.restart()
        room.ingest.recall_absences()
        assert room.scan().gone == gone


def test_what_lay_on_a_file_system_that_is_gone_is_held(room: Newsroom) -> None:
    """Few as they are: a share that is not mounted is no decision of an editor. Other deletions take their course."""
    shared = room.inbox / "shared"
    shared.mkdir()
    fill(room, 6)
    with needs.mounted(shared):
        for name in ("a.md", "b.md", "c/d.md", "gone.md"):
            room.write(f"shared/{name}", article(f"About {name}"))
        room.scan()
        room.delete("shared/gone.md")
        room.pass_grace()
        assert "About gone.md" not in room.live_titles(), "with the share in its place, deleting is deleting"
    room.delete("00.md")
    report = room.pass_grace()
    assert (report.gone, report.held) == (("00.md",), {"shared/a.md", "shared/b.md", "shared/c/d.md"})
    assert len(room.live_titles()) == 8
    for _ in range(2):
        room.clock.advance(GRACE_S)
        assert room.scan().gone == ()
    confirm(room)
    assert set(room.scan().gone) == {"shared/a.md", "shared/b.md", "shared/c/d.md"}
    assert held(room) == set()


def test_the_last_file_of_a_share_may_be_deleted(room: Newsroom) -> None:
    """While it is mounted, also with its folder."""
    (room.inbox / "shared").mkdir()
    fill(room, 3)
    with needs.mounted(room.inbox / "shared"):
        room.write("shared/deep/a.md", article("About a"))
        room.scan()
        room.delete("shared/deep/a.md")
        (room.inbox / "shared" / "deep").rmdir()
        report = room.pass_grace()
        assert (report.gone, report.held) == (("shared/deep/a.md",), frozenset())


def test_files_that_vanish_in_dribs_are_held_too(room: Newsroom) -> None:
    """A sync program that deletes file by file, faster than the grace, is noticed as one loss."""
    paths = fill(room, 10)
    for path in paths[:8]:
        room.delete(path)
        room.scan()
        room.clock.advance(5)
    room.clock.advance(GRACE_S - 40)
    assert room.scan().gone == ()
    room.clock.advance(GRACE_S)
    assert room.scan().gone == ()
    assert held(room) == set(paths[:8])


def test_renaming_everything_is_no_removal(room: Newsroom) -> None:
    """A new folder structure looks like a mass removal only at first sight."""
    paths = fill(room, 12, "old/")
    before = room.ids(paths)
    room.rename("old", "new")
    report = room.scan()
    assert report.held == frozenset()
    room.clock.advance(GRACE_S)
    assert room.scan().held == frozenset()
    assert room.ids(path.replace("old", "new") for path in paths) == {
        path.replace("old", "new"): entry_id for path, entry_id in before.items()
    }


# The inbox itself


def empty(room: Newsroom) -> None:
    for path in room.inbox.glob("*.md"):
        path.unlink()


@pytest.mark.case("2.53")
def test_an_emptied_inbox_is_not_believed(room: Newsroom) -> None:
    """Even two files are held when the folder is suddenly empty."""
    fill(room, 2)
    empty(room)
    assert room.pass_grace().held == {"00.md", "01.md"}
    assert len(room.live_titles()) == 2


def test_the_last_file_of_an_inbox_may_be_deleted(room: Newsroom) -> None:
    """One file in the same folder is an editor's doing."""
    fill(room, 1)
    empty(room)
    assert room.pass_grace().gone == ("00.md",)


def test_an_emptied_inbox_may_be_confirmed(room: Newsroom) -> None:
    """The operator really wants to start over, and goes on afterwards."""
    fill(room, 8)
    empty(room)
    room.pass_grace()
    confirm(room)
    assert len(room.scan().gone) == 8
    assert room.live_titles() == []
    room.write("new.md", article("New"))
    room.scan()
    assert room.live_titles() == ["New"]


@pytest.mark.parametrize("files", [1, 3])
@pytest.mark.case("1.9", "2.53")
def test_an_inbox_replaced_by_an_empty_one_is_not_believed(room: Newsroom, files: int) -> None:
    """An unmounted share shows the empty folder below it: nothing is withdrawn, however small the inbox was."""
    paths = fill(room, files)
    room.inbox.rename(room.folder / "elsewhere")
    room.inbox.mkdir()
    assert room.pass_grace().held == set(paths)
    room.clock.advance(86_400)
    room.restart()
    room.pass_grace()
    assert len(room.live_titles()) == files


def test_an_inbox_that_returns_is_as_it_was(room: Newsroom) -> None:
    """The share is mounted again."""
    fill(room, 3)
    room.inbox.rename(room.folder / "elsewhere")
    room.inbox.mkdir()
    room.pass_grace()
    room.inbox.rmdir()
    (room.folder / "elsewhere").rename(room.inbox)
    report = room.scan()
    assert (report.held, report.changed, room.kinds()) == (frozenset(), False, ["published"] * 3)


def test_an_inbox_that_is_copied_to_a_new_place_goes_on(room: Newsroom) -> None:
    """Another folder with the same files: same ids, no withdrawal, and later deletions are believed."""
    paths = fill(room, 3)
    before = room.ids(paths)
    texts = {path: (room.inbox / path).read_bytes() for path in paths}
    room.inbox.rename(room.folder / "elsewhere")
    room.inbox.mkdir()
    for path, text in texts.items():
        room.write(path, text)
    report = room.scan()
    assert (report.changed, room.ids(paths)) == (False, before)
    room.delete("00.md")
    assert room.pass_grace().gone == ("00.md",)


def test_what_another_inbox_lacks_is_held(room: Newsroom) -> None:
    """A backup that is a file short withdraws nothing by itself; the file comes back and all is as it was."""
    paths = fill(room, 9)
    texts = {path: (room.inbox / path).read_bytes() for path in paths}
    room.inbox.rename(room.folder / "elsewhere")
    room.inbox.mkdir()
    for path in paths[1:]:
        room.write(path, texts[path])
    assert room.pass_grace().held == {paths[0]}
    room.write(paths[0], texts[paths[0]])
    report = room.scan()
    assert (report.held, room.kinds()) == (frozenset(), ["published"] * 9)


@pytest.mark.parametrize("kind", ["missing", "file"])
@pytest.mark.case("1.9", "2.53")
def test_an_inbox_that_is_not_there_retracts_nothing(room: Newsroom, kind: str) -> None:
    """The look says so, and nothing is missed, forgotten or withdrawn."""
    fill(room, 2)
    with room.store.reading() as unit:
        before = list(unit.sources())
    room.inbox.rename(room.folder / "elsewhere")
    if kind == "file":
        room.inbox.write_bytes(b"")
    for _ in range(2):
        with pytest.raises(InboxUnavailableError, match="nothing is withdrawn"):
            room.ingest.look()
        room.clock.advance(3600)
    with room.store.reading() as unit:
        assert list(unit.sources()) == before
    if kind == "file":
        room.inbox.unlink()
    (room.folder / "elsewhere").rename(room.inbox)
    assert not room.scan().changed


def test_an_inbox_that_may_not_be_listed_retracts_nothing(room: Newsroom) -> None:
    """Somebody took away the right to read the folder."""
    fill(room, 2)
    room.inbox.chmod(0o000)
    try:
        with file_modes_count(), pytest.raises(InboxUnavailableError):
            room.ingest.look()
    finally:
        room.inbox.chmod(0o755)
    assert not room.scan().changed


def test_a_folder_that_may_not_be_listed_hides_its_files(room: Newsroom) -> None:
    """Nothing below it counts as missing, while deletions elsewhere are carried out."""
    fill(room, 2, "closed/deep/")
    fill(room, 2, "open/")
    room.delete("open/00.md")
    folder = room.inbox / "closed"
    folder.chmod(0o000)
    try:
        with file_modes_count():
            report = room.pass_grace()
    finally:
        folder.chmod(0o755)
    assert (report.gone, report.held) == (("open/00.md",), frozenset())
    assert sorted(room.live_titles("closed")) == ["About closed/deep/00.md", "About closed/deep/01.md"]
    assert room.source("closed/deep/00.md").missing_since is None
    assert not room.scan().changed


def test_a_deleted_folder_takes_its_entries_along(room: Newsroom) -> None:
    """A small folder with all its files is an editor's doing."""
    fill(room, 2, "a/")
    fill(room, 6, "b/")
    room.delete("a/00.md", "a/01.md")
    os.rmdir(room.inbox / "a")
    assert room.pass_grace().gone == ("a/00.md", "a/01.md")
    assert room.live_titles("a") == []


# What is not published


def test_drafts_and_scheduled_files_can_be_deleted(room: Newsroom) -> None:
    """They had no readers, but their entries are settled all the same."""
    room.write("a.md", article("Draft", draft="true"))
    room.write("b.md", article("Later", date="2027-01-01"))
    room.write("c.md", article("Now"))
    room.scan()
    entry_id = room.entry("b.md").id
    room.delete("a.md", "b.md")
    report: Report = room.pass_grace()
    assert set(report.gone) == {"a.md", "b.md"}
    assert room.by_id(entry_id).state is EntryState.WITHDRAWN
    assert room.live_titles() == ["Now"]


def test_deleting_what_never_was_an_entry_is_no_removal(room: Newsroom) -> None:
    """Many ignored files and copies may vanish at once."""
    fill(room, 2)
    for number in range(20):
        room.write(f"{number}.pdf", f"{number}")
        room.write(f"copy {number}.md", (room.inbox / "00.md").read_bytes())
    room.scan()
    for number in range(20):
        room.delete(f"{number}.pdf", f"copy {number}.md")
    report = room.pass_grace()
    assert report.held == frozenset()
    assert len(room.live_titles()) == 2
    with room.store.reading() as unit:
        assert sorted(unit.known_files()) == ["00.md", "01.md"]


def test_a_published_file_that_turns_into_something_else_takes_its_entry_along(room: Newsroom) -> None:
    """A pipe now has the name; when that is deleted too, no entry is left over."""
    fill(room, 2)
    room.delete("00.md")
    os.mkfifo(room.inbox / "00.md")
    room.scan()
    room.delete("00.md")
    room.pass_grace()
    assert room.live_titles() == ["About 01.md"]


def test_another_article_under_a_forgotten_name_is_new(room: Newsroom) -> None:
    """A name used again long after its file was deleted carries a new entry; the same text brings back the old one."""
    text = article("The bridge is open", "Cars cross it.")
    room.write("news.md", text)
    room.scan()
    first = room.entry("news.md")
    room.delete("news.md")
    room.pass_grace()
    room.write("news.md", article("The market moves", "Stalls stand elsewhere."))
    room.scan()
    second = room.entry("news.md")
    assert second.id != first.id
    assert second.published > first.published


def test_a_process_of_one_pass_counts_the_grace_of_the_last_one(room: Newsroom) -> None:
    """A build withdraws what an earlier build found missing a minute ago, though neither lived so long."""
    room.write("news.md", article("The bridge is open"))
    room.write("other.md", article("The market moves"))
    room.scan()
    room.delete("news.md")
    room.scan()
    room.restart()
    room.clock.advance(GRACE_S)
    room.ingest.recall_absences()
    assert room.scan().gone == ("news.md",)
