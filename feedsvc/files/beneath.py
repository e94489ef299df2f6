"""Files below a root, reached without following a link in any part of their paths."""

from __future__ import annotations

import errno
import os
import stat
from contextlib import contextmanager
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

_READ_FLAGS = os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC
_FOLDER_FLAGS = os.O_RDONLY | os.O_NOFOLLOW | os.O_DIRECTORY | os.O_CLOEXEC


@contextmanager
def open_beneath(root: str, path: str, *, follow_links: bool = False) -> Iterator[int]:
    """Open the regular file *path* below *root* for reading, following no link in any part of *path*.

    Never blocks on a FIFO or a device. With *follow_links* the last part may be a link to a file below *root*.

    Raises:
        OSError: ``ELOOP`` or ``ENOTDIR`` for a link, ``EINVAL`` for anything that is not a regular file.
    """
    *folders, name = path.split("/")
    handle = _open_folder(root, folders)
    try:
        handle = _follow(root, handle, name) if follow_links else _step(handle, name, _READ_FLAGS)
        if not stat.S_ISREG(os.fstat(handle).st_mode):
            raise OSError(errno.EINVAL, "not a regular file", path)
        yield handle
    finally:
        os.close(handle)


def link_status(root: str, path: str) -> os.stat_result:
    """Return the status of the regular file below *root* that the link *path* leads to; nothing is read.

    Raises:
        OSError: ``ELOOP`` if it leads anywhere else; another number if *path* cannot be reached.
    """
    with folder_beneath(root, path) as (folder, name):
        target = _open_target(root, folder, name)
        try:
            return os.fstat(target)
        finally:
            os.close(target)


def _plain(name: str) -> str:
    """Return *name* if it names something in its folder, and not another folder."""
    if name in ("", ".", ".."):
        raise OSError(errno.EINVAL, "not a plain name", name)
    return name


def _step(parent: int, name: str, flags: int) -> int:
    """Open *name* in the folder *parent* and close *parent* once that worked."""
    child = os.open(_plain(name), flags, dir_fd=parent)
    os.close(parent)
    return child


def _follow(root: str, parent: int, name: str) -> int:
    """Open the file *name*, or the one that the link *name* leads to, and close *parent* once that worked."""
    try:
        return _step(parent, name, _READ_FLAGS)
    except OSError as error:
        if error.errno != errno.ELOOP:
            raise
    target = _open_target(root, parent, name)
    try:
        child = os.open(f"/proc/self/fd/{target}", os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC)
    finally:
        os.close(target)
    os.close(parent)
    return child


def _open_target(root: str, parent: int, name: str) -> int:
    """Return a handle of the regular file below *root* that the link *name* in the folder *parent* leads to.

    The handle only stands for the file (open(2), ``O_PATH``): what lies outside is not touched, and what was found
    inside cannot be exchanged before it is read through that handle.
    """
    try:
        target = os.open(name, os.O_PATH | os.O_CLOEXEC, dir_fd=parent)
    except OSError as error:
        raise OSError(errno.ELOOP, "the link leads nowhere", name) from error
    if not _is_file_below(root, target):
        os.close(target)
        raise OSError(errno.ELOOP, "the link does not lead to a file inside", name)
    return target


def _is_file_below(root: str, handle: int) -> bool:
    try:
        place = os.readlink(f"/proc/self/fd/{handle}")
    except OSError:  # without /proc nobody can tell where the link led
        return False
    return place.startswith(os.path.realpath(root).rstrip("/") + "/") and stat.S_ISREG(os.fstat(handle).st_mode)


@contextmanager
def folder_beneath(root: str, path: str) -> Iterator[tuple[int, str]]:
    """Open the folder of *path* below *root*, following no link, and yield it with the name of the file in it."""
    *folders, name = path.split("/")
    handle = _open_folder(root, folders)
    try:
        yield handle, name
    finally:
        os.close(handle)


def _open_folder(root: str, folders: Sequence[str]) -> int:
    """Open the folder that is reached through *folders* below *root*; *root* itself may be a link."""
    if not folders:
        return os.open(root, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    first, *others = folders
    handle = os.open(f"{root}/{_plain(first)}", _FOLDER_FLAGS)  # only the last part of a path is not followed
    try:
        for part in others:
            handle = _step(handle, part, _FOLDER_FLAGS)
    except OSError:
        os.close(handle)
        raise
    return handle
