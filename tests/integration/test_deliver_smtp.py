"""Messages handed to real mail servers, honest and otherwise."""

from __future__ import annotations

import _thread
import socket
import threading
import time
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest
from mail_server import LOOPBACK, Mailbox, ScriptedServer, envelope, in_turn, mail_server, scripted_server

from feedsvc.deliver import Security, SmtpServer, SmtpTransport
from feedsvc.model import Envelope, Stage, Verdict

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from feedsvc.model import DeliveryResult

PIPELINING = "250-scripted\n250 PIPELINING"
ACCEPTED, DEFERRED, REFUSED, BLOCKED, IN_DOUBT = (
    Verdict.ACCEPTED,
    Verdict.DEFERRED,
    Verdict.REFUSED,
    Verdict.BLOCKED,
    Verdict.IN_DOUBT,
)


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


def heard(script: ScriptedServer) -> list[str]:
    """Return the first words of the commands that a server got."""
    return [command.partition(" ")[0] for command in script.heard]


@pytest.mark.parametrize("features", [("PIPELINING",), ()], ids=["pipelined", "one by one"])
def test_a_thousand_messages_arrive_once_each_over_few_connections(features: tuple[str, ...]) -> None:
    """None is lost, none doubled, each has its own bytes and its own recipient alone."""
    mailbox = Mailbox(features=features)
    sent = [envelope(f"reader{n}@example.org", f"Subject: {n}\r\n\r\n.{n}\r\n".encode()) for n in range(1_000)]
    with mail_server(mailbox) as server:
        results = send(replace(server, max_per_connection=250), *sent)
    assert verdicts(results) == [ACCEPTED] * 1_000
    assert [(recipient, body) for _, recipient, body in mailbox.received] == [(e.recipient, e.message) for e in sent]
    assert mailbox.connections == 4
    assert results[-1].reply is not None
    assert results[-1].reply.text == "queued as 1000"


def test_whoever_stops_reading_stops_sending() -> None:
    """The next message is only taken when the result of the one before has been: a claim is never made in vain."""
    taken: list[int] = []

    def claims() -> Iterator[Envelope]:
        for number in range(5):
            taken.append(number)
            yield envelope(f"r{number}@example.org")

    mailbox = Mailbox()
    with mail_server(mailbox) as server:
        transport = SmtpTransport(server)
        results = transport.send(claims())
        assert [next(results).verdict, next(results).verdict] == [ACCEPTED, ACCEPTED]
        transport.close()
    assert taken == [0, 1]
    assert len(mailbox.received) == 2


def test_the_envelope_is_not_the_header() -> None:
    """Bounces go to the envelope's sender, and a null sender is one too."""
    mailbox = Mailbox()
    with mail_server(mailbox) as server:
        assert verdicts(send(server, replace(envelope(), sender=""))) == [ACCEPTED]
    assert mailbox.received[0][0] == "<>"


@pytest.mark.parametrize("offer", ["250 scripted", PIPELINING], ids=["one by one", "pipelined"])
@pytest.mark.parametrize(
    ("word", "answer", "verdict", "stage"),
    [
        ("EHLO", "421 4.3.2 busy", DEFERRED, Stage.CONNECT),
        ("EHLO", "550 5.7.1 not you", BLOCKED, Stage.CONNECT),
        ("MAIL", "451 4.3.0 later", DEFERRED, Stage.SENDER),
        ("MAIL", "421 4.7.0 slow down", DEFERRED, Stage.SENDER),
        ("MAIL", "553 5.1.8 your domain does not exist", BLOCKED, Stage.SENDER),
        ("MAIL", "530 5.7.0 log in first", BLOCKED, Stage.SENDER),
        ("RCPT", "450 4.2.1 mailbox busy", DEFERRED, Stage.RECIPIENT),
        ("RCPT", "550 5.1.1 no such user", REFUSED, Stage.RECIPIENT),
        ("RCPT", "554 5.7.1 relay access denied", BLOCKED, Stage.RECIPIENT),
        ("DATA", "451 4.3.0 no room", DEFERRED, Stage.CONTENT),
        ("DATA", "554 5.7.1 no", BLOCKED, Stage.CONTENT),
        ("BODY", "452 4.3.1 disk full", DEFERRED, Stage.CONTENT),
        ("BODY", "421 4.3.2 shutting down", DEFERRED, Stage.CONTENT),
        ("BODY", "554 5.6.0 spam", BLOCKED, Stage.CONTENT),
        ("BODY", "552 5.2.2 mailbox full", REFUSED, Stage.CONTENT),
    ],
)
def test_a_refusal_at_any_stage_is_told_apart(
    offer: str, word: str, answer: str, verdict: Verdict, stage: Stage
) -> None:
    """The same reply has the same meaning with and without pipelining, and the server's words are in the reason."""
    answers = {"EHLO": offer, word: answer} | ({"HELO": answer} if word == "EHLO" else {})
    with scripted_server(ScriptedServer(answers=answers)) as server:
        (result,) = send(server)
    assert (result.verdict, result.stage) == (verdict, stage)
    assert answer in result.reason
    assert result.is_overloaded == answer.startswith("421")


@pytest.mark.parametrize("offer", ["250 scripted", PIPELINING], ids=["one by one", "pipelined"])
@pytest.mark.parametrize("word", ["MAIL", "RCPT", "DATA", "BODY"])
def test_a_refusal_does_not_touch_the_next_message(offer: str, word: str) -> None:
    """After each of three refusals the same connection takes the next message, whole and under its own name."""
    refusals = in_turn(
        "550 5.1.1 no", "450 4.1.1 later", "554 5.7.1 never", then="354 go" if word == "DATA" else "250 ok"
    )
    script = ScriptedServer(answers={"EHLO": offer, word: refusals})
    with scripted_server(script) as server:
        results = send(server, *(envelope(f"r{n}@example.org", f"{n}\r\n".encode()) for n in range(5)))
    assert ACCEPTED not in verdicts(results[:3])
    assert verdicts(results[3:]) == [ACCEPTED, ACCEPTED]
    assert script.connections == 1
    assert script.bodies[-2:] == [b"3\r\n", b"4\r\n"]
    assert set(script.bodies[:-2]) <= {b"0\r\n", b"1\r\n", b"2\r\n", b""}


def test_a_pipelined_message_without_a_recipient_is_sent_empty() -> None:
    """A server that waits for content although it refused the recipient gets none of it (RFC 2920 section 3.1)."""
    script = ScriptedServer(answers={"EHLO": PIPELINING, "RCPT": "550 5.1.1 no", "BODY": "554 no recipients"})
    with scripted_server(script) as server:
        assert verdicts(send(server)) == [REFUSED]
    assert script.bodies == [b""]


@pytest.mark.parametrize("offer", ["250 scripted", PIPELINING], ids=["one by one", "pipelined"])
@pytest.mark.parametrize("word", ["EHLO", "MAIL", "RCPT", "DATA"])
@pytest.mark.parametrize("answer", ["", None], ids=["cut", "silence"])
def test_a_connection_lost_before_the_content_defers(offer: str, word: str, answer: str | None) -> None:
    """Nobody has the message, so it may be tried again without harm."""
    script = ScriptedServer(answers={"EHLO": offer, word: answer})
    with scripted_server(script) as server:
        (result,) = send(server)
    assert result.verdict is DEFERRED
    assert result.reply is None
    assert ("timed out" if answer is None else "closed") in result.reason
    assert script.bodies == []


@pytest.mark.parametrize("answer", ["", None, "250-half an answer", "999 what", "354 go on"])
def test_a_connection_lost_after_the_content_leaves_a_doubt(answer: str | None) -> None:
    """The dot was sent, no answer that decides came: the server may have the message. It is not sent again here."""
    script = ScriptedServer(answers={"EHLO": PIPELINING, "BODY": answer})
    with scripted_server(script) as server:
        results = send(replace(server, timeout_s=0.1))
    assert verdicts(results) == [IN_DOUBT]
    assert results[0].stage is Stage.CONTENT
    assert len(script.bodies) == 1


def test_a_doubt_does_not_spread() -> None:
    """The message after one in doubt goes over a new connection."""
    script = ScriptedServer(answers={"BODY": lambda connection: "" if connection == 1 else "250 ok"})
    with scripted_server(script) as server:
        assert verdicts(send(server, envelope(), envelope())) == [IN_DOUBT, ACCEPTED]


def test_a_large_message_to_a_server_that_hangs_up_is_deferred() -> None:
    """The connection breaks before the end of the message is out, so the server cannot have it whole."""
    with socket.create_server((LOOPBACK, 0)) as listener:

        def serve() -> None:
            connection, _ = listener.accept()
            with connection:
                connection.sendall(b"220 hi\r\n")
                for answer in (b"250 hi\r\n", b"250 ok\r\n", b"250 ok\r\n", b"354 go\r\n"):
                    connection.recv(1000)
                    connection.sendall(answer)
                connection.recv(1000)

        thread = threading.Thread(target=serve)
        thread.start()
        server = SmtpServer(LOOPBACK, listener.getsockname()[1], Security.NONE, hello="x", timeout_s=5)
        (result,) = send(server, envelope(text=b"x\r\n" * 20_000_000))
        thread.join()
    assert (result.verdict, result.stage) == (DEFERRED, Stage.CONTENT)


def test_a_slow_server_is_waited_for_where_giving_up_would_double_the_message() -> None:
    """The reply that takes over a message may come later than any other (RFC 5321 section 4.5.3.2.6)."""

    def slowly(_connection: int) -> str:
        time.sleep(0.6)  # longer than the patience for other replies
        return "250 at last"

    with scripted_server(ScriptedServer(answers={"BODY": slowly})) as server:
        results = send(replace(server, timeout_s=0.2), envelope(), envelope())
    assert verdicts(results) == [ACCEPTED, ACCEPTED]


def test_a_server_that_is_not_there_is_asked_once_a_batch() -> None:
    """Nobody waits for twenty thousand refused connections."""
    with socket.create_server((LOOPBACK, 0)) as probe:
        port = probe.getsockname()[1]
    results = send(SmtpServer(LOOPBACK, port, Security.NONE, hello="x"), *[envelope()] * 3)
    assert verdicts(results) == [DEFERRED] * 3
    assert results[0].reason == "no connection to the mail server: connection refused"
    script = ScriptedServer(greet="421 4.7.0 too many connections")
    with scripted_server(script) as server:
        results = send(server, *[envelope()] * 3)
    assert [result.is_overloaded for result in results] == [True] * 3
    assert script.connections == 1


def test_a_connection_that_the_server_closed_meanwhile_is_replaced() -> None:
    """Whether it says so (421) or just hangs up: the message is offered again over a new connection."""
    for farewell in ("421 4.4.2 idle for too long", ""):
        script = ScriptedServer(answers={"MAIL": in_turn("250 ok", farewell)})
        with scripted_server(script) as server:
            assert verdicts(send(server, envelope(), envelope(), envelope())) == [ACCEPTED] * 3
        assert script.connections == 2


def test_a_server_that_hangs_up_and_is_busy_then_defers_the_rest() -> None:
    """The message is offered once more, not for ever, and the reason is the last one."""

    def hang_up(_connection: int) -> str:
        script.greet = "421 4.3.2 shutting down"
        return ""

    script = ScriptedServer(answers={"RSET": "250 ok", "BODY": "250 taken"})
    with scripted_server(script) as server:
        transport = SmtpTransport(server)
        assert verdicts(transport.send([envelope()])) == [ACCEPTED]
        script.answers["MAIL"] = hang_up
        results = list(transport.send([envelope(), envelope()]))
        transport.close()
    assert verdicts(results) == [DEFERRED, DEFERRED]
    assert results[0].reason == "the mail server asks to try again later: 421 4.3.2 shutting down"
    assert script.connections == 2


def test_an_interrupted_conversation_is_not_gone_on_with() -> None:
    """Whoever stops the program in the middle of a message does not mix it up with the next one."""
    script = ScriptedServer()

    def interrupt(_connection: int) -> str:
        _thread.interrupt_main()
        time.sleep(0.3)
        return "250 too late"

    script.answers["MAIL"] = interrupt
    with scripted_server(script) as server:
        transport = SmtpTransport(replace(server, timeout_s=10))
        with pytest.raises(KeyboardInterrupt):
            list(transport.send([envelope("a@example.org")]))
        del script.answers["MAIL"]
        assert verdicts(transport.send([envelope("b@example.org")])) == [ACCEPTED]
        transport.close()
    assert script.connections == 2
    assert "RCPT TO:<a@example.org>" not in script.heard


def test_a_connection_that_rested_for_long_is_not_used_again() -> None:
    """A firewall may have forgotten it; finding out takes minutes."""
    mailbox = Mailbox()
    with mail_server(mailbox) as server:
        transport = SmtpTransport(replace(server, max_idle_s=0.0))
        for _ in range(3):
            assert verdicts(transport.send([envelope()])) == [ACCEPTED]
        transport.close()
    assert mailbox.connections == 3


def test_words_that_nobody_asked_for_are_not_taken_for_answers() -> None:
    """A server that answers twice does not get the next message's result wrong: the connection is given up."""
    script = ScriptedServer(answers={"BODY": "250 taken\n250 and again"})
    with scripted_server(script) as server:
        assert verdicts(send(server, envelope("a@example.org"), envelope("b@example.org"))) == [ACCEPTED, ACCEPTED]
    assert script.connections == 2


@pytest.mark.parametrize("answer", ["250 " + "x" * 20_000, "250-x\n" * 2_000 + "250 x"], ids=["line", "lines"])
@pytest.mark.parametrize("offer", ["250 scripted", PIPELINING], ids=["one by one", "pipelined"])
def test_an_answer_without_end_is_not_listened_to(offer: str, answer: str) -> None:
    """Memory is not for the server to use; the message is offered again later."""
    script = ScriptedServer(answers={"EHLO": offer, "RCPT": answer})
    with scripted_server(script) as server:
        (result,) = send(server, envelope())
    assert result.verdict is DEFERRED
    assert not script.bodies


@pytest.mark.parametrize("offer", ["250 scripted", PIPELINING], ids=["one by one", "pipelined"])
def test_an_answer_of_several_lines_is_one(offer: str) -> None:
    """Some servers are talkative; what they say is told whole."""
    script = ScriptedServer(
        answers={"EHLO": offer, "RCPT": "250-fine\n250 by me", "BODY": "250-2.0.0 taken\n250 2.0.0 as 7"}
    )
    with scripted_server(script) as server:
        results = send(server, envelope(), envelope())
    assert verdicts(results) == [ACCEPTED, ACCEPTED]
    assert results[0].reply is not None
    assert (results[0].reply.enhanced, results[0].reply.text) == ("2.0.0", "taken as 7")


@pytest.mark.parametrize("answer", [None, "503 5.5.0 improper command pipelining", "250 what", ""])
def test_a_server_that_cannot_do_the_pipelining_it_promised_is_spared_it(answer: str | None) -> None:
    """Its replies make no sense, or stop: the same message goes command by command, and so do the next ones."""
    script = ScriptedServer(answers={"EHLO": PIPELINING}, is_deaf_to_pipelining=True)
    if answer is not None:
        script.is_deaf_to_pipelining = False
        script.answers["DATA"] = lambda connection: answer if connection == 1 else "354 go"
    with scripted_server(script) as server:
        assert verdicts(send(replace(server, max_per_connection=1), *[envelope()] * 3)) == [ACCEPTED] * 3
    assert len(script.bodies) == 3
    assert script.connections == 4


@pytest.mark.parametrize("offer", ["250 scripted", PIPELINING], ids=["one by one", "pipelined"])
def test_an_answer_before_the_content_is_not_believed(offer: str) -> None:
    """A server that calls a message taken that it has not seen yet would lose it."""
    script = ScriptedServer(answers={"EHLO": offer, "DATA": "354 go\n250 taken"})
    with scripted_server(script) as server:
        (result,) = send(server)
    assert result.verdict is DEFERRED
    assert "out of turn" in result.reason
    assert script.bodies == []


@pytest.mark.parametrize("announced", ["SMTPUTF8", "8BITMIME", "neither"])
def test_letters_of_other_scripts_need_a_server_that_announces_them(announced: str) -> None:
    """Only what needs an extension asks for it, and is refused in plain words where it is not announced."""
    utf8, eight = "SMTPUTF8" in announced, announced in ("SMTPUTF8", "8BITMIME")
    offer = "\n".join(["250-scripted", *["250-8BITMIME"] * eight, *["250-SMTPUTF8"] * utf8, "250 HELP"])
    script = ScriptedServer(answers={"EHLO": offer})
    with scripted_server(script) as server:
        results = send(
            server,
            envelope(),
            envelope("قارئ@example.org"),
            envelope(text="Subject: x\r\n\r\nسلام\r\n".encode()),
            envelope(text="Subject: سلام\r\n\r\nx\r\n".encode()),
            replace(envelope(), sender="نشرة@example.org"),
        )
    assert verdicts(results) == [
        ACCEPTED,
        ACCEPTED if utf8 else REFUSED,
        ACCEPTED if eight else BLOCKED,
        ACCEPTED if utf8 else BLOCKED,
        ACCEPTED if utf8 else BLOCKED,
    ]
    assert all("Latin" in r.reason or "ASCII" in r.reason for r in results if r.verdict is not ACCEPTED)
    mails = [command for command in script.heard if command.startswith("MAIL")]
    assert mails[0] == "MAIL FROM:<bounces@example.net>"
    assert ("MAIL FROM:<bounces@example.net> BODY=8BITMIME" in mails) == eight
    assert [mail for mail in mails if "SMTPUTF8" in mail] == (mails[1:2] + mails[3:] if utf8 else [])


def test_a_message_beyond_the_announced_size_is_not_sent() -> None:
    """The server says how much it takes (RFC 1870); a message that fits carries its size."""
    script = ScriptedServer(answers={"EHLO": "250-scripted\n250 SIZE 100"})
    with scripted_server(script) as server:
        results = send(server, envelope(text=b"x" * 99 + b"\r\n"), envelope(text=b"x" * 98 + b"\r\n"))
    assert verdicts(results) == [BLOCKED, ACCEPTED]
    assert results[0].reason == "the message has 101 bytes, the mail server takes 100"
    assert heard(script).count("MAIL") == 1
    assert "MAIL FROM:<bounces@example.net> SIZE=100" in script.heard


def test_a_server_from_before_extensions_is_understood() -> None:
    """It knows HELO only."""
    script = ScriptedServer(answers={"EHLO": "502 what?", "HELO": "250 hello"})
    with scripted_server(script) as server:
        assert verdicts(send(server)) == [ACCEPTED]
    assert heard(script) == ["EHLO", "HELO", "MAIL", "RCPT", "DATA", "QUIT"]


@pytest.mark.parametrize("recipient", ["", "a b@example.org", "a@b>\r\nRSET", "a@b\0", "<a@b>", "a@b\u2028"])
def test_what_is_no_address_is_refused_without_asking(recipient: str) -> None:
    """The server never sees it."""
    script = ScriptedServer()
    with scripted_server(script) as server:
        assert verdicts(send(server, envelope(recipient))) == [REFUSED]
    assert heard(script) == ["EHLO", "QUIT"]
