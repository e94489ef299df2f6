"""Bring the published folder up to date: pages of changed entries first, then the feeds that show them."""

from __future__ import annotations

import contextlib
import hashlib
import os
from dataclasses import dataclass, field
from datetime import datetime
from operator import attrgetter
from typing import TYPE_CHECKING

from feedsvc.errors import RenderError
from feedsvc.files import remove_if_there, write_all_atomic
from feedsvc.model import MEDIA_FOLDER, EntryState, Feed, FeedRecord, folder_feed
from feedsvc.observe import get_logger
from feedsvc.publish.documents import Fragments, Limits, feed_documents
from feedsvc.publish.media import sweep_media
from feedsvc.publish.quarantine import quarantine

if TYPE_CHECKING:
    from collections.abc import Sequence

    from feedsvc.model import Entry, Site
    from feedsvc.protocols import Clock, ReadUnit, Store

_PAGE_CURSOR, _RENDERED_WITH, _FIRST_DAY = "page_seq", "rendered_with", "first_day"
_EPOCH = "1970-01-01T00:00:00+00:00"
_PAGES_AT_ONCE = 500
_FILES_AT_ONCE = 100
_FRAGMENTS_KEPT = 6000

_log = get_logger(__name__)


@dataclass(slots=True)
class Publication:
    """What one publication wrote.

    Attributes:
        feeds: Slugs of the feeds of which a document changed.
        pages: Number of entry pages written or removed.
        quarantined: Ids of entries that could not be written.
        failed: Slugs of feeds whose last good documents stay, because new ones would not be valid.
    """

    feeds: list[str] = field(default_factory=list)
    pages: int = 0
    quarantined: list[str] = field(default_factory=list)
    failed: list[str] = field(default_factory=list)


class Publisher:
    """Writes feeds and pages. One thread at a time may use it.

    Args:
        store: Where entries and cursors are.
        site: The publisher named in every document.
        declared: Feeds of the configuration, ``main`` among them.
        folder: The published folder.
        limits: Size of live documents, and whether there are HTML pages.
        clock: The time, for the log of changes.
        messages: Language of what is said about files.
    """

    def __init__(
        self,
        store: Store,
        site: Site,
        declared: Sequence[Feed],
        folder: str,
        limits: Limits,
        clock: Clock,
        messages: str = "en",
    ) -> None:
        self._store, self._site, self._folder, self._limits = store, site, folder, limits
        self._declared = {feed.slug: feed for feed in declared}
        self._clock, self._messages = clock, messages
        self._fragments = Fragments(site, _FRAGMENTS_KEPT)
        self._is_sweep_due = True

    def prepare(self, version: str) -> None:
        """Make sure that all declared feeds exist, and write everything anew if site, feeds or program changed.

        The same goes for a published folder that somebody emptied.
        """
        look = repr(
            (
                version,
                self._site,
                sorted(self._declared.values(), key=attrgetter("slug")),
                self._limits,
            )
        )
        rendered_with = hashlib.sha256(look.encode("utf-8", "surrogatepass")).hexdigest()
        with self._store.writing() as unit:
            for slug in self._declared:
                unit.put_feed(slug, None)
            if unit.meta(_FIRST_DAY) is None:
                unit.set_meta(_FIRST_DAY, self._clock().replace(microsecond=0).isoformat())
            if unit.meta(_RENDERED_WITH) != rendered_with or self._is_emptied():
                unit.touch_feeds(None, unit.last_seq())
                unit.set_meta(_PAGE_CURSOR, None)
                unit.set_meta(_RENDERED_WITH, rendered_with)

    def _is_emptied(self) -> bool:
        return not any(os.path.isdir(os.path.join(self._folder, slug)) for slug in self._declared)

    def publish_due(self) -> Publication:
        """Write the pages and feeds that changed since the last time.

        Raises:
            OSError: The published folder cannot be written; what was there stays, and the next call tries again.
        """
        done = Publication()
        before = -1
        while len(done.quarantined) > before:  # each culprit that is taken out changes feeds and pages once more
            before = len(done.quarantined)
            self._publish_once(done)
        if self._is_sweep_due:
            self._sweep()
        return done

    def _sweep(self) -> None:
        """Remove media that went with withdrawn entries; nobody reads files and publishes at the same time."""
        with self._store.reading() as unit:
            kept = unit.media_names()
        sweep_media(os.path.join(self._folder, MEDIA_FOLDER), kept)
        self._is_sweep_due = False

    def _publish_once(self, done: Publication) -> None:
        batch = self._page_batch(done)
        while batch.is_full:
            self._write(batch, done)
            batch = self._page_batch(done)
        with self._store.reading() as unit:
            behind = [feed for feed in unit.feeds() if feed.touched_seq > feed.handled_seq]
        for record in behind:
            self._add_feed(record, batch, done)
            if len(batch.files) >= _FILES_AT_ONCE:
                self._write(batch, done)
                batch = _Batch()
        if behind and self._limits.with_pages:
            batch.files[os.path.join(self._folder, "index.html")] = self._landing()
        self._write(batch, done)

    def _page_batch(self, done: Publication) -> _Batch:
        """Return the pages of the next changed entries, up to a batch of them."""
        if not self._limits.with_pages:
            return _Batch()
        with self._store.reading() as unit:
            changes = unit.changes(int(unit.meta(_PAGE_CURSOR) or 0), _PAGES_AT_ONCE)
            entries = unit.entries(list({change.entry_id: None for change in changes}))
        batch = _Batch(is_full=len(changes) == _PAGES_AT_ONCE)
        batch.page_seq = changes[-1].seq if changes else None
        for entry in entries:
            self._add_page(entry, batch, done)
        return batch

    def _add_page(self, entry: Entry, batch: _Batch, done: Publication) -> None:
        from feedsvc.render.pages import entry_page  # the templates are loaded only where there are pages

        path = os.path.join(self._folder, "entries", entry.slug, "index.html")
        if entry.state is not EntryState.LIVE:
            batch.removed.append(path)
            return
        try:
            batch.files[path] = entry_page(entry, self._site)
        except RenderError as error:
            self._quarantine(error, done)

    def _add_feed(self, record: FeedRecord, batch: _Batch, done: Publication) -> None:
        try:
            with self._store.reading() as unit:
                documents = self._documents(unit, record)
        except RenderError as error:
            if not self._quarantine(error, done):
                done.failed.append(record.slug)
                _log.error("feed.invalid", feed=record.slug, reason=str(error))
            return
        folder = os.path.join(self._folder, record.slug)
        batch.files.update((os.path.join(folder, name), document) for name, document in documents.items())
        batch.feeds[folder] = record

    def _documents(self, unit: ReadUnit, record: FeedRecord) -> dict[str, bytes]:
        entries = unit.window(record.slug, self._limits.entries)
        first_day = datetime.fromisoformat(unit.meta(_FIRST_DAY) or _EPOCH)
        return feed_documents(self._feed(record), entries, self._site, self._fragments, self._limits, first_day)

    def _feed(self, record: FeedRecord) -> Feed:
        return self._declared.get(record.slug) or folder_feed(record.folder or record.slug, record.slug)

    def _landing(self) -> bytes:
        from feedsvc.render.pages import landing_page

        with self._store.reading() as unit:
            feeds = [self._feed(record) for record in unit.feeds()]
        return landing_page(sorted(feeds, key=lambda feed: (feed.slug not in self._declared, feed.slug)), self._site)

    def _quarantine(self, error: RenderError, done: Publication) -> bool:
        """Take the culprit out and tell whether there was one that is not out yet."""
        if error.entry_id is None or error.entry_id in done.quarantined:
            return False
        with self._store.writing() as unit:
            quarantine(unit, error.entry_id, error.reason, self._clock(), self._messages)
        done.quarantined.append(error.entry_id)
        _log.error("entry.quarantined", entry=error.entry_id, reason=error.reason)
        return True

    def _write(self, batch: _Batch, done: Publication) -> None:
        written = write_all_atomic(batch.files)
        for path in batch.removed:
            _remove_page(path)
            self._is_sweep_due = True
        self._advance(batch)
        folders = {os.path.dirname(path) for path in written}
        done.feeds += [record.slug for folder, record in batch.feeds.items() if folder in folders]
        done.pages += sum(f"{os.sep}entries{os.sep}" in path for path in written) + len(batch.removed)

    def _advance(self, batch: _Batch) -> None:
        """Move the cursors over what is on disk now; after a crash before this, the same bytes are written again."""
        if not batch.feeds and batch.page_seq is None:
            return
        with self._store.writing() as unit:
            if batch.page_seq is not None:
                unit.set_meta(_PAGE_CURSOR, str(batch.page_seq))
            for record in batch.feeds.values():
                unit.mark_published(record.slug, record.touched_seq)


@dataclass(slots=True)
class _Batch:
    """Files that are written together, and the cursors that move once they are on disk."""

    files: dict[str, bytes] = field(default_factory=dict)
    removed: list[str] = field(default_factory=list)
    feeds: dict[str, FeedRecord] = field(default_factory=dict)
    page_seq: int | None = None
    is_full: bool = False


def _remove_page(path: str) -> None:
    remove_if_there(path)
    with contextlib.suppress(OSError):  # the folder never was, or holds what is not ours
        os.rmdir(os.path.dirname(path))
