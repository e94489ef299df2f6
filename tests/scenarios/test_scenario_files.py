"""What editors and their programs do to single files, and what must come of it."""

from __future__ import annotations

import json
import os
import threading
import time
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

import needs
import pytest
from daemon import Daemon, Site

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

BROKEN = "---\ntitle: Town council\ntags: [water, roads\n---\n\nThe council met.\n"


@pytest.fixture
def daemon(site: Site) -> Iterator[Daemon]:
    """Run a daemon on an empty inbox; whatever a test drops there, the daemon goes on after it."""
    with Daemon(site) as running:
        running.wait_for("service.started")
        running.wait_for("service.ready")
        yield running
        running.goes_on()
        running.terminate()


class FeedWatch:
    """Reads a feed on disk again and again, as a web server would; collects what it shows at any moment."""

    def __init__(self, site: Site) -> None:
        self.seen: list[list[tuple[str, str]]] = []
        self._path, self._is_over = site.published / "main" / "feed.json", threading.Event()
        self._thread = threading.Thread(target=self._look)

    def __enter__(self) -> FeedWatch:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._is_over.set()
        self._thread.join()

    def _look(self) -> None:
        while not self._is_over.wait(0.002):
            items = json.loads(self._path.read_bytes())["items"]
            self.seen.append([(item["id"], item["title"]) for item in items])


@pytest.mark.case("1.17")
def test_a_typo_in_one_file_does_not_stop_the_others(daemon: Daemon) -> None:
    """The log and the receipt name file, line, cause and fix; neighbours are published; the repaired file as well."""
    site = daemon.site
    site.write("council.md", BROKEN)
    site.write("weather.md", "---\ntitle: Weather\n---\n\nRain.\n")
    site.write("سوق.txt", "أخبار السوق\n\nافتتح السوق اليوم.\n")
    daemon.wait_for_titles("Weather", "أخبار السوق")
    line = daemon.wait_for("file.quarantined", path="council.md")
    assert line["level"] == "warning"
    assert line["code"] == "E_FRONTMATTER"
    assert line["line"] in (3, 4)
    assert line["cause"]
    assert line["fix"].endswith(".")
    assert site.receipt("council.md")["problem"]["line"] == line["line"]
    assert site.counts() == {"published": 2, "quarantined": 1}
    assert daemon.health()[0] == 200
    site.write("council.md", BROKEN.replace("roads", "roads]"))
    daemon.wait_for_titles("Town council", "Weather", "أخبار السوق")


def test_a_typo_in_a_published_file_keeps_the_last_good_version(daemon: Daemon) -> None:
    """Readers go on seeing what they saw, with its id, until the file is right again."""
    site = daemon.site
    good = BROKEN.replace("roads", "roads]")
    site.write("council.md", good)
    daemon.wait_for_titles("Town council")
    (before,) = site.items()
    site.write("council.md", BROKEN)
    daemon.wait_for("file.quarantined", path="council.md")
    site.write("council.md", good.replace("met", "met again"))
    daemon.wait_until(lambda: "met again" in site.items()[0]["content_html"])
    assert [item["id"] for item in site.items()] == [before["id"]]
    assert not daemon.lines("file.withdrawn")


@pytest.mark.case("1.23")
def test_bytes_that_are_not_utf8_are_never_published(daemon: Daemon) -> None:
    """A file in another encoding is quarantined with a reason; no reader meets a replacement character."""
    site = daemon.site
    (site.inbox / "old.txt").write_bytes("عنوان قديم\n\nنص بترميز قديم.\n".encode("cp1256"))
    site.write("new.txt", "\ufeffعنوان جديد\n\nنص بعلامة ترتيب البايتات.\n")
    daemon.wait_for_titles("عنوان جديد")
    assert daemon.wait_for("file.quarantined", path="old.txt")["fix"]
    assert "\ufffd" not in daemon.get("/main/atom.xml").body.decode()


def save_over(site: Site, text: str) -> None:
    """Save as editors do that write a new file and rename it over the old one."""
    site.write(".story.txt.tmp", text).replace(site.inbox / "story.txt")


def save_with_backup(site: Site, text: str) -> None:
    """Save as vim does: test the folder, rename the old file away, write a new one, remove the old one."""
    site.write("4913", "").unlink()
    backup = site.inbox / "story.txt~"
    (site.inbox / "story.txt").rename(backup)
    site.write("story.txt", text)
    backup.unlink()


def save_in_place(site: Site, text: str) -> None:
    """Save as simple editors do: cut the file to nothing and write it anew."""
    site.write("story.txt", text)


@pytest.mark.parametrize("save", [save_over, save_with_backup, save_in_place])
@pytest.mark.case("1.12", "2.19")
def test_an_editor_that_saves_often_makes_one_entry(daemon: Daemon, save: object) -> None:
    """Ten saves within seconds: at no moment are there two entries, none, or half a feed, and the id stays."""
    assert callable(save)
    site = daemon.site
    site.write("story.txt", "A story in draft 0\n\nOnce upon a time.\n")
    daemon.wait_for_titles("A story in draft 0")
    (first,) = site.items()
    with FeedWatch(site) as watch:
        for number in range(1, 11):
            save(site, f"A story in draft {number}\n\nOnce upon a time.{' And on.' * number}\n")
            time.sleep(0.2)
        daemon.wait_for_titles("A story in draft 10")
    assert {len(items) for items in watch.seen} == {1}
    assert {entry_id for items in watch.seen for entry_id, _ in items} == {first["id"]}
    assert site.items()[0]["content_html"].count("And on.") == 10
    assert site.items()[0]["date_published"] == first["date_published"]
    assert not daemon.lines("file.withdrawn")
    assert site.counts() == {"published": 1}


@pytest.mark.case("1.3", "1.4")
def test_a_slow_writer_is_waited_for(daemon: Daemon) -> None:
    """A file held open for two seconds is published once, complete, although its first half would pass for a file."""
    site = daemon.site
    with (site.inbox / "slow.txt").open("w") as file, FeedWatch(site) as watch:
        file.write("A slow upload\n\nThe first half.\n")
        file.flush()
        daemon.wait_until(lambda: "W_WRITING" in site.status()["files"][0]["detail"])
        time.sleep(2)
        site.write("quick.txt", "A quick upload\n\nThe whole text.\n")
        daemon.wait_for_titles("A quick upload")
        file.write("\nThe second half.\n")
    daemon.wait_for_titles("A quick upload", "A slow upload")
    assert "A slow upload" not in {title for items in watch.seen for _, title in items}
    assert len(daemon.lines("file.published", path="slow.txt")) == 1
    (slow,) = (item for item in site.items() if item["title"] == "A slow upload")
    assert "The first half." in slow["content_html"]
    assert "The second half." in slow["content_html"]


@pytest.mark.case("1.4", "2.17")
def test_a_file_appended_to_again_and_again_is_waited_for(site: Site) -> None:
    """Opened, written and closed every 0.3 s: ``status`` tells that it grows; it is published once, when it rests."""
    slow = {"FEEDSVC_INBOX__SETTLE_MS": "3000", "FEEDSVC_INBOX__QUIET_MS": "500"}
    growing: list[str] = []
    is_told = threading.Event()

    def watch() -> None:
        while not is_told.is_set():
            growing.extend(file["detail"] for file in site.status()["files"] if "still growing" in file["detail"])
            if growing:
                is_told.set()

    with Daemon(site, **slow) as daemon:
        daemon.wait_for("service.ready")
        watcher = threading.Thread(target=watch)
        watcher.start()
        site.write("log.txt", "A growing list\n\n")
        end = time.monotonic() + 30
        while not is_told.wait(0.3) and time.monotonic() < end:
            with (site.inbox / "log.txt").open("a") as file:
                file.write("One more line.\n")
        is_told.set()
        watcher.join()
        assert growing
        assert "W_WRITING" in growing[0]
        assert "bytes so far" in growing[0]
        assert not daemon.lines("file.published", path="log.txt")
        daemon.wait_for_titles("A growing list")
        daemon.wait_until(lambda: site.counts() == {"published": 1})
        assert len(daemon.lines("file.published", path="log.txt")) == 1
        daemon.terminate()


class Powerless(Site):
    """A project whose commands may not read what file modes forbid, even if the tests run as root."""

    def command(self, *arguments: str) -> list[str]:
        """Return the command line of a command."""
        command = super().command(*arguments)
        return command if os.geteuid() else [*needs.command("setpriv", "--bounding-set", _WITHOUT_READING), *command]


_WITHOUT_READING = "-dac_override,-dac_read_search"


@pytest.mark.case("1.5", "2.10")
def test_a_file_that_may_not_be_read_is_tried_again(tmp_path: Path) -> None:
    """It waits with the reason, others are published, and after a chmod, which makes no event, it is published too."""
    site = Powerless(tmp_path / "site")
    with Daemon(site, FEEDSVC_INBOX__RECONCILE_S="600") as daemon:
        daemon.wait_for("service.ready")
        draft = site.write(".draft", "A locked notice\n\nIts text.\n")
        draft.chmod(0o000)
        draft.rename(site.inbox / "locked.txt")
        line = daemon.wait_for("file.waiting", path="locked.txt")
        assert line["code"] == "W_BUSY"
        assert "EACCES" in line["cause"]
        site.write("open.txt", "An open notice\n\nIts text.\n")
        daemon.wait_for_titles("An open notice")
        assert site.receipt("locked.txt")["problem"]["code"] == "W_BUSY"
        (site.inbox / "locked.txt").chmod(0o644)
        daemon.wait_for_titles("A locked notice", "An open notice")
        daemon.terminate()
    draft = site.write(".draft", "A locked notice\n\nIt cannot be built.\n")
    draft.chmod(0o000)
    draft.rename(site.inbox / "locked.txt")
    assert "cannot read it" in site.feedsvc("build", exit_code=1).stderr


@pytest.mark.case("2.11", "2.12", "2.13")
def test_pipes_and_links_do_no_harm(daemon: Daemon) -> None:
    """A pipe nobody writes to blocks nothing; no link leads to a file or folder outside, or round in circles."""
    site = daemon.site
    secret = site.root / "secret"
    secret.mkdir()
    (secret / "secret.txt").write_text("A secret title\n\nNot for the public.\n")
    os.mkfifo(site.inbox / "pipe.txt")
    (site.inbox / "link.txt").symlink_to(secret / "secret.txt")
    (site.inbox / "folder").symlink_to(secret)
    (site.inbox / "circle").symlink_to(site.inbox)
    site.write("plain.txt", "A plain file\n\nIts text.\n")
    daemon.wait_for_titles("A plain file")
    expected = {
        "circle": "quarantined",
        "folder": "quarantined",
        "link.txt": "quarantined",
        "pipe.txt": "ignored",
        "plain.txt": "published",
    }
    daemon.wait_until(lambda: {file["path"]: file["state"] for file in site.status()["files"]} == expected)
    assert "not followed" in site.receipt("link.txt")["problem"]["cause"]
    (site.inbox / "plain.txt").unlink()
    (site.inbox / "plain.txt").symlink_to(secret / "secret.txt")
    daemon.wait_until(lambda: site.receipt("plain.txt")["state"] == "quarantined")
    assert not [path for path, content in site.tree().items() if b"secret title" in content]
    assert daemon.health()[0] == 200


@pytest.mark.case("1.24", "2.51")
def test_names_in_any_form_are_published(daemon: Daemon) -> None:
    """Spaces, quotes, percent signs, emoji, decomposed letters, and bytes that are no text at all."""
    site = daemon.site
    names = ["with space.txt", 'a "quoted" one.txt', "100%25.txt", "🗞️.txt", "cafe\u0301.txt", "line\nbreak.txt"]
    for number, name in enumerate(names):
        site.write(name, f"Title {number}\n\nText {number}.\n")
    raw = os.path.join(os.fsencode(site.inbox), b"latin-\xe9.txt")
    with open(raw, "w") as file:
        file.write("Title 6\n\nText 6.\n")
    daemon.wait_for_titles(*(f"Title {number}" for number in range(7)))
    daemon.wait_until(lambda: site.counts() == {"published": 7})
    for item in site.items():
        assert daemon.get(item["url"].removeprefix("http://127.0.0.1:8080")).status == 200


def test_a_scheduled_entry_stays_out_of_sight(daemon: Daemon) -> None:
    """Until its minute it is in no feed and has no page; brought forward by its editor, it appears with one id."""
    site = daemon.site
    later = datetime.now(UTC) + timedelta(hours=2)
    site.write("plan.md", f"---\ntitle: The plan\ndate: {later:%Y-%m-%d %H:%M}\n---\n\nNot yet.\n")
    site.write("now.txt", "The present\n\nIts text.\n")
    daemon.wait_for_titles("The present")
    daemon.wait_until(lambda: site.counts() == {"published": 1, "scheduled": 1})
    receipt = site.receipt("plan.md")
    assert receipt["entries"][0]["state"] == "scheduled"
    assert not [path for path, content in site.tree().items() if b"The plan" in content]
    site.write("plan.md", "---\ntitle: The plan\ndate: 2026-01-01 10:00\n---\n\nNot yet.\n")
    daemon.wait_for_titles("The plan", "The present")
    assert receipt["entries"][0]["id"] in {item["id"] for item in site.items()}


@pytest.mark.skipif(needs.scale() < 6, reason="waits for the next full minute; runs with FEEDSVC_TEST_SCALE=6")
def test_an_entry_expires_at_its_minute(daemon: Daemon) -> None:
    """Nobody touches the file, no event comes: the clock alone takes the entry out of feed, page and status."""
    site = daemon.site
    over = datetime.now(UTC) + timedelta(seconds=5)
    site.write("offer.md", f"---\ntitle: An offer\nexpires: {over:%Y-%m-%dT%H:%M:%S}Z\n---\n\nUntil soon.\n")
    daemon.wait_for_titles("An offer")
    daemon.wait_until(lambda: not site.items(), patience_s=70)
    daemon.wait_until(lambda: not list(site.published.glob("entries/*")))
    assert site.counts() == {"ignored": 1}
