"""Numbered steps from an empty database to the present schema, each in the one transaction that records it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import Column, Integer, MetaData, Table, func, insert, inspect, select, text

from feedsvc.errors import StoreVersionError
from feedsvc.store.schema import metadata

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from sqlalchemy import Connection

_versions = MetaData()
schema_version = Table("schema_version", _versions, Column("version", Integer, primary_key=True))


def _create_tables(connection: Connection) -> None:
    metadata.create_all(connection)


def _add_read_with(connection: Connection) -> None:
    _add_column(connection, "sources", "read_with", "TEXT NOT NULL DEFAULT ''")


def _add_column(connection: Connection, table: str, column: str, kind: str) -> None:
    """Add a column unless step 1 has just made the table in its present form."""
    if column not in {found["name"] for found in inspect(connection).get_columns(table)}:
        connection.execute(text(f"ALTER TABLE {table} ADD COLUMN {column} {kind}"))


STEPS: Sequence[Callable[[Connection], None]] = (_create_tables, _add_read_with)
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
