"""Where a reader begins: nothing from before their time is news to them."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from feedsvc.model import DigestCursor

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from feedsvc.protocols import ReadUnit


def cursors_from_here(unit: ReadUnit, subscriber_ids: Sequence[str], now: datetime) -> list[DigestCursor]:
    """Return cursors before which nothing is news: neither what came while somebody was away, nor what they had.

    The periods that they had before stay counted, so that leaving and coming back brings no second digest of a day.
    """
    known, seq = unit.digest_cursors(subscriber_ids), unit.last_seq()
    fresh = (known.get(one) or DigestCursor(one, 0, now) for one in subscriber_ids)
    return [replace(cursor, last_seq=seq, told_until=now) for cursor in fresh]
