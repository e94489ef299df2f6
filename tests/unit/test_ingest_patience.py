"""How long a file that cannot be read is tried again, and how long one that changes must rest."""

from __future__ import annotations

from itertools import count, takewhile

import pytest
from fakes import FakeClock
from hypothesis import given
from hypothesis import strategies as st

from feedsvc.ingest import rest_after
from feedsvc.ingest.patience import Retries, Unrest, retry_delay

times = st.floats(0, 600, allow_nan=False)


def test_trials_come_slower_and_slower_and_end_after_two_minutes() -> None:
    """1, 2, 4 ... 60 seconds, then it is over."""
    delays = list(takewhile(lambda delay: delay is not None, map(retry_delay, count(1))))
    assert delays == [1, 2, 4, 8, 16, 32, 60]
    assert retry_delay(1000) is None


def test_a_trial_before_its_time_does_not_count() -> None:
    """Scans and events may look at the file as often as they like: it is given up after two minutes, not earlier."""
    clock = FakeClock()
    retries = Retries(clock.monotonic)
    assert retries.failed("a") == 1
    for _ in range(100):
        assert retries.failed("a") == 1
    clock.advance(0.5)
    assert retries.failed("a") == 0.5
    clock.advance(0.5)
    assert (retries.failed("a"), retries.failed("b")) == (2, 1)


def test_whoever_could_be_read_begins_anew() -> None:
    """One good reading makes up for all failures, and so does giving up."""
    clock = FakeClock()
    retries = Retries(clock.monotonic)
    for delay in (1, 2, 4):
        assert retries.failed("a") == delay
        clock.advance(delay)
    retries.forget(["a", "unknown"])
    for delay in (1, 2, 4, 8, 16, 32, 60, None, 1):
        assert retries.failed("a") == delay
        clock.advance(delay or 0)


def test_unrest_is_counted_from_its_beginning() -> None:
    """For each file by itself, until it rests."""
    clock = FakeClock()
    unrest = Unrest(clock.monotonic)
    assert unrest.age_s("a") == 0
    clock.advance(5)
    assert (unrest.age_s("a"), unrest.age_s("b")) == (5, 0)
    unrest.forget(["a"])
    assert unrest.age_s("a") == 0


@pytest.mark.parametrize(
    ("pause_s", "rest_s"), [(0.01, 0.2), (0.05, 0.2), (0.3, 1.2), (1.0, 2.0), (1.99, 2.0), (2.0, 0.2)]
)
def test_who_comes_slowly_is_waited_for_longer(pause_s: float, rest_s: float) -> None:
    """Pieces that come every 0.3 s end after 1.2 s without one; a change after a long rest is a single one."""
    assert rest_after(pause_s, 0.2, 2.0) == pytest.approx(rest_s)


@given(times, times, times)
def test_rest_lies_between_the_two_settings(pause_s: float, settle_s: float, quiet_s: float) -> None:
    """Never shorter than after a single change, never longer than where nothing at all is known."""
    rest_s = rest_after(pause_s, settle_s, quiet_s)
    assert settle_s <= rest_s <= max(settle_s, quiet_s)
    assert rest_s >= pause_s or pause_s >= quiet_s
