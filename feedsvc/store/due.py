"""Whom to look at, and when: an index of moments beside the cursors of subscribers, so that nobody else is read."""

from __future__ import annotations

import json
from functools import cache, lru_cache
from typing import TYPE_CHECKING, Any

from sqlalchemy import bindparam, case, func, literal_column, select, update

from feedsvc.model import DueReader, ReaderMark, SubscriberState
from feedsvc.store.schema import digest_cursors, subscribers
from feedsvc.store.statements import insert_into, prepare
from feedsvc.times import to_micros

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from sqlalchemy import Connection, Dialect

    from feedsvc.store.statements import AnyRow, Prepared

UNMET = -1
"""In place of a ``seq``: no run has looked at the subscriber yet."""
AT_ONCE = 0
"""In place of a moment: something about the subscriber changed, so they are looked at by the next run."""

_FEEDS, _JOINED = DueReader._fields.index("feeds"), DueReader._fields.index("joined")
_IS_ACTIVE = subscribers.c.state == literal_column(f"'{SubscriberState.ACTIVE}'")
_BEGIN = func.coalesce(subscribers.c.confirmed, subscribers.c.created)
_LOOK = select(
    subscribers.c.id,
    subscribers.c.address,
    subscribers.c.language,
    subscribers.c.frequency,
    subscribers.c.zone,
    subscribers.c.hour,
    subscribers.c.day,
    subscribers.c.feeds,
    _IS_ACTIVE.label("is_active"),
    case((subscribers.c.paused_until > _BEGIN, subscribers.c.paused_until), else_=_BEGIN).label("since"),
    digest_cursors.c.last_seq,
    digest_cursors.c.told_until,
    digest_cursors.c.period_key,
    digest_cursors.c.period_day,
    digest_cursors.c.due_at,
    digest_cursors.c.joined,
).join(subscribers, subscribers.c.id == digest_cursors.c.subscriber_id)


@cache
def _due(dialect: Dialect) -> Prepared:
    query = _LOOK.where(digest_cursors.c.due_at <= bindparam("now"))
    ordered = query.order_by(digest_cursors.c.due_at, digest_cursors.c.subscriber_id)
    return prepare(ordered.limit(bindparam("most")).offset(literal_column("0")), dialect, ("now", "most"))


@cache
def _waiting(dialect: Dialect) -> Prepared:
    query = _LOOK.where(
        digest_cursors.c.due_at.is_(None),
        digest_cursors.c.subscriber_id > bindparam("after"),
        digest_cursors.c.last_seq < bindparam("seq"),
    )
    ordered = query.order_by(digest_cursors.c.subscriber_id)
    return prepare(ordered.limit(bindparam("most")).offset(literal_column("0")), dialect, ("after", "seq", "most"))


@cache
def _mark(dialect: Dialect) -> Prepared:
    noted = ReaderMark._fields[:-1]
    values: dict[str, Any] = {name: bindparam(f"new_{name}") for name in noted}
    statement = update(digest_cursors).where(digest_cursors.c.subscriber_id == bindparam("at")).values(values)
    return prepare(statement, dialect, (*(f"new_{name}" for name in noted), "at"))


@cache
def look_again(dialect: Dialect) -> Prepared:
    """Return the statement that has a subscriber looked at; what is noted of them already stays."""
    statement = insert_into(digest_cursors, dialect).on_conflict_do_update(
        index_elements=["subscriber_id"], set_={"due_at": literal_column(str(AT_ONCE))}
    )
    return prepare(statement, dialect, digest_cursors.columns.keys())


@lru_cache(maxsize=1024)
def load_slugs(text: str) -> tuple[str, ...]:
    """Return the slugs of feeds that a row holds."""
    return tuple(json.loads(text)) if text else ()


@lru_cache(maxsize=1024)
def load_joined(text: str) -> tuple[tuple[str, int], ...]:
    """Return the feeds that somebody chose, each with the ``seq`` of that moment."""
    return tuple((slug, seq) for slug, seq in json.loads(text)) if text else ()


def _reader_of(row: AnyRow) -> DueReader:
    values = list(row)
    values[_FEEDS], values[_JOINED] = load_slugs(values[_FEEDS]), load_joined(values[_JOINED])
    return DueReader._make(values)


class SqlDueReads:
    """See ``protocols.DueReads``."""

    _connection: Connection

    def readers_due(self, now: datetime, limit: int) -> list[DueReader]:
        """Return those who are to be looked at by *now*, at most *limit*."""
        found = _due(self._connection.dialect).run(self._connection, (to_micros(now), limit))
        return [_reader_of(row) for row in found]

    def readers_waiting(self, after_id: str, seq: int, limit: int) -> list[DueReader]:
        """Return those who wait for news and were not told up to *seq*, by id, at most *limit*."""
        found = _waiting(self._connection.dialect).run(self._connection, (after_id, seq, limit))
        return [_reader_of(row) for row in found]

    def looked_after(self) -> int:
        """Return how many active subscribers are followed by runs."""
        query = (
            select(func.count())
            .select_from(digest_cursors)
            .join(subscribers, subscribers.c.id == digest_cursors.c.subscriber_id)
        )
        return self._connection.scalar(query.where(digest_cursors.c.last_seq > UNMET, _IS_ACTIVE)) or 0


class SqlDueWrites:
    """See ``protocols.DueWrites``."""

    _connection: Connection

    def mark_readers(self, marks: Sequence[ReaderMark]) -> None:
        """Note how far subscribers are told, and when to look at them again."""
        _mark(self._connection.dialect).run_many(self._connection, marks)

    def look_at_everybody(self) -> None:
        """Have all subscribers looked at by the next run."""
        self._connection.execute(update(digest_cursors).values(due_at=AT_ONCE))
