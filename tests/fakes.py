"""Stand-ins for the parts of the world that tests must steer: the clocks, and the rights of the superuser."""

from __future__ import annotations

import ctypes
import os
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

START = datetime(2026, 3, 1, 8, 0, tzinfo=UTC)
_CAPABILITIES_V3 = 0x20080522
_READ_ANYTHING = 0b110
"""CAP_DAC_OVERRIDE and CAP_DAC_READ_SEARCH."""


class FakeClock:
    """The time of day and the monotonic seconds; both move only when a test says so."""

    def __init__(self, now: datetime = START) -> None:
        self.now = now
        self.seconds = 1000.0

    def __call__(self) -> datetime:
        """Return the time of day."""
        return self.now

    def monotonic(self) -> float:
        """Return the seconds."""
        return self.seconds

    def advance(self, seconds: float) -> None:
        """Let time pass, for both clocks alike."""
        self.now += timedelta(seconds=seconds)
        self.seconds += seconds


@contextmanager
def reading_fails(number: int) -> Iterator[None]:
    """Let every read of an open file fail with the error *number*, for the length of the block."""
    real = os.read

    def fail(handle: int, count: int) -> bytes:
        raise OSError(number, os.strerror(number))

    os.read = fail
    try:
        yield
    finally:
        os.read = real


@contextmanager
def file_modes_count() -> Iterator[None]:
    """Give up, for this thread and the length of the block, the superuser's right to read what nobody may read."""
    if os.geteuid() != 0:
        yield
        return
    libc = ctypes.CDLL(None, use_errno=True)
    header = (ctypes.c_uint32 * 2)(_CAPABILITIES_V3, 0)
    sets = (ctypes.c_uint32 * 6)()  # effective, permitted, inheritable, twice
    if libc.capget(header, sets) != 0:
        raise OSError(ctypes.get_errno(), "capget failed")
    before = sets[0]
    sets[0] = before & ~_READ_ANYTHING
    libc.capset(header, sets)
    try:
        yield
    finally:
        sets[0] = before
        libc.capset(header, sets)
