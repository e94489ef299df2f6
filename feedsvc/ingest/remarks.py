"""What is to be said of an entry beside its text: an id that is taken, an item left out, a step back in time."""

from __future__ import annotations

from typing import TYPE_CHECKING

from feedsvc.messages import say
from feedsvc.model import EntryState, Notice, Problem, display_path

if TYPE_CHECKING:
    from feedsvc.model import EntryRecord, ParsedEntry


def clash(parsed: ParsedEntry, path: str, mine: EntryRecord | None, holder: EntryRecord | None) -> Problem | None:
    """Return why an entry cannot have its declared id, None if it can.

    Args:
        parsed: The entry, with a declared id.
        path: Its file; what came from there before is no other entry.
        mine: The stored entry that it goes on with, if any.
        holder: The stored entry that has the id, if any; the first to have it keeps it while it is not withdrawn.
    """
    if holder is None or (mine is not None and mine.id == holder.id) or holder.state is EntryState.WITHDRAWN:
        return None
    if holder.source_path == path:
        return None
    path = display_path(holder.source_path)
    cause = say("the id {id} already belongs to {path}", id=parsed.declared_id or "", path=path)
    return Problem("E_DUP_ID", cause, say("Give this file another id, or remove the id line."))


def repeated(parsed: ParsedEntry) -> Problem:
    """Return why an item cannot have the declared id that an item above it in the file has."""
    cause = say("the id {id} belongs to an item above", id=(parsed.declared_id or "")[:80])
    return Problem("E_DUP_ID", cause, say("Give it another id, or none."))


def left_out(item: ParsedEntry, problem: Problem) -> Notice:
    """Return the warning that an item cannot be published while the others of its file are."""
    message = say(
        "the item “{title}” is left out: {cause} [{code}]. {fix}",
        title=item.title[:60],
        cause=problem.cause,
        code=problem.code,
        fix=problem.fix,
    )
    return Notice("W_ITEM", message)


def older(parsed: ParsedEntry, record: EntryRecord) -> Notice | None:
    """Return the warning that an entry goes back to an older state, as when a backup is restored; else None."""
    if parsed.updated is None or not record.was_published or record.fingerprint == parsed.fingerprint:
        return None
    if parsed.updated >= record.updated.replace(microsecond=0):
        return None
    before = f"{record.updated:%Y-%m-%d %H:%M} UTC"
    message = say(
        "updated is older than what was published before ({before}); readers get this text as an update", before=before
    )
    return Notice("W_OLDER", message)
