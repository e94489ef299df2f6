"""What is new for a reader: a window of the change log, seen through the feeds that they follow."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from feedsvc.model import ChangeKind, EntryState, Telling

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
    from datetime import datetime

    from feedsvc.model import Change, Entry
    from feedsvc.protocols import ReadUnit

MAIN = "main"
"""The feed that is followed by those who chose none."""

Joined = tuple[tuple[str, int], ...]
"""Feeds with the ``seq`` at which they were chosen: what was in them before is not news."""
Span = tuple[int, int]
"""From a ``seq`` at which an entry became news up to the one at which it was withdrawn, which is not part of it."""

_AT_ONCE = 1_000


@dataclass(frozen=True, slots=True)
class News:
    """What one window holds for one choice of feeds.

    Attributes:
        entries: Live entries with their newest text, newest first; each once, however many feeds carry it.
        feeds: The slugs of the chosen feeds that carry each entry, by its id.
        moments: When each of them became news, by its id.
        returned: Of those that were withdrawn and came back, when they were news before. Whoever got a mail in such a
            span knows them.
    """

    entries: tuple[Entry, ...] = ()
    feeds: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    moments: Mapping[str, datetime] = field(default_factory=dict)
    returned: Mapping[str, tuple[Span, ...]] = field(default_factory=dict)

    @property
    def oldest(self) -> datetime | None:
        """When the first of them became news, None if there is none."""
        return min((self.moments[entry.id] for entry in self.entries), default=None)

    @property
    def newest(self) -> datetime | None:
        """When the last of them did."""
        return max((self.moments[entry.id] for entry in self.entries), default=None)

    def without(self, known: Collection[str]) -> News:
        """Return this without the entries with these ids."""
        return replace(self, entries=tuple(entry for entry in self.entries if entry.id not in known))

    def known_to(self, mailed_at: Iterable[int]) -> tuple[str, ...]:
        """Return the ids of entries that somebody knows who got mails at these ``seq``."""
        seqs = list(mailed_at)
        return tuple(
            entry.id
            for entry in self.entries
            if any(begin <= seq < end for begin, end in self.returned.get(entry.id, ()) for seq in seqs)
        )


class Newspaper:
    """Answers what is new, once for all who read from the same place and follow the same feeds.

    Args:
        unit: The store.
        until_seq: End of all windows.
    """

    def __init__(self, unit: ReadUnit, until_seq: int) -> None:
        self._unit, self._until = unit, until_seq
        self._known: dict[tuple[int, tuple[str, ...], Joined], News] = {}

    def news(self, after_seq: int, feeds: Sequence[str], joined: Joined = ()) -> News:
        """Return what became news in ``(after_seq, until_seq]`` and is still live in one of *feeds*."""
        key = (after_seq, tuple(feeds) or (MAIN,), joined)
        if key not in self._known:
            self._known[key] = self._read(*key)
        return self._known[key]

    def _read(self, after_seq: int, feeds: tuple[str, ...], joined: Joined) -> News:
        since = dict(joined)
        changes, fresh = self._changes(after_seq)
        entries = [entry for entry in self._unit.entries(list(changes)) if _is_mailed(entry)]
        carried = self._unit.feeds_with(entry.id for entry in entries)
        shown: dict[str, tuple[str, ...]] = {}
        for entry in entries:
            seq, where = changes[entry.id].seq, carried.get(entry.id, ())
            if slugs := tuple(slug for slug in feeds if slug in where and since.get(slug, 0) < seq):
                shown[entry.id] = slugs
        chosen = [entry for entry in entries if entry.id in shown]
        chosen.sort(key=lambda entry: (entry.published, entry.id), reverse=True)
        moments = {entry.id: changes[entry.id].at for entry in chosen}
        return News(tuple(chosen), shown, moments, self._spans([one for one in shown if one not in fresh]))

    def _changes(self, after_seq: int) -> tuple[dict[str, Change], set[str]]:
        """Return, by entry, the last change in the window that is news, and the entries that are news to everybody."""
        changes: dict[str, Change] = {}
        fresh: set[str] = set()
        for change in self._news_rows(after_seq):
            changes[change.entry_id] = change
            if change.telling is not Telling.BACK:
                fresh.add(change.entry_id)
        return changes, fresh

    def _news_rows(self, after_seq: int) -> Iterator[Change]:
        while after_seq < self._until:
            batch = self._unit.changes(after_seq, _AT_ONCE)
            for change in batch:
                if change.seq <= self._until and change.telling is not Telling.NOBODY:
                    yield change
            after_seq = batch[-1].seq if batch else self._until

    def _spans(self, returned: Sequence[str]) -> dict[str, tuple[Span, ...]]:
        if not returned:
            return {}
        return {entry_id: tuple(_spans(rows)) for entry_id, rows in self._unit.changes_of(returned).items()}


def _spans(changes: Sequence[Change]) -> Iterator[Span]:
    """Yield when an entry was news and published, up to each time that it was withdrawn."""
    begin: int | None = None
    for change in changes:
        if change.kind is ChangeKind.WITHDRAWN and begin is not None:
            yield begin, change.seq
            begin = None
        elif change.telling is not Telling.NOBODY and begin is None:
            begin = change.seq


def _is_mailed(entry: Entry) -> bool:
    return entry.state is EntryState.LIVE and not entry.is_silent
