"""When a digest is due: local periods, and the instant in each of them at which a subscriber's hour strikes.

Nothing here asks a clock. A period is counted once, whatever becomes of hour, day, zone and frequency in between::

    period, at = next_due(schedule, counts_from(subscriber), last_period)  # worth keeping: the moment to look again
    if is_due(schedule, now, counts_from(subscriber), last_period):
        last_period = newest_due(schedule, now)  # one mail; periods missed before it are covered by it
"""

from __future__ import annotations

from bisect import bisect_left
from calendar import monthrange
from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta
from functools import lru_cache
from typing import TYPE_CHECKING

from feedsvc.model import Frequency

if TYPE_CHECKING:
    from datetime import date
    from zoneinfo import ZoneInfo

    from feedsvc.model import DigestSchedule, Subscriber

QUIET = timedelta(minutes=1)
"""Immediate mails wait until nothing new came for so long."""

LONGEST_WAIT = timedelta(minutes=10)
"""An entry waits no longer than this for an immediate mail, however many follow it."""

_DAY = timedelta(days=1)
_SECOND = timedelta(seconds=1)
_STRIDE = {Frequency.DAILY: _DAY, Frequency.WEEKLY: 7 * _DAY, Frequency.MONTHLY: 30 * _DAY}
_MIDDLE_OF_MONTH = 15


@dataclass(frozen=True, slots=True)
class Period:
    """A local day, ISO week or month for which a subscriber gets one digest.

    Attributes:
        key: ``2026-03-29``, ``2026-W13`` or ``2026-03``; unique for a subscriber.
        day: Local day on which its digest falls due.
    """

    key: str
    day: date

    def is_after(self, last: Period | None) -> bool:
        """Tell whether this period is still to come for somebody whose last one was *last*; None is before all.

        Periods of different frequencies are compared too: none is due on a day that had a digest already.
        """
        return last is None or (self.day > last.day and self.key != last.key)


def period(schedule: DigestSchedule, moment: datetime) -> Period:
    """Return the period in which *moment* lies on the subscriber's calendar.

    Raises:
        ValueError: The frequency is immediate, which knows no periods.
    """
    return _period_with(schedule, _wall(moment, schedule.zone).date())


def due_at(schedule: DigestSchedule, due: Period) -> datetime:
    """Return the instant in UTC at which the digest of *due* falls due.

    A local time that clocks jump over is the first instant after the jump, also where a whole day is left out; of
    one that they show twice, the first counts (PEP 495).
    """
    return _first_instant(due.day, schedule.hour, schedule.zone)


def newest_due(schedule: DigestSchedule, now: datetime) -> Period:
    """Return the newest period whose digest falls due at or before *now*: the one that a digest made now is for."""
    tomorrow = _wall(now, schedule.zone).date() + _DAY  # may have begun once before clocks went back over midnight
    candidate = _period_with(schedule, tomorrow)
    while due_at(schedule, candidate) > now:
        candidate = _neighbour(schedule, candidate, -1)
    return candidate


def next_due(schedule: DigestSchedule, since: datetime, last_period: Period | None) -> tuple[Period, datetime]:
    """Return the first period that was not counted yet, and when it falls due; that may be long ago.

    Args:
        schedule: The subscriber's wish as it is now.
        since: What fell due before this moment does not count; see ``counts_from``.
        last_period: The newest period that was counted, of any schedule, or None.
    """
    candidate = newest_due(schedule, since) if last_period is None else _period_with(schedule, last_period.day)
    if due_at(schedule, candidate) < since:
        candidate = newest_due(schedule, since)  # a long pause is passed in one step
    while not candidate.is_after(last_period) or due_at(schedule, candidate) < since:
        candidate = _neighbour(schedule, candidate, +1)
    return candidate, due_at(schedule, candidate)


def is_due(schedule: DigestSchedule, now: datetime, since: datetime, last_period: Period | None) -> bool:
    """Tell whether a digest is owed *now*; it is the one of ``newest_due``. See ``next_due`` for the arguments."""
    return next_due(schedule, since, last_period)[1] <= now


def counts_from(subscriber: Subscriber) -> datetime:
    """Return the moment from which on digests fall due: consent was given, and no pause lasts.

    What is published during a pause comes with the first digest after it, at the usual hour.
    """
    begin = subscriber.confirmed or subscriber.created
    return begin if subscriber.paused_until is None else max(begin, subscriber.paused_until)


def quiet_until(oldest: datetime, newest: datetime, quiet: timedelta = QUIET) -> datetime:
    """Return when an immediate mail should go whose entries were published from *oldest* to *newest*."""
    return min(newest + quiet, oldest + max(LONGEST_WAIT, quiet))


def _period_with(schedule: DigestSchedule, day: date) -> Period:
    """Return the period that holds the local *day*."""
    match schedule.frequency:
        case Frequency.DAILY:
            return Period(day.isoformat(), day)
        case Frequency.WEEKLY:
            year, week, weekday = day.isocalendar()
            return Period(f"{year:04}-W{week:02}", day + (schedule.day - weekday) * _DAY)
        case Frequency.MONTHLY:
            last_day = monthrange(day.year, day.month)[1]
            return Period(day.isoformat()[:7], day.replace(day=min(schedule.day, last_day)))
        case Frequency.IMMEDIATE:
            raise ValueError("immediate mails have no period")


def _neighbour(schedule: DigestSchedule, beside: Period, step: int) -> Period:
    """Return the period before (-1) or after (+1) *beside*; days that a zone left out are no periods."""
    stride = step * _STRIDE[schedule.frequency]
    if schedule.frequency is Frequency.MONTHLY:
        return _period_with(schedule, beside.day.replace(day=_MIDDLE_OF_MONTH) + stride)
    day = beside.day + stride
    while schedule.frequency is Frequency.DAILY and not _exists(day, schedule.zone):
        day += stride
    return _period_with(schedule, day)


def _exists(day: date, zone: ZoneInfo) -> bool:
    return _wall(_first_instant(day, 0, zone), zone).date() == day


@lru_cache(maxsize=16_384)  # many people share an hour, and each step asks for the same instant again
def _first_instant(day: date, hour: int, zone: ZoneInfo) -> datetime:
    """Return the first instant at which clocks in *zone* show this hour of *day*, or have gone past it."""
    wall = datetime.combine(day, time(hour))
    moment = wall.replace(tzinfo=zone).astimezone(UTC)
    if _wall(moment, zone) == wall:
        return moment
    # in a gap PEP 495 reckons with the offset before it, and with fold=1 with the one after: an instant too early
    early = wall.replace(tzinfo=zone, fold=1).astimezone(UTC)
    seconds = range((moment - early) // _SECOND)
    return early + _SECOND * bisect_left(seconds, True, key=lambda s: _wall(early + s * _SECOND, zone) >= wall)


def _wall(moment: datetime, zone: ZoneInfo) -> datetime:
    """Return what clocks in *zone* show at *moment*, without a zone."""
    return moment.astimezone(zone).replace(tzinfo=None, fold=0)
