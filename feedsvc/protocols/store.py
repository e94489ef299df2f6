"""What keeps everything: units of work over source files, entries, feeds, the change log and readers."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

from feedsvc.protocols.due import DueReads, DueWrites
from feedsvc.protocols.outbox import OutboxReads, OutboxWrites
from feedsvc.protocols.returns import ReturnReads, ReturnWrites
from feedsvc.protocols.subscribers import SubscriberReads, SubscriberWrites

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence
    from contextlib import AbstractContextManager
    from datetime import datetime

    from feedsvc.model import (
        Change,
        ChangeKind,
        Entry,
        EntryRecord,
        FeedRecord,
        FileSignature,
        FileState,
        KnownFile,
        MediaUse,
        SourceFile,
        Telling,
    )


class ReadUnit(SubscriberReads, DueReads, OutboxReads, ReturnReads, Protocol):
    """A consistent view of the store; everything read inside it belongs to one moment."""

    def meta(self, key: str) -> str | None:
        """Return the value kept under *key*, or None."""
        ...

    def known_files(self, paths: Iterable[str] | None = None) -> dict[str, KnownFile]:
        """Return the light rows of the files at *paths*, of all files for None, by path."""
        ...

    def look_alikes(self, hashes: Iterable[str], signatures: Iterable[FileSignature]) -> list[KnownFile]:
        """Return the files with one of the content *hashes*, or with device and inode of one of *signatures*."""
        ...

    def source(self, path: str) -> SourceFile | None:
        """Return the file at *path*, or None."""
        ...

    def sources(self, state: FileState | None = None) -> Iterator[SourceFile]:
        """Yield all files, or those in one state, in the order of their paths."""
        ...

    def present_paths(self) -> list[str]:
        """Return the paths of all files that are not missing and not ignored, sorted."""
        ...

    def duplicates_of(self, paths: Iterable[str]) -> dict[str, list[str]]:
        """Return, for each of *paths* that has any, the paths of the files that hold the same bytes, sorted."""
        ...

    def file_counts(self) -> dict[FileState, int]:
        """Return how many files are in each state; missing ones are left out."""
        ...

    def media_uses(self) -> dict[str, tuple[MediaUse, ...]]:
        """Return the media that files name, by path of the file; those that name none are left out."""
        ...

    def media_names(self) -> set[str]:
        """Return the names of all published copies that files or entries that are not withdrawn refer to."""
        ...

    def records_of(self, paths: Iterable[str]) -> dict[str, list[EntryRecord]]:
        """Return the entries that come from the files at *paths*, by path; withdrawn ones too."""
        ...

    def records(self, ids: Iterable[str]) -> dict[str, EntryRecord]:
        """Return the entries with these *ids*, by id."""
        ...

    def due(self, now: datetime) -> list[EntryRecord]:
        """Return scheduled entries with ``published <= now`` and live ones with ``expires <= now``."""
        ...

    def taken_slugs(self, slugs: Iterable[str]) -> set[str]:
        """Return those of *slugs* that an entry has already."""
        ...

    def entries(self, ids: Sequence[str]) -> list[Entry]:
        """Return the entries with these *ids*, with their newest text, in the order of *ids*."""
        ...

    def window(self, feed: str, limit: int) -> list[Entry]:
        """Return the newest live entries of *feed*: by ``published`` descending, then id."""
        ...

    def feeds_with(self, entry_ids: Iterable[str]) -> dict[str, tuple[str, ...]]:
        """Return the slugs of the feeds that carry each of these entries, sorted, by entry id."""
        ...

    def live_ids(self) -> list[str]:
        """Return the ids of all live entries, sorted."""
        ...

    def feeds(self) -> list[FeedRecord]:
        """Return all feeds with their cursors, by slug."""
        ...

    def changes(self, after_seq: int, limit: int) -> list[Change]:
        """Return changes with ``seq > after_seq`` in order, at most *limit*."""
        ...

    def changes_of(self, entry_ids: Iterable[str]) -> dict[str, list[Change]]:
        """Return all changes of these entries, by entry, in order; it reads the whole change log."""
        ...

    def last_seq(self) -> int:
        """Return the newest ``seq``, 0 if nothing ever changed."""
        ...


class WriteUnit(ReadUnit, SubscriberWrites, DueWrites, OutboxWrites, ReturnWrites, Protocol):
    """The one writing transaction: it sees its own writes, and is committed as a whole or not at all."""

    def set_meta(self, key: str, value: str | None) -> None:
        """Keep *value* under *key*; None forgets it."""
        ...

    def put_sources(self, files: Sequence[SourceFile]) -> None:
        """Insert or replace files by path."""
        ...

    def touch_sources(self, signatures: Mapping[str, FileSignature]) -> None:
        """Give known files a new signature and mark them present."""
        ...

    def forget_sources(self, paths: Iterable[str]) -> None:
        """Remove files; their entries stay."""
        ...

    def mark_missing(self, paths: Iterable[str], since: datetime | None) -> None:
        """Note that files are missing *since* a moment, or with None that they are there."""
        ...

    def put_entries(self, records: Sequence[EntryRecord]) -> None:
        """Insert or replace entries by id."""
        ...

    def add_revisions(self, entries: Sequence[Entry], at: datetime) -> None:
        """Keep the text of *entries* at their revision; a revision that exists is replaced."""
        ...

    def add_changes(
        self, changes: Sequence[tuple[str, int, ChangeKind]], at: datetime, tellings: Mapping[str, Telling] = ...
    ) -> int:
        """Append (entry id, revision, kind) to the change log and return the newest ``seq``.

        *tellings* names, by id of the entry, those changes that are news to somebody.
        """
        ...

    def set_membership(self, members: Mapping[str, tuple[datetime, tuple[str, ...]]], seq: int) -> None:
        """Put each entry into exactly these feeds (id -> published, slugs) and mark all feeds concerned as touched.

        An entry that is not live is put into no feed: ``(published, ())``.
        """
        ...

    def put_feed(self, slug: str, folder: str | None) -> None:
        """Make sure that a feed exists."""
        ...

    def drop_feed(self, slug: str) -> None:
        """Forget a feed and its membership."""
        ...

    def touch_feeds(self, slugs: Iterable[str] | None, seq: int) -> None:
        """Mark feeds (all for None) as touched by *seq*, so that they are written again."""
        ...

    def mark_published(self, slug: str, seq: int) -> None:
        """Note that everything up to *seq* is on disk for this feed."""
        ...


class Store(Protocol):
    """Keeps source files, entries and the change log.

    Any thread may open units; a unit stays in the thread that opened it. Times go in and come out aware, in UTC.
    All methods raise ``StoreError`` when the database cannot be used.
    """

    def reading(self) -> AbstractContextManager[ReadUnit]:
        """Open a consistent view."""
        ...

    def writing(self) -> AbstractContextManager[WriteUnit]:
        """Open the writing transaction, waiting for another one to end; an exception rolls it back."""
        ...

    def close(self) -> None:
        """Release all connections."""
        ...
