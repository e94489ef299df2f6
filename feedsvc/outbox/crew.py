"""The threads that send: each has a connection of its own, and takes the next message when it is done with one.

They touch neither store nor decisions: those belong to the one who hands out messages and collects what became of them.
"""

from __future__ import annotations

import threading
import time
from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple

from feedsvc.errors import FeedsvcError
from feedsvc.model import DeliveryResult, Stage, Verdict
from feedsvc.outbox.line import Line, Task

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterable

    from feedsvc.model import Envelope, QueuedDigest
    from feedsvc.protocols import Transport


_LINGER_S = 0.25
"""For a message that takes longer, nobody waits who can do without it."""
_OVERTAKEN = 50
"""So many others, begun after it and done before it, tell that a lingering message is slow for a reason of its own."""


class Done(NamedTuple):
    """What became of a task: a result, why no message could be made of it, or the error that ended the attempt."""

    task: Task
    result: DeliveryResult | None = None
    problem: str = ""
    error: BaseException | None = None

    @property
    def concerns_all(self) -> bool:
        """Whether it may be reason to send no more at all: neither the recipient nor their server is at fault."""
        if self.result is None:
            return self.error is not None
        return self.result.is_away or self.result.verdict is Verdict.BLOCKED

    @property
    def is_answered(self) -> bool:
        """Whether anything was heard from where it went."""
        result = self.result
        return result is not None and (result.verdict is Verdict.ACCEPTED or result.reply is not None)


@dataclass(eq=False, slots=True)
class _Worker:
    """One thread.

    Attributes:
        task: What it is at.
        since_s: Since when, by the monotonic clock.
        since_count: How many messages were done by then, or when one to the same domain was answered.
        is_given_up: Whether another one has its place.
    """

    task: Task | None = None
    since_s: float = 0.0
    since_count: int = 0
    is_given_up: bool = False


class Crew:
    """Threads that send. They are started with the first message, and wait for more until `close`.

    Args:
        size: How many there are.
        open_transport: Opens the way out of one thread, in that thread.
        finish: Makes the envelope of a message from its packed body.
        most_unsettled: So many messages may be done without having been collected and settled; before that is less,
            no other is begun.
        patience_s: A thread that needs longer for one message is taken for stuck, and another one takes its place.
    """

    def __init__(
        self,
        size: int,
        open_transport: Callable[[], Transport],
        finish: Callable[[QueuedDigest, bytes], Envelope],
        most_unsettled: int,
        patience_s: float,
    ) -> None:
        self._size, self._open, self._finish = size, open_transport, finish
        self._most_unsettled, self._patience_s = most_unsettled, patience_s
        lock = threading.Lock()
        self._work_came, self._news_came = threading.Condition(lock), threading.Condition(lock)
        self._line = Line(max(size // 4, 1))
        self._done: list[Done] = []
        self._count = 0
        self._unsettled, self._enough, self._is_halted = 0, 1, False
        self._workers: list[_Worker] = []
        self._is_closed = False

    # For the one who hands out

    def give(self, tasks: Iterable[Task]) -> None:
        """Hand out messages; those to one domain are sent in this order."""
        with self._work_came:
            self._line.put(tasks)
            while len(self._workers) < self._size:
                self._hire()
            self._work_came.notify_all()

    def take_back(self, domains: Collection[str] | None = None) -> list[Task]:
        """Return the messages that nobody has begun, or those of them to *domains*; they are not sent."""
        with self._work_came:
            return self._line.clear(domains)

    def collect(self, timeout_s: float, enough: int, *, wants_more: bool) -> list[Done]:
        """Return what was done since the last call, and count what was returned before that as settled.

        Waits until that is *enough*, or something concerns all messages, or nothing is under way, or *timeout_s* is
        over; or, for one who *wants_more*, until more messages should be given.
        """
        with self._news_came:
            self._unsettled, self._is_halted = len(self._done), any(one.concerns_all for one in self._done)
            self._enough = enough
            self._work_came.notify_all()
            self._news_came.wait_for(lambda: self._has_news(wants_more=wants_more), timeout_s)
            done, self._done = self._done, []
        return done

    def _has_news(self, *, wants_more: bool) -> bool:
        if len(self._done) >= self._enough or self._is_halted or (wants_more and self._line.is_low):
            return True
        return self._is_idle() or (bool(self._done) and self._is_lingering())

    def _is_idle(self) -> bool:
        return not self._line and all(worker.task is None for worker in self._workers)

    def _is_lingering(self) -> bool:
        limit_s = time.monotonic() - _LINGER_S
        busy = [worker for worker in self._workers if worker.task is not None]
        return not self._line.has_next and all(worker.since_s < limit_s for worker in busy)

    @property
    def is_idle(self) -> bool:
        """Whether nothing is handed out that is not done."""
        with self._news_came:
            return self._is_idle() and not self._done

    @property
    def is_hungry(self) -> bool:
        """Whether more messages should be given."""
        with self._work_came:
            return self._line.is_low

    @property
    def is_lingering(self) -> bool:
        """Whether nothing is left but to wait for messages that take long."""
        with self._news_came:
            return not self._done and self._is_lingering()

    @property
    def slow_domains(self) -> set[str]:
        """The domains of messages that take long while others, begun later, do not, none of them to the same domain."""
        limit_s = time.monotonic() - _LINGER_S
        with self._news_came:
            limit_count = self._count - _OVERTAKEN
            late = [one for one in self._workers if one.since_s < limit_s and one.since_count < limit_count]
            return {worker.task.domain for worker in late if worker.task is not None}

    @property
    def under_way(self) -> list[Task]:
        """The messages that are handed out and not done; those of threads that are stuck are not among them."""
        with self._news_came:
            self._replace_stuck()
            begun = [worker.task for worker in self._workers if worker.task is not None]
            return [*self._line, *begun]

    def close(self, timeout_s: float = 2.0) -> None:
        """Let the threads end after the message that each is at; wait for them so long, at most."""
        with self._work_came:
            self._is_closed = True
            self._line.clear()
            self._work_came.notify_all()
            self._news_came.wait_for(lambda: not self._workers, timeout_s)

    def _hire(self) -> None:
        worker = _Worker()
        self._workers.append(worker)
        name = f"feedsvc-mail-{len(self._workers)}"
        threading.Thread(target=self._run, args=(worker,), name=name, daemon=True).start()

    def _replace_stuck(self) -> None:
        limit_s = time.monotonic() - self._patience_s
        for worker in list(self._workers):
            if worker.task is not None and worker.since_s < limit_s:
                worker.is_given_up = True
                self._line.end(worker.task, is_answered=False)
                self._workers.remove(worker)
                self._hire()

    # In each thread

    def _run(self, worker: _Worker) -> None:
        transport: Transport | None = None
        try:
            while (task := self._next(worker)) is not None:
                transport, done = self._take(transport, task)
                self._report(worker, done)
        finally:
            if transport is not None:
                transport.close()
            with self._news_came:
                self._leave(worker)

    def _take(self, transport: Transport | None, task: Task) -> tuple[Transport | None, Done]:
        """Return what became of a task, and the way out if it may be used again."""
        try:
            transport = transport or self._open()
        except (FeedsvcError, OSError) as error:  # nothing has left
            return None, Done(task, DeliveryResult(Verdict.DEFERRED, Stage.CONNECT, str(error)))
        except Exception as error:
            return None, Done(task, error=error)
        done = self._attempt(transport, task)
        if done.error is None:
            return transport, done
        transport.close()  # what the error left of its connection is not to be trusted
        return None, done

    def _leave(self, worker: _Worker) -> None:
        if worker in self._workers:
            self._workers.remove(worker)
        self._news_came.notify_all()

    def _next(self, worker: _Worker) -> Task | None:
        """Return the next message, None at the end."""
        with self._work_came:
            self._work_came.wait_for(lambda: self._is_closed or worker.is_given_up or self._may_begin())
            if self._is_closed or worker.is_given_up:
                return None
            worker.task, worker.since_s, worker.since_count = self._line.take(), time.monotonic(), self._count
            return worker.task

    def _may_begin(self) -> bool:
        return self._line.has_next and not self._is_halted and self._unsettled < self._most_unsettled

    def _attempt(self, transport: Transport, task: Task) -> Done:
        try:
            if task.body is None:
                return Done(task, problem="the body of the message is lost")
            envelope = self._finish(task.queued, task.body)
        except FeedsvcError as error:
            return Done(task, problem=str(error))
        try:
            (result,) = transport.send((envelope,))
        except Exception as error:
            return Done(task, error=error)
        return Done(task, result)

    def _report(self, worker: _Worker, done: Done) -> None:
        with self._news_came:
            worker.task = None
            if worker.is_given_up:  # its message belongs to nobody, until its claim has run out
                return
            if self._is_one_too_many(done):
                self._line.put_back(done.task)
                worker.is_given_up = True
                self._leave(worker)
                self._work_came.notify()
                return
            self._line.end(done.task, is_answered=done.is_answered)
            self._done.append(done)
            self._count += 1
            if done.is_answered:
                self._note_sign_of_life(done.task.domain)
            self._unsettled += 1
            # whether any more is sent is decided by others, and first; for one recipient nobody waits
            self._is_halted = self._is_halted or done.concerns_all
            if self._is_halted or len(self._done) == self._enough or not self._line.has_next:
                self._news_came.notify_all()

    def _note_sign_of_life(self, domain: str) -> None:
        """Let nobody who waits for the same domain blame it."""
        for other in self._workers:
            if other.task is not None and other.task.domain == domain:
                other.since_count = self._count

    def _is_one_too_many(self, done: Done) -> bool:
        """Tell whether a connection cannot be had while others are there: many servers allow a few only."""
        result = done.result
        is_away = result is not None and result.stage is Stage.CONNECT and result.verdict is Verdict.DEFERRED
        return is_away and len(self._workers) > 1
