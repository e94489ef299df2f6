"""Digests by the real daemon over real SMTP: one mail to each reader, through kills at random moments."""

from __future__ import annotations

import csv
import random
from collections import Counter
from email import message_from_bytes
from email.policy import default
from typing import TYPE_CHECKING

import needs
import pytest
from daemon import Daemon, Site, tell
from mail_server import Mailbox, mail_server
from web_client import fetch

from feedsvc.outbox.dispatch import ACK

if TYPE_CHECKING:
    from feedsvc.deliver import SmtpServer

LARGE = 6
"""From this scale on, the run has the size that the promise names."""


def to_server(server: SmtpServer) -> dict[str, str]:
    """Return the settings that send mail to *server*."""
    return {
        "FEEDSVC_MAIL__HOST": server.host,
        "FEEDSVC_MAIL__PORT": str(server.port),
        "FEEDSVC_MAIL__SECURITY": "none",
        "FEEDSVC_DIGESTS__QUIET_S": "1",
        "FEEDSVC_MAIL__FROM_ADDRESS": "digests@news.example.org",
        "FEEDSVC_SITE__URL": "https://news.example.org",
    }


def add_readers(site: Site, count: int) -> None:
    """Import *count* readers who get mails at once."""
    table = site.root / "readers.csv"
    with table.open("w", newline="") as file:
        rows = csv.writer(file)
        rows.writerow(["address", "frequency", "language", "consent"])
        rows.writerows(
            [f"reader{n}@example.org", "immediate", "ar" if n % 5 == 0 else "en", "signed a list"] for n in range(count)
        )
    site.feedsvc("subscribers", "import", str(table))


def test_one_mail_to_each_reader(site: Site) -> None:
    """In their language, with links of their own, which work: who leaves gets no further mail."""
    box = Mailbox()
    with mail_server(box) as server, Daemon(site, **to_server(server)) as daemon:
        add_readers(site, 10)
        daemon.wait_until(lambda: "10 active" in site.feedsvc("digests", "list").stdout)
        site.write("tram.txt", "Tram line 4 runs again\n\nAfter a month of repairs.\n")
        daemon.wait_for_titles("Tram line 4 runs again")
        daemon.wait_until(lambda: len(box.received) == 10, patience_s=150)
        assert Counter(recipient for _, recipient, _ in box.received) == Counter(
            f"reader{n}@example.org" for n in range(10)
        )
        messages = [message_from_bytes(data, policy=default) for _, _, data in box.received]
        assert len({message["Message-ID"] for message in messages}) == 10
        assert {message["Content-Language"] for message in messages} == {"ar", "en"}
        for message in messages:
            plain = message.get_body(("plain",))
            assert plain is not None
            assert "Tram line 4 runs again" in plain.get_content()
        link = messages[0]["List-Unsubscribe"].partition(">")[0].strip("<")
        path = link.removeprefix("https://news.example.org")
        form = {"Content-Type": "application/x-www-form-urlencoded"}
        answer = fetch(daemon.port, path, "POST", form, b"List-Unsubscribe=One-Click")
        assert answer.status == 200
        left = box.received[0][1]
        assert "gone" in site.feedsvc("subscribers", "show", left).stdout
        daemon.terminate()


@pytest.mark.timeout(1_500)
def test_kills_lose_nobody(site: Site) -> None:
    """Killed again and again while runs are made and sent: lost 0; what comes twice is the same message, and little."""
    count, kills = (20_000, 50) if needs.scale() >= LARGE else (300, 4)
    chance, box = random.Random(20261124), Mailbox()
    add_readers(site, count)
    with mail_server(box) as server:
        settings = to_server(server)
        with Daemon(site, **settings) as daemon:
            daemon.wait_until(lambda: f"{count} active" in site.feedsvc("digests", "list").stdout)
            site.write("tram.txt", "Tram line 4 runs again\n\nAfter a month of repairs.\n")
            daemon.wait_for_titles("Tram line 4 runs again")
            daemon.wait_until(lambda: box.received, patience_s=150)
            daemon.kill()
        for _ in range(kills - 1):
            with Daemon(site, **settings) as daemon:
                limit = len(box.received) + chance.randrange(1, 2 * count // kills)
                daemon.wait_until(lambda limit=limit: len(box.received) > limit or is_told(box, count))
                daemon.kill()
        with Daemon(site, **settings) as daemon:
            daemon.wait_for("service.ready")
            daemon.wait_until(lambda: is_done(site, count), patience_s=240)
            daemon.terminate()
    received = Counter(recipient for _, recipient, _ in box.received)
    twice = sum(received.values()) - len(received)
    tell(f"{count} readers, {kills} kills: lost {count - len(received)}, twice {twice}")
    assert len(received) == count
    assert twice <= kills * (ACK + 1)
    same: dict[str, set[bytes]] = {}
    for _, recipient, data in box.received:
        same.setdefault(recipient, set()).add(data)
    assert all(len(messages) == 1 for messages in same.values())


def is_told(box: Mailbox, count: int) -> bool:
    """Tell whether everybody got the mail."""
    return len(box.received) >= count and len({recipient for _, recipient, _ in box.received}) == count


def is_done(site: Site, count: int) -> bool:
    """Tell whether all messages were sent."""
    return f"sent {count}" in site.feedsvc("outbox", "list", "--counts").stdout
