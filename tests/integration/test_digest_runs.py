"""Runs: who is due gets everything new to them, once, in one transaction."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING
from uuid import UUID
from zoneinfo import ZoneInfo

import pytest
from newsroom import MAIN, Newsroom, article

from feedsvc.digests.runs import Runs
from feedsvc.model import DigestSchedule, Feed, Frequency, Subscriber, SubscriberState

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from feedsvc.digests.news import News
    from feedsvc.digests.runs import Issue
    from feedsvc.model import DigestRun

UTC_ZONE = ZoneInfo("UTC")
START = datetime(2026, 3, 1, 8, 0, tzinfo=UTC)


class Desk:
    """A newsroom with readers; bodies are the titles of what they hold, so that tests can read them."""

    def __init__(self, folder: Path) -> None:
        self.room = Newsroom(
            folder, feeds=(MAIN, Feed(slug="tram", title="Trams", tags=("tram",))), backfill=timedelta(days=30)
        )
        self.runs = Runs(_render, lambda subscriber, period: f"{subscriber}/{period}")

    def subscribe(self, number: int, **changes: object) -> str:
        """Add a reader and return their id."""
        schedule = DigestSchedule(Frequency.DAILY, UTC_ZONE, 7)
        reader = Subscriber(
            id=str(UUID(int=number)),
            address=f"reader{number}@example.org",
            language="en",
            schedule=schedule,
            feeds=(),
            state=SubscriberState.ACTIVE,
            created=self.room.clock(),
            confirmed=self.room.clock(),
        )
        reader = replace(reader, **changes)  # type: ignore[arg-type]
        with self.room.store.writing() as unit:
            unit.put_subscribers([reader])
        return reader.id

    def run(self) -> DigestRun | None:
        """Make a run now."""
        with self.room.store.writing() as unit:
            return self.runs.make(unit, self.room.clock())

    def pass_to(self, hour: int, days: int = 0) -> DigestRun | None:
        """Move the clock on to this hour of a coming day and make a run."""
        now = self.room.clock()
        target = (now + timedelta(days=days)).replace(hour=hour, minute=0, second=0, microsecond=0)
        if target <= now:
            target += timedelta(days=1)
        self.room.clock.advance((target - now).total_seconds())
        return self.run()

    def mails(self) -> list[tuple[str, str]]:
        """Return (local part of the reader, titles of the body) of all messages, in the order of the outbox."""
        with self.room.store.reading() as unit:
            rows = [queued for _, queued in unit.outbox_page(0, 1_000)]
            bodies = unit.digest_bodies({queued.body_key for queued in rows})
        return [(queued.message.recipient.partition("@")[0], bodies[queued.body_key].decode()) for queued in rows]

    def publish(self, name: str, **header: str) -> None:
        """Publish an article that is titled like its file."""
        self.room.write(f"{name}.md", article(name, f"The text of {name}.", **header))
        self.room.scan()


def _render(issue: Issue, news: News, _end: datetime) -> bytes:
    return f"{issue.language}: {', '.join(entry.title for entry in news.entries)}".encode()


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[Desk]:
    """Yield a desk at which no one reads yet."""
    made = Desk(tmp_path)
    yield made
    made.room.store.close()


def test_a_reader_gets_what_is_new_once_a_day(desk: Desk) -> None:
    """Nothing from before their time, everything since, never twice; without news no mail."""
    desk.publish("Old")
    desk.subscribe(1)
    assert desk.run() is None
    desk.publish("New")
    assert desk.run() is None, "not before their hour"
    run = desk.pass_to(7)
    assert run is not None
    assert (run.messages, desk.mails()) == (1, [("reader1", "en: New")])
    assert desk.run() is None
    assert desk.pass_to(7) is None
    desk.publish("Newer")
    desk.room.clock.advance(1)
    desk.publish("Newest")
    desk.pass_to(7)
    assert [titles for _, titles in desk.mails()][1:] == ["en: Newest, Newer"]


def test_the_newest_text_counts_and_what_was_withdrawn_is_left_out(desk: Desk) -> None:
    """An edit before the hour is in the mail, an edit after it is no news; a deleted file tells nothing."""
    desk.subscribe(1)
    desk.run()
    desk.publish("A")
    desk.publish("B")
    desk.room.write("A.md", article("A, corrected", "The text of A."))
    desk.room.delete("B.md")
    desk.room.pass_grace()
    desk.pass_to(7)
    assert desk.mails() == [("reader1", "en: A, corrected")]
    desk.room.write("A.md", article("A, once more", "The text of A."))
    desk.room.scan()
    assert desk.pass_to(7) is None


def test_one_mail_joins_all_feeds_of_a_reader(desk: Desk) -> None:
    """An entry in two of them is shown once; who follows one feed gets that one only."""
    desk.subscribe(1, feeds=("main", "tram"))
    desk.subscribe(2, feeds=("tram",))
    desk.run()
    desk.publish("Line 4", tags="tram")
    desk.publish("Pool")
    desk.pass_to(7)
    assert desk.mails() == [("reader1", "en: Pool, Line 4"), ("reader2", "en: Line 4")]


def test_readers_of_the_same_share_one_body(desk: Desk) -> None:
    """A thousand readers, one rendering for each language."""
    for number in range(1, 41):
        desk.subscribe(number, language="ar" if number % 4 == 0 else "en")
    desk.run()
    desk.publish("News")
    desk.pass_to(7)
    with desk.room.store.reading() as unit:
        keys = {queued.body_key for _, queued in unit.outbox_page(0, 100)}
    assert len(keys) == 2
    assert sorted({titles for _, titles in desk.mails()}) == ["ar: News", "en: News"]


def test_missed_days_come_in_one_mail(desk: Desk) -> None:
    """The service slept for three days: one mail with everything, and the next at the usual hour."""
    desk.subscribe(1)
    desk.run()
    for name in ("One", "Two", "Three"):
        desk.publish(name)
        desk.room.clock.advance(86_400)
    desk.run()
    assert desk.mails() == [("reader1", "en: Three, Two, One")]
    desk.publish("Four")
    assert desk.run() is None
    desk.pass_to(7)
    assert len(desk.mails()) == 2


def test_an_imported_archive_is_no_news(desk: Desk) -> None:
    """Entries dated long ago go into the feeds, not into mails."""
    desk.subscribe(1)
    desk.run()
    desk.publish("From the archive", date="2019-05-01")
    desk.publish("Of last week", date="2026-02-24")
    desk.pass_to(7)
    assert desk.mails() == [("reader1", "en: Of last week")]


def test_immediate_mails_wait_for_a_quiet_minute(desk: Desk) -> None:
    """Three entries in a row are one mail; the next one is another."""
    desk.subscribe(1, schedule=DigestSchedule(Frequency.IMMEDIATE, UTC_ZONE))
    desk.run()
    for name in ("One", "Two", "Three"):
        desk.publish(name)
        desk.room.clock.advance(40)
        assert desk.run() is None
    desk.room.clock.advance(20)
    desk.run()
    assert desk.mails() == [("reader1", "en: Three, Two, One")]
    desk.publish("Four")
    desk.room.clock.advance(61)
    desk.run()
    assert desk.mails()[1:] == [("reader1", "en: Four")]


@pytest.mark.parametrize("state", [SubscriberState.PENDING, SubscriberState.GONE])
def test_only_those_who_agreed_get_mail(desk: Desk, state: SubscriberState) -> None:
    """Neither the undecided nor those who left."""
    desk.subscribe(1, state=state)
    desk.run()
    desk.publish("News")
    assert desk.pass_to(7) is None


def test_a_pause_loses_nothing(desk: Desk) -> None:
    """What came meanwhile is in the first mail after it."""
    desk.subscribe(1, paused_until=desk.room.clock() + timedelta(days=3))
    desk.run()
    desk.publish("Meanwhile")
    assert desk.pass_to(7) is None
    assert desk.pass_to(7) is None
    desk.room.clock.advance(2 * 86_400)
    desk.pass_to(7)
    assert desk.mails() == [("reader1", "en: Meanwhile")]


def test_a_failed_run_leaves_no_trace(desk: Desk) -> None:
    """A template that breaks, a disk that is full: nothing is half written, and the next run makes good."""
    desk.subscribe(1)
    desk.run()
    desk.publish("News")
    broken = Runs(_fail, lambda subscriber, period: f"{subscriber}/{period}")
    desk.runs, working = broken, desk.runs
    with pytest.raises(OSError, match="disk"):
        desk.pass_to(7)
    assert desk.mails() == []
    desk.runs = working
    desk.run()
    assert desk.mails() == [("reader1", "en: News")]


def _fail(*_: object) -> bytes:
    raise OSError("the disk is full")
