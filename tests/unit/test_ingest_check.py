"""What ``check`` says of a file is what becomes of it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from newsroom import EMPTY_WAIT_S, MAX_BYTES, Newsroom, article

from feedsvc.model import Feed, FileState

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from feedsvc.model import Receipt

LONG = "This paragraph is long enough that its repetition is noticed."
TABLE: dict[str, str | bytes] = {
    "plain.txt": "A first line\n\nAnd a paragraph below it.",
    "repeated.txt": f"A first line\n\n{LONG}\n\n{LONG}",
    "news/tram.md": article("Tram", tags="[city]"),
    "alpha/deep/bus.md": article("Bus", link="https://example.org/bus", id="tag:x,2026:bus"),
    "عربي.txt": "قرر المجلس البلدي أمس\n\nوافق الأعضاء على الخطة الجديدة.",
    "caf\udce9.md": article("Odd name"),
    "draft.md": article("Draft", draft="true"),
    "later.md": article("Later", date="2027-01-01"),
    "soon.md": article("Soon", date="2026-03-01T08:05:00Z"),
    "over.md": article("Over", expires="2026-01-01"),
    "typo.md": article("Typo", taggs="a, b"),
    "nil.md": article("Nil", id="TODO"),
    "taken-id.md": article("Taken", id="tag:x,2026:first"),
    "same-title.md": article("Already there", "But with another text."),
    "copy.md": article("Already there"),
    "broken.md": "---\ntitle: [\n---\nText",
    "latin1.txt": b"caf\xe9 au lait",
    "binary.txt": b"\0\1\2\3" * 40,
    "no-body.md": "---\ntitle: Alone\n---\n",
    "bad-date.md": article("Bad date", date="2026-02-30"),
    "large.md": "x" * (MAX_BYTES + 1),
    "picture.png": b"\x89PNG",
    "a.sync-conflict-20261124-081500-ABCDEFG.md": article("Conflict"),
}


@pytest.fixture
def room(tmp_path: Path) -> Iterator[Newsroom]:
    feeds = [Feed("main", "Main"), Feed("zcity", "City", tags=("city",)), Feed("arabic", "Arabic", languages=("ar",))]
    newsroom = Newsroom(tmp_path, feeds=feeds)
    newsroom.write("first.md", article("Already there"))
    newsroom.write("first-id.md", article("First with this id", id="tag:x,2026:first"))
    newsroom.scan()
    newsroom.clock.advance(100)
    yield newsroom
    newsroom.store.close()


def checked_and_done(room: Newsroom, path: str) -> tuple[Receipt, Receipt]:
    """Return what is said before, and what is written after."""
    before = room.check(path)
    room.scan()
    return before, room.receipt(path)


@pytest.mark.parametrize("path", sorted(TABLE))
def test_check_says_what_will_happen(room: Newsroom, path: str) -> None:
    """State, entries with ids, addresses and feeds, notices and problem: the very same receipt."""
    room.write(path, TABLE[path])
    said, done = checked_and_done(room, path)
    assert said == done


@pytest.mark.parametrize("path", sorted(TABLE))
def test_check_says_the_same_afterwards(room: Newsroom, path: str) -> None:
    """Asked again about a file that was taken in, the answer is its receipt."""
    room.write(path, TABLE[path])
    room.scan()
    assert room.check(path) == room.receipt(path)


@pytest.mark.parametrize(
    "text", [article("Retitled", "Anew."), article("Tram"), "---\n[", article("T", draft="yes"), ""]
)
def test_check_of_an_edit(room: Newsroom, text: str) -> None:
    """A published file that is edited, redated, broken, taken back or emptied."""
    room.write("news/tram.md", article("Tram"))
    room.scan()
    room.clock.advance(EMPTY_WAIT_S)
    room.write("news/tram.md", text)
    said, done = checked_and_done(room, "news/tram.md")
    assert said == done


def test_check_of_a_moved_file(room: Newsroom) -> None:
    """The file was renamed into another folder and not read yet: id, address and the new feeds."""
    room.write("news/tram.md", article("Tram"))
    room.scan()
    room.rename("news/tram.md", "sport/tram.md")
    said, done = checked_and_done(room, "sport/tram.md")
    assert said == done
    assert said.entries[0].feeds == ("main", "sport")


def test_check_writes_nothing(room: Newsroom) -> None:
    """Neither file nor entry nor feed is there afterwards."""
    for path, text in TABLE.items():
        room.write(path, text)
    with room.store.reading() as unit:
        before = (list(unit.sources()), unit.feeds(), unit.last_seq())
    for path in TABLE:
        room.check(path)
    with room.store.reading() as unit:
        assert (list(unit.sources()), unit.feeds(), unit.last_seq()) == before


def test_check_of_an_empty_file_does_not_wait(room: Newsroom) -> None:
    """The daemon gives it a minute; who asks wants to know now."""
    room.write("empty.md", "")
    receipt = room.check("empty.md")
    assert receipt.problem is not None
    assert (receipt.state, receipt.problem.code) == (FileState.QUARANTINED, "E_EMPTY")


@pytest.mark.parametrize(
    ("path", "state", "code"),
    [("not-there.md", "ignored", "E_NO_FILE"), (".hidden.md", "ignored", "I_NAME"), ("a.tmp", "ignored", "I_NAME")],
)
def test_check_of_what_is_no_article(room: Newsroom, path: str, state: str, code: str) -> None:
    """Every path has an answer with a cause and a fix."""
    receipt = room.check(path)
    assert receipt.problem is not None
    assert (receipt.state.value, receipt.problem.code, bool(receipt.problem.fix)) == (state, code, True)


def test_check_of_a_file_that_is_open_for_writing(room: Newsroom) -> None:
    """The answer says that somebody still writes it."""
    with (room.inbox / "open.md").open("w") as file:
        file.write("half")
        file.flush()
        receipt = room.check("open.md")
    assert receipt.problem is not None
    assert (receipt.state, receipt.problem.code) == (FileState.WAITING, "W_WRITING")
