"""The lock that keeps a second daemon away from the same state."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from contextlib import contextmanager
from typing import TYPE_CHECKING

import pytest

from feedsvc.errors import StoreLockedError
from feedsvc.files import StateLock

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

HOLD = (
    "import sys\n"
    "from feedsvc.files import StateLock\n"
    "lock = StateLock(sys.argv[1])\n"
    "print('held', flush=True)\n"
    "sys.stdin.read()\n"
)


@contextmanager
def other_daemon(folder: Path) -> Iterator[subprocess.Popen[bytes]]:
    command = [sys.executable, "-c", HOLD, str(folder)]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as process:
        try:
            assert process.stdout is not None
            assert process.stdout.readline() == b"held\n"
            yield process
        finally:
            process.kill()


def test_the_lock_makes_its_folder_and_names_its_holder(tmp_path: Path) -> None:
    """The state folder may be new; the file tells an operator which process it is."""
    lock = StateLock(str(tmp_path / "state"))
    assert (tmp_path / "state" / "lock").read_text() == f"{os.getpid()}\n"
    lock.release()


@pytest.mark.case("2.57")
def test_a_second_daemon_is_refused_in_clear_words(tmp_path: Path) -> None:
    """The sentence names the other process, the folder and what to do; the other keeps its lock and its number."""
    with other_daemon(tmp_path) as process:
        for _ in range(2):
            wanted = rf"process {process.pid}\) already works on {re.escape(str(tmp_path))}; stop it first"
            with pytest.raises(StoreLockedError, match=wanted):
                StateLock(str(tmp_path))
        assert (tmp_path / "lock").read_text() == f"{process.pid}\n"


def test_a_killed_daemon_leaves_nothing_to_clean_up(tmp_path: Path) -> None:
    """The lock is free the moment its holder is dead, and the new holder's number replaces the old one."""
    with other_daemon(tmp_path) as process:
        process.kill()
        process.wait()
        lock = StateLock(str(tmp_path))
        assert (tmp_path / "lock").read_text() == f"{os.getpid()}\n"
        lock.release()


def test_a_released_lock_can_be_taken(tmp_path: Path) -> None:
    """Releasing twice does no harm, also not to the one who took it meanwhile."""
    first = StateLock(str(tmp_path))
    with pytest.raises(StoreLockedError):
        StateLock(str(tmp_path))
    first.release()
    second = StateLock(str(tmp_path))
    first.release()
    with pytest.raises(StoreLockedError):
        StateLock(str(tmp_path))
    second.release()


def test_child_processes_do_not_keep_the_lock(tmp_path: Path) -> None:
    """A program started by the daemon outlives it without locking anybody out."""
    lock = StateLock(str(tmp_path))
    with subprocess.Popen([sys.executable, "-c", "import sys; sys.stdin.read()"], stdin=subprocess.PIPE) as child:
        try:
            lock.release()
            StateLock(str(tmp_path)).release()
        finally:
            child.kill()


def test_two_folders_have_two_locks(tmp_path: Path) -> None:
    """Daemons of different sites do not know each other."""
    locks = [StateLock(str(tmp_path / name)) for name in ("a", "b")]
    for lock in locks:
        lock.release()
