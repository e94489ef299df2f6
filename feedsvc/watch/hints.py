"""Hints: what a file system event says about the inbox."""

from __future__ import annotations

import logging
import os
from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

from watchdog.events import (
    DirCreatedEvent,
    DirDeletedEvent,
    DirMovedEvent,
    FileClosedEvent,
    FileCreatedEvent,
    FileDeletedEvent,
    FileModifiedEvent,
    FileMovedEvent,
    FileSystemEvent,
    FileSystemEventHandler,
)

from feedsvc.observe import get_logger

if TYPE_CHECKING:
    from collections.abc import Callable

_log = get_logger(__name__)

PROBE_PREFIX = ".feedsvc-probe-"
"""Begin of the names of files by which the watcher tests itself."""

_COMMON: list[type[FileSystemEvent]] = [
    FileMovedEvent,
    FileCreatedEvent,
    FileDeletedEvent,
    DirCreatedEvent,
    DirMovedEvent,
    DirDeletedEvent,
]
INOTIFY_EVENTS: list[type[FileSystemEvent]] = [FileClosedEvent, *_COMMON]
POLLING_EVENTS: list[type[FileSystemEvent]] = [FileModifiedEvent, *_COMMON]
"""Polling cannot see a file being closed, inotify needs no event for each write."""


class DirtyKind(StrEnum):
    """How much an event says about a file."""

    SETTLED = "settled"
    """Closed after writing, or moved to its place: it is probably complete."""
    TOUCHED = "touched"
    """Anything else: it may still be growing, or be gone."""
    RESCAN = "rescan"
    """Events were lost, or a folder changed: only a scan tells."""


@dataclass(frozen=True, slots=True)
class Hint:
    """Something happened to *path*.

    Attributes:
        path: Below the inbox, with ``/``, undecodable bytes as surrogate escapes; empty for a rescan.
        moved_from: Former path below the inbox of a file renamed inside it, else None.
    """

    kind: DirtyKind
    path: str
    moved_from: str | None = None


RESCAN = Hint(DirtyKind.RESCAN, "")


def hint_of(event: FileSystemEvent, root: str, prefix: str = "") -> Hint:
    """Return what *event* says about the inbox.

    Args:
        event: What happened.
        root: The path that is watched.
        prefix: Where that path lies below the inbox, with a slash at its end; empty for the inbox itself.
    """
    if event.is_directory:
        return RESCAN  # files that came with a folder are not closed, those that went with it are not deleted
    if isinstance(event, FileMovedEvent):
        path, former = _below(root, event.dest_path), _below(root, event.src_path)
        return Hint(DirtyKind.SETTLED, prefix + path, prefix + former) if path and former else RESCAN
    path = _below(root, event.src_path)
    kind = DirtyKind.SETTLED if isinstance(event, FileClosedEvent) else DirtyKind.TOUCHED
    return Hint(kind, prefix + path) if path else RESCAN


def _below(root: str, path: bytes | str) -> str:
    """Return *path* relative to *root*, empty if it is not below it."""
    text, start = os.fsdecode(path), root.rstrip("/") + "/"
    return text[len(start) :] if text.startswith(start) else ""


class HintHandler(FileSystemEventHandler):
    """Passes events on as hints. An event that cannot be passed on becomes a rescan.

    Args:
        root: The path that is watched.
        put: Takes a hint; may be called from several threads.
        on_probe: Called for an event of a probe file; such an event is no hint.
        prefix: Where *root* lies below the inbox, with a slash at its end.
    """

    def __init__(self, root: str, put: Callable[[Hint], None], on_probe: Callable[[], None], prefix: str = "") -> None:
        self._root, self._put, self._on_probe, self._prefix = root, put, on_probe, prefix

    def dispatch(self, event: FileSystemEvent) -> None:
        """Handle one event. Never raises for a fault of its own: watchdog's thread would end without a word."""
        try:
            if _is_probe(event):
                self._on_probe()
            else:
                self._put(hint_of(event, self._root, self._prefix))
        except BaseException as error:  # noqa: BLE001, RUF100
            self._put(RESCAN)
            _log.error("watch.event_failed", file_event=event, exc_info=error)


def _is_probe(event: FileSystemEvent) -> bool:
    return not event.is_directory and os.path.basename(os.fsdecode(event.src_path)).startswith(PROBE_PREFIX)


class OverflowListener(logging.Handler):
    """Asks for a rescan when the kernel dropped events: watchdog tells that to its log only."""

    LOGGER = "watchdog.observers.inotify_c"
    PHRASE = "events were lost"

    def __init__(self, put: Callable[[Hint], None]) -> None:
        super().__init__(logging.WARNING)
        self._put = put

    def emit(self, record: logging.LogRecord) -> None:
        """Look at one log record of watchdog."""
        if self.PHRASE in record.getMessage():
            self._put(RESCAN)

    def attach(self) -> None:
        """Begin to listen; does nothing where it listens already."""
        logging.getLogger(self.LOGGER).addHandler(self)

    def detach(self) -> None:
        """Stop listening."""
        logging.getLogger(self.LOGGER).removeHandler(self)
