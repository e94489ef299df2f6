"""The links of real digests by the real daemon: looking at them changes nothing, one click is the end."""

from __future__ import annotations

import asyncio
import re
import threading
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from itertools import cycle, islice
from typing import TYPE_CHECKING

from bs4 import BeautifulSoup
from daemon import Daemon
from digest_site import Ledger, add_readers, to_server
from mail_samples import parsed
from mail_server import Mailbox, mail_server
from web_client import fetch

if TYPE_CHECKING:
    from collections.abc import Iterable

    from aiosmtpd.smtp import SMTP, Session
    from aiosmtpd.smtp import Envelope as Received
    from daemon import Site
    from web_client import Answer

HOME = "https://news.example.org"
FORM = {"Content-Type": "application/x-www-form-urlencoded"}
ONE_CLICK = (FORM, b"List-Unsubscribe=One-Click")
MULTIPART = (
    {"Content-Type": "multipart/form-data; boundary=part"},
    b'--part\r\nContent-Disposition: form-data; name="List-Unsubscribe"\r\n\r\nOne-Click\r\n--part--\r\n',
)
PREFETCHES = 1_000
COUNT = 300
"""More than the daemon claims at once, so that some wait while others are sent."""


@dataclass
class SlowBox(Mailbox):
    """A mail server that stops to take messages after some, until it is told to go on."""

    pause_at: int | None = None
    goes_on: threading.Event = field(default_factory=threading.Event)

    async def handle_DATA(self, server: SMTP, session: Session, received: Received) -> str:  # noqa: N802
        """Keep a message, when it is time."""
        while self.pause_at is not None and len(self.received) >= self.pause_at and not self.goes_on.is_set():
            await asyncio.sleep(0.01)
        return await super().handle_DATA(server, session, received)


def links(message: bytes) -> set[str]:
    """Return all web addresses in a mail: those of its headers, its text and its HTML."""
    headers = " ".join(str(value) for value in parsed(message).values())
    found = set(re.findall(r"https?://[^\s<>]+", headers))
    for part in parsed(message).walk():
        if part.get_content_type() == "text/html":
            page = BeautifulSoup(part.get_content(), "html.parser")
            found |= {str(each["href"]) for each in page.select("[href]") if str(each["href"]).startswith("http")}
        elif part.get_content_type() == "text/plain":
            found |= set(re.findall(r"https?://[^\s<>\u2068\u2069]+", part.get_content()))
    return found


def way_out(message: bytes) -> str:
    """Return where the one-click request of a mail program goes."""
    found = re.search(r"<(https://[^>]+)>", str(parsed(message)["List-Unsubscribe"]))
    assert found is not None
    return found[1]


def path(link: str) -> str:
    """Return what comes after the address of the site."""
    assert link.startswith(f"{HOME}/")
    return link.removeprefix(HOME)


def post(daemon: Daemon, link: str, request: tuple[dict[str, str], bytes]) -> Answer:
    """Send what a mail program sends when its button is pressed."""
    return fetch(daemon.port, path(link), "POST", *request)


def test_prefetchers_change_nothing(site: Site) -> None:
    """Each link of each mail, looked at by GET and HEAD, leads to a page and leaves readers and outbox as they are."""
    box, ledger = Mailbox(), Ledger(site)
    add_readers(site, 3)
    with mail_server(box) as server, Daemon(site, **to_server(server)) as daemon:
        daemon.wait_until(lambda: ledger.looked_after() == 3)
        fetch(daemon.port, "/-/subscribe", "POST", FORM, b"address=new@example.org")
        for number in range(3):
            site.write(
                f"news/story-{number}.txt", f"Story {number}\n\nWith a link: https://elsewhere.example/{number}\n"
            )
        daemon.wait_until(lambda: ledger.counts()["sent"] >= 3 and set(ledger.counts()) == {"sent"})
        daemon.wait_until(lambda: len({recipient for _, recipient, _ in box.received}) == 4)
        found = {link for _, _, message in box.received for link in links(message)}
        ours = sorted(path(link) for link in found if link.startswith(HOME))
        kinds = {"/-/confirm/", "/-/preferences/", "/-/unsubscribe/"}
        assert {link[: link.find("/", 3) + 1] for link in ours if link.startswith("/-/")} == kinds
        before = ledger.people_and_mail()
        requests = islice(cycle([(link, method) for link in ours for method in ("GET", "HEAD")]), PREFETCHES)
        with ThreadPoolExecutor(8) as crowd:
            answers = Counter(crowd.map(lambda request: fetch(daemon.port, *request).status, requests))
        assert answers == Counter({200: PREFETCHES})
        assert ledger.people_and_mail() == before
        daemon.terminate()
    assert "mail.failed" not in {line["event"] for line in daemon.events}


def test_one_click_during_a_run(site: Site) -> None:
    """Who leaves while a run is sent, by the link of an older mail, gets nothing that was not yet under way."""
    box, ledger = SlowBox(), Ledger(site)
    add_readers(site, COUNT)
    with mail_server(box) as server, Daemon(site, **to_server(server)) as daemon:
        daemon.wait_until(lambda: ledger.looked_after() == COUNT)
        site.write("first.txt", "Tram line 4 runs again\n\nAfter a month of repairs.\n")
        daemon.wait_until(lambda: ledger.counts() == Counter(sent=COUNT))
        ways_out = {recipient: way_out(message) for _, recipient, message in box.received}
        box.pause_at = COUNT + 20
        site.write("second.txt", "Tram line 4 stands still\n\nOnce more.\n")
        daemon.wait_until(lambda: len(box.received) == box.pause_at)
        leavers = ledger.queued()[:3]
        assert len(leavers) == 3
        _leave(daemon, [ways_out[one] for one in leavers])
        assert ledger.withdrawals() == Counter(leavers)
        box.goes_on.set()
        daemon.wait_until(lambda: ledger.counts() == Counter(sent=2 * COUNT - 3, suppressed=3))
        second = Counter(recipient for _, recipient, _ in box.received[COUNT:])
        assert second == Counter(ways_out.keys() - set(leavers))
        daemon.terminate()


def _leave(daemon: Daemon, ways_out: Iterable[str]) -> None:
    """Press the button once in each encoding, and ten times at once."""
    one, other, third = ways_out
    assert post(daemon, one, ONE_CLICK).status == 200
    assert post(daemon, other, MULTIPART).status == 200
    with ThreadPoolExecutor(10) as crowd:
        answers = list(crowd.map(lambda request: post(daemon, third, request), [ONE_CLICK, MULTIPART] * 5))
    assert {answer.status for answer in answers} == {200}
    assert not {"location", "set-cookie"} & {name for answer in answers for name in answer.headers}
