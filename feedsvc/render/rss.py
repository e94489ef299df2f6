"""RSS 2.0 through feedgen."""

from __future__ import annotations

from html import escape
from typing import TYPE_CHECKING, Any

from lxml import etree

from feedsvc.model import Format
from feedsvc.render import texts
from feedsvc.render.extension import ATOM, CONTENT, DC, RssItem, RssLinks
from feedsvc.render.feedgenerator import enclosure_link, feed_generator, fill_entry, refusing

if TYPE_CHECKING:
    from collections.abc import Sequence

    from feedsvc.model import Channel, Entry, Site

_TAIL = b"</channel></rss>"
_PREFIXES = {"dc": DC, "atom": ATOM, "content": CONTENT}


def render_entry(entry: Entry, site: Site) -> bytes:
    """Return the ``<item>`` element; the prefixes in it are declared by the document."""
    with refusing(entry.id):
        item = feedgen_entry(entry, site).rss_entry()
        # written inside an element that declares the prefixes, as in the document; alone it would declare ns0
        wrapper = etree.Element("rss", nsmap=_PREFIXES)
        wrapper.append(item)
        text = etree.tostring(wrapper, encoding="UTF-8", xml_declaration=False)
    return text[text.index(b"<item") : -len(b"</rss>")]


def feedgen_entry(entry: Entry, site: Site) -> RssItem:
    """Return the entry as feedgen's own kind of object."""
    target = fill_entry(RssItem(), entry, site)
    # readers take a description for HTML, so that plain text must be escaped before XML escapes it once more
    target.description(escape(entry.summary, quote=False), isSummary=True)
    if (primary := texts.primary_enclosure(entry)) is not None:
        target.link(**enclosure_link(primary, site))  # RSS 2.0 requires a length: feedgen writes 0 for an unknown one
    return target


def render_feed(channel: Channel, fragments: Sequence[bytes], site: Site) -> bytes:
    """Return the document: feedgen's, with *fragments* where feedgen would have put the items."""
    with refusing():
        document: bytes = feedgen_feed(channel, site).rss_str()
    return b"".join((document.removesuffix(_TAIL), *fragments, _TAIL))


def feedgen_feed(channel: Channel, site: Site) -> Any:  # noqa: ANN401 - feedgen has no types
    """Return the feed without items as feedgen's own kind of object."""
    generator = feed_generator(Format.RSS, channel, site)
    generator.register_extension("further_links", RssLinks, atom=False)
    generator.further_links.links = channel.links
    return generator
