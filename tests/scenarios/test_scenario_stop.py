"""The daemon is stopped at work, or cannot write, and goes on where it was."""

from __future__ import annotations

import signal
from typing import TYPE_CHECKING

import needs
import pytest
from daemon import Daemon, Site

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

BULK = 3_000


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_a_stop_during_a_bulk_import_is_clean(site: Site, number: signal.Signals) -> None:
    """It ends with exit code 0 in time, in the middle of the work, and the next start completes it."""
    for each in range(BULK):
        site.write(f"part{each % 7}/{each}.txt", f"Report number {each}\n\n{'What happened in town. ' * 40}\n")
    with Daemon(site) as daemon:
        daemon.wait_until(lambda: daemon.lines("files.read") or daemon.lines("file.published"))
        daemon.terminate(number, within_s=5)
        assert daemon.events[-1]["event"] == "service.stopped"
        assert not daemon.lines("service.ready")
    assert 0 < site.counts().get("published", 0) < BULK
    with Daemon(site) as daemon:
        daemon.wait_for("service.ready")
        assert site.counts() == {"published": BULK}
        assert len(list(site.published.glob("entries/*/index.html"))) == BULK
        daemon.terminate()
        assert site.litter() == []


def test_a_feed_folder_in_the_way_is_told_and_mended(site: Site) -> None:
    """While a feed cannot be written health is red and the inbox is read on; once it can, nothing is missing."""
    site.write("first.txt", "The first report\n\nIts text.\n")
    with Daemon(site) as daemon:
        daemon.wait_for_titles("The first report")
        (site.published / "main").rename(site.root / "aside")
        (site.published / "main").write_text("in the way")
        site.write("second.txt", "The second report\n\nIts text.\n")
        assert daemon.wait_until_ill("publish")
        assert daemon.wait_for("publish.failed")["detail"]
        daemon.wait_until(lambda: site.counts() == {"published": 2})
        (site.published / "main").unlink()
        if needs.scale() < 6:  # else it mends itself within a minute, without a new file
            site.write("third.txt", "The third report\n\nIts text.\n")
        daemon.wait_until(lambda: daemon.health()[0] == 200, patience_s=75)
        assert site.titles()[:2] == ["The first report", "The second report"]
        assert len(daemon.feed("main", "rss.xml").entries) == len(site.counts()) + (needs.scale() < 6) + 1
        daemon.terminate()


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """Mount a file system of four megabytes; skips where that is not permitted."""
    folder = tmp_path / "small"
    folder.mkdir()
    with needs.mounted(folder, "-t", "tmpfs", "-o", "size=4m", "feedsvc-test"):
        yield folder


@pytest.mark.case("1.31", "2.55")
def test_a_full_disk_harms_no_feed(tmp_path: Path, small_disk: Path) -> None:
    """Readers keep the last whole feeds, health is red and says why, and all is published once there is room."""
    site = Site(tmp_path / "site", FEEDSVC_PUBLISH__PATH=str(small_disk))
    site.published = small_disk
    site.write("first.txt", "The first report\n\nIts text.\n")
    with Daemon(site) as daemon:
        daemon.wait_for_pages(1)
        before = {path: daemon.get(path) for path in ("/main/atom.xml", "/main/rss.xml", "/main/feed.json", "/")}
        ballast = needs.fill_up(small_disk)
        site.write("second.txt", f"The second report\n\n{'Its text. ' * 2000}\n")
        assert "space" in daemon.wait_until_ill("publish").lower()
        assert {path: daemon.get(path) for path in before} == before
        ballast.unlink()
        site.write("third.txt", "The third report\n\nIts text.\n")
        daemon.wait_for_titles("The first report", "The second report", "The third report")
        daemon.wait_until_well()
        assert len(daemon.feed("main", "atom.xml").entries) == 3
        daemon.goes_on()
        daemon.terminate()
    assert site.litter() == []


@pytest.mark.case("1.31")
def test_a_full_disk_under_the_database_loses_nothing(tmp_path: Path, small_disk: Path) -> None:
    """What cannot be noted is not published half; the files are read once there is room again."""
    site = Site(tmp_path / "site", FEEDSVC_STATE__PATH=str(small_disk))
    site.write("first.txt", "The first report\n\nIts text.\n")
    with Daemon(site) as daemon:
        daemon.wait_for_titles("The first report")
        ballast = needs.fill_up(small_disk)
        for number in range(40):
            site.write(f"more/{number}.txt", f"More of it {number}\n\n{'Its text. ' * 800}\n")
        daemon.wait_until(lambda: daemon.health()[0] == 503)
        assert daemon.get("/main/atom.xml").status == 200
        ballast.unlink()
        daemon.wait_until(lambda: len(site.items()) == 41)
        daemon.wait_until_well()
        daemon.wait_until(lambda: len(site.items("more")) == 40, patience_s=10)
        daemon.goes_on()
        daemon.terminate()
