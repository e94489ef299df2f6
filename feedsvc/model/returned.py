"""What comes back after a mail has left: reports of failure, complaints, answers."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from datetime import datetime


class ReturnKind(StrEnum):
    """What a mail that came back is."""

    FAILURE = "failure"
    """A report that a message was given up (RFC 3464)."""
    DELAY = "delay"
    """A report that a message waits, and is tried again by whoever has it."""
    COMPLAINT = "complaint"
    """A report that a reader called a message spam (RFC 5965)."""
    OTHER = "other"
    """Anything else: answers of people and of machines, reports of success."""


@dataclass(frozen=True, slots=True)
class DeliveryFailure:
    """One address that a message could not be delivered to.

    Attributes:
        status: The code of RFC 3463, such as ``5.1.1``; empty if the report has none.
        recipient: The address as the report names it, which may be one that mail is forwarded to; for people only.
        diagnostic: What the last server said, on one line; for people only.
    """

    status: str = ""
    recipient: str = ""
    diagnostic: str = ""


@dataclass(frozen=True, slots=True)
class ReturnedMail:
    """A mail that came back, as it describes itself: nothing in it is proven but a token that we signed.

    Attributes:
        kind: What it is.
        failures: Of a failure, at least one.
        message_id: Message-ID, without angle brackets, of the message that it is about; empty if it does not say.
        recipients: Addresses in the headers that tell whom it was delivered to, as they stand there.
        sender: Whom it came from, by its ``Return-Path``: empty is nobody, None if there is no such header.
        concerned: Addresses of ours that a complaint names as those of the message that it is about.
    """

    kind: ReturnKind = ReturnKind.OTHER
    failures: tuple[DeliveryFailure, ...] = ()
    message_id: str = ""
    recipients: tuple[str, ...] = ()
    sender: str | None = None
    concerned: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class ReturnedDigest:
    """A digest that was not delivered, though the mail server had taken it.

    Attributes:
        digest: Its Message-ID without angle brackets, or words that stand for it where the report does not name it.
        sent: When it left.
        is_soft: It counts against the address.
    """

    subscriber_id: str
    digest: str
    sent: datetime
    is_soft: bool
