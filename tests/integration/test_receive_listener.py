"""The small mail server for what comes back, over real connections."""

from __future__ import annotations

import contextlib
import smtplib
import socket
import threading
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import pytest

from feedsvc.errors import FeedsvcError, StoreError
from feedsvc.receive import MAX_CONNECTIONS, MAX_MESSAGE_BYTES, Listener

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

BOX = "bounce+token@news.example.org"
MESSAGE = b"Subject: x\r\n\r\n.Hello\r\n..\r\n"
PATIENCE_S = 30.0


@dataclass
class Shelf:
    """Keeps mail, or fails as told."""

    fault: Exception | None = None
    taken: list[tuple[str, str, bytes]] = field(default_factory=list)

    def is_box(self, recipient: str) -> bool:
        """Take mail to one kind of address."""
        return recipient.startswith("bounce+")

    def take(self, message: bytes, recipient: str, sender: str) -> None:
        """Keep one mail."""
        if self.fault is not None:
            raise self.fault
        self.taken.append((sender, recipient, message))


@pytest.fixture
def shelf() -> Shelf:
    return Shelf()


@pytest.fixture
def listener(shelf: Shelf) -> Iterator[Listener]:
    listening = Listener(shelf, "127.0.0.1", 0, "news.example.org")
    listening.start()
    yield listening
    listening.stop(PATIENCE_S)
    assert not listening.check().ok


def port_of(listener: Listener) -> int:
    return int(listener.address.rpartition(":")[2])


def smtp(listener: Listener) -> smtplib.SMTP:
    return smtplib.SMTP("127.0.0.1", port_of(listener), "mx.example.net", timeout=PATIENCE_S)


def lmtp(listener: Listener) -> smtplib.SMTP:
    return smtplib.LMTP("127.0.0.1", port_of(listener), "mx.example.net", timeout=PATIENCE_S)


@pytest.mark.parametrize("connect", [smtp, lmtp])
def test_mail_is_taken_by_smtp_and_lmtp(
    shelf: Shelf, listener: Listener, connect: Callable[[Listener], smtplib.SMTP]
) -> None:
    """As the client greets; from nobody or somebody, several over one connection, byte by byte."""
    assert listener.check().ok
    with connect(listener) as client:
        client.sendmail("", BOX, MESSAGE)
        client.sendmail("ada@example.org", "BOUNCE+other@x".lower(), MESSAGE)
    assert shelf.taken == [("", BOX, MESSAGE), ("ada@example.org", "bounce+other@x", MESSAGE)]


def test_a_report_about_a_mailbox_in_any_script_is_taken(shelf: Shelf, listener: Listener) -> None:
    """Mail servers send these with SMTPUTF8."""
    with smtp(listener) as client:
        client.sendmail("قارئ@example.org", BOX, "To: قارئ@example.org\r\n\r\n".encode(), ["SMTPUTF8", "BODY=8BITMIME"])
    assert shelf.taken == [("قارئ@example.org", BOX, "To: قارئ@example.org\r\n\r\n".encode())]


def test_other_mailboxes_are_refused_and_each_message_has_one(shelf: Shelf, listener: Listener) -> None:
    """It is no mail server for anybody else, and passes nothing on."""
    with smtp(listener) as client:
        client.ehlo()
        client.mail("")
        assert client.rcpt("postmaster@news.example.org")[0] == 550
        assert client.rcpt("victim@example.net")[0] == 550
        assert client.rcpt(BOX)[0] == 250
        assert client.rcpt("bounce+b@x")[0] == 452
        assert client.data(MESSAGE)[0] == 250
    assert [recipient for _, recipient, _ in shelf.taken] == [BOX]


@pytest.mark.parametrize("fault", [StoreError("locked"), FeedsvcError("lost"), ValueError("a fault of ours")])
@pytest.mark.parametrize("connect", [smtp, lmtp])
def test_what_cannot_be_kept_is_to_be_brought_again(
    shelf: Shelf, listener: Listener, fault: Exception, connect: Callable[[Listener], smtplib.SMTP]
) -> None:
    """A temporary answer, over a connection that stays; the second attempt arrives."""
    shelf.fault = fault
    with connect(listener) as client:
        with pytest.raises(smtplib.SMTPDataError) as refused:
            client.sendmail("", BOX, MESSAGE)
        assert refused.value.smtp_code == 451
        shelf.fault = None
        client.sendmail("", BOX, MESSAGE)
    assert len(shelf.taken) == 1


def test_messages_and_lines_may_be_long_but_not_endless(shelf: Shelf, listener: Listener) -> None:
    """Beyond the limit a message is refused as a whole."""
    line = b"x" * 9_998 + b"\r\n"
    with smtp(listener) as client:
        client.sendmail("", BOX, line * (MAX_MESSAGE_BYTES // len(line)))
        client.ehlo()
        client.mail("")
        client.rcpt(BOX)
        assert client.data(line * (MAX_MESSAGE_BYTES // len(line) + 1))[0] == 552
        client.mail("")
        client.rcpt(BOX)
        assert client.data(b"x" * 200_000)[0] == 500
    assert [len(message) for _, _, message in shelf.taken] == [MAX_MESSAGE_BYTES]


def test_only_so_many_conversations_at_once(shelf: Shelf, listener: Listener) -> None:
    """The others are asked to come again, and there is room as soon as one has left."""
    with contextlib.ExitStack() as open_:
        clients = [open_.enter_context(smtp(listener)) for _ in range(MAX_CONNECTIONS)]
        with pytest.raises(smtplib.SMTPConnectError) as refused:
            smtp(listener)
        assert refused.value.smtp_code == 421
        clients[0].quit()
        client = until_let_in(listener)
        open_.enter_context(client)
        client.sendmail("", BOX, MESSAGE)
    assert len(shelf.taken) == 1


def until_let_in(listener: Listener) -> smtplib.SMTP:
    """Try again until there is room: the server learns of a farewell a moment later than the client."""
    while True:
        with contextlib.suppress(smtplib.SMTPConnectError):
            return smtp(listener)


def test_whoever_speaks_something_else_is_shown_the_door(listener: Listener) -> None:
    """Commands that do not exist, and endless repetition."""
    for command in (b"GET / HTTP/1.1\r\n", b"NOOP\r\n", b"\xff\xfe\0\r\n"):
        with socket.create_connection(("127.0.0.1", port_of(listener)), PATIENCE_S) as client:
            client.settimeout(PATIENCE_S)
            with contextlib.suppress(ConnectionError):
                client.sendall(command * 300 + b"QUIT\r\n")
                while client.recv(65_536):
                    pass
    with smtp(listener) as client_:
        assert client_.noop()[0] == 250


def test_stopping_hangs_up(shelf: Shelf) -> None:
    """At once, whoever is connected and whatever they were about to say."""
    listening = Listener(shelf, "127.0.0.1", 0, "news.example.org")
    listening.start()
    with socket.create_connection(("127.0.0.1", port_of(listening)), PATIENCE_S) as client:
        client.settimeout(PATIENCE_S)
        client.sendall(b"EHLO x\r\nMAIL FROM:<>\r\nRCPT TO:<bounce+x@y>\r\nDATA\r\n")
        while b"354" not in client.recv(4_096):
            pass
        stopping = threading.Thread(target=listening.stop, args=(PATIENCE_S,))
        stopping.start()
        with contextlib.suppress(ConnectionError):
            assert client.recv(4_096) == b""
        stopping.join()
    assert not listening.check().ok
    assert shelf.taken == []
    listening.stop(0)


def test_an_address_that_cannot_be_used_is_told(shelf: Shelf, listener: Listener) -> None:
    """In use, or not of this machine: the sentence names the setting."""
    with pytest.raises(FeedsvcError, match=r"mail\.bounce_listen: 127\.0\.0\.1:\d+ .* in use"):
        Listener(shelf, "127.0.0.1", port_of(listener), "x").start()
    with pytest.raises(FeedsvcError, match="cannot be listened on"):
        Listener(shelf, "192.0.2.1", 0, "x").start()
    with pytest.raises(FeedsvcError, match="cannot be listened on"):
        Listener(shelf, "no.such.host.invalid", 0, "x").start()
