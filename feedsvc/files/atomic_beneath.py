"""Writing and removing files below a root that others may write to as well, following no link."""

from __future__ import annotations

import contextlib
import os
from contextlib import contextmanager
from typing import TYPE_CHECKING

from feedsvc.files.atomic import BATCH_FROM, beside
from feedsvc.files.beneath import folder_beneath

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

_NEW_FLAGS = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW | os.O_CLOEXEC


def write_all_beneath(root: str, files: Mapping[str, bytes]) -> dict[str, OSError]:
    """Write files below *root*, each whole or not at all; no link is followed, no folder is made.

    Returns:
        Why a file could not be written, by path; what was there stays, and the others are written.
    """
    errors: dict[str, OSError] = {}
    each = len(files) < BATCH_FROM
    for path, data in files.items():
        with _collecting(errors, path), folder_beneath(root, path) as (folder, name):
            _stage(folder, beside(name), data, flush=each)
    if not each:
        os.sync()
    for path in files.keys() - errors.keys():
        with _collecting(errors, path), folder_beneath(root, path) as (folder, name):
            try:
                os.replace(beside(name), name, src_dir_fd=folder, dst_dir_fd=folder)
            except OSError:
                os.unlink(beside(name), dir_fd=folder)
                raise
    return errors


@contextmanager
def _collecting(errors: dict[str, OSError], path: str) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        errors[path] = error


def _stage(folder: int, temporary: str, data: bytes, *, flush: bool) -> None:
    with contextlib.suppress(FileNotFoundError):
        os.unlink(temporary, dir_fd=folder)
    try:
        with os.fdopen(os.open(temporary, _NEW_FLAGS, 0o666, dir_fd=folder), "wb") as file:
            file.write(data)
            file.flush()
            if flush:
                os.fsync(file.fileno())
    except OSError:
        with contextlib.suppress(OSError):
            os.unlink(temporary, dir_fd=folder)
        raise


def remove_beneath(root: str, path: str) -> None:
    """Remove the file *path* below *root*, following no link; whatever is in the way is an ``OSError``."""
    with folder_beneath(root, path) as (folder, name):
        os.unlink(name, dir_fd=folder)
