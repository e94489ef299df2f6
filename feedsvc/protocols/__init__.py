"""What the verbs of the service ask of the world; one file for each noun, as in `store`."""

from __future__ import annotations

from feedsvc.protocols.clock import Clock
from feedsvc.protocols.due import DueReads, DueWrites
from feedsvc.protocols.outbox import OutboxReads, OutboxWrites
from feedsvc.protocols.returns import ReturnReads, ReturnWrites
from feedsvc.protocols.store import ReadUnit, Store, WriteUnit
from feedsvc.protocols.subscribers import SubscriberReads, SubscriberWrites
from feedsvc.protocols.transport import Transport

__all__ = [
    "Clock",
    "DueReads",
    "DueWrites",
    "OutboxReads",
    "OutboxWrites",
    "ReadUnit",
    "ReturnReads",
    "ReturnWrites",
    "Store",
    "SubscriberReads",
    "SubscriberWrites",
    "Transport",
    "WriteUnit",
]
