"""Digests through a real Postfix that is set up as the manual says, and what it sends back."""

from __future__ import annotations

import re
import shlex
import smtplib
import subprocess
import tomllib
from email import message_from_bytes
from email.policy import default
from pathlib import Path

import pytest
import return_samples as samples
from daemon import Daemon, Site
from mail_server import Mailbox, mail_server
from postfix import LOOPBACK, Postfix, free_port, postfix

DOMAIN = "bounces.example.org"
ROOT = Path(__file__).resolve().parents[2]
PAGE = (ROOT / "docs" / "digests.md").read_text(encoding="utf-8")
OWN_DOMAIN, SAME_DOMAIN, BY_LMTP = re.findall(r"^```main\.cf\n(.*?)^```$", PAGE, re.MULTILINE | re.DOTALL)
OWN_MAP, SAME_MAP = re.findall(r"^```regexp\n(.*?)^```$", PAGE, re.MULTILINE | re.DOTALL)
(PIPE,) = re.findall(r"^```master\.cf\n(.*?)^```$", PAGE, re.MULTILINE | re.DOTALL)
PIPE = PIPE.replace("user=feedsvc", "user=nobody").replace(
    "argv=/srv/feedsvc/.venv/bin/feedsvc --root /srv/feedsvc", "argv={hatch}"
)
DIGEST = b"Subject: Tram\r\nMessage-ID: <1@x>\r\n\r\nIt runs again.\r\n"
MAILBOXES = "mydestination = example.org\nalias_maps = inline:{ bounce=postmaster, unsubscribe=postmaster }\n"


@pytest.fixture
def outside() -> Mailbox:
    """Return the rest of the world, in which one mailbox is gone."""
    return Mailbox(replies={"dead@example.net": "550 5.1.1 no such user", "full@example.net": "552 5.2.2 full"})


def sending_through(server: Postfix) -> dict[str, str]:
    """Return the settings that send mail through *server*."""
    return {
        "FEEDSVC_MAIL__HOST": LOOPBACK,
        "FEEDSVC_MAIL__PORT": str(server.port),
        "FEEDSVC_MAIL__SECURITY": "none",
        "FEEDSVC_MAIL__FROM_ADDRESS": "news@example.org",
        "FEEDSVC_MAIL__ENVELOPE_DOMAIN": DOMAIN,
        "FEEDSVC_DIGESTS__QUIET_S": "1",
        "FEEDSVC_SITE__URL": "https://news.example.org",
    }


def add(site: Site, *names: str) -> None:
    """Make people subscribers who get mails at once."""
    table = site.root / "readers.csv"
    table.write_text("address,frequency\n" + "".join(f"{name}@example.net,immediate\n" for name in names))
    site.feedsvc("subscribers", "import", str(table), "--consent", "on paper")


def reasons(site: Site) -> list[str]:
    """Return why addresses are suppressed, sorted."""
    return sorted(samples.asked(site.root, "select reason from suppressions"))


def hand_in(server: Postfix, sender: str, recipient: str, message: bytes) -> None:
    """Send a mail to Postfix."""
    with smtplib.SMTP(LOOPBACK, server.port) as client:
        client.sendmail(sender, recipient, message)


def forged(address: str) -> bytes:
    """Return a report of failure that somebody made up."""
    return samples.report(address, samples.failed("5.1.1"))


def test_a_digest_goes_through_postfix_and_the_bounce_of_a_dead_address_suppresses_it(
    site: Site, outside: Mailbox
) -> None:
    """By the running daemon, which takes by LMTP what comes back; forged reports do nothing, nothing is answered."""
    add(site, "ada", "dead", "full")
    listening = f"127.0.0.1:{free_port()}"
    main = BY_LMTP.replace("127.0.0.1:8024", listening)
    with mail_server(outside) as world, postfix(main, OWN_MAP, sink=world.port) as server:
        with Daemon(site, **sending_through(server), FEEDSVC_MAIL__BOUNCE_LISTEN=listening) as daemon:
            assert daemon.wait_for("service.started")["bounces"] == listening
            site.write("tram.txt", "Tram line 4 runs again\n\nAfter a month of repairs.\n")
            daemon.wait_for("bounces.taken", outcome="bounced")
            daemon.wait_for("bounces.taken", outcome="counted")
            server.wait_for(lambda: outside.received)
            assert reasons(site) == ["bounced"]
            assert "gets no mail: bounced" in site.feedsvc("subscribers", "show", "dead@example.net").stdout

            before = len(daemon.events)
            for box in ("bounce+forged", "unsubscribe+forged"):
                hand_in(server, "", f"{box}@{DOMAIN}", forged(f"{box}@{DOMAIN}"))
                daemon.wait_for("bounces.taken", after=before, outcome="ignored")
                before = len(daemon.events)
            (sender, recipient, content), *others = outside.received
            assert (recipient, others) == ("ada@example.net", [])
            hand_in(server, "ada@example.net", sender.replace("bounce+", "unsubscribe+"), DIGEST)  # of another purpose
            header = message_from_bytes(content, policy=default)["List-Unsubscribe"]
            hand_in(server, "ada@example.net", header.partition("mailto:")[2].partition("?")[0], DIGEST)
            daemon.wait_for("bounces.taken", outcome="left")
            assert reasons(site) == ["bounced", "unsubscribed"]
            assert daemon.health()[1]["bounces"]["ok"]
            daemon.terminate()
        server.wait_for(lambda: server.queued() == 0)
    assert len(outside.received) == 1


def shown_commands() -> list[list[str]]:
    """Return the commands of the manual about bounces, as words."""
    page = PAGE.split("## Bounces")[1]
    return [
        shlex.split(line)
        for block in re.findall(r"^```sh\n(.*?)^```$", page, re.MULTILINE | re.DOTALL)
        for line in block.splitlines()
    ]


def test_postfix_calls_the_command_with_what_comes_back(site: Site, outside: Mailbox) -> None:
    """Its own bounce suppresses the reader; one that cannot be noted now is kept, and brought again."""
    site.feedsvc("build")
    add(site, "dead")
    box = samples.links_of(site.root).envelope_sender.replace(samples.DOMAIN, DOMAIN)
    database = site.root / ".feedsvc" / "feedsvc.sqlite3"
    database.rename(database.with_suffix(".away"))
    with mail_server(outside) as world, postfix(OWN_DOMAIN, OWN_MAP, PIPE, sink=world.port, site=site) as server:
        for words in shown_commands():
            if words[0] == "postfix":
                server.command(*words[1:])
        hand_in(server, box, "dead@example.net", DIGEST)
        server.wait_for(lambda: "status=deferred (temporary failure" in server.log())
        database.with_suffix(".away").rename(database)
        server.wait_for(lambda: server.queued() == 0)
        assert reasons(site) == ["bounced"]
        assert server.calls[-1] == ["bounce", f"--recipient={box}", "--sender=MAILER-DAEMON"]
        with pytest.raises(smtplib.SMTPRecipientsRefused):
            hand_in(server, "", f"stranger@{DOMAIN}", forged(box))
    assert outside.received == []


def test_bounces_may_come_to_a_domain_with_mailboxes(site: Site, outside: Mailbox) -> None:
    """Forged ones are taken, and nothing is done or answered; people of this domain get their mail elsewhere."""
    site.feedsvc("build")
    add(site, "dead")
    box = samples.links_of(site.root).envelope_sender.replace(samples.DOMAIN, "example.org")
    forged_box = f"bounce+{'a' * 52}@example.org"
    main = MAILBOXES + SAME_DOMAIN
    with mail_server(outside) as world, postfix(main, SAME_MAP, PIPE, sink=world.port, site=site) as server:
        hand_in(server, "", forged_box, forged(forged_box))
        server.wait_for(lambda: server.calls and server.queued() == 0)
        assert "Nothing to do: no token of ours" in server.log()
        assert reasons(site) == []
        with pytest.raises(smtplib.SMTPRecipientsRefused):
            hand_in(server, "", "stranger@example.org", forged(box))
        hand_in(server, box, "dead@example.net", DIGEST)
        server.wait_for(lambda: len(server.calls) == 2 and server.queued() == 0)
    assert reasons(site) == ["bounced"]
    assert outside.received == []


def test_the_command_of_the_manual_works(site: Site) -> None:
    """The one that tries out the door says what is promised; the program that is to be installed is offered."""
    site.feedsvc("build")
    (site.root / "message.eml").write_bytes(forged("bounce+made-up@bounces.example.org"))
    programs = [words[0] for words in shown_commands()]
    assert programs == ["postfix", "postfix", "feedsvc", "pip"]
    *_, (_, *arguments, _, file), (_, _, extra) = shown_commands()
    with (site.root / file).open("rb") as mail:
        done = subprocess.run(site.command(*arguments), stdin=mail, capture_output=True, text=True, check=True)
    assert done.stdout.startswith("Nothing to do")
    extras = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]["optional-dependencies"]
    assert extra.removeprefix("feedsvc").strip("[]") in extras
