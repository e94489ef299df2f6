"""Signed mails on their way: what a receiver finds behind a real mail server, and what an operator is told."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import dkim
import pytest
from click.testing import CliRunner
from cryptography.hazmat.primitives.asymmetric import ed25519, rsa
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from mail_samples import ARABIC, ENGLISH, mailed
from mail_server import Mailbox, mail_server, way_to

from feedsvc.app.mail import load_signer, open_transport
from feedsvc.cli import main
from feedsvc.model import Envelope, Verdict
from feedsvc.settings import load_settings

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from click.testing import Result

SETTINGS = """
[site]
title = "City Voice"
[mail]
from_address = "digests@news.example"
dkim_selector = "feedsvc2026"
dkim_key_file = "config/dkim.pem"
"""


@pytest.fixture(params=["rsa", "ed25519"])
def site(tmp_path: Path, request: pytest.FixtureRequest) -> Path:
    """Make a project that signs its mails."""
    key = rsa.generate_private_key(65537, 2048) if request.param == "rsa" else ed25519.Ed25519PrivateKey.generate()
    (tmp_path / "config").mkdir()
    (tmp_path / "config" / "feedsvc.toml").write_text(SETTINGS)
    path = tmp_path / "config" / "dkim.pem"
    path.write_bytes(key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()))
    path.chmod(0o600)
    return tmp_path


def feedsvc(root: Path, *arguments: str, **environ: str) -> Result:
    """Run a command as if it were typed."""
    return CliRunner().invoke(main, ["--root", str(root), *arguments], env=environ)


def dns(record: str) -> Callable[..., bytes | None]:
    """Return a DNS that knows one record."""
    name, _, value = record.partition(" IN TXT ")
    return lambda asked, **_: "".join(re.findall('"([^"]*)"', value)).encode() if asked == name.encode() else None


def test_a_receiver_accepts_what_was_sent(site: Path) -> None:
    """The record that the command prints fits the signatures of digests that a mail server has passed on."""
    record = feedsvc(site, "mail", "dkim-record")
    assert record.exit_code == 0, record.output
    assert record.output.startswith('feedsvc2026._domainkey.news.example. IN TXT "v=DKIM1; k=')
    mailbox = Mailbox()
    with mail_server(mailbox) as server:
        environ = way_to(server)
        settings = load_settings(site, environ)
        transport = open_transport(settings, load_signer(settings))
        envelopes = [Envelope("b@news.example", "mona@reader.example", mailed(each)) for each in (ENGLISH, ARABIC)]
        verdicts = [result.verdict for result in transport.send(envelopes)]
        transport.close()
        tried = feedsvc(site, "mail", "test", "mona@reader.example", **environ)
    assert verdicts == [Verdict.ACCEPTED] * 2
    assert tried.exit_code == 0, tried.output
    assert [dkim.verify(content, dnsfunc=dns(record.output)) for _, _, content in mailbox.received] == [True] * 3


def test_a_key_that_cannot_be_used_stops_before_anything_is_sent(site: Path) -> None:
    """The daemon does not start, and no message leaves unsigned."""
    (site / "config" / "dkim.pem").chmod(0o644)
    for command in (("run",), ("mail", "test", "mona@reader.example"), ("mail", "dkim-record")):
        done = feedsvc(site, *command)
        assert done.exit_code == 1
        assert "chmod 600" in done.stderr
    assert not (site / ".feedsvc" / "spool").exists()


@pytest.mark.parametrize("missing", ["dkim_selector", "dkim_key_file", "from_address"])
def test_half_of_the_settings_is_a_fault(site: Path, missing: str) -> None:
    """Whoever wants signatures is told what they lack."""
    path = site / "config" / "feedsvc.toml"
    path.write_text(re.sub(f"{missing} = .*", "", path.read_text()))
    done = feedsvc(site, "mail", "dkim-record")
    assert done.exit_code == 1
    assert f"mail.{missing}: missing" in done.stderr


def test_without_settings_nothing_is_signed(tmp_path: Path) -> None:
    """That is the default: most mail servers sign by themselves."""
    (tmp_path / "config").mkdir()
    assert feedsvc(tmp_path, "mail", "test", "mona@reader.example").exit_code == 0
    (kept,) = (tmp_path / ".feedsvc" / "spool" / "new").iterdir()
    assert b"DKIM-Signature" not in kept.read_bytes()
    done = feedsvc(tmp_path, "mail", "dkim-record")
    assert done.stderr == "feedsvc: mails are not signed here: set dkim_selector and dkim_key_file in [mail]\n"
