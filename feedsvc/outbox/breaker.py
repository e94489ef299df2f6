"""The circuit breaker: when the mail server refuses us, stop, and ask with one message now and then."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import timedelta
from enum import StrEnum
from typing import TYPE_CHECKING

from feedsvc.model import Stage, Verdict
from feedsvc.outbox.backoff import STEPS

if TYPE_CHECKING:
    from datetime import datetime

    from feedsvc.model import DeliveryResult

PROBE_LEASE = timedelta(minutes=15)
"""A probe of which nothing is heard for so long is taken for lost with its process."""
PATIENCE = 3
"""So many refusals of content in a row open the breaker: one may be due to one odd message."""
_PER_MESSAGE = (Stage.RECIPIENT, Stage.CONTENT)


class BreakerState(StrEnum):
    """Whether messages flow."""

    CLOSED = "closed"
    """They do."""
    OPEN = "open"
    """They do not, before ``until``; then one may go as a probe."""
    PROBING = "probing"
    """One is under way; the others wait for what becomes of it."""


class Permission(StrEnum):
    """What may be sent now."""

    ALL = "all"
    ONE = "one"
    NONE = "none"


@dataclass(frozen=True, slots=True)
class Breaker:
    """The state of the way out, the same for all messages.

    Attributes:
        refusals: Refusals in a row that concerned us or the content; an accepted message ends the row.
        openings: How often it was opened since messages flowed; the pause before the next probe grows with it.
        until: Open: when a probe may go. Probing: when the probe is taken for lost. None while closed.
        reason: What the server said, for the operator; empty while closed.
    """

    state: BreakerState = BreakerState.CLOSED
    refusals: int = 0
    openings: int = 0
    until: datetime | None = None
    reason: str = ""

    @property
    def is_alarming(self) -> bool:
        """Tell whether the operator is needed."""
        return self.state is not BreakerState.CLOSED


def permission(breaker: Breaker, now: datetime) -> Permission:
    """Return what may be sent at *now*."""
    if breaker.until is None:
        return Permission.ALL
    return Permission.ONE if now >= breaker.until else Permission.NONE


def probing(breaker: Breaker, now: datetime) -> Breaker:
    """Return the breaker after one message was let through as a probe."""
    return replace(breaker, state=BreakerState.PROBING, until=now + PROBE_LEASE)


def woken(breaker: Breaker, now: datetime) -> Breaker:
    """Return the breaker after somebody said that the fault is mended: the next probe may go at *now*."""
    return replace(breaker, until=now) if breaker.state is BreakerState.OPEN else breaker


def after_result(breaker: Breaker, result: DeliveryResult, now: datetime) -> Breaker:
    """Return the breaker after *result*.

    An accepted message closes it. A refusal of the sender, the login or the connection opens it at once, one of
    content or policy after several in a row, or while it was being probed. While it is open, late results of messages
    that were under way change nothing.
    """
    if result.verdict is Verdict.ACCEPTED:
        return Breaker()
    if breaker.state is BreakerState.OPEN:
        return breaker
    if result.verdict is Verdict.BLOCKED:
        return _after_refusal(breaker, result, now)
    if breaker.state is BreakerState.PROBING:  # it proved nothing: the same pause again
        return _opened(replace(breaker, openings=breaker.openings - 1), now)
    return breaker


def _after_refusal(breaker: Breaker, result: DeliveryResult, now: datetime) -> Breaker:
    refused = replace(breaker, refusals=breaker.refusals + 1)
    is_closed = breaker.state is BreakerState.CLOSED
    if is_closed and result.stage in _PER_MESSAGE and refused.refusals < PATIENCE:
        return refused
    return _opened(replace(refused, reason=result.reason), now)


def _opened(breaker: Breaker, now: datetime) -> Breaker:
    pause = STEPS[min(breaker.openings, len(STEPS) - 1)]
    return replace(breaker, state=BreakerState.OPEN, openings=breaker.openings + 1, until=now + pause)
