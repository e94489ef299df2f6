"""What the replies of a mail server mean for a message, its recipient and the run; pure."""

from __future__ import annotations

import re

from feedsvc.model import DeliveryResult, Reply, Stage, Verdict
from feedsvc.observe import printable

_ENHANCED = re.compile(r"([245])\.\d{1,3}\.\d{1,3}(?=\s|$)")
_LONGEST_TEXT = 1_000
_CLOSING = 421
_LOGIN_CODES = {530, 534, 535, 538}
"""Login needed, too weak, wrong, or only after encryption (RFC 4954 section 6)."""
_RECIPIENT_CODES = {550, 551, 553, 556}
"""No such mailbox, moved, name not allowed (RFC 5321 section 4.2.3), domain takes no mail (RFC 7504)."""
_TOO_MANY_RECIPIENTS = 552
_SENDER_ADDRESS = {"5.1.7", "5.1.8"}
_MAILBOX = ("5.1.", "5.2.")
_POLICY = "5.7."
_REFUSALS = {
    Stage.CONNECT: "the mail server does not talk to us",
    Stage.TLS: "the mail server refuses a secure connection",
    Stage.LOGIN: "the mail server refuses the login",
    Stage.SENDER: "the mail server refuses the sender",
    Stage.RECIPIENT: "the mail server refuses to pass mail on",
    Stage.CONTENT: "the mail server refuses the message",
}


def read_reply(code: int, text: bytes) -> Reply:
    """Return the reply of three digits and text lines; an enhanced code of another class counts as text (RFC 2034)."""
    lines = [printable(line.strip()) for line in text.decode("utf-8", "replace").splitlines()]
    found = _ENHANCED.match(lines[0]) if lines else None
    enhanced = found[0] if found and found[1] == str(code)[:1] else ""
    if enhanced:
        lines = [line.removeprefix(enhanced).strip() for line in lines]
    return Reply(code, enhanced, " ".join(line for line in lines if line)[:_LONGEST_TEXT])


def is_positive(reply: Reply) -> bool:
    """Tell whether a command was carried out; by the first digit alone (RFC 5321 section 4.2.1)."""
    return 200 <= reply.code < 300


def refusal(stage: Stage, reply: Reply) -> DeliveryResult:
    """Return what a negative *reply* at *stage* means (RFC 5321 section 4.2, RFC 3463)."""
    verdict = _verdict(stage, reply)
    return DeliveryResult(verdict, stage, _sentence(verdict, stage, reply), reply, reply.code == _CLOSING)


def _verdict(stage: Stage, reply: Reply) -> Verdict:
    if not 500 <= reply.code < 600:
        return Verdict.DEFERRED
    if stage not in (Stage.RECIPIENT, Stage.CONTENT) or _is_about_us(reply):
        return Verdict.BLOCKED
    if reply.enhanced.startswith(_MAILBOX):  # after the content, too: there is only one recipient it can mean
        return Verdict.REFUSED
    if stage is Stage.CONTENT:
        return Verdict.BLOCKED
    return _verdict_of_recipient_code(reply.code)


def _is_about_us(reply: Reply) -> bool:
    is_policy = reply.enhanced.startswith(_POLICY) or reply.enhanced in _SENDER_ADDRESS
    return is_policy or reply.code in _LOGIN_CODES


def _verdict_of_recipient_code(code: int) -> Verdict:
    if code == _TOO_MANY_RECIPIENTS:  # a limit, to be taken as temporary (RFC 5321 section 4.5.3.1.10)
        return Verdict.DEFERRED
    return Verdict.REFUSED if code in _RECIPIENT_CODES else Verdict.BLOCKED


def _sentence(verdict: Verdict, stage: Stage, reply: Reply) -> str:
    if verdict is Verdict.DEFERRED:
        return f"the mail server asks to try again later: {reply}"
    if verdict is Verdict.REFUSED:
        return f"the mail server refuses the recipient: {reply}"
    words = _REFUSALS[Stage.LOGIN if reply.code in _LOGIN_CODES else stage]
    return f"{words}: {reply}"


def lost(stage: Stage, error: OSError) -> DeliveryResult:
    """Return the result of a connection that failed before the message could be taken."""
    return DeliveryResult(Verdict.DEFERRED, stage, f"no connection to the mail server: {failure(error)}")


def in_doubt(cause: str) -> DeliveryResult:
    """Return the result of a message that was sent whole, and not answered."""
    reason = f"the message was sent, but the mail server did not say whether it took it: {cause}"
    return DeliveryResult(Verdict.IN_DOUBT, Stage.CONTENT, reason)


def failure(error: OSError) -> str:
    """Return what a failed connection is due to, in a few words."""
    text = error.strerror or " ".join(str(error).split()) or type(error).__name__
    return printable(text[:_LONGEST_TEXT]).removeprefix("Connection unexpectedly closed: ").lower()
