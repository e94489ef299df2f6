"""Tables of the store.

Paths are bytes, because file names need not be UTF-8. Times are microseconds since the epoch. Small lists are JSON
text, empty where there is nothing to say. Conditions of indexes are there for SQLite only: an option for another
database loads all its drivers.
"""

from __future__ import annotations

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    Table,
    Text,
    false,
    literal_column,
    text,
)

metadata = MetaData()

meta = Table(
    "meta",
    metadata,
    Column("key", Text, primary_key=True),
    Column("value", Text, nullable=False),
)

sources = Table(
    "sources",
    metadata,
    Column("path", LargeBinary, primary_key=True),
    Column("device", BigInteger, nullable=False),
    Column("inode", BigInteger, nullable=False),
    Column("size", BigInteger, nullable=False),
    Column("mtime_ns", BigInteger, nullable=False),
    Column("content_hash", Text, nullable=False),
    Column("state", Text, nullable=False),
    Column("problem_code", Text, nullable=False),
    Column("first_seen", BigInteger, nullable=False),
    Column("notices", Text, nullable=False),
    Column("problem", Text, nullable=False),
    Column("duplicate_of", LargeBinary),
    Column("missing_since", BigInteger),
    Column("read_with", Text, nullable=False, server_default=""),
    Column("media", Text, nullable=False, server_default=""),
)
Index("sources_content", sources.c.content_hash)
Index("sources_inode", sources.c.inode)
Index(
    "sources_duplicate",
    sources.c.duplicate_of,
    sqlite_where=sources.c.duplicate_of.is_not(None),
)
Index(
    "sources_with_media",
    sources.c.path,
    sqlite_where=sources.c.media != literal_column("''"),
)

entries = Table(
    "entries",
    metadata,
    Column("id", Text, primary_key=True),
    Column("source_path", LargeBinary, nullable=False),
    Column("item_key", Text, nullable=False),
    Column("folder", LargeBinary, nullable=False),
    Column("state", Text, nullable=False),
    Column("revision", Integer, nullable=False),
    Column("slug", Text, nullable=False),
    Column("fingerprint", Text, nullable=False),
    Column("published", BigInteger, nullable=False),
    Column("updated", BigInteger, nullable=False),
    Column("expires", BigInteger),
    Column("was_published", Boolean, nullable=False),
    Column("notify", Text, nullable=False, server_default=""),
    Column("is_archive", Boolean, nullable=False, server_default=false()),
)
Index("entries_slug", entries.c.slug, unique=True)
Index("entries_source", entries.c.source_path)
Index(
    "entries_scheduled",
    entries.c.published,
    sqlite_where=text("state = 'scheduled'"),
)
Index(
    "entries_expiring",
    entries.c.expires,
    sqlite_where=entries.c.expires.is_not(None),
)

revisions = Table(
    "revisions",
    metadata,
    Column("entry_id", Text, primary_key=True),
    Column("revision", Integer, primary_key=True),
    Column("title", Text, nullable=False),
    Column("summary", Text, nullable=False),
    Column("body_html", Text, nullable=False),
    Column("language", Text, nullable=False),
    Column("direction", Text, nullable=False),
    Column("authors", Text, nullable=False),
    Column("tags", Text, nullable=False),
    Column("link", Text),
    Column("committed_at", BigInteger, nullable=False),
    Column("media", Text, nullable=False, server_default=""),
)

Index(
    "revisions_with_media",
    revisions.c.entry_id,
    revisions.c.revision,
    sqlite_where=revisions.c.media != literal_column("''"),
)

changes = Table(
    "changes",
    metadata,
    Column("seq", BigInteger().with_variant(Integer, "sqlite"), primary_key=True, autoincrement=True),
    Column("entry_id", Text, nullable=False),
    Column("revision", Integer, nullable=False),
    Column("kind", Text, nullable=False),
    Column("at", BigInteger, nullable=False),
    Column("telling", Integer, nullable=False, server_default="0"),
    sqlite_autoincrement=True,
)

membership = Table(
    "membership",
    metadata,
    Column("entry_id", Text, primary_key=True),
    Column("feed", Text, primary_key=True),
    Column("published", BigInteger, nullable=False),
    sqlite_with_rowid=False,
)
Index("membership_window", membership.c.feed, membership.c.published.desc(), membership.c.entry_id)

feeds = Table(
    "feeds",
    metadata,
    Column("slug", Text, primary_key=True),
    Column("folder", LargeBinary),
    Column("touched_seq", BigInteger, nullable=False),
    Column("handled_seq", BigInteger, nullable=False),
)

subscribers = Table(
    "subscribers",
    metadata,
    Column("id", Text, primary_key=True),
    Column("address", Text, nullable=False),
    Column("address_key", Text, nullable=False),
    Column("language", Text, nullable=False),
    Column("frequency", Text, nullable=False),
    Column("zone", Text, nullable=False),
    Column("hour", Integer, nullable=False),
    Column("day", Integer, nullable=False),
    Column("feeds", Text, nullable=False),
    Column("state", Text, nullable=False),
    Column("created", BigInteger, nullable=False),
    Column("confirmed", BigInteger),
    Column("paused_until", BigInteger),
    Column("consent", Text, nullable=False),
    sqlite_with_rowid=False,
)
Index("subscribers_address", subscribers.c.address_key, unique=True)

suppressions = Table(
    "suppressions",
    metadata,
    Column("address_hash", Text, primary_key=True),
    Column("reason", Text, nullable=False),
    Column("at", BigInteger, nullable=False),
    sqlite_with_rowid=False,
)

consents = Table(
    "consents",
    metadata,
    Column("number", BigInteger().with_variant(Integer, "sqlite"), primary_key=True, autoincrement=True),
    Column("subscriber_id", Text, nullable=False),
    Column("event", Text, nullable=False),
    Column("at", BigInteger, nullable=False),
    Column("words", Text, nullable=False),
)
Index("consents_subscriber", consents.c.subscriber_id)

digest_cursors = Table(
    "digest_cursors",
    metadata,
    Column("subscriber_id", Text, primary_key=True),
    Column("last_seq", BigInteger, nullable=False),
    Column("told_until", BigInteger, nullable=False),
    Column("period_key", Text, nullable=False),
    Column("period_day", Text, nullable=False),
    Column("due_at", BigInteger, server_default=text("0")),
    Column("joined", Text, nullable=False, server_default=""),
    sqlite_with_rowid=False,
)
Index("digest_cursors_due", digest_cursors.c.due_at, digest_cursors.c.subscriber_id)

digest_runs = Table(
    "digest_runs",
    metadata,
    Column("number", BigInteger().with_variant(Integer, "sqlite"), primary_key=True, autoincrement=True),
    Column("id", Text, nullable=False, unique=True),
    Column("created", BigInteger, nullable=False),
    Column("run_seq", BigInteger, nullable=False),
    Column("messages", Integer, nullable=False),
)

digest_bodies = Table(
    "digest_bodies",
    metadata,
    Column("key", Text, primary_key=True),
    Column("packed", LargeBinary, nullable=False),
)

outbox = Table(
    "outbox",
    metadata,
    Column("number", BigInteger().with_variant(Integer, "sqlite"), primary_key=True, autoincrement=True),
    Column("id", Text, nullable=False, unique=True),
    Column("subscriber_id", Text, nullable=False),
    Column("run_id", Text, nullable=False),
    Column("period_key", Text, nullable=False),
    Column("body_key", Text, nullable=False),
    Column("recipient", Text, nullable=False),
    Column("state", Text, nullable=False),
    Column("attempts", Integer, nullable=False),
    Column("first_attempt", BigInteger),
    Column("not_before", BigInteger),
    Column("owner", Text, nullable=False),
    Column("lease_until", BigInteger),
    Column("reason", Text, nullable=False),
)
Index("outbox_once", outbox.c.subscriber_id, outbox.c.period_key, unique=True)
Index("outbox_waiting", outbox.c.state, outbox.c.not_before, outbox.c.number)
Index("outbox_run", outbox.c.run_id)

returned_digests = Table(
    "returned_digests",
    metadata,
    Column("subscriber_id", Text, primary_key=True),
    Column("digest", Text, primary_key=True),
    Column("sent", BigInteger, nullable=False),
    Column("is_soft", Boolean, nullable=False),
    sqlite_with_rowid=False,
)
