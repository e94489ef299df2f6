"""Which paths are dirty, and when each of them has rested long enough to be read."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

    from feedsvc.model import FileSignature


@dataclass(frozen=True, slots=True)
class Pending:
    """One dirty path.

    Attributes:
        due: When to read it.
        moved_from: Path that it was renamed from, where an event said so.
        seen: Signature it must still have when it is due, None where its writer is known to have closed it.
        since: When it began to change again and again, None where it waits for another reason.
    """

    due: float
    moved_from: str | None = None
    seen: FileSignature | None = None
    since: float | None = None


_PATIENCE = 4
"""So many times the pause between two changes a file must rest, if it changes again and again."""


def rest_after(pause_s: float, settle_s: float, quiet_s: float) -> float:
    """Return for how many seconds a file must rest that was closed *pause_s* after it was closed before.

    A file that a program appends to piece by piece is closed after each of them: the slower it comes, the longer it
    takes to be sure of the end. After a pause of *quiet_s* the next change counts as the first one.

    Args:
        pause_s: Seconds from the last time to this one.
        settle_s: Rest after a single change.
        quiet_s: Rest where nobody says that the writer has finished.
    """
    return settle_s if pause_s >= quiet_s else max(settle_s, min(quiet_s, _PATIENCE * pause_s))


class Settler:
    """Collects hints; all times are seconds of one monotonic clock, so that clock changes do no harm."""

    def __init__(self) -> None:
        self._pending: dict[str, Pending] = {}

    def __len__(self) -> int:
        return len(self._pending)

    def __contains__(self, path: object) -> bool:
        return path in self._pending

    def mark(self, path: str, hint: Pending) -> None:
        """Note that *path* should be read when *hint* says; the latest hint counts, an older origin is kept."""
        known = self._pending.get(path)
        origin = hint.moved_from or (known.moved_from if known else None)
        if hint.moved_from is not None and (earlier := self._pending.get(hint.moved_from)) is not None:
            origin = earlier.moved_from or hint.moved_from
        since = hint.since if known is None or known.since is None else known.since
        self._pending[path] = Pending(hint.due, origin, hint.seen, since)

    def take(self, now: float) -> dict[str, Pending]:
        """Remove and return the paths that are due, and those that traded names with one of them.

        Their events come one after the other, but read alone each would look like a copy of the other.
        """
        due = {path: item for path, item in self._pending.items() if item.due <= now}
        while due and (partners := self._partners(due)):
            due.update(partners)
        for path in due:
            del self._pending[path]
        return due

    def _partners(self, due: Mapping[str, Pending]) -> dict[str, Pending]:
        origins = {item.moved_from for item in due.values()}
        return {
            path: item
            for path, item in self._pending.items()
            if path not in due and item.seen is None and (path in origins or item.moved_from in due)
        }

    def restless(self, since: float) -> list[str]:
        """Return the paths that change again and again, from *since* or earlier up to now."""
        return [path for path, item in self._pending.items() if item.since is not None and item.since <= since]

    def next_due(self) -> float | None:
        """Return when the next path is due, None if nothing is pending."""
        return min((item.due for item in self._pending.values()), default=None)
