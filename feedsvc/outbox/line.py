"""Who is next: messages wait for a connection in such an order that no domain holds all connections."""

from __future__ import annotations

from collections import Counter, deque
from itertools import chain
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Iterator

    from feedsvc.model import OutboxMessage, QueuedDigest

_LOW = 50
"""So few that may be begun are reason to ask for more."""
_MOST = 150
"""So many that wait are no reason to ask for more, even if none of them may be begun."""


class Task(NamedTuple):
    """A message to send.

    Attributes:
        queued: As it was claimed.
        before: As it was before; to be put back if it is not begun.
        body: Its packed body, None if that is lost.
    """

    queued: QueuedDigest
    before: OutboxMessage
    body: bytes | None

    @property
    def domain(self) -> str:
        """Where it goes."""
        return self.before.domain


class Line:
    """Messages that wait to be begun, a line for each domain. Not for several threads.

    Args:
        share: So many to one domain may be under way while there are others that could go instead. So many only, too,
            as long as the domain has not answered: it may be dead, and whoever asks it waits.
    """

    def __init__(self, share: int) -> None:
        self._share = share
        self._waiting: dict[str, deque[Task]] = {}
        self._under_way: Counter[str] = Counter()
        self._answering: set[str] = set()
        self._open: dict[str, None] = {}
        """The domains that wait and have less than their share under way; whose turn it is stands first."""
        self._count = 0

    def __len__(self) -> int:
        return self._count

    def __iter__(self) -> Iterator[Task]:
        """Yield the messages that wait."""
        return chain.from_iterable(self._waiting.values())

    @property
    def is_low(self) -> bool:
        """Whether more messages are wanted."""
        if self._count <= _LOW:
            return True
        return self._count <= _MOST and self._count - self._held() <= _LOW

    def _held(self) -> int:
        full = (domain for domain, count in self._under_way.items() if count >= self._share)
        return sum(len(self._waiting.get(domain, ())) for domain in full)

    def put(self, tasks: Iterable[Task]) -> None:
        """Let messages wait behind all others of their domains."""
        for task in tasks:
            self._waiting.setdefault(task.domain, deque()).append(task)
            self._count += 1
            self._judge(task.domain)

    def put_back(self, task: Task) -> None:
        """Let a message that was taken wait again, as the first one of its domain."""
        self._waiting.setdefault(task.domain, deque()).appendleft(task)
        self._count += 1
        self._leave(task.domain)

    @property
    def has_next(self) -> bool:
        """Whether a message may be taken."""
        return any(True for _ in chain(self._open, self._spare()))

    def take(self) -> Task:
        """Return the next message, which is under way from now on; there must be one."""
        domain = next(chain(self._open, self._spare()))
        queue = self._waiting[domain]
        task = queue.popleft()
        if not queue:
            del self._waiting[domain]
        self._count -= 1
        self._under_way[domain] += 1
        self._open.pop(domain, None)
        self._judge(domain)
        return task

    def _spare(self) -> Iterator[str]:
        """Yield the domains that may have more than their share, if nobody else wants it."""
        return (domain for domain in self._waiting if domain in self._answering)

    def end(self, task: Task, *, is_answered: bool) -> None:
        """Note that a message is no longer under way, and whether anything was heard of its domain."""
        if is_answered:
            self._answering.add(task.domain)
        else:
            self._answering.discard(task.domain)
        self._leave(task.domain)

    def clear(self, domains: Collection[str] | None = None) -> list[Task]:
        """Return the messages that wait, or those to *domains*; they wait no longer."""
        leaving = list(self._waiting) if domains is None else [one for one in domains if one in self._waiting]
        tasks = list(chain.from_iterable(self._waiting.pop(domain) for domain in leaving))
        self._count -= len(tasks)
        for domain in leaving:
            self._judge(domain)
        return tasks

    def _leave(self, domain: str) -> None:
        self._under_way[domain] -= 1
        self._judge(domain)

    def _judge(self, domain: str) -> None:
        """Let a domain be one of those whose turn it may be, or not; forget it when nothing is left of it."""
        is_waiting, count = domain in self._waiting, self._under_way[domain]
        if is_waiting and count < self._share:
            self._open.setdefault(domain)
        else:
            self._open.pop(domain, None)
        if not count:
            del self._under_way[domain]
            if not is_waiting:
                self._answering.discard(domain)
