"""What is asked of the store about digests and messages on their way out."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence
    from datetime import datetime

    from feedsvc.model import DigestCursor, DigestRun, NewDigest, OutboxMessage, OutboxState, QueuedDigest


class OutboxReads(Protocol):
    """What a view tells about digests and the outbox; part of every `ReadUnit`."""

    def digest_cursors(self, subscriber_ids: Iterable[str]) -> dict[str, DigestCursor]:
        """Return how far these subscribers were told, by id; those who were never due are left out."""
        ...

    def digest_runs(self, limit: int) -> list[DigestRun]:
        """Return the newest runs, newest first, at most *limit*."""
        ...

    def digest_run(self, run_id: str) -> DigestRun | None:
        """Return the run with this id."""
        ...

    def digest_bodies(self, keys: Iterable[str]) -> dict[str, bytes]:
        """Return the rendered bodies with these *keys*, by key."""
        ...

    def mailed_seqs(self, subscriber_id: str) -> list[int]:
        """Return up to which ``seq`` the digests of a subscriber told that are still remembered, oldest first."""
        ...

    def outbox_counts(self, run_id: str | None = None) -> dict[OutboxState, int]:
        """Return how many messages are in each state, of one run or of all; empty states are left out."""
        ...

    def outbox_page(
        self, after: int, limit: int, state: OutboxState | None = None, run_id: str | None = None
    ) -> list[tuple[int, QueuedDigest]]:
        """Return the next messages in the order in which they were queued, each with its number, at most *limit*.

        Only those in one *state*, or of one run, if so wished.
        """
        ...

    def outbox_at(self, ids: Iterable[str]) -> dict[str, QueuedDigest]:
        """Return the messages with these *ids*, by id."""
        ...

    def next_attempt(self) -> datetime | None:
        """Return when the next message may be claimed, None if none waits."""
        ...


class OutboxWrites(Protocol):
    """What the writing transaction does with digests and the outbox; part of every `WriteUnit`."""

    def put_digest_cursors(self, cursors: Sequence[DigestCursor]) -> None:
        """Insert or replace cursors by subscriber; the next run looks at them."""
        ...

    def add_digest_run(self, run: DigestRun) -> None:
        """Keep a run."""
        ...

    def put_digest_bodies(self, bodies: Mapping[str, bytes]) -> None:
        """Keep rendered bodies by key."""
        ...

    def count_messages(self, run_id: str, messages: int) -> None:
        """Note how many messages a run has by now."""
        ...

    def queue_digests(self, messages: Sequence[NewDigest]) -> None:
        """Append messages to the outbox; a subscriber's period is queued once only (else StoreError)."""
        ...

    def claimable(self, now: datetime, limit: int) -> list[QueuedDigest]:
        """Return messages that may be claimed and that nobody else can claim meanwhile, oldest first."""
        ...

    def claims(self, limit: int, before: datetime | None = None) -> list[QueuedDigest]:
        """Return messages that are claimed, with *before* only those whose claim ended by then; at most *limit*."""
        ...

    def forget_bodies(self) -> None:
        """Remove the bodies that no message needs which may still go, or be sent again."""
        ...

    def forget_settled(self, before: datetime, limit: int) -> int:
        """Remove messages that went, failed or were suppressed, of runs made *before*, and runs without messages.

        Returns:
            How many messages were removed, at most *limit*.
        """
        ...

    def put_outbox(self, messages: Sequence[OutboxMessage]) -> None:
        """Give messages their new states."""
        ...
