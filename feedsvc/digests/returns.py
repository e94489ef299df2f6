"""What becomes of readers whose digests come back: bounces and complaints."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from enum import IntEnum, StrEnum, auto
from typing import TYPE_CHECKING

from feedsvc.model import ReturnedDigest, ReturnKind, SuppressionReason, address_key

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from feedsvc.digests.addresses import AddressHasher
    from feedsvc.model import ReturnedMail, Subscriber
    from feedsvc.protocols import Clock, ReadUnit, Store, WriteUnit

SOFT_DIGESTS = 5
SOFT_SPAN = timedelta(days=14)
"""So many digests in a row over so long a time, and an address that fails for now is taken for dead."""

REPORTS_WITHIN = timedelta(days=7)
"""Mail servers give up after five (RFC 5321 section 4.5.4.1); what has not come back by then was delivered."""

_OURS = (".1.7.", ".1.8.", ".2.3.", ".7.")
"""Sender address; message too large for the mailbox; policy (RFC 3463 section 3)."""
_MAILBOX_DEAD = ("5.1.", "5.2.1.")
"""No such mailbox or domain; mailbox disabled."""
_PASSING = ("4.", "5.0.", "5.2.", "5.4.")
"""Anything temporary that was given up; undefined; a full mailbox; a domain that is not reached, or not known now."""


class Blame(IntEnum):
    """What a failure says about an address, the mildest first."""

    NONE = auto()
    """The message, the sender, the policy of a server: never the fault of who should have got it."""
    SOFT = auto()
    HARD = auto()


class Outcome(StrEnum):
    """What became of a mail that came back."""

    BOUNCED = "bounced"
    """The address gets no mail any more."""
    COUNTED = "counted"
    """It counts against the address."""
    REFUSED = "refused"
    """What was refused is the message, or we."""
    COMPLAINED = "complained"
    LEFT = "left"
    """The reader asked for no more mail."""
    IGNORED = "ignored"


@dataclass(frozen=True, slots=True)
class ReturnReceipt:
    """What was done about a mail that came back.

    Attributes:
        reason: The cause, on one line.
        subscriber: Whose digest it was, None if that is unknown.
    """

    outcome: Outcome
    reason: str
    subscriber: Subscriber | None = None


def blame_of(status: str) -> Blame:
    """Return what a status code (RFC 3463) says about the address; a report without one counts as a passing failure."""
    dotted = f"{status or '5.0.0'}."  # so that each part ends in a dot
    if dotted[1:].startswith(_OURS):
        return Blame.NONE
    if dotted.startswith(_MAILBOX_DEAD):
        return Blame.HARD
    return Blame.SOFT if dotted.startswith(_PASSING) else Blame.NONE


def is_unreachable(returned: Sequence[ReturnedDigest], delivered: datetime | None) -> bool:
    """Tell whether an address is dead by the passing failures of its digests.

    Args:
        returned: The digests that came back.
        delivered: When the last one that did not was sent, None if there is none.
    """
    row = [one.sent for one in returned if one.is_soft and (delivered is None or one.sent > delivered)]
    return len(row) >= SOFT_DIGESTS and max(row) - min(row) >= SOFT_SPAN


class Returns:
    """Takes note of what comes back to the readers of a site."""

    def __init__(self, store: Store, hasher: AddressHasher, clock: Clock) -> None:
        self._store, self._hash, self._clock = store, hasher, clock

    def take(self, subscriber_id: str, mail: ReturnedMail) -> ReturnReceipt:
        """Note *mail* against the subscriber whose digest it is about.

        Raises:
            StoreError: It was not noted.
        """
        if mail.kind not in (ReturnKind.FAILURE, ReturnKind.COMPLAINT):
            return ReturnReceipt(Outcome.IGNORED, _WORDS[mail.kind])
        with self._store.writing() as unit:
            known = unit.subscribers([subscriber_id]).get(subscriber_id)
            if known is None:
                return ReturnReceipt(Outcome.IGNORED, "the subscriber is not known any more")
            if mail.kind is ReturnKind.COMPLAINT:
                self._suppress(unit, known, SuppressionReason.COMPLAINED)
                return ReturnReceipt(Outcome.COMPLAINED, "the reader called it spam", known)
            return self._fail(unit, known, mail)

    def _fail(self, unit: WriteUnit, known: Subscriber, mail: ReturnedMail) -> ReturnReceipt:
        """Note that a digest failed; of several failures the mildest counts, because mail is forwarded to several."""
        failure = min(mail.failures, key=lambda one: blame_of(one.status))
        blame = blame_of(failure.status)
        reason = " ".join(part for part in (failure.status, failure.diagnostic) if part) or "no reason was given"
        if blame is Blame.HARD:
            self._suppress(unit, known, SuppressionReason.BOUNCED)
            return ReturnReceipt(Outcome.BOUNCED, reason, known)
        digest = self._digest(unit, known, mail, is_soft=blame is Blame.SOFT)
        unit.put_returned_digests([digest])
        delivered = unit.last_delivered(known.id, digest.sent)
        if delivered is not None and self._clock() - delivered > REPORTS_WITHIN:  # no outbox remembers it for ever
            unit.forget_returned_digests(known.id, delivered)
        if is_unreachable(unit.returned_digests(known.id), delivered):
            self._suppress(unit, known, SuppressionReason.BOUNCED)
            return ReturnReceipt(Outcome.BOUNCED, f"for {SOFT_SPAN.days} days: {reason}", known)
        return ReturnReceipt(Outcome.COUNTED if digest.is_soft else Outcome.REFUSED, reason, known)

    def _digest(self, unit: ReadUnit, known: Subscriber, mail: ReturnedMail, *, is_soft: bool) -> ReturnedDigest:
        """Return the digest that came back; one that the report does not name stands for all of its day."""
        queued = unit.outbox_at([mail.message_id]).get(mail.message_id)
        if queued is None or queued.subscriber_id != known.id:
            now = self._clock()
            return ReturnedDigest(known.id, f"on {now:%Y-%m-%d}", now, is_soft)
        return ReturnedDigest(known.id, mail.message_id, queued.message.first_attempt or self._clock(), is_soft)

    def _suppress(self, unit: WriteUnit, known: Subscriber, reason: SuppressionReason) -> None:
        """Send nothing to somebody any more; who gets nothing already keeps the reason."""
        address_hash = self._hash(address_key(known.address))
        if not unit.suppressions([address_hash]):
            unit.suppress([address_hash], reason, self._clock())
        unit.forget_returned_digests(known.id)


_WORDS = {
    ReturnKind.DELAY: "the message waits at the mail server, which tries again",
    ReturnKind.OTHER: "it is no report of a failure",
}
