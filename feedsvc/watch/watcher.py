"""The watcher of the inbox: chooses how to watch, notices when it went blind, and begins anew."""

from __future__ import annotations

import os
import stat
import threading
from contextlib import suppress
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal, Protocol

from feedsvc.files import remove_if_there
from feedsvc.observe import get_logger
from feedsvc.watch.hints import PROBE_PREFIX, RESCAN, Hint, HintHandler, OverflowListener
from feedsvc.watch.mounts import network_share
from feedsvc.watch.observers import (
    MakeObserver,
    Mode,
    ailment,
    close_observer,
    limit_reached,
    make_observer,
    open_observer,
)

if TYPE_CHECKING:
    from watchdog.observers.api import BaseObserver

_log = get_logger(__name__)

Polling = Literal["auto", "always", "never"]
_Identity = tuple[int, int]

_MODES: dict[Polling, tuple[Mode, ...]] = {
    "auto": ("inotify", "polling"),
    "always": ("polling",),
    "never": ("inotify",),
}
"""What is tried, in this order."""


@dataclass(frozen=True, slots=True)
class WatchStatus:
    """How the inbox is watched now; ``detail`` is a sentence for the operator."""

    mode: Mode
    is_alive: bool
    detail: str


@dataclass(frozen=True, slots=True)
class _Watch:
    """A running observer, and the folder that it was started on."""

    observer: BaseObserver
    mode: Mode
    identity: _Identity


class HintSink(Protocol):
    """Takes hints, from any thread; a ``queue.SimpleQueue`` does."""

    def put(self, item: Hint, /) -> None:
        """Take one hint."""


class InboxWatcher:
    """Puts a hint into a queue for whatever happens below a folder.

    All methods may be called from any thread. A folder that is missing or cannot be watched is no error: `heal`
    tries again, and the scans go on meanwhile.

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
        self._root, self._hints, self._make = root, hints, make
        self._polling, self._poll_s, self._probe_s = polling, poll_s, probe_s
        self._lock = threading.RLock()
        self._overflow = OverflowListener(hints.put)
        self._is_started = False
        self._watch: _Watch | None = None
        self._probe_seen = threading.Event()
        self._detail = "not started"

    def start(self) -> None:
        """Begin to watch; takes up to *probe_s* where events do not arrive. Starting twice is no error."""
        with self._lock:
            if not self._is_started:
                self._is_started = True
                self._overflow.attach()
                self._open()

    def stop(self) -> None:
        """Stop watching and wait a few seconds at most for the threads. Stopping twice is no error."""
        with self._lock:
            self._is_started = False
            self._overflow.detach()
            self._close("stopped")

    def heal(self) -> bool:
        """Begin anew if the watcher died or its folder was replaced; call it every few seconds.

        Returns:
            Whether the inbox is watched again after it was not; a rescan has then been asked for.
        """
        with self._lock:
            reason = self._complaint()
            if reason is None:
                return False
            was_watching = self._watch is not None
            if was_watching:
                _log.warning("watch.broken", inbox=self._root, detail=reason)
            self._close(reason)
            is_watching = self._open()
            if was_watching or is_watching:
                self._hints.put(RESCAN)  # after the new observer began, so that nothing falls in between
            return is_watching

    @property
    def status(self) -> WatchStatus:
        """How the inbox is watched at this moment."""
        watch, detail = self._watch, self._detail
        if watch is None:
            return WatchStatus("off", is_alive=False, detail=detail)
        trouble = ailment(watch.observer)
        return WatchStatus(watch.mode, is_alive=trouble is None, detail=trouble or detail)

    def _complaint(self) -> str | None:
        if not self._is_started:
            return None
        if self._watch is None:
            return self._detail
        if _identity(self._root) != self._watch.identity:
            return "the inbox was replaced, or is missing"
        return ailment(self._watch.observer)

    def _open(self) -> bool:
        problem = self._choose()
        if problem is not None and problem != self._detail:
            _log.warning("watch.off", inbox=self._root, detail=problem)
        if problem is not None:
            self._detail = problem
        return problem is None

    def _choose(self) -> str | None:
        """Begin in the first mode that works; return why none does, or None."""
        root = os.path.realpath(self._root)  # inotify would watch a link itself
        identity = _identity(root)
        if identity is None:
            return "the inbox is missing, not a folder, or may not be read"
        problem: str | None = None
        for mode in _MODES[self._polling]:
            if problem is not None:
                _log.warning("watch.polling", inbox=self._root, every_s=self._poll_s, detail=problem)
            problem = self._open_as(mode, root, identity)
            if problem is None:
                break
        return problem

    def _open_as(self, mode: Mode, root: str, identity: _Identity) -> str | None:
        is_in_doubt = mode == "inotify" and self._polling == "auto"
        if is_in_doubt and (share := network_share(root)):
            return f"the inbox lies on a network share ({share}), where what other machines do makes no events"
        handler = HintHandler(root, self._hints.put, self._probe_seen.set)
        try:
            observer = self._make(mode, self._poll_s)
            open_observer(observer, mode, root, handler)
        except OSError as error:
            return _why_not(error)
        if is_in_doubt and not self._events_arrive(root):
            close_observer(observer)
            return f"no event arrived within {self._probe_s:g} s of writing a file"
        self._watch = _Watch(observer, mode, identity)
        self._detail = "watching" if mode == "inotify" else f"looking every {self._poll_s:g} s"
        _log.info("watch.started", inbox=self._root, mode=mode)
        return None

    def _events_arrive(self, root: str) -> bool:
        """Write a hidden file and see whether its event comes; an inbox that cannot be written passes."""
        probe = os.path.join(root, f"{PROBE_PREFIX}{os.getpid()}")
        self._probe_seen.clear()
        try:
            remove_if_there(probe)
            os.close(os.open(probe, os.O_CREAT | os.O_EXCL | os.O_WRONLY | os.O_CLOEXEC, 0o600))
        except OSError as error:
            _log.info("watch.untested", inbox=self._root, detail=f"the inbox cannot be written: {error.strerror}")
            return True
        is_seen = self._probe_seen.wait(self._probe_s)
        with suppress(OSError):
            remove_if_there(probe)
        return is_seen

    def _close(self, detail: str) -> None:
        watch, self._watch, self._detail = self._watch, None, detail
        if watch is not None:
            close_observer(watch.observer)


def _identity(root: str) -> _Identity | None:
    """Return what tells the folder *root* from any other, None if it cannot be watched."""
    try:
        status = os.stat(root)
    except OSError:
        return None
    if not stat.S_ISDIR(status.st_mode) or not os.access(root, os.R_OK | os.X_OK):
        return None
    return status.st_dev, status.st_ino


def _why_not(error: OSError) -> str:
    limit = limit_reached(error)
    if limit is None:
        return f"the inbox cannot be watched: {error.strerror}"
    return f"the kernel allows no more watching; raise {limit} with sysctl"
