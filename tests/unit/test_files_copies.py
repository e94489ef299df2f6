"""Large files written piece by piece, whole or not at all, by one process at a time."""

from __future__ import annotations

import os
import threading
from typing import TYPE_CHECKING

import pytest

from feedsvc.files import chunks_of, write_chunks_atomic

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

DATA = bytes(range(256)) * 10_000


def test_a_file_is_copied_in_pieces(tmp_path: Path) -> None:
    """The copy has the same bytes, in a folder that is made for it, and nothing lies beside it."""
    (tmp_path / "from").write_bytes(DATA)
    handle = os.open(tmp_path / "from", os.O_RDONLY)
    try:
        pieces = list(chunks_of(handle))
        write_chunks_atomic(str(tmp_path / "new" / "to"), chunks_of(handle))
    finally:
        os.close(handle)
    assert len(pieces) > 1
    assert b"".join(pieces) == (tmp_path / "new" / "to").read_bytes() == DATA
    assert os.listdir(tmp_path / "new") == ["to"]


def test_a_failure_leaves_what_was_there(tmp_path: Path) -> None:
    """If the source fails in the middle, the old file stays and nothing lies beside it."""

    def broken() -> Iterator[bytes]:
        yield b"half"
        raise OSError("the disk is gone")

    (tmp_path / "to").write_bytes(b"old")
    with pytest.raises(OSError, match="the disk is gone"):
        write_chunks_atomic(str(tmp_path / "to"), broken())
    assert (tmp_path / "to").read_bytes() == b"old"
    assert os.listdir(tmp_path) == ["to"]


def test_what_a_killed_process_left_is_overwritten(tmp_path: Path) -> None:
    """A longer rest of an earlier attempt does not show in the file."""

    def killed() -> Iterator[bytes]:
        yield DATA
        os._exit(0)

    child = os.fork()
    if child == 0:
        write_chunks_atomic(str(tmp_path / "to"), killed())
    os.waitpid(child, 0)
    assert len(os.listdir(tmp_path)) == 1
    write_chunks_atomic(str(tmp_path / "to"), [b"short"])
    assert (tmp_path / "to").read_bytes() == b"short"
    assert os.listdir(tmp_path) == ["to"]


def test_the_second_writer_waits_and_finds_it_done(tmp_path: Path) -> None:
    """Two who copy the same file at once do not disturb each other: one works, the other one uses the result."""
    begun, go_on, worked = threading.Event(), threading.Event(), []

    def slow() -> Iterator[bytes]:
        worked.append("first")
        yield b"one"
        begun.set()
        assert go_on.wait(30)
        yield b"two"

    def quick() -> Iterator[bytes]:
        worked.append("second")
        yield b"onetwo"

    first = threading.Thread(target=write_chunks_atomic, args=(str(tmp_path / "to"), slow()))
    second = threading.Thread(target=write_chunks_atomic, args=(str(tmp_path / "to"), quick()))
    first.start()
    assert begun.wait(30)
    second.start()
    second.join(0.2)
    assert not (tmp_path / "to").exists()
    go_on.set()
    first.join(30)
    second.join(30)
    assert (tmp_path / "to").read_bytes() == b"onetwo"
    assert worked == ["first"]
    assert os.listdir(tmp_path) == ["to"]
