"""A bulletin over time: its items are entries of their own, each with its own id."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import pytest
from newsroom import Newsroom

from feedsvc.model import Entry, EntryState, FileState

ITEMS = [
    "The council voted for the new tram line along the harbour.",
    "Bakers in the old town open an hour earlier from Monday on.",
    "The library shows photographs of the great flood until May.",
]
SAMPLE = Path(__file__).resolve().parents[3] / "shared" / "samples" / "000_aea691afdcbec389.txt"


def text_of(items: list[str], header: str = "") -> str:
    """Return a bulletin with one paragraph for each of *items*."""
    return f"---\nprofile: bulletin\n{header}---\n" + "\n\n".join(items) + "\n"


def live(room: Newsroom, path: str = "week.txt") -> list[Entry]:
    """Return the entries of the bulletin that are live, in the order of the feed."""
    ids = [record.id for record in room.records(path) if record.state is EntryState.LIVE]
    with room.store.reading() as unit:
        return [entry for entry in unit.window("main", 100) if entry.id in ids]


@pytest.fixture
def room(tmp_path: Path) -> Newsroom:
    """A newsroom with one published bulletin."""
    room = Newsroom(tmp_path)
    room.write("week.txt", text_of(ITEMS))
    room.scan()
    return room


def test_items_stand_in_the_feed_in_the_order_of_the_file(room: Newsroom) -> None:
    """The feed reads like the bulletin; the receipt lists the same, and checking says it beforehand."""
    assert [entry.summary for entry in live(room)] == ITEMS
    receipt = room.receipt("week.txt")
    assert [entry.id for entry in receipt.entries] == [entry.id for entry in live(room)]
    assert len({entry.url for entry in receipt.entries}) == len(ITEMS)
    assert room.check("week.txt") == receipt


def test_edit_of_one_item_changes_exactly_that_entry(room: Newsroom) -> None:
    """The edited item keeps its id and gets a revision; nobody hears of the others."""
    before, seq = live(room), room.seq()
    edited = [ITEMS[0], ITEMS[1].replace("an hour", "two hours"), ITEMS[2]]
    room.write("week.txt", text_of(edited))
    room.scan()
    assert [entry.id for entry in live(room)] == [entry.id for entry in before]
    assert [(change.entry_id, change.kind.value) for change in room.changes(seq)] == [(before[1].id, "updated")]


def test_new_item_is_news_and_the_others_stay(room: Newsroom) -> None:
    """An item put at the top comes first, under an id of its own, dated when it came."""
    before, seq = live(room), room.seq()
    room.clock.advance(3600)
    room.write("week.txt", text_of(["A seal was seen under the bridge.", *ITEMS]))
    room.scan()
    now = live(room)
    assert [entry.id for entry in now[1:]] == [entry.id for entry in before]
    assert now[0].published - now[1].published >= timedelta(hours=1)
    assert room.kinds(seq) == ["published"]


def test_removed_item_is_withdrawn_and_comes_back_under_its_id(room: Newsroom) -> None:
    """Only its own entry goes and returns."""
    before, seq = live(room), room.seq()
    room.write("week.txt", text_of(ITEMS[1:]))
    room.scan()
    room.write("week.txt", text_of(ITEMS))
    room.scan()
    assert {entry.id for entry in live(room)} == {entry.id for entry in before}
    assert [(c.entry_id, c.kind.value) for c in room.changes(seq)] == [
        (before[0].id, "withdrawn"),
        (before[0].id, "published"),
    ]


def test_items_that_trade_places_keep_their_ids(room: Newsroom) -> None:
    """Identity follows the text, not the place."""
    before = {entry.summary: entry.id for entry in live(room)}
    room.write("week.txt", text_of(ITEMS[::-1]))
    room.scan()
    assert {entry.summary: entry.id for entry in live(room)} == before


def test_edited_item_and_its_old_text_beside_it_are_two_entries(room: Newsroom) -> None:
    """The old text keeps the id, the variant is new, and no two entries share a key."""
    before = live(room)
    room.write("week.txt", text_of([ITEMS[0].replace("harbour", "river"), *ITEMS]))
    room.scan()
    assert len({entry.id for entry in live(room)}) == len(ITEMS) + 1
    assert {entry.id for entry in before} < {entry.id for entry in live(room)}


def test_renamed_bulletin_keeps_all_ids(room: Newsroom) -> None:
    """A move is no news."""
    before = [entry.id for entry in live(room)]
    room.rename("week.txt", "archive/last.txt")
    room.scan()
    assert [entry.id for entry in live(room, "archive/last.txt")] == before


def test_scheduled_bulletin_appears_in_its_second(tmp_path: Path) -> None:
    """What keeps the items in order delays none of them, and the order is that of the file."""
    room = Newsroom(tmp_path)
    moment = (room.clock() + timedelta(hours=1)).replace(microsecond=0)
    room.write("week.txt", text_of(ITEMS, f"date: {moment.isoformat()}\n"))
    room.scan()
    assert room.state("week.txt") is FileState.SCHEDULED
    room.clock.advance((moment - room.clock()).total_seconds())
    room.ingest.release_due()
    assert room.state("week.txt") is FileState.PUBLISHED
    assert [entry.summary for entry in live(room)] == ITEMS


@pytest.mark.skipif(not SAMPLE.exists(), reason="the samples are not beside this checkout")
def test_sample_as_a_bulletin(tmp_path: Path) -> None:
    """Ten entries in file order, titled by line 1 first; an edited paragraph changes exactly its own entry."""
    room = Newsroom(tmp_path)
    lines = SAMPLE.read_text("utf-8").splitlines()
    header = "---\nprofile: bulletin\nfirst_line: lead\n---\n"
    room.write("week.txt", header + "\n".join(lines))
    room.scan()
    before, seq = live(room), room.seq()
    assert len(before) == 10
    assert before[0].title == lines[0]
    assert [entry.summary[:80] for entry in before] == [line[:80] for line in lines[2:]]
    assert all(entry.language == "ar" and entry.direction == "rtl" for entry in before)
    assert all(entry.summary and not entry.slug.isascii() for entry in before)
    lines[6] = lines[6].replace("قطرية", "القطرية ", 1) + " وشكرت الحضور."
    room.write("week.txt", header + "\n".join(lines))
    room.scan()
    assert [(change.entry_id, change.kind.value) for change in room.changes(seq)] == [(before[4].id, "updated")]
