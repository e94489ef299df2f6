"""Light rows of the store: what decisions need, without the texts."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from datetime import datetime

    from feedsvc.model.entry import EntryState
    from feedsvc.model.source import FileSignature, FileState


class KnownFile(NamedTuple):
    """What a scan compares with: one row for each file that was ever noticed and is not forgotten.

    ``read_with`` is as in `SourceFile`.
    """

    path: str
    signature: FileSignature
    content_hash: str
    state: FileState
    problem_code: str
    is_missing: bool
    read_with: str = ""


@dataclass(frozen=True, slots=True)
class EntryRecord:
    """The identity and place of an entry, without its text.

    ``was_published`` is true from the first time the entry was live: from then on its slug is frozen. ``notify``
    is what its file said of mails when it was last live or scheduled; ``is_archive``: it was old when it came.
    """

    id: str
    source_path: str
    item_key: str
    folder: str
    state: EntryState
    revision: int
    slug: str
    fingerprint: str
    published: datetime
    updated: datetime
    expires: datetime | None
    was_published: bool
    notify: str = ""
    is_archive: bool = False


class FeedRecord(NamedTuple):
    """A feed's cursor: changes up to ``handled_seq`` are on disk, those up to ``touched_seq`` concern it.

    ``folder`` is set for the feed that a sub-folder has by itself, None for declared feeds.
    """

    slug: str
    folder: str | None
    touched_seq: int
    handled_seq: int
