"""What is removed in time: bodies that no message needs any more, and messages that are long settled."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from datetime import datetime

    from feedsvc.protocols import Store

_AT_ONCE = 2_000


def tidy_outbox(store: Store, before: datetime) -> int:
    """Remove bodies of messages that went out, and settled messages of runs made *before* a moment.

    Nobody gets a digest of their period again for that: how far they are told is in their cursors. What came back is
    forgotten first: once nothing tells that a later digest arrived, an old failure must not count against its reader.

    Returns:
        How many messages were removed.
    """
    with store.writing() as unit:
        unit.forget_bodies()
        unit.forget_old_returns(before)
    removed, is_more = 0, True
    while is_more:
        with store.writing() as unit:
            found = unit.forget_settled(before, _AT_ONCE)
        removed, is_more = removed + found, found == _AT_ONCE
    return removed
