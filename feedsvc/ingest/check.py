"""What would become of a file: the daemon's own way of reading and planning, without writing."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

from feedsvc.ingest.examine import Examined, Unsettled, Vanished, examine
from feedsvc.ingest.feedbook import FeedBook
from feedsvc.ingest.media_watch import media_problem, users_by_path
from feedsvc.ingest.names import is_ignored, name_problem
from feedsvc.ingest.plan import Setting
from feedsvc.ingest.planner import plan_batch
from feedsvc.ingest.receipts import planned_receipt
from feedsvc.model import FileState, Problem, Receipt

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from feedsvc.ingest.examine import Examiner
    from feedsvc.model import Feed, Site
    from feedsvc.protocols import ReadUnit

_IGNORED = Problem("I_NAME", "files with such names belong to programs and are ignored", "Rename it to publish it.")
_VANISHED = Problem("E_NO_FILE", "there is no such file", "Check the spelling of the path.")


class Checker:
    """Answers for files as if they lay in the inbox at *root*, against the store as it is now."""

    def __init__(self, unit: ReadUnit, site: Site, feeds: Sequence[Feed], now: datetime, root: str) -> None:
        self._unit, self._site, self._now, self._root = unit, site, now, root
        self._book = FeedBook(feeds, unit.feeds())

    def check(self, examiner: Examiner, path: str) -> Receipt:
        """Return the receipt that the file at *path* below the examiner's root would get."""
        name = os.path.basename(path)
        if any(map(is_ignored, path.split("/"))):
            return Receipt(path, FileState.IGNORED, problem=_IGNORED)
        outcome = examine(examiner.for_a_look(), path)
        if isinstance(outcome, Vanished):
            return Receipt(path, FileState.IGNORED, problem=_VANISHED)
        if isinstance(outcome, Unsettled):
            return Receipt(path, FileState.WAITING, problem=outcome.problem)
        problem = name_problem(name)
        if problem is not None:
            users = users_by_path(self._unit.media_uses())
            return Receipt(path, FileState.IGNORED, problem=media_problem(problem, path, users))
        return self._planned(outcome)

    def _planned(self, examined: Examined) -> Receipt:
        setting = Setting(
            namespace=self._site.namespace,
            now=self._now,
            empty_wait_s=0,
            exists=lambda path: os.path.lexists(os.path.join(self._root, path)),
            reread=True,
        )
        plan = plan_batch(self._unit, [examined], {}, setting)
        receipt = planned_receipt(self._unit, self._site, examined.path, plan, self._book)
        return receipt or Receipt(examined.path, FileState.WAITING)
