"""Rows of the list of inbox cases that need the real program: limits of the kernel, rights, writers, bursts."""

from __future__ import annotations

import json
import re
import subprocess
import sys
import time
from typing import Any

import needs
import pytest
from aftermath import inventory
from case_table import CASES, MAX_BYTES
from daemon import PATIENCE_S, Daemon, Site

from feedsvc.model import display_path

CODE = re.compile(r"\b[EWHI]_[A-Z_]+")
COPIED = 3_000 if needs.scale() >= 6 else 300
COPIER = """
import os, sys
inbox, count = sys.argv[1], int(sys.argv[2])
for number in range(count):
    name = f"{inbox}/{number}.txt"
    with open(name, "w") as file:
        file.write(f"Report number {number}\\n\\nIts text.\\n")
    if number % 3 == 1:
        os.unlink(name)
    if number % 3 == 2:
        os.rename(name, f"{inbox}/moved-{number}.txt")
"""
GROWER = """
import sys, time
with open(sys.argv[1], "w") as file:
    while not sys.argv[2:]:
        file.write("One more line of a log.\\n\\n")
        file.flush()
        time.sleep(0.02)
"""


@pytest.mark.case("1.8")
@pytest.mark.parametrize("limit", ["max_inotify_watches", "max_inotify_instances"])
def test_at_the_limit_of_the_kernel_the_inbox_is_polled(site: Site, limit: str) -> None:
    """The daemon starts, says which setting to raise, publishes what is there and what comes."""
    number = 2 if limit == "max_inotify_watches" else 0  # some folders may be watched, others not
    lower = f'echo {number} > /proc/sys/user/{limit} && exec "$0" "$@"'
    site.run_under = needs.command("unshare", "--user", "--map-root-user", "sh", "-c", lower)
    for folder in ("one", "two", "three"):
        site.write(f"{folder}/notice.txt", f"Notice {folder}\n\nIts text.\n")
    with Daemon(site) as daemon:
        daemon.wait_for_titles("Notice one", "Notice two", "Notice three")
        polling = daemon.wait_for("watch.polling")
        assert "fs.inotify.max_user" in json.dumps(polling)
        daemon.goes_on()
        daemon.terminate()


@pytest.mark.case("1.8")
def test_a_limit_that_is_met_later_loses_no_file(site: Site) -> None:
    """Folders that come when there is no watch left for them are read by the scans."""
    lower = 'echo 3 > /proc/sys/user/max_inotify_watches && exec "$0" "$@"'
    site.run_under = needs.command("unshare", "--user", "--map-root-user", "sh", "-c", lower)
    with Daemon(site) as daemon:
        daemon.wait_for("service.ready")
        titles = [f"Notice {number}" for number in range(6)]
        for number, title in enumerate(titles):
            site.write(f"folder-{number}/notice.txt", f"{title}\n\nIts text.\n")
        daemon.wait_for_titles(*titles)
        daemon.goes_on()
        daemon.terminate()


@pytest.mark.case("1.7", "2.9")
def test_files_that_come_and_go_in_a_burst(site: Site) -> None:
    """Of files copied, deleted and renamed at full speed, those that stay are published, and none is an error."""
    never_held = {"FEEDSVC_INBOX__MASS_REMOVAL_PERCENT": "100"}  # a slow machine publishes many before they are deleted
    with Daemon(site, **never_held) as daemon:
        daemon.wait_for("service.ready")
        subprocess.run([sys.executable, "-c", COPIER, str(site.inbox), str(COPIED)], check=True)
        daemon.wait_until(lambda: site.counts() == {"published": len(list(site.inbox.iterdir()))})
        daemon.wait_until(lambda: len(list(site.published.glob("entries/*"))) == COPIED - COPIED // 3)
        assert daemon.lines("file.quarantined") == []
        assert [event for event in daemon.events if event["level"] in ("warning", "error")] == []
        time.sleep(1)  # what comes in the same second has no order, and a feed shows 50
        daemon.goes_on()
        daemon.terminate()


@pytest.mark.case("1.4", "2.17")
def test_a_file_that_grows_and_grows_waits(site: Site) -> None:
    """While its writer lives it is never published, is told as waiting, and holds nobody up; then it is published."""
    with Daemon(site) as daemon:
        daemon.wait_for("service.ready")
        writer = subprocess.Popen([sys.executable, "-c", GROWER, str(site.inbox / "growing.txt")])
        try:
            daemon.wait_until(lambda: site.counts() == {"waiting": 1})
            for _ in range(3):
                daemon.goes_on()
            assert [file["state"] for file in site.status()["files"] if file["path"] == "growing.txt"] == ["waiting"]
            assert not daemon.lines("file.published", path="growing.txt")
        finally:
            writer.terminate()
            writer.wait()
        daemon.wait_for("file.published", path="growing.txt")
        assert len(daemon.lines("file.published", path="growing.txt")) == 1
        daemon.goes_on()
        daemon.terminate()


@pytest.mark.case("2.15")
def test_giants_cost_no_memory(site: Site) -> None:
    """A text of 200 MB and a sparse file of 10 GB are refused by their size, unread."""
    with Daemon(site) as daemon:
        daemon.goes_on()
        before = daemon.rss()
        for name, size in (("large.txt", 200_000_000), ("giant.md", 10 * 1024**3)):
            with (site.inbox / name).open("wb") as file:
                file.truncate(size)
        for name in ("large.txt", "giant.md"):
            assert daemon.wait_for("file.quarantined", path=name)["code"] == "E_SIZE"
        daemon.goes_on()
        assert daemon.rss() - before < 50_000_000
        daemon.terminate()


@pytest.mark.case("2.52")
def test_files_renamed_and_swapped_under_the_daemon(site: Site) -> None:
    """Three renames within a second and two files that trade names: ids follow the texts."""
    for name in ("one", "two", "three"):
        site.write(f"{name}.txt", f"Notice {name}\n\nThe text of {name}.\n")
    with Daemon(site) as daemon:
        daemon.wait_for_titles("Notice one", "Notice two", "Notice three")
        ids = {item["title"]: item["id"] for item in site.items()}
        for old, new in (("one", "a"), ("a", "b"), ("b", "c"), ("two", "aside"), ("three", "two"), ("aside", "three")):
            (site.inbox / f"{old}.txt").rename(site.inbox / f"{new}.txt")
        daemon.goes_on()
        daemon.wait_until(lambda: site.receipt("two.txt")["entries"][0]["title"] == "Notice three")
        assert ids.items() <= {item["title"]: item["id"] for item in site.items()}.items()
        assert len(site.items()) == 4
        daemon.terminate()


@pytest.mark.case("2.51")
def test_a_name_forges_no_line(site: Site) -> None:
    """Line ends and terminal sequences in names are shown as text, in the log for people and by every command."""
    forged = "a\nfile.published path=forged\x1b[31m"
    site.write(f"{forged}.md", "---\ntitle: [\n---\nText.\n")
    site.write(f"{forged}.txt", "Its name is odd\n\nText.\n")
    run = subprocess.Popen(
        site.command("run"),
        env=site.environment(FEEDSVC_LOG__FORMAT="console"),
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )
    try:
        end = time.monotonic() + PATIENCE_S
        while site.titles() != ["Its name is odd"] and time.monotonic() < end:
            time.sleep(0.1)
    finally:
        run.terminate()
    log = run.communicate(timeout=PATIENCE_S)[0]
    assert "forged" in log
    commands = [
        site.feedsvc("status"),
        site.feedsvc("status", f"{forged}.txt"),
        site.feedsvc("check", str(site.inbox / f"{forged}.md"), exit_code=1),
        site.feedsvc("build", exit_code=1),
    ]
    for output in (log, *(command.stdout + command.stderr for command in commands)):
        assert "\x1b[31m" not in output
        assert not any(line.startswith("file.published path=forged") for line in output.splitlines())


def test_check_says_what_becomes_of_every_row(site: Site) -> None:
    """``feedsvc check`` of all files of the table gives the receipts that ``feedsvc build`` made."""
    site.environ["FEEDSVC_INBOX__MAX_FILE_BYTES"] = str(MAX_BYTES)
    paths = [f"{case.row}/{case.path}" for case in CASES]
    for path, case in zip(paths, CASES, strict=True):
        (site.inbox / path).parent.mkdir()
        (site.inbox / path).write_bytes(case.data)
    before = inventory(site.inbox)
    site.feedsvc("build", exit_code=1)
    checked = json.loads(
        site.feedsvc("check", "--json", *(str(site.inbox / path) for path in paths), exit_code=1).stdout
    )
    assert [receipt["path"] for receipt in checked] == [display_path(path) for path in paths]
    told = {receipt["path"]: (receipt["state"], codes_of(receipt)) for receipt in checked}
    known = {file["path"]: (file["state"], CODE.findall(file["detail"])) for file in site.status()["files"]}
    for case in CASES:
        path = display_path(f"{case.row}/{case.path}")
        if "E_EMPTY" in case.codes:  # who asks has no minute to wait
            assert (known[path], told[path]) == (("waiting", ["E_EMPTY"]), ("quarantined", ["E_EMPTY"]))
        else:
            assert known[path] == told[path], path
    assert inventory(site.inbox) == before


def codes_of(receipt: dict[str, Any]) -> list[str]:
    """Return the codes that ``status`` shows of a receipt: of what is wrong, else of its warnings and hints."""
    if receipt["problem"] is not None:
        return [receipt["problem"]["code"]]
    return [notice["code"] for notice in receipt["notices"]] if receipt["state"] != "duplicate" else []
