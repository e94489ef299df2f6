"""Write a plan to the store, whole, in the caller's transaction."""

from __future__ import annotations

from typing import TYPE_CHECKING

from feedsvc.model import EntryState

if TYPE_CHECKING:
    from collections.abc import Collection
    from datetime import datetime

    from feedsvc.ingest.feedbook import FeedBook
    from feedsvc.ingest.plan import Plan
    from feedsvc.model import EntryRecord
    from feedsvc.protocols import ReadUnit, WriteUnit

Members = dict[str, tuple["datetime", tuple[str, ...]]]


def apply_plan(unit: WriteUnit, plan: Plan, book: FeedBook, now: datetime) -> None:
    """Write everything that *plan* holds; one change log row for each change that somebody can see.

    The caller says ``book.settle()`` once the transaction is committed.
    """
    members = membership(unit, plan, book)
    for folder, slug in book.fresh.items():
        unit.put_feed(slug, folder)
    unit.forget_sources(plan.forgotten)
    unit.touch_sources(plan.touched)
    unit.put_sources(plan.files)
    unit.put_entries(list(plan.records.values()))
    unit.add_revisions(list(plan.revisions.values()), now)
    if plan.changes:
        unit.set_membership(members, unit.add_changes(plan.changes, now, plan.tellings))


def membership(unit: ReadUnit, plan: Plan, book: FeedBook) -> Members:
    """Return the feeds of every entry that *plan* changes in a way that feeds show."""
    changed = {entry_id for entry_id, _, _ in plan.changes}
    traits = _traits(unit, plan, changed)
    return {entry_id: _feeds_of(plan.records[entry_id], traits, book) for entry_id in changed}


def _traits(unit: ReadUnit, plan: Plan, ids: Collection[str]) -> dict[str, tuple[tuple[str, ...], str]]:
    """Return tags and language of each entry: from its new text, else from the stored one."""
    stored = unit.entries([entry_id for entry_id in ids if entry_id not in plan.revisions])
    return {entry.id: (entry.tags, entry.language) for entry in (*stored, *plan.revisions.values())}


def _feeds_of(
    record: EntryRecord, traits: dict[str, tuple[tuple[str, ...], str]], book: FeedBook
) -> tuple[datetime, tuple[str, ...]]:
    if record.state is not EntryState.LIVE:
        return record.published, ()
    return record.published, book.slugs_for(record.folder, *traits[record.id])
