"""Which files are missing, and for how long, on a clock that nobody sets."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable


class Absences:
    """Missing files and the monotonic second since which they are missed.

    A restart starts the grace of every missing file anew: better late than a withdrawal by a clock that jumped.
    """

    def __init__(self, monotonic: Callable[[], float]) -> None:
        self._monotonic = monotonic
        self._since: dict[str, float] = {}

    def add(self, paths: Iterable[str]) -> None:
        """Note files as missing, unless they are missed already."""
        now = self._monotonic()
        for path in paths:
            self._since.setdefault(path, now)

    def add_aged(self, path: str, age_s: float) -> None:
        """Note a file as missing for *age_s* seconds already."""
        self._since[path] = self._monotonic() - age_s

    def restart(self, paths: Iterable[str]) -> None:
        """Note files as missing from now on, however long they were missed before."""
        now = self._monotonic()
        self._since.update(dict.fromkeys(paths, now))

    def remove(self, paths: Iterable[str]) -> None:
        """Note that files are back or settled."""
        for path in paths:
            self._since.pop(path, None)

    def keep_only(self, paths: Iterable[str]) -> None:
        """Make *paths* the missing files; those that are missed already keep their time."""
        now = self._monotonic()
        self._since = {path: self._since.get(path, now) for path in paths}

    def all(self) -> frozenset[str]:
        """Return all missing files."""
        return frozenset(self._since)

    def due(self, grace_s: float) -> frozenset[str]:
        """Return the files that are missing for at least *grace_s* seconds."""
        latest = self._monotonic() - grace_s
        return frozenset(path for path, since in self._since.items() if since <= latest)

    def next_due(self, grace_s: float) -> float | None:
        """Return the monotonic second at which the next grace ends, None if nothing is missing."""
        return min(self._since.values()) + grace_s if self._since else None
