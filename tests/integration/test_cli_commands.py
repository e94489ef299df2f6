"""The real commands on a real project, as a person or a script runs them."""

from __future__ import annotations

import json
import signal
import subprocess
import sys
import time
from typing import TYPE_CHECKING

import pytest
from terminal_screen import screen_of

if TYPE_CHECKING:
    from pathlib import Path

SETTINGS = """
[inbox]
grace_s = 0
[web]
port = 0
"""
BROKEN = "---\ntitle: [unclosed\n---\n\nText.\n"


@pytest.fixture
def site(tmp_path: Path) -> Path:
    """Make a project with one article in a sub-folder."""
    (tmp_path / "config").mkdir()
    (tmp_path / "config" / "feedsvc.toml").write_text(SETTINGS)
    (tmp_path / "inbox" / "news").mkdir(parents=True)
    (tmp_path / "inbox" / "news" / "خبر.txt").write_text("عنوان الخبر\n\nفقرة أولى هنا.\n", encoding="utf-8")
    return tmp_path


def command(site: Path, *arguments: str) -> list[str]:
    """Return the command line for a project."""
    return [sys.executable, "-m", "feedsvc", "--root", str(site), *arguments]


def feedsvc(site: Path, *arguments: str, exit_code: int = 0) -> subprocess.CompletedProcess[str]:
    """Run a command in a pipe and check its exit code."""
    run = subprocess.run(
        command(site, *arguments), capture_output=True, text=True, stdin=subprocess.DEVNULL, check=False, timeout=60
    )
    assert run.returncode == exit_code, run.stdout + run.stderr
    assert "Traceback" not in run.stderr
    return run


def on_terminal(site: Path, *arguments: str, keys: str = "") -> str:
    """Run a command on a terminal, type *keys*, and return what the screen was sent."""
    return screen_of(command(site, *arguments), keys)


def test_new_project_builds_both_examples(tmp_path: Path) -> None:
    """From init to feeds on disk in two commands, the English and the Arabic example among them."""
    feedsvc(tmp_path, "init")
    built = feedsvc(tmp_path, "build")
    assert built.stdout.startswith("2 files (2 published); 2 entries; ")
    assert built.stderr == ""
    feed = json.loads((tmp_path / "feeds" / "main" / "feed.json").read_text("utf-8"))
    assert {item["title"] for item in feed["items"]} == {"Your first entry", "أول خبر بالعربية"}
    assert {item["language"] for item in feed["items"]} == {"en", "ar"}
    receipt = json.loads(feedsvc(tmp_path, "status", "مرحبا.txt", "--json").stdout)
    assert receipt["notices"] == []


def test_build_with_a_broken_file_publishes_the_rest_and_exits_1(site: Path) -> None:
    """A quarantined file is told with its line, in words and in JSON, and does not stop the others."""
    (site / "inbox" / "bad.md").write_text(BROKEN)
    built = feedsvc(site, "build", exit_code=1)
    assert "1 published, 1 quarantined" in built.stdout
    assert built.stderr.startswith("bad.md: line ")
    again = json.loads(feedsvc(site, "build", "--json", exit_code=1).stdout)
    assert again["counts"] == {"published": 1, "quarantined": 1}
    assert again["problems"][0]["path"] == "bad.md"
    assert (site / "feeds" / "main" / "atom.xml").is_file()


def test_check_tells_the_same_as_the_build_and_publishes_nothing(site: Path) -> None:
    """Checked before it is published, a file gets the receipt that it gets afterwards."""
    checked = json.loads(feedsvc(site, "check", "news/خبر.txt", "--json").stdout)
    assert not (site / "feeds" / "main").exists()
    feedsvc(site, "build")
    (entry,) = checked[0]["entries"]
    (published,) = json.loads(feedsvc(site, "status", "news/خبر.txt", "--json").stdout)["entries"]
    assert (entry["title"], entry["url"], entry["feeds"]) == (published["title"], published["url"], published["feeds"])
    assert entry["title"] == "عنوان الخبر"


def test_check_of_a_broken_file_exits_1_and_of_none_2(site: Path) -> None:
    """Scripts can tell a faulty file from a faulty command."""
    (site / "inbox" / "bad.md").write_text(BROKEN)
    checked = feedsvc(site, "check", str(site / "inbox" / "bad.md"), "news/خبر.txt", exit_code=1)
    assert "bad.md: quarantined, not published" in checked.stdout
    assert "what to do: " in checked.stdout
    assert "entry: عنوان الخبر" in checked.stdout
    missing = feedsvc(site, "check", "nosuch.txt", exit_code=2)
    assert "nosuch.txt: there is no such file" in missing.stderr


def test_check_reads_a_file_that_is_not_in_the_inbox(site: Path) -> None:
    """A draft on the desk can be tried before it is dropped."""
    (site / "desk.txt").write_text("Title on the desk\n\nSome text.\n")
    checked = feedsvc(site, "check", str(site / "desk.txt"))
    assert "entry: Title on the desk" in checked.stdout


def test_status_in_a_pipe_is_made_for_scripts(site: Path) -> None:
    """One line for each file with tabs, and the sum on standard error; JSON has the same."""
    feedsvc(site, "build")
    status = feedsvc(site, "status")
    assert [line.split("\t")[:2] for line in status.stdout.splitlines()] == [["published", "news/خبر.txt"]]
    assert status.stderr == "1 file: 1 published\n"
    value = json.loads(feedsvc(site, "status", "--json").stdout)
    assert [(line["path"], line["state"]) for line in value["files"]] == [("news/خبر.txt", "published")]
    assert value["held_removals"] == []


def test_status_of_one_file_is_its_receipt(site: Path) -> None:
    """The editor reads the entry's title, id, page and feeds."""
    feedsvc(site, "build")
    text = feedsvc(site, "status", str(site / "inbox" / "news" / "خبر.txt")).stdout
    assert text.startswith("news/خبر.txt: published\n")
    assert "entry: عنوان الخبر" in text
    assert "id: urn:uuid:" in text
    assert "feeds: main, news" in text


def test_a_file_that_lies_too_deep_is_told_of_by_all_three_commands(site: Path) -> None:
    """The list names the folder; the receipt and the check of a file below it say the same."""
    deep = site / "inbox" / "/".join("abcdefghi")
    deep.mkdir(parents=True)
    (deep / "news.txt").write_text("A deep title\n\nIts text.\n")
    feedsvc(site, "build")
    assert "ignored\ta/b/c/d/e/f/g/h/i\tE_DEPTH" in feedsvc(site, "status").stdout
    receipt = feedsvc(site, "status", str(deep / "news.txt")).stdout
    assert "max_depth" in receipt
    assert feedsvc(site, "check", str(deep / "news.txt")).stdout == receipt


def test_twins_are_told_of_in_the_list_and_in_both_receipts(site: Path) -> None:
    """Each names the other, so that one of them can be renamed."""
    for name in ("a.txt", "A.txt"):
        (site / "inbox" / name).write_text(f"The title of {name}\n\nIts text.\n")
    feedsvc(site, "build")
    listed = feedsvc(site, "status").stdout.splitlines()
    assert [line for line in listed if "W_TWIN" in line] == ["published\tA.txt\tW_TWIN", "published\ta.txt\tW_TWIN"]
    for name, other in (("a.txt", "A.txt"), ("A.txt", "a.txt")):
        receipt = feedsvc(site, "status", name).stdout
        assert f"upper and lower case, {other}" in receipt
        assert "[W_TWIN]" in receipt


def test_status_of_an_unknown_file_is_one_sentence(site: Path) -> None:
    """Nothing known is a failure, told plainly."""
    feedsvc(site, "build")
    unknown = feedsvc(site, "status", "nosuch.txt", exit_code=1)
    assert unknown.stderr.startswith("feedsvc: nosuch.txt: nothing is known of this file")


def test_terminal_gets_a_table_in_colour(site: Path) -> None:
    """On a terminal status is a table with coloured states."""
    feedsvc(site, "build")
    screen = on_terminal(site, "status")
    assert "\x1b[32mpublished" in screen
    assert "عنوان" in screen or "خبر.txt" in screen


def test_terminal_gets_a_progress_bar(site: Path) -> None:
    """On a terminal a build shows how far it is; the summary stays, without control sequences."""
    screen = on_terminal(site, "build")
    assert "Reading the inbox" in screen
    assert screen.rstrip().endswith("written")


def _hold_removals(site: Path) -> None:
    """Publish ten files and delete nine of them at once."""
    for number in range(10):
        (site / "inbox" / f"{number}.txt").write_text(f"Title {number}\n\nText {number}.\n")
    feedsvc(site, "build")
    for number in range(9):
        (site / "inbox" / f"{number}.txt").unlink()
    feedsvc(site, "build")


def _titles(site: Path) -> set[str]:
    feed = json.loads((site / "feeds" / "main" / "feed.json").read_text("utf-8"))
    return {item["title"] for item in feed["items"]}


def test_mass_removal_waits_for_a_confirmation(site: Path) -> None:
    """Nine files gone at once stay published until somebody confirms; without a terminal that needs --yes."""
    assert feedsvc(site, "confirm-removals").stdout == "No removals are held.\n"
    _hold_removals(site)
    assert len(_titles(site)) == 11
    assert "feedsvc confirm-removals" in feedsvc(site, "status").stderr
    assert "add --yes" in feedsvc(site, "confirm-removals", exit_code=2).stderr
    assert "Confirmed the removal of 9 files." in feedsvc(site, "confirm-removals", "--yes").stdout
    feedsvc(site, "build")
    assert _titles(site) == {"Title 9", "عنوان الخبر"}


def test_confirmation_is_asked_for_on_a_terminal(site: Path) -> None:
    """The files are listed, no leaves everything as it is, yes confirms."""
    _hold_removals(site)
    screen = on_terminal(site, "confirm-removals", keys="n\n")
    assert "8.txt" in screen
    assert "Nothing was confirmed." in screen
    assert "Confirmed the removal of 9 files." in on_terminal(site, "confirm-removals", keys="y\n")


@pytest.mark.parametrize("stop", [signal.SIGTERM, signal.SIGINT])
def test_run_publishes_until_it_is_told_to_stop(site: Path, stop: signal.Signals) -> None:
    """The daemon publishes what is in the inbox, and both usual signals end it with exit code 0."""
    with subprocess.Popen(command(site, "run"), stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as process:
        try:
            deadline = time.monotonic() + 60
            while not (site / "feeds" / "main" / "atom.xml").exists() and time.monotonic() < deadline:
                assert process.poll() is None, process.stderr and process.stderr.read()
                time.sleep(0.05)
            assert (site / "feeds" / "main" / "atom.xml").exists()
            process.send_signal(stop)
            _, errors = process.communicate(timeout=60)
        finally:
            process.kill()
    assert process.returncode == 0, errors
    assert "Traceback" not in errors
