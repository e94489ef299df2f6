"""``feedsvc mail test`` against real servers: what an operator reads while setting up mail."""

from __future__ import annotations

import email
from email import policy
from typing import TYPE_CHECKING

import pytest
from click.testing import CliRunner
from mail_server import Mailbox, ScriptedServer, certificates, mail_server, scripted_server

from feedsvc.cli import main

if TYPE_CHECKING:
    from pathlib import Path

    from click.testing import Result

    from feedsvc.deliver import SmtpServer

SETTINGS = '[site]\ntitle = "أخبار المدينة"\n[mail]\nfrom_address = "نشرة@example.org"\n'


@pytest.fixture
def site(tmp_path: Path) -> Path:
    """Make a project without a mail server."""
    (tmp_path / "config").mkdir()
    (tmp_path / "config" / "feedsvc.toml").write_text(SETTINGS, encoding="utf-8")
    return tmp_path


def mail_test(site: Path, address: str = "reader@example.org", server: SmtpServer | None = None, **more: str) -> Result:
    """Run the command with a server from the environment."""
    environ = {f"FEEDSVC_MAIL__{key.upper()}": value for key, value in more.items()}
    if server is not None:
        environ |= {"FEEDSVC_MAIL__HOST": server.host, "FEEDSVC_MAIL__PORT": str(server.port)}
    return CliRunner().invoke(main, ["--root", str(site), "mail", "test", address], env=environ)


def test_a_message_leaves_through_the_configured_server(site: Path, tmp_path: Path) -> None:
    """Encrypted, from an Arabic sender to an Arabic recipient, readable, and marked as sent by a program."""
    trusted, mailbox = certificates(tmp_path), Mailbox()
    with mail_server(mailbox, tls_context=trusted.context, require_starttls=True) as server:
        result = mail_test(site, "قارئ@example.org", server, ca_file=trusted.ca_file)
    assert result.exit_code == 0, result.output
    assert result.output.splitlines() == [
        f"The message to قارئ@example.org was handed over (127.0.0.1, port {server.port}).",
        "The mail server took it: 250 2.0.0 queued as 1",
        "Look for it in the mailbox, also among spam.",
    ]
    ((sender, recipient, content),) = mailbox.received
    assert (sender, recipient) == ("نشرة@example.org", "قارئ@example.org")
    message = email.message_from_string(content.decode(), policy=policy.default)
    assert message["From"].addresses[0].display_name == "أخبار المدينة"
    assert message["Auto-Submitted"] == "auto-generated"
    assert "mail leaves أخبار المدينة as it should" in message.get_content()


def test_without_a_server_the_message_is_kept(site: Path) -> None:
    """The command says that nothing was sent, where the file is, and what to set."""
    result = mail_test(site)
    assert result.exit_code == 0
    (kept,) = (site / ".feedsvc" / "spool" / "new").iterdir()
    assert f"Kept as {kept}" in result.output
    assert "set host in [mail]" in result.output


@pytest.mark.parametrize(
    ("word", "answer", "advice"),
    [
        ("EHLO", "554 no service", "whether this machine may use it"),
        ("MAIL", "553 5.7.1 not your address", "Check from_address"),
        ("RCPT", "550 5.1.1 no such user", "Check the address."),
        ("RCPT", "554 5.7.1 relay access denied", "only for those it knows"),
        ("MAIL", "451 4.3.0 later", "try again in a while"),
        ("BODY", "554 5.7.1 spam", "what it holds against the message"),
        ("BODY", "", "Look into the mailbox before"),
    ],
)
def test_what_the_server_said_and_what_to_do_is_told(site: Path, word: str, answer: str, advice: str) -> None:
    """Three lines on standard error, and exit code 1."""
    hello = {"EHLO": "250-scripted\n250-8BITMIME\n250 SMTPUTF8", "HELO": "554 no service"}
    script = ScriptedServer(answers=hello | {word: answer})
    with scripted_server(script) as server:
        result = mail_test(site, server=server, security="none")
    assert result.exit_code == 1
    assert result.stdout == ""
    assert len(result.stderr.splitlines()) == 3
    assert answer in result.stderr
    assert advice in result.stderr


def test_a_server_without_encryption_gets_nothing(site: Path) -> None:
    """The default is to encrypt or not to send; the password stays here and is not shown."""
    script = ScriptedServer()
    with scripted_server(script) as server:
        result = mail_test(site, server=server, username="me", password="hunter2")
    assert result.exit_code == 1
    assert "offers no encryption" in result.stderr
    assert "the certificate must be valid" in result.stderr
    assert "hunter2" not in result.output
    assert [command.partition(" ")[0] for command in script.heard] == ["EHLO"]


def test_what_is_no_address_is_told_before_anything_is_sent(site: Path) -> None:
    """A slip of the keyboard, and nobody is asked."""
    result = mail_test(site, "reader at example.org")
    assert result.exit_code == 1
    assert result.stderr == "feedsvc: reader at example.org: this is not a mail address\n"
