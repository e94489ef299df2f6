"""How much one domain that takes nothing delays the readers of all others: the same run with it alive and dead.

Run: ``python benchmarks/dead_domain.py [RECIPIENTS [ROUNDS]]``. Each tenth reader has a mailbox at one domain. It is
alive; or whoever is named there is put off (450); or the server hangs up with 421; or it says nothing until we give up
after five seconds. Time is counted until the last message to another domain was taken. All take turns in each round.
"""

from __future__ import annotations

import asyncio
import statistics
import subprocess
import sys
import tempfile
import time
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path
from uuid import UUID
from zoneinfo import ZoneInfo

from feedsvc.deliver import Security, SmtpServer, SmtpTransport
from feedsvc.model import DigestSchedule, Envelope, Frequency, NewDigest, QueuedDigest, Subscriber, SubscriberState
from feedsvc.outbox import Dispatcher, InDoubt, Sending
from feedsvc.store import SqlStore, open_sqlite
from feedsvc.times import utc_now

_BODY = b"Subject: digest\r\n\r\n" + b"A line of a digest, as long as lines in digests are.\r\n" * 1_200
_ALIVE = "alive"
_KINDS = {
    _ALIVE: b"250 2.1.5 ok\r\n",
    "450": b"450 4.4.1 its server is away\r\n",
    "421": b"421 4.4.1 its server is away\r\n",
    "silent": b"",
}
_SHARE, _CONNECTIONS, _PATIENCE_S = 10, 8, 5.0
_LIMIT = 0.05


def main() -> None:
    """Measure and print; or, with the name of a kind, be the server."""
    if len(sys.argv) > 1 and sys.argv[1] in _KINDS:
        asyncio.run(_serve(_KINDS[sys.argv[1]]))
        return
    recipients = int(sys.argv[1]) if len(sys.argv) > 1 else 10_000
    rounds = int(sys.argv[2]) if len(sys.argv) > 2 else 5
    print(f"{recipients} recipients, each tenth at one domain, {rounds} rounds, medians, limit {_LIMIT:.0%}")
    seconds: dict[str, list[float]] = {kind: [] for kind in _KINDS}
    for _ in range(rounds):
        for kind, taken in seconds.items():
            taken.append(_round(kind, recipients))
    base = seconds[_ALIVE]
    print(f"{_ALIVE}: {statistics.median(base):.2f} s ({min(base):.2f} to {max(base):.2f})")
    for kind, taken in seconds.items():
        if kind != _ALIVE:
            delays = [mine / theirs - 1 for mine, theirs in zip(taken, base, strict=True)]
            low, high = min(delays), max(delays)
            print(f"{kind}: the others {statistics.median(delays):+.1%} ({low:+.1%} to {high:+.1%})")


def _round(kind: str, recipients: int) -> float:
    """Return the seconds until the last message to a living domain was taken."""
    with tempfile.TemporaryDirectory(prefix="feedsvc-dead-") as folder:
        command = [sys.executable, __file__, kind]
        with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as server:
            assert server.stdout is not None
            port = int(server.stdout.readline())
            with closing(open_sqlite(str(Path(folder, "outbox.sqlite3")))) as store:
                _queue(store, recipients)
                begin_s = time.time()
                _send(store, port)
            last, count = server.communicate("\n")[0].split()
        if int(count) < recipients - recipients // _SHARE:
            raise SystemExit(f"only {count} messages to living domains were taken")
        return float(last) - begin_s


def _queue(store: SqlStore, recipients: int) -> None:
    schedule, at = DigestSchedule(Frequency.DAILY, ZoneInfo("UTC")), datetime(2026, 11, 24, 6, tzinfo=UTC)
    people = [
        (str(UUID(int=n)), f"reader{n}@{'dead' if n % _SHARE == 0 else f'host{n % 100}'}.example")
        for n in range(recipients)
    ]
    with store.writing() as unit:
        unit.put_digest_bodies({"body": _BODY})
        unit.put_subscribers([Subscriber(i, a, "en", schedule, (), SubscriberState.ACTIVE, at) for i, a in people])
        unit.queue_digests([NewDigest(f"{i}@news.example", i, "run", "day", "body", a) for i, a in people])


def _send(store: SqlStore, port: int) -> None:
    sending = Sending(_finish, lambda address: address, InDoubt.RESEND, "benchmark", _CONNECTIONS)
    server = SmtpServer("127.0.0.1", port, Security.NONE, hello="benchmark.example", timeout_s=_PATIENCE_S)
    dispatcher = Dispatcher(store, lambda: SmtpTransport(server), sending, utc_now)
    while dispatcher.turn().has_more:
        pass
    dispatcher.close()


def _finish(queued: QueuedDigest, body: bytes) -> Envelope:
    return Envelope("bounce@news.example", queued.message.recipient, body)


class _Server(asyncio.Protocol):
    """One connection, which takes everything but what goes to the dead domain; it notes when it took the last."""

    last_s, count = 0.0, 0

    def __init__(self, answer: bytes) -> None:
        self._answer, self._waiting, self._is_content, self._is_dead = answer, b"", False, False

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Greet."""
        assert isinstance(transport, asyncio.Transport)
        self._transport = transport
        transport.write(b"220 here\r\n")

    def data_received(self, data: bytes) -> None:
        """Answer what has arrived."""
        self._waiting += data
        while not self._transport.is_closing():
            mark = b"\r\n.\r\n" if self._is_content else b"\r\n"
            command, found, rest = self._waiting.partition(mark)
            if not found:
                return
            self._waiting = rest
            answer = self._reply(command)
            self._transport.write(answer)
            if answer.startswith((b"221", b"421")):
                self._transport.close()

    def _reply(self, command: bytes) -> bytes:
        if self._is_content:
            self._is_content = False
            if not self._is_dead:
                _Server.last_s, _Server.count = time.time(), _Server.count + 1
            return b"250 2.0.0 taken\r\n"
        word = command[:4].upper()
        if word == b"RCPT":
            self._is_dead = b"@dead." in command
            return self._answer if self._is_dead else b"250 2.1.5 ok\r\n"
        self._is_content = word == b"DATA"
        return {b"DATA": b"354 go\r\n", b"QUIT": b"221 bye\r\n"}.get(word, b"250 2.0.0 ok\r\n")


async def _serve(answer: bytes) -> None:
    """Print the port; at the end of input, when the last message was taken, and how many of living domains were."""
    loop = asyncio.get_running_loop()
    server = await loop.create_server(lambda: _Server(answer), "127.0.0.1", 0)
    print(server.sockets[0].getsockname()[1], flush=True)
    await loop.run_in_executor(None, sys.stdin.readline)
    print(_Server.last_s, _Server.count, flush=True)
    sys.exit()


if __name__ == "__main__":
    main()
