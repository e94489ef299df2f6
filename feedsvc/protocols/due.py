"""What is asked of the store about whom a run has to look at."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from feedsvc.model import DueReader, ReaderMark


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


class DueWrites(Protocol):
    """What a run notes about those whom it looked at; part of every `WriteUnit`."""

    def mark_readers(self, marks: Sequence[ReaderMark]) -> None:
        """Note how far subscribers are told, and when to look at them again."""
        ...

    def look_at_everybody(self) -> None:
        """Have all subscribers looked at by the next run."""
        ...
