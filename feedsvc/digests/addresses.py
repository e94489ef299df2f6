"""Mail addresses: one written form, one form to compare, one keyed hash; pure."""

from __future__ import annotations

import hmac
import re
from dataclasses import dataclass, field
from typing import NamedTuple

from email_validator import EmailNotValidError, validate_email

from feedsvc.errors import SubscriberFieldError
from feedsvc.model import address_key, display_path

_FIELD = "address"
_MAX_LOCAL_BYTES = 64
"""RFC 5321 section 4.5.3.1.1; the other limits of that section are those of the library."""
_LONGEST_READ = 1_000
CONTROLS = re.compile("[\0-\x1f\x7f-\x9f\u2028\u2029\ud800-\udfff]")
"""What no line of a header, of a list or of a terminal may hold."""
_IN_BRACKETS = re.compile(r"<([^<>]*)>")


class Address(NamedTuple):
    """A mail address.

    Attributes:
        text: As mail is addressed: the part before the @-sign as written (NFC), the domain in lower case and in its
            own script.
        key: Equal for two spellings of one person's address; see `feedsvc.model.address_key`.
    """

    text: str
    key: str


def normalise_address(found: str) -> Address:
    """Return the address that somebody wrote, without asking the network about it.

    Domains in any script (RFC 5890) and local parts in any script (RFC 6531) are addresses; quoted local parts,
    IP addresses and names that mean nothing outside one network are none.

    Raises:
        SubscriberFieldError: It is no address, or none that can be in the header of a message.
    """
    text = found.strip(" ")
    if len(text) > _LONGEST_READ:
        raise _fault(found, "an address has at most 254 bytes", "check where it ends")
    if CONTROLS.search(text):
        raise _fault(found, "it holds a line break or another control character", "take that out")
    try:
        valid = validate_email(text, check_deliverability=False)
    except EmailNotValidError as error:
        raise _fault(found, _as_part(str(error)), _advice(text)) from error
    if (size := len(valid.local_part.encode())) > _MAX_LOCAL_BYTES:
        cause = f"the part before the @-sign has {size} bytes, {_MAX_LOCAL_BYTES} are allowed"
        raise _fault(found, cause, "ask for another address")
    return Address(valid.normalized, address_key(valid.normalized))


def _fault(found: str, cause: str, fix: str) -> SubscriberFieldError:
    return SubscriberFieldError(_FIELD, found, cause, fix)


def _as_part(sentence: str) -> str:
    """Return a sentence as a part of one."""
    part = sentence.strip().rstrip(".").replace(". ", ": ")
    return part[:1].lower() + part[1:]


def _advice(text: str) -> str:
    if not text:
        return "give an address such as name@example.org"
    if inner := _IN_BRACKETS.search(text):
        return f"give only what is between the angle brackets: {display_path(inner[1])}"
    if text.lower().startswith("mailto:"):
        return "leave out mailto:"
    if any(mark in text for mark in ",;"):
        return "give one address"
    return "write it as name@example.org"


@dataclass(frozen=True, slots=True)
class AddressHasher:
    """What stands for an address in the list of those that get no mail; *secret* is the site's."""

    secret: bytes = field(repr=False)

    def __call__(self, key: str) -> str:
        """Return the keyed hash of the comparison *key* of an address: HMAC-SHA-256 (RFC 2104) in hexadecimal."""
        return hmac.digest(self.secret, key.encode(), "sha256").hex()


def check_value(hasher: AddressHasher) -> str:
    """Return what tells whether two hashers have the same secret, and nothing else about it."""
    return hasher("feedsvc: which secret is this?")
