"""The daemon is killed again and again while it makes a run, sends it and writes down what was sent."""

from __future__ import annotations

import random
import signal
import time
from collections import Counter
from dataclasses import dataclass, field

import needs
import pytest
from daemon import Daemon, Site, tell
from digest_site import CONNECTIONS, Archive, Ledger, add_readers, reader, to_server
from mail_server import mail_server

from feedsvc.outbox.dispatch import ACK

COUNT, KILLS = (20_000, 50) if needs.scale() >= 6 else (600, 3)
IN_CREATION = KILLS // 4
"""So many kills, at most, come before the run is complete."""
UNDONE = ("queued", "retry", "sending")


@dataclass
class Killer:
    """Starts daemons and kills them at chosen moments.

    Attributes:
        phases: What the daemon was at, for each kill.
        doubtful: Everybody whose message was claimed, and without a result, at a kill.
    """

    site: Site
    box: Archive
    settings: dict[str, str]
    chance: random.Random = field(default_factory=lambda: random.Random(20261124))
    phases: Counter[str] = field(default_factory=Counter)
    doubtful: set[str] = field(default_factory=set)

    def __post_init__(self) -> None:
        self.ledger = Ledger(self.site)
        self.states: dict[str, str] = {}

    def daemon(self) -> Daemon:
        """Return the next daemon, to be started."""
        self.box.era += 1
        return Daemon(self.site, **self.settings)

    def kill(self, daemon: Daemon) -> None:
        """Hold it where it is, see where that is, and kill it."""
        daemon.process.send_signal(signal.SIGSTOP)
        is_writing = self.ledger.is_being_written()
        daemon.kill()
        self.states = self.ledger.states()
        self.doubtful |= {recipient for recipient, state in self.states.items() if state == "sending"}
        if len(self.states) < COUNT:
            self.phases["making the run" if is_writing or self.states else "before it"] += 1
        else:
            self.phases["claiming or writing down" if is_writing else "sending"] += 1

    def kill_in_creation(self, number: int) -> None:
        """Kill a daemon in the middle of a part of the run, or every third time once it has written one."""
        with self.daemon() as daemon:
            known = len(self.states)
            if number % 3 == 2:
                daemon.wait_until(lambda: self.ledger.counts().total() > known)
            else:
                daemon.wait_for("service.started")
                daemon.wait_until(lambda: self.ledger.is_being_written() or self.ledger.counts().total() > known)
            self.kill(daemon)

    def kill_in_sending(self, number: int, left: int) -> None:
        """Kill a daemon after some messages, or every third time at the next transaction; *left* more are to come."""
        todo = sum(state in UNDONE for state in self.states.values())
        limit = len(self.box.copies) + self.chance.randrange(1, max(todo // left, 2))
        with self.daemon() as daemon:
            daemon.wait_until(lambda: len(self.box.copies) >= limit or self.is_over(), patience_s=150)
            if number % 3 == 1:
                daemon.wait_until(lambda: self.ledger.is_being_written() or self.is_over())
            self.kill(daemon)

    def is_over(self) -> bool:
        """Tell whether every message has its last state."""
        counts = self.ledger.counts()
        return counts.total() == COUNT and not any(counts[state] for state in UNDONE)


@pytest.mark.timeout(1_200)
@pytest.mark.parametrize("in_doubt", ["resend", "hold"])
def test_kills_lose_nobody(site: Site, in_doubt: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """What comes twice is the same message, and little of it; held back, nothing does, and all the rest is held."""
    for name in ("COVERAGE_PROCESS_CONFIG", "COVERAGE_PROCESS_START"):  # a killed process leaves no data
        monkeypatch.delenv(name, raising=False)
    box, began = Archive(), time.monotonic()
    add_readers(site, COUNT)
    with mail_server(box) as server:
        killer = Killer(site, box, {**to_server(server), "FEEDSVC_DIGESTS__IN_DOUBT": in_doubt})
        with killer.daemon() as daemon:
            daemon.wait_until(lambda: killer.ledger.looked_after() == COUNT)
            site.write("tram.txt", "Tram line 4 runs again\n\nAfter a month of repairs.\n")
            daemon.wait_for_titles("Tram line 4 runs again")
            daemon.wait_until(killer.ledger.is_being_written)
            killer.kill(daemon)
        for number in range(1, KILLS):
            if number < IN_CREATION and len(killer.states) < COUNT:
                killer.kill_in_creation(number)
            else:
                killer.kill_in_sending(number, KILLS - number)
        with killer.daemon() as daemon:
            restarted = time.monotonic()
            daemon.wait_until(killer.is_over, patience_s=240)
            done = time.monotonic()
            daemon.wait_for("service.ready")
            daemon.terminate()
    received, repeated, states = box.recipients(), box.repeated(), killer.ledger.states()
    held = {recipient for recipient, state in states.items() if state == "held"}
    tell(f"{COUNT} readers, {in_doubt}, killed {dict(killer.phases)}; all took {done - began:.0f} s")
    tell(f"lost {COUNT - len(received | held)}, held {len(held)}, done {done - restarted:.1f} s after the last start")
    tell(f"repeated {repeated.total()}, after one kill {max(repeated.values(), default=0)} at most")

    assert killer.phases.total() == KILLS
    assert received | held == {reader(number) for number in range(COUNT)}
    assert received | held == states.keys()
    assert max(repeated.values(), default=0) <= ACK + CONNECTIONS
    assert len({(recipient, content) for recipient, content, _ in box.copies}) == len(received)
    if in_doubt == "hold":
        assert repeated.total() == 0
        assert held == killer.doubtful
    else:
        assert set(states.values()) == {"sent"}
