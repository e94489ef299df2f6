"""Put all entries into the feeds that the configuration declares now."""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING

from feedsvc.ingest.feedbook import named_feeds, open_book

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from feedsvc.ingest.feedbook import FeedBook
    from feedsvc.model import Entry, Feed
    from feedsvc.protocols import Store, WriteUnit

_SELECTED_WITH = "selected_with"
_AT_ONCE = 500


def reselect(store: Store, feeds: Sequence[Feed]) -> bool:
    """Renew the membership of all live entries if the declared *feeds* changed, and tell whether they had.

    Feeds that are no longer declared are dropped; those of folders stay, unless the folder names another one.
    """
    chosen = [(feed.slug, feed.folder, feed.tags, feed.languages) for feed in feeds]
    with store.writing() as unit:
        named = named_feeds(unit)
        way = repr(sorted(chosen)) + (repr(sorted(named.items())) if named else "")
        selected_with = hashlib.sha256(way.encode("utf-8", "surrogatepass")).hexdigest()
        if unit.meta(_SELECTED_WITH) == selected_with:
            return False
        _drop_others(unit, feeds, named)
        _select_all(unit, open_book(unit, feeds))
        unit.set_meta(_SELECTED_WITH, selected_with)
    return True


def _drop_others(unit: WriteUnit, feeds: Sequence[Feed], named: Mapping[str, str]) -> None:
    """Drop feeds that are not declared any more, and those of folders whose slug was claimed by a declared one."""
    declared = {feed.slug for feed in feeds}
    for record in unit.feeds():
        is_renamed = record.folder is not None and named.get(record.folder, record.slug) != record.slug
        if is_renamed or (record.folder is None) != (record.slug in declared):
            unit.drop_feed(record.slug)
    for slug in sorted(declared):
        unit.put_feed(slug, None)


def _select_all(unit: WriteUnit, book: FeedBook) -> None:
    ids = unit.live_ids()
    seq = unit.last_seq()
    for start in range(0, len(ids), _AT_ONCE):
        entries = unit.entries(ids[start : start + _AT_ONCE])
        members = {entry.id: (entry.published, _slugs(book, entry)) for entry in entries}
        for folder, slug in book.fresh.items():
            unit.put_feed(slug, folder)
        book.settle()
        unit.set_membership(members, seq)
    unit.touch_feeds(None, seq)


def _slugs(book: FeedBook, entry: Entry) -> tuple[str, ...]:
    return book.slugs_for(entry.folder, entry.tags, entry.language)
