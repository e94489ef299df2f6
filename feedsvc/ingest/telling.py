"""Who is told of a change by mail: everybody, those who do not know the entry yet, or nobody."""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING

from feedsvc.messages import say
from feedsvc.model import SILENT, EntryState, Notice, Telling

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime, timedelta

    from feedsvc.model import EntryRecord


def telling_of(before: EntryRecord | None, after: EntryRecord, *, is_old: bool) -> Telling:
    """Return who is told when an entry becomes *after*.

    Args:
        before: What the store has, None for a new entry.
        after: What will be written.
        is_old: The entry is too old to be news now.
    """
    if after.state is not EntryState.LIVE or after.notify == SILENT:
        return Telling.NOBODY
    if after.notify and before is not None and before.notify != after.notify:
        return Telling.ANEW
    if before is not None and before.state is EntryState.LIVE:
        return Telling.NOBODY
    if not after.notify and (is_old or after.is_archive):
        return Telling.NOBODY
    return Telling.BACK if before is not None and before.was_published else Telling.NEW


def telling_of_release(record: EntryRecord) -> Telling:
    """Return who is told when a scheduled entry becomes live: its time is now, so it is not old."""
    if record.notify == SILENT:
        return Telling.NOBODY
    if not record.was_published:
        return Telling.NEW
    return Telling.ANEW if record.notify else Telling.BACK


def archive_notices(records: Sequence[EntryRecord], backfill: timedelta | None) -> tuple[Notice, ...]:
    """Return the hint that some entries of a file are in feeds only, because they were old when they came."""
    silent = sum(record.is_archive and not record.notify and record.state is EntryState.LIVE for record in records)
    if backfill is None or not silent:
        return ()
    return _archive_notices(silent if len(records) > 1 else None, backfill.days)


@lru_cache(maxsize=256)  # an archive has thousands of files
def _archive_notices(silent: int | None, days: int) -> tuple[Notice, ...]:
    """Return the same for the number of silent entries of several, None where there is one entry only."""
    if silent is None:
        message = say("it was more than {days} days old when it came, so it is in feeds and in no mail", days=days)
    else:
        message = say(
            "{n} entries were more than {days} days old when they came, so they are in feeds and in no mail",
            n=silent,
            days=days,
        )
    return (Notice("H_ARCHIVE", message),)


def is_old(published: datetime, came: datetime, backfill: timedelta | None) -> bool:
    """Tell whether an entry that *came* then is too old to be news; nothing is where *backfill* is None."""
    return backfill is not None and came - published > backfill
