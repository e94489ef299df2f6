"""The way out: claimed durably, sent once, settled in small batches, and made good after a crash."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING
from uuid import UUID
from zoneinfo import ZoneInfo

import pytest
from fakes import FakeClock

from feedsvc.model import (
    DeliveryResult,
    DigestSchedule,
    Envelope,
    Frequency,
    NewDigest,
    Reply,
    Stage,
    Subscriber,
    SubscriberState,
    SuppressionReason,
    Verdict,
)
from feedsvc.outbox import Dispatcher, InDoubt, Sending
from feedsvc.store import open_sqlite

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from pathlib import Path

    from feedsvc.model import QueuedDigest

ACCEPTED = DeliveryResult(Verdict.ACCEPTED, Stage.CONTENT, "taken", Reply(250))
DEFERRED = DeliveryResult(Verdict.DEFERRED, Stage.RECIPIENT, "mailbox busy", Reply(450))
REFUSED = DeliveryResult(Verdict.REFUSED, Stage.RECIPIENT, "no such user", Reply(550, "5.1.1"))
BLOCKED = DeliveryResult(Verdict.BLOCKED, Stage.LOGIN, "login refused", Reply(535))
IN_DOUBT = DeliveryResult(Verdict.IN_DOUBT, Stage.CONTENT, "connection lost")
SLOW = replace(DEFERRED, reply=Reply(421), is_overloaded=True)


class PowerCutError(Exception):
    """The process ends here."""


class Server:
    """A next hop that answers as it is told, and remembers what it took.

    It stands for servers and networks, which the tests of `deliver` have in flesh: here the faults must come on time.
    """

    def __init__(self) -> None:
        self.answers: dict[str, DeliveryResult] = {}
        self.taken: list[Envelope] = []
        self.cut_after: int | None = None

    def send(self, envelopes: Iterable[Envelope]) -> Iterator[DeliveryResult]:
        """Yield an answer for each of *envelopes*."""
        for envelope in envelopes:
            result = self.answers.get(envelope.recipient, ACCEPTED)
            if result.verdict is Verdict.ACCEPTED:
                self.taken.append(envelope)
            if self.cut_after is not None and len(self.taken) > self.cut_after:
                raise PowerCutError
            yield result

    def close(self) -> None:
        """Do nothing."""


class Office:
    """A store with readers and queued messages, and the dispatcher under test."""

    def __init__(self, folder: Path, in_doubt: InDoubt = InDoubt.RESEND) -> None:
        self.store = open_sqlite(str(folder / "store.sqlite3"))
        self.clock, self.server, self.in_doubt = FakeClock(), Server(), in_doubt
        self.dispatcher = self.new_process()

    def new_process(self) -> Dispatcher:
        """Begin again with what is on disk."""
        sending = Sending(_finish, lambda address: f"hash of {address}", self.in_doubt, "worker")
        if hasattr(self, "dispatcher"):
            self.dispatcher.close()
        self.dispatcher = Dispatcher(self.store, lambda: self.server, sending, self.clock)
        return self.dispatcher

    def queue(self, *numbers: int) -> None:
        """Queue a message for each reader."""
        with self.store.writing() as unit:
            unit.put_digest_bodies({"body": b"Hello"})
            unit.put_subscribers([_reader(number) for number in numbers])
            unit.queue_digests(
                [NewDigest(f"m{n}@news.example", str(UUID(int=n)), "run", "day", "body", address(n)) for n in numbers]
            )

    def turn(self) -> None:
        """Take turns until nothing more can be sent now."""
        while self.dispatcher.turn().has_more:
            pass

    def states(self) -> dict[str, int]:
        """Return how many messages are in each state."""
        with self.store.reading() as unit:
            return {state.value: count for state, count in unit.outbox_counts().items()}

    def recipients(self) -> list[str]:
        """Return who got a message, in order, as often as they got one."""
        return [envelope.recipient for envelope in self.server.taken]


def address(number: int) -> str:
    return f"reader{number}@host{number % 3}.example"


def _reader(number: int) -> Subscriber:
    schedule = DigestSchedule(Frequency.DAILY, ZoneInfo("UTC"))
    state, created = SubscriberState.ACTIVE, FakeClock()()
    return Subscriber(str(UUID(int=number)), address(number), "en", schedule, (), state, created)


def _finish(queued: QueuedDigest, body: bytes) -> Envelope:
    return Envelope("bounce@news.example", queued.message.recipient, queued.message.id.encode() + body)


@pytest.fixture
def office(tmp_path: Path) -> Iterator[Office]:
    """Yield an office in which nothing waits."""
    made = Office(tmp_path)
    yield made
    made.store.close()


def test_everything_leaves_once(office: Office) -> None:
    """More than one claim's worth, in the order of the queue, and not again at the next turn."""
    office.queue(*range(1, 121))
    office.turn()
    office.turn()
    assert office.recipients() == [address(n) for n in range(1, 121)]
    assert office.states() == {"sent": 120}


def test_each_result_has_its_consequence(office: Office) -> None:
    """A busy mailbox is tried again, a dead one is suppressed, doubt is resent with the same bytes."""
    office.queue(1, 2, 3, 4)
    office.server.answers = {address(2): DEFERRED, address(3): REFUSED, address(4): IN_DOUBT}
    office.turn()
    assert office.states() == {"sent": 1, "retry": 2, "failed": 1}
    with office.store.reading() as unit:
        (suppression,) = unit.suppressions([f"hash of {address(3)}"]).values()
        assert suppression.reason is SuppressionReason.BOUNCED
        assert unit.outbox_at(["m3@news.example"])["m3@news.example"].message.reason == "no such user"
    office.server.answers = {}
    office.clock.advance(3_600)
    office.turn()
    assert office.states() == {"sent": 3, "failed": 1}
    assert office.server.taken[-1].message == b"m4@news.exampleHello"


def test_a_way_out_that_cannot_be_opened_is_tried_again(office: Office) -> None:
    """Nothing has left, so nothing is in doubt; later all messages go."""
    office.queue(*range(1, 6))
    faults: list[Exception] = [OSError("no room for the spool"), ValueError("a fault of ours")]

    def open_transport() -> Server:
        if faults:
            raise faults.pop(0)
        return office.server

    sending = Sending(_finish, str, InDoubt.HOLD, "worker")
    dispatcher = Dispatcher(office.store, open_transport, sending, office.clock)
    dispatcher.turn()
    assert office.states() == {"retry": 1, "queued": 4}
    with pytest.raises(ValueError, match="a fault of ours"):
        dispatcher.turn()
    for _ in range(3):
        office.clock.advance(3_600)
        dispatcher.turn()
    dispatcher.close()
    assert office.states() == {"sent": 4, "held": 1}


def test_whoever_left_after_the_run_gets_nothing(office: Office) -> None:
    """Unsubscribed, suppressed or erased between queue and claim: it never goes; of the erased one, no row stays."""
    office.queue(1, 2, 3, 4)
    with office.store.writing() as unit:
        unit.set_subscriber_state([str(UUID(int=1))], SubscriberState.GONE)
        unit.suppress([f"hash of {address(2)}"], SuppressionReason.COMPLAINED, office.clock())
        unit.forget_subscribers([str(UUID(int=3))])
    office.turn()
    assert (office.recipients(), office.states()) == ([address(4)], {"suppressed": 2, "sent": 1})


def test_a_refused_login_stops_everything_and_harms_nobody(office: Office) -> None:
    """Nothing more is tried but a probe now and then; when the login works again, all leave."""
    office.queue(*range(1, 61))
    office.server.answers = {address(n): BLOCKED for n in range(1, 61)}
    office.turn()
    assert office.dispatcher.breaker.is_alarming
    assert "failed" not in office.states()
    before = office.states()
    office.turn()
    assert office.states() == before, "nothing is tried while the breaker is open"
    office.server.answers = {}
    for _ in range(200):
        office.clock.advance(3_600)
        office.turn()
    assert office.states() == {"sent": 60}
    assert sorted(office.recipients()) == sorted(address(n) for n in range(1, 61))


def test_a_domain_that_asks_for_less_gets_less(office: Office) -> None:
    """Messages to it wait, those to others go on."""
    office.queue(*range(1, 31))
    office.server.answers = {address(3): SLOW}
    office.turn()
    office.server.answers = {}
    office.clock.advance(86_000)
    office.turn()
    assert office.states()["sent"] == 30 or office.states() == {"sent": 29, "retry": 1}


@pytest.mark.parametrize("cut_after", [0, 1, 9, 10, 11, 25, 49])
def test_a_power_cut_loses_nothing(office: Office, cut_after: int) -> None:
    """Whenever it comes: nobody is left out, and at most one batch of results and the one under way come twice."""
    office.queue(*range(1, 61))
    office.server.cut_after = cut_after
    with pytest.raises(PowerCutError):
        office.turn()
    office.server.cut_after = None
    office.new_process().recover()
    office.turn()
    assert office.states() == {"sent": 60}
    assert set(office.recipients()) == {address(n) for n in range(1, 61)}
    twice = [one for one in set(office.recipients()) if office.recipients().count(one) > 1]
    assert len(twice) <= 1, "results before the cut are written on the way out"
    for envelope in office.server.taken:
        same = {other.message for other in office.server.taken if other.recipient == envelope.recipient}
        assert len(same) == 1


def test_with_hold_nothing_comes_twice(tmp_path: Path) -> None:
    """Exactly those in doubt wait for an operator."""
    office = Office(tmp_path, InDoubt.HOLD)
    office.queue(*range(1, 61))
    office.server.cut_after = 30
    with pytest.raises(PowerCutError):
        office.turn()
    office.server.cut_after = None
    held = office.new_process().recover()
    office.turn()
    assert len(office.recipients()) == len(set(office.recipients()))
    assert office.states() == {"held": held, "sent": 60 - held}
    assert len(office.recipients()) >= 60 - held
    office.store.close()


def test_a_message_that_cannot_be_made_is_held(office: Office) -> None:
    """A body that is lost stops one message, not the others."""
    office.queue(1, 2)
    with office.store.writing() as unit:
        lost = NewDigest("m3@news.example", str(UUID(int=1)), "run", "week", "gone", address(1))
        unit.queue_digests([lost])
    office.turn()
    assert office.states() == {"sent": 2, "held": 1}
