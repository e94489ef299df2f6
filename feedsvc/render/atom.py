"""Atom 1.0 (RFC 4287) through feedgen."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from lxml import etree

from feedsvc.model import Format
from feedsvc.render import texts
from feedsvc.render.extension import AtomEntry, AtomLinks
from feedsvc.render.feedgenerator import enclosure_link, feed_generator, fill_entry, refusing

if TYPE_CHECKING:
    from collections.abc import Sequence

    from feedsvc.model import Channel, Entry, Site

_TAIL = b"</feed>"


def render_entry(entry: Entry, site: Site) -> bytes:
    """Return the ``<entry>`` element; it names no namespace, that is the business of the document."""
    with refusing(entry.id):
        return etree.tostring(feedgen_entry(entry, site).atom_entry(), encoding="UTF-8", xml_declaration=False)


def feedgen_entry(entry: Entry, site: Site) -> AtomEntry:
    """Return the entry as feedgen's own kind of object."""
    target = fill_entry(AtomEntry(), entry, site)
    target.summary(entry.summary)
    for enclosure in entry.enclosures:
        target.link(**enclosure_link(enclosure, site))
    return target


def render_feed(channel: Channel, fragments: Sequence[bytes], site: Site) -> bytes:
    """Return the document: feedgen's, with *fragments* where feedgen would have put the entries."""
    with refusing():
        document: bytes = feedgen_feed(channel, site).atom_str()
    return b"".join((document.removesuffix(_TAIL), *fragments, _TAIL))


def feedgen_feed(channel: Channel, site: Site) -> Any:  # noqa: ANN401 - feedgen has no types
    """Return the feed without entries as feedgen's own kind of object."""
    generator = feed_generator(Format.ATOM, channel, site)
    # RFC 4287 section 4.1.1: an author for those entries that have none
    generator.author(name=site.author or texts.clean(site.title) or texts.feed_title(channel.feed, site))
    generator.register_extension("further_links", AtomLinks, rss=False)
    generator.further_links.links = channel.links
    return generator
