"""One pass: everything in the inbox into feeds, then done."""

from __future__ import annotations

import contextlib
import gc
import os
import time
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, NamedTuple

from feedsvc.app.preparation import prepare
from feedsvc.app.project import Project, open_project
from feedsvc.files import StateLock
from feedsvc.ingest import Twins, examining, receipt_of
from feedsvc.model import FileState

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from feedsvc.ingest import Ingest, Outcome, Scan
    from feedsvc.model import Receipt
    from feedsvc.publish import Publication
    from feedsvc.settings import Settings
    from feedsvc.store import SqlStore

_COLLECT_EVERY = 200_000
_PATIENCE_S = 10.0
"""How long files that are being written are waited for; the daemon waits without end."""


@dataclass(frozen=True, slots=True)
class BuildReport:
    """What a build found and wrote."""

    files: int
    entries: int
    feeds_written: int
    counts: dict[FileState, int]
    problems: tuple[Receipt, ...] = field(default=())


def build_site(settings: Settings, progress: Callable[[int, int], None]) -> BuildReport:
    """Read what changed in the inbox and write the feeds.

    Args:
        settings: The settings.
        progress: Told after each step how many files are read, of how many.

    Raises:
        StoreLockedError: A daemon works on this site.
        InboxUnavailableError: There is no inbox.
    """
    project = open_project(settings)
    lock = StateLock(str(settings.state_folder))
    try:
        with _head_start(project) as first, contextlib.closing(project.open_store()) as store:
            return _build(project, store, first, progress)
    finally:
        lock.release()


class _First(NamedTuple):
    """What was begun before the store was open: a scan, and the outcomes of all its files."""

    scan: Scan | None
    outcomes: Iterator[Outcome]


@contextlib.contextmanager
def _head_start(project: Project) -> Iterator[_First]:
    """Begin to read the files of a new site while the database library is still loading."""
    is_new = not os.path.exists(project.database)
    scan = project.scan() if is_new else None
    gc.freeze()  # what is loaded stays, and values without cycles are what comes: walking over them finds nothing
    gc.set_threshold(_COLLECT_EVERY)
    with examining(project.examiner, sorted(scan.files) if scan else (), may_fork=True) as outcomes:
        yield _First(scan, outcomes)


def _build(project: Project, store: SqlStore, first: _First, progress: Callable[[int, int], None]) -> BuildReport:
    ingest, publisher = project.ingest(store, has_time=False), project.publisher(store)
    prepare(project, store, publisher)
    ingest.recall_absences()
    scan, paths = ingest.look(first.scan)
    done = _count_up(progress, len(paths))
    if first.scan is None:
        report = ingest.process(paths, may_fork=True, on_batch=done)
    else:
        report = ingest.take_in(first.outcomes, on_batch=done)
    _wait_for(ingest, report.again)
    ingest.settle_removals(scan)
    ingest.release_due()
    published = publisher.publish_due()
    ingest.keep_notes(scan)
    return _report(project, store, published)


def _wait_for(ingest: Ingest, waiting: dict[str, float]) -> None:
    """Read files that are still being written, if they rest soon."""
    end = time.monotonic() + _PATIENCE_S
    while waiting and (pause := min(waiting.values())) < end - time.monotonic():
        time.sleep(pause)
        waiting = ingest.process(sorted(waiting)).again


def _count_up(progress: Callable[[int, int], None], total: int) -> Callable[[int], None]:
    """Return a function that adds what it is told and reports the sum to *progress*."""
    done = 0

    def add(files: int) -> None:
        nonlocal done
        done += files
        progress(done, total)

    return add


def _report(project: Project, store: SqlStore, published: Publication) -> BuildReport:
    with store.reading() as unit:
        counts = unit.file_counts()
        broken = [file.path for file in unit.sources(FileState.QUARANTINED)]
        twins = Twins(unit.present_paths() if broken else (), project.policy.messages)
        receipts = [receipt_of(unit, project.site, path, twins) for path in broken]
        entries = len(unit.live_ids())
    return BuildReport(
        files=sum(counts.values()),
        entries=entries,
        feeds_written=len(published.feeds),
        counts=counts,
        problems=tuple(receipt for receipt in receipts if receipt is not None),
    )
