"""Signed tokens: links in mails, and return paths, that prove which subscriber they were made for.

A token is the subscriber's id, a moment at which it expires if it does, and a code over both and the purpose: HMAC with
SHA-256 (RFC 2104), cut to 128 bits. It is written in base 32 without padding (RFC 4648 section 6), in small letters:
safe in an address of the web, never ending in punctuation, and read in capitals too, because there are mail servers
that change the case of a local part. 52 characters, 60 with an expiry.
"""

from __future__ import annotations

import hmac
import re
from base64 import b32decode, b32encode
from dataclasses import dataclass, field
from enum import StrEnum
from functools import lru_cache
from hmac import compare_digest
from typing import TYPE_CHECKING
from uuid import UUID

from feedsvc.errors import TokenError
from feedsvc.times import to_micros

if TYPE_CHECKING:
    from datetime import datetime

MIN_KEY_BYTES = 32
"""As long as the hash: shorter keys weaken the code (RFC 2104 section 3)."""

_UUID = re.compile("[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}")
_CODE_BYTES = 16
_SUBJECT_BYTES = 16
_EXPIRY_BYTES = 5


class Purpose(StrEnum):
    """What a token is good for; one made for another purpose is refused."""

    CONFIRM = "confirm"
    UNSUBSCRIBE = "unsubscribe"
    PREFERENCES = "preferences"
    BOUNCE = "bounce"
    """The local part of a return path (VERP): with 52 characters it leaves 12 of its 64 octets (RFC 5321 section
    4.5.3.1.1) to what stands in front."""


@dataclass(frozen=True, slots=True)
class Tokens:
    """Makes and reads tokens.

    Attributes:
        keys: Random secrets of at least 32 bytes. The first signs, all verify: a new one goes in front, and an old one
            away once its links are no longer used.

    Raises:
        ValueError: There is no key, or one is too short.
    """

    keys: tuple[bytes, ...] = field(repr=False)

    def __post_init__(self) -> None:
        if not self.keys or any(len(key) < MIN_KEY_BYTES for key in self.keys):
            raise ValueError(f"tokens need at least one key, each of at least {MIN_KEY_BYTES} bytes")

    def sign(self, purpose: Purpose, subject: str, expires: datetime | None = None) -> str:
        """Return the token that stands for *subject* in links for *purpose*; the same one each time.

        Args:
            purpose: What the link is for.
            subject: Id of a subscriber: a UUID in its usual form.
            expires: Moment from which the token is refused, counted in whole seconds; None for never.

        Raises:
            ValueError: *subject* is no UUID, or *expires* has no zone.
        """
        if not _UUID.fullmatch(subject):
            raise ValueError("a subject is a UUID in small letters, with hyphens")
        body = bytes.fromhex(subject.replace("-", "")) + (
            b"" if expires is None else _seconds(expires).to_bytes(_EXPIRY_BYTES)
        )
        return _written(body + _code(self.keys[0], purpose, body))

    def subject_of(self, purpose: Purpose, token: str, now: datetime) -> str:
        """Return the id of the subscriber for whom *token* was signed.

        Raises:
            TokenError: It was not made for this purpose with one of the keys, or has expired; which, is not told.
        """
        data = _read(token)
        body, code = data[:-_CODE_BYTES], data[-_CODE_BYTES:]
        genuine = [compare_digest(code, _code(key, purpose, body)) for key in self.keys]
        if not any(genuine) or _has_expired(body[_SUBJECT_BYTES:], now):
            raise TokenError
        return str(UUID(bytes=body[:_SUBJECT_BYTES]))


def _code(key: bytes, purpose: Purpose, body: bytes) -> bytes:
    code = _begun(key, purpose).copy()
    code.update(body)
    return code.digest()[:_CODE_BYTES]


@lru_cache(maxsize=32)
def _begun(key: bytes, purpose: Purpose) -> hmac.HMAC:
    """Return what all codes for a purpose begin with; each mail needs three of them."""
    # the zero byte ends the name, so that no purpose and body read like another purpose and body
    return hmac.new(key, purpose.encode() + b"\0", "sha256")


def _written(data: bytes) -> str:
    return b32encode(data).decode().rstrip("=").lower()


def _read(token: str) -> bytes:
    """Return the bytes of *token*, of which each has one spelling, but for capitals."""
    try:
        data = b32decode(token.upper() + "=" * (-len(token) % 8))
    except ValueError:  # not ASCII, or not of this alphabet
        raise TokenError from None
    if _written(data) != token.lower():  # the last character may carry bits that stand for nothing
        raise TokenError
    return data


def _seconds(moment: datetime) -> int:
    return to_micros(moment) // 1_000_000


def _has_expired(expiry: bytes, now: datetime) -> bool:
    return bool(expiry) and _seconds(now) >= int.from_bytes(expiry)
