"""The SQLite database: schema versions, damage, and how it is opened."""

from __future__ import annotations

import re
import sqlite3
from contextlib import closing
from datetime import UTC, datetime
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

import pytest

from feedsvc.errors import StoreError, StoreVersionError
from feedsvc.model import (
    ChangeKind,
    DigestSchedule,
    FileSignature,
    FileState,
    Frequency,
    SourceFile,
    Subscriber,
    SubscriberState,
)
from feedsvc.store import open_sqlite

if TYPE_CHECKING:
    from pathlib import Path

    from feedsvc.store import SqlStore

NOW = datetime(2026, 3, 1, tzinfo=UTC)


def at(folder: Path) -> Path:
    return folder / "state" / "feedsvc.sqlite3"


def opened(folder: Path) -> closing[SqlStore]:
    return closing(open_sqlite(str(at(folder))))


def ask(folder: Path, statement: str) -> list[tuple[object, ...]]:
    with closing(sqlite3.connect(at(folder))) as connection:
        rows = connection.execute(statement).fetchall()
        connection.commit()
        return rows


def write_one(folder: Path) -> None:
    with opened(folder) as store, store.writing() as unit:
        unit.set_meta("key 7", "new")


def schema(folder: Path) -> list[tuple[object, ...]]:
    return ask(folder, "SELECT name, sql FROM sqlite_master ORDER BY name")


def test_a_fresh_database_gets_the_whole_schema(tmp_path: Path) -> None:
    """Folder, file, tables and version appear at the first opening."""
    with opened(tmp_path) as store, store.reading() as unit:
        assert unit.last_seq() == 0
    assert ask(tmp_path, "SELECT count(*) > 0 FROM schema_version") == [(1,)]


def test_opening_again_changes_nothing(tmp_path: Path) -> None:
    """Schema, version and data are the same after any number of openings."""
    with opened(tmp_path) as store, store.writing() as unit:
        unit.set_meta("key", "value")
    before = (schema(tmp_path), ask(tmp_path, "SELECT * FROM schema_version"))
    for _ in range(2):
        with opened(tmp_path) as store, store.reading() as unit:
            assert unit.meta("key") == "value"
    assert (schema(tmp_path), ask(tmp_path, "SELECT * FROM schema_version")) == before


def test_a_newer_database_is_refused(tmp_path: Path) -> None:
    """What a newer program wrote is not touched, and the sentence names both versions and the way out."""
    with opened(tmp_path):
        pass
    ask(tmp_path, "INSERT INTO schema_version (version) VALUES (77)")
    before = schema(tmp_path)
    with pytest.raises(StoreVersionError, match=r"version 77.*versions up to \d+.*install"):
        open_sqlite(str(at(tmp_path)))
    assert schema(tmp_path) == before


@pytest.mark.parametrize("junk", [b"this is no database, but a text " * 200, b"\0" * 8192 + b"x"])
def test_a_file_that_is_no_database_is_told_as_such(tmp_path: Path, junk: bytes) -> None:
    """One sentence with the path and the reason, and the file is left as it is."""
    at(tmp_path).parent.mkdir()
    at(tmp_path).write_bytes(junk)
    with pytest.raises(StoreError, match=r"feedsvc\.sqlite3 cannot be used: .*not a database"):
        open_sqlite(str(at(tmp_path)))
    assert at(tmp_path).read_bytes() == junk


def test_a_damaged_database_is_told_as_such(tmp_path: Path) -> None:
    """Pages full of rubbish raise the store's own error, never the driver's."""
    with opened(tmp_path) as store, store.writing() as unit:
        for number in range(2000):
            unit.set_meta(f"key {number}", "value " * 20)
    whole = at(tmp_path).read_bytes()
    at(tmp_path).write_bytes(whole[:4096] + b"\xa5" * (len(whole) - 4096))
    with pytest.raises(StoreError, match="cannot be used"):
        write_one(tmp_path)


def test_a_state_folder_that_cannot_be_made_is_told_as_such(tmp_path: Path) -> None:
    """A file lies where the state folder belongs."""
    (tmp_path / "state").write_bytes(b"")
    with pytest.raises((StoreError, OSError), match="state"):
        open_sqlite(str(at(tmp_path)))


def test_the_database_is_opened_for_readers_beside_the_writer(tmp_path: Path) -> None:
    """The write-ahead log is on, so that readers and the writer do not wait for each other."""
    with opened(tmp_path) as store, store.writing() as unit:
        unit.set_meta("key", "value")
    assert ask(tmp_path, "PRAGMA journal_mode") == [("wal",)]


def test_a_closed_store_leaves_one_file(tmp_path: Path) -> None:
    """After an orderly end the log is folded in: the database can be copied as one file."""
    with opened(tmp_path) as store, store.writing() as unit:
        unit.set_meta("key", "value")
    assert [path.name for path in at(tmp_path).parent.iterdir()] == ["feedsvc.sqlite3"]


def test_numbers_of_deleted_changes_are_not_given_out_again(tmp_path: Path) -> None:
    """Even when the newest rows of the log are pruned, the next number is a new one."""
    with opened(tmp_path) as store, store.writing() as unit:
        last = unit.add_changes([("a", 1, ChangeKind.UPDATED)] * 3, NOW)
    ask(tmp_path, "DELETE FROM changes")
    with opened(tmp_path) as store, store.writing() as unit:
        assert unit.add_changes([("a", 1, ChangeKind.UPDATED)], NOW) == last + 1


def test_two_entries_cannot_have_one_address(tmp_path: Path) -> None:
    """A slug that is given twice is refused by the database itself, as the store's own error."""
    insert = (
        "INSERT INTO entries (id, source_path, item_key, folder, state, revision, slug, fingerprint, published, "
        "updated, was_published) VALUES ('{0}', x'61', '', x'', 'live', 1, 'same', '', 0, 0, 1)"
    )
    with opened(tmp_path):
        pass
    ask(tmp_path, insert.format("a"))
    with pytest.raises(sqlite3.IntegrityError):
        ask(tmp_path, insert.format("b"))


def test_a_database_of_the_first_version_learns_of_media(tmp_path: Path) -> None:
    """Files and entries that were stored before media were known are kept, and name none."""
    with opened(tmp_path) as store, store.writing() as unit:
        unit.put_sources([SourceFile("a.md", FileSignature(1, 2, 3, 4), "hash", FileState.PUBLISHED, NOW)])
    new = schema(tmp_path)
    for statement in (
        "DROP INDEX sources_with_media",
        "DROP INDEX revisions_with_media",
        "ALTER TABLE sources DROP COLUMN media",
        "ALTER TABLE revisions DROP COLUMN media",
        "DELETE FROM schema_version WHERE version > 1",
    ):
        ask(tmp_path, statement)
    with opened(tmp_path) as store, store.reading() as unit:
        assert unit.source("a.md") is not None
        assert unit.media_uses() == {}
    assert [name for name, _ in schema(tmp_path)] == [name for name, _ in new]


def test_a_database_from_before_subscribers_gets_their_tables(tmp_path: Path) -> None:
    """What an earlier version stored is kept, and the schema is that of a new database."""
    write_one(tmp_path)
    new = schema(tmp_path)
    for statement in (
        "DROP TABLE subscribers",
        "DROP TABLE suppressions",
        "DROP TABLE consents",
        "DELETE FROM schema_version WHERE version > 3",
    ):
        ask(tmp_path, statement)
    with opened(tmp_path) as store, store.reading() as unit:
        assert unit.meta("key 7") == "new"
        assert unit.subscriber_counts() == {}
    assert schema(tmp_path) == new


def test_nothing_of_an_erased_person_is_left_in_any_file(tmp_path: Path) -> None:
    """Though another process has the database open, no page and no log holds the address any more."""
    people = [
        Subscriber(
            f"id {number}",
            f"person-{number}@example.org",
            "en",
            DigestSchedule(Frequency.DAILY, ZoneInfo("UTC")),
            (),
            SubscriberState.ACTIVE,
            NOW,
            consent=f"agreed as number {number}",
        )
        for number in range(1000, 4000)
    ]
    with opened(tmp_path) as other, other.reading(), opened(tmp_path) as store, store.writing() as unit:
        unit.put_subscribers(people)
    with opened(tmp_path) as other, opened(tmp_path) as store:
        with other.reading() as unit:
            assert unit.subscriber_counts() == {SubscriberState.ACTIVE: len(people)}
        with store.writing() as unit:
            unit.forget_subscribers(one.id for one in people[::100])
        store.fold_log()
        held = b"".join(path.read_bytes() for path in at(tmp_path).parent.iterdir())
    numbers = {int(number) for number in re.findall(rb"(?:person-|agreed as number )(\d{4})", held)}
    assert numbers == set(range(1000, 4000)) - set(range(1000, 4000, 100))
