"""Digests to 20,000 readers, from the outbox to a mail server that keeps nothing, beside smtp-source in the same run.

Run: ``python benchmarks/digests.py [RECIPIENTS [ROUNDS]]``. Needs Postfix's smtp-sink and smtp-source, and Postfix
itself for the part through a real mail server; nothing of the system's own Postfix is used or changed. All take turns
in each round. Ours read each message from the outbox, make it of the shared body and the reader's own links, send it
over several connections and write down what became of it, with every commit flushed; smtp-source sends one text again
and again from memory: to one recipient, whom a mail server looks up once, and (-N) to as many as we do. How fast bodies
are made of which each reader has one of their own, tells ``mails.py``.
"""

from __future__ import annotations

import contextlib
import os
import pwd
import shutil
import socket
import statistics
import subprocess
import sys
import tempfile
import time
from contextlib import closing
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING
from uuid import UUID
from zoneinfo import ZoneInfo

from feedsvc.app.issues import finisher
from feedsvc.app.links import reader_links
from feedsvc.deliver import Security, SmtpServer, SmtpTransport
from feedsvc.digests import AddressHasher
from feedsvc.digests.tokens import Tokens
from feedsvc.model import (
    Digest,
    DigestEntry,
    DigestPeriod,
    DigestSchedule,
    Frequency,
    MailSender,
    NewDigest,
    OutboxMessage,
    OutboxState,
    QueuedDigest,
    Site,
    Subscriber,
    SubscriberState,
    address_key,
)
from feedsvc.outbox import Dispatcher, InDoubt, Sending
from feedsvc.render.mail import load_templates, render_digest
from feedsvc.store import open_sqlite
from feedsvc.times import utc_now

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from feedsvc.model import Envelope

_SITE = Site("https://news.example.org", "City Voice", "", "en", "", UUID("5d3f5f8e-1111-4222-8333-123456789abc"))
_DUE = datetime(2026, 11, 24, 6, tzinfo=UTC)
_BYTES = 68_000
_CONNECTIONS = 8
_SOURCES = 10
_PEERS = ("", "-N")
"""Options of smtp-source: to one recipient again and again, or each time to another one, as digests go."""
_POSTFIX_SHARE = 10
"""Through Postfix, which writes everything to disk, a tenth of the messages is enough."""
_PATIENCE_S = 300
_SUMMARY = "By 31 votes to 17 the council agreed on Monday to build the line from the harbour to the university. " * 3


def main() -> None:
    """Measure and print."""
    recipients = int(sys.argv[1]) if len(sys.argv) > 1 else 20_000
    rounds = int(sys.argv[2]) if len(sys.argv) > 2 else 5
    body, size = _body(_BYTES)
    print(f"{recipients} recipients, one digest of {size} bytes, {rounds} rounds, medians")
    with tempfile.TemporaryDirectory(prefix="feedsvc-mail-") as folder:
        root = Path(folder)
        root.chmod(0o755)
        with _sink() as port:
            _compare("into smtp-sink", root, port, body, size, recipients, rounds)
        with _postfix(root) as port:
            _compare("through Postfix", root, port, body, size, recipients // _POSTFIX_SHARE, rounds)


def _compare(way: str, root: Path, port: int, body: bytes, size: int, recipients: int, rounds: int) -> None:
    peers: dict[str, list[float]] = {option: [] for option in _PEERS}
    ours: list[float] = []
    for _ in range(rounds):
        for option, taken in peers.items():
            taken.append(_smtp_source(port, size, recipients, option))
            _let_deliver(root)
        ours.append(_feedsvc(root, port, body, recipients))
        _let_deliver(root)
    print(f"{way}: feedsvc {recipients / statistics.median(ours):.0f}/s")
    for option, taken in peers.items():
        ratios = [theirs / mine for theirs, mine in zip(taken, ours, strict=True)]
        print(
            f"  smtp-source -s {_SOURCES} {option} {recipients / statistics.median(taken):.0f}/s, "
            f"ratio {statistics.median(ratios):.2f} ({min(ratios):.2f} to {max(ratios):.2f})"
        )


def _body(size: int) -> tuple[bytes, int]:
    """Return the packed body of a digest of about *size* bytes, and how many a message of it has."""
    templates = load_templates()
    entries = 1
    while True:
        packed = render_digest(_digest(entries), templates).packed()
        message = _finish()(_queued(0), packed).message
        if len(message) >= size:
            return packed, len(message)
        entries += max(1, entries * (size - len(message)) // len(message) // 2)


def _digest(entries: int) -> Digest:
    return Digest(
        site=_SITE,
        sender=MailSender("", "digests@news.example.org"),
        language="en",
        direction="ltr",
        period=DigestPeriod(Frequency.DAILY, _DUE - timedelta(days=1), _DUE, ZoneInfo("UTC")),
        made=_DUE,
        entries=tuple(
            DigestEntry(
                f"Council approves the harbour tram, part {n}", _SUMMARY, f"https://news.example.org/e/{n}/",
                "en", "ltr", ("Ada Smith",), ("City", "Traffic"), _DUE - timedelta(minutes=n),
            )
            for n in range(entries)
        ),
        left_out=0,
        more_url="https://news.example.org/main/",
    )  # fmt: skip


def _finish() -> Callable[[QueuedDigest, bytes], Envelope]:
    tokens = Tokens((b"k" * 32,))
    return finisher(lambda one: reader_links(_SITE.url, "news.example.org", tokens, one))


def _queued(number: int) -> QueuedDigest:
    message = OutboxMessage(f"{number}@news.example.org", f"reader{number}@example.org")
    return QueuedDigest(message, str(UUID(int=number)), "run", "day", "body")


def _feedsvc(root: Path, port: int, body: bytes, recipients: int) -> float:
    """Return the seconds from a full outbox to an empty one."""
    path = root / "outbox.sqlite3"
    for suffix in ("", "-wal", "-shm"):
        Path(f"{path}{suffix}").unlink(missing_ok=True)
    with closing(open_sqlite(str(path))) as store:
        schedule = DigestSchedule(Frequency.DAILY, ZoneInfo("UTC"))
        for begin in range(0, recipients, 5_000):
            batch = [_queued(n) for n in range(begin, min(begin + 5_000, recipients))]
            with store.writing() as unit:
                unit.put_digest_bodies({"body": body})
                unit.put_subscribers(
                    [
                        Subscriber(
                            one.subscriber_id, one.message.recipient, "en", schedule, (), SubscriberState.ACTIVE, _DUE
                        )
                        for one in batch
                    ]
                )
                unit.queue_digests(
                    [
                        NewDigest(one.message.id, one.subscriber_id, "run", "day", "body", one.message.recipient)
                        for one in batch
                    ]
                )
        hasher = AddressHasher(b"s" * 32)
        sending = Sending(
            _finish(), lambda address: hasher(address_key(address)), InDoubt.RESEND, "benchmark", _CONNECTIONS
        )
        server = SmtpServer("127.0.0.1", port, Security.NONE, hello="benchmark.example")
        dispatcher = Dispatcher(store, lambda: SmtpTransport(server), sending, utc_now)
        begin_s = time.perf_counter()
        while dispatcher.turn().has_more:
            pass
        taken_s = time.perf_counter() - begin_s
        dispatcher.close()
        with store.reading() as unit:
            if unit.outbox_counts() != {OutboxState.SENT: recipients}:
                raise SystemExit(f"not all were sent: {unit.outbox_counts()}")
    return taken_s


def _smtp_source(port: int, size: int, recipients: int, option: str) -> float:
    options = ["-s", str(_SOURCES), "-l", str(size), "-m", str(recipients), *option.split()]
    addresses = ["-f", "bounce@news.example.org", "-t", "reader@example.org", f"127.0.0.1:{port}"]
    begin_s = time.perf_counter()
    subprocess.run([_tool("smtp-source"), *options, *addresses], check=True, timeout=_PATIENCE_S)
    return time.perf_counter() - begin_s


@contextlib.contextmanager
def _sink() -> Iterator[int]:
    port = _free_port()
    user = ["-u", "postfix"] if os.geteuid() == 0 else []
    process = subprocess.Popen([_tool("smtp-sink"), *user, f"127.0.0.1:{port}", "1000"])
    try:
        _wait_for(port)
        yield port
    finally:
        process.kill()
        process.wait()


@contextlib.contextmanager
def _postfix(root: Path) -> Iterator[int]:
    """Run a Postfix of our own that takes all mail, keeps it safely, and then throws it away."""
    port, config, queue, data = _free_port(), root / "postfix", root / "queue", root / "data"
    for folder in (config, queue, data):
        folder.mkdir(mode=0o755)
    owner = pwd.getpwnam("postfix")
    os.chown(data, owner.pw_uid, owner.pw_gid)
    (config / "main.cf").write_text(
        f"compatibility_level = 3.6\nqueue_directory = {queue}\ndata_directory = {data}\n"
        "inet_interfaces = 127.0.0.1\ninet_protocols = ipv4\nmyhostname = mail.example.org\nmydestination =\n"
        "local_recipient_maps =\nalias_maps =\nsmtpd_peername_lookup = no\n"
        "default_transport = discard\nrelay_transport = discard\nmynetworks = 127.0.0.0/8\n"
        f"maillog_file = {root}/mail.log\nmaillog_file_prefixes = {root}\n"
    )
    services = [f"{port} inet n - n - - smtpd", "postlog unix-dgram n - n - 1 postlogd"]
    services += ["cleanup unix n - n - 0 cleanup", "bounce unix - - n - 0 bounce"]
    services += [f"{name} unix - - n - - {name}" for name in ("discard", "error", "retry", "proxymap")]
    services += ["rewrite unix - - n - - trivial-rewrite"]
    services += ["qmgr unix n - n 300 1 qmgr", "defer unix - - n - 0 bounce", "anvil unix - - n - 1 anvil"]
    (config / "master.cf").write_text("\n".join(services) + "\n")
    postfix = [_tool("postfix"), "-c", str(config)]
    subprocess.run([*postfix, "start"], check=True, capture_output=True)
    try:
        _wait_for(port)
        yield port
    finally:
        subprocess.run([*postfix, "abort"], check=False, capture_output=True)


def _let_deliver(root: Path) -> None:
    """Wait until Postfix has nothing left to do, so that the next one has the machine for itself."""
    while any(path.is_file() for name in ("incoming", "active") for path in (root / "queue" / name).rglob("*")):
        time.sleep(0.1)


def _tool(name: str) -> str:
    path = shutil.which(name, path=f"{os.environ.get('PATH', '')}:/usr/sbin")
    if path is None:
        raise SystemExit(f"{name} is not installed; it is part of Postfix")
    return path


def _free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as probe:
        port: int = probe.getsockname()[1]
        return port


def _wait_for(port: int) -> None:
    for _ in range(200):
        with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", port), 5) as client:
            if client.recv(4).startswith(b"220"):
                return
        time.sleep(0.05)
    raise SystemExit(f"nobody listens on port {port}")


if __name__ == "__main__":
    main()
