"""Dates as people and tools write them, year first, read into whole UTC seconds."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta, timezone
from functools import lru_cache
from typing import TYPE_CHECKING, NamedTuple

from feedsvc.messages import say

if TYPE_CHECKING:
    from datetime import date, tzinfo
    from zoneinfo import ZoneInfo

    from feedsvc.messages import Message

DATE_ORDERS = ("dmy", "mdy")
"""How dates that end in the year may be read: day, month, year, or month, day, year."""

_MIN_YEAR = 1900
# Python's \d and int() also read Arabic-Indic and Persian digits.
_DATE = re.compile(
    r"(\d{4})([-/.])(\d{1,2})\2(\d{1,2})"
    r"(?:(?:[Tt]|[ \t]+)(\d{1,2}):(\d{2})(?::(\d{2})(?:[.,]\d+)?)?"
    r"(?:[ \t]*(?:([Zz]|UTC|GMT)|([+\-−])(\d{2}):?(\d{2})?))?)?"
)
_COMPACT = re.compile(r"(\d{4})(\d{2})(\d{2})T(\d{2})(\d{2})(\d{2})?(Z|[+-]\d{2}:?\d{2})?")
_YEAR_LAST = re.compile(r"(\d{1,2})([-/.])(\d{1,2})\2(\d{4})(?=[Tt \t]|$)")
_FOLDER_DATE = re.compile(r"(?:^|/)(\d{4})([-/])(\d{1,2})\2(\d{1,2})(?=/|$)", re.ASCII)
_NAME_DATE = re.compile(r"(\d{4})-(\d{2})-(\d{2})(?:T(\d{2})-(\d{2})(?:-(\d{2}))?)?(?![^\W_])", re.ASCII)
_MARKS = re.compile("[\u200e\u200f\u061c\u202a-\u202e\u2066-\u2069]")


class DateError(ValueError):
    """A date cannot be read; ``cause`` and ``fix`` are sentences for the editor."""

    def __init__(self, cause: Message, fix: Message) -> None:
        self.cause, self.fix = cause, fix
        super().__init__(f"{cause}. {fix}")


class ReadDate(NamedTuple):
    """A moment in whole UTC seconds, and whether its text named a time zone."""

    moment: datetime
    has_zone: bool


def read_date(text: str, zone: ZoneInfo, order: str = "") -> ReadDate:
    """Read ISO 8601 and RFC 3339 dates and their common variants; a date alone is midnight in *zone*.

    A local time that a clock change skips is read with the offset from before the change.

    Args:
        text: What is written.
        zone: Time zone where the text names none.
        order: One of `DATE_ORDERS` for dates that end in the year; empty reads those that leave no doubt.

    Raises:
        DateError: The form is unknown, the date does not exist, it lies before 1900, or it has two meanings.
    """
    if not text.isascii():
        text = _MARKS.sub("", text)
    text = text.strip()
    found = _DATE.fullmatch(text) or _DATE.fullmatch(_COMPACT.sub(_spread, _year_first(text, order)))
    if found is None:
        raise _unknown(text)
    year, _, month, day, hour, minute, second, utc, sign, off_hours, off_minutes = found.groups()
    offset = _offset(utc, sign, off_hours, off_minutes, text)
    clock = (int(hour or 0), int(minute or 0), min(int(second or 0), 59) if second == "60" else int(second or 0))
    return ReadDate(_moment(text, (int(year), int(month), int(day)), clock, offset or zone), offset is not None)


def _year_first(text: str, order: str) -> str:
    """Return *text* with its date in the order year, month, day, if it begins with one that ends in the year."""
    date = _YEAR_LAST.match(text)
    if date is None:
        return text
    first, mark, second, year = date[1], date[2], date[3], date[4]
    day, month = (second, first) if order == "mdy" or (not order and int(second) > 12) else (first, second)
    if not order and int(first) <= 12 and int(second) <= 12 and int(first) != int(second):
        fix = say('Write it as year-month-day: 2026-11-24, or say date_order = "dmy" in _inbox.toml.')
        raise DateError(say("the date “{text}” can be read in two ways", text=text[:60]), fix)
    return f"{year}{mark}{month}{mark}{day}{text[date.end() :]}"


def _spread(compact: re.Match[str]) -> str:
    year, month, day, hour, minute, second, offset = compact.groups()
    return f"{year}-{month}-{day}T{hour}:{minute}:{second or '00'}{offset or ''}"


def _offset(utc: str | None, sign: str | None, hours: str | None, minutes: str | None, text: str) -> tzinfo | None:
    if utc:
        return UTC
    if not sign:
        return None
    shift = timedelta(hours=int(hours or 0), minutes=int(minutes or 0))
    if shift >= timedelta(hours=24):
        raise _impossible(text)
    return timezone(shift if sign == "+" else -shift)


def _moment(text: str, day: tuple[int, int, int], clock: tuple[int, int, int], zone: tzinfo) -> datetime:
    if day[0] < _MIN_YEAR:
        cause = say("the date “{text}” lies before {year}", text=text[:60], year=_MIN_YEAR)
        raise DateError(cause, say("Check the year."))
    try:
        return datetime(*day, *clock, tzinfo=zone).astimezone(UTC)
    except (ValueError, OverflowError) as error:
        raise _impossible(text) from error


def _impossible(text: str) -> DateError:
    return DateError(say("the date “{text}” does not exist", text=text[:60]), say("Check day, month and time."))


def _unknown(text: str) -> DateError:
    cause = say("“{text}” is not a date that can be read for certain", text=text[:60])
    return DateError(cause, say("Write it as 2026-11-24 or 2026-11-24 14:30 +03:00."))


def name_date(name: str, zone: ZoneInfo) -> datetime | None:
    """Return the moment that a file name such as ``2026-11-24T10-00 title.md`` begins with, else None.

    Raises:
        DateError: The name begins with a date that does not exist.
    """
    found = _NAME_DATE.match(name)
    if found is None:
        return None
    year, month, day, hour, minute, second = (int(part or 0) for part in found.groups())
    return _moment(found[0], (year, month, day), (hour, minute, second), zone)


@lru_cache(maxsize=512)
def folder_date(folder: str, zone: ZoneInfo) -> datetime | None:
    """Return the day that folders such as ``2026/11/24`` or ``2026-11-24`` name, the innermost one, else None."""
    for found in reversed(list(_FOLDER_DATE.finditer(folder))):
        try:
            return _moment(found[0], (int(found[1]), int(found[3]), int(found[4])), (0, 0, 0), zone)
        except DateError:
            continue  # 2026/99/99 are numbers of something else
    return None


def local_day(moment: datetime, zone: ZoneInfo) -> date:
    """Return the calendar day of *moment* in *zone*."""
    return moment.astimezone(zone).date()
