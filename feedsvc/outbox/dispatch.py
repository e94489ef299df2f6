"""The way out: claim messages durably, have them sent, write down what became of them."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import timedelta
from typing import TYPE_CHECKING

from feedsvc.model import OutboxState, SubscriberState, SuppressionReason
from feedsvc.outbox.breaker import Breaker, Permission, after_result, permission, probing, woken
from feedsvc.outbox.crew import Crew
from feedsvc.outbox.line import Task
from feedsvc.outbox.outcome import InDoubt, Outcome, claimed, held, lost_claim, outcome_of, suppressed
from feedsvc.outbox.pace import Pace, asked, doubted, may_send_at, paused, sent, slowed

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from datetime import datetime

    from feedsvc.model import DeliveryResult, Envelope, OutboxMessage, QueuedDigest
    from feedsvc.outbox.crew import Done
    from feedsvc.protocols import Clock, Store, Transport, WriteUnit

ACK = 25
"""So many messages, and one for each connection, may have left without a note; after a crash they may come twice."""
CLAIM = 100
"""Messages that one claim takes."""
TURN = 5_000
"""Messages after which a turn ends, so that new runs get theirs."""
LEASE = timedelta(minutes=10)
_SETTLE = ACK // 2
"""Results that one transaction writes, while as many others may be sent."""
_SETTLE_EVERY_S = 1.0
_AT_ONCE = 1_000
_CHECK_EVERY = timedelta(minutes=1)


@dataclass(slots=True)
class Turn:
    """What one turn did: how many messages came into each state, and whether there is more to do at once."""

    states: dict[OutboxState, int] = field(default_factory=dict)
    has_more: bool = True
    given: int = 0
    is_over: bool = False
    error: BaseException | None = None

    def count(self, state: OutboxState, number: int = 1) -> None:
        """Count messages that are in *state* now."""
        if number:
            self.states[state] = self.states.get(state, 0) + number


@dataclass(frozen=True, slots=True)
class Sending:
    """How messages leave.

    Attributes:
        finish: Makes the envelope of a message from its packed body.
        hash_address: Returns what suppressed addresses are kept as.
        in_doubt: What to do with messages that may have left.
        owner: Names this worker in claims.
        connections: How many messages are sent at the same time.
        patience_s: A message that takes longer than this is given up by whoever sends it.
    """

    finish: Callable[[QueuedDigest, bytes], Envelope]
    hash_address: Callable[[str], str]
    in_doubt: InDoubt
    owner: str
    connections: int = 1
    patience_s: float = 3_600.0


class Dispatcher:
    """Empties the outbox. One thread at a time may use it; it has threads of its own, which send.

    Args:
        store: Where the outbox is.
        open_transport: Opens the way out of one thread.
        sending: How messages leave.
        clock: The time.
        is_stopping: Asked again and again; once it is so, nothing more is begun.
    """

    def __init__(
        self,
        store: Store,
        open_transport: Callable[[], Transport],
        sending: Sending,
        clock: Clock,
        is_stopping: Callable[[], bool] = lambda: False,
    ) -> None:
        self._store, self._sending, self._clock, self._is_stopping = store, sending, clock, is_stopping
        self._crew = Crew(sending.connections, open_transport, sending.finish, ACK, sending.patience_s)
        self.breaker = Breaker()
        self._paces: dict[str, Pace] = {}
        self._troubled: set[str] = set()
        self._unwritten: list[Outcome] = []
        self._renew_at, self._check_at = (clock() for _ in range(2))

    def close(self) -> None:
        """End the threads and their connections; what is not begun goes another time.

        Raises:
            StoreError: The results of the last messages could not be written: they are in doubt, as after a crash.
        """
        self._give_back()
        self._crew.close()
        self._settle(self._crew.collect(0.0, 1, wants_more=False), Turn())

    def wake(self) -> None:
        """Let a message go as a probe at once, if mail is stopped."""
        self.breaker = woken(self.breaker, self._clock())

    def recover(self) -> int:
        """Decide about messages that a worker which is gone had claimed, and return how many there were.

        To be called at the start of the only process that sends: whatever is claimed then, nobody holds.
        """
        return self._decide(None)

    def turn(self) -> Turn:
        """Send messages that are due, until there are no more, or others should get their turn.

        Results that cannot be written down are kept for the next turn, and until then little more is sent.
        """
        turn = Turn()
        self._settle([], turn)
        self._renew()
        self._check_claims(turn)
        while True:
            self._supply(turn)
            wants_more = self._wants_more(turn)
            if turn.has_more and not wants_more and self._may_leave(turn):
                break
            done = self._crew.collect(_SETTLE_EVERY_S, _SETTLE, wants_more=wants_more)
            if not done and not wants_more and (self._crew.is_idle or self._may_leave(turn)):
                break
            self._settle(done, turn)
            self._doubt_slow()
            self._put_off()
            self._renew()
        if turn.error is not None:
            raise turn.error
        turn.has_more = (turn.has_more or not self._crew.is_idle) and not turn.is_over
        return turn

    def _wants_more(self, turn: Turn) -> bool:
        return turn.has_more and not turn.is_over and turn.given < TURN and not self._is_stopping()

    def _may_leave(self, turn: Turn) -> bool:
        """Tell whether the next turn may wait for what is left, so that new messages can go meanwhile."""
        return self._crew.is_lingering and not turn.is_over and not self._is_stopping()

    def _supply(self, turn: Turn) -> None:
        """Hand out more messages, or take back those that must not be sent now."""
        if turn.is_over or self._is_stopping():
            self._give_back()
        elif self._wants_more(turn) and self._crew.is_hungry:
            tasks = self._claim(turn)
            turn.given += len(tasks)
            self._crew.give(tasks)

    def _give_back(self) -> None:
        """Let what nobody has begun be as it was."""
        if unbegun := self._crew.take_back():
            with self._store.writing() as unit:
                unit.put_outbox([task.before for task in unbegun])

    # Claims

    def _decide(self, before: datetime | None) -> int:
        """Decide about claims that nobody holds: all, or those that ended *before* a moment."""
        count = 0
        with self._store.writing() as unit:
            while lost := unit.claims(_AT_ONCE, before):
                unit.put_outbox([lost_claim(queued.message, self._sending.in_doubt) for queued in lost])
                count += len(lost)
        return count

    def _check_claims(self, turn: Turn) -> None:
        """Decide, now and then, about claims that have run out: whoever held them is stuck."""
        now = self._clock()
        if now >= self._check_at:
            self._check_at = now + _CHECK_EVERY
            is_held = self._sending.in_doubt is InDoubt.HOLD
            turn.count(OutboxState.HELD if is_held else OutboxState.RETRY, self._decide(now))

    def _renew(self) -> None:
        """Let no claim run out while its message is under way."""
        now = self._clock()
        if now >= self._renew_at:
            self._renew_at = now + LEASE / 2
            if begun := self._crew.under_way:
                with self._store.writing() as unit:
                    unit.put_outbox([replace(task.queued.message, lease_until=now + LEASE) for task in begun])

    def _claim(self, turn: Turn) -> list[Task]:
        """Claim what may be sent now; it is on disk before a byte leaves."""
        now = self._clock()
        allowed = permission(self.breaker, now)
        if allowed is Permission.NONE:
            turn.has_more = False
            return []
        with self._store.writing() as unit:
            waiting = unit.claimable(now, CLAIM)
            unwanted = self._unwanted(unit, waiting)
            ready = [queued for queued in waiting if queued.message.id not in unwanted]
            due, later = self._paced(ready, now)
            taken = due[: 1 if allowed is Permission.ONE else CLAIM]
            mine = [queued.at(claimed(queued.message, self._sending.owner, LEASE, now)) for queued in taken]
            unit.put_outbox([*unwanted.values(), *later, *(queued.message for queued in mine)])
            bodies = unit.digest_bodies({queued.body_key for queued in mine})
        turn.count(OutboxState.SUPPRESSED, len(unwanted))
        turn.has_more = len(waiting) == CLAIM and allowed is Permission.ALL
        if mine and allowed is Permission.ONE:
            self.breaker = probing(self.breaker, now)
        return [
            Task(queued, before.message, bodies.get(queued.body_key))
            for queued, before in zip(mine, taken, strict=True)
        ]

    def _unwanted(self, unit: WriteUnit, waiting: Sequence[QueuedDigest]) -> dict[str, OutboxMessage]:
        """Return, by id, the messages whose readers left after they were queued: they never go."""
        hashes = {queued.message.id: self._sending.hash_address(queued.message.recipient) for queued in waiting}
        barred = unit.suppressions(hashes.values())
        people = unit.subscriber_states(queued.subscriber_id for queued in waiting)
        found: dict[str, OutboxMessage] = {}
        for queued in waiting:
            message = queued.message
            if (suppression := barred.get(hashes[message.id])) is not None:
                found[message.id] = suppressed(message, f"the address gets no mail: {suppression.reason}")
            elif people.get(queued.subscriber_id) is not SubscriberState.ACTIVE:
                found[message.id] = suppressed(message, "the subscriber is gone")
        return found

    def _paced(self, ready: Sequence[QueuedDigest], now: datetime) -> tuple[list[QueuedDigest], list[OutboxMessage]]:
        """Divide messages into those that may go now and those whose domain asked for less."""
        due: list[QueuedDigest] = []
        later: list[OutboxMessage] = []
        for queued in ready:
            domain = queued.message.domain
            pace = self._paces.get(domain)
            at = may_send_at(pace, now)
            if at > now:
                later.append(replace(queued.message, not_before=at))
                continue
            due.append(queued)
            if pace is not None and pace.is_silent:
                self._paces[domain] = asked(pace, now)
        return due, later

    # Results

    def _settle(self, done: Sequence[Done], turn: Turn) -> None:
        """Write down what became of messages, in one transaction."""
        self._unwritten += [outcome for one in done if (outcome := self._outcome(one, turn)) is not None]
        if not self._unwritten:
            return
        bounced = [self._sending.hash_address(o.message.recipient) for o in self._unwritten if o.is_bounce]
        with self._store.writing() as unit:
            unit.put_outbox([outcome.message for outcome in self._unwritten])
            if bounced:
                unit.suppress(bounced, SuppressionReason.BOUNCED, self._clock())
        written, self._unwritten = self._unwritten, []
        for outcome in written:
            turn.count(outcome.message.state)

    def _outcome(self, done: Done, turn: Turn) -> Outcome | None:
        """Return what to write down; None where nobody knows, and the claim has to run out."""
        message = done.task.queued.message
        if done.result is not None:
            return self._outcome_of_result(message, done.result, turn)
        if done.error is not None:
            turn.error, turn.is_over = turn.error or done.error, True
            return None
        return Outcome(held(message, done.problem))

    def _outcome_of_result(self, message: OutboxMessage, result: DeliveryResult, turn: Turn) -> Outcome:
        now = self._clock()
        outcome = outcome_of(message, result, self._sending.in_doubt, now)
        self.breaker = after_result(self.breaker, result, now)
        turn.is_over = turn.is_over or result.is_away or permission(self.breaker, now) is not Permission.ALL
        pace = self._paces.get(message.domain)
        if outcome.is_domain_slow or outcome.is_domain_silent:
            pace = slowed(pace, now) if outcome.is_domain_slow else paused(now)
            self._troubled.add(message.domain)
        else:
            pace = sent(pace, now)
        if pace is None:
            self._paces.pop(message.domain, None)
        else:
            self._paces[message.domain] = pace
        return outcome

    def _doubt_slow(self) -> None:
        """Ask for little of domains for which somebody waits, while others are served: they may be dead."""
        for domain in self._crew.slow_domains:
            self._paces[domain] = doubted(self._paces.get(domain), self._clock())
            self._troubled.add(domain)

    def _put_off(self) -> None:
        """Take back what waits to be begun for domains in trouble, so that nobody waits for them."""
        if self._troubled and (later := self._crew.take_back(self._troubled)):
            now = self._clock()
            at = {domain: may_send_at(self._paces.get(domain), now) for domain in self._troubled}
            with self._store.writing() as unit:
                unit.put_outbox([replace(task.before, not_before=at[task.domain]) for task in later])
        self._troubled.clear()
