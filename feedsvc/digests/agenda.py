"""When to look at whom: `digests.due` for many people, of whom most share a schedule."""

from __future__ import annotations

from datetime import UTC, date, datetime
from typing import TYPE_CHECKING, NamedTuple
from zoneinfo import ZoneInfo

from feedsvc.digests.due import Period, newest_due, next_due
from feedsvc.model import DigestSchedule, Frequency
from feedsvc.times import from_micros, to_micros

if TYPE_CHECKING:
    from feedsvc.model import DueReader

_LONG_AGO = datetime(1970, 1, 1, tzinfo=UTC)

_Wish = tuple[str, str, int, int]
"""Frequency, zone, hour and day."""


class DuePeriod(NamedTuple):
    """The period that a digest made now is for.

    Attributes:
        following: When the one after it falls due, in microseconds since the epoch.
    """

    key: str
    day: str
    following: int


class Agenda:
    """Answers for one run; moments are microseconds since the epoch.

    Args:
        now: Moment of the run.
    """

    def __init__(self, now: datetime) -> None:
        self._now, self._micros = now, to_micros(now)
        self._due: dict[_Wish, DuePeriod] = {}
        self._after: dict[tuple[_Wish, str, str], int] = {}
        self._first: dict[_Wish, tuple[int, int]] = {}

    def look_at(self, reader: DueReader) -> int | None:
        """Return when to look at an active reader; None: as soon as there is news."""
        if reader.frequency == Frequency.IMMEDIATE:
            return reader.since if reader.since > self._micros else None
        if reader.due_at:  # what an earlier run noted, and nothing changed since
            return reader.due_at
        if not reader.period_day:
            return self._first_after(reader)
        at = self._following(reader)
        return at if at >= reader.since else to_micros(_next(reader, from_micros(reader.since)))

    def due_period(self, reader: DueReader) -> DuePeriod:
        """Return the newest period that fell due for *reader*."""
        wish = _wish(reader)
        found = self._due.get(wish)
        if found is None:
            schedule = _schedule(reader)
            newest = newest_due(schedule, self._now)
            following = to_micros(next_due(schedule, self._now, newest)[1])
            found = self._due[wish] = DuePeriod(newest.key, newest.day.isoformat(), following)
        return found

    def _following(self, reader: DueReader) -> int:
        """Return when the period after the last one of *reader* falls due."""
        at = (_wish(reader), reader.period_key, reader.period_day)
        if at not in self._after:
            self._after[at] = to_micros(_next(reader, _LONG_AGO))
        return self._after[at]

    def _first_after(self, reader: DueReader) -> int:
        """Return the first moment for somebody who had no period yet; those who came together share it."""
        wish = _wish(reader)
        before, at = self._first.get(wish, (0, 0))
        if not before < reader.since <= at:
            at = to_micros(_next(reader, from_micros(reader.since)))
            self._first[wish] = (reader.since - 1, at)
        return at


def _wish(reader: DueReader) -> _Wish:
    return reader.frequency, reader.zone, reader.hour, reader.day


def _schedule(reader: DueReader) -> DigestSchedule:
    return DigestSchedule(Frequency(reader.frequency), ZoneInfo(reader.zone), reader.hour, reader.day)


def _next(reader: DueReader, since: datetime) -> datetime:
    last = Period(reader.period_key, date.fromisoformat(reader.period_day)) if reader.period_day else None
    return next_due(_schedule(reader), since, last)[1]
