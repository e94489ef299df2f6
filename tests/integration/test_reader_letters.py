"""Letters to those who ask, with real mail servers: deferred ones are tried again, and nothing stops the next one."""

from __future__ import annotations

import threading
from contextlib import closing, contextmanager
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from email import message_from_bytes, policy
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

import pytest
from mail_server import Mailbox, ScriptedServer, mail_server, scripted_server

from feedsvc.app.letters import Letters
from feedsvc.deliver import SmtpTransport
from feedsvc.digests import AddressHasher, Wish, normalise_address
from feedsvc.digests.signup import Signup
from feedsvc.errors import RenderError
from feedsvc.model import DigestSchedule, Envelope, Frequency, Subscriber, SubscriberState
from feedsvc.render.reader import Letter, render_letter
from feedsvc.store import open_sqlite

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from feedsvc.deliver import SmtpServer
    from feedsvc.store import SqlStore

NOW = datetime(2026, 11, 24, 12, tzinfo=UTC)
PATIENCE_S = 60


def letter(**changes: str) -> Letter:
    values = {"site": "City Voice", "sender": "news@news.example", "sender_name": "City Voice", "language": "en"}
    values |= {"recipient": "mona@reader.example", "link": "https://news.example/-/confirm/x", **changes}
    return Letter(id="1", made=NOW, is_known=False, **values)


def envelope_to(person: Subscriber) -> Envelope:
    return Envelope("bounce@news.example", person.address, render_letter(letter(recipient=person.address)))


def wish(name: str) -> Wish:
    schedule = DigestSchedule(Frequency.DAILY, ZoneInfo("UTC"))
    return Wish(normalise_address(f"{name}@reader.example"), "en", schedule, (), None, "not yet")


@pytest.fixture
def store(tmp_path: Path) -> Iterator[SqlStore]:
    """Open a new store."""
    with closing(open_sqlite(str(tmp_path / "feedsvc.sqlite3"))) as opened:
        yield opened


@contextmanager
def letters_by(store: SqlStore, server: SmtpServer) -> Iterator[Letters]:
    """Send letters to *server* for the length of the block, deferred ones twice more at once."""
    signup = Signup(store, AddressHasher(b"h" * 32), lambda: NOW)
    letters = Letters(signup, envelope_to, lambda: SmtpTransport(server), again_after_s=(0.0, 0.0))
    letters.start()
    try:
        yield letters
    finally:
        letters.stop(PATIENCE_S)


def wait_for(is_so: object) -> None:
    for _ in range(PATIENCE_S * 50):
        if is_so():  # type: ignore[operator]
            return
        threading.Event().wait(0.02)
    raise AssertionError("waited in vain")


def test_a_deferred_letter_is_sent_again(store: SqlStore) -> None:
    """A server that does not know us yet says 451 and gets the same letter a while later, once."""
    answers = iter(["451 4.7.1 greylisted", "451 4.7.1 greylisted"])
    script = ScriptedServer(answers={"RCPT": lambda _: next(answers, "250 ok")})
    with scripted_server(script) as server, letters_by(store, server) as letters:
        assert letters.ask(wish("mona"))
        wait_for(lambda: script.bodies)
    assert len(script.bodies) == 1
    assert [line.startswith("RCPT") for line in script.heard].count(True) == 3


def test_a_letter_that_had_not_left_leaves_with_the_next_start(store: SqlStore) -> None:
    """Once: who got it, or whose mail server refused it, is not asked again, nor is who asked long ago."""
    mailbox = Mailbox(
        replies={"mona@reader.example": "451 4.3.0 later", "dead@reader.example": "550 5.1.1 unknown"},
    )
    with mail_server(mailbox) as server:
        for name in ("old", "mona", "dead", "ada"):
            with letters_by(store, server) as letters:
                assert letters.ask(wish(name))
            if name == "old":
                with store.writing() as unit:
                    (old,) = unit.subscribers_at(["old@reader.example"]).values()
                    unit.forget_subscribers([old.id])
                    unit.put_subscribers([replace(old, created=NOW - timedelta(days=3))])
        mailbox.replies.clear()
        mailbox.received.clear()
        for _ in range(2):
            with letters_by(store, server):
                wait_for(lambda: mailbox.received)
    assert [recipient for _, recipient, _ in mailbox.received] == ["mona@reader.example"]


@pytest.mark.parametrize("reply", ["451 4.3.0 later", "550 5.1.1 unknown"])
def test_a_letter_is_given_up_in_the_end(store: SqlStore, reply: str) -> None:
    """Who never takes it stays pending, and the next one gets a letter all the same."""
    mailbox = Mailbox(replies={"dead@reader.example": reply})
    with mail_server(mailbox) as server, letters_by(store, server) as letters:
        assert letters.ask(wish("dead"))
        assert letters.ask(wish("mona"))
        wait_for(lambda: mailbox.received)
    assert [recipient for _, recipient, _ in mailbox.received] == ["mona@reader.example"]
    with store.reading() as unit:
        found = unit.subscribers_at(["dead@reader.example", "mona@reader.example"])
    assert [person.state for person in found.values()] == [SubscriberState.PENDING] * 2


def test_a_wish_that_fails_is_nobody_elses_business(store: SqlStore) -> None:
    """A wish that cannot be written down is lost and told of in the log; the next one is served."""
    mailbox = Mailbox()
    with mail_server(mailbox) as server, letters_by(store, server) as letters:
        assert letters.ask(wish("mona")._replace(language="\ud800"))
        assert letters.ask(wish("lena"))
        wait_for(lambda: mailbox.received)
    assert [recipient for _, recipient, _ in mailbox.received] == ["lena@reader.example"]


def test_too_many_wishes_are_refused(store: SqlStore) -> None:
    """Memory is bounded: while nothing moves, some hundred wishes wait, and no more are taken."""
    signup = Signup(store, AddressHasher(b"h" * 32), lambda: NOW)
    letters = Letters(signup, envelope_to, lambda: SmtpTransport(None))  # type: ignore[arg-type]
    taken = [letters.ask(wish(f"n{number}")) for number in range(600)]
    assert taken == [True] * 500 + [False] * 100
    letters.stop(1)


@pytest.mark.parametrize("language", ["ar", "en", "ru", "zh"])
@pytest.mark.parametrize("name", ["City Voice", "صوت المدينة Today", "x\r\nBcc: all@reader.example", "长" * 200, ""])
def test_any_name_of_a_site_fits_into_a_letter(language: str, name: str) -> None:
    """Headers are well formed and on their own lines, the link is whole, whatever the site is called."""
    link = f"https://news.example/-/confirm/{'x' * 60}"
    data = render_letter(letter(site=name, sender_name=name, language=language, link=link))
    message = message_from_bytes(data, policy=policy.default)
    assert not [defect for part in message.values() for defect in getattr(part, "defects", ())]
    assert message["Bcc"] is None
    assert link in message.get_content().splitlines()
    assert max(len(line) for line in data.split(b"\r\n")) <= 998
    assert b"\n" not in data.replace(b"\r\n", b"")


@pytest.mark.parametrize(
    "changes", [{"recipient": "a@b\r\nBcc: c@d"}, {"sender": "nobody"}, {"link": "https://x/\r\nx"}, {"link": "x:y"}]
)
def test_nothing_else_gets_into_a_letter(changes: dict[str, str]) -> None:
    """Addresses and links that would break a header or a line are refused."""
    with pytest.raises(RenderError):
        render_letter(letter(**changes))
