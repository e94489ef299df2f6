"""The daemon: builds all parts, starts and stops them in order, and waits for a signal."""

from __future__ import annotations

import contextlib
import os
import queue
import signal
import threading
import time
from typing import TYPE_CHECKING

from feedsvc import __version__
from feedsvc.app.health import Health
from feedsvc.app.mailer import Mailer
from feedsvc.app.preparation import prepare
from feedsvc.app.project import Project, open_project
from feedsvc.app.reader_desk import open_desk
from feedsvc.app.requests import Message, Request
from feedsvc.app.rests import Rests
from feedsvc.app.returns import open_listener
from feedsvc.app.worker import Worker
from feedsvc.files import StateLock
from feedsvc.observe import HealthCheck, configure_logging, get_logger
from feedsvc.schedule import Scheduler, service_jobs
from feedsvc.watch import InboxWatcher
from feedsvc.web import WebServer, create_app

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from feedsvc.observe import HealthReport
    from feedsvc.settings import Settings
    from feedsvc.store import SqlStore

_log = get_logger(__name__)

_HEAL_EVERY_S = 5.0
_LOOK_UP_S = 0.5
_STOP_WITHIN_S = 3.0
_DIGESTS_EVERY_S = 15.0
"""Between two looks at who is due; the look decides, the clock only reminds."""
_LETTERS_WITHIN_S = 1.0
_ALL_WITHIN_S, _LEAST_S = 4.0, 0.1


def run_service(settings: Settings) -> None:
    """Run until SIGTERM or SIGINT, then end cleanly in under five seconds.

    Raises:
        StoreLockedError: Another daemon works on this state folder.
        FeedsvcError: A part cannot start; the sentence says which, why, and what to do.
    """
    configure_logging(settings.log.format, settings.log.level)
    threading.excepthook = _log_thread_failure
    signals: queue.SimpleQueue[int] = queue.SimpleQueue()
    with _told_by(signals), _lock(settings):
        project = open_project(settings)
        os.makedirs(project.examiner.root, exist_ok=True)
        os.makedirs(settings.publish_folder, exist_ok=True)
        store = project.open_store()
        with contextlib.closing(store):
            daemon = Daemon(project, store)
            with daemon.running():
                _wait_for(signals)
                _log.info("service.stopping")
        _log.info("service.stopped")


class Daemon:
    """All parts of a running site, wired together."""

    def __init__(self, project: Project, store: SqlStore) -> None:
        settings = project.settings
        self._project, self._store = project, store
        self._messages: queue.SimpleQueue[Message] = queue.SimpleQueue()
        self._health = Health()
        publisher = project.publisher(store)
        prepare(project, store, publisher)
        ingest = project.ingest(store)
        self._worker = Worker(
            ingest,
            publisher,
            self._messages,
            self._health,
            rests=Rests(project.policy, ingest.signature, settings.inbox.settle_ms / 1000),
            on_all_read=self._note_ready,
        )
        self._watcher = InboxWatcher(project.examiner.root, self._messages, polling=settings.inbox.polling)
        self._mailer = Mailer(project, store) if settings.digests.enabled else None
        self._scheduler = Scheduler(
            service_jobs(
                reconcile=lambda: self._worker.ask(Request.SCAN),
                release=lambda: self._worker.ask(Request.RELEASE),
                publish=lambda: self._worker.ask(Request.PUBLISH),
                heal=self._heal,
                rehash=lambda: self._worker.ask(Request.REHASH),
                digests=self._mailer.look if self._mailer else lambda: None,
                digests_s=min(_DIGESTS_EVERY_S, settings.digests.quiet_s),
                reconcile_s=settings.inbox.reconcile_s,
                heal_s=min(_HEAL_EVERY_S, settings.inbox.reconcile_s),
                rehash_s=settings.inbox.rehash_s,
            ),
            on_error=_log_job_failure,
        )
        self._desk = open_desk(project, store) if settings.has_reader_pages else None
        self._listener = open_listener(project, store) if settings.mail.bounce_listen else None
        app = create_app(
            str(settings.publish_folder),
            project.site.url,
            self._answer,
            max_age_s=settings.web.max_age_s,
            pages=self._desk.pages if self._desk else None,
        )
        self._web = WebServer(app, settings.web.host, settings.web.port) if settings.web.enabled else None

    @contextlib.contextmanager
    def running(self) -> Iterator[None]:
        """Start all parts, outermost last; stop them in the opposite order."""
        left = _Countdown()
        with contextlib.ExitStack() as parts:
            if self._desk is not None:
                self._desk.letters.start()
                parts.callback(left.stop, self._desk.letters.stop, _LETTERS_WITHIN_S)
            if self._listener is not None:
                self._listener.start()
                parts.callback(left.stop, self._listener.stop, _LETTERS_WITHIN_S)
            if self._web is not None:
                self._web.start()
                parts.callback(left.stop, self._web.stop, _STOP_WITHIN_S)
            self._worker.start()
            parts.callback(left.stop, self._worker.stop, _STOP_WITHIN_S)
            if self._mailer is not None:
                self._mailer.start()
                parts.callback(left.stop, self._mailer.stop, _STOP_WITHIN_S)
            self._watcher.start()
            parts.callback(self._watcher.stop)
            self._scheduler.start()
            parts.callback(self._scheduler.stop)
            self._announce()
            yield

    def _announce(self) -> None:
        where = (
            {} if self._web is None else {"listening": f"http://{self._project.settings.web.host}:{self._web.port}/"}
        )
        if self._listener is not None:
            where["bounces"] = self._listener.address
        _log.info(
            "service.started",
            version=__version__,
            inbox=self._project.examiner.root,
            feeds=self._project.site.url,
            watching=self._watcher.status.mode,
            **where,
        )

    def _heal(self) -> None:
        if self._watcher.heal():
            self._worker.ask(Request.SCAN)

    def _note_ready(self) -> None:
        self._health.set_ready()
        _log.info("service.ready")

    def _answer(self) -> HealthReport:
        watching = self._watcher.status
        mail = () if self._mailer is None else (self._mailer.check(),)
        if self._listener is not None:
            mail = (*mail, self._listener.check())
        return self._health.answer(
            (
                HealthCheck("watch", watching.is_alive, f"{watching.mode}: {watching.detail}"),
                HealthCheck("schedule", self._scheduler.is_alive, "ok" if self._scheduler.is_alive else "not running"),
                HealthCheck("thread", self._worker.is_alive, "ok" if self._worker.is_alive else "the worker ended"),
                *mail,
            )
        )


@contextlib.contextmanager
def _lock(settings: Settings) -> Iterator[None]:
    lock = StateLock(str(settings.state_folder))
    try:
        yield
    finally:
        lock.release()


class _Countdown:
    """The time in which all parts have to end, from the first one on; whoever is last gets a moment still."""

    _end_s: float | None = None

    def stop(self, part: Callable[[float], None], within_s: float) -> None:
        """Have a part stop *within_s* seconds, or in what is left."""
        if self._end_s is None:
            self._end_s = time.monotonic() + _ALL_WITHIN_S
        part(min(within_s, max(self._end_s - time.monotonic(), _LEAST_S)))


def _wait_for(signals: queue.SimpleQueue[int]) -> None:
    """Wait for a signal; look up now and then, because one that comes just before a wait begins does not end it."""
    while True:
        with contextlib.suppress(queue.Empty):
            signals.get(timeout=_LOOK_UP_S)
            return


@contextlib.contextmanager
def _told_by(signals: queue.SimpleQueue[int]) -> Iterator[None]:
    """Let SIGTERM and SIGINT put their numbers into *signals*, until the end of the block.

    A handler may run in the midst of whatever the main thread does. To set an event there would wait for ever for the
    lock that the main thread has just taken to wait for that event; this queue may be used in handlers.
    """
    numbers = (signal.SIGTERM, signal.SIGINT)
    former = {number: signal.signal(number, lambda got, _frame: signals.put(got)) for number in numbers}
    try:
        yield
    finally:
        for number, handler in former.items():
            signal.signal(number, handler)


def _log_thread_failure(failure: threading.ExceptHookArgs) -> None:
    name = failure.thread.name if failure.thread else "unknown"
    _log.error("thread.failed", thread=name, exc_info=failure.exc_value)


def _log_job_failure(name: str, error: BaseException) -> None:
    _log.error("job.failed", job=name, exc_info=error)
