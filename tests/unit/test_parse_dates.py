"""Dates as they are found in real files."""

from __future__ import annotations

from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo

import pytest

from feedsvc.parse.dates import DateError, name_date, read_date

CAIRO = ZoneInfo("Africa/Cairo")  # +02:00 in winter


@pytest.mark.parametrize(
    ("text", "expected", "has_zone"),
    [
        pytest.param("2026-11-24T10:00:00Z", (2026, 11, 24, 10), True, id="rfc3339"),
        pytest.param("2026-11-24t10:00:00.75z", (2026, 11, 24, 10), True, id="fraction-and-lower-case"),
        pytest.param("2026-11-24T10:00:00+03:00", (2026, 11, 24, 7), True, id="offset"),
        pytest.param("2013-12-02 7:37:00 -0400", (2013, 12, 2, 11, 37), True, id="one-digit-hour"),
        pytest.param("2013/02/19 12:49:20", (2013, 2, 19, 10, 49, 20), False, id="slashes"),
        pytest.param("2013-02-19 12:49:20 UTC", (2013, 2, 19, 12, 49, 20), True, id="utc-word"),
        pytest.param("2020-12-2", (2020, 12, 1, 22), False, id="one-digit-day"),
        pytest.param("2026-11-24", (2026, 11, 23, 22), False, id="day-only"),
        pytest.param("2026-11-24 14:30 +03", (2026, 11, 24, 11, 30), True, id="short-offset"),
        pytest.param("20261124T100000Z", (2026, 11, 24, 10), True, id="compact"),
        pytest.param("20261124T1000", (2026, 11, 24, 8), False, id="compact-without-zone"),
        pytest.param("٢٠٢٦-١١-٢٤", (2026, 11, 23, 22), False, id="arabic-indic-digits"),
        pytest.param("\u200f۲۰۲۶/۱۱/۲۴ ۱۰:۰۰", (2026, 11, 24, 8), False, id="persian-digits-and-mark"),
        pytest.param("2016-12-31T23:59:60Z", (2016, 12, 31, 23, 59, 59), True, id="leap-second"),
        pytest.param(" 1900-01-02 00:00 Z ", (1900, 1, 2), True, id="oldest"),
    ],
)
def test_dates_are_read(text: str, expected: tuple[int, ...], has_zone: bool) -> None:
    """Year-first forms become whole UTC seconds; a missing zone is the inbox's."""
    moment, zone_named = read_date(text, CAIRO)
    assert (moment, zone_named) == (datetime(*expected, tzinfo=UTC), has_zone)  # type: ignore[misc,arg-type]


@pytest.mark.parametrize(
    ("text", "word"),
    [
        pytest.param("2026-02-30", "does not exist", id="impossible-day"),
        pytest.param("2026-13-45", "does not exist", id="impossible-month"),
        pytest.param("2026-11-24 25:00", "does not exist", id="impossible-hour"),
        pytest.param("2026-11-24 10:00 +99:00", "does not exist", id="impossible-offset"),
        pytest.param("9999-12-31 23:59 -10:00", "does not exist", id="beyond-time"),
        pytest.param("0001-01-01", "before 1900", id="year-one"),
        pytest.param("03/04/2026", "two ways", id="two-meanings"),
        pytest.param("03-04-2016 10:00", "two ways", id="two-meanings-with-time"),
        pytest.param("31/02/2026", "does not exist", id="year-last-impossible"),
        pytest.param("32/13/2026", "does not exist", id="year-last-impossible-twice"),
        pytest.param("tomorrow", "not a date", id="word"),
        pytest.param("12:30:45", "not a date", id="time-only"),
        pytest.param("2026-11/24", "not a date", id="mixed-separators"),
        pytest.param("9" * 10_000, "not a date", id="many-digits"),
    ],
)
def test_doubtful_dates_are_refused(text: str, word: str) -> None:
    """Nothing is guessed; the sentence says why and how to write it."""
    with pytest.raises(DateError, match=word) as caught:
        read_date(text, CAIRO)
    assert caught.value.fix


@pytest.mark.parametrize(
    ("text", "order", "expected"),
    [
        ("24/11/2026", "", (2026, 11, 24)),
        ("23-01-2016", "", (2016, 1, 23)),
        ("11/24/2026", "", (2026, 11, 24)),
        ("05.05.2026", "", (2026, 5, 5)),
        ("03/04/2026", "dmy", (2026, 4, 3)),
        ("03/04/2026", "mdy", (2026, 3, 4)),
        ("٠٣/٠٤/٢٠٢٦", "dmy", (2026, 4, 3)),
        ("\u200f۲۴/۱۱/۲۰۲۶", "", (2026, 11, 24)),
    ],
)
def test_dates_that_end_in_the_year(text: str, order: str, expected: tuple[int, int, int]) -> None:
    """case-2.45: read where there is one meaning only, or where the inbox says which one is meant."""
    moment, has_zone = read_date(f"{text} 14:30", CAIRO, order)
    assert (moment.astimezone(CAIRO).date(), has_zone) == (date(*expected), False)
    assert read_date(text, CAIRO, order).moment.astimezone(CAIRO).date() == date(*expected)


@pytest.mark.parametrize(("text", "order"), [("24/11/2026", "mdy"), ("11/24/2026", "dmy")])
def test_an_order_is_not_overruled(text: str, order: str) -> None:
    """A date that does not fit the declared order is a slip, not another order."""
    with pytest.raises(DateError, match="does not exist"):
        read_date(text, CAIRO, order)


def test_a_skipped_local_time_is_the_instant_after() -> None:
    """02:30 does not exist in Berlin on 29 March 2026; it is read as 03:30 summer time."""
    moment, _ = read_date("2026-03-29 02:30", ZoneInfo("Europe/Berlin"))
    assert moment == datetime(2026, 3, 29, 1, 30, tzinfo=UTC)


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        pytest.param("2026-11-24-title.md", datetime(2026, 11, 23, 22, tzinfo=UTC), id="day"),
        pytest.param("2026-11-24.txt", datetime(2026, 11, 23, 22, tzinfo=UTC), id="day-alone"),
        pytest.param("2026-11-24T10-00 x.md", datetime(2026, 11, 24, 8, tzinfo=UTC), id="time"),
        pytest.param("2026-11-24T10-00-30_x.md", datetime(2026, 11, 24, 8, 0, 30, tzinfo=UTC), id="seconds"),
        pytest.param("2026-11-245.md", None, id="longer-number"),
        pytest.param("title.md", None, id="none"),
    ],
)
def test_file_names_may_begin_with_a_date(name: str, expected: datetime | None) -> None:
    """The usual prefix of blog tools is a date; other digits are not."""
    assert name_date(name, CAIRO) == expected


def test_an_impossible_date_in_a_name_is_told() -> None:
    """The caller can warn about it."""
    with pytest.raises(DateError):
        name_date("2026-02-30-x.md", CAIRO)
