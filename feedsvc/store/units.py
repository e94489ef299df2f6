"""Units of work over SQLAlchemy Core; nothing here knows which database it talks to."""

from __future__ import annotations

import threading
from contextlib import closing, contextmanager
from typing import TYPE_CHECKING

from sqlalchemy import exc

from feedsvc.errors import StoreError
from feedsvc.store.migrations import migrate
from feedsvc.store.reading import SqlReadUnit
from feedsvc.store.writing import SqlWriteUnit

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sqlalchemy import Connection, Engine

    from feedsvc.protocols import ReadUnit, WriteUnit

WRITES = "feedsvc_writes"
"""Execution option of a connection whose transaction will write."""


class SqlStore:
    """A ``Store`` over a database engine; see the protocol for what its users may rely on.

    Threads that write take turns here: a database that is asked again and again would keep some of them waiting long.
    """

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        self._turn = threading.RLock()

    def migrate(self) -> None:
        """Bring the schema up to date."""
        with self._transaction(writes=True) as connection:
            migrate(connection)

    @contextmanager
    def reading(self) -> Iterator[ReadUnit]:
        """Open a consistent view."""
        with self._transaction(writes=False) as connection:
            yield SqlReadUnit(connection)

    @contextmanager
    def writing(self) -> Iterator[WriteUnit]:
        """Open the writing transaction."""
        with self._turn, self._transaction(writes=True) as connection:
            yield SqlWriteUnit(connection)

    def fold_log(self) -> None:
        """Move the log of the database into it, so that removed rows are in no file; waits for readers to end."""
        if self._engine.dialect.name == "sqlite":
            with closing(self._engine.raw_connection()) as connection:
                connection.cursor().execute("PRAGMA wal_checkpoint(TRUNCATE)")

    def close(self) -> None:
        """Release all connections."""
        self._engine.dispose()

    @contextmanager
    def _transaction(self, *, writes: bool) -> Iterator[Connection]:
        try:
            with self._engine.connect() as plain:
                connection = plain.execution_options(**{WRITES: writes})
                with connection.begin():
                    yield connection
        except exc.SQLAlchemyError as error:
            reason = getattr(error, "orig", None) or error
            raise StoreError(f"the database {self._engine.url.database} cannot be used: {reason}") from error
