"""Frozen values that every other module speaks in."""

from feedsvc.model.entry import Change, ChangeKind, Direction, Entry, EntryState, ParsedEntry, ParsedFile
from feedsvc.model.feed import FORMATS, Channel, Feed, Format, feeds_of, folder_feed
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

__all__ = [
    "FORMATS",
    "RESERVED_SLUGS",
    "Change",
    "ChangeKind",
    "Channel",
    "Direction",
    "Entry",
    "EntryRecord",
    "EntryState",
    "Feed",
    "FeedRecord",
    "FileSignature",
    "FileState",
    "Format",
    "KnownFile",
    "Notice",
    "ParsedEntry",
    "ParsedFile",
    "Problem",
    "Receipt",
    "ReceiptEntry",
    "Site",
    "SourceFile",
    "display_path",
    "feeds_of",
    "folder_feed",
]
