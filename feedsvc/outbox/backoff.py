"""When to try again: ever later, for a day."""

from __future__ import annotations

import hashlib
from datetime import timedelta
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from datetime import datetime

STEPS = tuple(timedelta(minutes=minutes) for minutes in (1, 5, 15, 60, 240))
"""The pause after the first, second ... attempt; the last one repeats."""
LIFETIME = timedelta(hours=24)
"""A message that could not be sent for so long after its first attempt is given up."""
_SPREAD = 0.2


def next_attempt(message_id: str, attempts: int, first_attempt: datetime, now: datetime) -> datetime | None:
    """Return when to try a message again, None if it is to be given up.

    Pauses differ by up to a fifth in both directions, so that what failed together does not come back together. The
    difference is drawn from message and attempt: whoever computes it again gets the same. The last attempt is made
    at the very end of the day; a machine that slept through it makes as many attempts as there are steps.

    Args:
        message_id: The Message-ID.
        attempts: How many attempts have failed, at least 1.
        first_attempt: When the first one was made.
        now: When the last one failed.
    """
    end = first_attempt + LIFETIME
    if now >= end and attempts >= len(STEPS):
        return None
    pause = STEPS[min(max(attempts, 1), len(STEPS)) - 1]
    at = now + pause * (1 - _SPREAD + 2 * _SPREAD * _draw(message_id, attempts))
    return at if now >= end else min(at, end)


def _draw(message_id: str, attempts: int) -> float:
    """Return a number from 0 to 1 that looks random, and is always the same for the same message and attempt."""
    digest = hashlib.blake2b(f"{attempts} {message_id}".encode("utf-8", "surrogatepass"), digest_size=6).digest()
    return int.from_bytes(digest) / 2**48
