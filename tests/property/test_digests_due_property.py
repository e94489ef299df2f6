"""Due times in all zones of the world: each local period has one digest, and no changed wish repeats or loses any."""

from __future__ import annotations

from bisect import bisect_left
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, time, timedelta
from functools import cache
from typing import NamedTuple
from zoneinfo import ZoneInfo, available_timezones

import needs
from hypothesis import given, settings
from hypothesis import strategies as st

from feedsvc.digests.due import Period, due_at, is_due, newest_due, next_due, period
from feedsvc.model import DigestSchedule, Frequency

BEGIN, END = datetime(1990, 1, 1, tzinfo=UTC), datetime(2038, 1, 1, tzinfo=UTC)
DAY, HOUR, SECOND = timedelta(days=1), timedelta(hours=1), timedelta(seconds=1)
ODD_ZONES = (
    "Australia/Lord_Howe",
    "Pacific/Apia",
    "Pacific/Kwajalein",
    "Pacific/Kiritimati",
    "Pacific/Midway",
    "Africa/Casablanca",
    "Africa/Cairo",
    "America/St_Johns",
    "America/Nuuk",
    "America/Sao_Paulo",
    "Asia/Kathmandu",
    "Asia/Pyongyang",
    "Antarctica/Troll",
    "Antarctica/Casey",
    "Europe/Berlin",
)
PERIODIC = (Frequency.DAILY, Frequency.WEEKLY, Frequency.MONTHLY)


class Change(NamedTuple):
    """One change of the clocks of a zone: when, and the offsets from UTC before and after."""

    at: datetime
    before: timedelta
    after: timedelta


def offset(zone: ZoneInfo, moment: datetime) -> timedelta:
    return moment.astimezone(zone).utcoffset() or timedelta(0)


def changes_of(zone: ZoneInfo) -> tuple[Change, ...]:
    """Return the clock changes of *zone*, found by looking every five days and then by the second."""
    found = []
    moment, before = BEGIN, offset(zone, BEGIN)
    while moment < END:
        if offset(zone, moment + 5 * DAY) == before:
            moment += 5 * DAY
            continue
        seconds = range(5 * DAY // SECOND)
        moment += SECOND * bisect_left(seconds, True, key=lambda s: offset(zone, moment + s * SECOND) != before)
        found.append(Change(moment, before, offset(zone, moment)))
        before = found[-1].after
    return tuple(found)


@cache
def distinct_zones() -> dict[str, tuple[Change, ...]]:
    """Return one name for each set of zones whose clocks went alike since 1990, with their changes."""
    names: dict[tuple[object, ...], str] = {}
    for name in sorted(available_timezones()):
        zone = ZoneInfo(name)
        names.setdefault((offset(zone, BEGIN), *changes_of(zone)), name)
    return {name: key[1:] for key, name in names.items()}  # type: ignore[misc]


def zones() -> st.SearchStrategy[ZoneInfo]:
    return st.sampled_from(ODD_ZONES).map(ZoneInfo) | st.sampled_from(sorted(available_timezones())).map(ZoneInfo)


def schedules() -> st.SearchStrategy[DigestSchedule]:
    """Give any wish; a weekly one has a day of the week."""
    return st.builds(
        lambda frequency, zone, hour, day: DigestSchedule(
            frequency, zone, hour, (day - 1) % 7 + 1 if frequency is Frequency.WEEKLY else day
        ),
        st.sampled_from(PERIODIC),
        zones(),
        st.integers(0, 23),
        st.integers(1, 31),
    )


def moments() -> st.SearchStrategy[datetime]:
    """Give any moment, or one just before a day was left out, or before clocks change in many places."""
    anywhere = st.integers(0, (END - BEGIN) // SECOND - 1).map(lambda s: BEGIN + s * SECOND)
    notable = st.sampled_from([(2011, 12, 29), (1993, 8, 20), (1994, 12, 30), (2025, 3, 29), (2025, 10, 25)])
    return anywhere | notable.map(lambda day: datetime(*day, tzinfo=UTC))


def test_every_hour_of_the_day_of_every_clock_change_in_every_zone() -> None:
    """An independent reckoning, piece by piece of local time, names the same instant."""
    for name, changes in distinct_zones().items():
        zone = ZoneInfo(name)
        for change in changes:
            for day in {(change.at + change.before).date(), (change.at + change.after).date()}:
                for hour in range(24):
                    schedule = DigestSchedule(Frequency.DAILY, zone, hour)
                    wall = datetime.combine(day, time(hour), tzinfo=UTC)
                    early, late = wall - change.before, wall - change.after
                    expected = early if early < change.at else max(late, change.at)
                    assert due_at(schedule, Period(str(day), day)) == expected, (name, wall)


def local_periods(schedule: DigestSchedule, start: datetime, end: datetime) -> list[Period]:
    """Return every period that has an hour from a day before *start* to a day after *end*, in their order."""
    first = start - DAY
    seen = {period(schedule, first + n * HOUR) for n in range((end + DAY - first) // HOUR + 1)}
    return sorted(seen, key=lambda each: each.day)


@given(schedules(), moments())
def test_a_digest_falls_due_inside_its_period_or_right_after(schedule: DigestSchedule, moment: datetime) -> None:
    """On its day at its hour; if that does not exist, at the first instant after, which may be the next day's first."""
    current = period(schedule, moment)
    due = due_at(schedule, current)
    shown, wanted = due.astimezone(schedule.zone), datetime.combine(current.day, time(schedule.hour))
    assert due.tzinfo is UTC
    assert shown.replace(tzinfo=None) >= wanted
    just_before = (due - SECOND).astimezone(schedule.zone).replace(tzinfo=None)
    assert just_before < wanted
    assert period(schedule, due).key == current.key or (shown.time() == time(0) and just_before.date() <= current.day)


@settings(max_examples=int(300 * needs.scale()))
@given(schedules(), moments())
def test_each_local_period_has_one_due_instant_and_later_ones_have_later(
    schedule: DigestSchedule, start: datetime
) -> None:
    """Going from one to the next meets each period that the calendar of the zone has, once and in order."""
    span = {Frequency.DAILY: 20, Frequency.WEEKLY: 60, Frequency.MONTHLY: 150}[schedule.frequency] * DAY
    met, last, at = [], None, start
    while at < start + span:
        upcoming, at = next_due(schedule, start, last)
        assert not met or due_at(schedule, met[-1]) < at == due_at(schedule, upcoming)
        assert newest_due(schedule, at) == upcoming
        met.append(last := upcoming)
    expected = [each for each in local_periods(schedule, start, at) if start <= due_at(schedule, each) <= at]
    assert met == expected


@settings(max_examples=int(300 * needs.scale()))
@given(schedules(), moments(), st.lists(st.integers(1, 40 * 24 * 60).map(lambda m: timedelta(minutes=m)), max_size=12))
def test_however_time_moves_on_no_period_is_repeated_or_skipped(
    schedule: DigestSchedule, start: datetime, steps: list[timedelta]
) -> None:
    """At each look the newest period that fell due since the last look has its digest, and none has two."""
    end = start + sum(steps, timedelta(0))
    falls = [(due_at(schedule, each), each) for each in local_periods(schedule, start, end)]
    last, now, counted = None, start, []
    for step in steps:
        fallen = [each for at, each in falls if max(start, now + SECOND * (now != start)) <= at <= now + step]
        now += step
        assert is_due(schedule, now, start, last) == bool(fallen)
        if fallen:
            last = newest_due(schedule, now)
            counted.append(last.key)
            assert last == fallen[-1]
        assert not is_due(schedule, now, start, last)
        assert next_due(schedule, start, last)[1] > now
    assert len(counted) == len(set(counted))


@dataclass
class Desk:
    """A subscriber, a change log, and somebody who looks at the clock now and then."""

    now: datetime
    schedule: DigestSchedule
    since: datetime
    newest_seq: int = 0
    last_seq: int = 0
    last_period: Period | None = None
    digests: list[tuple[str, date, range]] = field(default_factory=list)

    def publish(self, entries: int) -> None:
        """Add to the change log."""
        self.newest_seq += entries

    def wait(self, span: timedelta) -> None:
        """Let time pass."""
        self.now += span

    def wish(self, schedule: DigestSchedule) -> None:
        """Change hour, day, zone and frequency."""
        self.schedule = schedule

    def pause(self, span: timedelta) -> None:
        """Have no digest for a while."""
        self.since = max(self.since, self.now + span)

    def look(self) -> None:
        """Make the digest that is owed, of everything after the cursor."""
        if is_due(self.schedule, self.now, self.since, self.last_period):
            due = newest_due(self.schedule, self.now)
            assert due.is_after(self.last_period)
            assert due_at(self.schedule, due) >= self.since
            self.digests.append((due.key, due.day, range(self.last_seq + 1, self.newest_seq + 1)))
            self.last_period, self.last_seq = due, self.newest_seq
        assert not is_due(self.schedule, self.now, self.since, self.last_period)


def doings() -> st.SearchStrategy[tuple[str, object]]:
    spans = st.integers(0, 100 * 60).map(lambda m: timedelta(minutes=m))
    return st.one_of(
        st.tuples(st.just("publish"), st.integers(1, 5)),
        st.tuples(st.just("wait"), spans),
        st.tuples(st.just("wish"), schedules()),
        st.tuples(st.just("pause"), spans),
    )


@settings(max_examples=int(300 * needs.scale()))
@given(moments(), schedules(), st.lists(st.tuples(doings(), st.booleans()), max_size=40))
def test_changed_wishes_neither_repeat_a_period_nor_lose_an_entry(
    start: datetime, schedule: DigestSchedule, story: list[tuple[tuple[str, object], bool]]
) -> None:
    """Whatever somebody wishes, and whenever: no period has two digests, no day has two, each entry is in one."""
    desk = Desk(start, schedule, since=start)
    for (name, argument), looks in story:
        getattr(desk, name)(argument)
        if looks:
            desk.look()
    desk.wait(100 * DAY)
    desk.look()
    keys, days, windows = zip(*desk.digests, strict=True)
    assert len(keys) == len(set(keys))
    assert len(days) == len(set(days))
    assert [seq for window in windows for seq in window] == list(range(1, desk.newest_seq + 1))


@settings(max_examples=int(300 * needs.scale()))
@given(moments(), schedules(), schedules())
def test_a_changed_hour_or_zone_leaves_no_period_out(
    moment: datetime, before: DigestSchedule, after: DigestSchedule
) -> None:
    """The digest after the change is that of the very next period by the calendar of the new place."""
    last = newest_due(before, moment)
    changed = replace(before, zone=after.zone, hour=after.hour)
    upcoming, at = next_due(changed, BEGIN - 400 * DAY, last)
    later = [each for each in local_periods(changed, moment - 40 * DAY, at) if each.day > last.day]
    assert upcoming == later[0]
