"""The watcher on real folders with the kernel's own events."""

from __future__ import annotations

import ctypes
import errno
import logging
import os
import shutil
import subprocess
import sys
import threading
import time
from contextlib import contextmanager
from queue import Empty, SimpleQueue
from typing import TYPE_CHECKING, Any

import needs
import pytest
from watchdog.observers import inotify_c
from watchdog.observers.inotify import InotifyObserver

from feedsvc.watch import RESCAN, DirtyKind, Hint, InboxWatcher, WatchStatus, mounts
from feedsvc.watch import observers as watch_observers
from feedsvc.watch.hints import OverflowListener
from feedsvc.watch.observers import MOVE_PAIRING_S, Mode, make_observer

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from watchdog.observers.api import BaseObserver

PATIENCE_S = 30.0
A_THREAD_MAY_DIE = pytest.mark.filterwarnings("ignore::pytest.PytestUnhandledThreadExceptionWarning")

Hints = SimpleQueue[Hint]


def settled(path: str, moved_from: str | None = None) -> Hint:
    return Hint(DirtyKind.SETTLED, path, moved_from)


def touched(path: str) -> Hint:
    return Hint(DirtyKind.TOUCHED, path)


def hints_until(hints: Hints, is_enough: Callable[[list[Hint]], bool]) -> list[Hint]:
    """Take hints until they are enough; what came so far is shown when they never are."""
    seen: list[Hint] = []
    deadline = time.monotonic() + PATIENCE_S
    while not is_enough(seen):
        try:
            seen.append(hints.get(timeout=max(0.0, deadline - time.monotonic())))
        except Empty:
            pytest.fail(f"waited in vain; these hints came: {seen[-20:]}")
    return seen


def hints_with(hints: Hints, *wanted: Hint) -> list[Hint]:
    return hints_until(hints, lambda seen: set(wanted) <= set(seen))


def eventually(is_true: Callable[[], bool]) -> None:
    deadline = time.monotonic() + PATIENCE_S
    while not is_true():
        assert time.monotonic() < deadline, "it never came true"
        time.sleep(0.02)


@pytest.fixture
def inbox(tmp_path: Path) -> Path:
    folder = tmp_path / "inbox"
    folder.mkdir()
    return folder


@pytest.fixture
def hints() -> Hints:
    return SimpleQueue()


@pytest.fixture(autouse=True)
def no_thread_stays() -> Iterator[None]:
    """Every test here ends with the threads that it began with."""
    before = set(threading.enumerate())
    yield
    eventually(lambda: set(threading.enumerate()) <= before)


@contextmanager
def watching(inbox: Path, hints: Hints, **options: Any) -> Iterator[InboxWatcher]:
    watcher = InboxWatcher(str(inbox), hints, **options)
    watcher.start()
    try:
        yield watcher
    finally:
        watcher.stop()


def read_to_a_mark(inbox: Path, hints: Hints) -> list[Hint]:
    """Return all hints up to that of a file written now: later ones cannot be about earlier deeds."""
    (inbox / "mark").write_text("x")
    return hints_with(hints, settled("mark"))


# --- what is reported


def test_a_written_file_is_settled_once_it_is_closed(inbox: Path, hints: Hints) -> None:
    """Creating says touched, closing says settled, in that order; the self-test itself is not reported."""
    with watching(inbox, hints) as watcher:
        assert watcher.status.mode == "inotify"
        assert watcher.status.is_alive
        (inbox / "خبر.txt").write_text("نص")
        assert hints_with(hints, settled("خبر.txt")) == [touched("خبر.txt"), settled("خبر.txt")]


def test_a_file_renamed_or_linked_into_the_inbox_is_touched(inbox: Path, hints: Hints, tmp_path: Path) -> None:
    """Editors and uploads that rename a finished file into place are noticed."""
    (tmp_path / "a").write_text("a")
    (tmp_path / "b").write_text("b")
    with watching(inbox, hints):
        (tmp_path / "a").rename(inbox / "a.txt")
        (inbox / "b.txt").hardlink_to(tmp_path / "b")
        hints_with(hints, touched("a.txt"), touched("b.txt"))


def test_a_rename_inside_the_inbox_tells_both_names(inbox: Path, hints: Hints) -> None:
    """The former path comes with the new one, also across folders."""
    (inbox / "sub").mkdir()
    (inbox / ".draft.tmp").write_text("x")
    with watching(inbox, hints):
        (inbox / ".draft.tmp").rename(inbox / "sub" / "news.txt")
        hints_with(hints, settled("sub/news.txt", ".draft.tmp"))


def test_a_deleted_file_is_touched(inbox: Path, hints: Hints) -> None:
    """A deletion is reported under the path that is gone."""
    (inbox / "old.txt").write_text("x")
    with watching(inbox, hints):
        (inbox / "old.txt").unlink()
        hints_with(hints, touched("old.txt"))


def test_a_file_moved_out_is_touched_and_holds_nothing_up(inbox: Path, hints: Hints, tmp_path: Path) -> None:
    """Moving out is a deletion; the wait for the other half of the rename is cut short in this watchdog."""
    (inbox / "old.txt").write_text("x")
    with watching(inbox, hints) as watcher:
        (inbox / "old.txt").rename(tmp_path / "old.txt")
        hints_with(hints, touched("old.txt"))
        assert watcher._inbox._watch is not None
        (emitter,) = watcher._inbox._watch.observer.emitters
        assert emitter._inotify._move_event_grouper._queue.delay == MOVE_PAIRING_S  # type: ignore[attr-defined]


def test_a_name_that_is_not_utf8_keeps_its_bytes(inbox: Path, hints: Hints) -> None:
    """Undecodable bytes come as surrogate escapes, as os.fsdecode gives them."""
    name = b"caf\xe9.txt"
    with watching(inbox, hints):
        with open(os.path.join(os.fsencode(inbox), name), "wb"):
            pass
        hints_with(hints, settled(os.fsdecode(name)))


def test_a_made_folder_asks_for_a_scan(inbox: Path, hints: Hints) -> None:
    """Files written right after mkdir may have no event of their own, so a scan is asked for."""
    with watching(inbox, hints):
        (inbox / "a" / "b").mkdir(parents=True)
        (inbox / "a" / "b" / "news.txt").write_text("x")
        hints_with(hints, RESCAN)
        read_to_a_mark(inbox, hints)
        (inbox / "a" / "b" / "later.txt").write_text("x")
        hints_with(hints, settled("a/b/later.txt"))


def test_a_folder_moved_in_out_or_away_asks_for_a_scan(inbox: Path, hints: Hints, tmp_path: Path) -> None:
    """None of these says a word about the files inside, so a scan is asked for each time."""
    full = tmp_path / "full"
    full.mkdir()
    (full / "news.txt").write_text("x")
    with watching(inbox, hints):
        for old, new in ((full, inbox / "in"), (inbox / "in", inbox / "on"), (inbox / "on", full)):
            old.rename(new)
            hints_with(hints, RESCAN)
            read_to_a_mark(inbox, hints)


def test_a_burst_from_another_process_is_reported_whole(inbox: Path, hints: Hints) -> None:
    """Each of 3,000 files has a hint, or a scan was asked for."""
    code = "import sys, os\nfor n in range(3000):\n  open(os.path.join(sys.argv[1], f'{n}.txt'), 'w').write('x')"
    wanted = {f"{n}.txt" for n in range(3000)}
    left = set(wanted)

    def is_enough(seen: list[Hint]) -> bool:
        if seen:
            left.discard(seen[-1].path)
        return not left or RESCAN in seen[-1:]

    with watching(inbox, hints):
        subprocess.run([sys.executable, "-c", code, str(inbox)], check=True)
        hints_until(hints, is_enough)


def test_an_inbox_reached_through_a_link_is_watched(inbox: Path, hints: Hints, tmp_path: Path) -> None:
    """The folder behind the link is watched, and moving the link to another folder is noticed."""
    link, other = tmp_path / "link", tmp_path / "other"
    link.symlink_to(inbox)
    other.mkdir()
    with watching(link, hints) as watcher:
        (inbox / "a.txt").write_text("x")
        hints_with(hints, settled("a.txt"))
        link.unlink()
        link.symlink_to(other)
        assert watcher.heal()
        (other / "b.txt").write_text("x")
        hints_with(hints, RESCAN, settled("b.txt"))


# --- events that get lost


@pytest.mark.case("1.6")
def test_dropped_events_ask_for_a_scan(inbox: Path, hints: Hints) -> None:
    """Watchdog's warning that the kernel dropped events becomes a rescan, until the watcher stops."""
    logger = logging.getLogger(OverflowListener.LOGGER)
    with watching(inbox, hints):
        logger.warning("something else")
        logger.warning("Inotify queue overflowed; filesystem events were lost")
        assert hints.get(timeout=PATIENCE_S) == RESCAN
    logger.warning("Inotify queue overflowed; filesystem events were lost")
    assert hints.empty()


@pytest.mark.case("1.6")
def test_watchdog_still_says_so_when_the_kernel_drops_events(inbox: Path, hints: Hints) -> None:
    """The kernel's overflow event, fed to watchdog's own reader, arrives as a rescan."""
    from watchdog.observers.inotify_c import InotifyConstants, InotifyEvent, WatchDescriptor

    with watching(inbox, hints) as watcher:
        assert watcher._inbox._watch is not None
        reader = watcher._inbox._watch.observer._inotify_fd  # type: ignore[attr-defined]
        reader.handle_event(InotifyEvent(WatchDescriptor(-1), InotifyConstants.IN_Q_OVERFLOW, 0, b""))
        assert hints.get(timeout=PATIENCE_S) == RESCAN
        (inbox / "after.txt").write_text("x")
        hints_with(hints, settled("after.txt"))


class Stumbling(SimpleQueue[Hint]):
    """A queue that fails as often as it is told to."""

    failures = 0

    def put(self, item: Hint, block: bool = True, timeout: float | None = None) -> None:
        """Put or fail."""
        if self.failures > 0:
            self.failures -= 1
            raise MemoryError("no room for a hint")
        super().put(item, block, timeout)


@pytest.mark.case("1.32")
def test_an_event_that_cannot_be_passed_on_becomes_a_scan(inbox: Path) -> None:
    """One failure in the handler loses that hint only, and asks for a scan instead."""
    hints = Stumbling()
    with watching(inbox, hints) as watcher:
        hints.failures = 1
        (inbox / "a.txt").write_text("x")
        hints_with(hints, RESCAN, settled("a.txt"))
        assert watcher.status.is_alive
        assert not watcher.heal()


@A_THREAD_MAY_DIE
@pytest.mark.case("1.32")
def test_a_handler_that_raises_all_the_same_is_noticed_and_healed(inbox: Path) -> None:
    """Watchdog's thread ends with the exception; the status says so, heal begins anew and asks for a scan."""
    hints = Stumbling()
    with watching(inbox, hints) as watcher:
        hints.failures = 2
        (inbox / "lost.txt").write_text("x")
        eventually(lambda: not watcher.status.is_alive)
        assert "has ended" in watcher.status.detail
        assert watcher.heal()
        (inbox / "b.txt").write_text("x")
        hints_with(hints, RESCAN, settled("b.txt"))
        assert watcher.status.is_alive


@A_THREAD_MAY_DIE
def test_a_dead_kernel_reader_is_noticed_and_healed(inbox: Path, hints: Hints, tmp_path: Path) -> None:
    """A folder moved out, made again, and both removed ends watchdog's reader thread: healed like any other."""
    (inbox / "a").mkdir()
    with watching(inbox, hints) as watcher:
        (inbox / "a").rename(tmp_path / "a")
        read_to_a_mark(inbox, hints)
        (inbox / "a").mkdir()
        read_to_a_mark(inbox, hints)
        (inbox / "a").rmdir()
        (tmp_path / "a").rmdir()
        eventually(lambda: not watcher.status.is_alive)
        assert "kernel" in watcher.status.detail
        assert watcher.heal()
        (inbox / "b.txt").write_text("x")
        hints_with(hints, RESCAN, settled("b.txt"))


# --- an inbox that comes and goes


def test_an_inbox_renamed_and_made_again_is_healed(inbox: Path, hints: Hints, tmp_path: Path) -> None:
    """The kernel keeps watching the old folder under its new name; heal turns to the new one."""
    with watching(inbox, hints) as watcher:
        assert not watcher.heal()
        inbox.rename(tmp_path / "inbox.old")
        inbox.mkdir()
        (inbox / "early.txt").write_text("x")
        assert watcher.heal()
        (inbox / "late.txt").write_text("x")
        seen = hints_with(hints, settled("late.txt"))
        assert seen.index(RESCAN) < seen.index(settled("late.txt"))
        assert not watcher.heal()


def test_an_inbox_removed_and_made_again_is_healed(inbox: Path, hints: Hints) -> None:
    """The collecting thread ends with the folder, even if the new one has the same inode number."""
    with watching(inbox, hints) as watcher:
        inbox.rmdir()
        eventually(lambda: not watcher.status.is_alive)
        inbox.mkdir()
        assert watcher.heal()
        (inbox / "a.txt").write_text("x")
        hints_with(hints, settled("a.txt"))


def test_a_missing_inbox_is_off_until_it_appears(inbox: Path, hints: Hints, caplog: pytest.LogCaptureFixture) -> None:
    """Starting without an inbox raises nothing and complains once; heal begins when it is there."""
    inbox.rmdir()
    with watching(inbox, hints) as watcher:
        assert (watcher.status.mode, watcher.status.is_alive) == ("off", False)
        assert "missing" in watcher.status.detail
        assert not watcher.heal()
        assert not watcher.heal()
        assert hints.empty()
        assert [record.getMessage() for record in caplog.records].count("watch.off") == 1
        inbox.mkdir()
        assert watcher.heal()
        assert hints.get(timeout=PATIENCE_S) == RESCAN
        assert watcher.status.is_alive


def test_an_inbox_that_vanishes_is_off_and_asks_for_one_scan(inbox: Path, hints: Hints) -> None:
    """The scan will report the missing inbox; no scan is asked for again while it stays away."""
    with watching(inbox, hints) as watcher:
        inbox.rmdir()
        assert not watcher.heal()
        assert watcher.status.mode == "off"
        assert RESCAN in hints_until(hints, lambda seen: RESCAN in seen)
        while not hints.empty():
            hints.get()
        assert not watcher.heal()
        assert hints.empty()


def test_a_file_in_place_of_the_inbox_is_off(inbox: Path, hints: Hints) -> None:
    """A file of that name is not watched in the inbox's stead."""
    inbox.rmdir()
    inbox.write_text("not a folder")
    with watching(inbox, hints) as watcher:
        assert watcher.status.mode == "off"


# --- polling


@pytest.mark.parametrize("deed", ["write", "rename in", "delete", "folder"])
def test_polling_finds_what_happens(deed: str, inbox: Path, hints: Hints, tmp_path: Path) -> None:
    """Without any event of the kernel, new, changed and deleted files are noticed."""
    (inbox / "old.txt").write_text("x")
    (tmp_path / "outside").write_text("x")
    with watching(inbox, hints, polling="always", poll_s=0.05) as watcher:
        assert watcher.status.mode == "polling"
        assert "0.05 s" in watcher.status.detail
        if deed == "write":
            (inbox / "old.txt").write_text("longer")
            hints_with(hints, touched("old.txt"))
        elif deed == "rename in":
            (tmp_path / "outside").rename(inbox / "new.txt")
            hints_with(hints, touched("new.txt"))
        elif deed == "delete":
            (inbox / "old.txt").unlink()
            hints_with(hints, touched("old.txt"))
        else:
            (inbox / "sub").mkdir()
            hints_with(hints, RESCAN)


def test_polling_survives_an_inbox_that_comes_back(inbox: Path, hints: Hints) -> None:
    """An inbox removed and made again is polled again after heal."""
    with watching(inbox, hints, polling="always", poll_s=0.05) as watcher:
        shutil.rmtree(inbox)
        eventually(lambda: not watcher.status.is_alive)
        inbox.mkdir()
        assert watcher.heal()
        (inbox / "a.txt").write_text("x")
        hints_with(hints, touched("a.txt"))


class Deaf(InotifyObserver):
    """An observer on a file system without events, as a network share is."""

    def dispatch_events(self, event_queue: Any) -> None:
        """Drop one event."""
        event_queue.get()


def deaf_observer(mode: Mode, poll_s: float) -> BaseObserver:
    return Deaf() if mode == "inotify" else make_observer(mode, poll_s)


@pytest.mark.case("1.1")
def test_where_events_do_not_arrive_polling_is_chosen(
    inbox: Path, hints: Hints, caplog: pytest.LogCaptureFixture
) -> None:
    """The self-test at the start finds out, says so once, leaves nothing behind, and files are still noticed."""
    with watching(inbox, hints, poll_s=0.05, probe_s=0.2, make=deaf_observer) as watcher:
        assert watcher.status.mode == "polling"
        assert os.listdir(inbox) == []
        assert [record.getMessage() for record in caplog.records].count("watch.polling") == 1
        (inbox / "a.txt").write_text("x")
        hints_with(hints, touched("a.txt"))
        assert not watcher.heal()


@pytest.mark.parametrize(
    ("table", "mode"),
    [
        ("{inbox} rw shared:1 - nfs4 server:/export rw", "polling"),
        ("{inbox} rw - fuse.sshfs editor@host: rw", "polling"),
        ("{inbox} rw - ext4 /dev/sda1 rw", "inotify"),
        ("{inbox}er rw - nfs4 server:/export rw", "inotify"),
        ("{inbox} rw - nfs4 server:/export rw\n2 1 0:2 / {inbox} rw - tmpfs tmpfs rw", "inotify"),
    ],
)
@pytest.mark.case("1.1")
def test_a_network_share_is_polled(
    table: str, mode: str, tmp_path: Path, hints: Hints, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The self-test cannot see that other machines' changes make no events there; the table of mounts tells."""
    inbox = tmp_path / "the inbox"
    inbox.mkdir()
    listed = str(inbox.resolve()).replace(" ", "\\040")
    lines = "1 0 0:1 / / rw - ext4 /dev/root rw\n2 1 0:2 / " + table.format(inbox=listed) + "\n"
    (tmp_path / "mountinfo").write_text(lines)
    monkeypatch.setattr(mounts, "MOUNT_TABLE", str(tmp_path / "mountinfo"))
    with watching(inbox, hints, poll_s=0.05) as watcher:
        assert watcher.status.mode == mode
    with watching(inbox, hints, polling="never") as watcher:
        assert watcher.status.mode == "inotify"


def test_without_a_table_of_mounts_the_self_test_decides(
    inbox: Path, hints: Hints, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Where the table cannot be read, for example in a sandbox, watching begins all the same."""
    monkeypatch.setattr(mounts, "MOUNT_TABLE", str(inbox / "none"))
    with watching(inbox, hints) as watcher:
        assert watcher.status.mode == "inotify"


def test_polling_can_be_ruled_out(inbox: Path, hints: Hints) -> None:
    """With never, no self-test is made and inotify stays."""
    with watching(inbox, hints, polling="never", make=deaf_observer) as watcher:
        assert watcher.status.mode == "inotify"


def test_a_probe_left_by_a_crash_is_removed(inbox: Path, hints: Hints) -> None:
    """A probe file of the same name, from a process that was killed, neither harms nor stays."""
    (inbox / f".feedsvc-probe-{os.getpid()}").write_text("")
    with watching(inbox, hints) as watcher:
        assert watcher.status.mode == "inotify"
        assert os.listdir(inbox) == []


def test_an_inbox_that_cannot_be_written_is_watched_untested(inbox: Path, hints: Hints) -> None:
    """Where the probe cannot be written, inotify is kept: the scans will find what it misses."""
    (inbox / f".feedsvc-probe-{os.getpid()}").mkdir()  # in the way of the probe, whoever runs the test
    with watching(inbox, hints) as watcher:
        assert watcher.status.mode == "inotify"
        (inbox / "a.txt").write_text("x")
        hints_with(hints, settled("a.txt"))


@pytest.mark.parametrize(
    ("number", "setting"),
    [(errno.ENOSPC, "fs.inotify.max_user_watches"), (errno.EMFILE, "fs.inotify.max_user_instances")],
)
@pytest.mark.case("1.8")
def test_at_the_kernels_limits_polling_is_chosen(
    number: int, setting: str, inbox: Path, hints: Hints, caplog: pytest.LogCaptureFixture
) -> None:
    """Without a watch to be had the inbox is polled, and the warning names the setting to raise."""

    def at_the_limit(mode: Mode, poll_s: float) -> BaseObserver:
        if mode == "inotify":
            raise OSError(number, "limit reached")
        return make_observer(mode, poll_s)

    with watching(inbox, hints, poll_s=0.05, make=at_the_limit) as watcher:
        assert watcher.status.mode == "polling"
        (inbox / "a.txt").write_text("x")
        hints_with(hints, touched("a.txt"))
    assert any(setting in str(vars(record)) for record in caplog.records)


class Refused(InotifyObserver):
    """An observer that is built, but cannot begin."""

    def start(self) -> None:
        """Fail."""
        raise OSError(errno.EIO, "Input/output error")


def test_an_inbox_that_cannot_be_watched_is_off_with_the_reason(inbox: Path, hints: Hints) -> None:
    """The reason is kept for the health report, and heal succeeds once it is gone."""
    observers = [Refused, InotifyObserver]
    with watching(inbox, hints, polling="never", make=lambda _mode, _poll_s: observers.pop(0)()) as watcher:
        assert watcher.status.mode == "off"
        assert "Input/output error" in watcher.status.detail
        assert watcher.heal()
        assert watcher.status.is_alive


# --- other file systems mounted inside


@pytest.mark.case("1.2")
def test_a_mounted_folder_without_events_is_polled_and_the_rest_is_not(inbox: Path, hints: Hints) -> None:
    """Each mount is tested by itself; what happens in it is told with its path below the inbox."""
    archive = inbox / "news" / "archive"
    archive.mkdir(parents=True)
    observers = [InotifyObserver, Deaf]

    def make(mode: Mode, poll_s: float) -> BaseObserver:
        return observers.pop(0)() if mode == "inotify" else make_observer(mode, poll_s)

    with needs.mounted(archive):
        (archive / "old.txt").write_text("x")
        with watching(inbox, hints, poll_s=0.05, probe_s=0.2, make=make) as watcher:
            assert watcher.status.mode == "inotify"
            assert watcher.status.is_alive
            assert "news/archive: looking every 0.05 s, because no event arrived" in watcher.status.detail
            assert os.listdir(archive) == ["old.txt"], "the self-test leaves nothing behind"
            (archive / "old.txt").write_text("longer")
            (inbox / "a.txt").write_text("x")
            hints_with(hints, touched("news/archive/old.txt"), settled("a.txt"))
            assert not watcher.heal()


def test_a_share_mounted_inside_is_polled_by_its_kind(
    inbox: Path, hints: Hints, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The self-test cannot know what other machines do there, so the table of mounts decides for it alone."""
    (inbox / "shared").mkdir()
    lines = f"1 0 0:1 / / rw - ext4 /dev/root rw\n2 1 0:2 / {inbox.resolve()}/shared rw - cifs //server/share rw\n"
    (tmp_path / "mountinfo").write_text(lines)
    monkeypatch.setattr(mounts, "MOUNT_TABLE", str(tmp_path / "mountinfo"))
    with watching(inbox, hints, poll_s=0.05) as watcher:
        assert (watcher.status.mode, watcher.status.is_alive) == ("inotify", True)
        assert "shared: looking every 0.05 s, because the folder shared/ lies on a network share (cifs)" in (
            watcher.status.detail
        )
        (inbox / "shared" / "a.txt").write_text("x")
        hints_with(hints, touched("shared/a.txt"))
    with watching(inbox, hints, polling="always", poll_s=0.05) as watcher:
        assert watcher.status.detail == "looking every 0.05 s", "who polls the inbox polls all of it"


def test_what_is_mounted_later_is_watched_and_what_goes_is_forgotten(inbox: Path, hints: Hints) -> None:
    """Healing notices both and asks for a scan each time."""
    shelf = inbox / "shelf"
    shelf.mkdir()
    with watching(inbox, hints) as watcher:
        with needs.mounted(shelf):
            assert watcher.heal()
            assert hints.get(timeout=PATIENCE_S) == RESCAN
            (shelf / "a.txt").write_text("x")
            hints_with(hints, settled("shelf/a.txt"))
            assert not watcher.heal()
        assert watcher.heal()
        hints_with(hints, RESCAN)
        assert (watcher.status.mode, watcher.status.is_alive) == ("inotify", True)
        (inbox / "b.txt").write_text("x")
        hints_with(hints, settled("b.txt"))


def test_a_single_file_mounted_inside_is_no_folder_to_watch(
    inbox: Path, hints: Hints, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As containers do it: nothing is wrong with that."""
    (inbox / "one.txt").write_text("x")
    (tmp_path / "mountinfo").write_text(f"2 1 0:2 / {inbox.resolve()}/one.txt rw - ext4 /dev/root rw\n")
    monkeypatch.setattr(mounts, "MOUNT_TABLE", str(tmp_path / "mountinfo"))
    with watching(inbox, hints) as watcher:
        assert watcher.status == WatchStatus("inotify", is_alive=True, detail="watching")


@pytest.mark.parametrize(
    ("table", "points"),
    [
        ("", []),
        ("1 0 0:1 / / rw - ext4 /dev/root rw", []),
        ("1 0 0:1 / /srv/inbox rw - ext4 /dev/root rw", []),
        ("1 0 0:1 / /srv/inbox-old/x rw - ext4 /dev/root rw", []),
        (
            "1 0 0:1 / /srv/inbox/b rw - nfs a:/ rw\n2 0 0:2 / /srv/inbox/a\\040b rw shared:3 - tmpfs none rw",
            ["a b", "b"],
        ),
        ("1 0 0:1 / /srv/inbox/a rw - nfs a:/ rw\n2 0 0:2 / /srv/inbox/a rw - nfs a:/ rw", ["a"]),
        ("nonsense\n\n1 2 3 - x", []),
    ],
)
def test_places_mounted_below_are_read_from_the_table(
    table: str, points: list[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Only what lies below, each place once, whatever its name."""
    (tmp_path / "mountinfo").write_text(table)
    monkeypatch.setattr(mounts, "MOUNT_TABLE", str(tmp_path / "mountinfo"))
    assert mounts.submounts("/srv/inbox") == [f"/srv/inbox/{point}" for point in points]


# --- the kernel's limits, met inside watchdog


@contextmanager
def no_watch_left(monkeypatch: pytest.MonkeyPatch, number: int) -> Iterator[None]:
    """Let the kernel's own function refuse every further watch with the error *number*."""

    def refuse(_handle: int, _path: bytes, _mask: int) -> int:
        ctypes.set_errno(number)
        return -1

    with monkeypatch.context() as patch:
        patch.setattr(inotify_c, "inotify_add_watch", refuse)
        yield


@pytest.mark.case("1.8")
def test_without_a_watch_left_the_inbox_is_polled_and_the_setting_is_named(
    inbox: Path, hints: Hints, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    """The whole way from the kernel's refusal to the operator: log, status, and files that are noticed all the same."""
    with no_watch_left(monkeypatch, errno.ENOSPC), watching(inbox, hints, poll_s=0.05) as watcher:
        assert (watcher.status.mode, watcher.status.is_alive) == ("polling", True)
        assert watcher.status.detail == (
            "looking every 0.05 s, because the kernel allows no more watching; "
            "raise fs.inotify.max_user_watches with sysctl"
        )
        (inbox / "a.txt").write_text("x")
        hints_with(hints, touched("a.txt"))
    assert [record.getMessage() for record in caplog.records].count("watch.polling") == 1


@pytest.mark.case("1.8")
def test_when_the_limit_is_met_later_the_inbox_is_polled_from_then_on(
    inbox: Path, hints: Hints, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A new folder takes the last watch: at the latest after healing, files in it are noticed."""
    with watching(inbox, hints, poll_s=0.05) as watcher:
        with no_watch_left(monkeypatch, errno.ENOSPC):
            (inbox / "one-too-many").mkdir()
            eventually(watcher.heal)
        assert watcher.status.mode == "polling"
        (inbox / "one-too-many" / "a.txt").write_text("x")
        hints_with(hints, touched("one-too-many/a.txt"))


@pytest.mark.case("1.8")
def test_a_sub_folder_beyond_the_limit_makes_all_of_it_polled(
    inbox: Path, hints: Hints, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Half an inbox without events is no better than a whole one: known at the start, with the setting named."""
    (inbox / "sub").mkdir()
    real = inotify_c.inotify_add_watch

    def refuse_the_sub_folder(handle: int, path: bytes, mask: int) -> int:
        if path.endswith(b"/sub"):
            ctypes.set_errno(errno.ENOSPC)
            return -1
        return real(handle, path, mask)  # type: ignore[arg-type]

    monkeypatch.setattr(inotify_c, "inotify_add_watch", refuse_the_sub_folder)
    with watching(inbox, hints, poll_s=0.05) as watcher:
        assert watcher.status.mode == "polling"
        assert "fs.inotify.max_user_watches" in watcher.status.detail
        (inbox / "sub" / "a.txt").write_text("x")
        hints_with(hints, touched("sub/a.txt"))
    with watching(inbox, hints, polling="never") as watcher:
        assert watcher.status.mode == "inotify"
        assert not watcher.heal(), "whoever rules polling out is not asked again and again"


def test_without_an_inotify_instance_left_the_setting_for_that_is_named(
    inbox: Path, hints: Hints, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The other limit has another name."""

    def refuse() -> int:
        ctypes.set_errno(errno.EMFILE)
        return -1

    monkeypatch.setattr(inotify_c, "inotify_init", refuse)
    with watching(inbox, hints, poll_s=0.05) as watcher:
        assert watcher.status.mode == "polling"
        assert "fs.inotify.max_user_instances" in watcher.status.detail


# --- beginning and end


def test_start_and_stop_may_be_repeated(inbox: Path, hints: Hints) -> None:
    """A second start or stop changes nothing; a stopped watcher is not healed, and can start again."""
    watcher = InboxWatcher(str(inbox), hints)
    watcher.stop()
    assert not watcher.heal()
    for _ in range(2):
        watcher.start()
        watcher.start()
        (inbox / "a.txt").write_text("x")
        hints_with(hints, settled("a.txt"))
        watcher.stop()
        watcher.stop()
        assert watcher.status.mode == "off"
        assert not watcher.heal()
    (inbox / "unseen.txt").write_text("x")
    assert hints.empty()


class Hanging(InotifyObserver):
    """An observer that hangs in the file system when it is stopped."""

    answer = threading.Event()

    def stop(self) -> None:
        """Stop when told to, at last."""
        self.answer.wait(PATIENCE_S)
        super().stop()


def test_stop_does_not_wait_for_a_file_system_that_hangs(
    inbox: Path, hints: Hints, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    """A hung share cannot keep the daemon from ending: its threads are left behind with a warning."""
    monkeypatch.setattr(watch_observers, "CLOSE_S", 0.1)
    with watching(inbox, hints, make=lambda _mode, _poll_s: Hanging()) as watcher:
        watcher.stop()
        assert watcher.status.mode == "off"
        assert not Hanging.answer.is_set()
        assert "watch.close_hangs" in [record.getMessage() for record in caplog.records]
    Hanging.answer.set()


class Clumsy(InotifyObserver):
    """An observer that raises after it was stopped."""

    def stop(self) -> None:
        """Stop, and fail."""
        super().stop()
        raise OSError(errno.EIO, "Input/output error")


def test_an_observer_that_raises_when_closed_is_only_logged(
    inbox: Path, hints: Hints, caplog: pytest.LogCaptureFixture
) -> None:
    """Closing goes on to the end."""
    with watching(inbox, hints, make=lambda _mode, _poll_s: Clumsy()) as watcher:
        watcher.stop()
    assert "watch.close_failed" in [record.getMessage() for record in caplog.records]
