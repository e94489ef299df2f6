"""A run for very many subscribers: how long until all messages are queued, how much memory, how long others wait.

Run: ``python benchmarks/runs.py [SUBSCRIBERS [ROUNDS]]``. Each round is a process of its own on a new database where
everybody gets a daily digest in one of six languages at the same hour: the worst moment there is. Meanwhile another
thread writes again and again, as the reading of the inbox does, and notes how long it had to wait.
"""

from __future__ import annotations

import json
import statistics
import subprocess
import sys
import tempfile
import threading
import time
from contextlib import closing
from datetime import timedelta
from pathlib import Path
from random import Random
from typing import TYPE_CHECKING
from uuid import UUID
from zoneinfo import ZoneInfo

from feedsvc.app.build import build_site
from feedsvc.app.project import open_project
from feedsvc.app.run_maker import RunMaker
from feedsvc.model import DigestCursor, DigestSchedule, Frequency, Subscriber, SubscriberState
from feedsvc.render.mail import load_templates
from feedsvc.settings import load_settings
from feedsvc.times import utc_now

if TYPE_CHECKING:
    from datetime import datetime

    from feedsvc.app.project import Project
    from feedsvc.store import SqlStore

_LANGUAGES = ("ar", "en", "es", "fr", "ru", "zh")
_BATCH = 10_000
_LIMIT_S, _LIMIT_MB = 20.0, 150.0
_WRITES_EVERY_S = 0.05
_REST_S = 0.005


def main() -> None:
    """Measure and print."""
    if len(sys.argv) == 4:
        print(json.dumps(_run(Path(sys.argv[2]), int(sys.argv[3]))))
        return
    subscribers = int(sys.argv[1]) if len(sys.argv) > 1 else 1_000_000
    rounds = int(sys.argv[2]) if len(sys.argv) > 2 else 3
    print(f"{subscribers} subscribers, all due at once, {rounds} rounds")
    found = [_round(subscribers) for _ in range(rounds)]
    for name, unit, limit in (
        ("run", "s", _LIMIT_S), ("memory", "MB", _LIMIT_MB), ("longest_wait", "s", None), ("next_look", "s", None)
    ):  # fmt: skip
        values = [one[name] for one in found]
        told = f"{statistics.median(values):.2f} {unit} ({min(values):.2f} to {max(values):.2f})"
        print(f"{name.replace('_', ' ')}: {told}{f', limit {limit:.0f} {unit}' if limit else ''}")


def _round(subscribers: int) -> dict[str, float]:
    with tempfile.TemporaryDirectory(prefix="feedsvc-runs-") as folder:
        _fill(Path(folder), subscribers)
        line = [sys.executable, __file__, "round", folder, str(subscribers)]
        values: dict[str, float] = json.loads(subprocess.run(line, check=True, stdout=subprocess.PIPE).stdout)
        return values


def _fill(root: Path, subscribers: int) -> None:
    """Make a site with news, and people who had a digest yesterday."""
    (root / "config").mkdir()
    (root / "config" / "feedsvc.toml").write_text('[site]\nurl = "https://news.example.org"\n')
    project = open_project(load_settings(root))
    yesterday = utc_now().replace(minute=0, second=0, microsecond=0) - timedelta(hours=25)
    random, schedule = Random(1), DigestSchedule(Frequency.DAILY, ZoneInfo("UTC"), yesterday.hour)
    with closing(project.open_store()) as store:
        for begin in range(0, subscribers, _BATCH):
            people = [
                Subscriber(
                    str(UUID(int=random.getrandbits(128), version=4)), f"reader{n}@example.org",
                    _LANGUAGES[n % len(_LANGUAGES)], schedule, (), SubscriberState.ACTIVE, yesterday,
                    yesterday, None, "asked for it on the page of the site",
                )
                for n in range(begin, min(begin + _BATCH, subscribers))
            ]  # fmt: skip
            told = [DigestCursor(one.id, 0, yesterday, f"{yesterday:%Y-%m-%d}", yesterday.date()) for one in people]
            with store.writing() as unit:
                unit.put_subscribers(people)
                unit.put_digest_cursors(told)
        _look(project, store, yesterday)
    (root / "inbox").mkdir()
    for number in range(20):
        (root / "inbox" / f"{number}.txt").write_text(f"What happened {number}\n\nIt was in the town hall.\n")
    build_site(load_settings(root), lambda _done, _total: None)


def _look(project: Project, store: SqlStore, now: datetime) -> float:
    """Make the run of a moment; returns the seconds that it took."""
    templates = load_templates(str(project.settings.template_folder))

    def rest() -> bool:
        time.sleep(_REST_S)
        return False

    begin = time.perf_counter()
    RunMaker(project, store, lambda: templates, lambda: now, rest).make()
    return time.perf_counter() - begin


def _run(root: Path, subscribers: int) -> dict[str, float]:
    """Make the run, and a look at which nobody is due, beside a thread that writes."""
    project = open_project(load_settings(root))
    with closing(project.open_store()) as store:
        is_over, waits = threading.Event(), [0.0]
        writer = threading.Thread(target=_write, args=(store, is_over, waits))
        writer.start()
        taken = _look(project, store, utc_now())
        is_over.set()
        writer.join()
        again = _look(project, store, utc_now())
        with store.reading() as unit:
            queued = sum(unit.outbox_counts().values())
    if queued != subscribers:
        raise SystemExit(f"only {queued} of {subscribers} messages were queued")
    return {"run": taken, "memory": _peak_mb(), "longest_wait": max(waits), "next_look": again}


def _peak_mb() -> float:
    """Return the highest resident memory of this process; getrusage would count that of its parent."""
    status = Path("/proc/self/status").read_text()
    return next(int(line.split()[1]) for line in status.splitlines() if line.startswith("VmHWM:")) * 1024 / 1e6


def _write(store: SqlStore, is_over: threading.Event, waits: list[float]) -> None:
    while not is_over.wait(_WRITES_EVERY_S):
        begin = time.perf_counter()
        with store.writing() as unit:
            unit.set_meta("benchmark", str(begin))
        waits.append(time.perf_counter() - begin)


if __name__ == "__main__":
    main()
