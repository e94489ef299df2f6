"""Mail on its way out: what is handed to a transport, what comes back, and the row that remembers it."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from datetime import datetime


@dataclass(frozen=True, slots=True)
class Envelope:
    """One finished message for one recipient.

    Attributes:
        sender: The address that bounces go to (RFC 5321 ``MAIL FROM``); empty asks for none.
        recipient: The address that gets it. Domains are in their ASCII form where the rest of the address is ASCII.
        message: The message as RFC 5322 wants it; line ends that are not CRLF are made so on the way.
        is_wire_ready: Whoever made the message has looked: no line of it begins with a dot, and no CR or LF stands
            alone. Else that is seen to on the way, which takes longer than the rest of it.
    """

    sender: str
    recipient: str
    message: bytes
    is_wire_ready: bool = False


class Verdict(StrEnum):
    """What became of one message."""

    ACCEPTED = "accepted"
    """The server has taken it, and the responsibility for it."""
    DEFERRED = "deferred"
    """Not now: a 4yz reply or a failure of the network. Nobody has it; try again later."""
    REFUSED = "refused"
    """The recipient cannot be written to, now or later."""
    BLOCKED = "blocked"
    """The server refuses us, the sender, the login or what is sent; the recipient has no part in it."""
    IN_DOUBT = "in doubt"
    """The connection was lost between the end of the message and the answer: the server may have it or not."""


class Stage(StrEnum):
    """How far the conversation with the server had come."""

    CONNECT = "connect"
    TLS = "tls"
    LOGIN = "login"
    SENDER = "sender"
    RECIPIENT = "recipient"
    CONTENT = "content"


@dataclass(frozen=True, slots=True)
class Reply:
    """What a server said (RFC 5321 section 4.2).

    Attributes:
        code: The three digits.
        enhanced: The status code of RFC 3463, such as ``5.1.1``; empty where the server gives none that fits.
        text: The rest, on one line, without control characters.
    """

    code: int
    enhanced: str = ""
    text: str = ""

    def __str__(self) -> str:
        """Return the reply as the server wrote it, on one line."""
        return " ".join(part for part in (str(self.code), self.enhanced, self.text) if part)


@dataclass(frozen=True, slots=True)
class DeliveryResult:
    """What became of one message, and why.

    Attributes:
        reason: One sentence for the operator; holds no secrets.
        reply: What the server said, None if it said nothing.
        is_overloaded: The server asked for less (421): slow down before the next message to this domain.
    """

    verdict: Verdict
    stage: Stage
    reason: str
    reply: Reply | None = None
    is_overloaded: bool = False

    @property
    def is_away(self) -> bool:
        """Whether the server was not even reached, or let nobody in: every message would meet that."""
        return self.verdict is not Verdict.ACCEPTED and self.stage in (Stage.CONNECT, Stage.TLS, Stage.LOGIN)


class OutboxState(StrEnum):
    """Where a message is between being written and having left."""

    QUEUED = "queued"
    SENDING = "sending"
    """Claimed by a worker. After a crash nobody knows whether it left."""
    RETRY = "retry"
    SENT = "sent"
    FAILED = "failed"
    SUPPRESSED = "suppressed"
    """The recipient was on the suppression list when the message was claimed."""
    HELD = "held"
    """Waits for an operator's word."""


@dataclass(frozen=True, slots=True)
class OutboxMessage:
    """One message to one recipient, as the outbox remembers it.

    Attributes:
        id: The Message-ID without its angle brackets; the same at every attempt.
        attempts: How often it was claimed.
        first_attempt: When it was claimed for the first time, None before.
        not_before: It is not claimed before this moment; None: at once.
        owner: The worker that holds the claim, empty if nobody does.
        lease_until: When the claim of a worker that fell silent ends, None without a claim.
        reason: What was last said about it, for the operator.
    """

    id: str
    recipient: str
    state: OutboxState = OutboxState.QUEUED
    attempts: int = 0
    first_attempt: datetime | None = None
    not_before: datetime | None = None
    owner: str = ""
    lease_until: datetime | None = None
    reason: str = ""

    @property
    def domain(self) -> str:
        """The part of the address behind the ``@``, in lower case."""
        return self.recipient.rpartition("@")[2].lower()
