"""One connection to a mail server, and the messages that go over it."""

from __future__ import annotations

import contextlib
import time
from typing import TYPE_CHECKING

from feedsvc.deliver.content import END, canonical, has_eight_bit_header, stuffed
from feedsvc.deliver.replies import failure, in_doubt, is_positive, lost, refusal
from feedsvc.deliver.wire import Wire
from feedsvc.model import DeliveryResult, Reply, Stage, Verdict

if TYPE_CHECKING:
    import smtplib
    from collections.abc import Iterator

    from feedsvc.model import Envelope

_GO_AHEAD = 354
_CLOSING = 421
_FAREWELL_S = 2.0
_IN_A_ROW_S = 0.1
"""After a message one follows at once; what the server said between them is found when its reply is read."""
_PATIENCE = 10
"""How many times longer the last reply is waited for."""
_STAGES = (Stage.SENDER, Stage.RECIPIENT, Stage.CONTENT)
_NEVER_IN_ADDRESS = set('<>"\\ ')


class Session:
    """A connection that is ready for messages.

    Attributes:
        is_open: Whether it can be used again.
        is_pipelining: Whether the commands of a message are sent together (RFC 2920).
        has_begun: Whether the content of the last message was begun; before that, it may be offered elsewhere.
        is_out_of_step: Whether replies came that fit no command.
        carried: How many messages were settled over it, taken or not.
    """

    def __init__(self, smtp: smtplib.SMTP, timeout_s: float, *, may_pipeline: bool) -> None:
        self._smtp, self._timeout_s, self._wire = smtp, timeout_s, Wire(smtp, timeout_s)
        self.is_pipelining = may_pipeline and smtp.has_extn("pipelining")
        self.is_open, self.has_begun, self.is_out_of_step = True, False, False
        self.carried = 0
        self._used = time.monotonic()

    def is_fit(self, max_messages: int, max_idle_s: float) -> bool:
        """Tell whether another message should go over this connection."""
        idle_s = time.monotonic() - self._used
        if not self.is_open or self.carried >= max_messages or idle_s > max_idle_s:
            return False
        return idle_s < _IN_A_ROW_S or not self._wire.has_news()

    def deliver(self, envelope: Envelope) -> DeliveryResult:
        """Hand over one message."""
        try:
            result = self._deliver(envelope)
        except BaseException:  # whoever interrupts a conversation cannot go on with it
            self.drop()
            raise
        self.carried += self.is_open
        return result

    def _deliver(self, envelope: Envelope) -> DeliveryResult:
        self.has_begun = False
        message = envelope.message if envelope.is_wire_ready else canonical(envelope.message)
        problem = _address_problem(envelope) or self._unfit(envelope, message)
        if problem is not None:
            return problem
        self._used = time.monotonic()
        try:
            result = self._offer(self._commands(envelope, message))
        except OSError as error:
            self.drop()
            return lost(Stage.SENDER, error)
        if result is None and self._wire.has_news():  # what is said before the content cannot be the answer to it
            return self._step_out(Stage.CONTENT, Reply(_GO_AHEAD, text="and more"))
        return result or self._hand_over(message if envelope.is_wire_ready else stuffed(message))

    def _unfit(self, envelope: Envelope, message: bytes) -> DeliveryResult | None:
        """Return why this server cannot take this message, None if nothing speaks against it."""
        has_utf8 = self._smtp.has_extn("smtputf8")
        if not envelope.recipient.isascii() and not has_utf8:
            reason = "the mail server takes only addresses in Latin letters (no SMTPUTF8)"
            return DeliveryResult(Verdict.REFUSED, Stage.RECIPIENT, reason)
        if not has_utf8 and (not envelope.sender.isascii() or has_eight_bit_header(message)):
            reason = "the mail server takes only ASCII in addresses and headers (no SMTPUTF8)"
            return DeliveryResult(Verdict.BLOCKED, Stage.SENDER, reason)
        if not message.isascii() and not self._smtp.has_extn("8bitmime"):
            reason = "the mail server takes only ASCII in messages (no 8BITMIME)"
            return DeliveryResult(Verdict.BLOCKED, Stage.CONTENT, reason)
        return self._too_large(len(message))

    def _too_large(self, size: int) -> DeliveryResult | None:
        limit = self._smtp.esmtp_features.get("size", "").strip()
        if not limit.isdecimal() or not 0 < int(limit) < size:  # 0: there is no fixed limit (RFC 1870 section 3)
            return None
        reason = f"the message has {size} bytes, the mail server takes {limit}"
        return DeliveryResult(Verdict.BLOCKED, Stage.CONTENT, reason)

    def _commands(self, envelope: Envelope, message: bytes) -> tuple[bytes, bytes, bytes]:
        options = f" SIZE={len(message)}" if self._smtp.has_extn("size") else ""
        if not message.isascii():
            options += " BODY=8BITMIME"
        if not (envelope.sender + envelope.recipient).isascii() or has_eight_bit_header(message):
            options += " SMTPUTF8"
        mail, recipient = f"MAIL FROM:<{envelope.sender}>{options}\r\n", f"RCPT TO:<{envelope.recipient}>\r\n"
        return mail.encode(), recipient.encode(), b"DATA\r\n"

    def _offer(self, commands: tuple[bytes, bytes, bytes]) -> DeliveryResult | None:
        """Announce a message; returns None if the server waits for its content, else why it does not."""
        problem: DeliveryResult | None = None
        is_waiting = False
        for stage, reply in zip(_STAGES, self._replies(commands), strict=False):
            is_waiting = stage is Stage.CONTENT and reply.code == _GO_AHEAD
            if reply.code == _CLOSING:
                self.drop()
                return refusal(stage, reply)
            if not is_waiting and self._is_unexpected(stage, reply, problem):
                return self._step_out(stage, reply)
            if problem is None and not is_waiting and not (is_positive(reply) and stage is not Stage.CONTENT):
                problem = refusal(stage, reply)
            if problem is not None and not self.is_pipelining:
                break
        if problem is not None:
            self._withdraw(is_waiting=is_waiting)
        return problem

    def _replies(self, commands: tuple[bytes, bytes, bytes]) -> Iterator[Reply]:
        if self.is_pipelining:
            self._wire.send(b"".join(commands))
        for command in commands:
            if not self.is_pipelining:
                self._wire.send(command)
            yield self._wire.reply()

    def _is_unexpected(self, stage: Stage, reply: Reply, problem: DeliveryResult | None) -> bool:
        """Tell whether *reply* fits no command: then nobody knows which reply belongs to what."""
        if not 400 <= reply.code < 600:
            return stage is Stage.CONTENT or not is_positive(reply)
        is_lost_thread = reply.code in (500, 502, 503) and self.is_pipelining  # it does know these commands
        return is_lost_thread and problem is None

    def _step_out(self, stage: Stage, reply: Reply) -> DeliveryResult:
        self.is_out_of_step = True
        self.drop()
        return DeliveryResult(Verdict.DEFERRED, stage, f"the mail server answers out of turn: {reply}", reply)

    def _withdraw(self, *, is_waiting: bool) -> None:
        """Take an announced message back, so that the next one can be announced."""
        try:
            if is_waiting:  # the server waits for a message without recipients; it gets an empty one (RFC 2920 3.1)
                self._wire.send(END)
                self._wire.reply()
            if not is_positive(self._ask(b"RSET\r\n")):
                self.drop()
        except OSError:
            self.drop()

    def _ask(self, command: bytes) -> Reply:
        self._wire.send(command)
        return self._wire.reply()

    def _hand_over(self, content: bytes) -> DeliveryResult:
        """Send the *content*, with its dots doubled, and wait for the word that makes the message theirs."""
        self.has_begun = True
        try:
            self._wire.send(content + END)
        except OSError as error:  # the end of the message did not get out, so nobody can have it whole
            self.drop()
            return lost(Stage.CONTENT, error)
        try:
            reply = self._wire.reply(_PATIENCE)
        except OSError as error:
            self.drop()
            return in_doubt(failure(error))
        self._used = time.monotonic()
        return self._settled(reply)

    def _settled(self, reply: Reply) -> DeliveryResult:
        if is_positive(reply):
            return DeliveryResult(Verdict.ACCEPTED, Stage.CONTENT, f"the mail server took it: {reply}", reply)
        if reply.code == _CLOSING or not 400 <= reply.code < 600:
            self.drop()
        if not 400 <= reply.code < 600:
            return in_doubt(f"it said {reply}")
        return refusal(Stage.CONTENT, reply)

    def drop(self) -> None:
        """Close the connection without a word."""
        self.is_open = False
        self._smtp.close()

    def quit(self) -> None:
        """Say goodbye and close the connection."""
        if self.is_open and self._smtp.sock is not None:
            self._smtp.sock.settimeout(min(_FAREWELL_S, self._timeout_s))
            with contextlib.suppress(OSError):
                self._smtp.quit()
        self.drop()


def _address_problem(envelope: Envelope) -> DeliveryResult | None:
    """Return why an address cannot be put into a command: it could be the end of it, and begin another."""
    if not _is_plain(envelope.sender):
        return DeliveryResult(Verdict.BLOCKED, Stage.SENDER, "the sender is not a mail address")
    if not envelope.recipient or not _is_plain(envelope.recipient):
        return DeliveryResult(Verdict.REFUSED, Stage.RECIPIENT, "this is not a mail address")
    return None


def _is_plain(address: str) -> bool:
    return address.isprintable() and not _NEVER_IN_ADDRESS & set(address)
