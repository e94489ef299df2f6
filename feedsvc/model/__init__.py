"""Frozen values that every other module speaks in."""

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
    "DigestSchedule",
    "Direction",
    "Enclosure",
    "Entry",
    "EntryRecord",
    "EntryState",
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
    "ParsedEntry",
    "ParsedFile",
    "Problem",
    "Receipt",
    "ReceiptEntry",
    "Role",
    "Site",
    "SourceFile",
    "Subscriber",
    "SubscriberState",
    "display_path",
    "feeds_of",
    "folder_feed",
    "media_names",
]
