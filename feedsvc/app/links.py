"""The personal addresses of a subscriber: pages of the site, and mailboxes that machines write to."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, NamedTuple

from feedsvc.digests.tokens import Purpose
from feedsvc.model import READER_PAGES
from feedsvc.render.mail.headers import ascii_url

if TYPE_CHECKING:
    from datetime import datetime

    from feedsvc.digests.tokens import Tokens

CONFIRM_WITHIN = timedelta(hours=48)
_BOXES = {Purpose.UNSUBSCRIBE: "unsubscribe+", Purpose.BOUNCE: "bounce+"}
"""With a token of 52 characters no more than the 64 octets of a local part (RFC 5321 section 4.5.3.1.1)."""


class ReaderLinks(NamedTuple):
    """What mails to one subscriber carry.

    Attributes:
        unsubscribe_address: A mail to it unsubscribes.
        envelope_sender: The address that bounces come back to (VERP).
    """

    unsubscribe_url: str
    preferences_url: str
    unsubscribe_address: str
    envelope_sender: str


def reader_links(site_url: str, domain: str, tokens: Tokens, subscriber_id: str) -> ReaderLinks:
    """Return the personal addresses of a subscriber; the same ones at each call with the same key.

    Args:
        site_url: Public address of the site, in any script, without a trailing slash.
        domain: The domain that bounces come back to, in ASCII.
        tokens: The site's.
        subscriber_id: A UUID in its usual form.
    """
    pages = f"{ascii_url(site_url)}{READER_PAGES}"
    unsubscribe = tokens.sign(Purpose.UNSUBSCRIBE, subscriber_id)
    return ReaderLinks(
        unsubscribe_url=f"{pages}unsubscribe/{unsubscribe}",
        preferences_url=f"{pages}preferences/{tokens.sign(Purpose.PREFERENCES, subscriber_id)}",
        unsubscribe_address=f"{_BOXES[Purpose.UNSUBSCRIBE]}{unsubscribe}@{domain}",
        envelope_sender=f"{_BOXES[Purpose.BOUNCE]}{tokens.sign(Purpose.BOUNCE, subscriber_id)}@{domain}",
    )


def read_box(address: str) -> tuple[Purpose, str] | None:
    """Return what the mailbox that machines write to is for, and its token, which is not verified; None for others.

    The domain does not matter: mails that were sent under a former one still come back.

    Args:
        address: Any address; servers may have changed the case of its letters.
    """
    local = address.strip().strip("<>").lower().rpartition("@")[0]
    return next(((purpose, local.removeprefix(box)) for purpose, box in _BOXES.items() if local.startswith(box)), None)


def confirm_url(site_url: str, tokens: Tokens, subscriber_id: str, now: datetime) -> str:
    """Return the address at which a subscription that was asked for *now* is confirmed, while there is time."""
    token = tokens.sign(Purpose.CONFIRM, subscriber_id, now + CONFIRM_WITHIN)
    return f"{ascii_url(site_url)}{READER_PAGES}confirm/{token}"
