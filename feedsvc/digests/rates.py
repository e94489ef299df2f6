"""How often something may be done: token buckets, pure, and a bounded set of them."""

from __future__ import annotations

from collections import OrderedDict
from dataclasses import dataclass
from threading import Lock
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Callable

_MOST_KEYS = 10_000
"""Buckets that are remembered; of more, those that were asked longest ago are forgotten."""


@dataclass(frozen=True, slots=True)
class Rate:
    """A bucket holds *burst* tokens, and gets one every *every_s* seconds."""

    burst: int
    every_s: float


class Bucket(NamedTuple):
    """Tokens that were left at a moment of a monotonic clock, in seconds."""

    tokens: float
    at_s: float


def take(bucket: Bucket | None, rate: Rate, now_s: float) -> tuple[Bucket, float]:
    """Take a token, and return what is left and how many seconds are missing for one: 0 if it was there.

    Args:
        bucket: None is a full one.
        rate: How it is filled.
        now_s: Moment of the same clock as that of *bucket*.
    """
    held = bucket or Bucket(rate.burst, now_s)
    tokens = min(rate.burst, held.tokens + max(0.0, now_s - held.at_s) / rate.every_s)
    if tokens < 1:
        return Bucket(tokens, now_s), (1 - tokens) * rate.every_s
    return Bucket(tokens - 1, now_s), 0.0


class Limiter:
    """A bucket for each key; any thread may ask.

    Args:
        rate: How all buckets are filled.
        clock_s: A monotonic clock.
    """

    def __init__(self, rate: Rate, clock_s: Callable[[], float]) -> None:
        self._rate, self._clock_s = rate, clock_s
        self._buckets: OrderedDict[str, Bucket] = OrderedDict()
        self._lock = Lock()

    def wait_s(self, key: str) -> float:
        """Take a token of *key*; return 0, or without taking one the seconds until there is one."""
        with self._lock:
            bucket, wait_s = take(self._buckets.pop(key, None), self._rate, self._clock_s())
            self._buckets[key] = bucket
            if len(self._buckets) > _MOST_KEYS:
                self._buckets.popitem(last=False)
        return wait_s
