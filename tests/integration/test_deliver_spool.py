"""Messages without a mail server: files in a folder that mail programs understand."""

from __future__ import annotations

import mailbox
import os
import stat
from concurrent.futures import ThreadPoolExecutor
from email import policy
from email.parser import BytesParser
from typing import TYPE_CHECKING

import needs
from mail_server import envelope

from feedsvc.deliver import Spool
from feedsvc.model import Verdict
from feedsvc.observe import configure_logging

if TYPE_CHECKING:
    from pathlib import Path

    import pytest

ARABIC = "Subject: x\r\nContent-Type: text/plain; charset=utf-8\r\n\r\nالسلام عليكم\r\n.\r\nنهاية\r\n".encode()


def test_a_mail_program_reads_what_was_spooled(tmp_path: Path) -> None:
    """Python's own reader of Maildirs stands for all others: text, recipient and sender are there."""
    spool = Spool(str(tmp_path / "spool"))
    results = list(spool.send([envelope("a@example.org", ARABIC), envelope("b@example.org", ARABIC)]))
    assert [result.verdict for result in results] == [Verdict.ACCEPTED] * 2
    messages = [
        BytesParser(policy=policy.default).parsebytes(bytes(message))
        for message in mailbox.Maildir(tmp_path / "spool", create=False)
    ]
    assert {message["Delivered-To"] for message in messages} == {"a@example.org", "b@example.org"}
    assert {message["Return-Path"] for message in messages} == {"<bounces@example.net>"}
    assert {message.get_content() for message in messages} == {"السلام عليكم\n.\nنهاية\n"}


def test_the_same_message_is_there_once(tmp_path: Path) -> None:
    """A message that is sent again after a crash is no second one, even if two processes do it at once."""
    with ThreadPoolExecutor(4) as pool:
        outcomes = pool.map(lambda _: list(Spool(str(tmp_path)).send([envelope()] * 5)), range(4))
        assert all(result.verdict is Verdict.ACCEPTED for results in outcomes for result in results)
    (name,) = os.listdir(tmp_path / "new")
    assert os.listdir(tmp_path / "tmp") == []
    assert stat.S_IMODE((tmp_path / "new" / name).stat().st_mode) == 0o600


def test_a_header_cannot_be_forged_by_an_address(tmp_path: Path) -> None:
    """Line ends in an address are shown, not obeyed."""
    list(Spool(str(tmp_path)).send([envelope("a@b\r\nBcc: everybody@example.org")]))
    (message,) = mailbox.Maildir(tmp_path, create=False)
    assert message["Bcc"] is None
    assert message["Delivered-To"] == "a@b\\r\\nBcc: everybody@example.org"


def test_a_full_disk_defers(tmp_path: Path) -> None:
    """The message stays in the outbox, nothing half is left behind, and what fits is still taken."""
    disk = tmp_path / "disk"
    disk.mkdir()
    with needs.mounted(disk, "-t", "tmpfs", "-o", "size=128k", "feedsvc-test"):
        large, small = Spool(str(disk)).send([envelope(text=b"x" * 1_000_000), envelope()])
        assert (large.verdict, small.verdict) == (Verdict.DEFERRED, Verdict.ACCEPTED)
        assert "no space left" in large.reason
        assert os.listdir(disk / "tmp") == []
        assert len(os.listdir(disk / "new")) == 1


def test_a_folder_that_cannot_be_made_defers(tmp_path: Path) -> None:
    """Whatever is wrong with it is in the reason."""
    (tmp_path / "spool").write_text("a file where the folder should be")
    (result,) = Spool(str(tmp_path / "spool")).send([envelope()])
    assert result.verdict is Verdict.DEFERRED
    assert "cannot be kept" in result.reason


def test_one_line_says_that_nothing_is_sent(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Not one for each message."""
    import sys

    configure_logging("json", "info", sys.stderr)
    list(Spool(str(tmp_path)).send([envelope(), envelope("other@example.org")]))
    (line,) = capsys.readouterr().err.splitlines()
    assert '"event": "mail.spooled"' in line
    assert "mail.host is not set" in line
