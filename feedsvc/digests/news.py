"""What is new for a reader: a window of the change log, seen through the feeds that they follow."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from feedsvc.model import EntryState, Telling

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence
    from datetime import datetime

    from feedsvc.model import Change, Entry
    from feedsvc.protocols import ReadUnit

MAIN = "main"
"""The feed that is followed by those who chose none."""

_AT_ONCE = 1_000


@dataclass(frozen=True, slots=True)
class News:
    """What one window holds for one choice of feeds.

    Attributes:
        entries: Live entries with their newest text, newest first; each once, however many feeds carry it.
        feeds: The slugs of the chosen feeds that carry each entry, by its id.
        oldest: When the first of them was published in the change log, None if there is none.
        newest: When the last of them was.
    """

    entries: tuple[Entry, ...] = ()
    feeds: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    oldest: datetime | None = None
    newest: datetime | None = None


class Newspaper:
    """Answers what is new, once for all who read from the same place and follow the same feeds.

    Args:
        unit: The store.
        until_seq: End of all windows.
    """

    def __init__(self, unit: ReadUnit, until_seq: int) -> None:
        self._unit, self._until = unit, until_seq
        self._known: dict[tuple[int, tuple[str, ...]], News] = {}

    def news(self, after_seq: int, feeds: Sequence[str]) -> News:
        """Return what became news in ``(after_seq, until_seq]`` and is still live in one of *feeds*."""
        wanted = tuple(feeds) or (MAIN,)
        key = (after_seq, wanted)
        if key not in self._known:
            self._known[key] = self._read(after_seq, wanted)
        return self._known[key]

    def _read(self, after_seq: int, feeds: tuple[str, ...]) -> News:
        told = {change.entry_id: change for change in self._changes(after_seq)}
        entries = [entry for entry in self._unit.entries(list(told)) if _is_mailed(entry)]
        carried = self._unit.feeds_with(entry.id for entry in entries)
        shown: dict[str, tuple[str, ...]] = {}
        for entry in entries:
            slugs = tuple(slug for slug in feeds if slug in carried.get(entry.id, ()))
            if slugs:
                shown[entry.id] = slugs
        chosen = [entry for entry in entries if entry.id in shown]
        moments = [told[entry.id].at for entry in chosen]
        chosen.sort(key=lambda entry: (entry.published, entry.id), reverse=True)
        return News(tuple(chosen), shown, min(moments, default=None), max(moments, default=None))

    def _changes(self, after_seq: int) -> Iterator[Change]:
        """Yield the changes in the window that are news, in their order."""
        while after_seq < self._until:
            batch = self._unit.changes(after_seq, _AT_ONCE)
            for change in batch:
                if change.seq <= self._until and change.telling is not Telling.NOBODY:
                    yield change
            after_seq = batch[-1].seq if batch else self._until


def _is_mailed(entry: Entry) -> bool:
    return entry.state is EntryState.LIVE and not entry.is_silent
