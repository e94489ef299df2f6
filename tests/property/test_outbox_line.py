"""The order in which messages leave: whatever comes, is taken and is done, in whatever order."""

from __future__ import annotations

from collections import Counter, deque

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule

from feedsvc.model import OutboxMessage, OutboxState, QueuedDigest
from feedsvc.outbox.line import Line, Task

SHARE = 2
DOMAINS = st.sampled_from(["one.example", "two.example", "three.example"])


class LineMachine(RuleBasedStateMachine):
    """A line, and beside it what should be in it."""

    def __init__(self) -> None:
        super().__init__()
        self.line, self.made = Line(SHARE), 0
        self.waiting: dict[str, deque[Task]] = {}
        self.under_way: list[Task] = []
        self.answering: set[str] = set()

    @rule(domains=st.lists(DOMAINS, min_size=1, max_size=8))
    def put(self, domains: list[str]) -> None:
        """More messages come."""
        tasks = [self.new_task(domain) for domain in domains]
        self.line.put(tasks)
        for task in tasks:
            self.waiting.setdefault(task.domain, deque()).append(task)

    @precondition(lambda self: self.line.has_next)
    @rule()
    def take(self) -> None:
        """One leaves: the oldest of a domain that has room; a domain that answers may have more if no other can go."""
        could = {domain for domain in self.waiting if self.count(domain) < SHARE}
        task = self.line.take()
        assert task == self.waiting[task.domain].popleft()
        assert task.domain in (could or self.answering)
        self.under_way.append(task)
        self.tidy()

    @precondition(lambda self: bool(self.under_way))
    @rule(data=st.data(), is_answered=st.booleans())
    def end(self, data: st.DataObject, is_answered: bool) -> None:
        """One is done."""
        task = data.draw(st.sampled_from(self.under_way))
        self.line.end(task, is_answered=is_answered)
        self.under_way.remove(task)
        (self.answering.add if is_answered else self.answering.discard)(task.domain)
        self.tidy()

    @precondition(lambda self: bool(self.under_way))
    @rule(data=st.data())
    def put_back(self, data: st.DataObject) -> None:
        """One could not be begun."""
        task = data.draw(st.sampled_from(self.under_way))
        self.line.put_back(task)
        self.under_way.remove(task)
        self.waiting.setdefault(task.domain, deque()).appendleft(task)

    @rule(domain=DOMAINS)
    def clear_domain(self, domain: str) -> None:
        """Those to one domain go elsewhere."""
        assert self.line.clear([domain]) == list(self.waiting.pop(domain, ()))
        self.tidy()

    @rule()
    def clear(self) -> None:
        """All go elsewhere."""
        assert Counter(self.line.clear()) == Counter(task for queue in self.waiting.values() for task in queue)
        self.waiting.clear()
        self.tidy()

    @invariant()
    def nothing_is_lost(self) -> None:
        """All that wait are there, and one may leave if the rules let it."""
        expected = [task for queue in self.waiting.values() for task in queue]
        assert (len(self.line), Counter(self.line)) == (len(expected), Counter(expected))
        may_leave = any(self.count(domain) < SHARE or domain in self.answering for domain in self.waiting)
        assert self.line.has_next == may_leave

    def new_task(self, domain: str) -> Task:
        """Return a message like no other."""
        self.made += 1
        message = OutboxMessage(f"m{self.made}", f"reader@{domain}", OutboxState.QUEUED)
        return Task(QueuedDigest(message, "reader", "run", "day", "body"), message, b"")

    def count(self, domain: str) -> int:
        """Return how many messages to a domain are under way."""
        return sum(task.domain == domain for task in self.under_way)

    def tidy(self) -> None:
        """Forget domains of which nothing is left."""
        self.waiting = {domain: queue for domain, queue in self.waiting.items() if queue}
        self.answering &= {*self.waiting, *(task.domain for task in self.under_way)}


TestLine = LineMachine.TestCase
TestLine.settings = settings(max_examples=100, stateful_step_count=40)


def test_a_line_that_waits_for_a_full_domain_asks_for_more() -> None:
    """Fifty that may go are enough; those that may not do not count, up to a limit."""
    machine = LineMachine()
    line = machine.line
    line.put([machine.new_task("one.example") for _ in range(100)])
    assert not line.is_low
    for _ in range(SHARE):
        line.take()
    assert line.is_low
    line.put([machine.new_task("one.example") for _ in range(100)])
    assert not line.is_low
