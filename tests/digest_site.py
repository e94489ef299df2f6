"""A site that mails digests: its readers, its settings, what they got, and its outbox as it lies on disk."""

from __future__ import annotations

import asyncio
import csv
import sqlite3
import threading
from collections import Counter, defaultdict
from contextlib import closing
from dataclasses import dataclass, field
from hashlib import blake2b
from typing import TYPE_CHECKING

from mail_server import Mailbox, way_to

if TYPE_CHECKING:
    from pathlib import Path

    from aiosmtpd.smtp import SMTP, Session
    from aiosmtpd.smtp import Envelope as Received
    from daemon import Site

    from feedsvc.deliver import SmtpServer

CONNECTIONS = 8
"""To the mail server; the default."""


def to_server(server: SmtpServer) -> dict[str, str]:
    """Return the settings of a site that mails digests to *server* soon after something came."""
    return way_to(server) | {
        "FEEDSVC_DIGESTS__QUIET_S": "1",
        "FEEDSVC_MAIL__FROM_ADDRESS": "digests@news.example.org",
        "FEEDSVC_SITE__URL": "https://news.example.org",
    }


def reader(number: int) -> str:
    """Return the address of a reader."""
    return f"reader{number}@example.org"


def add_readers(site: Site, count: int) -> None:
    """Import *count* readers who get mails at once, every fifth in Arabic."""
    table = site.root / "readers.csv"
    with table.open("w", newline="") as file:
        rows = csv.writer(file)
        rows.writerow(["address", "frequency", "language", "consent"])
        rows.writerows([reader(n), "immediate", "ar" if n % 5 == 0 else "en", "signed a list"] for n in range(count))
    site.feedsvc("subscribers", "import", str(table))


@dataclass
class Archive(Mailbox):
    """A mail server that notes of each message only what it takes to compare it with others.

    Attributes:
        era: How many daemons there were before the one that runs.
        copies: Recipient, digest of all bytes, and era, of each message in the order of arrival.
        pause_at: After so many messages the next ones wait until *goes_on*.
    """

    era: int = 0
    copies: list[tuple[str, bytes, int]] = field(default_factory=list)
    eras: dict[Session, int] = field(default_factory=dict)
    pause_at: int | None = None
    goes_on: threading.Event = field(default_factory=threading.Event)

    async def handle_EHLO(  # noqa: N802 - the name is aiosmtpd's
        self, server: SMTP, session: Session, received: Received, hostname: str, responses: list[str]
    ) -> list[str]:
        """Note who it is that connects; a daemon that was killed did so before the next one was started."""
        self.eras[session] = self.era
        return await super().handle_EHLO(server, session, received, hostname, responses)

    async def handle_DATA(self, _server: SMTP, session: Session, received: Received) -> str:  # noqa: N802
        """Note a message."""
        while self.pause_at is not None and len(self.copies) >= self.pause_at and not self.goes_on.is_set():
            await asyncio.sleep(0.01)
        content = received.original_content
        assert isinstance(content, bytes)
        (recipient,) = received.rcpt_tos
        self.copies.append((recipient, blake2b(content).digest(), self.eras[session]))
        return "250 2.0.0 taken"

    def recipients(self) -> set[str]:
        """Return everybody who got a message."""
        return {recipient for recipient, _, _ in self.copies}

    def repeated(self) -> Counter[int]:
        """Return by era how many messages of it came once more later."""
        eras: dict[str, list[int]] = defaultdict(list)
        for recipient, _, era in self.copies:
            eras[recipient].append(era)
        return Counter(era for row in eras.values() for era in row[:-1])


class Ledger:
    """What the database of a site says of its messages, beside a daemon that runs or was killed.

    Args:
        site: The site.
        folder: Where the database is; by default where sites have it.
    """

    def __init__(self, site: Site, folder: Path | None = None) -> None:
        self._path = (folder or site.root / ".feedsvc") / "feedsvc.sqlite3"

    def _ask(self, query: str) -> list[tuple[str, str]]:
        with closing(sqlite3.connect(self._path, timeout=60)) as database:
            return list(database.execute(query))

    def states(self) -> dict[str, str]:
        """Return the state of the message to each recipient who has one."""
        return dict(self._ask("select recipient, state from outbox"))

    def counts(self) -> Counter[str]:
        """Return how many messages are in each state."""
        return Counter(dict(self._ask("select state, count(*) from outbox group by state")))  # type: ignore[arg-type]

    def queued(self) -> list[str]:
        """Return the recipients whose message nobody has claimed yet, in order."""
        return [recipient for recipient, _ in self._ask("select recipient, '' from outbox where state = 'queued'")]

    def withdrawals(self) -> Counter[str]:
        """Return how often the record says that somebody left, by address."""
        query = "select address, '' from consents join subscribers on subscribers.id = subscriber_id"
        return Counter(address for address, _ in self._ask(f"{query} where event = 'withdrawn'"))

    def people_and_mail(self) -> dict[str, list[tuple[str, str]]]:
        """Return everything that is written down about readers and their mails, by table."""
        tables = ("subscribers", "consents", "suppressions", "digest_runs", "digest_bodies", "outbox")
        return {table: self._ask(f"select * from {table} order by 1, 2") for table in tables}

    def looked_after(self) -> int:
        """Return how many readers were met by a run: the next news is for them."""
        return len(self._ask("select subscriber_id, '' from digest_cursors where last_seq >= 0"))

    def is_being_written(self) -> bool:
        """Tell whether somebody is in the middle of a transaction that writes."""
        with closing(sqlite3.connect(self._path, timeout=0, isolation_level=None)) as database:
            try:
                database.execute("begin immediate")
            except sqlite3.OperationalError:
                return True
            database.execute("rollback")
            return False
