"""Statements of the writing transaction."""

from __future__ import annotations

from functools import cache
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

from sqlalchemy import bindparam, delete, null, select, update

from feedsvc.model import Telling
from feedsvc.store import rows
from feedsvc.store.due import SqlDueWrites
from feedsvc.store.outbox import SqlOutboxWrites
from feedsvc.store.reading import SqlReadUnit
from feedsvc.store.returns import SqlReturnWrites
from feedsvc.store.schema import changes, entries, feeds, membership, meta, revisions, sources
from feedsvc.store.statements import append, batches, prepare, upsert
from feedsvc.store.subscribers import SqlSubscriberWrites
from feedsvc.times import to_micros

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence
    from datetime import datetime

    from sqlalchemy import ColumnElement, Dialect, Table

    from feedsvc.model import ChangeKind, Entry, EntryRecord, FileSignature, SourceFile
    from feedsvc.store.statements import Prepared

_TOLD_TO_NOBODY: Mapping[str, Telling] = MappingProxyType({})
_TOUCH = (
    update(sources)
    .where(sources.c.path == bindparam("at"))
    .values(
        device=bindparam("new_device"),
        inode=bindparam("new_inode"),
        size=bindparam("new_size"),
        mtime_ns=bindparam("new_mtime_ns"),
        missing_since=null(),
    )
)


@cache
def _touch(dialect: Dialect) -> Prepared:
    return prepare(_TOUCH, dialect, ("new_device", "new_inode", "new_size", "new_mtime_ns", "at"))


class SqlWriteUnit(SqlReadUnit, SqlSubscriberWrites, SqlDueWrites, SqlOutboxWrites, SqlReturnWrites):
    """The writing transaction; see ``protocols.WriteUnit``."""

    def set_meta(self, key: str, value: str | None) -> None:
        """Keep *value* under *key*; None forgets it."""
        if value is None:
            self._connection.execute(delete(meta).where(meta.c.key == key))
        else:
            self._put(meta, [(key, value)])

    def put_sources(self, files: Sequence[SourceFile]) -> None:
        """Insert or replace files by path."""
        self._put(sources, [rows.source_row(file) for file in files])

    def touch_sources(self, signatures: Mapping[str, FileSignature]) -> None:
        """Give known files a new signature and mark them present."""
        touched = [
            (signature.device, signature.inode, signature.size, signature.mtime_ns, rows.path_in(path))
            for path, signature in signatures.items()
        ]
        _touch(self._connection.dialect).run_many(self._connection, touched)

    def forget_sources(self, paths: Iterable[str]) -> None:
        """Remove files; their entries stay."""
        self._delete_where(sources, sources.c.path, map(rows.path_in, paths))

    def mark_missing(self, paths: Iterable[str], since: datetime | None) -> None:
        """Note that files are missing *since* a moment, or with None that they are there."""
        statement = update(sources).values(missing_since=None if since is None else to_micros(since))
        for batch in batches(map(rows.path_in, paths)):
            self._connection.execute(statement.where(sources.c.path.in_(batch)))

    def put_entries(self, records: Sequence[EntryRecord]) -> None:
        """Insert or replace entries by id."""
        self._put(entries, [rows.record_row(record) for record in records])

    def add_revisions(self, new: Sequence[Entry], at: datetime) -> None:
        """Keep the text of entries at their revision; a revision that exists is replaced."""
        self._put(revisions, [rows.revision_row(entry, at) for entry in new])

    def add_changes(
        self,
        new: Sequence[tuple[str, int, ChangeKind]],
        at: datetime,
        tellings: Mapping[str, Telling] = _TOLD_TO_NOBODY,
    ) -> int:
        """Append (entry id, revision, kind) to the change log and return the newest ``seq``."""
        moment = to_micros(at)
        added = [
            (entry_id, revision, kind.value, moment, tellings.get(entry_id, Telling.NOBODY).value)
            for entry_id, revision, kind in new
        ]
        append(changes, self._connection.dialect, without="seq").run_many(self._connection, added)
        return self.last_seq()

    def set_membership(self, members: Mapping[str, tuple[datetime, tuple[str, ...]]], seq: int) -> None:
        """Put each entry into exactly these feeds and mark all feeds concerned as touched."""
        before = self.feeds_with(members)
        self._delete_where(membership, membership.c.entry_id, before)
        added = [
            (entry_id, feed, to_micros(published)) for entry_id, (published, slugs) in members.items() for feed in slugs
        ]
        append(membership, self._connection.dialect).run_many(self._connection, added)
        after = (slugs for _, slugs in members.values())
        self.touch_feeds({slug for slugs in (*before.values(), *after) for slug in slugs}, seq)

    def put_feed(self, slug: str, folder: str | None) -> None:
        """Make sure that a feed exists."""
        inside = None if folder is None else rows.path_in(folder)
        if self._connection.scalar(select(feeds.c.slug).where(feeds.c.slug == slug)) is None:
            self._put(feeds, [(slug, inside, 0, -1)])

    def drop_feed(self, slug: str) -> None:
        """Forget a feed and its membership."""
        self._connection.execute(delete(membership).where(membership.c.feed == slug))
        self._connection.execute(delete(feeds).where(feeds.c.slug == slug))

    def touch_feeds(self, slugs: Iterable[str] | None, seq: int) -> None:
        """Mark feeds (all for None) as touched by *seq*."""
        if slugs is None:
            self._connection.execute(update(feeds).values(touched_seq=seq, handled_seq=-1))
            return
        for batch in batches(slugs):
            self._connection.execute(update(feeds).where(feeds.c.slug.in_(batch)).values(touched_seq=seq))

    def mark_published(self, slug: str, seq: int) -> None:
        """Note that everything up to *seq* is on disk for this feed."""
        self._connection.execute(update(feeds).where(feeds.c.slug == slug).values(handled_seq=seq))

    def _put(self, table: Table, new: Sequence[tuple[object, ...]]) -> None:
        upsert(table, self._connection.dialect).run_many(self._connection, new)

    def _delete_where(self, table: Table, column: ColumnElement[Any], values: Iterable[object]) -> None:
        for batch in batches(values):
            self._connection.execute(delete(table).where(column.in_(batch)))
