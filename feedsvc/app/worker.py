"""The one thread that reads the inbox and publishes: it sleeps until somebody hints that there is work."""

from __future__ import annotations

import functools
import queue
import threading
import time
from typing import TYPE_CHECKING

from feedsvc.app.narrate import narrate, narrate_publication
from feedsvc.app.requests import Message, Request
from feedsvc.errors import FeedsvcError, InboxUnavailableError
from feedsvc.ingest import is_folder_file
from feedsvc.observe import get_logger
from feedsvc.watch import DirtyKind, Hint

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from feedsvc.app.health import Health
    from feedsvc.app.rests import Rests
    from feedsvc.ingest import Ingest, Pending, Rehash, Report
    from feedsvc.publish import Publisher

_log = get_logger(__name__)

_READ_AT_ONCE = 500
_PUBLISH_EVERY_S = 2.0
"""How long feeds may lag behind while more and more files arrive."""
_IDLE_S = 10.0
_RETRY_S = 5.0
_SCAN_OVERDUE_S = 180.0
"""Scan without being asked after this long: schedulers sleep when somebody sets the clock back."""


_RETRY = {
    "scan": Request.SCAN,
    "read": Request.SCAN,
    "release": Request.RELEASE,
    "rehash": Request.REHASH,
    "publish": Request.PUBLISH,
}
"""What is asked for again when a step failed: a scan finds the files that could not be read."""


class Worker:
    """Turns hints and requests into calls of ingest and publish, one after the other.

    Args:
        ingest: Reads the inbox.
        publisher: Writes the feeds.
        inbox: Messages from the watcher, the scheduler and the signal handler.
        health: Told how each step went.
        rests: Knows which files have rested.
        on_all_read: Called once after the first scan was read and published.
    """

    def __init__(
        self,
        ingest: Ingest,
        publisher: Publisher,
        inbox: queue.SimpleQueue[Message],
        health: Health,
        *,
        rests: Rests,
        on_all_read: Callable[[], None],
    ) -> None:
        self._ingest, self._publisher, self._inbox, self._health = ingest, publisher, inbox, health
        self._rests = rests
        self._on_all_read = on_all_read
        self._rehash: Rehash | None = None
        self._unread: set[str] = set()
        self._later: dict[Request, float] = {}
        self._asked: set[Request] = {Request.SCAN, Request.RELEASE, Request.PUBLISH}
        self._next_publication = 0.0
        self._scan_overdue = float("inf")
        self._removals_settled = float("-inf")
        self._is_first_scan_done = False
        self._stopping = threading.Event()
        self._thread = threading.Thread(target=self._run, name="feedsvc-worker", daemon=True)

    def start(self) -> None:
        """Begin with a scan of the whole inbox."""
        self._thread.start()

    def ask(self, request: Request) -> None:
        """Ask for a piece of work; asking twice before it is done is the same as asking once."""
        self._inbox.put(request)

    def stop(self, timeout_s: float) -> None:
        """Finish the transaction at hand and end; what is unread is found by the next start."""
        self._stopping.set()
        self._inbox.put(Request.STOP)
        self._thread.join(timeout_s)

    @property
    def is_alive(self) -> bool:
        """Whether the thread runs."""
        return self._thread.is_alive()

    def _run(self) -> None:
        while not self._stopping.is_set():
            self._health.beat()
            self._collect()
            self._turn()

    def _turn(self) -> None:
        """Do what is due, in the order in which it depends on each other."""
        self._recall()
        if self._unread:
            self._attempt("read", self._mark_users)
        if time.monotonic() > self._scan_overdue:
            self._asked |= {Request.SCAN, Request.RELEASE, Request.PUBLISH}  # the scheduler sleeps: see _SCAN_OVERDUE_S
        if self._is_asked(Request.SCAN) or self._is_removal_due():
            self._attempt("scan", self._scan)
        if self._is_asked(Request.RELEASE):
            self._attempt("release", self._release)
        self._look_at_files()
        if Request.PUBLISH in self._asked and (not self._has_backlog() or time.monotonic() >= self._next_publication):
            self._attempt("publish", self._publish)

    def _look_at_files(self) -> None:
        if due := self._rests.due():
            self._attempt("read", lambda: self._read_due(due))
        if growing := self._rests.growing():
            self._attempt("read", lambda: self._follow_up(self._ingest.note_growing(growing)))
        if self._is_asked(Request.REHASH) and self._next_rehash() is None:
            self._attempt("rehash", self._begin_rehash)
        moment = self._next_rehash()
        if moment is not None and moment <= time.monotonic() and not self._has_backlog():
            self._attempt("rehash", self._go_on_rehashing)

    def _is_asked(self, request: Request) -> bool:
        if request not in self._asked:
            return False
        self._asked.discard(request)
        return True

    def _is_removal_due(self) -> bool:
        removal = self._next_removal()
        return removal is not None and removal <= time.monotonic()

    def _attempt(self, name: str, step: Callable[[], None]) -> bool:
        """Take one step and tell whether it went well; whatever goes wrong, a later scan or publication tries again."""
        if self._stopping.is_set():
            return False
        try:
            step()
        except InboxUnavailableError as error:
            self._health.report("inbox", str(error))
        except (FeedsvcError, OSError) as error:
            self._health.report(name, str(error))
            _log.error(f"{name}.failed", detail=str(error))
            self._later[_RETRY[name]] = time.monotonic() + _RETRY_S
        except Exception as error:
            self._health.report(name, f"{type(error).__name__}: {error}")
            _log.exception(f"{name}.crashed")
        else:
            self._health.report(name, None)
            return True
        return False

    def _recall(self) -> None:
        """Ask again for what failed a while ago."""
        now = time.monotonic()
        due = [request for request, moment in self._later.items() if moment <= now]
        for request in due:
            del self._later[request]
            self._asked.add(request)

    # Messages

    def _collect(self) -> None:
        """Wait for something to do, then take in everything that has arrived."""
        try:
            self._take(self._inbox.get(timeout=self._patience()))
            while True:
                self._take(self._inbox.get_nowait())
        except queue.Empty:
            return

    def _patience(self) -> float:
        if self._asked:
            return 0.0
        now = time.monotonic()
        due = (self._rests.next_due(), self._next_removal(), self._next_rehash(), *self._later.values())
        return min(
            max(min((moment for moment in due if moment is not None), default=now + _IDLE_S) - now, 0.0), _IDLE_S
        )

    def _next_removal(self) -> float | None:
        """Return when a grace ends that no scan has looked at yet: what was held then waits for an operator."""
        due = self._ingest.next_removal()
        return due if due is not None and due > self._removals_settled else None

    def _next_rehash(self) -> float | None:
        return None if self._rehash is None else self._rehash.next_due()

    def _take(self, message: Message) -> None:
        if isinstance(message, Request):
            self._asked.add(message)
        elif message.kind is DirtyKind.RESCAN:
            self._asked.add(Request.SCAN)
        elif is_folder_file(message.path):
            self._later[Request.SCAN] = time.monotonic() + self._rests.quiet_s
        elif not self._rests.mark(message):
            self._unread.add(message.path)

    def _mark_users(self) -> None:
        """Mark the texts that name one of the files about which events came though they are no texts."""
        unread, self._unread = self._unread, set()
        for path in self._ingest.users_of(unread):
            self._rests.mark(Hint(DirtyKind.TOUCHED, path))

    def _has_backlog(self) -> bool:
        return not self._inbox.empty() or self._rests.is_any_due()

    # Steps

    def _scan(self) -> None:
        self._scan_overdue = time.monotonic() + _SCAN_OVERDUE_S
        scan, paths = self._ingest.look()
        self._health.report("inbox", None)
        rested = [path for path in paths if self._rests.has_rested(path, scan.files[path])]
        is_read = self._attempt("read", lambda: self._read(rested, {}))
        if not is_read or self._stopping.is_set():
            return
        self._removals_settled = time.monotonic()
        report = self._ingest.settle_removals(scan)
        self._health.hold(report.held)
        self._follow_up(report)
        if not self._is_first_scan_done:
            self._publish()
            self._is_first_scan_done = True
            self._on_all_read()

    def _begin_rehash(self) -> None:
        self._rehash = self._ingest.rehash()

    def _go_on_rehashing(self) -> None:
        rehash, self._rehash = self._rehash, None  # if it fails, all of it is begun anew: no file may be left out
        if rehash is not None:
            if changed := rehash.next_changed():
                _log.info("files.changed_unseen", files=len(changed))
                self._read(changed, {})
            self._rehash = rehash

    def _release(self) -> None:
        self._follow_up(self._ingest.release_due())

    def _read_due(self, due: Mapping[str, Pending]) -> None:
        moved_from = {path: pending.moved_from for path, pending in due.items() if pending.moved_from is not None}
        self._read(sorted(due), moved_from)

    def _read(self, paths: Sequence[str], moved_from: Mapping[str, str]) -> None:
        for start in range(0, len(paths), _READ_AT_ONCE):
            if self._stopping.is_set():
                return
            self._read_batch(paths[start : start + _READ_AT_ONCE], moved_from)
            if len(paths) > _READ_AT_ONCE and time.monotonic() >= self._next_publication:
                self._attempt("publish", self._publish)

    def _read_batch(self, paths: Sequence[str], moved_from: Mapping[str, str]) -> None:
        try:
            self._follow_up(self._ingest.process(paths, moved_from))
            self._health.report("read", None)
        except (FeedsvcError, OSError):
            raise
        except Exception:
            if len(paths) == 1:
                raise
            _log.exception("read.batch_crashed", files=len(paths))
            for path in paths:  # one of them is the culprit; the others must not suffer
                self._attempt("read", functools.partial(self._read_batch, [path], moved_from))

    def _follow_up(self, report: Report) -> None:
        """Tell what happened, and arrange what follows from it."""
        narrate(report)
        self._rests.wait(report.again)
        if report.changed:
            self._asked.add(Request.PUBLISH)
        if self._health.held & (report.files.keys() | report.left):
            self._asked.add(Request.SCAN)  # whether the others are still held, only a scan can tell

    def _publish(self) -> None:
        self._asked.discard(Request.PUBLISH)
        self._next_publication = time.monotonic() + _PUBLISH_EVERY_S
        publication = self._publisher.publish_due()
        narrate_publication(publication)
        self._health.report(
            "feeds", f"not valid, so not replaced: {', '.join(publication.failed)}" if publication.failed else None
        )
