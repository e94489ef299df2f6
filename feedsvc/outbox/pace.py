"""The pace towards one domain: halved when its server says 421, next to nothing when it is silent, regained slowly."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import timedelta
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from datetime import datetime

FULL_PER_MINUTE = 600.0
"""Where slowing down starts from; a domain that never complained has no limit."""
LOWEST_PER_MINUTE = 1.0
DOUBTED_PER_MINUTE = 6.0
RECOVERY = timedelta(hours=1)
"""From the lowest pace to the full one, if nothing happens."""
SAME_COMPLAINT = timedelta(seconds=10)
"""Several connections hear the same complaint; it counts once."""


@dataclass(frozen=True, slots=True)
class Pace:
    """How fast one domain is written to.

    Attributes:
        per_minute: Messages a minute at the moment of the last complaint.
        since: That moment.
        next_at: No message before this moment.
        is_silent: Nothing at all was heard, or not yet, when somebody of this domain was named; the next answer ends
            that.
    """

    per_minute: float
    since: datetime
    next_at: datetime
    is_silent: bool = False

    def rate(self, now: datetime) -> float:
        """Return messages a minute at *now*."""
        regained = FULL_PER_MINUTE * max((now - self.since) / RECOVERY, 0.0)
        return min(self.per_minute + regained, FULL_PER_MINUTE)


def slowed(pace: Pace | None, now: datetime) -> Pace:
    """Return the pace after the server of the domain asked for less; *pace* is None if it never did before."""
    if pace is None:
        return _from(FULL_PER_MINUTE / 2, now)
    if now - pace.since < SAME_COMPLAINT:
        return replace(pace, next_at=max(now + _gap(pace.per_minute), pace.next_at))
    slower = _from(max(pace.rate(now) / 2, LOWEST_PER_MINUTE), now)
    return replace(slower, next_at=max(slower.next_at, pace.next_at))


def paused(now: datetime) -> Pace:
    """Return the pace after the server of the domain, or the way to it, fell silent: one message now and then."""
    return replace(_from(LOWEST_PER_MINUTE, now), is_silent=True)


def doubted(pace: Pace | None, now: datetime) -> Pace:
    """Return the pace while a message to the domain is waited for, longer than others: the next ones wait, too."""
    if pace is None or pace.is_silent:
        return replace(_from(DOUBTED_PER_MINUTE, now), is_silent=True)
    return replace(pace, next_at=max(pace.next_at, now + _gap(DOUBTED_PER_MINUTE)))


def asked(pace: Pace, now: datetime) -> Pace:
    """Return the pace of a silent domain while one message to it is under way: no other for as long."""
    return replace(pace, next_at=now + _gap(pace.per_minute))


def _from(per_minute: float, now: datetime) -> Pace:
    return Pace(per_minute, now, now + _gap(per_minute))


def sent(pace: Pace | None, now: datetime) -> Pace | None:
    """Return the pace after a message went to the domain; None once it is unlimited again."""
    if pace is None or pace.is_silent or pace.rate(now) >= FULL_PER_MINUTE:
        return None
    return replace(pace, next_at=max(now, pace.next_at) + _gap(pace.rate(now)))


def may_send_at(pace: Pace | None, now: datetime) -> datetime:
    """Return when the next message may go to the domain, *now* at the earliest."""
    return now if pace is None else max(now, pace.next_at)


def _gap(per_minute: float) -> timedelta:
    return timedelta(minutes=1 / per_minute)
