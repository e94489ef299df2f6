"""Reading files that somebody may still be writing."""

from __future__ import annotations

import errno
import fcntl
import os
import signal
from typing import TYPE_CHECKING

from feedsvc.errors import SourceChangedError

if TYPE_CHECKING:
    from collections.abc import Iterator

_CHUNK_BYTES = 1 << 20


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


def read_steady(handle: int, max_bytes: int, before: os.stat_result | None = None) -> tuple[bytes, os.stat_result]:
    """Read an open file and make sure that it rested meanwhile.

    Args:
        handle: The open file.
        max_bytes: Not more than one byte beyond this is read.
        before: The file's status, if it was asked for a moment ago.

    Returns:
        The bytes, at most ``max_bytes + 1`` of them, and the file's status.

    Raises:
        SourceChangedError: Size or modification time moved while it was read.
    """
    before = before or os.fstat(handle)
    data = _read_up_to(handle, before.st_size, min(before.st_size, max_bytes) + 1)
    after = os.fstat(handle)
    moved = (before.st_size, before.st_mtime_ns) != (after.st_size, after.st_mtime_ns)
    if moved or (len(data) != after.st_size and len(data) <= max_bytes):
        raise SourceChangedError(after)
    return data, after


def _read_up_to(handle: int, expected: int, count: int) -> bytes:
    """Return at most *count* bytes; as a rule one call brings the *expected* ones, and nothing more is asked for."""
    data = os.read(handle, count)
    if len(data) == expected:
        return data
    chunks = [data]
    while data and (count := count - len(data)) > 0:
        data = os.read(handle, count)
        chunks.append(data)
    return b"".join(chunks)


def chunks_of(handle: int) -> Iterator[bytes]:
    """Yield the whole content of an open file, a piece at a time."""
    at = 0
    while chunk := os.pread(handle, _CHUNK_BYTES, at):
        yield chunk
        at += len(chunk)
