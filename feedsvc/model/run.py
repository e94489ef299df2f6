"""Runs of digests: who has read how far, and the messages that wait because of it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from datetime import date, datetime

    from feedsvc.model.delivery import OutboxMessage


@dataclass(frozen=True, slots=True)
class DigestCursor:
    """How far a subscriber was told.

    Attributes:
        last_seq: Changes up to this ``seq`` were in a digest, or were before the subscriber's time.
        period_key: The newest local period that was counted, empty if none was; see ``digests.due.Period``.
        period_day: The local day of that period.
        told_until: End of the last digest, for the heading of the next.
        joined: Feeds that they chose later, each with the ``seq`` of that moment.
    """

    subscriber_id: str
    last_seq: int
    told_until: datetime
    period_key: str = ""
    period_day: date | None = None
    joined: tuple[tuple[str, int], ...] = ()


@dataclass(frozen=True, slots=True)
class DigestRun:
    """One creation of digests: everybody who was due at *created* was told up to *run_seq*."""

    id: str
    created: datetime
    run_seq: int
    messages: int


class DueReader(NamedTuple):
    """Somebody whom a run looks at, as the store keeps them: a run may look at a million.

    Attributes:
        since: Nothing falls due before this moment; microseconds since the epoch, like all its times.
        last_seq: Negative: no run has met them yet.
        told_until: See ``DigestCursor``, as the next three.
        due_at: What was noted as the moment to look; 0 if something about them changed, None if they wait for news.
        joined: See ``DigestCursor``.
    """

    id: str
    address: str
    language: str
    frequency: str
    zone: str
    hour: int
    day: int
    feeds: tuple[str, ...]
    is_active: bool
    since: int
    last_seq: int
    told_until: int
    period_key: str
    period_day: str
    due_at: int | None
    joined: tuple[tuple[str, int], ...] = ()


class ReaderMark(NamedTuple):
    """What a run notes about somebody: how far they are told now, and when to look again.

    Attributes:
        due_at: Microseconds since the epoch; None: as soon as there is news.
    """

    last_seq: int
    told_until: int
    period_key: str
    period_day: str
    due_at: int | None
    subscriber_id: str


class NewDigest(NamedTuple):
    """A message that joins the outbox; see ``QueuedDigest``.

    Attributes:
        id: The Message-ID without its angle brackets.
    """

    id: str
    subscriber_id: str
    run_id: str
    period_key: str
    body_key: str
    recipient: str


@dataclass(frozen=True, slots=True)
class QueuedDigest:
    """A message of the outbox with what it belongs to.

    Attributes:
        message: Its state on the way out.
        period_key: The local period that it is for, or the ``seq`` it reaches for immediate mails; unique for a
            subscriber.
        body_key: Names the rendered body that it shares with others.
    """

    message: OutboxMessage
    subscriber_id: str
    run_id: str
    period_key: str
    body_key: str

    def at(self, message: OutboxMessage) -> QueuedDigest:
        """Return the same with its message in another state."""
        return QueuedDigest(message, self.subscriber_id, self.run_id, self.period_key, self.body_key)
