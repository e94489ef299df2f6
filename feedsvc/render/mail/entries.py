"""Entries of the store as entries of a digest."""

from __future__ import annotations

from typing import TYPE_CHECKING

from feedsvc.model import DigestEntry
from feedsvc.render import texts

if TYPE_CHECKING:
    from collections.abc import Sequence

    from feedsvc.model import Entry, Feed, Site


def digest_entry(entry: Entry, feeds: Sequence[Feed], site: Site) -> DigestEntry:
    """Return *entry*, which the reader gets through *feeds*, as a digest shows it.

    Its link is the one that feeds give, if browsers open it: no mail may carry the address of a script.
    """
    link = texts.entry_link(entry, site)
    return DigestEntry(
        title=entry.title,
        summary=entry.summary,
        url=link if link.casefold().startswith(("https://", "http://")) else site.entry_url(entry.slug),
        language=entry.language,
        direction=entry.direction,
        authors=texts.entry_authors(entry, site),
        feeds=tuple(texts.feed_title(feed, site) for feed in feeds),
        published=entry.published,
    )
