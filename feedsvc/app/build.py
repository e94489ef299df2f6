"""One pass: everything in the inbox into feeds, then done."""

from __future__ import annotations

import time
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from feedsvc.app.preparation import note_reread, prepare
from feedsvc.app.project import Project, open_project
from feedsvc.ingest import receipt_of
from feedsvc.model import FileState
from feedsvc.store import StateLock

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from feedsvc.ingest import Ingest
    from feedsvc.model import Receipt
    from feedsvc.publish import Publication
    from feedsvc.settings import Settings
    from feedsvc.store import SqlStore

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
        store = project.open_store()
        try:
            return _build(project, store, progress)
        finally:
            store.close()
    finally:
        lock.release()


def _build(project: Project, store: SqlStore, progress: Callable[[int, int], None]) -> BuildReport:
    ingest, publisher = project.ingest(store), project.publisher(store)
    reread = prepare(project, store, publisher)
    scan, paths = ingest.look(reread=reread)
    _read_all(ingest, paths, progress, reread=reread)
    note_reread(project, store)
    ingest.settle_removals(scan)
    ingest.release_due()
    return _report(project, store, publisher.publish_due())


def _read_all(ingest: Ingest, paths: Sequence[str], progress: Callable[[int, int], None], *, reread: bool) -> None:
    progress(0, len(paths))
    done = _count_up(progress, len(paths))
    waiting = ingest.process(paths, reread=reread, may_fork=True, on_batch=done).again
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
        receipts = [receipt_of(unit, project.site, path) for path in broken]
        entries = len(unit.live_ids())
    return BuildReport(
        files=sum(counts.values()),
        entries=entries,
        feeds_written=len(published.feeds),
        counts=counts,
        problems=tuple(receipt for receipt in receipts if receipt is not None),
    )
