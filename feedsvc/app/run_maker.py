"""Makes the runs of a site: part by part, so that others write in between, and only when there is something to do."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from feedsvc.app.issues import IssueRenderer, message_ids
from feedsvc.digests.runs import PART, Edition, Runs
from feedsvc.observe import get_logger
from feedsvc.times import to_micros, zone_data_mark

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import datetime

    from feedsvc.app.project import Project
    from feedsvc.protocols import Clock, ReadUnit, Store, WriteUnit
    from feedsvc.render.mail import MailTemplates

_ZONES = "digests.zones"
"""Name of the note about the time-zone data with which moments were computed."""

_log = get_logger(__name__)


class RunMaker:
    """Makes runs. One thread at a time may use it.

    Args:
        project: The site.
        store: Where subscribers and runs are.
        templates: Tells how mails look; asked once for each run.
        clock: The time.
        rest: Called between two parts of a run, so that others can write; true: the service stops.
    """

    def __init__(
        self,
        project: Project,
        store: Store,
        templates: Callable[[], MailTemplates],
        clock: Clock,
        rest: Callable[[], bool],
    ) -> None:
        self._project, self._store, self._templates, self._clock, self._rest = project, store, templates, clock, rest
        self._quiet = timedelta(seconds=project.settings.digests.quiet_s)
        self._message_id = message_ids(project)
        self._seen_seq: int | None = None
        self._waits_until: int | None = None
        self._has_zones = False

    def make(self) -> Edition | None:
        """Queue a digest for everybody who is due, and return the run; None if it is nobody's time."""
        if not self._has_zones:
            self._follow_zones()
            self._has_zones = True
        edition = self._begin()
        if edition is None:
            return None
        templates = self._templates()
        while not edition.is_complete:
            with self._store.writing() as unit:
                self._runs(unit, templates).write_part(unit, edition, PART)
            if not edition.is_complete and self._rest():
                return None
        self._note(edition)
        return edition

    def _follow_zones(self) -> None:
        """Have all moments computed anew if the rules of time zones are not those of the last start."""
        mark = zone_data_mark()
        with self._store.reading() as unit:
            known = unit.meta(_ZONES)
        if known != mark:
            with self._store.writing() as unit:
                unit.look_at_everybody()
                unit.set_meta(_ZONES, mark)
            _log.info("digests.zones_changed")

    def _begin(self) -> Edition | None:
        with self._store.reading() as unit:
            now = self._clock()
            edition = Edition(now, unit.last_seq(), asks_waiting=self._is_news_ready(unit, now))
            return edition if edition.asks_waiting or unit.readers_due(now, 1) else None

    def _is_news_ready(self, unit: ReadUnit, now: datetime) -> bool:
        """Tell whether somebody who waits for news may be due: a quiet time, or that of the oldest new entry, is over.

        A later entry makes nobody's mail earlier, so nothing needs to be looked at before.
        """
        if self._seen_seq is None or (self._waits_until is not None and self._waits_until <= to_micros(now)):
            return True
        unseen = unit.changes(self._seen_seq, 1)
        return bool(unseen) and unseen[0].at + self._quiet <= now

    def _note(self, edition: Edition) -> None:
        if edition.asks_waiting:
            self._seen_seq, self._waits_until = edition.run_seq, edition.waits_until
        elif edition.waits_until is not None:
            self._waits_until = min(edition.waits_until, self._waits_until or edition.waits_until)

    def _runs(self, unit: WriteUnit, templates: MailTemplates) -> Runs:
        renderer = IssueRenderer(self._project, templates, unit)
        return Runs(renderer.render, self._message_id, self._quiet)
