"""What became of a test message, in plain words, and what to do about it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from feedsvc.cli.subscriber_words import schedule_words
from feedsvc.model import Stage, SubscriberState, Verdict, display_path

if TYPE_CHECKING:
    from collections.abc import Iterator

    from feedsvc.app.mail import MailTrial
    from feedsvc.app.next_digest import NextDigest

_SPOOLED = "No mail server is configured, so nothing was sent: set host in [mail] to send for real."
_OUTCOMES = {
    Verdict.ACCEPTED: "was handed over",
    Verdict.DEFERRED: "could not be handed over for now",
    Verdict.REFUSED: "cannot be delivered to this recipient",
    Verdict.BLOCKED: "was refused, whoever the recipient is",
    Verdict.IN_DOUBT: "may have been handed over, or not",
}
_ADVICE = {
    Verdict.ACCEPTED: "Look for it in the mailbox, also among spam.",
    Verdict.DEFERRED: "Check host and port in [mail], and whether a firewall is in the way; or try again in a while.",
    Verdict.REFUSED: "Check the address.",
    Verdict.IN_DOUBT: "Look into the mailbox before you try again; a larger timeout_s in [mail] may help.",
}
_ADVICE_WHEN_BLOCKED = {
    Stage.CONNECT: "Ask whoever runs the mail server whether this machine may use it.",
    Stage.TLS: "Check host, port, security and ca_file in [mail]: the certificate must be valid and made out to host.",
    Stage.LOGIN: "Check username and password in [mail].",
    Stage.SENDER: "Check from_address in [mail]: this server or login may not send for it.",
    Stage.RECIPIENT: "Check username and from_address in [mail]: the server passes on mail only for those it knows.",
    Stage.CONTENT: "Ask whoever runs the mail server what it holds against the message.",
}


def trial_lines(trial: MailTrial, address: str) -> Iterator[str]:
    """Yield the lines about a test message to *address*: what happened, what was said, what to do."""
    result = trial.result
    yield f"The message to {display_path(address)} {_OUTCOMES[result.verdict]} ({display_path(trial.way)})."
    yield f"{result.reason[:1].upper()}{result.reason[1:]}"
    if trial.is_spooled:
        yield _SPOOLED
    elif result.verdict is Verdict.BLOCKED:
        yield _ADVICE_WHEN_BLOCKED[result.stage]
    else:
        yield _ADVICE[result.verdict]


def next_lines(made: NextDigest) -> Iterator[str]:
    """Yield whose wishes a digest follows, whether it holds news, and what keeps them from getting one."""
    reader, known = made.reader, made.details.subscriber
    address = display_path(reader.address)
    if known is None:
        yield f"Nobody subscribed as {address}: this is what holds for those who choose nothing."
    else:
        yield f"As {address} chose: {reader.language}, {schedule_words(reader.schedule)}."
    if not made.has_news:
        yield "Nothing is new to them; these are the newest entries."
    if hindrance := _hindrance(made):
        yield f"They get no mail now: {hindrance}."


def _hindrance(made: NextDigest) -> str:
    known, suppression = made.details.subscriber, made.details.suppression
    if suppression is not None:
        return str(suppression.reason)
    if known is None or known.state is SubscriberState.GONE:
        return ""
    if known.state is SubscriberState.PENDING:
        return "they have not confirmed"
    is_paused = known.paused_until is not None and known.paused_until > made.digest.made
    return f"paused until {known.paused_until:%Y-%m-%d %H:%M} UTC" if is_paused else ""
