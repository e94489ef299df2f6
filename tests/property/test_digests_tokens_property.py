"""Signed tokens: what was signed is read back, and nothing else is."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from feedsvc.digests.tokens import Purpose, Tokens
from feedsvc.errors import TokenError

ALPHABET = "abcdefghijklmnopqrstuvwxyz234567"
NOW = datetime(2026, 3, 1, 8, 0, tzinfo=UTC)

keys = st.binary(min_size=32, max_size=64)
purposes = st.sampled_from(Purpose)
subjects = st.uuids().map(str)
expiries = st.none() | st.integers(1, 10**9).map(lambda s: NOW + timedelta(seconds=s))


def is_refused(tokens: Tokens, purpose: Purpose, token: str, now: datetime = NOW) -> bool:
    """Tell whether *token* is refused by its one error."""
    try:
        tokens.subject_of(purpose, token, now)
    except TokenError:
        return True
    return False


@given(st.lists(keys, min_size=1, max_size=4), st.data(), purposes, subjects, expiries)
def test_what_any_of_the_keys_signed_is_read_back(
    secrets: list[bytes], data: st.DataObject, purpose: Purpose, subject: str, expires: datetime | None
) -> None:
    """A round trip gives the subject, with the key in front and with each behind it."""
    signer = Tokens((data.draw(st.sampled_from(secrets)),))
    token = signer.sign(purpose, subject, expires)
    assert len(token) < 90
    assert Tokens(tuple(secrets)).subject_of(purpose, token, NOW) == subject
    assert signer.sign(purpose, subject, expires) == token


@given(keys, st.data(), purposes, subjects, expiries)
def test_any_changed_character_is_refused(
    key: bytes, data: st.DataObject, purpose: Purpose, subject: str, expires: datetime | None
) -> None:
    """Another character at any place, one more or one less: no token any more."""
    tokens = Tokens((key,))
    token = tokens.sign(purpose, subject, expires)
    place = data.draw(st.integers(0, len(token) - 1))
    other = data.draw(st.sampled_from(ALPHABET) | st.characters())
    assume(other.lower() != token[place])
    assert is_refused(tokens, purpose, token[:place] + other + token[place + 1 :])
    assert is_refused(tokens, purpose, token[:place] + other + token[place:])
    assert is_refused(tokens, purpose, token[:place] + token[place + 1 :])


@given(keys, purposes, purposes, subjects, expiries)
def test_a_token_is_good_for_its_purpose_only(
    key: bytes, made_for: Purpose, used_for: Purpose, subject: str, expires: datetime | None
) -> None:
    """Whoever may unsubscribe somebody may not change their wishes, and so on."""
    tokens = Tokens((key,))
    assert is_refused(tokens, used_for, tokens.sign(made_for, subject, expires)) == (made_for is not used_for)


@given(keys, purposes, subjects, st.integers(0, 10**9), st.integers(-(10**9), 10**9))
def test_a_token_is_good_until_it_expires(
    key: bytes, purpose: Purpose, subject: str, lasts_s: int, difference_s: int
) -> None:
    """Good at each second before its moment, refused at each from then on."""
    tokens = Tokens((key,))
    expires = NOW + timedelta(seconds=lasts_s)
    moment = expires + timedelta(seconds=difference_s)
    assert is_refused(tokens, purpose, tokens.sign(purpose, subject, expires), moment) == (difference_s >= 0)


@given(keys, keys, purposes, subjects, expiries)
def test_another_key_reads_nothing(
    key: bytes, other: bytes, purpose: Purpose, subject: str, expires: datetime | None
) -> None:
    """Two sites, or one whose key was replaced, do not take each other's tokens."""
    assume(key.rstrip(b"\0") != other.rstrip(b"\0"))  # HMAC fills short keys with zero bytes
    assert is_refused(Tokens((other,)), purpose, Tokens((key,)).sign(purpose, subject, expires))


@given(keys, purposes, st.text() | st.text(ALPHABET, max_size=100))
def test_any_text_is_a_token_or_refused(key: bytes, purpose: Purpose, text: str) -> None:
    """Whatever stands in a link, nothing but the one error comes of it."""
    assert is_refused(Tokens((key,)), purpose, text)


@given(keys, purposes, st.emails())
def test_no_address_gets_into_a_token(key: bytes, purpose: Purpose, address: str) -> None:
    """Tokens are made of ids, so that no log of a web or mail server tells who reads what."""
    with pytest.raises(ValueError, match="a subject is a UUID"):
        Tokens((key,)).sign(purpose, address)
