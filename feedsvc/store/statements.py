"""Statements that are compiled once and then run by the driver itself.

SQLAlchemy writes the SQL of either database; what it does for every parameter of every row would cost more than the
database does, and nothing in our rows needs it.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache, lru_cache
from itertools import islice
from typing import TYPE_CHECKING, Any

from sqlalchemy import bindparam, insert

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from sqlalchemy import ColumnElement, Connection, Dialect, Row, Select, Table
    from sqlalchemy.sql.base import Executable

    AnyRow = Row[*tuple[Any, ...]]

_SIZES = (1, 10, 100, 500)
"""Lengths of IN lists: a list is filled up to the next one, so that few different statements are compiled."""


@dataclass(frozen=True, slots=True)
class Prepared:
    """A compiled statement: *names* of its parameters in the order of their values."""

    sql: str
    names: tuple[str, ...]
    is_positional: bool

    def run(self, connection: Connection, values: Sequence[object]) -> Sequence[AnyRow]:
        """Run with one set of values and return all rows."""
        return connection.exec_driver_sql(self.sql, self._arguments(values)).all()

    def run_many(self, connection: Connection, rows: Sequence[Sequence[object]]) -> None:
        """Run once for each of *rows*."""
        if rows:
            connection.exec_driver_sql(self.sql, [self._arguments(row) for row in rows])

    def _arguments(self, values: Sequence[object]) -> Any:  # noqa: ANN401 - what a driver takes has no common type
        return tuple(values) if self.is_positional else dict(zip(self.names, values, strict=True))


def prepare(statement: Executable, dialect: Dialect, names: Sequence[str]) -> Prepared:
    """Compile *statement* whose parameters are *names*, in the order in which values will come.

    Raises:
        ValueError: The statement has other parameters.
    """
    compiled: Any = statement.compile(dialect=dialect)  # type: ignore[attr-defined]
    order = tuple(compiled.positiontup or compiled.params)
    if order != tuple(names):
        raise ValueError(f"parameters {order} are not {tuple(names)}")
    return Prepared(compiled.string, order, compiled.positional)


@cache
def upsert(table: Table, dialect: Dialect) -> Prepared:
    """Return the statement that inserts a row or replaces the one with its key; values in the order of columns."""
    statement = insert_into(table, dialect)
    keys = [column.name for column in table.primary_key]
    others = {column.name: statement.excluded[column.name] for column in table.columns if column.name not in keys}
    return prepare(statement.on_conflict_do_update(index_elements=keys, set_=others), dialect, table.columns.keys())


def insert_into(table: Table, dialect: Dialect) -> Any:  # noqa: ANN401 - both kinds have no common type
    """Return the insertion of all columns, which takes ON CONFLICT."""
    if dialect.name == "postgresql":
        from sqlalchemy.dialects import postgresql

        return postgresql.insert(table)
    from sqlalchemy.dialects import sqlite

    return sqlite.insert(table)


@cache
def append(table: Table, dialect: Dialect, without: str = "") -> Prepared:
    """Return the statement that inserts a row; the database fills the column *without*."""
    names = [name for name in table.columns.keys() if name != without]  # noqa: SIM118 - columns iterate over values
    return prepare(insert(table).values({name: bindparam(name) for name in names}), dialect, names)


@lru_cache(maxsize=256)
def _lookup(query: Select[Any], column: ColumnElement[Any], size: int, dialect: Dialect) -> Prepared:
    names = [f"value_{n}" for n in range(size)]
    return prepare(query.where(column.in_([bindparam(name) for name in names])), dialect, names)


def rows_in(
    connection: Connection, query: Select[Any], column: ColumnElement[Any], values: Iterable[object]
) -> Iterator[AnyRow]:
    """Yield the rows of *query* whose *column* has one of *values*; *query* has no parameters of its own."""
    for batch in batches(values):
        size = next(size for size in _SIZES if size >= len(batch))
        filled = batch + batch[-1:] * (size - len(batch))
        yield from _lookup(query, column, size, connection.dialect).run(connection, filled)


def batches(values: Iterable[object]) -> Iterator[list[object]]:
    """Yield *values* in lists that fit into one statement."""
    rest = iter(values)
    while batch := list(islice(rest, _SIZES[-1])):
        yield batch
