"""Three years of ticks in every time zone of the world, for every hour: one digest in each local day, week and month.

Each zone gets as many hours of the day as the square of ``FEEDSVC_TEST_SCALE``; from 5 on the grid is complete.
"""

from __future__ import annotations

import sys
from bisect import bisect_left
from calendar import monthrange
from contextlib import contextmanager
from datetime import UTC, date, datetime, time, timedelta
from functools import cache
from typing import TYPE_CHECKING, NamedTuple
from zoneinfo import ZoneInfo, available_timezones

import needs
import pytest
from daemon import tell

from feedsvc.digests.agenda import Agenda
from feedsvc.digests.due import Period, due_at
from feedsvc.model import DigestSchedule, DueReader, Frequency
from feedsvc.times import to_micros

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

FIRST, LAST = date(2025, 1, 1), date(2027, 12, 31)
DAY, SECOND = timedelta(days=1), timedelta(seconds=1)
DAYS = [FIRST + n * DAY for n in range((LAST - FIRST).days + 1)]
MARGIN = 45 * DAY
"""Further from these years than this no function of due times looks: a month, and what a zone may be ahead."""
MONTH_DAYS = (1, 15, 28, 29, 30, 31)
PERIODIC = (Frequency.DAILY, Frequency.WEEKLY, Frequency.MONTHLY)


class History(NamedTuple):
    """What clocks of a zone showed in these years: the offset at first, and each change with its moment."""

    offset: timedelta
    changes: tuple[tuple[datetime, timedelta], ...]


def offset(zone: ZoneInfo, moment: datetime) -> timedelta:
    return moment.astimezone(zone).utcoffset() or timedelta(0)


def history(zone: ZoneInfo) -> History:
    """Return how clocks went in *zone*, looked at day by day and then to the second."""
    moment = datetime.combine(FIRST, time(0), tzinfo=UTC) - MARGIN
    end = datetime.combine(LAST, time(0), tzinfo=UTC) + MARGIN
    first = before = offset(zone, moment)
    changes = []
    for day in (moment + n * DAY for n in range((end - moment) // DAY)):
        if offset(zone, day + DAY) != before:
            changes.append((_change(zone, day, before), before := offset(zone, day + DAY)))
    return History(first, tuple(changes))


def _change(zone: ZoneInfo, day: datetime, before: timedelta) -> datetime:
    """Return when in the 24 hours from *day* on the offset is no longer what it was *before*."""
    return day + SECOND * bisect_left(
        range(DAY // SECOND), True, key=lambda s: offset(zone, day + s * SECOND) != before
    )


@cache
def groups() -> dict[History, list[str]]:
    """Return the names of all zones, those together whose clocks showed the same all the time.

    Due times are reckoned from nothing but a wish and what clocks show, so what holds for one name of a group holds
    for all of them.
    """
    found: dict[History, list[str]] = {}
    for name in sorted(available_timezones()):
        found.setdefault(history(ZoneInfo(name)), []).append(name)
    return found


def wish(frequency: Frequency, zone: ZoneInfo, hour: int) -> DigestSchedule:
    """Return a schedule; its day differs from hour to hour, so that all of them come up."""
    day = MONTH_DAYS[hour % len(MONTH_DAYS)] if frequency is Frequency.MONTHLY else hour % 7 + 1
    return DigestSchedule(frequency, zone, hour, day)


@cache
def calendar(frequency: Frequency, day: int) -> list[Period]:
    """Return all periods whose digest falls due in these years, read from the calendar alone."""
    if frequency is Frequency.DAILY:
        return [Period(each.isoformat(), each) for each in DAYS]
    if frequency is Frequency.WEEKLY:
        return [Period(each.strftime("%G-W%V"), each) for each in DAYS if each.isoweekday() == day]
    lengths = {each: monthrange(each.year, each.month)[1] for each in DAYS}
    return [Period(each.strftime("%Y-%m"), each) for each in DAYS if each.day == min(day, lengths[each])]


def run_through(schedule: DigestSchedule, ticks: Iterable[tuple[datetime, bool]]) -> list[tuple[Period, datetime]]:
    """Return the digests that a daemon makes which looks at these moments, each with the moment.

    It decides as a run does, and notes what a run notes. With some ticks comes that something about the reader changed,
    so that nothing is noted any more but the last period.
    """
    reader, made = _reader(schedule, _midnight(FIRST, schedule.zone)), []
    for now, has_changed in ticks:
        agenda = Agenda(now)
        at = agenda.look_at(reader._replace(due_at=0) if has_changed else reader)
        assert at is not None
        if at > to_micros(now):
            reader = reader._replace(due_at=at)
            continue
        key, day, following = agenda.due_period(reader)
        made.append((Period(key, date.fromisoformat(day)), now))
        reader = reader._replace(period_key=key, period_day=day, due_at=following)
    return made


def telling_ticks(schedule: DigestSchedule, clocks: History, periods: list[Period]) -> list[tuple[datetime, bool]]:
    """Return the seconds before and at each due time, and each quarter of an hour near changes of the clocks.

    Near those, and on each tenth period, the reader changed.
    """
    due = {
        due_at(schedule, each) + step: n % 10 == 0 for n, each in enumerate(periods) for step in (-SECOND, 0 * SECOND)
    }
    near = {at + n * timedelta(minutes=15): True for at, _ in clocks.changes for n in range(-16, 17)}
    end = _midnight(LAST + DAY, schedule.zone)
    return sorted((tick, has_changed) for tick, has_changed in (due | near).items() if tick < end)


def failures(schedule: DigestSchedule, clocks: History) -> list[Period]:
    """Return the periods that did not have exactly one digest, at the moment at which it falls due."""
    periods = calendar(schedule.frequency, schedule.day)
    made = run_through(schedule, telling_ticks(schedule, clocks, periods))
    wanted = [(each, due_at(schedule, each)) for each in periods]
    return [each for each, _ in {*made} ^ {*wanted}] if made != wanted else []


@contextmanager
def unmeasured() -> Iterator[None]:
    """Let millions of calls of what other tests measure go at full speed."""
    trace = sys.gettrace()
    sys.settrace(None)
    try:
        yield
    finally:
        sys.settrace(trace)


def _reader(schedule: DigestSchedule, since: datetime) -> DueReader:
    wish = (schedule.frequency.value, schedule.zone.key, schedule.hour, schedule.day)
    return DueReader("ada", "ada@example.org", "en", *wish, (), True, to_micros(since), 0, 0, "", "", 0)


def _midnight(day: date, zone: ZoneInfo) -> datetime:
    return datetime.combine(day, time(0), tzinfo=zone).astimezone(UTC)


@pytest.mark.timeout(1_500)
def test_three_years_in_every_zone() -> None:
    """Each local day, week and month of 2025 to 2027 has exactly one digest, in all zones that there are."""
    hours, checked, failed = min(24, max(1, int(needs.scale() ** 2))), 0, []
    for number, (clocks, names) in enumerate(groups().items()):
        zone = ZoneInfo(names[number % len(names)])
        for hour in ((number + step * 24 // hours) % 24 for step in range(hours)):
            for frequency in PERIODIC:
                schedule = wish(frequency, zone, hour)
                with unmeasured():
                    failed += [(zone.key, hour, each) for each in failures(schedule, clocks)]
                checked += len(names) * len(calendar(frequency, schedule.day))
    zones = sum(map(len, groups().values()))
    tell(f"{zones} zones in {len(groups())} groups, {hours} hours: {checked:,} local periods, {len(failed)} failed")
    assert zones == len(available_timezones())
    assert failed == []


@pytest.mark.parametrize("minutes", [17, 59])
def test_a_daemon_that_only_looks_now_and_then(minutes: int) -> None:
    """Its digests come at the first look after the hour has struck, and still once in each period."""
    odd = ("Africa/Cairo", "Africa/Casablanca", "Australia/Lord_Howe", "Antarctica/Troll", "America/Nuuk")
    step = timedelta(minutes=minutes)
    for name in odd[: max(1, int(needs.scale()))]:
        schedule = wish(Frequency.DAILY, ZoneInfo(name), 0)
        start, end = _midnight(FIRST, schedule.zone), _midnight(LAST + DAY, schedule.zone)
        made = run_through(schedule, ((start + n * step, n % 9 == 0) for n in range((end - start) // step + 1)))
        assert [each for each, _ in made][: len(DAYS)] == calendar(Frequency.DAILY, schedule.day)
        assert all(at - step < due_at(schedule, each) <= at for each, at in made)


def test_zones_of_one_group_are_due_alike() -> None:
    """Any two names of a group give the same moments: the grouping leaves nothing out."""
    for number, (clocks, names) in enumerate(groups().items()):
        hour = number % 24
        one, other = (wish(Frequency.DAILY, ZoneInfo(name), hour) for name in (names[0], names[-1]))
        near = {(at + clocks.offset).date() + n * DAY for at, _ in clocks.changes for n in range(-1, 2)}
        for day in near:
            period = Period(day.isoformat(), day)
            assert due_at(one, period) == due_at(other, period)
