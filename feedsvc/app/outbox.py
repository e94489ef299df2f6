"""What an operator asks of digests and the outbox, beside a running daemon or without one."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from feedsvc.app.project import open_project
from feedsvc.app.queries import site_store
from feedsvc.errors import FeedsvcError
from feedsvc.model import OutboxState
from feedsvc.outbox import held, released

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from feedsvc.model import DigestRun, OutboxMessage, QueuedDigest
    from feedsvc.protocols import Store, WriteUnit
    from feedsvc.settings import Settings

_PAGE = 1_000
_BY_HAND = "held by hand"
RETRIES = "outbox_retries"
"""Key under which the store counts how often an operator asked for another try."""


@dataclass(frozen=True, slots=True)
class RunReport:
    """A run, and how many of its messages are in each state."""

    run: DigestRun
    counts: dict[OutboxState, int]


def outbox_counts(settings: Settings) -> dict[OutboxState, int]:
    """Return how many messages are in each state."""
    with site_store(open_project(settings)) as store, store.reading() as unit:
        return unit.outbox_counts()


def outbox_messages(
    settings: Settings, state: OutboxState | None = None, run_id: str | None = None
) -> Iterator[QueuedDigest]:
    """Yield the messages in one state, or all, of one run, or of all, in the order in which they were queued."""
    with site_store(open_project(settings)) as store:
        after = 0
        while True:
            with store.reading() as unit:
                page = unit.outbox_page(after, _PAGE, state, run_id)
            yield from (queued for _, queued in page)
            if len(page) < _PAGE:
                return
            after = page[-1][0]


def release_messages(settings: Settings, ids: Sequence[str]) -> int:
    """Let messages that are held go at once; named ones also if they failed or wait for another try.

    Args:
        settings: The settings.
        ids: Their Message-IDs; none means all that are held.

    Returns:
        How many they are.

    Raises:
        FeedsvcError: There is no such message, or it is not one that waits.
    """
    return _change(settings, ids, (OutboxState.HELD,), (OutboxState.FAILED, OutboxState.RETRY), released)


def retry_messages(settings: Settings, ids: Sequence[str], *, with_failed: bool = False) -> int:
    """Try messages that wait for another attempt at once, with a new day to be sent in; see `release_messages`.

    A daemon that has stopped all mail, because the mail server refused us, takes it for a sign to ask again.

    Args:
        settings: The settings.
        ids: Their Message-IDs, which may have failed; none means all that wait for another attempt.
        with_failed: And all that failed.

    Raises:
        FeedsvcError: There is no such message, or it is not one of these.
    """
    states = (OutboxState.RETRY, OutboxState.FAILED) if with_failed else (OutboxState.RETRY,)
    changed = _change(settings, ids, states, (OutboxState.FAILED,), released)
    with site_store(open_project(settings)) as store, store.writing() as unit:
        unit.set_meta(RETRIES, str(int(unit.meta(RETRIES) or 0) + 1))
    return changed


def hold_messages(settings: Settings, ids: Sequence[str]) -> int:
    """Keep messages that wait from being sent until they are released; see `release_messages`.

    What a worker has in hand just now goes.

    Raises:
        FeedsvcError: There is no such message, or it does not wait.
    """
    return _change(settings, ids, (OutboxState.QUEUED, OutboxState.RETRY), (), lambda message: held(message, _BY_HAND))


def _change(
    settings: Settings,
    ids: Sequence[str],
    states: tuple[OutboxState, ...],
    more: tuple[OutboxState, ...],
    change: Callable[[OutboxMessage], OutboxMessage],
) -> int:
    """Change the messages with *ids*, if they are in *states* or *more*, or all in *states*; return how many."""
    with site_store(open_project(settings)) as store:
        if ids:
            with store.writing() as unit:
                return _change_these(unit, ids, (*states, *more), change)
        return sum(_change_all(store, state, change) for state in states)


def _change_these(
    unit: WriteUnit,
    ids: Sequence[str],
    states: tuple[OutboxState, ...],
    change: Callable[[OutboxMessage], OutboxMessage],
) -> int:
    found = unit.outbox_at(ids)
    for wanted in ids:
        if wanted not in found:
            raise FeedsvcError(f"{wanted}: there is no such message; see feedsvc outbox list")
        if (state := found[wanted].message.state) not in states:
            raise FeedsvcError(f"{wanted}: the message is {state}, not {' or '.join(states)}; nothing was changed")
    unit.put_outbox([change(queued.message) for queued in found.values()])
    return len(found)


def _change_all(store: Store, state: OutboxState, change: Callable[[OutboxMessage], OutboxMessage]) -> int:
    """Change all messages in *state*, some at a time, so that a daemon can write in between."""
    changed, after = 0, 0
    while True:
        with store.writing() as unit:
            page = unit.outbox_page(after, _PAGE, state)
            unit.put_outbox([change(queued.message) for _, queued in page])
        changed += len(page)
        if len(page) < _PAGE:
            return changed
        after = page[-1][0]


def digest_run(settings: Settings, run_id: str) -> RunReport:
    """Return one run.

    Raises:
        FeedsvcError: There is none with this id.
    """
    with site_store(open_project(settings)) as store, store.reading() as unit:
        run = unit.digest_run(run_id)
        if run is None:
            raise FeedsvcError(f"{run_id}: there is no such run; see feedsvc digests list")
        return RunReport(run, unit.outbox_counts(run_id))


def digest_runs(settings: Settings, limit: int = 20) -> tuple[list[RunReport], int]:
    """Return the newest runs, newest first, and the number of active subscribers who were looked at by now."""
    with site_store(open_project(settings)) as store, store.reading() as unit:
        runs = [RunReport(run, unit.outbox_counts(run.id)) for run in unit.digest_runs(limit)]
        return runs, unit.looked_after()
