"""Notes beside quarantined files: they come, change and go with the reason for them, and touch nothing else."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

import pytest
from newsroom import Newsroom, article

from feedsvc.files import remove_beneath, write_all_beneath
from feedsvc.model import FileState

if TYPE_CHECKING:
    from pathlib import Path

BROKEN = article("Late: the last bus")
NOTE = "bus.md.problem.txt"


@pytest.fixture
def room(tmp_path: Path) -> Newsroom:
    """Open a newsroom that writes notes, with one broken file and one good one."""
    room = Newsroom(tmp_path, notes=True)
    room.write("bus.md", BROKEN)
    room.write("good.md", article("A good one"))
    room.scan()
    return room


def notes(room: Newsroom) -> set[str]:
    """Return the paths of all notes in the inbox."""
    return {path.relative_to(room.inbox).as_posix() for path in room.inbox.rglob("*.problem.txt") if path.is_file()}


def text(room: Newsroom, path: str = NOTE) -> str:
    """Return what stands in a note or a file."""
    return (room.inbox / path).read_text(encoding="utf-8")


def test_note_says_where_what_and_how(room: Newsroom) -> None:
    """File, line, the line itself with a caret, cause and fix; the good file has none, the broken one is as it was."""
    assert notes(room) == {NOTE}
    first, *rest = text(room).splitlines()
    assert first.startswith("[feedsvc note ")
    assert rest[0] == "bus.md"
    assert rest[2].startswith("problem: line 2, column 12: the front matter is not valid YAML: ")
    assert rest[3:5] == ["  2 | title: Late: the last bus", "    |            ^"]
    assert rest[5] == "what to do: Put the title in quotes: title: 'Late: the last bus'"
    assert text(room, "bus.md") == BROKEN


def test_note_is_no_file_of_an_editor(room: Newsroom) -> None:
    """It is neither read nor counted, whether a scan or an event finds it, and check says what it is."""
    room.read(NOTE)
    report = room.scan()
    assert report.files == {}
    assert not room.is_known(NOTE)
    with room.store.reading() as unit:
        assert sum(unit.file_counts().values()) == 2
    problem = room.check(NOTE).problem
    assert problem is not None
    assert (problem.code, problem.cause) == ("I_NAME", "feedsvc wrote this note about another file")


def test_unchanged_note_is_not_written_again(room: Newsroom) -> None:
    """Our own writing gives no cause for more of it."""
    before = os.stat(room.inbox / NOTE)
    room.read("bus.md", NOTE)
    room.scan()
    room.restart()
    room.scan()
    after = os.stat(room.inbox / NOTE)
    assert (after.st_ino, after.st_mtime_ns) == (before.st_ino, before.st_mtime_ns)


def test_note_follows_the_problem(room: Newsroom) -> None:
    """Another fault in the same file makes another note, and a mended file has none: by events alone."""
    room.write("bus.md", article("Bus", date="soon"))
    room.read("bus.md")
    assert "date: soon" in text(room)
    room.write("bus.md", article("Bus"))
    room.read("bus.md")
    assert notes(room) == set()


@pytest.mark.parametrize("is_seen", [True, False], ids=["by event", "by scan"])
def test_note_goes_with_a_renamed_file(room: Newsroom, is_seen: bool) -> None:
    """It moves to the new name, into another folder as well."""
    room.rename("bus.md", "town/tram.md")
    if is_seen:
        room.read("town/tram.md", moved_from={"town/tram.md": "bus.md"})
    else:
        room.scan()
    assert notes(room) == {"town/tram.md.problem.txt"}


@pytest.mark.parametrize("is_seen", [True, False], ids=["by event", "by scan"])
def test_note_goes_when_the_file_is_deleted(room: Newsroom, is_seen: bool) -> None:
    """Not after the grace, but at once: a note about nothing helps nobody."""
    room.delete("bus.md")
    room.read("bus.md") if is_seen else room.scan()
    assert notes(room) == set()


def test_folder_that_was_deleted_is_not_made_again(room: Newsroom) -> None:
    """A note is no reason for a folder."""
    room.write("deep/down/x.md", BROKEN)
    room.scan()
    room.delete("deep/down/x.md", "deep/down/x.md.problem.txt")
    (room.inbox / "deep/down").rmdir()
    room.read("deep/down/x.md")
    room.scan()
    assert not (room.inbox / "deep/down").exists()


def test_deleted_note_comes_back_and_a_stale_one_is_put_right(room: Newsroom) -> None:
    """Whatever a crash or an editor left behind is in order after the next scan."""
    room.delete(NOTE)
    room.scan()
    assert notes(room) == {NOTE}
    whole = text(room)
    room.write(NOTE, "[feedsvc note 0123456789abcdef]\nfrom another time\n")
    room.write("good.md.problem.txt", "[feedsvc note 0123456789abcdef]\nfrom another time\n")
    room.restart()
    room.scan()
    assert notes(room) == {NOTE}
    assert text(room) == whole


def test_file_of_an_editor_with_such_a_name_is_left_alone(tmp_path: Path) -> None:
    """It is published like any other, and never overwritten or removed."""
    room = Newsroom(tmp_path, notes=True)
    own = "The problem with buses\n\nThey are late, says everybody.\n"
    room.write(NOTE, own)
    room.scan()
    room.write("bus.md", BROKEN)
    room.scan()
    room.read("bus.md")
    assert text(room) == own
    assert room.state(NOTE) is FileState.PUBLISHED
    room.delete("bus.md")
    room.scan()
    assert text(room) == own
    room.write("bus.md", BROKEN)
    room.delete(NOTE)
    room.pass_grace()
    assert text(room).startswith("[feedsvc note ")


def test_switched_off_the_notes_go(room: Newsroom) -> None:
    """And files of editors stay; switched on again, the notes are back without any file being read again."""
    room.write("mine.problem.txt", "My problem\n\nIs not yours.\n")
    room.set_policy(notes=False)
    room.scan()
    assert notes(room) == {"mine.problem.txt"}
    room.set_policy(notes=True)
    room.scan()
    assert notes(room) == {"mine.problem.txt", NOTE}
    assert "title: Late: the last bus" in text(room)


def test_no_notes_by_default(tmp_path: Path) -> None:
    """An inbox is not written to unless somebody asks for it."""
    room = Newsroom(tmp_path)
    room.write("bus.md", BROKEN)
    room.scan()
    assert notes(room) == set()


def test_note_speaks_the_language_of_messages(room: Newsroom) -> None:
    """A change of the language changes the notes."""
    room.set_policy(messages="ar")
    room.scan()
    lines = text(room).splitlines()
    assert lines[3].startswith("المشكلة: السطر 2، العمود 12: ")
    assert lines[4:6] == ["  2 | title: Late: the last bus", "    |            ^"]


class _Log:
    def __init__(self) -> None:
        self.told: list[dict[str, object]] = []

    def warning(self, _: str, **details: object) -> None:
        self.told.append(details)


def test_read_only_inbox_costs_a_line_in_the_log(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Everything else goes on, and the note comes as soon as it can be written."""
    log = _Log()
    monkeypatch.setattr("feedsvc.ingest.notekeeper._log", log)

    def refuse(_: str, files: dict[str, bytes]) -> dict[str, OSError]:
        return {path: PermissionError(13, "Permission denied") for path in files}

    room = Newsroom(tmp_path, notes=True)
    room.write("bus.md", BROKEN)
    with monkeypatch.context() as patched:
        patched.setattr("feedsvc.ingest.notekeeper.write_all_beneath", refuse)
        room.scan()
        room.scan()
        room.read("bus.md")
    assert log.told == [{"detail": f"{NOTE}: Permission denied", "notes": 1}]
    assert room.state("bus.md") is FileState.QUARANTINED
    room.scan()
    assert notes(room) == {NOTE}


def test_odd_names_get_notes(room: Newsroom) -> None:
    """Names in any script, with line breaks, not in UTF-8; one that leaves no room for more costs a log line only."""
    odd = ["خبر.md", "two\nlines.md", os.fsdecode(b"caf\xe9.md")]
    for number, path in enumerate((*odd, "x" * 250 + ".md")):
        room.write(path, f"{BROKEN}{number}")
    room.scan()
    assert notes(room) == {NOTE, *(f"{path}.problem.txt" for path in odd)}
    assert "two\\nlines.md" in text(room, "two\nlines.md.problem.txt")


def test_broken_settings_of_a_folder_get_a_note(room: Newsroom) -> None:
    """Beside them, and beside each file that waits for them; all go when the settings are mended."""
    room.write("town/_inbox.toml", 'profil = "bulletin"\n')
    room.write("town/a.md", article("A"))
    room.scan()
    assert notes(room) == {NOTE, "town/_inbox.toml.problem.txt", "town/a.md.problem.txt"}
    assert "  1 | profil" in text(room, "town/_inbox.toml.problem.txt")
    room.write("town/_inbox.toml", 'profile = "bulletin"\n')
    room.scan()
    assert notes(room) == {NOTE}


def test_conflict_copy_that_took_the_place_of_a_file_loses_its_note(tmp_path: Path) -> None:
    """The name of the note is that of a conflict copy, and it is known as a note all the same."""
    room = Newsroom(tmp_path, notes=True)
    copy = "bus (conflicted copy).md"
    room.write("bus.md", BROKEN)
    room.write(f"{copy}.problem.txt", "[feedsvc note 0123456789abcdef]\n")
    room.scan()
    assert notes(room) == {NOTE}


def test_notes_are_written_below_the_inbox_only(tmp_path: Path) -> None:
    """A folder that became a link is not followed, neither for writing nor for removing."""
    outside, inbox = tmp_path / "outside", tmp_path / "inbox"
    outside.mkdir()
    inbox.mkdir()
    (outside / "a.txt").write_text("not ours")
    (inbox / "news").symlink_to(outside)
    assert list(write_all_beneath(str(inbox), {"news/a.txt": b"x"})) == ["news/a.txt"]
    with pytest.raises(OSError, match="news"):
        remove_beneath(str(inbox), "news/a.txt")
    assert (outside / "a.txt").read_text() == "not ours"
    assert sorted(path.name for path in outside.iterdir()) == ["a.txt"]


def test_whole_note_or_none(tmp_path: Path) -> None:
    """Where the new text cannot take its place, nothing of it is left lying about."""
    (tmp_path / "x.problem.txt").mkdir()
    for more in range(2):  # few files are flushed one by one, many together
        others = {f"{n}.txt": b"other" for n in range(more * 50)}
        errors = write_all_beneath(str(tmp_path), {"x.problem.txt": b"text", **others})
        assert list(errors) == ["x.problem.txt"]
        assert {path.name for path in tmp_path.iterdir()} == {"x.problem.txt", *others}
