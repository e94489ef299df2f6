"""Messages handed to real mail servers, honest and otherwise."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import pytest
from mail_server import (
    Mailbox,
    ScriptedServer,
    envelope,
    mail_server,
    scripted_server,
)

from feedsvc.deliver import SmtpTransport
from feedsvc.model import Stage, Verdict

if TYPE_CHECKING:
    from collections.abc import Iterable

    from feedsvc.deliver import SmtpServer
    from feedsvc.model import DeliveryResult, Envelope


def send(server: SmtpServer, *envelopes: Envelope) -> list[DeliveryResult]:
    """Send messages over one transport and return what became of them."""
    transport = SmtpTransport(server)
    try:
        return list(transport.send(envelopes or (envelope(),)))
    finally:
        transport.close()


def verdicts(results: Iterable[DeliveryResult]) -> list[Verdict]:
    """Return the verdicts of results."""
    return [result.verdict for result in results]


@pytest.mark.parametrize("features", [("PIPELINING",), ()], ids=["pipelined", "one by one"])
def test_a_thousand_messages_arrive_once_each_over_few_connections(features: tuple[str, ...]) -> None:
    """None is lost, none doubled, each has its own bytes and its own recipient alone."""
    mailbox = Mailbox(features=features)
    sent = [envelope(f"reader{n}@example.org", f"Subject: {n}\r\n\r\n.{n}\r\n".encode()) for n in range(1_000)]
    with mail_server(mailbox) as server:
        results = send(replace(server, max_per_connection=250), *sent)
    assert verdicts(results) == [Verdict.ACCEPTED] * 1_000
    assert [(r, body) for _, r, body in mailbox.received] == [(e.recipient, e.message) for e in sent]
    assert mailbox.connections == 4
    assert results[-1].reply is not None
    assert results[-1].reply.text == "queued as 1000"


CUTS = ["EHLO", "MAIL", "RCPT", "DATA"]


@pytest.mark.parametrize("word", CUTS)
def test_a_connection_cut_before_the_content_defers(word: str) -> None:
    """Nobody has the message, so it may be tried again without harm."""
    with scripted_server(ScriptedServer(answers={word: ""})) as server:
        (result,) = send(server)
    assert result.verdict is Verdict.DEFERRED
    assert "connection" in result.reason
    assert result.reply is None


def test_a_connection_cut_after_the_content_leaves_a_doubt() -> None:
    """The dot was sent, the answer never came: the server may have the message."""
    script = ScriptedServer(answers={"BODY": ""})
    with scripted_server(script) as server:
        (result,) = send(server)
    assert result.verdict is Verdict.IN_DOUBT
    assert result.stage is Stage.CONTENT
    assert len(script.bodies) == 1
