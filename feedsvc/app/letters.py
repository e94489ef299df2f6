"""Letters to those who ask for digests: a thread that notes who asked and mails the question.

Pages answer before anything is looked up or written, so that nobody learns from an answer, or from how long it took,
who is subscribed.
"""

from __future__ import annotations

import contextlib
import heapq
import itertools
import queue
import threading
import time
from typing import TYPE_CHECKING, NamedTuple

from feedsvc.model import SubscriberState, Verdict
from feedsvc.observe import get_logger

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from feedsvc.digests import Wish
    from feedsvc.digests.signup import Signup
    from feedsvc.model import Envelope, Subscriber
    from feedsvc.protocols import Transport

_MOST_WAITING = 500
_HOUR_S = 3_600.0
_AGAIN_AFTER_S = (60.0, 300.0, 900.0, 3_600.0)
"""Many servers defer what they see for the first time."""

_NOTED = {Verdict.ACCEPTED: "the question was mailed", Verdict.REFUSED: "the question was refused"}

_log = get_logger(__name__)


class _Letter(NamedTuple):
    """A letter to somebody."""

    person: Subscriber
    envelope: Envelope


class Letters:
    """Takes wishes from any thread; a thread of its own writes them down and mails the letters.

    Args:
        signup: Notes who asked.
        letter: Makes the letter to somebody.
        transport: Opens the way out for mail; called in the thread.
        again_after_s: Pauses before a letter that was deferred is tried again.
    """

    def __init__(
        self,
        signup: Signup,
        letter: Callable[[Subscriber], Envelope],
        transport: Callable[[], Transport],
        again_after_s: Sequence[float] = _AGAIN_AFTER_S,
    ) -> None:
        self._signup, self._letter, self._open = signup, letter, transport
        self._again_after_s = again_after_s
        self._wishes: queue.Queue[Wish | None] = queue.Queue(_MOST_WAITING)
        self._deferred: list[tuple[float, int, int, _Letter]] = []
        self._numbers = itertools.count()
        self._next_tidying = 0.0
        self._thread: threading.Thread | None = None

    def ask(self, wish: Wish) -> bool:
        """Take a wish; False if too many wait."""
        try:
            self._wishes.put_nowait(wish)
        except queue.Full:
            return False
        return True

    def start(self) -> None:
        """Begin to work, or begin again after a stop."""
        self._thread = threading.Thread(target=self._work, name="feedsvc-letters", daemon=True)
        self._thread.start()

    def stop(self, timeout_s: float) -> None:
        """Finish what was taken, and end; waits *timeout_s* seconds at most."""
        if self._thread is not None:
            with contextlib.suppress(queue.Full):
                self._wishes.put(None, timeout=timeout_s)
            self._thread.join(timeout_s)

    def _work(self) -> None:
        with contextlib.closing(self._open()) as transport:
            self._guarded(lambda: self._ask_again(transport))
            is_open = True
            while is_open:
                self._guarded(self._tidy)
                self._guarded(lambda: self._send_deferred(transport))
                with contextlib.suppress(queue.Empty):
                    wish = self._wishes.get(timeout=self._pause_s())
                    is_open = wish is not None
                    if wish is not None:
                        self._guarded(lambda wish=wish: self._answer(wish, transport))  # type: ignore[misc]

    def _guarded(self, work: Callable[[], None]) -> None:
        """Do *work*; whatever fails in it is logged, and concerns nobody else."""
        try:
            work()
        except Exception as error:
            _log.error("letters.failed", detail=f"{type(error).__name__}: {error}")

    def _answer(self, wish: Wish, transport: Transport) -> None:
        recipient = self._signup.ask(wish)
        if recipient is not None:
            self._send(_Letter(recipient, self._letter(recipient)), 0, transport)

    def _ask_again(self, transport: Transport) -> None:
        """Write to those whose question had not left when the last process ended."""
        for person in self._signup.unasked():
            self._send(_Letter(person, self._letter(person)), 0, transport)

    def _send(self, letter: _Letter, attempt: int, transport: Transport) -> None:
        for result in transport.send([letter.envelope]):
            if result.verdict is Verdict.DEFERRED and attempt < len(self._again_after_s):
                due_s = time.monotonic() + self._again_after_s[attempt]
                heapq.heappush(self._deferred, (due_s, next(self._numbers), attempt + 1, letter))
            if result.verdict in _NOTED and letter.person.state is SubscriberState.PENDING:
                self._signup.note_question(letter.person.id, _NOTED[result.verdict])
            if result.verdict is not Verdict.ACCEPTED:
                _log.warning("letters.not_sent", verdict=result.verdict.value, attempt=attempt, detail=result.reason)

    def _send_deferred(self, transport: Transport) -> None:
        while self._deferred and self._deferred[0][0] <= time.monotonic():
            _, _, attempt, letter = heapq.heappop(self._deferred)
            self._send(letter, attempt, transport)

    def _tidy(self) -> None:
        """Forget, once an hour, who never confirmed."""
        if time.monotonic() >= self._next_tidying:
            self._next_tidying = time.monotonic() + _HOUR_S
            if forgotten := self._signup.forget_unconfirmed():
                _log.info("subscribers.forgotten", unconfirmed=forgotten)

    def _pause_s(self) -> float:
        moments = [self._next_tidying, *(due_s for due_s, *_ in self._deferred[:1])]
        return max(0.0, min(moments) - time.monotonic())
