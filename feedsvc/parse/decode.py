"""Bytes to text, without guessing: what cannot be read for certain is refused."""

from __future__ import annotations

import codecs
import re
from typing import NoReturn

from feedsvc.errors import EntryParseError
from feedsvc.messages import Message, say
from feedsvc.parse.encoding_hint import likely_encoding

_WIDE_MARKS = (  # UTF-32-LE begins like UTF-16-LE, so it comes first
    (codecs.BOM_UTF32_LE, "utf-32-le"),
    (codecs.BOM_UTF32_BE, "utf-32-be"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)
_UNCLEAN = re.compile("[\0-\x08\x0b\x0c\x0e-\x1f\x7f-\x84\x86-\x9f\ud800-\udfff\ufeff\ufffe\uffff]")
"""What a text read by a wrong code page holds; it also keeps the quick check of UTF-8 bytes true for other bytes."""

_SAMPLE_BYTES = 4_096
_HIGH_BYTES = b"\x00\x06"  # of Latin and Arabic letters, spaces and line ends in UTF-16


def decode(data: bytes, encodings: tuple[str, ...] = ()) -> str:
    """Return *data* as text with ``\\n`` line ends and without a byte order mark.

    Args:
        data: The bytes of a file.
        encodings: Names of the encodings to try, in this order, on what is neither UTF-8 nor UTF-16.

    Raises:
        EntryParseError: ``E_EMPTY``, ``E_ENCODING`` or ``E_BINARY``.
    """  # noqa: D301 - the line end is meant as it is written
    text = _decode_marked(data)
    if text is None:
        text = _decode_unmarked(data.removeprefix(codecs.BOM_UTF8), encodings)
    if "\0" in text:
        _refuse_binary(text)
    if "\r" in text:
        text = text.replace("\r\n", "\n").replace("\r", "\n")
    if not text or text.isspace():
        raise EntryParseError("E_EMPTY", say("the file has no text"), say("Write something into it, or delete it."))
    return text


def shown_lines(data: bytes, encodings: tuple[str, ...] = (), *, is_raw: bool = False) -> list[str]:
    """Return the lines of a file as a person would see them; those that are not text are empty.

    Args:
        data: The bytes of a file, which may be broken.
        encodings: As for `decode`.
        is_raw: Whether lines end in LF only: so they were counted where nothing could be read.
    """
    text = _shown(data, encodings)
    if not is_raw:
        text = text.replace("\r\n", "\n").replace("\r", "\n")
    return ["" if "\0" in line else line.removesuffix("\r") for line in text.split("\n")]


def _shown(data: bytes, encodings: tuple[str, ...]) -> str:
    """Return *data* decoded as `decode` does it, but with U+FFFD for what is broken."""
    for mark, encoding in _WIDE_MARKS:
        if data.startswith(mark):
            return data.removeprefix(mark).decode(encoding, "replace")
    data = data.removeprefix(codecs.BOM_UTF8)
    try:
        return _decode_unmarked(data, encodings)
    except EntryParseError:
        return data.decode("utf-8", "replace")


def _decode_marked(data: bytes) -> str | None:
    """Return the text of a file with a mark of UTF-16 or UTF-32 (RFC 2781 section 3.2), None if there is no mark."""
    for mark, encoding in _WIDE_MARKS:
        if data.startswith(mark):
            return _decode_wide(data.removeprefix(mark), encoding)
    return None


def _decode_wide(data: bytes, encoding: str) -> str:
    try:
        text = data.decode(encoding).replace("\ufeff", "")
    except UnicodeDecodeError as error:
        cause = say(
            "the file is marked as {name}, but is broken at byte {byte} after the mark",
            name=encoding[:6].upper(),
            byte=error.start,
        )
        line = data[: error.start].decode(encoding, "replace").count("\n") + 1
        raise EntryParseError("E_ENCODING", cause, _save_as_utf8(), line=line) from error
    return text.replace("\ufffe", "\ufffd").replace("\uffff", "\ufffd")


def _decode_unmarked(data: bytes, encodings: tuple[str, ...]) -> str:
    try:
        text = data.decode("utf-8")
    except UnicodeDecodeError as error:
        other = _decode_by_pattern(data) or _decode_declared(data, encodings)
        if other is None:
            _refuse_bytes(data, error)
        return other
    looks_wide = "\0" in text or "\x06" in text
    return (_decode_by_pattern(data) if looks_wide else None) or text


def _decode_by_pattern(data: bytes) -> str | None:
    """Return the text of UTF-16 without a mark, if nearly every second byte is the high one of a letter."""
    if len(data) < 4 or len(data) % 2:
        return None
    sample = data[:_SAMPLE_BYTES]
    for encoding, first in (("utf-16-le", 1), ("utf-16-be", 0)):
        if _is_high(sample[first::2]) and not _is_high(sample[1 - first :: 2]):
            return _decode_cleanly(data, encoding)
    return None


def _is_high(column: bytes) -> bool:
    return (len(column) - len(column.translate(None, _HIGH_BYTES))) * 10 >= len(column) * 8


def _decode_declared(data: bytes, encodings: tuple[str, ...]) -> str | None:
    for encoding in encodings:
        text = _decode_cleanly(data, encoding)
        if text is not None:
            return text
    return None


def _decode_cleanly(data: bytes, encoding: str) -> str | None:
    try:
        text = data.decode(encoding)
    except (ValueError, LookupError):
        return None
    return None if _UNCLEAN.search(text) else text


def _refuse_bytes(data: bytes, error: UnicodeDecodeError) -> NoReturn:
    before = data[: error.start]
    line = before.count(b"\n") + 1
    column = len(before.rpartition(b"\n")[2].decode("utf-8", "replace")) + 1
    fix, name = _save_as_utf8(), likely_encoding(data, error.start)
    cause = say("the text is not UTF-8: byte {byte} is {value}", byte=error.start, value=f"0x{data[error.start]:02X}")
    if name:
        cause = say("{cause}; it looks like {name}", cause=cause, name=name)
        fix = say(
            'Save the file again as UTF-8, or write encodings = ["{name}"] into the file _inbox.toml beside it.',
            name=name,
        )
    raise EntryParseError("E_ENCODING", cause, fix, line=line, column=column) from error


def _refuse_binary(text: str) -> NoReturn:
    line = text.count("\n", 0, text.index("\0")) + 1
    fix = say("Put only text files into the inbox; if this is one, save it again as UTF-8.")
    raise EntryParseError("E_BINARY", say("the file holds NUL bytes, so it is not text"), fix, line=line)


def _save_as_utf8() -> Message:
    return say("Save the file again with the encoding UTF-8.")
