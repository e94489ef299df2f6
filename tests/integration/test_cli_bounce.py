"""``feedsvc bounce`` as a mail server calls it: a mail on standard input, an exit code, a line."""

from __future__ import annotations

from typing import TYPE_CHECKING
from uuid import uuid4

import pytest
import return_samples as samples
from click.testing import CliRunner

from feedsvc.cli import main

if TYPE_CHECKING:
    from pathlib import Path

    from click.testing import Result

DOMAIN = samples.DOMAIN
SETTINGS = f'[site]\nurl = "https://{DOMAIN}"\n[mail]\nfrom_address = "digests@{DOMAIN}"\n'


class Site:
    """A project with one reader, and the addresses in their mails."""

    def __init__(self, root: Path) -> None:
        self.root = root
        (root / "config").mkdir()
        (root / "config" / "feedsvc.toml").write_text(SETTINGS, encoding="utf-8")
        self.run("build")
        self.run("subscribers", "add", "ada@example.org", "--consent", "on paper")
        self.links = samples.links_of(root)

    def run(self, *arguments: str, data: bytes = b"", **environ: str) -> Result:
        """Run a command."""
        return CliRunner().invoke(main, ["--root", str(self.root), *arguments], input=data, env=environ)

    def bounce(self, data: bytes, *arguments: str, **environ: str) -> str:
        """Hand in a mail, which always works, and return the line."""
        result = self.run("bounce", *arguments, data=data, **environ)
        assert (result.exit_code, result.stderr) == (0, "")
        (line,) = result.output.splitlines()
        return line

    @property
    def status(self) -> str:
        """Why the reader gets no mail, empty while they do."""
        return "".join(samples.asked(self.root, "select reason from suppressions"))


@pytest.fixture
def site(tmp_path: Path) -> Site:
    return Site(tmp_path)


DEAD = samples.failed("5.1.1", "smtp; 550 5.1.1 no such user")


def test_a_dead_address_gets_no_more_mail(site: Site) -> None:
    """The token in the recipient tells whose it is, whatever the report calls it."""
    box = site.links.envelope_sender
    line = site.bounce(samples.report("postmaster@elsewhere", DEAD), "--recipient", box.upper(), "--sender", "")
    assert line == ("ada@example.org cannot be reached and gets no mail any more: 5.1.1 smtp; 550 5.1.1 no such user")
    assert site.status == "bounced"


def test_without_options_environment_and_headers_are_asked(site: Site) -> None:
    """A command that an alias calls is told by ORIGINAL_RECIPIENT; others find the address in the mail."""
    box, data = site.links.envelope_sender, samples.report("postmaster@elsewhere", samples.failed("4.2.2"))
    assert "no token of ours" in site.bounce(data)
    assert "could not be reached this time" in site.bounce(data, ORIGINAL_RECIPIENT=box, SENDER="MAILER-DAEMON")
    assert "could not be reached this time" in site.bounce(samples.report(box, samples.failed("4.2.2")))
    assert "could not be reached this time" in site.bounce(
        samples.report(box, samples.failed("4.2.2")), "--recipient", f"feedsvc@{DOMAIN}"
    )
    assert site.status == ""


def test_any_mail_to_the_way_out_unsubscribes(site: Site) -> None:
    """Also one that is no mail at all; twice is once."""
    for _ in range(2):
        line = site.bounce(
            b"\xff\0", "--recipient", f"<{site.links.unsubscribe_address}>", "--sender", "ada@example.org"
        )
        assert line == "ada@example.org is unsubscribed: unsubscribed by mail"
    assert site.status == "unsubscribed"
    shown = site.run("subscribers", "show", "ada@example.org").output
    assert "gone" in shown
    assert shown.count("unsubscribed by mail") == 1


def test_complaints_come_to_any_address_with_the_token_inside(site: Site) -> None:
    """Providers send them to the address that was registered with them."""
    mail = samples.complaint(f"fbl@{DOMAIN}", "<>", site.links.unsubscribe_address)
    assert "gets no mail any more: the reader called it spam" in site.bounce(mail, "--recipient", f"fbl@{DOMAIN}")
    assert site.status == "complained"


@pytest.mark.parametrize("purpose", ["bounce", "unsubscribe"])
def test_forged_tokens_do_nothing(site: Site, purpose: str) -> None:
    """Made up, changed, or of another purpose: exit code 0, so that nothing is sent back."""
    token = site.links.envelope_sender.removeprefix("bounce+").partition("@")[0]
    right = site.links.unsubscribe_address.removeprefix("unsubscribe+").partition("@")[0]
    good, other = (token, right) if purpose == "bounce" else (right, token)
    changed = good[:-1] + ("a" if good[-1] != "a" else "q")
    for address in (
        f"{purpose}+{changed}@{DOMAIN}",
        f"{purpose}+{other}@{DOMAIN}",
        f"{purpose}+@{DOMAIN}",
        f"{purpose}@{DOMAIN}",
        "",
        "\0",
    ):
        line = site.bounce(samples.report(f"bounce+{changed}@{DOMAIN}", DEAD), "--recipient", address)
        assert line == "Nothing to do: no token of ours is in the address"
    assert site.status == ""


def test_answers_delays_and_reports_with_a_sender_do_nothing(site: Site) -> None:
    """Real reports of failure come from nobody; people who are away are not dead."""
    box = site.links.envelope_sender
    for mail in (samples.answer(box), samples.report(box, samples.failed("4.4.1", action="delayed")), b"Hello?"):
        assert site.bounce(mail, "--recipient", box).startswith("Nothing to do: ")
    line = site.bounce(samples.report(box, DEAD), "--recipient", box, "--sender", "mallory@example.net")
    assert line == "Nothing to do: it has a sender, which reports of failures never have"
    line = site.bounce(samples.report(box, DEAD, head="Return-Path: <mallory@example.net>"), "--recipient", box)
    assert line == "Nothing to do: it has a sender, which reports of failures never have"
    policy = samples.report(box, samples.failed("5.7.1", "smtp; 550 5.7.1 spam"))
    assert "not the fault of the address" in site.bounce(policy, "--recipient", box)
    assert site.status == ""


def test_mail_comes_back_to_the_domain_that_it_was_sent_under(site: Site) -> None:
    """Also after the domain in the settings became another one."""
    box = site.links.envelope_sender.replace(DOMAIN, "former.example")
    assert "cannot be reached" in site.bounce(samples.report("x@y", DEAD), "--recipient", box)


def test_mail_about_somebody_who_was_erased_does_nothing(site: Site) -> None:
    """Their tokens are still ours."""
    links = samples.links_of(site.root, str(uuid4()))
    assert "not known any more" in site.bounce(samples.report("x@y", DEAD), "--recipient", links.envelope_sender)
    assert site.bounce(b"", "--recipient", links.unsubscribe_address).startswith("somebody who is gone is unsubscribed")


def test_a_mail_of_any_size_is_taken_from_the_pipe(site: Site) -> None:
    """All of it is read, so that the mail server does not stumble over a broken pipe."""
    mail = samples.report(site.links.envelope_sender, DEAD) + b"x" * 20_000_000
    assert "cannot be reached" in site.bounce(mail)


@pytest.mark.parametrize("fault", ["no database", "broken database", "broken settings", "lost secret"])
def test_what_cannot_be_done_now_is_tried_again(site: Site, fault: str) -> None:
    """Exit code 75 and a sentence: the mail server keeps the mail."""
    database, config = site.root / ".feedsvc" / "feedsvc.sqlite3", site.root / "config" / "feedsvc.toml"
    match fault:
        case "no database":
            database.unlink()
        case "broken database":
            database.write_bytes(b"broken" * 1_000)
        case "broken settings":
            config.write_text("[mail]\nport = 'x'\n", encoding="utf-8")
        case _:
            (site.root / ".feedsvc" / "addresses.key").unlink()
    result = site.run("bounce", "--recipient", site.links.envelope_sender, data=samples.report("x@y", DEAD))
    assert result.exit_code == 75
    assert result.stdout == ""
    assert result.stderr
    assert "Traceback" not in result.stderr
