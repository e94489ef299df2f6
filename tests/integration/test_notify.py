"""What ``notify:`` does to a file: who is told of a change by mail, and what its editor is told about it."""

from __future__ import annotations

import json
from datetime import timedelta
from typing import TYPE_CHECKING

import pytest
from newsroom import Newsroom, article
from sqlalchemy import create_engine, text

from feedsvc.model import FileState, Telling
from feedsvc.store import open_sqlite

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

OLD = "2019-05-01T00:00:00Z"


@pytest.fixture
def room(tmp_path: Path) -> Iterator[Newsroom]:
    """Yield a newsroom that mails nothing which is older than 30 days when it comes."""
    made = Newsroom(tmp_path, backfill=timedelta(days=30))
    yield made
    made.store.close()


class Log:
    """Saves one file again and again, and tells who gets to know of it by mail."""

    def __init__(self, room: Newsroom, name: str = "a.md") -> None:
        self.room, self.name, self.seq = room, name, room.seq()

    def save(self, data: str) -> list[str]:
        """Save the file and return what the change log holds about that: kind and who is told."""
        self.room.write(self.name, data)
        self.room.scan()
        return self.news()

    def news(self) -> list[str]:
        """Return what the change log holds since it was last asked."""
        found = [f"{change.kind}, {change.telling.name}".lower() for change in self.room.changes(self.seq)]
        self.seq = self.room.seq()
        return found


def notify(value: str, body: str = "The text.", **header: str) -> str:
    """Return an article that says so much about mails."""
    return article("A", body, **({"notify": value} if value else {}), **header)


def test_an_edit_is_no_news_unless_it_is_announced(room: Newsroom) -> None:
    """One mail for the first text, one for each new value of notify, none for anything else."""
    log = Log(room)
    assert log.save(notify("")) == ["published, new"]
    assert log.save(notify("", "A corrected text.")) == ["updated, nobody"]
    assert log.save(notify("true", "A corrected text.")) == ["announced, anew"]
    assert log.save(notify("true", "A typo less.")) == ["updated, nobody"]
    assert log.save(notify("2026-03-02", "Another correction.")) == ["updated, anew"]
    assert log.save(notify("2026-03-02", "Another typo.")) == ["updated, nobody"]
    assert log.save(notify("", "Another typo.")) == []
    assert log.save(notify("yes", "Another typo.")) == ["announced, anew"]


def test_false_keeps_an_entry_out_of_mails(room: Newsroom) -> None:
    """In feeds, in no mail; taking the line away announces nothing."""
    log = Log(room)
    assert log.save(notify("false")) == ["published, nobody"]
    assert room.receipt("a.md").entries[0].feeds == ("main",)
    assert log.save(notify("false", "Edited.")) == ["updated, nobody"]
    assert log.save(notify("", "Edited.")) == []
    assert log.save(notify("true", "Edited.")) == ["announced, anew"]


@pytest.mark.parametrize(
    "text",
    [
        "---\ntitle: A\nnotify: no\n---\nText.\n",
        '+++\ntitle = "A"\nnotify = false\n+++\nText.\n',
        '{"title": "A", "notify": false}\n\nText.\n',
        "Title: A\nNotify: false\n\nText.\n",
        ".. title: A\n.. notify: false\n\nText.\n",
        "#+TITLE: A\n#+NOTIFY: false\n\nText.\n",
    ],
    ids=["yaml", "toml", "json", "lines", "nikola", "org"],
)
def test_every_header_can_say_it(room: Newsroom, text: str) -> None:
    """Whatever program the header was written for."""
    assert Log(room).save(text) == ["published, nobody"]


def test_items_of_a_file_can_say_it_for_themselves(room: Newsroom) -> None:
    """Objects of a JSON file, blocks of a bulletin, and a bulletin for all of its items."""
    items = '[{"title": "A", "body": "a", "notify": false}, {"title": "B", "body": "b"}]'
    assert sorted(Log(room, "a.json").save(items)) == ["published, new", "published, nobody"]
    assert Log(room, "a.json").save(items.replace("false", "true")) == ["announced, anew"]
    blocks = "---\nprofile: bulletin\nitems: blocks\n---\ntitle: C\nnotify: false\n\nc\n\ntitle: D\n\nd\n"
    assert sorted(Log(room, "b.txt").save(blocks)) == ["published, new", "published, nobody"]
    all_silent = "---\nprofile: bulletin\nnotify: false\n---\nThe first item.\n\nThe second item.\n"
    assert Log(room, "c.txt").save(all_silent) == ["published, nobody", "published, nobody"]


def test_an_archive_goes_to_feeds_and_the_receipt_says_so(room: Newsroom) -> None:
    """In ``status`` and in ``check`` alike, as long as nothing else is said; true mails it all the same."""
    room.write("a.md", notify("", date=OLD))
    assert [notice.code for notice in room.check("a.md").notices] == ["H_ARCHIVE"]
    log = Log(room)
    assert log.save(notify("", date=OLD)) == ["published, nobody"]
    assert [notice.code for notice in room.receipt("a.md").notices] == ["H_ARCHIVE"]
    assert room.receipt("a.md").entries[0].feeds == ("main",)
    room.upgrade()
    room.scan()
    assert [notice.code for notice in room.receipt("a.md").notices] == ["H_ARCHIVE"], "also when it is read again"
    assert log.save(notify("", "Edited.", date=OLD)) == ["updated, nobody"]
    assert log.save(notify("true", "Edited.", date=OLD)) == ["announced, anew"]
    assert room.receipt("a.md").notices == ()
    assert Log(room, "b.md").save(article("B", notify="true", date=OLD)) == ["published, new"]
    assert Log(room, "c.md").save(article("C", notify="false", date=OLD)) == ["published, nobody"]
    assert room.receipt("c.md").notices == ()


def test_an_archive_of_many_items_says_how_many(room: Newsroom) -> None:
    """The old ones are counted; new ones among them are mailed."""
    dated = [{"title": name, "body": name, "date": OLD} for name in ("A", "B")]
    items = json.dumps([*dated, {"title": "C", "body": "c"}])
    assert sorted(Log(room, "a.json").save(items)) == ["published, new", "published, nobody", "published, nobody"]
    assert [notice.message[:9] for notice in room.receipt("a.json").notices] == ["2 entries"]


def test_a_draft_that_lay_for_long_is_news(room: Newsroom) -> None:
    """What counts is how old it was when it came, not how long it was worked on."""
    log = Log(room)
    assert log.save(notify("", draft="true")) == []
    room.clock.advance(90 * 86_400)
    assert log.save(notify("", "Finished.")) == ["published, new"]


def test_what_comes_back_is_news_to_those_who_missed_it(room: Newsroom) -> None:
    """Published, withdrawn, published again; after a month nobody is told any more."""
    log = Log(room)
    log.save(notify(""))
    assert log.save(notify("", draft="true")) == ["withdrawn, nobody"]
    assert log.save(notify("")) == ["published, back"]
    log.save(notify("", draft="true"))
    assert log.save(notify("true", "Mended.")) == ["published, anew"]
    log.save(notify("true", draft="true"))
    assert log.save(notify("true")) == ["published, back"], "the line announces nothing twice"
    log.save(notify("", draft="true"))
    room.clock.advance(40 * 86_400)
    assert log.save(notify("")) == ["published, nobody"]


def test_a_scheduled_entry_is_news_at_its_minute(room: Newsroom) -> None:
    """Unless its file says otherwise; one that was moved into the future is announced if its file says so."""
    log = Log(room)
    for value, telling in (("", "new"), ("false", "nobody"), ("true", "new")):
        log.name = f"{value or 'plain'}.md"
        moment = f"{room.clock() + timedelta(hours=1):%Y-%m-%dT%H:%M:%SZ}"
        assert log.save(notify(value, f"Text {value}.", date=moment)) == []
        room.clock.advance(3_600)
        room.ingest.release_due()
        assert log.news() == [f"published, {telling}"]
    moment = f"{room.clock() + timedelta(hours=1):%Y-%m-%dT%H:%M:%SZ}"
    assert log.save(notify("true", "Text true.", date=moment)) == ["withdrawn, nobody"]
    room.clock.advance(3_600)
    room.ingest.release_due()
    assert log.news() == ["published, anew"]


def test_a_slip_is_told_and_keeps_the_entry_out_of_mails(room: Newsroom) -> None:
    """The receipt names the line."""
    assert Log(room).save(notify("ture")) == ["published, nobody"]
    receipt = room.receipt("a.md")
    assert receipt.state is FileState.PUBLISHED
    assert [(notice.code, notice.line) for notice in receipt.notices] == [("W_NOTIFY", 3)]


def test_a_database_of_before_keeps_its_news(tmp_path: Path) -> None:
    """What waits for its mail while the program is updated is mailed; what was an archive before stays one."""
    room = Newsroom(tmp_path)
    room.write("a.md", article("A"))
    room.write("b.md", article("B", date=OLD))
    room.scan()
    room.store.close()
    path = tmp_path / "state" / "feedsvc.sqlite3"
    engine = create_engine(f"sqlite:///{path}")
    with engine.begin() as connection:
        connection.execute(text("DELETE FROM schema_version WHERE version > 6"))
        connection.execute(text("ALTER TABLE changes DROP COLUMN telling"))
        connection.execute(text("ALTER TABLE digest_cursors DROP COLUMN joined"))
        for column in ("notify", "is_archive"):
            connection.execute(text(f"ALTER TABLE entries DROP COLUMN {column}"))
    engine.dispose()
    store = open_sqlite(str(path))
    with store.reading() as unit:
        paths = {record.id: record.source_path for record in unit.records(unit.live_ids()).values()}
        found = {paths[change.entry_id]: change.telling for change in unit.changes(0, 9)}
    store.close()
    assert found == {"a.md": Telling.NEW, "b.md": Telling.NOBODY}
