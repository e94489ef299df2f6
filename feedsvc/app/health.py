"""What the parts report of themselves, collected for the health page."""

from __future__ import annotations

import threading
import time
from typing import TYPE_CHECKING

from feedsvc.observe import HealthCheck, HealthReport, get_logger

if TYPE_CHECKING:
    from collections.abc import Iterable

_log = get_logger(__name__)

_STALE_S = 120.0
"""A worker that has not come round for so long hangs."""
_PARTS = ("inbox", "scan", "read", "release", "publish", "feeds")


class Health:
    """The last word of each part; any thread may speak or ask."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._problems: dict[str, str | None] = dict.fromkeys(_PARTS)
        self._held: frozenset[str] = frozenset()
        self._beat = time.monotonic()
        self._is_ready = False

    def beat(self) -> None:
        """Say that the worker comes round."""
        self._beat = time.monotonic()

    def set_ready(self) -> None:
        """Say that the inbox was read and published once."""
        self._is_ready = True

    def report(self, part: str, problem: str | None) -> None:
        """Keep the last word of *part*; a change is logged."""
        with self._lock:
            before, self._problems[part] = self._problems.get(part), problem
        if problem is not None and before is None:
            _log.warning("health.failing", part=part, detail=problem)
        elif problem is None and before is not None:
            _log.info("health.mended", part=part)

    def hold(self, paths: frozenset[str]) -> None:
        """Keep the files whose removal waits for an operator."""
        with self._lock:
            before, self._held = self._held, paths
        if paths and paths != before:
            _log.warning(
                "removals.held", files=len(paths), fix="run 'feedsvc confirm-removals' if they are really gone"
            )

    @property
    def held(self) -> frozenset[str]:
        """The files whose removal waits for an operator."""
        with self._lock:
            return self._held

    def answer(self, others: Iterable[HealthCheck]) -> HealthReport:
        """Return all checks: those of the worker's parts, and *others*."""
        with self._lock:
            checks = [HealthCheck(part, problem is None, problem or "ok") for part, problem in self._problems.items()]
            held = len(self._held)
        stale_s = time.monotonic() - self._beat
        checks += [
            HealthCheck("removals", held == 0, f"{held} removed files wait for confirm-removals" if held else "ok"),
            HealthCheck("worker", stale_s < _STALE_S, f"last seen {stale_s:.0f} s ago"),
        ]
        return HealthReport((*checks, *others), self._is_ready)
