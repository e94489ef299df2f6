"""A small mail server for what comes back: aiosmtpd on a loop of its own, in a thread of its own."""

from __future__ import annotations

import asyncio
import contextlib
import errno
import socket
from concurrent.futures import ThreadPoolExecutor
from threading import Event, Thread
from typing import TYPE_CHECKING, Protocol

from feedsvc.errors import FeedsvcError
from feedsvc.observe import HealthCheck, get_logger
from feedsvc.receive.conversation import Conversation, Room

if TYPE_CHECKING:
    from aiosmtpd.smtp import SMTP, Envelope, Session

MAX_MESSAGE_BYTES = 4_000_000
"""Whoever unsubscribes by mail may have a large signature."""
MAX_CONNECTIONS = 10
_PATIENCE_S = 60.0
"""For the next command, and for all of a message."""
_MAX_COMMANDS = 100
"""Of one kind, in one conversation."""

_log = get_logger(__name__)


class Mailroom(Protocol):
    """Where the mail goes. It is used from several threads, never two at a time."""

    def is_box(self, recipient: str) -> bool:
        """Tell whether mail to *recipient* is taken; must answer at once."""
        ...

    def take(self, message: bytes, recipient: str, sender: str) -> None:
        """Take one mail; an empty *sender* is nobody.

        Raises:
            FeedsvcError: It could not be kept; the same mail may be brought again.
        """
        ...


class Listener:
    """Takes mail at *host* and *port* from `start` to `stop`, and hands it to *mailroom*, one by one.

    It sends nothing but replies. A conversation speaks LMTP if it begins with ``LHLO``, else SMTP; both have one
    recipient for a message, because all our addresses are personal.
    """

    def __init__(self, mailroom: Mailroom, host: str, port: int, hostname: str) -> None:
        self._mailroom, self._host, self._port, self._hostname = mailroom, host, port, hostname
        self._room = Room(MAX_CONNECTIONS)
        self._stop: asyncio.Event | None = None
        self._loop: asyncio.AbstractEventLoop | None = None
        self._thread: Thread | None = None

    @property
    def address(self) -> str:
        """Host and port, as people write them."""
        return f"[{self._host}]:{self._port}" if ":" in self._host else f"{self._host}:{self._port}"

    def check(self) -> HealthCheck:
        """Tell whether mail is being taken."""
        is_alive = self._thread is not None and self._thread.is_alive()
        return HealthCheck("bounces", is_alive, "ok" if is_alive else "the listener ended")

    def start(self) -> None:
        """Listen, and return when mail is taken.

        Raises:
            FeedsvcError: The address cannot be used; says why and what to do.
        """
        listening = _listen(self._host, self._port)
        self._port = int(listening.getsockname()[1])
        ready = Event()
        self._thread = Thread(target=self._run, args=(listening, ready), name="feedsvc-receive", daemon=True)
        self._thread.start()
        ready.wait()

    def stop(self, timeout_s: float) -> None:
        """Stop listening and hang up; waits *timeout_s* seconds at most. Mail that was not answered for comes again."""
        if self._thread is None or self._loop is None or self._stop is None:
            return
        with contextlib.suppress(RuntimeError):  # the loop has ended already
            self._loop.call_soon_threadsafe(self._stop.set)
        self._thread.join(timeout_s)
        if self._thread.is_alive():
            _log.warning("bounces.stop_timed_out", timeout_s=timeout_s)

    def _run(self, listening: socket.socket, ready: Event) -> None:
        try:
            with asyncio.Runner() as runner:
                runner.run(self._serve(listening, ready))
        except Exception:
            _log.exception("bounces.failed")
        finally:
            listening.close()
            ready.set()

    async def _serve(self, listening: socket.socket, ready: Event) -> None:
        self._loop, self._stop = asyncio.get_running_loop(), asyncio.Event()
        with ThreadPoolExecutor(1, "feedsvc-mailroom") as thread:
            handler = _Handler(self._mailroom, thread)
            server = await self._loop.create_server(lambda: self._conversation(handler), sock=listening)
            ready.set()
            await self._stop.wait()
            server.close()
            self._room.clear()
            await asyncio.sleep(0)  # lets the conversations learn of it

    def _conversation(self, handler: _Handler) -> Conversation:
        return Conversation(
            handler,
            self._room,
            hostname=self._hostname,
            ident="feedsvc",
            data_size_limit=MAX_MESSAGE_BYTES,
            enable_SMTPUTF8=True,
            timeout=_PATIENCE_S,
            command_call_limit=_MAX_COMMANDS,
            loop=self._loop,
        )


class _Handler:
    """Answers commands; the names of the methods are aiosmtpd's."""

    def __init__(self, mailroom: Mailroom, thread: ThreadPoolExecutor) -> None:
        self._mailroom, self._thread = mailroom, thread

    async def handle_RCPT(  # noqa: N802
        self, _server: SMTP, _session: Session, envelope: Envelope, address: str, _options: list[str]
    ) -> str:
        if not self._mailroom.is_box(address):
            return "550 5.1.1 there is no such mailbox here"
        if envelope.rcpt_tos:
            return "452 4.5.3 one recipient for a message"
        envelope.rcpt_tos.append(address)
        return "250 2.1.5 go on"

    async def handle_DATA(self, _server: SMTP, _session: Session, envelope: Envelope) -> str:  # noqa: N802
        message = envelope.original_content or b""
        sender = (envelope.mail_from or "").strip("<>")
        try:
            await asyncio.get_running_loop().run_in_executor(
                self._thread, self._mailroom.take, message, envelope.rcpt_tos[0], sender
            )
        except FeedsvcError as error:
            _log.error("bounces.not_kept", detail=str(error))
            return "451 4.3.0 it cannot be kept now, bring it again"
        return "250 2.0.0 taken"

    async def handle_exception(self, error: Exception) -> str:
        """Answer for a fault of ours; the mail must not be lost."""
        _log.error("bounces.crashed", exc_info=error)
        return "451 4.3.0 something failed here, bring it again"


def _listen(host: str, port: int) -> socket.socket:
    try:
        family, _, _, _, address = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0]
        return socket.create_server((str(address[0]), port), family=family)
    except (OSError, UnicodeError) as error:
        is_used = isinstance(error, OSError) and error.errno == errno.EADDRINUSE
        why = "it is in use by another program" if is_used else (getattr(error, "strerror", None) or "no such address")
        raise FeedsvcError(
            f"mail.bounce_listen: {host}:{port} cannot be listened on: {str(why).lower()}; choose another address"
        ) from error
