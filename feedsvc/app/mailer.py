"""The one thread that makes digests and sends them: it sleeps until somebody hints that it is time to look."""

from __future__ import annotations

import contextlib
import os
import queue
import threading
from datetime import timedelta
from enum import Enum
from typing import TYPE_CHECKING

from feedsvc.app.address_secret import load_hasher
from feedsvc.app.issues import finisher
from feedsvc.app.links import ReaderLinks, reader_links
from feedsvc.app.mail import envelope_domain, load_signer, open_transport
from feedsvc.app.outbox import RETRIES
from feedsvc.app.run_maker import RunMaker
from feedsvc.app.template_shelf import TemplateShelf
from feedsvc.app.token_keys import load_tokens
from feedsvc.errors import FeedsvcError
from feedsvc.model import address_key
from feedsvc.observe import HealthCheck, get_logger
from feedsvc.outbox import Dispatcher, InDoubt, Sending, tidy_outbox
from feedsvc.times import utc_now

if TYPE_CHECKING:
    from collections.abc import Callable

    from feedsvc.app.project import Project
    from feedsvc.protocols import Clock, Store

_log = get_logger(__name__)

_LONGEST_SLEEP_S = 60.0
_RETRY_S = (1.0, 2.0, 5.0, 10.0, 30.0)
"""Rest after one round that failed, after two in a row, and so on; the last one repeats."""
_STOPPED_S = 5.0
"""Rest while all mail is stopped: an operator who has mended the fault says so, and waits."""
_PATIENCE = 20
"""How many times its patience with one reply a connection may need for one message, before it is taken for stuck."""
_TIDY_EVERY = timedelta(hours=1)
_REST_S = 0.005
"""Between two parts of a run: whoever waits for the database asks for it more often."""


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
        self._hasher = load_hasher(project.settings.state_folder, store)
        self._tokens = load_tokens(project.settings.state_folder)
        self._domain = envelope_domain(project.settings.mail)
        self._signer = load_signer(project.settings)
        self._requests: queue.SimpleQueue[MailRequest] = queue.SimpleQueue()
        self._stopping = threading.Event()
        self._troubles: dict[str, str] = {}
        self._alarm, self._failures = "", 0
        self._retries: str | None = None
        self._is_recovered, self._next_tidying = False, clock()
        self._shelf = TemplateShelf(str(project.settings.template_folder))
        self._maker = RunMaker(project, store, self._shelf.current, clock, lambda: self._stopping.wait(_REST_S))
        self._thread = threading.Thread(target=self._run, name="feedsvc-mailer", daemon=True)

    def start(self) -> None:
        """Begin; what a process before this one left in doubt is decided first."""
        self._thread.start()

    def look(self) -> None:
        """Ask to see whether anybody is due."""
        self._requests.put(MailRequest.LOOK)

    def stop(self, timeout_s: float) -> None:
        """Finish the messages at hand and end; what is not begun goes with the next start."""
        self._stopping.set()
        self._requests.put(MailRequest.STOP)
        self._thread.join(timeout_s)

    def check(self) -> HealthCheck:
        """Return the last word about digests and mail."""
        if not self._thread.is_alive() and not self._stopping.is_set():
            return HealthCheck("mail", False, "the mailer ended")
        told = [one for one in (*self._troubles.values(), self._alarm) if one]
        return HealthCheck("mail", not told, "; ".join(told) or "ok")

    def _links(self, subscriber_id: str) -> ReaderLinks:
        return reader_links(self._project.site.url, self._domain, self._tokens, subscriber_id)

    def _run(self) -> None:
        dispatcher = self._new_dispatcher()
        while not self._stopping.is_set():
            if not self._take_round(dispatcher):
                self._wait()
        with contextlib.suppress(FeedsvcError):  # what cannot be written down is in doubt, as after a crash
            dispatcher.close()

    def _new_dispatcher(self) -> Dispatcher:
        mail = self._project.settings.mail
        sending = Sending(
            finish=finisher(self._links),
            hash_address=lambda address: self._hasher(address_key(address)),
            in_doubt=InDoubt(self._project.settings.digests.in_doubt),
            owner=f"feedsvc-{os.getpid()}",
            connections=mail.connections if mail.host else 1,
            patience_s=_PATIENCE * mail.timeout_s,
        )
        return Dispatcher(
            self._store,
            lambda: open_transport(self._project.settings, self._signer),
            sending,
            self._clock,
            self._stopping.is_set,
        )

    def _take_round(self, dispatcher: Dispatcher) -> bool:
        """Do everything once, and return whether there is more to send at once."""
        self._attempt("digests", self.make_run)
        has_more = self._attempt("outbox", lambda: self._send(dispatcher))
        if not has_more:
            self._attempt("tidying", self._tidy)
        self._failures = self._failures + 1 if self._troubles else 0
        return has_more

    def _attempt(self, name: str, step: Callable[[], bool | None]) -> bool:
        """Take one step, and return whether it has more to do; whatever goes wrong is told, once, and tried again."""
        if self._stopping.is_set():
            return False
        has_more = False
        try:
            has_more = bool(step())
        except (FeedsvcError, OSError) as error:
            self._note(name, str(error))
        except Exception as error:
            self._troubles[name] = f"{type(error).__name__}: {error}"
            _log.exception("mail.crashed")
        else:
            self._note(name, "")
        return has_more

    def _note(self, name: str, trouble: str) -> None:
        """Remember how a step went; the log has a line for each change."""
        before = self._troubles.get(name, "")
        if trouble == before:
            return
        if trouble:
            self._troubles[name] = trouble
            _log.error("mail.failed", step=name, detail=trouble)
        else:
            del self._troubles[name]
            _log.info("mail.recovered", step=name)

    def make_run(self) -> None:
        """Queue a digest for everybody who is due; a template that is broken is told before anybody is."""
        self._shelf.current()
        edition = self._maker.make()
        if edition is not None and edition.messages:
            _log.info("digests.queued", run=edition.id, messages=edition.messages)

    def _recover(self, dispatcher: Dispatcher) -> None:
        if lost := dispatcher.recover():
            _log.warning("outbox.in_doubt", messages=lost, policy=self._project.settings.digests.in_doubt)

    def _send(self, dispatcher: Dispatcher) -> bool:
        """Send what is due; returns whether there is more, after others had their turn."""
        if not self._is_recovered:
            self._recover(dispatcher)
            self._is_recovered = True
        self._heed_operator(dispatcher)
        turn = dispatcher.turn()
        if turn.states:
            _log.info("outbox.turned", **{state.value: count for state, count in turn.states.items()})
        breaker = dispatcher.breaker
        self._alarm = f"mail is stopped: {breaker.reason}" if breaker.is_alarming else ""
        return turn.has_more

    def _heed_operator(self, dispatcher: Dispatcher) -> None:
        """Ask a mail server that refused us again, if an operator asked for another try."""
        with self._store.reading() as unit:
            retries = unit.meta(RETRIES)
        if retries != self._retries:
            self._retries = retries
            dispatcher.wake()

    def _tidy(self) -> None:
        """Remove, once an hour, what nobody needs any more."""
        if (now := self._clock()) >= self._next_tidying:
            self._next_tidying = now + _TIDY_EVERY
            removed = tidy_outbox(self._store, now - timedelta(days=self._project.settings.digests.keep_days))
            if removed:
                _log.info("outbox.tidied", messages=removed)

    def _wait(self) -> None:
        """Sleep until somebody asks, or the next message may be tried again."""
        try:
            self._requests.get(timeout=self._patience())
            while True:
                self._requests.get_nowait()
        except queue.Empty:
            return

    def _patience(self) -> float:
        if self._troubles:
            return _RETRY_S[min(self._failures, len(_RETRY_S)) - 1]
        if self._alarm:
            return _STOPPED_S
        try:
            with self._store.reading() as unit:
                moment = unit.next_attempt()
        except FeedsvcError as error:
            self._note("outbox", str(error))
            return _RETRY_S[0]
        if moment is None:
            return _LONGEST_SLEEP_S
        return min(max((moment - self._clock()).total_seconds(), 0.5), _LONGEST_SLEEP_S)
