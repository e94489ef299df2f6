"""The register of subscribers over a real store: who is added, who is known, who stays away."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

import pytest

from feedsvc.digests import AddressHasher, Defaults, Register, Wish, normalise_address, read_wish
from feedsvc.digests.register import Verdict
from feedsvc.errors import SubscriberFieldError
from feedsvc.model import (
    Consent,
    ConsentEvent,
    DigestSchedule,
    Frequency,
    Subscriber,
    SubscriberState,
    SuppressionReason,
)
from feedsvc.store import open_sqlite

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from feedsvc.store import SqlStore

NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)
EARLIER = NOW - timedelta(days=3)
HASHER = AddressHasher(b"secret")
DEFAULTS = Defaults("en", ZoneInfo("UTC"), Frequency.DAILY, 7, frozenset({"main"}))


@pytest.fixture
def store(tmp_path: Path) -> Iterator[SqlStore]:
    opened = open_sqlite(str(tmp_path / "store.sqlite3"))
    yield opened
    opened.close()


@pytest.fixture
def register(store: SqlStore) -> Register:
    return Register(store, HASHER, lambda: NOW)


def wish(address: str, consent: str = "on paper") -> Wish:
    return read_wish({"address": address, "consent": consent}, DEFAULTS)


def test_who_asked_and_is_then_brought_by_an_operator_is_confirmed(store: SqlStore, register: Register) -> None:
    """A pending person becomes active under the id that the question carries, with the day on which they asked."""
    schedule = DigestSchedule(Frequency.WEEKLY, ZoneInfo("UTC"))
    asked = Subscriber("id", "ada@example.org", "ar", schedule, (), SubscriberState.PENDING, EARLIER)
    with store.writing() as unit:
        unit.put_subscribers([asked])
    assert register.take_in([wish("ADA@example.org")]) == [Verdict.ADDED]
    known = register.details("ada@example.org")
    assert known.subscriber is not None
    assert (known.subscriber.id, known.subscriber.state) == ("id", SubscriberState.ACTIVE)
    assert (known.subscriber.created, known.subscriber.confirmed) == (EARLIER, NOW)
    assert known.consents == (Consent("id", ConsentEvent.GIVEN, NOW, "on paper"),)


@pytest.mark.parametrize("reason", SuppressionReason)
def test_no_reason_for_silence_is_overruled_by_an_import(
    store: SqlStore, register: Register, reason: SuppressionReason
) -> None:
    """Dead mailboxes, complaints and goodbyes hold in any spelling, and are named where somebody is added by hand."""
    with store.writing() as unit:
        unit.suppress([HASHER(normalise_address("ada@müller.de").key)], reason, EARLIER)
    people = [wish("Ada@xn--mller-kva.de"), wish("bob@müller.de")]
    for dry_run in (True, False):
        assert register.take_in(people, dry_run=dry_run) == [Verdict.SUPPRESSED, Verdict.ADDED]
    with pytest.raises(SubscriberFieldError, match=rf"gets no mail \({reason}\)"):
        register.add(wish("ada@müller.de"))
    assert register.add(wish("ada@müller.de", "by phone"), again=True).state is SubscriberState.ACTIVE
    assert register.details("ada@müller.de").suppression is None


def test_the_first_row_of_an_address_counts(register: Register) -> None:
    """Two spellings in one batch are one person, with the consent of the first."""
    verdicts = register.take_in([wish("ada@example.org", "one"), wish("ADA@EXAMPLE.ORG", "two")])
    assert verdicts == [Verdict.ADDED, Verdict.KNOWN]
    details = register.details("ada@example.org")
    assert [consent.words for consent in details.consents] == ["one"]


def test_the_database_holds_no_address_of_the_suppressed(store: SqlStore, register: Register) -> None:
    """What is kept of an erased person is the keyed hash, and another secret does not find it."""
    register.add(wish("ada@example.org"))
    register.erase("ada@example.org")
    key = normalise_address("ada@example.org").key
    with store.reading() as unit:
        assert set(unit.suppressions([key, HASHER(key), AddressHasher(b"other")(key)])) == {HASHER(key)}
        assert unit.subscriber_counts() == {}
