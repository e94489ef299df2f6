"""Digests that came back."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import delete, func, select

from feedsvc.model import OutboxState, ReturnedDigest
from feedsvc.store.schema import outbox, returned_digests
from feedsvc.store.statements import upsert
from feedsvc.times import from_micros, to_micros

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from sqlalchemy import Connection


class SqlReturnReads:
    """See ``protocols.ReturnReads``."""

    _connection: Connection

    def returned_digests(self, subscriber_id: str) -> list[ReturnedDigest]:
        """Return the digests of a subscriber that came back, in the order in which they were sent."""
        table = returned_digests
        query = select(table).where(table.c.subscriber_id == subscriber_id).order_by(table.c.sent, table.c.digest)
        return [
            ReturnedDigest(row.subscriber_id, row.digest, from_micros(row.sent), bool(row.is_soft))
            for row in self._connection.execute(query)
        ]

    def last_delivered(self, subscriber_id: str, before: datetime) -> datetime | None:
        """Return when the newest digest that was sent *before* a moment, and did not come back, was sent."""
        came_back = select(returned_digests.c.digest).where(returned_digests.c.subscriber_id == subscriber_id)
        query = select(func.max(outbox.c.first_attempt)).where(
            outbox.c.subscriber_id == subscriber_id,
            outbox.c.state == OutboxState.SENT.value,
            outbox.c.first_attempt < to_micros(before),
            outbox.c.id.not_in(came_back),
        )
        micros = self._connection.scalar(query)
        return None if micros is None else from_micros(micros)


class SqlReturnWrites:
    """See ``protocols.ReturnWrites``."""

    _connection: Connection

    def put_returned_digests(self, new: Sequence[ReturnedDigest]) -> None:
        """Insert or replace digests that came back, by subscriber and digest."""
        rows = [(one.subscriber_id, one.digest, to_micros(one.sent), one.is_soft) for one in new]
        upsert(returned_digests, self._connection.dialect).run_many(self._connection, rows)

    def forget_returned_digests(self, subscriber_id: str, until: datetime | None = None) -> None:
        """Forget which digests of a subscriber came back: all, or those sent *until* a moment."""
        statement = delete(returned_digests).where(returned_digests.c.subscriber_id == subscriber_id)
        if until is not None:
            statement = statement.where(returned_digests.c.sent <= to_micros(until))
        self._connection.execute(statement)

    def forget_old_returns(self, before: datetime) -> None:
        """Forget which digests that were sent *before* a moment came back, to whomever they were sent."""
        self._connection.execute(delete(returned_digests).where(returned_digests.c.sent < to_micros(before)))
