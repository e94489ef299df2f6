"""What would become of a file: the daemon's own way of reading and planning, without writing."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

from feedsvc.ingest.examine import Examined, Unreadable, Unsettled, Vanished, examine
from feedsvc.ingest.feedbook import open_book
from feedsvc.ingest.folders import is_folder_file
from feedsvc.ingest.media_watch import media_problem, users_by_path
from feedsvc.ingest.names import TOO_DEEP, is_ignored, is_too_deep, name_problem
from feedsvc.ingest.plan import Setting
from feedsvc.ingest.planner import plan_batch
from feedsvc.ingest.receipts import planned_receipt
from feedsvc.ingest.twins import Twins
from feedsvc.model import FileState, Problem, Receipt

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from feedsvc.ingest.examine import Examiner
    from feedsvc.ingest.reconcile import InboxPolicy
    from feedsvc.model import Feed, Site
    from feedsvc.protocols import ReadUnit

_IGNORED = Problem("I_NAME", "files with such names belong to programs and are ignored", "Rename it to publish it.")
_SETTINGS = Problem("I_FOLDER", "it holds the settings of its folder", "There is nothing to do.")
_VANISHED = Problem("E_NO_FILE", "there is no such file", "Check the spelling of the path.")


def too_deep_receipt(policy: InboxPolicy, path: str) -> Receipt | None:
    """Return the receipt of a file that lies too deep to be noticed by a scan, None for any other."""
    is_there = is_too_deep(path, policy.max_depth) and os.path.lexists(os.path.join(policy.root, path))
    return Receipt(path, FileState.IGNORED, problem=TOO_DEEP) if is_there else None


class Checker:
    """Answers for files as if they lay in the inbox that *policy* is for, against the store as it is now."""

    def __init__(self, unit: ReadUnit, site: Site, feeds: Sequence[Feed], now: datetime, policy: InboxPolicy) -> None:
        self._unit, self._site, self._now = unit, site, now
        self._root, self._max_depth = policy.root, policy.max_depth
        self._book = open_book(unit, feeds)
        self._twins = Twins(unit.present_paths())

    def check(self, examiner: Examiner, path: str) -> Receipt:
        """Return the receipt that the file at *path* below the examiner's root would get."""
        name = os.path.basename(path)
        if is_folder_file(path):
            return self._settings(examiner, path)
        if any(map(is_ignored, path.split("/"))):
            return Receipt(path, FileState.IGNORED, problem=_IGNORED)
        outcome = examine(examiner.for_a_look(), path)
        if isinstance(outcome, Vanished):
            return Receipt(path, FileState.IGNORED, problem=_VANISHED)
        if isinstance(outcome, Unsettled):
            return Receipt(path, FileState.WAITING, problem=outcome.problem)
        problem = TOO_DEEP if is_too_deep(path, self._max_depth) else name_problem(name)
        if problem is not None:
            users = users_by_path(self._unit.media_uses())
            return Receipt(path, FileState.IGNORED, problem=media_problem(problem, path, users))
        return self._planned(outcome.given_up if isinstance(outcome, Unreadable) else outcome)

    def _settings(self, examiner: Examiner, path: str) -> Receipt:
        problem = next((problem for _, problem in examiner.folders.problems([path])), None)
        if problem is not None:
            return Receipt(path, FileState.QUARANTINED, problem=problem)
        return Receipt(path, FileState.IGNORED, problem=_SETTINGS)

    def _planned(self, examined: Examined) -> Receipt:
        setting = Setting(
            namespace=self._site.namespace,
            now=self._now,
            empty_wait_s=0,
            exists=lambda path: os.path.lexists(os.path.join(self._root, path)),
            is_asked=True,
        )
        plan = plan_batch(self._unit, [examined], {}, setting)
        receipt = planned_receipt(self._unit, self._site, examined.path, plan, self._book, self._twins)
        return receipt or Receipt(examined.path, FileState.WAITING)
