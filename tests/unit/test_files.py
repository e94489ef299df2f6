"""Reading below a root without following links, and writing whole or not at all."""

from __future__ import annotations

import errno
import os
import subprocess
import sys
from typing import TYPE_CHECKING

import pytest

from feedsvc.errors import SourceChangedError
from feedsvc.files import (
    is_being_written,
    open_beneath,
    read_steady,
    remove_if_there,
    write_all_atomic,
    write_atomic,
)

if TYPE_CHECKING:
    from pathlib import Path

OLD_NS = 1_600_000_000_000_000_000
MANY = 30


def names_in(folder: Path) -> list[str]:
    return sorted(os.listdir(folder))


def make_old(path: Path) -> None:
    os.utime(path, ns=(OLD_NS, OLD_NS))


# Writing


def test_a_new_file_appears_with_its_folders(tmp_path: Path) -> None:
    """Missing folders are made, and nothing but the file is left behind."""
    target = tmp_path / "feeds" / "main" / "atom.xml"
    assert write_atomic(str(target), b"<feed/>")
    assert target.read_bytes() == b"<feed/>"
    assert names_in(target.parent) == ["atom.xml"]


def test_a_path_without_folder_is_written_to_the_working_folder(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A bare name means the working folder."""
    monkeypatch.chdir(tmp_path)
    assert write_atomic("feed.json", b"{}")
    assert names_in(tmp_path) == ["feed.json"]


def test_the_new_content_takes_the_place_of_the_old(tmp_path: Path) -> None:
    """The name points to a new file; a reader that has the old one open still reads all of it."""
    target = tmp_path / "atom.xml"
    target.write_bytes(b"old and longer")
    with target.open("rb") as reader:
        assert write_atomic(str(target), b"new")
        assert reader.read() == b"old and longer"
    assert target.read_bytes() == b"new"


@pytest.mark.parametrize("count", [1, MANY])
def test_unchanged_bytes_keep_file_and_time(tmp_path: Path, count: int) -> None:
    """Only what differs is written, so that modification times tell the truth."""
    paths = [tmp_path / f"{n}.xml" for n in range(count)]
    assert len(write_all_atomic({str(path): b"same" for path in paths})) == count
    for path in paths:
        make_old(path)
    changed = paths[-1]
    assert write_all_atomic({str(path): b"same" if path != changed else b"more" for path in paths}) == [str(changed)]
    assert [path.stat().st_mtime_ns == OLD_NS for path in paths] == [path != changed for path in paths]


def test_content_of_the_same_length_is_told_apart(tmp_path: Path) -> None:
    """The size alone does not make bytes equal."""
    target = tmp_path / "a"
    write_atomic(str(target), b"aaaa")
    assert write_atomic(str(target), b"aaab")
    assert target.read_bytes() == b"aaab"


def test_many_files_are_written_whole(tmp_path: Path) -> None:
    """So many files that they are flushed together: all are there, and nothing else."""
    files = {str(tmp_path / f"f{n % 3}" / f"{n}.xml"): f"content {n}".encode() for n in range(MANY)}
    assert sorted(write_all_atomic(files)) == sorted(files)
    found = {str(path): path.read_bytes() for path in tmp_path.rglob("*") if path.is_file()}
    assert found == files


@pytest.mark.parametrize("count", [3, MANY])
def test_a_failure_in_the_middle_changes_nothing(tmp_path: Path, count: int) -> None:
    """One file cannot be written: the error is told, no target changed, and no temporary file stays."""
    good = [tmp_path / f"a{n}.xml" for n in range(count)]
    for path in good:
        path.write_bytes(b"before")
    (tmp_path / "blocked").write_bytes(b"a file where a folder is wanted")
    files = {**{str(path): b"after" for path in good}, str(tmp_path / "blocked" / "b.xml"): b"after"}
    with pytest.raises(OSError, match="blocked"):
        write_all_atomic(files)
    assert [path.read_bytes() for path in good] == [b"before"] * count
    assert names_in(tmp_path) == sorted(["blocked", *(path.name for path in good)])


def test_a_target_that_cannot_be_replaced_leaves_no_temporary(tmp_path: Path) -> None:
    """A folder lies where the file belongs: the error is told and nothing is left beside it."""
    (tmp_path / "atom.xml" / "inside").mkdir(parents=True)
    with pytest.raises(OSError, match=r"atom\.xml"):
        write_atomic(str(tmp_path / "atom.xml"), b"<feed/>")
    assert names_in(tmp_path) == ["atom.xml"]


@pytest.mark.case("1.31", "2.55")
def test_a_full_disk_leaves_the_old_file_and_no_temporary(tmp_path: Path) -> None:
    """The limit of the file size is hit in the middle of writing: what was there stays as it was."""
    target = tmp_path / "atom.xml"
    target.write_bytes(b"good")
    code = (
        "import resource, signal, sys\n"
        "from feedsvc.files import write_atomic\n"
        "signal.signal(signal.SIGXFSZ, signal.SIG_IGN)\n"
        "resource.setrlimit(resource.RLIMIT_FSIZE, (1000, 1000))\n"
        "try:\n"
        "    write_atomic(sys.argv[1], b'x' * 5000)\n"
        "except OSError as error:\n"
        "    print(error.errno)\n"
    )
    ran = subprocess.run([sys.executable, "-c", code, str(target)], capture_output=True, text=True, check=True)
    assert ran.stdout == f"{errno.EFBIG}\n"
    assert target.read_bytes() == b"good"
    assert names_in(tmp_path) == ["atom.xml"]


def test_long_names_can_be_written(tmp_path: Path) -> None:
    """A name as long as the file system takes still has room for its temporary file; two of them do not mix."""
    names = ["n" * 254 + "1", "n" * 254 + "2", "📰" * 63]
    write_all_atomic({str(tmp_path / name): name[-1].encode() for name in names})
    assert names_in(tmp_path) == sorted(names)
    assert [(tmp_path / name).read_bytes() for name in names] == [b"1", b"2", "📰".encode()]


def test_removing_what_is_not_there_is_no_error(tmp_path: Path) -> None:
    """A second removal does nothing."""
    target = tmp_path / "page"
    target.write_bytes(b"")
    remove_if_there(str(target))
    remove_if_there(str(target))
    assert names_in(tmp_path) == []


# Reading


def read_beneath(root: Path, path: str) -> bytes:
    with open_beneath(str(root), path) as handle:
        return read_steady(handle, 1000)[0]


def test_a_file_in_sub_folders_is_read(tmp_path: Path) -> None:
    """A plain path below the root is opened."""
    (tmp_path / "a" / "b").mkdir(parents=True)
    (tmp_path / "a" / "b" / "c.txt").write_bytes(b"text")
    assert read_beneath(tmp_path, "a/b/c.txt") == b"text"


@pytest.mark.parametrize("path", ["link.txt", "loop.txt", "dangling.txt", "folder/c.txt", "a/folder/c.txt"])
@pytest.mark.case("2.12")
def test_no_link_is_followed(tmp_path: Path, path: str) -> None:
    """A link is refused as the last part of a path and as any folder in it."""
    root, outside = tmp_path / "root", tmp_path / "outside"
    (root / "a").mkdir(parents=True)
    outside.mkdir()
    (outside / "c.txt").write_bytes(b"secret")
    (root / "link.txt").symlink_to(outside / "c.txt")
    (root / "loop.txt").symlink_to("loop.txt")
    (root / "dangling.txt").symlink_to("nothing")
    (root / "folder").symlink_to(outside)
    (root / "a" / "folder").symlink_to(outside)
    with pytest.raises(OSError, match=r".") as caught:
        read_beneath(root, path)
    assert caught.value.errno in (errno.ELOOP, errno.ENOTDIR)


@pytest.mark.parametrize(
    "path", ["../outside.txt", "a/../../outside.txt", "./in.txt", "a//b.txt", "", "..", "/etc/passwd"]
)
def test_a_path_cannot_climb_out_of_its_root(tmp_path: Path, path: str) -> None:
    """Anything but plain names is refused, whether it would lead outside or not."""
    root = tmp_path / "root"
    (root / "a").mkdir(parents=True)
    (tmp_path / "outside.txt").write_bytes(b"secret")
    (root / "in.txt").write_bytes(b"public")
    with pytest.raises(OSError, match="not a plain name"):
        read_beneath(root, path)


def test_a_missing_file_is_told_as_such(tmp_path: Path) -> None:
    """What is not there raises FileNotFoundError, in a folder that is not there too."""
    for path in ("no.txt", "no/no.txt"):
        with pytest.raises(FileNotFoundError):
            read_beneath(tmp_path, path)


@pytest.mark.case("2.11")
def test_a_pipe_is_refused_without_waiting(tmp_path: Path) -> None:
    """Opening a named pipe that nobody writes to returns at once."""
    os.mkfifo(tmp_path / "x.txt")
    with pytest.raises(OSError, match="not a regular file"):
        read_beneath(tmp_path, "x.txt")


def test_a_folder_is_not_a_file(tmp_path: Path) -> None:
    """A folder with the name of a text is refused."""
    (tmp_path / "x.txt").mkdir()
    with pytest.raises(OSError, match="not a regular file"):
        read_beneath(tmp_path, "x.txt")


def test_refusals_leave_no_handle_open(tmp_path: Path) -> None:
    """Every way out closes what was opened on the way."""
    (tmp_path / "a").mkdir()
    (tmp_path / "a" / "x.txt").mkdir()
    before = len(os.listdir("/proc/self/fd"))
    for path in ("a/x.txt", "a/no.txt", "a/../x", "no/x.txt"):
        with pytest.raises(OSError, match=r"."):
            read_beneath(tmp_path, path)
    assert len(os.listdir("/proc/self/fd")) == before


class Growing:
    """Stands for another program: changes the file at the moment when its first bytes are read."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch, change: object) -> None:
        self._read, self._change = os.read, change
        monkeypatch.setattr(os, "read", self)

    def __call__(self, handle: int, count: int) -> bytes:
        """Read, then let the other program have its turn, once."""
        data = self._read(handle, count)
        if callable(self._change):
            self._change()
            self._change = None
        return data


@pytest.mark.case("1.3", "2.17")
def test_a_file_that_grows_meanwhile_is_not_used(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Another program appends while the file is read: what was read is thrown away."""
    target = tmp_path / "a.txt"
    target.write_bytes(b"half")

    def append() -> None:
        with target.open("ab") as file:
            file.write(b" and half")

    Growing(monkeypatch, append)
    with open_beneath(str(tmp_path), "a.txt") as handle, pytest.raises(SourceChangedError):
        read_steady(handle, 1000)


@pytest.mark.case("1.3", "2.18")
def test_a_file_that_is_rewritten_meanwhile_is_not_used(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The same size with another time is a change too."""
    target = tmp_path / "a.txt"
    target.write_bytes(b"old!")
    make_old(target)
    Growing(monkeypatch, lambda: target.write_bytes(b"new!"))
    with open_beneath(str(tmp_path), "a.txt") as handle, pytest.raises(SourceChangedError):
        read_steady(handle, 1000)


@pytest.mark.parametrize(("size", "expected"), [(0, 0), (9, 9), (10, 10), (11, 11), (5000, 11)])
def test_reading_stops_after_the_limit(tmp_path: Path, size: int, expected: int) -> None:
    """One byte more than allowed is enough to know that a file is too large."""
    (tmp_path / "a.txt").write_bytes(b"x" * size)
    with open_beneath(str(tmp_path), "a.txt") as handle:
        data, status = read_steady(handle, 10)
    assert (len(data), status.st_size) == (expected, size)


def test_a_writer_is_noticed_until_it_closes(tmp_path: Path) -> None:
    """While another handle has the file open for writing it is being written, then it is not."""
    target = tmp_path / "a.txt"
    target.write_bytes(b"text")
    with open_beneath(str(tmp_path), "a.txt") as handle:
        with target.open("ab"):
            assert is_being_written(handle)
        assert not is_being_written(handle)
        with target.open("rb"):
            assert not is_being_written(handle)


def test_a_writer_in_another_process_is_noticed(tmp_path: Path) -> None:
    """It does not matter whose handle it is; when that process dies, the file rests."""
    target = tmp_path / "a.txt"
    code = "import sys; f = open(sys.argv[1], 'w'); print('open', flush=True); sys.stdin.read()"
    with subprocess.Popen(
        [sys.executable, "-c", code, str(target)], stdin=subprocess.PIPE, stdout=subprocess.PIPE
    ) as writer:
        assert writer.stdout is not None
        assert writer.stdout.readline() == b"open\n"
        with open_beneath(str(tmp_path), "a.txt") as handle:
            assert is_being_written(handle)
            writer.kill()
            writer.wait()
            assert not is_being_written(handle)


def test_asking_for_writers_does_not_hinder_them(tmp_path: Path) -> None:
    """After the question the file can be opened for writing at once: no lease stays behind."""
    target = tmp_path / "a.txt"
    target.write_bytes(b"text")
    with open_beneath(str(tmp_path), "a.txt") as handle:
        assert not is_being_written(handle)
        os.close(os.open(target, os.O_WRONLY | os.O_NONBLOCK))


def test_what_knows_no_leases_is_taken_for_resting() -> None:
    """A device cannot be leased: the answer is no, not an error."""
    handle = os.open(os.devnull, os.O_RDONLY)
    try:
        assert not is_being_written(handle)
    finally:
        os.close(handle)
