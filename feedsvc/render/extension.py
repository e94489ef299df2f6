"""What feedgen 1.0.0 lacks or gets wrong, put right by subclass and extension."""

from __future__ import annotations

from email.utils import format_datetime
from typing import TYPE_CHECKING

import feedgen.entry
import feedgen.feed
from feedgen.ext.base import BaseExtension
from lxml import etree

if TYPE_CHECKING:
    from collections.abc import Sequence

ATOM = "http://www.w3.org/2005/Atom"
CONTENT = "http://purl.org/rss/1.0/modules/content/"
DC = "http://purl.org/dc/elements/1.1/"
XML_LANG = "{http://www.w3.org/XML/1998/namespace}lang"

# feedgen's own formatter switches the locale of the whole process twice for each date (DESIGN section 5); the names
# are looked up in the two modules at each call. RFC 5322 section 3.3 dates need no locale at all.
feedgen.entry.formatRFC2822 = format_datetime
feedgen.feed.formatRFC2822 = format_datetime


class AtomEntry(feedgen.entry.FeedEntry):  # type: ignore[misc]  # feedgen has no types
    """A feedgen entry whose Atom form keeps the attributes of its links and knows its language."""

    language = ""

    def atom_entry(self, extensions: bool = True) -> etree._Element:
        """Return the ``<entry>`` element (RFC 4287 section 4.1.2)."""
        element: etree._Element = super().atom_entry(extensions)
        # feedgen reuses the name of the loop variable and so loses everything but href
        for node, link in zip(element.iterfind("link"), self.link() or (), strict=True):
            for name in ("rel", "type", "hreflang", "title", "length"):
                if link.get(name):
                    node.set(name, link[name])
        element.set(XML_LANG, self.language)
        return element


class RssItem(feedgen.entry.FeedEntry):  # type: ignore[misc]  # feedgen has no types
    """A feedgen entry whose RSS form carries authors without e-mail, its language and its time of change."""

    language = ""

    def rss_entry(self, extensions: bool = True) -> etree._Element:
        """Return the ``<item>`` element of RSS 2.0."""
        element: etree._Element = super().rss_entry(extensions)
        description = element.find("description")
        if description is not None and element.find(f"{{{CONTENT}}}encoded") is None:
            _move_to_content(description)
        for author in self.author() or ():
            etree.SubElement(element, f"{{{DC}}}creator").text = author["name"]
        etree.SubElement(element, f"{{{DC}}}language").text = self.language
        etree.SubElement(element, f"{{{ATOM}}}updated").text = self.updated().isoformat()
        element.set(XML_LANG, self.language)
        return element


def _move_to_content(description: etree._Element) -> None:
    """Undo feedgen's choice to put the content into the description where there is no summary."""
    encoded = etree.Element(f"{{{CONTENT}}}encoded")
    encoded.text, description.text = description.text, None
    description.addnext(encoded)


class AtomLinks(BaseExtension):  # type: ignore[misc]  # feedgen has no types
    """Further links of an Atom feed, of any relation."""

    links: Sequence[tuple[str, str]] = ()

    def extend_atom(self, feed: etree._Element) -> etree._Element:
        """Add the links to the ``<feed>`` element."""
        for rel, href in self.links:
            # feedgen writes the namespace as a plain attribute: its elements have plain names
            etree.SubElement(feed, "link", href=href, rel=rel)
        return feed


class RssLinks(BaseExtension):  # type: ignore[misc]  # feedgen has no types
    """Further Atom links of an RSS channel, and the name spaces that our items use."""

    links: Sequence[tuple[str, str]] = ()

    def extend_ns(self) -> dict[str, str]:
        """Return the prefixes that feedgen does not declare by itself."""
        return {"dc": DC}

    def extend_rss(self, feed: etree._Element) -> etree._Element:
        """Add the links to the ``<channel>`` inside the ``<rss>`` element."""
        for rel, href in self.links:
            etree.SubElement(feed[0], f"{{{ATOM}}}link", href=href, rel=rel)
        return feed
