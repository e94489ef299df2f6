"""What somebody wants who subscribes, from the words of a form, a command or a table to values; pure."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import UTC, datetime
from difflib import get_close_matches
from functools import cache, lru_cache
from typing import TYPE_CHECKING, NamedTuple
from unicodedata import normalize
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError, available_timezones

from feedsvc.digests.addresses import CONTROLS, Address, normalise_address
from feedsvc.errors import SubscriberFieldError
from feedsvc.model import DigestSchedule, Frequency
from feedsvc.parse.language import language_tag

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

COLUMNS = ("address", "language", "timezone", "frequency", "hour", "day", "feeds", "paused_until", "consent")
"""Names of what can be said about a subscriber, in the order in which it is exported."""
MAX_CONSENT = 1_000
_HOUR = re.compile(r"(\d{1,2})(?::00)?", re.ASCII)
_DAY = re.compile(r"\d{1,2}", re.ASCII)
_BETWEEN_FEEDS = re.compile(r"[\s,;]+")
_DAYS = {Frequency.WEEKLY: (7, "from 1 (Monday) to 7 (Sunday)"), Frequency.MONTHLY: (31, "from 1 to 31")}
_ANY_DAY = (31, "from 1 to 31")


@dataclass(frozen=True, slots=True)
class Defaults:
    """What holds where nothing is said.

    Attributes:
        feeds: Slugs of all feeds that can be followed.
    """

    language: str
    zone: ZoneInfo
    frequency: Frequency
    hour: int
    feeds: frozenset[str]


class Wish(NamedTuple):
    """What somebody wants who subscribes; ``consent`` is how they said so, in one line."""

    address: Address
    language: str
    schedule: DigestSchedule
    feeds: tuple[str, ...]
    paused_until: datetime | None
    consent: str


def read_wish(values: Mapping[str, str], defaults: Defaults) -> Wish:
    """Return what *values*, texts by the names of `COLUMNS`, say; what is missing or empty is default.

    Raises:
        SubscriberFieldError: A value cannot be used, or there is no consent.
    """
    given = {name: text for name, value in values.items() if (text := value.strip())}
    address = normalise_address(given.get("address", ""))
    return Wish(
        address=address,
        language=_language(given.get("language", ""), defaults),
        schedule=_schedule(given, defaults),
        feeds=_feeds(given.get("feeds", ""), defaults.feeds),
        paused_until=_moment(given.get("paused_until", "")),
        consent=_consent(given.get("consent", "")),
    )


def _schedule(given: Mapping[str, str], defaults: Defaults) -> DigestSchedule:
    frequency = _frequency(given.get("frequency", ""), defaults)
    zone = read_zone(given["timezone"]) if "timezone" in given else defaults.zone
    hour = _hour(given["hour"]) if "hour" in given else defaults.hour
    return DigestSchedule(frequency, zone, hour, _day(given.get("day", "1"), frequency))


def _language(text: str, defaults: Defaults) -> str:
    tag = language_tag(text) if text else defaults.language
    if tag is None:
        raise SubscriberFieldError("language", text, "it is no language tag", "write a tag such as en, ar or pt-BR")
    return tag


@lru_cache(maxsize=1024)
def read_zone(name: str) -> ZoneInfo:
    """Return the time zone called *name*.

    Raises:
        SubscriberFieldError: There is none.
    """
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, OSError, ValueError) as error:
        raise SubscriberFieldError("timezone", name, "there is no such time zone", _near_zone(name)) from error


@lru_cache(maxsize=1024)
def _near_zone(name: str) -> str:
    city = "_".join(name.casefold().split())
    of_city = sorted(zone for zone in _zone_names() if zone.casefold().endswith(f"/{city}"))
    return (
        near(of_city[0] if of_city else name, _zone_names())
        or "write a name such as Europe/Berlin, Africa/Cairo or UTC"
    )


@cache
def _zone_names() -> frozenset[str]:
    return frozenset(available_timezones())  # reads the whole database of zones


def _frequency(text: str, defaults: Defaults) -> Frequency:
    if not text:
        return defaults.frequency
    try:
        return Frequency(text.lower())
    except ValueError as error:
        known = ", ".join(Frequency)
        fix = near(text, Frequency) or f"write one of {known}"
        raise SubscriberFieldError("frequency", text, "it is no frequency", fix) from error


def _hour(text: str) -> int:
    digits = _HOUR.fullmatch(text)
    if digits is None or int(digits[1]) > 23:
        raise SubscriberFieldError("hour", text, "it is no full hour of a day", "write a whole number from 0 to 23")
    return int(digits[1])


def _day(text: str, frequency: Frequency) -> int:
    last, words = _DAYS.get(frequency, _ANY_DAY)
    if _DAY.fullmatch(text) is None or not 1 <= int(text) <= last:
        raise SubscriberFieldError("day", text, f"a {frequency} digest has no such day", f"write a number {words}")
    return int(text)


def _feeds(text: str, known: frozenset[str]) -> tuple[str, ...]:
    slugs = dict.fromkeys(slug for slug in _BETWEEN_FEEDS.split(normalize("NFC", text)) if slug)
    for slug in slugs:
        if slug not in known:
            fix = near(slug, known) or f"known are {', '.join(sorted(known))}"
            raise SubscriberFieldError("feeds", slug, "there is no such feed", fix)
    return tuple(slugs)


def _moment(text: str) -> datetime | None:
    if not text:
        return None
    try:
        moment = datetime.fromisoformat(text)
        if moment.tzinfo is not None:
            return moment.astimezone(UTC)
    except (ValueError, OverflowError):
        pass  # told below, like a moment without a zone
    fix = "write it as 2026-07-01T00:00:00Z"
    raise SubscriberFieldError("paused_until", text, "it is no moment with a time zone", fix)


def _consent(text: str) -> str:
    words = " ".join(text.split())
    if not words:
        raise SubscriberFieldError(
            "consent", "", "nothing says that this person agreed", "tell who agreed, when, where"
        )
    if CONTROLS.search(words):
        raise SubscriberFieldError("consent", words, "it holds a control character", "take that out")
    if len(words) > MAX_CONSENT:
        raise SubscriberFieldError(
            "consent", words, f"it has {len(words)} characters, {MAX_CONSENT} are allowed", "shorten it"
        )
    return words


def near(text: str, known: Iterable[str]) -> str:
    """Ask for the one of *known* that was probably meant; empty if none is near."""
    by_folded = {name.casefold(): name for name in known}
    found = get_close_matches(text.casefold(), by_folded, n=1, cutoff=0.6)
    return f"did you mean {by_folded[found[0]]}?" if found else ""
