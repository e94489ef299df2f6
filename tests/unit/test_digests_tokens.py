"""Signed tokens: their form, which mails that were sent rely on, and what they keep to themselves."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta

import pytest

from feedsvc.digests.tokens import MIN_KEY_BYTES, Purpose, Tokens
from feedsvc.errors import TokenError

NOW = datetime(2026, 3, 1, 8, 0, tzinfo=UTC)
SUBJECT = "6f1d0a52-7d2c-4a43-9f57-0c2a3f5f7b11"
OLD, NEW = bytes(range(32)), bytes(range(32, 64))


def test_tokens_in_sent_mails_stay_good() -> None:
    """The form never changes: these were made by the first version."""
    tokens = Tokens((OLD,))
    assert tokens.sign(Purpose.UNSUBSCRIBE, SUBJECT) == "n4oquut5frfehh2xbqvd6x33cfg3a3w65gnxp6sxa55mmf5j3kja"
    assert tokens.sign(Purpose.CONFIRM, SUBJECT, NOW) == "n4oquut5frfehh2xbqvd6x33ceagti7sabehomteefhhzuft5ktrwwjewbha"


@pytest.mark.parametrize("purpose", Purpose)
def test_tokens_fit_where_they_are_written(purpose: Purpose) -> None:
    """Small letters and digits, under 90 characters; a local part with a word in front stays within 64 octets."""
    tokens = Tokens((OLD,))
    for token in (tokens.sign(purpose, SUBJECT), tokens.sign(purpose, SUBJECT, NOW)):
        assert re.fullmatch("[a-z2-7]{52,60}", token)
    assert len(f"bounces-new+{tokens.sign(Purpose.BOUNCE, SUBJECT)}".encode()) <= 64


def test_a_mail_server_may_change_the_case_of_a_return_path() -> None:
    """Capitals are read like small letters."""
    tokens = Tokens((OLD,))
    token = tokens.sign(Purpose.BOUNCE, SUBJECT)
    assert tokens.subject_of(Purpose.BOUNCE, token.upper(), NOW) == SUBJECT
    assert tokens.subject_of(Purpose.BOUNCE, token.title(), NOW) == SUBJECT


@pytest.mark.parametrize("expires", [None, NOW + timedelta(days=1)])
def test_each_token_has_one_spelling(expires: datetime | None) -> None:
    """No other last character will do, though decoders ignore some of its bits; nor will padding or space."""
    tokens = Tokens((OLD,))
    token = tokens.sign(Purpose.CONFIRM, SUBJECT, expires)
    endings = {token[:-1] + other for other in "abcdefghijklmnopqrstuvwxyz234567="} - {token}
    for spelling in endings | {token + "=", token + "====", token + " ", token + "\n"}:
        with pytest.raises(TokenError):
            tokens.subject_of(Purpose.CONFIRM, spelling, NOW)


def test_a_token_expires_at_its_moment() -> None:
    """One second before it is good, at the moment it is not, and one without expiry is good for ever."""
    tokens = Tokens((OLD,))
    token = tokens.sign(Purpose.CONFIRM, SUBJECT, NOW)
    assert tokens.subject_of(Purpose.CONFIRM, token, NOW - timedelta(seconds=1)) == SUBJECT
    with pytest.raises(TokenError):
        tokens.subject_of(Purpose.CONFIRM, token, NOW)
    endless = tokens.sign(Purpose.CONFIRM, SUBJECT)
    assert tokens.subject_of(Purpose.CONFIRM, endless, datetime.max.replace(tzinfo=UTC)) == SUBJECT


def test_a_new_key_signs_and_the_old_one_still_verifies_until_it_is_taken_away() -> None:
    """Links of older mails work as long as their key is kept."""
    old, both, new = Tokens((OLD,)), Tokens((NEW, OLD)), Tokens((NEW,))
    token = old.sign(Purpose.UNSUBSCRIBE, SUBJECT)
    assert both.subject_of(Purpose.UNSUBSCRIBE, token, NOW) == SUBJECT
    assert both.sign(Purpose.UNSUBSCRIBE, SUBJECT) == new.sign(Purpose.UNSUBSCRIBE, SUBJECT) != token
    with pytest.raises(TokenError):
        new.subject_of(Purpose.UNSUBSCRIBE, token, NOW)


def test_a_refusal_tells_nothing() -> None:
    """Whatever is wrong, the error is the same, and nothing is chained to it."""
    tokens = Tokens((OLD,))
    expired = tokens.sign(Purpose.CONFIRM, SUBJECT, NOW)
    refusals = set()
    for token in ("", "a", "*", "é", "a" * 52, expired, expired[:-1], "ꙮ" * 60, "a" * 100_000):
        with pytest.raises(TokenError) as refused:
            tokens.subject_of(Purpose.CONFIRM, token, NOW)
        assert refused.value.__cause__ is None
        assert refused.value.__suppress_context__ or refused.value.__context__ is None
        refusals.add(str(refused.value))
    assert len(refusals) == 1


@pytest.mark.parametrize("keys", [(), (b"short",), (OLD, b"x" * (MIN_KEY_BYTES - 1))])
def test_keys_must_be_there_and_long_enough(keys: tuple[bytes, ...]) -> None:
    """A weak key is refused at the start, also behind a good one."""
    with pytest.raises(ValueError, match="32 bytes"):
        Tokens(keys)


def test_keys_do_not_show_in_logs() -> None:
    """The text form of the object has no key in it."""
    assert repr(Tokens((b"k" * 32,))) == "Tokens()"


@pytest.mark.parametrize("subject", ["a@example.org", SUBJECT.upper(), SUBJECT.replace("-", ""), "a" * 30 + "xy", ""])
def test_only_ids_are_signed(subject: str) -> None:
    """An address cannot get into a token by mistake."""
    with pytest.raises(ValueError, match="a subject is a UUID"):
        Tokens((OLD,)).sign(Purpose.CONFIRM, subject)


def test_an_expiry_needs_a_zone() -> None:
    """A naive time could mean any moment."""
    with pytest.raises(ValueError, match="without a zone"):
        Tokens((OLD,)).sign(Purpose.CONFIRM, SUBJECT, datetime(2026, 3, 1, 8, 0))  # noqa: DTZ001
