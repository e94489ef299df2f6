"""The bytes of a conversation with a mail server: commands out, replies in (RFC 5321 section 4.2)."""

from __future__ import annotations

import select
import ssl
from functools import lru_cache
from typing import TYPE_CHECKING

from feedsvc.deliver.replies import read_reply

if TYPE_CHECKING:
    import smtplib

    from feedsvc.model import Reply

_LONGEST_LINE, _MOST_LINES = 8_192, 1_000
_CLOSED = "connection unexpectedly closed"
_known = lru_cache(maxsize=256)(read_reply)
"""A server says the same words again and again."""


class Wire:
    """Takes over from the library once a connection is ready; its own way to read asks the system far more often.

    Args:
        smtp: The connection; nothing else may read from it any more.
        timeout_s: How long to wait for anything.
    """

    def __init__(self, smtp: smtplib.SMTP, timeout_s: float) -> None:
        if smtp.sock is None:
            raise ConnectionError(_CLOSED)
        self._sock, self._timeout_s = smtp.sock, timeout_s
        self._poll = select.poll()
        self._poll.register(self._sock, select.POLLIN)
        self._rest = self._left_behind(smtp)

    def _left_behind(self, smtp: smtplib.SMTP) -> bytes:
        """Return what the server said in advance, and the library has read but not used."""
        self._sock.settimeout(0)
        try:
            return smtp.file.peek(1) if smtp.file is not None else b""
        except OSError:  # nothing is there, says an encrypted connection
            return b""
        finally:
            self._sock.settimeout(self._timeout_s)

    def has_news(self) -> bool:
        """Tell whether the server spoke or hung up without being asked."""
        if self._rest or self._poll.poll(0):
            return True
        return isinstance(self._sock, ssl.SSLSocket) and self._sock.pending() > 0

    def send(self, data: bytes) -> None:
        """Send all of *data*.

        Raises:
            OSError: The connection is lost.
        """
        self._sock.sendall(data)

    def reply(self, patience: int = 1) -> Reply:
        """Return the next reply; one whose code is no number has the code -1.

        Args:
            patience: How many times longer than usual to wait.

        Raises:
            OSError: There is none: the connection is lost, or the time is over.
        """
        if patience != 1:
            self._sock.settimeout(self._timeout_s * patience)
        lines = []
        while True:
            line = self._line()
            lines.append(line[4:].strip())
            code = int(line[:3]) if line[:3].isdigit() else -1
            if code < 0 or line[3:4] != b"-":
                break
            if len(lines) == _MOST_LINES:
                raise ConnectionError("the reply has no end")
        if patience != 1:
            self._sock.settimeout(self._timeout_s)
        return _known(code, b"\n".join(lines))

    def _line(self) -> bytes:
        while (end := self._rest.find(b"\n")) < 0:
            if len(self._rest) > _LONGEST_LINE:
                raise ConnectionError("a line of the reply is too long")
            data = self._sock.recv(_LONGEST_LINE)
            if not data:
                raise ConnectionError(_CLOSED)
            self._rest += data
        line, self._rest = self._rest[:end], self._rest[end + 1 :]
        return line
