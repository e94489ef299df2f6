"""A message as SMTP carries it: every line ends in CRLF, no line is mistaken for the end; pure."""

from __future__ import annotations

import re

END = b".\r\n"
"""The line that ends a message."""
_LINE_END = re.compile(rb"\r\n|\r|\n")
_LONE_CR, _LONE_LF, _DOT = re.compile(rb"\r(?!\n)"), re.compile(rb"\n(?<!\r\n)"), re.compile(rb"\r\n\.")
"""Patterns that begin with a plain byte are searched for faster than bytes are counted."""


def canonical(message: bytes) -> bytes:
    """Return *message* with every line ended by CRLF, the last one too.

    A CR or LF alone never goes out (RFC 5321 section 2.3.8): servers differ on whether it ends a line, and what one of
    them takes for text could be an end of message and a new sender to the next. Correct messages stay as they are.
    """
    if _LONE_CR.search(message) or _LONE_LF.search(message):
        message = _LINE_END.sub(b"\r\n", message)
    return message if not message or message.endswith(b"\r\n") else message + b"\r\n"


def stuffed(message: bytes) -> bytes:
    """Return the canonical *message* with one more dot before each line that begins with one (section 4.5.2)."""
    inner = message.replace(b"\r\n.", b"\r\n..") if _DOT.search(message) else message
    return b"." + inner if inner.startswith(b".") else inner


def has_eight_bit_header(message: bytes) -> bool:
    """Tell whether the header of the canonical *message* holds more than ASCII, so that it needs SMTPUTF8."""
    header, _, _ = message.partition(b"\r\n\r\n")
    return not header.isascii()
