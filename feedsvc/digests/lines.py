"""Records of a comma-separated file whose faults stay where they are: a bad line costs no other one; pure."""

from __future__ import annotations

import csv
from collections import deque
from typing import TYPE_CHECKING, BinaryIO

if TYPE_CHECKING:
    from collections.abc import Container, Iterator

MAX_LINE_BYTES = 65_536
_MAX_RECORD_BYTES = 65_536
"""A record may go on in the next lines, within quotation marks; one that never ends is a forgotten mark."""
_QUOTES = 'write each " within a cell twice'
_UTF8_MARK = b"\xef\xbb\xbf"


class UnreadableError(Exception):
    """A record is no record: what is wrong, and what to do."""

    def __init__(self, cause: str, fix: str) -> None:
        self.cause, self.fix = cause, fix
        super().__init__(f"{cause}; {fix}")


class Lines:
    """The lines of *file*, decoded one by one, which can be put back; those of the present record are in ``taken``."""

    def __init__(self, file: BinaryIO) -> None:
        self._file = file
        self._waiting: deque[bytes] = deque()
        self._size = 0
        self.taken: list[bytes] = []
        self.first, self.bytes_read = 1, 0

    def __iter__(self) -> Iterator[str]:
        return self

    def __next__(self) -> str:
        line = self._waiting.popleft() if self._waiting else self._read()
        if not line:
            raise StopIteration
        self.taken.append(line)
        self._size += len(line)
        if len(line) > MAX_LINE_BYTES:
            raise UnreadableError(f"the line has more than {MAX_LINE_BYTES:,} bytes", "is it of this table?")
        if self._size > _MAX_RECORD_BYTES:
            raise _unclosed()
        return _decoded(line)

    def _read(self) -> bytes:
        line = self._file.readline(MAX_LINE_BYTES + 1)
        self.bytes_read += len(line)
        rest = line
        while len(rest) == MAX_LINE_BYTES + 1 and not rest.endswith(b"\n"):
            rest = self._file.readline(MAX_LINE_BYTES + 1)
            self.bytes_read += len(rest)
        return line.removeprefix(_UTF8_MARK) if self.first == 1 and not self.taken else line

    def next_record(self, *, keep: int | None = None) -> None:
        """Begin a record; of the lines taken only *keep* belong to the last one, all of them for None."""
        used = len(self.taken) if keep is None else keep
        self._waiting.extendleft(reversed(self.taken[used:]))
        self.first += used
        self.taken, self._size = [], 0


def _decoded(line: bytes) -> str:
    try:
        return line.decode()
    except UnicodeDecodeError as error:
        wrong = line[error.start : error.start + 1].hex()
        raise UnreadableError(f"the byte 0x{wrong} is no UTF-8", "save the file as CSV UTF-8") from error


def records(lines: Lines, delimiter: str, long: Container[int]) -> Iterator[tuple[int, list[str] | UnreadableError]]:
    """Yield each record of *lines* with the number of its first line; a faulty one costs no line after its first.

    Only the cells of the columns *long* may go over several lines: elsewhere these are rows after a forgotten
    quotation mark, and would be lost in silence.
    """
    reader = csv.reader(lines, delimiter=delimiter, strict=True)
    while True:
        number = lines.first
        try:
            record = next(reader)
        except StopIteration:
            return
        except (csv.Error, UnreadableError) as error:
            fault = _unclosed() if len(lines.taken) > 1 else _explained(error)
            lines.next_record(keep=1)
            reader = csv.reader(lines, delimiter=delimiter, strict=True)
            yield number, fault
        else:
            is_torn = len(lines.taken) > 1 and any("\n" in cell for n, cell in enumerate(record) if n not in long)
            lines.next_record(keep=1 if is_torn else None)
            yield number, _unclosed() if is_torn else record


def _unclosed() -> UnreadableError:
    return UnreadableError("a quotation mark is opened and not closed on its line", _QUOTES)


def _explained(error: csv.Error | UnreadableError) -> UnreadableError:
    if isinstance(error, UnreadableError):
        return error
    reason = str(error)
    if "end of data" in reason or "field larger" in reason:
        return _unclosed()
    if "new-line" in reason:
        return UnreadableError("a carriage return stands within the line", "save the file with other line ends")
    return UnreadableError("something follows a closing quotation mark", _QUOTES)
