"""The scheduler: jobs run again and again, whatever happens in one of them."""

from __future__ import annotations

import threading
import time
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from queue import SimpleQueue
from typing import TYPE_CHECKING

import pytest

from feedsvc.schedule import Job, Scheduler, service_jobs

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

PATIENCE_S = 30


def nothing() -> None:
    """Do nothing."""


def table(rehash_s: float) -> tuple[Job, ...]:
    return service_jobs(
        reconcile=nothing,
        release=nothing,
        heal=nothing,
        publish=nothing,
        digests=nothing,
        rehash=nothing,
        reconcile_s=30.0,
        heal_s=5.0,
        rehash_s=rehash_s,
    )


def every(name: str, run: Callable[[], None], seconds: float = 0.05) -> Job:
    return Job(name, every_s=seconds, at_second=None, run=run)


@contextmanager
def running(*jobs: Job, errors: SimpleQueue[tuple[str, BaseException]] | None = None) -> Iterator[Scheduler]:
    heard = SimpleQueue() if errors is None else errors
    scheduler = Scheduler(jobs, lambda name, error: heard.put((name, error)))
    scheduler.start()
    try:
        yield scheduler
    finally:
        scheduler.stop()


def test_a_job_runs_again_and_again() -> None:
    """An interval job comes round more than once."""
    ran: SimpleQueue[int] = SimpleQueue()
    with running(every("tick", lambda: ran.put(1))):
        for _ in range(3):
            assert ran.get(timeout=PATIENCE_S) == 1


def test_a_job_that_raises_is_reported_and_goes_on() -> None:
    """Each failure reaches on_error with the job's name, and the job is tried again."""
    errors: SimpleQueue[tuple[str, BaseException]] = SimpleQueue()

    def fail() -> None:
        raise OSError("disk full")

    with running(every("publish", fail), errors=errors) as scheduler:
        for _ in range(2):
            name, error = errors.get(timeout=PATIENCE_S)
            assert (name, str(error)) == ("publish", "disk full")
        assert scheduler.is_alive


def test_even_an_exit_request_inside_a_job_stops_nothing() -> None:
    """SystemExit in a job is an error of that job, not the end of the scheduler."""
    errors: SimpleQueue[tuple[str, BaseException]] = SimpleQueue()

    def leave() -> None:
        raise SystemExit(3)

    with running(every("leave", leave), errors=errors):
        kinds = {type(errors.get(timeout=PATIENCE_S)[1]) for _ in range(2)}
    assert kinds == {SystemExit}


def test_a_slow_job_holds_up_no_other_and_never_overlaps_itself() -> None:
    """While one job hangs, the other goes on; the hanging one is not started a second time."""
    release, others, started = threading.Event(), SimpleQueue[int](), SimpleQueue[int]()

    def hang() -> None:
        started.put(1)
        release.wait(PATIENCE_S)

    with running(every("slow", hang), every("quick", lambda: others.put(1))):
        started.get(timeout=PATIENCE_S)
        for _ in range(5):
            others.get(timeout=PATIENCE_S)
        assert started.empty()
        release.set()
        assert started.get(timeout=PATIENCE_S) == 1


def test_a_run_that_comes_late_is_made_up() -> None:
    """A run that is seconds late, after a pause of the whole process, is not dropped."""
    ran: SimpleQueue[int] = SimpleQueue()
    with running(every("tick", lambda: ran.put(1), seconds=3600)) as scheduler:
        job = scheduler._scheduler.get_job("tick")
        job.modify(next_run_time=datetime.now(UTC) - timedelta(seconds=90))
        assert ran.get(timeout=PATIENCE_S) == 1
        assert scheduler.jobs[0].at is not None


def test_stop_waits_for_the_running_job_and_leaves_no_thread() -> None:
    """After stop the job has ended, nothing runs any more and no thread is left; both ends may be called twice."""
    before = set(threading.enumerate())
    started, ended = threading.Event(), threading.Event()

    def work() -> None:
        started.set()
        time.sleep(0.2)
        ended.set()

    scheduler = Scheduler([every("work", work)], lambda _name, _error: None)
    scheduler.stop()
    scheduler.start()
    scheduler.start()
    assert started.wait(PATIENCE_S)
    scheduler.stop()
    assert ended.is_set()
    assert not scheduler.is_alive
    scheduler.stop()
    assert set(threading.enumerate()) <= before


def test_a_running_job_may_read_the_table_while_the_scheduler_stops() -> None:
    """Reading the next runs from inside a job never locks up with stop."""
    started, stopping = threading.Event(), threading.Event()
    seen: SimpleQueue[int] = SimpleQueue()
    scheduler = Scheduler([every("look", lambda: look())], lambda _name, _error: None)

    def look() -> None:
        started.set()
        stopping.wait(PATIENCE_S)
        seen.put(len(scheduler.jobs))

    scheduler.start()
    assert started.wait(PATIENCE_S)
    stopper = threading.Thread(target=scheduler.stop)
    stopper.start()
    stopping.set()
    stopper.join(PATIENCE_S)
    assert not stopper.is_alive()
    assert seen.get(timeout=PATIENCE_S) == 1


def test_a_scheduler_starts_again_after_a_stop() -> None:
    """Stop is not the end: a second start runs the jobs again."""
    ran: SimpleQueue[int] = SimpleQueue()
    scheduler = Scheduler([every("tick", lambda: ran.put(1))], lambda _name, _error: None)
    for _ in range(2):
        scheduler.start()
        assert ran.get(timeout=PATIENCE_S) == 1
        scheduler.stop()


def test_the_table_tells_the_next_runs() -> None:
    """Each job shows when it comes next, in UTC; a stopped scheduler shows no times."""
    jobs = table(rehash_s=3600.0)
    scheduler = Scheduler(jobs, lambda _name, _error: None)
    names = ["reconcile", "release", "heal", "publish", "digests", "rehash"]
    assert [(run.name, run.at) for run in scheduler.jobs] == [(name, None) for name in names]
    now = datetime.now(UTC)
    scheduler.start()
    try:
        runs = {run.name: run.at for run in scheduler.jobs}
    finally:
        scheduler.stop()
    assert list(runs) == names
    assert all(at is not None and at.utcoffset() == timedelta(0) for at in runs.values())
    release, heal = runs["release"], runs["heal"]
    assert release is not None
    assert heal is not None
    assert release.second == 0
    assert now < release <= now + timedelta(seconds=61)
    assert heal - now >= timedelta(seconds=5)


def test_reading_all_again_can_be_switched_off() -> None:
    """With 0 seconds there is no such job."""
    assert "rehash" not in [job.name for job in table(rehash_s=0.0)]


@pytest.mark.parametrize(
    ("every_s", "at_second"), [(None, None), (1.0, 0), (0.0, None), (-1.0, None), (None, 60), (None, -1)]
)
def test_a_job_needs_one_rhythm_that_can_be_kept(every_s: float | None, at_second: int | None) -> None:
    """A job without a rhythm, with two, or with an impossible one is refused by name."""
    with pytest.raises(ValueError, match="job odd: "):
        Job("odd", every_s=every_s, at_second=at_second, run=nothing)
