"""Numbered steps from an empty database to the present schema, each in the one transaction that records it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sqlalchemy import Column, Integer, MetaData, Table, and_, func, insert, inspect, literal, select, update
from sqlalchemy.schema import CreateColumn

from feedsvc.errors import StoreVersionError
from feedsvc.model import ChangeKind, Telling
from feedsvc.store.schema import (
    changes,
    consents,
    digest_bodies,
    digest_cursors,
    digest_runs,
    entries,
    metadata,
    outbox,
    returned_digests,
    revisions,
    sources,
    subscribers,
    suppressions,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from sqlalchemy import Connection

_versions = MetaData()
_OLD_BACKFILL_MICROS = 30 * 86_400 * 1_000_000
"""What was older than 30 days when it came was no news before there was a column for it."""
schema_version = Table("schema_version", _versions, Column("version", Integer, primary_key=True))


def _create_tables(connection: Connection) -> None:
    metadata.create_all(connection)


def _add_read_with(connection: Connection) -> None:
    _add_column(connection, sources.c.read_with)


def _add_media(connection: Connection) -> None:
    for column in (sources.c.media, revisions.c.media):
        _add_column(connection, column)
    for index in (*sources.indexes, *revisions.indexes):
        index.create(connection, checkfirst=True)


def _add_subscribers(connection: Connection) -> None:
    metadata.create_all(connection, tables=[subscribers, suppressions, consents])


def _add_outbox(connection: Connection) -> None:
    metadata.create_all(connection, tables=[digest_cursors, digest_runs, digest_bodies, outbox])


def _add_returns(connection: Connection) -> None:
    metadata.create_all(connection, tables=[returned_digests])


def _add_due_times(connection: Connection) -> None:
    """Let everybody be looked at once; from then on, only who is due."""
    _add_column(connection, digest_cursors.c.due_at)
    for index in digest_cursors.indexes:
        index.create(connection, checkfirst=True)
    connection.exec_driver_sql("DROP INDEX IF EXISTS outbox_state")
    for index in outbox.indexes:
        index.create(connection, checkfirst=True)
    _cluster(connection, subscribers)
    known = select(subscribers.c.id, literal(-1), literal(0), literal(""), literal(""), literal(0))
    columns = ["subscriber_id", "last_seq", "told_until", "period_key", "period_day", "due_at"]
    is_new = subscribers.c.id.not_in(select(digest_cursors.c.subscriber_id))
    connection.execute(insert(digest_cursors).from_select(columns, known.where(is_new)))


def _cluster(connection: Connection, table: Table) -> None:
    """Order the rows of an old *table* by its key, as those of a new one are."""
    if connection.dialect.name != "sqlite":
        return
    old = f"{table.name}_unordered"
    query = f"SELECT sql FROM sqlite_master WHERE name = '{table.name}'"  # noqa: S608 - the name is ours
    if "WITHOUT ROWID" in str(connection.exec_driver_sql(query).scalar()):
        return
    connection.exec_driver_sql(f"ALTER TABLE {table.name} RENAME TO {old}")
    for index in table.indexes:
        connection.exec_driver_sql(f"DROP INDEX {index.name}")
    table.create(connection)
    names = ", ".join(column.name for column in table.columns)
    connection.exec_driver_sql(f"INSERT INTO {table.name} ({names}) SELECT {names} FROM {old} ORDER BY 1")  # noqa: S608
    connection.exec_driver_sql(f"DROP TABLE {old}")


def _add_notify(connection: Connection) -> None:
    for column in (entries.c.notify, entries.c.is_archive, changes.c.telling, digest_cursors.c.joined):
        _add_column(connection, column)
    published = select(entries.c.published).where(entries.c.id == changes.c.entry_id).scalar_subquery()
    is_news = and_(changes.c.kind == ChangeKind.PUBLISHED.value, changes.c.at - published <= _OLD_BACKFILL_MICROS)
    connection.execute(update(changes).where(is_news).values(telling=Telling.NEW.value))


def _add_column(connection: Connection, column: Column[Any]) -> None:
    """Add *column* to its table, unless it is there: a new database begins with all of them."""
    table = column.table
    if column.name not in {known["name"] for known in inspect(connection).get_columns(table.name)}:
        definition = CreateColumn(column).compile(dialect=connection.dialect)
        connection.exec_driver_sql(f"ALTER TABLE {table.name} ADD COLUMN {definition}")


STEPS: Sequence[Callable[[Connection], None]] = (
    _create_tables,
    _add_read_with,
    _add_media,
    _add_subscribers,
    _add_outbox,
    _add_returns,
    _add_due_times,
    _add_notify,
)
"""Step *n* (counted from 1) turns version *n* - 1 into version *n*; a released step is never edited."""


def migrate(connection: Connection) -> int:
    """Bring the database up to date inside the open transaction and return the version it now has.

    Raises:
        StoreVersionError: The database was written by a newer feedsvc.
    """
    _versions.create_all(connection)
    found = connection.scalar(select(func.max(schema_version.c.version))) or 0
    if found > len(STEPS):
        raise StoreVersionError(
            f"the database has schema version {found}, this feedsvc knows versions up to {len(STEPS)}; "
            "install the feedsvc that wrote it, or a newer one"
        )
    for number, step in enumerate(STEPS[found:], found + 1):
        step(connection)
        connection.execute(insert(schema_version).values(version=number))
    return len(STEPS)
