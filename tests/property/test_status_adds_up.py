"""Whatever is dropped, edited, renamed, copied and deleted: each file is in one state, and checking agrees with it."""

from __future__ import annotations

import os
import tempfile
from collections import Counter
from pathlib import Path
from typing import TYPE_CHECKING

import needs
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule
from media_samples import MEDIA
from newsroom import EMPTY_WAIT_S, GRACE_S, Newsroom, article

from feedsvc.model import FileState

if TYPE_CHECKING:
    from feedsvc.model import Receipt, SourceFile

NAMES = ("a.md", "b.txt", "c.json", "deep/a.md", "deep/er/é.txt", "e\u0301.txt", os.fsdecode(b"\xff.md"), "li\nne.md",
         ".hidden.md", "photo.jpg", "_private/a.md", "a.sync-conflict-20261124-101010-ABCDEFG.md")  # fmt: skip
TEXTS: dict[str, str | bytes] = {
    "good": article("Good"),
    "other": article("Other", "Another text."),
    "named": article("Named", id="its-own"),
    "named too": article("Named too", "Another text.", id="its-own"),
    "draft": article("Draft", draft="true"),
    "later": article("Later", date="2027-01-01T00:00:00Z"),
    "over": article("Over", expires="2020-01-01T00:00:00Z"),
    "soon over": article("Soon over", expires="2026-03-03T00:00:00Z"),
    "broken": "---\ntitle: [\n---\nText.\n",
    "bulletin": "---\nprofile: bulletin\n---\nOne fell.\n\nTwo rose.\n",
    "list": '[{"body": "Good."}, {"body": "Bad.", "date": "x"}]',
    "with a picture": article("With a picture", image="/photo.jpg"),
    "picture": MEDIA["jpeg"][0],
    "binary": "a\0b",
    "empty": "",
    "large": "word " * 5_000,
}
CARRIES = {FileState.PUBLISHED, FileState.SCHEDULED, FileState.DRAFT}


def outcome(told: Receipt | SourceFile) -> tuple[FileState, str]:
    """Return the state and the code of what is wrong."""
    return told.state, told.problem.code if told.problem else ""


class Inbox(RuleBasedStateMachine):
    """An inbox in which files of every kind come, change, move and go."""

    def __init__(self) -> None:
        super().__init__()
        self.folder = tempfile.TemporaryDirectory()
        self.room = Newsroom(Path(self.folder.name))

    def teardown(self) -> None:
        """Throw the inbox away."""
        self.room.store.close()
        self.folder.cleanup()

    def listing(self) -> list[str]:
        """Return the files in the folder."""
        inbox = self.room.inbox
        paths = (os.path.join(place, name) for place, _, names in os.walk(inbox) for name in names)
        return sorted(os.path.relpath(path, inbox) for path in paths)

    @rule(name=st.sampled_from(NAMES), kind=st.sampled_from(sorted(TEXTS)))
    def save(self, name: str, kind: str) -> None:
        """Create or overwrite a file; what checking foretold comes to pass."""
        self.room.write(name, TEXTS[kind])
        foretold = self.room.check(name)
        self.room.scan()
        self.room.scan()
        if self.room.is_known(name) and self.room.state(name) is not FileState.WAITING:
            assert outcome(foretold) == outcome(self.room.source(name))

    @precondition(listing)
    @rule(data=st.data(), name=st.sampled_from(NAMES))
    def rename(self, data: st.DataObject, name: str) -> None:
        """Rename a file, perhaps over another one."""
        self.room.rename(data.draw(st.sampled_from(self.listing())), name)

    @precondition(listing)
    @rule(data=st.data(), name=st.sampled_from(NAMES))
    def copy(self, data: st.DataObject, name: str) -> None:
        """Copy a file, perhaps over another one."""
        self.room.write(name, (self.room.inbox / data.draw(st.sampled_from(self.listing()))).read_bytes())

    @precondition(listing)
    @rule(data=st.data())
    def delete(self, data: st.DataObject) -> None:
        """Delete a file."""
        self.room.delete(data.draw(st.sampled_from(self.listing())))

    @rule(seconds=st.sampled_from((1, EMPTY_WAIT_S, GRACE_S, 3 * 86_400)))
    def wait(self, seconds: float) -> None:
        """Let time pass."""
        self.room.clock.advance(seconds)

    @rule()
    def restart(self) -> None:
        """End the process and start another one."""
        self.room.restart()

    @invariant()
    def every_file_is_in_one_state(self) -> None:
        """After two looks the store knows each file that is worth a word, in the state that checking tells."""
        self.room.scan()
        self.room.scan()  # files with the id of another one are tried again at each look
        self.room.read(*self.room.ingest.release_due().again)
        with self.room.store.reading() as unit:
            known = {file.path: file for file in unit.sources() if file.missing_since is None}
            counts = unit.file_counts()
        scan, _ = self.room.ingest.look()
        silent = set(scan.ignored) | {path for path in self.listing() if path.startswith("_private/")}
        assert sorted(known) == sorted(set(self.listing()) - silent)
        assert counts == Counter(file.state for file in known.values())
        for path, file in known.items():
            if file.state is FileState.DUPLICATE and file.duplicate_of in known:
                assert known[file.duplicate_of].state in CARRIES
            elif file.state not in (FileState.DUPLICATE, FileState.WAITING):  # the original may be back in a moment
                assert outcome(self.room.check(path)) == outcome(file), path


TestInbox = Inbox.TestCase
TestInbox.settings = settings(max_examples=max(5, int(25 * needs.scale())), stateful_step_count=20)
