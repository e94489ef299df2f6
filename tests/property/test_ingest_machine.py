"""Any sequence of what editors, clocks and crashes do to a small inbox keeps the promises of ingest."""

from __future__ import annotations

import errno
import os
import tempfile
from collections import Counter
from pathlib import Path

import needs
from fakes import reading_fails
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule
from newsroom import GRACE_S, Newsroom, article

from feedsvc.model import EntryState, FileState

NAMES = ("a.md", "b.md", "c.md", "news/a.md", "news/b.md")
some = st.integers(0, len(NAMES) - 1)
"""Chooses one of the files that a rule can be applied to."""
BROKEN = "---\ntitle: [never closed {0}\n---\nText\n"

CARRIES = {FileState.PUBLISHED, FileState.SCHEDULED, FileState.DRAFT}


def pick(paths: list[str], which: int) -> str:
    """Return one of *paths*."""
    return paths[which % len(paths)]


class InboxMachine(RuleBasedStateMachine):
    """An inbox with few names, so that everything that can meet does meet.

    ``expected`` maps each file that was published under our eyes to its entry's id; only renames move it, and only
    copying and deleting end it.
    """

    def __init__(self) -> None:
        super().__init__()
        self.folder = tempfile.TemporaryDirectory()
        self.room = Newsroom(Path(self.folder.name))
        self.titles: dict[str, str] = {}
        self.expected: dict[str, str] = {}
        self.last_seq = 0
        self.serial = 0

    def teardown(self) -> None:
        """Throw the inbox away."""
        self.room.store.close()
        self.folder.cleanup()

    def fresh(self, path: str) -> str:
        """Return a title that no file had before."""
        self.serial += 1
        return f"Number {self.serial} at {path.replace('/', ' ')}"

    def present(self) -> list[str]:
        """Return the names that are taken."""
        return [path for path in NAMES if self.exists(path)]

    def free(self) -> list[str]:
        """Return the names that are free."""
        return [path for path in NAMES if not self.exists(path)]

    def unused(self) -> list[str]:
        """Return the names that are free and of which the service knows nothing."""
        return [path for path in self.free() if not self.room.is_known(path)]

    def healthy(self) -> list[str]:
        """Return the files that are published."""
        return [path for path in self.present() if self.room.state(path) is FileState.PUBLISHED]

    def broken(self) -> list[str]:
        """Return the files that are quarantined."""
        return [path for path in self.present() if self.room.state(path) is FileState.QUARANTINED]

    def exists(self, path: str) -> bool:
        """Tell whether there is a file at *path*."""
        return (self.room.inbox / path).exists()

    def settle(self) -> None:
        """Let the service look, and learn the ids of files that were published for the first time."""
        self.room.scan()
        for path in NAMES:
            if self.exists(path) and self.room.state(path) is FileState.PUBLISHED:
                self.expected.setdefault(path, self.room.entry(path).id)

    # What editors do

    @precondition(lambda self: self.free())
    @rule(which=some)
    def create(self, which: int) -> None:
        """Save a new article under a free name."""
        path = pick(self.free(), which)
        self.titles[path] = self.fresh(path)
        self.room.write(path, article(self.titles[path], f"First text {self.serial}."))
        self.settle()

    @precondition(lambda self: self.present())
    @rule(which=some, by_renaming=st.booleans())
    def edit(self, which: int, by_renaming: bool) -> None:
        """Change title and text of a file, in place or by a rename over it."""
        path = pick(self.present(), which)
        self.titles[path] = self.fresh(path)
        save = self.room.replace if by_renaming else self.room.write
        save(path, article(self.titles[path], f"Text {self.serial}."))
        self.settle()

    @precondition(lambda self: self.present())
    @rule(which=some)
    def touch(self, which: int) -> None:
        """Save without a change."""
        path = pick(self.present(), which)
        seq = self.room.seq()
        self.room.touch(path)
        self.settle()
        assert self.room.seq() == seq

    @precondition(lambda self: self.present() and self.free())
    @rule(which=some, whither=some)
    def rename(self, which: int, whither: int) -> None:
        """Give a file another name that is free."""
        old, new = pick(self.present(), which), pick(self.free(), whither)
        self.room.rename(old, new)
        self.expected.pop(new, None)  # whatever was missed there has been replaced
        if old in self.expected:
            self.expected[new] = self.expected.pop(old)
        self.titles[new] = self.titles.pop(old)
        self.settle()

    @precondition(lambda self: len(self.healthy()) > 1)
    @rule(which=some)
    def swap(self, which: int) -> None:
        """Let two healthy files trade names."""
        one, other = pick(self.healthy(), which), pick(self.healthy(), which + 1)
        self.room.swap(one, other)
        self.expected[one], self.expected[other] = self.expected[other], self.expected[one]
        self.titles[one], self.titles[other] = self.titles[other], self.titles[one]
        self.settle()

    @precondition(lambda self: self.present() and self.unused())
    @rule(which=some, whither=some)
    def copy(self, which: int, whither: int) -> None:
        """Copy a file to a free name that was not used a moment ago."""
        old, new = pick(self.present(), which), pick(self.unused(), whither)
        self.room.write(new, (self.room.inbox / old).read_bytes())
        self.titles[new] = self.titles[old]
        self.settle()

    @precondition(lambda self: self.present())
    @rule(which=some)
    def delete(self, which: int) -> None:
        """Delete a file for good: its grace passes, and nothing else happens meanwhile."""
        path = pick(self.present(), which)
        copies = [copy for copy in NAMES if self.exists(copy) and self.is_copy_of(copy, path)]
        self.room.delete(path)
        self.room.pass_grace()
        entry_id = self.expected.pop(path, None)
        if copies and entry_id is not None:
            self.expected[min(copies)] = entry_id
        self.settle()

    def is_copy_of(self, copy: str, path: str) -> bool:
        """Tell whether *copy* waits to take the place of *path*."""
        source = self.room.source(copy)
        return source.state is FileState.DUPLICATE and source.duplicate_of == path

    @precondition(lambda self: self.present())
    @rule(which=some)
    def delete_for_a_moment(self, which: int) -> None:
        """Delete a file, let the service see it, and put it back within the grace."""
        path = pick(self.present(), which)
        text = (self.room.inbox / path).read_bytes()
        self.room.delete(path)
        self.room.scan()
        self.room.clock.advance(GRACE_S / 3)
        self.room.write(path, text)
        self.settle()

    @precondition(lambda self: self.present())
    @rule(which=some)
    def break_(self, which: int) -> None:
        """Spoil the header of a file."""
        path = pick(self.present(), which)
        self.serial += 1
        self.room.write(path, BROKEN.format(self.serial))
        self.settle()
        assert self.room.state(path) is FileState.QUARANTINED

    @precondition(lambda self: self.broken())
    @rule()
    def mend(self) -> None:
        """Write a good text into all broken files."""
        for path in self.broken():
            self.titles[path] = self.fresh(path)
            self.room.write(path, article(self.titles[path]))
        self.settle()

    # What the world does

    @rule(seconds=st.sampled_from((1, 30, 61, 86_400)))
    def wait(self, seconds: int) -> None:
        """Let time pass and look again."""
        self.room.clock.advance(seconds)
        self.settle()

    @precondition(lambda self: self.present())
    @rule(which=some, is_edited=st.booleans(), looks=st.sampled_from((1, 2, 12)))
    def be_unreadable(self, which: int, is_edited: bool, looks: int) -> None:
        """No file can be read for a moment, or for longer than anybody tries: readers notice nothing of that."""
        if is_edited:
            path = pick(self.present(), which)
            self.titles[path] = self.fresh(path)
            self.room.write(path, article(self.titles[path], f"Text {self.serial}."))
        for path in self.present():
            self.room.touch(path)
        seq = self.room.seq()
        with reading_fails(errno.EIO):
            for _ in range(looks):
                self.room.scan()
                self.room.clock.advance(60)
            assert self.room.seq() == seq
        self.settle()
        assert is_edited or self.room.seq() == seq

    @rule()
    def restart(self) -> None:
        """End the process and start another one on the same state."""
        self.room.restart()
        seq = self.room.seq()
        self.settle()
        assert self.room.seq() == seq

    @rule()
    def read_all_again(self) -> None:
        """A new program version reads everything again: readers notice nothing."""
        seq = self.room.seq()
        self.room.upgrade()
        self.room.scan()
        assert self.room.seq() == seq

    # What is always true

    @invariant()
    def every_file_is_in_exactly_one_state(self) -> None:
        """The states of present files add up to the folder, and are those that the files deserve."""
        present = {path for path in NAMES if self.exists(path)}
        with self.room.store.reading() as unit:
            known = {file.path: file for file in unit.sources() if file.missing_since is None}
            counts = unit.file_counts()
        assert set(known) == present
        assert counts == Counter(file.state for file in known.values())

    @invariant()
    def ids_stay_with_their_files(self) -> None:
        """A file that was only renamed, edited, broken, mended or away for a moment has the entry it had."""
        for path, entry_id in self.expected.items():
            if self.room.state(path) is not FileState.DUPLICATE:
                assert self.room.entry(path).id == entry_id, path

    @invariant()
    def entries_have_one_row_and_one_living_file(self) -> None:
        """No two files share an entry, no live entry is without a file, no slug is given twice."""
        with self.room.store.reading() as unit:
            live = unit.records(unit.live_ids()).values()
            rows = [record for found in unit.records_of(NAMES).values() for record in found]
        assert len({record.id for record in rows}) == len({record.slug for record in rows}) == len(rows)
        assert {record.source_path for record in live} <= {path for path in NAMES if self.exists(path)}
        assert max(Counter(record.source_path for record in live).values(), default=1) == 1

    @invariant()
    def feeds_show_what_the_folder_says(self) -> None:
        """Each published file once, under its present title, in the main feed and in that of its folder."""
        good = {path for path in NAMES if self.exists(path) and self.room.state(path) is FileState.PUBLISHED}
        with self.room.store.reading() as unit:
            for feed, wanted in (("main", good), ("news", {path for path in good if path.startswith("news/")})):
                window = unit.window(feed, 99)
                assert all(entry.state is EntryState.LIVE for entry in window)
                shown = {e.source_path: e.title for e in window if e.source_path in wanted}
                assert shown == {path: self.titles[path] for path in wanted}
                assert len(window) == len({entry.id for entry in window})
            assert {entry.id for entry in unit.window("main", 99)} == set(unit.live_ids())

    @invariant()
    def the_change_log_only_grows(self) -> None:
        """Numbers rise strictly, and what a subscriber can derive from the log is what is live."""
        changes = self.room.changes()
        seqs = [change.seq for change in changes]
        assert seqs == sorted(set(seqs))
        assert self.room.seq() >= self.last_seq
        self.last_seq = self.room.seq()
        last = {change.entry_id: change.kind.value for change in changes}
        with self.room.store.reading() as unit:
            assert sorted(entry_id for entry_id, kind in last.items() if kind != "withdrawn") == unit.live_ids()

    @invariant()
    def copies_are_really_copies(self) -> None:
        """A duplicate has the bytes of the file that it names, which is there and is no duplicate itself."""
        for path in NAMES:
            if self.exists(path) and self.room.state(path) is FileState.DUPLICATE:
                original = self.room.source(path).duplicate_of
                assert original is not None
                assert self.room.state(original) in CARRIES
                assert (self.room.inbox / original).read_bytes() == (self.room.inbox / path).read_bytes()
        assert not [name for name in os.listdir(self.room.inbox) if name.startswith(".")]


TestInboxMachine = InboxMachine.TestCase
TestInboxMachine.settings = settings(max_examples=max(5, int(40 * needs.scale())), stateful_step_count=25)
