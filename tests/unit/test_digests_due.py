"""When a digest is due: clock changes by name, calendars, changed wishes, pauses, and immediate mails."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

import pytest
from apscheduler.triggers.cron import CronTrigger

from feedsvc.digests.due import (
    LONGEST_WAIT,
    QUIET,
    Period,
    counts_from,
    due_at,
    is_due,
    newest_due,
    next_due,
    period,
    quiet_until,
)
from feedsvc.model import DigestSchedule, Frequency, Subscriber, SubscriberState

if TYPE_CHECKING:
    from collections.abc import Iterator

LONG_AGO = datetime(1990, 1, 1, tzinfo=UTC)


def utc(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


def daily(zone: str, hour: int) -> DigestSchedule:
    return DigestSchedule(Frequency.DAILY, ZoneInfo(zone), hour)


def weekly(zone: str, hour: int, day: int) -> DigestSchedule:
    return DigestSchedule(Frequency.WEEKLY, ZoneInfo(zone), hour, day)


def monthly(zone: str, hour: int, day: int) -> DigestSchedule:
    return DigestSchedule(Frequency.MONTHLY, ZoneInfo(zone), hour, day)


def on(day: str) -> Period:
    return Period(day, date.fromisoformat(day))


@pytest.mark.parametrize(
    ("zone", "day", "hour", "instant"),
    [
        pytest.param("Europe/Berlin", "2025-03-30", 2, "2025-03-30T01:00", id="an hour that is jumped over"),
        pytest.param("Europe/Berlin", "2025-10-26", 2, "2025-10-26T00:00", id="an hour that comes twice"),
        pytest.param("Europe/Berlin", "2025-10-26", 3, "2025-10-26T02:00", id="the hour after it"),
        pytest.param("Africa/Cairo", "2024-04-26", 0, "2024-04-25T22:00", id="a day without midnight"),
        pytest.param("Africa/Cairo", "2024-10-31", 23, "2024-10-31T20:00", id="the last hour of a day comes twice"),
        pytest.param("Africa/Cairo", "2010-08-10", 23, "2010-08-10T20:00", id="an hour twice as Ramadan begins"),
        pytest.param("Africa/Casablanca", "2023-03-19", 2, "2023-03-19T01:00", id="back for Ramadan"),
        pytest.param("Africa/Casablanca", "2023-04-23", 2, "2023-04-23T02:00", id="forth after Ramadan"),
        pytest.param("Australia/Lord_Howe", "2025-10-05", 2, "2025-10-04T15:30", id="half an hour jumped over"),
        pytest.param("Australia/Lord_Howe", "2025-04-06", 2, "2025-04-05T15:30", id="half an hour twice"),
        pytest.param("Antarctica/Troll", "2025-03-30", 1, "2025-03-30T01:00", id="first of two hours jumped over"),
        pytest.param("Antarctica/Troll", "2025-03-30", 2, "2025-03-30T01:00", id="second of two hours jumped over"),
        pytest.param("Antarctica/Troll", "2025-10-26", 1, "2025-10-25T23:00", id="two hours come twice"),
        pytest.param("America/Nuuk", "2024-03-30", 23, "2024-03-31T01:00", id="the last hour of a day is jumped over"),
        pytest.param("America/St_Johns", "2006-10-29", 0, "2006-10-29T02:30", id="a minute past midnight, back a day"),
        pytest.param("America/St_Johns", "2006-10-28", 23, "2006-10-29T01:30", id="and the hour before it"),
        pytest.param("America/Sao_Paulo", "2018-11-04", 0, "2018-11-04T03:00", id="summer begins at midnight"),
        pytest.param("Pacific/Apia", "2011-12-30", 7, "2011-12-30T10:00", id="a day that Samoa left out"),
        pytest.param("Pacific/Kwajalein", "1993-08-21", 7, "1993-08-21T12:00", id="a day that Kwajalein left out"),
        pytest.param("Asia/Kathmandu", "2025-06-01", 7, "2025-06-01T01:15", id="a zone at a quarter"),
        pytest.param("Asia/Pyongyang", "2018-05-04", 23, "2018-05-04T14:30", id="half an hour jumped before midnight"),
    ],
)
def test_clock_changes(zone: str, day: str, hour: int, instant: str) -> None:
    """What does not exist is the first instant after it, what exists twice the first of the two."""
    assert due_at(daily(zone, hour), on(day)) == utc(instant)


@pytest.mark.parametrize(
    ("schedule", "moment", "key", "day"),
    [
        (daily("Asia/Tokyo", 7), "2025-03-01T20:00", "2025-03-02", "2025-03-02"),
        (daily("America/Lima", 7), "2025-03-01T02:00", "2025-02-28", "2025-02-28"),
        (weekly("UTC", 7, 1), "2026-03-29T12:00", "2026-W13", "2026-03-23"),
        (weekly("UTC", 7, 7), "2026-03-29T12:00", "2026-W13", "2026-03-29"),
        (weekly("UTC", 7, 4), "2027-01-01T12:00", "2026-W53", "2026-12-31"),
        (weekly("UTC", 7, 4), "2024-12-30T12:00", "2025-W01", "2025-01-02"),
        (monthly("UTC", 7, 31), "2025-02-10T12:00", "2025-02", "2025-02-28"),
        (monthly("UTC", 7, 31), "2024-02-10T12:00", "2024-02", "2024-02-29"),
        (monthly("UTC", 7, 15), "2025-02-10T12:00", "2025-02", "2025-02-15"),
    ],
)
def test_periods_of_the_calendar(schedule: DigestSchedule, moment: str, key: str, day: str) -> None:
    """Days and months are local, weeks those of ISO 8601; a short month has its digest on the last day."""
    assert period(schedule, utc(moment)) == Period(key, date.fromisoformat(day))


def test_a_day_that_a_zone_left_out_has_no_digest_of_its_own() -> None:
    """Samoa went from 29 to 31 December 2011; the monthly digest of the 30th comes as the 31st begins."""
    zone = "Pacific/Apia"
    assert next_due(daily(zone, 0), LONG_AGO, on("2011-12-29"))[0] == on("2011-12-31")
    assert newest_due(daily(zone, 7), utc("2011-12-30T16:59")) == on("2011-12-29")
    month = Period("2011-12", date(2011, 12, 30))
    assert next_due(monthly(zone, 7, 30), utc("2011-12-01T00:00"), None) == (month, utc("2011-12-30T10:00"))


def test_a_day_that_began_stays_begun_when_clocks_go_back_over_midnight() -> None:
    """In St. John's the 29th began, and a minute later it was the evening of the 28th again: nothing is due twice."""
    schedule, back = daily("America/St_Johns", 0), utc("2006-10-29T02:45")
    assert period(schedule, back) == on("2006-10-28")
    assert newest_due(schedule, back) == on("2006-10-29")
    assert not is_due(schedule, back, LONG_AGO, on("2006-10-29"))


def fires(trigger: CronTrigger, start: datetime, end: datetime) -> Iterator[datetime]:
    """Yield when a cron trigger fires between *start* and *end*."""
    fired = trigger.get_next_fire_time(None, start)
    while fired is not None and fired < end:
        yield fired.astimezone(UTC)
        fired = trigger.get_next_fire_time(fired, fired.astimezone(UTC) + timedelta(microseconds=1))


@pytest.mark.parametrize(
    ("zone", "hour", "day", "cron_fires"),
    [
        pytest.param("Europe/Berlin", 2, "2025-10-26", 2, id="doubled"),
        pytest.param("Africa/Cairo", 0, "2024-04-26", 0, id="skipped"),
        pytest.param("Africa/Cairo", 0, "2026-04-24", 0, id="skipped in 2026"),
    ],
)
def test_where_a_cron_trigger_fails(zone: str, hour: int, day: str, cron_fires: int) -> None:
    """Around a clock change APScheduler's cron trigger doubles or skips a day; counted periods have each day once."""
    schedule = daily(zone, hour)
    start = due_at(schedule, on(day)) - timedelta(hours=36)
    end = start + timedelta(days=3)
    trigger = CronTrigger(hour=hour, timezone=schedule.zone)
    days = [fired.astimezone(schedule.zone).date() for fired in fires(trigger, start, end)]
    assert days.count(date.fromisoformat(day)) == cron_fires

    ours, last = [], None
    while (due := next_due(schedule, start, last))[1] < end:
        last = due[0]
        ours.append(last.key)
    assert ours == [str(date.fromisoformat(day) + timedelta(days=offset)) for offset in (-1, 0, 1)]


def test_missed_periods_are_one_digest() -> None:
    """After days of silence the newest period that fell due is owed, and the older ones with it are done."""
    schedule = daily("Europe/Paris", 7)
    now = utc("2025-05-09T12:00")
    assert is_due(schedule, now, LONG_AGO, on("2025-05-01"))
    assert newest_due(schedule, now) == on("2025-05-09")
    assert next_due(schedule, LONG_AGO, on("2025-05-09")) == (on("2025-05-10"), utc("2025-05-10T05:00"))
    assert not is_due(schedule, now, LONG_AGO, on("2025-05-09"))


def test_nothing_is_owed_from_before_the_subscription() -> None:
    """Who confirms after their hour gets the first digest on the next day."""
    schedule, confirmed = daily("Europe/Paris", 7), utc("2025-05-01T08:00")
    assert next_due(schedule, confirmed, None) == (on("2025-05-02"), utc("2025-05-02T05:00"))
    assert not is_due(schedule, utc("2025-05-02T04:59:59"), confirmed, None)
    assert is_due(schedule, utc("2025-05-02T05:00"), confirmed, None)


@pytest.mark.parametrize(
    ("wish", "last", "first"),
    [
        pytest.param(daily("UTC", 6), "2025-05-05", "2025-05-06T06:00", id="earlier, before today's digest: now"),
        pytest.param(daily("UTC", 6), "2025-05-06", "2025-05-07T06:00", id="earlier, after today's digest: tomorrow"),
        pytest.param(daily("UTC", 20), "2025-05-06", "2025-05-07T20:00", id="later, after today's digest: tomorrow"),
        pytest.param(daily("Pacific/Kiritimati", 0), "2025-05-06", "2025-05-06T10:00", id="moved to where it is later"),
        pytest.param(daily("Pacific/Midway", 7), "2025-05-06", "2025-05-07T18:00", id="moved to where it is earlier"),
        pytest.param(weekly("UTC", 7, 1), "2025-05-06", "2025-05-12T07:00", id="weekly, Monday is over"),
        pytest.param(weekly("UTC", 7, 5), "2025-05-06", "2025-05-09T07:00", id="weekly, Friday is to come"),
        pytest.param(monthly("UTC", 7, 28), "2025-05-06", "2025-05-28T07:00", id="monthly, the 28th is to come"),
        pytest.param(monthly("UTC", 7, 1), "2025-05-06", "2025-06-01T07:00", id="monthly, the 1st is over"),
    ],
)
def test_a_changed_wish_on_a_tuesday(wish: DigestSchedule, last: str, first: str) -> None:
    """After a change no day has two digests and none is left out."""
    assert next_due(wish, LONG_AGO, on(last))[1] == utc(first)


def test_another_weekday_in_a_week_that_had_its_digest_waits_for_the_next_week() -> None:
    """Monday's digest was that of the week, so the first on a Friday comes in the week after."""
    monday = period(weekly("UTC", 7, 1), utc("2025-05-05T07:00"))
    week = Period("2025-W20", date(2025, 5, 16))
    assert next_due(weekly("UTC", 7, 5), LONG_AGO, monday) == (week, utc("2025-05-16T07:00"))


def test_after_a_pause_the_digest_comes_at_the_usual_hour() -> None:
    """Nothing is due in a pause, nor at the odd moment at which it ends."""
    schedule = daily("UTC", 7)
    person = Subscriber(
        "a1", "a@example.org", "en", schedule, (), SubscriberState.ACTIVE, LONG_AGO, confirmed=utc("2025-05-01T08:00")
    )
    assert counts_from(person) == utc("2025-05-01T08:00")
    paused = replace(person, paused_until=utc("2025-05-09T12:00"))
    assert counts_from(replace(person, paused_until=LONG_AGO)) == counts_from(person)
    assert not is_due(schedule, utc("2025-05-09T12:00"), counts_from(paused), on("2025-05-01"))
    assert next_due(schedule, counts_from(paused), on("2025-05-01")) == (on("2025-05-10"), utc("2025-05-10T07:00"))


def test_a_pause_that_ends_at_the_hour_ends_with_a_digest() -> None:
    """The moment itself is no longer paused."""
    back = utc("2025-05-09T07:00")
    assert next_due(daily("UTC", 7), back, on("2025-05-01")) == (on("2025-05-09"), back)


def test_immediate_mails_wait_for_a_quiet_minute_but_not_for_ever() -> None:
    """A lone entry waits a minute; a stream of them no longer than the longest wait of the first."""
    first = utc("2025-05-01T12:00")
    assert quiet_until(first, first) == first + QUIET
    assert quiet_until(first, first + timedelta(minutes=3)) == first + timedelta(minutes=4)
    assert quiet_until(first, first + timedelta(hours=3)) == first + LONGEST_WAIT


def test_immediate_mails_have_no_period() -> None:
    """Whoever asks for the period of immediate mails is told that there is none."""
    with pytest.raises(ValueError, match="no period"):
        period(DigestSchedule(Frequency.IMMEDIATE, ZoneInfo("UTC")), LONG_AGO)
