"""The table of subscribers as a file (RFC 4180): in with any order of columns, out safe for spreadsheets; pure."""

from __future__ import annotations

import csv
from dataclasses import dataclass
from io import StringIO
from typing import TYPE_CHECKING, BinaryIO, NamedTuple

from feedsvc.digests.lines import Lines, UnreadableError, records
from feedsvc.digests.wishes import COLUMNS, near
from feedsvc.errors import SubscriberFieldError
from feedsvc.times import rfc3339

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from feedsvc.model import Subscriber

_FORMULA = ("=", "+", "-", "@", "\t", "\r", "＝", "＋", "－", "＠")
"""A cell that begins with one of these is computed by spreadsheet programs."""
_GUARD = "'"
_DELIMITERS = (",", ";", "\t")


class Row(NamedTuple):
    """A row: the number of its first line, counted from 1, and its cells by column."""

    line: int
    values: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class RowFault:
    """A row that cannot be used."""

    line: int
    error: SubscriberFieldError

    def __str__(self) -> str:
        return f"line {self.line}: {self.error}"


class Table:
    """A table that is read from *file* row by row.

    Columns may be in any order and separated by comma, semicolon or tab, as the header row shows; those that mean
    nothing are in ``warnings``.

    Raises:
        SubscriberFieldError: There is no header row that can be used.
    """

    def __init__(self, file: BinaryIO) -> None:
        self._lines = Lines(file)
        self._delimiter = max(_DELIMITERS, key=self._first_line().count)
        self._columns = [_column(name) for name in self._head()]
        _check_columns(self._columns)
        self.warnings = tuple(_warnings(self._columns))

    @property
    def bytes_read(self) -> int:
        """How far the file has been read."""
        return self._lines.bytes_read

    def _first_line(self) -> str:
        """Return the first line, and put it back."""
        try:
            line = next(self._lines)
        except StopIteration:
            raise SubscriberFieldError("header row", "", "the file is empty", _header_advice()) from None
        except UnreadableError as error:
            is_utf16 = self._lines.taken[0].startswith((b"\xff\xfe", b"\xfe\xff"))
            cause = "the file is in UTF-16" if is_utf16 else error.cause
            raise SubscriberFieldError("header row", "", cause, "save the file as CSV UTF-8") from error
        self._lines.next_record(keep=0)
        return line

    def _head(self) -> list[str]:
        _, record = next(records(self._lines, self._delimiter, ()))
        if isinstance(record, UnreadableError):
            raise SubscriberFieldError("header row", "", record.cause, record.fix) from record
        return record

    def rows(self) -> Iterator[Row | RowFault]:
        """Yield the rows in the order of the file; empty ones are left out."""
        unused = {number for number, name in enumerate(self._columns) if name not in COLUMNS}
        for line, record in records(self._lines, self._delimiter, unused):
            if isinstance(record, UnreadableError):
                yield RowFault(line, SubscriberFieldError("row", "", record.cause, record.fix))
            elif len(record) > len(self._columns) and any(record[len(self._columns) :]):
                yield RowFault(line, self._too_long(record))
            elif any(cell.strip() for cell in record):
                yield Row(line, dict(zip(self._columns, map(_unguarded, record), strict=False)))

    def _too_long(self, record: list[str]) -> SubscriberFieldError:
        cause = f"the row has {len(record)} cells, the header row {len(self._columns)}"
        return SubscriberFieldError("row", record[0], cause, f"put a cell that holds {self._delimiter!r} in quotes")


def _column(name: str) -> str:
    return "_".join(name.casefold().split())


def _check_columns(columns: list[str]) -> None:
    found = ", ".join(columns)
    if "address" not in columns:
        fix = f"name the column of the mail addresses address; {_header_advice()}"
        raise SubscriberFieldError("header row", found, "there is no column address", fix)
    twice = [name for name in COLUMNS if columns.count(name) > 1]
    if twice:
        raise SubscriberFieldError("header row", found, f"there are two columns {twice[0]}", "rename one of them")


def _header_advice() -> str:
    return f"columns are {', '.join(COLUMNS)}"


def _warnings(columns: list[str]) -> Iterator[str]:
    for name in columns:
        if name not in COLUMNS:
            shown = SubscriberFieldError("column", name, "it is not used", near(name, COLUMNS) or _header_advice())
            yield str(shown)


def export_lines(subscribers: Iterable[Subscriber]) -> Iterator[str]:
    """Yield the lines of a table of *subscribers*, which `Table` reads back to the same wishes.

    It begins with a byte order mark, without which spreadsheet programs take UTF-8 for something else. A cell that
    they would compute has an apostrophe in front, and so has one that begins with an apostrophe.
    """
    yield "\ufeff" + _line(COLUMNS)
    for one in subscribers:
        yield _line([_guarded(cell) for cell in _cells(one)])


def _cells(one: Subscriber) -> tuple[str, ...]:
    schedule = one.schedule
    return (
        one.address,
        one.language,
        schedule.zone.key,
        schedule.frequency,
        str(schedule.hour),
        str(schedule.day),
        " ".join(one.feeds),
        rfc3339(one.paused_until) if one.paused_until else "",
        one.consent,
    )


def _line(cells: Iterable[str]) -> str:
    text = StringIO()
    csv.writer(text, lineterminator="\n").writerow(cells)
    return text.getvalue()


def _guarded(cell: str) -> str:
    return _GUARD + cell if cell.startswith((*_FORMULA, _GUARD)) else cell


def _unguarded(cell: str) -> str:
    return cell[1:] if cell.startswith(_GUARD) and cell[1:].startswith((*_FORMULA, _GUARD)) else cell
