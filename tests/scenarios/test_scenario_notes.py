"""An editor who sees nothing but a folder learns there what is wrong with a file."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from daemon import Daemon, Site

if TYPE_CHECKING:
    from pathlib import Path

BROKEN = "---\ntitle: Late: the last bus\n---\nIt leaves at midnight now.\n"
MENDED = "---\ntitle: Late, the last bus\n---\nIt leaves at midnight now.\n"
NOTES = {"FEEDSVC_INBOX__QUARANTINE_NOTES": "true", "FEEDSVC_INBOX__MESSAGES": "ar"}


def note_of(file: Path) -> Path:
    """Return where the note about *file* lies."""
    return file.with_name(f"{file.name}.problem.txt")


def test_a_note_comes_and_goes_with_the_fault(site: Site) -> None:
    """It speaks the language of the newsroom, goes when the file is mended, and makes the daemon write nothing else."""
    with Daemon(site, **NOTES) as daemon:
        daemon.wait_for("service.ready")
        file = site.write("news/bus.md", BROKEN)
        daemon.wait_until(note_of(file).exists)
        assert "الحل: ضع العنوان بين علامتي اقتباس" in note_of(file).read_text("utf-8")
        site.write("a.txt", "A neighbour\n\nIt is published all the same.\n")
        daemon.wait_for_titles("A neighbour")
        site.write("news/bus.md", MENDED)
        daemon.wait_for_titles("A neighbour", "Late, the last bus")
        daemon.wait_until(lambda: not note_of(file).exists())
        daemon.terminate()
    told = {line["path"] for line in daemon.events if "path" in line}
    assert told == {"news/bus.md", "a.txt"}, "a note is nobody's file"


def test_a_note_that_outlived_its_daemon_is_put_right(site: Site) -> None:
    """Killed with notes on disk: what became true meanwhile is true after the next start, and status adds up."""
    with Daemon(site, **NOTES) as daemon:
        daemon.wait_for("service.ready")
        gone, still = site.write("gone.md", BROKEN), site.write("still.md", BROKEN.replace("Late", "Later"))
        daemon.wait_until(lambda: note_of(gone).exists() and note_of(still).exists())
        daemon.kill()
    gone.unlink()
    with Daemon(site, **NOTES) as daemon:
        daemon.wait_until(lambda: not note_of(gone).exists())
        assert note_of(still).exists()
        listed = json.loads(site.feedsvc("status", "--json").stdout)["files"]
        states = {line["path"]: line["state"] for line in listed}
        assert states == {"still.md": "quarantined", "still.md.problem.txt": "ignored"}
        daemon.terminate()
    with Daemon(site) as daemon:
        daemon.wait_until(lambda: not note_of(still).exists())
        daemon.terminate()
