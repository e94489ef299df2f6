"""Files: reading below a root without following links, writing whole or not at all, and one lock."""

from __future__ import annotations

import contextlib
import errno
import fcntl
import hashlib
import os
import signal
import stat
from contextlib import contextmanager, suppress
from typing import TYPE_CHECKING, BinaryIO

from feedsvc.errors import SourceChangedError, StoreLockedError

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

_READ_FLAGS = os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC
_NEW_FLAGS = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW | os.O_CLOEXEC
_FOLDER_FLAGS = os.O_RDONLY | os.O_NOFOLLOW | os.O_DIRECTORY | os.O_CLOEXEC
_CHUNK_BYTES = 1 << 20
_BATCH_FROM = 24
"""From this many files on, one sync of the file system is cheaper than one for each file."""


@contextmanager
def open_beneath(root: str, path: str, *, follow_links: bool = False) -> Iterator[int]:
    """Open the regular file *path* below *root* for reading, following no link in any part of *path*.

    Never blocks on a FIFO or a device. With *follow_links* the last part may be a link to a file below *root*.

    Raises:
        OSError: ``ELOOP`` or ``ENOTDIR`` for a link, ``EINVAL`` for anything that is not a regular file.
    """
    *folders, name = path.split("/")
    handle = os.open(root, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        for part in folders:
            handle = _step(handle, part, _FOLDER_FLAGS)
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
    with _folder_beneath(root, path) as (folder, name):
        target = _open_target(root, folder, name)
        try:
            return os.fstat(target)
        finally:
            os.close(target)


def _step(parent: int, name: str, flags: int) -> int:
    """Open *name* in the folder *parent* and close *parent* once that worked."""
    if name in ("", ".", ".."):
        raise OSError(errno.EINVAL, "not a plain name", name)
    child = os.open(name, flags, dir_fd=parent)
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
def _folder_beneath(root: str, path: str) -> Iterator[tuple[int, str]]:
    """Open the folder of *path* below *root*, following no link, and yield it with the name of the file in it."""
    *folders, name = path.split("/")
    handle = os.open(root, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        for part in folders:
            handle = _step(handle, part, _FOLDER_FLAGS)
        yield handle, name
    finally:
        os.close(handle)


def write_all_beneath(root: str, files: Mapping[str, bytes]) -> dict[str, OSError]:
    """Write files below *root*, each whole or not at all; no link is followed, no folder is made.

    Returns:
        Why a file could not be written, by path; what was there stays, and the others are written.
    """
    errors: dict[str, OSError] = {}
    each = len(files) < _BATCH_FROM
    for path, data in files.items():
        with _collecting(errors, path), _folder_beneath(root, path) as (folder, name):
            _stage(folder, _beside(name), data, flush=each)
    if not each:
        os.sync()
    for path in files.keys() - errors.keys():
        with _collecting(errors, path), _folder_beneath(root, path) as (folder, name):
            try:
                os.replace(_beside(name), name, src_dir_fd=folder, dst_dir_fd=folder)
            except OSError:
                os.unlink(_beside(name), dir_fd=folder)
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
    with _folder_beneath(root, path) as (folder, name):
        os.unlink(name, dir_fd=folder)


def is_being_written(handle: int) -> bool:
    """Tell whether some process has the file open for writing.

    Linux grants a read lease only where nobody does (fcntl(2), "Leases"). File systems and owners that know no
    leases answer False: then only size and time can tell.
    """
    try:
        # A writer that comes in this very moment would end us by SIGIO; SIGURG is ignored by default.
        fcntl.fcntl(handle, fcntl.F_SETSIG, signal.SIGURG)
        fcntl.fcntl(handle, fcntl.F_SETLEASE, fcntl.F_RDLCK)
        fcntl.fcntl(handle, fcntl.F_SETLEASE, fcntl.F_UNLCK)
    except OSError as error:
        return error.errno == errno.EAGAIN
    return False


def read_steady(handle: int, max_bytes: int) -> tuple[bytes, os.stat_result]:
    """Read an open file and make sure that it rested meanwhile.

    Returns:
        The bytes, at most ``max_bytes + 1`` of them, and the file's status.

    Raises:
        SourceChangedError: Size or modification time moved while it was read.
    """
    before = os.fstat(handle)
    data = _read_up_to(handle, min(before.st_size, max_bytes) + 1)
    after = os.fstat(handle)
    moved = (before.st_size, before.st_mtime_ns) != (after.st_size, after.st_mtime_ns)
    if moved or (len(data) != after.st_size and len(data) <= max_bytes):
        raise SourceChangedError(after)
    return data, after


def _read_up_to(handle: int, count: int) -> bytes:
    chunks: list[bytes] = []
    while count > 0 and (chunk := os.read(handle, count)):
        chunks.append(chunk)
        count -= len(chunk)
    return b"".join(chunks)


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
    each = len(pending) < _BATCH_FROM
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


def chunks_of(handle: int) -> Iterator[bytes]:
    """Yield the whole content of an open file, a piece at a time."""
    at = 0
    while chunk := os.pread(handle, _CHUNK_BYTES, at):
        yield chunk
        at += len(chunk)


def write_chunks_atomic(path: str, chunks: Iterable[bytes]) -> None:
    """Make *path* hold what *chunks* yield, whole or not at all, however large it is.

    Of several processes that write the same path, the first does the work, and the others wait for it; so the path
    must stand for its content. An error that *chunks* raise leaves nothing behind.
    """
    os.makedirs(os.path.dirname(path) or ".", exist_ok=True)
    temporary = _beside(path)
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
    temporary = _beside(path)
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


def _beside(path: str) -> str:
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


class StateLock:
    """An advisory lock on ``lock`` in the state folder, held while this object is open.

    The kernel releases it when the process ends, however it ends, so a crash leaves nothing to clean up.
    """

    def __init__(self, folder: str) -> None:
        os.makedirs(folder, exist_ok=True)
        self._handle = os.open(os.path.join(folder, "lock"), os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o644)
        try:
            fcntl.flock(self._handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError as error:
            holder = os.read(self._handle, 32).decode("ascii", "replace").strip() or "unknown"
            os.close(self._handle)
            raise StoreLockedError(
                f"another feedsvc (process {holder}) already works on {folder}; "
                "stop it first, or give this one a state folder of its own"
            ) from error
        os.ftruncate(self._handle, 0)
        os.pwrite(self._handle, f"{os.getpid()}\n".encode(), 0)

    def release(self) -> None:
        """Give the lock back; a second call does nothing."""
        if self._handle >= 0:
            os.close(self._handle)
            self._handle = -1
