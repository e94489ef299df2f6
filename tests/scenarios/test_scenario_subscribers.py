"""Subscribers are managed while the daemon works."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

from daemon import Daemon, Site, tell
from needs import scale

if TYPE_CHECKING:
    from pathlib import Path

ROWS = 100_000 if scale() >= 6 else 3_000


def test_a_large_import_runs_beside_the_daemon(tmp_path: Path) -> None:
    """Nobody is lost, and what is dropped meanwhile is published: neither keeps the other from the database."""
    site = Site(tmp_path / "site")
    table = tmp_path / "people.csv"
    with table.open("w", encoding="utf-8") as file:
        file.write("address,language,timezone,frequency,hour,consent\n")
        file.writelines(
            f"person{number}@example{number % 97}.org,ar,Africa/Cairo,weekly,{number % 24},form\n"
            for number in range(ROWS)
        )
    with Daemon(site) as daemon:
        site.write("before.txt", "The first title\n\nA text.\n")
        daemon.wait_for_titles("The first title")
        begin = time.monotonic()
        done = site.feedsvc("subscribers", "import", str(table))
        tell(f"{ROWS} rows imported beside the daemon in {time.monotonic() - begin:.1f} s")
        assert done.stdout == f"{ROWS} rows: {ROWS} added, 0 known already\n"
        site.write("after.txt", "The second title\n\nA text.\n")
        daemon.wait_for_titles("The first title", "The second title")
        site.feedsvc("subscribers", "erase", "person7@example7.org", "--yes")
        state = b"".join(path.read_bytes() for path in (site.root / ".feedsvc").iterdir())
        assert b"person7@example7.org" not in state
        assert b"person8@example8.org" in state
        assert daemon.health()[0] == 200
    assert len(site.feedsvc("subscribers", "list").stdout.splitlines()) == ROWS - 1
