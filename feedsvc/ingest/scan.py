"""One look at the whole inbox: the truth that events only hint at."""

from __future__ import annotations

import contextlib
import os
import stat
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from feedsvc.errors import InboxUnavailableError
from feedsvc.files import link_status
from feedsvc.ingest.names import TOO_DEEP, is_ignored, name_problem
from feedsvc.ingest.note import edition_at, is_note_name
from feedsvc.messages import say
from feedsvc.model import FileSignature, Problem
from feedsvc.parse import FOLDER_FILE

if TYPE_CHECKING:
    from collections.abc import Mapping

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
        unreadable: Folders that could not be listed, and files that could not be looked at: neither they nor anything
            below them counts as missing.
    """

    identity: str
    files: dict[str, FileSignature] = field(default_factory=dict)
    odd: dict[str, tuple[FileSignature, Problem]] = field(default_factory=dict)
    settings: dict[str, FileSignature] = field(default_factory=dict)
    ignored: list[str] = field(default_factory=list)
    notes: dict[str, str] = field(default_factory=dict)
    unreadable: list[str] = field(default_factory=list)

    def may_hide(self, path: str) -> bool:
        """Tell whether *path* could not be looked at, or lies below a folder that could not be listed."""
        return any(path == hidden or path.startswith(f"{hidden}/") for hidden in self.unreadable)


def signature_of(status: os.stat_result) -> FileSignature:
    """Return the signature of a file's status."""
    return FileSignature(status.st_dev & _POSITIVE_64, status.st_ino & _POSITIVE_64, status.st_size, status.st_mtime_ns)


def scan_inbox(root: str, max_depth: int, *, follow_links: bool = False) -> Scan:
    """List the inbox down to *max_depth* folders, entering no link.

    Args:
        root: The inbox.
        max_depth: Folders that lie deeper than so many levels are noted and not entered.
        follow_links: Whether a link to a file inside the inbox counts as a file.

    Raises:
        InboxUnavailableError: *root* is not a folder that can be listed.
    """
    try:
        status = os.stat(root)
        if not stat.S_ISDIR(status.st_mode):
            raise NotADirectoryError(f"{root} is not a folder")
        found = Scan(identity=f"{status.st_dev}:{status.st_ino}")
        _Lister(root, found, follow_links=follow_links).list_folder("", max_depth)
    except OSError as error:
        raise InboxUnavailableError(
            f"the inbox {root} is not available ({error.strerror or error}); nothing is withdrawn until it is back"
        ) from error
    return found


def off_their_device(root: str, devices: Mapping[str, int], scan: Scan) -> frozenset[str]:
    """Return which missing files lay on a file system that is mounted no more.

    Args:
        root: The inbox.
        devices: The missing files, each with the device that it was last seen on, 0 for an unknown one.
        scan: What is there: a device that has files is mounted.
    """
    mounted = {0, *(signature.device for signature in scan.files.values())}
    return frozenset(
        path
        for path, device in devices.items()
        if device not in mounted and device != _device_of(os.path.dirname(os.path.join(root, path)), root)
    )


def _device_of(folder: str, root: str) -> int:
    """Return the device of *folder*, or of the nearest folder above it, down from *root*, that is there."""
    try:
        return os.lstat(folder).st_dev & _POSITIVE_64
    except OSError:
        return 0 if folder == root else _device_of(os.path.dirname(folder), root)


class _Lister:
    """Walks through the folders and notes what lies there."""

    def __init__(self, root: str, found: Scan, *, follow_links: bool) -> None:
        self._root, self._found, self._follow_links = root, found, follow_links

    def list_folder(self, folder: str, depth: int) -> None:
        with os.scandir(os.path.join(self._root, folder)) as listing:
            for item in listing:
                path = f"{folder}/{item.name}" if folder else item.name
                if is_note_name(path) and (edition := edition_at(self._root, path)):
                    self._found.notes[path] = edition
                elif not is_ignored(item.name):
                    self._note(path, item, depth)
                elif item.name == FOLDER_FILE:
                    self._note_settings(path, item)
                elif not item.is_dir(follow_symlinks=False):
                    self._found.ignored.append(path)

    def _note_settings(self, path: str, item: os.DirEntry[str]) -> None:
        with contextlib.suppress(FileNotFoundError):
            self._found.settings[path] = signature_of(item.stat(follow_symlinks=False))

    def _note(self, path: str, item: os.DirEntry[str], depth: int) -> None:
        try:
            if item.is_dir(follow_symlinks=False):
                self._enter(path, item, depth - 1)
                return
            status = item.stat(follow_symlinks=False)
        except FileNotFoundError:
            return
        except OSError:
            self._found.unreadable.append(path)
            return
        if self._follow_links and stat.S_ISLNK(status.st_mode):
            status = self._behind(path, status)
        problem = kind_problem(status.st_mode, follow_links=self._follow_links) or name_problem(item.name)
        if problem is None:
            self._found.files[path] = signature_of(status)
        else:
            self._found.odd[path] = (signature_of(status), problem)

    def _enter(self, folder: str, item: os.DirEntry[str], depth: int) -> None:
        if depth < 0:
            self._found.odd[folder] = (signature_of(item.stat(follow_symlinks=False)), TOO_DEEP)
            return
        try:
            self.list_folder(folder, depth)
        except FileNotFoundError:
            return
        except OSError as error:
            self._found.unreadable.append(folder)
            status = item.stat(follow_symlinks=False)
            self._found.odd[folder] = (signature_of(status), _closed_folder(error, status.st_mode))

    def _behind(self, path: str, status: os.stat_result) -> os.stat_result:
        """Return the status of the file behind a link, or that of the link if it leads anywhere else."""
        try:
            return link_status(self._root, path)
        except OSError:
            return status


def _closed_folder(error: OSError, mode: int) -> Problem:
    cause = say(
        "feedsvc (user {user}) cannot list this folder: {reason}, mode {mode}",
        user=os.geteuid(),
        reason=error.strerror or type(error).__name__,
        mode=f"{mode & 0o7777:04o}",
    )
    return Problem("E_PERM", cause, say("Make it readable; nothing in it is withdrawn meanwhile."))


def kind_problem(mode: int, *, follow_links: bool = False) -> Problem | None:
    """Return why something with this mode (``st_mode``) is not read, None for a regular file."""
    if stat.S_ISLNK(mode):
        return _LINK_ASTRAY if follow_links else _LINK
    if not stat.S_ISREG(mode):
        return Problem("E_TYPE", say("this is not a regular file"), say("Put a text file into the inbox."))
    return None


_LINK = Problem("E_LINK", say("this is a link, and links are not followed"), say("Put the file itself into the inbox."))
_LINK_ASTRAY = Problem(
    "E_LINK", say("this link does not lead to a file inside the inbox"), say("Put the file itself into the inbox.")
)
