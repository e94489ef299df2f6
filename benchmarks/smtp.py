"""Messages per second over one connection: with and without reuse and pipelining, near and far.

Run: ``python benchmarks/smtp.py [MESSAGES [ROUNDS]]``. All ways take turns in each round; ratios are to smtplib's own
``sendmail`` over a kept connection.
"""

from __future__ import annotations

import contextlib
import smtplib
import statistics
import subprocess
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING

from feedsvc.deliver import Security, SmtpServer, SmtpTransport
from feedsvc.model import Envelope, Verdict

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

_BYTES = 68_000
_LINE = b"A line of a digest, as long as lines in digests are, with a dot now and then.\r\n"
_MESSAGE = b"Subject: digest\r\n\r\n" + _LINE * (_BYTES // len(_LINE))
_KEPT = 1_000_000
_FAR_MS = 5.0
_FAR_SHARE = 10
"""At a distance a tenth of the messages is enough."""


def main() -> None:
    """Measure and print."""
    messages = int(sys.argv[1]) if len(sys.argv) > 1 else 1_000
    rounds = int(sys.argv[2]) if len(sys.argv) > 2 else 5
    print(f"{messages} messages of {len(_MESSAGE)} bytes, {rounds} rounds, medians")
    _compare("beside us", 0.0, messages, rounds)
    _compare(f"{_FAR_MS:.0f} ms away", _FAR_MS, messages // _FAR_SHARE, rounds)


def _compare(place: str, delay_ms: float, messages: int, rounds: int) -> None:
    with _sink(delay_ms) as plain, _sink(delay_ms, "PIPELINING") as pipelining:
        ways: dict[str, Callable[[], None]] = {
            "smtplib.sendmail, connection kept": lambda: _sendmail(plain, messages),
            "a connection for each": lambda: _deliver(plain, messages, 1),
            "connection kept": lambda: _deliver(plain, messages, _KEPT),
            "connection kept, pipelined": lambda: _deliver(pipelining, messages, _KEPT),
        }
        seconds: dict[str, list[float]] = {name: [] for name in ways}
        for _ in range(rounds):
            for name, run in ways.items():
                begin = time.perf_counter()
                run()
                seconds[name].append(time.perf_counter() - begin)
    (peer, *_) = seconds.values()
    for name, taken in seconds.items():
        ratios = [other / mine for other, mine in zip(peer, taken, strict=True)]
        rate, low, high = messages / statistics.median(taken), min(ratios), max(ratios)
        print(f"{place}, {name}: {rate:.0f}/s, ratio {statistics.median(ratios):.2f} ({low:.2f} to {high:.2f})")


def _deliver(port: int, messages: int, per_connection: int) -> None:
    server = SmtpServer("127.0.0.1", port, Security.NONE, hello="benchmark.example", max_per_connection=per_connection)
    transport = SmtpTransport(server)
    envelopes = (Envelope("a@example.org", f"r{n}@example.org", _MESSAGE) for n in range(messages))
    accepted = sum(result.verdict is Verdict.ACCEPTED for result in transport.send(envelopes))
    transport.close()
    if accepted != messages:
        raise SystemExit(f"only {accepted} of {messages} messages were accepted")


def _sendmail(port: int, messages: int) -> None:
    with smtplib.SMTP("127.0.0.1", port, "benchmark.example") as smtp:
        for number in range(messages):
            smtp.sendmail("a@example.org", [f"r{number}@example.org"], _MESSAGE)


@contextlib.contextmanager
def _sink(delay_ms: float, *features: str) -> Iterator[int]:
    command = [sys.executable, str(Path(__file__).with_name("sink.py")), str(delay_ms), *features]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
    assert process.stdout is not None
    try:
        yield int(process.stdout.readline())
    finally:
        process.kill()
        process.wait()
        process.stdout.close()


if __name__ == "__main__":
    main()
