"""JSON Feed 1.1 with the standard library."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from feedsvc.errors import RenderError
from feedsvc.model import FORMATS, Format
from feedsvc.render import texts
from feedsvc.times import rfc3339

if TYPE_CHECKING:
    from collections.abc import Sequence

    from feedsvc.model import Channel, Enclosure, Entry, Site

VERSION = "https://jsonfeed.org/version/1.1"

_TAIL = b"]}"


def render_entry(entry: Entry, site: Site) -> bytes:
    """Return the item object."""
    text = json.dumps(_item(entry, site), ensure_ascii=False, separators=(",", ":"))
    # JSON escapes control characters, but what Atom and RSS cannot carry is refused here as well
    texts.require_clean("".join((entry.title, entry.summary, entry.body_html, *entry.authors, *entry.tags)), entry)
    try:
        return text.encode()
    except UnicodeEncodeError as error:
        raise RenderError(f"cannot be written as UTF-8: {error}", entry_id=entry.id) from error


def _item(entry: Entry, site: Site) -> dict[str, Any]:
    authors = texts.entry_authors(entry, site)
    attachments = [_attachment(each, site) for each in entry.enclosures if each.url != entry.image]
    return {
        "id": entry.id,
        "url": texts.entry_link(entry, site),
        "title": entry.title,
        "summary": entry.summary,
        "content_html": texts.wrapped_body(entry, site),
        "date_published": rfc3339(entry.published.replace(microsecond=0)),
        "date_modified": rfc3339(entry.updated),
        **({"authors": [{"name": name} for name in authors]} if authors else {}),
        **({"tags": list(entry.tags)} if entry.tags else {}),
        "language": entry.language,
        **({"image": site.localise(entry.image)} if entry.image else {}),
        **({"attachments": attachments} if attachments else {}),
    }


def _attachment(enclosure: Enclosure, site: Site) -> dict[str, Any]:
    return {
        "url": site.localise(enclosure.url),
        "mime_type": enclosure.media_type,
        **({"title": enclosure.title} if enclosure.title else {}),
        **({} if enclosure.length is None else {"size_in_bytes": enclosure.length}),
    }


def render_feed(channel: Channel, fragments: Sequence[bytes], site: Site) -> bytes:
    """Return the document; a WebSub hub among the channel's links becomes a member of ``hubs``."""
    head = json.dumps(_head(channel, site), ensure_ascii=False, separators=(",", ":")).removesuffix(_TAIL.decode())
    try:
        return b"".join((head.encode(), b",".join(fragments), _TAIL))
    except UnicodeEncodeError as error:
        raise RenderError(f"cannot be written as UTF-8: {error}") from error


def _head(channel: Channel, site: Site) -> dict[str, Any]:
    feed = channel.feed
    hubs = [{"type": "WebSub", "url": href} for rel, href in channel.links if rel == "hub"]
    following = [href for rel, href in channel.links if rel == "next"]
    return {
        "version": VERSION,
        "title": texts.feed_title(feed, site),
        "home_page_url": site.feed_url(feed.slug),
        "feed_url": site.feed_url(feed.slug, FORMATS[Format.JSON].file_name),
        "description": texts.feed_description(feed, site),
        "language": texts.feed_language(feed, site),
        **({"authors": [{"name": site.author}]} if site.author else {}),
        **({"hubs": hubs} if hubs else {}),
        **({"next_url": following[0]} if following else {}),
        "items": [],
    }
