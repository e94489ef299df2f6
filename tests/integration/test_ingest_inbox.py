"""What editors do with files, and what becomes of the entries: a real folder, a real store, a clock that is steered."""

from __future__ import annotations

import os
from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING
from uuid import UUID

import pytest
from fakes import START
from newsroom import GRACE_S, Newsroom, article

from feedsvc.model import EntryState, Feed, FileState

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

TRAM = article("The new tram line", "It connects the harbour with the university.")


@pytest.fixture
def room(tmp_path: Path) -> Iterator[Newsroom]:
    newsroom = Newsroom(tmp_path)
    yield newsroom
    newsroom.store.close()


def publish(room: Newsroom, *paths: str) -> dict[str, str]:
    """Save an article of its own at each path, let the service look, and return the ids by path."""
    for path in paths:
        room.write(path, article(f"About {path}", f"Text of {path}, written once."))
    room.scan()
    room.clock.advance(100)
    return room.ids(paths)


# Create and edit


def test_a_new_file_becomes_an_entry(room: Newsroom) -> None:
    """It is live in its feeds at its first sight, with a revision, an address and one row in the change log."""
    room.write("news/tram.md", TRAM)
    report = room.scan()
    entry = room.entry("news/tram.md")
    assert (entry.title, entry.state, entry.revision) == ("The new tram line", EntryState.LIVE, 1)
    assert (entry.slug, entry.folder, entry.source_path) == ("the-new-tram-line", "news", "news/tram.md")
    assert entry.id.startswith("urn:uuid:")
    assert entry.published == START
    assert entry.updated.replace(microsecond=0) == START
    assert room.feeds_of("news/tram.md") == ("main", "news")
    assert room.state("news/tram.md") is FileState.PUBLISHED
    assert (report.changed, room.kinds()) == (True, ["published"])


def test_an_edit_is_a_new_revision_of_the_same_entry(room: Newsroom) -> None:
    """Id and publication stay; updated is the time of the change."""
    (entry_id,) = publish(room, "tram.md").values()
    room.write("tram.md", article("About tram.md", "Now with more stops."))
    assert room.scan().changed
    entry = room.entry("tram.md")
    assert (entry.id, entry.revision, entry.published) == (entry_id, 2, START)
    assert entry.updated.replace(microsecond=0) == START + timedelta(seconds=100)
    assert "more stops" in entry.body_html
    assert room.kinds() == ["published", "updated"]


@pytest.mark.case("1.12")
def test_a_second_look_at_an_unchanged_inbox_finds_nothing(room: Newsroom) -> None:
    """Nothing is read, nothing is written."""
    publish(room, "a.md", "b/c.md")
    seq = room.seq()
    scan, paths = room.ingest.look()
    assert (paths, sorted(scan.files)) == ([], ["a.md", "b/c.md"])
    assert not room.scan().changed
    assert room.seq() == seq


@pytest.mark.case("1.12")
def test_a_touch_changes_nothing(room: Newsroom) -> None:
    """A new modification time alone is not news, and the file is not read a third time."""
    publish(room, "tram.md")
    before = room.entry("tram.md")
    room.touch("tram.md")
    report = room.scan()
    assert (report.changed, room.entry("tram.md"), room.kinds()) == (False, before, ["published"])
    assert room.ingest.look()[1] == []


@pytest.mark.parametrize("tail", [" ", "\n\n", "\t\n", "\r\n"])
def test_white_space_at_the_end_changes_nothing_visible(room: Newsroom, tail: str) -> None:
    """Other bytes, same entry: no revision and no row in the change log."""
    room.write("tram.md", TRAM)
    room.scan()
    before = room.entry("tram.md")
    room.clock.advance(100)
    room.write("tram.md", TRAM + tail)
    report = room.scan()
    assert (report.changed, room.entry("tram.md"), room.kinds()) == (False, before, ["published"])
    assert room.state("tram.md") is FileState.PUBLISHED


def test_a_new_title_keeps_id_and_address(room: Newsroom) -> None:
    """The slug is frozen at first publication."""
    publish(room, "tram.md")
    before = room.entry("tram.md")
    room.write("tram.md", article("A quite different title"))
    room.scan()
    after = room.entry("tram.md")
    assert (after.id, after.slug, after.title) == (before.id, before.slug, "A quite different title")


@pytest.mark.case("2.19")
def test_a_save_by_renaming_is_an_edit(room: Newsroom) -> None:
    """Editors that write a new file over the old one keep the entry."""
    (entry_id,) = publish(room, "tram.md").values()
    room.replace("tram.md", article("About tram.md", "Saved by another way."))
    room.scan()
    assert (room.entry("tram.md").id, room.entry("tram.md").revision) == (entry_id, 2)


def test_an_edit_that_is_taken_back_is_a_revision_too(room: Newsroom) -> None:
    """Readers that saw the second text get the first one again, under the same id."""
    room.write("tram.md", TRAM)
    room.scan()
    for text in (article("Other"), TRAM):
        room.clock.advance(10)
        room.write("tram.md", text)
        room.scan()
    entry = room.entry("tram.md")
    assert (entry.revision, entry.title) == (3, "The new tram line")
    assert len({change.entry_id for change in room.changes()}) == 1


# Rename and move


@pytest.mark.case("1.13")
def test_a_rename_keeps_the_entry(room: Newsroom) -> None:
    """Same bytes under another name: same id, revision, address and times, and the old name is forgotten."""
    publish(room, "old.md")
    before = room.entry("old.md")
    room.rename("old.md", "new.md")
    room.scan()
    after = room.entry("new.md")
    assert (after.id, after.revision, after.slug) == (before.id, before.revision, before.slug)
    assert (after.published, after.updated) == (before.published, before.updated)
    assert not room.is_known("old.md")
    assert room.records("old.md") == []
    assert room.live_titles() == ["About old.md"]
    assert not {"withdrawn", "updated"} & set(room.kinds())


@pytest.mark.case("1.13")
def test_a_copy_whose_original_is_deleted_is_a_rename(room: Newsroom) -> None:
    """Programs that move by copying and deleting keep the entry: another inode, the same bytes."""
    (entry_id,) = publish(room, "old.md").values()
    room.write("new.md", (room.inbox / "old.md").read_bytes())
    room.delete("old.md")
    room.scan()
    assert room.entry("new.md").id == entry_id


def test_a_renamed_and_edited_file_is_known_by_what_an_event_saw(room: Newsroom) -> None:
    """The watcher saw the rename: the entry follows, even with another text."""
    (entry_id,) = publish(room, "old.md").values()
    room.rename("old.md", "new.md")
    room.write("new.md", article("Nothing in common", "Not one sentence."))
    room.read("new.md", moved_from={"new.md": "old.md"})
    assert (room.entry("new.md").id, room.entry("new.md").title) == (entry_id, "Nothing in common")
    assert not room.is_known("old.md")


def test_a_renamed_and_edited_file_is_known_by_inode_and_title(room: Newsroom) -> None:
    """No event was seen: the same file with the same title is the same entry."""
    (entry_id,) = publish(room, "old.md").values()
    room.rename("old.md", "new.md")
    room.write("new.md", article("About old.md", "Text that was written anew."))
    room.scan()
    assert (room.entry("new.md").id, room.entry("new.md").revision) == (entry_id, 2)
    room.clock.advance(GRACE_S)
    room.scan()
    assert room.live_titles() == ["About old.md"]


def test_an_inode_alone_proves_nothing(room: Newsroom) -> None:
    """File systems reuse inodes: another article in a recycled one is a new entry, and the old one goes."""
    (entry_id,) = publish(room, "old.md").values()
    room.rename("old.md", "new.md")
    room.write("new.md", article("A new story", "Not one sentence in common."))
    room.pass_grace()
    assert room.entry("new.md").id != entry_id
    assert room.by_id(entry_id).state is EntryState.WITHDRAWN
    assert room.live_titles() == ["A new story"]


def test_moving_between_folders_changes_the_feeds_only(room: Newsroom) -> None:
    """The id stays, the feeds of the old folder lose the entry, those of the new one get it; nobody has news."""
    publish(room, "news/tram.md", "news/bus.md", "sport/cup.md")
    before, seq = room.entry("news/tram.md"), room.seq()
    room.rename("news/tram.md", "sport/tram.md")
    room.scan()
    after = room.entry("sport/tram.md")
    assert (after.id, after.slug, after.updated) == (before.id, before.slug, before.updated)
    assert (after.folder, room.feeds_of("sport/tram.md")) == ("sport", ("main", "sport"))
    assert "About news/tram.md" not in room.live_titles("news")
    assert room.kinds(seq) == ["moved"]


def test_a_folder_that_is_renamed_takes_its_entries_along(room: Newsroom) -> None:
    """All files below it keep their ids."""
    before = publish(room, "a/1.md", "a/2.md", "a/deep/3.md")
    room.rename("a", "b")
    room.scan()
    assert {path.replace("a/", "b/", 1): entry_id for path, entry_id in before.items()} == room.ids(
        ["b/1.md", "b/2.md", "b/deep/3.md"]
    )
    assert room.live_titles("a") == []


@pytest.mark.case("2.52")
def test_several_renames_between_two_looks_are_one(room: Newsroom) -> None:
    """The way in between does not matter."""
    (entry_id,) = publish(room, "a.md").values()
    for old, new in (("a.md", "b.md"), ("b.md", "c.md"), ("c.md", "d.md")):
        room.rename(old, new)
    room.scan()
    assert room.entry("d.md").id == entry_id


def test_a_name_that_is_free_again_gets_a_new_entry(room: Newsroom) -> None:
    """After a rename, another article under the old name has an id of its own, in the same look and later."""
    (entry_id,) = publish(room, "today.md").values()
    room.rename("today.md", "yesterday.md")
    room.write("today.md", article("Another day"))
    room.scan()
    assert room.entry("yesterday.md").id == entry_id
    assert room.entry("today.md").id not in (entry_id, None)
    room.clock.advance(10)
    room.rename("today.md", "monday.md")
    room.write("today.md", article("A third day"))
    room.scan()
    assert len(set(room.ids(["today.md", "monday.md", "yesterday.md"]).values())) == 3


@pytest.mark.case("2.52")
def test_two_files_that_swap_names_keep_their_entries(room: Newsroom) -> None:
    """Ids follow the content."""
    before = publish(room, "a.md", "b.md")
    room.swap("a.md", "b.md")
    room.scan()
    assert room.ids(["a.md", "b.md"]) == {"a.md": before["b.md"], "b.md": before["a.md"]}
    assert room.entry("a.md").title == "About b.md"
    assert sorted(room.live_titles()) == ["About a.md", "About b.md"]


def test_two_contents_that_are_swapped_keep_their_entries(room: Newsroom) -> None:
    """It makes no difference whether files or texts changed places."""
    before = publish(room, "a.md", "b.md")
    one, other = (room.inbox / "a.md").read_bytes(), (room.inbox / "b.md").read_bytes()
    room.write("a.md", other)
    room.write("b.md", one)
    room.scan()
    assert room.ids(["a.md", "b.md"]) == {"a.md": before["b.md"], "b.md": before["a.md"]}


def test_a_swap_that_is_read_in_two_steps_loses_no_entry(room: Newsroom) -> None:
    """However unlucky the moment: still two live entries, one for each text, under the two ids that were there."""
    before = publish(room, "a.md", "b.md")
    room.swap("a.md", "b.md")
    room.read("a.md", moved_from={"a.md": "b.md"})
    room.read("b.md", moved_from={"b.md": "a.md"})
    assert set(room.ids(["a.md", "b.md"]).values()) == set(before.values())
    assert (room.entry("a.md").title, room.entry("b.md").title) == ("About b.md", "About a.md")
    assert sorted(room.live_titles()) == ["About a.md", "About b.md"]


def test_three_files_that_rotate_keep_their_entries(room: Newsroom) -> None:
    """Ids follow the content round the circle."""
    before = publish(room, "a.md", "b.md", "c.md")
    room.rename("a.md", ".spare")
    room.rename("b.md", "a.md")
    room.rename("c.md", "b.md")
    room.rename(".spare", "c.md")
    room.scan()
    assert room.ids(["a.md", "b.md", "c.md"]) == {
        "a.md": before["b.md"],
        "b.md": before["c.md"],
        "c.md": before["a.md"],
    }


def test_a_chain_of_renames_keeps_all_entries(room: Newsroom) -> None:
    """Each file took the name of the next one, and the last a new name."""
    before = publish(room, "1.md", "2.md", "3.md")
    for number in (3, 2, 1):
        room.rename(f"{number}.md", f"{number + 1}.md")
    room.scan()
    assert room.ids(["2.md", "3.md", "4.md"]) == {
        "2.md": before["1.md"],
        "3.md": before["2.md"],
        "4.md": before["3.md"],
    }
    assert not room.is_known("1.md")


# Copies


@pytest.mark.case("1.14")
def test_a_copy_is_a_duplicate(room: Newsroom) -> None:
    """It names its original, is not published and is no error; a copy in another folder and a hard link too."""
    publish(room, "z.md")
    room.write("a.md", (room.inbox / "z.md").read_bytes())
    room.write("sub/b.md", (room.inbox / "z.md").read_bytes())
    os.link(room.inbox / "z.md", room.inbox / "link.md")
    room.scan()
    for path in ("a.md", "sub/b.md", "link.md"):
        assert (room.state(path), room.source(path).duplicate_of) == (FileState.DUPLICATE, "z.md")
        assert room.records(path) == []
    assert room.live_titles() == ["About z.md"]
    assert room.kinds() == ["published"]


def test_of_equal_files_in_one_look_the_first_by_name_is_published(room: Newsroom) -> None:
    """Two equal new files make one entry."""
    room.write("b.md", TRAM)
    room.write("a.md", TRAM)
    room.scan()
    assert (room.state("a.md"), room.state("b.md")) == (FileState.PUBLISHED, FileState.DUPLICATE)


@pytest.mark.case("1.14")
def test_a_copy_takes_the_place_of_its_deleted_original(room: Newsroom) -> None:
    """It becomes live with the id, so that nobody sees the entry twice or loses it."""
    (entry_id,) = publish(room, "a.md").values()
    room.write("b.md", (room.inbox / "a.md").read_bytes())
    room.scan()
    room.delete("a.md")
    room.pass_grace()
    assert (room.state("b.md"), room.entry("b.md").id) == (FileState.PUBLISHED, entry_id)
    assert not room.is_known("a.md")
    assert room.live_titles() == ["About a.md"]
    assert "withdrawn" not in room.kinds()


def test_of_two_copies_one_takes_the_place_of_the_original(room: Newsroom) -> None:
    """The other is a duplicate of the new one."""
    (entry_id,) = publish(room, "a.md").values()
    for path in ("b.md", "c.md"):
        room.write(path, (room.inbox / "a.md").read_bytes())
    room.scan()
    room.delete("a.md")
    room.pass_grace()
    assert room.entry("b.md").id == entry_id
    assert (room.state("c.md"), room.source("c.md").duplicate_of) == (FileState.DUPLICATE, "b.md")


def test_a_copy_becomes_an_entry_when_its_original_is_edited(room: Newsroom) -> None:
    """From then on there are two texts: the original keeps its id, the copy gets one of its own."""
    (entry_id,) = publish(room, "a.md").values()
    room.write("b.md", (room.inbox / "a.md").read_bytes())
    room.scan()
    room.write("a.md", article("Another text"))
    room.scan()
    assert room.entry("a.md").id == entry_id
    assert room.state("b.md") is FileState.PUBLISHED
    assert room.entry("b.md").id != entry_id
    assert sorted(room.live_titles()) == ["About a.md", "Another text"]


def test_a_copy_becomes_an_entry_when_it_is_edited(room: Newsroom) -> None:
    """The original is not touched."""
    publish(room, "a.md")
    before = room.entry("a.md")
    room.write("b.md", (room.inbox / "a.md").read_bytes())
    room.scan()
    room.write("b.md", article("Now different"))
    room.scan()
    assert (room.entry("a.md"), room.entry("b.md").title) == (before, "Now different")


def test_a_published_file_that_becomes_a_copy_is_withdrawn(room: Newsroom) -> None:
    """Two files end up with the same text: it is shown once."""
    publish(room, "a.md", "b.md")
    room.write("b.md", (room.inbox / "a.md").read_bytes())
    room.scan()
    assert room.state("b.md") is FileState.DUPLICATE
    assert room.live_titles() == ["About a.md"]


def test_a_deleted_copy_is_forgotten_at_once(room: Newsroom) -> None:
    """There is no entry to be careful about."""
    publish(room, "a.md")
    room.write("b.md", (room.inbox / "a.md").read_bytes())
    room.scan()
    room.delete("b.md")
    room.scan()
    assert not room.is_known("b.md")
    assert room.live_titles() == ["About a.md"]


# Declared ids


def test_a_declared_id_wins(room: Newsroom) -> None:
    """A UUID becomes a urn, a URI stays as it is, in every file that says so."""
    room.write("a.md", article("A", id="6f1c9a0e-2b1d-4c58-9a50-0c8f1f6b7a11"))
    room.write("b.md", article("B", id="tag:news.example,2026:b"))
    room.scan()
    assert room.ids(["a.md", "b.md"]) == {
        "a.md": "urn:uuid:6f1c9a0e-2b1d-4c58-9a50-0c8f1f6b7a11",
        "b.md": "tag:news.example,2026:b",
    }


def test_a_declared_id_survives_everything(room: Newsroom) -> None:
    """Another name and another text at once, with nothing else in common."""
    room.write("a.md", article("A", "One.", id="tag:news.example,2026:a"))
    room.scan()
    room.delete("a.md")
    room.pass_grace()
    room.write("folder/b.md", article("B", "Two.", id="tag:news.example,2026:a"))
    room.scan()
    entry = room.entry("folder/b.md")
    assert (entry.id, entry.revision, entry.state) == ("tag:news.example,2026:a", 2, EntryState.LIVE)
    assert entry.slug == "a"


@pytest.mark.case("1.16", "2.48")
def test_of_two_files_with_one_id_the_second_is_quarantined(room: Newsroom) -> None:
    """The first keeps it; the second is told whose it is, in the same look and later."""
    room.write("b.md", article("First", id="tag:x,2026:1"))
    room.scan()
    room.write("a.md", article("Second", id="tag:x,2026:1"))
    room.write("c.md", article("Third", id="tag:x,2026:1"))
    room.scan()
    for path in ("a.md", "c.md"):
        assert (room.state(path), room.code(path)) == (FileState.QUARANTINED, "E_DUP_ID")
        problem = room.source(path).problem
        assert problem is not None
        assert "b.md" in problem.cause
    assert room.live_titles() == ["First"]


def test_the_second_file_is_published_when_the_first_gives_the_id_up(room: Newsroom) -> None:
    """The clash is over once the other file is gone: the waiting one takes the id over by itself."""
    room.write("a.md", article("First", "One.", id="tag:x,2026:1"))
    room.scan()
    room.write("b.md", article("Second", "Two.", id="tag:x,2026:1"))
    room.scan()
    room.delete("a.md")
    room.pass_grace()
    room.scan()
    assert room.state("b.md") is FileState.PUBLISHED
    assert (room.entry("b.md").id, room.live_titles()) == ("tag:x,2026:1", ["Second"])


@pytest.mark.parametrize("value", ["00000000-0000-0000-0000-000000000000", "TODO", '""', "urn:uuid:" + "0" * 32])
def test_a_placeholder_is_no_id(room: Newsroom, value: str) -> None:
    """Many files with the same nil id all get ids of their own."""
    room.write("a.md", article("A", id=value))
    room.write("b.md", article("B", id=value))
    room.scan()
    ids = room.ids(["a.md", "b.md"])
    assert len(set(ids.values())) == 2
    assert not any("00000000-0000-0000" in entry_id for entry_id in ids.values())


# Addresses


@pytest.mark.case("2.61")
def test_equal_titles_get_numbered_addresses(room: Newsroom) -> None:
    """Each entry has an address of its own, which stays when the other one goes, also over a restart."""
    for number in range(3):
        room.write(f"{number}.md", article("Weather", f"Day {number}."))
    room.scan()
    slugs = [room.entry(f"{number}.md").slug for number in range(3)]
    assert slugs == ["weather", "weather-2", "weather-3"]
    room.delete("0.md")
    room.pass_grace()
    room.restart()
    room.write("1.md", article("Weather", "Edited."))
    room.write("9.md", article("Weather", "Day 9."))
    room.scan()
    assert [room.entry(path).slug for path in ("1.md", "2.md", "9.md")] == ["weather-2", "weather-3", "weather-4"]


def test_many_equal_titles_are_no_problem(room: Newsroom) -> None:
    """Also when the numbers run out every entry gets an address."""
    for number in range(25):
        room.write(f"{number:02}.md", article("Weather", f"Day {number}."))
    room.scan()
    slugs = {room.entry(f"{number:02}.md").slug for number in range(25)}
    assert len(slugs) == 25
    assert all(slug.startswith("weather") for slug in slugs)


def test_a_title_without_letters_gets_an_address_all_the_same(room: Newsroom) -> None:
    """Nothing readable is left of the title, so the address is drawn from the id."""
    room.write("a.md", article("🎉🎉", "One."))
    room.write("b.md", article("🎉🎉", "Two."))
    room.scan()
    one, other = room.entry("a.md").slug, room.entry("b.md").slug
    assert one != other
    assert one.isalnum()
    assert other.isalnum()


@pytest.mark.case("1.25", "2.50")
def test_names_that_differ_only_in_case_or_composition_are_two_entries(room: Newsroom) -> None:
    """Two files with different texts are two entries, whatever their names look like."""
    paths = ["A.md", "a.md", "caf\u00e9.md", "cafe\u0301.md"]
    for number, path in enumerate(paths):
        room.write(path, article("Same title", f"Text {number}."))
    room.scan()
    assert len(set(room.ids(paths).values())) == 4
    assert len({room.entry(path).slug for path in paths}) == 4


# Drafts, schedules, expiry


@pytest.mark.case("2.47")
def test_a_draft_is_not_published_and_keeps_its_id(room: Newsroom) -> None:
    """Draft, published, draft, published: one id, one address, in and out of the feeds."""
    room.write("a.md", article("Plan", draft="true"))
    room.scan()
    entry_id = room.entry("a.md").id
    assert (room.state("a.md"), room.live_titles(), room.kinds()) == (FileState.DRAFT, [], [])
    for draft, state, titles in (
        ("false", "published", ["Plan"]),
        ("true", "draft", []),
        ("false", "published", ["Plan"]),
    ):
        room.clock.advance(10)
        room.write("a.md", article("Plan", draft=draft))
        room.scan()
        assert (room.state("a.md").value, room.live_titles(), room.entry("a.md").id) == (state, titles, entry_id)
    assert room.kinds() == ["published", "withdrawn", "published"]


def test_a_draft_may_change_its_address_until_it_is_published(room: Newsroom) -> None:
    """Nobody has seen the first one."""
    for title, draft in (("Working title", "true"), ("Better title", "true"), ("Final title", "false")):
        room.write("a.md", article(title, draft=draft))
        room.scan()
    assert room.entry("a.md").slug == "final-title"
    assert room.entry("a.md").revision == 1


@pytest.mark.case("2.46")
def test_a_future_date_is_kept_until_its_minute(room: Newsroom) -> None:
    """Scheduled, then published at that very second, with that time, by nothing but the clock."""
    room.write("a.md", article("Later", date="2026-03-01T09:30:00Z"))
    room.scan()
    assert (room.state("a.md"), room.live_titles(), room.kinds()) == (FileState.SCHEDULED, [], [])
    room.clock.advance(5399)
    assert not room.ingest.release_due().changed
    room.clock.advance(1)
    report = room.ingest.release_due()
    assert (report.changed, report.files["a.md"].state) == (True, FileState.PUBLISHED)
    entry = room.entry("a.md")
    assert (entry.state, entry.published) == (EntryState.LIVE, START + timedelta(seconds=5400))
    assert (room.live_titles(), room.kinds()) == (["Later"], ["published"])
    assert not room.ingest.release_due().changed


def test_a_scheduled_entry_can_be_moved_edited_and_taken_back(room: Newsroom) -> None:
    """Before its minute nothing of it shows, whatever happens to it."""
    room.write("a.md", article("Later", date="2026-03-01T09:30:00Z"))
    room.scan()
    entry_id = room.entry("a.md").id
    room.write("a.md", article("Even later", date="2026-03-02T09:30:00Z"))
    room.scan()
    room.rename("a.md", "b.md")
    room.scan()
    room.clock.advance(7200)
    assert not room.ingest.release_due().changed
    assert (room.entry("b.md").id, room.state("b.md")) == (entry_id, FileState.SCHEDULED)
    room.delete("b.md")
    room.pass_grace()
    room.clock.advance(90_000)
    assert not room.ingest.release_due().changed
    assert (room.live_titles(), room.kinds()) == ([], [])


@pytest.mark.parametrize(("ahead", "state"), [("08:10:00", "published"), ("08:10:01", "scheduled")])
@pytest.mark.case("1.22", "2.46")
def test_up_to_ten_minutes_ahead_is_now(room: Newsroom, ahead: str, state: str) -> None:
    """A clock that goes wrong a little is no embargo; the entry does not lie in the future."""
    room.write("a.md", article("Soon", date=f"2026-03-01T{ahead}Z"))
    room.scan()
    assert room.state("a.md").value == state
    if state == "published":
        assert room.entry("a.md").published == START


def test_an_entry_expires_at_its_minute(room: Newsroom) -> None:
    """It leaves the feeds, the file says why, and an edit of the date brings it back under its id."""
    room.write("a.md", article("Offer", expires="2026-03-01T09:00:00Z"))
    room.scan()
    entry_id = room.entry("a.md").id
    room.clock.advance(3599)
    assert not room.ingest.release_due().changed
    room.clock.advance(1)
    assert room.ingest.release_due().changed
    assert (room.state("a.md"), room.code("a.md")) == (FileState.IGNORED, "W_EXPIRED")
    assert room.live_titles() == []
    room.write("a.md", article("Offer", expires="2026-03-09T09:00:00Z"))
    room.scan()
    assert (room.entry("a.md").id, room.live_titles()) == (entry_id, ["Offer"])
    assert room.kinds() == ["published", "withdrawn", "published"]


def test_a_file_that_is_expired_when_it_comes_is_never_published(room: Newsroom) -> None:
    """Nothing shows, and the file says why."""
    room.write("a.md", article("Old offer", expires="2026-02-01"))
    room.scan()
    assert (room.state("a.md"), room.code("a.md"), room.kinds()) == (FileState.IGNORED, "W_EXPIRED", [])


@pytest.mark.case("2.47")
def test_a_scheduled_entry_that_expires_first_never_shows(room: Newsroom) -> None:
    """Both times pass while nobody looks: it is not published for a moment."""
    room.write("a.md", article("Never", date="2026-03-01T09:00:00Z", expires="2026-03-01T10:00:00Z"))
    room.scan()
    room.clock.advance(9000)
    room.ingest.release_due()
    assert (room.live_titles(), room.kinds(), room.state("a.md")) == ([], [], FileState.IGNORED)
    assert not room.ingest.release_due().changed


# Times


def test_declared_times_are_kept(room: Newsroom) -> None:
    """Publication and update as the header says, in UTC."""
    room.write("a.md", article("Old news", date="2025-12-24T18:00:00+02:00", updated="2025-12-25T08:00:00Z"))
    room.scan()
    entry = room.entry("a.md")
    assert entry.published.isoformat() == "2025-12-24T16:00:00+00:00"
    assert entry.updated.replace(microsecond=0).isoformat() == "2025-12-25T08:00:00+00:00"


def test_updated_times_of_a_batch_differ(room: Newsroom) -> None:
    """Equal update times draw warnings of validators; microseconds keep them apart."""
    paths = [f"{n}.md" for n in range(40)]
    publish(room, *paths)
    assert len({room.entry(path).updated for path in paths}) == 40


def test_an_edit_of_the_date_moves_the_entry(room: Newsroom) -> None:
    """A corrected date counts, and readers are told."""
    publish(room, "a.md", "b.md")
    room.write("a.md", article("About a.md", date="2026-01-05"))
    room.scan()
    assert room.entry("a.md").published.isoformat() == "2026-01-05T00:00:00+00:00"
    assert room.live_titles() == ["About b.md", "About a.md"]


# Broken files


BROKEN = "---\ntitle: [unclosed\n---\nText\n"


@pytest.mark.case("1.17")
def test_a_broken_file_is_quarantined_and_harms_nobody(room: Newsroom) -> None:
    """Its neighbours are published in the same look; its line is named."""
    room.write("a.md", TRAM)
    room.write("b.md", BROKEN)
    room.write("c.txt", b"caf\xe9")
    room.scan()
    assert [room.state(path).value for path in ("a.md", "b.md", "c.txt")] == ["published", "quarantined", "quarantined"]
    problem = room.source("b.md").problem
    assert problem is not None
    assert (problem.code, problem.line is not None) == ("E_FRONTMATTER", True)
    assert room.live_titles() == ["The new tram line"]


def test_a_broken_edit_keeps_the_last_good_version(room: Newsroom) -> None:
    """Readers keep the old text, the editor is told; mended, the same entry goes on."""
    publish(room, "a.md")
    before = room.entry("a.md")
    room.write("a.md", BROKEN)
    report = room.scan()
    assert (room.state("a.md"), report.changed) == (FileState.QUARANTINED, False)
    assert room.entry("a.md") == before
    assert room.live_titles() == ["About a.md"]
    room.write("a.md", article("About a.md", "Mended."))
    room.scan()
    after = room.entry("a.md")
    assert (room.state("a.md"), after.id, after.revision) == (FileState.PUBLISHED, before.id, 2)


def test_a_broken_edit_that_is_taken_back_changes_nothing(room: Newsroom) -> None:
    """The same bytes again: the file is fine, and readers never noticed."""
    publish(room, "a.md")
    before, good = room.entry("a.md"), (room.inbox / "a.md").read_bytes()
    room.write("a.md", BROKEN)
    room.scan()
    room.write("a.md", good)
    room.scan()
    assert (room.state("a.md"), room.entry("a.md"), room.kinds()) == (FileState.PUBLISHED, before, ["published"])


def test_a_broken_file_that_is_deleted_takes_its_last_good_version_along(room: Newsroom) -> None:
    """Nothing is left behind in the feeds."""
    publish(room, "a.md", "b.md")
    room.write("a.md", BROKEN)
    room.scan()
    room.delete("a.md")
    room.pass_grace()
    assert (room.live_titles(), room.is_known("a.md")) == (["About b.md"], False)


def test_a_broken_file_that_is_renamed_keeps_its_entry(room: Newsroom) -> None:
    """The last good version follows, and is mended under the new name."""
    (entry_id,) = publish(room, "a.md").values()
    room.write("a.md", BROKEN)
    room.scan()
    room.rename("a.md", "b.md")
    room.scan()
    assert (room.state("b.md"), room.entry("b.md").id) == (FileState.QUARANTINED, entry_id)
    room.write("b.md", article("About a.md", "Mended."))
    room.scan()
    assert (room.state("b.md"), room.entry("b.md").id) == (FileState.PUBLISHED, entry_id)
    room.clock.advance(GRACE_S)
    room.scan()
    assert room.live_titles() == ["About a.md"]


@pytest.mark.case("1.3")
def test_a_broken_file_that_was_never_good_is_published_when_mended(room: Newsroom) -> None:
    """No trace of the mistake stays."""
    room.write("a.md", BROKEN)
    room.scan()
    room.write("a.md", TRAM)
    room.scan()
    assert (room.state("a.md"), room.code("a.md"), room.entry("a.md").revision) == (FileState.PUBLISHED, "", 1)


# Rebuilding


def everything(room: Newsroom, paths: list[str]) -> list[tuple[object, ...]]:
    """Return what readers see of the entries."""
    found = [room.entry(path) for path in paths]
    return [(e.id, e.slug, e.title, e.body_html, e.published, e.updated) for e in found]


@pytest.mark.case("1.15")
def test_a_restart_changes_nothing(room: Newsroom) -> None:
    """A new process with the same store sees the same inbox and has nothing to do."""
    paths = ["a.md", "b/c.md", "b/d/e.md"]
    publish(room, *paths)
    before, seq = everything(room, paths), room.seq()
    room.restart()
    assert not room.scan().changed
    assert (everything(room, paths), room.seq()) == (before, seq)


def test_a_lost_database_is_rebuilt_with_the_same_ids(tmp_path: Path) -> None:
    """Same folder, same namespace: same ids and addresses."""
    room = Newsroom(tmp_path)
    paths = ["a.md", "b/c.md", "الأخبار/ترام.txt"]
    for path in paths:
        room.write(path, article(f"About {path}", date="2026-01-01"))
    room.scan()
    before = everything(room, paths)
    room.store.close()
    for file in (tmp_path / "state").iterdir():
        file.unlink()
    again = Newsroom(tmp_path)
    again.scan()
    assert everything(again, paths) == before
    again.store.close()


def test_reading_all_again_changes_nothing(room: Newsroom) -> None:
    """A new program may read differently; where it does not, nobody notices."""
    publish(room, "a.md", "b.md")
    room.write("c.md", (room.inbox / "a.md").read_bytes())
    room.scan()
    seq = room.seq()
    room.upgrade()
    report = room.scan()
    assert (report.changed, room.seq()) == (False, seq)
    assert [room.state(path).value for path in ("a.md", "b.md", "c.md")] == ["published", "published", "duplicate"]


def test_bodies_do_not_know_the_public_address(tmp_path: Path) -> None:
    """A site that moves to another address keeps ids and stored texts: links stand on a neutral origin."""
    room = Newsroom(tmp_path)
    room.write("news/a.md", article("A", "See [the plan](plan.pdf)."))
    room.scan()
    before, seq = room.entry("news/a.md"), room.seq()
    assert f'href="{room.site.neutral_origin}/news/plan.pdf"' in before.body_html
    room.store.close()
    moved = Newsroom(tmp_path, site=replace(room.site, url="https://elsewhere.example/blog"))
    moved.upgrade()
    assert not moved.scan().changed
    assert (moved.entry("news/a.md"), moved.seq()) == (before, seq)
    assert moved.receipt("news/a.md").entries[0].url == "https://elsewhere.example/blog/entries/a/"
    moved.store.close()


def test_a_second_site_has_other_ids(tmp_path: Path) -> None:
    """Two sites never share an id, even with the same files."""
    ids = set()
    for name, namespace in (("one", UUID(int=1)), ("two", UUID(int=2))):
        room = Newsroom(tmp_path / name)
        room.store.close()
        room = Newsroom(tmp_path / name, site=replace(room.site, namespace=namespace))
        ids.add(publish(room, "a.md")["a.md"])
        room.store.close()
    assert len(ids) == 2


def test_declared_feeds_select_what_they_say(tmp_path: Path) -> None:
    """By folder, tag and language, beside the main feed and those of the folders."""
    feeds = [Feed("main", "Main"), Feed("arabic", "Arabic", languages=("ar",)), Feed("city", "City", tags=("city",))]
    room = Newsroom(tmp_path, feeds=feeds)
    room.write("news/a.md", article("A", tags="[City, art]"))
    room.write("b.txt", "قرر المجلس البلدي أمس.\n\nوافق الأعضاء على الخطة الجديدة.")
    room.scan()
    assert room.feeds_of("news/a.md") == ("city", "main", "news")
    assert room.feeds_of("b.txt") == ("arabic", "main")
    room.write("news/a.md", article("A", tags="[art]"))
    room.scan()
    assert room.feeds_of("news/a.md") == ("main", "news")
    room.store.close()


def test_a_quarantined_file_is_told_once(room: Newsroom) -> None:
    """A clash of ids is looked at again by every scan, but only news of it is reported."""
    room.write("a.md", article("First", id="tag:x,2026:1"))
    room.write("b.md", article("Second", id="tag:x,2026:1"))
    assert set(room.scan().files) == {"a.md", "b.md"}
    for _ in range(3):
        assert room.scan().files == {}


def test_a_renamed_file_with_a_clashing_id_takes_its_entry_along(room: Newsroom) -> None:
    """Its old entry is not left behind without a file: it goes when the file goes."""
    room.write("other.md", article("Other", id="tag:x,2026:1"))
    (entry_id,) = publish(room, "old.md").values()
    room.rename("old.md", "new.md")
    room.write("new.md", article("About old.md", "Edited.", id="tag:x,2026:1"))
    room.scan()
    assert (room.state("new.md"), room.entry("new.md").id) == (FileState.QUARANTINED, entry_id)
    room.delete("new.md")
    room.pass_grace()
    assert room.live_titles() == ["Other"]


# One name after the other


def test_a_name_with_a_past_belongs_to_the_entry_that_moved_in(room: Newsroom) -> None:
    """The deleted entry that once had the name stays away, whatever is done to the one that has it now."""
    movers = [(number, *publish(room, f"{number}.md").values()) for number in range(3)]
    (gone,) = publish(room, "a.md").values()
    room.delete("a.md")
    room.pass_grace()
    for number, entry_id in reversed(movers):
        room.rename(f"{number}.md", "a.md")
        room.scan()
        seq = room.seq()
        room.upgrade()
        room.scan()
        assert room.seq() == seq
        room.write("a.md", BROKEN)
        room.scan()
        room.write("a.md", article(f"Edited {number}"))
        room.scan()
        assert room.entry("a.md").id == entry_id
        assert sorted(room.live_titles()) == [*(f"About {n}.md" for n in range(number)), f"Edited {number}"]
        room.delete("a.md")
        room.pass_grace()
    assert room.by_id(gone).state is EntryState.WITHDRAWN
    assert room.live_titles() == []


def test_of_several_deleted_entries_the_one_with_the_text_returns(room: Newsroom) -> None:
    """A backup brings back what was deleted first: under its own id, not under that of its successor."""
    (first,) = publish(room, "a.md").values()
    text = (room.inbox / "a.md").read_bytes()
    room.delete("a.md")
    room.pass_grace()
    (second,) = publish(room, "b.md").values()
    room.rename("b.md", "a.md")
    room.scan()
    room.delete("a.md")
    room.pass_grace()
    room.write("a.md", text)
    room.scan()
    assert room.entry("a.md").id == first != second
