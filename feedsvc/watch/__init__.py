"""Notices that something happened in the inbox. Its hints may be lost or wrong: a scan is the truth."""

from feedsvc.watch.hints import RESCAN, DirtyKind, Hint
from feedsvc.watch.observers import Mode
from feedsvc.watch.place import WatchStatus
from feedsvc.watch.watcher import InboxWatcher

__all__ = ["RESCAN", "DirtyKind", "Hint", "InboxWatcher", "Mode", "WatchStatus"]
