"""The form of a subscriber: from fields to a wish with all faults, and back; pure."""

from __future__ import annotations

from datetime import UTC, date, datetime, time
from functools import cache
from typing import TYPE_CHECKING
from zoneinfo import available_timezones

from feedsvc.digests import Wish, read_wish
from feedsvc.errors import SubscriberFieldError
from feedsvc.model import Frequency
from feedsvc.render.mail import mail_language

if TYPE_CHECKING:
    from collections.abc import Mapping
    from zoneinfo import ZoneInfo

    from feedsvc.digests import Defaults
    from feedsvc.model import Subscriber

_LONGEST = 1_000
_DAY_FIELDS = {Frequency.WEEKLY: "weekday", Frequency.MONTHLY: "monthday"}
_STAND_INS = {"address": "nobody@example.org", "day": "1"}
"""What is read in the place of something that cannot be, to find what else cannot; the result is not used."""


def first_values(fields: Mapping[str, list[str]]) -> dict[str, str]:
    """Return the first value of each field, cut to what may be read and shown."""
    return {name: values[0][:_LONGEST].strip() for name, values in fields.items() if values}


def read_form(
    fields: Mapping[str, list[str]], defaults: Defaults, now: datetime, address: str | None = None
) -> tuple[Wish | None, frozenset[str]]:
    """Return what the fields of a form say, or None and the names of all fields that cannot be used.

    Args:
        fields: What was sent.
        defaults: What holds where nothing was said.
        now: A pause that ends before is none.
        address: Of whoever is subscribed already; None takes it from the form.
    """
    found = first_values(fields)
    frequency = found.get("frequency", "")
    day_field = _DAY_FIELDS.get(Frequency(frequency), "") if frequency in set(Frequency) else ""
    values = {name: found.get(name, "") for name in ("address", "language", "timezone", "frequency", "hour")}
    values |= {"day": found.get(day_field) or "1", "feeds": ",".join(fields.get("feeds", [])), "consent": "not yet"}
    if address is not None:
        values["address"] = address
    faults: set[str] = set()
    wish = _read(values, defaults, faults)
    try:
        pause = _pause(found.get("paused", ""), wish.schedule.zone, now)
    except (ValueError, OverflowError):
        faults.add("paused")
        pause = None
    named = frozenset(day_field if name == "day" else name for name in faults)
    return (None if named else wish._replace(paused_until=pause)), named


def _read(values: dict[str, str], defaults: Defaults, faults: set[str]) -> Wish:
    """Return what *values* say; those that cannot be read are added to *faults* and replaced."""
    while True:
        try:
            return read_wish(values, defaults)
        except SubscriberFieldError as error:
            faults.add(error.field)
            values[error.field] = _STAND_INS.get(error.field, "")


def _pause(text: str, zone: ZoneInfo, now: datetime) -> datetime | None:
    """Return the beginning of a day on somebody's own clock, None if it has passed or none is named.

    Raises:
        ValueError: It is no date.
        OverflowError: It is one that no calendar holds in UTC.
    """
    if not text:
        return None
    until = datetime.combine(date.fromisoformat(text), time(), zone).astimezone(UTC)
    return until if until > now else None


def new_values(defaults: Defaults, language: str) -> dict[str, str]:
    """Return what the form of somebody who comes is filled with."""
    return {
        "address": "",
        "language": language,
        "frequency": defaults.frequency.value,
        "hour": str(defaults.hour),
        "weekday": "1",
        "monthday": "1",
        "timezone": defaults.zone.key,
        "paused": "",
    }


def known_values(subscriber: Subscriber) -> dict[str, str]:
    """Return what the form of a subscriber is filled with."""
    schedule, pause = subscriber.schedule, subscriber.paused_until
    day_field = _DAY_FIELDS.get(schedule.frequency, "")
    return {
        "address": subscriber.address,
        "language": mail_language(subscriber.language)[0].partition("-")[0].lower(),
        "frequency": schedule.frequency.value,
        "hour": str(schedule.hour),
        "weekday": "1",
        "monthday": "1",
        "timezone": schedule.zone.key,
        "paused": pause.astimezone(schedule.zone).date().isoformat() if pause else "",
    } | ({day_field: str(schedule.day)} if day_field else {})


@cache
def zone_names() -> tuple[str, ...]:
    """Return the names of the time zones that people know: those of places, and UTC."""
    machines = ("Etc/", "SystemV/", "posix/", "right/")
    found = (name for name in available_timezones() if "/" in name and not name.startswith(machines))
    return ("UTC", *sorted(found))
