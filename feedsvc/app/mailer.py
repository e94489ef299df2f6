"""The one thread that makes digests and sends them: it sleeps until somebody hints that it is time to look."""

from __future__ import annotations

import os
import queue
import threading
from datetime import timedelta
from enum import Enum
from typing import TYPE_CHECKING

from feedsvc.app.address_secret import load_hasher
from feedsvc.app.issues import IssueRenderer, finisher, period_message_id
from feedsvc.app.links import ReaderLinks, reader_links
from feedsvc.app.mail import envelope_domain, open_transport
from feedsvc.app.token_keys import load_tokens
from feedsvc.digests.runs import Edition, Runs
from feedsvc.errors import FeedsvcError
from feedsvc.model import OutboxState, address_key
from feedsvc.observe import HealthCheck, get_logger
from feedsvc.outbox import Dispatcher, InDoubt, Sending
from feedsvc.render.mail import load_templates
from feedsvc.times import utc_now

if TYPE_CHECKING:
    from collections.abc import Callable

    from feedsvc.app.project import Project
    from feedsvc.protocols import Clock, Store, WriteUnit

_log = get_logger(__name__)

_LONGEST_SLEEP_S = 60.0
_RETRY_S = 30.0


class MailRequest(Enum):
    """What the mailer is asked for."""

    LOOK = "look"
    """See who is due, then send."""
    STOP = "stop"


class Mailer:
    """Makes runs and empties the outbox, one after the other.

    Args:
        project: The site.
        store: Where subscribers, runs and the outbox are.
        clock: The time.

    Raises:
        FeedsvcError: A template is broken, or a secret is lost: better now than in front of the first reader.
    """

    def __init__(self, project: Project, store: Store, clock: Clock = utc_now) -> None:
        self._project, self._store, self._clock = project, store, clock
        self._templates = load_templates(str(project.settings.template_folder))
        self._hasher = load_hasher(project.settings.state_folder, store)
        self._tokens = load_tokens(project.settings.state_folder)
        self._domain = envelope_domain(project.settings.mail)
        self._requests: queue.SimpleQueue[MailRequest] = queue.SimpleQueue()
        self._stopping = threading.Event()
        self._trouble = ""
        self._thread = threading.Thread(target=self._run, name="feedsvc-mailer", daemon=True)

    def start(self) -> None:
        """Begin; what a process before this one left in doubt is decided first."""
        self._thread.start()

    def look(self) -> None:
        """Ask to see whether anybody is due."""
        self._requests.put(MailRequest.LOOK)

    def stop(self, timeout_s: float) -> None:
        """Finish the message at hand and end; what is claimed and unsent is decided by the next start."""
        self._stopping.set()
        self._requests.put(MailRequest.STOP)
        self._thread.join(timeout_s)

    def check(self) -> HealthCheck:
        """Return the last word about digests and mail."""
        if not self._thread.is_alive() and not self._stopping.is_set():
            return HealthCheck("mail", False, "the mailer ended")
        return HealthCheck("mail", not self._trouble, self._trouble or "ok")

    def _links(self, subscriber_id: str) -> ReaderLinks:
        return reader_links(self._project.site.url, self._domain, self._tokens, subscriber_id)

    def _run(self) -> None:
        transport = open_transport(self._project.settings)
        sending = Sending(
            finish=finisher(self._links),
            hash_address=lambda address: self._hasher(address_key(address)),
            in_doubt=InDoubt(self._project.settings.digests.in_doubt),
            owner=f"feedsvc-{os.getpid()}",
        )
        dispatcher = Dispatcher(self._store, transport, sending, self._clock)
        self._attempt(lambda: self._recover(dispatcher))
        while not self._stopping.is_set():
            self._attempt(self.make_run)
            self._attempt(lambda: self._send(dispatcher))
            self._wait()
        transport.close()

    def _attempt(self, step: Callable[[], None]) -> None:
        """Take one step; whatever goes wrong is told, and tried again later."""
        if self._stopping.is_set():
            return
        try:
            step()
        except (FeedsvcError, OSError) as error:
            self._trouble = str(error)
            _log.error("mail.failed", detail=str(error))
        except Exception as error:
            self._trouble = f"{type(error).__name__}: {error}"
            _log.exception("mail.crashed")

    def make_run(self) -> None:
        """Queue a digest for everybody who is due."""
        with self._store.reading() as unit:
            edition = Edition(self._clock(), unit.last_seq())
        while not edition.is_complete and not self._stopping.is_set():
            with self._store.writing() as unit:
                self._runs(unit).write_part(unit, edition)
        if edition.run is not None:
            _log.info("digests.queued", run=edition.id, messages=edition.messages)

    def _runs(self, unit: WriteUnit) -> Runs:
        renderer = IssueRenderer(self._project, self._templates, unit)
        quiet = timedelta(seconds=self._project.settings.digests.quiet_s)
        return Runs(renderer.render, self._message_id, quiet)

    def _message_id(self, subscriber_id: str, period_key: str) -> str:
        return period_message_id(self._project, subscriber_id, period_key)

    def _recover(self, dispatcher: Dispatcher) -> None:
        if lost := dispatcher.recover():
            _log.warning("outbox.in_doubt", messages=lost, policy=self._project.settings.digests.in_doubt)

    def _send(self, dispatcher: Dispatcher) -> None:
        sent: dict[OutboxState, int] = {}
        has_more = True
        while has_more and not self._stopping.is_set():
            turn = dispatcher.turn()
            has_more = turn.has_more
            for state, count in turn.states.items():
                sent[state] = sent.get(state, 0) + count
        if sent:
            _log.info("outbox.turned", **{state.value: count for state, count in sent.items()})
        breaker = dispatcher.breaker
        self._trouble = f"mail is stopped: {breaker.reason}" if breaker.is_alarming else ""

    def _wait(self) -> None:
        """Sleep until somebody asks, or the next message may be tried again."""
        try:
            self._requests.get(timeout=self._patience())
            while True:
                self._requests.get_nowait()
        except queue.Empty:
            return

    def _patience(self) -> float:
        if self._trouble:
            return _RETRY_S
        with self._store.reading() as unit:
            moment = unit.next_attempt()
        if moment is None:
            return _LONGEST_SLEEP_S
        return min(max((moment - self._clock()).total_seconds(), 0.5), _LONGEST_SLEEP_S)
