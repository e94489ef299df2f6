"""Aware UTC times and their integer form."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from feedsvc.times import from_micros, rfc3339, to_micros, utc_now

CAIRO = timezone(timedelta(hours=2))


def test_now_is_aware_and_in_utc() -> None:
    """The clock gives no naive time."""
    assert utc_now().tzinfo is UTC


@given(st.datetimes(datetime(2, 1, 1), datetime(9998, 1, 1), timezones=st.timezones()))  # noqa: DTZ001
def test_moments_survive_the_integer_form(moment: datetime) -> None:
    """Every moment comes back as the same moment, to the microsecond, in UTC."""
    back = from_micros(to_micros(moment))
    assert back == moment.astimezone(UTC)
    assert back.tzinfo is UTC


@given(st.integers(-(10**16), 10**17))
def test_integers_survive_the_time_form(micros: int) -> None:
    """Before and after 1970 no microsecond is lost."""
    assert to_micros(from_micros(micros)) == micros


@pytest.mark.parametrize(
    ("moment", "micros"),
    [
        (datetime(1970, 1, 1, tzinfo=UTC), 0),
        (datetime(1970, 1, 1, 2, tzinfo=CAIRO), 0),
        (datetime(1969, 12, 31, 23, 59, 59, 999_999, tzinfo=UTC), -1),
        (datetime(2026, 3, 1, 8, 0, 0, 7, tzinfo=UTC), 1_772_352_000_000_007),
    ],
)
def test_the_integer_counts_from_the_epoch(moment: datetime, micros: int) -> None:
    """The integer means microseconds since 1970 in UTC, whatever the zone of the moment."""
    assert to_micros(moment) == micros


def test_a_time_without_zone_is_refused() -> None:
    """A naive time could mean any moment."""
    with pytest.raises(ValueError, match="without a zone"):
        to_micros(datetime(2026, 3, 1, 8, 0))  # noqa: DTZ001


@pytest.mark.parametrize(
    ("moment", "text"),
    [
        (datetime(2026, 3, 1, 8, 0, tzinfo=UTC), "2026-03-01T08:00:00Z"),
        (datetime(2026, 3, 1, 8, 0, 0, 7, tzinfo=UTC), "2026-03-01T08:00:00.000007Z"),
        (datetime(2026, 3, 1, 1, 0, tzinfo=CAIRO), "2026-02-28T23:00:00Z"),
    ],
)
def test_rfc3339_text(moment: datetime, text: str) -> None:
    """The text is in UTC with a Z, and has a fraction only where there is one."""
    assert rfc3339(moment) == text
