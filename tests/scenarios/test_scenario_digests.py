"""Digests by the real daemon over real SMTP: one mail to each reader."""

from __future__ import annotations

from collections import Counter
from email import message_from_bytes
from email.policy import default
from typing import TYPE_CHECKING

from daemon import Daemon
from digest_site import Ledger, add_readers, reader, to_server
from mail_server import Mailbox, mail_server
from web_client import fetch

if TYPE_CHECKING:
    from daemon import Site


def test_one_mail_to_each_reader(site: Site) -> None:
    """In their language, with links of their own, which work: who leaves gets no further mail."""
    box = Mailbox()
    with mail_server(box) as server, Daemon(site, **to_server(server)) as daemon:
        add_readers(site, 10)
        daemon.wait_until(lambda: Ledger(site).looked_after() == 10)
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


def test_mail_that_was_stopped_goes_on_when_the_operator_says_so(site: Site) -> None:
    """The server refuses us: all mail stops, and nobody is to blame. Once that is mended, nobody waits for a probe."""
    box = Mailbox(replies={reader(number): "554 5.7.1 we take nothing from you" for number in range(4)})
    with mail_server(box) as server, Daemon(site, **to_server(server)) as daemon:
        add_readers(site, 4)
        daemon.wait_until(lambda: Ledger(site).looked_after() == 4)
        site.write("tram.txt", "Tram line 4 runs again\n\nAfter a month of repairs.\n")
        assert "we take nothing from you" in daemon.wait_until_ill("mail")
        box.replies.clear()
        site.feedsvc("outbox", "retry")
        daemon.wait_until(lambda: len(box.received) == 4)
        daemon.wait_until_well()
        daemon.terminate()
    assert Ledger(site).counts() == Counter(sent=4)
