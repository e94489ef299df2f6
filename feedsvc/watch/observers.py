"""watchdog's observers: opening, looking after and closing them."""

from __future__ import annotations

import errno
import threading
import warnings
from operator import attrgetter
from time import monotonic
from typing import TYPE_CHECKING, Literal, Protocol

from watchdog.observers import Observer
from watchdog.observers.polling import PollingObserver

from feedsvc.observe import get_logger
from feedsvc.watch.hints import INOTIFY_EVENTS, POLLING_EVENTS

if TYPE_CHECKING:
    from watchdog.events import FileSystemEventHandler
    from watchdog.observers.api import BaseObserver

_log = get_logger(__name__)

# A folder that is found twice while it is made is watched once all the same; no operator can do anything about it.
warnings.filterwarnings("ignore", "Callback with id '[0-9]+' already exists for watch", RuntimeWarning)

Mode = Literal["inotify", "polling", "off"]

MOVE_PAIRING_S = 0.02
"""How long the two halves of a rename are waited for. watchdog waits 0.5 s and holds back all later events meanwhile,
whenever a file is moved out of the inbox; the kernel writes both halves at once."""

CLOSE_S = 5.0
"""How long closing an observer may take; on a hung network share its threads are left behind."""

_LIMITS = {
    errno.ENOSPC: "fs.inotify.max_user_watches",
    errno.EMFILE: "fs.inotify.max_user_instances",
}


class MakeObserver(Protocol):
    """Builds an observer that is not yet started; *poll_s* only matters to polling."""

    def __call__(self, mode: Mode, poll_s: float) -> BaseObserver:
        """Return a new observer."""
        ...


def make_observer(mode: Mode, poll_s: float) -> BaseObserver:
    """Return a new observer of watchdog, not yet started.

    Raises:
        OSError: ``EMFILE`` if the user has no inotify instance left.
    """
    return PollingObserver(timeout=poll_s) if mode == "polling" else Observer()


def open_observer(observer: BaseObserver, mode: Mode, root: str, handler: FileSystemEventHandler) -> list[str]:
    """Let *observer* watch *root* and everything below it; it is closed again if that fails.

    Returns:
        The kernel settings that kept it from watching a folder below *root*; more may be added to it later.

    Raises:
        OSError: The folder cannot be watched.
    """
    events = POLLING_EVENTS if mode == "polling" else INOTIFY_EVENTS
    refusals: list[str] = []
    try:
        _note_refusals(observer, refusals)
        observer.schedule(handler, root, recursive=True, event_filter=list(events))
        observer.start()
    except BaseException:
        close_observer(observer)
        raise
    _shorten_move_pairing(observer)
    return refusals


def _note_refusals(observer: BaseObserver, refusals: list[str]) -> None:
    """Hear what watchdog keeps to itself: that a folder below the first one is not watched because of a limit."""
    reader = getattr(observer, "_inotify_fd", None)
    add = getattr(reader, "add_callback", None)
    if reader is None or add is None:
        return

    def add_callback(*arguments: object) -> object:
        try:
            return add(*arguments)
        except OSError as error:
            limit = limit_reached(error)
            if limit is not None and limit not in refusals:
                refusals.append(limit)
            raise

    reader.add_callback = add_callback


def limit_reached(error: OSError) -> str | None:
    """Return the name of the kernel setting that *error* ran into, or None."""
    return _LIMITS.get(error.errno or 0)


def _shorten_move_pairing(observer: BaseObserver) -> None:
    """Set a delay that watchdog keeps private; without that attribute moves out stay slow, which harms nothing."""
    for emitter in observer.emitters:
        try:
            attrgetter("_inotify._move_event_grouper._queue")(emitter).delay = MOVE_PAIRING_S
        except AttributeError:
            continue


def ailment(observer: BaseObserver) -> str | None:
    """Return what is wrong with a started *observer*, or None: each of its threads may end on its own."""
    if not observer.is_alive():
        return "the thread that handles events has ended"
    if not observer.emitters or not all(emitter.is_alive() for emitter in observer.emitters):
        return "the thread that collects events has ended"
    reader: threading.Thread | None = getattr(observer, "_inotify_fd", None)
    if reader is not None and not reader.is_alive():
        return "the thread that reads events from the kernel has ended"
    return None


def close_observer(observer: BaseObserver) -> None:
    """Stop *observer* and wait for its threads, a few seconds at most."""
    deadline = monotonic() + CLOSE_S
    # stopping waits without end for a thread that hangs in the file system, so it gets a thread of its own
    stopper = threading.Thread(target=_stop, args=(observer,), name="watch-close", daemon=True)
    stopper.start()
    for thread in (stopper, observer):
        if thread.ident is not None:
            thread.join(max(0.0, deadline - monotonic()))
    if stopper.is_alive() or observer.is_alive():
        _log.warning("watch.close_hangs", detail="the inbox does not answer; its watcher is left behind")


def _stop(observer: BaseObserver) -> None:
    try:
        observer.stop()
    except Exception as error:  # noqa: BLE001, RUF100 - it is thrown away in any case
        _log.warning("watch.close_failed", exc_info=error)
