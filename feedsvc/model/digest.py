"""Digests: what a mail says, to whom, and the rendered form that waits in the outbox."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal, NamedTuple

if TYPE_CHECKING:
    from datetime import datetime, tzinfo

    from feedsvc.model.entry import Direction
    from feedsvc.model.site import Site
    from feedsvc.model.subscriber import Frequency

BodyEncoding = Literal["base64", "quoted-printable"]


class DigestEntry(NamedTuple):
    """An entry as a digest shows it.

    Attributes:
        title: Plain text on one line.
        summary: Plain text, may be empty.
        url: Absolute public address of the entry.
        feeds: Titles of the feeds that carry it and that the reader follows.
    """

    title: str
    summary: str
    url: str
    language: str
    direction: Direction
    authors: tuple[str, ...]
    feeds: tuple[str, ...]
    published: datetime


@dataclass(frozen=True, slots=True)
class DigestPeriod:
    """The time that a digest tells about, for its heading only: what is in it is decided by ``seq``.

    Attributes:
        start: End of the digest before, or when the reader began.
        end: When this one was due; at least *start*.
        zone: That of all dates in the mail.
    """

    frequency: Frequency
    start: datetime
    end: datetime
    zone: tzinfo


@dataclass(frozen=True, slots=True)
class MailSender:
    """Who mails are from.

    Attributes:
        name: Plain text; empty for the title of the site.
        address: Mail address; its domain is that of message ids too.
    """

    name: str
    address: str


@dataclass(frozen=True, slots=True)
class Digest:
    """What everybody of a group gets to read: one body for all of them.

    Attributes:
        language: BCP 47 tag of the mail's own words.
        direction: That of *language*.
        made: Moment for the ``Date`` header; the same at every retry.
        entries: In the order of the mail.
        left_out: Number of entries that belong to it and are not among *entries*.
        more_url: Absolute address where all entries can be read.
        mark: What the subject begins with, for mails that are not real ones.
    """

    site: Site
    sender: MailSender
    language: str
    direction: Direction
    period: DigestPeriod
    made: datetime
    entries: tuple[DigestEntry, ...]
    left_out: int
    more_url: str
    mark: str = ""


@dataclass(frozen=True, slots=True)
class Recipient:
    """What is personal in a digest.

    Attributes:
        address: Mail address in the form in which it is mailed to.
        unsubscribe_url: One-click address with a token (RFC 8058).
        preferences_url: Address with a token.
        unsubscribe_address: Mail address with a token; any mail to it unsubscribes.
        envelope_sender: Mail address that bounces go to (RFC 5321 section 4.1.1.2); it is in no header.
        message_seed: Names this mail among all that were ever sent, so that each try has the same ``Message-ID``.
    """

    address: str
    unsubscribe_url: str
    preferences_url: str
    unsubscribe_address: str
    envelope_sender: str
    message_seed: str


class RenderedPart(NamedTuple):
    """One body part of a rendered digest.

    Attributes:
        subtype: ``plain`` or ``html``.
        finished: The encoded beginning, the same for everybody, with CRLF line ends.
        rest: The text that follows, not encoded yet because it holds slots for what is personal.
    """

    subtype: str
    encoding: BodyEncoding
    finished: str
    rest: str


@dataclass(frozen=True, slots=True)
class RenderedDigest:
    """A digest rendered for a group of recipients; only what is personal is missing.

    Attributes:
        subject: As people read it.
        headers: The shared header lines, encoded, with CRLF line ends.
        boundary: That between the parts.
        message_domain: Right side of message ids.
        slot: Beginning of the placeholders; no content can know it.
        shown: Number of entries in it.
        left_out: Number of entries that it only counts.
    """

    subject: str
    headers: str
    boundary: str
    message_domain: str
    slot: str
    text: RenderedPart
    html: RenderedPart
    shown: int
    left_out: int

    def packed(self) -> bytes:
        """Return the form for the store: JSON, equal bytes for equal digests."""
        values = {name: getattr(self, name) for name in self.__slots__}
        return json.dumps(values, ensure_ascii=False, separators=(",", ":")).encode()

    @classmethod
    def unpacked(cls, data: bytes) -> RenderedDigest:
        """Return the digest that `packed` wrote."""
        values = json.loads(data)
        values["text"], values["html"] = RenderedPart(*values["text"]), RenderedPart(*values["html"])
        return cls(**values)
