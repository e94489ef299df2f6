"""The daemon is killed again and again while files arrive; in the end nothing shows of it."""

from __future__ import annotations

import random
import shutil
import subprocess
import sys
import time
from typing import TYPE_CHECKING

import needs
import pytest
from daemon import Daemon, Site, tell

from feedsvc.model import ChangeKind
from feedsvc.store import open_sqlite

if TYPE_CHECKING:
    from pathlib import Path

IS_FULL = needs.scale() >= 6
KILLS, FILES, SECONDS = (50, 1000, 60) if IS_FULL else (8, 300, 12)
MANY = {"FEEDSVC_PUBLISH__ENTRIES_PER_FEED": "1000", "FEEDSVC_PUBLISH__MAX_FEED_BYTES": "50000000"}
"""One feed shows all entries, so that each can be counted there."""

WRITER = """
import pathlib, sys, time
inbox, count, shares, pause_s = pathlib.Path(sys.argv[1]), int(sys.argv[2]), int(sys.argv[3]), float(sys.argv[4])
for number in range(count):
    if number * shares // count != (number - 1) * shares // count:
        sys.stdin.readline()
    time.sleep(pause_s)
    title = f"تقرير رقم {number} من مراسلنا" if number % 2 else f"Report {number} of our correspondent"
    text = "ما الذي حدث اليوم في المدينة." if number % 2 else "What happened in town today."
    date = f"2026-04-{number % 28 + 1:02}T{number // 28 % 24:02}:{number % 60:02}:00Z"
    file = inbox / ("news", "اخبار", "archive/2026")[number % 3] / f"{number:04}.md"
    with file.open("w", encoding="utf-8") as handle:
        handle.write(f"---\\ntitle: {title}\\ndate: {date}\\n")
        handle.flush()
        handle.write(f"tags: [tag{number % 5}]\\n---\\n\\n" + f"{text}\\n\\n" * (number % 20 + 1))
"""
"""A program that writes files at a steady rate, each in two steps; it waits for a line on its standard input before
each share of them."""


def make_folders(site: Site) -> None:
    """Make the three sub-folders that files arrive in."""
    for folder in ("news", "اخبار", "archive/2026"):
        (site.inbox / folder).mkdir(parents=True)


def writing(site: Site) -> subprocess.Popen[bytes]:
    """Start the writer; it has as many shares to write as the daemon is killed."""
    numbers = (str(FILES), str(KILLS), str(SECONDS / FILES))
    return subprocess.Popen([sys.executable, "-c", WRITER, str(site.inbox), *numbers], stdin=subprocess.PIPE, bufsize=0)


def kill_at_a_random_moment(site: Site, number: int, chance: random.Random) -> set[str]:
    """Start the daemon and kill it, every other time only once it reads; returns the names of its log lines."""
    with Daemon(site) as daemon:
        if number % 2:
            daemon.wait_for("service.started")
            time.sleep(chance.uniform(0.0, 0.9))
        else:
            time.sleep(chance.uniform(0.05, 1.5))
        daemon.kill()
    return {str(line["event"]) for line in daemon.events}


def assert_each_once(site: Site) -> None:
    """Check that store, feed and pages hold each article once, and that each was news once."""
    store = open_sqlite(str(site.root / ".feedsvc" / "feedsvc.sqlite3"))
    with store.reading() as unit:
        assert len(unit.live_ids()) == FILES
        changes = unit.changes(0, FILES * 10)
    store.close()
    assert {change.kind for change in changes} == {ChangeKind.PUBLISHED}
    assert len({change.entry_id for change in changes}) == len(changes) == FILES
    items = site.items()
    assert len({item["title"] for item in items}) == len({item["id"] for item in items}) == len(items) == FILES
    assert len(list(site.published.glob("entries/*/index.html"))) == FILES


def all_published(site: Site) -> bool:
    """Tell whether all feeds are there in their last form."""
    folders = ("news", "اخبار", "archive-2026")
    return len(site.items()) == FILES and sum(len(site.items(slug)) for slug in folders) == FILES


@pytest.mark.timeout(900 if IS_FULL else 240)
@pytest.mark.case("1.15", "2.56")
def test_kills_at_random_moments_lose_and_double_nothing(tmp_path: Path) -> None:
    """After the last restart each article is published once, and the feeds are those of an undisturbed run."""
    site, calm = Site(tmp_path / "site", **MANY), Site(tmp_path / "calm", **MANY)
    make_folders(site)
    chance, seen, began = random.Random(20261124), [], time.monotonic()
    with writing(site) as writer:
        assert writer.stdin is not None
        for number in range(KILLS):
            writer.stdin.write(b"\n")
            seen.append(kill_at_a_random_moment(site, number, chance))
        assert writer.wait(60) == 0
    with Daemon(site) as daemon:
        daemon.wait_until(lambda: all_published(site), patience_s=120)
        daemon.wait_until_well()
        daemon.terminate()
    seconds = time.monotonic() - began

    shutil.copytree(site.inbox, calm.inbox, dirs_exist_ok=True)
    shutil.copy(site.root / "config" / "site.id", calm.root / "config" / "site.id")
    with Daemon(calm) as daemon:
        daemon.wait_until(lambda: all_published(calm), patience_s=120)
        daemon.terminate()
    assert_each_once(site)
    assert_each_once(calm)
    visible, expected = site.tree(), calm.tree()
    assert visible.keys() == expected.keys()
    assert [path for path, content in expected.items() if visible[path] != content] == []
    with Daemon(site) as daemon:
        daemon.goes_on()
        daemon.terminate()

    reading = sum("feeds.written" in events for events in seen)
    tell(f"{KILLS} kills and the last start took {seconds:.0f} s for {FILES} files")
    tell(f"{sum('service.started' not in events for events in seen)} kills came before the start was over")
    tell(f"{reading} kills came after a feed was written")
    tell(f"{len(site.litter())} unfinished files were left in the published folder")
    assert reading > 0
