"""What every store promises about runs of digests and the outbox."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from typing import TYPE_CHECKING

import pytest
from outbox_rows import put_in_outbox

from feedsvc.errors import StoreError
from feedsvc.model import DigestCursor, DigestRun, OutboxMessage, OutboxState, QueuedDigest
from feedsvc.store import open_sqlite

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from feedsvc.protocols import Store

OPENERS: dict[str, Callable[[Path], Store]] = {"sqlite": lambda folder: open_sqlite(str(folder / "store.sqlite3"))}
NOON = datetime(2026, 3, 1, 12, 0, 0, 123_456, tzinfo=UTC)
MINUTE = timedelta(minutes=1)
MANY = 1_200


@pytest.fixture(params=sorted(OPENERS))
def store(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Store]:
    opened = OPENERS[request.param](tmp_path)
    yield opened
    opened.close()


def queued(number: int, **changes: object) -> QueuedDigest:
    message = OutboxMessage(f"m{number}@news.example", f"reader{number}@example.org")
    return QueuedDigest(replace(message, **changes), f"s{number}", "run-1", "2026-03-01", "body-1")  # type: ignore[arg-type]


def ids(messages: list[QueuedDigest]) -> list[str]:
    return [one.message.id.partition("@")[0] for one in messages]


def test_an_empty_store_knows_no_digests(store: Store) -> None:
    """Every question has an answer before the first run."""
    with store.writing() as unit:
        assert (unit.digest_cursors(["s1"]), unit.digest_runs(5), unit.digest_bodies(["x"])) == ({}, [], {})
        assert (unit.outbox_counts(), unit.outbox_page(0, 5), unit.outbox_at(["m1"])) == ({}, [], {})
        assert (unit.claimable(NOON, 5), unit.claims(5), unit.next_attempt()) == ([], [], None)


def test_cursors_runs_and_bodies_come_back_as_they_were(store: Store) -> None:
    """Moments to the microsecond, days, and bytes of any kind."""
    fresh = DigestCursor("s1", 7, NOON)
    told = DigestCursor("s2", 9, NOON, "2026-W09", date(2026, 2, 23))
    runs = [DigestRun(f"run-{n}", NOON + n * MINUTE, n, n) for n in range(3)]
    with store.writing() as unit:
        unit.put_digest_cursors([fresh, told])
        for run in runs:
            unit.add_digest_run(run)
        unit.put_digest_bodies({"b": bytes(range(256))})
        unit.put_digest_bodies({"b": bytes(range(256)), "c": b""})
    with store.reading() as unit:
        assert unit.digest_cursors(["s1", "s2", "s3"]) == {"s1": fresh, "s2": told}
        assert unit.digest_runs(2) == runs[:0:-1]
        assert (unit.digest_run("run-1"), unit.digest_run("run-9")) == (runs[1], None)
        assert unit.digest_bodies(["b", "c", "d"]) == {"b": bytes(range(256)), "c": b""}
    later = replace(fresh, last_seq=12, period_key="2026-03-01", period_day=date(2026, 3, 1))
    with store.writing() as unit:
        unit.put_digest_cursors([later])
        assert unit.digest_cursors(["s1"]) == {"s1": later}


def test_messages_are_queued_in_order_and_counted(store: Store) -> None:
    """By state, by run, page by page."""
    with store.writing() as unit:
        put_in_outbox(unit, [queued(1), queued(2, state=OutboxState.SENT, reason="250 ok"), queued(3)])
        put_in_outbox(unit, [replace(queued(4), run_id="run-2")])
    with store.reading() as unit:
        assert unit.outbox_counts() == {OutboxState.QUEUED: 3, OutboxState.SENT: 1}
        assert unit.outbox_counts("run-2") == {OutboxState.QUEUED: 1}
        first = unit.outbox_page(0, 2)
        assert ids([one for _, one in first]) == ["m1", "m2"]
        assert ids([one for _, one in unit.outbox_page(first[-1][0], 5)]) == ["m3", "m4"]
        assert ids([one for _, one in unit.outbox_page(0, 5, OutboxState.SENT)]) == ["m2"]
        assert unit.outbox_at(["m2@news.example", "none"]) == {
            "m2@news.example": queued(2, state=OutboxState.SENT, reason="250 ok")
        }


def test_a_period_of_a_subscriber_is_queued_once(store: Store) -> None:
    """Whatever two runs believe: the second is refused as a whole."""
    with store.writing() as unit:
        put_in_outbox(unit, [queued(1)])
    again = replace(queued(1), message=OutboxMessage("other@news.example", "reader1@example.org"))
    with pytest.raises(StoreError), store.writing() as unit:
        put_in_outbox(unit, [queued(2), again])
    with store.reading() as unit:
        assert unit.outbox_counts() == {OutboxState.QUEUED: 1}


def test_what_may_be_claimed(store: Store) -> None:
    """Queued ones and those to be retried whose moment has come; nothing that is sent, failed, held or claimed."""
    states = {
        1: {},
        2: {"not_before": NOON + MINUTE},
        3: {"state": OutboxState.RETRY, "not_before": NOON},
        4: {"state": OutboxState.RETRY, "not_before": NOON + timedelta(microseconds=1)},
        5: {"state": OutboxState.SENDING, "lease_until": NOON},
        6: {"state": OutboxState.SENT},
        7: {"state": OutboxState.FAILED},
        8: {"state": OutboxState.HELD},
        9: {"state": OutboxState.SUPPRESSED},
    }
    with store.writing() as unit:
        put_in_outbox(unit, [queued(number, **changes) for number, changes in states.items()])
        assert ids(unit.claimable(NOON, 10)) == ["m1", "m3"]
        assert ids(unit.claimable(NOON, 1)) == ["m1"]
        assert ids(unit.claimable(NOON + MINUTE, 10)) == ["m1", "m2", "m3", "m4"]
        assert ids(unit.claims(10)) == ["m5"]
        assert (ids(unit.claims(10, NOON)), unit.claims(10, NOON - MINUTE)) == (["m5"], [])
        unit.put_outbox([replace(queued(n).message, state=OutboxState.SENT) for n in (1, 3)])
        assert unit.next_attempt() == NOON + timedelta(microseconds=1)


def test_a_message_keeps_everything_that_is_said_of_it(store: Store) -> None:
    """Attempts, moments, owner and reason, for many at once."""
    changed = [
        replace(
            queued(n).message,
            state=OutboxState.SENDING,
            attempts=n,
            first_attempt=NOON,
            not_before=NOON + MINUTE,
            owner="worker “1”",
            lease_until=NOON + 2 * MINUTE,
            reason="451 4.7.1 später, بعد قليل",
        )
        for n in range(MANY)
    ]
    with store.writing() as unit:
        put_in_outbox(unit, [queued(n) for n in range(MANY)])
        unit.put_outbox(changed)
    with store.reading() as unit:
        stored = unit.outbox_at(message.id for message in changed)
        assert [stored[message.id].message for message in changed] == changed
        assert unit.outbox_counts() == {OutboxState.SENDING: MANY}
