"""One look at the whole inbox: the truth that events only hint at."""

from __future__ import annotations

import contextlib
import os
import stat
from dataclasses import dataclass, field

from feedsvc.errors import InboxUnavailableError
from feedsvc.ingest.names import is_ignored, name_problem
from feedsvc.ingest.note import edition_at, is_note_name
from feedsvc.messages import say
from feedsvc.model import FileSignature, Problem
from feedsvc.parse import FOLDER_FILE

_POSITIVE_64 = 0x7FFF_FFFF_FFFF_FFFF
"""Some network file systems use all 64 bits of an inode number; databases have 63."""


@dataclass(frozen=True, slots=True)
class Scan:
    """What lies in the inbox.

    Attributes:
        identity: Device and inode of the inbox itself, as text; it changes when the folder is replaced.
        files: Files to be read, by path.
        odd: Files that are there but are not read, with the reason.
        settings: Files that hold the settings of their folders, by path.
        ignored: Files whose names belong to programs.
        notes: Our own notes about files, each with its edition.
        unreadable: Folders that could not be listed: nothing below them counts as missing.
    """

    identity: str
    files: dict[str, FileSignature] = field(default_factory=dict)
    odd: dict[str, tuple[FileSignature, Problem]] = field(default_factory=dict)
    settings: dict[str, FileSignature] = field(default_factory=dict)
    ignored: list[str] = field(default_factory=list)
    notes: dict[str, str] = field(default_factory=dict)
    unreadable: list[str] = field(default_factory=list)

    def may_hide(self, path: str) -> bool:
        """Tell whether *path* lies below a folder that could not be listed."""
        return any(path.startswith(f"{folder}/") for folder in self.unreadable)


def signature_of(status: os.stat_result) -> FileSignature:
    """Return the signature of a file's status."""
    return FileSignature(status.st_dev & _POSITIVE_64, status.st_ino & _POSITIVE_64, status.st_size, status.st_mtime_ns)


def scan_inbox(root: str, max_depth: int) -> Scan:
    """List the inbox down to *max_depth* folders, entering no link.

    Raises:
        InboxUnavailableError: *root* is not a folder that can be listed.
    """
    try:
        status = os.stat(root)
        if not stat.S_ISDIR(status.st_mode):
            raise NotADirectoryError(f"{root} is not a folder")
        found = Scan(identity=f"{status.st_dev}:{status.st_ino}")
        _list_folder(root, "", max_depth, found)
    except OSError as error:
        raise InboxUnavailableError(
            f"the inbox {root} is not available ({error.strerror or error}); nothing is withdrawn until it is back"
        ) from error
    return found


def _list_folder(root: str, folder: str, depth: int, found: Scan) -> None:
    with os.scandir(os.path.join(root, folder)) as listing:
        for item in listing:
            path = f"{folder}/{item.name}" if folder else item.name
            if is_note_name(path) and (edition := edition_at(root, path)):
                found.notes[path] = edition
            elif not is_ignored(item.name):
                _note(root, path, item, depth, found)
            elif item.name == FOLDER_FILE:
                _note_settings(path, item, found)
            elif not item.is_dir(follow_symlinks=False):
                found.ignored.append(path)


def _note_settings(path: str, item: os.DirEntry[str], found: Scan) -> None:
    with contextlib.suppress(FileNotFoundError):
        found.settings[path] = signature_of(item.stat(follow_symlinks=False))


def _note(root: str, path: str, item: os.DirEntry[str], depth: int, found: Scan) -> None:
    try:
        if item.is_dir(follow_symlinks=False):
            _enter(root, path, depth - 1, found)
            return
        status = item.stat(follow_symlinks=False)
    except FileNotFoundError:
        return
    problem = kind_problem(status.st_mode) or name_problem(item.name)
    if problem is None:
        found.files[path] = signature_of(status)
    else:
        found.odd[path] = (signature_of(status), problem)


def _enter(root: str, folder: str, depth: int, found: Scan) -> None:
    if depth < 0:
        return
    try:
        _list_folder(root, folder, depth, found)
    except FileNotFoundError:
        return
    except OSError:
        found.unreadable.append(folder)


def kind_problem(mode: int) -> Problem | None:
    """Return why something with this mode (``st_mode``) is not read, None for a regular file."""
    if stat.S_ISLNK(mode):
        cause = say("this is a link, and links are not followed")
        return Problem("E_LINK", cause, say("Put the file itself into the inbox."))
    if not stat.S_ISREG(mode):
        return Problem("E_TYPE", say("this is not a regular file"), say("Put a text file into the inbox."))
    return None
