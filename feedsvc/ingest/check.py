"""What would become of a file: the daemon's own way of reading and planning, without writing."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

from feedsvc.ingest.examine import STILL_WRITTEN, Examined, Unsettled, Vanished, examine
from feedsvc.ingest.feedbook import FeedBook
from feedsvc.ingest.names import is_ignored, name_problem
from feedsvc.ingest.note import edition_at
from feedsvc.ingest.plan import Setting
from feedsvc.ingest.planner import plan_batch
from feedsvc.ingest.receipts import planned_receipt
from feedsvc.messages import say
from feedsvc.model import FileState, Problem, Receipt

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from feedsvc.ingest.examine import Examiner
    from feedsvc.model import Feed, Site
    from feedsvc.protocols import ReadUnit

_IGNORED = Problem(
    "I_NAME", say("files with such names belong to programs and are ignored"), say("Rename it to publish it.")
)
_NOTE = Problem(
    "I_NAME", say("feedsvc wrote this note about another file"), say("Mend that file; the note goes by itself.")
)
_VANISHED = Problem("E_NO_FILE", say("there is no such file"), say("Check the spelling of the path."))


class Checker:
    """Answers for files as if they lay in the inbox at *root*, against the store as it is now."""

    def __init__(
        self, unit: ReadUnit, site: Site, feeds: Sequence[Feed], now: datetime, root: str, messages: str = "en"
    ) -> None:
        self._unit, self._site, self._now, self._root, self._messages = unit, site, now, root, messages
        self._book = FeedBook(feeds, unit.feeds())

    def check(self, examiner: Examiner, path: str) -> Receipt:
        """Return the receipt that the file at *path* below the examiner's root would get."""
        name = os.path.basename(path)
        if any(map(is_ignored, path.split("/"))):
            return self._aside(path, FileState.IGNORED, _IGNORED)
        outcome = examine(examiner, path)
        if isinstance(outcome, Vanished):
            return self._aside(path, FileState.IGNORED, _NOTE if edition_at(examiner.root, path) else _VANISHED)
        if isinstance(outcome, Unsettled):
            return self._aside(path, FileState.WAITING, STILL_WRITTEN)
        problem = name_problem(name)
        if problem is not None:
            return self._aside(path, FileState.IGNORED, problem)
        return self._planned(outcome)

    def _aside(self, path: str, state: FileState, problem: Problem) -> Receipt:
        return Receipt(path, state, problem=problem.told(self._messages))

    def _planned(self, examined: Examined) -> Receipt:
        setting = Setting(
            namespace=self._site.namespace,
            now=self._now,
            empty_wait_s=0,
            exists=lambda path: os.path.lexists(os.path.join(self._root, path)),
            reread=True,
            messages=self._messages,
        )
        plan = plan_batch(self._unit, [examined], {}, setting)
        receipt = planned_receipt(self._unit, self._site, examined.path, plan, self._book)
        return receipt or Receipt(examined.path, FileState.WAITING)
