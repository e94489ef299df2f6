"""Bring examined files into the store, up to a thousand in one transaction."""

from __future__ import annotations

import os
from dataclasses import replace
from itertools import islice
from typing import TYPE_CHECKING, NamedTuple

from feedsvc.ingest.apply import apply_plan
from feedsvc.ingest.decide import file_state, released, withdrawn
from feedsvc.ingest.examine import Examined, Unreadable, Unsettled, Vanished
from feedsvc.ingest.identity import CARRIES_ENTRIES
from feedsvc.ingest.patience import Retries, Unrest
from feedsvc.ingest.plan import Plan, Setting
from feedsvc.ingest.planner import plan_batch
from feedsvc.ingest.report import Report
from feedsvc.ingest.waiting import still_growing, waiting_file
from feedsvc.model import FileState

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
    from datetime import datetime
    from uuid import UUID

    from feedsvc.ingest.absences import Absences
    from feedsvc.ingest.examine import Outcome
    from feedsvc.ingest.feedbook import FeedBook
    from feedsvc.ingest.reconcile import InboxPolicy
    from feedsvc.model import FileSignature, Problem, SourceFile
    from feedsvc.protocols import Clock, ReadUnit, Store, WriteUnit

_BATCH = 1000


class Timing(NamedTuple):
    """The clock on the wall, the one that nobody sets, and whether there is time to try again later."""

    clock: Clock
    monotonic: Callable[[], float]
    has_time: bool


class Intake:
    """Writes what was read; the one place where files become entries."""

    def __init__(
        self, store: Store, policy: InboxPolicy, book: FeedBook, absences: Absences, namespace: UUID, timing: Timing
    ) -> None:
        self._store, self._policy, self._book, self._absences = store, policy, book, absences
        self._namespace, self._clock, self._has_time = namespace, timing.clock, timing.has_time
        self._retries, self._unrest = Retries(timing.monotonic), Unrest(timing.monotonic)

    def take_in(
        self,
        outcomes: Iterable[Outcome],
        moved_from: Mapping[str, str],
        *,
        on_batch: Callable[[int], None],
    ) -> Report:
        """Bring the store up to date with files that were examined, telling after each batch how many it held."""
        report, rest = Report(), iter(outcomes)
        while batch := list(islice(rest, _BATCH)):
            self._take_in_batch(batch, moved_from, report)
            on_batch(len(batch))
        return report

    def note_growing(self, files: Mapping[str, FileSignature]) -> Report:
        """Tell of *files*, with their present signatures, that they change all the time and are not read."""
        report = Report()
        with self._store.writing() as unit:
            for path, signature in files.items():
                problem = still_growing(signature.size)
                self._let_wait(unit, Unsettled(path, signature, problem), problem, report)
        return report

    def release_due(self) -> Report:
        """Publish scheduled entries whose time has come, and withdraw those that expired."""
        now, report = self._clock(), Report()
        with self._store.reading() as unit:
            is_any_due = bool(unit.due(_end_of_second(now)))
        if is_any_due:
            with self._store.writing() as unit:
                plan = _plan_due(unit, now, self._policy.messages)
                apply_plan(unit, plan, self._book, now)
            self._book.settle()
            report.take_in(plan)
        return report

    def _take_in_batch(self, batch: Sequence[Outcome], moved_from: Mapping[str, str], report: Report) -> None:
        examined = [outcome for outcome in batch if isinstance(outcome, Examined)]
        self._retries.forget(file.path for file in batch if not isinstance(file, Unreadable))
        self._unrest.forget(file.path for file in batch if not isinstance(file, Unsettled))
        with self._store.writing() as unit:
            unsettled = [outcome for outcome in batch if isinstance(outcome, Unsettled)]
            self._note_unsettled(unit, unsettled, report)
            report.again.update((file.path, self._policy.quiet_s) for file in unsettled)
            examined += self._note_unreadable(unit, [file for file in batch if isinstance(file, Unreadable)], report)
            self._note_vanished(unit, [outcome.path for outcome in batch if isinstance(outcome, Vanished)])
            plan = plan_batch(unit, examined, moved_from, self._setting())
            apply_plan(unit, plan, self._book, self._clock())
        self._book.settle()
        self._absences.remove(file.path for file in examined)
        self._absences.remove(plan.forgotten)
        report.take_in(plan)

    def _note_unsettled(self, unit: WriteUnit, files: Sequence[Unsettled], report: Report) -> None:
        known = unit.known_files([file.path for file in files])
        for file in files:
            is_long = self._unrest.age_s(file.path) >= self._policy.restless_s
            has_state = file.path in known and known[file.path].state is not FileState.WAITING
            if is_long or not has_state:
                self._let_wait(unit, file, file.problem, report)

    def _note_unreadable(self, unit: WriteUnit, files: Sequence[Unreadable], report: Report) -> list[Examined]:
        """Let files wait until they are tried again, and return those for which that is over."""
        known = unit.known_files([file.path for file in files])
        given_up: list[Examined] = []
        for file in files:
            is_hopeless = not self._has_time or (file.path in known and known[file.path].problem_code == "E_PERM")
            delay_s = None if is_hopeless else self._retries.failed(file.path)
            if delay_s is None:
                given_up.append(file.given_up)
            else:
                self._let_wait(unit, file, file.busy, report)
                report.again[file.path] = delay_s
        return given_up

    def _let_wait(self, unit: WriteUnit, file: Unsettled | Unreadable, problem: Problem, report: Report) -> None:
        """Write that a file waits; it is worth telling once."""
        known = unit.source(file.path)
        now = self._clock().replace(microsecond=0)
        row = waiting_file(file.path, file.signature, problem.told(self._policy.messages), known, now)
        if row != known:
            unit.put_sources([row])
            self._absences.remove([file.path])
            if known is None or known.state is not FileState.WAITING:
                report.files[file.path] = row

    def _note_vanished(self, unit: WriteUnit, paths: Sequence[str]) -> None:
        known = unit.known_files(paths)
        unit.mark_missing([path for path, file in known.items() if not file.is_missing], self._clock())
        self._absences.add(known)

    def _setting(self) -> Setting:
        root = self._policy.root
        return Setting(
            namespace=self._namespace,
            now=self._clock().replace(microsecond=0),
            empty_wait_s=self._policy.empty_wait_s,
            exists=lambda path: os.path.lexists(os.path.join(root, path)),
            messages=self._policy.messages,
            backfill=self._policy.backfill,
        )


def _plan_due(unit: ReadUnit, now: datetime, messages: str) -> Plan:
    plan = Plan()
    for record in unit.due(_end_of_second(now)):
        is_over = record.expires is not None and record.expires <= now
        plan.add(withdrawn(record) if is_over else released(record))
    plan.files = [file.told(messages) for file in _files_that_follow(unit, plan)]
    # copies of a file that is not published any more are told what their own text says
    over = [file.path for file in plan.files if file.state not in CARRIES_ENTRIES]
    plan.again = {copy: 0.0 for copies in unit.duplicates_of(over).values() for copy in copies}
    return plan


def _end_of_second(now: datetime) -> datetime:
    """Return the last moment of the second: publication times keep a place in a file in their microseconds."""
    return now.replace(microsecond=999_999)


def _files_that_follow(unit: ReadUnit, plan: Plan) -> Iterator[SourceFile]:
    """Yield the files whose state follows that of their entries."""
    paths = {record.source_path for record in plan.records.values()}
    for path, records in unit.records_of(paths).items():
        file = unit.source(path)
        if file is not None and file.state in CARRIES_ENTRIES:
            state, problem = file_state([plan.records.get(record.id, record).state for record in records])
            yield replace(file, state=state, problem=problem)
