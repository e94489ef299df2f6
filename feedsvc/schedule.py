"""When the service looks for work. What is due, only the store knows: a late or doubled look does no harm."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from threading import Lock
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

PUBLISH_S = 60.0
"""How often feeds that could not be written are tried again."""


@dataclass(frozen=True, slots=True)
class Job:
    """Something to do again and again: every so many seconds, or each minute at one second.

    Attributes:
        every_s: Seconds from one run to the next, or None.
        at_second: Second of each minute, 0 to 59, or None.
        run: May raise; the job goes on at its next time.

    Raises:
        ValueError: Not exactly one of the two rhythms is given, or it cannot be kept.
    """

    name: str
    every_s: float | None
    at_second: int | None
    run: Callable[[], None]

    def __post_init__(self) -> None:
        if (self.every_s is None) == (self.at_second is None):
            raise ValueError(f"job {self.name}: give either every_s or at_second")
        if self.every_s is not None and self.every_s <= 0:
            raise ValueError(f"job {self.name}: every_s must be above 0")
        if self.at_second is not None and not 0 <= self.at_second < 60:
            raise ValueError(f"job {self.name}: at_second must be from 0 to 59")


@dataclass(frozen=True, slots=True)
class NextRun:
    """When a job runs next, aware UTC; None while the scheduler is stopped."""

    name: str
    at: datetime | None


def service_jobs(
    *,
    reconcile: Callable[[], None],
    release: Callable[[], None],
    heal: Callable[[], None],
    publish: Callable[[], None],
    rehash: Callable[[], None],
    digests: Callable[[], None],
    digests_s: float,
    reconcile_s: float,
    heal_s: float,
    rehash_s: float,
) -> tuple[Job, ...]:
    """Return the table of everything that the service does by the clock; 0 for *rehash_s* leaves that out."""
    jobs = (
        Job("reconcile", every_s=reconcile_s, at_second=None, run=reconcile),
        Job("release", every_s=None, at_second=0, run=release),
        Job("heal", every_s=heal_s, at_second=None, run=heal),
        Job("publish", every_s=PUBLISH_S, at_second=None, run=publish),
        Job("digests", every_s=digests_s, at_second=None, run=digests),
    )
    return (*jobs, Job("rehash", every_s=rehash_s, at_second=None, run=rehash)) if rehash_s else jobs


class Scheduler:
    """Runs jobs in threads of its own, each job at most once at a time.

    Args:
        jobs: The table; names are unique.
        on_error: Told the name of a job that raised, and what it raised.
    """

    def __init__(self, jobs: Sequence[Job], on_error: Callable[[str, BaseException], None]) -> None:
        self._jobs, self._on_error = tuple(jobs), on_error
        self._lock = Lock()
        self._scheduler: Any = None  # APScheduler has no types
        self._pool: Any = None

    def start(self) -> None:
        """Begin; the first interval passes before an interval job runs. Starting twice is no error."""
        with self._lock:
            if self._scheduler is None:
                self._scheduler, self._pool = _start(self._jobs, self._on_error)

    def stop(self) -> None:
        """Let running jobs finish and run no more. Stopping twice, or before the start, is no error."""
        with self._lock:
            scheduler, self._scheduler = self._scheduler, None
        if scheduler is not None:
            # waiting inside APScheduler would hold the lock that a running job needs to read the table
            scheduler.shutdown(wait=False)
            self._pool.shutdown(wait=True)

    @property
    def is_alive(self) -> bool:
        """Tell whether jobs will run: started, not stopped, and the thread that waits for the clock lives."""
        scheduler = self._scheduler
        return scheduler is not None and scheduler.running and _timer_lives(scheduler)

    @property
    def jobs(self) -> tuple[NextRun, ...]:
        """The jobs in the order of the table, each with its next run."""
        scheduler = self._scheduler
        return tuple(NextRun(job.name, _next_run(scheduler, job.name)) for job in self._jobs)


def _start(jobs: Sequence[Job], on_error: Callable[[str, BaseException], None]) -> tuple[Any, Any]:
    """Return a running scheduler and the pool that runs its jobs."""
    # APScheduler takes longer to import than a small command takes to run
    from apscheduler.executors.pool import ThreadPoolExecutor
    from apscheduler.schedulers.background import BackgroundScheduler

    pool = ThreadPoolExecutor(max(1, len(jobs)))  # a thread for each: a slow job must not hold up another
    scheduler = BackgroundScheduler(
        timezone=UTC,
        executors={"default": pool},
        # by default APScheduler drops a run that is more than a second late
        job_defaults={"misfire_grace_time": None, "coalesce": True, "max_instances": 1},
    )
    for job in jobs:
        scheduler.add_job(_guarded(job, on_error), _trigger(job), id=job.name, name=job.name)
    scheduler.start()
    return scheduler, pool


def _guarded(job: Job, on_error: Callable[[str, BaseException], None]) -> Callable[[], None]:
    def run() -> None:
        try:
            job.run()
        except BaseException as error:  # noqa: BLE001, RUF100 - whatever it was, the job goes on at its next time
            on_error(job.name, error)

    return run


def _trigger(job: Job) -> Any:  # noqa: ANN401
    from apscheduler.triggers.cron import CronTrigger
    from apscheduler.triggers.interval import IntervalTrigger

    if job.at_second is not None:
        return CronTrigger(second=job.at_second, timezone=UTC)
    return IntervalTrigger(seconds=job.every_s, timezone=UTC)


def _timer_lives(scheduler: Any) -> bool:  # noqa: ANN401
    """Ask APScheduler's own thread, which is private there; unknown counts as alive."""
    thread = getattr(scheduler, "_thread", None)
    return thread is None or bool(thread.is_alive())


def _next_run(scheduler: Any, name: str) -> datetime | None:  # noqa: ANN401
    job = None if scheduler is None else scheduler.get_job(name)
    moment: datetime | None = None if job is None else job.next_run_time
    return moment
