"""What the verbs of the service ask of the world."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
    from contextlib import AbstractContextManager
    from datetime import datetime

    from feedsvc.model import (
        Change,
        ChangeKind,
        Consent,
        DeliveryResult,
        DigestCursor,
        DigestRun,
        DueReader,
        Entry,
        EntryRecord,
        Envelope,
        FeedRecord,
        FileSignature,
        FileState,
        KnownFile,
        MediaUse,
        NewDigest,
        OutboxMessage,
        OutboxState,
        QueuedDigest,
        ReaderMark,
        ReturnedDigest,
        SourceFile,
        Subscriber,
        SubscriberState,
        Suppression,
        SuppressionReason,
        Telling,
    )

    Clock = Callable[[], datetime]


class SubscriberReads(Protocol):
    """What a view tells about subscribers; part of every `ReadUnit`."""

    def subscribers(self, ids: Iterable[str]) -> dict[str, Subscriber]:
        """Return the subscribers with these *ids*, by id."""
        ...

    def subscriber_states(self, ids: Iterable[str]) -> dict[str, SubscriberState]:
        """Return the states of the subscribers with these *ids*, by id."""
        ...

    def subscribers_at(self, keys: Iterable[str]) -> dict[str, Subscriber]:
        """Return the subscribers whose address has one of *keys* (`feedsvc.model.address_key`), by key."""
        ...

    def subscriber_batch(self, after_id: str, limit: int, state: SubscriberState | None = None) -> list[Subscriber]:
        """Return the next subscribers with ``id > after_id`` (all states for None), by id, at most *limit*."""
        ...

    def subscriber_page(self, after_key: str, limit: int, state: SubscriberState | None = None) -> list[Subscriber]:
        """Return the same for people: those whose address comes after *after_key*, by key."""
        ...

    def subscriber_counts(self) -> dict[SubscriberState, int]:
        """Return how many subscribers are in each state; states without any are left out."""
        ...

    def suppressions(self, hashes: Iterable[str]) -> dict[str, Suppression]:
        """Return those of the address *hashes* that get no mail, with the reason."""
        ...

    def consents_of(self, subscriber_id: str) -> list[Consent]:
        """Return the record of consent of a subscriber, oldest first."""
        ...


class OutboxReads(Protocol):
    """What a view tells about digests and the outbox; part of every `ReadUnit`."""

    def digest_cursors(self, subscriber_ids: Iterable[str]) -> dict[str, DigestCursor]:
        """Return how far these subscribers were told, by id; those who were never due are left out."""
        ...

    def digest_runs(self, limit: int) -> list[DigestRun]:
        """Return the newest runs, newest first, at most *limit*."""
        ...

    def digest_run(self, run_id: str) -> DigestRun | None:
        """Return the run with this id."""
        ...

    def digest_bodies(self, keys: Iterable[str]) -> dict[str, bytes]:
        """Return the rendered bodies with these *keys*, by key."""
        ...

    def mailed_seqs(self, subscriber_id: str) -> list[int]:
        """Return up to which ``seq`` the digests of a subscriber told that are still remembered, oldest first."""
        ...

    def outbox_counts(self, run_id: str | None = None) -> dict[OutboxState, int]:
        """Return how many messages are in each state, of one run or of all; empty states are left out."""
        ...

    def outbox_page(
        self, after: int, limit: int, state: OutboxState | None = None, run_id: str | None = None
    ) -> list[tuple[int, QueuedDigest]]:
        """Return the next messages in the order in which they were queued, each with its number, at most *limit*.

        Only those in one *state*, or of one run, if so wished.
        """
        ...

    def outbox_at(self, ids: Iterable[str]) -> dict[str, QueuedDigest]:
        """Return the messages with these *ids*, by id."""
        ...

    def next_attempt(self) -> datetime | None:
        """Return when the next message may be claimed, None if none waits."""
        ...


class DueReads(Protocol):
    """Whom a run has to look at; part of every `ReadUnit`."""

    def readers_due(self, now: datetime, limit: int) -> list[DueReader]:
        """Return those who are to be looked at by *now*, those who changed first, at most *limit*."""
        ...

    def readers_waiting(self, after_id: str, seq: int, limit: int) -> list[DueReader]:
        """Return those who wait for news and were not told up to *seq*: ``id > after_id``, by id, at most *limit*."""
        ...

    def looked_after(self) -> int:
        """Return how many active subscribers are followed by runs."""
        ...


class ReturnReads(Protocol):
    """What a view tells about digests that came back; part of every `ReadUnit`."""

    def returned_digests(self, subscriber_id: str) -> list[ReturnedDigest]:
        """Return the digests of a subscriber that came back, in the order in which they were sent."""
        ...

    def last_delivered(self, subscriber_id: str, before: datetime) -> datetime | None:
        """Return when the newest digest that was sent *before* a moment, and did not come back, was sent."""
        ...


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


class SubscriberWrites(Protocol):
    """What the writing transaction does with subscribers; part of every `WriteUnit`."""

    def put_subscribers(self, subscribers: Sequence[Subscriber]) -> None:
        """Insert or replace subscribers by id; a key of an address belongs to one of them only (else StoreError).

        The next run looks at them, because what they wish may have changed.
        """
        ...

    def set_subscriber_state(self, ids: Iterable[str], state: SubscriberState) -> None:
        """Put subscribers into *state*; the next run looks at them."""
        ...

    def forget_subscribers(self, ids: Iterable[str]) -> None:
        """Remove subscribers and all that is kept of them; what is known of their addresses is overwritten."""
        ...

    def suppress(self, hashes: Iterable[str], reason: SuppressionReason, at: datetime) -> None:
        """Send nothing to the addresses with these keyed *hashes* any more; a newer reason replaces an older one."""
        ...

    def lift_suppressions(self, hashes: Iterable[str]) -> None:
        """Let the addresses with these *hashes* get mail again."""
        ...

    def add_consents(self, consents: Sequence[Consent]) -> None:
        """Append to the record of consent."""
        ...


class OutboxWrites(Protocol):
    """What the writing transaction does with digests and the outbox; part of every `WriteUnit`."""

    def put_digest_cursors(self, cursors: Sequence[DigestCursor]) -> None:
        """Insert or replace cursors by subscriber; the next run looks at them."""
        ...

    def add_digest_run(self, run: DigestRun) -> None:
        """Keep a run."""
        ...

    def put_digest_bodies(self, bodies: Mapping[str, bytes]) -> None:
        """Keep rendered bodies by key."""
        ...

    def count_messages(self, run_id: str, messages: int) -> None:
        """Note how many messages a run has by now."""
        ...

    def queue_digests(self, messages: Sequence[NewDigest]) -> None:
        """Append messages to the outbox; a subscriber's period is queued once only (else StoreError)."""
        ...

    def claimable(self, now: datetime, limit: int) -> list[QueuedDigest]:
        """Return messages that may be claimed and that nobody else can claim meanwhile, oldest first."""
        ...

    def claims(self, limit: int, before: datetime | None = None) -> list[QueuedDigest]:
        """Return messages that are claimed, with *before* only those whose claim ended by then; at most *limit*."""
        ...

    def forget_bodies(self) -> None:
        """Remove the bodies that no message needs which may still go, or be sent again."""
        ...

    def forget_settled(self, before: datetime, limit: int) -> int:
        """Remove messages that went, failed or were suppressed, of runs made *before*, and runs without messages.

        Returns:
            How many messages were removed, at most *limit*.
        """
        ...

    def put_outbox(self, messages: Sequence[OutboxMessage]) -> None:
        """Give messages their new states."""
        ...


class DueWrites(Protocol):
    """What a run notes about those whom it looked at; part of every `WriteUnit`."""

    def mark_readers(self, marks: Sequence[ReaderMark]) -> None:
        """Note how far subscribers are told, and when to look at them again."""
        ...

    def look_at_everybody(self) -> None:
        """Have all subscribers looked at by the next run."""
        ...


class ReturnWrites(Protocol):
    """What the writing transaction does with digests that came back; part of every `WriteUnit`."""

    def put_returned_digests(self, new: Sequence[ReturnedDigest]) -> None:
        """Insert or replace digests that came back, by subscriber and digest."""
        ...

    def forget_returned_digests(self, subscriber_id: str, until: datetime | None = None) -> None:
        """Forget which digests of a subscriber came back: all, or those sent *until* a moment."""
        ...

    def forget_old_returns(self, before: datetime) -> None:
        """Forget which digests that were sent *before* a moment came back, to whomever they were sent."""
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


class Transport(Protocol):
    """Takes finished messages to the next hop, over connections that it keeps.

    A transport belongs to one thread; several threads take one each. It never raises for what servers and networks
    do: that is told in results.
    """

    def send(self, envelopes: Iterable[Envelope]) -> Iterator[DeliveryResult]:
        """Yield what became of each of *envelopes*, in their order.

        The next envelope is taken when the result before it has been, so whoever stops reading stops sending. If no
        connection can be had, the rest of the batch gets the same result without being tried.
        """
        ...

    def close(self) -> None:
        """Say goodbye to the server; a later `send` connects again."""
        ...
