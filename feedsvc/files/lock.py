"""One lock for each state folder, so that no two daemons work on it."""

from __future__ import annotations

import fcntl
import os

from feedsvc.errors import StoreLockedError


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
