"""The verb *ingest*, as its callers see it: look, read, withdraw, release."""

from __future__ import annotations

import os
import time
from typing import TYPE_CHECKING

from feedsvc.ingest.absences import Absences
from feedsvc.ingest.feedbook import open_book
from feedsvc.ingest.intake import Intake, Timing
from feedsvc.ingest.media_watch import users_of
from feedsvc.ingest.notekeeper import NoteKeeper
from feedsvc.ingest.pool import examining
from feedsvc.ingest.reconcile import InboxPolicy, Reconciler
from feedsvc.ingest.rehash import Rehash
from feedsvc.ingest.scan import Scan, signature_of

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
    from uuid import UUID

    from feedsvc.ingest.examine import Examiner, Outcome
    from feedsvc.ingest.report import Report
    from feedsvc.model import Feed, FileSignature
    from feedsvc.protocols import Clock, Store


class Ingest:
    """Keeps the store true to the inbox. One thread at a time may use it: there is one writer.

    With *has_time*, files that cannot be read are tried again for a while before they count as broken.
    """

    def __init__(
        self,
        store: Store,
        examiner: Examiner,
        policy: InboxPolicy,
        *,
        namespace: UUID,
        feeds: Sequence[Feed],
        clock: Clock,
        monotonic: Callable[[], float] = time.monotonic,
        has_time: bool = True,
    ) -> None:
        self._store, self._examiner, self._policy, self._monotonic = store, examiner, policy, monotonic
        self._absences = Absences(monotonic)
        with store.reading() as unit:
            book = open_book(unit, feeds)
        self._reconciler = Reconciler(store, policy, examiner, book, self._absences, clock)
        self._notes = NoteKeeper(store, examiner, is_wanted=policy.notes)
        self._intake = Intake(store, policy, book, self._absences, namespace, Timing(clock, monotonic, has_time))

    def look(self, scan: Scan | None = None) -> tuple[Scan, list[str]]:
        """Scan the inbox and return what lies there and which paths are to be read.

        Raises:
            InboxUnavailableError: The inbox cannot be listed; nothing was changed.
        """
        found, paths = self._reconciler.look(scan)
        self._notes.see(found)
        return found, paths

    def recall_absences(self) -> None:
        """Go on counting the grace of missing files where the last process stopped; see `Reconciler`."""
        self._reconciler.recall_absences()

    def process(
        self,
        paths: Sequence[str],
        moved_from: Mapping[str, str] | None = None,
        *,
        may_fork: bool = False,
        on_batch: Callable[[int], None] = lambda _: None,
    ) -> Report:
        """Read the files at *paths* and bring the store up to date.

        Args:
            paths: Paths below the inbox.
            moved_from: Where an event saw a path come from.
            may_fork: Whether no other thread runs yet, so that helpers may be forked for many files.
            on_batch: Told after each transaction how many files it held.
        """
        self._examiner.folders.look_again()
        with examining(self._examiner, paths, may_fork=may_fork) as outcomes:
            report = self.take_in(outcomes, moved_from, on_batch=on_batch)
        self._notes.keep((*paths, *(moved_from or {}).values()), report.files)
        return report

    def take_in(
        self,
        outcomes: Iterable[Outcome],
        moved_from: Mapping[str, str] | None = None,
        *,
        on_batch: Callable[[int], None] = lambda _: None,
    ) -> Report:
        """Bring the store up to date with files that were examined; arguments as for `process`."""
        return self._intake.take_in(self._heeding(outcomes), moved_from or {}, on_batch=on_batch)

    def _heeding(self, outcomes: Iterable[Outcome]) -> Iterator[Outcome]:
        for outcome in outcomes:
            self._reconciler.heed_settled()
            yield outcome

    def rehash(self) -> Rehash:
        """Return the work of reading all files again whose bytes are known, to be done in small pieces."""
        with self._store.reading() as unit:
            known, with_media = unit.known_files(), unit.media_uses().keys()
        return Rehash(
            self._examiner,
            ((path, file.content_hash) for path, file in known.items() if file.content_hash and not file.is_missing),
            with_media,
            self._monotonic,
        )

    def settle_removals(self, scan: Scan) -> Report:
        """Withdraw entries whose files are gone for long enough, or hold them if that is too many at once.

        Afterwards the notes about quarantined files are put in order.
        """
        report = self._reconciler.settle_removals(scan)
        self.keep_notes(scan)
        return report

    def keep_notes(self, scan: Scan) -> None:
        """Put the notes about quarantined files in order, after whatever else quarantined one since *scan*."""
        self._notes.keep_all(scan)

    def note_growing(self, files: Mapping[str, FileSignature]) -> Report:
        """Tell of *files*, with their present signatures, that they change all the time and are not read."""
        return self._intake.note_growing(files)

    def next_removal(self) -> float | None:
        """Return the monotonic second at which the next missing file's grace is over."""
        return self._absences.next_due(self._policy.removals.grace_s)

    def release_due(self) -> Report:
        """Publish scheduled entries whose time has come, and withdraw those that expired."""
        return self._intake.release_due()

    def users_of(self, paths: Collection[str]) -> list[str]:
        """Return the texts that name one of the files at *paths* as one of their media."""
        with self._store.reading() as unit:
            return users_of(unit.media_uses(), paths)

    def signature(self, path: str) -> FileSignature | None:
        """Return the present signature of a path below the inbox, None if nothing is there."""
        try:
            follow_links = self._policy.follow_links
            return signature_of(os.stat(os.path.join(self._policy.root, path), follow_symlinks=follow_links))
        except OSError:
            return None
