"""The SQLite database: one file, write-ahead log, every commit flushed."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Any

from sqlalchemy import URL, create_engine, event

from feedsvc.store.units import WRITES, SqlStore

if TYPE_CHECKING:
    from sqlalchemy import Connection

_BUSY_S = 30.0
_CACHE_KIB = 16_384
_PAGE_BYTES = 8_192
"""Several texts of usual length share a page; only a new database takes it."""
_CHECKPOINT_PAGES = 4_096
"""An import moves its pages into the database a few times, not after every transaction."""


def open_sqlite(path: str, busy_s: float = _BUSY_S) -> SqlStore:
    """Open the database file at *path*, creating or migrating it as needed.

    Args:
        path: Where it is.
        busy_s: How long to wait for another process that writes.

    Raises:
        StoreVersionError: A newer feedsvc wrote it.
        StoreError: It cannot be opened or is damaged.
    """
    os.makedirs(os.path.dirname(path), exist_ok=True)
    engine = create_engine(URL.create("sqlite", database=path))
    event.listen(engine, "connect", lambda connection, record: _prepare(connection, record, busy_s))
    event.listen(engine, "begin", _begin)
    store = SqlStore(engine)
    store.migrate()
    return store


def _prepare(connection: Any, _record: object, busy_s: float) -> None:  # noqa: ANN401 - a driver's connection has no common type
    """Take transactions into our own hands and set what every connection needs."""
    # The sqlite3 module would open transactions only before writes, so a read followed by a write would not be one.
    connection.isolation_level = None
    cursor = connection.cursor()
    for pragma in (
        f"busy_timeout={int(busy_s * 1000)}",
        f"page_size={_PAGE_BYTES}",
        "journal_mode=WAL",
        f"wal_autocheckpoint={_CHECKPOINT_PAGES}",
        "synchronous=FULL",
        f"cache_size=-{_CACHE_KIB}",
        "temp_store=MEMORY",
    ):
        cursor.execute(f"PRAGMA {pragma}")
    cursor.close()


def _begin(connection: Connection) -> None:
    """Take the write lock at once where the unit will write: an upgrade later could fail half-way."""
    writes = connection.get_execution_options().get(WRITES, False)
    connection.exec_driver_sql("BEGIN IMMEDIATE" if writes else "BEGIN")
