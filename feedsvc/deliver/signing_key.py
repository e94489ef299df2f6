"""The private key that mails are signed with, and what the DNS has to say about it (RFC 6376, RFC 8463)."""

from __future__ import annotations

import base64
import binascii
import os
import re
import stat
from typing import NamedTuple

from feedsvc.errors import FeedsvcError

_PEM = re.compile(rb"-----BEGIN (?:RSA )?PRIVATE KEY-----\s(.*?)-----END", re.DOTALL)
_ED25519_HEAD = bytes.fromhex("302e020100300506032b657004220420")
"""What stands before the 32 bytes of a key in PKCS #8 (RFC 8410 section 7)."""

_RSA_OID = bytes.fromhex("06092a864886f70d0101010500")
"""rsaEncryption with its parameters, NULL (RFC 3279 section 2.3.1)."""

_SEED_BYTES = 32
_MIN_RSA_BITS = 1_024
"""Less is refused by all receivers (RFC 8301 section 3.2)."""

_SEQUENCE, _INTEGER, _BIT_STRING = 0x30, 0x02, 0x03


class SigningKey(NamedTuple):
    """A private key. Never log one.

    Attributes:
        algorithm: ``rsa-sha256`` or ``ed25519-sha256``.
        private: As dkimpy takes it: PEM, or the seed in base64.
        public: What the tag ``p=`` of the DNS record holds.
    """

    algorithm: str
    private: bytes
    public: str

    def __repr__(self) -> str:
        """Return the public half only: tracebacks and logs show values."""
        return f"SigningKey({self.algorithm}, {self.public})"


def read_signing_key(path: str) -> SigningKey:
    """Return the key in the file *path*: RSA or Ed25519 in PEM, or an Ed25519 seed in base64.

    Raises:
        FeedsvcError: The file cannot be read, everybody can read it, or it holds no key that can sign.
    """
    data = _read(path)
    try:
        return _key(data)
    except (binascii.Error, ValueError) as error:
        raise FeedsvcError(f"{path}: this is no private key that mails can be signed with: {error}") from error


def _read(path: str) -> bytes:
    try:
        with open(path, "rb") as file:
            mode = os.fstat(file.fileno()).st_mode
            data = file.read(100_000)
    except OSError as error:
        raise FeedsvcError(f"{path}: the key that mails are signed with cannot be read: {error.strerror}") from error
    if mode & (stat.S_IROTH | stat.S_IWOTH):
        raise FeedsvcError(
            f"{path}: everybody on this machine can read or change the key that mails are signed with; "
            f"make it yours alone: chmod 600 {path}"
        )
    return data


def _key(data: bytes) -> SigningKey:
    found = _PEM.search(data)
    if found is None:
        if b"-----BEGIN" in data:
            raise ValueError("it is encrypted, or of another kind")
        return _of_seed(base64.b64decode(data.strip(), validate=True))
    der = base64.b64decode(found[1])
    if der.startswith(_ED25519_HEAD):
        return _of_seed(der[len(_ED25519_HEAD) :])
    return _of_rsa(der)


def _of_seed(seed: bytes) -> SigningKey:
    if len(seed) != _SEED_BYTES:
        raise ValueError("an Ed25519 key has 32 bytes")
    from nacl.signing import SigningKey as Ed25519Key

    public = bytes(Ed25519Key(seed).verify_key)
    return SigningKey("ed25519-sha256", base64.b64encode(seed), base64.b64encode(public).decode())


def _of_rsa(der: bytes) -> SigningKey:
    from dkim.crypto import UnparsableKeyError, parse_private_key

    try:
        parts = parse_private_key(der)
    except UnparsableKeyError as error:
        raise ValueError("it is neither RSA nor Ed25519") from error
    modulus, exponent = parts["modulus"], parts["publicExponent"]
    if modulus.bit_length() < _MIN_RSA_BITS:
        raise ValueError(f"it has {modulus.bit_length()} bits, and receivers want {2 * _MIN_RSA_BITS}")
    pem = b"-----BEGIN PRIVATE KEY-----\n" + base64.b64encode(der) + b"\n-----END PRIVATE KEY-----\n"
    return SigningKey("rsa-sha256", pem, base64.b64encode(_public_der(modulus, exponent)).decode())


def _public_der(modulus: int, exponent: int) -> bytes:
    """Return an RSA key as SubjectPublicKeyInfo (RFC 5280 section 4.1)."""
    numbers = _der(_SEQUENCE, _der(_INTEGER, _unsigned(modulus)) + _der(_INTEGER, _unsigned(exponent)))
    return _der(_SEQUENCE, _der(_SEQUENCE, _RSA_OID) + _der(_BIT_STRING, b"\0" + numbers))


def _unsigned(number: int) -> bytes:
    return number.to_bytes(number.bit_length() // 8 + 1, "big")


def _der(tag: int, data: bytes) -> bytes:
    size = len(data)
    if size < 0x80:
        return bytes((tag, size)) + data
    octets = size.to_bytes((size.bit_length() + 7) // 8, "big")
    return bytes((tag, 0x80 | len(octets))) + octets + data
