"""Real mail servers on loopback: aiosmtpd for honest ones, and one that follows a script for the others."""

from __future__ import annotations

import asyncio
import contextlib
import socket
import ssl
import threading
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import trustme
from aiosmtpd.controller import Controller

from feedsvc.deliver import Security, SmtpServer
from feedsvc.model import Envelope

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from aiosmtpd.smtp import SMTP, Session
    from aiosmtpd.smtp import Envelope as Received

LOOPBACK = "127.0.0.1"


def envelope(recipient: str = "reader@example.org", text: bytes = b"Subject: x\r\n\r\nHello.\r\n") -> Envelope:
    """Return something to send."""
    return Envelope("bounces@example.net", recipient, text)


@dataclass
class Mailbox:
    """What a server has received; an aiosmtpd handler that answers as it is told.

    Attributes:
        replies: Replies to recipients or messages, by recipient.
        silent: Recipients to whom nothing is said at all.
        asked: All recipients that were named, in order.
        features: Lines that EHLO offers besides; those in *hidden* are not offered.
    """

    received: list[tuple[str, str, bytes]] = field(default_factory=list)
    replies: dict[str, str] = field(default_factory=dict)
    silent: set[str] = field(default_factory=set)
    asked: list[str] = field(default_factory=list)
    features: tuple[str, ...] = ("PIPELINING",)
    hidden: tuple[str, ...] = ()
    connections: int = 0
    options: list[list[str]] = field(default_factory=list)

    async def handle_EHLO(  # noqa: N802 - the name is aiosmtpd's
        self, _server: SMTP, session: Session, _envelope: Received, hostname: str, responses: list[str]
    ) -> list[str]:
        """Offer what the test wants."""
        session.host_name = hostname
        self.connections += 1
        offered = [line for line in responses[:-1] if not any(word in line for word in self.hidden)]
        return [*offered, *(f"250-{feature}" for feature in self.features), responses[-1]]

    async def handle_RCPT(  # noqa: N802
        self, _server: SMTP, _session: Session, received: Received, address: str, _options: list[str]
    ) -> str:
        """Take a recipient, or answer as told."""
        self.asked.append(address)
        while address in self.silent:
            await asyncio.sleep(0.05)
        if address in self.replies:
            return self.replies[address]
        received.rcpt_tos.append(address)
        return "250 2.1.5 fine"

    async def handle_DATA(self, _server: SMTP, _session: Session, received: Received) -> str:  # noqa: N802
        """Keep a message."""
        content = received.original_content
        assert isinstance(content, bytes)
        self.options.append(list(received.mail_options))
        for recipient in received.rcpt_tos:
            self.received.append((received.mail_from or "", recipient, content))
        return f"250 2.0.0 queued as {len(self.received)}"


def way_to(server: SmtpServer) -> dict[str, str]:
    """Return the settings that send mail to *server*, as variables of the environment."""
    return {
        "FEEDSVC_MAIL__HOST": server.host,
        "FEEDSVC_MAIL__PORT": str(server.port),
        "FEEDSVC_MAIL__SECURITY": server.security.value,
    }


@contextlib.contextmanager
def mail_server(mailbox: Mailbox, **options: object) -> Iterator[SmtpServer]:
    """Run an aiosmtpd server for *mailbox*; *options* are those of its SMTP class."""
    controller = Controller(mailbox, LOOPBACK, _free_port(), enable_SMTPUTF8=True, **options)
    controller.start()
    try:
        yield SmtpServer(LOOPBACK, controller.port, Security.NONE, hello="test.example", timeout_s=10.0)
    finally:
        controller.stop()


@dataclass(frozen=True)
class Certificates:
    """A certificate authority, and files for a server that it vouches for."""

    ca_file: str
    context: ssl.SSLContext


def certificates(folder: Path, name: str = LOOPBACK) -> Certificates:
    """Return new certificates, made out to *name*."""
    authority = trustme.CA()
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    authority.issue_cert(name).configure_cert(context)
    path = folder / f"ca-{name}.pem"
    authority.cert_pem.write_to_path(str(path))
    return Certificates(str(path), context)


@dataclass
class ScriptedServer:
    """A server that says what a script says; each connection begins it anew.

    Attributes:
        greet: What it says first.
        answers: What it says to a command, by its first word; ``BODY`` is the end of a message. An empty answer
            closes the connection, None says nothing and waits for the client to give up.
        bodies: All messages that came to their end; those that it answered for with 2yz are *taken* too.
        heard: All commands, in the order of arrival, their first words in capitals.
        is_deaf_to_pipelining: It forgets what came in the same packet as a command.
    """

    greet: str = "220 scripted"
    answers: dict[str, str | Callable[[int], str | None] | None] = field(default_factory=dict)
    heard: list[str] = field(default_factory=list)
    bodies: list[bytes] = field(default_factory=list)
    taken: list[bytes] = field(default_factory=list)
    connections: int = 0
    is_deaf_to_pipelining: bool = False

    def answer(self, word: str) -> str | None:
        """Return the answer to a command, or to a message."""
        usual = {"EHLO": "250 scripted", "MAIL": "250 ok", "RCPT": "250 ok", "DATA": "354 go", "BODY": "250 taken",
                 "RSET": "250 ok", "QUIT": "221 bye"}  # fmt: skip
        answer = self.answers.get(word, usual.get(word, "500 what?"))
        return answer(self.connections) if callable(answer) else answer


def in_turn(*answers: str, then: str = "250 ok") -> Callable[[int], str]:
    """Return an answer that is another one each time."""
    left = iter(answers)
    return lambda _connection: next(left, then)


@contextlib.contextmanager
def scripted_server(script: ScriptedServer) -> Iterator[SmtpServer]:
    """Run *script* on a port of its own, one connection at a time."""
    with socket.create_server((LOOPBACK, 0)) as listener:
        thread = threading.Thread(target=_serve, args=(listener, script), daemon=True)
        thread.start()
        try:
            yield SmtpServer(LOOPBACK, listener.getsockname()[1], Security.NONE, hello="test.example", timeout_s=0.5)
        finally:
            listener.shutdown(socket.SHUT_RDWR)
            thread.join(20)
    assert not thread.is_alive()


def _serve(listener: socket.socket, script: ScriptedServer) -> None:
    with contextlib.suppress(OSError):
        while True:
            connection, _ = listener.accept()
            script.connections += 1
            with connection, contextlib.suppress(OSError):
                _talk(connection, script)


def _talk(connection: socket.socket, script: ScriptedServer) -> None:
    connection.settimeout(20)
    connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    waiting = b""
    if not _say(connection, script.greet):
        return
    while chunk := connection.recv(65536):
        waiting += chunk
        while b"\r\n" in waiting:
            line, _, waiting = waiting.partition(b"\r\n")
            word, space, rest = line.decode("utf-8", "replace").partition(" ")
            word = word.upper()
            script.heard.append(f"{word}{space}{rest}")
            if script.is_deaf_to_pipelining:
                waiting = b""
            answer = script.answer(word)
            if not _say(connection, answer):
                return
            if word == "DATA" and (answer or "").startswith("354"):
                body, waiting = _read_body(connection, waiting)
                script.bodies.append(body)
                verdict = script.answer("BODY")
                script.taken += [body] if (verdict or "").startswith("2") else []
                if not _say(connection, verdict):
                    return


def _read_body(connection: socket.socket, waiting: bytes) -> tuple[bytes, bytes]:
    waiting = b"\r\n" + waiting
    while b"\r\n.\r\n" not in waiting:
        chunk = connection.recv(65536)
        if not chunk:
            raise OSError("the client went away")
        waiting += chunk
    body, _, rest = waiting.partition(b"\r\n.\r\n")
    return body[2:] + b"\r\n" if body else b"", rest


def _say(connection: socket.socket, answer: str | None) -> bool:
    """Send an answer; returns False where the script hangs up."""
    if answer is None:
        while connection.recv(65536):
            pass
        return False
    connection.sendall("".join(f"{line}\r\n" for line in answer.splitlines()).encode())
    return bool(answer)


def _free_port() -> int:
    with socket.create_server((LOOPBACK, 0)) as probe:
        port: int = probe.getsockname()[1]
        return port
