"""Signatures of mails (DKIM): another implementation accepts them, and they never change with the clock."""

from __future__ import annotations

import base64
import re
from dataclasses import replace
from typing import TYPE_CHECKING

import dkim
import pytest
import time_machine
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, rsa
from cryptography.hazmat.primitives.serialization import (
    BestAvailableEncryption,
    Encoding,
    KeySerializationEncryption,
    NoEncryption,
    PrivateFormat,
)
from mail_samples import ARABIC, ENGLISH, READER, mailed

from feedsvc.deliver.signing import SIGNED, Signer
from feedsvc.deliver.signing_key import read_signing_key
from feedsvc.errors import FeedsvcError

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from cryptography.hazmat.primitives.asymmetric.types import PrivateKeyTypes

PLAIN = NoEncryption()
RSA = rsa.generate_private_key(65537, 2048)
ED25519 = ed25519.Ed25519PrivateKey.generate()


def pem(
    key: PrivateKeyTypes,
    form: PrivateFormat = PrivateFormat.PKCS8,
    encryption: KeySerializationEncryption = PLAIN,
) -> bytes:
    """Write a key as openssl does."""
    return key.private_bytes(Encoding.PEM, form, encryption)


KEYS = {
    "rsa": pem(RSA),
    "rsa, old form": pem(RSA, PrivateFormat.TraditionalOpenSSL),
    "rsa, lines of Windows": pem(RSA).replace(b"\n", b"\r\n"),
    "ed25519": pem(ED25519),
    "ed25519, bare": base64.b64encode(ED25519.private_bytes_raw()) + b"\n",
}


def key_file(folder: Path, data: bytes, mode: int = 0o600) -> str:
    """Write a key for its owner alone."""
    path = folder / "dkim.pem"
    path.write_bytes(data)
    path.chmod(mode)
    return str(path)


def signer(folder: Path, data: bytes) -> Signer:
    """Return what signs for a domain with the key in *data*."""
    return Signer("news.example", "feedsvc2026", read_signing_key(key_file(folder, data)))


def dns(signing: Signer) -> Callable[..., bytes | None]:
    """Return a DNS that knows the record that an operator was told to enter, and nothing else."""
    name, _, value = signing.record().partition(" IN TXT ")
    texts = re.findall(r'"([^"]*)"', value)
    assert all(len(text) <= 255 for text in texts)
    zone = {name.encode(): "".join(texts).encode()}
    return lambda asked, **_: zone.get(asked)


@pytest.mark.parametrize("kind", KEYS)
@pytest.mark.parametrize("digest", [ENGLISH, ARABIC], ids=["en", "ar"])
def test_signatures_are_accepted(tmp_path: Path, kind: str, digest: object) -> None:
    """With the DNS record that is printed; a changed word or header is noticed, a header on top is not."""
    signing = signer(tmp_path, KEYS[kind])
    message = mailed(digest)  # type: ignore[arg-type]
    signed = signing.sign(message)
    assert signed.endswith(message)
    assert all(len(line) <= 78 for line in signed[: -len(message)].split(b"\r\n"))
    assert dkim.verify(signed, dnsfunc=dns(signing))
    assert dkim.verify(b"Received: from here by there; today\r\n" + signed, dnsfunc=dns(signing))
    assert not dkim.verify(signed.replace(b"--\r\n", b"x--\r\n"), dnsfunc=dns(signing))
    assert not dkim.verify(signed.replace(b"One-Click", b"No-Click"), dnsfunc=dns(signing))
    assert not dkim.verify(signed.replace(b"mona@", b"lisa@"), dnsfunc=dns(signing))


def test_all_that_matters_is_signed(tmp_path: Path) -> None:
    """Sender, subject, date, the way out and the form of the body, as RFC 8058 section 4 wants; relaxed both."""
    signed = signer(tmp_path, KEYS["ed25519"]).sign(mailed())
    tags = re.sub(r"\s", "", signed.decode().partition("\r\nTo:")[0].partition(":")[2])
    fields = dict(tag.split("=", 1) for tag in tags.split(";"))
    assert (fields["a"], fields["c"], fields["d"], fields["s"]) == (
        *("ed25519-sha256", "relaxed/relaxed", "news.example", "feedsvc2026"),
    )
    absent = {"Content-Transfer-Encoding"}  # it is in the parts
    assert fields["h"].split(":") == [name.lower() for name in SIGNED if name not in absent]


@pytest.mark.parametrize("kind", ["rsa", "ed25519"])
def test_a_message_sent_again_has_the_same_signature(tmp_path: Path, kind: str) -> None:
    """Its time is the date of the message, whatever the clock says."""
    signing = signer(tmp_path, KEYS[kind])
    with time_machine.travel("2026-11-24T05:00:07Z", tick=False):
        first = signing.sign(mailed())
    with time_machine.travel("2027-03-01T00:00:00Z", tick=False):
        assert signing.sign(mailed()) == first
    assert b"t=1795496400;" in first


def test_addresses_of_all_scripts_are_signed(tmp_path: Path) -> None:
    """A header that is not ASCII (RFC 6532) is signed as it is."""
    signing = signer(tmp_path, KEYS["ed25519"])
    message = mailed(recipient=replace(READER, address="منى@reader.example"))
    assert dkim.verify(signing.sign(message), dnsfunc=dns(signing))


@pytest.mark.parametrize(
    ("data", "mode", "cause"),
    [
        (KEYS["rsa"], 0o644, "everybody on this machine can read or change"),
        (b"", 0o600, "32 bytes"),
        (b"hello\n", 0o600, "this is no private key"),
        (pem(RSA, encryption=BestAvailableEncryption(b"secret")), 0o600, "it is encrypted, or of another kind"),
        (pem(ec.generate_private_key(ec.SECP256R1())), 0o600, "it is neither RSA nor Ed25519"),
        (KEYS["rsa"].replace(b"M", b"", 1), 0o600, "this is no private key"),
        (b"-----BEGIN PRIVATE KEY-----\nMC4CAQAwBQYDK2VwBCIEIA==\n-----END PRIVATE KEY-----\n", 0o600, "has 32 bytes"),
    ],
)
def test_what_is_no_key_is_told(tmp_path: Path, data: bytes, mode: int, cause: str) -> None:
    """With the file and the cause, and without what the file holds."""
    path = key_file(tmp_path, data, mode)
    with pytest.raises(FeedsvcError, match=cause) as caught:
        read_signing_key(path)
    assert str(caught.value).startswith(f"{path}: ")
    assert not data or data.split()[-1].decode() not in str(caught.value)


def test_a_missing_file_is_told(tmp_path: Path) -> None:
    """With its name."""
    with pytest.raises(FeedsvcError, match="cannot be read: No such file"):
        read_signing_key(str(tmp_path / "gone.pem"))


def test_a_key_shows_its_public_half_only(tmp_path: Path) -> None:
    """Whatever is printed or logged of it."""
    key = read_signing_key(key_file(tmp_path, KEYS["ed25519"]))
    assert key.private.decode() not in repr(key)
    assert key.public in repr(key)
