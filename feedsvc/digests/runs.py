"""A run: everybody who is due gets one message about everything new to them, in one transaction with their cursors."""

from __future__ import annotations

from dataclasses import dataclass, field
from hashlib import blake2b
from typing import TYPE_CHECKING, NamedTuple

from feedsvc.digests.due import QUIET, Period, counts_from, is_due, newest_due, quiet_until
from feedsvc.digests.news import News, Newspaper
from feedsvc.model import DigestCursor, DigestRun, Frequency, OutboxMessage, QueuedDigest, SubscriberState

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from datetime import datetime, timedelta

    from feedsvc.model import Subscriber
    from feedsvc.protocols import ReadUnit, WriteUnit

_AT_ONCE = 500


class Issue(NamedTuple):
    """What a group of people gets to read: the same news, in the same language, under the same heading.

    Attributes:
        start: End of their digest before this one.
        feeds: Slugs that they follow, empty for ``main``.
    """

    language: str
    frequency: Frequency
    zone: str
    start: datetime
    feeds: tuple[str, ...]
    after_seq: int


Render = "Callable[[Issue, News, datetime], bytes]"
"""Makes the packed body of an issue that ends at a moment."""


@dataclass(slots=True)
class RunPlan:
    """Everything that one run writes."""

    created: datetime
    run_seq: int
    cursors: list[DigestCursor] = field(default_factory=list)
    bodies: dict[str, bytes] = field(default_factory=dict)
    messages: list[QueuedDigest] = field(default_factory=list)

    @property
    def id(self) -> str:
        """Names the run; the same for the same place in the change log and the same moment."""
        return f"{self.created:%Y%m%dT%H%M%S}-{self.run_seq}"


class Runs:
    """Makes runs. One thread at a time may use it.

    Args:
        render: Makes the packed body of an issue.
        message_id: Returns the Message-ID of a subscriber's period, without angle brackets.
        quiet: Immediate mails wait until nothing new came for so long.
    """

    def __init__(
        self,
        render: Callable[[Issue, News, datetime], bytes],
        message_id: Callable[[str, str], str],
        quiet: timedelta = QUIET,
    ) -> None:
        self._render, self._message_id, self._quiet = render, message_id, quiet

    def plan(self, unit: ReadUnit, now: datetime) -> RunPlan:
        """Return the run of *now*: who is due, what each of them gets, and how far they are told then.

        Nobody who is due is left out for want of news: their period counts, and they get no mail.
        """
        plan = RunPlan(now, unit.last_seq())
        paper = Newspaper(unit, plan.run_seq)
        for batch in _active(unit):
            cursors = unit.digest_cursors(one.id for one in batch)
            for subscriber in batch:
                self._plan_one(plan, paper, subscriber, cursors.get(subscriber.id))
        return plan

    def _plan_one(self, plan: RunPlan, paper: Newspaper, subscriber: Subscriber, cursor: DigestCursor | None) -> None:
        if cursor is None:  # what was published before is not news to somebody who has just come
            plan.cursors.append(DigestCursor(subscriber.id, plan.run_seq, plan.created))
            return
        if counts_from(subscriber) > plan.created:
            return
        if subscriber.schedule.frequency is Frequency.IMMEDIATE:
            self._plan_immediate(plan, paper, subscriber, cursor)
        elif is_due(subscriber.schedule, plan.created, counts_from(subscriber), _last_period(cursor)):
            self._queue(plan, paper, subscriber, cursor, newest_due(subscriber.schedule, plan.created))

    def _plan_immediate(self, plan: RunPlan, paper: Newspaper, subscriber: Subscriber, cursor: DigestCursor) -> None:
        if cursor.last_seq >= plan.run_seq:
            return
        news = paper.news(cursor.last_seq, subscriber.feeds)
        if news.oldest is None or news.newest is None:
            return
        if quiet_until(news.oldest, news.newest, self._quiet) <= plan.created:
            self._queue(plan, paper, subscriber, cursor, None)

    def _queue(
        self, plan: RunPlan, paper: Newspaper, subscriber: Subscriber, cursor: DigestCursor, period: Period | None
    ) -> None:
        news = paper.news(cursor.last_seq, subscriber.feeds)
        key = period.key if period else f"seq-{plan.run_seq}"
        told = DigestCursor(
            subscriber.id,
            plan.run_seq,
            plan.created if news.entries else cursor.told_until,
            period.key if period else cursor.period_key,
            period.day if period else cursor.period_day,
        )
        plan.cursors.append(told)
        if news.entries:
            body_key = self._body(plan, _issue(subscriber, cursor), news)
            message = OutboxMessage(self._message_id(subscriber.id, key), subscriber.address)
            plan.messages.append(QueuedDigest(message, subscriber.id, plan.id, key, body_key))

    def _body(self, plan: RunPlan, issue: Issue, news: News) -> str:
        key = blake2b(repr((plan.id, issue)).encode(), digest_size=16).hexdigest()
        if key not in plan.bodies:
            plan.bodies[key] = self._render(issue, news, plan.created)
        return key


def write_run(unit: WriteUnit, plan: RunPlan) -> DigestRun | None:
    """Write *plan* in the caller's transaction; returns the run if it has messages."""
    unit.put_digest_cursors(plan.cursors)
    if not plan.messages:
        return None
    run = DigestRun(plan.id, plan.created, plan.run_seq, len(plan.messages))
    unit.add_digest_run(run)
    unit.put_digest_bodies(plan.bodies)
    unit.queue_digests(plan.messages)
    return run


def _active(unit: ReadUnit) -> Iterator[list[Subscriber]]:
    after = ""
    while batch := unit.subscriber_batch(after, _AT_ONCE, SubscriberState.ACTIVE):
        yield batch
        after = batch[-1].id


def _last_period(cursor: DigestCursor) -> Period | None:
    return Period(cursor.period_key, cursor.period_day) if cursor.period_day else None


def _issue(subscriber: Subscriber, cursor: DigestCursor) -> Issue:
    schedule = subscriber.schedule
    return Issue(
        subscriber.language, schedule.frequency, schedule.zone.key, cursor.told_until, subscriber.feeds, cursor.last_seq
    )
