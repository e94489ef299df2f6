"""Conditional requests: reading the validators of a request and deciding what they ask for (RFC 9110 section 13)."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import Enum
from typing import TYPE_CHECKING, NamedTuple

from feedsvc.times import utc_now

if TYPE_CHECKING:
    from collections.abc import Iterable

# Possessive quantifiers keep both patterns linear in the length of a hostile header.
_MEMBER = re.compile(r'[ \t]*+(?:(?P<weak>W/)?"(?P<opaque>[\x21\x23-\x7e\x80-\xff]*+)")?+[ \t]*+(?:,|\Z)')
_MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
_MONTH = f"(?P<month>{'|'.join(_MONTHS)})"
_DAY_NAME = "(?:Mon|Tue|Wed|Thu|Fri|Sat|Sun)"
_LONG_DAY_NAME = "(?:Mon|Tues|Wednes|Thurs|Fri|Satur|Sun)day"
_TIME = r"(?P<hour>[0-9]{2}):(?P<minute>[0-9]{2}):(?P<second>[0-9]{2})"
_DATE_FORMS = (
    re.compile(rf"{_DAY_NAME}, (?P<day>[0-9]{{2}}) {_MONTH} (?P<year>[0-9]{{4}}) {_TIME} GMT"),  # IMF-fixdate
    re.compile(rf"{_LONG_DAY_NAME}, (?P<day>[0-9]{{2}})-{_MONTH}-(?P<year>[0-9]{{2}}) {_TIME} GMT"),  # RFC 850
    re.compile(rf"{_DAY_NAME} {_MONTH} (?P<day>[ 0-9][0-9]) {_TIME} (?P<year>[0-9]{{4}})"),  # asctime
)
_CENTURY = 100
_LAST_SECOND = 59


class EntityTag(NamedTuple):
    """An entity tag, RFC 9110 section 8.8.3: ``"opaque"`` or ``W/"opaque"``."""

    opaque: str
    is_weak: bool = False

    def __str__(self) -> str:
        """Return the tag as it is written in a header."""
        return f'{"W/" if self.is_weak else ""}"{self.opaque}"'


class TagList(NamedTuple):
    """The value of ``If-Match`` or ``If-None-Match``: some tags, or ``*`` for any."""

    tags: tuple[EntityTag, ...]
    is_any: bool = False

    def has_strongly(self, current: EntityTag) -> bool:
        """Tell whether *current* is listed by strong comparison, RFC 9110 section 8.8.3.2: no weak tag ever is."""
        return self.is_any or (not current.is_weak and current in self.tags)

    def has_weakly(self, current: EntityTag) -> bool:
        """Tell whether *current* is listed by weak comparison, RFC 9110 section 8.8.3.2."""
        return self.is_any or any(tag.opaque == current.opaque for tag in self.tags)


@dataclass(frozen=True, slots=True)
class Conditions:
    """The four header values that make a request conditional, None where one is missing."""

    if_match: str | None = None
    if_none_match: str | None = None
    if_modified_since: str | None = None
    if_unmodified_since: str | None = None


class Verdict(Enum):
    """What a conditional GET or HEAD is answered with."""

    PROCEED = 200
    NOT_MODIFIED = 304
    PRECONDITION_FAILED = 412


def parse_tags(text: str) -> TagList:
    """Read a list of entity tags; members that are none are skipped, never an error."""
    if text.strip(" \t") == "*":
        return TagList((), is_any=True)
    return TagList(tuple(_members(text)))


def _members(text: str) -> Iterable[EntityTag]:
    at = 0
    while at < len(text):
        member = _MEMBER.match(text, at)
        if member is None:
            at = text.find(",", at) + 1 or len(text)
            continue
        if member["opaque"] is not None:
            yield EntityTag(member["opaque"], member["weak"] is not None)
        at = member.end()


def parse_http_date(text: str) -> datetime | None:
    """Read one of the three forms of RFC 9110 section 5.6.7; anything else is None.

    A two-digit year that would lie more than 50 years ahead means the last century.
    """
    found = next((match for form in _DATE_FORMS if (match := form.fullmatch(text))), None)
    return None if found is None else _moment(found)


def _moment(found: re.Match[str]) -> datetime | None:
    try:
        return datetime(
            year=_full_year(found["year"]),
            month=_MONTHS.index(found["month"]) + 1,
            day=int(found["day"]),
            hour=int(found["hour"]),
            minute=int(found["minute"]),
            second=_no_leap_second(int(found["second"])),
            tzinfo=UTC,
        )
    except ValueError:
        return None


def _no_leap_second(second: int) -> int:
    return _LAST_SECOND if second == _LAST_SECOND + 1 else second


def _full_year(digits: str) -> int:
    year = int(digits)
    if len(digits) > len("YY"):
        return year
    this_year = utc_now().year
    year += this_year - this_year % _CENTURY
    return year - _CENTURY if year > this_year + _CENTURY // 2 else year


def decide(conditions: Conditions, current: EntityTag, modified_s: int) -> Verdict:
    """Decide about a GET or HEAD in the order of RFC 9110 section 13.2.2.

    Args:
        conditions: What the request says.
        current: Tag of the representation that would be sent.
        modified_s: Its time of last modification, whole seconds since the epoch.
    """
    if _has_failed(conditions, current, modified_s):
        return Verdict.PRECONDITION_FAILED
    if _is_known(conditions, current, modified_s):
        return Verdict.NOT_MODIFIED
    return Verdict.PROCEED


def _has_failed(conditions: Conditions, current: EntityTag, modified_s: int) -> bool:
    """Tell whether the client's picture is not the present one (``If-Match``, else ``If-Unmodified-Since``)."""
    if conditions.if_match is not None:
        return not parse_tags(conditions.if_match).has_strongly(current)
    since = _seconds(conditions.if_unmodified_since)
    return since is not None and modified_s > since


def _is_known(conditions: Conditions, current: EntityTag, modified_s: int) -> bool:
    """Tell whether the client has the present picture already (``If-None-Match``, else ``If-Modified-Since``)."""
    if conditions.if_none_match is not None:
        return parse_tags(conditions.if_none_match).has_weakly(current)
    since = _seconds(conditions.if_modified_since)
    return since is not None and modified_s <= since


def _seconds(date: str | None) -> int | None:
    moment = None if date is None else parse_http_date(date)
    return None if moment is None else int(moment.timestamp())
