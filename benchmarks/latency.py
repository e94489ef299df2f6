"""Latency: from closing a file to the new entry in a 200 response, one file at a time, beside 10,000 others.

Run: ``python benchmarks/latency.py [FILES [DROPS]]``.
"""

from __future__ import annotations

import http.client
import json
import os
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from corpus import write_markdown

_SETTLE_MS = 200
_ALLOWED_MS = 50


def main() -> None:
    """Measure and print."""
    files = int(sys.argv[1]) if len(sys.argv) > 1 else 10_000
    drops = int(sys.argv[2]) if len(sys.argv) > 2 else 100
    with tempfile.TemporaryDirectory() as scratch:
        root = Path(scratch)
        (root / "config").mkdir()
        write_markdown(root / "inbox", files)
        log = root / "log"
        env = {**os.environ, "FEEDSVC_WEB__PORT": "0", "FEEDSVC_LOG__FORMAT": "json"}
        command = [sys.executable, "-m", "feedsvc", "--root", str(root), "run"]
        with log.open("w") as stderr:
            daemon = subprocess.Popen(command, env=env, stderr=stderr)
        try:
            address = _wait_until_ready(daemon, log)
            _report([_drop(root / "inbox", address, number) for number in range(drops)], files)
        finally:
            daemon.terminate()
            daemon.wait(timeout=10)


def _report(delays_ms: list[float], files: int) -> None:
    deciles = statistics.quantiles(delays_ms, n=10)
    median = statistics.median(delays_ms)
    print(f"inbox of {files} files, {len(delays_ms)} drops")
    low, high = deciles[0], deciles[8]
    print(f"close to served: median {median:.1f} ms, 10 % {low:.1f}, 90 % {high:.1f}, max {max(delays_ms):.1f}")
    print(f"beyond the settle time of {_SETTLE_MS} ms: median {median - _SETTLE_MS:.1f} ms - limit {_ALLOWED_MS} ms")


def _wait_until_ready(daemon: subprocess.Popen[bytes], log: Path) -> str:
    """Return host and port once the daemon has read and published everything."""
    while daemon.poll() is None:
        whole_lines, _, _ = log.read_text(encoding="utf-8").rpartition("\n")
        events = {event["event"]: event for event in map(json.loads, whole_lines.splitlines())}
        if "service.ready" in events and "service.started" in events:
            return str(events["service.started"]["listening"].split("/")[2])
        time.sleep(0.1)
    raise SystemExit("the daemon ended before it was ready")


def _drop(inbox: Path, address: str, number: int) -> float:
    title = f"Dropped {number} at {time.time_ns()}"
    connection = http.client.HTTPConnection(address, timeout=10)
    with (inbox / f"drop-{number}.txt").open("w", encoding="utf-8") as file:
        file.write(f"{title}\n\nA short text that somebody waits for.\n")
    closed = time.perf_counter()
    while title.encode() not in _fetch(connection):
        time.sleep(0.0005)
    delay_ms = (time.perf_counter() - closed) * 1000
    connection.close()
    return delay_ms


def _fetch(connection: http.client.HTTPConnection) -> bytes:
    connection.request("GET", "/main/atom.xml")
    answer = connection.getresponse()
    body = answer.read()
    return body if answer.status == 200 else b""


if __name__ == "__main__":
    main()
