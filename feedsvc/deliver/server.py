"""The mail server that messages are handed to, and how it is reached."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum


class Security(StrEnum):
    """How the connection is encrypted."""

    NONE = "none"
    STARTTLS = "starttls"
    TLS = "tls"


@dataclass(frozen=True, slots=True)
class SmtpServer:
    """A mail server and our manners towards it.

    Attributes:
        host: Name or IP address; its certificate must be made out to it.
        username: Empty: no login.
        ca_file: Certificates (PEM) to trust instead of those of the system; empty: those of the system.
        hello: The name that we introduce ourselves with (``EHLO``); empty: that of this machine.
        timeout_s: Patience for a connection and for each reply. The reply that takes over a message is waited for
            ten times as long, because giving up on it may double the message (RFC 5321 section 4.5.3.2.6).
        max_per_connection: After this many messages a new connection is made.
        max_idle_s: A connection at rest for longer is not used again.
    """

    host: str
    port: int
    security: Security
    username: str = ""
    password: str = field(default="", repr=False)
    ca_file: str = ""
    hello: str = ""
    timeout_s: float = 60.0
    max_per_connection: int = 100
    max_idle_s: float = 30.0
