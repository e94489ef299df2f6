"""Ids of one batch: who has one already, and new ones that nobody has."""

from __future__ import annotations

from typing import TYPE_CHECKING

from feedsvc.ingest.decide import declared_uri
from feedsvc.ingest.identity import mint_id

if TYPE_CHECKING:
    from collections.abc import Iterable
    from uuid import UUID

    from feedsvc.model import EntryRecord, ParsedEntry
    from feedsvc.protocols import ReadUnit


class IdBook:
    """Asks the store once for all ids that a batch can need.

    Args:
        unit: The store.
        namespace: The site's namespace.
        parsed: The entries of the batch, each with the path of its file.
        records: The stored entries of its files.
    """

    def __init__(
        self,
        unit: ReadUnit,
        namespace: UUID,
        parsed: Iterable[tuple[str, ParsedEntry]],
        records: Iterable[EntryRecord],
    ) -> None:
        self._unit, self._namespace = unit, namespace
        entries = list(parsed)
        self._minted = {(path, entry.key): mint_id(namespace, path, entry.key) for path, entry in entries}
        declared = {declared_uri(entry.declared_id, namespace) for _, entry in entries if entry.declared_id}
        self._by_id = unit.records({*declared, *self._minted.values()})
        self._by_id.update((record.id, record) for record in records)

    def holder(self, parsed: ParsedEntry) -> EntryRecord | None:
        """Return the entry that has the id which *parsed* declares, None if it declares none or a new one."""
        return self._by_id.get(declared_uri(parsed.declared_id, self._namespace)) if parsed.declared_id else None

    def new(self, path: str, parsed: ParsedEntry) -> str:
        """Return the id of an entry that has none yet: the declared one, else one that nobody ever had."""
        if parsed.declared_id:
            return declared_uri(parsed.declared_id, self._namespace)
        entry_id = self._minted.get((path, parsed.key)) or mint_id(self._namespace, path, parsed.key)
        attempt = 0
        while entry_id in self._by_id:
            attempt += 1
            entry_id = mint_id(self._namespace, path, parsed.key, attempt)
            self._by_id.update(self._unit.records([entry_id]))
        return entry_id

    def note(self, record: EntryRecord) -> None:
        """Note that an entry has its id from now on."""
        self._by_id[record.id] = record
