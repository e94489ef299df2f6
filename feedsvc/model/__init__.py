"""Frozen values that every other module speaks in."""

from feedsvc.model.delivery import DeliveryResult, Envelope, OutboxMessage, OutboxState, Reply, Stage, Verdict
from feedsvc.model.entry import Change, ChangeKind, Direction, Entry, EntryState, ParsedEntry, ParsedFile
from feedsvc.model.feed import FORMATS, Channel, Feed, Format, feeds_of, folder_feed
from feedsvc.model.media import (
    MEDIA_ADDRESS,
    MEDIA_FOLDER,
    MEDIA_SUFFIXES,
    Enclosure,
    MediaReference,
    MediaUse,
    Role,
    media_names,
)
from feedsvc.model.record import EntryRecord, FeedRecord, KnownFile
from feedsvc.model.site import RESERVED_SLUGS, Site
from feedsvc.model.source import (
    FileSignature,
    FileState,
    Notice,
    Problem,
    Receipt,
    ReceiptEntry,
    SourceFile,
    display_path,
)
from feedsvc.model.subscriber import DigestSchedule, Frequency, Subscriber, SubscriberState

__all__ = [
    "FORMATS",
    "MEDIA_ADDRESS",
    "MEDIA_FOLDER",
    "MEDIA_SUFFIXES",
    "RESERVED_SLUGS",
    "Change",
    "ChangeKind",
    "Channel",
    "DeliveryResult",
    "DigestSchedule",
    "Direction",
    "Enclosure",
    "Entry",
    "EntryRecord",
    "EntryState",
    "Envelope",
    "Feed",
    "FeedRecord",
    "FileSignature",
    "FileState",
    "Format",
    "Frequency",
    "KnownFile",
    "MediaReference",
    "MediaUse",
    "Notice",
    "OutboxMessage",
    "OutboxState",
    "ParsedEntry",
    "ParsedFile",
    "Problem",
    "Receipt",
    "ReceiptEntry",
    "Reply",
    "Role",
    "Site",
    "SourceFile",
    "Stage",
    "Subscriber",
    "SubscriberState",
    "Verdict",
    "display_path",
    "feeds_of",
    "folder_feed",
    "media_names",
]
