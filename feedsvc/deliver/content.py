"""A message as SMTP carries it: every line ends in CRLF, no line is mistaken for the end; pure."""

from __future__ import annotations

import re

END = b".\r\n"
"""The line that ends a message."""
_LINE_END = re.compile(rb"\r\n|\r|\n")
_DOT = re.compile(rb"\r\n\.")
"""A pattern that begins with a plain byte is searched for fast."""


def canonical(message: bytes) -> bytes:
    """Return *message* with every line ended by CRLF, the last one too.

    A CR or LF alone never goes out (RFC 5321 section 2.3.8): servers differ on whether it ends a line, and what one of
    them takes for text could be an end of message and a new sender to the next. Correct messages stay as they are.
    """
    if message and not message.endswith((b"\r", b"\n")):
        message += b"\r\n"
    line_ends = len(message) - len(message.translate(None, b"\r\n"))
    if line_ends != 2 * len(message.splitlines()):  # then some stand alone; faster than counting pairs
        message = _LINE_END.sub(b"\r\n", message)
    return message


def stuffed(message: bytes) -> bytes:
    """Return the canonical *message* with one more dot before each line that begins with one (section 4.5.2)."""
    inner = message.replace(b"\r\n.", b"\r\n..") if _DOT.search(message) else message
    return b"." + inner if inner.startswith(b".") else inner


def has_eight_bit_header(message: bytes) -> bool:
    """Tell whether the header of the canonical *message* holds more than ASCII, so that it needs SMTPUTF8."""
    return not message.isascii() and not message.partition(b"\r\n\r\n")[0].isascii()
