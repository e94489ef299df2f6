"""A run: everybody who is due gets one message about everything new to them, in one transaction with their cursors.

Only those are read who are due, or who wait for news that came. A run of many people is written in parts. Each part is
a transaction of its own that holds the messages of some people and their cursors, so that whoever is in it is done, and
whoever is not is still due: a run that is cut off is completed by the next one.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from hashlib import blake2b
from typing import TYPE_CHECKING, NamedTuple

from feedsvc.digests.agenda import Agenda
from feedsvc.digests.due import QUIET, quiet_until
from feedsvc.digests.news import Newspaper
from feedsvc.model import DigestRun, Frequency, NewDigest, ReaderMark
from feedsvc.times import from_micros, to_micros

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import datetime, timedelta

    from feedsvc.digests.agenda import DuePeriod
    from feedsvc.digests.news import Joined, News
    from feedsvc.model import DueReader
    from feedsvc.protocols import ReadUnit, WriteUnit

PART = 5_000
"""People who are looked at in one transaction; others who write wait for its end."""

_NEVER = 2**62
"""When to look at those who get no mail; far beyond all dates."""
_HOUR = 3_600_000_000
_MOST_PAGES = 10_000


class Issue(NamedTuple):
    """What a group of people gets to read: the same news, in the same language, under the same heading.

    Attributes:
        start: End of their digest before this one, to the full hour, so that more people have the same heading.
        feeds: Slugs that they follow, empty for ``main``.
        joined: Those of them that they chose since their last digest.
        known: Ids of entries that came back, and that they had before.
    """

    language: str
    frequency: Frequency
    zone: str
    start: datetime
    feeds: tuple[str, ...]
    after_seq: int
    joined: Joined = ()
    known: tuple[str, ...] = ()


@dataclass(slots=True)
class _Page:
    """What all who share an issue get.

    Attributes:
        ready_at: When the quiet minute after its news ends, in microseconds since the epoch; None: there is no news.
        returned: It holds entries that came back, and that some know already.
        body_key: Names its body, empty before it was rendered.
    """

    issue: Issue
    ready_at: int | None
    returned: bool = False
    body_key: str = ""


@dataclass(slots=True)
class Edition:
    """One run while it is made.

    Attributes:
        created: Moment of the run; who is due by then is in it.
        run_seq: End of its window: all of it tells of changes up to here.
        asks_waiting: Whether those are looked at who wait for news.
        after_id: Of those who wait for news, everybody up to this one was looked at; None: those who are due, are not
            done.
        messages: How many it has by now.
        is_complete: Everybody was looked at.
        waits_until: When the first of those who wait for a quiet minute may have it, in microseconds since the epoch;
            None if nobody waits.
    """

    created: datetime
    run_seq: int
    asks_waiting: bool = True
    after_id: str | None = None
    messages: int = 0
    is_complete: bool = False
    waits_until: int | None = None
    pages: dict[tuple[object, ...], _Page] = field(default_factory=dict)

    @property
    def id(self) -> str:
        """Names the run."""
        return f"{self.created:%Y%m%dT%H%M%S.%f}-{self.run_seq}"

    @property
    def run(self) -> DigestRun | None:
        """The run as the store keeps it, None if it has no messages."""
        return DigestRun(self.id, self.created, self.run_seq, self.messages) if self.messages else None


class _Part:
    """What one transaction writes."""

    def __init__(self, unit: ReadUnit, edition: Edition) -> None:
        self.edition, self.mailed_seqs = edition, unit.mailed_seqs
        self.paper, self.agenda = Newspaper(unit, edition.run_seq), Agenda(edition.created)
        self.now, self.run_id = to_micros(edition.created), edition.id
        self.marks: list[ReaderMark] = []
        self.messages: list[NewDigest] = []
        self.bodies: dict[str, bytes] = {}

    def mark(self, reader: DueReader, due_at: int | None) -> None:
        """Note when to look at somebody again, who gets nothing now."""
        self.marks.append(
            ReaderMark(reader.last_seq, reader.told_until, reader.period_key, reader.period_day, due_at, reader.id)
        )


class Runs:
    """Makes runs. One thread at a time may use it.

    Args:
        render: Makes the packed body of an issue that ends at a moment.
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

    def make(self, unit: WriteUnit, now: datetime) -> DigestRun | None:
        """Make the whole run of *now* in the caller's transaction, and return it if it has messages."""
        edition = Edition(now, unit.last_seq())
        while not edition.is_complete:
            self.write_part(unit, edition)
        return edition.run

    def write_part(self, unit: WriteUnit, edition: Edition, size: int = PART) -> None:
        """Write the messages and cursors of the next *size* people, together in the caller's transaction.

        Nobody who is due is left out for want of news: their period counts, and they get no mail.
        """
        part = _Part(unit, edition)
        for reader in _next_readers(unit, edition, size):
            self._look(part, reader)
        unit.mark_readers(part.marks)
        if part.messages:
            is_new = edition.run is None
            edition.messages += len(part.messages)
            if is_new and edition.run is not None:
                unit.add_digest_run(edition.run)
            else:
                unit.count_messages(edition.id, edition.messages)
            unit.put_digest_bodies(part.bodies)
            unit.queue_digests(part.messages)

    def _look(self, part: _Part, reader: DueReader) -> None:
        """Decide about one person."""
        if not reader.is_active:
            part.mark(reader, _NEVER)
        elif reader.last_seq < 0:  # what was published before is not news to somebody who has just come
            new = reader._replace(last_seq=part.edition.run_seq, told_until=part.now)
            part.mark(new, part.agenda.look_at(new))
        elif (at := part.agenda.look_at(reader)) is None:
            self._look_immediate(part, reader)
        elif at > part.now:
            part.mark(reader, at)
        else:
            self._tell(part, reader, self._page(part, reader), part.agenda.due_period(reader))

    def _look_immediate(self, part: _Part, reader: DueReader) -> None:
        page, edition = self._page(part, reader), part.edition
        if page.ready_at is not None and page.ready_at <= part.now:
            self._tell(part, reader, page, None)
            return
        if page.ready_at is not None:
            edition.waits_until = min(page.ready_at, edition.waits_until or page.ready_at)
        if page.ready_at is None:  # what is in the window now is no news to them, and does not become any
            part.mark(reader._replace(last_seq=max(edition.run_seq, reader.last_seq)), None)
        elif reader.due_at is not None:
            part.mark(reader, None)

    def _tell(self, part: _Part, reader: DueReader, page: _Page, period: DuePeriod | None) -> None:
        """Note that somebody is told everything up to now, and queue the message if there is anything to tell."""
        told = reader.told_until if page.ready_at is None else part.now
        period_key, period_day, due_at = period or (reader.period_key, reader.period_day, None)
        part.marks.append(ReaderMark(part.edition.run_seq, told, period_key, period_day, due_at, reader.id))
        if page.ready_at is not None:
            key = period_key if period else f"seq-{part.edition.run_seq}"
            body_key = page.body_key or self._body(part, page)
            message_id = self._message_id(reader.id, key)
            part.messages.append(NewDigest(message_id, reader.id, part.run_id, key, body_key, reader.address))

    def _page(self, part: _Part, reader: DueReader) -> _Page:
        page = self._shared_page(part, reader, ())
        if page.returned:
            news = part.paper.news(reader.last_seq, reader.feeds, page.issue.joined)
            known = news.known_to(part.mailed_seqs(reader.id))
            page = self._shared_page(part, reader, known) if known else page
        return page

    def _shared_page(self, part: _Part, reader: DueReader, known: tuple[str, ...]) -> _Page:
        hour = -(-reader.told_until // _HOUR)
        joined = reader.joined and tuple(feed for feed in reader.joined if feed[1] > reader.last_seq)
        key = (reader.language, reader.frequency, reader.zone, hour, reader.feeds, reader.last_seq, joined, known)
        pages = part.edition.pages
        page = pages.get(key)
        if page is None:
            if len(pages) == _MOST_PAGES:  # made again, a page is the same
                pages.clear()
            frequency, start = Frequency(reader.frequency), from_micros(hour * _HOUR)
            wish = (reader.language, frequency, reader.zone, start, reader.feeds)
            page = pages[key] = self._new_page(part, Issue(*wish, reader.last_seq, joined, known))
        return page

    def _new_page(self, part: _Part, issue: Issue) -> _Page:
        news = _news(part, issue)
        if news.oldest is None or news.newest is None:
            return _Page(issue, None)
        ready_at = quiet_until(news.oldest, news.newest, self._quiet)
        return _Page(issue, to_micros(ready_at), bool(news.returned) and not issue.known)

    def _body(self, part: _Part, page: _Page) -> str:
        issue, created = page.issue, part.edition.created
        page.body_key = blake2b(repr((part.run_id, issue)).encode(), digest_size=16).hexdigest()
        part.bodies[page.body_key] = self._render(issue, _news(part, issue), created)
        return page.body_key


def _news(part: _Part, issue: Issue) -> News:
    news = part.paper.news(issue.after_seq, issue.feeds, issue.joined)
    return news.without(issue.known) if issue.known else news


def _next_readers(unit: ReadUnit, edition: Edition, size: int) -> list[DueReader]:
    """Return whom to look at next: those who are due, then those who wait for news."""
    if edition.after_id is None:
        readers = unit.readers_due(edition.created, size)  # whoever was looked at is not due any more
        if readers:
            return readers
        edition.after_id, edition.is_complete = "", not edition.asks_waiting
    if edition.is_complete:
        return []
    readers = unit.readers_waiting(edition.after_id, edition.run_seq, size)
    edition.is_complete = len(readers) < size
    if readers:
        edition.after_id = readers[-1].id
    return readers
