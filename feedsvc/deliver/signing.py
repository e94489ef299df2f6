"""Signatures of mails (DKIM, RFC 6376): receivers see that a mail is from the domain that it names, and whole."""

from __future__ import annotations

from email.utils import parsedate_to_datetime
from typing import TYPE_CHECKING

import dkim

from feedsvc.deliver.content import canonical
from feedsvc.model import Envelope

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from feedsvc.deliver.signing_key import SigningKey
    from feedsvc.model import DeliveryResult
    from feedsvc.protocols import Transport

SIGNED = (
    *("From", "To", "Subject", "Date", "Message-ID", "List-Unsubscribe", "List-Unsubscribe-Post"),
    *("List-Id", "List-Archive", "Feedback-ID", "Auto-Submitted", "Content-Language"),
    *("MIME-Version", "Content-Type", "Content-Transfer-Encoding"),
)
"""The headers that are signed where they are there; RFC 8058 section 4 wants the two about unsubscribing among them."""

_TEXT_BYTES = 250
"""A string in a DNS record holds 255 (RFC 1035 section 3.3.14)."""


class Signer:
    """Signs messages for a domain; the same bytes in give the same bytes out.

    Args:
        domain: In ASCII; receivers look for the key in its DNS.
        selector: Names the key among those of the domain.
        key: The private key.
    """

    def __init__(self, domain: str, selector: str, key: SigningKey) -> None:
        self._domain, self._selector, self._key = domain, selector, key

    def sign(self, message: bytes) -> bytes:
        """Return *message*, with CRLF line ends and a ``Date``, and its signature on top."""
        signing = _StableDkim(message)
        present = {name.lower() for name, _ in signing.headers}
        signature: bytes = signing.sign(
            self._selector.encode(),
            self._domain.encode(),
            self._key.private,
            signature_algorithm=self._key.algorithm.encode(),
            canonicalize=(b"relaxed", b"relaxed"),
            include_headers=[name.lower().encode() for name in SIGNED if name.lower().encode() in present],
        )
        return signature + message

    def record(self) -> str:
        """Return the DNS record that receivers check signatures with, as a line of a zone file (RFC 6376, 3.6.1)."""
        kind = self._key.algorithm.partition("-")[0]
        value = f"v=DKIM1; k={kind}; p={self._key.public}"
        texts = (value[at : at + _TEXT_BYTES] for at in range(0, len(value), _TEXT_BYTES))
        shown = " ".join(f'"{text}"' for text in texts)
        return f"{self._selector}._domainkey.{self._domain}. IN TXT {shown}"


class SigningTransport:
    """Signs each message on its way into another transport; a `feedsvc.protocols.Transport`."""

    def __init__(self, onward: Transport, signer: Signer) -> None:
        self._onward, self._signer = onward, signer

    def send(self, envelopes: Iterable[Envelope]) -> Iterator[DeliveryResult]:
        """Yield what became of each of *envelopes*, in their order."""
        return self._onward.send(map(self._signed, envelopes))

    def close(self) -> None:
        """Say goodbye to the server."""
        self._onward.close()

    def _signed(self, envelope: Envelope) -> Envelope:
        message = self._signer.sign(canonical(envelope.message))
        return Envelope(envelope.sender, envelope.recipient, message)


class _StableDkim(dkim.DKIM):  # type: ignore[misc]
    """A signature that tells the ``Date`` of the message as its time, so that a mail sent again has the same bytes."""

    def gen_header(self, fields: list[tuple[bytes, bytes]], *others: object, **named: object) -> bytes:
        """Write the signature over *fields*, its tags."""
        stable = [(name, self._moment() if name == b"t" else value) for name, value in fields]
        header: bytes = super().gen_header(stable, *others, **named)
        return header

    def _moment(self) -> bytes:
        (date,) = (value for name, value in self.headers if name.lower() == b"date")
        return b"%d" % parsedate_to_datetime(date.decode().strip()).timestamp()
