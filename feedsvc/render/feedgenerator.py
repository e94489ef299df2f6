"""What the Atom and the RSS side share in their use of feedgen."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, TypeVar

from feedgen.feed import FeedGenerator

from feedsvc.errors import RenderError
from feedsvc.model import FORMATS
from feedsvc.render import texts
from feedsvc.render.extension import AtomEntry, RssItem

if TYPE_CHECKING:
    from collections.abc import Iterator

    from feedsvc.model import Channel, Enclosure, Entry, Format, Site

_FeedgenEntry = TypeVar("_FeedgenEntry", AtomEntry, RssItem)


@contextmanager
def refusing(entry_id: str | None = None) -> Iterator[None]:
    """Turn what lxml and feedgen raise for impossible values into a RenderError about *entry_id*."""
    try:
        yield
    except (ValueError, TypeError) as error:
        raise RenderError(f"cannot be written as XML: {error}", entry_id=entry_id) from error


def fill_entry(target: _FeedgenEntry, entry: Entry, site: Site) -> _FeedgenEntry:
    """Give a feedgen entry everything but the summary, which each format carries its own way."""
    target.language = entry.language
    target.id(entry.id)
    target.title(entry.title)
    target.published(entry.published.replace(microsecond=0))
    target.updated(entry.updated)
    target.link(href=texts.entry_link(entry, site), rel="alternate")
    target.author([{"name": name} for name in texts.entry_authors(entry, site)])
    target.category([{"term": tag} for tag in entry.tags])
    target.content(texts.wrapped_body(entry, site), type="html")
    return target


def enclosure_link(enclosure: Enclosure, site: Site) -> dict[str, str]:
    """Return the link that feedgen makes an enclosure of; what is not known is left out."""
    link = {"href": site.localise(enclosure.url), "rel": "enclosure", "type": enclosure.media_type}
    if enclosure.length is not None:
        link["length"] = str(enclosure.length)
    if enclosure.title:
        link["title"] = enclosure.title
    return link


def feed_generator(format: Format, channel: Channel, site: Site) -> Any:  # noqa: A002, ANN401 - feedgen has no types
    """Return a feedgen feed without entries; nothing in it comes from the clock."""
    feed, facts = channel.feed, FORMATS[format]
    generator = FeedGenerator()
    generator.id(texts.feed_id(feed, site))
    generator.title(texts.feed_title(feed, site))
    generator.description(texts.feed_description(feed, site))
    generator.language(texts.feed_language(feed, site))
    generator.generator("feedsvc")
    generator.updated(channel.updated)
    generator.pubDate(channel.updated)
    generator.link(href=site.feed_url(feed.slug, facts.file_name), rel="self", type=facts.media_type)
    # last, because feedgen makes the last link of all the <link> of an RSS channel
    generator.link(href=site.feed_url(feed.slug), rel="alternate", type="text/html")
    return generator
