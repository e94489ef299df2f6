"""One folder and the observer that watches it: the inbox, or another file system mounted inside it."""

from __future__ import annotations

import os
import stat
import threading
from contextlib import suppress
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

from feedsvc.files import remove_if_there
from feedsvc.observe import get_logger
from feedsvc.watch.hints import PROBE_PREFIX, Hint, HintHandler
from feedsvc.watch.mounts import network_share
from feedsvc.watch.observers import MakeObserver, Mode, ailment, close_observer, limit_reached, open_observer

if TYPE_CHECKING:
    from collections.abc import Callable

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
class WatchOptions:
    """How folders are watched.

    Attributes:
        polling: ``auto`` polls where events do not arrive, as on network shares.
        poll_s: Seconds from one poll to the next.
        probe_s: Seconds within which the event of the self-test must arrive.
        make: Builds watchdog's observers.
    """

    polling: Polling
    poll_s: float
    probe_s: float
    make: MakeObserver


@dataclass(frozen=True, slots=True)
class _Watch:
    """A running observer, the folder that it was started on, and the kernel's limits that it met."""

    observer: BaseObserver
    mode: Mode
    identity: _Identity
    refusals: list[str]


class Place:
    """Chooses how to watch a folder, and notices when its observer went blind. Its owner takes care of locking.

    Args:
        folder: The folder.
        prefix: Where it lies below the inbox, with a slash at its end; empty for the inbox itself.
        put: Takes hints, from any thread.
        options: How folders are watched.
    """

    def __init__(self, folder: str, prefix: str, put: Callable[[Hint], None], options: WatchOptions) -> None:
        self._folder, self._prefix, self._put, self._options = folder, prefix, put, options
        self._what = f"the folder {prefix}" if prefix else "the inbox"
        self._watch: _Watch | None = None
        self._probe_seen = threading.Event()
        self._detail = "not started"

    @property
    def status(self) -> WatchStatus:
        """How the folder is watched at this moment."""
        watch, detail = self._watch, self._detail
        if watch is None:
            return WatchStatus("off", is_alive=False, detail=detail)
        trouble = ailment(watch.observer)
        return WatchStatus(watch.mode, is_alive=trouble is None, detail=trouble or detail)

    def complaint(self) -> str | None:
        """Return why the folder is not watched as it should be, None if it is."""
        if self._watch is None:
            return self._detail
        if _identity(self._folder) != self._watch.identity:
            return f"{self._what} was replaced, or is missing"
        if self._watch.refusals and self._options.polling == "auto":
            return _at_the_limit(self._watch.refusals[0])
        return ailment(self._watch.observer)

    def open(self) -> bool:
        """Begin to watch in the first mode that works, and tell whether one does; takes a while for the self-test."""
        problem = self._choose()
        if problem is not None and problem != self._detail:
            _log.warning("watch.off", folder=self._folder, detail=problem)
        if problem is not None:
            self._detail = problem
        return problem is None

    def close(self, detail: str) -> None:
        """Stop watching and wait a few seconds at most for the threads; *detail* says why."""
        watch, self._watch, self._detail = self._watch, None, detail
        if watch is not None:
            close_observer(watch.observer)

    def _choose(self) -> str | None:
        """Begin in the first mode that works; return why none does, or None."""
        root = os.path.realpath(self._folder)  # inotify would watch a link itself
        identity = _identity(root)
        if identity is None:
            return f"{self._what} is missing, not a folder, or may not be read"
        problem: str | None = None
        for mode in _MODES[self._options.polling]:
            reason, problem = problem, self._open_as(mode, root, identity, problem)
            if problem is None:
                break
            if reason is not None:
                problem = f"{problem}; {reason}"
        return problem

    def _open_as(self, mode: Mode, root: str, identity: _Identity, reason: str | None) -> str | None:
        """Begin in this *mode*, to which *reason* led, if any; return why that is not possible, or None."""
        is_in_doubt = mode == "inotify" and self._options.polling == "auto"
        if is_in_doubt and (share := network_share(root)):
            return f"{self._what} lies on a network share ({share}), where what other machines do makes no events"
        if reason is not None:
            _log.warning("watch.polling", folder=self._folder, every_s=self._options.poll_s, detail=reason)
        handler = HintHandler(root, self._put, self._probe_seen.set, self._prefix)
        try:
            observer = self._options.make(mode, self._options.poll_s)
            refusals = open_observer(observer, mode, root, handler)
        except OSError as error:
            return self._why_not(error)
        if is_in_doubt and (doubt := self._doubt(root, refusals)):
            close_observer(observer)
            return doubt
        self._watch = _Watch(observer, mode, identity, refusals)
        self._detail = "watching" if mode == "inotify" else f"looking every {self._options.poll_s:g} s"
        if reason is not None:
            self._detail += f", because {reason}"
        _log.info("watch.started", folder=self._folder, mode=mode)
        return None

    def _doubt(self, root: str, refusals: list[str]) -> str | None:
        """Return why an open observer cannot be relied on, or None."""
        if refusals:
            return _at_the_limit(refusals[0])
        if not self._events_arrive(root):
            return f"no event arrived within {self._options.probe_s:g} s of writing a file"
        return None

    def _events_arrive(self, root: str) -> bool:
        """Write a hidden file and see whether its event comes; a folder that cannot be written passes."""
        probe = os.path.join(root, f"{PROBE_PREFIX}{os.getpid()}")
        self._probe_seen.clear()
        try:
            remove_if_there(probe)
            os.close(os.open(probe, os.O_CREAT | os.O_EXCL | os.O_WRONLY | os.O_CLOEXEC, 0o600))
        except OSError as error:
            _log.info("watch.untested", folder=self._folder, detail=f"it cannot be written: {error.strerror}")
            return True
        is_seen = self._probe_seen.wait(self._options.probe_s)
        with suppress(OSError):
            remove_if_there(probe)
        return is_seen

    def _why_not(self, error: OSError) -> str:
        limit = limit_reached(error)
        if limit is None:
            return f"{self._what} cannot be watched: {error.strerror}"
        return _at_the_limit(limit)


def _at_the_limit(setting: str) -> str:
    return f"the kernel allows no more watching; raise {setting} with sysctl"


def _identity(root: str) -> _Identity | None:
    """Return what tells the folder *root* from any other, None if it cannot be watched."""
    try:
        status = os.stat(root)
    except OSError:
        return None
    if not stat.S_ISDIR(status.st_mode) or not os.access(root, os.R_OK | os.X_OK):
        return None
    return status.st_dev, status.st_ino
