"""What an operator asks of digests and the outbox, beside a running daemon or without one."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from feedsvc.app.project import open_project
from feedsvc.app.queries import site_store
from feedsvc.errors import FeedsvcError
from feedsvc.model import OutboxState
from feedsvc.outbox import released

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from feedsvc.model import DigestRun, QueuedDigest
    from feedsvc.settings import Settings

_PAGE = 1_000
_STUCK = (OutboxState.HELD, OutboxState.FAILED, OutboxState.RETRY)


@dataclass(frozen=True, slots=True)
class RunReport:
    """A run, and how many of its messages are in each state."""

    run: DigestRun
    counts: dict[OutboxState, int]


def outbox_counts(settings: Settings) -> dict[OutboxState, int]:
    """Return how many messages are in each state."""
    with site_store(open_project(settings)) as store, store.reading() as unit:
        return unit.outbox_counts()


def outbox_messages(settings: Settings, state: OutboxState | None = None) -> Iterator[QueuedDigest]:
    """Yield the messages in one state, or all, in the order in which they were queued."""
    with site_store(open_project(settings)) as store:
        after = 0
        while True:
            with store.reading() as unit:
                page = unit.outbox_page(after, _PAGE, state)
            yield from (queued for _, queued in page)
            if len(page) < _PAGE:
                return
            after = page[-1][0]


def release_messages(settings: Settings, ids: Sequence[str]) -> int:
    """Let messages that are held, failed or wait for another try go at once, and return how many they are.

    Args:
        settings: The settings.
        ids: Their Message-IDs; none means all that are held.

    Raises:
        FeedsvcError: There is no such message, or it is not one that waits.
    """
    chosen = list(ids) or [queued.message.id for queued in outbox_messages(settings, OutboxState.HELD)]
    with site_store(open_project(settings)) as store, store.writing() as unit:
        found = unit.outbox_at(chosen)
        for wanted in chosen:
            if wanted not in found or found[wanted].message.state not in _STUCK:
                raise FeedsvcError(f"{wanted}: there is no such message that is held, failed or to be tried again")
        unit.put_outbox([released(queued.message) for queued in found.values()])
    return len(found)


def digest_runs(settings: Settings, limit: int = 20) -> tuple[list[RunReport], int]:
    """Return the newest runs, newest first, and the number of active subscribers who were looked at by now."""
    with site_store(open_project(settings)) as store, store.reading() as unit:
        runs = [RunReport(run, unit.outbox_counts(run.id)) for run in unit.digest_runs(limit)]
        return runs, unit.looked_after()
