"""What one domain that takes nothing costs the others: the same readers with and without it, in turns.

Run: ``python benchmarks/dead_domain.py [RECIPIENTS [ROUNDS]]``. One reader in twenty more is at a domain whose server
is away, so that the mail server puts each message to it off (450), or hangs up on it (421). Measured is the time until
all others have their mail, from a full outbox, over four connections, with all that became of them written down.
"""

from __future__ import annotations

import subprocess
import sys
import tempfile
import time
from contextlib import closing, contextmanager
from pathlib import Path
from typing import TYPE_CHECKING
from uuid import UUID
from zoneinfo import ZoneInfo

from measure import spread

from feedsvc.deliver import Security, SmtpServer, SmtpTransport
from feedsvc.model import DigestSchedule, Envelope, Frequency, NewDigest, OutboxState, Subscriber, SubscriberState
from feedsvc.outbox import Dispatcher, InDoubt, Sending
from feedsvc.store import open_sqlite
from feedsvc.times import utc_now

if TYPE_CHECKING:
    from collections.abc import Iterator

    from feedsvc.model import QueuedDigest

_DEAD = "dead.example"
_SHARE = 20
_CONNECTIONS = 4
_MESSAGE = b"Subject: news\r\n\r\n" + (b"x" * 76 + b"\r\n") * 870
_LIMIT = 1.05


def main() -> None:
    """Measure and print."""
    recipients = int(sys.argv[1]) if len(sys.argv) > 1 else 10_000
    rounds = int(sys.argv[2]) if len(sys.argv) > 2 else 5
    for code in ("450", "421"):
        with tempfile.TemporaryDirectory() as scratch, _sink(code) as port:
            path = str(Path(scratch, "outbox.sqlite3"))
            _send(path, port, recipients // 10, with_dead=True)  # fills caches
            pairs = [
                tuple(_send(path, port, recipients, with_dead=dead) for dead in (False, True)) for _ in range(rounds)
            ]
        print(f"{code}: without {spread([alone for alone, _ in pairs], 's')}")
        print(f"{code}: with    {spread([beside for _, beside in pairs], 's')}")
        print(f"{code}: ratio   {spread([beside / alone for alone, beside in pairs], '')} - limit {_LIMIT}")


@contextmanager
def _sink(code: str) -> Iterator[int]:
    command = [sys.executable, str(Path(__file__).with_name("sink.py")), "0", f"dead:{code}:{_DEAD}", "PIPELINING"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        try:
            yield int(process.stdout.readline())
        finally:
            process.kill()


def _send(path: str, port: int, recipients: int, *, with_dead: bool) -> float:
    """Return the seconds until everybody who can be reached has their mail."""
    for suffix in ("", "-wal", "-shm"):
        Path(f"{path}{suffix}").unlink(missing_ok=True)
    addresses = [f"reader{n}@host{n % 50}.example" for n in range(recipients)]
    if with_dead:
        for n in range(recipients // _SHARE):
            addresses.insert(n * (_SHARE + 1), f"reader{n}@{_DEAD}")
    with closing(open_sqlite(path)) as store:
        schedule, now = DigestSchedule(Frequency.DAILY, ZoneInfo("UTC")), utc_now()
        with store.writing() as unit:
            unit.put_digest_bodies({"body": b""})
            unit.put_subscribers(
                [
                    Subscriber(str(UUID(int=n)), address, "en", schedule, (), SubscriberState.ACTIVE, now)
                    for n, address in enumerate(addresses)
                ]
            )
            unit.queue_digests(
                [
                    NewDigest(f"{n}@news.example", str(UUID(int=n)), "run", "day", "body", address)
                    for n, address in enumerate(addresses)
                ]
            )
        sending = Sending(_finish, lambda address: address, InDoubt.RESEND, "benchmark", _CONNECTIONS)
        server = SmtpServer("127.0.0.1", port, Security.NONE, hello="benchmark.example")
        dispatcher = Dispatcher(store, lambda: SmtpTransport(server), sending, utc_now)
        begin_s = time.perf_counter()
        sent = 0
        while sent < recipients:
            sent += dispatcher.turn().states.get(OutboxState.SENT, 0)
        seconds = time.perf_counter() - begin_s
        dispatcher.close()
    return seconds


def _finish(queued: QueuedDigest, _body: bytes) -> Envelope:
    return Envelope("bounce@news.example", queued.message.recipient, _MESSAGE)


if __name__ == "__main__":
    main()
