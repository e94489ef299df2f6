"""Values to bytes: feed documents in three formats; `pages` has the HTML pages.

Every function here is pure and deterministic: equal values give equal bytes in any process, thread and locale.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from feedsvc.model import Format
from feedsvc.render import atom, jsonfeed, rss
from feedsvc.render.check import check_feed

if TYPE_CHECKING:
    from collections.abc import Sequence

    from feedsvc.model import Channel, Entry, Site

__all__ = ["check_feed", "render_entry", "render_feed"]

_ENTRY_WRITERS = {Format.ATOM: atom.render_entry, Format.RSS: rss.render_entry, Format.JSON: jsonfeed.render_entry}
_FEED_WRITERS = {Format.ATOM: atom.render_feed, Format.RSS: rss.render_feed, Format.JSON: jsonfeed.render_feed}


def render_entry(format: Format, entry: Entry, site: Site) -> bytes:  # noqa: A002 - the word of the house for it
    """Return the fragment of *entry* for a document in *format*: ``<entry>``, ``<item>`` or a JSON object.

    Raises:
        RenderError: The entry cannot be written as valid output; ``entry_id`` is set.
    """
    return _ENTRY_WRITERS[format](entry, site)


def render_feed(format: Format, channel: Channel, fragments: Sequence[bytes], site: Site) -> bytes:  # noqa: A002
    """Return the document in *format* that carries *fragments*, in their order.

    Raises:
        RenderError: The head of the document cannot be written.
    """
    return _FEED_WRITERS[format](channel, fragments, site)
