"""What one person would get now: to look at, or sent as a test that counts for nothing."""

from __future__ import annotations

import contextlib
import sqlite3
from typing import TYPE_CHECKING

import pytest
from bs4 import BeautifulSoup
from click.testing import CliRunner
from mail_samples import content, parsed
from mail_server import Mailbox, mail_server, way_to

from feedsvc.cli import main

if TYPE_CHECKING:
    from pathlib import Path

    from click.testing import Result

SETTINGS = (
    '[site]\nurl = "https://news.example"\ntitle = "City Voice"\n'
    '[publish]\npages = false\n[mail]\nfrom_address = "digests@news.example"\n'
)
MONA = "mona@reader.example"


def feedsvc(root: Path, *arguments: str, **environ: str) -> Result:
    """Run a command as if it were typed."""
    return CliRunner().invoke(main, ["--root", str(root), *arguments], env=environ)


def publish(root: Path, path: str, title: str) -> None:
    """Drop a text and publish it."""
    (root / "inbox" / path).parent.mkdir(exist_ok=True)
    (root / "inbox" / path).write_text(f"{title}\n\nA first paragraph.\n", encoding="utf-8")
    assert feedsvc(root, "build", FEEDSVC_INBOX__QUIET_MS="0").exit_code == 0


@pytest.fixture
def site(tmp_path: Path) -> Path:
    """Make a site with old news, then Mona, who follows one folder in Arabic once a week, then more news."""
    (tmp_path / "config").mkdir()
    (tmp_path / "inbox").mkdir()
    (tmp_path / "config" / "feedsvc.toml").write_text(SETTINGS)
    publish(tmp_path, "sport/old.txt", "An old match")
    wishes = ("--language", "ar", "--frequency", "weekly", "--hour", "6", "--zone", "Africa/Cairo", "--feeds", "sport")
    done = feedsvc(tmp_path, "subscribers", "add", MONA, *wishes, "--consent", "a form")
    assert done.exit_code == 0, done.output
    return tmp_path


def rows(root: Path) -> list[str]:
    """Return everything that the store holds."""
    with contextlib.closing(sqlite3.connect(root / ".feedsvc" / "feedsvc.sqlite3")) as database:
        return list(database.iterdump())


def titles(html: str) -> list[str]:
    """Return the titles of a digest."""
    return [title.get_text() for title in BeautifulSoup(html, "html.parser").find_all("h2")]


def spooled(root: Path) -> bytes:
    """Return the one message in the spool."""
    (kept,) = (root / ".feedsvc" / "spool" / "new").iterdir()
    return kept.read_bytes()


def test_a_preview_shows_what_is_new_to_somebody(site: Path) -> None:
    """From their feeds and since their last digest, in their language, with their own links."""
    publish(site, "sport/new.txt", "A new match")
    publish(site, "culture/new.txt", "A new play")
    before = rows(site)
    done = feedsvc(site, "digests", "preview", "--subscriber", " Mona@Reader.example ")
    assert done.exit_code == 0, done.output
    assert done.output.splitlines()[:2] == [
        "A new match (1 entry)",
        f"As {MONA} chose: ar, weekly, on Monday at 06:00 Africa/Cairo.",
    ]
    html = (site / ".feedsvc" / "preview" / "digest.html").read_text("utf-8")
    assert titles(html) == ["A new match"]
    assert "النشرة الأسبوعية" in html
    mail = parsed((site / ".feedsvc" / "preview" / "digest.eml").read_bytes())
    assert (mail["To"], mail["Subject"], mail["Content-Language"]) == (MONA, "A new match", "ar")
    assert "https://news.example/-/unsubscribe/" in mail["List-Unsubscribe"]
    assert rows(site) == before


def test_without_news_the_newest_entries_stand_in(site: Path) -> None:
    """And it is said."""
    done = feedsvc(site, "digests", "preview", "--subscriber", MONA)
    assert done.exit_code == 0, done.output
    assert done.output.splitlines()[2] == "Nothing is new to them; these are the newest entries."
    assert titles((site / ".feedsvc" / "preview" / "digest.html").read_text("utf-8")) == ["An old match"]


def test_what_keeps_somebody_from_getting_mail_is_said(site: Path) -> None:
    """Somebody who left is shown, with the reason why nothing comes."""
    assert feedsvc(site, "subscribers", "remove", MONA).exit_code == 0
    done = feedsvc(site, "digests", "preview", "--subscriber", MONA)
    assert "They get no mail now: unsubscribed." in done.output.splitlines()


def test_who_cannot_be_shown_is_told(site: Path) -> None:
    """An address that nobody subscribed with, one that is none, and options that contradict each other."""
    unknown = feedsvc(site, "digests", "preview", "--subscriber", "ada@reader.example")
    assert unknown.exit_code == 1
    assert "ada@reader.example: nobody subscribed with it" in unknown.stderr
    assert feedsvc(site, "digests", "preview", "--subscriber", "ada at reader").exit_code == 1
    both = feedsvc(site, "digests", "preview", "--subscriber", MONA, "--days", "3")
    assert (both.exit_code, "--subscriber stands alone" in both.stderr) == (2, True)


def test_a_test_digest_goes_the_usual_way_and_counts_for_nothing(site: Path) -> None:
    """Over SMTP, marked, with a Message-ID of its own at each try; no row of the store is another one afterwards."""
    publish(site, "sport/new.txt", "مباراة جديدة")
    mailbox, before = Mailbox(), rows(site)
    with mail_server(mailbox) as server:
        done = [feedsvc(site, "digests", "send-test", MONA, **way_to(server)) for _ in range(2)]
    assert [each.exit_code for each in done] == [0, 0], done[0].output
    assert done[0].output.splitlines() == [
        "[Test] مباراة جديدة (1 entry)",
        f"As {MONA} chose: ar, weekly, on Monday at 06:00 Africa/Cairo.",
        f"The message to {MONA} was handed over (127.0.0.1, port {server.port}).",
        "The mail server took it: 250 2.0.0 queued as 1",
        "Look for it in the mailbox, also among spam.",
    ]
    assert rows(site) == before
    assert [(sender, recipient) for sender, recipient, _ in mailbox.received] == [("digests@news.example", MONA)] * 2
    first, second = (parsed(message) for _, _, message in mailbox.received)
    assert first["Subject"] == second["Subject"] == "[Test] مباراة جديدة"
    assert first["Message-ID"] != second["Message-ID"]
    assert titles(content(mailbox.received[0][2], "html")) == ["مباراة جديدة"]
    assert feedsvc(site, "outbox", "list", "--counts").output == "The outbox is empty.\n"


def test_a_test_digest_goes_to_anybody_who_may_get_mail(site: Path) -> None:
    """Who never subscribed gets what the site's defaults are; without a mail server it is kept as a file."""
    done = feedsvc(site, "digests", "send-test", "operator@news.example")
    assert done.exit_code == 0, done.output
    assert done.output.splitlines()[:3] == [
        "[Test] An old match (1 entry)",
        "Nobody subscribed as operator@news.example: this is what holds for those who choose nothing.",
        "Nothing is new to them; these are the newest entries.",
    ]
    assert b"Subject: [Test] An old match\n" in spooled(site)


@pytest.mark.parametrize("command", ["remove", "erase"])
def test_no_test_goes_to_somebody_who_left(site: Path, command: str) -> None:
    """Not even a test: whoever left gets nothing."""
    assert feedsvc(site, "subscribers", command, MONA, *(["--yes"] if command == "erase" else [])).exit_code == 0
    done = feedsvc(site, "digests", "send-test", MONA)
    assert done.exit_code == 1
    assert f"{MONA}: this address gets no mail" in done.stderr
    assert not (site / ".feedsvc" / "spool").exists()


def test_a_test_that_is_refused_is_told(site: Path) -> None:
    """On standard error, with what the server said and exit code 1."""
    mailbox = Mailbox(replies={MONA: "550 5.1.1 no such user"})
    with mail_server(mailbox) as server:
        done = feedsvc(site, "digests", "send-test", MONA, **way_to(server))
    assert done.exit_code == 1
    assert "no such user" in done.stderr
    assert "Check the address." in done.stderr
