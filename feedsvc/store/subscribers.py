"""Subscribers, the addresses that get no mail, and the record of consent."""

from __future__ import annotations

import json
from functools import lru_cache
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from sqlalchemy import delete, func, select, update

from feedsvc.model import (
    Consent,
    ConsentEvent,
    DigestSchedule,
    Frequency,
    Subscriber,
    SubscriberState,
    Suppression,
    SuppressionReason,
    address_key,
)
from feedsvc.store.due import AT_ONCE, UNMET, load_slugs, look_again
from feedsvc.store.schema import consents, digest_cursors, outbox, returned_digests, subscribers, suppressions
from feedsvc.store.statements import append, batches, rows_in, upsert
from feedsvc.times import from_micros, to_micros

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from datetime import datetime

    from sqlalchemy import Column, Connection

    from feedsvc.store.statements import AnyRow

_SUBSCRIBERS = select(subscribers)
_STATES = select(subscribers.c.id, subscribers.c.state)
_SUPPRESSIONS = select(suppressions)


class SqlSubscriberReads:
    """See ``protocols.SubscriberReads``."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def subscribers(self, ids: Iterable[str]) -> dict[str, Subscriber]:
        """Return the subscribers with these *ids*, by id."""
        return {row.id: _subscriber_of(row) for row in rows_in(self._connection, _SUBSCRIBERS, subscribers.c.id, ids)}

    def subscriber_states(self, ids: Iterable[str]) -> dict[str, SubscriberState]:
        """Return the states of the subscribers with these *ids*, by id."""
        return {row.id: SubscriberState(row.state) for row in rows_in(self._connection, _STATES, subscribers.c.id, ids)}

    def subscribers_at(self, keys: Iterable[str]) -> dict[str, Subscriber]:
        """Return the subscribers whose address has one of *keys*, by key."""
        found = rows_in(self._connection, _SUBSCRIBERS, subscribers.c.address_key, keys)
        return {row.address_key: _subscriber_of(row) for row in found}

    def subscriber_batch(self, after_id: str, limit: int, state: SubscriberState | None = None) -> list[Subscriber]:
        """Return the next subscribers with ``id > after_id``, by id, at most *limit*."""
        return self._next(subscribers.c.id, after_id, limit, state)

    def subscriber_page(self, after_key: str, limit: int, state: SubscriberState | None = None) -> list[Subscriber]:
        """Return the next subscribers whose address comes after *after_key*, by key, at most *limit*."""
        return self._next(subscribers.c.address_key, after_key, limit, state)

    def _next(self, column: Column[str], after: str, limit: int, state: SubscriberState | None) -> list[Subscriber]:
        query = _SUBSCRIBERS.where(column > after).order_by(column).limit(limit)
        if state is not None:
            query = query.where(subscribers.c.state == state.value)
        return [_subscriber_of(row) for row in self._connection.execute(query)]

    def subscriber_counts(self) -> dict[SubscriberState, int]:
        """Return how many subscribers are in each state."""
        query = select(subscribers.c.state, func.count()).group_by(subscribers.c.state)
        return {SubscriberState(state): count for state, count in self._connection.execute(query)}

    def suppressions(self, hashes: Iterable[str]) -> dict[str, Suppression]:
        """Return those of the address *hashes* that get no mail, with the reason."""
        found = rows_in(self._connection, _SUPPRESSIONS, suppressions.c.address_hash, hashes)
        return {row.address_hash: Suppression(SuppressionReason(row.reason), from_micros(row.at)) for row in found}

    def consents_of(self, subscriber_id: str) -> list[Consent]:
        """Return the record of consent of a subscriber, oldest first."""
        query = select(consents).where(consents.c.subscriber_id == subscriber_id).order_by(consents.c.number)
        return [
            Consent(row.subscriber_id, ConsentEvent(row.event), from_micros(row.at), row.words)
            for row in self._connection.execute(query)
        ]


class SqlSubscriberWrites:
    """See ``protocols.SubscriberWrites``."""

    _connection: Connection

    def put_subscribers(self, new: Sequence[Subscriber]) -> None:
        """Insert or replace subscribers by id."""
        upsert(subscribers, self._connection.dialect).run_many(self._connection, [_row_of(one) for one in new])
        look_again(self._connection.dialect).run_many(
            self._connection, [(one.id, UNMET, 0, "", "", AT_ONCE, "") for one in new]
        )

    def set_subscriber_state(self, ids: Iterable[str], state: SubscriberState) -> None:
        """Put subscribers into *state*."""
        statement, again = update(subscribers).values(state=state.value), update(digest_cursors).values(due_at=AT_ONCE)
        for batch in batches(ids):
            self._connection.execute(statement.where(subscribers.c.id.in_(batch)))
            self._connection.execute(again.where(digest_cursors.c.subscriber_id.in_(batch)))

    def forget_subscribers(self, ids: Iterable[str]) -> None:
        """Remove subscribers, their record of consent, their messages, and which of them came back."""
        if self._connection.dialect.name == "sqlite":
            self._connection.exec_driver_sql("PRAGMA secure_delete=ON")  # else the row stays readable in the file
        for batch in batches(ids):
            for table in (consents, outbox, digest_cursors, returned_digests):
                self._connection.execute(delete(table).where(table.c.subscriber_id.in_(batch)))
            self._connection.execute(delete(subscribers).where(subscribers.c.id.in_(batch)))

    def suppress(self, hashes: Iterable[str], reason: SuppressionReason, at: datetime) -> None:
        """Send nothing to the addresses with these *hashes* any more."""
        moment = to_micros(at)
        new = [(address_hash, reason.value, moment) for address_hash in hashes]
        upsert(suppressions, self._connection.dialect).run_many(self._connection, new)

    def lift_suppressions(self, hashes: Iterable[str]) -> None:
        """Let the addresses with these *hashes* get mail again."""
        for batch in batches(hashes):
            self._connection.execute(delete(suppressions).where(suppressions.c.address_hash.in_(batch)))

    def add_consents(self, new: Sequence[Consent]) -> None:
        """Append to the record of consent."""
        added = [(one.subscriber_id, one.event.value, to_micros(one.at), one.words) for one in new]
        append(consents, self._connection.dialect, without="number").run_many(self._connection, added)


def _row_of(subscriber: Subscriber) -> tuple[object, ...]:
    schedule = subscriber.schedule
    return (
        subscriber.id,
        subscriber.address,
        address_key(subscriber.address),
        subscriber.language,
        schedule.frequency.value,
        schedule.zone.key,
        schedule.hour,
        schedule.day,
        _dump(subscriber.feeds),
        subscriber.state.value,
        to_micros(subscriber.created),
        _micros(subscriber.confirmed),
        _micros(subscriber.paused_until),
        subscriber.consent,
    )


def _subscriber_of(row: AnyRow) -> Subscriber:
    return Subscriber(
        id=row.id,
        address=row.address,
        language=row.language,
        schedule=DigestSchedule(Frequency(row.frequency), ZoneInfo(row.zone), row.hour, row.day),
        feeds=load_slugs(row.feeds),
        state=SubscriberState(row.state),
        created=from_micros(row.created),
        confirmed=_time(row.confirmed),
        paused_until=_time(row.paused_until),
        consent=row.consent,
    )


@lru_cache(maxsize=1024)
def _dump(feeds: tuple[str, ...]) -> str:
    return json.dumps(feeds, ensure_ascii=False) if feeds else ""


def _micros(moment: datetime | None) -> int | None:
    return None if moment is None else to_micros(moment)


def _time(micros: int | None) -> datetime | None:
    return None if micros is None else from_micros(micros)
