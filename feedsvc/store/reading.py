"""Queries of a consistent view."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sqlalchemy import and_, func, literal_column, or_, select

from feedsvc.model import Change, ChangeKind, EntryState, FeedRecord, FileState, Telling
from feedsvc.store import rows
from feedsvc.store.due import SqlDueReads
from feedsvc.store.outbox import SqlOutboxReads
from feedsvc.store.returns import SqlReturnReads
from feedsvc.store.schema import changes, entries, feeds, membership, meta, revisions, sources
from feedsvc.store.statements import rows_in
from feedsvc.store.subscribers import SqlSubscriberReads
from feedsvc.times import from_micros, to_micros

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence
    from datetime import datetime

    from sqlalchemy import ColumnElement, Select

    from feedsvc.model import Entry, EntryRecord, FileSignature, KnownFile, MediaUse, SourceFile
    from feedsvc.store.statements import AnyRow

_KNOWN = select(
    sources.c.path,
    sources.c.device,
    sources.c.inode,
    sources.c.size,
    sources.c.mtime_ns,
    sources.c.content_hash,
    sources.c.state,
    sources.c.problem_code,
    sources.c.missing_since,
    sources.c.read_with,
)
_MEDIA = select(sources.c.path, sources.c.media).where(sources.c.media != literal_column("''"))
_SHOWN = (
    select(revisions.c.media)
    .join(entries, and_(revisions.c.entry_id == entries.c.id, revisions.c.revision == entries.c.revision))
    .where(revisions.c.media != literal_column("''"), entries.c.state != EntryState.WITHDRAWN.value)
)
_COPIES = select(sources.c.duplicate_of, sources.c.path)
_RECORDS = select(entries)
_SLUGS = select(entries.c.slug)
_MEMBERS = select(membership.c.entry_id, membership.c.feed)
_ENTRY = select(
    entries,
    revisions.c.title,
    revisions.c.summary,
    revisions.c.body_html,
    revisions.c.language,
    revisions.c.direction,
    revisions.c.authors,
    revisions.c.tags,
    revisions.c.link,
    revisions.c.media,
).join(revisions, and_(revisions.c.entry_id == entries.c.id, revisions.c.revision == entries.c.revision))


class SqlReadUnit(SqlSubscriberReads, SqlDueReads, SqlOutboxReads, SqlReturnReads):
    """The reading half of a unit of work; see ``protocols.ReadUnit``."""

    def meta(self, key: str) -> str | None:
        """Return the value kept under *key*, or None."""
        return self._connection.scalar(select(meta.c.value).where(meta.c.key == key))

    def known_files(self, paths: Iterable[str] | None = None) -> dict[str, KnownFile]:
        """Return the light rows of the files at *paths*, of all files for None, by path."""
        found = self._connection.execute(_KNOWN) if paths is None else self._in(_KNOWN, sources.c.path, _inside(paths))
        return {known.path: known for known in map(rows.known_of, found)}

    def look_alikes(self, hashes: Iterable[str], signatures: Iterable[FileSignature]) -> list[KnownFile]:
        """Return the files with one of the *hashes*, or with device and inode of one of *signatures*."""
        by_hash = self._in(_KNOWN, sources.c.content_hash, hashes)
        places = {(signature.device, signature.inode) for signature in signatures}
        by_inode = self._in(_KNOWN, sources.c.inode, {inode for _, inode in places})
        same_place = (row for row in by_inode if (row.device, row.inode) in places)
        found = {known.path: known for known in map(rows.known_of, [*by_hash, *same_place])}
        return [found[path] for path in sorted(found)]

    def source(self, path: str) -> SourceFile | None:
        """Return the file at *path*, or None."""
        row = self._connection.execute(select(sources).where(sources.c.path == rows.path_in(path))).first()
        return None if row is None else rows.source_of(row)

    def sources(self, state: FileState | None = None) -> Iterator[SourceFile]:
        """Yield all files, or those in one state, in the order of their paths."""
        query = select(sources).order_by(sources.c.path)
        if state is not None:
            query = query.where(sources.c.state == state.value)
        yield from map(rows.source_of, self._connection.execute(query))

    def present_paths(self) -> list[str]:
        """Return the paths of all files that are not missing and not ignored, sorted."""
        is_meant = and_(sources.c.missing_since.is_(None), sources.c.state != FileState.IGNORED.value)
        found = self._connection.scalars(select(sources.c.path).where(is_meant).order_by(sources.c.path))
        return [rows.path_out(path) for path in found]

    def duplicates_of(self, paths: Iterable[str]) -> dict[str, list[str]]:
        """Return, for each of *paths* that has any, the files that hold the same bytes."""
        found: dict[str, list[str]] = {}
        for original, path in self._in(_COPIES, sources.c.duplicate_of, _inside(paths)):
            found.setdefault(rows.path_out(original), []).append(rows.path_out(path))
        return {original: sorted(copies) for original, copies in found.items()}

    def media_uses(self) -> dict[str, tuple[MediaUse, ...]]:
        """Return the media that files name, by path of the file; those that name none are left out."""
        return {rows.path_out(path): rows.media_of(text) for path, text in self._connection.execute(_MEDIA)}

    def media_names(self) -> set[str]:
        """Return the names of all published copies that files or entries that are not withdrawn refer to."""
        shown = (name for row in self._connection.execute(_SHOWN) for name in rows.shown_names(row.media))
        named = (use.name for media in self.media_uses().values() for use in media if use.name)
        return {*shown, *named}

    def file_counts(self) -> dict[FileState, int]:
        """Return how many present files are in each state."""
        query = select(sources.c.state, func.count()).where(sources.c.missing_since.is_(None)).group_by(sources.c.state)
        return {FileState(state): count for state, count in self._connection.execute(query)}

    def records_of(self, paths: Iterable[str]) -> dict[str, list[EntryRecord]]:
        """Return the entries that come from the files at *paths*, by path."""
        found: dict[str, list[EntryRecord]] = {}
        for record in map(rows.record_of, self._in(_RECORDS, entries.c.source_path, _inside(paths))):
            found.setdefault(record.source_path, []).append(record)
        return found

    def records(self, ids: Iterable[str]) -> dict[str, EntryRecord]:
        """Return the entries with these *ids*, by id."""
        return {record.id: record for record in map(rows.record_of, self._in(_RECORDS, entries.c.id, ids))}

    def due(self, now: datetime) -> list[EntryRecord]:
        """Return scheduled entries to be released and live ones that expired."""
        at = to_micros(now)
        scheduled = and_(entries.c.state == EntryState.SCHEDULED.value, entries.c.published <= at)
        expired = and_(entries.c.state == EntryState.LIVE.value, entries.c.expires <= at)
        query = select(entries).where(or_(scheduled, expired)).order_by(entries.c.published, entries.c.id)
        return [rows.record_of(row) for row in self._connection.execute(query)]

    def taken_slugs(self, slugs: Iterable[str]) -> set[str]:
        """Return those of *slugs* that an entry has already."""
        return {row.slug for row in self._in(_SLUGS, entries.c.slug, slugs)}

    def entries(self, ids: Sequence[str]) -> list[Entry]:
        """Return the entries with these *ids*, with their newest text, in the order of *ids*."""
        found = {row.id: rows.entry_of(row) for row in self._in(_ENTRY, entries.c.id, ids)}
        return [found[entry_id] for entry_id in ids if entry_id in found]

    def window(self, feed: str, limit: int) -> list[Entry]:
        """Return the newest live entries of *feed*."""
        query = (
            select(membership.c.entry_id)
            .where(membership.c.feed == feed)
            .order_by(membership.c.published.desc(), membership.c.entry_id)
            .limit(limit)
        )
        return self.entries(list(self._connection.scalars(query)))

    def feeds_with(self, entry_ids: Iterable[str]) -> dict[str, tuple[str, ...]]:
        """Return the slugs of the feeds that carry each of these entries."""
        found: dict[str, list[str]] = {}
        for entry_id, feed in self._in(_MEMBERS, membership.c.entry_id, entry_ids):
            found.setdefault(entry_id, []).append(feed)
        return {entry_id: tuple(sorted(slugs)) for entry_id, slugs in found.items()}

    def live_ids(self) -> list[str]:
        """Return the ids of all live entries, sorted."""
        query = select(entries.c.id).where(entries.c.state == EntryState.LIVE.value).order_by(entries.c.id)
        return list(self._connection.scalars(query))

    def feeds(self) -> list[FeedRecord]:
        """Return all feeds with their cursors, by slug."""
        return [
            FeedRecord(row.slug, None if row.folder is None else rows.path_out(row.folder), *row[2:])
            for row in self._connection.execute(select(feeds).order_by(feeds.c.slug))
        ]

    def changes(self, after_seq: int, limit: int) -> list[Change]:
        """Return changes with ``seq > after_seq`` in order, at most *limit*."""
        query = select(changes).where(changes.c.seq > after_seq).order_by(changes.c.seq).limit(limit)
        return [_change_of(row) for row in self._connection.execute(query)]

    def changes_of(self, entry_ids: Iterable[str]) -> dict[str, list[Change]]:
        """Return all changes of these entries, by entry, in order."""
        found: dict[str, list[Change]] = {}
        for row in self._in(select(changes), changes.c.entry_id, entry_ids):
            found.setdefault(row.entry_id, []).append(_change_of(row))
        return {entry_id: sorted(rows, key=lambda change: change.seq) for entry_id, rows in found.items()}

    def last_seq(self) -> int:
        """Return the newest ``seq``."""
        return self._connection.scalar(select(func.max(changes.c.seq))) or 0

    def _in(self, query: Select[Any], column: ColumnElement[Any], values: Iterable[object]) -> Iterator[AnyRow]:
        return rows_in(self._connection, query, column, values)


def _change_of(row: AnyRow) -> Change:
    return Change(row.seq, row.entry_id, row.revision, ChangeKind(row.kind), from_micros(row.at), Telling(row.telling))


def _inside(paths: Iterable[str]) -> Iterator[bytes]:
    return map(rows.path_in, paths)
