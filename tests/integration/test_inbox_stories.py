"""Rows of the list of inbox cases that are stories: several files, or one to which something happens."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import needs
import pytest
from aftermath import assert_goes_on, inventory
from newsroom import Newsroom, article

from feedsvc.model import FileState

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

NIL = "00000000-0000-0000-0000-000000000000"
LARGE = 6_000_000
MANY = 1_000_000 if needs.scale() >= 6 else 200_000


@pytest.fixture
def room(tmp_path: Path) -> Iterator[Newsroom]:
    """Open a newsroom that takes large files and has one neighbour in it."""
    newsroom = Newsroom(tmp_path, max_bytes=LARGE)
    newsroom.write("neighbour.md", article("Neighbour"))
    newsroom.scan()
    yield newsroom
    assert newsroom.state("neighbour.md") is FileState.PUBLISHED
    newsroom.store.close()


@pytest.mark.case("1.14", "2.47")
def test_a_copy_of_what_expires_is_no_duplicate_any_more(room: Newsroom) -> None:
    """Once the original is over, the copy is told that it is over too."""
    for path in ("a.md", "b.md"):
        room.write(path, article("Three days", expires="2026-03-03T00:00:00Z"))
    room.scan()
    assert [room.state(path).value for path in ("a.md", "b.md")] == ["published", "duplicate"]
    room.clock.advance(3 * 86_400)
    room.read(*room.ingest.release_due().again)
    assert [room.code(path) for path in ("a.md", "b.md")] == ["W_EXPIRED", "W_EXPIRED"]


@pytest.mark.case("1.14")
@pytest.mark.parametrize(
    ("text", "state", "code"),
    [
        ("---\ntitle: [\n---\nText.\n", "quarantined", "E_FRONTMATTER"),
        (article("Over", expires="2025-01-01"), "ignored", "W_EXPIRED"),
        (article("Mine", id="its-own"), "quarantined", "E_DUP_ID"),
    ],
)
def test_files_that_are_not_published_have_no_duplicates(room: Newsroom, text: str, state: str, code: str) -> None:
    """Each of three equal files that come at once is told what is wrong with it, as checking says."""
    room.write("holder.md", article("Holder", id="its-own"))
    room.scan()
    for path in ("a.md", "b.md", "c.md"):
        room.write(path, text)
    room.scan()
    for path in ("a.md", "b.md", "c.md"):
        assert (room.state(path).value, room.code(path)) == (state, code)
        assert room.check(path) == room.receipt(path)


@pytest.mark.case("1.14")
def test_of_equal_bytes_the_file_that_can_be_read_is_published(room: Newsroom) -> None:
    """What is broken under one ending is a text under another, and the second such text is its duplicate."""
    for path in ("a.json", "b.txt", "c.txt"):
        room.write(path, "No braces at all.\n")
    room.scan()
    states = {path: room.state(path).value for path in ("a.json", "b.txt", "c.txt")}
    assert states == {"a.json": "quarantined", "b.txt": "published", "c.txt": "duplicate"}


@pytest.mark.parametrize(
    ("name", "text"),
    [
        pytest.param("a.txt", "word " * 1_000_000, id="case-2.16-line"),
        pytest.param("a.md", "word " * 1_000_000, id="case-2.16-line-of-markdown"),
        pytest.param("a.txt", "A\n\n" * MANY, id="case-2.16-paragraphs"),
        pytest.param("a.md", "A\n\n" * MANY, id="case-2.16-paragraphs-of-markdown"),
        pytest.param("a.md", "> " * MANY, id="case-2.16-quotes"),
        pytest.param("a.md", "*" * 2 * MANY, id="case-2.16-stars"),
    ],
)
def test_a_huge_text_is_published_or_refused(name: str, text: str, room: Newsroom) -> None:
    """One line of megabytes, a million paragraphs: published, or told as too much; nothing else."""
    room.write(name, text)
    before = inventory(room.inbox)
    foretold = room.check(name)
    room.scan()
    assert (room.state(name).value, room.code(name)) in {("published", ""), ("quarantined", "E_LIMIT")}
    assert foretold == room.receipt(name)
    assert inventory(room.inbox) == before
    assert_goes_on(room)


@pytest.mark.case("1.16", "2.48")
def test_fifty_five_files_with_a_nil_id_have_ids_of_their_own(room: Newsroom) -> None:
    """All are published, and each is told that its id is none."""
    paths = [room.write(f"{number:02}.md", article(f"Report {number}", id=NIL)) for number in range(55)]
    room.scan()
    assert len(set(room.ids(paths).values()) - {NIL}) == 55
    assert {notice.code for path in paths for notice in room.receipt(path).notices} == {"W_ID"}


@pytest.mark.case("2.52")
def test_renames_and_a_swap_between_two_looks(room: Newsroom) -> None:
    """Three renames of one file while two others trade names: ids follow the texts, and nothing is news."""
    room.write("a.md", article("A"))
    room.write("b.md", article("B", "Another text."))
    room.write("c.md", article("C", "A third text."))
    room.scan()
    a, b, c = room.ids(["a.md", "b.md", "c.md"]).values()
    seq = room.seq()
    for old, new in (("a.md", "x.md"), ("x.md", "news/y.txt"), ("news/y.txt", "z.md")):
        room.rename(old, new)
    room.swap("b.md", "c.md")
    room.scan()
    assert room.ids(["z.md", "c.md", "b.md"]) == {"z.md": a, "c.md": b, "b.md": c}
    assert {"published", "withdrawn"}.isdisjoint(room.kinds(seq))


@pytest.mark.case("2.54")
def test_a_clock_that_jumps_publishes_nothing_twice(room: Newsroom) -> None:
    """A day forward and two back, through the night of a clock change: one entry, one row in the change log."""
    room.write("a.md", article("At ten", date="2026-03-01T10:00:00Z"))
    room.write("b.md", article("In the night", date="2026-03-29T02:30:00+01:00"))
    room.scan()
    seq = room.seq()
    for days in (1, -2, 30, -30, 1, 30):
        room.clock.advance(days * 86_400)
        room.ingest.release_due()
        room.upgrade()
        room.scan()
    assert room.kinds(seq) == ["published", "published"]
    assert sorted(room.live_titles()) == ["At ten", "In the night", "Neighbour"]


@pytest.mark.case("2.54")
def test_an_edit_under_a_clock_that_was_set_back_is_an_update(room: Newsroom) -> None:
    """What was published while the clock went ahead stays published: its time has come once and for all."""
    room.write("a.md", article("A"))
    room.scan()
    entry, seq = room.entry("a.md"), room.seq()
    room.clock.advance(-86_400)
    room.write("a.md", article("A", "A text that was mended."))
    room.scan()
    assert (room.kinds(seq), room.entry("a.md").published) == (["updated"], entry.published)


@pytest.mark.case("2.60")
def test_one_bad_item_of_five_hundred_is_left_out(room: Newsroom) -> None:
    """499 entries are published, and the warning names the number of the other one."""
    items = [{"title": f"Item {number}", "body": "Its text."} for number in range(500)]
    items[122]["date"] = "soon"
    room.write("wire.json", json.dumps(items))
    foretold = room.check("wire.json")
    room.scan()
    receipt = room.receipt("wire.json")
    assert (receipt.state, len(receipt.entries)) == (FileState.PUBLISHED, 499)
    assert "Item 122" not in {entry.title for entry in receipt.entries}
    (notice,) = receipt.notices
    assert notice.code == "W_ITEM"
    assert "123" in notice.message
    assert (foretold.state, foretold.notices) == (receipt.state, receipt.notices)


@pytest.mark.case("2.61")
def test_numbered_addresses_are_stable(room: Newsroom) -> None:
    """Of two files with one title the second gets -2, and a restart or a new reading changes neither."""
    room.write("a.md", article("Weather", "Rain."))
    room.scan()
    room.write("b.md", article("Weather", "Sun."))
    room.scan()
    slugs = [room.entry(path).slug for path in ("a.md", "b.md")]
    assert slugs == ["weather", "weather-2"]
    room.restart()
    room.upgrade()
    room.scan()
    assert [room.entry(path).slug for path in ("a.md", "b.md")] == slugs
