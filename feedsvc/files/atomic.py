"""Writing files whole or not at all: beside the target, flushed, renamed over it."""

from __future__ import annotations

import fcntl
import hashlib
import os
from contextlib import contextmanager, suppress
from typing import TYPE_CHECKING, BinaryIO

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

BATCH_FROM = 24
"""From this many files on, one sync of the file system is cheaper than one for each file."""


def write_atomic(path: str, data: bytes) -> bool:
    """Make *path* hold *data*: written beside it, flushed, renamed over it; equal content is left alone.

    Returns:
        Whether the file was written.
    """
    return bool(write_all_atomic({path: data}))


def write_all_atomic(files: Mapping[str, bytes]) -> list[str]:
    """Write several files, each whole or not at all, all flushed before the first appears.

    Returns:
        The paths that were written; files that had the content already keep their times.
    """
    pending = {path: data for path, data in files.items() if not _holds(path, data)}
    each = len(pending) < BATCH_FROM
    beside: dict[str, str] = {}
    try:
        for path, data in pending.items():
            beside[path] = _write_beside(path, data, flush=each)
        if beside and not each:
            os.sync()
        for path, temporary in beside.items():
            os.replace(temporary, path)
    except OSError:
        for temporary in beside.values():
            remove_if_there(temporary)
        raise
    for folder in {os.path.dirname(path) for path in pending} if each else ():
        _flush_folder(folder)
    return list(pending)


def write_chunks_atomic(path: str, chunks: Iterable[bytes]) -> None:
    """Make *path* hold what *chunks* yield, whole or not at all, however large it is.

    Of several processes that write the same path, the first does the work, and the others wait for it; so the path
    must stand for its content. An error that *chunks* raise leaves nothing behind.
    """
    os.makedirs(os.path.dirname(path) or ".", exist_ok=True)
    temporary = beside(path)
    with _locked_beside(path, temporary) as file:
        if file is None:
            return
        try:
            file.truncate(0)
            for chunk in chunks:
                file.write(chunk)
            file.flush()
            os.fsync(file.fileno())
            os.replace(temporary, path)
        except BaseException:
            remove_if_there(temporary)
            raise
    _flush_folder(os.path.dirname(path))


@contextmanager
def _locked_beside(path: str, temporary: str) -> Iterator[BinaryIO | None]:
    """Open *temporary* for one writer at a time; None if another one finished *path* meanwhile."""
    while True:
        with open(temporary, "ab") as file:
            with suppress(OSError):  # some network file systems know no locks; there, too, one process is the rule
                fcntl.flock(file, fcntl.LOCK_EX)
            if _is_at(file, temporary):
                yield file
                return
        if os.path.exists(path):
            yield None
            return


def _is_at(file: BinaryIO, path: str) -> bool:
    """Tell whether the open file still lies at *path*: who had the lock before may have renamed it."""
    try:
        return os.path.samestat(os.fstat(file.fileno()), os.stat(path))
    except FileNotFoundError:
        return False


def _holds(path: str, data: bytes) -> bool:
    try:
        if os.stat(path).st_size != len(data):
            return False
        with open(path, "rb") as file:
            return file.read() == data
    except OSError:
        return False


def _write_beside(path: str, data: bytes, *, flush: bool) -> str:
    os.makedirs(os.path.dirname(path) or ".", exist_ok=True)
    temporary = beside(path)
    try:
        with open(temporary, "wb") as file:
            file.write(data)
            file.flush()
            if flush:
                os.fsync(file.fileno())
    except OSError:
        remove_if_there(temporary)
        raise
    return temporary


def beside(path: str) -> str:
    """Return the name under which *path* is written before it appears.

    Always the same beside the same file: what a killed process left is overwritten when its work is done again.
    """
    folder, name = os.path.split(path)
    code = hashlib.blake2b(os.fsencode(name), digest_size=8).hexdigest()
    return os.path.join(folder, f".{code}.tmp")


def _flush_folder(folder: str) -> None:
    handle = os.open(folder or ".", os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def remove_if_there(path: str) -> None:
    """Remove a file; one that is not there is no error."""
    try:
        os.unlink(path)
    except FileNotFoundError:
        return
