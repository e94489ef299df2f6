"""Which files have rested: hints and scans go in, paths that may be read come out."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

from feedsvc.ingest import Pending, Settler, is_noise, rest_after
from feedsvc.watch import DirtyKind

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from feedsvc.ingest import InboxPolicy
    from feedsvc.model import FileSignature
    from feedsvc.watch import Hint


class Rests:
    """Belongs to one thread.

    Args:
        policy: The inbox.
        signature: Returns the present signature of a path, None if nothing is there.
        settle_s: Rest after a file was closed or moved in.
        monotonic: Seconds of a clock that nobody sets.
    """

    def __init__(
        self,
        policy: InboxPolicy,
        signature: Callable[[str], FileSignature | None],
        settle_s: float,
        monotonic: Callable[[], float] = time.monotonic,
    ) -> None:
        self.quiet_s = policy.quiet_s
        self._settle_s, self._max_depth = settle_s, policy.max_depth
        self._restless_s = policy.restless_s
        self._signature, self._monotonic = signature, monotonic
        self._settler = Settler()
        self._closed: dict[str, tuple[float, float]] = {}
        self._next_look = float("-inf")

    def mark(self, hint: Hint) -> bool:
        """Note that something happened to a file; it must rest from now on. Tells whether it is one that is read."""
        if is_noise(hint.path, self._max_depth):
            return False
        now = self._monotonic()
        if hint.kind is DirtyKind.SETTLED:
            rest_s, since = self._settle_s, now
            if hint.moved_from is None:
                rest_s, since = self._rest_of_closed(hint.path, now)
            self._settler.mark(hint.path, Pending(now + rest_s, hint.moved_from, since=since))
        else:
            seen = self._signature(hint.path)
            self._settler.mark(hint.path, Pending(now + self.quiet_s, hint.moved_from, seen, now))
        return True

    def _rest_of_closed(self, path: str, now: float) -> tuple[float, float]:
        """Return for how long a file must rest that was closed *now*, and since when it is closed again and again."""
        last, since = self._closed.get(path, (float("-inf"), now))
        if now - last >= self.quiet_s:
            since = now
        self._closed[path] = (now, since)
        return rest_after(now - last, self._settle_s, self.quiet_s), since

    def wait(self, again: Mapping[str, float]) -> None:
        """Let files be read once so many seconds are over, unless they must rest in any case."""
        now = self._monotonic()
        for path, wait_s in again.items():
            if path not in self._settler:
                self._settler.mark(path, Pending(now + wait_s))

    def has_rested(self, path: str, signature: FileSignature) -> bool:
        """Tell whether a file that a scan found may be read at once; if not, it is due later."""
        if path in self._settler:
            return False
        if 0 <= time.time_ns() - signature.mtime_ns < self.quiet_s * 1e9 or signature.mtime_ns > time.time_ns():
            now = self._monotonic()
            self._settler.mark(path, Pending(now + self.quiet_s, None, signature, now))
            return False
        return True

    def due(self) -> dict[str, Pending]:
        """Return the paths that rested long enough; one that changed meanwhile rests anew."""
        now = self._monotonic()
        due = self._settler.take(now)
        for path, pending in list(due.items()):
            if pending.seen is not None and (seen := self._signature(path)) not in (None, pending.seen):
                self._settler.mark(path, Pending(now + self.quiet_s, pending.moved_from, seen, pending.since))
                del due[path]
        return due

    def is_any_due(self) -> bool:
        """Tell whether a path has rested by now."""
        due = self._settler.next_due()
        return due is not None and due <= self._monotonic()

    def next_due(self) -> float | None:
        """Return the monotonic second at which the next path is due, None if none waits."""
        return self._settler.next_due()

    def growing(self) -> dict[str, FileSignature]:
        """Return, every few seconds, the files that change for long, with their present signatures."""
        now = self._monotonic()
        if now < self._next_look:
            return {}
        self._next_look = now + self._restless_s / 2
        self._closed = {path: times for path, times in self._closed.items() if now - times[0] < self.quiet_s}
        seen = {path: self._signature(path) for path in self._settler.restless(now - self._restless_s)}
        return {path: signature for path, signature in seen.items() if signature is not None}
