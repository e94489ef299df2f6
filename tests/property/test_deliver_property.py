"""Any bytes go over a real connection as they should, and nothing in them is taken for a command."""

from __future__ import annotations

import re
from dataclasses import replace
from itertools import zip_longest
from typing import TYPE_CHECKING

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from mail_server import Mailbox, ScriptedServer, envelope, in_turn, mail_server, scripted_server

from feedsvc.deliver import SmtpTransport
from feedsvc.deliver.content import canonical, stuffed
from feedsvc.deliver.replies import read_reply, refusal
from feedsvc.model import Envelope, Stage, Verdict

if TYPE_CHECKING:
    from collections.abc import Iterator

    from feedsvc.deliver import SmtpServer

PIECES = st.sampled_from([b"\r", b"\n", b"\r\n", b".", b"..", b"\r\n.\r\n", b"\n.\n", b"\r.\r", b"\n.\r\n",
                          b"MAIL FROM:<a@b>", b"x", "سلام".encode(), b" ", b"\0"])  # fmt: skip
MESSAGES = st.lists(PIECES | st.binary(max_size=20), max_size=30).map(b"".join)
SMUGGLING = b"Subject: x\r\n\r\nfirst\n.\r\nMAIL FROM:<evil@example.org>\r\n"


@pytest.fixture(scope="module")
def line() -> Iterator[tuple[Mailbox, SmtpTransport]]:
    """Keep one real server and one connection for all examples."""
    mailbox = Mailbox()
    with mail_server(mailbox) as server:
        transport = SmtpTransport(server)
        yield mailbox, transport
        transport.close()


@pytest.fixture(scope="module")
def raw_line() -> Iterator[tuple[ScriptedServer, SmtpTransport]]:
    """Keep a server that shows what went over the wire."""
    script = ScriptedServer(answers={"EHLO": "250-scripted\n250-PIPELINING\n250-8BITMIME\n250 SMTPUTF8"})
    with scripted_server(script) as server:
        transport = SmtpTransport(replace(server, max_per_connection=1_000_000))
        yield script, transport
        transport.close()


@given(MESSAGES)
@example(SMUGGLING)
@example(b"")
@example(b".")
@example(b"\r\n.\r\n")
@settings(max_examples=300, deadline=None)
def test_what_is_received_is_what_was_sent(line: tuple[Mailbox, SmtpTransport], message: bytes) -> None:
    """Byte for byte, dots and all; only line ends that are not CRLF are made so before."""
    mailbox, transport = line
    mailbox.received.clear()
    (result,) = transport.send([envelope(text=message)])
    assert result.verdict is Verdict.ACCEPTED
    assert [body for _, _, body in mailbox.received] == [canonical(message)]


@given(MESSAGES)
@example(SMUGGLING)
@settings(max_examples=300, deadline=None)
def test_no_line_end_but_crlf_is_on_the_wire(raw_line: tuple[ScriptedServer, SmtpTransport], message: bytes) -> None:
    """A server that takes LF or CR for a line end sees the same lines as one that does not, and one message."""
    script, transport = raw_line
    script.bodies.clear()
    script.heard.clear()
    (result,) = transport.send([envelope(text=message)])
    assert result.verdict is Verdict.ACCEPTED
    (body,) = script.bodies
    assert re.search(rb"\r(?!\n)|(?<!\r)\n", body) is None
    assert b"\n.\r" not in b"\n" + body, "no line is a lone dot"
    assert [word.partition(" ")[0] for word in script.heard if "EHLO" not in word] == ["MAIL", "RCPT", "DATA"]


@given(MESSAGES)
def test_normal_form_is_reached_once_and_keeps_the_lines(message: bytes) -> None:
    """Lines are the same before and after, correct messages are left alone, and stuffing can be undone."""
    clean = canonical(message)
    assert canonical(clean) == clean
    lines = re.split(rb"\r\n|\r|\n", message)
    assert clean.split(b"\r\n")[:-1] == (lines[:-1] if lines[-1] == b"" else lines)
    undone = [row.removeprefix(b".") for row in stuffed(clean).split(b"\r\n")]
    assert b"\r\n".join(undone) == clean


@given(sender=st.text(max_size=20), recipient=st.text(max_size=20))
@example(sender="a@b", recipient="r@e>\r\nDATA\r\nsmuggled")
@example(sender="a@b> BODY=8BITMIME", recipient="r@e")
@settings(max_examples=200, deadline=None)
def test_no_address_becomes_a_command(
    raw_line: tuple[ScriptedServer, SmtpTransport], sender: str, recipient: str
) -> None:
    """An address is refused, or stands whole between its angle brackets."""
    script, transport = raw_line
    script.heard.clear()
    (result,) = transport.send([Envelope(sender, recipient, b"\r\n")])
    commands = [command for command in script.heard if not command.startswith("EHLO")]
    if result.verdict is Verdict.ACCEPTED:
        mail, rcpt, data = commands
        assert re.fullmatch(r"MAIL FROM:<[^<>\s]*>( SMTPUTF8)?", mail)
        assert f"<{sender}>" in mail
        assert (rcpt, data) == (f"RCPT TO:<{recipient}>", "DATA")
    else:
        assert result.verdict in (Verdict.REFUSED, Verdict.BLOCKED)
        assert commands == []


@given(st.sampled_from(Stage), st.integers(0, 999), st.binary(max_size=80))
def test_every_reply_has_a_meaning(stage: Stage, code: int, text: bytes) -> None:
    """4yz is never for ever, 5yz never asks for another try of the same kind, and policy is nobody's fault."""
    result = refusal(stage, read_reply(code, text))
    assert result.reply is not None
    assert result.reason.isprintable()
    if 400 <= code < 500:
        assert result.verdict is Verdict.DEFERRED
    if result.reply.enhanced.startswith("5.7."):
        assert result.verdict is Verdict.BLOCKED
    if result.verdict is Verdict.REFUSED:
        assert stage in (Stage.RECIPIENT, Stage.CONTENT)


ANSWERS = st.lists(
    st.sampled_from(["", "421 4.3.2 closing", "450 4.2.0 later", "550 5.1.1 never", "554 5.7.1 no", "ok", "ok", "ok"]),
    max_size=6,
)
USUAL = {"MAIL": "250 ok", "RCPT": "250 ok", "DATA": "354 go", "BODY": "250 taken", "RSET": "250 ok"}


@pytest.fixture(scope="module")
def moody() -> Iterator[tuple[ScriptedServer, SmtpServer]]:
    """Keep a server whose moods the examples decide on."""
    script = ScriptedServer()
    with scripted_server(script) as server:
        yield script, replace(server, timeout_s=5.0)


@given(moods=st.fixed_dictionaries(dict.fromkeys(USUAL, ANSWERS)), is_pipelining=st.booleans(), limit=st.integers(1, 9))
@settings(max_examples=200, deadline=None)
def test_results_tell_what_the_server_has(
    moody: tuple[ScriptedServer, SmtpServer], moods: dict[str, list[str]], is_pipelining: bool, limit: int
) -> None:
    """Whatever fails at whichever stage: a message is taken exactly once if and only if its result says so.

    In doubt are exactly those that came to their end and were never answered for. Empty messages are those without
    recipients, which a server that waits for content in vain is given.
    """
    script, server = moody
    script.answers = {"EHLO": "250-moody\n250 PIPELINING" if is_pipelining else "250 moody"}
    for word, answers in moods.items():
        said = [USUAL[word] if answer == "ok" else answer for answer in answers]
        script.answers[word] = in_turn(*said, then=USUAL[word])
    script.taken.clear()
    script.bodies.clear()
    transport = SmtpTransport(replace(server, max_per_connection=limit))
    sent = [f"{number}\r\n".encode() for number in range(8)]
    results = list(transport.send(envelope(text=text) for text in sent))
    transport.close()
    verdicts = dict(zip(sent, (result.verdict for result in results), strict=True))
    assert [text for text in script.taken if text] == [t for t in sent if verdicts[t] is Verdict.ACCEPTED]
    answers = zip_longest(script.bodies, moods["BODY"][: len(script.bodies)], fillvalue="ok")
    unanswered = [text for text, answer in answers if text and answer == ""]
    assert unanswered == [t for t in sent if verdicts[t] is Verdict.IN_DOUBT]
