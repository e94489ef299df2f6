"""A newsroom with readers, whose digests leave by a postman that can be struck down; and a store that can be, too."""

from __future__ import annotations

import json
from contextlib import contextmanager
from functools import cache
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from newsroom import MAIN, Newsroom

from feedsvc.app.project import open_project
from feedsvc.app.run_maker import RunMaker
from feedsvc.digests import AddressHasher, Register, Wish, normalise_address
from feedsvc.digests.runs import Edition, Runs
from feedsvc.digests.signup import Signup
from feedsvc.model import DeliveryResult, Envelope, Feed, Reply, Stage, Verdict, address_key
from feedsvc.outbox import Dispatcher, InDoubt, Sending
from feedsvc.render.mail import load_templates
from feedsvc.settings import load_settings

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator
    from contextlib import AbstractContextManager
    from datetime import datetime, timedelta
    from pathlib import Path

    from feedsvc.digests.news import News
    from feedsvc.digests.runs import Issue
    from feedsvc.model import DigestSchedule, QueuedDigest
    from feedsvc.protocols import ReadUnit, Store, WriteUnit
    from feedsvc.render.mail import MailTemplates

TRAM = Feed(slug="tram", title="Trams", tags=("tram",))
HASHER = AddressHasher(b"k" * 32)
ACCEPTED = DeliveryResult(Verdict.ACCEPTED, Stage.CONTENT, "taken", Reply(250))
UTC_ZONE = ZoneInfo("UTC")


class StruckError(Exception):
    """The process ends here."""


class FrailStore:
    """The store, but that the process may end just before a commit.

    Attributes:
        ends_at: Which of the next transactions is never committed, counted from 1; 0 for none.
    """

    def __init__(self, store: Store) -> None:
        self.store, self.ends_at = store, 0

    def reading(self) -> AbstractContextManager[ReadUnit]:
        """Read."""
        return self.store.reading()

    @contextmanager
    def writing(self) -> Iterator[WriteUnit]:
        """Write, unless this is where the process ends."""
        with self.store.writing() as unit:
            yield unit
            self.ends_at -= 1
            if self.ends_at == 0:
                raise StruckError

    def close(self) -> None:
        """Close the store."""
        self.store.close()


class Postman:
    """Takes every mail; the process may end while he is at it.

    Args:
        end: Called when it does: from then on nothing is committed.

    Attributes:
        taken: All mails, by recipient, in order.
        ends_at: At which of the next mails the process ends, counted from 1; 0 for none.
        ends_after: Whether that mail is taken before it does.
    """

    def __init__(self, end: Callable[[], None]) -> None:
        self._end = end
        self.taken: list[Envelope] = []
        self.ends_at, self.ends_after = 0, False

    def send(self, envelopes: Iterable[Envelope]) -> Iterator[DeliveryResult]:
        """Take mails, one after the other."""
        for envelope in envelopes:
            self.ends_at -= 1
            if self.ends_at == 0 and not self.ends_after:
                self._strike()
            self.taken.append(envelope)
            if self.ends_at == 0:
                self._strike()
            yield ACCEPTED

    def _strike(self) -> None:
        self._end()
        raise StruckError

    def close(self) -> None:
        """Do nothing."""


class Maker(RunMaker):
    """Makes runs as the daemon does, but for what is in the bodies."""

    def _runs(self, _unit: WriteUnit, _templates: MailTemplates) -> Runs:
        return Runs(_render, _message_id)


class PressRoom:
    """Editors and readers of a site, on a clock that only the test moves.

    Bodies are lists of the paths of what they hold, so that tests can read them.
    """

    def __init__(self, folder: Path, backfill: timedelta) -> None:
        self.room = Newsroom(folder, feeds=(MAIN, TRAM), backfill=backfill)
        (folder / "config").mkdir()
        self.project = open_project(load_settings(folder, {}))
        self.postman, self.clock = Postman(self._end), self.room.clock
        self.store = FrailStore(self.room.store)
        self._begin()

    def restart(self) -> None:
        """Begin again with what is on disk, as a new process would, which takes a moment."""
        self.clock.advance(0.001)
        self.dispatcher.close()
        self.room.restart()
        self._begin()
        self.dispatcher.recover()

    def _end(self) -> None:
        self.store.ends_at = 1

    def _begin(self) -> None:
        self.store = FrailStore(self.room.store)
        self.room.store = self.store  # type: ignore[assignment]
        self.room.ingest = self.room._new_ingest()
        self.register, self.signup = (kind(self.store, HASHER, self.clock) for kind in (Register, Signup))
        sending = Sending(_finish, lambda address: HASHER(address_key(address)), InDoubt.RESEND, "worker")
        self.dispatcher = Dispatcher(self.store, lambda: self.postman, sending, self.clock)
        self.runs = Runs(_render, _message_id)
        self.maker = Maker(self.project, self.store, templates, self.clock, bool)

    def make_run(self, part: int | None = None) -> None:
        """Queue digests for everybody who is due: as the daemon does, or *part* people in a transaction."""
        if part is None:
            self.maker.make()
            return
        with self.store.reading() as unit:
            edition = Edition(self.clock(), unit.last_seq())
        while not edition.is_complete:
            with self.store.writing() as unit:
                self.runs.write_part(unit, edition, part)

    def send(self) -> None:
        """Send what may be sent now."""
        while self.dispatcher.turn().has_more:
            pass

    def close(self) -> None:
        """End everything."""
        self.dispatcher.close()
        self.store.close()

    def queued(self, after: int) -> list[tuple[int, str, str, set[str]]]:
        """Return (number, Message-ID, reader, paths of what it holds) of the messages after a number."""
        with self.store.reading() as unit:
            rows = unit.outbox_page(after, 1_000)
            bodies = unit.digest_bodies({queued.body_key for _, queued in rows})
        return [
            (number, queued.message.id, queued.subscriber_id, set(json.loads(bodies[queued.body_key])))
            for number, queued in rows
        ]

    def states(self) -> dict[str, str]:
        """Return the state of all messages, by Message-ID."""
        with self.store.reading() as unit:
            return {queued.message.id: queued.message.state.value for _, queued in unit.outbox_page(0, 10_000)}


@cache
def templates() -> MailTemplates:
    """Return how mails look without templates of a site."""
    return load_templates("")


def wish(
    address: str, schedule: DigestSchedule, feeds: tuple[str, ...] = (), paused_until: datetime | None = None
) -> Wish:
    """Return what somebody wants."""
    return Wish(normalise_address(address), "en", schedule, feeds, paused_until, "signed a list")


def _message_id(subscriber: str, period: str) -> str:
    return f"{subscriber}/{period}"


def _render(_issue: Issue, news: News, _end: datetime) -> bytes:
    return json.dumps([entry.source_path for entry in news.entries]).encode()


def _finish(queued: QueuedDigest, packed: bytes) -> Envelope:
    return Envelope(queued.message.id, queued.message.recipient, packed)
