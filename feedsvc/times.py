"""Aware UTC times: the clock, and the integer form that the store keeps."""

from __future__ import annotations

import os
import zoneinfo
from datetime import UTC, datetime, timedelta
from hashlib import blake2b
from importlib import resources

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND = timedelta(microseconds=1)


def utc_now() -> datetime:
    """Return the current time, aware, in UTC."""
    return datetime.now(UTC)


def to_micros(moment: datetime) -> int:
    """Return *moment* as whole microseconds since 1970-01-01T00:00:00Z.

    Raises:
        ValueError: *moment* has no time zone.
    """
    if moment.tzinfo is None:
        raise ValueError("a time without a zone cannot be stored")
    return (moment - _EPOCH) // _MICROSECOND


def from_micros(micros: int) -> datetime:
    """Return the aware UTC time that is *micros* microseconds after the epoch."""
    return _EPOCH + timedelta(microseconds=micros)


def zone_data_mark() -> str:
    """Return what is another text as soon as the rules of any time zone are others."""
    mark = blake2b(digest_size=16)
    for name in sorted(zoneinfo.available_timezones()):
        mark.update(name.encode() + b"\0" + _zone_data(name))
    return mark.hexdigest()


def _zone_data(name: str) -> bytes:
    """Return the file that `zoneinfo` reads for a zone: that of the system, or of the package of the same name."""
    for folder in zoneinfo.TZPATH:
        path = os.path.join(folder, name)
        if os.path.isfile(path):
            with open(path, "rb") as file:
                return file.read()
    return resources.files("tzdata").joinpath("zoneinfo", *name.split("/")).read_bytes()


def rfc3339(moment: datetime) -> str:
    """Return *moment* as RFC 3339 text in UTC with a ``Z``, microseconds only where there are any."""
    return moment.astimezone(UTC).isoformat().replace("+00:00", "Z")
