"""Much news is few mails, a pause is a pause, and whoever left is left in peace."""

from __future__ import annotations

import re
from datetime import timedelta
from typing import TYPE_CHECKING

import pytest
from mail_samples import content, parsed
from newsroom import article
from press_room import UTC_ZONE, PressRoom, templates, wish

from feedsvc.app.issues import finisher
from feedsvc.app.links import reader_links
from feedsvc.app.run_maker import RunMaker
from feedsvc.digests.register import Verdict
from feedsvc.digests.tokens import Tokens
from feedsvc.model import DigestSchedule, Frequency

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from feedsvc.app.links import ReaderLinks

TOKENS = Tokens((b"k" * 32,))


@pytest.fixture
def press(tmp_path: Path) -> Iterator[PressRoom]:
    """Yield a press room without readers."""
    made = PressRoom(tmp_path, timedelta(days=30))
    yield made
    made.close()


def links(subscriber_id: str) -> ReaderLinks:
    return reader_links("https://news.example", "news.example", TOKENS, subscriber_id)


def told(press: PressRoom) -> list[list[str]]:
    """Return what each message tells of, as names of files, in the order of the outbox."""
    return [sorted(paths) for _, _, _, paths in press.queued(0)]


def mails(press: PressRoom) -> list[bytes]:
    """Return all messages that wait, finished."""
    with press.store.reading() as unit:
        queued = [each for _, each in unit.outbox_page(0, 1_000)]
        bodies = unit.digest_bodies({each.body_key for each in queued})
    return [finisher(links)(each, bodies[each.body_key]).message for each in queued]


@pytest.mark.parametrize("frequency", [Frequency.IMMEDIATE, Frequency.DAILY])
@pytest.mark.parametrize("count", [50, 51, 500])
def test_a_bulk_drop_is_one_mail(press: PressRoom, frequency: Frequency, count: int) -> None:
    """Fifty are shown, newest first; of the rest there is a number and a link, and nobody is told of them again."""
    press.register.add(wish("ada@example.org", DigestSchedule(frequency, UTC_ZONE, 7)))
    maker = RunMaker(press.project, press.store, templates, press.clock, bool)
    maker.make()
    for number in range(count):
        minute = f"2026-02-20T{number // 60:02}:{number % 60:02}:00Z"
        press.room.write(f"story-{number}.txt", f"title: Story {number}\ndate: {minute}\n\nWhat happened.\n")
    press.room.scan()
    for _ in range(3):
        press.clock.advance(90_000)
        maker.make()
    (message,) = mails(press)
    assert parsed(message)["Subject"] == f"Story {count - 1} and {count - 1} more"
    shown = [*map(int, re.findall(r"Story (\d+)", content(message, "plain")))]
    assert sorted(set(shown), key=shown.index) == [*range(count - 1, count - 51, -1)]
    rest = re.search(r"(\d+) more entr(?:y|ies) on the site", content(message, "plain"))
    assert (int(rest[1]) if rest else 0) == count - 50


def test_a_steady_stream_is_a_mail_every_ten_minutes(press: PressRoom) -> None:
    """An entry every forty seconds, so that no minute is quiet: nobody waits for ever, and each entry comes once."""
    press.register.add(wish("ada@example.org", DigestSchedule(Frequency.IMMEDIATE, UTC_ZONE)))
    press.make_run()
    begin, names, moments = press.clock(), [], []
    for number in range(45):
        names.append(f"story-{number:02}.md")
        press.room.write(names[-1], article(f"Story {number}", f"Part {number}."))
        press.room.scan()
        for _ in range(4):
            press.clock.advance(10)
            press.make_run()
            moments += [(press.clock() - begin).seconds] * (len(told(press)) - len(moments))
    press.clock.advance(60)
    press.make_run()
    assert moments == [600, 1_200, 1_800]
    assert len(told(press)) == 3
    assert sorted(path for paths in told(press) for path in paths) == names


@pytest.mark.parametrize("frequency", Frequency)
def test_a_pause_ends_with_one_mail_about_all_of_it(press: PressRoom, frequency: Frequency) -> None:
    """Nothing comes while it lasts; then what is still there of it comes at the next hour, in one mail."""
    until = press.clock() + timedelta(days=70)
    press.register.add(wish("ada@example.org", DigestSchedule(frequency, UTC_ZONE, 7), paused_until=until))
    press.make_run()
    for number in range(3):
        press.room.write(f"story-{number}.md", article(f"Story {number}", f"Part {number}."))
        press.room.scan()
        press.clock.advance(20 * 86_400)
        press.make_run()
    press.room.delete("story-1.md")
    press.room.pass_grace()
    assert told(press) == []
    for _ in range(50):
        press.clock.advance(86_400)
        press.make_run()
    assert told(press) == [["story-0.md", "story-2.md"]]


@pytest.mark.parametrize("is_erased", [False, True])
def test_whoever_left_is_not_brought_back_by_a_table(press: PressRoom, is_erased: bool) -> None:
    """Neither what was queued for them nor what comes after another import goes to their address, in any spelling."""
    wanted = wish("ada@example.org", DigestSchedule(Frequency.DAILY, UTC_ZONE, 7))
    press.register.take_in([wanted])
    press.make_run()
    press.room.write("story.md", article("Story"))
    press.room.scan()
    press.clock.advance(86_400)
    press.make_run()
    assert told(press) == [["story.md"]]
    (press.register.erase if is_erased else press.register.remove)("ada@example.org")
    shouted = wish("ADA@Example.org", wanted.schedule)
    assert press.register.take_in([wanted, shouted]) == [Verdict.SUPPRESSED, Verdict.SUPPRESSED]
    press.room.write("other.md", article("Other story"))
    press.room.scan()
    press.clock.advance(86_400)
    press.make_run()
    press.send()
    assert press.postman.taken == []
    assert set(press.states().values()) <= {"suppressed"}
