"""The inbox as a whole goes wrong: two daemons, a folder replaced, emptied or gone."""

from __future__ import annotations

import shutil
import time
from typing import TYPE_CHECKING

import needs
import pytest
from daemon import Daemon, Site

if TYPE_CHECKING:
    from pathlib import Path

TITLES = [f"Notice number {number}" for number in range(8)]
HELD = "8 removed files wait for confirm-removals"


@pytest.fixture
def filled(site: Site) -> Site:
    """Put eight articles into the inbox, some in a sub-folder."""
    for number, title in enumerate(TITLES):
        site.write(f"{'news/' if number % 2 else ''}notice-{number}.txt", f"{title}\n\nIts text, number {number}.\n")
    return site


@pytest.mark.case("2.57")
def test_a_second_daemon_refuses(filled: Site) -> None:
    """On the same state it says in one sentence who works there and what to do, and harms the first one in nothing."""
    with Daemon(filled) as first:
        first.wait_for_titles(*TITLES)
        second = filled.feedsvc("run", exit_code=1)
        assert second.stdout == ""
        (sentence,) = second.stderr.splitlines()
        assert f"another feedsvc (process {first.process.pid}) already works on" in sentence
        assert "stop it first" in sentence
        filled.write("late.txt", "A late notice\n\nThe first daemon still works.\n")
        first.wait_for_titles(*TITLES, "A late notice")
        first.goes_on()
        first.terminate()
    with Daemon(filled) as third:
        third.wait_for("service.ready")


@pytest.mark.case("1.9", "2.53")
def test_an_inbox_renamed_and_made_again_heals(filled: Site, tmp_path: Path) -> None:
    """The new folder is watched within a minute; what was in the old one stays until somebody confirms."""
    with Daemon(filled, FEEDSVC_INBOX__RECONCILE_S="600") as daemon:
        daemon.wait_for_titles(*TITLES)
        filled.inbox.rename(tmp_path / "old")
        filled.inbox.mkdir()
        daemon.wait_for("watch.broken")
        seen = len(daemon.events)
        daemon.wait_for("watch.started", after=1)
        filled.write("new.txt", "First in the new inbox\n\nIts text.\n")
        daemon.wait_for_titles(*TITLES, "First in the new inbox")
        daemon.wait_until(lambda: daemon.health()[1]["removals"]["detail"] == HELD)
        assert filled.titles() == sorted([*TITLES, "First in the new inbox"])
        filled.write("new-2.txt", "Second in the new inbox\n\nFound by an event: no scan is due for minutes.\n")
        daemon.wait_for("file.published", path="new-2.txt", after=seen)
        daemon.terminate()
    shutil.copytree(tmp_path / "old", filled.inbox, dirs_exist_ok=True)
    with Daemon(filled) as daemon:
        daemon.wait_for("service.ready")
        daemon.wait_until_well()
        daemon.wait_for_titles(*TITLES, "First in the new inbox", "Second in the new inbox")
        daemon.goes_on()


def test_a_small_inbox_renamed_and_made_again_keeps_its_entries(site: Site, tmp_path: Path) -> None:
    """Also where few files are gone: an editor deletes files, not the folder they lie in."""
    for number in range(3):
        site.write(f"notice-{number}.txt", f"{TITLES[number]}\n\nIts text, number {number}.\n")
    with Daemon(site) as daemon:
        daemon.wait_for_titles(*TITLES[:3])
        site.inbox.rename(tmp_path / "old")
        site.inbox.mkdir()
        site.write("new.txt", "First in the new inbox\n\nIts text.\n")
        daemon.wait_for_titles(*TITLES[:3], "First in the new inbox")
        daemon.wait_until(lambda: daemon.lines("removals.held") or daemon.lines("file.withdrawn"))
        assert daemon.lines("file.withdrawn") == []
        assert len(site.items()) == 4


@pytest.mark.case("1.10", "2.53")
def test_an_emptied_inbox_retracts_nothing(filled: Site) -> None:
    """Health is red and says how many files are gone; only the operator's word withdraws them."""
    with Daemon(filled) as daemon:
        daemon.wait_for_titles(*TITLES)
        for path in filled.inbox.rglob("*.txt"):
            path.unlink()
        daemon.wait_until(lambda: daemon.health()[1]["removals"]["detail"] == HELD)
        assert daemon.health()[0] == 503
        assert len(daemon.feed("main", "atom.xml").entries) == 8
        assert len(filled.status()["held_removals"]) == 8
        assert filled.feedsvc("confirm-removals", "--yes").stdout == "Confirmed the removal of 8 files.\n"
        daemon.wait_for_titles()
        daemon.wait_for_titles(slug="news")
        daemon.wait_until_well()
        assert daemon.feed("main", "atom.xml").entries == []
        assert daemon.feed("news", "feed.json")["items"] == []
        daemon.wait_until(lambda: not list(filled.published.glob("entries/*")))
        daemon.goes_on()


def test_held_removals_outlive_a_crash(filled: Site) -> None:
    """The restarted daemon holds them still, and a file that comes back is no longer among them."""
    with Daemon(filled) as daemon:
        daemon.wait_for_titles(*TITLES)
        shutil.move(filled.inbox / "news", filled.root / "aside")
        for path in filled.inbox.glob("*.txt"):
            path.unlink()
        daemon.wait_until_ill("removals")
        daemon.kill()
    with Daemon(filled) as daemon:
        daemon.wait_until_ill("removals")
        assert filled.titles() == TITLES
        shutil.move(filled.root / "aside", filled.inbox / "news")
        daemon.wait_until(lambda: len(filled.items()) == 4)
        assert filled.titles() == TITLES[1::2]
        daemon.wait_until_well()


@pytest.mark.case("1.2", "1.9")
def test_a_share_inside_the_inbox_comes_and_goes(site: Site) -> None:
    """Mounted while the daemon runs, its files are published as they come; gone again, nothing is withdrawn."""
    shared = site.inbox / "shared"
    shared.mkdir()
    site.write("local.txt", "A local notice\n\nIts text.\n")
    with Daemon(site) as daemon:
        daemon.wait_for_titles("A local notice")
        with needs.mounted(shared):
            daemon.wait_for("watch.started", folder=str(shared.resolve()), mode="inotify")
            site.write("shared/notice.txt", "A shared notice\n\nIts text.\n")
            daemon.wait_for_titles("A local notice", "A shared notice")
        daemon.wait_until_ill("removals")
        assert site.titles() == ["A local notice", "A shared notice"]
        assert site.status()["held_removals"] == ["shared/notice.txt"]
        assert daemon.lines("file.withdrawn") == []
        daemon.terminate()


def test_held_files_that_come_back_are_noticed_at_once(filled: Site) -> None:
    """Saved again one by one, under their names or another, they end the hold: no scan is due for minutes."""
    with Daemon(filled, FEEDSVC_INBOX__RECONCILE_S="600") as daemon:
        daemon.wait_for_titles(*TITLES)
        texts = {path: path.read_text("utf-8") for path in filled.inbox.rglob("*.txt")}
        for path in texts:
            path.unlink()
        daemon.wait_until_ill("removals")
        for number, (path, text) in enumerate(texts.items()):
            path.with_stem(f"back-{number}" if number % 3 == 0 else path.stem).write_text(text, "utf-8")
        daemon.wait_until_well()
        assert filled.titles() == TITLES
        assert daemon.lines("file.withdrawn") == []
        daemon.terminate()


def test_waiting_for_an_operator_costs_no_work(filled: Site) -> None:
    """While removals are held the daemon sleeps instead of asking the store again and again."""
    with Daemon(filled) as daemon:
        daemon.wait_for_titles(*TITLES)
        for path in filled.inbox.rglob("*.txt"):
            path.unlink()
        daemon.wait_until_ill("removals")
        before = daemon.cpu_s()
        time.sleep(2)
        assert daemon.cpu_s() - before < 1


@pytest.mark.case("1.9", "2.53")
def test_a_missing_inbox_retracts_nothing(filled: Site, tmp_path: Path) -> None:
    """Health is red for as long as it is away, all entries are served, and everything goes on when it is back."""
    with Daemon(filled, FEEDSVC_INBOX__GRACE_S="0") as daemon:
        daemon.wait_for_titles(*TITLES)
        before = daemon.get("/main/atom.xml")
        filled.inbox.rename(tmp_path / "elsewhere")
        assert "not available" in daemon.wait_until_ill("inbox")
        assert not daemon.health()[1]["watch"]["ok"]
        scans = len(daemon.events)
        daemon.wait_until(lambda: daemon.health()[0] == 503)
        assert daemon.get("/main/atom.xml") == before
        (tmp_path / "elsewhere").rename(filled.inbox)
        daemon.wait_until_well()
        daemon.wait_for("health.mended", part="inbox", after=scans)
        assert daemon.get("/main/atom.xml") == before
        filled.write("late.txt", "After the return\n\nEvents arrive again.\n")
        daemon.wait_for_titles(*TITLES, "After the return")
        daemon.goes_on()
        daemon.terminate()


def test_deleted_files_leave_after_the_grace_and_may_return(filled: Site) -> None:
    """A few deletions need nobody's word: entry, page and feed item go. The file put back is the entry it was."""
    with Daemon(filled) as daemon:
        daemon.wait_for_titles(*TITLES)
        former = {item["title"]: (item["id"], item["url"]) for item in filled.items()}
        text = (filled.inbox / "notice-0.txt").read_text()
        (filled.inbox / "notice-0.txt").unlink()
        daemon.wait_for("file.withdrawn", path="notice-0.txt")
        daemon.wait_for_titles(*TITLES[1:])
        daemon.wait_until(lambda: daemon.get("/entries/notice-number-0/").status == 404)
        filled.write("notice-0.txt", text)
        daemon.wait_for_titles(*TITLES)
        assert {item["title"]: (item["id"], item["url"]) for item in filled.items()} == former
        assert daemon.get("/entries/notice-number-0/").status == 200
        daemon.terminate()


def test_settings_of_a_folder_are_heeded_at_once(tmp_path: Path) -> None:
    """Saved, broken and mended beside a running daemon: no restart, no scan to wait for, nothing lost on the way."""
    site = Site(tmp_path / "site", FEEDSVC_INBOX__RECONCILE_S="3600")
    with Daemon(site) as daemon:
        site.write("brief/a.txt", "Trams run again\n\nPools stay closed\n")
        daemon.wait_for_titles("Trams run again")
        site.write("brief/_inbox.toml", 'profile = "bulletin"\nauthor = "Desk"\n')
        daemon.wait_for_titles("Trams run again", "Pools stay closed")
        site.write("brief/_inbox.toml", 'profile = "list"\n')
        daemon.wait_until(lambda: "E_FOLDER" in str(site.status()))
        site.write("brief/b.txt", "Bridges open\n\nRoads close\n")
        daemon.wait_until(lambda: site.receipt("brief/b.txt")["state"] == "quarantined")
        assert sorted(site.titles()) == ["Pools stay closed", "Trams run again"]
        site.write("brief/_inbox.toml", 'profile = "bulletin"\nfeed = "short"\n')
        daemon.wait_until(lambda: len(site.titles()) == 4)
        daemon.wait_until(lambda: len(site.titles("short")) == 4)
        assert site.counts() == {"published": 2, "ignored": 1}
