"""Take an entry out that cannot be written as valid output, and tell its editor."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from feedsvc.messages import say
from feedsvc.model import ChangeKind, EntryState, FileState, Problem

if TYPE_CHECKING:
    from datetime import datetime

    from feedsvc.protocols import WriteUnit


def quarantine(unit: WriteUnit, entry_id: str, reason: str, now: datetime, messages: str = "en") -> None:
    """Withdraw the entry and put its file into quarantine with ``E_RENDER``, told in the language *messages*."""
    record = unit.records([entry_id]).get(entry_id)
    if record is None or record.state is not EntryState.LIVE:
        return
    unit.put_entries([replace(record, state=EntryState.WITHDRAWN)])
    seq = unit.add_changes([(entry_id, record.revision, ChangeKind.WITHDRAWN)], now)
    unit.set_membership({entry_id: (record.published, ())}, seq)
    source = unit.source(record.source_path)
    if source is not None:
        cause = say("no valid feed can be made of it: {reason}", reason=reason)
        problem = Problem("E_RENDER", cause, say("Change the text it complains about.")).told(messages)
        unit.put_sources([replace(source, state=FileState.QUARANTINED, problem=problem)])
