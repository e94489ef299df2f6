"""Runs of digests, their rendered bodies, and the outbox: what waits to leave and what became of it."""

from __future__ import annotations

import json
from datetime import date
from functools import cache
from typing import TYPE_CHECKING, Any

from sqlalchemy import bindparam, delete, func, insert, literal_column, select, update

from feedsvc.model import DigestCursor, DigestRun, NewDigest, OutboxMessage, OutboxState, QueuedDigest
from feedsvc.store.due import AT_ONCE, UNMET, load_joined
from feedsvc.store.schema import digest_bodies, digest_cursors, digest_runs, outbox
from feedsvc.store.statements import append, prepare, rows_in, upsert
from feedsvc.times import from_micros, to_micros

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence
    from datetime import datetime

    from sqlalchemy import Connection, Dialect, Select

    from feedsvc.store.statements import AnyRow, Prepared

_OUTBOX = select(outbox)
_CURSORS = select(digest_cursors)
_BODIES = select(digest_bodies)
_WAITING = (OutboxState.QUEUED.value, OutboxState.RETRY.value)
_SETTLED = (OutboxState.SENT.value, OutboxState.SUPPRESSED.value, OutboxState.FAILED.value)
_MAY_GO = tuple(state.value for state in OutboxState if state not in (OutboxState.SENT, OutboxState.SUPPRESSED))

_STATE_COLUMNS = ("state", "attempts", "first_attempt", "not_before", "owner", "lease_until", "reason")
"""The columns that change on the way out, in the order of the table."""


@cache
def _update(dialect: Dialect) -> Prepared:
    values: dict[str, Any] = {name: bindparam(f"new_{name}") for name in _STATE_COLUMNS}
    statement = update(outbox).where(outbox.c.id == bindparam("at")).values(values)
    return prepare(statement, dialect, (*(f"new_{name}" for name in _STATE_COLUMNS), "at"))


@cache
def _queue(dialect: Dialect) -> Prepared:
    fresh: dict[str, Any] = {"state": literal_column("'queued'"), "attempts": literal_column("0")}
    fresh |= {"owner": literal_column("''"), "reason": literal_column("''")}
    statement = insert(outbox).values({name: bindparam(name) for name in NewDigest._fields} | fresh)
    return prepare(statement, dialect, NewDigest._fields)


class SqlOutboxReads:
    """See ``protocols.OutboxReads``."""

    _connection: Connection

    def digest_cursors(self, subscriber_ids: Iterable[str]) -> dict[str, DigestCursor]:
        """Return how far these subscribers were told, by id."""
        found = rows_in(self._connection, _CURSORS, digest_cursors.c.subscriber_id, subscriber_ids)
        return {row.subscriber_id: _cursor_of(row) for row in found if row.last_seq != UNMET}

    def digest_runs(self, limit: int) -> list[DigestRun]:
        """Return the newest runs, newest first, at most *limit*."""
        query = select(digest_runs).order_by(digest_runs.c.number.desc()).limit(limit)
        return [_run_of(row) for row in self._connection.execute(query)]

    def digest_run(self, run_id: str) -> DigestRun | None:
        """Return the run with this id."""
        row = self._connection.execute(select(digest_runs).where(digest_runs.c.id == run_id)).one_or_none()
        return None if row is None else _run_of(row)

    def digest_bodies(self, keys: Iterable[str]) -> dict[str, bytes]:
        """Return the rendered bodies with these *keys*, by key."""
        return {row.key: row.packed for row in rows_in(self._connection, _BODIES, digest_bodies.c.key, keys)}

    def mailed_seqs(self, subscriber_id: str) -> list[int]:
        """Return up to which ``seq`` the digests of a subscriber told, oldest first."""
        query = (
            select(digest_runs.c.run_seq)
            .join(outbox, outbox.c.run_id == digest_runs.c.id)
            .where(outbox.c.subscriber_id == subscriber_id)
            .order_by(outbox.c.number)
        )
        return list(self._connection.scalars(query))

    def outbox_counts(self, run_id: str | None = None) -> dict[OutboxState, int]:
        """Return how many messages are in each state, of one run or of all."""
        query = select(outbox.c.state, func.count()).group_by(outbox.c.state)
        if run_id is not None:
            query = query.where(outbox.c.run_id == run_id)
        return {OutboxState(state): count for state, count in self._connection.execute(query)}

    def outbox_page(
        self, after: int, limit: int, state: OutboxState | None = None, run_id: str | None = None
    ) -> list[tuple[int, QueuedDigest]]:
        """Return the next messages in the order in which they were queued, each with its number."""
        query = _OUTBOX.where(outbox.c.number > after).order_by(outbox.c.number).limit(limit)
        if state is not None:  # the index of states would have all of them sorted for each page
            query = query.where(outbox.c.state.concat("") == state.value)
        if run_id is not None:
            query = query.where(outbox.c.run_id == run_id)
        return [(row.number, _queued_of(row)) for row in self._connection.execute(query)]

    def outbox_at(self, ids: Iterable[str]) -> dict[str, QueuedDigest]:
        """Return the messages with these *ids*, by id."""
        return {row.id: _queued_of(row) for row in rows_in(self._connection, _OUTBOX, outbox.c.id, ids)}

    def next_attempt(self) -> datetime | None:
        """Return when the next message may be claimed, None if none waits."""
        first = outbox.c.not_before.asc().nulls_first()
        query = select(outbox.c.not_before).order_by(first).limit(1)
        found = [row.not_before or 0 for each in _WAITING for row in self._of_state(query, each)]
        return from_micros(min(found)) if found else None

    def _of_state(self, query: Select[Any], state: str) -> Sequence[AnyRow]:
        return self._connection.execute(query.where(outbox.c.state == state)).all()


class SqlOutboxWrites(SqlOutboxReads):
    """See ``protocols.OutboxWrites``."""

    def put_digest_cursors(self, cursors: Sequence[DigestCursor]) -> None:
        """Insert or replace cursors by subscriber."""
        rows = [
            (
                cursor.subscriber_id,
                cursor.last_seq,
                to_micros(cursor.told_until),
                cursor.period_key,
                cursor.period_day.isoformat() if cursor.period_day else "",
                AT_ONCE,
                json.dumps(cursor.joined) if cursor.joined else "",
            )
            for cursor in cursors
        ]
        upsert(digest_cursors, self._connection.dialect).run_many(self._connection, rows)

    def add_digest_run(self, run: DigestRun) -> None:
        """Keep a run."""
        row = (run.id, to_micros(run.created), run.run_seq, run.messages)
        append(digest_runs, self._connection.dialect, without="number").run_many(self._connection, [row])

    def put_digest_bodies(self, bodies: Mapping[str, bytes]) -> None:
        """Keep rendered bodies by key; a body that is there already is the same one."""
        upsert(digest_bodies, self._connection.dialect).run_many(self._connection, list(bodies.items()))

    def count_messages(self, run_id: str, messages: int) -> None:
        """Note how many messages a run has by now."""
        self._connection.execute(update(digest_runs).where(digest_runs.c.id == run_id).values(messages=messages))

    def queue_digests(self, messages: Sequence[NewDigest]) -> None:
        """Append messages to the outbox; a subscriber's period is queued once only (else StoreError)."""
        _queue(self._connection.dialect).run_many(self._connection, messages)

    def claimable(self, now: datetime, limit: int) -> list[QueuedDigest]:
        """Return messages that may be claimed, those that wait longest first, at most *limit*."""
        mine = _OUTBOX.with_for_update(skip_locked=True).limit(limit)
        new = mine.where(outbox.c.not_before.is_(None)).order_by(outbox.c.number)
        due = mine.where(outbox.c.not_before <= to_micros(now)).order_by(outbox.c.not_before, outbox.c.number)
        found = [row for state in _WAITING for query in (new, due) for row in self._of_state(query, state)]
        return [_queued_of(row) for row in sorted(found, key=lambda row: row.number)[:limit]]

    def claims(self, limit: int, before: datetime | None = None) -> list[QueuedDigest]:
        """Return messages that are claimed, or whose claim ended *before* a moment, at most *limit*."""
        query = _OUTBOX.where(outbox.c.state == OutboxState.SENDING.value).order_by(outbox.c.number).limit(limit)
        if before is not None:
            query = query.where(outbox.c.lease_until <= to_micros(before))
        return [_queued_of(row) for row in self._connection.execute(query)]

    def forget_bodies(self) -> None:
        """Remove the bodies that no message needs which may still go, or be sent again."""
        needed = select(outbox.c.body_key).where(outbox.c.state.in_(_MAY_GO))
        self._connection.execute(delete(digest_bodies).where(digest_bodies.c.key.not_in(needed)))

    def forget_settled(self, before: datetime, limit: int) -> int:
        """Remove settled messages of runs made *before*, at most *limit*, and runs that have none; returns how many."""
        old = select(digest_runs.c.id).where(digest_runs.c.created < to_micros(before))
        settled = select(outbox.c.number).where(outbox.c.run_id.in_(old), outbox.c.state.in_(_SETTLED)).limit(limit)
        removed = self._connection.execute(delete(outbox).where(outbox.c.number.in_(settled))).rowcount
        is_empty = digest_runs.c.id.not_in(select(outbox.c.run_id))
        if removed < limit:
            self._connection.execute(delete(digest_runs).where(digest_runs.c.id.in_(old), is_empty))
        return removed

    def put_outbox(self, messages: Sequence[OutboxMessage]) -> None:
        """Give messages their new states."""
        rows = [(*_state_values(message), message.id) for message in messages]
        _update(self._connection.dialect).run_many(self._connection, rows)


def _cursor_of(row: AnyRow) -> DigestCursor:
    day = date.fromisoformat(row.period_day) if row.period_day else None
    return DigestCursor(
        row.subscriber_id, row.last_seq, from_micros(row.told_until), row.period_key, day, load_joined(row.joined)
    )


def _run_of(row: AnyRow) -> DigestRun:
    return DigestRun(row.id, from_micros(row.created), row.run_seq, row.messages)


def _queued_of(row: AnyRow) -> QueuedDigest:
    _, name, subscriber, run, period, body, recipient, state, attempts, first, not_before, owner, until, reason = row
    message = OutboxMessage(
        name, recipient, OutboxState(state), attempts, _time(first), _time(not_before), owner, _time(until), reason
    )
    return QueuedDigest(message, subscriber, run, period, body)


def _state_values(message: OutboxMessage) -> tuple[object, ...]:
    return (
        message.state.value,
        message.attempts,
        _micros(message.first_attempt),
        _micros(message.not_before),
        message.owner,
        _micros(message.lease_until),
        message.reason,
    )


def _micros(moment: datetime | None) -> int | None:
    return None if moment is None else to_micros(moment)


def _time(micros: int | None) -> datetime | None:
    return None if micros is None else from_micros(micros)
