"""Every entry is in exactly one digest of each person who was subscribed when it was published.

Unless it was withdrawn before the digest was made, the person left, or its file says ``notify: false``. Nothing that
editors, readers, clocks and crashes do changes that. What the law is in each case is written down in
``coverage_model.py``; here it is held against the real ingest, register, runs, dispatcher and store.
"""

from __future__ import annotations

import tempfile
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

import needs
from coverage_model import BACKFILL, OLD, Law, Piece, Reader
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule
from newsroom import article
from press_room import PressRoom, StruckError, wish

from feedsvc.digests.register import Verdict
from feedsvc.model import DigestSchedule, Frequency

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import datetime

    from feedsvc.digests import Wish
    from feedsvc.model import Subscriber

NAMES = tuple(f"{name}.md" for name in "abcdefgh")
ADDRESSES = tuple(f"reader{n}@example.org" for n in range(4))
ZONES = tuple(map(ZoneInfo, ("UTC", "Africa/Cairo", "Pacific/Apia", "America/St_Johns")))
NOTIFY = st.sampled_from(("", "", "", "", "false", "true", "2026-03-01T00:00Z", "2026-04-01T00:00Z"))
FEEDS = st.sampled_from(((), ("main",), ("tram",), ("sport",), ("main", "tram"), ("sport", "tram")))
SPANS = st.sampled_from(
    (1, 30, 61, 600, 3_600, 3_600, 6 * 3_600, 86_400, 86_400, 86_400, 3 * 86_400, 8 * 86_400, 33 * 86_400)
)
some = st.integers(0, 23)
"""Chooses one of those to whom a rule can be applied."""


def schedules() -> st.SearchStrategy[DigestSchedule]:
    """Give any wish, some of them more often."""
    frequencies = st.sampled_from((Frequency.IMMEDIATE, Frequency.DAILY, *Frequency))
    return st.builds(DigestSchedule, frequencies, st.sampled_from(ZONES), st.integers(0, 23), st.integers(1, 7))


class Coverage(RuleBasedStateMachine):
    """A small site with few files and readers, so that everything that can meet does meet."""

    def __init__(self) -> None:
        super().__init__()
        self.folder = tempfile.TemporaryDirectory()
        self.press = PressRoom(Path(self.folder.name), BACKFILL)
        self.press.room.write("anchor.md", article("Anchor"))  # the inbox is never empty
        self.press.room.scan()
        self.law = Law()
        self.people: dict[str, Reader] = {}
        self.serial = 0
        self.seen: set[str] = set()
        """All messages that runs made; numbers of the outbox are used again after somebody was erased."""
        self.owed: dict[str, set[str]] = {}
        """Messages that must arrive, by Message-ID, with what they hold."""
        self.free: dict[str, set[str]] = {}
        """Messages that were queued before their reader left: they may arrive if the reader came back."""
        self.arrived: dict[str, bytes] = {}

    def teardown(self) -> None:
        """Let much time pass without any trouble: then nothing is owed any more."""
        try:
            for _ in range(3):
                self.press.clock.advance(32 * 86_400)
                self._run()
                self._send()
            assert self.owed.keys() <= self.arrived.keys()
            assert not {"queued", "sending", "retry"} & set(self.press.states().values())
            for reader in self.law.readers.values():
                assert not (reader.is_active and reader.counts_from() <= self.press.clock() and reader.owed)
        finally:
            self.press.close()
            self.folder.cleanup()

    @property
    def now(self) -> datetime:
        """The time."""
        return self.press.clock()

    # Editors

    def text(self, *, live: bool, notify: str, old: bool, tram: bool) -> str:
        """Return a file that no other is like."""
        self.serial += 1
        header = {"notify": notify} if notify else {}
        header |= {"draft": "true"} if not live else {}
        header |= {"date": f"{OLD:%Y-%m-%dT%H:%M:%SZ}"} if old else {}
        return article(f"Number {self.serial}", f"Text {self.serial}.", **header, **({"tags": "tram"} if tram else {}))

    def scan(self, ends_at: int) -> None:
        """Have files read; the process may end before a commit, and begins again then."""
        self.attempt(self.press.room.scan, ends_at)

    def attempt(self, work: Callable[[], object], ends_at: int) -> None:
        """Do *work*, which is a transaction or some: once struck down before a commit if so wished, then whole."""
        self.press.store.ends_at = ends_at
        try:
            work()
        except StruckError:
            self.press.restart()
            self.attempt(work, 0)
        self.press.store.ends_at = 0

    def pick(self, which: int) -> Piece:
        """Return one of the pieces."""
        return self.law.pieces[sorted(self.law.pieces)[which % len(self.law.pieces)]]

    @rule(live=st.integers(0, 3).map(bool), notify=NOTIFY, old=st.integers(0, 5).map(lambda n: n == 0),
          tram=st.booleans(), sport=st.booleans(), crash=st.integers(0, 3))  # fmt: skip
    def write(self, live: bool, notify: str, old: bool, tram: bool, sport: bool, crash: int) -> None:
        """Save a new file."""
        taken = {path.rpartition("/")[2] for path in self.law.pieces}
        name = next((name for name in NAMES if name not in taken), None)
        if name is None:
            return
        path = f"sport/{name}" if sport else name
        self.press.room.write(path, self.text(live=live, notify=notify, old=old, tram=tram))
        self.scan(crash)
        piece = self.law.pieces[path] = Piece(path, self.now.replace(microsecond=0), tram, is_old=old)
        self.law.saved(piece, self.now, notify, is_live=live, is_new=True)

    @precondition(lambda self: self.law.pieces)
    @rule(which=some, live=st.integers(0, 3).map(bool), notify=NOTIFY, tram=st.booleans(), crash=st.integers(0, 3))
    def edit(self, which: int, live: bool, notify: str, tram: bool, crash: int) -> None:
        """Save a file again: another text, as a draft or not, with other tags, with another word about mails."""
        piece = self.pick(which)
        self.press.room.write(piece.path, self.text(live=live, notify=notify, old=piece.is_old, tram=tram))
        self.scan(crash)
        piece.is_tram = tram
        self.law.saved(piece, self.now, notify, is_live=live, is_new=False)

    @precondition(lambda self: self.law.pieces)
    @rule(which=some)
    def move(self, which: int) -> None:
        """Move a file into the other folder, as it is: no news to anybody."""
        piece = self.pick(which)
        name = piece.path.rpartition("/")[2]
        path = name if "/" in piece.path else f"sport/{name}"
        self.press.room.rename(piece.path, path)
        self.scan(0)
        self.law.moved(piece, path)

    @precondition(lambda self: self.law.pieces)
    @rule(which=some)
    def delete(self, which: int) -> None:
        """Delete a file for good."""
        piece = self.pick(which)
        self.press.room.delete(piece.path)
        self.press.room.pass_grace()
        self.law.withdrawn(piece)
        del self.law.pieces[piece.path]
        for reader in self.law.readers.values():  # another file may get this name, and is another entry
            reader.owed.pop(piece.path, None)
            reader.known.discard(piece.path)

    # Readers

    def reader(self, which: int, *, active: bool) -> tuple[str, Reader] | None:
        """Return one of those who are subscribed, or one of those who left."""
        found = [(address, one) for address, one in sorted(self.people.items()) if one.is_active == active]
        return found[which % len(found)] if found else None

    @rule(which=st.integers(0, 3), way=st.sampled_from(("command", "table", "pages")), schedule=schedules(),
          feeds=FEEDS, crash=st.integers(0, 2))  # fmt: skip
    def subscribe(self, which: int, way: str, schedule: DigestSchedule, feeds: tuple[str, ...], crash: int) -> None:
        """Subscribe, for the first time or again."""
        address = ADDRESSES[which]
        known = self.people.get(address)
        if known is not None and known.is_active:
            return
        if not self._enter(way, wish(address, schedule, feeds), crash):
            return
        added = self.press.register.details(address).subscriber
        assert added is not None
        reader = known or Reader(added.id, schedule, {}, self.now)
        assert reader.id == added.id
        reader.schedule, reader.since, reader.paused_until, reader.is_active = schedule, self.now, None, True
        reader.feeds = {}
        self.law.follows(reader, feeds)
        self.people[address] = self.law.readers[reader.id] = reader

    def _enter(self, way: str, wanted: Wish, crash: int) -> bool:
        """Have somebody added, and tell whether they were: a table brings nobody back, no way but one the erased."""
        if way == "table":
            verdicts: list[Verdict] = []
            self.attempt(lambda: verdicts.extend(self.press.register.take_in([wanted])), crash)
            return verdicts == [Verdict.ADDED]
        if way == "pages":
            asked: list[Subscriber | None] = []
            self.attempt(lambda: asked.append(self.press.signup.ask(wanted)), crash)
            for person in filter(None, asked):
                self.attempt(lambda person=person: self.press.signup.confirm(person.id, "yes"), crash)  # type: ignore[misc]
            return asked != [None]
        self.attempt(lambda: self.press.register.add(wanted, again=True), crash)
        return True

    @rule(which=some, crash=st.integers(0, 2), erase=st.integers(0, 3).map(lambda n: n == 0))
    def leave(self, which: int, crash: int, erase: bool) -> None:
        """Unsubscribe, or be forgotten."""
        found = self.reader(which, active=True)
        if found is None:
            return
        address, reader = found
        work = self.press.register.erase if erase else self.press.register.remove
        self.attempt(lambda: work(address), crash)
        self.law.left(reader)
        for message in [message for message in self.owed if message.startswith(reader.id)]:
            content = self.owed.pop(message)
            if message not in self.arrived:
                self.free[message] = content
        if erase:
            del self.people[address], self.law.readers[reader.id]

    @rule(which=some, schedule=schedules(), feeds=FEEDS, pause=st.sampled_from((None, None, 3_600, 86_400, 5 * 86_400)),
          crash=st.integers(0, 2))  # fmt: skip
    def change(
        self, which: int, schedule: DigestSchedule, feeds: tuple[str, ...], pause: int | None, crash: int
    ) -> None:
        """Choose another frequency, hour, zone, other feeds, a pause, or the end of one."""
        found = self.reader(which, active=True)
        if found is None:
            return
        address, reader = found
        paused_until = None if pause is None else self.now + timedelta(seconds=pause)
        wanted = wish(address, schedule, feeds, paused_until)
        self.attempt(lambda: self.press.signup.change(reader.id, wanted), crash)
        reader.schedule, reader.paused_until = schedule, paused_until
        self.law.follows(reader, feeds)

    # Time, runs and the post

    @rule(seconds=SPANS)
    def wait(self, seconds: int) -> None:
        """Let time pass while nobody looks."""
        self.press.clock.advance(seconds)

    @rule(seconds=SPANS)
    def wait_and_work(self, seconds: int) -> None:
        """Let time pass, then let the daemon do its work."""
        self.press.clock.advance(seconds)
        self._run()
        self._send()

    @rule(part=st.sampled_from((None, None, 1, 2, 4)), crash=st.integers(0, 3))
    def run(self, part: int | None, crash: int) -> None:
        """Make a run; it may be cut off after some of its parts."""
        self._run(part, crash)

    def _run(self, part: int | None = None, ends_at: int = 0) -> None:
        self.attempt(lambda: self.press.make_run(part), ends_at)
        expected = self.law.run(self.now)
        new = [message for message in self.press.queued(0) if message[1] not in self.seen]
        assert {reader: content for _, _, reader, content in new} == expected
        assert len(new) == len(expected)
        for _, message, _, content in new:
            self.seen.add(message)
            self.owed[message] = content

    @rule(crash=st.integers(0, 3), after=st.booleans(), commit=st.integers(0, 3))
    def send(self, crash: int, after: bool, commit: int) -> None:
        """Send what waits; the process may end at a mail, before or after it was taken, or before a commit."""
        self.press.postman.ends_at, self.press.postman.ends_after = crash, after
        self.press.store.ends_at = commit
        try:
            self.press.send()
        except StruckError:
            self.press.restart()
        self.press.postman.ends_at = self.press.store.ends_at = 0

    def _send(self) -> None:
        self.press.send()
        self.collect()
        for message in self.owed:
            assert message in self.arrived, "what waits is sent"

    @invariant()
    def collect(self) -> None:
        """No mail differs from an earlier one with its Message-ID, and none comes that nobody is owed."""
        for envelope in self.press.postman.taken:
            message = envelope.sender
            assert self.arrived.setdefault(message, envelope.message) == envelope.message
            assert message in self.owed or message in self.free
            if message in self.free and message not in self.owed:
                assert self.people[envelope.recipient].is_active, "mail after unsubscribing"
        self.press.postman.taken.clear()


TestCoverageLaw = Coverage.TestCase
TestCoverageLaw.settings = settings(max_examples=int(15 * needs.scale()), stateful_step_count=40, deadline=None)
