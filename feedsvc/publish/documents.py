"""Documents of one feed: the newest entries, as many as fit, in every format; pure."""

from __future__ import annotations

from collections import OrderedDict
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from feedsvc.errors import RenderError
from feedsvc.model import FORMATS, Channel, Format
from feedsvc.parse import cut_at_word
from feedsvc.render import check_feed, render_entry, render_feed

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from feedsvc.model import Entry, Feed, Site

_Key = tuple[str, int, "datetime", "datetime", Format]


class Fragments:
    """Rendered entries, kept for the next time: an entry at one revision always looks the same.

    Args:
        capacity: Number of fragments kept; the least recently used go first.
    """

    def __init__(self, site: Site, capacity: int) -> None:
        self._site, self._capacity = site, capacity
        self._kept: OrderedDict[_Key, bytes] = OrderedDict()

    def get(self, format: Format, entry: Entry) -> bytes:  # noqa: A002 - the word of the house for it
        """Return the fragment of *entry*, rendering it if it is not there yet.

        Raises:
            RenderError: The entry cannot be written; ``entry_id`` is set.
        """
        key = (entry.id, entry.revision, entry.published, entry.updated, format)
        fragment = self._kept.get(key)
        if fragment is None:
            fragment = self._kept[key] = render_entry(format, entry, self._site)
            if len(self._kept) > self._capacity:
                self._kept.popitem(last=False)
        else:
            self._kept.move_to_end(key)
        return fragment


@dataclass(frozen=True, slots=True)
class Limits:
    """What is written of a feed.

    Attributes:
        entries: So many of the newest at most.
        max_bytes: Of a document.
        max_title: Characters of a title in feeds; pages show it whole.
        with_pages: Whether there are HTML pages.
    """

    entries: int
    max_bytes: int
    max_title: int = 200
    with_pages: bool = True


def feed_documents(
    feed: Feed, entries: Sequence[Entry], site: Site, fragments: Fragments, limits: Limits, first_day: datetime
) -> dict[str, bytes]:
    """Return the documents of *feed* by file name.

    Args:
        feed: The feed.
        entries: Its entries, newest first, at most ``limits.entries``.
        site: The publisher.
        fragments: Cache of rendered entries.
        limits: Documents stay below ``limits.max_bytes`` as long as one entry does.
        first_day: ``updated`` of a feed without entries.

    Raises:
        RenderError: A document would not be valid; ``entry_id`` names the culprit when there is one.
    """
    channel = Channel(feed, max((entry.updated for entry in entries), default=first_day))
    shown = [_with_short_title(entry, limits.max_title) for entry in entries]
    documents = {
        facts.file_name: _document(format_, channel, shown, site, fragments, limits)
        for format_, facts in FORMATS.items()
    }
    if limits.with_pages:
        from feedsvc.render.pages import feed_page

        documents["index.html"] = feed_page(channel, entries, site)
    return documents


def _with_short_title(entry: Entry, limit: int) -> Entry:
    return entry if len(entry.title) <= limit else replace(entry, title=cut_at_word(entry.title, limit))


def _document(
    format_: Format, channel: Channel, entries: Sequence[Entry], site: Site, fragments: Fragments, limits: Limits
) -> bytes:
    head = render_feed(format_, channel, [], site)
    parts = _fitting([fragments.get(format_, entry) for entry in entries], limits.max_bytes - len(head))
    document = render_feed(format_, channel, parts, site)
    try:
        check_feed(format_, document, len(parts))
    except RenderError as error:
        raise _blamed(error, format_, channel, entries[: len(parts)], site, fragments) from error
    return document


def _fitting(parts: Sequence[bytes], room: int) -> list[bytes]:
    """Return as many of *parts* as fit into *room* bytes, but never none of them."""
    chosen: list[bytes] = []
    for part in parts:
        room -= len(part) + 1
        if chosen and room < 0:
            break
        chosen.append(part)
    return chosen


def _blamed(
    error: RenderError, format_: Format, channel: Channel, entries: Sequence[Entry], site: Site, fragments: Fragments
) -> RenderError:
    """Return *error* with the first entry that makes even a feed of its own invalid."""
    if error.entry_id is not None:
        return error
    for entry in entries:
        try:
            check_feed(format_, render_feed(format_, channel, [fragments.get(format_, entry)], site), 1)
        except RenderError as own:
            return RenderError(own.reason, entry_id=entry.id)
    return error
