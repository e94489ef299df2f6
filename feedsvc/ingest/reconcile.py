"""Compare the inbox with the store: the scan is the truth about what is there and what is gone."""

from __future__ import annotations

import json
import os
from dataclasses import dataclass, replace
from functools import cache
from typing import TYPE_CHECKING

from feedsvc.ingest.apply import apply_plan
from feedsvc.ingest.decide import withdrawn
from feedsvc.ingest.feedbook import note_named_feeds
from feedsvc.ingest.folders import is_folder_file
from feedsvc.ingest.identity import CARRIES_ENTRIES
from feedsvc.ingest.media_watch import media_problem, texts_with_news, users_by_path
from feedsvc.ingest.names import troubled_state
from feedsvc.ingest.plan import Plan
from feedsvc.ingest.removals import InboxFacts, RemovalDecision, RemovalPolicy, decide_removals
from feedsvc.ingest.report import Report
from feedsvc.ingest.reselect import reselect
from feedsvc.ingest.scan import Scan, off_their_device, scan_inbox
from feedsvc.model import EntryState, FileState, SourceFile

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping
    from datetime import datetime, timedelta

    from feedsvc.ingest.absences import Absences
    from feedsvc.ingest.examine import Examiner
    from feedsvc.ingest.feedbook import FeedBook
    from feedsvc.model import FileSignature, KnownFile, Problem
    from feedsvc.protocols import Clock, ReadUnit, Store, WriteUnit

_HELD, _CONFIRMED, _IDENTITY = "held_removals", "confirmed_removals", "inbox_identity"
_RETRIED = frozenset({"E_PERM", "E_DUP_ID"})
"""Problems that another file or the mode can end, without a change of the file itself."""


@dataclass(frozen=True, slots=True)
class InboxPolicy:
    """How an inbox is watched over; times in seconds.

    Attributes:
        media_folder: Holds the published copies of the media of the inbox.
        follow_links: Whether a link to a file inside the inbox counts as a file.
        messages: Language of what is said about files.
        notes: Whether a quarantined file gets a note beside it.
        backfill: What is older than this when it comes is mailed to nobody; None: everything is mailed.
    """

    root: str
    max_depth: int
    empty_wait_s: float
    quiet_s: float
    removals: RemovalPolicy
    media_folder: str | None = None
    follow_links: bool = False
    messages: str = "en"
    notes: bool = False
    backfill: timedelta | None = None

    @property
    def restless_s(self) -> float:
        """Seconds after which a file that keeps changing is told of: saving takes a moment, and is no news."""
        return 5 * self.quiet_s


class Reconciler:
    """Finds what changed in the inbox, and withdraws what is gone for long enough."""

    def __init__(
        self,
        store: Store,
        policy: InboxPolicy,
        examiner: Examiner,
        book: FeedBook,
        absences: Absences,
        clock: Clock,
    ) -> None:
        self._store, self._policy, self._examiner, self._book = store, policy, examiner, book
        self._absences, self._clock = absences, clock
        self._has_new_feeds = False
        self._unheeded: tuple[str, ...] | None = None

    def recall_absences(self) -> None:
        """Count the grace of missing files from the time that the store noted, by the clock on the wall.

        For a process that does not live long enough to count by itself.
        """
        now = self._now()
        with self._store.reading() as unit:
            for path in (path for path, file in unit.known_files().items() if file.is_missing):
                file = unit.source(path)
                if file is not None and file.missing_since is not None:
                    self._absences.add_aged(path, (now - file.missing_since).total_seconds())

    def look(self, scan: Scan | None = None) -> tuple[Scan, list[str]]:
        """Return what lies in the inbox, and the paths to be read.

        Args:
            scan: A scan made a moment ago, to spare another one.

        Raises:
            InboxUnavailableError: Nothing is known about the inbox now; nothing was changed.
        """
        policy = self._policy
        scan = scan or scan_inbox(policy.root, policy.max_depth, follow_links=policy.follow_links)
        self._examiner.folders.look_again()
        if scan.settings or self._book.named:
            self._heed_settings(scan)
        with self._store.reading() as unit:
            known, uses = unit.known_files(), unit.media_uses()
        users = users_by_path(uses)
        self._note_presence(replace(scan, odd=_odd_by_use(scan, users)) if users else scan, known)
        read_with = cache(lambda folder: self._examiner.read_with(self._examiner.way(folder)))
        changed = {
            path
            for path, signature in scan.files.items()
            if _is_changed(signature, known.get(path)) or _is_read_otherwise(known[path], read_with)
        }
        news = texts_with_news(uses, policy.root, policy.media_folder)
        return scan, sorted(changed.union(path for path in news if path in scan.files))

    def _heed_settings(self, scan: Scan) -> None:
        """Note which settings of folders are broken, and put entries into the feeds that folders name now."""
        folders = self._examiner.folders
        scan.odd.update((path, (scan.settings[path], problem)) for path, problem in folders.problems(scan.settings))
        self._unheeded = tuple(scan.settings)
        self.heed_settled()

    def heed_settled(self) -> None:
        """Put entries into the feeds that folders name, once the files that say so rest.

        To be called between reading files and planning: they may be the first that are read with those settings.
        """
        named = self._examiner.folders.feeds(self._unheeded) if self._unheeded is not None else None
        if named is None:
            return
        self._unheeded = None
        if named != self._book.named:
            self._name_feeds(named)

    def _name_feeds(self, named: Mapping[str, str]) -> None:
        with self._store.writing() as unit:
            note_named_feeds(unit, named)
        self._has_new_feeds |= reselect(self._store, self._book.declared)
        with self._store.reading() as unit:
            self._book.renew(unit.feeds(), named)

    def settle_removals(self, scan: Scan) -> Report:
        """Withdraw what is gone for long enough, or hold it; to be called after the new files of *scan* were read.

        Only then is it known which of the missing files were merely renamed.
        """
        with self._store.reading() as unit:
            confirmed, held, identity = _paths(unit, _CONFIRMED), _paths(unit, _HELD), unit.meta(_IDENTITY)
            counts = unit.file_counts()
            missing = self._absences.all()
            devices = {path: file.signature.device for path, file in unit.known_files(missing).items()}
        facts = InboxFacts(
            missing=missing,
            published=len(missing) + sum(counts.get(state, 0) for state in CARRIES_ENTRIES),
            present=len(scan.files),
            was_replaced=identity not in (None, scan.identity),
            unmounted=off_their_device(self._policy.root, devices, scan) if devices else frozenset(),
        )
        due = self._absences.due(self._policy.removals.grace_s)
        decision = decide_removals(facts, due, confirmed, self._policy.removals, held)
        report = Report(held=decision.held, changed=self._has_new_feeds)
        self._has_new_feeds = False
        is_new_place = identity != scan.identity and not missing
        if decision.withdraw or decision.held != held or is_new_place:
            self._write_removals(decision, scan, report)
        return report

    def _note_presence(self, scan: Scan, known: Mapping[str, KnownFile]) -> None:
        """Write down what the scan says without reading files: oddities, absences, returns."""
        absent = {path for path in known if path not in scan.files and path not in scan.odd and not scan.may_hide(path)}
        useless = {path for path in absent if not _may_have_entries(known[path]) or is_folder_file(path)}
        lost = [path for path in absent - useless if not known[path].is_missing]
        back = [path for path, file in known.items() if file.is_missing and path not in absent]
        odd = [
            self._odd_source(path, signature, problem, known.get(path))
            for path, (signature, problem) in scan.odd.items()
            if path not in known
            or known[path].signature != signature
            or (known[path].problem_code, known[path].read_with) != (problem.code, self._policy.messages)
        ]
        if useless or lost or back or odd:
            with self._store.writing() as unit:
                unit.put_sources(odd)
                unit.mark_missing(back, None)
                unit.mark_missing(lost, self._now())
                unit.forget_sources(useless)
        self._absences.keep_only(absent - useless)

    def _odd_source(self, path: str, signature: FileSignature, problem: Problem, known: KnownFile | None) -> SourceFile:
        """Return the row of a file that is not read; one that had entries is never just ignored."""
        state = troubled_state(problem, had_entries=known is not None and _may_have_entries(known))
        language = self._policy.messages
        file = SourceFile(path, signature, "", state, self._now(), problem=problem, read_with=language)
        return file.told(language)

    def _write_removals(self, decision: RemovalDecision, scan: Scan, report: Report) -> None:
        with self._store.writing() as unit:
            self._withdraw(unit, decision.withdraw, report)
            unit.mark_missing(decision.spared, self._now())
            unit.set_meta(_HELD, json.dumps(sorted(decision.held)) if decision.held else None)
            if not decision.held:
                unit.set_meta(_CONFIRMED, None)
            if not self._absences.all() - decision.withdraw:
                unit.set_meta(_IDENTITY, scan.identity)
        self._book.settle()
        self._absences.remove(report.gone)
        self._absences.restart(decision.spared)

    def _withdraw(self, unit: WriteUnit, gone: Iterable[str], report: Report) -> None:
        """Withdraw the entries of files that are gone; a copy that is still there takes its original's place."""
        copies = unit.duplicates_of(gone)
        report.again.update((copy, 0.0) for paths in copies.values() for copy in paths)
        report.gone = tuple(sorted(path for path in gone if path not in copies))
        plan = Plan(forgotten=list(report.gone))
        for records in unit.records_of(report.gone).values():
            for record in records:
                if record.state is not EntryState.WITHDRAWN:
                    plan.add(withdrawn(record))
        apply_plan(unit, plan, self._book, self._now())
        report.take_in(plan)

    def _now(self) -> datetime:
        return self._clock().replace(microsecond=0)


def held_removals(unit: ReadUnit) -> frozenset[str]:
    """Return the files whose removal waits for an operator's word."""
    return _paths(unit, _HELD)


def confirm_removals(unit: WriteUnit) -> frozenset[str]:
    """Note that the held files are really gone, and return them; the next scan withdraws their entries."""
    held = held_removals(unit)
    if held:
        unit.set_meta(_CONFIRMED, json.dumps(sorted(held)))
    return held


def _paths(unit: ReadUnit, key: str) -> frozenset[str]:
    return frozenset(json.loads(unit.meta(key) or "[]"))


def _odd_by_use(scan: Scan, users: Mapping[str, str]) -> dict[str, tuple[FileSignature, Problem]]:
    return {path: (signature, media_problem(why, path, users)) for path, (signature, why) in scan.odd.items()}


def _is_changed(signature: FileSignature, known: KnownFile | None) -> bool:
    if known is None or known.is_missing or known.signature != signature:
        return True
    return known.state is FileState.WAITING or known.problem_code in _RETRIED


def _is_read_otherwise(known: KnownFile, read_with: Callable[[str], str]) -> bool:
    """Tell whether the settings changed since the file was read; while they are broken everything stays as it is."""
    now = read_with(os.path.dirname(known.path))
    return now not in ("", known.read_with)


def _may_have_entries(known: KnownFile) -> bool:
    """A quarantined or waiting file may have an older, good version among the live entries."""
    return known.state not in (FileState.DUPLICATE, FileState.IGNORED)
