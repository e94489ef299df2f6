"""Encryption and login, with real certificates: what is not safe is not done."""

from __future__ import annotations

import logging
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest
from aiosmtpd.smtp import AuthResult, LoginPassword
from mail_server import Certificates, Mailbox, ScriptedServer, certificates, envelope, mail_server, scripted_server

from feedsvc.deliver import Security, SmtpServer, SmtpTransport
from feedsvc.model import Stage, Verdict

if TYPE_CHECKING:
    from pathlib import Path

    from feedsvc.model import DeliveryResult

USERNAME, PASSWORD = "خدمة", "pässwörd-سر"


@pytest.fixture(scope="module")
def trusted(tmp_path_factory: pytest.TempPathFactory) -> Certificates:
    """Make a certificate for the loopback address, once."""
    return certificates(tmp_path_factory.mktemp("trusted"))


def send(server: SmtpServer) -> DeliveryResult:
    """Send one message."""
    transport = SmtpTransport(server)
    try:
        (result,) = transport.send([envelope()])
        return result
    finally:
        transport.close()


def let_in(_server: object, _session: object, _envelope: object, _mechanism: str, data: object) -> AuthResult:
    """Let in whoever knows the password."""
    assert isinstance(data, LoginPassword)
    return AuthResult(success=(data.login, data.password) == (USERNAME.encode(), PASSWORD.encode()), handled=False)


@pytest.mark.parametrize("mechanism", ["PLAIN", "LOGIN"])
@pytest.mark.parametrize("security", [Security.STARTTLS, Security.TLS])
def test_encrypted_and_logged_in(trusted: Certificates, security: Security, mechanism: str) -> None:
    """Both ways to encrypt and both ways to log in work, with names and passwords in any script."""
    is_starttls = security is Security.STARTTLS
    options = {"tls_context" if is_starttls else "ssl_context": trusted.context, "auth_require_tls": is_starttls}
    other = "LOGIN" if mechanism == "PLAIN" else "PLAIN"
    mailbox = Mailbox()
    with mail_server(
        mailbox, authenticator=let_in, auth_required=is_starttls, auth_exclude_mechanism=[other], **options
    ) as server:
        mine = replace(server, security=security, ca_file=trusted.ca_file, username=USERNAME, password=PASSWORD)
        assert send(mine).verdict is Verdict.ACCEPTED
        wrong = send(replace(mine, password="wrong"))
        none = send(replace(mine, username=""))
    assert (wrong.verdict, wrong.stage) == (Verdict.BLOCKED, Stage.LOGIN)
    assert "refuses the login: 535 5.7.8" in wrong.reason
    if is_starttls:  # this server demands a login only there
        assert none.verdict is Verdict.BLOCKED
        assert "refuses the login: 530 5.7.0" in none.reason
        assert len(mailbox.received) == 1


@pytest.mark.parametrize("security", [Security.STARTTLS, Security.TLS])
@pytest.mark.parametrize("fault", ["unknown authority", "another name"])
def test_a_wrong_certificate_is_refused(trusted: Certificates, tmp_path: Path, security: Security, fault: str) -> None:
    """Neither the message nor the password is sent to whoever cannot prove to be the server; nobody is to blame."""
    other = certificates(tmp_path, "127.0.0.2")
    shown = other if fault == "another name" else trusted
    option = "ssl_context" if security is Security.TLS else "tls_context"
    mailbox = Mailbox()
    with mail_server(mailbox, **{option: shown.context}) as server:
        mine = replace(server, security=security, ca_file=other.ca_file, username=USERNAME, password=PASSWORD)
        result = send(mine)
        by_the_system = send(replace(mine, ca_file=""))
    assert (result.verdict, result.stage) == (Verdict.BLOCKED, Stage.TLS)
    assert "certificate of the mail server is not to be trusted" in result.reason
    assert by_the_system.verdict is Verdict.BLOCKED
    assert mailbox.received == []


@pytest.mark.parametrize(
    ("offer", "starttls", "verdict", "reason"),
    [
        ("AUTH PLAIN", "220 go", Verdict.BLOCKED, "offers no encryption (STARTTLS)"),
        ("STARTTLS", "454 4.7.0 not now", Verdict.DEFERRED, "try again later: 454 4.7.0 not now"),
        ("STARTTLS", "502 5.5.1 never", Verdict.BLOCKED, "refuses a secure connection: 502 5.5.1 never"),
        ("STARTTLS", "220 go\n250 and plain text", Verdict.DEFERRED, "no connection to the mail server"),
        ("STARTTLS", "220 but nothing follows", Verdict.DEFERRED, "no connection to the mail server"),
        ("STARTTLS", "", Verdict.DEFERRED, "no connection to the mail server"),
    ],
)
def test_nothing_is_sent_where_encryption_was_taken_away(
    offer: str, starttls: str, verdict: Verdict, reason: str
) -> None:
    """Somebody on the way who hides or breaks STARTTLS gets neither password nor message."""
    script = ScriptedServer(answers={"EHLO": f"250-scripted\n250-AUTH PLAIN\n250 {offer}", "STARTTLS": starttls})
    with scripted_server(script) as server:
        result = send(replace(server, security=Security.STARTTLS, username="me", password="hunter2"))
    assert (result.verdict, result.stage) == (verdict, Stage.TLS)
    assert reason in result.reason
    assert not any("AUTH" in command or "MAIL" in command for command in script.heard)


def test_a_server_that_speaks_plainly_on_the_port_for_encryption_is_found_out(trusted: Certificates) -> None:
    """The wrong port, or somebody on the way: nothing is sent."""
    with scripted_server(ScriptedServer()) as server:
        result = send(replace(server, security=Security.TLS, ca_file=trusted.ca_file))
    assert (result.verdict, result.stage) == (Verdict.BLOCKED, Stage.TLS)


def test_certificates_that_cannot_be_read_are_named(tmp_path: Path) -> None:
    """A slip in the settings is told as such."""
    with scripted_server(ScriptedServer()) as server:
        mine = replace(server, security=Security.TLS, ca_file=str(tmp_path / "none.pem"))
        result = send(mine)
    assert result.verdict is Verdict.BLOCKED
    assert "none.pem cannot be used: no such file" in result.reason


@pytest.mark.parametrize("offer", ["250-scripted\n250 AUTH PLAIN", "250-scripted\n250 AUTH LOGIN"])
@pytest.mark.parametrize("code", ["535", "454", "334"])
def test_no_secret_is_repeated(offer: str, code: str, caplog: pytest.LogCaptureFixture) -> None:
    """A server may say the password back to us, in any form: it reaches neither result nor log nor any repr."""
    caplog.set_level(logging.DEBUG)
    asked: list[str] = []

    def repeat(_connection: int) -> str:
        words = script.heard[-1].split()
        asked.append(words[-1])
        return f"{code} 5.7.8 you said {words[-1]} that is hunter2"

    script = ScriptedServer(answers={"EHLO": offer, "AUTH": repeat})
    with scripted_server(script) as server:
        mine = replace(server, username="me", password="hunter2")
        result = send(mine)
    assert asked
    assert result.verdict is (Verdict.DEFERRED if code == "454" else Verdict.BLOCKED)
    assert result.stage is Stage.LOGIN
    for text in (repr(result), repr(mine), caplog.text):
        assert "hunter2" not in text
        assert "AG1lAGh1bnRlcjI=" not in text


def test_a_server_without_a_known_login_is_told_of() -> None:
    """There is nothing to try."""
    with scripted_server(ScriptedServer(answers={"EHLO": "250-scripted\n250 AUTH GSSAPI"})) as server:
        result = send(replace(server, username="me", password="x"))
    assert (result.verdict, result.stage) == (Verdict.BLOCKED, Stage.LOGIN)
    assert "no login with a password" in result.reason


@pytest.mark.parametrize("security", [Security.STARTTLS, Security.TLS])
def test_an_encrypted_connection_is_kept(trusted: Certificates, security: Security) -> None:
    """What encryption sends by itself is not taken for words of the server; the login is done once."""
    mailbox = Mailbox()
    option = "ssl_context" if security is Security.TLS else "tls_context"
    with mail_server(mailbox, **{option: trusted.context}) as server:
        transport = SmtpTransport(replace(server, security=security, ca_file=trusted.ca_file))
        for _ in range(3):
            assert [r.verdict for r in transport.send([envelope(), envelope()])] == [Verdict.ACCEPTED] * 2
        transport.close()
    assert len(mailbox.received) == 6
    assert mailbox.connections == (1 if security is Security.TLS else 2), "STARTTLS says hello twice"


@pytest.mark.parametrize("host", [f"{'x' * 70}.example.org", "mail..example.org", ".example.org"])
def test_a_host_that_cannot_be_is_told_of(host: str) -> None:
    """A slip in the settings is no crash of the run."""
    result = send(SmtpServer(host, 25, Security.STARTTLS, hello="x"))
    assert result.verdict in (Verdict.BLOCKED, Verdict.DEFERRED)
    assert result.stage is Stage.CONNECT
