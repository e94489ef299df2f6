"""What would become of a file: the daemon's own way of reading and planning, without writing."""

from __future__ import annotations

import os
from dataclasses import replace
from typing import TYPE_CHECKING

from feedsvc.ingest.examine import Examined, Unreadable, Unsettled, Vanished, examine
from feedsvc.ingest.feedbook import open_book
from feedsvc.ingest.folders import is_folder_file
from feedsvc.ingest.media_watch import media_problem, users_by_path
from feedsvc.ingest.names import TOO_DEEP, is_ignored, is_too_deep, name_problem
from feedsvc.ingest.note import edition_at
from feedsvc.ingest.plan import Setting
from feedsvc.ingest.planner import plan_batch
from feedsvc.ingest.receipts import planned_receipt
from feedsvc.ingest.twins import Twins
from feedsvc.messages import say
from feedsvc.model import FileState, Problem, Receipt

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from feedsvc.ingest.examine import Examiner
    from feedsvc.ingest.reconcile import InboxPolicy
    from feedsvc.model import Feed, Site
    from feedsvc.protocols import ReadUnit

_IGNORED = Problem(
    "I_NAME", say("files with such names belong to programs and are ignored"), say("Rename it to publish it.")
)
_NOTE = Problem(
    "I_NAME", say("feedsvc wrote this note about another file"), say("Mend that file; the note goes by itself.")
)
_SETTINGS = Problem("I_FOLDER", say("it holds the settings of its folder"), say("There is nothing to do."))
_VANISHED = Problem("E_NO_FILE", say("there is no such file"), say("Check the spelling of the path."))


def too_deep_receipt(policy: InboxPolicy, path: str) -> Receipt | None:
    """Return the receipt of a file that lies too deep to be noticed by a scan, None for any other."""
    is_there = is_too_deep(path, policy.max_depth) and os.path.lexists(os.path.join(policy.root, path))
    return Receipt(path, FileState.IGNORED, problem=TOO_DEEP.told(policy.messages)) if is_there else None


class Checker:
    """Answers for files as if they lay in the inbox that *policy* is for, against the store as it is now."""

    def __init__(self, unit: ReadUnit, site: Site, feeds: Sequence[Feed], now: datetime, policy: InboxPolicy) -> None:
        self._unit, self._site, self._now = unit, site, now
        self._root, self._max_depth, self._messages = policy.root, policy.max_depth, policy.messages
        self._backfill = policy.backfill
        self._book = open_book(unit, feeds)
        self._twins = Twins(unit.present_paths(), policy.messages)

    def check(self, examiner: Examiner, path: str) -> Receipt:
        """Return the receipt that the file at *path* below the examiner's root would get."""
        outcome = self._outcome(examiner, path)
        if isinstance(outcome, Receipt):
            problem = None if outcome.problem is None else outcome.problem.told(self._messages)
            return replace(outcome, problem=problem)
        return self._planned(outcome)

    def _outcome(self, examiner: Examiner, path: str) -> Receipt | Examined:
        """Return the file as it was examined, or at once the receipt of one that would not even be looked at."""
        examiner.folders.look_again()
        if is_folder_file(path):
            return self._settings(examiner, path)
        if any(map(is_ignored, path.split("/"))):
            return Receipt(path, FileState.IGNORED, problem=_IGNORED)
        outcome = examine(examiner.for_a_look(), path)
        if isinstance(outcome, Vanished):
            absent = _NOTE if edition_at(examiner.root, path) else _VANISHED
            return Receipt(path, FileState.IGNORED, problem=absent)
        if isinstance(outcome, Unsettled):
            return Receipt(path, FileState.WAITING, problem=outcome.problem)
        problem = TOO_DEEP if is_too_deep(path, self._max_depth) else name_problem(os.path.basename(path))
        if problem is not None:
            users = users_by_path(self._unit.media_uses())
            return Receipt(path, FileState.IGNORED, problem=media_problem(problem, path, users))
        return outcome.given_up if isinstance(outcome, Unreadable) else outcome

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
            messages=self._messages,
            backfill=self._backfill,
        )
        plan = plan_batch(self._unit, [examined], {}, setting)
        receipt = planned_receipt(self._unit, self._site, examined.path, plan, self._book, self._twins)
        return receipt or Receipt(examined.path, FileState.WAITING)
