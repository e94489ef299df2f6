"""Where a reader begins: nothing from before their time is news to them, nor from before they chose a feed."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from feedsvc.digests.news import MAIN
from feedsvc.model import DigestCursor

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from feedsvc.model import Subscriber
    from feedsvc.protocols import ReadUnit


def cursors_from_here(unit: ReadUnit, subscriber_ids: Sequence[str], now: datetime) -> list[DigestCursor]:
    """Return cursors before which nothing is news: neither what came while somebody was away, nor what they had.

    The periods that they had before stay counted, so that leaving and coming back brings no second digest of a day.
    """
    known, seq = unit.digest_cursors(subscriber_ids), unit.last_seq()
    fresh = (known.get(one) or DigestCursor(one, 0, now) for one in subscriber_ids)
    return [replace(cursor, last_seq=seq, told_until=now, joined=()) for cursor in fresh]


def cursors_with_feeds(unit: ReadUnit, known: Subscriber, feeds: Sequence[str]) -> list[DigestCursor]:
    """Return the cursor of a subscriber who follows other *feeds* now: what was in new ones before is not news.

    Nothing is returned where no feed is new to them.
    """
    chosen = feeds or (MAIN,)
    added = set(chosen) - set(known.feeds or (MAIN,))
    cursor = unit.digest_cursors([known.id]).get(known.id)
    if not added or cursor is None:
        return []
    kept = [(slug, seq) for slug, seq in cursor.joined if slug not in added and slug in chosen]
    seq = unit.last_seq()
    return [replace(cursor, joined=(*kept, *((slug, seq) for slug in sorted(added))))]
