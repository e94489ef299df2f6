"""What becomes of the entries of one file: pure decisions about ids, slugs, states, times and revisions."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import TYPE_CHECKING
from urllib.parse import urlsplit
from uuid import UUID

from feedsvc.ingest.identity import mint_id
from feedsvc.ingest.telling import telling_of, telling_of_release
from feedsvc.messages import say
from feedsvc.model import SILENT, ChangeKind, Entry, EntryRecord, EntryState, FileState, Problem, Telling

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import datetime

    from feedsvc.model import ParsedEntry

CLOCK_SKEW = timedelta(minutes=10)
"""A publication time up to this far ahead is a clock that goes wrong, not an embargo."""

_SPREAD = 1_000_000


@dataclass(frozen=True, slots=True)
class EntryWrite:
    """What is written of one entry.

    Attributes:
        entry: None where the text did not change.
        change: None where nobody sees it.
        telling: Who gets to know of the change by mail.
    """

    record: EntryRecord
    entry: Entry | None
    change: ChangeKind | None
    telling: Telling = Telling.NOBODY


@dataclass(frozen=True, slots=True)
class Place:
    """What is settled about an entry before its text is looked at; *is_old*: it is too old to be news now."""

    id: str
    source_path: str
    folder: str
    slug: str
    published: datetime
    is_old: bool = False


def declared_uri(declared: str, namespace: UUID) -> str:
    """Return the id that front matter names as a URI (RFC 4287 section 4.2.6 wants one).

    A UUID becomes ``urn:uuid:``, a URI stays as it is, other text is hashed into a UUID of this site.
    """
    try:
        return f"urn:uuid:{UUID(declared)}"
    except ValueError:
        parts = urlsplit(declared)
        if parts.scheme and declared.isascii() and not any(c.isspace() or c in '<>"{}|\\\\^`' for c in declared):
            return declared
        return mint_id(namespace, "", declared)


def state_of(parsed: ParsedEntry, published: datetime, now: datetime) -> EntryState:
    """Return the state that an entry has at *now*."""
    if parsed.is_draft:
        return EntryState.DRAFT
    if parsed.expires is not None and parsed.expires <= now:
        return EntryState.WITHDRAWN
    return EntryState.SCHEDULED if published.replace(microsecond=0) > now else EntryState.LIVE


def publication_time(parsed: ParsedEntry, record: EntryRecord | None, first_seen: datetime, now: datetime) -> datetime:
    """Return when the entry is published: as declared, else when it was first seen; never slightly in the future."""
    if parsed.published is None:
        return record.published if record is not None and record.was_published else first_seen
    if not now < parsed.published <= now + CLOCK_SKEW:
        return parsed.published
    kept = record is not None and record.was_published and record.published <= now
    return record.published if kept and record is not None else now


def spread(moment: datetime, entry_id: str, revision: int) -> datetime:
    """Return *moment* with microseconds drawn from the entry, so that no two entries of a site share a time.

    The microseconds depend on nothing but id and revision: the order in which files arrive does not show.
    """
    digest = hashlib.blake2b(f"{entry_id} {revision}".encode(), digest_size=8).digest()
    return moment.replace(microsecond=int.from_bytes(digest) % _SPREAD)


def decide_entry(parsed: ParsedEntry, place: Place, record: EntryRecord | None, now: datetime) -> EntryWrite | None:
    """Decide what to write of one entry.

    Args:
        parsed: What the file says now.
        place: The entry's identity and address.
        record: What the store has, None for a new entry.
        now: Whole seconds.

    Returns:
        The write, or None where nothing at all changed.
    """
    state = state_of(parsed, place.published, now)
    if state is EntryState.SCHEDULED and record is not None and _was_released(record, place):
        state = EntryState.LIVE
    text_changed = record is None or record.fingerprint != parsed.fingerprint
    revision = 1 if record is None else record.revision + (text_changed and record.was_published)
    wanted = EntryRecord(
        place.id,
        place.source_path,
        parsed.key,
        place.folder,
        state,
        revision,
        place.slug,
        parsed.fingerprint,
        place.published,
        _updated(parsed, place, record, revision, now),
        parsed.expires,
        state is EntryState.LIVE or (record is not None and record.was_published),
        _notify(parsed, record, state),
        record.is_archive if record is not None and record.was_published else place.is_old and not parsed.notify,
    )
    if record == wanted and not text_changed:
        return None
    change = _change(record, wanted, text_changed=text_changed)
    telling = telling_of(record, wanted, is_old=place.is_old)
    if change is None and telling is Telling.ANEW:
        change = ChangeKind.ANNOUNCED
    return EntryWrite(wanted, entry_of(parsed, wanted) if text_changed else None, change, telling)


def _notify(parsed: ParsedEntry, record: EntryRecord | None, state: EntryState) -> str:
    """Return what was said of mails; of an entry that is kept back it does not count yet."""
    if state in (EntryState.LIVE, EntryState.SCHEDULED):
        return parsed.notify
    return record.notify if record is not None else ""


def _was_released(record: EntryRecord, place: Place) -> bool:
    """Tell whether an entry is live under this very date: then its time had come, whatever a clock set back says."""
    return record.state is EntryState.LIVE and record.published == place.published


def _updated(parsed: ParsedEntry, place: Place, record: EntryRecord | None, revision: int, now: datetime) -> datetime:
    if record is None or not record.was_published:
        return spread(parsed.updated or place.published, place.id, revision)
    if parsed.updated is not None and parsed.updated > record.updated:
        return spread(parsed.updated, place.id, revision)
    return record.updated if revision == record.revision else spread(now, place.id, revision)


def _change(before: EntryRecord | None, after: EntryRecord, *, text_changed: bool) -> ChangeKind | None:
    was_live = before is not None and before.state is EntryState.LIVE
    is_live = after.state is EntryState.LIVE
    if is_live and not was_live:
        return ChangeKind.PUBLISHED
    if was_live and not is_live:
        return ChangeKind.WITHDRAWN
    if not is_live or before is None:
        return None
    if text_changed or before.updated != after.updated:
        return ChangeKind.UPDATED
    moved = (before.folder, before.source_path, before.published) != (after.folder, after.source_path, after.published)
    return ChangeKind.MOVED if moved else None


def entry_of(parsed: ParsedEntry, record: EntryRecord) -> Entry:
    """Return the entry that joins text and identity."""
    return Entry(
        record.id,
        record.revision,
        record.state,
        record.source_path,
        record.folder,
        record.slug,
        parsed.title,
        parsed.summary,
        parsed.body_html,
        parsed.language,
        parsed.direction,
        parsed.authors,
        parsed.tags,
        parsed.link,
        record.published,
        record.updated,
        record.expires,
        parsed.enclosures,
        parsed.image,
        record.notify == SILENT,
    )


def withdrawn(record: EntryRecord) -> EntryWrite:
    """Return the write that takes an entry out of all feeds; its id and text stay for its return."""
    change = ChangeKind.WITHDRAWN if record.state is EntryState.LIVE else None
    return EntryWrite(replace(record, state=EntryState.WITHDRAWN), None, change)


def released(record: EntryRecord) -> EntryWrite:
    """Return the write that makes a scheduled entry live at its minute."""
    after = replace(record, state=EntryState.LIVE, was_published=True, is_archive=False)
    return EntryWrite(after, None, ChangeKind.PUBLISHED, telling_of_release(record))


def file_state(states: Sequence[EntryState]) -> tuple[FileState, Problem | None]:
    """Return the state of a file whose entries have these states: the most visible one counts."""
    for entry_state, state in _FILE_STATES.items():
        if entry_state in states:
            return state, None
    return FileState.IGNORED, _EXPIRED


_FILE_STATES: Mapping[EntryState, FileState] = {
    EntryState.LIVE: FileState.PUBLISHED,
    EntryState.SCHEDULED: FileState.SCHEDULED,
    EntryState.DRAFT: FileState.DRAFT,
}
_EXPIRED = Problem("W_EXPIRED", say("its expiry date is over"), say("Remove or change expires to publish it again."))
