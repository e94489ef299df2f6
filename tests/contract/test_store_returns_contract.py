"""What every store promises about digests that came back."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

import pytest
from outbox_rows import put_in_outbox

from feedsvc.model import OutboxMessage, OutboxState, QueuedDigest, ReturnedDigest
from feedsvc.outbox import tidy_outbox
from feedsvc.store import open_sqlite

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from feedsvc.protocols import Store

OPENERS: dict[str, Callable[[Path], Store]] = {"sqlite": lambda folder: open_sqlite(str(folder / "store.sqlite3"))}
NOON = datetime(2026, 3, 1, 12, 0, 0, 123_456, tzinfo=UTC)
DAY = timedelta(days=1)


@pytest.fixture(params=sorted(OPENERS))
def store(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Store]:
    opened = OPENERS[request.param](tmp_path)
    yield opened
    opened.close()


def came_back(number: int, who: str = "a", *, is_soft: bool = True) -> ReturnedDigest:
    return ReturnedDigest(who, f"m{number}@x", NOON + number * DAY, is_soft)


def test_digests_come_back_in_the_order_in_which_they_were_sent(store: Store) -> None:
    """Each once, with the newest word about it; those of others, and what is forgotten, are not among them."""
    with store.writing() as unit:
        assert unit.returned_digests("a") == []
        unit.put_returned_digests([came_back(2), came_back(1), came_back(1, "b")])
        unit.put_returned_digests([came_back(1, is_soft=False)])
        unit.put_returned_digests([])
    with store.reading() as unit:
        assert unit.returned_digests("a") == [came_back(1, is_soft=False), came_back(2)]
    with store.writing() as unit:
        unit.forget_returned_digests("a", NOON + DAY)
        assert unit.returned_digests("a") == [came_back(2)]
        unit.forget_returned_digests("a")
        unit.forget_returned_digests("nobody")
        assert (unit.returned_digests("a"), unit.returned_digests("b")) == ([], [came_back(1, "b")])


def test_whoever_is_forgotten_leaves_no_digests(store: Store) -> None:
    """Not even which of them came back."""
    with store.writing() as unit:
        unit.put_returned_digests([came_back(1), came_back(1, "b")])
        unit.forget_subscribers(["a"])
        assert (unit.returned_digests("a"), unit.returned_digests("b")) == ([], [came_back(1, "b")])


def test_the_last_delivered_digest_was_sent_and_did_not_come_back(store: Store) -> None:
    """Of this subscriber, before the moment asked for."""

    def sent(number: int, who: str = "a", state: OutboxState = OutboxState.SENT) -> QueuedDigest:
        message = OutboxMessage(f"m{number}@x", "a@x", state, 1, NOON + number * DAY)
        return QueuedDigest(message, who, "run", f"period {number}", "body")

    with store.writing() as unit:
        assert unit.last_delivered("a", NOON) is None
        put_in_outbox(unit, [sent(1), sent(2), sent(3), sent(4, state=OutboxState.FAILED), sent(5, "b")])
        unit.put_returned_digests([came_back(3), came_back(2, "b")])
    with store.reading() as unit:
        assert unit.last_delivered("a", NOON + 9 * DAY) == NOON + 2 * DAY
        assert unit.last_delivered("a", NOON + 2 * DAY) == NOON + DAY
        assert unit.last_delivered("a", NOON + DAY) is None
        assert unit.last_delivered("b", NOON + 9 * DAY) == NOON + 5 * DAY


def test_what_came_back_is_forgotten_with_the_messages_of_its_time(store: Store) -> None:
    """Else it would count against readers whose later digests arrived, which nothing remembers any more."""
    with store.writing() as unit:
        unit.put_returned_digests([came_back(1), came_back(3), came_back(1, "b")])
    assert tidy_outbox(store, NOON + 2 * DAY) == 0
    with store.reading() as unit:
        assert (unit.returned_digests("a"), unit.returned_digests("b")) == ([came_back(3)], [])
