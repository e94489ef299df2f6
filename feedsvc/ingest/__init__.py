"""The verb *ingest*: files in the inbox become entries in the store."""

from feedsvc.ingest.check import Checker
from feedsvc.ingest.examine import Examiner, Outcome
from feedsvc.ingest.media import MediaRules
from feedsvc.ingest.names import is_noise
from feedsvc.ingest.pool import examining
from feedsvc.ingest.receipts import receipt_of
from feedsvc.ingest.reconcile import InboxPolicy, confirm_removals, held_removals
from feedsvc.ingest.removals import RemovalPolicy
from feedsvc.ingest.report import Report
from feedsvc.ingest.reselect import reselect
from feedsvc.ingest.scan import Scan, scan_inbox
from feedsvc.ingest.service import Ingest
from feedsvc.ingest.settle import Pending, Settler

__all__ = [
    "Checker",
    "Examiner",
    "InboxPolicy",
    "Ingest",
    "MediaRules",
    "Outcome",
    "Pending",
    "RemovalPolicy",
    "Report",
    "Scan",
    "Settler",
    "confirm_removals",
    "examining",
    "held_removals",
    "is_noise",
    "receipt_of",
    "reselect",
    "scan_inbox",
]
