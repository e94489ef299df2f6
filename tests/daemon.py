"""The real program in a project of its own: its commands, and the daemon as a process to watch, kill and restart."""

from __future__ import annotations

import contextlib
import json
import os
import signal
import subprocess
import sys
import threading
import time
from typing import TYPE_CHECKING, Any
from urllib.parse import quote, urlsplit

import feedparser
import psutil
from web_client import Answer, fetch

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence
    from pathlib import Path

PATIENCE_S = 60.0
"""How long anything is waited for before a test fails; no statement about speed."""

SETTINGS = {
    "FEEDSVC_INBOX__SETTLE_MS": "50",
    "FEEDSVC_INBOX__QUIET_MS": "300",
    "FEEDSVC_INBOX__GRACE_S": "1",
    "FEEDSVC_INBOX__RECONCILE_S": "2",
    "FEEDSVC_WEB__PORT": "0",
    "FEEDSVC_LOG__FORMAT": "json",
}
"""Settings that let a test wait for less; the order of things stays that of the defaults."""

DOCUMENTS = ("atom.xml", "rss.xml", "feed.json")


def tell(figure: str) -> None:
    """Note a figure that a test measured; ``pytest -rP`` shows it."""
    print(figure)  # noqa: T201


class Site:
    """A new project without the examples, and the environment that all its commands get.

    Args:
        root: The project folder; it is made.
        environ: Environment variables on top of *SETTINGS*.

    Attributes:
        run_under: Program and arguments under which the daemon runs, for example to take rights from it.
    """

    run_under: Sequence[str] = ()

    def __init__(self, root: Path, **environ: str) -> None:
        self.root, self.inbox, self.published = root, root / "inbox", root / "feeds"
        self.environ = {**SETTINGS, **environ}
        root.mkdir(parents=True)
        self.feedsvc("init")
        for example in self.inbox.iterdir():
            example.unlink()

    def command(self, *arguments: str) -> list[str]:
        """Return the command line of a command."""
        return [sys.executable, "-m", "feedsvc", "--root", str(self.root), *arguments]

    def environment(self, **environ: str) -> dict[str, str]:
        """Return the whole environment of a command."""
        return {**os.environ, **self.environ, **environ}

    def feedsvc(self, *arguments: str, exit_code: int = 0, **environ: str) -> subprocess.CompletedProcess[str]:
        """Run a command and check its exit code; a traceback is never an answer."""
        run = subprocess.run(
            self.command(*arguments),
            env=self.environment(**environ),
            capture_output=True,
            encoding="utf-8",
            stdin=subprocess.DEVNULL,
            check=False,
            timeout=PATIENCE_S * 4,
        )
        assert run.returncode == exit_code, run.stdout + run.stderr
        assert "Traceback" not in run.stderr
        return run

    def write(self, path: str, text: str) -> Path:
        """Write a file below the inbox as any program would: open, write, close."""
        file = self.inbox / path
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text, "utf-8")
        return file

    def receipt(self, path: str) -> dict[str, Any]:
        """Return what ``feedsvc status FILE`` says of a file."""
        receipt: dict[str, Any] = json.loads(self.feedsvc("status", path, "--json").stdout)
        return receipt

    def status(self) -> dict[str, Any]:
        """Return what ``feedsvc status`` says of all files."""
        status: dict[str, Any] = json.loads(self.feedsvc("status", "--json").stdout)
        return status

    def counts(self) -> dict[str, int]:
        """Return how many files are in which state."""
        counts: dict[str, int] = self.status()["counts"]
        return counts

    def items(self, slug: str = "main") -> list[dict[str, Any]]:
        """Return the items of a JSON feed as it lies on disk now, none where it was not written yet."""
        try:
            items: list[dict[str, Any]] = json.loads((self.published / slug / "feed.json").read_bytes())["items"]
        except FileNotFoundError:
            return []
        return items

    def titles(self, slug: str = "main") -> list[str]:
        """Return the titles of a feed, sorted."""
        return sorted(item["title"] for item in self.items(slug))

    def tree(self) -> dict[str, bytes]:
        """Return all published files by path, without those that readers cannot see."""
        files = (path for path in self.published.rglob("[!.]*") if path.is_file())
        return {str(path.relative_to(self.published)): path.read_bytes() for path in files}

    def litter(self) -> list[Path]:
        """Return the files that a killed writer left beside their targets in the published folder."""
        return [path for path in self.published.rglob(".*") if path.is_file()]


class Daemon:
    """``feedsvc run`` on a site, from the start of the block to its end; killed there if it still runs.

    Args:
        site: The project.
        environ: Environment variables on top of those of *site*.
    """

    def __init__(self, site: Site, **environ: str) -> None:
        self.site = site
        self.events: list[dict[str, Any]] = []
        """Log lines so far."""
        self._environ = environ
        self._news = threading.Condition()
        self._is_over = False

    def __enter__(self) -> Daemon:
        self.process = subprocess.Popen(
            [*self.site.run_under, *self.site.command("run")],
            env=self.site.environment(**self._environ),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
        )
        self._reader = threading.Thread(target=self._read, daemon=True)
        self._reader.start()
        return self

    def __exit__(self, *_: object) -> None:
        if self.process.poll() is None:
            self.kill()
        self._reader.join(PATIENCE_S)
        assert self.process.stdout is not None
        self.process.stdout.close()
        crashed = [event for event in self.events if "exception" in event or event.get("event") == "unparsed"]
        assert not crashed, crashed

    # Log lines

    def _read(self) -> None:
        assert self.process.stdout is not None
        for line in self.process.stdout:
            with self._news:
                self.events.append(_parsed(line))
                self._news.notify_all()
        with self._news:
            self._is_over = True
            self._news.notify_all()

    def wait_for(self, event: str, *, after: int = 0, **keys: object) -> dict[str, Any]:
        """Return the first log line of *event* with *keys*, from number *after* on; waits until it comes."""

        def found() -> dict[str, Any] | None:
            lines = self.events[after:]
            return next((line for line in lines if line.items() >= {"event": event, **keys}.items()), None)

        with self._news:
            self._news.wait_for(lambda: found() or self._is_over, PATIENCE_S)
            line = found()
        assert line is not None, f"no {event} {keys} in the log: {self._tail()}"
        return line

    def lines(self, event: str, **keys: object) -> list[dict[str, Any]]:
        """Return all log lines so far of *event* with *keys*."""
        return [line for line in self.events if line.items() >= {"event": event, **keys}.items()]

    def wait_until(self, is_so: Callable[[], object], patience_s: float = PATIENCE_S) -> None:
        """Look again and again until *is_so* holds, as long as the daemon lives."""
        deadline = time.monotonic() + patience_s
        while not is_so():
            assert self.process.poll() is None, f"the daemon ended: {self._tail()}"
            assert time.monotonic() < deadline, f"waited in vain; the log ends with {self._tail()}"
            time.sleep(0.02)

    def wait_for_titles(self, *titles: str, slug: str = "main") -> None:
        """Wait until a feed carries exactly *titles*."""
        self.wait_until(lambda: self.site.titles(slug) == sorted(titles))

    def wait_for_pages(self, count: int) -> None:
        """Wait until *count* pages were written since the start, and after them all feeds that show the entries."""
        self.wait_until(lambda: sum(line["pages"] for line in self.lines("feeds.written")) == count)

    def _tail(self) -> str:
        """Return the last log lines for a person who looks for the cause of a failure."""
        boring = ("timestamp", "level", "logger")
        lines = ({k: v for k, v in line.items() if k not in boring} for line in self.events[-20:])
        return "\n".join(["", *map(str, lines)])

    # HTTP

    @property
    def port(self) -> int:
        """The port it listens on."""
        port = urlsplit(str(self.wait_for("service.started")["listening"])).port
        assert port is not None
        return port

    def get(self, path: str, headers: Mapping[str, str | list[str]] | None = None) -> Answer:
        """Send a GET request; *path* may be in any script."""
        return fetch(self.port, quote(path), headers=headers)

    def feed(self, slug: str, name: str) -> Any:
        """Return a feed as a reader gets it: feedparser's view of Atom and RSS, the JSON values otherwise."""
        answer = self.get(f"/{slug}/{name}")
        assert answer.status == 200, answer
        if name == "feed.json":
            return json.loads(answer.body)
        headers = {"content-type": answer.headers["content-type"]}
        parsed = feedparser.parse(
            answer.body, response_headers=headers, sanitize_html=False, resolve_relative_uris=False
        )
        assert not parsed.bozo, parsed.bozo_exception
        return parsed

    def health(self) -> tuple[int, dict[str, Any]]:
        """Return the status of the health page and its checks by name."""
        answer = self.get("/-/health")
        return answer.status, json.loads(answer.body)["checks"]

    def wait_until_ill(self, check: str) -> str:
        """Wait until the health page is red for *check*; returns what it says."""
        self.wait_until(lambda: self.health()[0] == 503 and not self.health()[1][check]["ok"])
        return str(self.health()[1][check]["detail"])

    def wait_until_well(self) -> None:
        """Wait until the health page is green."""
        self.wait_until(lambda: self.health()[0] == 200)

    def goes_on(self) -> None:
        """Check that a good file dropped now is published, and that readers get all three feeds whole."""
        title = f"Neighbour {len(self.events)}"
        self.site.write(f"{title.lower().replace(' ', '-')}.txt", f"{title}\n\nLife goes on in town.\n")
        self.wait_until(lambda: title in self.site.titles())
        for name in DOCUMENTS:
            self.wait_until(lambda name=name: title in self.get(f"/main/{name}").body.decode())  # type: ignore[misc]
            self.feed("main", name)

    # The end

    def kill(self) -> None:
        """End it as a power cut would: no handler runs."""
        self.process.kill()
        self.process.wait(PATIENCE_S)

    def terminate(self, number: signal.Signals = signal.SIGTERM, within_s: float = PATIENCE_S) -> None:
        """Ask it to end, and check that it does so in time and with exit code 0."""
        self.process.send_signal(number)
        with contextlib.suppress(subprocess.TimeoutExpired):
            self.process.wait(within_s)
        assert self.process.poll() == 0, self._tail()

    def rss(self) -> int:
        """Return the memory of the daemon, in bytes."""
        return int(psutil.Process(self.process.pid).memory_info().rss)

    def cpu_s(self) -> float:
        """Return the processor time that the daemon used, in seconds."""
        times = psutil.Process(self.process.pid).cpu_times()
        return float(times.user + times.system)


def _parsed(line: bytes) -> dict[str, Any]:
    try:
        values: dict[str, Any] = json.loads(line)
    except ValueError:
        return {"event": "unparsed", "line": line}
    return values
