"""What every format and page says about an entry or a feed, worked out once."""

from __future__ import annotations

import re
from html import escape
from typing import TYPE_CHECKING
from uuid import uuid5

from feedsvc.errors import RenderError

if TYPE_CHECKING:
    from feedsvc.model import Enclosure, Entry, Feed, Site

_RANKS = {"audio": 0, "video": 1, "image": 3}
FORBIDDEN = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
"""A character outside the production Char of XML 1.0 section 2.2; lone surrogates are among them."""


def entry_link(entry: Entry, site: Site) -> str:
    """Return the address a reader opens: the one its author named, else the entry's own page."""
    return site.localise(entry.link) if entry.link else site.entry_url(entry.slug)


def entry_authors(entry: Entry, site: Site) -> tuple[str, ...]:
    """Return the names of the entry's authors, else of the site's author, if there is one."""
    return entry.authors or ((site.author,) if site.author else ())


def wrapped_body(entry: Entry, site: Site) -> str:
    """Return the body in a ``<div>`` that carries language and direction into readers that ignore feed markup."""
    return f'<div lang="{escape(entry.language)}" dir="{entry.direction}">{site.localise(entry.body_html)}</div>'


def primary_enclosure(entry: Entry) -> Enclosure | None:
    """Return the one enclosure for formats that carry one: sound before video before documents before pictures."""
    ranked = sorted(entry.enclosures, key=lambda enclosure: _RANKS.get(enclosure.media_type.partition("/")[0], 2))
    return ranked[0] if ranked else None


def feed_id(feed: Feed, site: Site) -> str:
    """Return the id of a feed: like those of entries it survives a change of the public address."""
    return uuid5(site.namespace, f"feed:{feed.slug}").urn


def feed_title(feed: Feed, site: Site) -> str:
    """Return a title that is never empty, as RFC 4287 section 4.1.1 and RSS 2.0 want it."""
    return clean(feed.title) or clean(site.title) or feed.slug


def feed_description(feed: Feed, site: Site) -> str:
    """Return a description that is never empty: the feed's, else the site's, else the title."""
    return clean(feed.description) or clean(site.description) or feed_title(feed, site)


def feed_language(feed: Feed, site: Site) -> str:
    """Return the BCP 47 tag of a feed's own texts."""
    return feed.language or site.language


def clean(text: str) -> str:
    """Return *text* on one line, with a replacement character for each one that no feed may carry.

    Entries are cleaned when they are parsed; titles of feeds may come from the names of folders, which may be
    anything.
    """
    return FORBIDDEN.sub("\N{REPLACEMENT CHARACTER}", " ".join(text.split()))


def require_clean(text: str, entry: Entry) -> None:
    """Refuse *text* of *entry* if no XML document may carry it.

    Raises:
        RenderError: A forbidden character was found.
    """
    if found := FORBIDDEN.search(text):
        raise RenderError(f"the character U+{ord(found[0]):04X} cannot be published", entry_id=entry.id)
