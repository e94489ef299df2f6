"""From one state of a message to the next: claimed, and then what its delivery came to."""

from __future__ import annotations

from dataclasses import dataclass, replace
from enum import StrEnum
from typing import TYPE_CHECKING

from feedsvc.model import OutboxMessage, OutboxState, Stage, Verdict
from feedsvc.outbox.backoff import next_attempt

if TYPE_CHECKING:
    from datetime import datetime, timedelta

    from feedsvc.model import DeliveryResult

_WAITING = (OutboxState.QUEUED, OutboxState.RETRY)
_PASSING = ("5.2.2", "5.2.3")
"""The mailbox is full, or takes no mail so large: it is not dead (RFC 3463 section 3.3)."""
_LOST = "the worker that was sending it ended before it could say what became of it"


class InDoubt(StrEnum):
    """What to do with a message that may have left, and may not."""

    RESEND = "resend"
    """Send it again with the same Message-ID and bytes: nothing is lost, somebody may get it twice."""
    HOLD = "hold"
    """Wait for an operator: nobody gets it twice, somebody may wait."""


@dataclass(frozen=True, slots=True)
class Outcome:
    """What a result means.

    Attributes:
        message: The message in its next state.
        is_bounce: The address is to blame; note it against the recipient.
        is_domain_slow: The server asked for less mail to this domain.
        is_domain_silent: The connection was lost when this recipient was named, and not before.
    """

    message: OutboxMessage
    is_bounce: bool = False
    is_domain_slow: bool = False
    is_domain_silent: bool = False


def is_due(message: OutboxMessage, now: datetime) -> bool:
    """Tell whether a worker may claim *message*."""
    return message.state in _WAITING and (message.not_before is None or message.not_before <= now)


def claimed(message: OutboxMessage, owner: str, lease: timedelta, now: datetime) -> OutboxMessage:
    """Return *message*, which is due, in the hands of *owner*. This must be on disk before a byte of it leaves."""
    return OutboxMessage(  # written out, as in _put_down: each message comes by, and replacing is slow
        message.id,
        message.recipient,
        OutboxState.SENDING,
        message.attempts + 1,
        message.first_attempt or now,
        None,
        owner,
        now + lease,
        message.reason,
    )


def suppressed(message: OutboxMessage, reason: str) -> OutboxMessage:
    """Return *message*, whose recipient must not be written to; it never leaves."""
    return _put_down(message, OutboxState.SUPPRESSED, reason)


def outcome_of(message: OutboxMessage, result: DeliveryResult, in_doubt: InDoubt, now: datetime) -> Outcome:
    """Return what *result* means for the claimed *message*."""
    if result.verdict is Verdict.ACCEPTED:
        return Outcome(_put_down(message, OutboxState.SENT, result.reason))
    if result.verdict is Verdict.REFUSED:
        is_passing = result.reply is not None and result.reply.enhanced in _PASSING
        return Outcome(_put_down(message, OutboxState.FAILED, result.reason), is_bounce=not is_passing)
    if result.verdict is Verdict.IN_DOUBT and in_doubt is InDoubt.HOLD:
        return Outcome(_put_down(message, OutboxState.HELD, result.reason))
    # what the server holds against us, or may have taken, is no failure of the recipient: in the end people decide
    last = OutboxState.FAILED if result.verdict is Verdict.DEFERRED else OutboxState.HELD
    is_lost = result.verdict is Verdict.DEFERRED and result.reply is None
    is_silent = is_lost and result.stage in (Stage.SENDER, Stage.RECIPIENT)
    again = _again(message, result.reason, last, now)
    return Outcome(again, is_domain_slow=result.is_overloaded, is_domain_silent=is_silent)


def is_lost(message: OutboxMessage, now: datetime) -> bool:
    """Tell whether the claim on *message* has ended without a result."""
    is_over = message.lease_until is None or message.lease_until <= now
    return message.state is OutboxState.SENDING and is_over


def lost_claim(message: OutboxMessage, in_doubt: InDoubt) -> OutboxMessage:
    """Return *message*, whose worker is gone: nobody knows whether it left. To be sent again, it is due at once."""
    state = OutboxState.HELD if in_doubt is InDoubt.HOLD else OutboxState.RETRY
    return _put_down(message, state, _LOST)


def released(message: OutboxMessage) -> OutboxMessage:
    """Return *message*, which was held or failed, as due at once and with a new day to be sent in."""
    return replace(
        _put_down(message, OutboxState.QUEUED, message.reason), attempts=0, first_attempt=None, not_before=None
    )


def held(message: OutboxMessage, reason: str) -> OutboxMessage:
    """Return *message*, which waits, as one that waits for an operator's word."""
    return _put_down(message, OutboxState.HELD, reason)


def _again(message: OutboxMessage, reason: str, last: OutboxState, now: datetime) -> OutboxMessage:
    """Return *message* with its next attempt, or in its *last* state if there is none."""
    at = next_attempt(message.id, message.attempts, message.first_attempt or now, now)
    state = last if at is None else OutboxState.RETRY
    return replace(_put_down(message, state, reason), not_before=at)


def _put_down(message: OutboxMessage, state: OutboxState, reason: str) -> OutboxMessage:
    first = message.first_attempt
    return OutboxMessage(message.id, message.recipient, state, message.attempts, first, None, "", None, reason)
