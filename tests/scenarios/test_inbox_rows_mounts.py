"""Rows of the list of inbox cases about file systems that are mounted, taken away, or may not be written."""

from __future__ import annotations

import subprocess
from typing import TYPE_CHECKING

import needs
import pytest
from aftermath import inventory
from daemon import Daemon, Site

if TYPE_CHECKING:
    from pathlib import Path

TITLES = ["First notice", "Second notice"]


def fill(site: Site) -> None:
    """Write two articles."""
    for title in TITLES:
        site.write(f"{title.split()[0]}.txt", f"{title}\n\nIts text.\n")


@pytest.mark.case("1.2")
def test_a_folder_without_events_beside_one_with_events(site: Site) -> None:
    """What is written to a share that was mounted into the inbox makes no events there; the next scan finds it."""
    (site.inbox / "share").mkdir()
    fill(site)
    with Daemon(site) as daemon:
        daemon.wait_for_titles(*TITLES)
        with needs.mounted(site.inbox / "share", "-t", "tmpfs", "feedsvc-test"):
            site.write("share/remote.txt", "A remote notice\n\nIts text.\n")
            site.write("local.txt", "A local notice\n\nIts text.\n")
            daemon.wait_for_titles(*TITLES, "A remote notice", "A local notice")
            daemon.goes_on()
            daemon.terminate()


@pytest.mark.case("1.9", "2.53")
def test_an_inbox_that_is_unmounted_retracts_nothing(site: Site, tmp_path: Path) -> None:
    """An empty folder in its place is not believed; mounted again, all is as it was."""
    disk = tmp_path / "disk"
    disk.mkdir()
    with Daemon(site) as daemon:
        with needs.mounted(site.inbox, "--bind", str(disk)):
            fill(site)
            daemon.wait_for_titles(*TITLES)
            before = site.items()
        assert daemon.wait_until_ill("removals")
        assert site.items() == before
        with needs.mounted(site.inbox, "--bind", str(disk)):
            daemon.wait_until_well()
            assert site.items() == before
            daemon.goes_on()
        assert daemon.lines("file.withdrawn") == []


@pytest.mark.case("2.13")
def test_an_inbox_mounted_into_itself_is_read_once(site: Site) -> None:
    """The files behind the loop are duplicates of themselves, and nobody walks in circles."""
    fill(site)
    (site.inbox / "loop").mkdir()
    before = inventory(site.inbox)
    site.environ["PYTHONWARNINGS"] = "ignore:Callback with id:RuntimeWarning"  # watchdog meets the folder twice
    with needs.mounted(site.inbox / "loop", "--bind", str(site.inbox)), Daemon(site) as daemon:
        daemon.wait_for_titles(*TITLES)
        daemon.wait_until(lambda: site.counts() == {"published": 2, "duplicate": 2})
        daemon.goes_on()
        daemon.terminate()
    after = inventory(site.inbox)
    assert {path: after[path] for path in before if path != "loop"} == {p: s for p, s in before.items() if p != "loop"}


@pytest.mark.case("1.31", "2.55")
def test_a_published_folder_that_turns_read_only_is_caught_up_with(tmp_path: Path) -> None:
    """Readers keep the last feed, health is red, and all that came meanwhile is published once it may be written."""
    disk = tmp_path / "disk"
    disk.mkdir()
    with needs.mounted(disk, "-t", "tmpfs", "feedsvc-test"):
        site = Site(tmp_path / "site", FEEDSVC_PUBLISH__PATH=str(disk))
        site.published = disk
        fill(site)
        with Daemon(site) as daemon:
            daemon.wait_for_titles(*TITLES)
            daemon.wait_until_well()
            before = site.tree()
            subprocess.run([needs.tool("mount"), "-o", "remount,ro", str(disk)], check=True)
            site.write("third.txt", "Third notice\n\nIts text.\n")
            assert "read-only" in daemon.wait_until_ill("publish").lower()
            assert site.tree() == before
            assert daemon.get("/main/atom.xml").status == 200
            subprocess.run([needs.tool("mount"), "-o", "remount,rw", str(disk)], check=True)
            daemon.goes_on()
            assert set(site.titles()) > {*TITLES, "Third notice"}
            daemon.wait_until_well()
            daemon.terminate()


@pytest.mark.case("1.31")
def test_a_state_folder_that_is_read_only_is_told_in_one_sentence(tmp_path: Path) -> None:
    """The daemon does not start, nothing that was published is touched, and it starts once the folder is right."""
    disk = tmp_path / "disk"
    disk.mkdir()
    with needs.mounted(disk, "-t", "tmpfs", "feedsvc-test"):
        site = Site(tmp_path / "site", FEEDSVC_STATE__PATH=str(disk))
        fill(site)
        site.feedsvc("build")
        before = site.tree()
        subprocess.run([needs.tool("mount"), "-o", "remount,ro", str(disk)], check=True)
        site.write("third.txt", "Third notice\n\nIts text.\n")
        (sentence,) = site.feedsvc("run", exit_code=1).stderr.splitlines()
        assert str(disk) in sentence
        assert site.tree() == before
        subprocess.run([needs.tool("mount"), "-o", "remount,rw", str(disk)], check=True)
        with Daemon(site) as daemon:
            daemon.wait_for_titles(*TITLES, "Third notice")
            daemon.goes_on()
            daemon.terminate()
