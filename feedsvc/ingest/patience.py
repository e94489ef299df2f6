"""Files that cannot be read now: when they are tried again, and for how long they have kept us waiting."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

_LONGEST_S = 60.0
_GIVE_UP_AFTER_S = 120.0


def retry_delay(failures: int) -> float | None:
    """Return the seconds until a file is tried again that could not be read *failures* times in a row, from 1.

    1, 2, 4 and so on up to a minute; None once it was tried for two minutes.
    """
    waited_s = sum(min(2.0**n, _LONGEST_S) for n in range(failures - 1))
    return None if waited_s >= _GIVE_UP_AFTER_S else min(2.0 ** (failures - 1), _LONGEST_S)


class Retries:
    """Counts how often each file could not be read; all times are seconds of one monotonic clock."""

    def __init__(self, monotonic: Callable[[], float]) -> None:
        self._monotonic = monotonic
        self._failures: dict[str, tuple[int, float]] = {}

    def failed(self, path: str) -> float | None:
        """Note that *path* could not be read, and return the seconds until the next trial, None for none.

        A trial before its time, because of a scan or an event, does not count.
        """
        now = self._monotonic()
        failures, due = self._failures.get(path, (0, now))
        if now < due:
            return due - now
        delay_s = retry_delay(failures + 1)
        if delay_s is None:
            del self._failures[path]
        else:
            self._failures[path] = (failures + 1, now + delay_s)
        return delay_s

    def forget(self, paths: Iterable[str]) -> None:
        """Note that files could be read, or are gone."""
        for path in paths:
            self._failures.pop(path, None)


class Unrest:
    """Since when each file keeps changing."""

    def __init__(self, monotonic: Callable[[], float]) -> None:
        self._monotonic = monotonic
        self._since: dict[str, float] = {}

    def age_s(self, path: str) -> float:
        """Return for how long *path* was found changing by now; the first call for it returns 0."""
        now = self._monotonic()
        return now - self._since.setdefault(path, now)

    def forget(self, paths: Iterable[str]) -> None:
        """Note that files rest, or are gone."""
        for path in paths:
            self._since.pop(path, None)
