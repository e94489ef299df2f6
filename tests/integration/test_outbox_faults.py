"""Faults of a real mail server, Postfix's ``smtp-sink``: each ends in the right state, and nobody else is harmed."""

from __future__ import annotations

from contextlib import contextmanager
from dataclasses import replace
from typing import TYPE_CHECKING, NamedTuple
from uuid import UUID
from zoneinfo import ZoneInfo

import pytest
from fakes import FakeClock
from mail_server import Mailbox, certificates, mail_server
from smtp_sink import LOOPBACK, free_port, smtp_sink

from feedsvc.deliver import Security, SmtpServer, SmtpTransport
from feedsvc.model import DigestSchedule, Envelope, Frequency, NewDigest, Subscriber, SubscriberState
from feedsvc.outbox import Dispatcher, InDoubt, Sending
from feedsvc.store import open_sqlite

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator
    from pathlib import Path

    from feedsvc.model import QueuedDigest

READERS = 6
MESSAGE = b"Subject: news\r\nMessage-ID: <%s>\r\n\r\nHello.\r\n"


class Fault(NamedTuple):
    """What a server does, and what that is to come to.

    Attributes:
        options: Those of ``smtp-sink``.
        states: In one of them is each message, once nothing more can be done for now.
        suppressed: How many readers are taken for unreachable.
        is_alarm: Whether all mail is stopped, because it is our fault.
        timeout_s: Our patience.
    """

    options: tuple[str, ...]
    states: frozenset[str]
    suppressed: int = 0
    is_alarm: bool = False
    timeout_s: float = 10.0


FAILED, LATER = frozenset({"failed"}), frozenset({"retry"})
STOPPED = frozenset({"queued", "retry"})
"""After a few attempts no more are made, because they would all end in the same way."""
FAULTS = {
    "550": Fault(("-f", "RCPT", "-B", "550 5.1.1 no such user"), FAILED, suppressed=READERS),
    "mailbox full": Fault(("-f", "RCPT", "-B", "552 5.2.2 mailbox full"), FAILED),
    "451": Fault(("-r", "RCPT", "-b", "451 4.3.0 not now"), LATER),
    "421": Fault(("-Q", "RCPT"), STOPPED),
    "dropped at DATA": Fault(("-q", "DATA"), STOPPED),
    "dropped at the end of data": Fault(("-q", "."), LATER),
    "451 at the end of data": Fault(("-r", ".", "-b", "451 4.3.0 no room"), LATER),
    "sender refused": Fault(("-f", "MAIL", "-B", "550 5.7.1 not you"), STOPPED, is_alarm=True),
    "content refused": Fault(("-f", ".", "-B", "554 5.7.1 this looks like spam"), STOPPED, is_alarm=True),
    "slow": Fault(("-w", "2"), STOPPED, timeout_s=0.3),
    "hung up at once": Fault(("-q", "CONNECT"), STOPPED),
}


class Office:
    """A store with queued messages, and what sends them to a server; time passes only when it is told to."""

    def __init__(
        self, folder: Path, in_doubt: InDoubt = InDoubt.RESEND, readers: int = READERS, connections: int = 2
    ) -> None:
        self.store, self.clock = open_sqlite(str(folder / "store.sqlite3")), FakeClock()
        self.sending = Sending(_finish, lambda address: f"hash of {address}", in_doubt, "worker", connections)
        self.queue(range(readers))

    def queue(self, numbers: Iterable[int]) -> None:
        """Queue a message for each of some new readers."""
        people = list(numbers)
        with self.store.writing() as unit:
            unit.put_digest_bodies({"body": b""})
            unit.put_subscribers([_reader(n) for n in people])
            unit.queue_digests(
                [NewDigest(f"m{n}@news.example", str(UUID(int=n)), "run", "day", "body", _address(n)) for n in people]
            )

    @contextmanager
    def dispatcher(self, server: SmtpServer) -> Iterator[Dispatcher]:
        """Yield a dispatcher that sends to *server*."""
        made = Dispatcher(self.store, lambda: SmtpTransport(server), self.sending, self.clock)
        yield made
        made.close()

    def states(self) -> dict[str, int]:
        """Return how many messages are in each state."""
        with self.store.reading() as unit:
            return {state.value: count for state, count in unit.outbox_counts().items()}

    def suppressed(self) -> int:
        """Return how many readers get no mail any more."""
        with self.store.reading() as unit:
            return len(unit.suppressions([f"hash of {_address(n)}" for n in range(READERS)]))

    def send_for(self, server: SmtpServer, days: int) -> None:
        """Look every hour, for some days."""
        with self.dispatcher(server) as dispatcher:
            for _ in range(days * 24):
                turn(dispatcher)
                self.clock.advance(3_600)


def turn(dispatcher: Dispatcher) -> None:
    """Take turns until nothing more can be done for now."""
    while dispatcher.turn().has_more:
        pass


def _address(number: int) -> str:
    return f"reader{number}@host{number % 3}.example"


def _reader(number: int) -> Subscriber:
    schedule = DigestSchedule(Frequency.DAILY, ZoneInfo("UTC"))
    wish = (_address(number), "en", schedule, ())
    return Subscriber(str(UUID(int=number)), *wish, SubscriberState.ACTIVE, FakeClock()())


def _finish(queued: QueuedDigest, _body: bytes) -> Envelope:
    return Envelope("bounce@news.example", queued.message.recipient, MESSAGE % queued.message.id.encode())


@pytest.fixture
def office(tmp_path: Path) -> Iterator[Office]:
    """Yield an office with a message for each reader."""
    made = Office(tmp_path)
    yield made
    made.store.close()


@pytest.mark.parametrize("fault", FAULTS.values(), ids=FAULTS.keys())
def test_a_fault_ends_in_the_right_state_and_is_overcome(office: Office, fault: Fault) -> None:
    """Nothing is lost by it: once the server is well, everything goes that a later attempt may help."""
    with smtp_sink(*fault.options, timeout_s=fault.timeout_s) as server, office.dispatcher(server) as dispatcher:
        turn(dispatcher)
        states = set(office.states())
        assert (states <= fault.states, office.suppressed()) == (True, fault.suppressed), states
        assert dispatcher.breaker.is_alarming == fault.is_alarm
    final = "failed" if fault.states == FAILED else "sent"
    with smtp_sink() as well:
        office.send_for(well, days=1)
    assert (office.states(), office.suppressed()) == ({final: READERS}, fault.suppressed)


def test_in_doubt_messages_are_held_if_so_wished(tmp_path: Path) -> None:
    """The server hangs up when it has all of a message: nobody knows whether it keeps it."""
    office = Office(tmp_path, InDoubt.HOLD)
    with smtp_sink("-q", ".") as server, office.dispatcher(server) as dispatcher:
        turn(dispatcher)
    assert (office.states(), office.suppressed()) == ({"held": READERS}, 0)


def test_a_server_that_is_away_costs_nobody_anything(office: Office) -> None:
    """Nobody listens; hours later all messages go."""
    away = SmtpServer(LOOPBACK, free_port(), Security.NONE, hello="test.example")
    with office.dispatcher(away) as dispatcher:
        turn(dispatcher)
        assert set(office.states()) <= STOPPED
    with smtp_sink() as well:
        office.send_for(well, days=1)
    assert (office.states(), office.suppressed()) == ({"sent": READERS}, 0)


def test_a_slow_server_is_waited_for(office: Office) -> None:
    """It thinks for a second before each message; that is no fault."""
    with smtp_sink("-w", "1") as server, office.dispatcher(server) as dispatcher:
        turn(dispatcher)
    assert office.states() == {"sent": READERS}


def test_a_server_that_cannot_show_who_it_is_gets_no_mail(office: Office, tmp_path: Path) -> None:
    """Its certificate is one that nobody vouches for; with the right one all messages go."""
    known, unknown = certificates(tmp_path), certificates(tmp_path, "elsewhere.example")
    box = Mailbox()
    with mail_server(box, tls_context=known.context, require_starttls=True) as server:
        wrong, right = (
            SmtpServer(LOOPBACK, server.port, Security.STARTTLS, ca_file=each.ca_file, hello="test.example")
            for each in (unknown, known)
        )
        with office.dispatcher(wrong) as dispatcher:
            turn(dispatcher)
            assert set(office.states()) <= STOPPED
            assert (dispatcher.breaker.is_alarming, "certificate" in dispatcher.breaker.reason) == (True, True)
        assert (box.received, office.suppressed()) == ([], 0)
        office.send_for(right, days=1)
    assert office.states() == {"sent": READERS}


def test_a_domain_that_is_silent_keeps_nobody_waiting(office: Office) -> None:
    """Its messages are put off when the first of them is not answered; once it answers, all go."""
    silent = {_address(number) for number in range(0, READERS, 3)}
    others = {_address(number) for number in range(READERS)} - silent
    box = Mailbox(silent=set(silent))
    with mail_server(box) as server, office.dispatcher(replace(server, timeout_s=0.5)) as dispatcher:
        turn(dispatcher)
        assert {recipient for _, recipient, _ in box.received} == others
        before = len(box.asked)
        turn(dispatcher)
        assert len(box.asked) == before, "within the minute, nobody asks again"
        box.silent.clear()
        office.send_for(server, days=1)
    assert office.states() == {"sent": READERS}
    assert len(box.received) == READERS


def test_nobody_waits_for_those_who_wait_for_a_dead_domain(tmp_path: Path) -> None:
    """It never answers, and our patience is long: all others get theirs, also those whose mail is queued later."""
    office = Office(tmp_path, readers=300, connections=8)
    silent = {_address(number) for number in range(0, 300, 3)}
    box = Mailbox(silent=set(silent))
    with mail_server(box) as server, office.dispatcher(replace(server, timeout_s=600.0)) as dispatcher:
        _turn_until(dispatcher, lambda: office.states().get("sent") == 200)
        assert len(silent & set(box.asked)) <= 2, "most connections are kept for domains that answer"
        office.queue([1_000])
        _turn_until(dispatcher, lambda: office.states().get("sent") == 201)
        box.silent.clear()
        turn(dispatcher)
        office.send_for(server, days=1)
    assert office.states() == {"sent": 301}
    assert len(box.received) == 301
    office.store.close()


def test_nobody_waits_for_one_mailbox_that_never_answers(tmp_path: Path) -> None:
    """Others of the same domain are answered, so nothing is held against it."""
    office = Office(tmp_path, readers=300, connections=8)
    box = Mailbox(silent={_address(0)})
    with mail_server(box) as server, office.dispatcher(replace(server, timeout_s=600.0)) as dispatcher:
        _turn_until(dispatcher, lambda: office.states().get("sent") == 299)
        box.silent.clear()
        turn(dispatcher)
    assert office.states() == {"sent": 300}
    office.store.close()


def test_a_stop_while_a_dead_domain_is_waited_for_leaves_what_was_not_begun_as_it_was(tmp_path: Path) -> None:
    """With `hold`, an operator is asked about messages that were begun, and about no others."""
    office = Office(tmp_path, InDoubt.HOLD, readers=30, connections=2)
    box = Mailbox(silent={_address(number) for number in range(0, 30, 3)})
    with mail_server(box) as server, office.dispatcher(replace(server, timeout_s=600.0)) as dispatcher:
        _turn_until(dispatcher, lambda: office.states().get("sent") == 20)
        dispatcher.close()
        box.silent.clear()
        assert office.states() == {"sent": 20, "queued": 9, "sending": 1}
    office.store.close()


def _turn_until(dispatcher: Dispatcher, is_done: Callable[[], bool]) -> None:
    """Take turns until something is so; too many of them are a failure."""
    for _ in range(60):
        dispatcher.turn()
        if is_done():
            return
    pytest.fail("it never came to that")
