"""A small newsroom: a real inbox folder, a real store, and a clock that only the test moves."""

from __future__ import annotations

import os
from dataclasses import replace
from itertools import count
from typing import TYPE_CHECKING
from uuid import UUID
from zoneinfo import ZoneInfo

from fakes import FakeClock

from feedsvc.ingest import (
    Checker,
    Examiner,
    FolderBook,
    InboxPolicy,
    Ingest,
    MediaRules,
    RemovalPolicy,
    Report,
    Twins,
    receipt_of,
)
from feedsvc.model import EntryState, Feed, Site
from feedsvc.store import open_sqlite

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence
    from datetime import timedelta
    from pathlib import Path

    from feedsvc.model import Change, Entry, EntryRecord, FileState, Receipt, SourceFile

SITE = Site(
    url="https://news.example",
    title="City Voice",
    description="All the town's news",
    language="en",
    author="",
    namespace=UUID("5d3f5f8e-1111-4222-8333-123456789abc"),
)
MAIN = Feed(slug="main", title="City Voice")
GRACE_S = 60.0
EMPTY_WAIT_S = 60.0
QUIET_S = 2.0
MAX_BYTES = 20_000
MAX_MEDIA_BYTES = 200_000


def article(title: str, body: str = "The council met on Monday and voted.", **header: str) -> str:
    """Return a Markdown file with *title*, further *header* lines and *body*; keys may end in ``_``."""
    lines = "".join(f"{key.rstrip('_')}: {value}\n" for key, value in {"title": title, **header}.items())
    return f"---\n{lines}---\n{body}\n"


class Newsroom:
    """Files go in with ``write`` and friends, ``scan`` lets the service look, the rest asks the store."""

    def __init__(
        self,
        folder: Path,
        *,
        feeds: Sequence[Feed] = (MAIN,),
        site: Site = SITE,
        max_depth: int = 8,
        messages: str = "en",
        notes: bool = False,
        max_bytes: int = MAX_BYTES,
        follow_links: bool = False,
        backfill: timedelta | None = None,
    ) -> None:
        self.folder, self.inbox = folder, folder / "inbox"
        self.inbox.mkdir(parents=True, exist_ok=True)
        self.feeds, self.site = tuple(feeds), site
        self.clock = FakeClock()
        self.media = folder / "feeds" / "media"
        self.examiner = Examiner(
            str(self.inbox),
            max_bytes,
            site.language,
            ZoneInfo("UTC"),
            site.neutral_origin,
            folders=FolderBook(str(self.inbox)),
            follow_links=follow_links,
            messages=messages,
            media=MediaRules(str(self.media), MAX_MEDIA_BYTES),
        )
        self.policy = InboxPolicy(
            str(self.inbox), max_depth, EMPTY_WAIT_S, QUIET_S, RemovalPolicy(GRACE_S, 5, 20), str(self.media)
        )
        self.policy = replace(self.policy, follow_links=follow_links, messages=messages, notes=notes, backfill=backfill)
        self.store = open_sqlite(str(folder / "state" / "feedsvc.sqlite3"))
        self.ingest = self._new_ingest()
        self._ticks = count(1)

    def _new_ingest(self) -> Ingest:
        return Ingest(
            self.store,
            self.examiner,
            self.policy,
            namespace=self.site.namespace,
            feeds=self.feeds,
            clock=self.clock,
            monotonic=self.clock.monotonic,
        )

    def restart(self) -> None:
        """Begin again with what is on disk, as a new process would."""
        self.store.close()
        self.store = open_sqlite(str(self.folder / "state" / "feedsvc.sqlite3"))
        self.ingest = self._new_ingest()

    def set_policy(self, **changes: object) -> None:
        """Begin again with other settings of the inbox."""
        self.policy = replace(self.policy, **changes)  # type: ignore[arg-type]
        self.examiner = replace(self.examiner, messages=self.policy.messages)
        self.restart()

    # The editor

    def write(self, path: str, text: str | bytes) -> str:
        """Save *text* in place and return *path*; every save has a modification time of its own."""
        target = self.inbox / path
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_bytes(text.encode() if isinstance(text, str) else text)
        self.touch(path)
        return path

    def replace(self, path: str, text: str) -> None:
        """Save *text* the way careful editors do: write beside it, rename over it."""
        self.write(".beside", text)
        self.rename(".beside", path)

    def touch(self, path: str) -> None:
        """Give the file a new modification time."""
        moment = 1_772_000_000_000_000_000 + next(self._ticks) * 1_000_000_000
        os.utime(self.inbox / path, ns=(moment, moment))

    def rename(self, old: str, new: str) -> None:
        """Rename a file, into a new folder if need be."""
        (self.inbox / new).parent.mkdir(parents=True, exist_ok=True)
        os.rename(self.inbox / old, self.inbox / new)

    def swap(self, one: str, other: str) -> None:
        """Let two files trade their names."""
        self.rename(one, ".swap")
        self.rename(other, one)
        self.rename(".swap", other)

    def delete(self, *paths: str) -> None:
        """Delete files."""
        for path in paths:
            (self.inbox / path).unlink()

    # The service

    def upgrade(self) -> None:
        """Go on with another version of the program, which reads every file again."""
        self.examiner = replace(self.examiner, program=f"{self.examiner.program}+")
        self.restart()

    def scan(self) -> Report:
        """Let the service look once, read what changed, and settle removals; return all reports in one."""
        scan, paths = self.ingest.look()
        report = self._read_on(self.ingest.process(paths))
        removals = self._read_on(self.ingest.settle_removals(scan))
        return _joined(report, removals)

    def read(self, *paths: str, moved_from: Mapping[str, str] | None = None) -> Report:
        """Let the service read just these *paths*, as after events."""
        return self._read_on(self.ingest.process(paths, moved_from))

    def _read_on(self, report: Report) -> Report:
        """Read at once what is asked to be read again without waiting, as the daemon does."""
        for _ in range(9):
            now = sorted(path for path, wait_s in report.again.items() if wait_s == 0)
            if not now:
                return report
            rest = {path: wait_s for path, wait_s in report.again.items() if wait_s > 0}
            report = _joined(replace(report, again=rest), self.ingest.process(now))
        raise AssertionError(f"files ask for ever to be read again: {report.again}")

    def pass_grace(self) -> Report:
        """Scan, wait until every grace is over, and scan again."""
        self.scan()
        self.clock.advance(GRACE_S)
        return self.scan()

    # What the store says

    def source(self, path: str) -> SourceFile:
        """Return the stored file at *path*."""
        with self.store.reading() as unit:
            file = unit.source(path)
        assert file is not None, f"{path} is not known"
        return file

    def is_known(self, path: str) -> bool:
        """Tell whether the store remembers the file at *path*."""
        with self.store.reading() as unit:
            return unit.source(path) is not None

    def state(self, path: str) -> FileState:
        """Return the state of the file at *path*."""
        return self.source(path).state

    def code(self, path: str) -> str:
        """Return the code of what is wrong with the file at *path*, empty if nothing is."""
        problem = self.source(path).problem
        return problem.code if problem else ""

    def records(self, path: str) -> list[EntryRecord]:
        """Return the entries that come from the file at *path*."""
        with self.store.reading() as unit:
            return unit.records_of([path]).get(path, [])

    def entry(self, path: str) -> Entry:
        """Return the one entry of the file at *path* that is not withdrawn."""
        (record,) = [record for record in self.records(path) if record.state is not EntryState.WITHDRAWN]
        with self.store.reading() as unit:
            return unit.entries([record.id])[0]

    def by_id(self, entry_id: str) -> Entry:
        """Return the entry with this id, whatever its state."""
        with self.store.reading() as unit:
            return unit.entries([entry_id])[0]

    def ids(self, paths: Iterable[str]) -> dict[str, str]:
        """Return the entry id of each of *paths*."""
        return {path: self.entry(path).id for path in paths}

    def live_titles(self, feed: str = "main") -> list[str]:
        """Return the titles that *feed* shows, newest first."""
        with self.store.reading() as unit:
            return [entry.title for entry in unit.window(feed, 1000)]

    def feeds_of(self, path: str) -> tuple[str, ...]:
        """Return the feeds that carry the entry of the file at *path*."""
        entry_id = self.entry(path).id
        with self.store.reading() as unit:
            return unit.feeds_with([entry_id]).get(entry_id, ())

    def changes(self, after: int = 0) -> list[Change]:
        """Return the change log after *after*."""
        with self.store.reading() as unit:
            return unit.changes(after, 10_000)

    def kinds(self, after: int = 0) -> list[str]:
        """Return the kinds of the changes after *after*."""
        return [change.kind.value for change in self.changes(after)]

    def seq(self) -> int:
        """Return the newest ``seq``."""
        with self.store.reading() as unit:
            return unit.last_seq()

    def receipt(self, path: str) -> Receipt:
        """Return the receipt of the file at *path*."""
        with self.store.reading() as unit:
            receipt = receipt_of(unit, self.site, path, Twins(unit.present_paths(), self.policy.messages))
        assert receipt is not None, f"{path} is not known"
        return receipt

    def check(self, path: str) -> Receipt:
        """Return what would become of the file at *path*, without doing it."""
        with self.store.reading() as unit:
            return Checker(unit, self.site, self.feeds, self.clock(), self.policy).check(self.examiner, path)


def _joined(first: Report, second: Report) -> Report:
    return Report(
        files=first.files | second.files,
        changed=first.changed or second.changed,
        again=first.again | second.again,
        held=second.held or first.held,
        gone=(*first.gone, *second.gone),
    )
