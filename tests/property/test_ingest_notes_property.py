"""Whatever happens in the inbox, the notes in it are those of the quarantined files."""

from __future__ import annotations

import tempfile
from pathlib import Path

import needs
from hypothesis import given, settings
from hypothesis import strategies as st
from newsroom import Newsroom, article

from feedsvc.model import FileState

PATHS = ("a.md", "b.md", "news/a.md", "a.md.problem.txt")
TEXTS = (article("Good"), article("Late: the bus"), article("When", date="soon"), article("Good too", "Another text."))
_PATH = st.sampled_from(PATHS)
_STEP = st.one_of(
    st.tuples(st.just("write"), _PATH, st.sampled_from(TEXTS)),
    st.tuples(st.just("rename"), _PATH, _PATH),
    st.tuples(st.just("delete"), _PATH),
    st.tuples(st.just("lose the note of"), _PATH),
    st.tuples(st.just("read"), _PATH),
    st.tuples(st.just("scan")),
    st.tuples(st.just("restart")),
)
_MARK = b"[feedsvc note "


def take(room: Newsroom, step: tuple[str, ...]) -> None:
    """Let one thing happen, if it can."""
    verb, *words = step
    file = room.inbox / words[0] if words else room.inbox
    if verb == "write":
        room.write(words[0], words[1])
    elif verb == "rename" and file.exists():
        room.rename(*words)
        room.read(words[1], moved_from={words[1]: words[0]})
    elif verb == "delete":
        file.unlink(missing_ok=True)
    elif verb == "lose the note of":
        file.with_name(f"{file.name}.problem.txt").unlink(missing_ok=True)
    elif verb == "read":
        room.read(words[0])
    elif verb == "scan":
        room.scan()
    elif verb == "restart":
        room.restart()


def notes(room: Newsroom) -> set[str]:
    """Return the paths of our notes."""
    found = room.inbox.rglob("*.problem.txt")
    return {path.relative_to(room.inbox).as_posix() for path in found if path.read_bytes().startswith(_MARK)}


@settings(max_examples=max(10, int(40 * needs.scale())), deadline=None)
@given(st.lists(_STEP, max_size=12))
def test_notes_are_those_of_the_quarantined_files(steps: list[tuple[str, ...]]) -> None:
    """After a scan each quarantined file has its note, where nobody else's file lies, and no other note is there."""
    with tempfile.TemporaryDirectory() as folder:
        room = Newsroom(Path(folder), notes=True)
        try:
            for step in steps:
                take(room, step)
            room.scan()
            with room.store.reading() as unit:
                broken = [file.path for file in unit.sources(FileState.QUARANTINED) if file.missing_since is None]
            taken = {path for path in PATHS if (room.inbox / path).exists()} - notes(room)
            assert notes(room) == {f"{path}.problem.txt" for path in broken} - taken
            assert all((room.inbox / path).exists() for path in broken)
        finally:
            room.store.close()
