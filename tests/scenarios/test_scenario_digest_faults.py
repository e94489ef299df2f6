"""The database takes nothing while digests are sent: nobody is left out, and nobody gets a mail twice."""

from __future__ import annotations

import sqlite3
from collections import Counter
from contextlib import closing, contextmanager
from typing import TYPE_CHECKING

import needs
from daemon import Daemon, Site
from digest_site import Archive, Ledger, add_readers, reader, to_server
from mail_server import mail_server

if TYPE_CHECKING:
    from collections.abc import Iterator
    from contextlib import AbstractContextManager
    from pathlib import Path

COUNT, BEFORE = 600, 100
SETTINGS = {"FEEDSVC_STATE__BUSY_S": "1"}


@contextmanager
def locked(folder: Path) -> Iterator[None]:
    """Hold a transaction that writes, as another program might that copies the database."""
    with closing(sqlite3.connect(folder / "feedsvc.sqlite3", timeout=60, isolation_level=None)) as database:
        database.execute("begin immediate")
        yield
        database.execute("rollback")


@contextmanager
def full(folder: Path) -> Iterator[None]:
    """Leave no room on a disk."""
    ballast = needs.fill_up(folder)
    yield
    ballast.unlink()


def send_through(site: Site, folder: Path, fault: AbstractContextManager[None], reason: str) -> None:
    """Send to many while *fault* lasts from the midst of it until the daemon says *reason*; then, each got one."""
    box = Archive(pause_at=BEFORE)
    ledger = Ledger(site, folder)
    add_readers(site, COUNT)
    with mail_server(box) as server, Daemon(site, **to_server(server)) as daemon:
        daemon.wait_until(lambda: ledger.looked_after() == COUNT)
        site.write("tram.txt", "Tram line 4 runs again\n\nAfter a month of repairs.\n")
        daemon.wait_until(lambda: len(box.copies) == BEFORE)
        with fault:
            box.goes_on.set()
            assert reason in daemon.wait_until_ill("mail")
            assert "sending" in ledger.counts()
        daemon.wait_until(lambda: ledger.counts() == Counter(sent=COUNT))
        assert Counter(recipient for recipient, _, _ in box.copies) == Counter(map(reader, range(COUNT)))
        daemon.wait_until_well()
        daemon.goes_on()
        daemon.wait_until(lambda: ledger.counts() == Counter(sent=2 * COUNT))
        daemon.terminate()


def test_a_locked_database_loses_nobody(site: Site) -> None:
    """Another program writes for longer than the daemon has patience; what was sent is noted afterwards."""
    site.environ |= SETTINGS
    state = site.root / ".feedsvc"
    send_through(site, state, locked(state), "database is locked")


def test_a_full_disk_loses_nobody(tmp_path: Path) -> None:
    """There is no room to note what was sent; it is noted once there is."""
    disk = tmp_path / "small"
    disk.mkdir()
    with needs.mounted(disk, "-t", "tmpfs", "-o", "size=16m", "feedsvc-test"):
        site = Site(tmp_path / "site", FEEDSVC_STATE__PATH=str(disk), **SETTINGS)
        send_through(site, disk, full(disk), "full")
