"""What every store promises about subscribers, suppressed addresses and the record of consent."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

import pytest

from feedsvc.errors import StoreError
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
from feedsvc.store import open_sqlite

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from feedsvc.protocols import Store, WriteUnit

OPENERS: dict[str, Callable[[Path], Store]] = {"sqlite": lambda folder: open_sqlite(str(folder / "store.sqlite3"))}
NOON = datetime(2026, 3, 1, 12, 0, 0, 123_456, tzinfo=UTC)
MANY = 1200
"""More values than one statement takes."""


@pytest.fixture(params=sorted(OPENERS))
def store(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Store]:
    opened = OPENERS[request.param](tmp_path)
    yield opened
    opened.close()


def person(name: str, **changes: Any) -> Subscriber:
    plain = Subscriber(
        id=f"id-{name}",
        address=f"{name}@example.org",
        language="en",
        schedule=DigestSchedule(Frequency.DAILY, ZoneInfo("UTC")),
        feeds=(),
        state=SubscriberState.ACTIVE,
        created=NOON,
    )
    return replace(plain, **changes)


FULL = person(
    "سلمى",
    language="ar-EG",
    schedule=DigestSchedule(Frequency.MONTHLY, ZoneInfo("Africa/Cairo"), 23, 31),
    feeds=("main", "أخبار", "a-b"),
    confirmed=NOON + timedelta(microseconds=1),
    paused_until=NOON + timedelta(days=9),
    consent='on paper, 3 May; "yes", she said',
)


def keep(store: Store, *people: Subscriber) -> None:
    with store.writing() as unit:
        unit.put_subscribers(people)


def test_a_new_store_has_no_subscribers(store: Store) -> None:
    """Every question has an answer before anybody subscribed, and writing nothing is allowed."""
    with store.writing() as unit:
        unit.put_subscribers([])
        unit.set_subscriber_state([], SubscriberState.GONE)
        unit.forget_subscribers([])
        unit.suppress([], SuppressionReason.BOUNCED, NOON)
        unit.lift_suppressions([])
        unit.add_consents([])
    with store.reading() as unit:
        assert (unit.subscribers(["a"]), unit.subscribers_at(["a"]), unit.subscriber_counts()) == ({}, {}, {})
        assert (unit.subscriber_batch("", 9), unit.subscriber_page("", 9)) == ([], [])
        assert (unit.suppressions(["hash"]), unit.consents_of("a")) == ({}, [])


@pytest.mark.parametrize("one", [FULL, person("plain")], ids=["full", "plain"])
def test_a_subscriber_comes_back_as_they_went_in(store: Store, one: Subscriber) -> None:
    """No attribute is lost or changed, whether asked for by id or by address; times are in UTC."""
    keep(store, one, person("other"))
    with store.reading() as unit:
        assert unit.subscribers([one.id, "nobody"]) == {one.id: one}
        assert unit.subscribers_at([address_key(one.address), "x"]) == {address_key(one.address): one}
        assert unit.subscribers([one.id])[one.id].created.tzinfo is UTC


def test_a_subscriber_is_replaced_by_id(store: Store) -> None:
    """The same id twice is one person with the newest wishes, also under a new address."""
    keep(store, person("a"))
    moved = person("a", address="new@example.org", language="fr")
    keep(store, moved)
    with store.reading() as unit:
        assert unit.subscriber_batch("", 9) == [moved]
        assert unit.subscribers_at(["a@example.org"]) == {}
        assert unit.subscribers_at(["new@example.org"]) == {"new@example.org": moved}


def test_one_address_belongs_to_one_person(store: Store) -> None:
    """A second row for an address, in other letter case, is refused, and the unit leaves nothing behind."""
    keep(store, person("ada", address="Ada@example.org"))
    with pytest.raises(StoreError):
        keep(store, person("b"), person("twin", address="aDA@example.org"))
    with store.reading() as unit:
        assert [one.id for one in unit.subscriber_batch("", 9)] == ["id-ada"]


def test_many_subscribers_are_walked_through_in_batches(store: Store) -> None:
    """Batch by batch, each person comes once, in the order of ids, or of addresses; a state can be picked out."""
    people = [person(f"{number:04}", id=f"id-{9999 - number}") for number in range(MANY)]
    people[7] = replace(people[7], state=SubscriberState.PENDING)
    keep(store, *people)
    with store.reading() as unit:
        assert len(unit.subscribers(one.id for one in people)) == MANY
        by_id: list[Subscriber] = []
        while batch := unit.subscriber_batch(by_id[-1].id if by_id else "", 500):
            assert len(batch) <= 500
            by_id += batch
        assert by_id == people[::-1]
        assert unit.subscriber_page("0003@example.org", 3) == people[4:7]
        active = unit.subscriber_page("", MANY, SubscriberState.ACTIVE)
        assert active == people[:7] + people[8:]
        assert unit.subscriber_batch("", MANY, SubscriberState.PENDING) == [people[7]]
        assert unit.subscriber_counts() == {SubscriberState.ACTIVE: MANY - 1, SubscriberState.PENDING: 1}


def test_a_change_of_state_keeps_everything_else(store: Store) -> None:
    """Those named are in the new state, nobody else is."""
    keep(store, FULL, person("b"))
    with store.writing() as unit:
        unit.set_subscriber_state([FULL.id, "nobody"], SubscriberState.GONE)
    with store.reading() as unit:
        found = unit.subscribers([FULL.id, "id-b"])
    assert found == {FULL.id: replace(FULL, state=SubscriberState.GONE), "id-b": person("b")}


def test_forgetting_leaves_nothing_of_a_person(store: Store) -> None:
    """Row, address and record of consent are gone, those of others stay, and the address is free again."""
    consents = [Consent(id_, ConsentEvent.GIVEN, NOON, "on paper") for id_ in ("id-a", "id-b")]
    keep(store, person("a"), person("b"))
    with store.writing() as unit:
        unit.add_consents(consents)
        unit.forget_subscribers(["id-a", "nobody"])
    with store.reading() as unit:
        assert unit.subscriber_batch("", 9) == [person("b")]
        assert unit.subscribers_at(["a@example.org"]) == {}
        assert (unit.consents_of("id-a"), unit.consents_of("id-b")) == ([], consents[1:])
    keep(store, person("again", address="a@example.org"))


def test_the_record_of_consent_is_kept_in_order(store: Store) -> None:
    """Every decision stays, also at the same moment, oldest first."""
    record = [
        Consent("id-a", event, NOON, words)
        for event, words in (
            (ConsentEvent.GIVEN, "form, 192.0.2.7"),
            (ConsentEvent.WITHDRAWN, "رابط في الرسالة"),
            (ConsentEvent.GIVEN, "on paper"),
        )
    ]
    with store.writing() as unit:
        unit.add_consents(record[:2])
        unit.add_consents([Consent("id-b", ConsentEvent.GIVEN, NOON, "other")])
        unit.add_consents(record[2:])
    with store.reading() as unit:
        assert unit.consents_of("id-a") == record


def test_suppressed_addresses_are_known_by_their_hash(store: Store) -> None:
    """Many can be asked for at once; the newest reason counts; lifting one leaves the others."""
    with store.writing() as unit:
        unit.suppress(["a", "b"], SuppressionReason.BOUNCED, NOON)
        unit.suppress((f"hash {number}" for number in range(MANY)), SuppressionReason.UNSUBSCRIBED, NOON)
        unit.suppress(["b"], SuppressionReason.ERASED, NOON + timedelta(days=1))
    with store.reading() as unit:
        assert unit.suppressions(["a", "b", "c"]) == {
            "a": Suppression(SuppressionReason.BOUNCED, NOON),
            "b": Suppression(SuppressionReason.ERASED, NOON + timedelta(days=1)),
        }
        assert len(unit.suppressions(f"hash {number}" for number in range(MANY + 9))) == MANY
    with store.writing() as unit:
        unit.lift_suppressions(["b", "never"])
        assert set(unit.suppressions(["a", "b"])) == {"a"}


def test_everything_about_subscribers_is_rolled_back_together(store: Store) -> None:
    """A unit that fails half-way changes nobody."""
    keep(store, person("a"))

    def fail_half_way(unit: WriteUnit) -> None:
        unit.put_subscribers([person("b")])
        unit.suppress(["a"], SuppressionReason.ERASED, NOON)
        unit.add_consents([Consent("id-a", ConsentEvent.WITHDRAWN, NOON, "")])
        unit.forget_subscribers(["id-a"])
        raise RuntimeError("half-way")

    with pytest.raises(RuntimeError, match="half-way"), store.writing() as unit:
        fail_half_way(unit)
    with store.reading() as unit:
        assert unit.subscriber_batch("", 9) == [person("a")]
        assert (unit.suppressions(["a"]), unit.consents_of("id-a")) == ({}, [])
