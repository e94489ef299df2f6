"""The verb *ingest*: files in the inbox become entries in the store."""

from feedsvc.ingest.check import Checker, too_deep_receipt
from feedsvc.ingest.examine import Examiner, Outcome
from feedsvc.ingest.excerpt import with_lines
from feedsvc.ingest.folders import FolderBook, is_folder_file
from feedsvc.ingest.media import MediaRules
from feedsvc.ingest.names import is_noise
from feedsvc.ingest.pool import examining
from feedsvc.ingest.receipts import receipt_of
from feedsvc.ingest.reconcile import InboxPolicy, confirm_removals, held_removals
from feedsvc.ingest.rehash import Rehash
from feedsvc.ingest.removals import RemovalPolicy
from feedsvc.ingest.report import Report
from feedsvc.ingest.reselect import reselect
from feedsvc.ingest.scan import Scan, scan_inbox
from feedsvc.ingest.service import Ingest
from feedsvc.ingest.settle import Pending, Settler, rest_after
from feedsvc.ingest.twins import Twins
from feedsvc.ingest.wording import problem_lines, problem_sentence
from feedsvc.parse import Customs, ParseLimits

__all__ = [
    "Checker",
    "Customs",
    "Examiner",
    "FolderBook",
    "InboxPolicy",
    "Ingest",
    "MediaRules",
    "Outcome",
    "ParseLimits",
    "Pending",
    "Rehash",
    "RemovalPolicy",
    "Report",
    "Scan",
    "Settler",
    "Twins",
    "confirm_removals",
    "examining",
    "held_removals",
    "is_folder_file",
    "is_noise",
    "problem_lines",
    "problem_sentence",
    "receipt_of",
    "reselect",
    "rest_after",
    "scan_inbox",
    "too_deep_receipt",
    "with_lines",
]
