"""From settings to the values and parts that the use cases work with."""

from __future__ import annotations

import contextlib
import os
from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING
from uuid import UUID, uuid4
from zoneinfo import ZoneInfo

from feedsvc.errors import FeedsvcError
from feedsvc.files import write_atomic
from feedsvc.ingest import (
    Customs,
    Examiner,
    FolderBook,
    InboxPolicy,
    Ingest,
    MediaRules,
    ParseLimits,
    RemovalPolicy,
    scan_inbox,
)
from feedsvc.model import MEDIA_FOLDER, READER_PAGES, Feed, Site
from feedsvc.times import utc_now

if TYPE_CHECKING:
    from pathlib import Path

    from feedsvc.ingest import Scan
    from feedsvc.publish import Publisher
    from feedsvc.settings import Settings
    from feedsvc.store import SqlStore

MAIN = "main"
"""Slug of the feed that carries everything."""


@dataclass(frozen=True, slots=True)
class Project:
    """A site with its folders, ready to be worked on."""

    settings: Settings
    site: Site
    feeds: tuple[Feed, ...]
    examiner: Examiner
    policy: InboxPolicy

    @property
    def database(self) -> str:
        """Path of the database file."""
        return str(self.settings.state_folder / "feedsvc.sqlite3")

    def open_store(self) -> SqlStore:
        """Open the store, creating it where there is none yet.

        Raises:
            StoreError: The database cannot be used.
        """
        from feedsvc.store import open_sqlite  # SQLAlchemy alone takes longer to import than a small command to run

        return open_sqlite(self.database, self.settings.state.busy_s)

    def scan(self) -> Scan:
        """Look at what lies in the inbox.

        Raises:
            InboxUnavailableError: It cannot be listed.
        """
        return scan_inbox(self.policy.root, self.policy.max_depth, follow_links=self.policy.follow_links)

    def ingest(self, store: SqlStore, *, has_time: bool = True) -> Ingest:
        """Return the part that reads the inbox; without *has_time* it tries nothing twice."""
        return Ingest(
            store,
            self.examiner,
            self.policy,
            namespace=self.site.namespace,
            feeds=self.feeds,
            clock=utc_now,
            has_time=has_time,
        )

    def publisher(self, store: SqlStore) -> Publisher:
        """Return the part that writes feeds and pages."""
        from feedsvc.publish import Limits, Publisher  # feedgen and lxml, too, are loaded where they are needed

        publish = self.settings.publish
        limits = Limits(publish.entries_per_feed, publish.max_feed_bytes, publish.max_title, publish.pages)
        folder = str(self.settings.publish_folder)
        return Publisher(store, self.site, self.feeds, folder, limits, utc_now, self.policy.messages)


def open_project(settings: Settings) -> Project:
    """Return the project of *settings*; its site id is minted if it has none yet.

    Raises:
        FeedsvcError: The site id cannot be read or written.
    """
    site = _site(settings, site_namespace(settings.site_id_file))
    inbox = settings.inbox
    media_folder = str(settings.publish_folder / MEDIA_FOLDER)
    examiner = Examiner(
        root=str(settings.inbox_folder),
        max_bytes=inbox.max_file_bytes,
        language=site.language,
        zone=ZoneInfo(settings.site.timezone),
        origin=site.neutral_origin,
        encodings=inbox.encodings,
        customs=Customs(inbox.profile, inbox.items, inbox.first_line, date_order=inbox.date_order),
        limits=ParseLimits(inbox.max_items, inbox.max_tags),
        folders=FolderBook(str(settings.inbox_folder), inbox.quiet_ms / 1000),
        follow_links=inbox.follow_links,
        media=MediaRules(media_folder, inbox.max_media_bytes, inbox.quiet_ms / 1000),
        messages=inbox.messages,
    )
    policy = InboxPolicy(
        root=examiner.root,
        max_depth=inbox.max_depth,
        empty_wait_s=inbox.empty_wait_s,
        quiet_s=inbox.quiet_ms / 1000,
        removals=RemovalPolicy(inbox.grace_s, inbox.mass_removal_count, inbox.mass_removal_percent),
        follow_links=inbox.follow_links,
        media_folder=media_folder,
        messages=inbox.messages,
        notes=inbox.quarantine_notes,
        backfill=timedelta(days=settings.digests.backfill_days),
    )
    return Project(settings, site, _declared_feeds(settings), examiner, policy)


def site_namespace(path: Path) -> UUID:
    """Return the namespace of the site, minting it at the first call.

    Raises:
        FeedsvcError: The file holds something else, or cannot be written.
    """
    if not path.exists():
        _mint_namespace(path)
    return _read_namespace(path)


def _mint_namespace(path: Path) -> None:
    """Write a new namespace whole or not at all; whoever comes first wins."""
    draft = path.with_name(f".{path.name}.{os.getpid()}.tmp")
    try:
        write_atomic(str(draft), f"{uuid4()}\n".encode())
        with contextlib.suppress(FileExistsError):
            os.link(draft, path)
        draft.unlink()
    except OSError as error:
        raise FeedsvcError(f"the site id cannot be kept in {path}: {error.strerror}") from error


def _read_namespace(path: Path) -> UUID:
    try:
        return UUID(path.read_text(encoding="ascii").strip())
    except (OSError, ValueError) as error:
        raise FeedsvcError(
            f"{path} does not hold the site's UUID; restore it from a backup, because all entry ids come from it, "
            "or delete it if nothing was ever published"
        ) from error


def _site(settings: Settings, namespace: UUID) -> Site:
    site = settings.site
    subscribe_url = f"{site.url}{READER_PAGES}subscribe" if settings.has_reader_pages else ""
    return Site(site.url, site.title, site.description, site.language, site.author, namespace, subscribe_url)


def _declared_feeds(settings: Settings) -> tuple[Feed, ...]:
    declared = tuple(Feed(**feed.model_dump()) for feed in settings.feeds)
    if any(feed.slug == MAIN for feed in declared):
        return declared
    return (Feed(slug=MAIN, title=settings.site.title, description=settings.site.description), *declared)
