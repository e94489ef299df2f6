"""The values of planning: what it needs to know, and what one transaction will write."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import datetime, timedelta
    from uuid import UUID

    from feedsvc.ingest.decide import EntryWrite
    from feedsvc.model import ChangeKind, Entry, EntryRecord, FileSignature, SourceFile, Telling


@dataclass(frozen=True, slots=True)
class Setting:
    """What planning needs to know of the world.

    Attributes:
        namespace: The site's namespace for ids.
        now: Whole seconds.
        empty_wait_s: For how long an empty file may be a placeholder that is about to be filled.
        exists: Tells whether a path below the inbox is there.
        is_asked: Somebody wants to know, so files are planned although nothing has changed.
        messages: Language of what is said about files.
        backfill: What is older than this when it comes is no news; None: everything is.
    """

    namespace: UUID
    now: datetime
    empty_wait_s: float
    exists: Callable[[str], bool]
    is_asked: bool = False
    messages: str = "en"
    backfill: timedelta | None = None


@dataclass(slots=True)
class Plan:
    """Everything that one transaction writes, and what is to be looked at again afterwards."""

    touched: dict[str, FileSignature] = field(default_factory=dict)
    forgotten: list[str] = field(default_factory=list)
    files: list[SourceFile] = field(default_factory=list)
    records: dict[str, EntryRecord] = field(default_factory=dict)
    revisions: dict[str, Entry] = field(default_factory=dict)
    changes: list[tuple[str, int, ChangeKind]] = field(default_factory=list)
    tellings: dict[str, Telling] = field(default_factory=dict)
    again: dict[str, float] = field(default_factory=dict)

    def add(self, write: EntryWrite) -> None:
        """Take in what is written of one entry."""
        self.records[write.record.id] = write.record
        if write.entry is not None:
            self.revisions[write.record.id] = write.entry
        if write.change is not None:
            self.changes.append((write.record.id, write.record.revision, write.change))
        if write.telling:
            self.tellings[write.record.id] = write.telling
