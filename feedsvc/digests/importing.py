"""A table of people into the register, batch by batch, so that a running daemon is never kept waiting."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING

from feedsvc.digests.register import Verdict
from feedsvc.digests.table import RowFault
from feedsvc.digests.wishes import read_wish
from feedsvc.errors import SubscriberFieldError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from feedsvc.digests.register import Register
    from feedsvc.digests.table import Row, Table
    from feedsvc.digests.wishes import Defaults, Wish

_BATCH = 1_000
"""Rows that are written in one transaction."""


@dataclass(frozen=True, slots=True)
class ImportReport:
    """How many rows of a table became what; ``faults`` were told one by one."""

    added: int
    known: int
    suppressed: int
    faults: int


def import_table(
    register: Register,
    table: Table,
    defaults: Defaults,
    *,
    on_fault: Callable[[RowFault], None],
    on_batch: Callable[[int], None],
    dry_run: bool = False,
    consent: str = "",
) -> ImportReport:
    """Add the people of *table* to the *register*.

    Args:
        register: Where they are added.
        table: What to read.
        defaults: What holds for empty cells.
        on_fault: Told of each row that cannot be used.
        on_batch: Told how many bytes of the file have been read, again and again.
        dry_run: Change nothing.
        consent: What proves the consent of those in whose row nothing does.
    """
    counts: Counter[Verdict] = Counter()
    faults = 0
    known: set[str] = set()
    batch: list[Wish] = []
    for wish in _wishes(table, defaults, consent):
        if isinstance(wish, RowFault):
            faults += 1
            on_fault(wish)
        elif wish.address.key in known:
            counts[Verdict.KNOWN] += 1
        else:
            batch.append(wish)
        if len(batch) == _BATCH:
            counts += _take_in(register, batch, known, dry_run=dry_run)
            batch = []
            on_batch(table.bytes_read)
    counts += _take_in(register, batch, known, dry_run=dry_run)
    on_batch(table.bytes_read)
    return ImportReport(counts[Verdict.ADDED], counts[Verdict.KNOWN], counts[Verdict.SUPPRESSED], faults)


def _wishes(table: Table, defaults: Defaults, consent: str) -> Iterator[Wish | RowFault]:
    for row in table.rows():
        yield row if isinstance(row, RowFault) else _wish(row, defaults, consent)


def _wish(row: Row, defaults: Defaults, consent: str) -> Wish | RowFault:
    values = dict(row.values)
    if not values.get("consent", "").strip():
        values["consent"] = consent
    try:
        return read_wish(values, defaults)
    except SubscriberFieldError as error:
        return RowFault(row.line, error)


def _take_in(register: Register, batch: list[Wish], known: set[str], *, dry_run: bool) -> Counter[Verdict]:
    """Take in a batch; a dry run remembers whom it would have added, because the store does not."""
    verdicts = register.take_in(batch, dry_run=dry_run)
    if dry_run:
        known.update(wish.address.key for wish, what in zip(batch, verdicts, strict=True) if what is Verdict.ADDED)
    return Counter(verdicts)
