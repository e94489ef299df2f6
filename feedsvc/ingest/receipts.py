"""Receipts: what became of a file, or what would become of it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from feedsvc.ingest.apply import membership
from feedsvc.model import EntryState, FileState, Receipt, ReceiptEntry

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from feedsvc.ingest.feedbook import FeedBook
    from feedsvc.ingest.plan import Plan
    from feedsvc.ingest.twins import Twins
    from feedsvc.model import Entry, Site, SourceFile
    from feedsvc.protocols import ReadUnit


def receipt_of(unit: ReadUnit, site: Site, path: str, twins: Twins | None = None) -> Receipt | None:
    """Return the receipt of the file at *path*, None if the store knows nothing of it.

    With *twins* it warns of a name that is hard to keep apart from another.
    """
    file = unit.source(path)
    if file is None:
        return None
    ids = [record.id for record in unit.records_of([path]).get(path, []) if record.state is not EntryState.WITHDRAWN]
    feeds = unit.feeds_with(ids)
    return _receipt(file, _lines(unit.entries(ids), site, feeds), twins)


def planned_receipt(
    unit: ReadUnit, site: Site, path: str, plan: Plan, book: FeedBook, twins: Twins | None = None
) -> Receipt | None:
    """Return the receipt that the file at *path* would get if *plan* were carried out."""
    file = next((file for file in plan.files if file.path == path), None)
    if file is None:
        return receipt_of(unit, site, path, twins)
    shown = [entry for entry in _planned_entries(unit, plan, path) if entry.state is not EntryState.WITHDRAWN]
    feeds = unit.feeds_with(entry.id for entry in shown)
    feeds |= {entry_id: slugs for entry_id, (_, slugs) in membership(unit, plan, book).items()}
    return _receipt(file, _lines(shown, site, feeds), twins)


def _planned_entries(unit: ReadUnit, plan: Plan, path: str) -> list[Entry]:
    stored = [record.id for record in unit.records_of([path]).get(path, []) if record.id not in plan.records]
    unchanged = [record.id for record in plan.records.values() if record.id not in plan.revisions]
    return [*plan.revisions.values(), *unit.entries([*unchanged, *stored])]


def _lines(entries: Iterable[Entry], site: Site, feeds: Mapping[str, Iterable[str]]) -> list[ReceiptEntry]:
    """Return the entries in the order in which feeds show them: that of the items in their file."""
    ordered = sorted(sorted(entries, key=lambda entry: entry.id), key=lambda entry: entry.published, reverse=True)
    return [_line(entry, site, feeds.get(entry.id, ())) for entry in ordered]


def _line(entry: Entry, site: Site, feeds: Iterable[str]) -> ReceiptEntry:
    url = site.localise(entry.link) if entry.link else site.entry_url(entry.slug)
    return ReceiptEntry(
        entry.id, entry.title, entry.state.value, url, entry.published.replace(microsecond=0), tuple(sorted(feeds))
    )


def _receipt(file: SourceFile, entries: list[ReceiptEntry], twins: Twins | None) -> Receipt:
    is_meant = twins is not None and file.state is not FileState.IGNORED
    warnings = twins.notices(file.path) if twins is not None and is_meant else ()
    return Receipt(
        path=file.path,
        state=file.state,
        entries=tuple(entries),
        notices=(*file.notices, *warnings),
        problem=file.problem,
        duplicate_of=file.duplicate_of,
    )
