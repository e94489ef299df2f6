"""The law of digests, written down a second time and without the change log: who is owed which entry, and when.

Each person has a list of what they are owed. What becomes news joins it, a digest empties it, and what a digest holds
is what can be shown of it at that moment. Nothing here knows of cursors, windows or tables.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

from feedsvc.digests.due import Period, is_due, newest_due, quiet_until
from feedsvc.model import Frequency

if TYPE_CHECKING:
    from feedsvc.model import DigestSchedule

BACKFILL = timedelta(days=30)
OLD = datetime(2019, 5, 1, tzinfo=UTC)


@dataclass
class Piece:
    """What one file publishes.

    Attributes:
        said: What it said of mails when it was last published.
        is_archive: It was old when it was first published.
        is_told: It became news since it was last published.
    """

    path: str
    first_seen: datetime
    is_tram: bool = False
    is_live: bool = False
    was_live: bool = False
    is_old: bool = False
    said: str = ""
    is_archive: bool = False
    is_told: bool = False

    @property
    def feeds(self) -> set[str]:
        """The feeds that carry it while it is live."""
        return (
            {"main"} | {"sport" for _ in [0] if self.path.startswith("sport/")} | {"tram" for _ in [0] if self.is_tram}
        )

    @property
    def published(self) -> datetime:
        """The date that readers see."""
        return OLD if self.is_old else self.first_seen


@dataclass
class Owed:
    """When an entry became news to somebody, and the number of that event."""

    at: datetime
    number: int


@dataclass
class Reader:
    """A person with a subscription, or with one that ended.

    Attributes:
        feeds: What they follow, each with the number of the event after which they chose it.
        owed: What is news to them, by the file.
        known: What was published and news when they got a mail, by the file.
    """

    id: str
    schedule: DigestSchedule
    feeds: dict[str, int]
    since: datetime
    is_active: bool = True
    paused_until: datetime | None = None
    last: Period | None = None
    owed: dict[str, Owed] = field(default_factory=dict)
    known: set[str] = field(default_factory=set)

    def counts_from(self) -> datetime:
        """Return from when on digests fall due."""
        return max(self.since, self.paused_until or self.since)


class Law:
    """All pieces and readers of a site."""

    def __init__(self) -> None:
        self.pieces: dict[str, Piece] = {}
        self.readers: dict[str, Reader] = {}
        self.number = 0

    # Pieces

    def saved(self, piece: Piece, now: datetime, notify: str, *, is_live: bool, is_new: bool) -> None:
        """Note that the file of *piece* was saved and read, as a draft or to be published."""
        was_live, said = piece.is_live, piece.said
        if not is_live:
            self.withdrawn(piece)
            return
        came = now if piece.was_live else piece.first_seen
        too_old = came - piece.published > BACKFILL
        if not piece.was_live:
            piece.is_archive = too_old and not notify
        piece.is_live, piece.said = True, notify
        is_first, piece.was_live = not piece.was_live, True
        if notify == "false":
            return
        if notify and not is_new and notify != said:
            self._tell(piece, now, to_all=True)
        elif not was_live and (notify or not (too_old or piece.is_archive)):
            self._tell(piece, now, to_all=is_first)

    def withdrawn(self, piece: Piece) -> None:
        """Note that a piece is not published any more."""
        piece.is_live = piece.is_told = False

    def _tell(self, piece: Piece, now: datetime, *, to_all: bool) -> None:
        self.number += 1
        piece.is_told = True
        for reader in self.readers.values():
            if reader.is_active and (to_all or piece.path in reader.owed or piece.path not in reader.known):
                reader.owed[piece.path] = Owed(now, self.number)

    def moved(self, piece: Piece, path: str) -> None:
        """Note that a file has another name."""
        old, piece.path = piece.path, path
        self.pieces[path] = self.pieces.pop(old)
        for reader in self.readers.values():
            if old in reader.owed:
                reader.owed[path] = reader.owed.pop(old)
            if old in reader.known:
                reader.known.remove(old)
                reader.known.add(path)

    # Readers

    def follows(self, reader: Reader, feeds: tuple[str, ...]) -> None:
        """Note that somebody follows these feeds from now on."""
        reader.feeds = {feed: reader.feeds.get(feed, self.number) for feed in feeds or ("main",)}

    def left(self, reader: Reader) -> None:
        """Note that somebody unsubscribed."""
        reader.is_active = False
        reader.owed.clear()

    # Digests

    def run(self, now: datetime) -> dict[str, set[str]]:
        """Return what a run of *now* gives to whom, by reader: the paths of files."""
        told = {}
        for reader in self.readers.values():
            if not reader.is_active or reader.counts_from() > now:
                continue
            shown = {path for path, owed in reader.owed.items() if self._is_shown(reader, path, owed)}
            if self._is_over(reader, shown, now):
                reader.owed.clear()
                if shown:
                    told[reader.id] = shown
                    reader.known |= {path for path, piece in self.pieces.items() if piece.is_live and piece.is_told}
        return told

    def _is_shown(self, reader: Reader, path: str, owed: Owed) -> bool:
        piece = self.pieces.get(path)
        if piece is None or not piece.is_live or piece.said == "false":
            return False
        return any(reader.feeds[feed] < owed.number for feed in piece.feeds & reader.feeds.keys())

    def _is_over(self, reader: Reader, shown: set[str], now: datetime) -> bool:
        """Tell whether what waited for somebody is done with."""
        if reader.schedule.frequency is Frequency.IMMEDIATE:
            moments = [reader.owed[path].at for path in shown]
            return not moments or quiet_until(min(moments), max(moments)) <= now
        if is_due(reader.schedule, now, reader.counts_from(), reader.last):
            reader.last = newest_due(reader.schedule, now)
            return True
        return False
