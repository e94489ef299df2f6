"""What replies of mail servers mean, in the words that real servers use."""

from __future__ import annotations

import pytest

from feedsvc.deliver.replies import read_reply, refusal
from feedsvc.model import Stage, Verdict

SERVERS_SAY = [
    # recipients that cannot be written to
    (Stage.RECIPIENT, 550, "5.1.1 <nobody@example.org>: Recipient address rejected: User unknown", Verdict.REFUSED),
    (Stage.RECIPIENT, 550, "No such user here", Verdict.REFUSED),
    (Stage.RECIPIENT, 551, "User not local", Verdict.REFUSED),
    (Stage.RECIPIENT, 553, "5.1.3 bad address syntax", Verdict.REFUSED),
    (Stage.RECIPIENT, 556, "5.1.10 domain takes no mail", Verdict.REFUSED),
    (Stage.RECIPIENT, 554, "5.1.2 bad destination system", Verdict.REFUSED),
    (Stage.RECIPIENT, 552, "5.2.2 mailbox full", Verdict.REFUSED),
    (Stage.CONTENT, 552, "5.2.2 mailbox full", Verdict.REFUSED),
    (Stage.CONTENT, 550, "5.1.1 user unknown, said late", Verdict.REFUSED),
    # now is a bad time
    (Stage.RECIPIENT, 450, "4.2.0 greylisted, see you in five minutes", Verdict.DEFERRED),
    (Stage.RECIPIENT, 452, "4.5.3 too many recipients", Verdict.DEFERRED),
    (Stage.RECIPIENT, 552, "too many recipients", Verdict.DEFERRED),
    (Stage.SENDER, 451, "4.7.1 try again later", Verdict.DEFERRED),
    (Stage.CONTENT, 451, "4.3.0 queue file write error", Verdict.DEFERRED),
    (Stage.LOGIN, 454, "4.7.0 temporary authentication failure", Verdict.DEFERRED),
    (Stage.CONNECT, 421, "4.7.0 too many connections", Verdict.DEFERRED),
    # us, our sender, our login, our message: never the recipient's fault
    (Stage.CONNECT, 554, "no service for you", Verdict.BLOCKED),
    (Stage.LOGIN, 535, "5.7.8 bad credentials", Verdict.BLOCKED),
    (Stage.SENDER, 530, "5.7.0 must issue a STARTTLS command first", Verdict.BLOCKED),
    (Stage.SENDER, 553, "5.7.1 sender address not owned by this user", Verdict.BLOCKED),
    (Stage.SENDER, 550, "5.1.8 sender domain unknown", Verdict.BLOCKED),
    (Stage.RECIPIENT, 550, "5.1.8 sender domain unknown, said late", Verdict.BLOCKED),
    (Stage.RECIPIENT, 550, "5.1.7 bad sender", Verdict.BLOCKED),
    (Stage.RECIPIENT, 554, "5.7.1 <reader@example.org>: Relay access denied", Verdict.BLOCKED),
    (Stage.RECIPIENT, 550, "5.7.1 blocked by a list", Verdict.BLOCKED),
    (Stage.RECIPIENT, 530, "authentication required", Verdict.BLOCKED),
    (Stage.RECIPIENT, 554, "transaction failed", Verdict.BLOCKED),
    (Stage.CONTENT, 554, "5.7.1 message looks like spam", Verdict.BLOCKED),
    (Stage.CONTENT, 552, "5.3.4 message too big", Verdict.BLOCKED),
    (Stage.CONTENT, 550, "rejected", Verdict.BLOCKED),
    (Stage.CONTENT, 554, "5.6.0 bad message", Verdict.BLOCKED),
]


@pytest.mark.parametrize(("stage", "code", "text", "verdict"), SERVERS_SAY)
def test_replies_blame_whom_they_mean(stage: Stage, code: int, text: str, verdict: Verdict) -> None:
    """Stage, code and enhanced code decide together; the sentence repeats what the server said."""
    result = refusal(stage, read_reply(code, text.encode()))
    assert result.verdict is verdict
    assert f"{code} {text}" in result.reason
    assert result.is_overloaded == (code == 421)


def test_reply_of_several_lines_becomes_one() -> None:
    """The enhanced code, repeated on each line, is told once."""
    reply = read_reply(550, b"5.7.26 first line\n5.7.26  second line\n5.7.26")
    assert (reply.enhanced, reply.text) == ("5.7.26", "first line second line")


@pytest.mark.parametrize("text", ["4.1.1 of another class", "5.1 too short", "5.1.1000 no code", "5.1.1x", ""])
def test_what_is_no_enhanced_code_is_text(text: str) -> None:
    """A class that contradicts the three digits, or another form, decides nothing (RFC 2034)."""
    assert read_reply(550, text.encode()).enhanced == ""
    assert read_reply(550, text.encode()).text == text


def test_replies_cannot_forge_log_lines() -> None:
    """Control characters and bad UTF-8 are written so that they are seen, and no reply is endless."""
    reply = read_reply(550, b"\x1b[31mred\xff" + b"x" * 5_000)
    assert reply.text.isprintable()
    assert len(reply.text) == 1_000
