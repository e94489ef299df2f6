"""What became of a test message, in plain words, and what to do about it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from feedsvc.model import Stage, Verdict, display_path

if TYPE_CHECKING:
    from collections.abc import Iterator

    from feedsvc.app.mail import MailTrial

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
