"""The watcher of the inbox and of what is mounted in it: notices when it went blind, and begins anew."""

from __future__ import annotations

import os
import threading
from typing import TYPE_CHECKING, Protocol

from feedsvc.observe import get_logger
from feedsvc.watch.hints import RESCAN, Hint, OverflowListener
from feedsvc.watch.mounts import submounts
from feedsvc.watch.observers import MakeObserver, make_observer
from feedsvc.watch.place import Place, Polling, WatchOptions, WatchStatus

if TYPE_CHECKING:
    from collections.abc import Iterator

_log = get_logger(__name__)


class HintSink(Protocol):
    """Takes hints, from any thread; a ``queue.SimpleQueue`` does."""

    def put(self, item: Hint, /) -> None:
        """Take one hint."""


class InboxWatcher:
    """Puts a hint into a queue for whatever happens below a folder.

    Another file system that is mounted inside, such as a network share, is a place of its own: it is tested by itself
    and polled if need be, while the rest is not. All methods may be called from any thread. A folder that is missing
    or cannot be watched is no error: `heal` tries again, and the scans go on meanwhile.

    Args:
        root: The inbox.
        hints: Takes the hints; emptied by someone else.
        polling: ``auto`` polls where events do not arrive, as on network shares.
        poll_s: Seconds from one poll to the next.
        probe_s: Seconds within which the event of the self-test must arrive.
        make: Builds watchdog's observers.
    """

    def __init__(
        self,
        root: str,
        hints: HintSink,
        *,
        polling: Polling = "auto",
        poll_s: float = 1.0,
        probe_s: float = 2.0,
        make: MakeObserver = make_observer,
    ) -> None:
        self._root, self._hints = root, hints
        self._options = WatchOptions(polling, poll_s, probe_s, make)
        self._lock = threading.RLock()
        self._overflow = OverflowListener(hints.put)
        self._is_started = False
        self._inbox = Place(root, "", hints.put, self._options)
        self._mounts: dict[str, Place] = {}

    def start(self) -> None:
        """Begin to watch; takes up to *probe_s* where events do not arrive. Starting twice is no error."""
        with self._lock:
            if not self._is_started:
                self._is_started = True
                self._overflow.attach()
                self._inbox.open()
                self._follow_mounts()

    def stop(self) -> None:
        """Stop watching and wait a few seconds at most for the threads. Stopping twice is no error."""
        with self._lock:
            self._is_started = False
            self._overflow.detach()
            for place in self._places():
                place.close("stopped")
            self._mounts = {}

    def heal(self) -> bool:
        """Begin anew what died, was replaced, or is newly mounted; call it every few seconds.

        Returns:
            Whether a folder is watched again after it was not; a rescan has then been asked for.
        """
        with self._lock:
            if not self._is_started:
                return False
            healed = [self._heal(place) for place in self._places()]
            if self._follow_mounts():
                self._hints.put(RESCAN)
                return True
            return any(healed)

    @property
    def status(self) -> WatchStatus:
        """How the inbox is watched at this moment, and what is watched in another way or not at all."""
        inbox = self._inbox.status
        others = {path: place.status for path, place in self._mounts.items()}
        told = [
            f"{path}: {other.detail}" for path, other in others.items() if (other.mode, other.is_alive) != _AS_USUAL
        ]
        is_alive = inbox.is_alive and all(other.is_alive for other in others.values())
        return WatchStatus(inbox.mode, is_alive, "; ".join([inbox.detail, *told]))

    def _places(self) -> Iterator[Place]:
        yield self._inbox
        yield from self._mounts.values()

    def _heal(self, place: Place) -> bool:
        reason = place.complaint()
        if reason is None:
            return False
        was_watching = place.status.mode != "off"
        if was_watching:
            _log.warning("watch.broken", inbox=self._root, detail=reason)
        place.close(reason)
        is_watching = place.open()
        if was_watching or is_watching:
            self._hints.put(RESCAN)  # after the new observer began, so that nothing falls in between
        return is_watching

    def _follow_mounts(self) -> bool:
        """Begin to watch what was mounted since the last look, forget what is mounted no more; tell of a change.

        Whoever polls the inbox polls all that is mounted in it.
        """
        root = os.path.realpath(self._root)
        points = submounts(root) if self._inbox.status.mode == "inotify" else []
        paths = {os.path.relpath(point, root): point for point in points}
        gone = self._mounts.keys() - paths.keys()
        new = [path for path in paths if path not in self._mounts and os.path.isdir(paths[path])]
        for path in gone:
            self._mounts.pop(path).close("mounted no more")
        for path in new:
            self._mounts[path] = Place(paths[path], f"{path}/", self._hints.put, self._options)
            self._mounts[path].open()
        return bool(gone or new)


_AS_USUAL = ("inotify", True)
