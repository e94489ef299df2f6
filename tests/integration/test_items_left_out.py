"""One bad item of many: the others are published, what was online stays, and it comes back by itself."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest
from newsroom import Newsroom, article

from feedsvc.model import EntryState, FileState

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

BLOCKS = """---
profile: bulletin
items: blocks
---
title: Tram line 4 runs again
date: 2026-02-03

After a month of repairs.

---

title: The pool stays closed
date: {date}

Until June at least.

---

title: The bridge is open

For lorries too.
"""


@pytest.fixture
def room(tmp_path: Path) -> Iterator[Newsroom]:
    """Yield an empty newsroom."""
    newsroom = Newsroom(tmp_path)
    yield newsroom
    newsroom.store.close()


def wire(*items: dict[str, str]) -> str:
    """Return a JSON file with *items*."""
    return json.dumps([{"body": f"The text of {item.get('title')}.", **item} for item in items])


@pytest.mark.case("2.60")
def test_a_bad_block_of_a_bulletin(room: Newsroom) -> None:
    """It is told with its number, line and fix; the others are online."""
    path = room.write("a.txt", BLOCKS.format(date="soon"))
    room.scan()
    assert sorted(room.live_titles()) == ["The bridge is open", "Tram line 4 runs again"]
    (notice,) = [notice for notice in room.source(path).notices if notice.code == "W_ITEM"]
    assert notice.line == 13
    assert "item 2 is left out" in notice.message
    assert "[E_DATE]" in notice.message
    assert room.check(path).notices == room.receipt(path).notices


def test_a_bulletin_of_nothing_but_bad_blocks_is_quarantined(room: Newsroom) -> None:
    """With the fault of the first."""
    path = room.write(
        "a.txt", "---\nprofile: bulletin\nitems: blocks\n---\ntitle: A\ndate: x\n\nB\n\n---\n\ntitle: C\ndate: y\n\nD\n"
    )
    room.scan()
    assert (room.state(path), room.code(path)) == (FileState.QUARANTINED, "E_DATE")


def test_an_item_that_breaks_keeps_its_last_good_entry(room: Newsroom) -> None:
    """A typo in one item withdraws nothing; what was really taken out goes once the file is whole again."""
    path = room.write("a.txt", BLOCKS.format(date="2026-02-04"))
    room.scan()
    before = room.live_titles()
    room.write(path, BLOCKS.format(date="2026-02-04x").replace("title: The bridge is open\n\nFor lorries too.\n", ""))
    seq = room.seq()
    room.scan()
    assert (room.live_titles(), room.kinds(seq)) == (before, [])
    room.write(path, BLOCKS.format(date="2026-02-04").replace("title: The bridge is open\n\nFor lorries too.\n", ""))
    room.scan()
    assert sorted(room.live_titles()) == ["The pool stays closed", "Tram line 4 runs again"]


@pytest.mark.case("2.48")
def test_one_clash_in_a_file_of_many(room: Newsroom) -> None:
    """The holder keeps its id, the others of the file are online, and the one left out follows by itself."""
    room.write("first.md", article("First", id="one"))
    room.scan()
    path = room.write("wire.json", wire({"title": "A", "id": "two"}, {"title": "B", "id": "one"}, {"title": "C"}))
    room.scan()
    assert sorted(room.live_titles()) == ["A", "C", "First"]
    (notice,) = room.source(path).notices
    assert notice.code == "W_ITEM"
    assert "first.md" in notice.message
    assert "[E_DUP_ID]" in notice.message
    seq = room.seq()
    assert (room.scan().files, room.seq()) == ({}, seq), "tried again, told once"
    room.delete("first.md")
    room.pass_grace()
    room.scan()
    assert sorted(room.live_titles()) == ["A", "B", "C"]
    assert room.source(path).notices == ()


def test_a_file_of_nothing_but_clashes_is_quarantined(room: Newsroom) -> None:
    """As a file with one entry is."""
    room.write("first.json", wire({"title": "A", "id": "1"}, {"title": "B", "id": "2"}))
    room.scan()
    path = room.write("second.json", wire({"title": "C", "id": "1"}, {"title": "D", "id": "2"}))
    room.scan()
    assert (room.state(path), room.code(path)) == (FileState.QUARANTINED, "E_DUP_ID")


@pytest.mark.case("2.49")
def test_a_restored_backup(room: Newsroom) -> None:
    """The old text is an update that says so; id and publication time stay."""
    old = article("Old", id="x", date="2026-01-05", updated="2026-01-06T10:00Z")
    room.write("a.md", old)
    room.scan()
    first = room.entry("a.md")
    room.write("a.md", article("New", id="x", date="2026-01-05", updated="2026-01-09T10:00Z"))
    room.scan()
    seq, newer = room.seq(), room.entry("a.md")
    room.write("a.md", old)
    checked = room.check("a.md")
    room.scan()
    restored = room.entry("a.md")
    assert (restored.title, restored.id, restored.published) == ("Old", first.id, first.published)
    assert restored.updated > newer.updated
    assert room.kinds(seq) == ["updated"]
    (notice,) = [notice for notice in room.source("a.md").notices if notice.code == "W_OLDER"]
    assert "2026-01-09 10:00" in notice.message
    assert checked.notices == room.receipt("a.md").notices
    assert [record.state for record in room.records("a.md")] == [EntryState.LIVE]


def test_a_usual_edit_is_no_step_back(room: Newsroom) -> None:
    """Neither a newer updated: nor none draws the warning."""
    for number in range(3):
        room.write("a.md", article(f"A {number}", updated=f"2026-01-0{number + 1}"))
        room.write("b.md", article(f"B {number}"))
        room.scan()
        assert not [n for path in ("a.md", "b.md") for n in room.source(path).notices if n.code == "W_OLDER"]


def test_two_blocks_with_one_id(room: Newsroom) -> None:
    """The first has it, the second is left out and told: neither is lost in the other."""
    blocks = "title: A\nid: one\n\nThe first text.\n\n---\n\ntitle: B\nid: one\n\nThe second text.\n"
    path = room.write("a.txt", f"---\nprofile: bulletin\nitems: blocks\n---\n{blocks}")
    room.scan()
    assert room.live_titles() == ["A"]
    assert [notice.code for notice in room.source(path).notices] == ["W_ITEM"]
    room.write("a.txt", f"---\nprofile: bulletin\nitems: blocks\n---\n{blocks}".replace("B\nid: one", "B\nid: two"))
    room.scan()
    assert sorted(room.live_titles()) == ["A", "B"]


def test_a_file_renamed_over_the_holder_of_its_id(room: Newsroom) -> None:
    """The entry of the place goes on under its id, in one step and without a word of withdrawal."""
    room.write("x.md", article("One", id="the-id"))
    room.scan()
    before, seq = room.entry("x.md"), room.seq()
    room.write("x.md", "")
    room.write("a.md", article("One", id="the-id"))
    room.scan()
    assert room.code("a.md") == "E_DUP_ID"
    room.rename("a.md", "x.md")
    room.scan()
    assert (room.state("x.md"), room.entry("x.md").id) == (FileState.PUBLISHED, before.id)
    assert room.kinds(seq) == []
