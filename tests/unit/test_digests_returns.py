"""Who gets no more mail because of what came back, and who is not to blame."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

import pytest
from fakes import FakeClock
from outbox_rows import put_in_outbox

from feedsvc.digests import AddressHasher, Outcome, Returns
from feedsvc.digests.returns import Blame, blame_of
from feedsvc.model import (
    DeliveryFailure,
    DigestSchedule,
    Frequency,
    OutboxMessage,
    OutboxState,
    QueuedDigest,
    ReturnedMail,
    ReturnKind,
    Subscriber,
    SubscriberState,
    SuppressionReason,
)
from feedsvc.store import open_sqlite

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

HASHER = AddressHasher(b"secret")
START = datetime(2026, 3, 1, 7, tzinfo=UTC)
ADA = Subscriber(
    "ada", "Ada@example.org", "en", DigestSchedule(Frequency.DAILY, ZoneInfo("UTC")), (), SubscriberState.ACTIVE, START
)
FULL, UNKNOWN, POLICY = "4.2.2", "5.1.1", "5.7.1"


class Desk:
    """A reader with one digest a day, all of them taken by the mail server, and what comes back of them."""

    def __init__(self, folder: Path) -> None:
        self.store = open_sqlite(str(folder / "store.sqlite3"))
        self.clock = FakeClock(START + timedelta(days=60))
        self.returns = Returns(self.store, HASHER, self.clock)
        with self.store.writing() as unit:
            unit.put_subscribers([ADA])
            put_in_outbox(unit, [self._digest(day) for day in range(50)])

    @staticmethod
    def _digest(day: int) -> QueuedDigest:
        sent = START + timedelta(days=day)
        message = OutboxMessage(f"day-{day}@x", ADA.address, OutboxState.SENT, 1, sent)
        return QueuedDigest(message, ADA.id, "run", f"{sent:%Y-%m-%d}", "body")

    def take(self, *statuses: str, day: int | None = None) -> Outcome:
        """Let a digest come back, that of *day* if the report names it."""
        failures = tuple(DeliveryFailure(status) for status in statuses)
        message_id = "" if day is None else f"day-{day}@x"
        return self.returns.take(ADA.id, ReturnedMail(ReturnKind.FAILURE, failures, message_id)).outcome

    @property
    def reason(self) -> SuppressionReason | None:
        """Why the reader gets no mail, None while they do."""
        with self.store.reading() as unit:
            return next((one.reason for one in unit.suppressions([HASHER("ada@example.org")]).values()), None)


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[Desk]:
    made = Desk(tmp_path)
    yield made
    made.store.close()


@pytest.mark.parametrize(
    ("blame", "statuses"),
    [
        (Blame.HARD, "5.1.0 5.1.1 5.1.2 5.1.3 5.1.6 5.1.10 5.2.1"),
        (Blame.SOFT, "4.2.2 4.4.1 4.3.0 4.0.0 4.1.1 5.2.2 5.2.0 5.2.10 5.4.1 5.4.4 5.4.7 5.0.0"),
        (Blame.NONE, "5.7.1 5.7.0 5.7.26 4.7.0 5.1.7 5.1.8 5.2.3 5.3.0 5.3.4 5.5.0 5.6.0 2.1.5"),
    ],
)
def test_each_status_has_its_blame(blame: Blame, statuses: str) -> None:
    """A dead mailbox, a passing failure, and what is the fault of others."""
    assert {status: blame_of(status) for status in statuses.split()} == dict.fromkeys(statuses.split(), blame)
    assert blame_of("") is Blame.SOFT


def test_a_dead_mailbox_gets_no_more_mail(desk: Desk) -> None:
    """At the first report, also if it does not name the digest; later reports change nothing."""
    assert desk.take(UNKNOWN) is Outcome.BOUNCED
    assert desk.reason is SuppressionReason.BOUNCED
    assert desk.take(FULL) is Outcome.COUNTED


def test_a_full_mailbox_gets_no_more_mail_after_five_digests_and_fourteen_days(desk: Desk) -> None:
    """Not after five in a week, and not after four in a month; the digests that were sent count, not the reports."""
    for day in range(14):
        assert desk.take(FULL, day=day) is Outcome.COUNTED
        assert desk.take(FULL, day=day) is Outcome.COUNTED
    assert desk.reason is None
    assert desk.take(FULL, day=14) is Outcome.BOUNCED
    assert desk.reason is SuppressionReason.BOUNCED


def test_five_digests_are_needed_however_long_it_takes(desk: Desk) -> None:
    """Reports about one digest are one, and about a digest that is not named, one a day."""
    for _ in range(4):
        for _ in range(3):
            assert desk.take(FULL) is Outcome.COUNTED
        desk.clock.advance(30 * 86_400)
    with desk.store.writing() as unit:
        unit.put_outbox([OutboxMessage(f"day-{day}@x", ADA.address) for day in range(50)])  # nothing was sent between
    assert desk.take(FULL) is Outcome.BOUNCED


def test_a_digest_that_does_not_come_back_ends_the_row(desk: Desk) -> None:
    """Whoever got one in between begins anew."""
    for day in (*range(10), *range(11, 25)):
        assert desk.take(FULL, day=day) is Outcome.COUNTED
    assert desk.reason is None
    assert desk.take(FULL, day=25) is Outcome.BOUNCED


def test_a_delivered_digest_ends_the_row_also_after_the_outbox_forgot_it(desk: Desk) -> None:
    """What became of messages is not kept for ever."""
    for day in (0, 8, 12):
        desk.take(FULL, day=day)
    with desk.store.writing() as unit:
        unit.put_outbox([OutboxMessage(f"day-{day}@x", ADA.address) for day in range(50)])
    for _ in range(3):
        assert desk.take(FULL) is Outcome.COUNTED
        desk.clock.advance(86_400)
    assert desk.reason is None


def test_the_order_in_which_reports_arrive_does_not_matter(desk: Desk) -> None:
    """They come when mail servers give up, the newest sometimes first."""
    for day in range(0, 20, 2):
        desk.clock.now = START + timedelta(days=day + 6)
        desk.take(FULL, day=day + 1)
        desk.take(FULL, day=day)
    assert desk.reason is SuppressionReason.BOUNCED


def test_a_refusal_is_not_held_against_the_reader_and_does_not_count_as_delivered(desk: Desk) -> None:
    """However often a server dislikes us; a full mailbox before and after it is still one row."""
    for day in range(20):
        assert desk.take(POLICY, day=day) is Outcome.REFUSED
    assert desk.reason is None
    for day in range(20, 34):
        assert desk.take(*([POLICY] if day == 25 else [FULL]), day=day) is not Outcome.BOUNCED
    assert desk.take(FULL, day=34) is Outcome.BOUNCED


def test_of_several_failures_the_mildest_counts(desk: Desk) -> None:
    """A mailbox that forwards to two others, of which one is full, is not dead."""
    assert desk.take(UNKNOWN, FULL) is Outcome.COUNTED
    assert desk.take(UNKNOWN, POLICY) is Outcome.REFUSED
    assert desk.take(UNKNOWN, UNKNOWN) is Outcome.BOUNCED


def test_a_complaint_ends_it(desk: Desk) -> None:
    """And does not replace the reason of somebody who had left before."""
    complaint = ReturnedMail(ReturnKind.COMPLAINT)
    assert desk.returns.take(ADA.id, complaint).outcome is Outcome.COMPLAINED
    assert desk.reason is SuppressionReason.COMPLAINED
    assert desk.take(UNKNOWN) is Outcome.BOUNCED
    assert desk.reason is SuppressionReason.COMPLAINED


@pytest.mark.parametrize("kind", [ReturnKind.DELAY, ReturnKind.OTHER])
def test_what_is_no_failure_changes_nothing(desk: Desk, kind: ReturnKind) -> None:
    """Delays, answers of machines, and mail about people who were erased."""
    assert desk.returns.take(ADA.id, ReturnedMail(kind)).outcome is Outcome.IGNORED
    failure = ReturnedMail(ReturnKind.FAILURE, (DeliveryFailure(UNKNOWN),))
    assert desk.returns.take("nobody", failure).outcome is Outcome.IGNORED
    assert desk.reason is None


def test_a_report_that_names_the_digest_of_somebody_else_counts_for_its_own_day(desk: Desk) -> None:
    """Whoever holds a token can forge reports against themselves only."""
    with desk.store.writing() as unit:
        other = QueuedDigest(OutboxMessage("other@x", "b@x", OutboxState.SENT, 1, START), "b", "run", "k", "body")
        put_in_outbox(unit, [other])
    mail = ReturnedMail(ReturnKind.FAILURE, (DeliveryFailure(FULL),), "other@x")
    desk.returns.take(ADA.id, mail)
    with desk.store.reading() as unit:
        assert [one.digest for one in unit.returned_digests(ADA.id)] == [f"on {desk.clock.now:%Y-%m-%d}"]
        assert unit.returned_digests("b") == []
