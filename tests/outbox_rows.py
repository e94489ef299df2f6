"""Messages of the outbox in any state, as if runs and mail servers had brought them there."""

from __future__ import annotations

from typing import TYPE_CHECKING

from feedsvc.model import NewDigest

if TYPE_CHECKING:
    from collections.abc import Sequence

    from feedsvc.model import QueuedDigest
    from feedsvc.protocols import WriteUnit


def put_in_outbox(unit: WriteUnit, messages: Sequence[QueuedDigest]) -> None:
    """Queue messages and give them their states."""
    unit.queue_digests(
        [
            NewDigest(m.message.id, m.subscriber_id, m.run_id, m.period_key, m.body_key, m.message.recipient)
            for m in messages
        ]
    )
    unit.put_outbox([one.message for one in messages])
