"""The way out: claim messages durably, hand them to a transport, write down what became of them."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import timedelta
from typing import TYPE_CHECKING

from feedsvc.errors import FeedsvcError
from feedsvc.model import OutboxState, SubscriberState, SuppressionReason
from feedsvc.outbox.breaker import Breaker, Permission, after_result, permission, probing
from feedsvc.outbox.outcome import InDoubt, Outcome, claimed, lost_claim, outcome_of, suppressed
from feedsvc.outbox.pace import Pace, may_send_at, sent, slowed

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from datetime import datetime

    from feedsvc.model import DeliveryResult, Envelope, OutboxMessage, QueuedDigest
    from feedsvc.protocols import Clock, Store, Transport, WriteUnit

CLAIM = 50
"""Messages that one claim takes."""
ACK = 10
"""Results that one transaction writes: so many may be sent again after a crash, besides the one under way."""
LEASE = timedelta(minutes=10)
_AT_ONCE = 1_000


@dataclass(slots=True)
class Turn:
    """What one turn did: how many messages came into each state, and whether there is more to do at once."""

    states: dict[OutboxState, int] = field(default_factory=dict)
    has_more: bool = False

    def count(self, state: OutboxState) -> None:
        """Count one message that is in *state* now."""
        self.states[state] = self.states.get(state, 0) + 1


@dataclass(frozen=True, slots=True)
class Sending:
    """How messages leave.

    Attributes:
        finish: Makes the envelope of a message from its packed body.
        hash_address: Returns what suppressed addresses are kept as.
        in_doubt: What to do with messages that may have left.
        owner: Names this worker in claims.
    """

    finish: Callable[[QueuedDigest, bytes], Envelope]
    hash_address: Callable[[str], str]
    in_doubt: InDoubt
    owner: str


class Dispatcher:
    """Empties the outbox. One thread at a time may use it."""

    def __init__(self, store: Store, transport: Transport, sending: Sending, clock: Clock) -> None:
        self._store, self._transport, self._sending, self._clock = store, transport, sending, clock
        self.breaker = Breaker()
        self._paces: dict[str, Pace] = {}

    def recover(self) -> int:
        """Decide about messages that a worker which is gone had claimed, and return how many there were.

        To be called at the start of the only process that sends: whatever is claimed then, nobody holds.
        """
        count = 0
        with self._store.writing() as unit:
            while lost := unit.claims(_AT_ONCE):
                unit.put_outbox([lost_claim(queued.message, self._sending.in_doubt) for queued in lost])
                count += len(lost)
        return count

    def turn(self) -> Turn:
        """Send the next few messages that are due."""
        turn = Turn()
        batch, bodies = self._claim(turn)
        envelopes: list[Envelope] = []
        sendable: list[QueuedDigest] = []
        for queued in batch:
            try:
                envelopes.append(self._sending.finish(queued, bodies[queued.body_key]))
                sendable.append(queued)
            except (FeedsvcError, KeyError) as error:
                self._write([_unsendable(queued.message, str(error))], turn)
        self._send(sendable, envelopes, turn)
        turn.has_more = len(batch) == CLAIM and permission(self.breaker, self._clock()) is Permission.ALL
        return turn

    # Claiming

    def _claim(self, turn: Turn) -> tuple[list[QueuedDigest], dict[str, bytes]]:
        """Claim what may be sent now; it is on disk before a byte leaves."""
        now = self._clock()
        allowed = permission(self.breaker, now)
        if allowed is Permission.NONE:
            return [], {}
        with self._store.writing() as unit:
            waiting = unit.claimable(now, CLAIM)
            unwanted = self._unwanted(unit, waiting)
            ready = [queued for queued in waiting if queued.message.id not in unwanted]
            due, later = self._paced(ready, now)
            taken = due[: 1 if allowed is Permission.ONE else CLAIM]
            mine = [
                replace(queued, message=claimed(queued.message, self._sending.owner, LEASE, now)) for queued in taken
            ]
            unit.put_outbox([*unwanted.values(), *later, *(queued.message for queued in mine)])
            bodies = unit.digest_bodies({queued.body_key for queued in mine})
        for _ in unwanted:
            turn.count(OutboxState.SUPPRESSED)
        if mine and allowed is Permission.ONE:
            self.breaker = probing(self.breaker, now)
        return mine, bodies

    def _unwanted(self, unit: WriteUnit, waiting: Sequence[QueuedDigest]) -> dict[str, OutboxMessage]:
        """Return, by id, the messages whose readers left after they were queued: they never go."""
        hashes = {queued.message.id: self._sending.hash_address(queued.message.recipient) for queued in waiting}
        barred = unit.suppressions(hashes.values())
        people = unit.subscribers(queued.subscriber_id for queued in waiting)
        found: dict[str, OutboxMessage] = {}
        for queued in waiting:
            message, person = queued.message, people.get(queued.subscriber_id)
            if (suppression := barred.get(hashes[message.id])) is not None:
                found[message.id] = suppressed(message, f"the address gets no mail: {suppression.reason}")
            elif person is None or person.state is not SubscriberState.ACTIVE:
                found[message.id] = suppressed(message, "the subscriber is gone")
        return found

    def _paced(self, ready: Sequence[QueuedDigest], now: datetime) -> tuple[list[QueuedDigest], list[OutboxMessage]]:
        """Divide messages into those that may go now and those whose domain asked for less."""
        due: list[QueuedDigest] = []
        later: list[OutboxMessage] = []
        for queued in ready:
            at = may_send_at(self._paces.get(queued.message.domain), now)
            if at <= now:
                due.append(queued)
            else:
                later.append(replace(queued.message, not_before=at))
        return due, later

    # Sending

    def _send(self, batch: Sequence[QueuedDigest], envelopes: Sequence[Envelope], turn: Turn) -> None:
        results: list[Outcome] = []
        try:
            for queued, result in zip(batch, self._transport.send(envelopes), strict=True):
                results.append(self._outcome(queued.message, result))
                if len(results) == ACK:
                    self._write(results, turn)
                    results = []
        finally:
            self._write(results, turn)

    def _outcome(self, message: OutboxMessage, result: DeliveryResult) -> Outcome:
        now = self._clock()
        outcome = outcome_of(message, result, self._sending.in_doubt, now)
        self.breaker = after_result(self.breaker, result, now)
        pace = self._paces.get(message.domain)
        pace = slowed(pace, now) if outcome.is_domain_slow else sent(pace, now)
        if pace is None:
            self._paces.pop(message.domain, None)
        else:
            self._paces[message.domain] = pace
        return outcome

    def _write(self, outcomes: Sequence[Outcome], turn: Turn) -> None:
        if not outcomes:
            return
        bounced = [self._sending.hash_address(o.message.recipient) for o in outcomes if o.is_bounce]
        with self._store.writing() as unit:
            unit.put_outbox([outcome.message for outcome in outcomes])
            if bounced:
                unit.suppress(bounced, SuppressionReason.BOUNCED, self._clock())
        for outcome in outcomes:
            turn.count(outcome.message.state)


def _unsendable(message: OutboxMessage, reason: str) -> Outcome:
    """Return *message*, of which no mail can be made; people must look at it."""
    return Outcome(replace(message, state=OutboxState.HELD, owner="", lease_until=None, reason=reason))
