"""Subscribers: who gets digests, when, in which language, and of what."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING
from unicodedata import normalize

if TYPE_CHECKING:
    from datetime import datetime
    from zoneinfo import ZoneInfo


class Frequency(StrEnum):
    """How often a subscriber gets a digest."""

    IMMEDIATE = "immediate"
    DAILY = "daily"
    WEEKLY = "weekly"
    MONTHLY = "monthly"


@dataclass(frozen=True, slots=True)
class DigestSchedule:
    """The hour that a subscriber chose, on their own clock.

    Attributes:
        zone: Time zone of *hour* and *day*.
        hour: 0 to 23.
        day: Day of the week (1 Monday to 7 Sunday) or of the month (1 to 31; in a shorter month its last day);
            without meaning for other frequencies.
    """

    frequency: Frequency
    zone: ZoneInfo
    hour: int = 7
    day: int = 1


class SubscriberState(StrEnum):
    """Where a subscriber is in their life."""

    PENDING = "pending"
    """Asked for, not confirmed yet: gets nothing but the question."""
    ACTIVE = "active"
    GONE = "gone"
    """Unsubscribed; the row remembers that it once consented."""


@dataclass(frozen=True, slots=True)
class Subscriber:
    """A person who asked for digests.

    Attributes:
        id: Random UUID as text; stands for the person in tokens and logs.
        address: Normalised mail address.
        language: BCP 47 tag of mails and pages.
        feeds: Slugs of the feeds that are followed; empty follows ``main``.
        paused_until: No digest before this moment, else None.
        consent: How consent was given, in one line: who, when, where; empty while pending.
    """

    id: str
    address: str
    language: str
    schedule: DigestSchedule
    feeds: tuple[str, ...]
    state: SubscriberState
    created: datetime
    confirmed: datetime | None = None
    paused_until: datetime | None = None
    consent: str = ""


class SuppressionReason(StrEnum):
    """Why an address gets no mail, whatever else is known of it."""

    UNSUBSCRIBED = "unsubscribed"
    BOUNCED = "bounced"
    COMPLAINED = "complained"
    ERASED = "erased"
    """Everything about the person was forgotten at their wish."""


@dataclass(frozen=True, slots=True)
class Suppression:
    """An address that gets no mail, since *at*."""

    reason: SuppressionReason
    at: datetime


class ConsentEvent(StrEnum):
    """What a person decided, and was asked."""

    ASKED = "asked"
    """The question whether they want digests left, or was refused by their mail server."""
    GIVEN = "given"
    WITHDRAWN = "withdrawn"


@dataclass(frozen=True, slots=True)
class Consent:
    """One line of the record that proves what a subscriber agreed to, and when that ended.

    Attributes:
        words: How it was given or withdrawn, in one line: who, when, where.
    """

    subscriber_id: str
    event: ConsentEvent
    at: datetime
    words: str


def address_key(address: str) -> str:
    """Return what is equal for two normalised mail addresses exactly if they are taken for one person's.

    Servers may tell upper from lower case before the @-sign (RFC 5321 section 2.4), but none that matters does.
    """
    local, at, domain = address.rpartition("@")
    return normalize("NFC", local.lower()) + at + domain
